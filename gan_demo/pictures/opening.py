"""Opening any picture that a person brings, hostile or not: it becomes a PIL image of mode "LA", grey and alpha.

Bytes, pixels and sides are bounded before the decoding. After it the longer side has at most WORKING_SIDE pixels.
"""

import contextlib
import io
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.Image import Resampling
from scipy import ndimage

from gan_demo.errors import UserError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")  # every other parser stays out of reach
MAX_BYTES = 50_000_000
MAX_PIXELS = 16_000_000
# The formats whose pixels cost less or more than four bytes while they are decoded: a JPEG is shrunk on the way (and
# phones make 24 megapixels), while Pillow's WebP decoder holds the whole picture four times.
MAX_PIXELS_OF = {"JPEG": 25_000_000, "MPO": 25_000_000, "WEBP": 10_000_000}
MAX_SIDE = 12_000  # a long thin JPEG would not be shrunk
SMALL = 2_000_000  # pixels; larger pictures are decoded one after another: each takes up to 200 MB
_one_at_a_time = threading.Lock()
MAX_DECODED = 64_000_000  # pixels of an animation until a frame with ink is found
MAX_ANIMATED = 8_000_000  # pixels; of a larger animation the first frame is taken: each other one is held several times
# What phones save and Pillow reads not at all, or only where a certain library is: the brands of its container, which
# stand in its bytes 8 to 12 (ISO/IEC 14496-12, section 4.3).
NOT_READ = {b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC", b"hevx": "HEIC"} | {
    b"mif1": "HEIC",
    b"msf1": "HEIC",
    b"avif": "AVIF",
    b"avis": "AVIF",
}
COLOUR_SIDE = 128  # of the picture on which colours are compared
COLOURED = 4  # grey levels that the channels of a pixel are apart, on average over a picture in colour
COLOURFUL = 2.5  # times: so much more the ink differs from the paper in colour than in lightness
BLANK = 8  # grey levels: a frame that has no more of them shows nothing
STRIP = 256  # rows of a picture that are converted at once
WORKING_SIDE = 1024  # a digit as small as 1/50 of the picture still has its 20 pixels


def open_picture(source: str | Path | bytes | BinaryIO) -> Image.Image:
    """Open a picture from a path, from the bytes of a file, or from an open file: mode "LA", 8 bit.

    The picture is turned as its EXIF orientation says and made at most WORKING_SIDE pixels long. An animation gives its
    first frame that shows anything. Raises UserError where `source` cannot be read, is no picture, is damaged, or is so
    large that decoding it would take too much memory.
    """
    name, content = _read(source)
    # Decoders raise nearly anything on damaged bytes (OSError, SyntaxError, struct.error, ...).
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)  # reads the header only
        limit = MAX_PIXELS_OF.get(picture.format or "", MAX_PIXELS)
        pixels = _pixels_to_decode(picture)
        too_large = pixels > limit or max(picture.size) > MAX_SIDE
    except UnidentifiedImageError:
        if content[4:8] == b"ftyp" and content[8:12] in NOT_READ:
            kind = NOT_READ[content[8:12]]
            raise UserError(f"{name} is in the format {kind}, which is not read: save it as JPEG or PNG") from None
        raise UserError(f"{name} is not a picture: bring a PNG, JPEG, WebP, GIF, BMP or TIFF file") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit, too_large = MAX_PIXELS, True
    except Exception:
        raise UserError(f"{name} is damaged: save or download it again") from None
    if too_large:
        raise UserError(
            f"{name} is too large (the limits are {limit / 1e6:g} megapixels and {MAX_SIDE} pixels a side):"
            " make it smaller first"
        )
    try:
        with _one_at_a_time if pixels > SMALL else contextlib.nullcontext():
            _seek_ink(picture, pixels)
            return normalised(picture)
    except Exception:
        raise UserError(f"{name} is damaged, cut short or of a rare kind: save it again as PNG") from None


def size_and_colour(path: Path) -> tuple[int, int, bool]:
    """Width, height, and whether it is in colour, of a file that `open_picture` reads."""
    with Image.open(path, formats=FORMATS) as picture:
        width, height = picture.size
        picture.draft("RGB", (COLOUR_SIDE, COLOUR_SIDE))
        picture.thumbnail((COLOUR_SIDE, COLOUR_SIDE))
        channels = np.asarray(picture.convert("RGB"), np.int16)
    return width, height, bool((channels.max(2) - channels.min(2)).mean() > COLOURED)


def _read(source: str | Path | bytes | BinaryIO) -> tuple[str, bytes]:
    """Return what to call `source` in a message, and its content."""
    name = "this file"
    if isinstance(source, bytes):
        content = source
    elif isinstance(source, (str, Path)):
        name = " ".join(str(source).split())
        try:
            with Path(source).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (FileNotFoundError, ValueError):  # no name of a file holds a zero byte
            raise UserError(f"{name} does not exist: check the name") from None
        except IsADirectoryError:
            raise UserError(f"{name} is a folder: name a picture in it") from None
        except OSError as error:
            raise UserError(f"{name} cannot be read ({error.strerror}): check the name and the rights") from None
    else:
        content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UserError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB: make it smaller first")
    return name, content


def _pixels_to_decode(picture: Image.Image) -> int:
    """Count the pixels that decoding holds: those of the picture, or of one TIFF tile, which may be larger."""
    tags = getattr(picture, "tag_v2", {})
    tile = int(tags.get(ExifTags.Base.TileWidth, 0)) * int(tags.get(ExifTags.Base.TileLength, 0))
    return max(picture.width * picture.height, tile)


