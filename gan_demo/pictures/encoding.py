"""Pictures on their way out: grids, PNG files, and data URLs for the page."""

import base64
import io

import numpy as np
from PIL import Image
from torch import Tensor

from gan_demo.networks import IMAGE_SIZE

GAP_GREY = 64  # between the digits of a grid


def grid(pixels: np.ndarray | Tensor, columns: int, gap: int = 2, scale: int = 1) -> Image.Image:
    """Digits in rows of `columns`, `gap` pixels apart, each pixel `scale` pixels large: a mode "L" image.

    `pixels` are (n, 28, 28) or (n, 1, 28, 28) uint8 with n >= 1; the last row may be short. Raises
    ValueError on anything else.
    """
    if isinstance(pixels, Tensor):
        pixels = pixels.cpu().numpy()
    if pixels.shape[1:] not in {(IMAGE_SIZE, IMAGE_SIZE), (1, IMAGE_SIZE, IMAGE_SIZE)} or not len(pixels):
        raise ValueError(f"a grid is made of (n, 28, 28) or (n, 1, 28, 28) pixels, not {tuple(pixels.shape)}")
    if pixels.dtype != np.uint8:
        raise ValueError(f"a grid is made of uint8 pixels, not {pixels.dtype}")
    digits = pixels.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    step = IMAGE_SIZE + gap
    rows = -(-len(digits) // columns)
    canvas = np.full((rows * step - gap, columns * step - gap), GAP_GREY, np.uint8)
    for index, digit in enumerate(digits):
        y, x = step * (index // columns), step * (index % columns)
        canvas[y : y + IMAGE_SIZE, x : x + IMAGE_SIZE] = digit
    return Image.fromarray(canvas.repeat(scale, axis=0).repeat(scale, axis=1))


def png_bytes(image: Image.Image, compression: int = 6) -> bytes:
    """The image as a PNG file; `compression` from 1, the fastest, to 9, the smallest."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=compression)
    return buffer.getvalue()


def data_url(png: bytes) -> str:
    """The content of a PNG file as a URL that a page can show without a second request."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
