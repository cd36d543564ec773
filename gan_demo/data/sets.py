"""The table of data sets by name, and `load`, which takes a name or a folder of pictures."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from gan_demo.data import archives
from gan_demo.data.folder import load_folder, pictures_in
from gan_demo.data.split import Split
from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SHAPE, Shape

DATA_DIR_VARIABLE = "GAN_DEMO_DATA"
PACKED = (".zip", ".tar", ".tgz", ".7z", ".rar")  # what the page's form, or a person, unpacks


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
    return pad(_resized(images, (20, 20)), (4, 4, 4, 4))


def _resized(images: Tensor, sides: tuple[int, int]) -> Tensor:
    """Resize grey pictures: (n, h, w) from 0 to 255 -> (n, *sides) uint8."""
    if images.shape[1:] == sides:
        return images
    scaled = interpolate(images[:, None].float(), size=sides, mode="bicubic", antialias=True)
    return scaled[:, 0].round().clamp(0, 255).to(torch.uint8)


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
    """Return what people call a data set: a key of SOURCES, or the path of a folder."""
    return SOURCES[dataset].title if dataset in SOURCES else Path(dataset).name


def default_data_dir() -> Path:
    """Return where data sets lie: the environment variable GAN_DEMO_DATA, else `data`."""
    return Path(os.environ.get(DATA_DIR_VARIABLE) or "data")


def load(dataset: str, data_dir: str | Path | None = None, train: bool = True, shape: Shape = IMAGE_SHAPE) -> Split:
    """Load one split of `dataset` onto the CPU, downloading it into `data_dir` on first use.

    `dataset` is a key of SOURCES, the path of a folder of pictures, or of files that `archives` reads. If all of
    those pictures lie in subfolders, two or more, these are the classes in alphabetical order. A large folder gets a
    progress bar on stderr.
    Pictures are read in grey and resized to `shape`. Raises UserError; also for a shape of several channels.
    """
    channels, height, width = shape
    if channels != 1:
        raise UserError("pictures are read in grey: for colour, train from Python with a data.Split of your own")
    if dataset in SOURCES:
        images, labels = _load_source(dataset, Path(data_dir or default_data_dir()), train)
        return Split(_resized(images, (height, width)).unsqueeze(1).contiguous(), labels.long())
    place = Path(dataset)
    if place.is_dir() and (pictures_in(place) or not archives.find(place)):
        return load_folder(place, train, (height, width))
    if place.exists():
        if not archives.find(place):
            packed = "; unpack it, and name its folder" if place.suffix.lower() in PACKED else ""
            raise UserError(f"{dataset} is no data set that is read: {archives.READ}{packed}")
        half = archives.load_archive(place, train)
        return Split(_resized(half.images, (height, width)).unsqueeze(1).contiguous(), *half[1:])
    raise UserError(
        f"unknown dataset {dataset!r}: choose from {', '.join(SOURCES)}, or name a folder of pictures, or a .csv, .npz,"
        " .parquet or idx file"
    )


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
