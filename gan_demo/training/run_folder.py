"""The folder of a run: whether one may start in it, and the state from which a stopped one goes on."""

import contextlib
import dataclasses
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from gan_demo import data, distributed, files
from gan_demo.checkpoint import (
    BEST_RESPONSE_FILE,
    BEST_RESPONSE_WEIGHTS,
    CARD_FILE,
    CONFIG_FILE,
    DIRECTIONS_FILE,
    EPOCHS_FOLDER,
    HISTORY_FILE,
    METRICS_FILE,
    OUTPUTS_FILE,
    SAMPLES_FILE,
    SNAPSHOTS_FOLDER,
    STATE_FILE,
    TYPICAL_FILE,
    WEIGHTS_FILE,
    read_config,
)
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.settings import Settings, switch
from gan_demo.shell import quoted
from gan_demo.training import live, loggers
from gan_demo.training.history_writer import HistoryWriter, write_samples
from gan_demo.training.iteration import Trainer

CHECKPOINT_FILES = (
    *(CONFIG_FILE, WEIGHTS_FILE, CARD_FILE, METRICS_FILE),
    *(HISTORY_FILE, SAMPLES_FILE, DIRECTIONS_FILE, TYPICAL_FILE),
    *(BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS),
)
# A run that ends before it has saved a state leaves some of these. The card is not among them: it is written last, and
# a README.md may be of anything.
FOLDERS = (SNAPSHOTS_FOLDER, EPOCHS_FOLDER, live.FOLDER, loggers.FOLDER)
EARLY_FILES = {*CHECKPOINT_FILES, *FOLDERS} - {CARD_FILE}


LOCK_FILE = ".lock"  # is there while a run writes here; the lock on it ends with the process, however that ends


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs out of `folder`, which is made; raises UserError where one is in it.

    Of several processes that train together the first keeps others out.
    """
    if not distributed.first():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder)
    try:
        yield
    finally:
        if lock:
            # Before the lock ends, where the system lets us: afterwards it may be another run's.
            with contextlib.suppress(OSError):
                (folder / LOCK_FILE).unlink(missing_ok=True)
            lock.release()


def _lock(folder: Path) -> FileLock | None:
    """The lock on a folder; None where the file system knows no locks. Raises UserError where a run has it."""
    lock = FileLock(folder / LOCK_FILE, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            f"a training is at work in {folder}: wait until it has ended, or choose another folder with --output"
        ) from None
    except PermissionError:
        raise UserError(f"{folder} cannot be written (Permission denied)") from None
    except (OSError, NotImplementedError):
        return None
    return lock


def check_folder(folder: Path, resume: bool, overwrite: bool) -> None:
    """Raise UserError unless a run may write into `folder`, and can."""
    _check_content(folder, resume, overwrite)
    if distributed.first():
        files.check_writable(folder)


def _check_content(folder: Path, resume: bool, overwrite: bool) -> None:
    if (folder / LOCK_FILE).exists():  # first of all: what a run is at work on is neither finished nor stopped
        with alone(folder):
            pass
    holds_state, holds_model = (folder / STATE_FILE).exists(), (folder / WEIGHTS_FILE).exists()
    if resume and not holds_state:
        if holds_model:
            origin = f"{quoted(folder)}{_same_pictures(read_config(folder).dataset)}"
            raise UserError(
                f"nothing to resume: {folder} holds a finished run, over whose epochs the learning rate fell to 0."
                f" A new run goes on from its weights: --init-from {origin}, with --epochs and another --output"
            )
        raise UserError(f"nothing to resume: {folder} holds no run; leave out --resume to start one")
    if resume or not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file: name a folder with --output")
    if not (holds_state or holds_model):
        if any(path.name != LOCK_FILE for path in folder.iterdir()) and not _is_unfinished(folder):
            raise UserError(f"{folder} holds other files: name a new folder with --output")
    elif not overwrite:
        resumable = "--resume to go on with it, " if holds_state else ""
        raise UserError(
            f"{folder} already holds a model: add {resumable}--overwrite to replace it, or --output with another folder"
        )


def _same_pictures(dataset: str | None) -> str:
    """The flag without which a run that begins with a model's weights would have other pictures than that had."""
    return "" if dataset in (None, "", Settings.dataset) else f" --dataset {quoted(dataset)}"


def _is_unfinished(folder: Path) -> bool:
    """Whether `folder` holds nothing but what a run left that saved neither a state nor a model."""
    names = {path.name for path in folder.iterdir() if not files.is_temporary(path)} - {LOCK_FILE}
    drawn = folder / SNAPSHOTS_FOLDER
    return (
        bool(names & {SNAPSHOTS_FOLDER, HISTORY_FILE, live.FOLDER})  # the other names are anybody's
        and names <= EARLY_FILES
        and all(_is_of_snapshots(path) for path in (drawn.iterdir() if drawn.is_dir() else ()))
    )


def _is_of_snapshots(path: Path) -> bool:
    return path.match("epoch-*.png") or path.name == OUTPUTS_FILE or files.is_temporary(path)


