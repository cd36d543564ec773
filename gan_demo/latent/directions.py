"""Named directions of a latent space: found, measured, kept with the checkpoint.

    python -m gan_demo directions checkpoints/mlp      finds them and writes directions.safetensors

    directions = Directions.from_pretrained("checkpoints/mlp")
    images = gan.generate(directions.move(gan.latents(4, seed=42), {"slant": 2.0}))

`components.py` computes them. A name says what was measured: each direction is stepped along, both ways, from the
same latents, and what happens to slant, stroke width, size, roundness and the recognised digit is averaged.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
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
from gan_demo.data import DIGIT_DATASETS
from gan_demo.errors import UserError
from gan_demo.evaluation.classifier import load_classifier
from gan_demo.gan import GAN
from gan_demo.latent import direction_methods, ink
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.shell import command

VERSION = 1
MAX_BYTES = 4_000_000
SEED = 20_200_408  # far from the small numbers that people type
SAMPLES = 5000  # pictures from which linear models learn
FEATURE_SAMPLES = 2048  # of them, for principal components
PROBES = 80  # latents from which each direction is measured
STEP = 2.0  # standard deviations of the prior, both ways, at which it is measured
COMPONENTS = 8  # of each kind
APPEARS = 0.005  # share of the samples from which on a digit is not the classifier's mistake
BATCH = 500
NAME = re.compile(r"slant|width|size|roundness|digit-\d|pca-[1-9]\d?|sefa-[1-9]\d?", re.ASCII)

Progress = Callable[[str], None]  # is told what begins, STAGES times


def measures(digits: bool) -> list[str]:
    """What directions are measured by: the names in `Effect.moves`."""
    return [*ink.MEASURES, *(f"digit-{digit}" for digit in range(CLASSES if digits else 0))]


@dataclass(frozen=True)
class Effect:
    """What a direction does, on average over PROBES latents."""

    moves: dict[str, float]  # change per unit of each measure; of digits, the change of their share of the pictures
    stays: float | None  # share of pictures still recognised as the same digit STEP units away; None without digits


@dataclass(frozen=True)
class Direction:
    """One direction and what is known of it."""

    name: str
    mostly: str  # what it moves most, in standard deviations of the measure
    fit: float  # slant to roundness: R^2; a digit: AUC; components: share of the variance, or of the eigenvalues
    effect: Effect
    still: Effect | None  # of the same direction made orthogonal to others; None where there is no such thing

    @property
    def kind(self) -> str:
        """ "measure", "digit", "pca" or "sefa"."""
        return "measure" if self.name in ink.MEASURES else self.name.partition("-")[0]


@dataclass(frozen=True)
class Directions:
    """All directions of a model."""

    all: tuple[Direction, ...]
    vectors: Tensor  # (k, latent_dim) float32, rows of length 1
    still: Tensor  # (k, latent_dim): those that keep the others still, or the same row where there is none
    spread: dict[str, float]  # standard deviation of each measure over the prior
    probes: int  # latents from which each was measured
    weights: str  # SHA-256 of the file of weights that they were found in

    def vector(self, name: str, still: bool = False) -> Tensor:
        """One direction, (latent_dim,) float32 of length 1; raises UserError if there is none of that name."""
        for row, direction in enumerate(self.all):
            if direction.name == name:
                return (self.still if still else self.vectors)[row]
        names = ", ".join(direction.name for direction in self.all)
        raise UserError(f"there is no direction {name!r}: choose from {names}")

    def move(self, z: Tensor, amounts: Mapping[str, float], still: bool = False) -> Tensor:
        """Latents (..., latent_dim) moved by `amounts`, in standard deviations of the prior, by name."""
        for name, amount in amounts.items():
            z = z + amount * self.vector(name, still).to(z)
        return z

    def save(self, folder: str | Path) -> None:
        """Write directions.safetensors into `folder`."""
        about = {
            "version": VERSION,
            "weights_sha256": self.weights,
            "probes": self.probes,
            "spread": self.spread,
            "directions": [asdict(direction) for direction in self.all],
        }
        content = {"format": "pt", "directions": json.dumps(about)}
        tensors = {"vectors": self.vectors.contiguous(), "still": self.still.contiguous()}
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
    if about["version"] != VERSION:
        raise ValueError(f"version {about['version']!r}, and this code reads {VERSION}")
    shape = (len(about["directions"]), latent_dim)
    if set(tensors) != {"vectors", "still"}:
        raise ValueError(f"tensors {', '.join(sorted(tensors))}")
    for name, tensor in tensors.items():
        if tensor.dtype != torch.float32 or tuple(tensor.shape) != shape:
            raise ValueError(f"{name} is {tensor.dtype} {tuple(tensor.shape)}, not float32 {shape}")
        # Never NaN or of another length: a step of one unit would not be one.
        if not ((torch.linalg.vector_norm(tensor, dim=1) - 1).abs() < 1e-3).all():
            raise ValueError(f"{name} holds a row that is not of length 1")
    spread = _numbers(about["spread"])
    found = []
    for entry in about["directions"]:
        effects = [entry["effect"], entry["still"]]
        plain, still = (
            None if effect is None else Effect(_numbers(effect["moves"], spread), _share(effect["stays"]))
            for effect in effects
        )
        name, mostly = str(entry["name"]), str(entry["mostly"])
        if plain is None or not NAME.fullmatch(name) or mostly not in spread:
            raise ValueError(f"an unknown direction, {name[:20]!r}")
        found.append(Direction(name, mostly, _share(entry["fit"]), plain, still))
    if len({direction.name for direction in found}) < len(found):
        raise ValueError("two directions of one name")
    vectors, still = tensors["vectors"], tensors["still"]
    return Directions(tuple(found), vectors, still, spread, int(about["probes"]), str(about["weights_sha256"]))


def _numbers(table: Any, names: Mapping[str, float] | None = None) -> dict[str, float]:
    numbers = {str(name): float(value) for name, value in table.items()}
    if list(numbers) not in ([list(names)] if names else [measures(True), measures(False)]):
        raise ValueError("other measures than ours")
    if not all(map(math.isfinite, numbers.values())):
        raise ValueError("a measure that is no number")
    return numbers


def _share(value: Any) -> float | None:
    if value is None or 0 <= float(value) <= 1:
        return value if value is None else float(value)
    raise ValueError(f"{value} is no share")


# Finding ----------------------------------------------------------------------------------------------------

STAGES = 4


@dataclass(frozen=True)
class Samples:
    """Latents, and what was measured of their pictures."""

    z: Tensor  # (n, latent_dim) float64
    asked: Tensor | None  # (n,) int64: the digits that a conditional model was asked for
    figures: Tensor  # (n, measures) float64: those of `strokes`, then 1 for the recognised digit and 0 for others

    def within(self, values: Tensor) -> Tensor:
        """(n, ...) values without the mean of their class: what the latent does, whatever digit is asked for."""
        if self.asked is None:
            return values - values.mean(0)
        sums = torch.zeros(CLASSES, *values.shape[1:], dtype=values.dtype).index_add_(0, self.asked, values)
        counts = torch.bincount(self.asked, minlength=CLASSES).clamp(min=1)
        return values - (sums / counts.view(-1, *[1] * (values.ndim - 1)))[self.asked]


def find(
    gan: GAN,
    weights: str = "",
    seed: int = SEED,
    samples: int = SAMPLES,
    probes: int = PROBES,
    progress: Progress = lambda stage: None,
) -> Directions:
    """Find and measure the directions of a GAN; `weights` is the checksum of its file.

    The same seed finds the same ones. Raises UserError where the generator gives no numbers or always one picture.
    """
    gan.config.check_shape("the search for directions")
    digits = gan.config.dataset in DIGIT_DATASETS
    progress("drawing samples")
    z = gan.latents(samples, seed).cpu()
    asked = torch.arange(samples) % gan.config.classes if gan.config.classes else None
    drawn = Samples(z.double(), asked, look(gan, z, asked, digits))
    names = measures(digits)
    spread = drawn.within(drawn.figures).std(0)
    if not spread[: len(ink.MEASURES)].max() > 0:
        raise UserError("all pictures of this generator are alike, so there are no directions to be found")
    progress("principal components of early features")
    few = min(samples, FEATURE_SAMPLES)
    features = direction_methods.early_features(gan, z[:few], None if asked is None else asked[:few]).double().cpu()
    part = Samples(drawn.z[:few], None if asked is None else asked[:few], drawn.figures[:few])
    count = min(COMPONENTS, gan.config.latent_dim)
    by_kind = {
        "pca": direction_methods.ganspace(part.z, part.within(features), count),
        "sefa": direction_methods.sefa(direction_methods.first_layer(gan), count),
    }
    progress("linear models")
    rows = _linear(drawn, names, spread, conditional=asked is not None)
    for kind, (vectors, shares) in by_kind.items():
        rows += [(f"{kind}-{n}", v, None, f) for n, (v, f) in enumerate(zip(vectors, shares.tolist(), strict=True), 1)]
    progress("measuring each direction")
    return _measured(gan, rows, names, spread, Probes.of(gan, seed + 1, probes, digits), weights)


def _linear(
    drawn: Samples, names: list[str], spread: Tensor, conditional: bool
) -> list[tuple[str, Tensor, Tensor | None, float]]:
    """(name, direction, the one that keeps the others still, fit) for each measure that varies and digit that comes."""
    normals: dict[str, tuple[Tensor, float]] = {}
    for column, name in enumerate(names):
        values = drawn.figures[:, column]
        if name in ink.MEASURES:
            if spread[column] > 0:
                normals[name] = direction_methods.least_squares(drawn.z, drawn.within(values))
        # Which digit a conditional model draws is not up to the latent.
        elif not conditional and APPEARS <= values.mean().item() <= 1 - APPEARS:
            normals[name] = direction_methods.logistic(drawn.z, values > 0)
    rows = []
    for name, (normal, fit) in normals.items():
        # Slant, say, keeps the other measures and all digits still; a digit keeps the measures, but not other digits.
        others = [v for other, (v, _) in normals.items() if other != name and {name, other} & set(ink.MEASURES)]
        still = direction_methods.orthogonalise(normal, torch.stack(others)) if others else normal
        rows.append((name, normal, still if still.any() else None, fit))
    return rows


@dataclass(frozen=True)
class Probes:
    """The latents from which all directions are measured, and what their pictures show."""

    z: Tensor
    asked: Tensor | None
    digit: Tensor | None  # (n,) int64, as recognised

    @classmethod
    def of(cls, gan: GAN, seed: int, count: int, digits: bool) -> "Probes":
        """`count` rows of a seed."""
        z = gan.latents(count, seed).cpu()
        asked = torch.arange(count) % gan.config.classes if gan.config.classes else None
        figures = look(gan, z, asked, digits)[:, len(ink.MEASURES) :]
        return cls(z, asked, figures.argmax(1) if digits else None)

    def effect(self, gan: GAN, vector: Tensor, names: list[str]) -> Effect:
        """Step along a direction, both ways, and see what changes."""
        ways = [look(gan, self.z + way * vector.float(), self.asked, self.digit is not None) for way in (STEP, -STEP)]
        change = (ways[0] - ways[1]).mean(0) / (2 * STEP)
        stays = None
        if self.digit is not None:
            same = [way[:, len(ink.MEASURES) :].argmax(1) == self.digit for way in ways]
            stays = round(torch.cat(same).double().mean().item(), 4)
        moves = {name: float(f"{value:.4g}") for name, value in zip(names, change.tolist(), strict=True)}
        return Effect(moves, stays)


def _measured(
    gan: GAN,
    rows: list[tuple[str, Tensor, Tensor | None, float]],
    names: list[str],
    spread: Tensor,
    probes: Probes,
    weights: str,
) -> Directions:
    sizes = {name: float(f"{value:.4g}") for name, value in zip(names, spread.tolist(), strict=True)}
    found, vectors, stills = [], [], []
    for name, vector, still, fit in rows:
        effect = probes.effect(gan, vector, names)
        mostly = max(names, key=lambda one: abs(effect.moves[one]) / sizes[one] if sizes[one] else 0.0)
        if name.startswith(("pca", "sefa")) and effect.moves[mostly] < 0:  # an eigenvector has no sign of its own
            vector = -vector
            effect = Effect({one: -value + 0.0 for one, value in effect.moves.items()}, effect.stays)
        calm = None if still is None else probes.effect(gan, still, names)
        found.append(Direction(name, mostly, round(fit, 4), effect, calm))
        vectors.append(vector)
        stills.append(vector if still is None else still)
    return Directions(
        tuple(found), torch.stack(vectors).float(), torch.stack(stills).float(), sizes, len(probes.z), weights
    )


@torch.inference_mode()
def look(gan: GAN, z: Tensor, asked: Tensor | None = None, digits: bool = True) -> Tensor:
    """What is measured of the pictures of latents (n, latent_dim): (n, 14) float64, or (n, 4) without digits.

    The measures of `strokes`, then 1 in the column of the digit that the classifier recognises, and 0 elsewhere.
    """
    found = []
    for rows in _batches(len(z)):
        images = gan.generate(z[rows], None if asked is None else asked[rows])
        if not images.isfinite().all():
            raise UserError("some pictures of the generator hold NaN or infinite values")
        pixels = to_pixels(images)
        columns = [ink.measure(pixels.cpu())]
        if digits:
            seen = load_classifier(str(pixels.device)).predict(from_pixels(pixels)).cpu()
            columns.append(torch.nn.functional.one_hot(seen, CLASSES).double())
        found.append(torch.cat(columns, dim=1))
    return torch.cat(found)


def _batches(n: int) -> Iterator[slice]:
    for start in range(0, n, BATCH):
        yield slice(start, start + BATCH)


def find_for(
    folder: str | Path, seed: int = SEED, device: str = "cpu", progress: Progress = lambda stage: None
) -> Directions:
    """`find` those of a checkpoint and write its directions.safetensors; raises UserError."""
    gan = GAN.from_pretrained(folder).to(device)
    found = find(gan, checksum(folder), seed, SAMPLES, PROBES, progress)
    found.save(folder)
    return found
