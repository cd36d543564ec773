import bz2
import gzip
import struct
import urllib.request

import numpy as np
import pytest
import torch
from conftest import here
from PIL import Image

import train
from gan_demo import UserError, data
from gan_demo.data import sets
from gan_demo.evaluation import evaluate
from gan_demo.pictures import opening


def write_idx(path, array, kind=8):
    """The format of the MNIST files: two zeros, a type, the number of axes, their lengths, the numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.asarray(array)
    head = struct.pack(">BBBB", 0, 0, kind, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(head + array.astype({8: ">u1", 12: ">i4"}[kind]).tobytes())


def pictures(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize(
    ("dataset", "folder"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST"), ("kmnist", "KMNIST")]
)
def test_mnist_and_its_like(tmp_path, dataset, folder):
    for n, prefix in ((12, "train"), (5, "t10k")):
        write_idx(tmp_path / folder / "raw" / f"{prefix}-images-idx3-ubyte", pictures(n))
        write_idx(tmp_path / folder / "raw" / f"{prefix}-labels-idx1-ubyte", np.arange(n) % 10)
    split = data.load(dataset, tmp_path)
    assert torch.equal(split.images, torch.from_numpy(pictures(12))[:, None])
    assert split.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert len(data.load(dataset, tmp_path, train=False).images) == 5


def test_qmnist_labels_are_the_first_column(tmp_path):
    raw = tmp_path / "QMNIST" / "raw"
    write_idx(raw / "qmnist-train-images-idx3-ubyte", pictures(3))
    write_idx(raw / "qmnist-train-labels-idx2-int", np.arange(24).reshape(3, 8), kind=12)
    assert data.load("qmnist", tmp_path).labels.tolist() == [0, 8, 16]


def test_emnist_digits_stand_upright(tmp_path):
    raw = tmp_path / "EMNIST" / "raw"
    write_idx(raw / "emnist-digits-train-images-idx3-ubyte", pictures(3))
    write_idx(raw / "emnist-digits-train-labels-idx1-ubyte", [1, 2, 3])
    images = data.load("emnist-digits", tmp_path).images
    assert images.shape == (3, 1, 28, 28)
    assert images[0, 0, 4, 9] == pictures(3)[0, 9, 4]


def test_usps_is_scaled_into_the_place_mnist_has(tmp_path):
    line = "8 " + " ".join(f"{i + 1}:1.0" for i in range(256))  # a white square, class 8, which is digit 7
    (tmp_path / "usps.bz2").write_bytes(bz2.compress(f"{line}\n".encode()))
    split = data.load("usps", tmp_path)
    assert split.labels.tolist() == [7]
    picture = split.images[0, 0]
    assert torch.equal(picture[4:24, 4:24], torch.full((20, 20), 255, dtype=torch.uint8))
    assert picture.sum() == 255 * 400


def test_bundled_digits_need_no_files(tmp_path):
    train, test = data.load("digits", tmp_path / "nowhere"), data.load("digits", train=False)
    assert (len(train.images), len(test.images)) == (1500, 297)
    assert train.images.shape[1:] == (1, 28, 28)
    assert train.images.dtype == torch.uint8
    assert train.images.max() == 255
    assert train.images[..., :4, :].max() == 0
    assert sorted(set(train.labels.tolist())) == list(range(10))
    assert not (tmp_path / "nowhere").exists()


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
    assert sets.MIN_HELD_OUT == evaluate.NEIGHBOURS + 1
    result = here(train.main, "--dataset", folder, "--batch-size", 8, "--output", tmp_path / "run")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        f"train.py: {folder} holds 50 pictures: at least 51 are needed (every tenth is held out for evaluation, which"
        " takes 6)"
    ]
    assert not (tmp_path / "run").exists()
    draw(folder, 51)
    assert len(data.load(str(folder), train=False).images) == sets.MIN_HELD_OUT


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
    monkeypatch.setattr(sets, "BAR_AFTER", after)
    draw(tmp_path / "mine", 51)
    data.load(str(tmp_path / "mine"))
    assert ("Reading mine" in capsys.readouterr().err) == shown


def test_unknown_dataset():
    with pytest.raises(UserError, match="unknown dataset 'minst': choose from mnist, .*, or name a folder"):
        data.load("minst")


def test_damaged_file_is_named(tmp_path):
    for file in data.SOURCES["mnist"].files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(gzip.compress(b"not idx"))
    with pytest.raises(UserError, match="mnist in .* cannot be read"):
        data.load("mnist", tmp_path)


def test_failed_download_is_one_line_that_helps(tmp_path, monkeypatch):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing answers there
    # What urllib makes of them it keeps for the whole process.
    monkeypatch.setattr(urllib.request, "_opener", None)
    result = here(train.main, "--data-dir", tmp_path, "--output", tmp_path / "out")
    assert result.returncode == 2
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("train.py: mnist: train-images-idx3-ubyte could not be downloaded (")
    assert "MNIST/raw/t10k-labels-idx1-ubyte" in last
    assert str(tmp_path) in last
    assert last.endswith("use --dataset digits, which needs no download")
    assert "Traceback" not in result.stderr


def test_data_dir_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv(data.DATA_DIR_VARIABLE, raising=False)
    assert str(data.default_data_dir()) == "data"
    monkeypatch.setenv(data.DATA_DIR_VARIABLE, "elsewhere")
    assert str(data.default_data_dir()) == "elsewhere"


@pytest.mark.mnist
def test_real_mnist():
    train, test = data.load("mnist"), data.load("mnist", train=False)
    assert train.images.shape == (60000, 1, 28, 28)
    assert train.images.float().mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
