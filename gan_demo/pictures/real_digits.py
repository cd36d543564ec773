"""The sheet of real digits that ships with the project: 1,000 of MNIST's test digits, which no D was trained on.

    python -m gan_demo sheet               writes it anew, from MNIST

A page on a Space has no data set on its disk. It shows these, and compares with them. The sheet is a grey PNG of 25 by
40 digits of 28x28 pixels, 100 of each class, the zeros first. Its text chunks name source and licence, and what each
digit is: `Labels` has a character a digit, `Places` where it lies in MNIST's test set.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, PngImagePlugin
from torch import Tensor

from gan_demo import files
from gan_demo.config import CLASSES
from gan_demo.data import Split
from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures.encoding import png_bytes
from gan_demo.shell import command

PATH = Path(__file__).with_name("real_digits.png")
EACH = 100  # digits of a class
COLUMNS = 25
ABOUT = {
    "Title": "1,000 handwritten digits of the MNIST test set",
    "Source": "MNIST, by Yann LeCun, Corinna Cortes and Christopher J.C. Burges: http://yann.lecun.com/exdb/mnist/",
    "Copyright": "Yann LeCun and Corinna Cortes, Creative Commons Attribution-ShareAlike 3.0:"
    " https://creativecommons.org/licenses/by-sa/3.0/",
    "Comment": "Chosen by chance from the 10,000 test digits, 100 of each class, and laid out; no pixel was changed.",
}


class RealDigits(NamedTuple):
    """Digits of MNIST's test set, sorted by class."""

    images: Tensor  # (n, 1, 28, 28) uint8
    labels: Tensor  # (n,) int64
    places: Tensor  # (n,) int64: where each lies in the test set, from 0

    def __len__(self) -> int:
        return len(self.images)


@functools.cache
def sheet() -> RealDigits:
    """Read the sheet that ships with the project, once; its tensors are everybody's and are not to be changed.

    Raises UserError where it is missing or damaged.
    """
    try:
        with Image.open(PATH) as image:
            pixels, text = np.asarray(image), dict(image.info)  # a PNG's chunks of words, among others
        images = _cut(pixels)
        labels = torch.tensor([int(label) for label in text["Labels"]])
        places = torch.tensor([int(place) for place in text["Places"].split()])
    except FileNotFoundError:
        raise UserError(f"{PATH} is missing: {command('sheet')} writes it anew") from None
    except (OSError, ValueError, KeyError, SyntaxError) as error:
        raise UserError(f"{PATH} is damaged ({' '.join(str(error).split())[:200]})") from None
    if not len(images) == len(labels) == len(places):
        raise UserError(f"{PATH} is damaged ({len(images)} digits, {len(labels)} labels, {len(places)} places)")
    return RealDigits(images, labels, places)


def choose(test: Split, seed: int = 0, each: int = EACH) -> RealDigits:
    """Choose `each` digits of every class of a test set by chance.

    Raises UserError where it has fewer, or no labels.
    """
    if test.labels is None:
        raise UserError("a sheet of real digits needs a data set with labels")
    order = torch.randperm(len(test.images), generator=torch.Generator().manual_seed(seed))
    of_class = [order[test.labels[order] == digit][:each] for digit in range(CLASSES)]
    if min(map(len, of_class)) < each:
        raise UserError(f"a sheet of real digits needs {each} of every digit from 0 to {CLASSES - 1}")
    places = torch.cat(of_class)
    return RealDigits(test.images[places], test.labels[places].long(), places)


def write(digits: RealDigits, path: str | Path = PATH) -> int:
    """Write digits as a sheet, in rows of COLUMNS; returns the size of the file in bytes."""
    pixels = digits.images[:, 0].numpy()
    rows = len(pixels) // COLUMNS
    laid = pixels.reshape(rows, COLUMNS, IMAGE_SIZE, IMAGE_SIZE).transpose(0, 2, 1, 3)
    text = PngImagePlugin.PngInfo()
    for key, value in ABOUT.items():
        text.add_text(key, value)
    text.add_text("Labels", "".join(map(str, digits.labels.tolist())))
    text.add_text("Places", " ".join(map(str, digits.places.tolist())), zip=True)
    content = png_bytes(Image.fromarray(laid.reshape(rows * IMAGE_SIZE, -1)), compression=9, text=text)
    files.write_bytes(path, content)
    return len(content)


def _cut(pixels: np.ndarray) -> Tensor:
    """Cut a sheet, (rows * 28, columns * 28) uint8, into its digits: (rows * columns, 1, 28, 28)."""
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or any(side % IMAGE_SIZE for side in pixels.shape):
        raise ValueError(f"a sheet is grey, of 8 bits, its sides multiples of {IMAGE_SIZE}")
    rows = pixels.reshape(pixels.shape[0] // IMAGE_SIZE, IMAGE_SIZE, -1, IMAGE_SIZE)
    return torch.from_numpy(rows.transpose(0, 2, 1, 3).reshape(-1, 1, IMAGE_SIZE, IMAGE_SIZE).copy())
