"""Pictures to take away: what other programs read in them is what went in."""

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageSequence

from gan_demo import UserError
from gan_demo.pictures import downloads

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)


def test_an_archive_holds_the_pictures_and_the_table():
    names = [f"{index}.png" for index in range(5)]
    packed = (PIXELS, names, ("file", "words"), [(name, 'a "b", c') for name in names], "digits")
    content = downloads.archive(*packed)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        assert sorted(file.namelist()) == sorted([*names, "digits.csv"])
        for name, pixels in zip(names, PIXELS, strict=True):
            assert np.array_equal(np.asarray(Image.open(file.open(name))), pixels)
        rows = list(csv.DictReader(io.TextIOWrapper(file.open("digits.csv"), "utf-8", newline="")))
    assert rows == [{"file": name, "words": 'a "b", c'} for name in names]
    assert content == downloads.archive(*packed)


@pytest.mark.parametrize(
    "stem, name",
    [
        ("42:3", "42-3.png"),
        ("owner/name-seed1", "owner-name-seed1.png"),
        (r'a\b<c>d"e|f?g*h', "a-b-c-d-e-f-g-h.png"),
        ("con", "_con.png"),
        ("Aux.old", "_Aux.old.png"),
        ("COM1 ", "_COM1.png"),
        ("console", "console.png"),
        (" .. ", "file.png"),
        ("数字\n", "数字-.png"),
    ],
)
def test_names_of_files_are_names_on_windows_too(stem, name):
    assert downloads.file_name(stem, "png") == name
    assert len(downloads.file_name(stem * 200, "png")) <= downloads.MAX_STEM + len("_.png")


def test_there_and_back_shows_both_ends_once():
    assert [int(frame[0, 0]) for frame in downloads.there_and_back(np.arange(4)[:, None, None])] == [0, 1, 2, 3, 2, 1]
    assert downloads.there_and_back(PIXELS[:2]).shape == (2, 28, 28)


def test_a_gif_has_all_frames_and_goes_on_for_ever():
    picture = Image.open(io.BytesIO(downloads.gif(PIXELS, 50)))
    assert picture.n_frames == 5
    assert picture.info["loop"] == 0
    assert picture.info["duration"] == 50
    for frame, pixels in zip(ImageSequence.Iterator(picture), PIXELS, strict=True):
        shown = np.asarray(frame.convert("L"))
        assert shown.shape == (28 * downloads.GIF_SCALE,) * 2
        assert np.array_equal(shown[:: downloads.GIF_SCALE, :: downloads.GIF_SCALE], pixels)


def test_an_mp4_has_all_frames_or_says_what_is_missing():
    if not downloads.has_encoder():
        with pytest.raises(UserError, match="pip install av"):
            downloads.mp4(PIXELS)
        pytest.skip("PyAV is not installed")
    import av

    smooth = np.clip(PIXELS // 8 + np.arange(28, dtype=np.uint8) * 4, 0, 255).astype(np.uint8)
    with av.open(io.BytesIO(downloads.mp4(smooth))) as film:
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert len(frames) == 5
    middle = downloads.MP4_SCALE // 2
    shown = frames[2][middle :: downloads.MP4_SCALE, middle :: downloads.MP4_SCALE].astype(int)
    assert np.abs(shown - smooth[2]).mean() < 4
