"""Write labelled samples to disk: a training set of generated digits, or one picture by its seed and row.

    python -m gan_demo.export checkpoints/dcgan --output digits --samples 10000
    python -m gan_demo.export checkpoints/dcgan --output digit.png --seed 42 --row 3
    python -m gan_demo.export checkpoints/dcgan --output digit.png --seed 42 --point 1.25 -3

A folder is laid out for torchvision's ImageFolder, with samples.csv beside the classes. A .npz holds the
same as arrays.
"""

import argparse
import csv
import functools
import math
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from gan_demo import data, files
from gan_demo.config import CLASSES
from gan_demo.devices import choose_device
from gan_demo.errors import UserError
from gan_demo.evaluation.classifier import load_classifier
from gan_demo.gan import GAN
from gan_demo.latent import endless_map
from gan_demo.pictures import encoding
from gan_demo.pixels import from_pixels, to_pixels

MAX_SAMPLES = 1_000_000
SAMPLES = 1_000
BATCH = 500  # pictures in a network at once
NO_LABEL = -1  # where a picture has no name: neither asked for nor a digit
NO_LABEL_FOLDER = "unlabelled"
TABLE_FILE = "samples.csv"
COLUMNS = ("file", "label", "seed", "row", "truncation", "score")


class Batch(NamedTuple):
    """Samples of some rows of a seed."""

    rows: Tensor  # (n,) int64
    pixels: Tensor  # (n, 28, 28) uint8
    labels: Tensor  # (n,) int64: what a conditional model was asked for, else the classifier's opinion
    scores: Tensor  # (n,) float32: D's raw outputs for these pixels


def draw(
    gan: GAN, rows: range, seed: int, truncation: float = 1.0, labels: Sequence[int] | None = None
) -> Iterator[Batch]:
    """The pictures of `rows` of a seed, BATCH at a time, on the CPU.

    A conditional model is asked for `labels` in turn, 0 to 9 if there are none: row i for label i modulo
    their number. Raises UserError where labels do not fit the model, or samples are no numbers.
    """
    in_turn = _asked_in_turn(gan, labels)
    latents = gan.latents(rows.stop, seed, truncation)[rows.start :]
    parts = zip(torch.arange(rows.start, rows.stop).split(BATCH), latents.split(BATCH), strict=True)
    return (_batch(gan, part, z, in_turn) for part, z in parts)


def draw_point(
    gan: GAN, world: int, point: tuple[float, float], truncation: float = 1.0, labels: Sequence[int] | None = None
) -> Batch:
    """The one picture at a point of the map; a conditional model is asked for the first of `labels`. As `draw`."""
    return _batch(
        gan,
        torch.zeros(1, dtype=torch.int64),
        endless_map.latents(gan, world, [point]) * truncation,
        _asked_in_turn(gan, labels),
    )


def _asked_in_turn(gan: GAN, labels: Sequence[int] | None) -> Tensor | None:
    """The digits that a conditional model is asked for in turn, 0 to 9 if there are none; None for others."""
    if gan.config.classes:
        labels = range(gan.config.classes) if labels is None else labels
    return gan.labels(None if labels is None else list(labels), 0 if labels is None else len(labels))


def _batch(gan: GAN, rows: Tensor, z: Tensor, in_turn: Tensor | None) -> Batch:
    gan.config.check_shape("the export")
    asked = None if in_turn is None else in_turn[rows.to(in_turn.device) % len(in_turn)]
    generated = gan.generate(z, asked)
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


