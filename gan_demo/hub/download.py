"""Fetching a model by its name on the Hub: safetensors and JSON only, bounded in size, every byte checked."""

import errno
import hashlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_demo import checkpoint, files
from gan_demo.checkpoint import (
    BEST_RESPONSE_FILE,
    BEST_RESPONSE_WEIGHTS,
    CONFIG_FILE,
    DIRECTIONS_FILE,
    INVERSION_FILE,
    MAX_WEIGHTS_BYTES,
    METRICS_FILE,
    TYPICAL_FILE,
    WEIGHTS_FILE,
    read_config,
)
from gan_demo.errors import UserError
from gan_demo.hub import client
from gan_demo.hub.client import HubError

# Safetensors and JSON: what loading needs, what the page shows of it, and nothing else.
PULLED = (
    *(CONFIG_FILE, WEIGHTS_FILE, METRICS_FILE, DIRECTIONS_FILE, TYPICAL_FILE, INVERSION_FILE),
    *(BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS),
)
MAX_JSON_BYTES = 1_000_000  # of config and metrics: once parsed they are many times as large
CHUNK = 250_000  # bytes from one report of the progress to the next
TIMEOUT = 10  # seconds for the first answer of the Hub

# What says that a folder cannot be written: rights, a read-only disk, a full one, a file in the way.
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST)

Progress = Callable[[float], None]  # is told the share that has arrived, from 0 to 1

# "owner/name", perhaps with "@revision"; a revision becomes part of a path, which must not lead upwards.
NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@((?!\S*\.\.)[\w./+-]+))?", re.ASCII)
_SNAPSHOT = re.compile(r"models--([^/\\]+)--([^/\\]+)[/\\]snapshots[/\\]([0-9a-f]{40})$")


@dataclass(frozen=True)
class Origin:
    """Where a folder that was pulled comes from."""

    repository: str
    commit: str  # 40 hexadecimal digits


def is_repository(name: str | Path) -> bool:
    """Whether `name` is to be looked for on the Hub: "owner/name", or "owner/name@revision", and no folder here."""
    return NAME.fullmatch(str(name)) is not None and not Path(name).exists()


def origin(folder: str | Path) -> Origin | None:
    """The repository and the commit of a folder that `pull` returned; None for any other folder."""
    match = _SNAPSHOT.search(str(folder))
    return Origin(f"{match[1]}/{match[2]}", match[3]) if match else None


def _split(repository: str, revision: str | None) -> tuple[str, str | None]:
    match = NAME.fullmatch(repository)
    if match is None:
        raise HubError(f"{repository!r} is not the name of a repository: it looks like owner/name", "name")
    if revision and match[2]:
        raise UserError(f"{repository} names a revision, and so does {revision!r}: leave one of them out")
    return match[1], revision or match[2]


def pull(
    repository: str,
    revision: str | None = None,
    max_bytes: int = MAX_WEIGHTS_BYTES,
    progress: Progress | None = None,
    token: str | bool | None = None,
    cache: str | Path | None = None,
) -> Path:
    """Fetch a model, "owner/name" or "owner/name@revision"; returns the folder that holds exactly that commit.

    Only the files named in PULLED are fetched, into the folder `cache` (default: that of huggingface_hub),
    and what is returned has been loaded strictly once. `revision` is a branch, a tag or a commit (default: main).
    Without a `token`, the one of who is logged in is used; False asks as a stranger. When the Hub cannot be reached,
    what was fetched before is returned. Raises HubError where there is no such model, it is not of this project,
    more than `max_bytes` large or damaged, or where it can neither be fetched nor is here already.
    """
    repository, revision = _split(repository, revision)
    with client.in_one_line(repository, revision), _writable(cache):
        from huggingface_hub import HfApi, hf_hub_download
        from huggingface_hub.utils import httpx

        try:
            info = HfApi(token=token).model_info(repository, revision=revision, files_metadata=True, timeout=TIMEOUT)
        except Exception as error:
            if not client.is_temporary(error):
                raise
            folder = _cached(repository, revision, cache)
            if folder is None:
                why = client.explain(error, repository, revision)
                line = f"{repository} is no folder here and was not fetched before, and {why}"
                raise HubError(line, why.kind) from error
            return _checked(folder, repository, {})
        folder, digests = _fetch(repository, info, max_bytes, progress, {"token": token, "cache_dir": cache})
        _checked(folder, repository, digests)
        if revision != info.sha:
            # The files are there. This only notes which commit the branch was at, for when there is no network.
            with suppress(OSError, ValueError, httpx.HTTPError):
                hf_hub_download(repository, CONFIG_FILE, revision=revision, token=token, cache_dir=cache)
        return folder


def check_new(folder: str | Path) -> None:
    """Raise UserError unless a model can be copied to `folder`: nothing is overwritten."""
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already: nothing is overwritten, choose another folder")
    files.check_writable(folder.absolute().parent)


def copy(folder: str | Path, new: str | Path) -> Path:
    """Copy a model that `pull` returned out of the cache into the folder `new`, which is whole or not there.

    Returns `new`. Raises UserError where it holds something.
    """
    check_new(new)
    new = Path(new)
    new.parent.mkdir(parents=True, exist_ok=True)
    temporary = new.with_name(f".{new.name}.{secrets.token_hex(4)}")
    try:
        temporary.mkdir()
        for name in PULLED:
            if (Path(folder) / name).exists():
                shutil.copyfile(Path(folder) / name, temporary / name)  # not the link that the cache has
        if new.exists():
            new.rmdir()
        temporary.replace(new)
    except OSError as error:
        error.filename, error.filename2 = str(new), None  # not the file of the cache
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return new


