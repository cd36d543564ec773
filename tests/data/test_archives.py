"""Data sets in files: the same pictures and labels, whatever they are written in."""

import gzip
import sys
import zipfile

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from helpers.idx import write_idx

from gan_demo import UserError, data
from gan_demo.data import archives
from gan_demo.pictures import export

N = 80
PIXELS = np.random.default_rng(1).integers(0, 256, (N, 28, 28), dtype=np.uint8)
LABELS = np.arange(N) % 4


def write_csv(path, header=True, labels=True, label_last=False):
    columns = [LABELS[:, None]] if labels else []
    table = np.concatenate([*columns, PIXELS.reshape(N, -1)], axis=1)
    names = ["label"] * labels + [f"pixel{n}" for n in range(784)]
    if label_last:
        table, names = np.roll(table, -1, axis=1), [*names[1:], names[0]]
    lines = [",".join(names)] if header else []
    path.write_text("\n".join([*lines, *(",".join(map(str, row)) for row in table.tolist())]) + "\n")
    return path


def halves(place):
    return [data.load(str(place), train=train) for train in (True, False)]


def check(place, labelled=True):
    """Every picture is in one of the halves, with its own label."""
    train, test = halves(place)
    assert (len(train.images), len(test.images)) == (72, 8)
    known = {image.tobytes(): label for image, label in zip(PIXELS, LABELS, strict=True)}
    seen = set()
    for split in (train, test):
        assert (split.labels is not None) == labelled
        for row, image in enumerate(split.images):
            content = image[0].numpy().tobytes()
            seen.add(content)
            if labelled:
                assert split.labels[row] == known[content]
        if labelled:
            assert split.classes == 4
    assert seen == set(known)


@pytest.mark.parametrize("shape", [{}, {"header": False}, {"label_last": True}])
def test_csv(tmp_path, shape):
    check(write_csv(tmp_path / "dataset.csv", **shape))
    check(tmp_path)  # by its folder


@pytest.mark.parametrize("header", [True, False])
def test_csv_without_labels(tmp_path, header):
    check(write_csv(tmp_path / "dataset.csv", header, labels=False), labelled=False)


