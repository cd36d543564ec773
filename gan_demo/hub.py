"""The Hugging Face Hub: load a model from it, push a checkpoint to it, put the page on a Space.

python -m gan_demo.hub push checkpoints/dcgan user/my-gan
python -m gan_demo.hub deploy user/my-space

A model repository is a checkpoint folder: pushing is uploading it, loading is fetching it. huggingface_hub is
imported only by the functions that talk to the Hub: who works with local folders does not wait for it.
"""

import argparse
import hashlib
import json
import re
import shlex
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_demo.errors import UserError
from gan_demo.gan import CONFIG_FILE, GAN, MAX_WEIGHTS_BYTES, METRICS_FILE, WEIGHTS_FILE, read_config

CARD_FILE = "README.md"
PULLED = (CONFIG_FILE, WEIGHTS_FILE, METRICS_FILE)  # safetensors and JSON: what loading needs, and nothing else
PUSHED = (CONFIG_FILE, WEIGHTS_FILE, METRICS_FILE, "history.jsonl", "samples.png")  # and the card
TIMEOUT = 10  # seconds for the first answer of the Hub
ATTEMPTS = 3  # at a commit that somebody else's overtook

ROOT = Path(__file__).parent.parent
SPACE_FILES = ("README.md", "LICENSE", "app.py", "train.py", "requirements.txt")
SPACE_FOLDERS = ("gan_demo", "checkpoints", "docs")
NOT_ON_A_SPACE = ("*.pyc", "*/state.pt", "*/progress/*", "*/.*")

Progress = Callable[[float], None]  # is told the share that has arrived, from 0 to 1

_NAME = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@(\S+))?")
_SNAPSHOT = re.compile(r"models--([^/\\]+)--([^/\\]+)[/\\]snapshots[/\\]([0-9a-f]{40})$")


# Names ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """Where a folder that was pulled comes from."""

    repository: str
    commit: str  # 40 hexadecimal digits


def is_repository(name: str | Path) -> bool:
    """Whether `name` is to be looked for on the Hub: "owner/name", or "owner/name@revision", and no folder here."""
    return _NAME.fullmatch(str(name)) is not None and not Path(name).exists()


def origin(folder: str | Path) -> Origin | None:
    """The repository and the commit of a folder that `pull` returned; None for any other folder."""
    match = _SNAPSHOT.search(str(folder))
    return Origin(f"{match[1]}/{match[2]}", match[3]) if match else None


def _split(repository: str, revision: str | None) -> tuple[str, str | None]:
    match = _NAME.fullmatch(repository)
    if match is None:
        raise UserError(f"{repository!r} is not the name of a repository: it looks like owner/name")
    if revision and match[2]:
        raise UserError(f"{repository} names a revision, and so does {revision!r}: leave one of them out")
    return match[1], revision or match[2]


# Loading --------------------------------------------------------------------------------------------------


def pull(
    repository: str,
    revision: str | None = None,
    max_bytes: int = MAX_WEIGHTS_BYTES,
    progress: Progress | None = None,
    token: str | None = None,
) -> Path:
    """Fetch a model, "owner/name" or "owner/name@revision"; returns the folder that holds exactly that commit.

    Only config, safetensors and metrics are fetched, into the cache of huggingface_hub, and what is returned has
    been loaded strictly once. `revision` is a branch, a tag or a commit (default: main). When the Hub cannot be
    reached, what was fetched before is returned. Raises UserError where there is no such model, it is not of this
    project, more than `max_bytes` large or damaged, or where it can neither be fetched nor is here already.
    """
    repository, revision = _split(repository, revision)
    with _in_one_line(repository, revision):
        from huggingface_hub import HfApi, hf_hub_download

        try:
            info = HfApi(token=token).model_info(repository, revision=revision, files_metadata=True, timeout=TIMEOUT)
        except Exception as error:
            if not _is_temporary(error):
                raise
            folder = _cached(repository, revision)
            if folder is None:
                why = _explain(error, repository, revision)
                raise UserError(f"{repository} is no folder here and was not fetched before, and {why}") from error
            return _checked(folder, repository, {})
        folder, digests = _fetch(repository, info, max_bytes, progress, token)
        _checked(folder, repository, digests)
        if revision != info.sha:
            # The files are there. This only notes which commit the branch was at, for when there is no network.
            hf_hub_download(repository, CONFIG_FILE, revision=revision, token=token)
        return folder


