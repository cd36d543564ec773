"""Pictures on their way in: every kind of file, good and bad."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from helpers.drawings import bilevel_png, encoded
from PIL import ExifTags, Image

from gan_demo.errors import UserError
from gan_demo.pictures import opening

ONE_FRAME_FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]


def grey_and_alpha(picture: Image.Image) -> tuple[list[int], list[int]]:
    """Both bands of a "LA" picture, row after row."""
    grey, alpha = (np.asarray(band).ravel().tolist() for band in picture.split())
    return grey, alpha


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
    picture = opening.open_picture(content)
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
    assert grey_and_alpha(opening.open_picture(encoded(image))) == ([255, 100, 0], [255] * 3)
    grey, found = grey_and_alpha(opening.open_picture(encoded(image, transparency=transparency)))
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
    found, alpha = grey_and_alpha(opening.open_picture(encoded(Image.fromarray(values), format)))
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
    picture = opening.open_picture(encoded(Image.fromarray(stored), format, exif=exif))
    assert picture.size == ((16, 32) if dark in ("top", "bottom") else (32, 16))
    grey = np.asarray(picture.getchannel("L"), int)
    halves = {"left": grey[:, :8], "right": grey[:, -8:], "top": grey[:8], "bottom": grey[-8:]}
    assert min(halves, key=lambda half: halves[half].mean()) == dark
    assert not picture.info


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"garbage"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_not_spoil_the_picture(format, exif):
    picture = opening.open_picture(encoded(Image.new("L", (32, 16), 200), format, exif=exif))
    assert (picture.size, picture.info) == ((32, 16), {})


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_that_are_made_smaller_are_turned_too(format):
    """Their grey is put together from strips, which bring no metadata."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = Image.new("L", (2 * opening.WORKING_SIDE, 64), 255)
    stored.paste(0, (0, 0, opening.WORKING_SIDE, 64))
    picture = opening.open_picture(encoded(stored, format, exif=exif))
    assert picture.size == (32, opening.WORKING_SIDE)
    assert picture.getpixel((16, 100))[0] < 50 < 200 < picture.getpixel((16, 900))[0]
    assert not picture.info


def test_16_bit_pictures_are_turned_too():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    picture = opening.open_picture(encoded(Image.fromarray(np.zeros((16, 32), np.uint16)), exif=exif))
    assert picture.size == (16, 32)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_is_its_first_frame(format):
    frames = [Image.new("RGB", (16, 16), (level,) * 3) for level in (40, 250, 130)]
    content = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    grey, _ = grey_and_alpha(opening.open_picture(content))
    assert np.abs(np.array(grey) - 40).max() <= 2


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_is_its_first_frame_that_shows_anything(format, monkeypatch):
    frames = [Image.new("L", (64, 64), 255) for _ in range(4)]
    frames[2].paste(10, (20, 20, 40, 44))
    frames[3].paste(10, (0, 0, 30, 30))
    content = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    grey = np.asarray(opening.open_picture(content).getchannel("L"))
    assert grey[32, 30] < 30
    assert grey[5, 5] > 240
    monkeypatch.setattr(opening, "MAX_ANIMATED", 64 * 64 - 1)  # each frame but the first takes memory several times
    assert np.asarray(opening.open_picture(content).getchannel("L")).min() > 240


@pytest.mark.parametrize(("brand", "kind"), [(b"heic", "HEIC"), (b"mif1", "HEIC"), (b"avif", "AVIF")])
def test_what_phones_save_and_is_not_read_is_named(brand, kind):
    content = struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"miafMiHE" + bytes(100)
    with pytest.raises(UserError, match=f"this file is in the format {kind}, .*: save it as JPEG or PNG"):
        opening.open_picture(content)


