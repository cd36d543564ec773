"""Straight lines that cross a picture from edge to edge: the rules and squares of paper, found and taken away."""

import math
from typing import NamedTuple

import numpy as np

from gan_demo.pictures import filters

THICKEST = 7  # pixels of the picture that is searched; what is thicker is no rule
STEEPEST, STEP = 10.0, 0.5  # degrees from level (or upright), and between two directions that are tried
COVERED = 0.75  # of its length, from which on a row of dark pixels is a line
GAPPED, MANY = 0.6, 5  # the same where there are so many such lines: a copy has lost parts of the paper's rules
LEAST = 0.3  # of the picture's width: how much of a line has to be seen
STRAIGHT = 2  # pixels that a line may leave its course, as on paper that is not flat
MOST = 200  # lines of one kind


class Line(NamedTuple):
    """A line y = at + slope * x, in pixels of the picture that is searched; of an upright one x and y change places."""

    upright: bool
    at: float
    slope: float
    thickness: float


def lines(contrast: np.ndarray, least: float) -> list[Line]:
    """The lines in a (height, width) plane of contrast, made of pixels of more than `least`."""
    return _level(contrast, least, False) + _level(contrast.T, least, True)


def without(
    plane: np.ndarray, found: list[Line], dark: bool, scale: float = 1.0, corner: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """A plane of grey levels (or, where not `dark`, of contrast) without the lines.

    `scale` is the number of its pixels to one of the picture that was searched, `corner` where it begins there (y, x).
    Along a line, what is no thicker than the line is levelled with what lies on both sides; a stroke that crosses it
    stays, and of one no thicker than the line no more is taken than the line itself is dark.
    """
    for upright in (False, True):
        some = [line for line in found if line.upright is upright]
        if not some:
            continue
        work, (top, left) = (plane.T, corner[::-1]) if upright else (plane, corner)
        rows, columns = np.arange(work.shape[0])[:, None], np.arange(work.shape[1])
        usual = float(np.median([line.thickness for line in some]))
        side = math.ceil((min(max(line.thickness for line in some), 2 * usual) + 1) * scale) + 1 | 1
        signed = -work if dark else work
        levelled = filters.smallest(signed, side, 0)
        taken = signed - filters.largest(levelled, side, 0)
        band, strengths = np.zeros(work.shape, bool), [0.0]
        for line in some:
            course = (line.at + 0.5 + line.slope * (columns / scale + left) - top) * scale
            reach = (STRAIGHT + line.thickness / 2) * scale
            low, high = int(max(0, course.min() - reach)), int(min(len(work), course.max() + reach + 2))
            if high > low:
                near = np.abs(rows[low:high] - course) <= reach
                band[low:high] |= near
                strengths.append(float(np.median(np.where(near, taken[low:high], 0).max(0))))
        taken = np.minimum(np.where(band, taken, 0), 1.5 * max(strengths))
        work = work + taken if dark else work - taken
        plane = work.T if upright else work
    return plane


def _level(contrast: np.ndarray, least: float, upright: bool) -> list[Line]:
    """The lines that are nearly level, by a Hough transform of what is thin from top to bottom."""
    height, width = contrast.shape
    if min(height, width) < 4 * THICKEST:
        return []
    broad = filters.largest(filters.smallest(contrast, THICKEST, 0), THICKEST, 0)
    thin, hidden = contrast - broad > least, broad > least  # by a stroke
    y, x = np.nonzero(thin)
    if len(y) < LEAST * width:
        return []
    slopes = np.tan(np.radians(np.arange(-STEEPEST, STEEPEST + STEP, STEP)))
    beyond = math.ceil(slopes[-1] * width / 2)  # the picture, in its middle: a steep line that is seen at one end
    places = height + 2 * beyond + 1
    votes = np.empty((len(slopes), places), np.int64)
    for row, slope in zip(votes, slopes, strict=True):
        at = np.rint(y - slope * (x - width / 2)).astype(np.int64) + beyond
        row[:] = np.bincount(at, minlength=places)
    # A line of several pixels, or one between two directions, spreads over neighbouring rows.
    votes = votes + np.maximum(np.roll(votes, 1, 1), np.roll(votes, -1, 1))
    near = filters.largest(thin, 2 * STRAIGHT + 1, 0)
    across = np.arange(-(THICKEST // 2), THICKEST // 2 + 1)
    found: list[Line] = []
    weak: list[Line] = []
    columns = np.arange(width)
    for _ in range(MOST):
        which, at = divmod(int(votes.argmax()), places)
        if votes[which, at] < LEAST * width:
            break
        votes[max(0, which - 8) : which + 9, max(0, at - 4) : at + 5] = 0
        course = np.rint(at - beyond + slopes[which] * (columns - width / 2)).astype(np.int64)
        inside = (course >= 0) & (course < height)
        rows, at_column = course[inside], columns[inside]
        in_view = ~hidden[rows, at_column]
        seen = int((near[rows, at_column] & in_view).sum())
        if seen < max(GAPPED * int(in_view.sum()), LEAST * width):
            continue
        depth = thin[np.clip(rows[:, None] + across, 0, height - 1), at_column[:, None]].sum(1)
        start = at - beyond - slopes[which] * width / 2
        line = Line(upright, float(start), float(slopes[which]), float(np.median(depth[depth > 0])))
        (found if seen >= COVERED * int(in_view.sum()) else weak).append(line)
    return found + weak if len(found) + len(weak) >= MANY else found
