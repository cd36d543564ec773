"""Named directions of a latent space, kept with the checkpoint: read, write, move.

    directions = Directions.from_pretrained("checkpoints/mlp")
    images = gan.generate(directions.move(gan.latents(4, seed=42), {"slant": 2.0}))

direction_search.py finds and measures them. A name says what was measured: "slant" moves the slant of the picture most
evenly, "pca-2" is the second principal component of early features, "sefa-1" the first direction of SeFa.

A style generator has directions in w, too: `directions.within("w")` moves the points of `LatentSpace(gan, "w")`.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor

from gan_demo import files
from gan_demo.checkpoint import DIRECTIONS_FILE, checksum, read_config
from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.latent import ink
from gan_demo.shell import command

VERSION, WITH_W = 1, 2  # of the file: of one space, and of z and w
MAX_BYTES = 4_000_000
STEP = 2.0  # standard deviations of what is drawn, both ways, at which a direction is measured
NAME = re.compile(r"slant|width|size|roundness|digit-\d|pca-[1-9]\d?|sefa-[1-9]\d?", re.ASCII)


def measure_names(digits: bool) -> list[str]:
    """What directions are measured by: the measures of ink, and each digit where pictures are `digits`."""
    return [*ink.MEASURES, *(f"digit-{digit}" for digit in range(CLASSES if digits else 0))]


@dataclass(frozen=True)
class Effect:
    """What a direction does, on average over the latents from which it is measured."""

    # How a step of one unit changes each measure, by its name; of a digit, its share of the pictures.
    moves: dict[str, float]
    # The share of pictures that are still recognised as the same digit STEP units away; None without digits.
    stays: float | None


@dataclass(frozen=True)
class Direction:
    """One direction and what is known of it."""

    name: str
    mostly: str  # what it moves most, in standard deviations of the measure
    fit: float  # slant to roundness: R^2; a digit: AUC; pca: share of the variance; sefa: share of the eigenvalues
    effect: Effect
    still: Effect | None  # of the same direction made orthogonal to others; None where there is no such thing

    @property
    def kind(self) -> str:
        """ "measure", "digit", "pca" or "sefa"."""
        return "measure" if self.name in ink.MEASURES else self.name.partition("-")[0]


@dataclass(frozen=True)
class Directions:
    """All directions of a model in z, and those in w of a model that has one."""

    all: tuple[Direction, ...]
    # (k, latent_dim) float32, one standard deviation of what is drawn: rows of length 1 in z, of other lengths in w
    vectors: Tensor
    still: Tensor  # (k, latent_dim): those that keep the others still, or the same row where there is none
    spread: dict[str, float]  # standard deviation of each measure over the prior
    probes: int  # latents from which each was measured
    weights: str  # SHA-256 of the file of weights that they were found in
    in_w: "Directions | None" = None  # with the same spread, probes and weights

    def within(self, space: str) -> "Directions":
        """The directions in "z", or in "w"; raises UserError where none were found there."""
        found = {"z": self, "w": self.in_w}.get(space)
        if found is None:
            raise UserError(f"no directions were found in {space}: gan-demo directions looks in each space of a model")
        return found

    def compared(self) -> list[tuple[Direction, Direction]]:
        """Each measure and digit that has a direction in z and in w: the one, and the other."""
        in_w = {one.name: one for one in self.in_w.all} if self.in_w else {}
        return [(one, in_w[one.name]) for one in self.all if one.name in in_w and one.kind in ("measure", "digit")]

    def linearity(self) -> tuple[float, float] | None:
        """The mean R^2 of the measures in z, and in w; None where they are not `compared`."""
        fits = [(one.fit, other.fit) for one, other in self.compared() if one.kind == "measure"]
        return (sum(z for z, _ in fits) / len(fits), sum(w for _, w in fits) / len(fits)) if fits else None

    def vector(self, name: str, still: bool = False) -> Tensor:
        """One unit of a direction, (latent_dim,) float32; raises UserError if there is none of that name."""
        for row, direction in enumerate(self.all):
            if direction.name == name:
                return (self.still if still else self.vectors)[row]
        names = ", ".join(direction.name for direction in self.all)
        raise UserError(f"there is no direction {name!r}: choose from {names}")

    def move(self, z: Tensor, amounts: Mapping[str, float], still: bool = False) -> Tensor:
        """Latents (..., latent_dim) moved by `amounts`, in standard deviations of what is drawn, by name."""
        for name, amount in amounts.items():
            z = z + amount * self.vector(name, still).to(z)
        return z

    def save(self, folder: str | Path) -> None:
        """Write directions.safetensors into `folder`."""
        about = {
            "version": WITH_W if self.in_w else VERSION,
            "weights_sha256": self.weights,
            "probes": self.probes,
            "spread": self.spread,
            "directions": [asdict(direction) for direction in self.all],
        }
        tensors = {"vectors": self.vectors.contiguous(), "still": self.still.contiguous()}
        if self.in_w:
            about["in_w"] = [asdict(direction) for direction in self.in_w.all]
            tensors |= {"w_vectors": self.in_w.vectors.contiguous(), "w_still": self.in_w.still.contiguous()}
        content = {"format": "pt", "directions": json.dumps(about)}
        files.write_bytes(Path(folder) / DIRECTIONS_FILE, save_safetensors(tensors, metadata=content))

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> "Directions":
        """The directions of a checkpoint folder; strict.

        Raises UserError where there are none, the file is damaged or foreign, or it is of other weights.
        """
        path = Path(folder) / DIRECTIONS_FILE
        line = command("directions", folder)
        if not path.is_file():
            raise UserError(f"{folder} has no directions yet: find them with {line}")
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB, too large for one of ours")
        try:
            tensors = load_safetensors(path.read_bytes())
            with safe_open(path, framework="pt") as file:
                about = json.loads((file.metadata() or {})["directions"])
            found = _read(tensors, about, read_config(folder).latent_dim)
        except (SafetensorError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            why = " ".join(str(error).split())[:200]
            raise UserError(f"{path} is damaged or not of this project ({why})") from None
        if found.weights != checksum(folder):
            raise UserError(f"{path} was found on other weights: run {line}")
        return found


def _read(tensors: dict[str, Tensor], about: Any, latent_dim: int) -> Directions:
    """Check what a file holds; raises one of several errors on anything that `save` would not have written."""
    if about["version"] not in (VERSION, WITH_W):
        raise ValueError(f"version {about['version']!r}, and this code reads {VERSION} and {WITH_W}")
    with_w = about["version"] == WITH_W
    if set(tensors) != {"vectors", "still"} | ({"w_vectors", "w_still"} if with_w else set()):
        raise ValueError(f"tensors {', '.join(sorted(tensors))}")
    spread = _numbers(about["spread"])
    weights, probes = str(about["weights_sha256"]), int(about["probes"])
    found = _directions(about["directions"], spread)
    in_z = Directions(
        found, *_vectors(tensors, ("vectors", "still"), (len(found), latent_dim), 1.0), spread, probes, weights
    )
    if not with_w:
        return in_z
    found = _directions(about["in_w"], spread)
    vectors = _vectors(tensors, ("w_vectors", "w_still"), (len(found), latent_dim))
    return replace(in_z, in_w=Directions(found, *vectors, spread, probes, weights))


def _vectors(
    tensors: dict[str, Tensor], names: tuple[str, str], shape: tuple[int, int], length: float | None = None
) -> tuple[Tensor, Tensor]:
    """The vectors of two names, checked: each is of one `length`, if there is to be one, or a unit would be none."""
    for name in names:
        tensor = tensors[name]
        if tensor.dtype != torch.float32 or tuple(tensor.shape) != shape:
            raise ValueError(f"{name} is {tensor.dtype} {tuple(tensor.shape)}, not float32 {shape}")
        lengths = torch.linalg.vector_norm(tensor, dim=1)
        if length is not None and not ((lengths - length).abs() < 1e-3).all():  # nor is NaN
            raise ValueError(f"{name} holds a row that is not of length {length:g}")
        if not ((lengths > 0) & lengths.isfinite()).all():
            raise ValueError(f"{name} holds a row without a length")
    return tensors[names[0]], tensors[names[1]]


def _directions(entries: Any, spread: dict[str, float]) -> tuple[Direction, ...]:
    """What is told of each direction, checked."""
    found = []
    for entry in entries:
        effects = [entry["effect"], entry["still"]]
        plain, still = (
            None if effect is None else Effect(_numbers(effect["moves"], spread), _share(effect["stays"]))
            for effect in effects
        )
        name, mostly = str(entry["name"]), str(entry["mostly"])
        fit = _share(entry["fit"])
        if plain is None or fit is None or not NAME.fullmatch(name) or mostly not in spread:
            raise ValueError(f"an unknown direction, {name[:20]!r}")
        found.append(Direction(name, mostly, fit, plain, still))
    if len({direction.name for direction in found}) < len(found):
        raise ValueError("two directions of one name")
    return tuple(found)


def _numbers(table: Any, names: Mapping[str, float] | None = None) -> dict[str, float]:
    numbers = {str(name): float(value) for name, value in table.items()}
    if list(numbers) not in ([list(names)] if names else [measure_names(True), measure_names(False)]):
        raise ValueError("other measures than ours")
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError("a measure that is no number")
    return numbers


def _share(value: Any) -> float | None:
    if value is None or 0 <= float(value) <= 1:
        return value if value is None else float(value)
    raise ValueError(f"{value} is no share")
