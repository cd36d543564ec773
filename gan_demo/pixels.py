"""Pixels: 0..255 as pictures are stored, and -1..1 as networks draw and see them, some pictures at a time."""

from collections.abc import Iterator

import torch
from torch import Tensor

LIGHT = 192  # grey; where the ground of a picture is lighter, its ink is dark


def to_pixels(images: Tensor) -> Tensor:
    """Convert [-1, 1] floats to 0..255 uint8, rounded to nearest."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def from_pixels(pixels: Tensor) -> Tensor:
    """Convert 0..255 uint8 to [-1, 1] float32."""
    return pixels.float() / 127.5 - 1


def ground(pictures: Tensor) -> Tensor:
    """What is around the drawing on each picture, the median of its rim: (n, ..., height, width) -> (n,)."""
    rim = (pictures[..., 0, :], pictures[..., -1, :], pictures[..., 1:-1, 0], pictures[..., 1:-1, -1])
    return torch.cat([side.flatten(1) for side in rim], dim=1).median(dim=1).values


def batches(n: int, most: int = 500) -> Iterator[slice]:
    """The rows 0 to n, `most` at a time: pictures that are in a network at once."""
    for start in range(0, n, most):
        yield slice(start, start + most)
