"""Measures of a set of generated pictures: pure functions of features, pixels and class labels.

Features are (n, d) tensors, one row a picture, from any network that stays the same; pixels are uint8
pictures. The sums are done on the CPU in float64, a few hundred rows at a time.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

# Rows of a table of distances that are in memory at once, and columns, of pictures: such a table stays in a processor's
# cache, and is made a fifth faster than one of 500 rows and 10,000 columns.
CHUNK, POOL_CHUNK = 250, 2_000


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


def precision_recall(real: Tensor, fake: Tensor, k: int = 5) -> tuple[float, float]:
    """How much of `fake` lies where `real` is, and the other way round: Kynkäänniemi 2019, equations 1 and 2.

    Where a set is: within a ball around each of its points that reaches to the k-th nearest other one.
    Precision falls when digits are malformed, recall when some kinds of digits are never drawn.
    """
    real, fake = real.cpu().double(), fake.cpu().double()
    radii_real, radii_fake = _radii(real, k), _radii(fake, k)
    fake_is_inside = torch.zeros(len(fake), dtype=torch.bool)
    real_is_inside = torch.zeros(len(real), dtype=torch.bool)
    for rows, distances in _distances(real, fake):
        fake_is_inside |= (distances <= radii_real[rows, None]).any(0)
        real_is_inside[rows] = (distances <= radii_fake).any(1)
    return fake_is_inside.double().mean().item(), real_is_inside.double().mean().item()


def density_coverage(real: Tensor, fake: Tensor, k: int = 5) -> tuple[float, float]:
    """Naeem 2020, section 3.2, with the balls of `precision_recall` around the real points only.

    Density is the mean number of balls that a fake point lies in, over k: unlike precision it does not
    trust a single outlier's wide ball; it is 1 for equal distributions and can be more. Coverage is the
    share of balls that hold a fake point, about 1 - 2^-k for two equally large sets of one distribution.
    """
    real, fake = real.cpu().double(), fake.cpu().double()
    radii = _radii(real, k)
    pairs = covered = 0
    for rows, distances in _distances(real, fake):
        inside = distances <= radii[rows, None]
        pairs += inside.sum().item()
        covered += inside.any(1).sum().item()
    return pairs / (k * len(fake)), covered / len(real)


def _radii(points: Tensor, k: int) -> Tensor:
    """(n, d) -> (n,): from each point to its k-th nearest other one."""
    if len(points) <= k:
        raise ValueError(f"{len(points)} points have no {k}th nearest neighbours")
    # Each point is nearest to itself, so the k-th other one is number k + 1.
    nearest = [distances.topk(k + 1, largest=False).values[:, -1] for _, distances in _distances(points, points)]
    return torch.cat(nearest)


def _distances(a: Tensor, b: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """The (len(a), len(b)) table of Euclidean distances, some rows at a time, each with their place."""
    for start in range(0, len(a), CHUNK):
        rows = slice(start, min(start + CHUNK, len(a)))
        yield rows, torch.cdist(a[rows], b)


def class_shares(classes: Tensor, count: int = 10) -> list[float]:
    """(n,) int64 below `count` -> the share of each class."""
    return (torch.bincount(classes.cpu(), minlength=count).double() / len(classes)).tolist()


def kl_from_uniform(shares: list[float]) -> float:
    """KL(shares || uniform) in nats: 0 for equal shares, log(count) where one class has all."""
    p = torch.tensor(shares, dtype=torch.float64)
    return torch.special.xlogy(p, p * len(p)).sum().item()


def nearest_distances(pictures: Tensor, pool: Tensor, own: Tensor | None = None) -> Tensor:
    """From each picture to the nearest of `pool`: (n,) float64 on the CPU, L2 with black 0 and white 1.

    Both are uint8 of at most 28x28 pixels. `own` (n,) int64 says where in the pool each picture itself
    lies, which then does not count. The result is exact: 0 means that the pool has the very same picture.
    """
    pictures, pool = pictures.flatten(1), pool.flatten(1)
    # Around 0, no sum of products of these whole numbers reaches 2^24: float32 makes no rounding error.
    centred = pictures.float() - 128
    best = torch.full((len(pictures),), torch.inf, device=pictures.device)
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
            best[rows] = torch.minimum(best[rows], table.amin(1))
    squared = 2 * best.cpu().double() + centred.cpu().double().square().sum(1)
    return squared.sqrt() / 255
