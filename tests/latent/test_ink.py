"""Measures of ink on pictures whose measures are known by hand."""

import math

import pytest
import torch

from gan_demo.latent import ink

FINE = 8  # each pixel is drawn from 8 x 8 points


def drawn(inside):
    """The picture of what is `inside`, a condition on (x, y) in pixels from the middle, y upwards: (1, 28, 28)."""
    places = (torch.arange(28 * FINE, dtype=torch.float64) + 0.5) / FINE - 14
    y, x = torch.meshgrid(-places, places, indexing="ij")
    drawn = inside(x, y).double().reshape(28, FINE, 28, FINE).mean((1, 3))
    return (drawn * 255).round().to(torch.uint8)[None]


def bar(width, length, degrees=0.0):
    """Upright, its edges between pixels."""
    shear, offset = math.tan(math.radians(degrees)), width % 2 / 2
    return drawn(lambda x, y: ((x - offset - shear * y).abs() < width / 2) & (y.abs() < length / 2))


def disc(radius, hole=0.0):
    return drawn(lambda x, y: (torch.hypot(x, y) < radius) & (torch.hypot(x, y) >= hole))


@pytest.mark.parametrize("degrees", [-30, -10, 0, 20, 40])
def test_a_sheared_bar_has_the_slant_of_its_shear(degrees):
    assert ink.slant(bar(3, 18, degrees)).item() == pytest.approx(degrees, abs=0.2)


@pytest.mark.parametrize(("width", "length"), [(1, 20), (2, 20), (4, 20), (6, 10)])
def test_a_bar_has_its_measures(width, length):
    picture = bar(width, length)
    assert ink.width(picture).item() == pytest.approx(width * length / (width + length), rel=0.04)
    assert ink.size(picture).item() == pytest.approx(math.sqrt((width**2 + length**2) / 12), rel=1e-6)
    assert ink.roundness(picture).item() == pytest.approx(width / length, rel=1e-6)
    assert ink.slant(picture).item() == pytest.approx(0, abs=1e-9)


def test_a_disc_and_a_ring_are_round():
    assert ink.width(disc(8)).item() == pytest.approx(8, rel=0.03)
    assert ink.width(disc(9, 6)).item() == pytest.approx(3, rel=0.03)
    assert ink.size(disc(8)).item() == pytest.approx(8 / math.sqrt(2), rel=0.01)
    assert ink.roundness(torch.cat([disc(8), disc(9, 6)])).tolist() == pytest.approx([1, 1], abs=1e-6)


def test_a_turned_bar_keeps_its_width_and_roundness():
    turned = drawn(lambda x, y: ((x + y).abs() < 3 / math.sqrt(2)) & ((x - y).abs() < 18 / math.sqrt(2)))
    assert ink.width(turned).item() == pytest.approx(3 * 18 / 21, rel=0.02)
    assert ink.roundness(turned).item() == pytest.approx(3 / 18, rel=0.1)


def test_place_and_faintness_do_not_matter_to_the_spread():
    picture = bar(3, 12, 15)
    moved = picture.roll((4, -5), (1, 2)) // 2
    wanted = ink.measure(picture)[0]
    assert ink.measure(moved)[0, [0, 2, 3]].tolist() == pytest.approx(wanted[[0, 2, 3]].tolist(), rel=0.01)
    assert ink.measure(moved[None]).shape == (1, len(ink.MEASURES))


def test_a_blank_picture_has_nothing():
    assert not ink.measure(torch.zeros(2, 1, 28, 28, dtype=torch.uint8)).any()


def test_two_pixels_by_hand():
    """Variances 1/4 + 1/12 down, covariance 1/4: a shear of 3/4, the angle of a triangle of 3, 4 and 5."""
    rising = torch.zeros(1, 28, 28, dtype=torch.uint8)
    rising[0, 9, 6] = rising[0, 10, 5] = 255
    assert ink.slant(rising).item() == pytest.approx(math.degrees(math.atan(3 / 4)), abs=1e-6)
    assert ink.slant(rising.flip(2)).item() == pytest.approx(-math.degrees(math.atan(3 / 4)), abs=1e-6)
    # Principal variances 1/3 + 1/4 and 1/3 - 1/4.
    assert ink.size(rising).item() == pytest.approx(math.sqrt(2 / 3), abs=1e-6)
    assert ink.roundness(rising).item() == pytest.approx(math.sqrt(1 / 7), abs=1e-6)


def test_one_faint_pixel_is_a_square():
    pixel = torch.zeros(1, 28, 28, dtype=torch.uint8)
    pixel[0, 9, 20] = 100  # less ink than one pixel holds
    assert ink.size(pixel).item() == pytest.approx(math.sqrt(1 / 6), abs=1e-6)
    assert ink.roundness(pixel).item() == pytest.approx(1, abs=1e-6)
    assert ink.slant(pixel).item() == pytest.approx(0, abs=1e-6)
    # An area of 1 over an outline of 4 half differences down and across: each corner is sqrt(1/2).
    assert ink.width(pixel).item() == pytest.approx(2 / (4 * math.sqrt(1 / 2)), abs=1e-6)


def test_ink_on_light_ground_is_black():
    pictures = torch.cat([bar(2, 20, 15), disc(9, 6)])
    torch.testing.assert_close(ink.measure(255 - pictures), ink.measure(pictures))
    torch.testing.assert_close(ink.measure(255 - pictures // 8 * 6), ink.measure(pictures // 8 * 6))  # pencil
    assert not ink.measure(torch.full((1, 28, 28), 255, dtype=torch.uint8)).any()


def test_each_picture_of_a_batch_is_measured_on_its_own():
    pictures = torch.cat([bar(2, 20, 15), disc(8), bar(3, 12, -20)])
    alone = torch.cat([ink.measure(picture[None]) for picture in pictures])
    torch.testing.assert_close(ink.measure(pictures), alone)