def write_folder(path: Path, batches: Iterator[Batch], seed: int, truncation: float) -> None:
    """LABEL/seedS-rowR.png for each sample, and samples.csv with seed, row and D's raw output."""
    with (path / TABLE_FILE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for batch in batches:
            for row, label, score, pixels in zip(
                batch.rows.tolist(), batch.labels.tolist(), batch.scores.tolist(), batch.pixels, strict=True
            ):
                # The seed is in the name, so that several exports can be put together.
                name = f"{NO_LABEL_FOLDER if label == NO_LABEL else label}/seed{seed}-row{row:06}.png"
                (path / name).parent.mkdir(exist_ok=True)
                (path / name).write_bytes(encoding.png_bytes(encoding.grid(pixels[None], 1)))
                table.writerow([name, label, seed, row, truncation, f"{score:.6g}"])


def write_npz(path: Path, batches: Iterator[Batch], seed: int, truncation: float) -> None:
    """Arrays images (n, 28, 28) uint8, labels, seeds, rows (n,) int64, scores (n,) float32, and truncation."""
    rows, pixels, labels, scores = (torch.cat(part).numpy() for part in zip(*batches, strict=True))
    arrays = {"images": pixels, "labels": labels, "seeds": np.full(len(rows), seed), "rows": rows, "scores": scores}
    with path.open("xb") as file:
        np.savez_compressed(file, **arrays, truncation=np.float64(truncation))


def _safely(output: Path, write: Callable[[Path], None], folder: bool) -> None:
    """Have `write` make a file or folder under a temporary name beside `output`, and rename it when it is whole."""
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.{secrets.token_hex(4)}")
    try:
        if folder:
            temporary.mkdir()
        write(temporary)
        if output.is_dir():
            output.rmdir()  # it is empty; where it no longer is, this fails, and nothing is lost
        temporary.replace(output)
    finally:
        shutil.rmtree(temporary, ignore_errors=True) if folder else temporary.unlink(missing_ok=True)


def _check(options: argparse.Namespace) -> None:
    """Raise UserError where the command line makes no sense, and settle what it leaves open."""
    output, suffix = options.output, options.output.suffix.lower()
    options.picture = suffix == ".png"
    if options.point is not None and (options.row is not None or options.samples is not None or not options.picture):
        raise UserError("--point is one picture of the map: --output NAME.png, without --row and --samples")
    if options.picture and options.row is None and options.point is None:
        raise UserError(f"{output} is one picture: say which with --row or --point, or name a folder")
    if options.row is not None and options.samples is not None:
        raise UserError("--row is one sample: leave out --samples")
    if options.row is not None and not 0 <= options.row < MAX_SAMPLES:
        raise UserError(f"--row must be from 0 to {MAX_SAMPLES - 1:,}, not {options.row}")
    near = options.variation is not None
    if near != (options.radius is not None) or (near and not options.picture):
        raise UserError("--variation and --radius go together, and with them one picture: --output NAME.png")
    if near and not (0 <= options.variation < MAX_SAMPLES and 0 <= options.radius <= 1):
        raise UserError(f"--variation is from 0 to {MAX_SAMPLES - 1:,} and --radius from 0 to 1")
    options.samples = SAMPLES if options.samples is None else options.samples
    if not 1 <= options.samples <= MAX_SAMPLES:
        raise UserError(f"--samples must be from 1 to {MAX_SAMPLES:,}, not {options.samples}")
    if not (math.isfinite(options.truncation) and options.truncation >= 0):
        raise UserError(f"--truncation must be 0 or more, not {options.truncation}")
    implied = {".png": "png", ".npz": "npz"}.get(suffix)
    if options.format and implied and options.format != implied:
        raise UserError(f"{output} does not end as --format {options.format} does: choose another name")
    options.format = options.format or implied or "png"
    if not output.name:
        raise UserError("--output must have a name")
    if output.is_dir():
        if options.picture or options.format == "npz" or any(output.iterdir()):
            raise UserError(f"{output} is there already: nothing is overwritten, choose another --output")
    elif output.exists() and (output.stat().st_size or not (options.picture or options.format == "npz")):
        raise UserError(f"{output} is there already: nothing is overwritten, choose another --output")


def _digits(text: str) -> list[int]:
    if not re.fullmatch("[0-9](,[0-9])*", text):
        raise UserError(f"--labels are digits with commas between them, such as 3 or 3,5, not {text!r}")
    return [int(digit) for digit in text.split(",")]


def export(options: argparse.Namespace) -> str:
    """Do what the checked command line says; returns what to tell the person."""
    gan = GAN.from_pretrained(options.checkpoint).to(choose_device(options.device))
    labels = None if options.labels is None else _digits(options.labels)
    row, seed, truncation, output = options.row, options.seed, options.truncation, options.output
    if options.variation is not None:
        return _export_variation(gan, options, labels)
    if options.point is not None:
        batch = draw_point(gan, seed, tuple(options.point), truncation, labels)
        files.write_bytes(output, encoding.png_bytes(encoding.grid(batch.pixels, 1)))
        x, y = options.point
        return f"{output}: point {x:g}, {y:g} of world {seed}, D's raw output {batch.scores.item():.4g}"
    rows = range(options.samples) if row is None else range(row, row + 1)
    batches = draw(gan, rows, seed, truncation, labels)
    if options.picture:
        (batch,) = batches
        files.write_bytes(output, encoding.png_bytes(encoding.grid(batch.pixels, 1)))
        return f"{output}: row {row} of seed {seed}, D's raw output {batch.scores.item():.4g}"
    seen = torch.zeros(CLASSES, dtype=torch.int64)
    counted = _counted(batches, len(rows), seen)
    write = write_npz if options.format == "npz" else write_folder
    _safely(
        output,
        functools.partial(write, batches=counted, seed=seed, truncation=truncation),
        folder=options.format == "png",
    )
    message = f"{output}: {len(rows):,} samples of seed {seed}"
    missing = [str(digit) for digit in (seen == 0).nonzero().flatten().tolist()]
    if seen.any() and missing and options.format == "png":
        # ImageFolder numbers the folders it finds, so a missing digit moves those after it.
        message += f"\nThere is no {', no '.join(missing)}: ImageFolder's class_to_idx says which number is which digit"
    return message


def _export_variation(gan: GAN, options: argparse.Namespace, labels: list[int] | None) -> str:
    """One picture near that of a row, or of a point of the map."""
    row, seed, truncation = options.row or 0, options.seed, options.truncation
    if options.point is None:
        z = gan.latents(row + 1, seed, truncation)[row]
    else:
        z = endless_map.latents(gan, seed, [tuple(options.point)])[0] * truncation
    near = gan.vary(z, options.variation, options.radius, seed, truncation)
    batch = _batch(gan, torch.tensor([row]), near[None], _asked_in_turn(gan, labels))
    files.write_bytes(options.output, encoding.png_bytes(encoding.grid(batch.pixels, 1)))
    return f"{options.output}: variation {options.variation}, D's raw output {batch.scores.item():.4g}"


def _counted(batches: Iterator[Batch], total: int, seen: Tensor) -> Iterator[Batch]:
    """The same batches, with a progress bar; adds up in `seen` (10,) how often each digit occurs."""
    with tqdm(total=total, unit=" samples", leave=False, disable=None) as bar:
        for batch in batches:
            seen += batch.labels[batch.labels != NO_LABEL].bincount(minlength=len(seen))
            yield batch
            bar.update(len(batch.rows))


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        _check(options)
        print(export(options))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"error: {options.output} cannot be written ({error.strerror})", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gan_demo.export",
        description="Write labelled samples: PNG files in one folder a digit (torchvision's ImageFolder reads it), or"
        " one .npz; with D's raw output for each. The labels are what a conditional model was asked for. An"
        " unconditional one is not asked for anything: its pictures are named by the digit classifier that ships"
        " with the project, which makes mistakes, most of all on pictures that are no clear digit.",
    )
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="such as checkpoints/dcgan")
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="a new folder; NAME.npz; or, with --row or --point, one picture NAME.png",
    )
    parser.add_argument("--samples", type=int, metavar="N", help=f"how many, rows 0 to N-1 (default: {SAMPLES})")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the latents (default: %(default)s)")
    parser.add_argument("--row", type=int, metavar="R", help="only this row of the seed")
    parser.add_argument(
        "--variation", type=int, metavar="N", help="with --row or --point: not that picture, but the Nth near it"
    )
    parser.add_argument(
        "--radius", type=float, metavar="R", help="how near: 0 is the picture itself, 1 has nothing of it"
    )
    parser.add_argument(
        "--point", type=float, nargs=2, metavar=("X", "Y"), help="this point of the map whose world is the seed"
    )
    parser.add_argument(
        "--labels",
        metavar="D[,D...]",
        help="the digits that a conditional model is asked for, in turn (default: 0 to 9)",
    )
    parser.add_argument(
        "--truncation",
        type=float,
        default=1.0,
        metavar="T",
        help="below 1: more typical, less varied (default: %(default)s)",
    )
    parser.add_argument("--format", choices=("png", "npz"), help="default: what the name of the output says, else png")
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="where to work (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    main()
