"""The endless map: what a point's latent is, that it is the prior everywhere, and the same on every machine."""

import math

import numpy as np
import pytest
import torch
from helpers.gans import small_gan

from gan_demo import UserError
from gan_demo.gan import MAX_SEED
from gan_demo.latent import endless_map

WIDE = 64  # numbers in a latent, as the models that ship have


@pytest.fixture(scope="module")
def gan():
    return small_gan("mlp", latent_dim=WIDE)


def test_seeds_are_the_same_for_ever():
    # Worked out apart: int.from_bytes(blake2b(x, y, world as little-endian 64-bit numbers)) without its top bit.
    wanted = {
        (0, 0, 42): 8671739041176406248,
        (-1, 3, 42): 5043508886199967213,
        (1_000_000, -1_000_000, 2**63 - 1): 8214013376601975292,
    }
    assert {point: endless_map.seed(*point) for point in wanted} == wanted
    points = [(x, y, world) for x in range(-9, 10) for y in range(-9, 10) for world in (0, 1)]
    seeds = {endless_map.seed(*point) for point in points}
    assert len(seeds) == len(points)
    assert all(0 <= seed <= MAX_SEED for seed in seeds)


def test_a_whole_point_is_its_seeded_latent_bit_for_bit(gan):
    points = [(0, 0), (-3, 7), (endless_map.LIMIT, -endless_map.LIMIT)]
    wanted = torch.cat([gan.latents(1, endless_map.seed(x, y, 5)) for x, y in points])
    assert torch.equal(endless_map.latents(gan, 5, points), wanted)


def test_between_points_it_is_the_weighted_sum_of_the_corners(gan):
    x, y = -2.75, 3.5  # a quarter of the way right, half of the way down
    corner = {
        (right, down): gan.latents(1, endless_map.seed(-3 + right, 3 + down, 9))[0].double()
        for right in (0, 1)
        for down in (0, 1)
    }
    weights = {(0, 0): 0.375, (1, 0): 0.125, (0, 1): 0.375, (1, 1): 0.125}
    wanted = sum(weights[at] * corner[at] for at in corner) / math.sqrt(2 * 0.375**2 + 2 * 0.125**2)
    assert torch.allclose(endless_map.latents(gan, 9, [(x, y)])[0].double(), wanted, atol=1e-6)


def test_every_point_is_distributed_as_the_prior(gan):
    """4,000 cells, one point in each, anywhere in it: independent draws of N(0, I) if the weights are right."""
    n = 4000
    random = np.random.default_rng(3)
    cells = np.stack(np.meshgrid(np.arange(80) * 2, np.arange(50) * 2), -1).reshape(-1, 2)
    z = endless_map.latents(gan, 1, torch.from_numpy(cells + random.random((n, 2)))).double().numpy()
    count = z.size
    assert abs(z.mean()) < 5 / math.sqrt(count)
    assert abs(z.var() - 1) < 5 * math.sqrt(2 / count)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / count)  # as a normal's
    # No direction is wider than another: the covariance is I.
    covariance = z.T @ z / n
    off = covariance[~np.eye(WIDE, dtype=bool)]
    assert abs(off).max() < 6 / math.sqrt(n)
    # The norm is that of a chi distribution with 64 degrees of freedom: its mean is this.
    mean = math.sqrt(2) * math.exp(math.lgamma((WIDE + 1) / 2) - math.lgamma(WIDE / 2))
    norms = np.linalg.norm(z, axis=1)
    assert abs(norms.mean() - mean) < 5 * math.sqrt(0.5 / n)
    assert abs(norms.var() - (WIDE - mean**2)) < 0.1


@pytest.mark.parametrize("place", [(0.5, 0.5), (0.5, 0.0), (0.25, 0.75), (0.01, 0.5)])
def test_no_place_in_a_cell_is_nearer_to_the_middle_of_the_prior(gan, place):
    cells = torch.stack(torch.meshgrid(torch.arange(30) * 2, torch.arange(30) * 2, indexing="ij"), -1).reshape(-1, 2)
    z = endless_map.latents(gan, 8, cells + torch.tensor(place)).double()
    assert abs(float(z.var()) - 1) < 5 * math.sqrt(2 / z.numel())


def test_it_is_continuous_across_the_edges_of_cells(gan):
    step = 1e-6
    for x, y in ((2, 0.3), (0.4, -1), (-5, -5)):
        near = [(x - step, y), (x + step, y), (x, y - step), (x, y + step)]
        z = endless_map.latents(gan, 2, [(x, y), *near])
        assert (z[1:] - z[:1]).abs().max() < 1e-4


def test_each_point_is_the_same_alone_and_among_others(gan):
    points = endless_map.grid(-1.5, 2, 0.25, 5, 3)
    assert points.shape == (15, 2)
    assert points[6].tolist() == [-1.25, 2.25]
    together = endless_map.latents(gan, 3, points)
    alone = torch.cat([endless_map.latents(gan, 3, point[None]) for point in points])
    assert torch.equal(together, alone)


def test_worlds_differ(gan):
    a, b = (endless_map.latents(gan, world, [(0.5, 0.5)]) for world in (1, 2))
    assert not torch.allclose(a, b)


def test_pictures_and_truncation(gan):
    point = [(0.5, 2.25)]
    wanted = gan.generate(endless_map.latents(gan, 1, point) * 0.5)
    assert torch.equal(endless_map.sample(gan, 1, point, 0.5), wanted)
    assert torch.equal(endless_map.sample(gan, 1, point), gan.generate(endless_map.latents(gan, 1, point)))


def test_pictures_of_a_class():
    gan = small_gan("mlp", classes=10)
    point = [(0.5, 2.25), (3, 1)]
    wanted = gan.generate(endless_map.latents(gan, 1, point), [4, 7])
    assert torch.equal(endless_map.sample(gan, 1, point, labels=[4, 7]), wanted)


def test_worlds_are_seeds(gan):
    for world in (0, MAX_SEED):
        assert endless_map.latents(gan, world, [(0, 0)]).shape == (1, WIDE)
    for world in (-1, MAX_SEED + 1):
        with pytest.raises(UserError, match="the seed of a world"):
            endless_map.latents(gan, world, [(0, 0)])


@pytest.mark.parametrize(
    "point", [(endless_map.LIMIT + 1, 0), (0, -endless_map.LIMIT - 0.5), (math.nan, 0), (0, math.inf)]
)
def test_beyond_the_edge_is_refused(gan, point):
    with pytest.raises(UserError, match="coordinates"):
        endless_map.latents(gan, 1, [point])
