"""Pictures that people bring: sheets, frames, toolbars, thumbs and printed lines are not taken for the digit."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage

from gan_demo.errors import UserError
from gan_demo.pictures import candidates, components, filters, finding, mnist_form, opening, preparing, ruling

INK, PAPER, DESK = 40, 225, 55
DATE = (60, 160, 330, 430, 600, 700)  # where the boxes of one begin
MOST_APART = 12  # grey levels on average; another digit, or a frame around it, differs by 40 and more


def seven(picture: Image.Image, left: int, top: int, side: int, ink: object = INK) -> Image.Image:
    """The picture with a seven drawn on it, `side` pixels high."""
    width = max(3, side // 9)
    points = [(left, top), (left + 0.6 * side, top), (left + 0.25 * side, top + side)]
    ImageDraw.Draw(picture).line(points, ink, width, joint="curve")
    return picture


def sheet(size: tuple[int, int] = (400, 500), grey: int = PAPER) -> Image.Image:
    return Image.new("L", size, grey)


def grained(picture: Image.Image, seed: int = 0) -> Image.Image:
    noise = np.random.default_rng(seed).normal(0, 4, (picture.height, picture.width))
    return Image.fromarray((np.asarray(picture, float) + noise).clip(0, 255).astype(np.uint8))


def on_a_desk() -> Image.Image:
    paper = seven(sheet((300, 380)), 110, 130, 120).convert("LA").rotate(9, Image.Resampling.BICUBIC, expand=True)
    desk = sheet((480, 560), DESK)
    desk.paste(paper.getchannel("L"), (60, 50), paper.getchannel("A"))
    return grained(desk)


def with_a_thumb() -> Image.Image:
    picture = seven(sheet(), 90, 150, 140)
    ImageDraw.Draw(picture).ellipse([310, 400, 480, 600], 120)
    return grained(picture)


def boxed(margin: int) -> Image.Image:
    picture = seven(sheet((280, 280), 255), 110, 90, 90, 0)
    ImageDraw.Draw(picture).rectangle([margin, margin, 279 - margin, 279 - margin], None, 0, 4)
    return picture


def note_app(paper: int, ink: int, bar: int) -> Image.Image:
    picture = seven(sheet((360, 640), paper), 120, 250, 160, ink)
    draw = ImageDraw.Draw(picture)
    draw.rectangle([0, 0, 360, 56], bar)
    for left in (20, 90, 160):
        draw.rectangle([left, 16, left + 24, 40], None, 128, 4)
    return picture


def squared(grey: int, ink: int) -> Image.Image:
    picture = sheet((600, 800), 255)
    draw = ImageDraw.Draw(picture)
    for at in range(12, 800, 25):
        draw.line([(0, at), (600, at)], grey, 2)
        draw.line([(at, 0), (at, 800)], grey, 2)
    return seven(picture, 230, 300, 200, ink)


def form(right: int, width: int = 600) -> Image.Image:
    """Boxes side by side up to `right`, which may lie beyond the edge, a digit in the second, and above them print."""
    picture = sheet((width, 800), 235)
    draw = ImageDraw.Draw(picture)
    for x in range(60, right, 90):
        draw.rectangle([x, 300, x + 90, 390], None, 90, 2)
    for y in range(40, 260, 30):
        draw.text((60, y), "Please write one digit in each box. No. of items", 60, ImageFont.load_default(16))
    return grained(seven(picture, 180, 315, 60))


def without_level_lines() -> Image.Image:
    """The boxes reach from edge to edge, so that their level lines are taken for rules, and only bars are left."""
    picture = sheet((600, 400), 235)
    draw = ImageDraw.Draw(picture)
    for x in range(-10, 700, 120):
        draw.rectangle([x, 140, x + 120, 260], None, 90, 2)
    return grained(seven(picture, 265, 160, 80))


def gapped() -> Image.Image:
    """Squares in document mode whose lines have gaps."""
    picture = sheet((600, 800), 255)
    draw = ImageDraw.Draw(picture)
    for at in range(12, 800, 40):
        for start in range(0, 800, 30):
            draw.line([(start, at), (start + 19, at)], 0, 2)
            draw.line([(at, start), (at, start + 19)], 0, 2)
    return seven(picture, 230, 300, 200, 0)


def drawn_box() -> Image.Image:
    """Four lines that do not quite meet."""
    picture = seven(sheet(), 130, 150, 180)
    draw = ImageDraw.Draw(picture)
    for line in ([75, 100, 310, 94], [84, 370, 318, 364], [78, 108, 74, 362], [322, 90, 316, 356]):
        draw.line(line, INK, 6)
    return picture


def dashed() -> Image.Image:
    picture = seven(sheet(), 130, 150, 180)
    draw = ImageDraw.Draw(picture)
    for at in range(70, 330, 14):
        for line in (
            [at, 90, at + 8, 90],
            [at, 370, at + 8, 370],
            [60, at + 30, 60, at + 38],
            [330, at + 30, 330, at + 38],
        ):
            draw.line(line, INK, 3)
    return picture


def crossed() -> Image.Image:
    picture = seven(sheet((600, 600)), 240, 200, 180)
    ImageDraw.Draw(picture).rectangle([200, 220, 400, 420], None, INK, 4)
    return picture


def behind_bars() -> Image.Image:
    """The shadow of a window."""
    picture = sheet((600, 600))
    draw = ImageDraw.Draw(picture)
    for at in (90, 260, 430):
        draw.rectangle([at, 0, at + 45, 600], 125)
    draw.rectangle([0, 330, 600, 370], 125)
    return seven(picture, 220, 180, 220, 30)


def behind_narrow_bars() -> Image.Image:
    """Their shadow is slanting and soft, and joined to the digit."""
    picture = sheet((900, 900))
    draw = ImageDraw.Draw(picture)
    for at in (70, 240, 410, 580, 750):
        draw.rectangle([at, 0, at + 30, 900], PAPER - 90)
    draw.rectangle([0, 480, 900, 510], PAPER - 90)
    picture = picture.rotate(6, Image.Resampling.BICUBIC).crop((150, 150, 750, 750))
    return grained(seven(picture.filter(ImageFilter.GaussianBlur(3)), 150, 250, 200, 30))


def small_boxes() -> Image.Image:
    """Squares of a seventh of the picture, which are known by their four sides."""
    picture = sheet((800, 800))
    draw = ImageDraw.Draw(picture)
    for left in (100, 300, 500):
        draw.rectangle([left, 300, left + 110, 410], None, 90, 3)
    return grained(seven(picture, 325, 320, 75))


def date(filled: tuple[int, ...] = DATE[2:3]) -> Image.Image:
    """Two boxes each for day, month and year, and strokes between that touch them; sevens in some."""
    picture = sheet((900, 700))
    for x in DATE:
        ImageDraw.Draw(picture).rectangle([x, 300, x + 100, 430], None, 90, 2)
    for x in (265, 535):
        ImageDraw.Draw(picture).line([x, 425, x + 55, 305], 90, 5)
    for x in filled:
        seven(picture, x + 22, 330, 75)
    return grained(picture)


def two() -> Image.Image:
    return seven(seven(sheet((600, 400)), 120, 100, 150), 380, 80, 190)


PICTURES = {
    "on a desk": on_a_desk(),
    "between the strokes of a date": date(),
    "with a thumb": with_a_thumb(),
    "in a box at the edge": boxed(0),
    "in a box": boxed(30),
    "in a dark note app": note_app(20, 235, 255),
    "in a light note app": note_app(250, 30, 60),
    "on grey squares": squared(150, 40),
    "in a row of boxes below print": form(420),
    "in a row of boxes that goes on": form(700, 470),
    "between bars": without_level_lines(),
    "in boxes a seventh of the picture high": small_boxes(),
    "in a box drawn by hand": drawn_box(),
    "in a box of dashes": dashed(),
    "across its box": crossed(),
    "on squares in document mode": squared(0, 0).convert("1"),
    "on squares with gaps in document mode": gapped().convert("1"),
}


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    return preparing.to_digit(seven(sheet(), 130, 150, 180))


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference, of one digit moved by up to a pixel."""
    moved = (np.roll(one.astype(int), (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1))
    return min(float(np.abs(some - other).mean()) for some in moved)


@pytest.mark.parametrize("name", PICTURES)
def test_the_digit_alone_is_left(name, clean):
    found = preparing.prepare(PICTURES[name])
    turned = preparing.to_digit(seven(sheet(), 130, 150, 180).rotate(9, fillcolor=PAPER)) if "desk" in name else clean
    assert apart(found.pixels, turned) < MOST_APART
    assert found.note == preparing.FOUND
    assert len(found.boxes) == 1


def test_words_are_print_and_digits_are_not():
    """A row of a digit crosses its strokes about twice, of a word many times."""
    words = Image.new("1", (120, 20))
    ImageDraw.Draw(words).text((0, 0), "No. of items", 1, ImageFont.load_default(18))
    assert components.is_print(np.asarray(words))
    assert components.is_print(np.ones((4, 40), bool))  # a line
    for mask in (np.ones((40, 4), bool), np.asarray(PICTURES["in a box"].crop((100, 80, 200, 200))) < 128):
        assert not components.is_print(mask)


def test_the_lines_of_a_box_are_taken_where_they_end_its_part_and_of_a_four_none():
    box = np.zeros((90, 100), np.float32)
    box[:4] = box[-4:] = box[:, :4] = box[:, -4:] = 1
    stroke = np.zeros_like(box)
    stroke[20:70, 50:90] = np.tri(50, 40, 8) * (1 - np.tri(50, 40, -6))
    taken = components.printed_lines(np.maximum(box, stroke), 0.5)
    assert taken is not None
    assert taken[box > 0].mean() > 0.9
    assert not taken[10:80, 10:86].any()
    four = np.zeros((60, 40), np.float32)
    four[:36, :4] = four[32:36] = four[:, 28:32] = 1
    assert components.printed_lines(four, 0.5, small=True) is None


def test_what_lies_in_a_box_with_gaps_is_inside_and_a_stroke_between_two_boxes_is_not():
    lines = np.zeros((100, 200), bool)
    for left in (10, 120):
        lines[20:80, [left, left + 60]] = lines[[20, 80], left : left + 61] = True
    lines[20, 30:34] = lines[50:54, 10] = False
    where = components.enclosed(lines)
    for box, place in {
        (30, 25, 70, 55): components.IN,
        (30, 130, 70, 160): components.IN,
        (25, 85, 75, 105): components.BETWEEN,
        (25, 69, 75, 121): components.BETWEEN,  # and touches both
        (2, 20, 18, 60): "",
    }.items():
        assert where(box) == place


def test_a_sheet_is_a_rectangle_with_holes_and_a_zero_is_none():
    mask = np.zeros((120, 120), bool)
    mask[20:100, 30:90] = True
    mask[40:70, 50:60] = False
    y, x = np.mgrid[:120, :120] - 60
    ring = (np.hypot(y, x) < 50) & (np.hypot(y, x) > 20)
    for turn, plane, expected in ((0, mask, True), (20, mask, True), (0, ring, False)):
        turned = ndimage.rotate(plane.astype(float), turn, reshape=False, order=1) > 0.5
        rows, columns = ndimage.find_objects(turned.astype(int))[0]
        box = rows.start, columns.start, rows.stop, columns.stop
        one = candidates.Candidate(box, 1.0, False, 0.0, 1.0, 0.3, 1.0, turned, np.zeros_like(turned), [])
        assert candidates._is_rectangle(one) is expected


def test_filters_are_those_of_scipy():
    plane = np.random.default_rng(0).normal(size=(23, 31)).astype(np.float32)
    for side in (1, 3, 7, 21, 45):
        for axis in (0, 1):
            assert np.array_equal(
                filters.smallest(plane, side, axis), ndimage.minimum_filter1d(plane, side, axis, mode="nearest")
            )
            assert np.array_equal(
                filters.largest(plane, side, axis), ndimage.maximum_filter1d(plane, side, axis, mode="nearest")
            )
    assert np.array_equal(filters.widened(plane > 1, 5), ndimage.maximum_filter(plane > 1, 5))


def test_where_nothing_has_to_be_found_nothing_changes():
    """The very pixels that all the ink of the picture makes."""
    for picture in (seven(sheet(), 130, 150, 180), grained(seven(sheet(), 30, 50, 300)), seven(sheet(), -20, 150, 180)):
        plane = np.asarray(picture, np.float32)
        found = preparing.prepare(picture)
        assert found.note == ""
        assert np.array_equal(found.pixels, mnist_form.as_mnist(preparing._ink(plane)))


def test_of_two_digits_one_is_taken_and_the_other_can_be(clean):
    first = preparing.prepare(two())
    assert first.note == preparing.SEVERAL
    assert [box[0] > 0.5 for box in first.boxes] == [True, False]  # the larger one is the likelier
    for choice, box in enumerate(first.boxes):
        found = preparing.prepare(two(), choice)
        assert apart(found.pixels, clean) < MOST_APART
        assert (found.chosen, found.boxes[choice]) == (choice, box)
    left, top, right, bottom = first.boxes[0]
    assert left == pytest.approx(380 / 600, abs=0.04)
    assert right == pytest.approx((380 + 0.6 * 190) / 600, abs=0.04)
    assert (top, bottom) == (pytest.approx(80 / 400, abs=0.05), pytest.approx(270 / 400, abs=0.05))
    with pytest.raises(UserError, match="there are 2 digits on this picture, counted from 0: 2 is none"):
        preparing.prepare(two(), 2)


def test_each_digit_of_a_date_can_be_taken(clean):
    found = [preparing.prepare(date(DATE), choice) for choice in range(len(DATE))]
    assert {one.note for one in found} == {preparing.SEVERAL}
    assert sorted(int(90 * one.boxes[one.chosen][0]) for one in found) == [x // 10 + 2 for x in DATE]
    assert all(apart(one.pixels, clean) < MOST_APART for one in found)


def test_a_digit_in_two_pieces_is_one():
    picture = sheet()
    draw = ImageDraw.Draw(picture)
    draw.line([(150, 120), (260, 120)], INK, 16)  # the bar of a five, apart from the rest
    draw.line([(140, 150), (140, 230), (230, 260), (150, 350)], INK, 16)
    found = preparing.prepare(picture)
    assert len(found.boxes) == 1
    assert found.pixels[4:7].max() > 200  # the bar is there


def test_colours_of_one_lightness_are_told_apart(clean):
    picture = seven(Image.new("RGB", (400, 500), (200, 40, 40)), 130, 150, 180, (20, 145, 40))
    assert np.ptp(np.asarray(picture.convert("L"))) < preparing.MIN_CONTRAST
    for format in ("PNG", "JPEG"):
        buffer = io.BytesIO()
        picture.save(buffer, format)
        assert apart(preparing.to_digit(opening.open_picture(buffer.getvalue())), clean) < MOST_APART


def test_lines_are_found_and_only_they_are_taken():
    plane = np.full((200, 300), 200, np.float32)
    plane[50:52], plane[:, 100:103] = 60, 60
    stroke = plane.copy()
    stroke[20:120, 200:220] = 30
    contrast = (200 - stroke) / 200
    found = ruling.lines(contrast, 0.2)
    assert sorted((line.upright, round(line.at), round(line.thickness)) for line in found) == [
        (False, 50, 2),
        (True, 100, 3),
    ]
    left = ruling.without(stroke, found, dark=True)
    assert np.array_equal(left[20:120, 200:220], stroke[20:120, 200:220])
    assert (left[:, :190] == 200).all()


def test_lines_are_found_in_what_is_far_wider_than_high():
    """There the steepest directions lead far out of the picture."""
    plane = np.zeros((30, 384), np.float32)
    plane[12:14], plane[2, 350:] = 1, 1
    (line,) = ruling.lines(plane, 0.5)
    assert (line.upright, round(line.at), line.slope) == (False, 12, pytest.approx(0))
    assert not ruling.lines(np.tri(30, 2, dtype=np.float32).repeat(200, 1), 0.5)


def test_noise_is_told_from_an_empty_sheet():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8))
    assert not preparing.to_digit(noise).any()
    assert preparing.is_noise(noise)
    assert not preparing.is_noise(grained(sheet()))


