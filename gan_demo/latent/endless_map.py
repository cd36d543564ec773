"""The endless map: a plane of latents. Two coordinates and the seed of a world are a latent z ~ N(0, I).

Every point with whole coordinates has a latent of its own, drawn from a seed that is a hash of the point and the
world. Between them the latent is blended from the four corners around it. x grows to the right, y downwards.
"""

import hashlib
import struct
from collections.abc import Sequence

import torch
from torch import Tensor

from gan_demo.errors import UserError
from gan_demo.gan import GAN, MAX_SEED, Labels

LIMIT = 1_000_000  # the greatest coordinate, either way
DECIMALS = 6  # of a coordinate: 1/64, the finest step of the page's map, has as many
_CORNERS = torch.tensor([[0, 0], [1, 0], [0, 1], [1, 1]])


def seed(x: int, y: int, world: int) -> int:
    """The seed of the point (x, y) of a world, 0 to MAX_SEED: 63 bits of BLAKE2b, the same on every machine."""
    digest = hashlib.blake2b(struct.pack("<qqQ", x, y, world), digest_size=8).digest()
    return int.from_bytes(digest, "little") & MAX_SEED


def latents(gan: GAN, world: int, points: Tensor | Sequence[tuple[float, float]]) -> Tensor:
    """The latents of points (n, 2), each x and y: (n, latent_dim) float32.

    Raises UserError for a point beyond LIMIT, or a world that is no seed.

    Corners are weighted as in bilinear interpolation, and the weights w divided by sqrt(sum w^2). A sum of
    independent N(0, I) so weighted is N(0, I) again: every point of the map is as likely as any sample. With
    weights that only add up to one, the middle between four corners would have half the standard deviation.
    """
    if not 0 <= world <= MAX_SEED:
        raise UserError(f"the seed of a world is a whole number from 0 to {MAX_SEED}, not {world}")
    places = torch.as_tensor(points, dtype=torch.float64).reshape(-1, 2)
    if not (places.abs() <= LIMIT).all():  # nor is NaN
        raise UserError(f"coordinates on the map are from -{LIMIT:,} to {LIMIT:,}")
    first = places.floor()
    right, down = (places - first).unbind(1)
    weights = torch.stack([(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down], 1)
    weights = weights / torch.linalg.vector_norm(weights, dim=1, keepdim=True)
    used = weights > 0
    corners, which = (first.long()[:, None] + _CORNERS)[used].unique(dim=0, return_inverse=True)
    at_corners = torch.cat([gan.latents(1, seed(x, y, world)).cpu() for x, y in corners.tolist()]).double()
    index = torch.zeros(used.shape, dtype=torch.int64).masked_scatter(used, which)
    return (weights[..., None] * at_corners[index]).sum(1).float().to(gan.device)


def sample(
    gan: GAN,
    world: int,
    points: Tensor | Sequence[tuple[float, float]],
    truncation: float = 1.0,
    labels: Labels = None,
    towards: str | None = None,
) -> Tensor:
    """The pictures at points of the map: (n, 2) -> (n, 1, 28, 28) in [-1, 1]; `towards` as in `GAN.truncate`."""
    return gan.generate(gan.truncate(latents(gan, world, points), truncation, towards), labels)


def grid(x: float, y: float, step: float, columns: int, rows: int) -> Tensor:
    """Points row by row, `step` apart, the first at (x, y): (rows * columns, 2) float64."""
    down, right = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.stack([x + right.double() * step, y + down.double() * step], -1).reshape(-1, 2)
