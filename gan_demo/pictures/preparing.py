"""Any picture -> the 28x28 digit that a network expects: white ink (255) on black (0), prepared as MNIST was."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops
from PIL.Image import Resampling
from scipy import ndimage

from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import components, filters, finding, mnist_form, ruling
from gan_demo.pictures.finding import Part
from gan_demo.pictures.opening import WORKING_SIDE, normalised, to_uint8
from gan_demo.pixels import LIGHT

FAINT = 0.1  # ink; what is fainter does not join two pieces
DARK = 128  # grey; on black, a drawing that has nothing lighter cannot be seen well
FOUND, SEVERAL, UNSURE = "found", "several", "unsure"  # what is to be said of a prepared picture
LEAST_MARKED = 128  # pixels; a part that somebody marked is enlarged until its sides have so many
MIN_CONTRAST = 16  # grey levels between paper and ink; what is fainter is not ink


class Prepared(NamedTuple):
    """The digit in a picture, and what was found out about it."""

    pixels: np.ndarray  # (28, 28) uint8
    note: str = ""  # FOUND, SEVERAL or UNSURE; "" where the picture shows nothing but the digit
    boxes: tuple[Part, ...] = ()  # where a digit may be, the likeliest first
    chosen: int = 0  # which of them it is


def to_digit(picture: Image.Image) -> np.ndarray:
    """Prepare the drawing in a picture as the digits of MNIST were: (28, 28) uint8, white on black.

    The ink may be darker or lighter than the paper, or be what is opaque on a transparent ground. The digit is looked
    for on the picture, cut out, made black and white, scaled to 20 pixels on its longer side, and moved until its
    centre of mass is at pixel (14, 14). Strokes that are thinner than nearly all of MNIST's would fade away: they are
    thickened. Without any ink the result is all 0. A picture of 28x28 pixels is a digit already, see `exactly`.
    """
    return prepare(picture).pixels


def prepare(picture: Image.Image, choice: int = 0) -> Prepared:
    """Prepare as `to_digit` does, and say what was found out; of several digits it is number `choice`.

    Raises UserError if there is no such digit.
    """
    picture = normalised(picture)
    ready = exactly(picture)
    if ready is not None and ground(ready) < LIGHT:
        return Prepared(ready)
    return _chosen(*_searched(picture), choice)


def each(picture: Image.Image, most: int) -> list[np.ndarray]:
    """The pixels of each of several digits, as `prepare` has them, `most` at most; the picture is searched once."""
    plane, ink, search = _searched(normalised(picture))
    return [_chosen(plane, ink, search, choice).pixels for choice in range(min(most, len(search.several())))]


def _searched(picture: Image.Image) -> tuple[np.ndarray, np.ndarray, finding.Search]:
    """The plane of grey levels of an "LA" picture, its ink, and what was found on it."""
    plane = _visible(picture)
    ink = _ink(plane)
    return plane, ink, finding.find(plane, ink)


def _chosen(plane: np.ndarray, ink: np.ndarray, search: finding.Search, choice: int) -> Prepared:
    meant = search.several()
    if choice and not 0 <= choice < len(meant):
        raise UserError(f"there are {len(meant)} digits on this picture, counted from 0: {choice} is none of them")
    note = ""
    if meant and not meant[choice].plain:
        note = SEVERAL if len(meant) > 1 else UNSURE if search.is_unsure() else "" if search.is_alone() else FOUND
        found = _ink_of(plane, search, meant[choice])
        if found.any():
            ink = found
    return Prepared(mnist_form.as_mnist(ink), note, tuple(search.part(one) for one in meant), choice)


def exactly(picture: Image.Image) -> np.ndarray | None:
    """The (28, 28) uint8 pixels of a picture that has no others, or each of them as a square of equal ones.

    None for any other picture, and for one of a single colour.
    """
    grey, alpha = (np.asarray(band) for band in picture.convert("LA").split())
    side = len(grey)
    if grey.shape != (side, side) or side % IMAGE_SIZE or alpha.min() < 255 or grey.min() == grey.max():
        return None
    step = side // IMAGE_SIZE
    pixels = np.ascontiguousarray(grey[::step, ::step])
    return pixels if np.array_equal(pixels.repeat(step, 0).repeat(step, 1), grey) else None


def _ink_of(plane: np.ndarray, search: finding.Search, one: finding.Candidate) -> np.ndarray:
    """The ink of one candidate alone: a plane of 0 to 1, a part of the picture."""
    top, left, bottom, right = corners = finding.around(search, one)
    place = slice(top, bottom), slice(left, right)
    rows, columns = (slice(round(p.start * search.factor), round(p.stop * search.factor)) for p in place)
    crop = ruling.without(plane[rows, columns], one.lines, one.dark, search.factor, corners[:2])
    foreign, mask = (
        _enlarged(some[place].astype(np.float32), crop.shape, Resampling.NEAREST) > 0
        for some in (one.foreign & ~one.mask, filters.widened(one.mask, 3))
    )
    paper = ~foreign & ~mask
    if foreign.any() and paper.any():
        crop = np.where(foreign, np.median(crop[paper]), crop)
    ink = np.zeros_like(crop) if one.least else _ink(crop, one.dark)
    is_stroke = one.apart > 2 * MIN_CONTRAST and one.thickness < components.STROKE and not one.cut
    if is_stroke and not ink.any():  # shadows are all round it
        share = np.abs(crop - one.paper) / max(one.apart, 1) * ((crop < one.paper) == one.dark)
        ink = np.clip((share - finding.STRONG) / (1 - finding.STRONG), 0, 1)
    pieces, count = ndimage.label(ink > FAINT, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    kept[pieces[mask]] = True
    return np.where((pieces > 0) & kept[pieces], ink, 0)


def cut_out(picture: Image.Image, part: Part) -> Image.Image:
    """The part of a picture that somebody marked: mode "LA", large enough to be searched."""
    picture = normalised(picture)
    left, top, right, bottom = (share * side for share, side in zip(part, picture.size * 2, strict=True))
    crop = picture.crop((math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)))
    scale = min(LEAST_MARKED / min(crop.size), WORKING_SIDE / max(crop.size))
    return crop if scale <= 1 else crop.resize([round(scale * side) for side in crop.size], Resampling.BICUBIC)


def within(part: Part, box: Part) -> Part:
    """Where a box that lies in a part of a picture is on the picture."""
    left, top = part[0], part[1]
    width, height = part[2] - left, part[3] - top
    return left + box[0] * width, top + box[1] * height, left + box[2] * width, top + box[3] * height


def shown(picture: Image.Image) -> Image.Image:
    """An "LA" picture as a person may look at it, mode "L": what is transparent is light behind dark ink, else dark."""
    grey, alpha = picture.split()
    return Image.composite(grey, Image.new("L", picture.size, 255 if _is_inked(picture) else 0), alpha)


def is_noise(picture: Image.Image) -> bool:
    """Whether grain covers a picture so that no ink stands out from it."""
    return finding.noise(_visible(normalised(picture))) > MIN_CONTRAST / 2


def from_ink(drawing: np.ndarray) -> np.ndarray:
    """Prepare a drawing that is known to be white ink on black: (side, side) -> (28, 28), both uint8.

    It does what `to_digit` does without looking for paper and light, which takes longer than the rest.
    """
    return mnist_form.as_mnist(drawing.astype(np.float32) / 255)


def shrunk(drawing: np.ndarray) -> np.ndarray:
    """Make a drawing smaller, whose side is a multiple of 28: each pixel is the mean of a square. (28, 28) uint8."""
    tiles = drawing.reshape(IMAGE_SIZE, drawing.shape[0] // IMAGE_SIZE, IMAGE_SIZE, -1)
    return to_uint8(tiles.mean((1, 3)) / 255)


def _visible(picture: Image.Image) -> np.ndarray:
    """Find the plane of an "LA" picture that shows the drawing: (height, width) float32, 0 to 255.

    Where the paper is transparent it is alpha, whatever the colour of the ink. Where there is paper it is grey: paper
    may be everywhere, or a card with transparent corners or margins.
    """
    grey, alpha = (np.asarray(band, np.float32) for band in picture.split())
    if alpha.min() == alpha.max():
        return grey if alpha.max() > 0 else alpha
    seen = alpha > alpha.max() / 2
    is_card = seen[mnist_form.box_of(seen)].mean() > 0.7 and np.ptp(grey[seen]) > 2 * MIN_CONTRAST
    if not is_card:
        return alpha
    paper = np.median(grey[seen])
    return paper + (grey - paper) * (alpha / 255)


def _is_inked(picture: Image.Image) -> bool:
    """Whether an "LA" picture is dark all over on a transparent ground, so that hardly any of it shows on black."""
    grey, alpha = (np.asarray(band) for band in picture.split())
    return bool(alpha.min() < alpha.max() and np.percentile(grey[alpha > alpha.max() / 2], 99) < DARK)


def _on_black(picture: Image.Image) -> Image.Image:
    """An "LA" picture before a black ground: mode "L"."""
    grey, alpha = picture.split()
    return ImageChops.multiply(grey, alpha)


def _ink(plane: np.ndarray, dark: bool | None = None) -> np.ndarray:
    """Measure how much ink each pixel of a (height, width) plane holds, from 0 to 1; all 0 if it is blank.

    Whether the ink is `dark` is found out where it is not said.
    """
    contrast = _contrast(plane, dark)
    noise = 1.4826 * np.median(np.abs(_rim(contrast)))  # the standard deviation, if it is Gaussian
    strength = contrast.max() - 3 * noise  # the maximum is ink and noise
    if strength < max(MIN_CONTRAST, 6 * noise):
        return np.zeros_like(plane)
    # A drawing made on a screen keeps every grey; on a photo faint ones are shadow, ruling or grain.
    floor = max(4 * noise, strength / 4) if noise > 1 else 0
    return np.clip((contrast - floor) / (strength - floor), 0, 1)


def _contrast(plane: np.ndarray, dark: bool | None = None) -> np.ndarray:
    """Measure how far each pixel of a plane is from the paper behind it, in grey levels; ink is positive."""
    thumbnail = Image.fromarray(plane)
    thumbnail.thumbnail((64, 64), Resampling.HAMMING)  # light changes slowly
    small = np.asarray(thumbnail)
    paper = _paper(small)
    if dark is None:
        difference = plane - _enlarged(paper, plane.shape)
        darker, lighter = (np.square(np.maximum(sign * difference, 0)).sum() for sign in (-1, 1))
        dark = bool(lighter <= darker)
    sign = -1 if dark else 1
    if np.median(np.abs(_rim(small - paper))) > 1:  # no smooth light: a shadow may explain the rest
        paper = sign * np.maximum(sign * paper, _without_strokes(sign * small))
    usual = max(float(np.median(paper)), 1)
    paper = _enlarged(paper, plane.shape)
    contrast = sign * (plane - paper)
    if dark:  # it takes a share of the light, of which there is less in a shadow
        contrast /= np.maximum(paper / usual, 0.5)
    return contrast - np.median(_rim(contrast))


def _paper(plane: np.ndarray) -> np.ndarray:
    """Estimate the paper behind the ink, unevenly lit as it may be: a quadratic surface through most pixels.

    The surface starts flat, at the median of the rim, and is fitted again and again to the pixels that lie on it.
    """
    height, width = plane.shape
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    surface = np.full_like(plane, np.median(_rim(plane)))
    for _ in range(6):
        distance = np.abs(plane - surface)
        on_paper = distance <= 2 + 4 * np.median(_rim(distance))
        chosen = terms[on_paper]
        # The least squares of six well-scaled terms: a hundred times as fast as the decomposition of all pixels.
        surface = terms @ np.linalg.lstsq(chosen.T @ chosen, chosen.T @ plane[on_paper], rcond=None)[0]
    return surface.astype(np.float32)


def _without_strokes(plane: np.ndarray) -> np.ndarray:
    """Remove from a plane what is bright and, in some direction, narrower than a third of the picture.

    It is the morphological opening by a square, which keeps slopes and shadows, and their edges.
    """
    reach = max(1, max(plane.shape) // 6)
    # Reflected through its own end, a slope goes on beyond the edge of the picture.
    padded = np.pad(plane, reach, mode="reflect", reflect_type="odd")
    return filters.opened(padded, 2 * reach + 1)[reach:-reach, reach:-reach]


def _enlarged(plane: np.ndarray, shape: tuple[int, ...], method: Resampling = Resampling.BICUBIC) -> np.ndarray:
    """A plane (by the usual method: a smooth one) at a larger (height, width)."""
    return np.asarray(Image.fromarray(plane).resize((shape[1], shape[0]), method))


def _rim(plane: np.ndarray) -> np.ndarray:
    """Pixels along the four edges, 1/16 of the shorter side deep and at least one; of a large plane each third. (n,)"""
    depth = max(1, min(plane.shape) // 16)
    ends = plane[:depth], plane[-depth:], plane[depth:-depth, :depth], plane[depth:-depth, -depth:]
    step = 3 if plane.size > 100_000 else 1
    return np.concatenate([end.ravel()[::step] for end in ends])


def resized(picture: Image.Image, sides: tuple[int, int] = (IMAGE_SIZE, IMAGE_SIZE)) -> np.ndarray:
    """Resize a picture that needs no preparing, as one of a data set: (height, width) uint8, nothing inverted.

    A drawing in one dark shade on a transparent ground becomes white on black, as `prepare` reads it. Of any other
    picture what is transparent becomes black. A picture of other proportions is cut at its ends: the middle is kept.
    """
    picture = normalised(picture)
    ready = exactly(picture)
    if ready is not None and sides == ready.shape:
        return ready
    return _cut(Image.fromarray(to_uint8(_visible(picture) / 255)) if _is_inked(picture) else _on_black(picture), sides)


def inverted(picture: Image.Image, sides: tuple[int, int] = (IMAGE_SIZE, IMAGE_SIZE)) -> np.ndarray:
    """`resized`, with dark and light exchanged: (height, width) uint8. The ground becomes even, as the ink is kept."""
    picture, plain = normalised(picture), resized(picture, sides)
    on_light = ground(plain) >= DARK
    ink = np.zeros(0) if exactly(picture) is not None else _ink(_visible(picture), dark=on_light)
    if not ink.any():
        return 255 - plain
    return _cut(Image.fromarray(to_uint8(ink if on_light else 1 - ink)), sides)


def ground(pixels: np.ndarray) -> float:
    """The grey of what is around the drawing in a picture, (height, width) uint8: the median of its rim."""
    return float(np.median(_rim(pixels)))


def _cut(picture: Image.Image, sides: tuple[int, int]) -> np.ndarray:
    """The middle of an "L" picture in the proportions of (height, width), resized to them."""
    size = sides[::-1]
    scale = min(length / side for length, side in zip(picture.size, size, strict=True))
    kept = [max(1, round(side * scale)) for side in size]
    left, top = ((length - side) // 2 for length, side in zip(picture.size, kept, strict=True))
    return np.array(picture.crop((left, top, left + kept[0], top + kept[1])).resize(size, Resampling.BICUBIC))
