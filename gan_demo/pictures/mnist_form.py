"""Ink of any size and shades -> 28x28 pixels, as the digits of MNIST were made."""

import itertools
import math

import numpy as np
from PIL import Image
from PIL.Image import Resampling

from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import filters
from gan_demo.pictures.opening import to_uint8

# MNIST (LeCun et al. 1998, section III-A): the digits were "size normalized to fit in a 20x20 pixel box
# while preserving their aspect ratio", and moved until their centre of mass was the centre of 28x28.
BOX = 20
# Digits of MNIST were moved by whole pixels until their centre of mass, counted in pixel indices, rounded to pixel 14.
CENTRE = 14
# The box is drawn around ink of at least this share of full strength: a blurred edge has less.
EDGE = 0.25
MARGIN = 2  # pixels of the digit; ink so near to the box stays, though it is fainter than that
DUST = 0.01  # ink apart from the digit and less than this share of it does not stretch the box
MIN_STROKE = 1.5  # pixels; nearly all digits of MNIST have wider strokes
POINTS = 6  # points of ink along a pixel of the digit
NEAR = 2  # pixels of the digit; the strongest ink so near says what is half ink here
NEARLY = 0.75  # of a faint stroke's ink: with less, the soft edge of a dark one would count where the two meet


def as_mnist(ink: np.ndarray) -> np.ndarray:
    """Fit and centre a plane of ink, 0 to 1, as MNIST's digits are: (28, 28) uint8; all 0 where there is no ink."""
    if not ink.any():
        return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    ink = ink[box_of(ink, MARGIN)]
    return to_uint8(_centred(_fitted(_in_black_and_white(_thickened(ink)))))


def box_of(ink: np.ndarray, margin: int = 0) -> tuple[slice, slice]:
    """Rows and columns of the box around the ink, wider by `margin` pixels of the digit to be."""
    solid = np.where(ink > EDGE * ink.max(), ink, 0)
    spans = [_span(solid.sum(axis)) for axis in (1, 0)]
    margin = round(margin * max(stop - start for start, stop in spans) / BOX)
    rows, columns = (slice(max(0, start - margin), stop + margin) for start, stop in spans)
    return rows, columns


def _span(profile: np.ndarray) -> tuple[int, int]:
    """Where a digit starts and stops, given the ink in each row (or column): the ends may be dust."""
    inked = profile > 0
    ends = np.flatnonzero(inked)
    if len(ends) == ends[-1] - ends[0] + 1:  # in one piece, as most digits are: no dust
        return ends[0], ends[-1] + 1
    run = np.cumsum(np.diff(inked, prepend=False) & inked) * inked  # 1, 1, 0, 2, 2, 2, 0, ...: which run of ink
    weights = np.bincount(run, profile)
    digit = np.flatnonzero(inked & (weights[run] > DUST * weights.max()))
    return digit[0], digit[-1] + 1


def _longer_side(ink: np.ndarray) -> int:
    """The longer side of the box around the ink, in pixels."""
    return max(box.stop - box.start for box in box_of(ink))


