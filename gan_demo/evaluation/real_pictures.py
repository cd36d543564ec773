"""Real pictures that samples are compared with, and all figures of a set of pictures beside them.

What is computed of the real pictures alone is the same for every model and comes from the cache, if there is one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_demo import classifier, data
from gan_demo.errors import UserError
from gan_demo.evaluation import cache, metrics, samples
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.neighbours import nearest
from gan_demo.pixels import batches, from_pixels

NEIGHBOURS = 5  # k of precision, recall, density and coverage
NEAR = 0.01  # share of real test pictures that count as near duplicates


class RealFeatures(NamedTuple):
    """What the classifier sees in real test pictures, on the CPU."""

    features: Tensor  # (n, 96) float32
    radii: Tensor  # (n,) float64: from each to its NEIGHBOURS-th nearest other one

    @classmethod
    def of(cls, pixels: Tensor) -> "RealFeatures":
        """Read the features of (n, 1, 28, 28) uint8 pictures."""
        features, _ = classify(pixels)
        return cls(features, metrics.radii(features, NEIGHBOURS))

    def figures(self, features: Tensor) -> dict[str, float]:
        """How the features (m, 96) of other pictures lie among these."""
        neighbourhoods = metrics.neighbourhoods(self.features, features, NEIGHBOURS, self.radii)
        figures = {"frechet_distance": metrics.frechet_distance(self.features, features), **neighbourhoods._asdict()}
        return {name: rounded(value) for name, value in figures.items()}


@dataclass(frozen=True)
class RealPictures:
    """The pictures of a data set, as far as other pictures are compared with them."""

    test: RealFeatures  # of n test pictures
    train: Tensor  # (m, 1, 28, 28) uint8, all of the training set
    near: float  # pixel distance to another real test picture that all but 1 % of them keep
    unseen: float  # median pixel distance of a real test picture to the nearest training picture
    has_digits: bool

    def figures(self, pixels: Tensor, own: Tensor | None = None, asked: Tensor | None = None) -> dict[str, Any]:
        """All figures of (n, 1, 28, 28) uint8 pictures; `own` are their places in the training set, if any.

        `asked` (n,) int64 are the digits they are meant to be; the share on which the classifier agrees is
        the GAN-test accuracy (Shmelkov 2018, section 3.2).
        """
        features, classes = classify(pixels)
        figures: dict[str, Any] = self.test.figures(features)
        if self.has_digits:
            shares = metrics.class_shares(classes)
            figures["class_histogram"] = [rounded(share) for share in shares]
            figures["class_kl"] = rounded(metrics.kl_from_uniform(shares))
            if asked is not None:
                figures["gan_test"] = _share(classes == asked)
        between = _distances_among(pixels)
        figures["exact_duplicates"] = _share(between == 0)
        figures["near_duplicates"] = _share(between <= self.near)
        median = nearest(pixels, self.train, own).distances.quantile(0.5).item()
        figures["nearest_train_median"] = rounded(median)
        # Where most test pictures are in the training set too, copying is what unseen pictures do.
        figures["nearest_train_ratio"] = rounded(median / self.unseen) if self.unseen else 1.0
        return figures


def compared_with(
    dataset: str, train: data.Split, test: data.Split, n: int, device: torch.device, place: Path | None = None
) -> tuple[RealPictures, dict[str, Any]]:
    """What n samples are compared with, and the floor: the figures of n real training pictures.

    The floor of digits with labels has their GAN-test accuracy. `place` is the folder of the cache. Raises UserError
    where n is too small.
    """
    check_count(n)
    has_digits = dataset in data.DIGIT_DATASETS
    images = train.images.to(device)

    def pictures(content: cache.Content) -> RealPictures:
        near, unseen = content.figures["near"], content.figures["unseen"]
        return RealPictures(RealFeatures(**content.tensors), images, near, unseen, has_digits)

    def compute() -> cache.Content:
        chosen = test.images[samples.choose(len(test.images), n)].to(device)
        features = RealFeatures.of(chosen)
        distances = {
            "near": _distances_among(chosen).quantile(NEAR).item(),
            "unseen": nearest(chosen, images).distances.quantile(0.5).item(),
        }
        own = samples.choose(len(images), n)
        real = pictures(cache.Content(distances, features._asdict()))
        floor = real.figures(images[own.to(device)], own, None if train.labels is None else train.labels[own])
        return cache.Content({**distances, "floor": floor}, features._asdict())

    content = cache.kept(place, cache.key("real-pictures", device, train, test, samples=n, digits=has_digits), compute)
    return pictures(content), content.figures["floor"]


def check_count(n: int) -> None:
    """Raise UserError where n pictures are too few to have NEIGHBOURS others."""
    if n <= NEIGHBOURS:
        raise UserError(f"evaluation compares more than {NEIGHBOURS} pictures with as many, and there are {n}")


@torch.inference_mode()
def classify(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The classifier's features (n, 96) float32 and the digits that it reads (n,) int64, on the CPU."""
    network = classifier.load_classifier(str(pixels.device))
    features = torch.cat([network.features(from_pixels(pixels[rows])) for rows in batches(len(pixels))])
    return features.cpu(), network.head(features).argmax(1).cpu()


def _distances_among(pixels: Tensor) -> Tensor:
    """From each picture to the nearest other one."""
    return nearest(pixels, pixels, own=torch.arange(len(pixels))).distances


def _share(which: Tensor) -> float:
    return rounded(which.double().mean().item())
