"""Connected components of ink, and which of them are no digit: frames, printed lines, print, what an edge cuts."""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from gan_demo.pictures import filters, ruling

LARGE = 0.2  # of the picture's longer side: no frame around a digit is smaller
SMALL_BOX = 0.1  # of its longer side: of a form with many boxes one is as small
THIN = 0.2  # of its longer side: a line that is thicker is no frame
STROKE = 0.3  # of its longer side: a component that is thicker is no digit that the edge of the picture cuts
RUNS = 3.3  # times that the mean row (or column) of print crosses ink; of a digit about two, and never more than three
LEVEL = 3.0  # times as wide as high: no digit
BAR, NARROW = 10, 0.12  # pixels, and share of its length: a line that is as long and as narrow may be printed
STRAIGHT, SHORTER = 0.75, 0.6  # of the height of a piece of a box an upright line has, of its width a level one
ON_LINES = 0.85  # of its ink are these lines
SIDE_SHARE, DASH = 0.2, 0.02  # of its length, and of the picture's longer side: a side of a box and a dash are narrower
GAPS, GAP_SHARE = 7, 0.12  # pixels, and share of a piece: a faint line has gaps that are shorter
HAIR = 0.05  # of its length: thinner lines as straight as that nobody draws
LINE = 5  # pixels: printed lines are thinner, unless they are hairlines of a large box
BROKEN = 9  # pixels: the dashes of a box, and its sides where a hand did not quite close it, are nearer to each other
REACHED = 5  # pixels between the end of a piece and the line that it was a part of
PRINTED = 3  # straight lines from end to end: so many no digit has
IN, BETWEEN = "in", "between"
AROUND, CLOSED = 1.2, 0.8  # of its length, how far a line of its box is; of a side of it, how much has such a line
ALL_ROUND = np.ones((3, 3), bool)

Box = tuple[int, int, int, int]  # top, left, bottom, right in pixels of the small picture


class Component(NamedTuple):
    """Pixels of ink that touch each other."""

    label: int
    box: Box
    area: int
    contrast: float
    thickness: float  # as a share of the longer side

    def sides(self, shape: tuple[int, ...]) -> int:
        """How many edges of the picture it touches."""
        top, left, bottom, right = self.box
        return (top == 0) + (left == 0) + (bottom == shape[0]) + (right == shape[1])


def measured(labels: np.ndarray, count: int, ink: np.ndarray) -> list[Component]:
    """The largest components, the largest first, without dust."""
    at = np.flatnonzero(labels)
    inked = labels.ravel()[at]
    areas = np.bincount(inked, minlength=count + 1)
    sums = np.bincount(inked, ink.ravel()[at], minlength=count + 1)
    found = []
    boxes = [(rows.start, columns.start, rows.stop, columns.stop) for rows, columns in ndimage.find_objects(labels)]
    for label in sorted(range(1, count + 1), key=lambda label: -length(boxes[label - 1]))[:60]:
        top, left, bottom, right = box = boxes[label - 1]
        if length(box) < 3 or areas[label] < 4:
            break
        deep = ndimage.distance_transform_cdt(np.pad(labels[top:bottom, left:right] == label, 1), "chessboard").max()
        thickness = (2 * deep - 1) / length(box)
        found.append(Component(label, box, int(areas[label]), float(sums[label] / areas[label]), float(thickness)))
    return found


def is_cut(one: Component, components: list[Component], shape: tuple[int, ...]) -> bool:
    """Whether it looks like a digit that one edge of the picture cuts, rather than a desk, a toolbar or a frame."""
    around_others = any(
        other is not one and length(other.box) > 0.15 * length(one.box) and within(other.box, one.box)
        for other in components
    )
    return one.sides(shape) == 1 and one.thickness < STROKE and not around_others