def _thickened(ink: np.ndarray) -> np.ndarray:
    """Thicken strokes that will be thinner than MIN_STROKE pixels of the digit.

    The mean width of strokes of area A and outline P is 2 A / P; P is the total variation.
    """
    factor = max(1, _longer_side(ink) // (8 * BOX))  # eight pixels to one of the digit are enough
    ink = np.asarray(Image.fromarray(ink).reduce(factor))
    framed = np.pad(ink, 1)
    outline = np.hypot(np.diff(framed, axis=0)[:, 1:], np.diff(framed, axis=1)[1:]).sum()
    width, side = 2 * ink.sum() / outline, _longer_side(ink)
    # The digit grows with its strokes: (width + 2 radius) / (side + 2 radius) = MIN_STROKE / BOX.
    radius = (side * MIN_STROKE / BOX - width) / (2 - 2 * MIN_STROKE / BOX)
    if radius < 1:
        return ink
    # Hairlines are faint after the reduction; full ink is what the ink itself has on average.
    return _dilated(np.minimum(ink * ink.sum() / np.square(ink).sum(), 1), radius)


def _dilated(ink: np.ndarray, radius: float) -> np.ndarray:
    """Take the maximum of `ink` over a disc around each pixel; the plane grows by int(radius) on each side."""
    reach = int(radius)
    height, width = ink.shape
    dilated = np.zeros((height + 2 * reach, width + 2 * reach), np.float32)
    steps = range(2 * reach + 1)
    for y, x in itertools.product(steps, steps):
        if math.hypot(y - reach, x - reach) <= radius:
            part = dilated[y : y + height, x : x + width]
            np.maximum(part, ink, out=part)
    return dilated


def _in_black_and_white(ink: np.ndarray) -> np.ndarray:
    """Make each point ink (1) or paper (0): about POINTS of them along a pixel of the digit.

    MNIST was made from scans in black and white, so that a pixel of it is the share of ink below it. The shades of a
    soft pencil, of a blurred photograph or of a small one are none that D has seen, and it would judge by them. Ink is
    what is at least half as dark as the darkest near it, so that a stroke of little pressure stays whole. It goes on up
    to a dark one that it meets: there ink is what is nearly as dark as the faintest near it. A digit that is BOX pixels
    long already, as one of MNIST on white, has its shares and keeps them.
    """
    longer = _longer_side(ink)
    if longer == BOX:
        return ink
    scale = POINTS * BOX / longer
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    method = Resampling.BOX if scale < 1 else Resampling.BICUBIC
    ink = np.asarray(Image.fromarray(ink).resize((width, height), method))
    strongest = filters.widened(ink, 2 * NEAR * POINTS + 1)
    certain = ink >= np.maximum(strongest, EDGE) / 2
    strengths = np.where(certain & (strongest >= EDGE), strongest, 1)
    if strengths.min() >= 0.5:  # no stroke is half as dark as another
        return certain.astype(np.float32)
    faintest = -filters.widened(-strengths, 2 * (NEAR + 1) * POINTS + 1)
    meeting = (faintest < strongest / 2) & (ink >= NEARLY * faintest)
    return (certain | meeting).astype(np.float32)


def _fitted(ink: np.ndarray) -> np.ndarray:
    """Shrink ink so that its box is BOX pixels long, from edge to edge, and its strongest pixel is 1, as in MNIST.

    A pixel is the mean of the points that fall on it. There are MARGIN pixels around the box.
    """
    box = box_of(ink)
    step = max(side.stop - side.start for side in box) / BOX
    room = math.ceil(step * (MARGIN + 1))
    top, left = (side.start + room - MARGIN * step for side in box)
    height, width = (math.ceil((side.stop - side.start) / step - 1e-6) + 2 * MARGIN for side in box)
    corners = (left, top, left + width * step, top + height * step)
    picture = Image.fromarray(np.pad(ink, room))
    fitted = np.asarray(picture.resize((width, height), Resampling.BOX, box=corners))
    return fitted / fitted.max()


def _centred(ink: np.ndarray) -> np.ndarray:
    """Cut out the 28x28 field of the ink that has its centre of mass at pixel (CENTRE, CENTRE)."""
    ink = np.pad(ink, IMAGE_SIZE)
    window = []
    for axis, box in enumerate(box_of(ink)):
        centre = np.average(np.arange(ink.shape[axis]), weights=ink.sum(1 - axis))
        # To the nearest pixel; what is symmetric lies between two, where no rounding error may decide.
        start = math.floor(centre - CENTRE + 0.5001)
        # A digit with its mass at one end goes no further than the edge of the field.
        start = np.clip(start, box.stop - IMAGE_SIZE, box.start)
        window.append(slice(start, start + IMAGE_SIZE))
    return ink[tuple(window)]
