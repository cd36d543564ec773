"""Measures of a set of generated pictures: pure functions of features and class labels.

Features are (n, d) tensors, one row a picture, from any network that stays the same. The sums are done on the CPU in
float64, a few hundred rows at a time. Distances of pixels are those of neighbours.py.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

CHUNK = 250  # rows of a table of distances that are in memory at once


def frechet_distance(real: Tensor, fake: Tensor) -> float:
    """|m_r - m_f|^2 + tr(S_r + S_f - 2 (S_r S_f)^(1/2)) of the means m and covariances S of two sets.

    Heusel 2017, equation 6: the squared Wasserstein-2 distance of the Gaussians with these moments.
    """
    real, fake = real.cpu().double(), fake.cpu().double()
    difference = real.mean(0) - fake.mean(0)
    covariance_real, covariance_fake = real.T.cov(), fake.T.cov()
    # The trace of a square root is the sum of the square roots of the eigenvalues. Those of a product
    # of two covariances are real and not negative, but for rounding.
    eigenvalues = torch.linalg.eigvals(covariance_real @ covariance_fake).real.clamp(min=0)
    trace = covariance_real.trace() + covariance_fake.trace() - 2 * eigenvalues.sqrt().sum()
    return max(0.0, (difference.square().sum() + trace).item())


class Neighbourhoods(NamedTuple):
    """How two sets of points lie in each other; what each figure says is in `neighbourhoods`."""

    precision: float
    recall: float
    density: float
    coverage: float


def neighbourhoods(real: Tensor, fake: Tensor, k: int = 5, radii_real: Tensor | None = None) -> Neighbourhoods:
    """Precision and recall (Kynkäänniemi 2019, equations 1 and 2), density and coverage (Naeem 2020, section 3.2).

    Where a set is: within a ball around each of its points that reaches to the k-th nearest other one.
    Precision is the share of `fake` that lies where `real` is, recall the share of `real` that lies where `fake`
    is. Precision falls when digits are malformed, recall when some kinds of digits are never drawn.

    Density is the mean number of real balls that a fake point lies in, over k: unlike precision it does not
    trust a single outlier's wide ball; it is 1 for equal distributions and can be more. Coverage is the
    share of real balls that hold a fake point, about 1 - 2^-k for two equally large sets of one distribution.

    `radii_real` are the `radii` of `real`, if they are known. Raises ValueError where a set has at most k points.
    """
    real, fake = real.cpu().double(), fake.cpu().double()
    radii_real = radii(real, k) if radii_real is None else radii_real
    radii_fake = radii(fake, k)
    balls = torch.zeros(len(fake), dtype=torch.int64)  # how many real ones each fake point lies in
    recalled = covered = 0
    for rows, distances in _distances(real, fake):
        inside = distances <= radii_real[rows, None]
        balls += inside.sum(0)
        covered += int(inside.any(1).sum())
        recalled += int((distances <= radii_fake).any(1).sum())
    return Neighbourhoods(
        precision=(balls > 0).double().mean().item(),
        recall=recalled / len(real),
        density=balls.sum().item() / (k * len(fake)),
        coverage=covered / len(real),
    )


def radii(points: Tensor, k: int) -> Tensor:
    """From each point to its k-th nearest other one: (n, d) -> (n,) float64 on the CPU; ValueError if n <= k."""
    if len(points) <= k:
        raise ValueError(f"{len(points)} points have no {k}th nearest neighbours")
    points = points.cpu().double()
    # Each point is nearest to itself, so the k-th other one is number k + 1.
    return torch.cat(
        [distances.topk(k + 1, largest=False).values[:, -1] for _, distances in _distances(points, points)]
    )


def _distances(a: Tensor, b: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """The (len(a), len(b)) table of Euclidean distances, some rows at a time, each with their place."""
    for start in range(0, len(a), CHUNK):
        rows = slice(start, min(start + CHUNK, len(a)))
        yield rows, torch.cdist(a[rows], b)


def class_shares(classes: Tensor, count: int = 10) -> list[float]:
    """The share of each class: (n,) int64 below `count` -> `count` numbers."""
    return (torch.bincount(classes.cpu(), minlength=count).double() / len(classes)).tolist()


def kl_from_uniform(shares: list[float]) -> float:
    """KL(shares || uniform) in nats: 0 for equal shares, log(count) where one class has all."""
    p = torch.tensor(shares, dtype=torch.float64)
    return torch.special.xlogy(p, p * len(p)).sum().item()


def rounded(number: float) -> float:
    """A number to five significant digits, as metrics.json has them."""
    return float(f"{number:.5g}")
