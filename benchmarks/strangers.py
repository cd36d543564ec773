"""Pictures that are no digits, or are odd ones, made from a seed: for seen.py.

A kind is a function of (number, random generator, test digits (n, 28, 28)) that gives one picture, (28, 28) uint8, as
the page would show it to D: drawings and prints are prepared as MNIST was.
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scenes import SCENES
from scipy import ndimage

from gan_demo import UserError
from gan_demo.pictures import opening, preparing

Random = np.random.Generator
SIDE = 112  # of a drawing on the page's canvas
UPPER, LOWER = (
    "ABCDEFGHJKLMNPQRTUVWXY",
    "abdefghjkmnprtuvwxy",
)  # without those that are digits, too: I O S Z, c i l o q s z


def pen(random: Random) -> int:
    """Draw the width of a pen in pixels of the canvas; the page's own is 10."""
    return int(random.integers(8, 15))


def prepared(sheet: Image.Image) -> np.ndarray:
    """What the page makes of a drawing, white ink on black; all black where there is none."""
    return preparing.from_ink(np.asarray(sheet.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))


def letter(signs: str) -> Callable:
    """Print a letter of `signs`, a little turned and slanted."""

    def make(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
        sheet = Image.new("L", (256, 256))
        font = ImageFont.load_default(int(random.integers(110, 170)))
        sign = signs[number % len(signs)]
        ImageDraw.Draw(sheet).text((128, 128), sign, 255, font, anchor="mm", stroke_width=int(random.integers(0, 5)))
        return prepared(sheet.rotate(random.uniform(-12, 12), Image.Resampling.BICUBIC))

    return make


def face(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Draw a smiley: a head, two eyes, a mouth, sometimes a nose or hair."""
    sheet, width = Image.new("L", (256, 256)), 2 * pen(random)
    draw = ImageDraw.Draw(sheet)
    rx, ry = random.uniform(70, 100), random.uniform(70, 105)
    draw.ellipse((128 - rx, 128 - ry, 128 + rx, 128 + ry), outline=255, width=width)
    dx, dy, r = random.uniform(24, 38), random.uniform(15, 40), random.uniform(8, 13)
    for x in (128 - dx, 128 + dx):
        draw.ellipse((x - r, 128 - dy - r, x + r, 128 - dy + r), fill=255)
    mx, my = random.uniform(28, 48), random.uniform(20, 40)
    start, end = ((20, 160), (200, 340), (0, 1))[number % 3] if number % 3 < 2 else (10, 170)
    draw.arc((128 - mx, 128 + 5, 128 + mx, 128 + 10 + 1.4 * my), start, end, fill=255, width=width)
    if random.random() < 0.4:
        draw.line((128, 118, 128 + random.uniform(-6, 6), 145), fill=255, width=width)
    return prepared(sheet)


def portrait(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Draw a simple portrait in greys: head, hair, eyes, shoulders, as a photograph made 28x28."""
    sheet = Image.new("L", (224, 224), int(random.integers(0, 120)))
    draw = ImageDraw.Draw(sheet)
    skin, hair = int(random.integers(130, 240)), int(random.integers(10, 110))
    draw.ellipse((30, 160, 194, 330), fill=int(random.integers(40, 220)))
    rx, ry = random.uniform(42, 58), random.uniform(55, 72)
    draw.ellipse((112 - rx - 8, 100 - ry - 16, 112 + rx + 8, 100 + ry * 0.5), fill=hair)
    draw.ellipse((112 - rx, 100 - ry, 112 + rx, 100 + ry), fill=skin)
    for x in (112 - 0.4 * rx, 112 + 0.4 * rx):
        draw.ellipse((x - 7, 85, x + 7, 97), fill=hair)
    draw.arc((112 - 22, 112, 112 + 22, 138), 15, 165, fill=hair, width=6)
    noisy = np.asarray(sheet, np.float32) + random.normal(0, 6, (224, 224))
    return _small(np.clip(noisy, 0, 255))


def scribble(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Draw a smooth wandering line, as a child does."""
    count = int(random.integers(9, 22))
    points = np.cumsum(random.normal(0, 1, (count, 2)), 0)
    points = (points - points.min(0)) / np.ptp(points, axis=0) * 180 + 38
    fine = np.linspace(0, count - 1, 40 * count)
    path = [ndimage.map_coordinates(points[:, axis], [fine], order=3, mode="nearest") for axis in (0, 1)]
    sheet, width = Image.new("L", (256, 256)), 2 * pen(random)
    ImageDraw.Draw(sheet).line([*map(tuple, np.stack(path, 1))], fill=255, width=width, joint="curve")
    return prepared(sheet)


def sign(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Draw a star, a heart, a house, a cross, an arrow, a wave or a spiral."""
    t = np.linspace(0, 1, 200)
    turn = 2 * math.pi * t
    fifth = 2 * math.pi * np.arange(6) * 2 / 5
    shapes = [
        np.stack([np.sin(fifth), -np.cos(fifth)], 1),
        np.stack([np.sin(turn) ** 3, -(13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn)) / 16], 1),
        np.array([(-1, 1), (-1, -0.2), (0, -1), (1, -0.2), (1, 1), (-1, 1), (1, -0.2), (-1, -0.2), (1, 1)]),
        np.array([(-1, 0), (1, 0), (0, 0), (0, -1), (0, 1)]),
        np.array([(-1, 0), (1, 0), (0.4, -0.6), (1, 0), (0.4, 0.6)]),
        np.stack([2 * t - 1, 0.4 * np.sin(4 * turn)], 1),
        np.stack([t * np.cos(3 * turn), t * np.sin(3 * turn)], 1),
    ]
    points = shapes[number % len(shapes)] * random.uniform(0.8, 1.1, 2) * 90 + 128
    sheet, width = Image.new("L", (256, 256)), 2 * pen(random)
    ImageDraw.Draw(sheet).line([*map(tuple, points)], fill=255, width=width, joint="curve")
    return prepared(sheet.rotate(random.uniform(-10, 10), Image.Resampling.BICUBIC))


def blank(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """One grey all over, or a lonely dot or two, or a plain gradient."""
    picture = np.full((28, 28), int(random.integers(0, 256)), np.uint8)
    if number % 3 == 1:
        picture[:] = 0
        y, x = random.integers(4, 23, 2)
        picture[y : y + 2, x : x + 2] = 255
    if number % 3 == 2:
        picture = np.linspace(*sorted(random.integers(0, 256, 2)), 28).astype(np.uint8)[None].repeat(28, 0)
    return picture


def noise(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Independent pixels, as they are, or sparse, or blurred, or those of a digit in another order."""
    grey = random.integers(0, 256, (28, 28))
    if number % 4 == 1:
        grey = grey * (random.random((28, 28)) < 0.19)
    if number % 4 == 2:
        grey = ndimage.gaussian_filter(random.normal(size=(28, 28)), 1.2)
        grey = np.clip(128 + 100 * grey / grey.std(), 0, 255)
    if number % 4 == 3:
        grey = random.permutation(digits[number].ravel()).reshape(28, 28)
    return np.asarray(grey).astype(np.uint8)


def checkerboard(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Squares or stripes of 1 to 7 pixels."""
    step, y, x = int(random.integers(1, 8)), *np.mgrid[:28, :28]
    lit = (y // step + (x // step if number % 2 else 0)) % 2
    return (lit * random.integers(120, 256)).astype(np.uint8)


def photograph(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Shrink a whole photograph of a digit to 28x28, without looking for the digit."""
    scenes = list(SCENES.values())
    content = scenes[number % len(scenes)](digits[number], random)
    return preparing.resized(opening.open_picture(content))


def inverted(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Black on white."""
    return 255 - digits[number]


def rotated(least: float, most: float) -> Callable:
    """Turn a digit by so many degrees, either way."""

    def make(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
        angle = random.uniform(least, most) * random.choice((-1, 1))
        return np.asarray(Image.fromarray(digits[number]).rotate(angle, Image.Resampling.BICUBIC))

    return make


def shifted(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Move a digit by 5 to 7 pixels in one direction; what leaves on one side does not come back."""
    way = int(random.integers(5, 8)) * random.choice((-1, 1))
    by = (way, 0) if number % 2 else (0, way)
    return ndimage.shift(digits[number], by, order=0, mode="constant").astype(np.uint8)


def thick(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Strokes two to three times as wide."""
    return ndimage.grey_dilation(digits[number], size=(int(random.integers(4, 6)),) * 2)


def tiny(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """A digit at half its size, in the middle."""
    small = Image.fromarray(digits[number]).resize((14, 14), Image.Resampling.BOX)
    return np.pad(np.asarray(small), 7)


def two(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """Two digits side by side, fitted as if they were one."""
    sheet = Image.new("L", (56, 56))
    for place in (0, 1):
        sheet.paste(Image.fromarray(digits[(number + 31 * place) % len(digits)]), (4 + 21 * place, 14))
    return prepared(sheet)


def canvas(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """A real test digit, drawn again on the page's canvas at another size and place, and prepared."""
    side = int(random.integers(60, 105))
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    large = np.asarray(Image.fromarray(digits[number]).resize((side, side), Image.Resampling.BICUBIC), np.float32)
    large = np.clip((large - 60) * 2, 0, 255)  # the edge of a pen
    y, x = random.integers(0, SIDE - side + 1, 2)
    sheet[y : y + side, x : x + side] = large
    return preparing.from_ink(sheet)


def photographed(number: int, random: Random, digits: np.ndarray) -> np.ndarray:
    """A real test digit in a photograph, looked for and prepared as the page does it."""
    scenes = list(SCENES.values())
    try:
        return preparing.to_digit(opening.open_picture(scenes[number % len(scenes)](digits[number], random)))
    except UserError:
        return digits[number]


def _small(grey: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(grey.astype(np.uint8)).resize((28, 28), Image.Resampling.BOX))


# What should be far, and what should be near: (how much of it a person would call a digit is in the names).
FAR: dict[str, Callable] = {
    "noise": noise,
    "blank, dot, gradient": blank,
    "checkerboard, stripes": checkerboard,
    "inverted digit": inverted,
    "photograph, not prepared": photograph,
    "portrait": portrait,
    "smiley": face,
    "scribble": scribble,
    "star, heart, house ...": sign,
    "capital letter": letter(UPPER),
    "small letter": letter(LOWER),
    "two digits": two,
    "digit turned by 60-120°": rotated(60, 120),
    "digit upside down": rotated(180, 180),
    "digit turned by 25-40°": rotated(25, 40),
    "digit shifted by 5-7": shifted,
    "digit much too thick": thick,
    "digit at half its size": tiny,
}
NEAR: dict[str, Callable] = {"test digit, drawn on the canvas": canvas, "test digit, photographed": photographed}
