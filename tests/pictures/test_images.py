"""Pictures on their way in (every kind of file, good and bad), to the 28x28 digit, and out to the page."""

import base64
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image, ImageDraw

from gan_demo import data
from gan_demo.errors import UserError
from gan_demo.pictures import images

ONE_FRAME_FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def grey_and_alpha(picture: Image.Image) -> tuple[list[int], list[int]]:
    """Both bands of a "LA" picture, row after row."""
    grey, alpha = (np.asarray(band).ravel().tolist() for band in picture.split())
    return grey, alpha


def grey_picture(grey: np.ndarray, alpha: np.ndarray | None = None) -> Image.Image:
    """A "LA" picture of (h, w) arrays of 0 to 255, opaque where no alpha is given."""
    if alpha is None:
        alpha = np.full(grey.shape, 255)
    return Image.merge("LA", [Image.fromarray(np.asarray(band).round().astype(np.uint8)) for band in (grey, alpha)])


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


def three(side: int = 400, pen: int = 30) -> np.ndarray:
    """The ink (0 to 1) of a 3 drawn with a round pen, off the centre."""
    canvas = Image.new("L", (side * 2, side * 2))
    draw = ImageDraw.Draw(canvas)
    for top in (0.15, 0.45):
        draw.arc([side * 0.7, side * 2 * top, side * 1.3, side * 2 * (top + 0.3)], -150, 120, fill=255, width=pen * 2)
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX)) / 255


def photo(ink: np.ndarray, seed: int, shadow: float = 0.0) -> Image.Image:
    """Dark ink on grey paper, lit from the lower right, perhaps with a shadow over a corner, and noisy."""
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    light = 190 + 25 * x + 15 * y - 15 * (x * x + y * y) - 190 * shadow / (1 + np.exp(-15 * (x + y / 2)))
    paper = light * (1 - 0.75 * ink)
    return grey_picture((paper + np.random.default_rng(seed).normal(0, 5, ink.shape)).clip(0, 255))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference of two pictures, in grey levels."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


# Opening


@pytest.mark.parametrize(
    ("content", "grey", "alpha"),
    [
        (encoded(Image.new("1", (1, 1), 1)), 255, 255),
        (encoded(Image.new("L", (1, 1), 77)), 77, 255),
        (encoded(Image.new("L", (1, 1), 77), transparency=77), 77, 0),
        (encoded(Image.new("LA", (1, 1), (77, 99))), 77, 99),
        # 0.299 R + 0.587 G + 0.114 B
        (encoded(Image.new("RGB", (1, 1), (0, 255, 0))), 150, 255),
        (encoded(Image.new("RGB", (1, 1), (0, 255, 0)), transparency=(0, 255, 0)), 150, 0),
        (encoded(Image.new("RGBA", (1, 1), (255, 0, 0, 99))), 76, 99),
        (encoded(Image.new("CMYK", (1, 1), (0, 0, 0, 55)), "TIFF"), 200, 255),
        (encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 55)), "JPEG"), 200, 255),
        (encoded(Image.new("YCbCr", (8, 8), (200, 128, 128)), "JPEG"), 200, 255),
        (encoded(Image.new("RGB", (8, 8), (0, 0, 255)), "BMP"), 29, 255),
        (encoded(Image.new("RGBA", (8, 8), (255, 255, 255, 99)), "WEBP", lossless=True), 255, 99),
    ],
)
def test_every_mode_becomes_grey_and_alpha(content, grey, alpha):
    picture = images.open_picture(content)
    assert picture.mode == "LA"
    greys, alphas = grey_and_alpha(picture)
    assert set(alphas) == {alpha}
    if alpha:
        assert np.abs(np.array(greys) - grey).max() <= 1


@pytest.mark.parametrize(("transparency", "alpha"), [(1, [255, 0, 255]), (bytes([10, 20, 30]), [10, 20, 30])])
def test_palette_with_and_without_transparency(transparency, alpha):
    image = Image.new("P", (3, 1))
    image.putpalette([255, 255, 255, 100, 100, 100, 0, 0, 0])
    image.putdata([0, 1, 2])
    assert grey_and_alpha(images.open_picture(encoded(image))) == ([255, 100, 0], [255] * 3)
    grey, found = grey_and_alpha(images.open_picture(encoded(image, transparency=transparency)))
    assert found == alpha
    assert (grey[0], grey[2]) == (255, 0)


