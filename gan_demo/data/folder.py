"""A folder of pictures as a data set: every tenth is held out, and subfolders are the classes."""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from gan_demo import distributed
from gan_demo.data.split import Split
from gan_demo.errors import UserError
from gan_demo.pictures import opening, preparing

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
HOLD_OUT_EVERY = 10  # each tenth picture is kept for the test split
MIN_HELD_OUT = 6  # evaluation looks at the nearest evaluation.NEIGHBOURS of each
BAR_AFTER = 1  # seconds that reading a folder may take without a sign of life
BROKEN_NAMED = 5


def load_folder(folder: Path, train: bool, sides: tuple[int, int]) -> Split:
    """Read one split of the pictures in `folder`, resized to (height, width).

    Raises UserError where they are too few or cannot be read.
    """
    paths = _pictures(folder)
    needed = (MIN_HELD_OUT - 1) * HOLD_OUT_EVERY + 1
    if len(paths) < needed:
        raise UserError(
            f"{folder} holds {len(paths)} pictures: at least {needed} are needed"
            f" (every tenth is held out for evaluation, which takes {MIN_HELD_OUT})"
        )
    pixels = _read_pictures(folder, tuple(map(_Stamped.of, paths)), sides)
    rows = (torch.arange(len(paths)) % HOLD_OUT_EVERY != 0) == train
    tops = [path.relative_to(folder).parts[0] for path in paths]
    classes = sorted(set(tops))
    labels = None
    if len(classes) >= 2 and all(path.parent != folder for path in paths):
        labels = torch.tensor([classes.index(top) for top in tops])[rows]
    return Split(pixels[rows], labels)


def _pictures(folder: Path) -> list[Path]:
    """List the pictures in a folder and its subfolders; hidden ones are copies that editors and systems leave."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


class _Stamped(NamedTuple):
    """A file, its time and its size, which tell whether it has changed."""

    path: Path
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> "_Stamped":
        stat = path.stat()
        return cls(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=1)  # training and evaluation read the same folder
def _read_pictures(folder: Path, files: tuple[_Stamped, ...], sides: tuple[int, int]) -> Tensor:
    """Read all pictures: (n, 1, *sides) uint8; raises one UserError that names all broken ones."""
    pixels, broken = [], {}
    bar = tqdm(files, f"Reading {folder.name}", unit=" pictures", delay=BAR_AFTER, disable=not distributed.first())
    for file in bar:
        try:
            pixels.append(preparing.resized(opening.open_picture(file.path), sides))
        except UserError as error:
            broken[str(file.path.relative_to(folder))] = error
    if broken:
        names = ", ".join(list(broken)[:BROKEN_NAMED])
        more = f" and {len(broken) - BROKEN_NAMED} more" if len(broken) > BROKEN_NAMED else ""
        text = f"{len(broken)} of {len(files)} pictures in {folder} cannot be read: {names}{more}."
        raise UserError(" ".join(f"{text} {next(iter(broken.values()))}".split()))
    return torch.from_numpy(np.stack(pixels)).unsqueeze(1)