def is_frame(labels: np.ndarray, one: Component, components: list[Component]) -> bool:
    """Whether it is a thin line around another component that fills a good part of what it encloses."""
    if length(one.box) < LARGE * max(labels.shape) or one.thickness > THIN:
        return False
    others = [other for other in components if other is not one and within(other.box, one.box, -1)]
    if not others:
        return False
    top, left, bottom, right = one.box
    line = labels[top:bottom, left:right] == one.label
    height, width = line.shape
    core = line[height // 6 : height - height // 6, width // 6 : width - width // 6]
    if core.sum() < 0.05 * one.area and any(length(other.box) > 0.2 * min(height, width) for other in others):
        return True  # though it may have gaps
    wall = ndimage.binary_dilation(np.pad(line, 2), ALL_ROUND)
    holes, _ = ndimage.label(~wall)
    boxes = ndimage.find_objects(holes)
    for other in others:
        a, b, c, d = other.box
        y, x = np.argwhere(labels[a:c, b:d] == other.label)[0]
        hole = holes[y + a - top + 2, x + b - left + 2]
        if hole not in (0, holes[0, 0]):  # neither the wall nor outside
            rows, columns = boxes[hole - 1]
            if length(other.box) > 0.2 * max(rows.stop - rows.start, columns.stop - columns.start):
                return True
    return False


def is_print(mask: np.ndarray) -> bool:
    """Whether ink, (height, width) bool, is broken as letters are, or far wider than high; no digit is."""
    height, width = mask.shape
    if width > LEVEL * height:
        return True
    for lines in (mask, mask.T):
        crossed = lines[lines.any(1)]
        if len(crossed) and (crossed[:, 0].sum() + (crossed[:, 1:] & ~crossed[:, :-1]).sum()) > RUNS * len(crossed):
            return True
    return False


def is_straight(mask: np.ndarray) -> bool:
    """Whether nearly all of some ink, (height, width) bool, is level and upright lines, such as a corner of a box."""
    if max(mask.shape) < BAR:
        return False
    framed, on_lines = np.pad(mask, 1), np.zeros_like(mask)
    gaps = min(GAPS, int(GAP_SHARE * max(mask.shape)) | 1)  # those of a small digit are its bends
    for axis, share in ((0, STRAIGHT), (1, SHORTER)):
        side = int(max(share * mask.shape[axis], BAR / 2)) | 1
        wide = filters.largest(filters.largest(framed, gaps, axis), 3, 1 - axis)
        line = np.pad(wide, [(side, side) if at == axis else (0, 0) for at in (0, 1)])
        line = filters.largest(filters.smallest(line, side, axis), side, axis)
        line = line[side:-side] if axis == 0 else line[:, side:-side]
        on_lines |= line[1:-1, 1:-1]
    return bool((on_lines & mask).sum() > ON_LINES * mask.sum())


def is_side(labels: np.ndarray, one: Component) -> bool:
    """Whether it may be a side of a box, or several: a hairline, or narrow and level or upright, or a dash."""
    short = min(one.box[2] - one.box[0], one.box[3] - one.box[1])
    return one.thickness < HAIR or short < max(SIDE_SHARE * length(one.box), DASH * max(labels.shape))


def broken_frames(labels: np.ndarray, components: list[Component]) -> np.ndarray:
    """Frames of dashes, or of sides that do not quite meet: (height, width) bool."""
    found = np.zeros(labels.shape, bool)
    sides = [one for one in components if is_side(labels, one)]
    if len(sides) < 2 or all(length(one.box) < LARGE * max(labels.shape) for one in components):
        return found
    lines = np.isin(labels, [one.label for one in sides])
    wide, _ = ndimage.label(filters.widened(lines, BROKEN), ALL_ROUND)
    for at, box in enumerate(ndimage.find_objects(wide), 1):
        top, left, bottom, right = around_it = box[0].start, box[1].start, box[0].stop, box[1].stop
        height, width = bottom - top, right - left
        if max(height, width) < LARGE * max(labels.shape):
            continue
        frame = wide[box] == at
        core = frame[height // 6 : height - height // 6, width // 6 : width - width // 6]
        inner = [
            one
            for one in components
            if length(one.box) > 0.2 * min(height, width)
            and within(one.box, around_it, -1)
            and not frame[one.box[0] - top, one.box[1] - left : one.box[3] - left].any()
            and not frame[one.box[0] - top : one.box[2] - top, one.box[1] - left].any()
        ]
        if inner and core.sum() < 0.05 * frame.sum():
            found[box] |= frame
    return found & filters.widened(lines, 5)


def enclosed(built: np.ndarray) -> Callable[[Box], str]:
    """Say of a box where it is among what was `built`, lines of boxes (height, width) bool: IN, BETWEEN, or "".

    They go all round what is in a box, but for gaps. What is printed between two boxes has a line of each beside it.
    """
    rooms, _ = ndimage.label(~built)
    open_rooms = {0, *rooms[0], *rooms[-1], *rooms[:, 0], *rooms[:, -1]}

    def where(box: Box) -> str:
        top, left, bottom, right = box
        if rooms[(top + bottom) // 2, (left + right) // 2] not in open_rooms:
            return IN
        (y, x), far, wide = place(box), int(AROUND * length(box)), (right - left) // 3
        above, below = built[max(0, top - far) : top, x].T, built[bottom : bottom + far, x].T
        beside = built[y, max(0, left - far) : left + wide], built[y, right - wide : right + far]
        closed = [bool(side.any(1).mean() > CLOSED) for side in (*beside, above, below)]
        return IN if all(closed) else BETWEEN if closed == [True, True, False, False] else ""

    return where


def ends_at(box: Box, lines: list[ruling.Line]) -> bool:
    """Whether a box ends where a line is that crosses the picture."""
    top, left, bottom, right = box
    for line in lines:
        ends, middle = ((left, right), (top + bottom) / 2) if line.upright else ((top, bottom), (left + right) / 2)
        if min(abs(line.at + line.slope * middle - end) for end in ends) < REACHED:
            return True
    return False


def bars(components: list[Component]) -> list[Component]:
    """Straight upright lines that begin and end alike: what is left of boxes whose level lines are gone."""
    upright = [one for one in components if one.box[2] - one.box[0] > max(BAR, (one.box[3] - one.box[1]) / NARROW)]
    return [
        one
        for one in upright
        if any(other is not one and all(abs(one.box[end] - other.box[end]) <= 2 for end in (0, 2)) for other in upright)
    ]


def printed_lines(part: np.ndarray, least: float, small: bool = False) -> np.ndarray | None:
    """The lines of a component that is a printed box or a row of them, (height, width) bool; None if it is not.

    `part` is the contrast of the component alone. A line goes from end to end of it. The strokes that cross a line
    are no part of it. A `small` box, which might be a digit, has all four sides.
    """
    part = np.pad(part, 1)  # or a line at its edge would go on beyond it, and be broad
    found = ruling.lines(part, least)
    level, upright = (_distinct([line for line in found if line.upright is kind], part.shape) for kind in (False, True))
    if level + upright < PRINTED or min(level, upright) < 1 + small:
        return None
    return ((part > least) & (ruling.without(part, found, dark=False) <= least))[1:-1, 1:-1]


def _distinct(lines: list[ruling.Line], shape: tuple[int, ...]) -> int:
    """How many of some lines of one kind are not the same one, found again in another direction."""
    middles = sorted(line.at + line.slope * shape[0 if line.upright else 1] / 2 for line in lines)
    return bool(middles) + sum(later - one > ruling.THICKEST for one, later in itertools.pairwise(middles))


def place(box: Box) -> tuple[slice, slice]:
    """Rows and columns of a box."""
    top, left, bottom, right = box
    return slice(top, bottom), slice(left, right)


def length(box: Box) -> int:
    """The longer side of a box."""
    return max(box[2] - box[0], box[3] - box[1])


def gap(one: Box, other: Box) -> int:
    """Pixels between two boxes; 0 if they touch."""
    down = max(one[0], other[0]) - min(one[2], other[2])
    across = max(one[1], other[1]) - min(one[3], other[3])
    return max(down, across, 0)


def union(one: Box, other: Box) -> Box:
    """The box around two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def within(inner: Box, outer: Box, slack: int = 0) -> bool:
    """Whether a box lies in another, which it may leave by `slack` pixels."""
    starts = all(inner[side] >= outer[side] - slack for side in (0, 1))
    return starts and all(inner[side] <= outer[side] + slack for side in (2, 3))
