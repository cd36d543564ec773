import bz2
import gzip
import urllib.request

import numpy as np
import pytest
import torch
from helpers.commands import here
from helpers.idx import write_idx

import train
from gan_demo import UserError, data


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