@pytest.mark.parametrize(
    ("values", "format", "grey"),
    [
        # Clipped at 255, the middle two would be white.
        (np.array([[0, 257, 32896, 65535]], np.uint16), "PNG", [0, 1, 128, 255]),
        (np.array([[0, 257, 32896, 65535]], np.uint16), "TIFF", [0, 1, 128, 255]),
        (np.array([[0, 257, 32896, 65535]], ">u2"), "TIFF", [0, 1, 128, 255]),
        # 16 bits are 16 bits, however dark the picture.
        (np.array([[0, 0, 0, 200]], np.uint16), "PNG", [0, 0, 0, 1]),
        (np.array([[0, 100, 255]], np.int32), "TIFF", [0, 100, 255]),
        (np.array([[0, 32896, 65535]], np.int32), "TIFF", [0, 128, 255]),
        (np.array([[-100, 0, 255]], np.int32), "TIFF", [0, 72, 255]),
        (np.array([[0, 0.2, 1]], np.float32), "TIFF", [0, 51, 255]),
        (np.array([[0, 51, 255]], np.float32), "TIFF", [0, 51, 255]),
        (np.array([[0, 2e5, 1e6]], np.float32), "TIFF", [0, 51, 255]),
        (np.array([[np.nan, 0.2, 1, np.inf]], np.float32), "TIFF", [0, 51, 255, 0]),
        (np.full((1, 2), np.nan, np.float32), "TIFF", [0, 0]),
    ],
)
def test_more_than_8_bits_are_scaled_not_clipped(values, format, grey):
    found, alpha = grey_and_alpha(images.open_picture(encoded(Image.fromarray(values), format)))
    assert found == grey
    assert set(alpha) == {255}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    # Where the left, dark half of the stored picture is seen (EXIF 2.3, section 4.6.4, tag 274).
    ("orientation", "dark"),
    [(1, "left"), (2, "right"), (3, "right"), (6, "top"), (8, "bottom")],
)
def test_exif_orientation(format, orientation, dark):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = np.full((16, 32), 255, np.uint8)
    stored[:, :16] = 0
    picture = images.open_picture(encoded(Image.fromarray(stored), format, exif=exif))
    assert picture.size == ((16, 32) if dark in ("top", "bottom") else (32, 16))
    grey = np.asarray(picture.getchannel("L"), int)
    halves = {"left": grey[:, :8], "right": grey[:, -8:], "top": grey[:8], "bottom": grey[-8:]}
    assert min(halves, key=lambda half: halves[half].mean()) == dark
    assert not picture.info


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"garbage"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_not_spoil_the_picture(format, exif):
    picture = images.open_picture(encoded(Image.new("L", (32, 16), 200), format, exif=exif))
    assert (picture.size, picture.info) == ((32, 16), {})


def test_16_bit_pictures_are_turned_too():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    picture = images.open_picture(encoded(Image.fromarray(np.zeros((16, 32), np.uint16)), exif=exif))
    assert picture.size == (16, 32)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_is_its_first_frame(format):
    frames = [Image.new("RGB", (16, 16), (level,) * 3) for level in (40, 250, 130)]
    content = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    grey, _ = grey_and_alpha(images.open_picture(content))
    assert np.abs(np.array(grey) - 40).max() <= 2


@pytest.mark.parametrize(("size", "expected"), [((3000, 1500), (1024, 512)), ((1, 9000), (1, 1024)), ((9, 7), (9, 7))])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_large_pictures_are_shrunk(size, expected, format):
    assert images.open_picture(encoded(Image.new("L", size), format)).size == expected


def test_a_photo_of_24_megapixels_is_opened():
    assert images.open_picture(encoded(Image.new("L", (5712, 4284), 200), "JPEG")).size == (1024, 768)


