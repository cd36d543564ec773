"""Pixels: 0..255 as pictures are stored, and -1..1 as networks draw and see them, some pictures at a time."""

from collections.abc import Iterator

import torch
from torch import Tensor


def to_pixels(images: Tensor) -> Tensor:
    """Convert [-1, 1] floats to 0..255 uint8, rounded to nearest."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def from_pixels(pixels: Tensor) -> Tensor:
    """Convert 0..255 uint8 to [-1, 1] float32."""
    return pixels.float() / 127.5 - 1


def batches(n: int, most: int = 500) -> Iterator[slice]:
    """The rows 0 to n, `most` at a time: pictures that are in a network at once."""
    for start in range(0, n, most):
        yield slice(start, start + most)
