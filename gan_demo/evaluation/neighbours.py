"""The nearest picture: whether a generated one is new, or a training picture that was learned by heart.

The distance is Euclidean between pixels, black 0 and white 1: what anybody can check by hand. What it is worth
is told by the same distance of real test pictures, which no training has seen.
"""

import functools
import threading
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from gan_demo import data
from gan_demo.errors import UserError
from gan_demo.pictures import real_digits

# Rows and columns of a table of distances that are in memory at once: it stays in a processor's cache.
CHUNK, POOL_CHUNK = 250, 2_000
PROBES = 200  # real test pictures, the first of their file
_LOADING = threading.Lock()


class Nearest(NamedTuple):
    """The nearest picture of a pool to each of n pictures, on the CPU."""

    distances: Tensor  # (n,) float64: L2 with black 0 and white 1
    places: Tensor  # (n,) int64: where in the pool it lies; the first of several that are as near


def nearest(pictures: Tensor, pool: Tensor, own: Tensor | None = None) -> Nearest:
    """The nearest of `pool`, (m, 1, 28, 28) uint8, to each of `pictures`, (n, 1, 28, 28) uint8.

    `own` (n,) int64 says where in the pool each picture itself lies, which then does not count. The distances are
    exact for at most 28x28 pixels: 0 means that the pool has the very same picture.
    """
    pictures, pool = pictures.flatten(1), pool.flatten(1)
    # Around 0, no sum of products of these whole numbers reaches 2^24: float32 makes no rounding error.
    centred = pictures.float() - 128
    best = torch.full((len(pictures),), torch.inf, device=pictures.device)
    places = torch.zeros(len(pictures), dtype=torch.int64, device=pictures.device)
    for offset in range(0, len(pool), POOL_CHUNK):
        candidates = pool[offset : offset + POOL_CHUNK].float() - 128
        half_norms = candidates.square().sum(1) / 2
        for start in range(0, len(pictures), CHUNK):
            rows = slice(start, start + CHUNK)
            # |x - c|^2 / 2 - |x|^2 / 2, which orders the candidates c as the distance does.
            table = torch.addmm(half_norms, centred[rows], candidates.T, alpha=-1)
            if own is not None:
                column = own[rows].to(table.device) - offset
                here = ((column >= 0) & (column < len(candidates))).nonzero().squeeze(1)
                table[here, column[here]] = torch.inf
            least, column = table.min(1)
            nearer = least < best[rows]
            best[rows] = torch.where(nearer, least, best[rows])
            places[rows] = torch.where(nearer, column + offset, places[rows])
    squared = 2 * best.cpu().double() + centred.cpu().double().square().sum(1)
    return Nearest(squared.sqrt() / 255, places.cpu())


@dataclass(frozen=True)
class TrainingPicture:
    """The training picture that is nearest to another one."""

    pixels: Tensor  # (28, 28) uint8
    label: int | None  # what it shows
    distance: float  # Euclidean, over 784 pixels from 0 to 1
    farther: float  # the share of real test pictures that are farther from theirs


class TrainingPictures:
    """The training pictures of a data set, among which the nearest to a given one is looked for.

    Without test pictures, what a distance is worth is told by the pool itself: from PROBES of it to the nearest other.
    """

    def __init__(self, train: data.Split, test: data.Split | None) -> None:
        self.train = train
        own = None
        if test is None:
            own = torch.arange(0, len(train.images), max(1, len(train.images) // PROBES))[:PROBES]
        probes = train.images[own] if test is None else test.images[:PROBES]
        self.test_distances = nearest(probes, train.images, own).distances  # (PROBES,) of real test pictures

    def __len__(self) -> int:
        return len(self.train.images)

    def nearest(self, pixels: Tensor) -> TrainingPicture:
        """The training picture that is nearest to one picture, (28, 28) uint8."""
        (distance,), (place,) = (found.tolist() for found in nearest(pixels[None, None], self.train.images))
        label = None if self.train.labels is None else int(self.train.labels[place])
        farther = float((self.test_distances > distance).double().mean())
        return TrainingPicture(self.train.images[place].squeeze(0), label, distance, farther)


def is_here(dataset: str) -> bool:
    """Whether a data set lies on this machine: nothing is ever downloaded for a comparison."""
    source = data.SOURCES.get(dataset)
    return source is not None and all((data.default_data_dir() / file).exists() for file in source.files)


def training_pictures(dataset: str) -> TrainingPictures | None:
    """The training pictures of a data set; None if it is not on this machine, or cannot be read."""
    if not is_here(dataset):
        return None
    with _LOADING:  # one at a time: the second asks for what the first has read
        return _load(dataset)


@functools.cache
def shipped_digits() -> TrainingPictures:
    """The real test digits that ship with the project, where no data set is on the disk."""
    sheet = real_digits.sheet()
    return TrainingPictures(data.Split(sheet.images, sheet.labels), None)


@functools.lru_cache(maxsize=1)
def _load(dataset: str) -> TrainingPictures | None:
    try:
        return TrainingPictures(data.load(dataset), data.load(dataset, train=False))
    except UserError:
        return None