@pytest.mark.parametrize("scale", [1, 4, 10])
def test_a_digit_of_the_page_that_is_brought_back_stays_as_it_is(scale):
    digits = [np.zeros((28, 28), np.uint8), np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)]
    digits[0][2:9, 15:26] = 200  # far from the middle, and smaller than 20 pixels
    for digit in digits:
        buffer = io.BytesIO()
        Image.fromarray(digit.repeat(scale, 0).repeat(scale, 1)).save(buffer, "PNG")
        picture = opening.open_picture(buffer.getvalue())
        for found in (preparing.to_digit(picture), preparing.resized(picture)):
            assert np.array_equal(found, digit)
    dark = Image.fromarray(255 - digits[0].repeat(scale, 0).repeat(scale, 1))
    assert not np.array_equal(preparing.to_digit(dark), 255 - digits[0])  # ink on paper is prepared


def test_a_large_picture_takes_little_longer_to_search():
    """The search works on a small copy, whatever the picture."""
    plane = np.full((1024, 1024), 200, np.float32)
    assert max(finding.find(plane, np.zeros_like(plane)).small.shape) == finding.SIDE


def test_the_shadow_of_bars_is_no_ink(clean):
    """Nobody is certain of what the shadow touches."""
    found = preparing.prepare(behind_bars())
    assert apart(found.pixels, clean) < MOST_APART
    assert found.note == preparing.UNSURE
    assert apart(preparing.to_digit(behind_narrow_bars()), clean) < MOST_APART


def test_of_what_the_edge_cuts_nobody_is_certain():
    picture = seven(sheet((400, 400)), 120, 250, 200)
    ImageDraw.Draw(picture).rectangle([0, 0, 400, 50], DESK)
    assert preparing.prepare(picture).note == preparing.UNSURE
