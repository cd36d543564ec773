"""The sheet of real digits that ships: what is on it, that it is MNIST's, and that it can be made again."""

import pytest
import torch
from helpers.commands import here
from PIL import Image

from gan_demo import cli, data
from gan_demo.classifier import load_classifier
from gan_demo.errors import UserError
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels


def test_a_hundred_of_each_digit_in_less_than_300_kb():
    digits = real_digits.sheet()
    assert digits.images.shape == (1000, 1, 28, 28)
    assert digits.labels.tolist() == [number // 100 for number in range(1000)]
    assert len(set(digits.places.tolist())) == 1000
    assert digits.places.min() >= 0
    assert digits.places.max() < 10_000
    assert real_digits.PATH.stat().st_size < 300_000
    # Whoever cuts it otherwise than it was laid out reads half digits.
    read = load_classifier().predict(from_pixels(digits.images))
    assert (read == digits.labels).double().mean() > 0.99


def test_source_and_licence_are_in_the_file():
    with Image.open(real_digits.PATH) as image:
        assert image.mode == "L"
        assert "LeCun" in image.text["Source"]
        assert "Attribution-ShareAlike 3.0" in image.text["Copyright"]


@pytest.mark.mnist
def test_the_command_writes_the_sheet_that_ships(tmp_path, capsys):
    again = tmp_path / "sheet.png"
    assert here(cli.main, "sheet", "--output", str(again)).returncode == 0
    with Image.open(again) as one, Image.open(real_digits.PATH) as other:
        assert one.tobytes() == other.tobytes()
        assert one.text == other.text
    test, digits = data.load("mnist", train=False), real_digits.sheet()
    assert torch.equal(test.images[digits.places], digits.images)
    assert torch.equal(test.labels[digits.places], digits.labels)


def test_a_choice_is_of_its_seed_and_of_every_class():
    test = data.Split(torch.arange(40).to(torch.uint8).view(40, 1, 1, 1).expand(-1, -1, 28, 28), torch.arange(40) % 10)
    one, again, other = (real_digits.choose(test, seed, each=3) for seed in (1, 1, 2))
    assert one.labels.tolist() == [number // 3 for number in range(30)]
    assert one.places.tolist() == one.images[:, 0, 0, 0].tolist()
    assert torch.equal(one.places, again.places)
    assert not torch.equal(one.places, other.places)
    with pytest.raises(UserError, match="5 of every digit"):
        real_digits.choose(test, each=5)
    with pytest.raises(UserError, match="labels"):
        real_digits.choose(data.Split(test.images, None))


@pytest.mark.parametrize("content", [None, b"no png"])
def test_a_sheet_that_cannot_be_read_is_told_of(tmp_path, monkeypatch, content):
    path = tmp_path / "sheet.png"
    if content:
        path.write_bytes(content)
    monkeypatch.setattr(real_digits, "PATH", path)
    with pytest.raises(UserError, match="damaged" if content else "missing"):
        real_digits.sheet.__wrapped__()


def test_a_picture_that_is_no_sheet_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(real_digits, "PATH", tmp_path / "sheet.png")
    for side, mode in ((56, "L"), (50, "L"), (56, "RGB")):
        Image.new(mode, (side, side)).save(real_digits.PATH)
        with pytest.raises(UserError, match="damaged"):
            real_digits.sheet.__wrapped__()
