"""From a picture to the 28x28 digit."""

import numpy as np
import pytest
from helpers.drawings import grey_picture, photo, three
from PIL import Image
from scipy import ndimage

from gan_demo import data
from gan_demo.pictures import mnist_form, preparing, real_digits


def bar(height: int = 140, width: int = 100) -> np.ndarray:
    """The ink (0 or 1) of a bar 80 pixels high and 20 wide, off the centre."""
    ink = np.zeros((height, width))
    ink[40:120, 30:50] = 1
    return ink


def bar_digit() -> np.ndarray:
    """What becomes of the bar: 20x5 pixels, centre of mass in pixel (14, 14) (13.5 rounds up)."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 12:17] = 255
    return digit


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference of two pictures, in grey levels."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize(
    "picture",
    [
        grey_picture(255 * bar()),
        grey_picture(255 - 255 * bar()),
        grey_picture(200 - 120 * bar()),
        grey_picture(90 + 40 * bar()),
        grey_picture(0 * bar(), 255 * bar()),
        grey_picture(255 + 0 * bar(), 255 * bar()),
        grey_picture(128 + 0 * bar(), 100 * bar()),  # half transparent ink
        grey_picture(255 - 255 * bar(), np.pad(np.full((132, 92), 255), 4)),  # a white card, clear margins
        grey_picture(255 * bar(), np.pad(np.full((132, 92), 255), 4)),  # a black card
        grey_picture(255 - 255 * bar(), np.full((140, 100), 77)),  # wholly half transparent
        Image.fromarray(np.uint8(255 - 255 * bar())),  # any mode will do
        Image.fromarray(np.uint8(np.multiply.outer(bar(), [200, 20, 30]))),
        grey_picture(255 * bar(900, 700)),
        grey_picture(np.kron(bar(140, 100), np.full((5, 5), 255))),
    ],
)
def test_ink_is_found_whatever_it_is_drawn_with(picture):
    digit = preparing.to_digit(picture)
    assert digit.dtype == np.uint8
    assert np.array_equal(digit, bar_digit())


def test_ink_of_many_greys_on_a_transparent_ground_is_ink():
    alpha = 255 * three()
    grey = 255 * (np.indices(alpha.shape).sum(0) % 2)
    assert np.array_equal(preparing.to_digit(grey_picture(grey, alpha)), preparing.to_digit(grey_picture(alpha)))


def test_a_wide_drawing_is_fitted_by_its_width():
    assert np.array_equal(preparing.to_digit(grey_picture(255 * bar().T)), bar_digit().T)


def test_antialiasing_is_kept():
    ink = np.zeros((60, 60))
    ink[20:40, 20:30] = 1
    ink[20:40, 30] = 0.4  # already 20 pixels high: nothing is scaled
    digit = preparing.to_digit(grey_picture(255 * ink))
    assert np.array_equal(np.unique(digit, return_counts=True), ([0, 102, 255], [28 * 28 - 220, 20, 200]))


def test_soft_ink_becomes_black_and_white_before_it_shrinks():
    drawn = [preparing.from_ink(np.uint8(255 * ndimage.gaussian_filter(bar(), blur))) for blur in (0, 1, 2)]
    for digit in drawn:
        assert np.array_equal(digit > 127, bar_digit() > 0)
        assert (digit[bar_digit() == 0] < 100).all()
        assert (digit[6:22, 13:16] == 255).all()


def test_a_stroke_of_little_pressure_stays_whole():
    found = []
    for pressure in (1, 0.3):
        ink = np.zeros((200, 200))
        ink[40:160, 40:60] = 1
        ink[40:160, 130:150] = pressure
        found.append(preparing.from_ink(np.uint8(255 * ink)))
    assert np.array_equal(*found)


def test_a_faint_stroke_goes_on_up_to_a_dark_one_that_it_meets():
    found = []
    for pressure in (1, 0.45, 0.3):
        ink = np.zeros((200, 200))
        ink[40:160, 90:110] = pressure  # the stem of a plus
        ink[90:110, 50:150] = 1
        found.append(preparing.from_ink(np.uint8(255 * ndimage.gaussian_filter(ink, 0.5))))
    whole = found[0]
    for digit in found[1:]:
        assert difference(digit, whole) < 2
        assert (digit[whole > 200] > 100).all()


def test_a_digit_is_20_pixels_long_from_edge_to_edge_whatever_its_size():
    for side in (40, 61, 87, 112, 300):
        for digit in real_digits.sheet().images[:10, 0].numpy():
            large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
            found = preparing.from_ink(np.asarray(large))
            assert max(np.ptp(np.nonzero(found), axis=1)) + 1 == mnist_form.BOX, side


def test_a_drawing_with_its_mass_at_one_end_is_not_clipped():
    ink = np.zeros((200, 200))
    ink[50:150, 60:66] = 1  # a long stem
    ink[135:150, 30:96] = 1  # on a heavy foot
    digit = preparing.to_digit(grey_picture(255 * ink))
    rows = np.flatnonzero(digit.max(1) > 100)
    assert (rows[0], rows[-1]) == (0, 19)
    ink[50:150] = ink[50:150][::-1]
    rows = np.flatnonzero(preparing.to_digit(grey_picture(255 * ink)).max(1) > 100)
    assert (rows[0], rows[-1]) == (8, 27)


@pytest.mark.parametrize(
    "picture",
    [
        *(grey_picture(np.full((50, 40), level)) for level in (0, 128, 255)),
        grey_picture(np.full((50, 40), 255), np.zeros((50, 40))),
        grey_picture(255 * bar(), np.zeros((140, 100))),  # nothing of it can be seen
        grey_picture(np.full((1, 1), 7)),
        grey_picture(np.random.default_rng(0).normal(200, 9, (400, 300)).clip(0, 255)),
        grey_picture(np.random.default_rng(0).normal(128, 30, (400, 300)).clip(0, 255)),
        grey_picture(np.random.default_rng(0).integers(126, 130, (40, 40))),
        grey_picture(np.add.outer(np.linspace(100, 200, 300), np.linspace(-40, 30, 400))),  # light from a side
        grey_picture(200 - np.hypot(*(np.indices((300, 400)) - 170)) / 4),  # dark corners
        photo(np.zeros((300, 400)), seed=0),
        photo(np.zeros((300, 400)), seed=0, shadow=0.25),
    ],
)
def test_blank_paper_stays_black(picture):
    assert preparing.to_digit(picture).max() == 0


@pytest.mark.parametrize("shadow", [0.0, 0.25])
@pytest.mark.parametrize("pen", [12, 30, 50])
def test_a_photo_gives_nearly_the_digit_of_a_clean_drawing(shadow, pen):
    ink = three(pen=pen)
    clean, found = preparing.to_digit(grey_picture(255 * ink)), preparing.to_digit(photo(ink, 0, shadow))
    assert difference(clean, found) < 6  # moved by one pixel it would be 12 or more
    far = np.ones((28, 28), bool)
    for y, x in np.argwhere(clean > 0):
        far[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = False
    assert found[far].max() < 10  # the paper is black, not dark grey


def test_a_thin_pen_under_a_lamp_is_not_taken_for_the_paper():
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    ink = three(pen=6)
    lamp = grey_picture((220 - 70 * (x * x + y * y)) * (1 - 0.7 * ink))  # the rim is darker than the middle
    assert difference(preparing.to_digit(lamp), preparing.to_digit(grey_picture(255 * ink))) < 6


def test_ink_in_a_deep_shadow_is_as_strong_as_in_the_light():
    light = 200 - 100 / (1 + np.exp(-(np.arange(140.0) - 80) / 4))  # down the length of the bar
    digit = preparing.to_digit(grey_picture(light[:, None] * (1 - 0.7 * bar())))
    assert digit[4:24, 13:16].min() > 230
    assert digit[:, :10].max() < 10


def test_a_broad_blot_on_clean_paper_is_no_shadow():
    ink = np.zeros((140, 140))
    ink[20:120, 20:120] = 1
    digit = preparing.to_digit(grey_picture(255 - 255 * ink))
    assert np.array_equal(np.unique(digit, return_counts=True), ([0, 255], [28 * 28 - 400, 400]))


def test_the_place_and_the_size_of_a_drawing_do_not_matter():
    small = np.asarray(Image.fromarray(np.float32(three())).resize((100, 100), Image.Resampling.BOX))
    corner = np.zeros((1000, 900))
    corner[850:950, 20:120] = small
    one, other = (preparing.to_digit(grey_picture(255 - 255 * ink)) for ink in (three(), corner))
    assert difference(one, other) < 3


def test_dust_does_not_shrink_the_digit():
    ink = bar(800, 800)
    ink[700:702, 700:703] = 1
    assert np.array_equal(preparing.to_digit(grey_picture(255 - 255 * ink)), bar_digit())


@pytest.mark.parametrize("ink", [three(200, 1), three(800, 1), np.maximum(np.eye(1000), np.eye(1000)[::-1])])
def test_hairlines_do_not_fade(ink):
    digit = preparing.to_digit(grey_picture(255 * ink))
    assert np.percentile(digit[digit > 0], 75) > 180


def test_a_single_darker_spot_does_not_make_the_rest_grey():
    ink = 0.6 * np.kron(bar(), np.ones((7, 7)))
    ink[500, 300] = 1
    digit = preparing.to_digit(grey_picture(255 - 255 * ink))
    assert np.array_equal(digit >= 250, bar_digit() > 0)


def test_strokes_are_thickened_to_the_thinnest_usual_in_mnist():
    ink = np.zeros((400, 400))
    ink[100:300, 200:202] = 1  # 0.2 pixels of the digit
    digit = preparing.to_digit(grey_picture(255 * ink)) / 255
    assert digit[14].sum() == pytest.approx(mnist_form.MIN_STROKE, abs=0.35)


def test_the_picture_given_is_left_as_it_is():
    picture = grey_picture(255 * three())
    before = picture.tobytes()
    preparing.to_digit(picture)
    preparing.resized(picture)
    assert picture.tobytes() == before


@pytest.fixture(scope="module")
def mnist_digits() -> np.ndarray:
    """200 test digits: (200, 28, 28) uint8."""
    return data.load("mnist", train=False).images[::50, 0].numpy()


@pytest.mark.mnist
def test_mnist_digits_have_their_centre_of_mass_in_pixel_14(mnist_digits):
    weights = mnist_digits / mnist_digits.sum((1, 2), keepdims=True, dtype=float)
    for axis in (1, 2):
        centres = (weights.sum(3 - axis) * np.arange(28)).sum(1)
        assert np.abs(centres - mnist_form.CENTRE).max() <= 0.5


@pytest.mark.mnist
@pytest.mark.parametrize(
    ("change", "bound"),
    [
        # Measured on these digits: 0.11 four times, then 0.39; moved by one pixel they differ by 16.
        (grey_picture, 0.2),
        (lambda digit: grey_picture(255 - digit), 0.2),
        (lambda digit: grey_picture(0 * digit, digit), 0.2),
        (lambda digit: grey_picture(0 * digit + 255, digit), 0.2),
        (lambda digit: grey_picture(np.kron(digit, np.ones((10, 10)))), 0.8),
    ],
    ids=["as it is", "inverted", "black on clear", "white on clear", "ten times larger"],
)
def test_a_digit_of_mnist_stays_as_it_is(mnist_digits, change, bound):
    found = np.stack([preparing.to_digit(change(digit)) for digit in mnist_digits])
    assert difference(found, mnist_digits) < bound


def test_resized_keeps_a_28x28_picture_and_its_polarity():
    grey = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    found = preparing.resized(grey_picture(grey))
    assert found.dtype == np.uint8
    assert np.array_equal(found, grey)


def test_resized_shows_transparency_as_black():
    alpha = np.zeros((28, 28))
    alpha[:, 14:] = 51
    assert np.array_equal(preparing.resized(grey_picture(0 * alpha + 255, alpha)), alpha)


def test_resized_takes_the_square_in_the_middle():
    grey = np.zeros((28, 84))
    grey[:, 28:56] = 200
    for picture in (grey_picture(grey), grey_picture(grey.T), grey_picture(np.kron(grey, np.ones((7, 7))))):
        assert np.array_equal(preparing.resized(picture), np.full((28, 28), 200))


def test_resized_antialiases():
    stripes = np.zeros((280, 280))
    stripes[:, ::2] = 255
    assert np.abs(preparing.resized(grey_picture(stripes)).astype(int) - 127).max() <= 4


def test_resized_to_other_proportions_keeps_the_middle():
    """A field of 60x28 in a picture of 60x84, and half the size of it."""
    grey = np.zeros((60, 84))
    grey[:, 28:56] = 200
    assert np.array_equal(preparing.resized(grey_picture(grey), (60, 28)), np.full((60, 28), 200))
    assert np.array_equal(preparing.resized(grey_picture(grey), (30, 14)), np.full((30, 14), 200))
