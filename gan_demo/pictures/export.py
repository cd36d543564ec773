"""Write labelled samples to disk: a training set of generated digits, or one picture by its seed and row.

    python -m gan_demo export checkpoints/dcgan --output digits --samples 10000
    python -m gan_demo export checkpoints/dcgan --output digit.png --seed 42 --row 3
    python -m gan_demo export checkpoints/dcgan --output digit.png --seed 42 --point 1.25 -3

A folder is laid out for torchvision's ImageFolder, with samples.csv beside the classes. A .npz holds the
same as arrays.
"""

import csv
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_demo import data, files
from gan_demo.classifier import load_classifier
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.latent import endless_map
from gan_demo.latent.spaces import LatentSpace, read, spaces_of, truncated
from gan_demo.latent.truncation import MIDDLE
from gan_demo.pictures import downloads, encoding
from gan_demo.pixels import from_pixels, to_pixels

BATCH = 500  # pictures in a network at once
NO_LABEL = -1  # where a picture has no name: neither asked for nor a digit
NO_LABEL_FOLDER = "unlabelled"
TABLE_FILE = "samples.csv"
COLUMNS = ("file", "label", "seed", "row", "truncation", "score", "towards")


class Batch(NamedTuple):
    """Samples of some rows of a seed."""

    rows: Tensor  # (n,) int64
    pixels: Tensor  # (n, 28, 28) uint8
    labels: Tensor  # (n,) int64: what a conditional model was asked for, else the classifier's opinion
    scores: Tensor  # (n,) float32: D's raw outputs for these pixels


def draw(
    gan: GAN,
    rows: range,
    seed: int,
    truncation: float = 1.0,
    labels: Sequence[int] | None = None,
    towards: str | None = None,
) -> Iterator[Batch]:
    """The pictures of `rows` of a seed, BATCH at a time, on the CPU.

    A conditional model is asked for `labels` in turn, 0 to 9 if there are none: row i for label i modulo
    their number. `truncation` and `towards` as in `GAN.truncate`; below 0 it leads beyond the mean w of a style
    generator. Raises UserError where labels or truncation do not fit the model, or samples are no numbers.
    """
    in_turn, beyond = _asked_in_turn(gan, labels), _beyond(gan, truncation, towards)
    latents = gan.latents(rows.stop, seed, *(() if beyond else (truncation, towards)))[rows.start :]
    parts = zip(torch.arange(rows.start, rows.stop).split(BATCH), latents.split(BATCH), strict=True)
    return (_batch(gan, part, z, in_turn, beyond=beyond) for part, z in parts)


def draw_point(
    gan: GAN,
    world: int,
    point: tuple[float, float],
    truncation: float = 1.0,
    labels: Sequence[int] | None = None,
    towards: str | None = None,
) -> Batch:
    """The one picture at a point of the map; a conditional model is asked for the first of `labels`. As `draw`."""
    beyond, z = _beyond(gan, truncation, towards), endless_map.latents(gan, world, [point])
    z = z if beyond else gan.truncate(z, truncation, towards)
    return _batch(gan, torch.zeros(1, dtype=torch.int64), z, _asked_in_turn(gan, labels), beyond=beyond)


def draw_variation(
    gan: GAN,
    seed: int,
    row: int,
    point: tuple[float, float] | None,
    radius: float,
    variation: int,
    truncation: float = 1.0,
    labels: Sequence[int] | None = None,
    towards: str | None = None,
) -> Batch:
    """One picture near that of a row of a seed or, with `point`, of a point of that world's map, as `GAN.vary` has it.

    A conditional model is asked for the label whose turn it is. Errors as in `draw`.
    """
    z = gan.latents(row + 1, seed)[row] if point is None else endless_map.latents(gan, seed, [point])[0]
    beyond = _beyond(gan, truncation, towards)
    near = gan.variation(z, variation, radius, seed, *((1.0, MIDDLE) if beyond else (truncation, towards)))
    return _batch(gan, torch.tensor([row]), near[None], _asked_in_turn(gan, labels), beyond=beyond)


def draw_latent(
    gan: GAN, text: str, labels: Sequence[int] | None = None, radius: float = 0.0, variation: int = 0
) -> Batch:
    """The one picture of a latent that is written as text (`spaces.read`), or of one near it in z.

    A conditional model is asked for the first of `labels`. Raises UserError where the text is no latent of this model;
    others as `draw`.
    """
    space, point = read(gan, text)
    if radius and space.name != "z":
        raise UserError(f"only latents z have variations, and this is a point of {space.name}")
    if radius:
        point = gan.vary(point.to(gan.device), variation, radius, 0)
    return _batch(gan, torch.zeros(1, dtype=torch.int64), point[None], _asked_in_turn(gan, labels), space)


def _beyond(gan: GAN, truncation: float, towards: str | None) -> float:
    """A truncation below 0, which leads beyond the mean w; 0 where it is another. Raises UserError of other models."""
    if truncation >= 0:
        return 0.0
    if "w" not in spaces_of(gan) or towards not in (None, MIDDLE):
        raise UserError("a truncation below 0 leads beyond the mean w, which only style generators have")
    return truncation


