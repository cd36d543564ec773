"""gan-demo page --workers N: N processes that serve one page, started and looked after by this one.

Each is `gan-demo page` itself, with a variable that tells it of its group (gan_demo/ui/group.py). The system shares out
the connections. This process imports neither torch nor gradio; it starts anew whichever of them ends.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gan_demo.errors import UserError
from gan_demo.ui import temporary
from gan_demo.ui.group import VARIABLE, Group

MOST = 64
LOOKS = 0.3  # seconds from one look at the processes to the next
QUICK = 20.0  # seconds: a process that ends sooner has not served anybody
TRIES = 3  # such ends in a row, and nobody tries again
PATIENCE = 20.0  # seconds in which processes may end by themselves
CODE = Path(__file__).resolve().parents[2]


def serve(options: argparse.Namespace, host: str, port: int) -> None:
    """Serve the page with several processes until Ctrl-C. Raises UserError, or SystemExit where the first one ended."""
    if not 2 <= options.workers <= MOST:
        raise UserError(f"--workers is a number from 1 to {MOST}, not {options.workers}")
    if not hasattr(socket, "SO_REUSEPORT"):
        raise UserError("--workers needs a system whose processes can share a port: Linux or macOS")
    if options.share:
        raise UserError("--workers and --share cannot be had together: the public address leads to one process")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as until_the_end:
        folder = until_the_end.enter_context(temporary.own_folder())
        groups = [
            Group(folder, index, options.workers, host, port, secret)
            for secret in [secrets.token_hex(16)]
            for index in range(options.workers)
        ]
        until_the_end.enter_context(groups[0].listen())  # nobody else takes the port; nobody listens here
        processes = until_the_end.enter_context(_ended(options, groups))
        # The first one alone: what is wrong with the flags is said once, and a model is fetched once.
        for started in (processes[:1], processes[1:]):
            for process in started:
                process.start()
            for process in started:
                if code := process.wait_until_open(stop):
                    raise SystemExit(code)
        if not stop.is_set():
            shown = "localhost" if host == "0.0.0.0" else host
            print(f"The page is at http://{shown}:{port}/ (Ctrl-C ends it), {options.workers} processes", flush=True)
        while not stop.wait(LOOKS):
            for process in processes:
                process.look_after()
        print("\nClosed.", flush=True)


class _Process:
    """One of them, and its successors."""

    def __init__(self, options: argparse.Namespace, group: Group) -> None:
        self._group = group
        flags = [word for name in options.checkpoint for word in ("--checkpoint", name)]
        flags += ["--host", group.host, *(["--mcp"] if options.mcp else [])]
        flags += ["--allow-training", options.allow_training] if options.allow_training else []
        self._command = [sys.executable, "-m", "gan_demo", "page", *flags]
        self._process: subprocess.Popen[bytes] | None = None
        self._open = threading.Event()
        self._born = 0.0
        self._quick = 0

    def start(self) -> None:
        path = os.pathsep.join(filter(None, (str(CODE), os.environ.get("PYTHONPATH"))))
        told = {VARIABLE: self._group.told(), "TMPDIR": str(self._group.folder), "PYTHONPATH": path}
        self._born = time.monotonic()
        self._process = subprocess.Popen(
            self._command, env={**os.environ, **told}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        """It says when it is open; what else it says is said by us."""
        for _ in process.stdout or ():
            self._open.set()

    def wait_until_open(self, stop: threading.Event) -> int:
        """0 once it is open, or it is not waited for any more; or the exit code with which it has ended."""
        while not (self._open.wait(LOOKS) or stop.is_set()):
            if self._process is not None and (code := self._process.poll()) is not None:
                return code
        return 0

    def look_after(self) -> None:
        """Start it anew where it has ended. Raises UserError where that does not help."""
        if self._process is None or self._process.poll() is None:
            return
        self._quick = self._quick + 1 if time.monotonic() - self._born < QUICK else 0
        if self._quick >= TRIES:
            raise UserError(f"process {self._group.number} of the page ends again and again: see what it says above")
        self.start()

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self, until: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def _ended(options: argparse.Namespace, groups: list[Group]) -> Iterator[list[_Process]]:
    """The processes; all have ended when this does."""
    processes = [_Process(options, group) for group in groups]
    try:
        yield processes
    finally:
        for process in processes:
            process.ask_to_end()
        until = time.monotonic() + PATIENCE
        for process in processes:
            process.end(until)
