"""The page's own folder for files that it keeps for a while: uploads, and models that it fetched.

gradio puts everybody's uploads into one folder of the machine, /tmp/gradio, which belongs to whoever came first.
"""

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from gan_demo.errors import UserError

VARIABLE = "GRADIO_TEMP_DIR"  # which gradio reads at each upload
PREFIX = "gan-demo-page-"
LOCK = "lock"
MAX_UPLOADS = 500_000_000  # bytes: then the oldest uploads go; gradio's own rule knows ages only
YOUNG = 60  # seconds in which a folder may not have its lock yet


def check() -> None:
    """Raise UserError where no folder can be made: below GRADIO_TEMP_DIR if a person set it, else where files go."""
    shutil.rmtree(_new())


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that only this user can read, for this process; removed at the end. Raises UserError as `check` does.

    Uploads go below it, and so does whatever this process asks `tempfile` for. What pages that were killed have left
    is removed, too.
    """
    folder = _new()
    asked, default = os.environ.get(VARIABLE), tempfile.tempdir
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire()
        _remove_abandoned(folder.parent)
        tempfile.tempdir = str(folder)
        uploads = folder / "uploads"
        uploads.mkdir()
        os.environ[VARIABLE] = str(uploads)
        yield folder
    finally:
        tempfile.tempdir = default
        if asked is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = asked
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _new() -> Path:
    asked = os.environ.get(VARIABLE) or None
    try:
        if asked:
            Path(asked).mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=asked)).resolve()
    except OSError as error:
        if asked:
            raise UserError(f"{VARIABLE} is {asked}, where nothing can be written ({error.strerror})") from None
        raise UserError(f"there is nowhere to put uploads ({error.strerror}): set {VARIABLE}") from None


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of pages that are gone: their locks went with them."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):  # a page of somebody else; a page that is open
            if abs(time.time() - folder.stat().st_mtime) > YOUNG:  # the clock may have been set back
                with FileLock(folder / LOCK, blocking=False):
                    pass
                shutil.rmtree(folder, ignore_errors=True)


class Arrivals:
    """The order in which files come, which does not depend on the clock: it may be set back meanwhile."""

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[float, int]] = {}  # when it was written, by the clock, and which it was
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def bound(self, folder: Path, most: int = MAX_UPLOADS) -> None:
        """Remove the oldest files below `folder` until the others are `most` bytes together, at most."""
        with self._lock:
            files = {}
            for path in folder.rglob("*"):
                with contextlib.suppress(OSError):  # removed in the meantime
                    if path.is_file():
                        files[path] = path.stat()
            seen = {path: self._seen[path] for path in files.keys() & self._seen.keys()}
            for path in sorted(files, key=lambda path: files[path].st_ctime):
                written = files[path].st_ctime
                if path not in seen or seen[path][0] != written:
                    seen[path] = written, next(self._numbers)
            self._seen = seen
            total = sum(facts.st_size for facts in files.values())
            for path in sorted(files, key=lambda path: seen[path][1]):
                if total <= most:
                    return
                path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # other files lie there
                    path.parent.rmdir()
                total -= files[path].st_size


class BoundedUploads:
    """Looks after each upload how much there is, and removes what one that failed has left."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._arrivals = Arrivals()
        self._coming = 0  # uploads under way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith("/upload"):
            await self._app(scope, receive, send)
            return
        self._coming += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming -= 1
            folder = Path(os.environ.get(VARIABLE, ""))
            if folder.parent.name.startswith(PREFIX):  # it is the page's own
                if not self._coming:  # what is whole lies in a folder of its own
                    _remove_files(folder)
                await run_in_threadpool(self._arrivals.bound, folder)


def _remove_files(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.is_file():
                os.truncate(path, 0)  # gradio has it open still, and it would take its room for as long
                path.unlink()
