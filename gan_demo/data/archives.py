"""Data sets in one file, or a few: idx as MNIST's own, CSV, .npz and parquet; nothing in them is ever executed.

    mnist_train.csv               a row a picture: its label, then its pixels; with or without a line of names
    samples.npz                   `images` and perhaps `labels` (as `gan-demo export` writes), or x_train, y_train, ...
    train-images-idx3-ubyte.gz    beside train-labels-idx1-ubyte.gz, and t10k-...; with or without .gz
    train-00000-of-00001.parquet  `image` and `label`, as the Hub has MNIST; needs pyarrow

A file may be named alone, or a folder that holds such files. Where one half is named train and another test (or t10k),
these are the halves; else each tenth picture of a class is held out.
"""

import functools
import gzip
import math
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_demo.data.folder import MIN_HELD_OUT, MIN_OF_CLASS, NAMED, Stamped, held_out, minimum, shown_names
from gan_demo.errors import UserError
from gan_demo.pictures import opening, preparing

READ = "a folder of pictures, .csv, .npz, .parquet, or idx files with or without .gz"  # for messages
MAX_BYTES = 2_000_000_000  # of a file, and of what is unpacked of it
MAX_PIXELS = 1_000_000_000  # of all pictures: a byte each in memory
MAX_SIDE = 1024
IDX_NUMBERS = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4"}  # the types of a file of idx
TEST_WORDS, TRAIN_WORDS = ("test", "t10k", "valid"), ("train",)


class Part(NamedTuple):
    """Pictures and labels as they stand in a file."""

    images: np.ndarray  # (n, height, width) uint8
    labels: np.ndarray | None  # (n,) of any whole numbers
    names: tuple[str, ...] = ()  # of the labels 0, 1, 2, ..., where the file has some


class Half(NamedTuple):
    """One half of an archive."""

    images: Tensor  # (n, height, width) uint8
    labels: Tensor | None  # (n,) int64 from 0 on
    names: tuple[str, ...]
    notes: tuple[str, ...]  # as in `data.Split`, and so is the next
    unlabelled: str = ""


def find(place: Path) -> list[Path]:
    """List the files of a data set: `place` itself, or what a folder holds; [] if there is nothing of the kind."""
    inside = sorted(place.iterdir()) if place.is_dir() else [place]
    shown = [path for path in inside if not path.name.startswith(".") and path.is_file()]
    images = [path for path in shown if _is_idx(path, "images")]
    if images:
        return images
    for suffix in (".csv", ".npz", ".parquet"):
        found = [path for path in shown if path.suffix.lower() == suffix]
        if found:
            return found
    return []


def load_archive(place: Path, train: bool) -> Half:
    """Read one half of a data set in files. Raises UserError where it cannot be read, or is too large or too small."""
    paths = find(place)
    beside = [_labels_of(path) for path in paths if _is_idx(path, "images")]
    stamps = tuple(Stamped.of(path) for path in [*paths, *(path for path in beside if path)])
    return _halves(place, tuple(paths), stamps)[0 if train else 1]


@functools.lru_cache(maxsize=1)  # training and evaluation read the same files
def _halves(place: Path, paths: tuple[Path, ...], stamps: tuple[Stamped, ...]) -> tuple[Half, Half]:
    parts: list[list[Part]] = [[], [], []]  # for training, for the test, for either
    for path in paths:
        for kind, part in _read(path):
            parts[kind].append(part)
    trained, tested, either = parts
    if trained and tested:
        halves = [_joined(place, trained), _joined(place, tested)]
    else:
        halves = [_joined(place, [*trained, *tested, *either])]
    halves, notes, why = _with_whole_classes(place, halves)
    known = sorted({int(label) for half in halves for label in _distinct(half)})
    named = {part.names for kind in parts for part in kind}
    called = named.pop() if len(named) == 1 else ()
    names = shown_names([called[label] if label < len(called) else str(label) for label in known])
    images = [torch.from_numpy(half.images) for half in halves]
    numbered = [
        None if half.labels is None else torch.from_numpy(np.searchsorted(known, half.labels)).long() for half in halves
    ]
    if len(halves) == 2:
        _check_count(place, len(images[0]), minimum() - MIN_HELD_OUT)
        _check_count(place, len(images[1]), MIN_HELD_OUT)
        first, second = (Half(*one, names, notes, why) for one in zip(images, numbered, strict=True))
        return first, second
    _check_count(place, len(images[0]), minimum())
    (labels,) = numbered
    rows = torch.tensor(held_out([0] * len(images[0]) if labels is None else labels.tolist()))
    first, second = (
        Half(images[0][some], None if labels is None else labels[some], names, notes, why) for some in (~rows, rows)
    )
    return first, second


def _distinct(part: Part) -> list[int]:
    """The labels that occur."""
    return [] if part.labels is None else np.unique(part.labels).tolist()


