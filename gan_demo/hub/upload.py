"""Pushing a checkpoint: once, or along a training in the background."""

import hashlib
import json
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gan_demo import checkpoint, data, files
from gan_demo.belief import best_response
from gan_demo.checkpoint import (
    BEST_RESPONSE_FILE,
    BEST_RESPONSE_WEIGHTS,
    CARD_FILE,
    CONFIG_FILE,
    DIRECTIONS_FILE,
    HISTORY_FILE,
    INVERSION_FILE,
    METRICS_FILE,
    OUTPUTS_FILE,
    SAMPLES_FILE,
    SNAPSHOTS_FOLDER,
    TYPICAL_FILE,
    WEIGHTS_FILE,
)
from gan_demo.config import Config
from gan_demo.errors import UserError
from gan_demo.evaluation import card, tables
from gan_demo.hub import client
from gan_demo.hub.download import NAME, listed, read_text
from gan_demo.shell import command

MEASURED = (
    *(METRICS_FILE, DIRECTIONS_FILE, TYPICAL_FILE, INVERSION_FILE),
    *(BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS),
)
PUSHED = (CONFIG_FILE, WEIGHTS_FILE, *MEASURED, HISTORY_FILE, SAMPLES_FILE)  # and the card
ATTEMPTS = 3  # at a commit that somebody else's overtook


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
    if NAME.fullmatch(repository) is None or "@" in repository:
        raise UserError(f"{repository!r} is not the name of a repository: it looks like owner/name")
    with client.writing(repository, target.token, target.revision) as api:
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
    checkpoint.read(folder)
    paths = [*(folder / name for name in PUSHED), *sorted((folder / SNAPSHOTS_FOLDER).glob("epoch-*.png"))]
    paths.append(folder / SNAPSHOTS_FOLDER / OUTPUTS_FILE)
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()}
    for name in (CONFIG_FILE, METRICS_FILE, BEST_RESPONSE_FILE, INVERSION_FILE):
        if name in contents:
            contents[name] = _without_path(contents[name])
    return contents


def _without_path(content: bytes) -> bytes:
    """JSON of a checkpoint with the name alone of a folder of pictures: where it lies is nobody's business."""
    told = json.loads(content)
    part = told.get("training", told)
    dataset = part.get("dataset")
    if dataset is None or dataset in data.SOURCES:
        return content
    name = data.title(dataset)
    part["dataset"] = f"./{name}" if name in data.SOURCES else name
    origin = part.get("init_from") or {}  # the commands of the runs that it went on from are in its card
    if "commands" in origin:
        place, here = shlex.quote(dataset), shlex.quote(part["dataset"])
        origin["commands"] = [line.replace(place, here) for line in origin["commands"]]
    return files.json_text(told).encode()


def _card(contents: dict[str, bytes], repository: str) -> str:
    config = Config.from_json(contents[CONFIG_FILE].decode())
    metrics = json.loads(contents[METRICS_FILE]) if METRICS_FILE in contents else None
    weights = hashlib.sha256(contents[WEIGHTS_FILE]).hexdigest()
    if metrics and metrics.get("weights_sha256", weights) != weights:
        metrics = None  # of other weights
    if metrics and BEST_RESPONSE_FILE in contents:
        metrics = tables.with_best_response(
            metrics, best_response.parse(contents[BEST_RESPONSE_FILE].decode(), weights)
        )
    try:
        return card.render(config, metrics, repository)
    except KeyError as error:
        raise UserError(f"config.json or metrics.json lacks {error}, which the model card tells") from None


def _commit(contents: dict[str, bytes], target: Target, message: str) -> str:
    new = _card(contents, target.repository)
    with client.writing(target.repository, target.token, target.revision) as api:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, constants
        from huggingface_hub.errors import HfHubHTTPError

        for attempt in range(1, ATTEMPTS + 1):
            head = api.model_info(target.repository, revision=target.revision, files_metadata=True)
            there = listed(head)
            old = None
            if CARD_FILE in there:
                old = read_text(target.repository, CARD_FILE, there[CARD_FILE], head.sha, target.token)
            text = card.merge(old, new)
            snapshots = {name for name in there if name.startswith(f"{SNAPSHOTS_FOLDER}/")}
            try:
                api.create_commit(
                    target.repository,
                    [
                        *(CommitOperationAdd(name, content) for name, content in contents.items()),
                        CommitOperationAdd(CARD_FILE, text.encode()),
                        *(CommitOperationDelete(name) for name in sorted(snapshots - set(contents))),
                    ],
                    commit_message=message,
                    revision=target.revision,
                    parent_commit=head.sha,  # the card was merged with this one: who changed it since must not lose
                )
            except HfHubHTTPError as error:
                if attempt == ATTEMPTS or error.response.status_code not in (409, 412):
                    raise
            else:
                return f"{constants.ENDPOINT}/{target.repository}"
    raise AssertionError("the last attempt returns or raises")


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
        with _forgiven(number):
            contents = _contents(self._folder)
            self._thread = threading.Thread(target=self._push, args=(contents, number), daemon=True)
            self._thread.start()

    def _push(self, contents: dict[str, bytes], number: int) -> None:
        with _forgiven(number):
            _commit(contents, self._target, f"Upload the model after epoch {number}")

    def finish(self) -> str:
        """Push the finished run; returns its address. The UserError says how to do it later."""
        if self._thread is not None:
            self._thread.join()
        try:
            return push(self._folder, self._target)
        except UserError as error:
            words: list[object] = ["push", self._folder, self._target.repository]
            words += ["--private"] if self._target.private else []
            words += ["--revision", self._target.revision] if self._target.revision else []
            raise UserError(
                f"the training is done and lies whole in {self._folder}, but was not pushed: {error}."
                f" Push it later with: {command(*words)}"
            ) from None


@contextmanager
def _forgiven(epoch: int) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever it is, the training is worth more
        _say(f"Epoch {epoch} was not pushed ({error}); the training goes on")


def _say(line: str) -> None:
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)  # above the bar of the training