def _fetch(
    repository: str, info: Any, max_bytes: int, progress: Progress | None, token: str | None
) -> tuple[Path, dict[str, str]]:
    """Download what is wanted of the commit `info`; returns the folder, and the digest of each file by name."""
    from huggingface_hub import hf_hub_download

    found = {file.rfilename: file for file in info.siblings if file.rfilename in PULLED}
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if name not in found:
            raise UserError(f"{repository} is not a model of this project: it has no {name}")
    total = sum(file.size or 0 for file in found.values())
    if total > max_bytes:
        raise UserError(f"{repository} has {total / 1e6:,.0f} MB, and no more than {max_bytes / 1e6:,.0f} are fetched")
    bar = _bar(total, max_bytes, progress)
    for name in sorted(found, key=PULLED.index):
        path = Path(hf_hub_download(repository, name, revision=info.sha, token=token, tqdm_class=bar))
        if name == CONFIG_FILE:
            with _named(path.parent, repository):
                read_config(path.parent)  # what is foreign is refused before its weights come
    return path.parent, {name: file.lfs.sha256 if file.lfs else file.blob_id for name, file in found.items()}


def _bar(total: int, max_bytes: int, progress: Progress | None) -> type:
    """A silent progress bar for huggingface_hub, which asks for a class. It stops what is larger than was said."""
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):
        done = 0

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            Bar.done += n or 0
            if Bar.done > max_bytes:
                raise UserError(f"more than {max_bytes / 1e6:,.0f} MB came, which is too much for one of our models")
            if progress is not None:
                progress(min(Bar.done / max(total, 1), 1.0))

    return Bar


def _cached(repository: str, revision: str | None) -> Path | None:
    """The folder of a revision that was fetched before, if it is whole."""
    from huggingface_hub import try_to_load_from_cache

    paths = [try_to_load_from_cache(repository, name, revision=revision) for name in (CONFIG_FILE, WEIGHTS_FILE)]
    return Path(paths[0]).parent if all(isinstance(path, str) for path in paths) else None


def _checked(folder: Path, repository: str, digests: dict[str, str]) -> Path:
    """`folder`, if its files are what was pushed and load strictly; removes a damaged one, so that it comes anew."""
    for name in PULLED:
        path = folder / name
        # A file of the cache is a link to a blob that is named by its digest.
        digest = digests.get(name) or (path.readlink().name if path.is_symlink() else "")
        if path.exists() and digest and _digest(path.read_bytes(), digest) != digest:
            path.resolve().unlink()
            path.unlink(missing_ok=True)
            raise UserError(f"{name} of {repository} was damaged on its way here: try again")
    with _named(folder, repository):
        GAN.from_pretrained(folder)
    return folder


def _digest(content: bytes, like: str) -> str:
    """The digest of a file as the Hub gives it: SHA-256 of large files, git's SHA-1 of the others."""
    if len(like) == 64:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@contextmanager
