"""Encoding pictures: grids, PNG files, and data URLs for the page."""

import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image, PngImagePlugin
from torch import Tensor

GAP_GREY = 64  # between the digits of a grid


def grid(pixels: np.ndarray | Tensor, columns: int, gap: int = 2, scale: int = 1) -> Image.Image:
    """Lay pictures out in rows of `columns`, `gap` pixels apart, each pixel `scale` pixels large.

    `pixels` are (n, height, width) or (n, channels, height, width) uint8 with n >= 1 and one channel, which gives an
    image of mode "L", or three, which give "RGB". The last row may be short. Raises ValueError on anything else.
    """
    if isinstance(pixels, Tensor):
        pixels = pixels.cpu().numpy()
    if pixels.ndim == 3:
        pixels = pixels[:, None]
    if pixels.ndim != 4 or pixels.shape[1] not in (1, 3) or not pixels.size:
        raise ValueError(f"a grid is made of (n, h, w), (n, 1, h, w) or (n, 3, h, w) pixels, not {pixels.shape}")
    if pixels.dtype != np.uint8:
        raise ValueError(f"a grid is made of uint8 pixels, not {pixels.dtype}")
    count, channels, height, width = pixels.shape
    rows = -(-count // columns)
    canvas = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), GAP_GREY, np.uint8)
    for index, picture in enumerate(pixels):
        y, x = (height + gap) * (index // columns), (width + gap) * (index % columns)
        canvas[y : y + height, x : x + width] = picture.transpose(1, 2, 0)
    canvas = canvas.repeat(scale, axis=0).repeat(scale, axis=1)
    return Image.fromarray(canvas[..., 0] if channels == 1 else canvas)


def png_bytes(image: Image.Image, compression: int = 6, text: PngImagePlugin.PngInfo | None = None) -> bytes:
    """Encode an image as the content of a PNG file; `compression` from 1, the fastest, to 9, the smallest.

    `text` are the chunks of words that the file carries.
    """
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=compression, pnginfo=text)
    return buffer.getvalue()


def grey_png(pixels: np.ndarray) -> bytes:
    """Encode a grey picture, (height, width) uint8, as the content of a PNG file.

    Of pictures as small as a digit Pillow needs four times as long, which counts where a page has a hundred
    (PNG specification, third edition, sections 5 and 11.2).
    """
    height, width = pixels.shape
    lines = np.zeros((height, 1 + width), np.uint8)  # each begins with its filter: none
    lines[:, 1:] = pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # eight bits, grey
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    written = (struct.pack(">I", len(data)) + kind + data + _checksum(kind + data) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _checksum(content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content))


def data_url(content: bytes, kind: str = "png") -> str:
    """Write the content of a PNG (or other) file as a URL that a page can show without a second request."""
    return f"data:image/{kind};base64," + base64.b64encode(content).decode("ascii")


def photo_url(image: Image.Image, side: int) -> str:
    """An image of at most `side` pixels a side as such a URL: a JPEG, as it is only to be looked at."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.HAMMING)
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=82)
    return data_url(buffer.getvalue(), "jpeg")
