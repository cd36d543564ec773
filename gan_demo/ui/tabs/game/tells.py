"""What may have given a generated digit away: measures that anybody can check, held against the real digits.

A measure speaks where a picture lies beyond what all but 2 % of 1,000 real test digits show. A discriminator sees more.
"""

import functools
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from gan_demo.pictures import real_digits

INK = 64  # what is brighter is ink
FAINT = 16  # what is darker, and not black, is faint
USUAL = 0.98  # of real digits are not beyond

_EIGHT = np.ones((3, 3), int)  # neighbours of a pixel: strokes may touch at corners


def pieces(pixels: np.ndarray) -> float:
    """Count the pieces of ink: 1 for a digit in one stroke."""
    return float(ndimage.label(pixels > INK, _EIGHT)[1])


def faint(pixels: np.ndarray) -> float:
    """Count the pixels that are nearly black."""
    return float(((pixels > 0) & (pixels < FAINT)).sum())


def pale(pixels: np.ndarray) -> float:
    """Compute how far the brightest tenth of the ink is below white, 0 to 255."""
    ink = pixels[pixels > INK]
    return 255.0 - float(np.quantile(ink, 0.9)) if len(ink) else 255.0


# Key of a text -> the measure; greater is odder.
TELLS: dict[str, Callable[[np.ndarray], float]] = {"pieces": pieces, "faint": faint, "pale": pale}


@functools.cache
def usual() -> dict[str, float]:
    """What of each measure all but a few real test digits stay at or below."""
    digits = real_digits.sheet().images[:, 0].numpy()
    return {
        name: float(np.quantile([measure(digit) for digit in digits], USUAL, method="higher"))
        for name, measure in TELLS.items()
    }


def of(pixels: np.ndarray) -> list[str]:
    """Name the measures in which a picture, (28, 28) uint8, is beyond what is usual."""
    return [name for name, measure in TELLS.items() if measure(pixels) > usual()[name]]