def test_npz_of_pixels_from_0_to_255_and_to_1(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", images=PIXELS, labels=LABELS)
    check(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", x=(PIXELS / 255).astype(np.float32)[:, None], y=LABELS)
    check(tmp_path / "b.npz")


def test_npz_with_both_halves(tmp_path):
    names = {"x_train": PIXELS[:60], "y_train": LABELS[:60], "x_test": PIXELS[60:], "y_test": LABELS[60:]}
    np.savez(tmp_path / "mnist.npz", **names)
    train, test = halves(tmp_path / "mnist.npz")
    assert torch.equal(train.images[:, 0], torch.from_numpy(PIXELS[:60]))
    assert torch.equal(test.labels, torch.from_numpy(LABELS[60:]))


def test_names_of_classes_are_exported_and_read(tmp_path):
    gan = small_gan("mlp", classes=3, class_names=("ä", "b b", "c"))
    for name, labels in (("all", [0, 1, 2]), ("some", [0, 2])):
        drawn = export.draw(gan, range(80), 0, labels=labels)
        export.write(tmp_path / f"{name}.npz", drawn, 0, 1.0, "middle", as_folder=False, names=gan.config.class_names)
    assert [half.names for half in halves(tmp_path / "all.npz")] == [("ä", "b b", "c")] * 2
    assert halves(tmp_path / "some.npz")[0].names == ("ä", "c")
    np.savez(tmp_path / "odd.npz", images=PIXELS, labels=LABELS, class_names=np.arange(10))  # somebody else's
    check(tmp_path / "odd.npz")


def test_what_the_project_exports_is_read(tmp_path):
    gan = small_gan("mlp", classes=10)
    export.write_npz(tmp_path / "s.npz", export.draw(gan, range(80), 0), 0, 1.0, "middle")
    train, test = halves(tmp_path / "s.npz")
    assert (len(train.images) + len(test.images), train.classes, test.classes) == (80, 10, 10)


@pytest.mark.parametrize("packed", [False, True])
def test_idx(tmp_path, packed):
    for rows, prefix in ((slice(60), "train"), (slice(60, None), "t10k")):
        for name, numbers in ((f"{prefix}-images-idx3-ubyte", PIXELS), (f"{prefix}-labels-idx1-ubyte", LABELS)):
            write_idx(tmp_path / name, numbers[rows])
            if packed:
                (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
                (tmp_path / name).unlink()
    train, test = halves(tmp_path)
    assert torch.equal(train.images[:, 0], torch.from_numpy(PIXELS[:60]))
    assert torch.equal(test.labels, torch.from_numpy(LABELS[60:]))


def test_labels_that_do_not_begin_with_0_are_the_names(tmp_path):
    np.savez(tmp_path / "letters.npz", images=PIXELS, labels=LABELS + 1)
    train = data.load(str(tmp_path / "letters.npz"))
    assert train.names == ("1", "2", "3", "4")
    assert train.labels.min() == 0


def test_classes_of_one_half_are_named_and_left_out(tmp_path):
    labels = LABELS.copy()
    labels[5] = 9
    np.savez(tmp_path / "a.npz", images=PIXELS, labels=labels)
    for split in halves(tmp_path / "a.npz"):
        assert split.labels.unique().tolist() == [0, 1, 2, 3]
        assert "left out of" in split.notes[0] and "labelled 9," in split.notes[0]


def test_labels_that_are_of_one_half_only_are_no_classes_and_that_is_said(tmp_path):
    np.savez(tmp_path / "a.npz", images=PIXELS, labels=np.arange(len(PIXELS)))  # each picture is a class
    for split in halves(tmp_path / "a.npz"):
        with pytest.raises(UserError, match="no classes for a conditional model: fewer than two of its labels"):
            split.check_classes("a")


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "train.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UserError, match="read with pyarrow, which is not here: pip install pyarrow"):
        data.load(str(tmp_path))


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.array([print, {}], dtype=object))
    with pytest.raises(UserError, match=r"a\.npz cannot be read \(.*allow_pickle=False"):
        data.load(str(tmp_path / "a.npz"))


def damaged_idx(folder):
    write_idx(folder / "train-images-idx3-ubyte", PIXELS)
    content = (folder / "train-images-idx3-ubyte").read_bytes()
    (folder / "train-images-idx3-ubyte").write_bytes(content[:-1])


def bomb(folder):
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", bytes(2_000_000))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (damaged_idx, "is cut short, or is no file of idx"),
        (bomb, "holds more than 0 GB"),
        (lambda folder: (folder / "a.csv").write_text("label,a,b\n1,2,3\n"), "2 columns of pixels"),
        (lambda folder: (folder / "a.csv").write_text("label,a,b\n1,x,3\n"), "cannot be read"),
        (lambda folder: np.savez(folder / "a.npz", other=LABELS), "holds other: wanted are images and labels"),
        (lambda folder: np.savez(folder / "a.npz", images=PIXELS[:50], labels=LABELS[:50]), "at least 51 are needed"),
        (lambda folder: np.savez(folder / "a.npz", images=PIXELS, labels=LABELS[:9]), "one whole number for each"),
        (lambda folder: np.savez(folder / "a.npz", images=PIXELS * 3.5), "has pixels from 0 to"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, monkeypatch, write, message):
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000_000)
    write(tmp_path)
    with pytest.raises(UserError, match=message) as caught:
        data.load(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_other_files_are_told_what_is_read(tmp_path):
    (tmp_path / "digits.mat").write_bytes(b"x")
    with pytest.raises(UserError, match=r"is no data set that is read: a folder of pictures, \.csv, \.npz"):
        data.load(str(tmp_path / "digits.mat"))
    (tmp_path / "letters.ZIP").write_bytes(b"x")
    with pytest.raises(UserError, match=r"or without \.gz; unpack it, and name its folder$"):
        data.load(str(tmp_path / "letters.ZIP"))