def normalised(picture: Image.Image) -> Image.Image:
    """Convert any PIL image to "LA": upright, at most WORKING_SIDE long, with no metadata left.

    Its grey is its lightness, or, where ink and paper differ in little but their colour, how far it lies from one
    colour to the other.
    """
    picture.draft("YCbCr", (WORKING_SIDE, WORKING_SIDE))  # has a JPEG decoded smaller; others ignore it
    if picture.mode == "F" or picture.mode.startswith("I"):
        small = _eight_bits(picture)
    else:
        small = _grey(picture.getchannel("Y") if picture.mode == "YCbCr" else picture)
        axis = _axis_of_colours(picture)
        if axis is not None:
            coloured = _along(picture, small.size, *axis).convert("LA")
            coloured.putalpha(small.getchannel("A"))
            small = coloured
    small.info = dict(picture.info)  # planes that were put together have none, and the EXIF orientation is in it
    with contextlib.suppress(Exception):  # what is wrong in the metadata does not spoil the pixels
        ImageOps.exif_transpose(small, in_place=True)
    small.info = {}
    return small


def _grey(picture: Image.Image) -> Image.Image:
    """Convert to "LA", at most WORKING_SIDE long.

    It is `convert("LA")` and `thumbnail`, done in strips and for grey and alpha apart: Pillow has both in four bytes a
    pixel, twice, beside the picture itself.
    """
    if max(picture.size) <= WORKING_SIDE:
        return picture.convert("LA")
    planes = [Image.new("L", picture.size) for _ in "LA"]
    for top in range(0, picture.height, STRIP):
        strip = picture.crop((0, top, picture.width, min(top + STRIP, picture.height))).convert("LA")
        for plane, band in zip(planes, strip.convert("La").split(), strict=True):
            plane.paste(band, (0, top))
    for plane in planes:
        # Hamming, unlike bicubic, does not overshoot: no bright rim around dark ink.
        plane.thumbnail((WORKING_SIDE, WORKING_SIDE), Resampling.HAMMING, reducing_gap=None)
    return Image.merge("La", planes).convert("LA")


def _seek_ink(picture: Image.Image, pixels: int) -> None:
    """Turn an animation to its first frame that shows anything; to its first one if there is none."""
    if picture.format not in ("GIF", "PNG", "WEBP", "TIFF") or not getattr(picture, "is_animated", False):
        return
    for frame in range(MAX_DECODED // pixels if pixels <= MAX_ANIMATED else 1):
        try:
            picture.seek(frame)
        except EOFError:
            break
        sample = picture.resize((COLOUR_SIDE, COLOUR_SIDE), Resampling.NEAREST).convert("LA")
        if max(np.ptp(np.asarray(band)) for band in sample.split()) > BLANK:
            return
    picture.seek(0)


def _axis_of_colours(picture: Image.Image) -> tuple[np.ndarray, np.ndarray] | None:
    """From which colour in which direction, both (3,), ink and paper differ; None where lightness tells them apart."""
    if picture.mode in ("1", "L", "LA", "La"):
        return None
    sample = picture.resize((COLOUR_SIDE, COLOUR_SIDE), Resampling.NEAREST).convert("RGB")
    colours = np.asarray(sample, np.float32)
    # What changes slowly is the light.
    apart = colours - ndimage.gaussian_filter(colours, (COLOUR_SIDE / 8, COLOUR_SIDE / 8, 0))
    apart = apart.reshape(-1, 3) - apart.reshape(-1, 3).mean(0)
    axis = np.linalg.eigh(apart.T @ apart)[1][:, -1]
    axis = axis if axis.sum() > 0 else -axis
    lightness = np.array([0.299, 0.587, 0.114], np.float32)
    along, light = float((apart @ axis).std()), float((apart @ (lightness / np.linalg.norm(lightness))).std())
    if along < 1 or along < COLOURFUL * light:
        return None
    return np.median(colours.reshape(-1, 3), 0), axis


def _along(picture: Image.Image, size: tuple[int, int], start: np.ndarray, axis: np.ndarray) -> Image.Image:
    """How far each pixel lies in one direction among the colours: mode "L", of the size (width, height)."""
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    small = picture.resize(size, Resampling.HAMMING, reducing_gap=2.0)
    return Image.fromarray((128 + (np.asarray(small, np.float32) - start) @ axis / 2).clip(0, 255).astype(np.uint8))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Convert a grey picture of 16 or 32 bits or of floats to "LA"; Pillow's own conversion clips at 255.

    Only 16 bits say what white is. For the others white is the smallest of 1, 255 and 65535 that no pixel exceeds, or
    else the brightest pixel. Black is 0, or the darkest pixel if that is negative.
    """
    small = picture.convert("F")
    small.thumbnail((WORKING_SIDE, WORKING_SIDE), Resampling.HAMMING)
    values = np.nan_to_num(np.asarray(small, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    black, brightest = min(values.min(), 0), values.max()
    scales = (65535,) if picture.mode.startswith("I;16") else (1, 255, 65535)
    white = next((scale for scale in scales if brightest <= scale), brightest)
    return Image.fromarray(to_uint8((values - black) / (white - black))).convert("LA")


def to_uint8(values: np.ndarray) -> np.ndarray:
    """Convert 0..1 floats to 0..255 uint8, rounded to nearest."""
    return np.clip(values * 255, 0, 255).round().astype(np.uint8)