def _named(folder: Path, repository: str) -> Iterator[None]:
    """Say the repository where an error names its folder in the cache."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(str(folder), repository)) from None


# Pushing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """Where to push to, and with whose right."""

    repository: str
    private: bool = False
    token: str | None = field(default=None, repr=False)  # None: HF_TOKEN, or who is logged in
    revision: str | None = None  # a branch, made if need be


def check(target: Target) -> None:
    """Raise UserError unless `target` can be pushed to. Makes the repository: only that shows the right to."""
    repository = target.repository
    if _NAME.fullmatch(repository) is None or "@" in repository:
        raise UserError(f"{repository!r} is not the name of a repository: it looks like owner/name")
    with _in_one_line(repository, target.revision):
        api = _api(target.token)
        api.create_repo(repository, private=target.private or None, exist_ok=True)
        api.auth_check(repository, write=True)
        if target.private and not api.model_info(repository).private:
            raise UserError(f"{repository} exists and is public: leave out --private, or choose another name")
        if target.revision:
            api.create_branch(repository, branch=target.revision, exist_ok=True)


def push(folder: str | Path, target: Target) -> str:
    """Upload a checkpoint in one commit, with its card; returns the address of the repository.

    What people wrote on the Hub's card stays (see `card.merge`). Raises UserError, when nothing has been changed.
    """
    contents = _contents(Path(folder))
    check(target)
    return _commit(contents, target, "Upload the model")


def _contents(folder: Path) -> dict[str, bytes]:
    """What is to be uploaded of a checkpoint, read at once, so that a training may go on and overwrite it."""
    GAN.from_pretrained(folder)
    return {name: (folder / name).read_bytes() for name in PUSHED if (folder / name).is_file()}


def _card(contents: dict[str, bytes], repository: str) -> str:
    from gan_demo import card
    from gan_demo.gan import Config

    config = Config.from_json(contents[CONFIG_FILE].decode())
    metrics = json.loads(contents[METRICS_FILE]) if METRICS_FILE in contents else None
    weights = hashlib.sha256(contents[WEIGHTS_FILE]).hexdigest()
    if metrics and metrics.get("weights_sha256", weights) != weights:
        metrics = None  # of other weights
    try:
        return card.render(config, metrics, repository)
    except KeyError as error:
        raise UserError(f"config.json or metrics.json lacks {error}, which the model card tells") from None


def _commit(contents: dict[str, bytes], target: Target, message: str) -> str:
    from gan_demo import card

    new = _card(contents, target.repository)
    with _in_one_line(target.repository, target.revision):
        from huggingface_hub import CommitOperationAdd, constants
        from huggingface_hub.errors import HfHubHTTPError

        api = _api(target.token)
        for attempt in range(1, ATTEMPTS + 1):
            head = api.model_info(target.repository, revision=target.revision).sha
            text = card.merge(_remote_card(target, head), new)
            files = [CommitOperationAdd(name, content) for name, content in contents.items()]
            try:
                api.create_commit(
                    target.repository,
                    [*files, CommitOperationAdd(CARD_FILE, text.encode())],
                    commit_message=message,
                    revision=target.revision,
                    parent_commit=head,  # the card was merged with this one: who changed it since must not lose
                )
            except HfHubHTTPError as error:
                if attempt == ATTEMPTS or error.response.status_code not in (409, 412):
                    raise
            else:
                return f"{constants.ENDPOINT}/{target.repository}"
    raise AssertionError("the last attempt returns or raises")


def _remote_card(target: Target, commit: str) -> str | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    try:
        path = hf_hub_download(target.repository, CARD_FILE, revision=commit, token=target.token)
    except EntryNotFoundError:
        return None
    return Path(path).read_text(encoding="utf-8")


class Publisher:
    """Pushes a run every some epochs, in the background, and when it has ended. A failure never ends the run."""

    def __init__(self, folder: Path, target: Target, every: int = 0) -> None:
        """Raises UserError at once where nothing could be pushed. `every`: epochs; 0 for the end only."""
        self.every = every
        self._folder, self._target = folder, target
        self._thread: threading.Thread | None = None
        check(target)

    def epoch(self, number: int) -> None:
        """Start to push what the folder holds, unless the last push is still under way."""
        if self._thread is not None and self._thread.is_alive():
            return _say(f"Epoch {number} is not pushed: the push before it is still under way")
        contents = _contents(self._folder)
        self._thread = threading.Thread(target=self._push, args=(contents, number), daemon=True)
        self._thread.start()

    def _push(self, contents: dict[str, bytes], number: int) -> None:
        try:
            _commit(contents, self._target, f"Upload the model after epoch {number}")
        except Exception as error:  # whatever it is, the training is worth more
            _say(f"Epoch {number} was not pushed ({error}); the training goes on")

    def finish(self) -> str:
        """Push the finished run; returns its address. The UserError says how to do it later."""
        if self._thread is not None:
            self._thread.join()
        try:
            return push(self._folder, self._target)
        except UserError as error:
            words = ["python", "-m", "gan_demo.hub", "push", str(self._folder), self._target.repository]
            words += ["--private"] if self._target.private else []
            words += ["--revision", self._target.revision] if self._target.revision else []
            raise UserError(
                f"the training is done and lies whole in {self._folder}, but was not pushed: {error}."
                f" Push it later with: {shlex.join(words)}"
            ) from None


def publisher(arguments: argparse.Namespace, folder: Path) -> Publisher | None:
    """What the flags of `add_flags` ask for; None where nothing is to be pushed. Raises UserError."""
    if not arguments.push_to_hub:
        for name in ("private", "hub_token", "revision", "push_every"):
            if getattr(arguments, name):
                raise UserError(f"--{name.replace('_', '-')} goes with --push-to-hub owner/name")
        return None
    if arguments.push_every < 0:
        raise UserError(f"--push-every is a number of epochs, not {arguments.push_every}")
    return Publisher(folder, _target(arguments, arguments.push_to_hub), arguments.push_every)


def _say(line: str) -> None:
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)  # above the bar of the training


# A Space --------------------------------------------------------------------------------------------------


def deploy(space: str, token: str | None = None, private: bool = False, hardware: str | None = None) -> str:
    """Put the page, with the models in checkpoints/, onto a Space, made if need be; returns its address.

    `hardware` is a name the Hub knows, such as cpu-basic or zero-a10g. Raises UserError.
    """
    if _NAME.fullmatch(space) is None or "@" in space:
        raise UserError(f"{space!r} is not the name of a Space: it looks like owner/name")
    with _in_one_line(space):
        from huggingface_hub import constants

        api = _api(token)
        api.create_repo(
            space,
            repo_type="space",
            space_sdk="gradio",
            space_hardware=hardware,
            private=private or None,
            exist_ok=True,
        )
        api.upload_folder(
            repo_id=space,
            repo_type="space",
            folder_path=ROOT,
            allow_patterns=[*SPACE_FILES, *(f"{folder}/*" for folder in SPACE_FOLDERS)],
            ignore_patterns=list(NOT_ON_A_SPACE),
            delete_patterns=[f"{folder}/*" for folder in SPACE_FOLDERS],  # what an earlier version had
            commit_message="Upload the page",
        )
        return f"{constants.ENDPOINT}/spaces/{space}"


# What went wrong ------------------------------------------------------------------------------------------

ANSWERS = {
    401: "the Hub does not accept the token: log in with `hf auth login`, or set HF_TOKEN to a valid one",
    402: "the Hub asks for a paid plan",
    403: "the token has not the right to do this to {repository}: https://huggingface.co/settings/tokens makes others",
    404: "the Hub finds nothing of the kind in {repository}",
    409: "somebody else is changing {repository}: try again",
    412: "somebody else changed {repository} in the meantime: try again",
    429: "the Hub asks for a pause (too many requests): try again in some minutes",
}
NO_TOKEN = "there is no token for the Hub: log in with `hf auth login`, set HF_TOKEN, or give --hub-token"


def _api(token: str | None) -> Any:
    """A client that may write; raises UserError without a token."""
    from huggingface_hub import HfApi, get_token

    if not (token or get_token()):
        raise UserError(NO_TOKEN)
    return HfApi(token=token)


@contextmanager
def _in_one_line(repository: str, revision: str | None = None) -> Iterator[None]:
    """Turn what huggingface_hub raises into a UserError, and keep its warnings and bars to itself."""
    from huggingface_hub.utils import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
        httpx,
        logging,
    )

    verbosity, had_bars = logging.get_verbosity(), not are_progress_bars_disabled()
    logging.set_verbosity_error()
    disable_progress_bars()
    try:
        yield
    except UserError:
        raise
    # hf_xet, the library for large files, raises RuntimeError; an answer that lacks a field gives KeyError.
    except (OSError, ValueError, RuntimeError, KeyError, httpx.HTTPError) as error:
        raise UserError(_explain(error, repository, revision)) from error
    finally:
        logging.set_verbosity(verbosity)
        if had_bars:
            enable_progress_bars()


def _explain(error: Exception, repository: str, revision: str | None) -> str:
    """What went wrong and what to do, in one line."""
    from huggingface_hub import constants, errors
    from huggingface_hub.utils import httpx

    # Why it had to look for a copy here, and why "an error occurred while uploading".
    while isinstance(error, (errors.LocalEntryNotFoundError, RuntimeError)) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, errors.GatedRepoError):
        return f"{repository} is gated: ask for access at {constants.ENDPOINT}/{repository}"
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"{repository} is neither a folder here nor a repository that the Hub shows you (is it private?)"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repository} has no revision {revision or 'main'}"
    if isinstance(error, errors.HFValidationError):
        return f"{repository!r} cannot be the name of a repository"
    status = _status(error)
    if status in ANSWERS:
        said = getattr(error, "server_message", None) if status in (402, 403) else None
        return ANSWERS[status].format(repository=repository) + (f" (it says: {_line(said)})" if said else "")
    if status is not None and status >= 500:
        return f"the Hub has trouble of its own (error {status}): try again later"
    if isinstance(error, (httpx.TransportError, ConnectionError)):
        return f"the Hub ({constants.ENDPOINT}) cannot be reached: {_line(error)}"
    return f"{repository}: {_line(error)}"


def _is_temporary(error: Exception) -> bool:
    """Whether the Hub could not answer, rather than answered no."""
    from huggingface_hub.utils import httpx

    status = _status(error)
    return isinstance(error, (httpx.TransportError, ConnectionError)) or (
        status is not None and (status == 429 or status >= 500)
    )


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _line(text: object) -> str:
    return " ".join(str(text).split())[:300]


# The command ----------------------------------------------------------------------------------------------


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags with which train.py pushes."""
    group = parser.add_argument_group("to the Hugging Face Hub")
    group.add_argument(
        "--push-to-hub", metavar="OWNER/NAME", help="upload the finished checkpoint; the right to is checked first"
    )
    _add_target_flags(group)
    group.add_argument(
        "--push-every", type=int, default=0, metavar="N", help="upload every N epochs too, while the training goes on"
    )


