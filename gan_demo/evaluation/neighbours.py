"""The nearest real picture: whether a generated one is new, or a training picture that was learned by heart.

The distance is Euclidean between pixels, black 0 and white 1: what anybody can check by hand. What it is worth
is told by the same distance of real test pictures, which no training has seen.
"""

import functools
import threading
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_demo import data
from gan_demo.errors import UserError
from gan_demo.evaluation import metrics

CHUNK = 10_000  # pictures compared at once
PROBES = 200  # real test pictures, the first of their file
_LOADING = threading.Lock()


@dataclass(frozen=True)
class Nearest:
    """The training picture that is nearest to another one."""

    pixels: Tensor  # (28, 28) uint8
    label: int | None  # what it shows
    distance: float  # Euclidean, over 784 pixels from 0 to 1
    farther: float  # the share of real test pictures that are farther from theirs


class Pool:
    """The training pictures of a data set."""

    def __init__(self, train: data.Split, test: data.Split) -> None:
        self.train = train
        own = metrics.nearest_distances(test.images[:PROBES], train.images)
        self.usual = own.sort().values  # (PROBES,) of real test pictures

    def __len__(self) -> int:
        return len(self.train.images)

    def nearest(self, pixels: Tensor) -> Nearest:
        """Of one picture, (28, 28) uint8."""
        picture = pixels.flatten().float()
        best = (torch.inf, 0)
        for start in range(0, len(self), CHUNK):
            candidates = self.train.images[start : start + CHUNK].flatten(1).float()
            # |x - c|^2 without the |x|^2 that all have; whole numbers below 2^53, and float32 may confuse
            # neighbours that are equally far to seven digits only.
            scores = candidates.square().sum(1) - 2 * candidates @ picture
            at = int(scores.argmin())
            best = min(best, (float(scores[at]), start + at))
        found = self.train.images[best[1]].squeeze(0)
        distance = float((found.double() - pixels.double()).norm() / 255)
        label = None if self.train.labels is None else int(self.train.labels[best[1]])
        farther = float((self.usual > distance).double().mean())
        return Nearest(found, label, distance, farther)


def is_here(dataset: str) -> bool:
    """Whether a data set lies on this machine: nothing is ever downloaded for a comparison."""
    source = data.SOURCES.get(dataset)
    return source is not None and all((data.default_data_dir() / file).exists() for file in source.files)


def pool(dataset: str) -> Pool | None:
    """The training pictures of a data set; None if it is not on this machine, or cannot be read."""
    if not is_here(dataset):
        return None
    with _LOADING:  # one at a time: the second asks for what the first has read
        return _load(dataset)


@functools.lru_cache(maxsize=1)
def _load(dataset: str) -> Pool | None:
    try:
        return Pool(data.load(dataset), data.load(dataset, train=False))
    except UserError:
        return None
