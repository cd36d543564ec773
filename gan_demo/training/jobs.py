"""Trainings as processes of their own, in a queue: each outlives whoever started it, and is found again.

A job is a folder below a root, with what its process needs and what is known of it:

    job.json     the flags of `train.py`, the folder of the checkpoint, when it was made
    started      is there once somebody has started its process
    lock         the process holds the lock on it for as long as it lives, however it ends
    log.txt      what the training prints
    stop         asks the process to stop, which saves as Ctrl-C does
    ended.json   its exit code, and its last line
    room         makes room for `ended.json` where the disk is full
    spent        how many seconds its processes have lived so far

So the state of a job is read from the disk, each time, by whoever asks: a page that was ended and started again, or
another one. No process is ever known by its number, which might be another's by now. `gan_demo/cli/job.py` is what
runs in the process.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan_demo import files
from gan_demo.checkpoint import STATE_FILE
from gan_demo.errors import UserError

FOLDER = ".trainings"  # beside the checkpoints
JOB, STARTED, LOCK, LOG, STOP, ENDED = "job.json", "started", "lock", "log.txt", "stop", "ended.json"
SPENT = "spent"
QUEUE_LOCK, LOOKING = "queue.lock", "looking.lock"
MODULE = "gan_demo.cli.job"
STOPPED = (130, 143)  # exit codes after Ctrl-C and SIGTERM
GRACE = 30.0  # seconds that a process may take from its start to its lock: it imports torch first
MAX_LOG = 100_000  # bytes that are read of a log
CODE = Path(__file__).resolve().parents[2]

RUNNING, STOPPING, WAITING = "running", "stopping", "waiting"
FINISHED, STOPPED_STATE, FAILED, LOST = "finished", "stopped", "failed", "lost"
AT_WORK = (RUNNING, STOPPING)


@dataclass(frozen=True)
class Job:
    """What job.json says."""

    id: str
    place: Path  # the job's own folder
    folder: Path  # the checkpoint
    arguments: tuple[str, ...]  # flags of train.py, --output among them
    cwd: Path
    group: str  # jobs of one group run side by side
    made: float  # time.time(), or later: their order is that of the queue
    minutes: float | None = None  # of all its processes together, after which it is stopped
    about: tuple[tuple[str, Any], ...] = ()  # what whoever made it wants to remember

    @property
    def name(self) -> str:
        """The name of the checkpoint's folder."""
        return self.folder.name

    @property
    def can_go_on(self) -> bool:
        """Whether there is a state from which it can be resumed."""
        return (self.folder / STATE_FILE).is_file()

    @property
    def spent(self) -> float:
        """How many seconds its processes have lived, as they wrote down every few seconds."""
        seconds = _json(self.place / SPENT)
        return float(seconds) if type(seconds) in (int, float) and seconds > 0 else 0.0

    @property
    def is_over(self) -> bool:
        """Whether its minutes are used up, so that it cannot go on."""
        return self.minutes is not None and self.spent >= 60 * self.minutes


