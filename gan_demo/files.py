"""Files: written so that a run killed at any moment leaves the previous file whole."""

import contextlib
import errno
import json
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any

from gan_demo.errors import UserError

WINDOWS = os.name == "nt"
FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk; these errors may name no file
PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)  # seconds


def write_bytes(path: str | Path, content: bytes, flush: bool = True) -> None:
    """Replace `path` by `content` in one step: temporary name beside it, flush, rename.

    Without `flush` a reader sees it whole, too, but not after the machine itself has failed: for what is written anew
    many times a minute.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            if flush:
                file.flush()
                os.fsync(file.fileno())
        _replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = str(path)  # a full disk names none, and others name the temporary one
        raise


def _replace(temporary: Path, path: Path) -> None:
    """Rename in one step. Windows refuses that for as long as somebody reads the file, such as a page that is open."""
    for pause in PAUSES if WINDOWS else ():
        with contextlib.suppress(PermissionError):
            temporary.replace(path)
            return
        time.sleep(pause)
    temporary.replace(path)


def check_writable(folder: str | Path) -> None:
    """Raise UserError unless files can be written into `folder`, or it can be made; nothing of the trial stays."""
    place = Path(folder).absolute()
    try:
        while not os.path.lexists(place):
            place = place.parent
        trial = place / f".trial.{secrets.token_hex(4)}"
        try:
            with trial.open("xb") as file:
                file.write(b"0" * 4096)  # an empty file fits on a full disk
                file.flush()
                os.fsync(file.fileno())
        finally:
            with contextlib.suppress(OSError):
                trial.unlink()
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror})") from None


def is_temporary(path: Path) -> bool:
    """Say whether `path` looks like what a `write_bytes` that was killed leaves."""
    return re.fullmatch(r"\..+\.[0-9a-f]{8}", path.name) is not None


def write_text(path: str | Path, content: str) -> None:
    """`write_bytes` for UTF-8 text."""
    write_bytes(path, content.encode())


def write_json(path: str | Path, content: Any) -> None:
    """`write_bytes` for JSON, indented so that a person can read it."""
    write_text(path, json_text(content))


def json_text(content: Any) -> str:
    """Return the text that `write_json` writes."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
