"""Saliency: which pixels of a picture speak for it and against it, and how to change them so that D is convinced.

Both questions follow the gradient of D's raw output D(x) in the pixels x, in [-1, 1]: where it is positive, a brighter
pixel makes the picture more real to D, and where it is negative, a darker one does.
"""

import functools
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_demo.gan import GAN, Labels
from gan_demo.pixels import from_pixels, to_pixels

SAMPLES, NOISE = 16, 0.15  # of SmoothGrad; its paper finds 10 to 20 % of noise the clearest (section 3.2.1)
STEPS, LENGTH = 8, 2.0  # of an ascent; a length of 2 turns one pixel from black to white
HALVINGS = 6  # before a step gives up: the picture is at a maximum, as far as 8 bits can tell


def input_gradient(gan: GAN, images: Tensor, labels: Labels = None) -> Tensor:
    """Compute the gradient of D's raw output in each picture: (n, channels, height, width) -> the same shape.

    The pictures are in [-1, 1]. A conditional D is asked about the digits in `labels`. Other pictures of the batch play
    no part.
    """
    with torch.inference_mode(False), torch.enable_grad():
        x = images.detach().to(gan.device).clone().requires_grad_()
        outputs = gan.discriminator(x, gan.labels(labels, len(x)))
        return torch.autograd.grad(outputs.sum(), x)[0]


def smoothgrad(
    gan: GAN, image: Tensor, label: int | None = None, samples: int = SAMPLES, noise: float = NOISE, seed: int = 0
) -> Tensor:
    """Compute SmoothGrad: the mean gradient over `samples` noisy copies of one picture, (1, 28, 28) -> (1, 28, 28).

    A network's gradient jumps from pixel to pixel; its mean over the neighbourhood shows what D looks at
    (Smilkov et al. 2017, section 3). `noise` is the standard deviation as a share of the range of values, 2.
    Equal seeds give equal noise.
    """
    copies = image.cpu() + 2 * noise * _noise((samples, *image.shape), image.dtype, seed)
    return input_gradient(gan, copies, label).mean(0)


@functools.lru_cache(maxsize=4)
def _noise(shape: tuple[int, ...], dtype: torch.dtype, seed: int) -> Tensor:
    """Standard normal numbers, the same for each movement of a pen."""
    with torch.inference_mode(False):
        return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


class Step(NamedTuple):
    """A picture on the way up."""

    pixels: np.ndarray  # (28, 28) uint8
    output: float  # D's raw output for exactly these pixels


def ascend(
    gan: GAN, pixels: np.ndarray, label: int | None = None, steps: int = STEPS, length: float = LENGTH
) -> list[Step]:
    """Climb D's raw output from a picture, (28, 28) uint8; returns the steps without the start, each above the last.

    Projected gradient ascent: x <- clip(x + length * g / |g|), rounded to 8 bits. A step that does not raise the
    output is halved until it does; when none does, the climb ends, so there may be fewer than `steps`.
    """
    x = from_pixels(torch.from_numpy(np.ascontiguousarray(pixels))[None, None])
    reached, found = float(gan.score(x, label)), []
    for _ in range(steps):
        slope = input_gradient(gan, x, label).cpu()
        size = float(slope.norm())
        if not size > 0:  # flat, or not a number
            break
        # All lengths at once: one pass through D is as quick as several.
        lengths = length / 2.0 ** torch.arange(HALVINGS, dtype=x.dtype)
        tries = to_pixels((x + lengths.view(-1, 1, 1, 1) * (slope / size)).clamp(-1, 1))
        outputs = gan.score(from_pixels(tries), label).tolist()
        taken = next((index for index, output in enumerate(outputs) if output > reached), None)
        if taken is None:
            break
        x, reached = from_pixels(tries[taken : taken + 1]), outputs[taken]
        found.append(Step(tries[taken, 0].numpy(), reached))
    return found
