"""Pictures that the tests make: drawings, photos of drawings, and files of them."""

import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageDraw


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def grey_picture(grey: np.ndarray, alpha: np.ndarray | None = None) -> Image.Image:
    """A "LA" picture of (h, w) arrays of 0 to 255, opaque where no alpha is given."""
    if alpha is None:
        alpha = np.full(grey.shape, 255)
    return Image.merge("LA", [Image.fromarray(np.asarray(band).round().astype(np.uint8)) for band in (grey, alpha)])


def three(side: int = 400, pen: int = 30) -> np.ndarray:
    """The ink (0 to 1) of a 3 drawn with a round pen, off the centre."""
    canvas = Image.new("L", (side * 2, side * 2))
    draw = ImageDraw.Draw(canvas)
    for top in (0.15, 0.45):
        draw.arc([side * 0.7, side * 2 * top, side * 1.3, side * 2 * (top + 0.3)], -150, 120, fill=255, width=pen * 2)
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX)) / 255


def photo(ink: np.ndarray, seed: int, shadow: float = 0.0) -> Image.Image:
    """Dark ink on grey paper, lit from the lower right, perhaps with a shadow over a corner, and noisy."""
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    light = 190 + 25 * x + 15 * y - 15 * (x * x + y * y) - 190 * shadow / (1 + np.exp(-15 * (x + y / 2)))
    paper = light * (1 - 0.75 * ink)
    return grey_picture((paper + np.random.default_rng(seed).normal(0, 5, ink.shape)).clip(0, 255))


def bilevel_png(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel, all black: 100 megapixels are 12 kB."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(height * (1 + (width + 7) // 8))))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


def pixels_of(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,")))))


def one(path):
    """A one, dark on light, drawn into a file."""
    picture = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(picture).line((100, 30, 90, 170), fill=0, width=16)
    picture.save(path)
    return path
