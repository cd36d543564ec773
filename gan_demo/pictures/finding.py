"""Where on a picture the digit is: on which sheet, in which box, beside which thumb, between which lines.

The picture is made small. What is darker (and then: what is lighter) than the paper behind it and narrower than REACH
falls into connected components. Lines that cross the picture, components that touch its edge, and those that enclose
others go; from what is left, pieces near each other make one candidate. A digit is large, its strokes are thin, and
the paper around it is even.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.Image import Resampling
from scipy import ndimage

from gan_demo.pictures import filters, ruling
from gan_demo.pictures.candidates import EVEN, Candidate, is_in_bend, is_sheet_of
from gan_demo.pictures.components import (
    ALL_ROUND,
    BETWEEN,
    HAIR,
    IN,
    LARGE,
    LINE,
    SMALL_BOX,
    THIN,
    Box,
    Component,
    bars,
    broken_frames,
    enclosed,
    ends_at,
    gap,
    is_cut,
    is_frame,
    is_print,
    is_straight,
    length,
    measured,
    place,
    printed_lines,
    union,
    within,
)

SIDE = 384  # of the picture that is searched, in pixels
LEAST_SIDE = 64  # pixels; on a smaller picture there is nothing but the digit
REACH = 0.25  # of the shorter side: what is wider than that is no stroke
SHARE = 0.4  # of the strongest ink, from which on a pixel is ink
STRONG = 0.65  # the same where that shows no digit: a shadow on paper is fainter
FAINTEST = 0.06  # of white; ink that is fainter is not looked for
NEAR, PIECE = 0.08, 0.25  # of a digit's longer side: gaps between its pieces, and between it and a small piece
LEFT_OVER = 0.1  # of all ink may lie beside the digit where the whole picture is taken for it
SEVERAL = 0.45  # of the first one's size and score: another candidate that may be meant as well
DOUBT = 0.6  # of the first one's score: another candidate elsewhere
MOST = 10  # groups of components that may be the digit, the largest: a date has eight digits
LOOKED_AT = 30  # groups, the largest: of a page with print most are words
WHOLE = 1.2  # times as large as the digit is all the ink of a picture, at most, where there is nothing but the digit
PLACES = {"": 1.0, IN: 1.5, BETWEEN: 0.2}  # times its score has what lies in a box, or is printed between two
CLEAR = 0.4  # of what is around it nothing was taken away
FAINT = 0.06  # of the picture's longer side: a candidate of a lower score may be nothing
PRINT = 0.15  # of its score is left to what is broken as print is

Part = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture's sides


class Search(NamedTuple):
    """A picture made small, and what was found on it, the likeliest first."""

    small: np.ndarray  # (height, width) float32
    factor: float  # pixels of the picture to one of the small one
    candidates: list[Candidate]

    def several(self) -> list[Candidate]:
        """The candidates that may be meant, the likeliest first: more than one if the picture shows several digits."""
        meant = self.candidates[:1]
        for one in self.candidates[1:]:
            first = meant[0]
            alike = one.dark == first.dark and not one.cut and one.score > SEVERAL * first.score
            if alike and length(one.box) > SEVERAL * length(first.box) and all(gap(one.box, m.box) > 0 for m in meant):
                meant.append(one)
        return meant

    def is_alone(self) -> bool:
        """Whether there is no other ink on the picture than that of the likeliest candidate."""
        box = self.candidates[0].box
        return any(one.plain and within(one.box, box, 4) and within(box, one.box, 4) for one in self.candidates)

    def is_unsure(self) -> bool:
        """Whether the likeliest candidate may well be something else."""
        if self.is_alone():
            return False
        first, *others = self.candidates
        rivals = (one.score > DOUBT * first.score and gap(one.box, first.box) > 0 for one in others)
        return first.is_doubtful() or any(rivals)

    def part(self, one: Candidate) -> Part:
        """Where a candidate is on the picture."""
        (top, left, bottom, right), (height, width) = one.box, self.small.shape
        return left / width, top / height, right / width, bottom / height


def find(plane: np.ndarray, ink: np.ndarray) -> Search:
    """Look for the digit on a (height, width) plane of grey levels, of which `ink` is all that stands out, 0 to 1."""
    factor = max(1.0, max(plane.shape) / SIDE)
    small = _shrunk(plane, factor)
    if min(small.shape) < LEAST_SIDE:
        return Search(small, factor, [])
    found = [*_candidates(small, True), *_candidates(small, False)]
    # The paper in the bends of a stroke that is cut is none.
    found = [one for one in found if not any(is_in_bend(one, other) for other in found)]
    found += _plain(small, _shrunk(ink, factor))
    found = [one for one in found if not any(is_sheet_of(one, other, small) for other in found)]
    best = max(found, key=lambda one: one.score, default=None)
    clear = best is not None and not best.is_doubtful() and best.score >= FAINT * max(small.shape)
    if best is None or not clear or (best.share < STRONG and not best.plain):
        # The shadows of bars are joined to strokes, and the paper between them looks like strokes.
        strong = [one._replace(least=STRONG) for one in _candidates(small, True, STRONG)]
        apart = max((one.apart for one in strong if not one.is_doubtful()), default=0.0)
        if best is None or not clear or apart * STRONG > best.apart:  # what is clear gives way to far stronger ink
            strongest = max([1.0, *(one.apart for one in [*found, *strong])])
            found = [one._replace(score=one.score * one.apart / strongest) for one in [*found, *strong]]
    return Search(small, factor, sorted(found, key=lambda one: -one.score))


def around(search: Search, one: Candidate) -> Box:
    """The box of a candidate with some paper round it: up to the edge of a sheet, a frame or a thumb."""
    small = ruling.without(search.small, one.lines, one.dark)
    smooth = ndimage.gaussian_filter(small, 0.7)
    edges = np.hypot(ndimage.sobel(smooth, 0), ndimage.sobel(smooth, 1)) / 4 > 0.3 * one.apart
    edges = (edges | one.foreign) & ~filters.widened(one.mask, 7)
    top, left, bottom, right = one.box
    height, width = small.shape
    going = [True] * 4
    for _ in range(max(5, int(0.35 * length(one.box)))):
        inside = (top > 0, left > 0, bottom < height, right < width)
        beyond = (
            (max(top - 1, 0), slice(left, right)),
            (slice(top, bottom), max(left - 1, 0)),
            (min(bottom, height - 1), slice(left, right)),
            (slice(top, bottom), min(right, width - 1)),
        )
        clear = [edges[strip].mean() < 0.04 for strip in beyond]
        going = [all(side) for side in zip(going, inside, clear, strict=True)]
        top, left, bottom, right = top - going[0], left - going[1], bottom + going[2], right + going[3]
    return top, left, bottom, right


def _shrunk(plane: np.ndarray, factor: float) -> np.ndarray:
    height, width = (max(1, round(side / factor)) for side in plane.shape)
    return np.asarray(Image.fromarray(plane).resize((width, height), Resampling.BOX), np.float32)


def _contrast(plane: np.ndarray, dark: bool) -> np.ndarray:
    """How far each pixel is from the paper, where it is narrower than REACH; dark ink as a share of the light."""
    side = max(3, int(REACH * min(plane.shape))) | 1
    plane = ndimage.gaussian_filter(plane, 0.6)
    signed = -plane if dark else plane
    paper = filters.opened(signed, side)
    return (signed - paper) / (np.maximum(-paper, 60) if dark else 255)


def noise(plane: np.ndarray) -> float:
    """The standard deviation of Gaussian noise, from the smaller ones of the second differences."""
    some = plane[::4] if len(plane) > 128 else plane  # rows enough
    second = np.abs(some[:, 2:] + some[:, :-2] - 2 * some[:, 1:-1])
    # Lines may cover most of the picture; a quarter of the pixels are within 0.3186 standard deviations.
    return float(np.quantile(second, 0.25) / 0.3186 / 6**0.5)


def _candidates(small: np.ndarray, dark: bool, share: float = SHARE) -> list[Candidate]:
    """Those whose ink is dark (or light) and no less than a share of the strongest, without what is foreign."""
    ink, grain = _contrast(small, dark), noise(small) / 255
    strongest = max(12, ink.size // 3000)  # so many pixels are not all grain
    foreign, lines = np.zeros(small.shape, bool), None
    cut: list[Candidate] = []
    walls, first, looked_for_faint = np.zeros(small.shape, bool), 0.0, False
    for _ in range(9):  # without what is foreign, the strongest ink may be fainter
        strong = ink[ink >= max(FAINTEST, 5 * grain)]
        if len(strong) < strongest:
            return cut
        peak = float(np.partition(strong, -strongest)[-strongest])
        if lines is None:
            least, first, whole = max(0.12 * peak, 5 * grain), peak, ink
            lines = ruling.lines(ink, least)
            ink = ruling.without(ink, lines, dark=False)
            if len({line.upright for line in lines}) == 1:  # those of a row of boxes, whose other sides are bars
                walls = filters.widened(whole - ink > least, 5)
            if lines:
                continue
        labels, count = ndimage.label(ink > share * peak, ALL_ROUND)
        components = measured(labels, count, ink)
        strange = [one for one in components if is_frame(labels, one, components)]
        lines_of_boxes = broken_frames(labels, components)
        if not strange and not lines_of_boxes.any():
            lines_of_boxes = _printed(ink, labels, components, share * peak)
            if not looked_for_faint:  # while the boxes are whole
                looked_for_faint = True
                lines_of_boxes |= _faint_boxes(ink, SHARE * peak / 2, least)
            if not lines_of_boxes.any():
                strange = [one for one in components if one.sides(labels.shape)]
        foreign, ink = foreign | lines_of_boxes, np.where(lines_of_boxes, 0, ink)
        if not strange and lines_of_boxes.any():
            continue
        if not strange:
            found = _clustered(small, labels, components, dark, peak, lines, foreign, walls)
            return cut + [one._replace(share=one.share * peak / first) for one in found]
        for one in strange:
            if is_cut(one, components, labels.shape) and length(one.box) > 0.1 * max(labels.shape):
                alone = _clustered(small, labels, [one], dark, peak, lines, np.zeros(small.shape, bool))
                cut += [found._replace(score=0.4 * found.score, cut=True) for found in alone]
        gone = np.zeros(count + 1, bool)
        gone[[one.label for one in strange]] = True
        wide = filters.widened(gone[labels], 5)
        foreign, ink = foreign | wide, np.where(wide, 0, ink)
    return cut


def _printed(ink: np.ndarray, labels: np.ndarray, components: list[Component], least: float) -> np.ndarray:
    """The lines of printed boxes, whole or in part: (height, width) bool."""
    found = np.isin(labels, [one.label for one in bars(components)])
    for one in components:
        share = length(one.box) / max(ink.shape)
        if share > SMALL_BOX and one.thickness < THIN:
            near = filters.widened(labels[place(one.box)] == one.label, 3)  # faint lines have gaps
            lines = printed_lines(np.where(near, ink[place(one.box)], 0), least / 2, share < LARGE)
            if lines is not None:
                found[place(one.box)] |= lines
    return found


def _faint_boxes(ink: np.ndarray, least: float, grain: float) -> np.ndarray:
    """The lines of printed boxes that are far paler than the ink in them: (height, width) bool."""
    labels, count = ndimage.label(ink > max(least, grain), ALL_ROUND)
    return _printed(ink, labels, measured(labels, count, ink), 2 * max(least / 2, grain))


def _plain(small: np.ndarray, ink: np.ndarray) -> list[Candidate]:
    """All the ink of the picture as one candidate, if nothing in it speaks against that."""
    if not ink.any():
        return []
    labels, count = ndimage.label(ink > SHARE * ink.max() / 2, ALL_ROUND)
    components = measured(labels, count, ink)
    for one in components:
        alone = all(length(other.box) < 0.15 * length(one.box) for other in components if other is not one)
        if one.sides(labels.shape) and not (alone and is_cut(one, components, labels.shape)):
            return []
        if is_frame(labels, one, components):
            return []
    if broken_frames(labels, components).any() or _printed(ink, labels, components, SHARE * ink.max() / 2).any():
        return []
    dark = bool(np.median(small[labels > 0]) < np.median(small[labels == 0])) if components else True
    found = _clustered(small, labels, components, dark, float(ink.max()), [], np.zeros(small.shape, bool))
    found.sort(key=lambda one: -length(one.box))
    if not found or (len(found) > 1 and length(found[1].box) > PIECE * length(found[0].box)):
        return []
    if ink[~filters.widened(found[0].mask, 5)].sum() > LEFT_OVER * ink.sum():
        return []
    everything = found[0].box
    for one in components:
        everything = union(everything, one.box)
    if length(everything) > WHOLE * length(found[0].box):
        return []  # dashes around the digit are little ink, and would be a part of it
    trust = 1.25 if found[0].even > EVEN else 0.6
    return [found[0]._replace(score=trust * found[0].score, plain=True)]


def _grouped(labels: np.ndarray, components: list[Component]) -> list[tuple[Box, list[Component]]]:
    """Components that lie near each other with the box around them, the largest groups first."""
    groups: list[tuple[Box, list[Component]]] = []
    text = {one.label: is_print(labels[place(one.box)] == one.label) for one in components}
    for one in components:
        for index, (box, members) in enumerate(groups):
            share = length(one.box) / length(box)
            near = PIECE if 0.2 < share < 0.6 and one.contrast > 0.7 * members[0].contrast else NEAR
            if share > 0.12 and not text[members[0].label] and gap(box, one.box) <= max(2, near * length(box)):
                groups[index] = (union(box, one.box), [*members, one])
                break
        else:
            groups.append((one.box, [one]))
    return sorted(groups, key=lambda group: -length(group[0]))


def _clustered(
    small: np.ndarray,
    labels: np.ndarray,
    components: list[Component],
    dark: bool,
    peak: float,
    lines: list[ruling.Line],
    foreign: np.ndarray,
    walls: np.ndarray | bool = False,
) -> list[Candidate]:
    """Pieces that lie near each other as candidates, for the largest of which it is measured how likely they are.

    `walls` are lines that were taken away before, (height, width) bool.
    """
    removed, groups = filters.widened(foreign, 5), []
    built = removed | walls
    where = enclosed(built)
    for box, members in _grouped(labels, components)[:LOOKED_AT]:
        mask = np.isin(labels[place(box)], [one.label for one in members])
        pen = members[0].thickness
        loose = pen > HAIR and not ends_at(box, lines) and not removed[place(box)][mask].any()
        rest = not loose and pen * length(box) < max(LINE, HAIR * length(box)) and is_straight(mask)
        groups.append((is_print(mask) or rest, box, members))
    found, any_in_a_box = [], any(where(box) == IN for _, box, _ in groups)
    for printed, box, members in sorted(groups, key=lambda group: group[0])[:MOST]:
        margin = max(3, int(0.2 * length(box)))
        top, left, bottom, right = max(0, box[0] - margin), max(0, box[1] - margin), box[2] + margin, box[3] + margin
        part, level = labels[top:bottom, left:right], small[top:bottom, left:right]
        mask = np.isin(part, [one.label for one in members])
        wide = ndimage.binary_dilation(mask, ALL_ROUND, iterations=2)
        near_by = ndimage.binary_dilation(wide, ALL_ROUND, iterations=2) & ~wide
        far = ~wide
        far[box[0] - top : box[2] - top, box[1] - left : box[3] - left] = False
        if not far.any() or not near_by.any():
            continue
        clear = ~built[top:bottom, left:right]
        in_the_clear = (near_by & clear).any() and clear[far].mean() > CLEAR
        if in_the_clear:  # a line of a box is no paper
            near_by, far = near_by & clear, far & clear
        paper = float(np.median(level[far]))
        apart = abs(float(np.median(level[mask])) - paper)
        even = [float(np.mean(np.abs(level[around_it] - paper) < 0.4 * apart)) for around_it in (near_by, far)]
        strength = sum(one.area * one.contrast for one in members) / sum(one.area for one in members)
        thickness = members[0].thickness
        thin = 1.0 if thickness < 0.25 else max(0.1, 1 - 3 * (thickness - 0.25))
        thin *= PRINT if printed else 1
        size = min(box[2] - box[0], box[3] - box[1]) if printed else length(box)
        is_free = (~(foreign | walls)[top:bottom, left:right]).mean() > CLEAR
        at = where(box) if is_free and any_in_a_box else ""
        at = "" if at == IN and thickness <= HAIR else at  # as a rest of the box is
        score = size * PLACES[at] * thin * even[0] ** 2 * even[1] ** 2 * (strength / peak) ** 0.5
        own = np.zeros(labels.shape, bool)
        own[top:bottom, left:right] = mask
        candidate = Candidate(box, score, dark, paper, apart, thickness, min(even), own, foreign, lines)
        found.append(candidate._replace(share=float(strength / peak)))
    return found
