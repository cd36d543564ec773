"""More scenes for photographs.py: printed forms, and scenes that were kept apart while the search was written."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scenes import (
    Random,
    cloud,
    drawn,
    file,
    grid_of,
    ink,
    light,
    on_a_desk,
    photograph,
    rules,
    size,
    tinted,
    warped,
)

WORDS = "Amount Date No. Please write one digit in each box Signature Office use only Total Code Item".split()


def text(black: np.ndarray, at: tuple[int, int], words: str, height: int) -> None:
    """Print words on a sheet, (height, width) 0 to 1, with their upper left corner at (y, x)."""
    font = ImageFont.load_default(max(6, height))
    right, bottom = font.getbbox(words)[2:]
    printed = Image.new("L", (int(right), int(bottom)))
    ImageDraw.Draw(printed).text((0, 0), words, 255, font)
    part = black[max(0, at[0]) : at[0] + int(bottom), max(0, at[1]) : at[1] + int(right)]
    part[:] = np.maximum(part, np.asarray(printed, np.float32)[: part.shape[0], : part.shape[1]] / 255)


def words(random: Random, count: int) -> str:
    return " ".join(random.choice(WORDS, count))


def outline(black: np.ndarray, box: tuple[int, int, int, int], pen: int, sides: str = "tlbr") -> None:
    """Draw the sides (top, left, bottom, right) of a box on a sheet; what lies beyond the sheet is not seen."""
    top, left, bottom, right = box
    lines = {
        "t": (top, left, top + pen, right),
        "l": (top, left, bottom, left + pen),
        "b": (bottom - pen, left, bottom, right),
        "r": (top, right - pen, bottom, right),
    }
    for side in sides:
        y, x, end_y, end_x = lines[side]
        black[max(0, y) : max(0, end_y), max(0, x) : max(0, end_x)] = 1


def put(black: np.ndarray, box: tuple[int, int, int, int], digit: np.ndarray, random: Random, share=(0.5, 0.75)):
    """Draw a digit in a box that lies on the sheet."""
    top, left, bottom, right = box
    inner = ink(digit, (bottom - top, right - left), random, share)
    part = black[top:bottom, left:right]
    part[:] = np.maximum(part, inner)


def form(digit, random):
    """One of a row of boxes of a printed form, with lines of small print."""
    shape = size(random, 600, 1200)
    height, width = shape
    black = np.zeros(shape, np.float32)
    side, pen = int(width / random.uniform(4.5, 6)), max(2, width // 300)
    y, count = int(random.uniform(0.3, 0.6) * (height - side)), int(random.uniform(2, 5))
    for place in range(count):
        x = int(width * 0.05) + place * side
        cell = np.pad(np.zeros((side - pen,) * 2), pen, constant_values=1)
        part = black[y : y + side + pen, x : x + side + pen]
        part[:] = np.maximum(part, cell)
        if place == count // 2:
            inner = (side - 3 * pen,) * 2
            black[y + 2 * pen : y + 2 * pen + inner[0], x + 2 * pen : x + 2 * pen + inner[1]] = ink(
                digit, inner, random, (0.55, 0.75)
            )
    for row in range(3):
        letters = random.random((height // 90, width // 3 // 4)).repeat(3, 0).repeat(4, 1) > 0.5
        top = int(height * 0.05) + row * height // 18
        black[top : top + letters.shape[0], width // 20 : width // 20 + letters.shape[1]] = letters
    return photograph(drawn(random.uniform(205, 240) * light(shape, random), black, random), random)


def labelled_box(digit, random):
    """One or several boxes in a row with a label; a box may touch the edge of the picture, or lie beyond it."""
    shape = size(random, 400, 1200)
    height, width = shape
    black = np.zeros(shape, np.float32)
    pen, side = max(2, int(min(shape) * random.uniform(0.004, 0.012))), int(min(shape) * random.uniform(0.25, 0.4))
    count, place = int(random.integers(1, 5)), 0
    y = int(random.uniform(0.15, 0.6) * (height - side))
    x = int(random.uniform(0.05, 0.3) * width)
    seen = max(1, min(count, (width - x) // side))
    place = int(random.integers(seen))
    for number in range(count):  # those that do not fit go on beyond the edge
        outline(black, (y, x + number * side, y + side + pen, x + (number + 1) * side + pen), pen)
    letters = int(side * random.uniform(0.12, 0.3))
    where = random.integers(3)
    if where == 0:
        text(black, (y - int(1.6 * letters), x), words(random, 2), letters)
    elif where == 1:
        text(black, (y + side + letters // 2, x), words(random, 3), letters)
    else:
        text(black, (y + side // 3, max(0, x - 3 * letters)), "No.", letters)
    for row in range(int(random.integers(4))):
        text(black, (int(0.05 * height) + row * 2 * letters, int(0.05 * width)), words(random, 6), letters // 2)
    left = x + place * side
    put(black, (y + 2 * pen, left + 2 * pen, y + side - pen, left + side - pen), digit, random)
    if random.random() < 0.3:  # the picture ends just at a line of the box
        black = black[:, max(0, left - int(random.integers(0, pen + 1))) :]
    return photograph(drawn(random.uniform(205, 240) * light(black.shape, random), black, random), random)


def date(digit, random):
    """Two boxes each for day, month and year of a birth, with strokes between; in one of them is a digit."""
    shape = size(random, 350, 1000)
    height, width = shape
    black = np.zeros(shape, np.float32)
    pen, side = max(1, min(shape) // 250), int(0.11 * width)
    y, x, places = int(random.uniform(0.3, 0.6) * height), int(0.08 * width), []
    for group in range(3):
        for _ in range(2):
            outline(black, (y, x, y + int(1.3 * side), x + side), pen)
            places.append(x)
            x += side
        if group < 2:
            text(black, (y + side // 4, x + side // 8), "/", side)
            x += int(0.5 * side)
    left = places[random.integers(len(places))]
    inside = y + 2 * pen, left + 2 * pen, y + int(1.3 * side) - 2 * pen, left + side - 2 * pen
    put(black, inside, digit, random, (0.65, 0.9))
    text(black, (y - int(0.5 * side), int(0.08 * width)), "Date of birth", side // 3)
    text(black, (y + int(1.5 * side), int(0.08 * width)), "D D   M M   Y Y", side // 3)
    return photograph(drawn(random.uniform(205, 240) * light(shape, random), black, random), random)


def broken_squares(digit, random):
    """Squares of 4 to 8 mm in document mode, black on white, whose lines have gaps; the digit is 12 to 40 mm high."""
    shape = size(random, 500, 1600)
    high, share = random.uniform(12, 40), random.uniform(0.25, 0.6)
    millimetre = min(shape) * share / high
    step, pen = max(5, millimetre * random.uniform(4, 8)), max(1.0, millimetre * random.uniform(0.15, 0.4))
    lines = rules(shape, random, step, pen, random.choice([0, 2, 4]), both=True)
    strokes = ink(digit, shape, random, (share, share + 0.001))
    black = np.maximum(lines * (cloud(shape, random, 0.02) > -1.2), strokes) + random.normal(0, 0.12, shape)
    picture = 255.0 * (black < 0.5)
    return file(picture) if random.random() < 0.6 else file(picture, "JPEG", quality=60)


def wavy(length: float, random: Random, sway: float) -> np.ndarray:
    """How far a line that a hand draws leaves its course at each of `length` pixels."""
    at = np.linspace(0, 1, max(2, int(length)))
    waves = (random.normal() * np.sin(random.uniform(1, 3) * np.pi * at + random.uniform(0, 6)) for _ in range(3))
    return sway * (sum(waves) / 2 + random.normal() * (at - 0.5))


def box_by_hand(digit, random):
    """A box that was drawn around a digit by hand: bent lines that overshoot at corners, or do not quite meet."""
    shape = size(random, 400, 1100)
    side, black = int(min(shape) * random.uniform(0.4, 0.75)), Image.new("L", shape[::-1])
    top, left = (int(random.uniform(0.1, 0.9) * (whole - side)) for whole in shape)
    high, pen = int(side * random.uniform(0.85, 1.1)), max(3, int(side * random.uniform(0.012, 0.03)))
    high, draw = min(high, shape[0] - top - 4), ImageDraw.Draw(black)
    for upright, at, start, long in (
        (False, top, left, side),
        (False, top + high, left, side),
        (True, left, top, high),
        (True, left + side, top, high),
    ):
        first, last = (int(random.uniform(-0.05, 0.08) * side) for _ in range(2))
        course = at + wavy(long + first + last, random, 0.02 * side)
        points = [(float(start - first + index), float(y)) for index, y in enumerate(course)]
        draw.line([point[::-1] for point in points] if upright else points, 255, pen, joint="curve")
    lines = np.asarray(black, np.float32).copy() / 255
    pad = int(0.1 * side)
    put(lines, (top + pad, left + pad, top + high - pad, left + side - pad), digit, random, (0.55, 0.85))
    return photograph(drawn(random.uniform(200, 240) * light(shape, random), lines, random), random)


def one_box(random: Random, share: tuple, place: tuple, width: tuple) -> tuple[np.ndarray, int, int, int, int]:
    """An empty square box on a sheet: its ink, where it begins, how long a side is, how wide the pen.

    Bounds: of a side as a share of the sheet's, of its place between the edges, of the pen as a share of the side.
    """
    shape = size(random, 400, 1100)
    side, black = int(min(shape) * random.uniform(*share)), np.zeros(shape, np.float32)
    top, left = (int(random.uniform(*place) * (whole - side)) for whole in shape)
    pen = max(2, int(side * random.uniform(*width)))
    outline(black, (top, left, top + side, left + side), pen)
    return black, top, left, side, pen


def crossed_box(digit, random):
    """A printed box that the digit in it crosses: it was too small, or the hand was quick."""
    black, top, left, side, _ = one_box(random, (0.3, 0.5), (0.25, 0.75), (0.012, 0.025))
    strokes = ink(digit, (4 * side, 4 * side), random, (0.2, 0.26))
    rows, columns = (np.flatnonzero(strokes.max(axis) > 0.5) for axis in (1, 0))
    strokes = strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    y = top + (side - strokes.shape[0]) // 2 + int(random.uniform(-0.2, 0.2) * side)
    x = left + (side - strokes.shape[1]) // 2 + int(random.uniform(-0.3, 0.3) * side)
    part = black[y : y + strokes.shape[0], x : x + strokes.shape[1]]
    part[:] = np.maximum(part, strokes[: part.shape[0], : part.shape[1]])
    return photograph(drawn(random.uniform(205, 240) * light(black.shape, random), black, random), random)


def dashed_box(digit, random):
    """A box of dashes or dots, as on a form that is to be cut out."""
    black, top, left, side, pen = one_box(random, (0.35, 0.7), (0.1, 0.9), (0.01, 0.02))
    shape = black.shape
    dash, gap = pen * random.uniform(2, 6), pen * random.uniform(2, 4)
    y, x = np.mgrid[: shape[0], : shape[1]]
    level = (np.abs(y - top) <= pen) | (np.abs(y - top - side) <= pen)
    black *= np.where(level, x, y) % (dash + gap) < dash
    pad = 4 * pen
    put(black, (top + pad, left + pad, top + side - pad, left + side - pad), digit, random, (0.5, 0.8))
    return photograph(drawn(random.uniform(205, 240) * light(shape, random), black, random), random)


def window_bars(digit, random):
    """The bars of a window throw their shadows on the sheet: two to four broad stripes and one across."""
    shape = size(random, 400, 1100)
    y, x = grid_of(shape)
    turn, soft = np.radians(random.uniform(-25, 25)), random.uniform(0.02, 0.06)
    shade = np.zeros(shape, np.float32)
    along, across = y * np.cos(turn) + x * np.sin(turn), x * np.cos(turn) - y * np.sin(turn)
    step, broad = random.uniform(0.5, 0.9), random.uniform(0.05, 0.12)
    off = np.abs((across + random.uniform(0, step)) % step - step / 2)
    for distance in (off, np.abs(along - random.uniform(-0.4, 0.4))):
        shade = np.maximum(shade, np.clip((broad - distance) / soft + 0.5, 0, 1))
    paper = random.uniform(200, 240) * light(shape, random) * (1 - random.uniform(0.2, 0.45) * shade)
    return photograph(drawn(paper, ink(digit, shape, random, (0.35, 0.6)), random), random)


def price(digit, random):
    """A receipt: a field with a sign of money and words to the left of it, and print in columns below."""
    shape = size(random, 500, 1200)
    height, width = shape
    black, letters = np.zeros(shape, np.float32), max(10, width // random.integers(18, 30))
    top, left = int(random.uniform(0.15, 0.35) * height), int(random.uniform(0.4, 0.55) * width)
    high, wide = int(random.uniform(0.16, 0.25) * width), int(random.uniform(0.25, 0.4) * width)
    pen = max(2, width // 250)
    outline(black, (top, left, top + high, left + wide), pen)
    text(
        black,
        (top + (high - 2 * letters) // 2, int(0.04 * width)),
        random.choice(["Total", "Sum", "Paid"]),
        2 * letters,
    )
    text(black, (top + (high - 2 * letters) // 2, left - 2 * letters), random.choice(["$", "€", "£"]), 2 * letters)
    inside = top + 2 * pen, left + 2 * pen, top + high - 2 * pen, left + wide - 2 * pen
    put(black, inside, digit, random, (0.6, 0.85))
    for row in range(int(random.integers(4, 9))):
        y = top + high + (row + 1) * 2 * letters
        text(black, (y, int(0.04 * width)), words(random, 2), letters)
        text(black, (y, int(0.8 * width)), "12.50", letters)
    return photograph(drawn(random.uniform(205, 240) * light(shape, random), black, random), random)


# Kept apart -----------------------------------------------------------------------------------------------------


def chalk(digit, random):
    """Kept apart: a board with a wooden frame, on a bright wall."""
    board_shape, shape = size(random, 500, 1000), size(random, 500, 1200)
    strokes = ink(digit, board_shape, random, (0.3, 0.6)) * np.clip(0.9 + 0.3 * random.normal(size=board_shape), 0, 1)
    board = random.uniform(35, 75) * (1 + 0.1 * cloud(board_shape, random, 0.4))
    board = board + (random.uniform(190, 235) - board) * strokes
    width = int(min(board_shape) * random.uniform(0.02, 0.06))
    board = np.pad(board, width, constant_values=random.uniform(110, 150))
    wall = tinted(random.uniform(170, 225) * light(shape, random))
    return photograph(on_a_desk(board, wall, random, turn=6), random)


def comb(digit, random):
    """A comb of a form: one line with ticks that stand on it, a label to the left."""
    shape = size(random, 400, 1100)
    height, width = shape
    black = np.zeros(shape, np.float32)
    count, pen = int(random.integers(3, 8)), max(2, width // 250)
    step = int(0.8 * width / count)
    deep, left = int(step * random.uniform(0.25, 0.5)), int(0.1 * width)
    y = int(random.uniform(0.4, 0.75) * height)
    outline(black, (y - pen, left, y, left + count * step + pen), pen, "b")
    for tick in range(count + 1):
        x = left + tick * step
        outline(black, (y - deep, x, y, x + pen), pen, "l")
    text(black, (y + step // 6, left), words(random, 4), max(8, step // 6))
    high, at = min(y - 2 * pen, int(1.2 * step)), left + int(random.integers(count)) * step
    put(black, (y - pen - high, at + 2 * pen, y - 2 * pen, at + step - pen), digit, random, (0.55, 0.8))
    return photograph(drawn(random.uniform(205, 240) * light(shape, random), black, random), random)


def cheque(digit, random):
    """The amount box of a cheque: a pattern behind it, a sign of money beside it, lines and words all round."""
    height = int(random.uniform(350, 700))
    shape = (height, int(2.1 * height))
    y, x = grid_of(shape)
    pattern = np.sin(60 * (y + 0.15 * np.sin(6 * x))) + np.sin(45 * (x + 0.2 * np.sin(5 * y)))
    black = np.zeros(shape, np.float32)
    pen, letters = max(2, height // 200), height // 22
    box = int(0.38 * shape[0]), int(0.68 * shape[1]), int(0.6 * shape[0]), int(0.96 * shape[1])
    outline(black, box, pen)
    text(black, (box[0] + (box[2] - box[0]) // 4, box[1] - 2 * letters), random.choice(["$", "EUR", "£"]), 2 * letters)
    put(black, (box[0] + 2 * pen, box[1] + 2 * pen, box[2] - 2 * pen, box[3] - 2 * pen), digit, random, (0.6, 0.85))
    for row, share in enumerate((0.3, 0.55, 0.85)):
        line = int(share * shape[0])
        outline(black, (line, int(0.05 * shape[1]), line + pen, int((0.6, 0.6, 0.9)[row] * shape[1])), pen, "t")
        text(black, (line - 2 * letters, int(0.05 * shape[1])), words(random, 3), letters)
    paper = random.uniform(200, 235) * light(shape, random) * (1 - random.uniform(0.02, 0.06) * pattern)
    return photograph(drawn(paper, black, random), random)


def sticky_note(digit, random):
    """A coloured note on a screen that shows windows with text."""
    shape, note = size(random, 500, 1200), (400, 400)
    screen = np.full(shape, random.uniform(20, 60), np.float32)
    for _ in range(3):
        y, x = (int(random.uniform(0, 0.5) * side) for side in shape)
        high, wide = (int(random.uniform(0.3, 0.6) * side) for side in shape)
        lines = np.zeros((high, wide), np.float32)
        for row in range(20, high - 20, 24):
            text(lines, (row, 10), words(random, 5), 12)
        window = random.uniform(180, 250) * (1 - 0.8 * lines)
        part = screen[y : y + high, x : x + wide]
        part[:] = window[: part.shape[0], : part.shape[1]]
    colour = [(1, 0.95, 0.45), (0.6, 0.95, 0.6), (1, 0.65, 0.75)][random.integers(3)]
    sheet = tinted(drawn(random.uniform(190, 235), ink(digit, note, random, (0.35, 0.6)), random), colour)
    centre, half = np.array(shape[::-1]) * random.uniform(0.35, 0.65, 2), min(shape) * random.uniform(0.2, 0.33)
    turn = np.radians(random.uniform(-12, 12))
    box = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    corners = centre + box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    seen = warped(sheet, shape, corners)
    return photograph(np.where(np.isnan(seen), tinted(screen), seen), random)


def whiteboard(digit, random):
    """A whiteboard with a grey frame on a wall, glare, a tray, and what was wiped off."""
    board_shape, shape = size(random, 500, 1000), size(random, 500, 1200)
    y, x = grid_of(board_shape)
    glare = random.uniform(5, 25) * np.exp(-((x - random.uniform(-1, 1)) ** 2 + (y - random.uniform(-1, 1)) ** 2) * 6)
    board = random.uniform(205, 230) + glare - 4 * np.abs(cloud(board_shape, random, 0.3))
    board = drawn(board, ink(digit, board_shape, random, (0.3, 0.55)), random, (0.5, 0.85))
    width = int(min(board_shape) * random.uniform(0.02, 0.05))
    board = np.pad(board, ((width, 2 * width), (width, width)), constant_values=random.uniform(90, 160))
    wall = tinted(random.uniform(120, 200) * light(shape, random), (1, random.uniform(0.9, 1), random.uniform(0.8, 1)))
    return photograph(on_a_desk(board, wall, random, turn=5), random)


FORMS: dict[str, Callable[[np.ndarray, Random], bytes]] = {
    "box of a form": form,
    "labelled box": labelled_box,
    "date in boxes": date,
    "squares with gaps, document mode": broken_squares,
    "box drawn by hand": box_by_hand,
    "digit that crosses its box": crossed_box,
    "box of dashes": dashed_box,
    "bars of a window's shadow": window_bars,
    "field of a receipt": price,
    "amount on a cheque": cheque,
}
KEPT_APART: dict[str, Callable[[np.ndarray, Random], bytes]] = {
    "chalk on a board": chalk,
    "comb of a form": comb,
    "sticky note on a screen": sticky_note,
    "whiteboard": whiteboard,
}
