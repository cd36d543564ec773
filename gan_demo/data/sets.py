"""A data set as one uint8 tensor: small enough (MNIST: 47 MB) to lie whole on the training device."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad
from tqdm import tqdm

from gan_demo import distributed
from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import opening, preparing

DATA_DIR_VARIABLE = "GAN_DEMO_DATA"
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
HOLD_OUT_EVERY = 10  # of a folder of pictures, each tenth is kept for the test split
MIN_HELD_OUT = 6  # evaluation looks at the nearest evaluation.NEIGHBOURS of each
BAR_AFTER = 1  # seconds that reading a folder may take without a sign of life
BROKEN_NAMED = 5


class Split(NamedTuple):
    """The training or the test half of a data set."""

    images: Tensor  # (n, 1, 28, 28) uint8, ink high
    labels: Tensor | None  # (n,) int64 from 0 on, or None where the pictures have no classes

    @property
    def classes(self) -> int:
        """How many classes the pictures have; 0 without labels."""
        return 0 if self.labels is None else len(self.labels.unique())


class Source(NamedTuple):
    """One row of `SOURCES`."""

    title: str
    load: Callable[[Path, bool], tuple[Tensor, Tensor]]  # of (data dir, train?)
    holds: str  # for people
    files: tuple[str, ...]  # under the data dir; what one puts there by hand when a download fails


def _torchvision(name: str, **options: object) -> Callable[[Path, bool], tuple[Tensor, Tensor]]:
    def load(data_dir: Path, train: bool) -> tuple[Tensor, Tensor]:
        # Imported here: torchvision takes half a second that only training and evaluation need.
        from torchvision import datasets

        dataset = getattr(datasets, name)(data_dir, train=train, download=True, **options)
        return torch.as_tensor(dataset.data), torch.as_tensor(dataset.targets)

    return load


def _qmnist(data_dir: Path, train: bool) -> tuple[Tensor, Tensor]:
    images, targets = _torchvision("QMNIST")(data_dir, train)
    return images, targets[:, 0]  # the other columns say who wrote it and where


def _emnist_digits(data_dir: Path, train: bool) -> tuple[Tensor, Tensor]:
    images, targets = _torchvision("EMNIST", split="digits")(data_dir, train)
    return images.transpose(1, 2), targets  # the files hold each picture with rows and columns exchanged


def _usps(data_dir: Path, train: bool) -> tuple[Tensor, Tensor]:
    images, targets = _torchvision("USPS")(data_dir, train)  # 16x16, the digit fills it
    return _fit_like_mnist(images), targets


def _bundled_digits(data_dir: Path, train: bool) -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    digits = load_digits()  # 8x8, values 0 to 16, the digit fills it
    images = _fit_like_mnist(torch.from_numpy(digits.images) * (255 / 16))
    part = slice(None, 1500) if train else slice(1500, None)
    return images[part], torch.from_numpy(digits.target)[part]


def _fit_like_mnist(images: Tensor) -> Tensor:
    """Scale (n, h, w) pictures to 20x20 in the middle of 28x28, where MNIST has its digits."""
    scaled = interpolate(images[:, None].float(), size=(20, 20), mode="bicubic", antialias=True)
    return pad(scaled[:, 0], (4, 4, 4, 4)).round().clamp(0, 255).to(torch.uint8)


def _idx(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/raw/{name}" for name in names)


_MNIST_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

SOURCES: dict[str, Source] = {
    "mnist": Source("MNIST", _torchvision("MNIST"), "70,000 handwritten digits", _idx("MNIST", *_MNIST_NAMES)),
    "fashion-mnist": Source(
        "Fashion-MNIST", _torchvision("FashionMNIST"), "70,000 pictures of clothes", _idx("FashionMNIST", *_MNIST_NAMES)
    ),
    "kmnist": Source(
        "Kuzushiji-MNIST", _torchvision("KMNIST"), "70,000 cursive Japanese characters", _idx("KMNIST", *_MNIST_NAMES)
    ),
    "qmnist": Source(
        "QMNIST",
        _qmnist,
        "MNIST with its 60,000 test digits restored",
        _idx(
            "QMNIST",
            "qmnist-train-images-idx3-ubyte",
            "qmnist-train-labels-idx2-int",
            "qmnist-test-images-idx3-ubyte",
            "qmnist-test-labels-idx2-int",
        ),
    ),
    "emnist-digits": Source(
        "EMNIST digits",
        _emnist_digits,
        "280,000 handwritten digits",
        _idx(
            "EMNIST",
            "emnist-digits-train-images-idx3-ubyte",
            "emnist-digits-train-labels-idx1-ubyte",
            "emnist-digits-test-images-idx3-ubyte",
            "emnist-digits-test-labels-idx1-ubyte",
        ),
    ),
    "usps": Source("USPS", _usps, "9,298 digits from envelopes", ("usps.bz2", "usps.t.bz2")),
    "digits": Source(
        "scikit-learn's digits", _bundled_digits, "1,797 small digits that come with scikit-learn: no download", ()
    ),
}
# Data sets of the ten digits, of which the digit classifier has an opinion.
DIGIT_DATASETS = frozenset(SOURCES) - {"fashion-mnist", "kmnist"}


def title(dataset: str) -> str:
    """What people call a data set: a key of SOURCES, or the path of a folder."""
    return SOURCES[dataset].title if dataset in SOURCES else Path(dataset).name


def default_data_dir() -> Path:
    """Where data sets lie: the environment variable GAN_DEMO_DATA, else `data`."""
    return Path(os.environ.get(DATA_DIR_VARIABLE) or "data")


def load(dataset: str, data_dir: str | Path | None = None, train: bool = True) -> Split:
    """Load one split of `dataset` onto the CPU, downloading it into `data_dir` on first use.

    `dataset` is a key of SOURCES or the path of a folder of pictures. If all of those lie in subfolders, two or
    more, these are the classes in alphabetical order. A large folder gets a progress bar on stderr. Raises UserError.
    """
    if dataset in SOURCES:
        images, labels = _load_source(dataset, Path(data_dir or default_data_dir()), train)
        return Split(images.unsqueeze(1).contiguous(), labels.long())
    if Path(dataset).is_dir():
        return _load_folder(Path(dataset), train)
    raise UserError(f"unknown dataset {dataset!r}: choose from {', '.join(SOURCES)}, or name a folder of pictures")


def _load_source(name: str, data_dir: Path, train: bool) -> tuple[Tensor, Tensor]:
    source = SOURCES[name]
    try:
        return source.load(data_dir, train)
    except Exception as error:  # torchvision's readers end in an AssertionError as easily as in an OSError
        missing = [file for file in source.files if not (data_dir / file).exists()]
        reason = " ".join(str(error).split()) or type(error).__name__
        if not missing:
            raise UserError(
                f"{name} in {data_dir} cannot be read ({reason}): delete {data_dir / source.files[0]} and its"
                " neighbours, and they are downloaded again"
            ) from None
        raise UserError(
            f"{name}: {Path(missing[0]).name} could not be downloaded ({reason}). Put {', '.join(missing)} into"
            f" {data_dir} by hand, or use --dataset digits, which needs no download"
        ) from None


def _load_folder(folder: Path, train: bool) -> Split:
    paths = _pictures(folder)
    needed = (MIN_HELD_OUT - 1) * HOLD_OUT_EVERY + 1
    if len(paths) < needed:
        raise UserError(
            f"{folder} holds {len(paths)} pictures: at least {needed} are needed"
            f" (every tenth is held out for evaluation, which takes {MIN_HELD_OUT})"
        )
    pixels = _read_pictures(folder, tuple(map(_Stamped.of, paths)))
    rows = (torch.arange(len(paths)) % HOLD_OUT_EVERY != 0) == train
    tops = [path.relative_to(folder).parts[0] for path in paths]
    classes = sorted(set(tops))
    labels = None
    if len(classes) >= 2 and all(path.parent != folder for path in paths):
        labels = torch.tensor([classes.index(top) for top in tops])[rows]
    return Split(pixels[rows], labels)


def _pictures(folder: Path) -> list[Path]:
    """The pictures in a folder and its subfolders, but for hidden ones: editors and systems leave copies there."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


