import shutil

import numpy as np
import pytest
from helpers.commands import here
from PIL import Image

import train
from gan_demo import UserError, data
from gan_demo.data import folder as folders
from gan_demo.data import looking
from gan_demo.evaluation import real_pictures
from gan_demo.pictures import opening, preparing
from gan_demo.settings import Settings
from gan_demo.training import run


def draw(folder, n, grey=0):
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(n):
        Image.new("RGB", (40, 60), (grey,) * 3).save(folder / f"{index:02}.png")


def test_folder_of_pictures(tmp_path):
    draw(tmp_path / "cats", 30, 50)
    draw(tmp_path / "dogs", 30, 200)
    (tmp_path / "notes.txt").write_text("not a picture")
    train, test = data.load(str(tmp_path)), data.load(str(tmp_path), train=False)
    assert (len(train.images), len(test.images)) == (54, 6)
    assert train.labels.tolist() == [0] * 27 + [1] * 27
    assert test.labels.tolist() == [0] * 3 + [1] * 3
    assert set(train.images[0].unique().tolist()) == {50}


def strokes(folder, n, ground=(0, 0), ink=(0, 255)):
    """Pictures of one stroke each, all different, of mode LA: grey and alpha of the ground and of the ink."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(n):
        picture = np.full((56, 56, 2), ground, np.uint8)
        picture[4 : 20 + index % 30, 10 + index % 20 : 16 + index % 20] = ink
        Image.fromarray(picture, "LA").save(folder / f"{index:03}.png")


def test_black_ink_on_transparency_is_white_on_black(tmp_path):
    strokes(tmp_path / "black", 60)
    strokes(tmp_path / "white", 60, ink=(255, 255))
    black, white = (data.load(str(tmp_path / name)).images for name in ("black", "white"))
    assert white.amax((1, 2, 3)).min() == 255
    assert (black == white).all()


def test_a_drawing_of_many_shades_on_transparency_keeps_them(tmp_path):
    picture = np.zeros((28, 28, 2), np.uint8)
    picture[5:20, 5:20] = 30, 255
    picture[10:15, 10:15] = 220, 255
    Image.fromarray(picture, "LA").save(tmp_path / "a.png")
    pixels = preparing.resized(opening.open_picture(tmp_path / "a.png"))
    assert (pixels[12, 12], pixels[7, 7], pixels[0, 0]) == (220, 30, 0)


def test_a_class_of_one_picture_is_named_and_left_out(tmp_path):
    for name in "bcd":
        strokes(tmp_path / name, 21)
    strokes(tmp_path / "a", 1)
    for half in (data.load(str(tmp_path)), data.load(str(tmp_path), train=False)):
        assert half.labels.unique().tolist() == [0, 1, 2]
        assert half.names == ("b", "c", "d")
        assert half.notes == (
            f"left out of {tmp_path}: a. A class needs 2 pictures or more, one of which is held out for evaluation",
        )


def test_every_class_has_pictures_in_both_halves(tmp_path):
    for name, n in (("a", 40), ("b", 2), ("c", 13)):
        strokes(tmp_path / name, n)
    train, test = data.load(str(tmp_path)), data.load(str(tmp_path), train=False)
    assert np.bincount(train.labels).tolist() == [36, 1, 11]
    assert np.bincount(test.labels).tolist() == [4, 1, 2]


def test_a_folder_for_each_picture_makes_no_classes(tmp_path):
    for index in range(55):
        strokes(tmp_path / f"{index:02}", 1)
    split = data.load(str(tmp_path))
    assert (len(split.images), split.labels, split.notes) == (49, None, ())


def train_on(folder, tmp_path, *more):
    flags = ("--batch-size", 8, "--max-steps", 1, "--device", "cpu")
    return here(train.main, "--dataset", folder, "--output", tmp_path / "run", *flags, *more)


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ({"": 60}, "has no labels, and a conditional model needs them: leave out --conditional, or use a folder with"),
        ({"b": 60}, "all pictures are in one subfolder, and each class needs its own"),
        ({"b": 60, "lost": 1}, "only b has 2 pictures or more, not lost"),
        (
            {"b": 30, "c": 30, "": 1},
            "some pictures, such as 000.png, are in no subfolder, and each class",
        ),
        ({f"{n:02}": 1 for n in range(60)}, "most pictures are alone in their subfolder, and a class needs 2 or more"),
    ],
    ids=["flat", "one", "stray", "outside", "alone"],
)
def test_a_conditional_training_says_once_what_is_wrong_with_the_classes_of_a_folder(
    places, why, tmp_path, monkeypatch
):
    monkeypatch.setattr(folders, "BAR_AFTER", 1e9)  # no bar where reading is slow
    for name, n in places.items():
        strokes(tmp_path / "mine" / name, n)
    (line,) = train_on(tmp_path / "mine", tmp_path, "--conditional").stderr.splitlines()
    assert line.startswith(f"train.py: {tmp_path}/mine has no ") and why in line
    assert ("has no labels" in line) == (list(places) == [""])


def test_pictures_that_are_all_the_same_are_refused_before_training(tmp_path):
    draw(tmp_path / "mine", 60)
    result = train_on(tmp_path / "mine", tmp_path)
    assert result.returncode == 2
    line = result.stderr.splitlines()[-1]  # where reading takes long, a bar comes before it
    assert line.startswith("train.py: every one of the 54 training pictures in mine shows nothing, as it is of one sha")
    assert not (tmp_path / "run").exists()


def test_pictures_that_are_blank_or_copies_are_told_of_before_training(tmp_path):
    strokes(tmp_path / "mine", 55)
    assert looking.remarks(*halves(tmp_path / "mine")) == []
    for index in range(5, 55):
        Image.new("L", (30, 30), index % 4).save(tmp_path / "mine" / f"{index:03}.png")
    (line,) = looking.remarks(*halves(tmp_path / "mine"))[:1]
    assert line.startswith("92% of the training pictures in mine show nothing")
    for index in range(1, 53):
        shutil.copy(tmp_path / "mine" / "000.png", tmp_path / "mine" / f"{index:03}.png")
    lines = looking.remarks(*halves(tmp_path / "mine"))
    assert lines[0] == "the 49 training pictures in mine are 3 different ones: each stands 16 times on average"
    assert lines[-1].startswith("100% of the held-out pictures of mine are training pictures, too")


def test_what_is_odd_is_printed_before_a_training(tmp_path, capsys):
    """Nearly black pictures, and each of them seven times."""
    folder, random = tmp_path / "mine", np.random.default_rng(0)
    folder.mkdir()
    for kind in range(10):
        picture = random.integers(0, 20, (28, 28), np.uint8)
        picture[9, 9:12] = 90  # dust
        for copy in range(7):
            Image.fromarray(picture).save(folder / f"{copy}{kind}.png")
    settings = Settings.of("mlp", dataset=str(folder), batch_size=8, epochs=1)
    with pytest.raises(UserError, match="nowhere"):  # which is found out after the pictures
        run.train(settings, tmp_path / "run", init_from=tmp_path / "nowhere")
    said = capsys.readouterr().err
    assert "Pictures: 100% of the training pictures in mine show nothing" in said
    assert "Pictures: the 63 training pictures in mine are 9 different ones: each stands 7 times on average." in said
    assert [line[:4] for line in looking.said(said + said)] == ["100%", "the "]


def test_pictures_that_hardly_differ_are_told_of(tmp_path):
    tmp_path = tmp_path / "mine"
    tmp_path.mkdir()
    for index in range(60):
        picture = np.full((28, 28), 10, np.uint8)
        picture[5:20, 5:9] = 250 - index % 2
        picture[27, 0] = index
        Image.fromarray(picture).save(tmp_path / f"{index:02}.png")
    (line,) = looking.remarks(*halves(tmp_path))
    assert line == "the training pictures in mine are nearly all alike: they differ by a few grey levels"


def test_what_a_training_does_not_see_of_pictures_is_told(tmp_path):
    random = np.random.default_rng(0)
    for name, mode, side in (("grey", "L", 40), ("as-rgb", "L", 40), ("large", "L", 90), ("colour", "RGB", 32)):
        folder = tmp_path / name / "mine"
        folder.mkdir(parents=True)
        for index in range(51):
            picture = Image.fromarray(random.integers(0, 256, (side, side) + (3,) * (mode == "RGB"), np.uint8))
            (picture.convert("RGB") if name == "as-rgb" else picture).save(folder / f"{index}.png")
    notes = {path.name: data.load(str(path / "mine")).notes for path in tmp_path.iterdir()}
    assert notes == {
        "grey": (),
        "as-rgb": (),
        "large": ("the pictures in mine are grey, of 90x90 pixels: the training sees them grey, of 28x28",),
        "colour": ("the pictures in mine are in colour, of 32x32 pixels: the training sees them grey, of 28x28",),
    }
    assert data.load(str(tmp_path / "large" / "mine"), train=False).notes == ()


def halves(folder):
    return data.load(str(folder)), data.load(str(folder), train=False), folder.name


def test_hidden_pictures_and_folders_without_any_are_no_classes(tmp_path):
    draw(tmp_path / "cats", 30)
    draw(tmp_path / "dogs", 30, 9)
    draw(tmp_path / ".ipynb_checkpoints", 1)
    draw(tmp_path / "cats" / ".thumbnails", 1)
    (tmp_path / "a").mkdir()
    (tmp_path / "dogs" / "._00.png").write_text("what macOS leaves on a memory stick")
    split = data.load(str(tmp_path))
    assert split.classes == 2
    assert split.labels.tolist() == [0] * 27 + [1] * 27


def test_links_to_folders_are_followed_but_not_in_circles(tmp_path):
    draw(tmp_path / "here" / "cats", 30, 50)
    draw(tmp_path / "elsewhere", 30, 200)
    (tmp_path / "here" / "dogs").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "here" / "cats" / "back").symlink_to(tmp_path / "here", target_is_directory=True)
    (tmp_path / "here" / "itself").symlink_to("itself")
    train = data.load(str(tmp_path / "here"))
    assert (train.names, len(train.images)) == (("cats", "dogs"), 54)
    (tmp_path / "link").symlink_to("here", target_is_directory=True)
    assert len(data.load(str(tmp_path / "link")).images) == 54


def test_pictures_outside_of_the_subfolders_have_no_class(tmp_path):
    for folder in (tmp_path, tmp_path / "cats", tmp_path / "dogs"):
        draw(folder, 20)
    split = data.load(str(tmp_path))
    assert (split.labels, split.classes) == (None, 0)


def test_too_few_pictures_are_refused_before_the_first_step(tmp_path):
    folder = tmp_path / "few"
    draw(folder, 50)
    assert folders.MIN_HELD_OUT == real_pictures.NEIGHBOURS + 1
    result = here(train.main, "--dataset", folder, "--batch-size", 8, "--output", tmp_path / "run")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        f"train.py: {folder} holds 50 pictures: at least 51 are needed (every tenth is held out for evaluation, which"
        " takes 6)"
    ]
    assert not (tmp_path / "run").exists()
    draw(folder, 51)
    assert len(data.load(str(folder), train=False).images) == folders.MIN_HELD_OUT


def test_broken_pictures_are_named_all_at_once(tmp_path):
    draw(tmp_path, 60)
    (tmp_path / "30.png").write_text("no picture")  # of the test split
    with pytest.raises(UserError, match=r"^1 of 60 pictures in .* be read: 30\.png\. .*30\.png is not a picture"):
        data.load(str(tmp_path))
    for index in range(31, 37):
        (tmp_path / f"{index}.png").write_text("no picture")
    named = (
        r"^7 of 60 pictures in .* cannot be read: 30\.png, 31\.png, 32\.png, 33\.png, 34\.png and 2 more\. .*30\.png"
    )
    with pytest.raises(UserError, match=named) as caught:
        data.load(str(tmp_path))
    assert str(caught.value).count("is not a picture") == 1
    cut = min(tmp_path.glob("*.png"))
    cut.write_bytes(cut.read_bytes()[:50])
    with pytest.raises(UserError, match=r"^8 of 60") as caught:
        data.load(str(tmp_path))
    assert all(reason in str(caught.value) for reason in (f"{cut} is damaged", "30.png is not a picture"))


def test_a_folder_is_read_once_and_anew_when_it_has_changed(tmp_path, monkeypatch):
    draw(tmp_path, 51, 3)
    data.load(str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(opening, "open_picture", None)
        data.load(str(tmp_path))
        assert data.load(str(tmp_path), train=False).images.max() == 3
    Image.new("L", (300, 300), 7).save(tmp_path / "00.png")
    assert data.load(str(tmp_path), train=False).images.max() == 7


@pytest.mark.parametrize(("after", "shown"), [(0, True), (1e9, False)])
def test_reading_that_takes_long_shows_how_far_it_is(tmp_path, monkeypatch, capsys, after, shown):
    monkeypatch.setattr(folders, "BAR_AFTER", after)
    draw(tmp_path / "mine", 51)
    data.load(str(tmp_path / "mine"))
    assert ("Reading mine" in capsys.readouterr().err) == shown
