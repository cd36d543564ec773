"""From digits to the pictures of a page."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from gan_demo.pictures import encoding


@pytest.mark.parametrize("make", [lambda pixels: pixels, torch.from_numpy, lambda pixels: pixels[:, None]])
def test_grid(make):
    pixels = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8) + 100
    found = encoding.grid(make(pixels), columns=3, gap=2)
    assert (found.mode, found.size) == ("L", (3 * 28 + 2 * 2, 2 * 28 + 2))
    found = np.asarray(found)
    assert np.array_equal(found[:28, 60:], pixels[2])
    assert np.array_equal(found[30:, 30:58], pixels[4])
    around = {encoding.GAP_GREY}
    assert set(found[28:30].ravel()) == set(found[:, 28:30].ravel()) == set(found[30:, 60:].ravel()) == around


def test_grid_is_enlarged_without_blur():
    pixels = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    assert np.array_equal(encoding.grid(pixels, columns=1, scale=3), np.kron(pixels[0], np.ones((3, 3), np.uint8)))


@pytest.mark.parametrize(
    "pixels", [np.zeros((0, 28, 28), np.uint8), np.zeros((28, 28), np.uint8), np.zeros((2, 28, 28)), torch.zeros(1, 1)]
)
def test_grid_refuses_other_arrays(pixels):
    with pytest.raises(ValueError, match="a grid is made of"):
        encoding.grid(pixels, columns=2)


def test_a_png_and_its_url_hold_the_picture():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (5, 7), dtype=np.uint8))
    start, _, content = encoding.data_url(encoding.png_bytes(image)).partition(",")
    assert start == "data:image/png;base64"
    opened = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (opened.format, opened.mode) == ("PNG", "L")
    assert np.array_equal(opened, image)


def test_grid_of_colour_pictures():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3, 4, 5), dtype=np.uint8)
    found = encoding.grid(pixels, columns=2, gap=1)
    assert (found.mode, found.size) == ("RGB", (11, 9))
    assert np.array_equal(np.asarray(found)[5:, :5], pixels[2].transpose(1, 2, 0))


@pytest.mark.parametrize("shape", [(28, 28), (1, 3), (16, 5)])
def test_a_grey_png_is_what_pillow_reads(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    found = Image.open(io.BytesIO(encoding.grey_png(pixels)))
    found.verify()  # its checksums
    found = Image.open(io.BytesIO(encoding.grey_png(pixels)))
    assert (found.format, found.mode) == ("PNG", "L")
    assert np.array_equal(np.asarray(found), pixels)