def _asked_in_turn(gan: GAN, labels: Sequence[int] | None) -> Tensor | None:
    """The digits that a conditional model is asked for in turn, 0 to 9 if there are none; None for others."""
    if gan.config.classes:
        labels = range(gan.config.classes) if labels is None else labels
    return gan.labels(None if labels is None else list(labels), 0 if labels is None else len(labels))


def _batch(
    gan: GAN,
    rows: Tensor,
    z: Tensor,
    in_turn: Tensor | None,
    space: LatentSpace | None = None,
    beyond: float = 0.0,
) -> Batch:
    gan.config.check_shape("the export")
    asked = None if in_turn is None else in_turn[rows.to(in_turn.device) % len(in_turn)]
    if beyond:
        z, name = truncated(gan, z, beyond, labels=asked)
        space = LatentSpace(gan, name)
    generated = gan.generate(z, asked) if space is None else space.generate(z, asked)
    if not generated.isfinite().all():
        raise UserError("some samples of the generator hold NaN or infinite values")
    pixels = to_pixels(generated)
    scores = gan.score(from_pixels(pixels), asked)
    labels = _named(gan, pixels) if asked is None else asked
    return Batch(rows, pixels[:, 0].cpu(), labels.cpu(), scores.cpu())


def _named(gan: GAN, pixels: Tensor) -> Tensor:
    """The digits that an unconditional model's pictures look like, if it draws digits at all: (n,) int64."""
    if gan.config.dataset not in data.DIGIT_DATASETS:
        return torch.full((len(pixels),), NO_LABEL)
    return load_classifier(str(pixels.device)).predict(from_pixels(pixels))


def folders_of(names: Sequence[str]) -> dict[int, str]:
    """The folder of each class: its name, as far as a folder may have it; its number where that tells nothing apart."""
    folders = [downloads.folder_name(name) for name in names]
    apart = {folder.casefold() for folder in (*folders, NO_LABEL_FOLDER, TABLE_FILE)}
    return dict(enumerate(folders)) if len(apart) == len(folders) + 2 else {}


def write_folder(
    path: Path, batches: Iterator[Batch], seed: int, truncation: float, towards: str, names: Sequence[str] = ()
) -> None:
    """CLASS/seedS-rowR.png for each sample, and samples.csv with seed, row, truncation and D's raw output.

    CLASS is one of `names`, the number of the label where there are none.
    """
    folders = {NO_LABEL: NO_LABEL_FOLDER, **folders_of(names)}
    with (path / TABLE_FILE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for batch in batches:
            for row, label, score, pixels in zip(
                batch.rows.tolist(), batch.labels.tolist(), batch.scores.tolist(), batch.pixels, strict=True
            ):
                # The seed is in the name, so that several exports can be put together.
                name = f"{folders.get(label, label)}/seed{seed}-row{row:06}.png"
                (path / name).parent.mkdir(exist_ok=True)
                (path / name).write_bytes(encoding.png_bytes(encoding.grid(pixels[None], 1)))
                table.writerow([name, label, seed, row, truncation, f"{score:.6g}", towards])


def write_npz(
    path: Path, batches: Iterator[Batch], seed: int, truncation: float, towards: str, names: Sequence[str] = ()
) -> None:
    """Arrays images (n, 28, 28) uint8, labels, seeds, rows (n,) int64, scores (n,) float32, truncation, and towards.

    class_names has what each label is called, where there are `names`.
    """
    rows, pixels, labels, scores = (torch.cat(part).numpy() for part in zip(*batches, strict=True))
    called: dict[str, Any] = {"class_names": np.array(names)} if names else {}
    with path.open("xb") as file:
        np.savez_compressed(
            file,
            images=pixels,
            labels=labels,
            seeds=np.full(len(rows), seed),
            rows=rows,
            scores=scores,
            truncation=np.float64(truncation),
            towards=np.str_(towards),
            **called,
        )


def write_picture(path: Path, batch: Batch) -> None:
    """A batch of one picture as a grey PNG file of 28x28 pixels."""
    files.write_bytes(path, encoding.png_bytes(encoding.grid(batch.pixels, 1)))


def write(
    output: Path,
    batches: Iterator[Batch],
    seed: int,
    truncation: float,
    towards: str,
    as_folder: bool,
    names: Sequence[str] = (),
) -> None:
    """`write_folder` or `write_npz` under a temporary name beside `output`, which gets its name when it is whole.

    `names` are those of the classes. Where `output` is a folder, it has to be empty. Raises OSError where it cannot be
    written.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.{secrets.token_hex(4)}")
    try:
        if as_folder:
            temporary.mkdir()
            write_folder(temporary, batches, seed, truncation, towards, names)
        else:
            write_npz(temporary, batches, seed, truncation, towards, names)
        if output.is_dir():
            output.rmdir()  # it is empty; where it no longer is, this fails, and nothing is lost
        temporary.replace(output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True) if as_folder else temporary.unlink(missing_ok=True)
