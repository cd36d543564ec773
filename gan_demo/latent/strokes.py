"""Loops and ends of the strokes on a picture, by its lines of one pixel. Pictures as in ink.py: (n, 28, 28) uint8."""

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_demo.latent import ink

INK = 128 / 255  # as much of it makes a pixel one of the stroke
# The eight around a pixel, from the one above clockwise: bit k of its surroundings is the k-th.
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
IN_A_PICTURE = np.stack([np.zeros((3, 3)), ndimage.generate_binary_structure(2, 1), np.zeros((3, 3))])


def loops(pixels: Tensor) -> Tensor:
    """How many loops each picture has, areas of background that ink encloses: (n,) float64; 2 for an 8."""
    ground = np.pad(~_ink(pixels), ((0, 0), (1, 1), (1, 1)), constant_values=True)
    areas, count = ndimage.label(ground, IN_A_PICTURE)
    owner = np.zeros(count + 1, np.int64)
    owner[areas.reshape(len(areas), -1)] = np.arange(len(areas))[:, None]
    found = np.bincount(owner[1:], minlength=len(areas)) - 1  # one is the outside
    return torch.from_numpy(found).double()


def ends(pixels: Tensor) -> Tensor:
    """How many ends the strokes of each picture have: (n,) float64; 2 for a 1, 0 for a ring."""
    lines = thinned(_ink(pixels))
    return torch.from_numpy((lines & END[_around(lines)]).sum((1, 2))).double()


def thinned(stroke: np.ndarray) -> np.ndarray:
    """Make lines of one pixel of strokes: (n, h, w) bool -> the same (Zhang and Suen 1984)."""
    lines, left = stroke.copy(), -1
    while (now := int(lines.sum())) != left:
        left = now
        for removed in REMOVED:
            lines &= ~removed[_around(lines)]
    return lines


def _ink(pixels: Tensor) -> np.ndarray:
    return (ink.of(pixels) >= INK).numpy()


def _around(stroke: np.ndarray) -> np.ndarray:
    """What surrounds each pixel as a number of 8 bits: (n, h, w) bool -> (n, h, w) uint8."""
    padded = np.pad(stroke, ((0, 0), (1, 1), (1, 1))).view(np.uint8)
    height, width = stroke.shape[1:]
    found = np.zeros(stroke.shape, np.uint8)
    for bit, (down, right) in enumerate(AROUND):
        found |= padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width] << bit
    return found


def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each of the 256 surroundings: whether either half of a step removes the pixel, and whether it is an end."""
    bits = np.arange(256)[:, None] >> np.arange(8) & 1  # (256, 8)
    count = bits.sum(1)
    pieces = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(1)
    up, right, down, left = bits[:, ::2].T
    edge = (count >= 2) & (count <= 6) & (pieces == 1)
    first = edge & (up * right * down == 0) & (right * down * left == 0)
    second = edge & (up * right * left == 0) & (up * down * left == 0)
    return first, second, (pieces == 1) & (count <= 2)


*REMOVED, END = _tables()