def _with_whole_classes(place: Path, halves: list[Part]) -> tuple[list[Part], tuple[str, ...], str]:
    """The pictures of those classes that both halves can have, a note of which are left out, and why there are none.

    Without labels for all pictures, or with labels below 0, which say that there are none, nobody has a class.
    """
    labels = [half.labels for half in halves if half.labels is not None]
    found = [set(_distinct(half)) for half in halves]
    if len(labels) < len(halves) or min(set.union(*found), default=-1) < 0:
        return [Part(half.images, None) for half in halves], (), ""
    both = set.intersection(*found)
    if len(halves) == 1:
        both = {label for label, count in Counter(labels[0].tolist()).items() if count >= MIN_OF_CLASS}
    if len(both) < 2:
        why = "fewer than two of its labels have pictures in both halves"
        return [Part(half.images, None) for half in halves], (), why
    stray = sorted(set.union(*found) - both)
    if not stray:
        return halves, (), ""
    kept = [np.isin(some, sorted(both)) for some in labels]
    left = [Part(half.images[rows], some[rows]) for half, some, rows in zip(halves, labels, kept, strict=True)]
    listed = ", ".join(map(str, stray[:NAMED])) + (f" and {len(stray) - NAMED} more" if stray[NAMED:] else "")
    return left, (f"left out of {place}: what is labelled {listed}, as not both halves have pictures of it",), ""


def _check_count(place: Path, count: int, needed: int) -> None:
    if count < needed:
        raise UserError(f"{place} holds {count} pictures where at least {needed} are needed")


def _joined(place: Path, parts: Sequence[Part]) -> Part:
    shapes = {part.images.shape[1:] for part in parts}
    if len(shapes) > 1:
        sides = " and ".join(sorted("x".join(map(str, shape[::-1])) for shape in shapes))
        raise UserError(f"{place} holds pictures of several sizes, {sides}: name one of its files")
    labels = [part.labels for part in parts if part.labels is not None]
    whole = np.concatenate(labels) if len(labels) == len(parts) else None
    return Part(np.concatenate([part.images for part in parts]), whole)


