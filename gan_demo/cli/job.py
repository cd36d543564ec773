"""The process of a training that was started from the page: python -m gan_demo.cli.job FOLDER

It runs `train.py`'s own command with the flags that `training/jobs.py` wrote down, and differs from it in four things.
It holds a lock for as long as it lives, by which it is found; a file stops it, as Ctrl-C would; it leaves the processor
to others first; and its exit code is written down. Nobody types this command, so it is not in the table of commands.
"""

import _thread
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from gan_demo import cli, files
from gan_demo.cli import outcome
from gan_demo.training import jobs

NICE = 10  # the page, and whatever else the person does, goes first
LOOKS = 0.2  # seconds from one look at the file that stops it to the next
ROOM = "room"  # a file that is removed to make room for `ended.json`, where the disk has filled up meanwhile
ROOM_BYTES = 8192
COUNTS = 2.0  # seconds from one note of the time that it has taken to the next


def main(words: Sequence[str] | None = None) -> int:
    """Train, and return the exit code of the command."""
    (folder,) = sys.argv[1:] if words is None else words
    place = Path(folder)
    with FileLock(place / jobs.LOCK, timeout=jobs.GRACE):
        job = jobs.read(place)
        _let_others_go_first()
        # Whoever was started in the background of a shell ignores it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stopping = threading.Thread(target=_wait_for_stop, args=(job,), daemon=True)
        stopping.start()
        with contextlib.suppress(OSError):
            files.write_bytes(place / ROOM, b"0" * ROOM_BYTES)
        said: list[str] = []

        def say(*lines: object) -> None:
            outcome.tell(*lines)
            said.extend(map(str, lines))

        try:
            # The page has said how long it will take.
            code = cli.run("train", [*jobs.arguments_of(job), "--no-forecast"], "train.py", say)
        except SystemExit as error:  # flags that are not understood
            code = error.code if isinstance(error.code, int) else 1
        except KeyboardInterrupt:
            code = jobs.STOPPED[0]
        except BaseException:
            _write_end(place, 1, said)
            raise
        _write_end(place, code, said)
    return code


def _let_others_go_first() -> None:
    """Lower the priority of this process; Windows has started it with a lower one."""
    lower, session = getattr(os, "nice", None), getattr(os, "getsid", None)
    if lower is None or session is None:
        return
    lower(NICE)
    # Linux shares the processor among sessions first, and the page is in another: there, nice alone does nothing.
    if session(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE), encoding="utf-8")


def _write_end(place: Path, code: int, said: list[str]) -> None:
    """Write down how it ended; what it `said` last may be missing in a log on a full disk."""
    for output in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            output.flush()
    lines = said or [line.strip() for line in jobs.read_log(place / jobs.LOG).splitlines() if line.strip()]
    with contextlib.suppress(OSError):
        (place / ROOM).unlink(missing_ok=True)
        files.write_json(place / jobs.ENDED, {"code": code, "line": lines[-1][:500] if lines else ""})


def _wait_for_stop(job: jobs.Job) -> None:
    """Interrupt the main thread once, as Ctrl-C does, when it is asked for or the time is over.

    The time is that of all parts of a training, those that were killed, too: it is written down on the way.
    """
    began, noted = time.monotonic() - job.spent, -COUNTS
    while True:
        spent = time.monotonic() - began
        over = job.minutes is not None and spent >= 60 * job.minutes
        if not (job.place / jobs.JOB).exists():  # its page was killed, and the next one has deleted what that left
            os._exit(1)  # nobody can have what it makes: saving it would only fill the disk
        stops = over or (job.place / jobs.STOP).exists()
        if job.minutes is not None and (stops or spent >= noted + COUNTS):
            noted = spent
            with contextlib.suppress(OSError):  # the disk is full
                files.write_bytes(job.place / jobs.SPENT, b"%.1f" % spent, flush=False)
        if stops:
            break
        time.sleep(LOOKS)
    _thread.interrupt_main(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