def test_a_picture_comes_from_a_path_from_bytes_or_from_a_file(tmp_path):
    path = tmp_path / "digit.png"
    path.write_bytes(encoded(Image.new("L", (2, 1), 9)))
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        assert grey_and_alpha(images.open_picture(source)) == ([9, 9], [255, 255])
    with path.open("rb") as file:
        images.open_picture(file)
        assert not file.closed  # it is not ours to close


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"these are only words",
        b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>",
        b"\x89PNG\r\n\x1a\n",
        encoded(Image.new("L", (4, 4)), "PPM"),  # pictures too, but of formats that stay out of reach
        encoded(Image.new("RGB", (4, 4)), "EPS"),
        encoded(Image.new("RGB", (16, 16)), "ICO"),
    ],
)
def test_what_is_no_picture_is_refused(content, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(UserError, match=r"(photo\.png|this file) is (not a picture|damaged).*: ") as refusal:
            images.open_picture(source)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("format", ONE_FRAME_FORMATS)
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_truncated_pictures_are_refused(format, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), format)
    images.open_picture(content)
    with pytest.raises(UserError, match="damaged") as refusal:
        images.open_picture(content[: int(len(content) * kept)])
    assert "\n" not in str(refusal.value)


@pytest.mark.filterwarnings("ignore")  # Pillow warns of damage that it could read past
@pytest.mark.parametrize("format", ONE_FRAME_FORMATS)
def test_damage_never_raises_anything_else(format):
    rng = np.random.default_rng(0)
    content = encoded(Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)), format)
    refused = 0
    for _ in range(150):
        damaged = bytearray(content)
        for place in (len(content) * rng.random(3) ** 3).astype(int):  # most of it in the header
            damaged[place] = rng.integers(256)
        try:
            images.open_picture(bytes(damaged))
        except UserError:
            refused += 1
    assert refused


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.png", "missing.png does not exist: check the name"),
        (".", "is a folder: name a picture in it"),
        ("nul\0.png", "does not exist"),
        ("two\nlines.png", "two lines.png does not exist"),
        ("n" * 300, "cannot be read"),
        ("file/inside.png", "cannot be read"),
    ],
)
def test_paths_that_lead_nowhere(name, message, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=message) as refusal:
        images.open_picture(f"{tmp_path}/{name}")
    assert "\n" not in str(refusal.value)


def test_files_of_too_many_bytes_are_not_even_read(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 1_000_000)
    stream = io.BytesIO(bytes(3_000_000))
    with pytest.raises(UserError, match="larger than 1 MB"):
        images.open_picture(stream)
    assert stream.tell() == 1_000_001


def bilevel_png(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel, all black: 100 megapixels are 12 kB."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(height * (1 + (width + 7) // 8))))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


def tiff_of_one_tile(side: int, tile_side: int) -> bytes:
    """A compressed TIFF of side x side pixels that lie in one tile, which may be far larger."""
    tile = zlib.compress(bytes(tile_side * tile_side), 9)
    tags = {256: side, 257: side, 258: 8, 259: 8, 262: 1, 277: 1, 322: tile_side, 323: tile_side}
    start = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags |= {324: start, 325: len(tile)}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4) + tile


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "content",
    [
        bilevel_png(4001, 4000),
        bilevel_png(10_000, 10_000),  # Pillow warns
        bilevel_png(20_000, 10_000),  # Pillow refuses
        bilevel_png(1, 12_001),
        tiff_of_one_tile(64, 4016),
    ],
)
def test_too_many_pixels_are_refused_undecoded(content, monkeypatch):
    monkeypatch.setattr(images, "_normalised", lambda picture: pytest.fail("decoded"))
    with pytest.raises(UserError, match=r"too large \(the limits are 16 megapixels .*: make it smaller") as refusal:
        images.open_picture(content)
    assert "\n" not in str(refusal.value)


@pytest.mark.filterwarnings("error")
def test_a_warning_of_pillow_made_an_error_is_told_the_same_way():
    with pytest.raises(UserError, match="too large"):
        images.open_picture(bilevel_png(10_000, 10_000))


def test_a_tiled_tiff_of_bearable_size_is_opened():
    assert images.open_picture(tiff_of_one_tile(64, 256)).size == (64, 64)


