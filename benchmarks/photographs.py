"""How many handwritten digits are still read after they were photographed, scanned or typed into a note app.

    python benchmarks/photographs.py                             every scene, as Markdown
    python benchmarks/photographs.py "dark desk" --count 200 --seed 7
    python benchmarks/photographs.py --sheet seen.png            photographs beside what became of them

Each scene shows real test digits of MNIST in a synthetic photograph, made from a seed. The photograph is opened and
prepared as the page does it, and the classifier that ships with the project reads it. The table has the share that
is read rightly, how often the page asks which part is the digit, of these and of the others, and of how many of the
others another part that it asks about is read rightly. The scenes of which it says so were kept apart while the search
for the digit was written.
"""

import argparse
import io
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from forms import FORMS, KEPT_APART
from scenes import SCENES

from gan_demo import UserError, data
from gan_demo.classifier import load_classifier
from gan_demo.pictures import opening, preparing
from gan_demo.pixels import from_pixels

SHOWN = 6  # photographs of each scene on the sheet
SHEET_SIDE = 168


class Measured(NamedTuple):
    """What became of the photographs of a scene."""

    read: float  # share of them
    asks: tuple[float, float]  # of those that are read, and of those that are not: the page says that it is not certain
    offered: float  # share of those that are not read: another part that the page asks about is
    milliseconds: float  # of one core, the median
    cases: list  # photograph, digit, whether it is read


def measured(scene: Callable, digits: torch.Tensor, labels: torch.Tensor, seed: int) -> Measured:
    """Make photographs of digits, prepare them and let the classifier read what is found."""
    files, found, times, asks, choices = [], [], [], [], []
    for index, digit in enumerate(digits[:, 0].numpy()):
        files.append(scene(digit, np.random.default_rng([seed, index])))
        picture = opening.open_picture(files[-1])
        started = time.thread_time()
        try:
            prepared = preparing.prepare(picture)
        except UserError:
            prepared = preparing.Prepared(np.zeros((28, 28), np.uint8), preparing.UNSURE)
        times.append(1000 * (time.thread_time() - started))
        found.append(prepared.pixels)
        choices.append(len(prepared.boxes))
        asks.append(prepared.note in (preparing.SEVERAL, preparing.UNSURE))
    right = (_read(found) == labels).tolist()
    shares = [_share([ask for ask, good in zip(asks, right, strict=True) if good is kind]) for kind in (True, False)]
    offered = []
    for content, count, label, good in zip(files, choices, labels, right, strict=True):
        if not good:
            parts = [preparing.prepare(opening.open_picture(content), choice).pixels for choice in range(1, count)]
            offered.append(bool(parts) and bool((_read(parts) == label).any()))
    cases = list(zip(files, found, right, strict=True))
    return Measured(_share(right), tuple(shares), _share(offered), statistics.median(times), cases)


def _read(pixels: list[np.ndarray]) -> torch.Tensor:
    return load_classifier().predict(from_pixels(torch.from_numpy(np.stack(pixels))[:, None]))


def _share(cases: list[bool]) -> float:
    return statistics.mean(cases or [math.nan])


def sheet_of(seen: list[list]) -> Image.Image:
    """Photographs beside what became of them, a scene a row; what is read wrongly first, with a red edge."""
    cell = SHEET_SIDE + 4
    sheet = Image.new("RGB", (2 * SHOWN * cell, len(seen) * cell), (90, 90, 90))
    for row, cases in enumerate(seen):
        for column, (content, digit, right) in enumerate(sorted(cases, key=lambda case: case[2])[:SHOWN]):
            picture = Image.open(io.BytesIO(content)).convert("RGB")
            picture.thumbnail((SHEET_SIDE, SHEET_SIDE))
            sheet.paste(picture, (2 * column * cell, row * cell))
            edge = Image.new("RGB", (cell, cell), (90, 90, 90) if right else (220, 30, 30))
            edge.paste(Image.fromarray(digit).resize((SHEET_SIDE - 4,) * 2, Image.Resampling.NEAREST), (4, 4))
            sheet.paste(edge, ((2 * column + 1) * cell, row * cell))
    return sheet


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", help="their names, or parts of them (default: all)")
    parser.add_argument("--count", type=int, default=50, help="photographs of each scene (default: 50)")
    parser.add_argument("--seed", type=int, default=0, help="of digits and scenes (default: 0)")
    parser.add_argument("--sheet", help="a PNG file to write: photographs beside what became of them")
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    arguments = parser.parse_args()
    every = SCENES | FORMS | KEPT_APART
    scenes = [name for name in every if any(part in name for part in arguments.scenes or [""])]
    split = data.load("mnist", arguments.data_dir, train=False)
    seen = []
    print(f"{arguments.count} photographs of each scene, seed {arguments.seed}\n")
    print("| scene | read | asks of these | asks of the others | offers it | ms |\n|---|---|---|---|---|---|")
    for name in scenes:
        chosen = np.random.default_rng(arguments.seed).choice(len(split.images), arguments.count, replace=False)
        found = measured(every[name], split.images[chosen], split.labels[chosen], arguments.seed)
        asks = " | ".join("" if math.isnan(share) else f"{share:.2f}" for share in (*found.asks, found.offered))
        apart = " (kept apart)" if name in KEPT_APART else ""
        print(f"| {name}{apart} | {found.read:.2f} | {asks} | {found.milliseconds:.0f} |", flush=True)
        seen.append(found.cases)
    if arguments.sheet:
        sheet_of(seen).save(arguments.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
