"""How near a generator comes to real digits that it has never seen: what an inversion is compared with.

    python -m gan_demo invert checkpoints/mlp          measures, and writes inversion.json beside the weights
    python -m gan_demo invert --table checkpoints/*    prints what was measured, as Markdown

The digits are of the test half of the model's data set, the same for every model of it.
"""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_demo import data, files
from gan_demo.checkpoint import INVERSION_FILE, checksum
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.latent.inversion import CANDIDATES, NEAREST, search, whole
from gan_demo.latent.spaces import SPACES, spaces_of
from gan_demo.pixels import from_pixels
from gan_demo.shell import command

HELD_OUT, HELD_OUT_SEED = 200, 7  # real test digits that are measured, and how they are chosen
QUANTILES = 101


class Measured(NamedTuple):
    """The errors of held-out real pictures."""

    found: Tensor  # (n,) of the latents that were found
    random: Tensor  # (n,) of the nearest of the random ones
    seconds: float  # for all of them together


def held_out(dataset: str, data_dir: str | Path | None = None, count: int = HELD_OUT) -> Tensor:
    """Real test pictures, chosen at random by a fixed seed: (count, 1, 28, 28) in [-1, 1]."""
    test = data.load(dataset, data_dir, train=False).images
    chosen = torch.randperm(len(test), generator=torch.Generator().manual_seed(HELD_OUT_SEED))[:count]
    return from_pixels(test[chosen])


def measure(gan: GAN, pictures: Tensor, at_once: int = 32, space: str = "z") -> Measured:
    """Invert each of (n, 1, 28, 28) real pictures in a space, `at_once` in a batch."""
    started, found, random = time.perf_counter(), [], []
    for some in pictures.split(at_once):
        first, *_, last = (state.least.cpu() for state in search(gan, whole(some, space)))
        random.append(first)
        found.append(last)
    return Measured(torch.cat(found), torch.cat(random), time.perf_counter() - started)


def write_reference(
    folder: str | Path, data_dir: str | Path | None = None, device: str = "cpu", dataset: str | None = None
) -> dict[str, Any]:
    """Measure a checkpoint on held-out digits of its data set and write inversion.json beside it.

    The pictures may have moved to `dataset`. A style generator is measured in w and W+, too, and "spaces" has these.
    """
    folder = Path(folder)
    gan = GAN.from_pretrained(folder).to(device)
    dataset = dataset or gan.config.dataset
    pictures = held_out(dataset, data_dir)
    measured = measure(gan, pictures)
    others = {space: measure(gan, pictures, space=space) for space in spaces_of(gan) if space != "z"}
    content = {
        "format": 1,
        "dataset": dataset,
        "pictures": len(pictures),
        "plan": NEAREST,
        "random_latents": CANDIDATES,
        "errors": _quantiles(measured.found),
        "errors_of_random": _quantiles(measured.random),
        "seconds": round(measured.seconds, 1),
        **({"spaces": {space: _in_space(other) for space, other in others.items()}} if others else {}),
        "weights_sha256": checksum(folder),
    }
    files.write_json(folder / INVERSION_FILE, content)
    return content


def read_reference(folder: str | Path, key: str = "errors", space: str = "z") -> np.ndarray | None:
    """Ascending, evenly spaced quantiles of the errors in inversion.json; None if it is of other weights, or none.

    With the key "errors_of_random", of the errors of the nearest random latents; with a `space`, of those in it.
    """
    folder = Path(folder)
    try:
        content = json.loads((folder / INVERSION_FILE).read_text(encoding="utf-8"))
        errors = np.asarray((content if space == "z" else content["spaces"][space])[key], np.float64)
        sound = errors.ndim == 1 and len(errors) > 1 and np.isfinite(errors).all() and (np.diff(errors) >= 0).all()
        return errors if sound and content["weights_sha256"] == checksum(folder) else None
    except (OSError, ValueError, TypeError, KeyError):  # a UserError of `checksum` is a ValueError
        return None


def table(folders: Iterable[str | Path]) -> str:
    """What inversion.json says of each checkpoint, as Markdown, the least error first.

    Raises UserError where one has none of its present weights.
    """
    rows = []
    for folder in map(Path, folders):
        random = read_reference(folder, "errors_of_random")
        for space in SPACES:
            found = read_reference(folder, space=space)
            name = folder.name if space == "z" else f"{folder.name} in {space}"
            if space == "z" and (found is None or random is None):
                line = command("invert", folder)
                raise UserError(f"{folder} has no {INVERSION_FILE} of its present weights: {line} writes it")
            if found is None or random is None:
                continue
            row = f"| {name} | {np.median(random):.3f} | {np.median(found):.3f} | {np.quantile(found, 0.9):.3f} |"
            rows.append((np.median(found), row))
    head = f"| | nearest of {CANDIDATES:,} random latents | found | found, worst tenth above |"
    return "\n".join([head, "|---|---|---|---|", *(row for _, row in sorted(rows))])


def _in_space(measured: Measured) -> dict[str, Any]:
    return {"errors": _quantiles(measured.found), "seconds": round(measured.seconds, 1)}


def _quantiles(errors: Tensor) -> list[float]:
    levels = torch.linspace(0, 1, QUANTILES, dtype=torch.float64)
    return [round(value, 5) for value in errors.double().quantile(levels).tolist()]
