"""How many handwritten digits are still read after they were photographed, scanned or typed into a note app.

    python benchmarks/photographs.py                             every scene, as Markdown
    python benchmarks/photographs.py "dark desk" --count 200 --seed 7
    python benchmarks/photographs.py --sheet seen.png            photographs beside what became of them

Each scene shows real test digits of MNIST in a synthetic photograph, made from a seed. The photograph is opened and
prepared as the page does it, and the classifier that ships with the project reads it. The table has the share that
is read rightly. The last two scenes were kept apart while the search for the digit was written.
"""

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from scenes import KEPT_APART, SCENES

from gan_demo import UserError, data
from gan_demo.classifier import load_classifier
from gan_demo.pictures import opening, preparing
from gan_demo.pixels import from_pixels

SHOWN = 6  # photographs of each scene on the sheet
SHEET_SIDE = 168


def measured(scene: Callable, digits: torch.Tensor, labels: torch.Tensor, seed: int) -> tuple[float, float, list]:
    """The share that is read, the median milliseconds of a preparation, and (photograph, digit, right) of each."""
    files, found, times = [], [], []
    for index, digit in enumerate(digits[:, 0].numpy()):
        files.append(scene(digit, np.random.default_rng([seed, index])))
        picture = opening.open_picture(files[-1])
        started = time.perf_counter()
        try:
            found.append(preparing.to_digit(picture))
        except UserError:
            found.append(np.zeros((28, 28), np.uint8))
        times.append(1000 * (time.perf_counter() - started))
    read = load_classifier().predict(from_pixels(torch.from_numpy(np.stack(found))[:, None]))
    right = (read == labels).tolist()
    return sum(right) / len(right), statistics.median(times), list(zip(files, found, right, strict=True))


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
    every = SCENES | KEPT_APART
    scenes = [name for name in every if any(part in name for part in arguments.scenes or [""])]
    split = data.load("mnist", arguments.data_dir, train=False)
    seen = []
    print(f"{arguments.count} photographs of each scene, seed {arguments.seed}\n\n| scene | read | ms |\n|---|---|---|")
    for name in scenes:
        chosen = np.random.default_rng(arguments.seed).choice(len(split.images), arguments.count, replace=False)
        share, taken, cases = measured(every[name], split.images[chosen], split.labels[chosen], arguments.seed)
        print(f"| {name}{' (kept apart)' if name in KEPT_APART else ''} | {share:.2f} | {taken:.0f} |", flush=True)
        seen.append(cases)
    if arguments.sheet:
        sheet_of(seen).save(arguments.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
