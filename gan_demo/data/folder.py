"""A folder of pictures as a data set: every tenth is held out, and subfolders are the classes."""

import functools
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_demo import distributed
from gan_demo.config import MAX_NAME
from gan_demo.data.split import Split
from gan_demo.errors import UserError
from gan_demo.pictures import opening, preparing
from gan_demo.progress import Bar

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
HOLD_OUT_EVERY = 10  # each tenth picture is kept for the test split
MIN_HELD_OUT = 6  # evaluation looks at the nearest evaluation.NEIGHBOURS of each
BAR_AFTER = 1  # seconds that reading a folder may take without a sign of life
NAMED = 5  # of broken pictures, or of folders, in a message
MIN_OF_CLASS = 2  # pictures, one for each half
LOOKED_AT = 20  # pictures, for how large they are and whether they are in colour


def load_folder(folder: Path, train: bool, sides: tuple[int, int]) -> Split:
    """Read one split of the pictures in `folder`, resized to (height, width).

    Raises UserError where they are too few or cannot be read.
    """
    paths = pictures_in(folder)
    found = _classes(folder, paths)
    kept, labels, names = found.paths, found.labels, found.names
    needed = minimum()
    if len(kept) < needed:
        raise UserError(
            f"{folder} holds {len(kept)} pictures: at least {needed} are needed"
            f" (every tenth is held out for evaluation, which takes {MIN_HELD_OUT})"
        )
    files = tuple(Stamped.of(path) for path in kept)
    pixels = _read_pictures(folder, files, sides)
    rows = torch.tensor(held_out(labels)) != train
    half = torch.tensor(labels)[rows] if names else None
    notes = (*found.notes, *(_lost(folder, files, sides) if train else ()))
    return Split(pixels[rows], half, shown_names(names), notes, found.unlabelled)


