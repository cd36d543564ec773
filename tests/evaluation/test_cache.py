"""The cache of what is computed of real pictures: the same figures, whole or damaged, with it or without."""

import os

import pytest
import torch
from helpers.gans import small_gan

from gan_demo import data
from gan_demo.evaluation import cache, evaluate, gan_train, real_pictures


def figures(gan) -> dict:
    return {**evaluate.evaluate(gan, "digits", samples=60), "seconds": 0}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(gan_train, "LEAST_STEPS", 5)
    monkeypatch.setattr(gan_train, "EPOCHS", 1)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    return tmp_path


def refused(*arguments, **named):
    pytest.fail("it was computed again")


def test_figures_are_the_same_with_and_without_it(folder, monkeypatch):
    gans = [small_gan("mlp", classes=10), small_gan("mlp")]
    monkeypatch.setenv(cache.VARIABLE, "")
    without = [figures(gan) for gan in gans]
    assert not list(folder.iterdir())
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    assert figures(gans[0]) == without[0]
    assert [path.name.rpartition("-")[0] for path in sorted(folder.iterdir())] == ["gan-train", "real-pictures"]
    written = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    monkeypatch.setattr(real_pictures.RealFeatures, "of", refused)
    assert [figures(gan) for gan in gans] == without
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == written


def content(value: float = 0.1) -> cache.Content:
    return cache.Content({"near": value, "floor": {"shares": [1 / 3]}}, {"radii": torch.arange(5) / 3})


def same(a: cache.Content, b: cache.Content) -> bool:
    return a.figures == b.figures and all(torch.equal(a.tensors[name], b.tensors[name]) for name in b.tensors)


def flipped(whole: bytes) -> bytes:
    return whole[:-1] + bytes([whole[-1] ^ 1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:100],
        lambda whole: whole[:-4],
        flipped,
        lambda whole: whole.replace(b"0.1", b"0.2"),
        lambda whole: whole.replace(b'\\"name', b'\\"mane'),
        lambda whole: b"\x80\x04K\x07.",  # a pickle
        lambda whole: b"\x02" + bytes(7) + b"{}",  # safetensors without any of ours
    ],
)
def test_a_damaged_or_foreign_file_is_written_anew(tmp_path, damage):
    cache.kept(tmp_path, {"name": "a"}, content)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert path.read_bytes() != whole
    assert same(cache.kept(tmp_path, {"name": "a"}, content), content())
    assert same(cache.kept(tmp_path, {"name": "a"}, refused), content())
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below", None):
        assert same(cache.kept(place, {"name": "a"}, content), content())
    if os.name == "posix" and os.geteuid():  # root writes anywhere
        tmp_path.chmod(0o500)
        assert same(cache.kept(tmp_path, {"name": "a"}, content), content())
        tmp_path.chmod(0o700)


def test_another_key_is_another_file(tmp_path):
    split, device = data.load("digits", train=False), torch.device("cpu")
    changed = split.images.clone()
    changed[3, 0, 5, 5] ^= 1
    keys = [
        cache.key("a", device, split, samples=5),
        cache.key("b", device, split, samples=5),
        cache.key("a", torch.device("meta"), split, samples=5),
        cache.key("a", device, split, split, samples=5),
        cache.key("a", device, data.Split(changed, split.labels), samples=5),
        cache.key("a", device, data.Split(split.images, split.labels.flip(0)), samples=5),
        cache.key("a", device, data.Split(split.images, None), samples=5),
        cache.key("a", device, split, samples=6),
    ]
    for value, key in enumerate(keys):
        assert cache.kept(tmp_path, key, lambda value=value: content(value)).figures["near"] == value
    assert len(list(tmp_path.iterdir())) == len(keys)
    assert cache.key("a", device, split, samples=5) == keys[0]


def test_it_lies_beside_the_data_if_there_is_any(tmp_path, monkeypatch):
    monkeypatch.delenv(cache.VARIABLE)
    assert cache.folder(tmp_path) == tmp_path / "gan_demo-cache"
    assert cache.folder(tmp_path / "none") is None
    monkeypatch.setenv(data.DATA_DIR_VARIABLE, str(tmp_path))
    assert cache.folder() == tmp_path / "gan_demo-cache"
    monkeypatch.setenv(cache.VARIABLE, "elsewhere")
    assert str(cache.folder(tmp_path)) == "elsewhere"
    monkeypatch.setenv(cache.VARIABLE, "")
    assert cache.folder(tmp_path) is None