def test_a_jpeg_has_the_lightness_of_its_own_channel():
    """And not one that went by way of red, green and blue."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), "JPEG")
    picture = Image.open(io.BytesIO(content))
    picture.draft("L", picture.size)
    assert np.array_equal(opening.open_picture(content).getchannel("L"), picture)


@pytest.mark.parametrize(("size", "expected"), [((3000, 1500), (1024, 512)), ((1, 9000), (1, 1024)), ((9, 7), (9, 7))])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_large_pictures_are_shrunk(size, expected, format):
    assert opening.open_picture(encoded(Image.new("L", size), format)).size == expected


@pytest.fixture(scope="module")
def many_modes():
    """Noise in the modes a picture may have, by name; those with a `t` have a transparent colour."""
    random = np.random.default_rng(0)
    colours = Image.fromarray(random.integers(0, 256, (opening.STRIP * 4 + 70, 1100, 3), np.uint8))
    clear = colours.copy()
    clear.putalpha(Image.fromarray(random.integers(0, 256, colours.size[::-1], np.uint8)))
    keyed = {"Pt": colours.quantize(7), "Lt": colours.convert("L")}
    for one in keyed.values():
        one.info["transparency"] = 3
    plain = {mode: colours.convert(mode) for mode in ("1", "L", "RGB", "CMYK", "P", "HSV")}
    return {**plain, "RGBA": clear, "LA": clear.convert("LA"), "La": clear.convert("La"), **keyed}


@pytest.mark.parametrize("mode", "1 L RGB CMYK P HSV RGBA LA La Pt Lt".split())
def test_in_strips_a_picture_becomes_what_pillow_makes_of_it_at_once(many_modes, mode):
    picture = many_modes[mode]
    whole = picture.convert("LA")
    whole.thumbnail((opening.WORKING_SIDE,) * 2, Image.Resampling.HAMMING)
    assert np.array_equal(opening._grey(picture), whole)


def test_a_photo_of_24_megapixels_is_opened():
    assert opening.open_picture(encoded(Image.new("L", (5712, 4284), 200), "JPEG")).size == (1024, 768)


def test_a_picture_comes_from_a_path_from_bytes_or_from_a_file(tmp_path):
    path = tmp_path / "digit.png"
    path.write_bytes(encoded(Image.new("L", (2, 1), 9)))
    for source in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes())):
        assert grey_and_alpha(opening.open_picture(source)) == ([9, 9], [255, 255])
    with path.open("rb") as file:
        opening.open_picture(file)
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
            opening.open_picture(source)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("format", ONE_FRAME_FORMATS)
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_truncated_pictures_are_refused(format, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), format)
    opening.open_picture(content)
    with pytest.raises(UserError, match="damaged") as refusal:
        opening.open_picture(content[: int(len(content) * kept)])
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
            opening.open_picture(bytes(damaged))
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
        opening.open_picture(f"{tmp_path}/{name}")
    assert "\n" not in str(refusal.value)


def test_files_of_too_many_bytes_are_not_even_read(monkeypatch):
    monkeypatch.setattr(opening, "MAX_BYTES", 1_000_000)
    stream = io.BytesIO(bytes(3_000_000))
    with pytest.raises(UserError, match="larger than 1 MB"):
        opening.open_picture(stream)
    assert stream.tell() == 1_000_001


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
    monkeypatch.setattr(opening, "normalised", lambda picture: pytest.fail("decoded"))
    with pytest.raises(UserError, match=r"too large \(the limits are 16 megapixels .*: make it smaller") as refusal:
        opening.open_picture(content)
    assert "\n" not in str(refusal.value)


@pytest.mark.filterwarnings("error")
def test_a_warning_of_pillow_made_an_error_is_told_the_same_way():
    with pytest.raises(UserError, match="too large"):
        opening.open_picture(bilevel_png(10_000, 10_000))


def test_a_tiled_tiff_of_bearable_size_is_opened():
    assert opening.open_picture(tiff_of_one_tile(64, 256)).size == (64, 64)


def test_memory_is_bounded(tmp_path):
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    script = """if True:
        import re, sys
        from pathlib import Path
        from gan_demo.pictures import encoding, opening, preparing

        def peak():
            return int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])

        opening.open_picture(encoding.png_bytes(opening.Image.new("L", (8, 8))))  # Pillow loads its decoders
        before = peak()
        for path in sys.argv[1:]:
            try:
                preparing.to_digit(opening.open_picture(path))
            except opening.UserError:
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
    assert palette < 110  # 16, and grey and alpha beside them
