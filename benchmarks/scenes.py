"""Synthetic photographs, scans and screenshots of a handwritten digit, made from seeds, for photographs.py.

A scene takes a digit (28, 28) uint8 and a random generator, and gives the bytes of a file.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

Random = np.random.Generator


# What a scene is made of ---------------------------------------------------------------------------------------


def ink(digit: np.ndarray, shape: tuple[int, int], random: Random, size: tuple[float, float], tilt: float = 8):
    """A digit somewhere on a sheet: (height, width), 0 to 1; `size` is its share of the sheet's shorter side."""
    side = int(min(shape) * random.uniform(*size))
    large = Image.fromarray(digit).resize((side * 28 // 20,) * 2, Image.Resampling.BICUBIC)
    large = np.asarray(large.rotate(random.uniform(-tilt, tilt), Image.Resampling.BICUBIC), np.float32) / 255
    large = np.clip((ndimage.gaussian_filter(large, side / 60) - 0.35) / 0.3, 0, 1)  # the edge of a pen
    rows, columns = (np.flatnonzero(large.max(axis)) for axis in (1, 0))
    large = large[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    sheet = np.zeros(shape, np.float32)
    margin = 0.06 * min(shape)
    y, x = (
        int(random.uniform(margin, max(margin, whole - part - margin)))
        for whole, part in zip(shape, large.shape, strict=True)
    )
    part = sheet[y : y + large.shape[0], x : x + large.shape[1]]
    part[:] = large[: part.shape[0], : part.shape[1]]
    return sheet


def size(random: Random, shortest: int = 300, longest: int = 1100) -> tuple[int, int]:
    """(height, width) of a picture."""
    one = int(random.uniform(shortest, longest))
    other = int(one * random.uniform(0.72, 1))
    return (one, other) if random.random() < 0.6 else (other, one)


def grid_of(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Of each pixel y and x, from -1 to 1."""
    return np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")


def rules(shape: tuple[int, int], random: Random, step: float, width: float, turn: float = 0, both: bool = False):
    """Parallel lines (or squares), `step` and `width` in pixels: (height, width), 0 to 1."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn, found = np.radians(random.uniform(-turn, turn)), np.zeros(shape, np.float32)
    for along in (y * np.cos(turn) + x * np.sin(turn), x * np.cos(turn) - y * np.sin(turn))[: 1 + both]:
        off = np.abs((along + random.uniform(0, step)) % step - step / 2)
        found = np.maximum(found, np.clip(width / 2 + 0.5 - off, 0, 1))
    return found


def light(shape: tuple[int, int], random: Random, uneven: float = 0.12) -> np.ndarray:
    """Of a lamp somewhere to the side: about 1."""
    y, x = grid_of(shape)
    angle = random.uniform(0, 2 * np.pi)
    return 1 + uneven * (np.cos(angle) * x + np.sin(angle) * y) - uneven / 2 * (x * x + y * y)


def cloud(shape: tuple[int, int], random: Random, share: float) -> np.ndarray:
    """Smooth noise of deviation 1 whose spots are `share` of the shorter side."""
    scale = max(1, min(shape) * share / 4)
    small = random.normal(size=[int(side / scale) + 8 for side in shape])
    small = ndimage.gaussian_filter(small, 4)
    found = np.asarray(Image.fromarray(small.astype(np.float32)).resize(shape[::-1], Image.Resampling.BICUBIC))
    return found / found.std()


def tinted(grey: np.ndarray, colour: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """(height, width) -> (height, width, 3)."""
    return np.multiply.outer(grey, np.asarray(colour, np.float32))


def photograph(picture: np.ndarray, random: Random, noise: float = 4, quality: tuple[int, int] = (60, 92)) -> bytes:
    """A JPEG file of (height, width[, 3]) grey levels, slightly blurred, with grain."""
    if picture.ndim == 2:
        picture = tinted(picture, (1, random.uniform(0.95, 1), random.uniform(0.85, 1)))
    picture = ndimage.gaussian_filter(picture, (random.uniform(0.3, 1.1),) * 2 + (0,))
    grain = random.normal(0, noise * random.uniform(0.5, 1), picture.shape[:2])[..., None]
    return file(picture + grain, "JPEG", quality=int(random.uniform(*quality)))


def file(picture: np.ndarray, format: str = "PNG", **options) -> bytes:
    """Grey levels as a file."""
    buffer = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(buffer, format, **options)
    return buffer.getvalue()


def warped(planes: np.ndarray, shape: tuple[int, int], corners: np.ndarray) -> np.ndarray:
    """A sheet (height, width, n) seen with its corners at (x, y) of a picture: (*shape, n), NaN beside it."""
    height, width = planes.shape[:2]
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    a, b, c, d, e, f, g, h = np.linalg.solve(np.array(rows), np.array(wanted))
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    depth = g * x + h * y + 1
    at = [(d * x + e * y + f) / depth - 0.5, (a * x + b * y + c) / depth - 0.5]
    seen = [ndimage.map_coordinates(planes[..., i], at, order=1, cval=np.nan) for i in range(planes.shape[2])]
    return np.stack(seen, -1)


def corners_of(shape: tuple[int, int], random: Random, margin: tuple[float, float], turn: float, bend: float):
    """The corners of a sheet in a picture, turned by up to `turn` degrees and in perspective: (4, 2) as x, y."""
    turn = np.radians(random.uniform(-turn, turn))
    box = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    box *= 1 - 2 * np.array([random.uniform(*margin), random.uniform(*margin)])
    box += random.uniform(-bend, bend, box.shape) + random.uniform(-0.5, 0.5, 2) * margin[0]
    turned = box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (turned + 1) / 2 * np.array(shape[::-1])


def on_a_desk(sheet: np.ndarray, desk: np.ndarray, random: Random, margin=(0.04, 0.22), turn=15.0) -> np.ndarray:
    """A sheet (height, width) lying on a desk (height, width, 3)."""
    colours = tinted(sheet, (1, random.uniform(0.95, 1), random.uniform(0.88, 1)))
    seen = warped(colours, desk.shape[:2], corners_of(desk.shape[:2], random, margin, turn, 0.06))
    return np.where(np.isnan(seen), desk, seen)


def drawn(paper: float | np.ndarray, strokes: np.ndarray, random: Random, darkness=(0.65, 0.9)) -> np.ndarray:
    """Dark strokes on paper."""
    return paper * (1 - random.uniform(*darkness) * strokes)


# Scenes: a digit (28, 28) uint8 and a random generator -> the bytes of a file ----------------------------------


def clean(digit, random):
    shape = size(random)
    return file(drawn(random.uniform(235, 255), ink(digit, shape, random, (0.3, 0.75)), random))


def ruled(digit, random):
    shape = size(random)
    lines = rules(shape, random, min(shape) * random.uniform(0.06, 0.14), max(1, min(shape) / 300), 3)
    paper = random.uniform(190, 235) * light(shape, random) * (1 - random.uniform(0.1, 0.35) * lines)
    return photograph(drawn(paper, ink(digit, shape, random, (0.25, 0.6)), random), random)


def squared(digit, random):
    shape = size(random)
    step = min(shape) * random.uniform(0.035, 0.09)
    lines = rules(shape, random, step, max(1, step * random.uniform(0.05, 0.1)), 4, both=True)
    paper = random.uniform(190, 235) * light(shape, random) * (1 - random.uniform(0.15, 0.45) * lines)
    return photograph(drawn(paper, ink(digit, shape, random, (0.25, 0.6)), random), random)


def squared_scanned(digit, random):
    shape = size(random, 500, 1600)
    step = min(shape) * random.uniform(0.035, 0.1)
    lines = rules(shape, random, step, random.uniform(1, max(1.5, step * 0.1)), random.choice([0, 2]), both=True)
    black = np.maximum(lines, ink(digit, shape, random, (0.2, 0.6))) + random.normal(0, 0.1, shape)
    return file(255.0 * (black < 0.5))


def shadow(digit, random):
    shape = size(random)
    y, x = grid_of(shape)
    angle = random.uniform(0, 2 * np.pi)
    edge = (np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.3, 0.4)) * random.uniform(4, 25)
    paper = random.uniform(190, 235) * light(shape, random) * (1 - random.uniform(0.2, 0.5) / (1 + np.exp(-edge)))
    return photograph(drawn(paper, ink(digit, shape, random, (0.3, 0.65)), random), random)


def pencil(digit, random):
    shape = size(random)
    strokes = ink(digit, shape, random, (0.3, 0.65)) * np.clip(0.8 + 0.25 * random.normal(size=shape), 0, 1)
    paper = random.uniform(195, 240) * light(shape, random)
    return photograph(drawn(paper, strokes, random, (0.25, 0.45)), random, 3)


def small(digit, random):
    shape = size(random, 700, 1600)
    paper = random.uniform(190, 240) * light(shape, random)
    return photograph(drawn(paper, ink(digit, shape, random, (0.05, 0.12)), random), random)


def tilted(digit, random):
    sheet_shape, shape = size(random, 500, 1100), size(random, 500, 1100)
    sheet = drawn(np.ones(sheet_shape), ink(digit, sheet_shape, random, (0.3, 0.5)), random)
    while True:
        corners = corners_of(shape, random, (-0.25, -0.1), 18, 0.12)
        seen = np.nan_to_num(warped(sheet[..., None], shape, corners)[..., 0], nan=1)
        if min(seen[0].min(), seen[-1].min(), seen[:, 0].min(), seen[:, -1].min()) > 0.9:  # the whole digit is seen
            break
    return photograph(seen * random.uniform(190, 240) * light(shape, random), random)


def thumb(digit, random):
    shape = size(random)
    strokes = ink(digit, shape, random, (0.25, 0.45))
    picture = tinted(drawn(random.uniform(195, 240) * light(shape, random), strokes, random))
    y, x = grid_of(shape)
    away = ndimage.distance_transform_edt(strokes < 0.1) / min(shape)
    for _ in range(20):  # a thumb does not cover the digit
        side, along = random.integers(4), random.uniform(-0.9, 0.9)
        centre = [(along, -1), (along, 1), (-1, along), (1, along)][side]
        turn, radius = random.uniform(0, np.pi), random.uniform(0.2, 0.35)
        u, v = x - centre[0], y - centre[1]
        u, v = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
        inside = (u / radius) ** 2 + (v / radius / random.uniform(1, 1.7)) ** 2
        if away[inside < 1.1].min(initial=1) > 0.03:
            break
    else:
        return thumb(digit, random)
    skin = tinted((1 - 0.25 * inside.clip(0, 1)) * random.uniform(0.5, 1.0), (215, 160, 130))
    return photograph(picture + np.clip((1.05 - inside) / 0.1, 0, 1)[..., None] * (skin - picture), random)


def wood(shape: tuple[int, int], random: Random, grey=(25, 95)) -> np.ndarray:
    """A dark desk, with or without grain: (height, width, 3)."""
    y, _ = grid_of(shape)
    grain = np.sin(random.uniform(20, 60) * (y + 0.05 * cloud(shape, random, 0.5))) * random.uniform(0, 0.15)
    return tinted(random.uniform(*grey) * (1 + grain) * light(shape, random, 0.2), (1, random.uniform(0.7, 1), 0.8))


def desk(digit, random):
    sheet_shape, shape = size(random, 500, 1100), size(random, 400, 1200)
    sheet = drawn(random.uniform(185, 240), ink(digit, sheet_shape, random, (0.25, 0.55)), random)
    sheet = sheet * light(sheet_shape, random)
    return photograph(on_a_desk(sheet, wood(shape, random), random), random)


def frame_at_the_edge(digit, random):
    shape = (280, 280) if random.random() < 0.5 else size(random, 280, 900)
    black = ink(digit, shape, random, (0.3, 0.6))
    margin, width = int(min(shape) * random.uniform(0, 0.04)), max(2, int(min(shape) * random.uniform(0.008, 0.02)))
    box = np.pad(np.zeros([side - 2 * margin - 2 * width for side in shape]), width, constant_values=1)
    return file(drawn(255.0, np.maximum(black, np.pad(box, margin)), random, (0.7, 1)))


def box(digit, random):
    shape = size(random)
    inner = [int(side * random.uniform(0.45, 0.7)) for side in shape]
    width = max(2, int(min(shape) * random.uniform(0.005, 0.02)))
    drawing = np.pad(ink(digit, tuple(inner), random, (0.35, 0.7)), width, constant_values=1)
    sheet = np.zeros(shape)
    y, x = (int(random.uniform(0, whole - part)) for whole, part in zip(shape, drawing.shape, strict=True))
    sheet[y : y + drawing.shape[0], x : x + drawing.shape[1]] = drawing
    sheet = ndimage.rotate(sheet, random.uniform(-3, 3), reshape=False, order=1).clip(0, 1)
    return photograph(drawn(random.uniform(200, 240) * light(shape, random), sheet, random), random)


def app(digit, random, paper, strokes, bar, icon):
    """The screenshot of a note app: a toolbar at one edge, icons on it."""
    shape = size(random, 500, 1400)
    height, width = shape
    high = int(height * random.uniform(0.06, 0.14))
    drawing = ink(digit, (height - high, width), random, (0.3, 0.65), 0)
    toolbar = np.full((high, width), bar, np.float32)
    for place in range(int(random.uniform(2, 9))):
        side = int(high * random.uniform(0.3, 0.5))
        x = int((0.4 + 1.3 * place) * high)
        inner = toolbar[(high - side) // 2 : (high + side) // 2, x : x + side]
        inner[:] = icon
        if random.random() < 0.6:
            inner[side // 5 : -(side // 5), side // 5 : -(side // 5)] = bar
    picture = np.vstack([toolbar, paper + (strokes - paper) * drawing])
    if random.random() < 0.5:
        picture[high - 1] = (bar + icon) / 2
    return file(picture if random.random() < 0.75 else np.vstack([picture[high:], toolbar]))


def dark_app(digit, random):
    bar = random.choice([255, random.uniform(70, 250)])
    return app(digit, random, random.uniform(0, 40), random.uniform(200, 255), bar, random.choice([0, 60, 130]))


def light_app(digit, random):
    bar = random.choice([40, random.uniform(40, 235)])
    return app(digit, random, random.uniform(240, 255), random.uniform(0, 90), bar, random.choice([255, 20, 130]))


def vignette(digit, random):
    shape = size(random)
    y, x = grid_of(shape)
    paper = random.uniform(190, 240) * (1 - random.uniform(0.2, 0.45) * (x * x + y * y) / 2)
    return photograph(drawn(paper, ink(digit, shape, random, (0.3, 0.6)), random), random, 12, (15, 45))


def crumpled(digit, random):
    shape = size(random)
    folds = light(shape, random, 0.2)
    y, x = grid_of(shape)
    for _ in range(int(random.uniform(2, 6))):
        angle = random.uniform(0, np.pi)
        across = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.7, 0.7)
        folds += random.uniform(-0.12, 0.12) * np.exp(-np.abs(across) * random.uniform(3, 15)) * np.sign(across)
    folds += 0.04 * cloud(shape, random, 0.3)
    return photograph(
        drawn(random.uniform(185, 225) * folds, ink(digit, shape, random, (0.3, 0.6)), random, (0.6, 0.9)), random
    )


def coloured(digit, random):
    shape = size(random)
    one, other = (np.array(colour, float) for colour in _alike(random))
    strokes = ink(digit, shape, random, (0.3, 0.65))[..., None]
    picture = (one + (other - one) * strokes) * light(shape, random, 0.05)[..., None]
    return photograph(picture, random, 3) if random.random() < 0.5 else file(picture)


def _alike(random):
    """Two colours far apart with the same lightness."""
    weights = np.array([0.299, 0.587, 0.114])
    while True:
        one, other = random.uniform(0, 255, (2, 3))
        other = other * (one @ weights + random.uniform(-6, 6)) / (other @ weights)
        if other.max() <= 255 and np.abs(one - other).max() > 110:
            return one, other


def phone_small(digit, random):
    shape = size(random, 200, 340)
    paper = random.uniform(180, 235) * light(shape, random, 0.2)
    return photograph(drawn(paper, ink(digit, shape, random, (0.25, 0.6)), random), random, 8, (20, 60))


def phone_large(digit, random):
    shape = size(random, 2400, 3200)
    paper = random.uniform(180, 235) * light(shape, random, 0.2)
    return photograph(drawn(paper, ink(digit, shape, random, (0.15, 0.5)), random), random, 10)


SCENES: dict[str, Callable[[np.ndarray, Random], bytes]] = {
    "clean scan": clean,
    "ruled paper": ruled,
    "squared paper": squared,
    "squared paper, document mode": squared_scanned,
    "shadow": shadow,
    "pencil": pencil,
    "small on a large sheet": small,
    "tilted": tilted,
    "thumb": thumb,
    "dark desk": desk,
    "frame at the edge": frame_at_the_edge,
    "printed box": box,
    "note app, dark": dark_app,
    "note app, light": light_app,
    "vignette, coarse JPEG": vignette,
    "crumpled": crumpled,
    "colours of one lightness": coloured,
    "phone, small": phone_small,
    "phone, large": phone_large,
}
