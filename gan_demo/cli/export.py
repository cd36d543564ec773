"""gan-demo export checkpoints/dcgan --output digits --samples 10000"""

import argparse
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gan_demo import files
from gan_demo.cli.arguments import add_device
from gan_demo.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from gan_demo.config import Config
    from gan_demo.gan import GAN
    from gan_demo.pictures.export import Batch

MAX_SAMPLES = 1_000_000
SAMPLES = 1_000
NAMED = 10  # classes in a message
LEAST_TRUNCATION = -1.0  # as on the page


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Write labelled samples: PNG files in one folder a class (torchvision's ImageFolder reads it), or"
        " one .npz; with D's raw output for each. The labels are what a conditional model was asked for. An"
        " unconditional one is not asked for anything: its pictures are named by the digit classifier that ships"
        " with the project, which makes mistakes, most of all on pictures that are no clear digit.",
    )
    result.add_argument("checkpoint", metavar="FOLDER", help="such as checkpoints/dcgan")
    result.add_argument(
        "--output",
        required=True,
        type=Path,
        help="a new folder; NAME.npz; or, with --row, --point or --latent, one picture NAME.png",
    )
    result.add_argument("--samples", type=int, metavar="N", help=f"how many, rows 0 to N-1 (default: {SAMPLES})")
    result.add_argument("--seed", type=int, default=0, metavar="S", help="of the latents (default: %(default)s)")
    result.add_argument("--row", type=int, metavar="R", help="only this row of the seed")
    result.add_argument(
        "--variation", type=int, metavar="N", help="with --row or --point: not that picture, but the Nth near it"
    )
    result.add_argument(
        "--radius", type=float, metavar="R", help="how near: 0 is the picture itself, 1 has nothing of it"
    )
    result.add_argument(
        "--point", type=float, nargs=2, metavar=("X", "Y"), help="this point of the map whose world is the seed"
    )
    result.add_argument(
        "--latent",
        metavar="TEXT",
        help="this latent, as an address without its model has it: L and its numbers, or w or W of a style generator",
    )
    result.add_argument(
        "--labels",
        metavar="D[,D...]",
        help="digits, or numbers or names of classes, that a conditional model is asked for, in turn (default: all)",
    )
    result.add_argument(
        "--truncation",
        type=float,
        default=1.0,
        metavar="T",
        help="below 1: more typical pictures, that vary less; below 0, of a style generator: beyond the mean w, to -1"
        " (default: %(default)s)",
    )
    result.add_argument(
        "--towards",
        choices=("typical", "middle"),
        help="where truncation leads: to the nearest of the model's typical latents, or to the middle of the latent"
        " space (default: to typical ones, if the model has some)",
    )
    result.add_argument("--format", choices=("png", "npz"), help="default: what the name of the output says, else png")
    add_device(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Write what the flags ask for, and print where it is."""
    from gan_demo.devices import choose_device
    from gan_demo.gan import GAN

    _check(options)
    gan = GAN.from_pretrained(options.checkpoint).to(choose_device(options.device))
    labels = None if options.labels is None else _labels(options.labels, gan.config)
    try:
        print(_picture(gan, options, labels) if options.picture else _samples(gan, options, labels))
    except OSError as error:
        raise UserError(f"{options.output} cannot be written ({error.strerror})") from None


def _check(options: argparse.Namespace) -> None:
    """Raise UserError where the command line makes no sense, and settle what it leaves open."""
    output, suffix = options.output, options.output.suffix.lower()
    options.picture = suffix == ".png"
    if options.point is not None and (options.row is not None or options.samples is not None or not options.picture):
        raise UserError("--point is one picture of the map: --output NAME.png, without --row and --samples")
    given = [options.row, options.point, options.latent]
    if options.latent is not None and (given.count(None) < 2 or options.samples is not None or not options.picture):
        raise UserError("--latent is one picture: --output NAME.png, without --row, --point and --samples")
    if options.picture and given.count(None) == len(given):
        raise UserError(f"{output} is one picture: say which with --row, --point or --latent, or name a folder")
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
    if not (math.isfinite(options.truncation) and options.truncation >= LEAST_TRUNCATION):
        raise UserError(f"--truncation must be {LEAST_TRUNCATION:g} or more, not {options.truncation}")
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
    if output.is_dir() or not output.exists():
        files.check_writable(output if output.is_dir() else output.parent)


def _labels(text: str, config: "Config") -> list[int]:
    """The classes that are asked for: by number, or by name where that is no number."""
    from gan_demo.config import CLASSES

    named = {name: number for number, name in enumerate(config.class_names)}
    numbers = range(config.classes or CLASSES)
    parts = [part.strip() for part in text.split(",")]
    labels = [int(part) if re.fullmatch("[0-9]{1,2}", part) else named.get(part, -1) for part in parts]
    if all(label in numbers for label in labels):
        return labels
    what = "digits" if len(numbers) == CLASSES and not named else f"numbers from 0 to {numbers[-1]}"
    if named:
        what += f", or names of classes ({', '.join([*named][:NAMED])}{', ...' if len(named) > NAMED else ''}),"
    raise UserError(f"--labels are {what} with commas between them, such as 1 or 1,0, not {text!r}")


def _picture(gan: "GAN", options: argparse.Namespace, labels: list[int] | None) -> str:
    """Write one picture; returns what to tell the person."""
    from gan_demo.pictures import export

    row, seed, truncation, towards = options.row or 0, options.seed, options.truncation, options.towards
    point = None if options.point is None else tuple(options.point)
    if options.latent is not None:
        batch = export.draw_latent(gan, options.latent, labels, options.radius or 0.0, options.variation or 0)
        told = f"latent {options.latent[:8]}…"
    elif options.variation is not None:
        batch = export.draw_variation(
            gan, seed, row, point, options.radius, options.variation, truncation, labels, towards
        )
        told = f"variation {options.variation}"
    elif point is not None:
        batch = export.draw_point(gan, seed, point, truncation, labels, towards)
        told = f"point {point[0]:g}, {point[1]:g} of world {seed}"
    else:
        (batch,) = export.draw(gan, range(row, row + 1), seed, truncation, labels, towards)
        told = f"row {row} of seed {seed}"
    export.write_picture(options.output, batch)
    return f"{options.output}: {told}, D's raw output {batch.scores.item():.4g}"


def _samples(gan: "GAN", options: argparse.Namespace, labels: list[int] | None) -> str:
    """Write a folder or an .npz of samples; returns what to tell the person."""
    import torch

    from gan_demo.config import CLASSES
    from gan_demo.pictures import export

    rows = range(options.samples) if options.row is None else range(options.row, options.row + 1)
    seen = torch.zeros(gan.config.classes or CLASSES, dtype=torch.int64)
    own_way = "middle" if options.truncation < 0 else gan.truncations[0]
    truncation = (options.truncation, options.towards or own_way)
    drawn = export.draw(gan, rows, options.seed, truncation[0], labels, truncation[1])
    batches = _counted(drawn, len(rows), seen)
    names, as_folder = gan.config.class_names, options.format == "png"
    export.write(options.output, batches, options.seed, *truncation, as_folder=as_folder, names=names)
    message = f"{options.output}: {len(rows):,} samples of seed {options.seed}"
    missing = [names[label] if names else str(label) for label in (seen == 0).nonzero().flatten().tolist()]
    if seen.any() and missing and as_folder:
        # ImageFolder numbers the folders it finds, so a missing class moves those after it.
        message += f"\nThere is no {', no '.join(missing)}: ImageFolder's class_to_idx says which number is which class"
    return message


def _counted(batches: Iterator["Batch"], total: int, seen: "Tensor") -> Iterator["Batch"]:
    """Pass the batches on, with a progress bar; adds up in `seen` how often each digit, or other class, occurs."""
    from gan_demo.pictures.export import NO_LABEL
    from gan_demo.progress import Bar

    with Bar(total=total, unit=" samples", leave=False, disable=None) as bar:
        for batch in batches:
            seen += batch.labels[batch.labels != NO_LABEL].bincount(minlength=len(seen))
            yield batch
            bar.update(len(batch.rows))