class _Stamped(NamedTuple):
    """A file, and what tells whether it has changed."""

    path: Path
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "_Stamped":
        stat = path.stat()
        return cls(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=1)  # training and evaluation read the same folder
def _read_pictures(folder: Path, files: tuple[_Stamped, ...]) -> Tensor:
    """(n, 1, 28, 28) uint8; raises a UserError that names what is broken, all at once."""
    pixels, broken = [], {}
    bar = tqdm(files, f"Reading {folder.name}", unit=" pictures", delay=BAR_AFTER, disable=not distributed.first())
    for file in bar:
        try:
            pixels.append(preparing.resized(opening.open_picture(file.path)))
        except UserError as error:
            broken[str(file.path.relative_to(folder))] = error
    if broken:
        names = ", ".join(list(broken)[:BROKEN_NAMED])
        more = f" and {len(broken) - BROKEN_NAMED} more" if len(broken) > BROKEN_NAMED else ""
        text = f"{len(broken)} of {len(files)} pictures in {folder} cannot be read: {names}{more}."
        raise UserError(" ".join(f"{text} {next(iter(broken.values()))}".split()))
    assert pixels[0].shape == (IMAGE_SIZE, IMAGE_SIZE)
    return torch.from_numpy(np.stack(pixels)).unsqueeze(1)
