"""The measures against hand-worked examples and slow, plain references in numpy."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import Tensor

from gan_demo.evaluation import metrics


def normal(n: int, d: int, seed: int) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def on_a_line(*places: float) -> Tensor:
    """Points in the plane, on a line that is none of the axes."""
    return torch.tensor(places, dtype=torch.float64)[:, None] * torch.tensor([0.6, 0.8], dtype=torch.float64)


# Fréchet distance


def test_frechet_distance_of_two_pairs_of_points():
    # Means 1 and 12, variances 2 and 8: 11^2 + 2 + 8 - 2 sqrt(2 * 8). The second coordinate is constant.
    real, fake = torch.tensor([[0.0, 5.0], [2.0, 5.0]]), torch.tensor([[10.0, 5.0], [14.0, 5.0]])
    assert metrics.frechet_distance(real, fake) == pytest.approx(123)


@pytest.mark.parametrize("n", [400, 9])  # with 9 points in 12 dimensions the covariances have no inverse
def test_frechet_distance_agrees_with_scipy(n):
    mixing = normal(12, 12, 0)
    real, fake = normal(n, 12, 1) @ mixing, normal(n + 50, 12, 2) * 1.3 + 0.4
    covariances = [np.cov(points.numpy(), rowvar=False) for points in (real, fake)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = ((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert metrics.frechet_distance(real, fake) == pytest.approx(expected.item(), rel=1e-6)
    assert metrics.frechet_distance(fake, real) == pytest.approx(expected.item(), rel=1e-6)


def test_frechet_distance_is_0_for_the_same_set_in_another_order():
    points = normal(300, 20, 3) * 10
    assert metrics.frechet_distance(points, points.flip(0)) == pytest.approx(0, abs=1e-8)


# Precision, recall, density, coverage


def test_neighbourhoods_on_a_line():
    real, fake = on_a_line(0, 1, 2, 3), on_a_line(1.5, 10)
    # With k = 1 each real ball has radius 1, each fake one 8.5. Of the samples only 1.5 is near real
    # points, and inside the two balls around 1 and 2; all real points are inside the ball around 1.5.
    assert metrics.neighbourhoods(real, fake, k=1) == (0.5, 1.0, 2 / (1 * 2), 2 / 4)


def test_a_point_is_not_its_own_neighbour():
    # With itself counted, the first neighbour would be at distance 0 and no ball would reach 0.4.
    assert metrics.neighbourhoods(on_a_line(0, 1), on_a_line(0.4, 0.4), k=1)[:2] == (1.0, 0.0)


def test_a_point_on_the_edge_of_a_ball_is_inside():
    # Radii are 1, and 2 is as far from the real 1 as 1 is from the generated 2.
    real, fake = torch.tensor([[0.0], [1.0]]), torch.tensor([[2.0], [3.0]])
    assert metrics.neighbourhoods(real, fake, k=1) == (0.5, 0.5, 0.5, 0.5)


def test_known_radii_are_taken_as_they_are():
    real, fake = on_a_line(0, 1, 2, 3), on_a_line(1.5, 10)
    none = metrics.neighbourhoods(real, fake, 1, torch.zeros(4, dtype=torch.float64))
    assert none == (0.0, 1.0, 0.0, 0.0)


def test_five_neighbours_unless_told_otherwise():
    real, fake = normal(60, 4, 4), normal(45, 4, 5) * 0.8 + 0.7
    five, six = (metrics.neighbourhoods(real, fake, k) for k in (5, 6))
    assert five[:2] != six[:2]
    assert five[2:] != six[2:]
    assert metrics.neighbourhoods(real, fake) == five


def brute_force(real: np.ndarray, fake: np.ndarray, k: int) -> tuple[float, float, float, float]:
    def distance(a, b):
        return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))

    def radius(points, index):
        return sorted(distance(points[index], p) for j, p in enumerate(points) if j != index)[k - 1]

    def inside(point, points, radii):
        return [distance(point, center) <= r for center, r in zip(points, radii, strict=True)]

    real_radii = [radius(real, i) for i in range(len(real))]
    fake_radii = [radius(fake, i) for i in range(len(fake))]
    in_real = np.array([inside(point, real, real_radii) for point in fake])  # (fake, real)
    in_fake = np.array([inside(point, fake, fake_radii) for point in real])
    return in_real.any(1).mean(), in_fake.any(1).mean(), in_real.sum() / (k * len(fake)), in_real.any(0).mean()


@pytest.mark.parametrize("k", [1, 5])
def test_neighbourhood_measures_agree_with_plain_loops(monkeypatch, k):
    monkeypatch.setattr(metrics, "CHUNK", 17)  # so that the last chunk is not whole
    real, fake = normal(60, 4, 4), normal(45, 4, 5) * 0.8 + 0.7
    expected = brute_force(real.numpy(), fake.numpy(), k)
    assert len(set(expected)) == 4  # else a mix-up could go unseen
    found = metrics.neighbourhoods(real, fake, k)
    assert found == pytest.approx(expected, abs=1e-12)
    assert metrics.neighbourhoods(real, fake, k, metrics.radii(real, k)) == found


def test_two_sets_of_one_distribution_have_the_coverage_that_the_docstring_says():
    found = metrics.neighbourhoods(normal(2000, 3, 6), normal(2000, 3, 7), k=3)
    assert found.coverage == pytest.approx(1 - 2**-3, abs=0.02)


def test_too_few_points_for_k_neighbours():
    with pytest.raises(ValueError, match="5 points have no 5th"):
        metrics.neighbourhoods(normal(5, 2, 0), normal(9, 2, 1), k=5)


# Classes


def test_class_shares():
    assert metrics.class_shares(torch.tensor([1, 1, 3, 0]), count=5) == [0.25, 0.5, 0, 0.25, 0]
    assert metrics.class_shares(torch.tensor([9])) == [0] * 9 + [1]
    assert metrics.class_shares(torch.tensor([0])) == [1] + [0] * 9


@pytest.mark.parametrize(
    ("shares", "nats"), [([0.1] * 10, 0), ([0, 1] + [0] * 8, math.log(10)), ([0.5, 0.5] + [0] * 8, math.log(5))]
)
def test_kl_from_uniform(shares, nats):
    assert metrics.kl_from_uniform(shares) == pytest.approx(nats, abs=1e-12)


def test_five_digits_are_kept():
    assert [metrics.rounded(x) for x in (1234567.0, -0.000123456, 0.5)] == [1234600.0, -0.00012346, 0.5]
