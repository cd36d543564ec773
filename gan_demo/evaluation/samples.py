"""Pictures that are measured: a GAN's samples, rounded to 8 bits as people see them, and real ones chosen at random."""

import torch
from torch import Tensor

from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.pixels import batches, from_pixels, to_pixels

# Far from the small numbers that people type: nobody has looked at these samples or chosen by them.
SEED = 20_140_610
LIGHT_SAMPLES = 2_000  # of an evaluation along a training


def draw(gan: GAN, n: int, seed: int = SEED, asked: Tensor | None = None, truncation: float = 1.0) -> Tensor:
    """`n` samples as people would see them: (n, 1, 28, 28) uint8; raises UserError where they are no numbers.

    A conditional model draws the classes `asked`, (n,) int64, or without them the digits `asked_for`.
    """
    z, asked = gan.latents(n, seed, truncation), asked_for(gan, n) if asked is None else asked
    drawn = [gan.generate(z[rows], None if asked is None else asked[rows]) for rows in batches(n)]
    if not all(batch.isfinite().all() for batch in drawn):
        raise UserError("some samples of the generator hold NaN or infinite values")
    return torch.cat([to_pixels(batch) for batch in drawn])


def scores(gan: GAN, pixels: Tensor, asked: Tensor | None = None) -> Tensor:
    """D's raw outputs for pictures (n, 1, 28, 28) uint8, by a conditional D as the classes `asked`: (n,) float64."""
    rows = batches(len(pixels))
    scored = [gan.score(from_pixels(pixels[some]), None if asked is None else asked[some]) for some in rows]
    return torch.cat(scored).cpu().double()


def asked_for(gan: GAN, n: int) -> Tensor | None:
    """The digits that a conditional model is asked for in n samples: 0 to 9 in turn, (n,) int64; else None."""
    return torch.arange(n) % gan.config.classes if gan.config.classes else None


def choose(n: int, count: int) -> Tensor:
    """`count` of the numbers below `n` in random order, always the same ones: (count,) int64."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(SEED))[:count]
