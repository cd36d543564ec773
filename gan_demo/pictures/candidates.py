"""What may be the digit of a picture, and what is only the paper on which one is drawn, or in the bends of a stroke."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from gan_demo.pictures import ruling
from gan_demo.pictures.components import STROKE, Box, length, place, within

# A sheet is larger than so much of the picture, broader than so much of its longer side (no digit is as broad), and
# where it was seen in part, the paper around it is less even.
SHEETS = ((0.3, 0.32, 1.1), (0.6, 0.15, 1.1), (0.45, 0.12, 0.8))
# The paper around a digit is as even, its strokes are no broader, as a share of the sheet's breadth, and what is around
# the sheet is less even.
HOLES = ((0.8, 0.55, 1.1), (0.6, 0.25, 1.1), (0.5, 0.32, 0.8))
RECTANGLE, HALF = 0.9, 0.45  # of a rectangle a sheet covers so much; so even is what a digit on one has around it
SAME = 0.35  # of the contrast: two greys that differ by less are one
EVEN = 0.7  # of the paper around a stroke has one grey
SHADE = 0.5  # of the contrast of what lies in its bends: what the edge cuts and has less is no stroke


class Candidate(NamedTuple):
    """What may be the digit."""

    box: Box
    score: float
    dark: bool  # whether its ink is darker than the paper
    paper: float  # grey level of what is around it
    apart: float  # grey levels between ink and paper
    thickness: float  # of its strokes, as a share of its longer side
    even: float  # share of the paper around it that has one grey
    mask: np.ndarray  # (height, width) bool: its ink
    foreign: np.ndarray  # (height, width) bool: ink that is none of its own
    lines: list[ruling.Line]  # that cross the picture
    plain: bool = False  # whether there is nothing but this digit
    share: float = 1.0  # of the strongest ink on the picture, which may be foreign
    cut: bool = False  # whether it touches the edge of the picture
    least: float = 0.0  # of the strongest ink: what is fainter is a shadow

    @property
    def ink(self) -> float:
        """Its grey level."""
        return self.paper - self.apart if self.dark else self.paper + self.apart

    def is_doubtful(self) -> bool:
        """Whether the edge cuts it, or the paper around it is no paper."""
        return self.cut or self.even < EVEN


def is_in_bend(one: Candidate, other: Candidate) -> bool:
    """Whether a candidate is the paper in the bends of another, a stroke that is cut and not a mere shade of paper."""
    return other.cut and one.dark != other.dark and within(one.box, other.box, 4) and other.apart > SHADE * one.apart


def is_sheet_of(one: Candidate, other: Candidate, small: np.ndarray) -> bool:
    """Whether a candidate is the paper on which another one is drawn."""
    size, inner = length(one.box), length(other.box)
    finer = other.thickness * inner / (one.thickness * size)
    return (
        one.dark != other.dark
        and within(other.box, one.box)
        and any(
            size > share * max(small.shape) and one.thickness > broad and one.even < even
            for share, broad, even in SHEETS
        )
        and inner > 0.12 * size
        # What is a hole in a stroke has that stroke around it, and no even paper.
        and (
            (
                other.thickness < STROKE
                and any(other.even > even and finer < most and one.even < uneven for even, most, uneven in HOLES)
            )
            or (other.even > HALF and _is_rectangle(one))
        )
        and not _is_open(one, other, small)
    )


def _is_rectangle(one: Candidate) -> bool:
    """Whether a candidate covers, with all its holes, a rectangle, which may be turned."""
    solid = ndimage.binary_fill_holes(one.mask[place(one.box)])
    y, x = np.nonzero(solid & ~ndimage.binary_erosion(solid))
    turns = np.radians(np.arange(0, 90, 3))[:, None]
    wide = np.ptp(x * np.cos(turns) + y * np.sin(turns), 1) + 1
    high = np.ptp(y * np.cos(turns) - x * np.sin(turns), 1) + 1
    return bool(solid.sum() > RECTANGLE * (wide * high).min())


def _is_open(one: Candidate, other: Candidate, small: np.ndarray) -> bool:
    """Whether a candidate is the paper in the bends of another: its grey goes on beyond the box of that one."""
    top, left, bottom, right = one.box
    wider = slice(max(0, top - 3), bottom + 3), slice(max(0, left - 3), right + 3)
    labels, _ = ndimage.label(np.abs(small[wider] - other.ink) < SAME * other.apart)
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return bool(np.isin(labels[other.mask[wider]], rim[rim > 0]).mean() > 0.5)