@contextmanager
def _writable(cache: str | Path | None) -> Iterator[None]:
    """Say so where the cache cannot be written. What is whole in it already needs no writing."""
    try:
        yield
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        from huggingface_hub import constants

        line = f"the cache of the Hub ({cache or constants.HF_HUB_CACHE}) cannot be written ({error.strerror})"
        raise HubError(f"{line}: set HF_HOME to a folder that can") from error


def _fetch(
    repository: str, info: Any, max_bytes: int, progress: Progress | None, options: dict[str, Any]
) -> tuple[Path, dict[str, str]]:
    """Download what is wanted of the commit `info`; returns the folder, and the digest of each file by name."""
    from huggingface_hub import constants, hf_hub_download

    constants.DOWNLOAD_CHUNK_SIZE = CHUNK  # its 10 MB (in 2.4) are more than most of our models have
    found = {file.rfilename: file for file in info.siblings if file.rfilename in PULLED}
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if name not in found:
            raise HubError(f"{repository} is not a model of this project: it has no {name}", "foreign")
    total = sum(file.size or 0 for file in found.values())
    if total > max_bytes:
        line = f"{repository} has {total / 1e6:,.0f} MB, and no more than {max_bytes / 1e6:,.0f} are fetched"
        raise HubError(line, "large")
    for name, file in found.items():
        if name.endswith(".json") and (file.size or 0) > MAX_JSON_BYTES:
            raise HubError(
                f"{repository} has a {name} of {file.size / 1e6:,.0f} MB, too large for one of ours", "large"
            )
    bar = _bar(total, max_bytes, progress)
    digests = {name: digest for name, digest in listed(info).items() if name in found}
    for name in sorted(found, key=PULLED.index):
        path = Path(hf_hub_download(repository, name, revision=info.sha, tqdm_class=bar, **options))
        _check(path, repository, digests[name])
        if name == CONFIG_FILE:
            with _named(path.parent, repository):
                read_config(path.parent)  # what is foreign is refused before its weights come
    return path.parent, digests


def _bar(total: int, max_bytes: int, progress: Progress | None) -> type:
    """A silent progress bar for huggingface_hub, which asks for a class. It stops what is larger than was said."""
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):
        done = 0.0

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            Bar.done += n or 0
            if Bar.done > max_bytes:
                line = f"more than {max_bytes / 1e6:,.0f} MB came, which is too much for one of our models"
                raise HubError(line, "large")
            if progress is not None:
                progress(min(Bar.done / max(total, 1), 1.0))

    return Bar


def _cached(repository: str, revision: str | None, cache: str | Path | None) -> Path | None:
    """The folder of a revision that was fetched before, if it is whole."""
    from huggingface_hub import try_to_load_from_cache

    paths = [
        try_to_load_from_cache(repository, name, cache_dir=cache, revision=revision)
        for name in (CONFIG_FILE, WEIGHTS_FILE)
    ]
    found = [Path(path) for path in paths if isinstance(path, str)]
    return found[0].parent if len(found) == len(paths) else None


def _checked(folder: Path, repository: str, digests: dict[str, str]) -> Path:
    """`folder`, if its files are what was pushed and load strictly."""
    for name in PULLED:
        _check(folder / name, repository, digests.get(name))
    with _named(folder, repository):
        checkpoint.read(folder)
    return folder


def _check(path: Path, repository: str, digest: str | None) -> None:
    """Raise HubError where a file of the cache has another digest than it should, and remove it: it comes anew."""
    # A file of the cache is a link to a blob that is named by its digest, or a copy of it, as on Windows.
    digest = digest or (path.readlink().name if path.is_symlink() else None)
    if digest and path.exists() and not _is(path.read_bytes(), digest):
        for damaged in (path.resolve(), path, path.parent.parent.parent / "blobs" / digest):
            damaged.unlink(missing_ok=True)
        raise HubError(f"{path.name} of {repository} was damaged on its way here: try again", "damaged")


def read_text(repository: str, name: str, digest: str, commit: str, token: str | None, kind: str = "model") -> str:
    """A small UTF-8 file of a commit, which has this digest. Leaves nothing in the cache.

    Raises HubError where something else came, and what huggingface_hub raises.
    """
    from huggingface_hub import hf_hub_download

    with tempfile.TemporaryDirectory(prefix="gan-demo-hub-", ignore_cleanup_errors=True) as cache:
        path = hf_hub_download(repository, name, repo_type=kind, revision=commit, token=token, cache_dir=cache)
        content = Path(path).read_bytes()
    if not _is(content, digest):
        raise HubError(f"{name} of {repository} was damaged on its way here: try again", "damaged")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise HubError(f"{name} of {repository} is not UTF-8 text: save it as such first") from None


def listed(info: Any) -> dict[str, str]:
    """The digest of each file of a repository, as the Hub tells it in an answer with `files_metadata`."""
    return {file.rfilename: file.lfs.sha256 if file.lfs else file.blob_id for file in info.siblings}


def sha256(content: bytes) -> str:
    """The digest by which the Hub knows large files."""
    return hashlib.sha256(content).hexdigest()


def git_digest(content: bytes) -> str:
    """The digest by which the Hub knows the others: git's, a SHA-1."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _is(content: bytes, digest: str) -> bool:
    return (sha256(content) if len(digest) == 64 else git_digest(content)) == digest


@contextmanager
def _named(folder: Path, repository: str) -> Iterator[None]:
    """Say the repository where an error names its folder in the cache."""
    try:
        yield
    except UserError as error:
        raise HubError(str(error).replace(str(folder), repository), "foreign") from None