def _read(path: Path) -> list[tuple[int, Part]]:
    """What a file holds: (0 for training, 1 for the test, 2 for either; the pictures)."""
    readers: dict[str, Callable[[Path], list[tuple[int, Part]]]] = {
        ".csv": _csv,
        ".npz": _npz,
        ".parquet": _parquet,
    }
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} is larger than {MAX_BYTES // 10**9} GB")
        return readers.get(path.suffix.lower(), _idx)(path)
    except UserError:
        raise
    except Exception as error:  # each format has errors of its own, of damage
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{path} cannot be read ({reason})") from None


def _kind(path: Path) -> int:
    name = path.name.lower()
    return 1 if any(word in name for word in TEST_WORDS) else 0 if any(word in name for word in TRAIN_WORDS) else 2


# The formats ------------------------------------------------------------------------------------------------------


def _is_idx(path: Path, what: str) -> bool:
    name = path.name.lower().removesuffix(".gz")
    return f"{what}-idx" in name or f"{what}.idx" in name


def _labels_of(images: Path) -> Path | None:
    """The labels that belong to a file of pictures, packed or not."""
    for separator in ("-idx", ".idx"):
        name = images.name.removesuffix(".gz").replace(f"images{separator}3", f"labels{separator}1")
        for beside in (images.with_name(name), images.with_name(name + ".gz")):
            if beside != images and beside.name != images.name.removesuffix(".gz") and beside.is_file():
                return beside
    return None


def _idx(path: Path) -> list[tuple[int, Part]]:
    images = _numbers(path)
    beside = _labels_of(path)
    labels = None if beside is None else _numbers(beside)
    return [(_kind(path), _checked(path, images, labels))]


def _numbers(path: Path) -> np.ndarray:
    """The numbers of an idx file: two zeros, a type, the number of axes, their lengths, the numbers."""
    content = _unpacked(path)
    kind, axes = content[2:4]
    if content[:2] != b"\0\0" or kind not in IDX_NUMBERS or not 1 <= axes <= 4:
        raise UserError(f"{path} is no file of idx")
    start = 4 + 4 * axes
    shape = np.frombuffer(content[4:start], ">u4").astype(object)
    numbers = np.dtype(IDX_NUMBERS[kind])
    if len(content) - start != math.prod(shape) * numbers.itemsize:
        raise UserError(f"{path} is cut short, or is no file of idx")
    return np.frombuffer(content, numbers, offset=start).reshape([int(length) for length in shape])


def _unpacked(path: Path) -> bytes:
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{path} is damaged ({error})") from None
    if len(content) > MAX_BYTES:
        raise UserError(f"{path} holds more than {MAX_BYTES // 10**9} GB")
    return content


def _csv(path: Path) -> list[tuple[int, Part]]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = [cell.strip().strip('"') for cell in file.readline(1_000_000).split(",")]
    named = not all(_is_number(cell) for cell in first)
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        table = np.loadtxt(file, np.float32, delimiter=",", skiprows=int(named), ndmin=2, quotechar='"')
    at = next((n for n, cell in enumerate(first) if cell.lower() in ("label", "class", "target", "y")), None)
    if not named and math.isqrt(len(first)) ** 2 != len(first):
        at = 0
    labels = None if at is None else table[:, at]
    pixels = table if at is None else np.delete(table, at, axis=1)
    side = math.isqrt(pixels.shape[1])
    if side * side != pixels.shape[1] or side < 2:
        raise UserError(
            f"{path} has {pixels.shape[1]} columns of pixels, which make no square picture: a row is a label and the"
            " pixels, such as 28 x 28 = 784"
        )
    return [(_kind(path), _checked(path, pixels.reshape(-1, side, side), labels))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _npz(path: Path) -> list[tuple[int, Part]]:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise UserError(f"{path} holds more than {MAX_BYTES // 10**9} GB")
    with np.load(path, allow_pickle=False) as arrays:
        names = {name.lower(): name for name in arrays.files}
        pairs = (
            *((0, f"{x}_train", f"{y}_train") for x, y in (("x", "y"), ("train", "train_labels"))),
            *((1, f"{x}_test", f"{y}_test") for x, y in (("x", "y"), ("test", "test_labels"))),
            *((0, "train_images", "train_labels"), (1, "test_images", "test_labels")),
            *((_kind(path), images, labels) for images in ("images", "x", "arr_0") for labels in ("labels", "y")),
        )
        found: dict[str, tuple[int, Part]] = {}
        called = arrays[names["class_names"]] if "class_names" in names else np.array([])  # as `export` writes them
        called = called if called.ndim == 1 and called.dtype.kind == "U" else np.array([])
        for kind, images, labels in pairs:
            if images in names and images not in found:
                known = arrays[names[labels]] if labels in names else None
                part = _checked(path, arrays[names[images]], known)
                found[images] = kind, part._replace(names=tuple(called.tolist()))
                if known is None and any(images == other[1] and other[2] in names for other in pairs):
                    del found[images]  # its labels have another name
    if not found:
        listed = ", ".join(sorted(names)[:10]) or "nothing"
        raise UserError(f"{path} holds {listed}: wanted are images and labels, or x_train, y_train, x_test, y_test")
    return list(found.values())


def _parquet(path: Path) -> list[tuple[int, Part]]:
    try:
        from pyarrow import parquet  # only who has such a file needs it
    except ImportError:
        raise UserError(f"{path} is read with pyarrow, which is not here: pip install pyarrow") from None
    table = parquet.ParquetFile(path)
    columns = table.schema_arrow.names
    image = next((name for name in ("image", "img", "images") if name in columns), None)
    label = next((name for name in ("label", "labels", "character", "digit") if name in columns), None)
    if image is None:
        raise UserError(f"{path} has the columns {', '.join(columns[:10])}: wanted are image and label")
    if table.metadata.num_rows * 28 * 28 > MAX_PIXELS:
        raise UserError(f"{path} holds {table.metadata.num_rows:,} pictures, too many")
    pictures: list[np.ndarray] = []
    labels: list[Any] = []
    for batch in table.iter_batches(1000, columns=[image, *([label] if label else [])]):
        rows: list[Any] = batch.column(0).to_pylist()
        for row in rows:
            content = row.get("bytes") if isinstance(row, dict) else row
            if not isinstance(content, bytes):
                raise UserError(f"{path} holds no pictures in its column {image}")
            pictures.append(preparing.resized(opening.open_picture(content)))
        labels += batch.column(1).to_pylist() if label else []
    return [(_kind(path), _checked(path, np.stack(pictures), np.array(labels) if label else None))]


def _checked(path: Path, images: np.ndarray, labels: np.ndarray | None) -> Part:
    """Pictures as bytes, and whole numbers for labels; raises UserError where they are neither."""
    if images.ndim == 4:  # one channel, first or last, or three, last
        last = images.shape[3]
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0] if last == 1 else images
        if images.ndim == 4 and last == 3:
            images = images @ np.array([0.299, 0.587, 0.114], np.float32)
    if images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1]:
        images = images.reshape(len(images), math.isqrt(images.shape[1]), -1)
    if images.ndim != 3 or not all(2 <= side <= MAX_SIDE for side in images.shape[1:]) or images.size > MAX_PIXELS:
        raise UserError(f"{path} holds no pictures, or too large ones: an array of {tuple(images.shape)}")
    if images.dtype != np.uint8:
        if images.dtype.kind not in "iufb" or not np.isfinite(images).all():
            raise UserError(f"{path} holds pictures whose pixels are no numbers")
        low, high = float(images.min(initial=0)), float(images.max(initial=0))
        if low < -1 or high > 255 or (low < 0 and high > 1):
            raise UserError(f"{path} has pixels from {low:g} to {high:g}: wanted are 0 to 255, 0 to 1 or -1 to 1")
        whole = images.dtype.kind in "iu" or high > 1
        scaled = images if whole else (images + 1) * 127.5 if low < 0 else images * np.float32(255)
        images = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    if labels is not None:
        labels = np.asarray(labels).reshape(len(labels), -1)
        labels = labels.argmax(1) if labels.shape[1] > 1 else labels[:, 0]
        if labels.dtype.kind not in "iuf" or len(labels) != len(images) or (labels != np.rint(labels)).any():
            raise UserError(f"{path} has labels that are not one whole number for each picture")
        labels = labels.astype(np.int64)
    return Part(np.ascontiguousarray(images), labels)
