"""A ZIP of somebody's own pictures, which may hold anything: unpacked so that only pictures come out of it.

No name of the archive becomes a name of a file: pictures get numbers, and the folder in which they lie gives the name
of their class, in letters that every system has.
"""

import re
import shutil
import stat
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gan_demo.config import MAX_CLASSES
from gan_demo.data.folder import PICTURE_SUFFIXES
from gan_demo.errors import UserError

MAX_ZIP_BYTES = 200_000_000
MAX_BYTES = 1_000_000_000  # of all that is unpacked
MAX_PICTURE_BYTES = 20_000_000  # of one picture, as the page takes them
MAX_FILES = 100_000
PIECE = 1 << 20


def unpack(archive: Path | BinaryIO, folder: Path) -> int:
    """Write the pictures of a ZIP into a new `folder`, one subfolder a class if there are any; returns how many.

    Raises UserError where it is no ZIP, holds names that lead elsewhere, links or secrets, is too large or damaged, or
    has no pictures; then nothing stays.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            return _unpack(file, folder)
    except UserError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except Exception as error:  # each way to pack has errors of its own, of damage
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno is not None:  # the disk is full
            raise
        raise UserError(f"this is no sound ZIP ({' '.join(str(error).split())[:100]})") from None


def _unpack(file: zipfile.ZipFile, folder: Path) -> int:
    entries = file.infolist()
    if len(entries) > MAX_FILES:
        raise UserError(f"the ZIP holds {len(entries):,} files, and {MAX_FILES:,} are unpacked")
    pictures = [(entry, path) for entry in entries if (path := _picture(entry))]
    if not pictures:
        raise UserError(f"the ZIP holds no pictures: {', '.join(sorted(PICTURE_SUFFIXES))}")
    if sum(entry.file_size for entry, _ in pictures) > MAX_BYTES:
        raise UserError(f"the ZIP unpacks to more than {MAX_BYTES / 1e9:.0f} GB")
    folder.mkdir(parents=True)
    names = _classes([path for _, path in pictures])
    left = MAX_BYTES
    for number, (entry, path) in enumerate(pictures):
        place = folder / names[path.parent] if names else folder
        place.mkdir(exist_ok=True)
        left -= _copy(file, entry, place / f"{number:06d}{path.suffix.lower()}", min(left, MAX_PICTURE_BYTES))
    return len(pictures)


def _picture(entry: zipfile.ZipInfo) -> PurePosixPath | None:
    """The path of a picture in the archive; None of what is none. Raises UserError for what no honest ZIP has."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", entry.filename):
        raise UserError(f"the ZIP holds a name that leads elsewhere: {entry.filename[:60]!r}")
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))):
        raise UserError(f"the ZIP holds a link or a device: {entry.filename[:60]!r}")
    if entry.flag_bits & 1:
        raise UserError("the ZIP has a password: make one without")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return None if entry.is_dir() or hidden or path.suffix.lower() not in PICTURE_SUFFIXES else path


def _classes(paths: list[PurePosixPath]) -> dict[PurePosixPath, str]:
    """Folder in the archive -> name of a class; none where not all pictures lie in such folders, two or more."""
    folders = sorted({path.parent for path in paths})
    if len(folders) < 2 or PurePosixPath(".") in folders:
        return {}
    top = folders[0].parts
    while any(folder.parts[: len(top)] != top or folder.parts == top for folder in folders):
        top = top[:-1]
    if any(folder.parts == top for folder in folders):
        return {}
    classes = sorted({folder.parts[len(top)] for folder in folders})
    if not 2 <= len(classes) <= MAX_CLASSES:
        return {}
    known: dict[str, str] = {}
    for name in classes:
        plain = unicodedata.normalize("NFC", name)
        plain = re.sub(r"[^\w -]", "_", plain).strip(" _")[:40] or "class"
        while plain.casefold() in {other.casefold() for other in known.values()}:
            plain += "_"
        known[name] = plain
    return {folder: known[folder.parts[len(top)]] for folder in folders}


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, most: int) -> int:
    """Unpack one picture, `most` bytes at most whatever the archive says of its size; returns how many there were."""
    size = 0
    with archive.open(entry) as source, path.open("xb") as target:
        while piece := source.read(PIECE):
            size += len(piece)
            if size > most:
                raise UserError(f"the ZIP holds too much: {entry.filename[:60]!r} is more than {most / 1e6:.0f} MB")
            target.write(piece)
    return size