@functools.lru_cache(maxsize=1)
def _lost(folder: Path, files: "tuple[Stamped, ...]", sides: tuple[int, int]) -> tuple[str, ...]:
    """What a training does not see of pictures in colour, or more than twice as large: a line, or none."""
    looked = [opening.size_and_colour(file.path) for file in files[:: -(-len(files) // LOOKED_AT)]]
    width, height, coloured = np.median(looked, 0)
    if not coloured and min(width, height) <= 2 * max(sides):
        return ()
    kind = "in colour" if coloured else "grey"
    return (
        f"the pictures in {folder.name} are {kind}, of {width:.0f}x{height:.0f} pixels: the training sees them grey, of"
        f" {sides[1]}x{sides[0]}",
    )


def minimum() -> int:
    """How many pictures a data set needs whose test half is held out."""
    return (MIN_HELD_OUT - 1) * HOLD_OUT_EVERY + 1


def held_out(labels: Sequence[int]) -> list[bool]:
    """Whether each picture is for the test: the first of its class, and each tenth after it."""
    seen: Counter[int] = Counter()
    result = []
    for label in labels:
        result.append(seen[label] % HOLD_OUT_EVERY == 0)
        seen[label] += 1
    return result


def shown_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of classes, none where they only count: 0, 1, 2, ..."""
    shown = [printable(name).strip()[:MAX_NAME] for name in names]
    if len(set(shown)) < len(shown) or not all(shown):  # what is cut short, or cannot be shown, tells nothing apart
        return ()
    return () if shown == [str(number) for number in range(len(names))] else tuple(shown)


class _Found(NamedTuple):
    """Pictures, with a label for each; without classes all labels are 0, and there are no names."""

    paths: list[Path]
    labels: list[int]
    names: Sequence[str] = ()
    notes: tuple[str, ...] = ()
    unlabelled: str = ""  # as in `Split`


def _classes(folder: Path, paths: list[Path]) -> _Found:
    """Find the classes of pictures, and which pictures are used.

    The classes are the subfolders, two or more, if no picture lies outside of them. One that has not a picture for each
    half is left out, and a note says so.
    """
    tops = [path.relative_to(folder).parts[0] for path in paths]
    counts = Counter(tops)
    outside = [path.name for path in paths if path.parent == folder]
    if len(counts) < 2 or outside:
        why = "all pictures are in one subfolder, and each class needs its own"
        if outside:
            some = f"some pictures, such as {printable(outside[0])}, are in no subfolder, and each class needs its own"
            why = some if len(outside) < len(paths) else ""
        return _Found(paths, [0] * len(paths), unlabelled=why)
    stray = sorted(name for name, count in counts.items() if count < MIN_OF_CLASS)
    names = sorted(set(counts) - set(stray))
    kept = [path for path, top in zip(paths, tops, strict=True) if top in names]
    if not stray or len(kept) < len(paths) / 2:  # a folder for each picture makes no classes
        if not stray:
            return _Found(paths, [names.index(top) for top in tops], names)
        why = f"most pictures are alone in their subfolder, and a class needs {MIN_OF_CLASS} or more"
        return _Found(paths, [0] * len(paths), unlabelled=why)
    named = ", ".join(map(printable, stray[:NAMED])) + (f" and {len(stray) - NAMED} more" if stray[NAMED:] else "")
    note = (
        f"left out of {folder}: {named}. A class needs {MIN_OF_CLASS} pictures or more, one of which is held out for"
        " evaluation"
    )
    if len(names) < 2:
        why = f"only {printable(names[0])} has {MIN_OF_CLASS} pictures or more, not {named}"
        return _Found(kept, [0] * len(kept), (), (note,), why)
    return _Found(kept, [names.index(path.relative_to(folder).parts[0]) for path in kept], names, (note,))


def printable(name: str) -> str:
    """A name of a file that is fit for a line of text, whatever bytes it has."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def pictures_in(folder: Path) -> list[Path]:
    """List the pictures in a folder and its subfolders; hidden ones are copies that editors and systems leave.

    A link to a folder is a subfolder, but for one that leads back to a folder in which it lies.
    """
    found = []
    around = {folder: {folder.resolve()}}  # a folder, and all that it lies in
    for place, subfolders, names in os.walk(folder, followlinks=True):
        here = Path(place)
        found += [here / name for name in names if _is_picture(here / name)]
        outer, kept = around.pop(here), []
        for name in subfolders:
            whole = (here / name).resolve()
            if not name.startswith(".") and whole not in outer:
                around[here / name] = outer | {whole}
                kept.append(name)
        subfolders[:] = kept
    return sorted(found)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()


class Stamped(NamedTuple):
    """A file, its time and its size, which tell whether it has changed."""

    path: Path
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "Stamped":
        stat = path.stat()
        return cls(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=1)  # training and evaluation read the same folder
def _read_pictures(folder: Path, files: tuple[Stamped, ...], sides: tuple[int, int]) -> Tensor:
    """Read all pictures: (n, 1, *sides) uint8; raises one UserError on all broken ones, with an example a reason."""
    pixels: list[np.ndarray] = []
    broken: list[str] = []
    reasons: dict[str, str] = {}  # the first error of each kind
    bar = Bar(files, f"Reading {folder.name}", unit=" pictures", delay=BAR_AFTER, disable=not distributed.first())
    for file in bar:
        try:
            pixels.append(preparing.resized(opening.open_picture(file.path), sides))
        except UserError as error:
            name = str(file.path)
            broken.append(str(file.path.relative_to(folder)))
            reasons.setdefault(str(error).replace(name, ""), str(error))
    if broken:
        names = ", ".join(broken[:NAMED])
        more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        text = f"{len(broken)} of {len(files)} pictures in {folder} cannot be read: {names}{more}."
        raise UserError(" ".join(f"{text} {'. '.join(list(reasons.values())[:NAMED])}".split()))
    return torch.from_numpy(np.stack(pixels)).unsqueeze(1)