class Jobs:
    """The jobs below a root. Several pages, in several processes, may look after one root."""

    def __init__(
        self,
        root: str | Path,
        most: int = 20,
        launch: Callable[[Job], Any] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        """`most` jobs may wait at once; `launch` starts the process of a job, which has `poll()`."""
        self.root = Path(root)
        self.most = most
        self._launch = self._start_process if launch is None else launch
        self._environment = environment or {}
        self._looking = threading.Lock()
        self._processes: list[tuple[Job, int, Any]] = []  # with the moment of the start
        self._watcher: threading.Thread | None = None
        self._closed = threading.Event()

    # What there is

    def all(self) -> list[Job]:
        """Every job, the oldest first."""
        found = [job for path in self.root.glob(f"*/{JOB}") if (job := self._read(path.parent))]
        return sorted(found, key=lambda job: (job.made, job.id))

    def get(self, id: Any) -> Job:
        """The job of that id; raises UserError where there is none."""
        job = self._read(self.root / id) if isinstance(id, str) and _is_id(id) else None
        if job is None:
            raise UserError("there is no such training")
        return job

    def state(self, job: Job) -> str:
        """One of the states above, as it is now."""
        alive, ended = self._is_alive(job), self.ended(job)
        if alive or (ended is None and self._is_starting(job)):
            return STOPPING if (job.place / STOP).exists() else RUNNING
        if ended is not None:
            return FINISHED if ended["code"] == 0 else STOPPED_STATE if ended["code"] in STOPPED else FAILED
        return LOST if (job.place / STARTED).exists() else WAITING

    def began(self, job: Job) -> float:
        """When its last process was started, as time.time() has it; 0 where none was."""
        return _moment(job) / 1e9 if (job.place / STARTED).exists() else 0.0

    def ended(self, job: Job) -> dict[str, Any] | None:
        """The exit code and the last line of a job whose process has ended by itself."""
        said = _json(job.place / ENDED)
        if not isinstance(said, dict) or type(said.get("code")) is not int:
            return None
        return {"code": said["code"], "line": str(said.get("line") or "")}

    def turn(self, job: Job) -> int:
        """The place of a waiting job in the queue, from 1; 0 for one that does not wait."""
        waiting = [one.id for one in self.all() if self.state(one) == WAITING]
        return waiting.index(job.id) + 1 if job.id in waiting else 0

    def log(self, job: Job) -> str:
        """The last lines of what the training printed."""
        return read_log(job.place / LOG)

    # What can be done

    def add(
        self, arguments: Sequence[str], folder: str | Path, group: str = "", minutes: float | None = None, **about: Any
    ) -> Job:
        """Put a training with these flags into the queue, and start it where none is at work; returns its job.

        `folder` gets the checkpoint. Raises UserError where too many wait, or a job is at work in that folder.
        """
        folder = Path(folder).absolute()
        with self._alone():
            known = [(job, self.state(job)) for job in self.all()]
            if sum(state == WAITING for _, state in known) >= self.most:
                raise UserError(f"{self.most} trainings are waiting already: try again later")
            if any(job.folder == folder and state in (*AT_WORK, WAITING) for job, state in known):
                raise UserError(f"a training is at work in {folder.name}, or waits for it: choose another name")
            id = secrets.token_urlsafe(16)
            # After all others, also where the clock was set back.
            made = max([time.time(), *(one.made + 1e-3 for one, _ in known)])
            job = Job(
                id,
                self.root / id,
                folder,
                (*arguments, "--output", str(folder)),
                Path.cwd(),
                group or id,
                made,
                minutes,
                tuple(about.items()),
            )
            self._write(job)
        self.look_after()
        return job

    def stop(self, job: Job) -> None:
        """Ask a training to save and stop; one that waits is taken out of the queue. Others are as they are."""
        with self._alone():
            state = self.state(job)
            if state == WAITING:
                self._end(job, STOPPED[0], "")
            elif state == RUNNING:
                (job.place / STOP).touch()

    def go_on(self, job: Job) -> None:
        """Put a training that has stopped, was lost or has failed into the queue again: it goes on where it was saved.

        Raises UserError where it has finished, or has had its minutes.
        """
        with self._alone():
            state = self.state(job)
            if state in (*AT_WORK, WAITING):
                return
            if state == FINISHED:
                raise UserError("this training has finished: train on from its model")
            if job.is_over:
                raise UserError(f"this training has had its {job.minutes:g} minutes")
            for name in (ENDED, STOP, STARTED, LOCK):
                (job.place / name).unlink(missing_ok=True)
        self.look_after()

    def remove(self, job: Job, checkpoint: bool = False) -> None:
        """Forget a training that is not at work; with `checkpoint`, delete its model, too. Raises UserError."""
        with self._alone():
            if self.state(job) in AT_WORK:
                raise UserError("this training is at work: stop it first")
            if checkpoint:
                shutil.rmtree(job.folder, ignore_errors=True)
            shutil.rmtree(job.place, ignore_errors=True)

    def look_after(self) -> None:
        """Start what is next, now and, from a thread that ends with the queue, whenever a training has ended."""
        if self._step() and not self._closed.is_set():
            with self._looking:
                if self._watcher is None or not self._watcher.is_alive():
                    self._watcher = threading.Thread(target=self._watch, name="trainings", daemon=True)
                    self._watcher.start()

    def close(self, stop: bool = False, patience: float = 20.0) -> None:
        """Look after nothing any more; with `stop`, end all trainings and wait for them."""
        self._closed.set()
        if not stop:
            return
        for job in self.all():
            self.stop(job)
        until = time.monotonic() + patience
        while time.monotonic() < until and any(self.state(job) in AT_WORK for job in self.all()):
            time.sleep(0.1)

    # How

    def _watch(self) -> None:
        while not self._closed.wait(1.0):
            if not self._step():
                return

    def _step(self) -> bool:
        """Start what may start; returns whether there is anything left to look after."""
        with self._alone():
            for job, began, process in list(self._processes):
                if process.poll() is not None:
                    self._processes.remove((job, began, process))
                    with contextlib.suppress(OSError):  # it has been removed
                        if _moment(job) == began:  # nobody has started it again meanwhile
                            os.utime(job.place / STARTED, (0, 0))  # it starts no more
            known = [(job, self.state(job)) for job in self.all()]
            groups = {job.group for job, state in known if state in AT_WORK}
            for job, state in known:
                if state == WAITING and (not groups or job.group in groups):
                    groups.add(job.group)
                    self._start(job)
            return bool(self._processes) or any(state in (*AT_WORK, WAITING) for _, state in known)

    def _start(self, job: Job) -> None:
        (job.place / STARTED).touch()
        self._processes.append((job, _moment(job), self._launch(job)))

    def _start_process(self, job: Job) -> Any:
        environment = {**environment_of_a_training(), **self._environment}
        with (job.place / LOG).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", MODULE, str(job.place)],
                cwd=job.cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **detached(),
            )

    def _is_alive(self, job: Job) -> bool:
        if not (job.place / LOCK).exists():
            return False
        try:
            # One at a time, whatever process it is in: a lock that is tried looks taken to who tries it, too.
            with self._looking, FileLock(self.root / LOOKING), FileLock(job.place / LOCK, blocking=False):
                return False
        except Timeout:
            return True
        except OSError:  # the folder is being removed
            return False

    def _is_starting(self, job: Job) -> bool:
        """Whether its process was started a moment ago, and has not taken its lock yet."""
        with contextlib.suppress(OSError):
            if (job.place / LOCK).exists():  # it is there a moment before it is taken
                return abs(time.time() - (job.place / LOCK).stat().st_mtime) < 1
            return abs(time.time() - (job.place / STARTED).stat().st_mtime) < GRACE
        return False

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other pages and threads from changing the queue."""
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / QUEUE_LOCK, thread_local=False):
            yield

    def _read(self, place: Path) -> Job | None:
        said = _json(place / JOB)
        try:
            return Job(
                place.name,
                place,
                Path(said["folder"]),
                tuple(map(str, said["arguments"])),
                Path(said["cwd"]),
                str(said["group"]),
                float(said["made"]),
                None if said.get("minutes") is None else float(said["minutes"]),
                tuple(dict(said.get("about") or {}).items()),
            )
        except (TypeError, KeyError, ValueError):
            return None

    def _write(self, job: Job) -> None:
        content = {
            "folder": str(job.folder),
            "arguments": job.arguments,
            "cwd": str(job.cwd),
            "group": job.group,
            "made": job.made,
            "minutes": job.minutes,
            "about": dict(job.about),
        }
        files.write_json(job.place / JOB, content)

    def _end(self, job: Job, code: int, line: str) -> None:
        files.write_json(job.place / ENDED, {"code": code, "line": line})


def arguments_of(job: Job) -> list[str]:
    """The flags with which the process of a job trains: those of its beginning, or those that go on with it.

    Settings are those of the saved state; what else was asked for holds again.
    """
    if not job.can_go_on:
        return list(job.arguments)
    kept = ["--resume", "--output", str(job.folder)]
    if "--data-dir" in job.arguments:
        at = job.arguments.index("--data-dir")
        kept += job.arguments[at : at + 2]
    return [*kept, *(flag for flag in ("--no-best-response", "--no-typical") if flag in job.arguments)]


def read(place: Path) -> Job:
    """The job in a folder; raises UserError where there is none."""
    return Jobs(place.parent).get(place.name)


def read_log(path: Path, start: bool = False) -> str:
    """The last (or first) lines of a log, as a terminal would show them: what was overwritten is left out."""
    try:
        with path.open("rb") as file:
            file.seek(0 if start else max(0, path.stat().st_size - MAX_LOG))
            text = file.read(MAX_LOG).decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(line.rpartition("\r")[2] for line in text.replace("\r\n", "\n").split("\n"))


def environment_of_a_training() -> dict[str, str]:
    """The variables of a training's process: its Python finds this code, and its log is UTF-8."""
    path = os.pathsep.join(filter(None, (str(CODE), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def detached() -> dict[str, Any]:
    """How a process is started that the end of this one, and Ctrl-C in its terminal, leave alone."""
    if os.name == "posix":
        return {"start_new_session": True}
    return {"creationflags": 0x00000200 | 0x00004000 | 0x08000000}  # own group, below normal priority, no window


def _moment(job: Job) -> int:
    """When the process of a job was started."""
    return (job.place / STARTED).stat().st_mtime_ns


def _is_id(text: str) -> bool:
    return 10 <= len(text) <= 40 and all(letter.isalnum() or letter in "-_" for letter in text) and text.isascii()


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
