"""Measures of the ink on a picture: slant, stroke width, size, roundness. Pure functions of pixels.

Pictures are (n, 28, 28) or (n, 1, 28, 28) uint8, ink white on black, or black on light ground, and a grey pixel is
that much ink. The first, third and last measure come from moments: where the ink lies on average, and how it spreads
around that. Each result is (n,) float64 on the CPU; a blank picture has 0 of everything.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gan_demo.pixels import LIGHT, ground

PIXEL = 1 / 12  # variance of the place within a pixel: a pixel is a square, not a point


def of(pixels: Tensor) -> Tensor:
    """The ink of each pixel, from 0 to 1: (n, 28, 28) float64; what is that already is given back."""
    if pixels.is_floating_point():
        return pixels
    light = pixels.reshape(-1, *pixels.shape[-2:]).cpu().double() / 255
    return torch.where(ground(light).view(-1, 1, 1) >= LIGHT / 255, 1 - light, light)


def slant(pixels: Tensor) -> Tensor:
    """How far strokes lean, in degrees: positive to the right at the top, as italics do; 0 for symmetric shapes.

    The angle of the shear that would make the ink upright: the regression of x on y, with which LeCun 1998
    (section III.A) deskews MNIST. A bar that is sheared by an angle has that angle.
    """
    _, yy, xy = _covariance(of(pixels))
    return torch.atan2(-xy, yy) * (180 / math.pi)  # y points down


def width(pixels: Tensor) -> Tensor:
    """The mean width of the strokes in pixels, 2 A / P for the area A of the ink and the length P of its outline.

    The outline is the total variation of the picture. A bar has w l / (w + l), a little less than its width w
    because its ends count as outline; a ring has its width, and a disc its radius.
    """
    ink = torch.nn.functional.pad(of(pixels), (1, 1, 1, 1))
    # Differences at the corners between pixels: an outline is then as long along one diagonal as along the other.
    down, right = (ink.diff(dim=a).unfold(b, 2, 1).mean(-1) for a, b in ((1, 2), (2, 1)))
    return _over(2 * ink.sum((1, 2)), torch.hypot(down, right).sum((1, 2)))


def size(pixels: Tensor) -> Tensor:
    """The radius of gyration in pixels: the root of the ink's mean squared distance from its centre.

    r / sqrt(2) for a disc of radius r, r for a thin ring, sqrt((w^2 + l^2) / 12) for a bar.
    """
    xx, yy, _ = _covariance(of(pixels))
    return (xx + yy).sqrt()


def roundness(pixels: Tensor) -> Tensor:
    """The ink's shorter principal axis over the longer: 1 for a disc, a ring and a square, w / l for a bar."""
    xx, yy, xy = _covariance(of(pixels))
    # The eigenvalues of the covariance lie as far above their mean as below it.
    mean, half_gap = (xx + yy) / 2, torch.hypot((xx - yy) / 2, xy)
    return _over((mean - half_gap).clamp(min=0), mean + half_gap).sqrt()


MEASURES: dict[str, Callable[[Tensor], Tensor]] = {
    "slant": slant,
    "width": width,
    "size": size,
    "roundness": roundness,
}


def measure(pixels: Tensor) -> Tensor:
    """All of MEASURES side by side: (n, 4) float64."""
    found = of(pixels)  # once for all of them
    return torch.stack([function(found) for function in MEASURES.values()], dim=1)


def _covariance(ink: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The variances of the ink's place across and down, and their covariance, in square pixels."""
    mass = ink.sum((1, 2))
    y, x = (torch.arange(length, dtype=ink.dtype, device=ink.device) for length in ink.shape[1:])
    across, down = ink.sum(1), ink.sum(2)
    mean_x, mean_y = _over(across @ x, mass), _over(down @ y, mass)
    off_x, off_y = x - mean_x[:, None], y - mean_y[:, None]
    xx = _over((across * off_x.square()).sum(1), mass) + PIXEL * (mass > 0)
    yy = _over((down * off_y.square()).sum(1), mass) + PIXEL * (mass > 0)
    return xx, yy, _over(torch.einsum("nyx,ny,nx->n", ink, off_y, off_x), mass)


def _over(a: Tensor, b: Tensor) -> Tensor:
    """a / b, and 0 where b is 0."""
    return torch.where(b > 0, a / b.clamp(min=torch.finfo(b.dtype).tiny), torch.zeros_like(a))
