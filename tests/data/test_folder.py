import pytest
from helpers.commands import here
from PIL import Image

import train
from gan_demo import UserError, data
from gan_demo.data import folder as folders
from gan_demo.evaluation import real_pictures
from gan_demo.pictures import opening


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
    with pytest.raises(UserError, match=named):
        data.load(str(tmp_path))


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