def test_memory_is_bounded(tmp_path):
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    script = """if True:
        import re, sys
        from pathlib import Path
        from gan_demo.pictures import images

        def peak():
            return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])

        images.open_picture(images.png_bytes(images.Image.new("L", (8, 8))))  # Pillow loads its decoders
        before = peak()
        for path in sys.argv[1:]:
            try:
                images.to_digit(images.open_picture(path))
            except images.UserError:
                pass
            print(peak() - before)
    """
    contents = [
        bilevel_png(10_000, 10_000),
        encoded(Image.new("RGB", (5712, 4284)), "JPEG", progressive=True),
        encoded(Image.new("P", (4000, 4000)), transparency=0),
    ]
    paths = [tmp_path / str(index) for index in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    command = [sys.executable, "-W", "ignore", "-c", script, *paths]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    refused, photo, palette = (int(peak) / 1000 for peak in output.split())  # megabytes, up to then
    assert refused < 20
    assert photo < 130  # in full it would be 100 and its conversion 100 more
    assert palette < 300


# To a digit


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
    digit = images.to_digit(picture)
    assert digit.dtype == np.uint8
    assert np.array_equal(digit, bar_digit())


def test_ink_of_many_greys_on_a_transparent_ground_is_ink():
    alpha = 255 * three()
    grey = 255 * (np.indices(alpha.shape).sum(0) % 2)
    assert np.array_equal(images.to_digit(grey_picture(grey, alpha)), images.to_digit(grey_picture(alpha)))


def test_a_wide_drawing_is_fitted_by_its_width():
    assert np.array_equal(images.to_digit(grey_picture(255 * bar().T)), bar_digit().T)


def test_antialiasing_is_kept():
    ink = np.zeros((60, 60))
    ink[20:40, 20:30] = 1
    ink[20:40, 30] = 0.4  # already 20 pixels high: nothing is scaled
    digit = images.to_digit(grey_picture(255 * ink))
    assert np.array_equal(np.unique(digit, return_counts=True), ([0, 102, 255], [28 * 28 - 220, 20, 200]))


def test_a_drawing_with_its_mass_at_one_end_is_not_clipped():
    ink = np.zeros((200, 200))
    ink[50:150, 60:66] = 1  # a long stem
    ink[135:150, 30:96] = 1  # on a heavy foot
    digit = images.to_digit(grey_picture(255 * ink))
    rows = np.flatnonzero(digit.max(1) > 100)
    assert (rows[0], rows[-1]) == (0, 19)
    ink[50:150] = ink[50:150][::-1]
    rows = np.flatnonzero(images.to_digit(grey_picture(255 * ink)).max(1) > 100)
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
    assert images.to_digit(picture).max() == 0


@pytest.mark.parametrize("shadow", [0.0, 0.25])
@pytest.mark.parametrize("pen", [12, 30, 50])
def test_a_photo_gives_nearly_the_digit_of_a_clean_drawing(shadow, pen):
    ink = three(pen=pen)
    clean, found = images.to_digit(grey_picture(255 * ink)), images.to_digit(photo(ink, 0, shadow))
    assert difference(clean, found) < 6  # moved by one pixel it would be 12 or more
    far = np.ones((28, 28), bool)
    for y, x in np.argwhere(clean > 0):
        far[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = False
    assert found[far].max() < 10  # the paper is black, not dark grey


def test_a_thin_pen_under_a_lamp_is_not_taken_for_the_paper():
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    ink = three(pen=6)
    lamp = grey_picture((220 - 70 * (x * x + y * y)) * (1 - 0.7 * ink))  # the rim is darker than the middle
    assert difference(images.to_digit(lamp), images.to_digit(grey_picture(255 * ink))) < 6


def test_ink_in_a_deep_shadow_is_as_strong_as_in_the_light():
    light = 200 - 100 / (1 + np.exp(-(np.arange(140.0) - 80) / 4))  # down the length of the bar
    digit = images.to_digit(grey_picture(light[:, None] * (1 - 0.7 * bar())))
    assert digit[4:24, 13:16].min() > 230
    assert digit[:, :10].max() < 10


def test_a_broad_blot_on_clean_paper_is_no_shadow():
    ink = np.zeros((140, 140))
    ink[20:120, 20:120] = 1
    digit = images.to_digit(grey_picture(255 - 255 * ink))
    assert np.array_equal(np.unique(digit, return_counts=True), ([0, 255], [28 * 28 - 400, 400]))


def test_the_place_and_the_size_of_a_drawing_do_not_matter():
    small = np.asarray(Image.fromarray(np.float32(three())).resize((100, 100), Image.Resampling.BOX))
    corner = np.zeros((1000, 900))
    corner[850:950, 20:120] = small
    one, other = (images.to_digit(grey_picture(255 - 255 * ink)) for ink in (three(), corner))
    assert difference(one, other) < 3


def test_dust_does_not_shrink_the_digit():
    ink = bar(800, 800)
    ink[700:702, 700:703] = 1
    assert np.array_equal(images.to_digit(grey_picture(255 - 255 * ink)), bar_digit())


@pytest.mark.parametrize("ink", [three(200, 1), three(800, 1), np.maximum(np.eye(1000), np.eye(1000)[::-1])])
def test_hairlines_do_not_fade(ink):
    digit = images.to_digit(grey_picture(255 * ink))
    assert np.percentile(digit[digit > 0], 75) > 180


def test_a_single_darker_spot_does_not_make_the_rest_grey():
    ink = 0.6 * np.kron(bar(), np.ones((7, 7)))
    ink[500, 300] = 1
    digit = images.to_digit(grey_picture(255 - 255 * ink))
    assert np.array_equal(digit >= 250, bar_digit() > 0)


def test_strokes_are_thickened_to_the_thinnest_usual_in_mnist():
    ink = np.zeros((400, 400))
    ink[100:300, 200:202] = 1  # 0.2 pixels of the digit
    digit = images.to_digit(grey_picture(255 * ink)) / 255
    assert digit[14].sum() == pytest.approx(images.MIN_STROKE, abs=0.35)


def test_the_picture_given_is_left_as_it_is():
    picture = grey_picture(255 * three())
    before = picture.tobytes()
    images.to_digit(picture)
    images.resized(picture)
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
        assert np.abs(centres - images.CENTRE).max() <= 0.5


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
    found = np.stack([images.to_digit(change(digit)) for digit in mnist_digits])
    assert difference(found, mnist_digits) < bound


# Just resized


def test_resized_keeps_a_28x28_picture_and_its_polarity():
    grey = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    found = images.resized(grey_picture(grey))
    assert found.dtype == np.uint8
    assert np.array_equal(found, grey)


def test_resized_shows_transparency_as_black():
    alpha = np.zeros((28, 28))
    alpha[:, 14:] = 51
    assert np.array_equal(images.resized(grey_picture(0 * alpha + 255, alpha)), alpha)


def test_resized_takes_the_square_in_the_middle():
    grey = np.zeros((28, 84))
    grey[:, 28:56] = 200
    for picture in (grey_picture(grey), grey_picture(grey.T), grey_picture(np.kron(grey, np.ones((7, 7))))):
        assert np.array_equal(images.resized(picture), np.full((28, 28), 200))


def test_resized_antialiases():
    stripes = np.zeros((280, 280))
    stripes[:, ::2] = 255
    assert np.abs(images.resized(grey_picture(stripes)).astype(int) - 127).max() <= 4


# Out to the page


@pytest.mark.parametrize("make", [lambda pixels: pixels, torch.from_numpy, lambda pixels: pixels[:, None]])
def test_grid(make):
    pixels = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8) + 100
    found = images.grid(make(pixels), columns=3, gap=2)
    assert (found.mode, found.size) == ("L", (3 * 28 + 2 * 2, 2 * 28 + 2))
    found = np.asarray(found)
    assert np.array_equal(found[:28, 60:], pixels[2])
    assert np.array_equal(found[30:, 30:58], pixels[4])
    around = {images.GAP_GREY}
    assert set(found[28:30].ravel()) == set(found[:, 28:30].ravel()) == set(found[30:, 60:].ravel()) == around


def test_grid_is_enlarged_without_blur():
    pixels = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    assert np.array_equal(images.grid(pixels, columns=1, scale=3), np.kron(pixels[0], np.ones((3, 3), np.uint8)))


@pytest.mark.parametrize(
    "pixels", [np.zeros((0, 28, 28), np.uint8), np.zeros((28, 28), np.uint8), np.zeros((2, 28, 28)), torch.zeros(1, 1)]
)
def test_grid_refuses_other_arrays(pixels):
    with pytest.raises(ValueError, match="a grid is made of"):
        images.grid(pixels, columns=2)


def test_a_png_and_its_url_hold_the_picture():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (5, 7), dtype=np.uint8))
    start, _, content = images.data_url(images.png_bytes(image)).partition(",")
    assert start == "data:image/png;base64"
    opened = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (opened.format, opened.mode) == ("PNG", "L")
    assert np.array_equal(opened, image)
