"""The picture of a canvas on its way to a network."""

import base64

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gan_demo.errors import UserError
from gan_demo.pictures import preparing
from gan_demo.ui.shared import canvas


def drawing():
    picture = Image.new("L", (canvas.SIDE, canvas.SIDE), 0)
    ImageDraw.Draw(picture).line([(30, 20), (80, 22), (50, 95)], fill=255, width=9, joint="curve")
    return picture


@pytest.mark.parametrize("side", [28, canvas.SIDE])
def test_a_picture_survives_the_way(side):
    pixels = np.random.default_rng(0).integers(0, 256, (side, side)).astype(np.uint8)
    assert np.array_equal(canvas.read(canvas.write(pixels)), pixels)


def text(length):
    return base64.b64encode(bytes(length)).decode()


@pytest.mark.parametrize(
    "sent",
    [None, 7, [0] * 784, "", "x", text(783), text(785), text(28 * 28)[:-4] + "!!!!", text(784)[:-1] + "é", "A" * 10**6],
)
def test_anything_else_is_refused_in_words(sent):
    with pytest.raises(UserError, match="28×28 or 112×112"):
        canvas.read(sent)


def test_what_is_too_long_is_not_even_decoded(monkeypatch):
    monkeypatch.setattr(canvas.base64, "b64decode", lambda *_, **__: pytest.fail("it was decoded"))
    with pytest.raises(UserError):
        canvas.read("A" * 10**6)


def test_a_drawing_is_prepared_as_an_uploaded_picture_of_it_is():
    pixels = canvas.to_digit(np.asarray(drawing()))
    assert np.array_equal(pixels, preparing.to_digit(drawing().convert("LA")))
    rows = np.flatnonzero((pixels > 64).any(1))
    assert rows[-1] - rows[0] + 1 == 20


def test_an_empty_sheet_is_an_empty_digit():
    assert not canvas.to_digit(np.zeros((canvas.SIDE, canvas.SIDE), np.uint8)).any()


def test_merely_resized_each_pixel_is_the_mean_of_sixteen():
    picture = np.zeros((canvas.SIDE, canvas.SIDE), np.uint8)
    picture[4:8, 8:12] = np.arange(16).reshape(4, 4) * 16
    pixels = canvas.to_digit(picture, prepared=False)
    assert pixels[1, 2] == 120
    assert pixels.sum() == 120


def test_28_by_28_is_taken_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    assert np.array_equal(canvas.to_digit(pixels), pixels)


@pytest.mark.parametrize(
    ("sent", "kept"), [(3, 3), (None, None), (10**30, None), (-1, None), ("7", None), ([[]], None)]
)
def test_a_turn_is_sent_back_only_if_a_browser_could_have_counted_it(sent, kept):
    put = canvas.put(np.zeros((28, 28), np.uint8), turn=sent)
    refused = canvas.refused("too large", sent)
    assert [one.props[name]["turn"] for one, name in ((put, "put"), (refused, "refused"))] == [kept] * 2