def _add_target_flags(group: Any, revision: bool = True) -> None:
    group.add_argument("--private", action="store_true", help="only you can see the repository, if it is a new one")
    group.add_argument("--hub-token", metavar="TOKEN", help="(default: HF_TOKEN, or who is logged in: `hf auth login`)")
    if revision:
        group.add_argument("--revision", metavar="BRANCH", help="upload to this branch (default: main)")


def _target(arguments: argparse.Namespace, repository: str) -> Target:
    return Target(repository, arguments.private, arguments.hub_token, arguments.revision)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gan_demo.hub", description="Put a model or the page onto the Hugging Face Hub."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    model = commands.add_parser("push", help="upload a checkpoint, or what changed in it")
    model.add_argument("folder", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    model.add_argument("repository", metavar="OWNER/NAME", help="the model repository, made if need be")
    _add_target_flags(model)
    page = commands.add_parser("deploy", help="put the page onto a Space")
    page.add_argument("repository", metavar="OWNER/NAME", help="the Space, made if need be")
    _add_target_flags(page, revision=False)
    page.add_argument(
        "--hardware", metavar="NAME", help="such as zero-a10g, where cpu-basic is not free (default: the Hub's)"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "push":
            address = push(chosen.folder, _target(chosen, chosen.repository))
        else:
            address = deploy(chosen.repository, chosen.hub_token, chosen.private, chosen.hardware)
    except UserError as error:
        print(f"hub: {error}", file=sys.stderr)
        return 2
    print(f"It is at {address}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