def read_settings(folder: str | Path) -> Settings:
    """The settings of the stopped run in `folder`; raises UserError."""
    return _settings(Path(folder), _read_state(Path(folder)))


def _settings(folder: Path, state: dict[str, Any]) -> Settings:
    try:
        return Settings(**state["settings"])  # states of earlier versions lack some, and did what the defaults do
    except TypeError:
        raise UserError(f"{folder} was started by another version of this project: start again") from None


def check_same(folder: Path, own: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise UserError that names each wanted setting which the run in `folder` was not started with.

    Whether iterations are recorded may change: it is about speed alone.
    """
    differ = []
    for name, value in wanted.items():
        if value != own.get(name) and name != "graph":
            if flag := switch(name):
                asked_for = value is not flag.startswith("--no-")
                differ.append(f"{flag} was {'not given' if asked_for else 'given'}")
            else:
                differ.append(f"--{name.replace('_', '-')} is {value} and was {own.get(name)}")
    if differ:
        why = ""
        if {"epochs", "max_steps"} & {name for name, value in wanted.items() if value != own.get(name)}:
            why = (
                ". The learning rate falls to 0 over the epochs that a run began with: let it end, then go on from its"
                f" weights with --init-from{_same_pictures(own.get('dataset'))}"
            )
        raise UserError(f"{folder} was started with other settings: {'; '.join(differ)}{why}")


def save(trainer: Trainer, writer: HistoryWriter, folder: Path) -> None:
    """Write the state from which the run goes on, and the checkpoint as it is now.

    The state comes first. A folder with weights and without a state is a finished run, with which no run goes on; one
    that was killed in between writes its checkpoint when it goes on.
    """
    buffer = io.BytesIO()
    torch.save(
        {
            "settings": dataclasses.asdict(trainer.begun),  # what was changed since is in the trainer's state
            "trainer": trainer.state.state_dict(),
            "pictures_sha256": trainer.pictures_sha256,
            "origin": trainer.origin,
            "log": vars(writer),
        },
        buffer,
    )
    files.write_bytes(folder / STATE_FILE, buffer.getvalue())
    _write_checkpoint(trainer, writer, folder)


def save_in_need(trainer: Trainer, writer: HistoryWriter, folder: Path) -> None:
    """`save` where something else could not be written; for it the epochs that could be played again make room."""
    for _ in range(2):
        with contextlib.suppress(OSError):
            save(trainer, writer, folder)
            return
        shutil.rmtree(folder / EPOCHS_FOLDER, ignore_errors=True)


def _write_checkpoint(trainer: Trainer, writer: HistoryWriter, folder: Path) -> None:
    gan = trainer.gan()
    gan.save_pretrained(folder, half=True)  # `state.pt` has them whole
    write_samples(gan, folder / SAMPLES_FILE)
    writer.write(folder / HISTORY_FILE, trainer)


def keep(gan: GAN | None, trainer: Trainer, writer: HistoryWriter, folder: Path) -> str:
    """Write the history and the model of the last good epoch of a run that cannot go on; returns what is kept."""
    if writer.epochs:
        writer.write(folder / HISTORY_FILE, trainer)
    if gan is None:
        return "no epoch was finished, so no weights are kept"
    gan.save_pretrained(folder, half=True)
    write_samples(gan, folder / SAMPLES_FILE)
    return f"the weights of epoch {gan.config.training['epochs_done']} are kept in {folder}"


def _read_state(folder: Path) -> dict[str, Any]:
    path = folder / STATE_FILE
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        _check_content(folder, resume=True, overwrite=False)
        raise
    except Exception as error:  # torch.load has no error of its own
        raise UserError(f"{path} cannot be read ({' '.join(str(error).split())[:200]})") from None


def load_state(folder: Path, trainer: Trainer, writer: HistoryWriter) -> None:
    """Bring `trainer` and `writer` to where the run in `folder` stopped; raises UserError."""
    saved = _read_state(folder)
    own, wanted = dataclasses.asdict(_settings(folder, saved)), dataclasses.asdict(trainer.begun)
    if own["dataset"] not in data.SOURCES and "pictures_sha256" in saved:
        own["dataset"] = wanted["dataset"]  # wherever they are now, they are compared below
    check_same(folder, own, wanted)
    was, now = len(saved["trainer"]["order"]), len(trainer.images)
    # States of earlier versions have no checksum.
    if was != now or saved.get("pictures_sha256", trainer.pictures_sha256) != trainer.pictures_sha256:
        raise UserError(
            f"the pictures of {trainer.settings.dataset} have changed since {folder} was stopped (for training: {was}"
            f" then, {now} now): bring those back, or start again with --overwrite"
        )
    trainer.load_state_dict(saved["trainer"])
    trainer.origin = saved.get("origin", {})
    vars(writer).update(saved["log"])
    if distributed.first():
        _write_checkpoint(trainer, writer, folder)  # it may be of an earlier state


def clear(folder: Path) -> None:
    """Remove what an earlier run left; `check_folder` has seen that it may go."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (STATE_FILE, *CHECKPOINT_FILES):
        (folder / name).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
