"""The process that starts those of a group, and looks after them. Here they are small programs that serve nothing."""

import os
import signal
import sys
import threading
import time

import pytest

from gan_demo import UserError
from gan_demo.cli import page, workers

OPEN = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"


@pytest.fixture
def play(monkeypatch):
    """Serve with processes that run `program`, do what `meanwhile` does while they are open, and then press Ctrl-C."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def play(program, meanwhile):
        made = []

        class Process(workers._Process):
            def __init__(self, *arguments):
                super().__init__(*arguments)
                self._command = [sys.executable, "-c", program]
                made.append(self)

        monkeypatch.setattr(workers, "_Process", Process)
        monkeypatch.setattr(workers, "LOOKS", 0.05)
        options = page.parser("app.py").parse_args(["--workers", "2", "--port", "1"])

        def act():
            try:
                while len(made) < 2 or not all(process._open.is_set() for process in made):
                    time.sleep(0.02)
                meanwhile([process._process for process in made], made)
            finally:
                os.kill(os.getpid(), signal.SIGINT)

        acting = threading.Thread(target=act)
        acting.start()
        try:
            workers.serve(options, "127.0.0.1", page.any_port())
        finally:
            acting.join()
        return [process._process for process in made]

    yield play
    for number, handler in before.items():
        signal.signal(number, handler)


def test_one_that_ends_is_started_again_and_in_the_end_all_have_ended(play, capsys):
    def kill_one(processes, made):
        processes[1].kill()
        while made[1]._process is processes[1]:
            time.sleep(0.02)
        assert processes[0].poll() is None

    last = play(OPEN, kill_one)
    assert all(process.poll() is not None for process in last)
    assert "2 processes\n\nClosed." in capsys.readouterr().out


@pytest.mark.parametrize("program, ends", [("raise SystemExit(2)", SystemExit), ("print()", UserError)])
def test_it_is_not_tried_for_ever(play, program, ends, monkeypatch):
    """What cannot start ends the command with its exit code; what ends again and again ends it in words."""
    with pytest.raises(ends, match="2|again and again"):
        play(program, lambda processes, made: time.sleep(2)) if ends is UserError else _alone(monkeypatch, program)


def _alone(monkeypatch, program):
    start = workers._Process.start

    def instead(self):
        self._command = [sys.executable, "-c", program]
        start(self)

    monkeypatch.setattr(workers._Process, "start", instead)
    workers.serve(page.parser("app.py").parse_args(["--workers", "2"]), "127.0.0.1", page.any_port())
