"""Commands in processes of their own that need not import torch and gradio again, which takes four seconds.

Each process of pytest keeps a copy of itself as it was before its first test, and what is asked for is forked from that
copy. It has memory, signals, environment, folder, output and an end of its own; what was imported, it has already.
Where a test is about importing, or about what happens meanwhile, the start has to be a real one.
"""

import atexit
import faulthandler
import importlib
import io
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import types
from pathlib import Path

READ_WHEN_IMPORTED = ("huggingface_hub.constants",)  # variables of the environment
FOR_TRAINING = ("sklearn.datasets", "torch._dynamo")  # --dataset digits; whoever makes an optimizer
_line = None  # to the copy


def keep_a_copy(of_many: bool = False) -> None:
    """Fork the copy, which ends when this process does. Where forks do not hold, every start stays a real one.

    One `of_many` processes of a whole run will train in itself and in its copy: what that needs is imported before.
    """
    global _line
    if _line is None and sys.platform == "linux":
        if of_many:
            _import_for_training()
        _line, theirs = _pair()
        if os.fork() == 0:
            try:
                _line.close()
                _be_the_copy(theirs)
            finally:
                os._exit(1)  # whatever happens, there is no second pytest
        theirs.close()


def _pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # what is sent at once comes at once


def _import_for_training():
    for name in FOR_TRAINING:
        importlib.import_module(name)


def can_fork() -> bool:
    return _line is not None


class Forked:
    """As `Started([sys.executable, *words], stdout=PIPE, stderr=log, text=True)` of helpers/commands.py.

    The words are a file and its arguments, or "-c", a program, and its arguments.
    """

    def __init__(self, words, log, cwd, env, trains=False):
        self._reports, reports = _pair()
        read, write = os.pipe()
        self.stdout = os.fdopen(read, encoding="utf-8", errors="replace")
        with log.open("w") as errors, tempfile.TemporaryFile() as order, reports:
            order.write(json.dumps([list(map(str, words)), str(cwd), dict(env)]).encode())
            order.seek(0)
            socket.send_fds(
                _line, [b"t" if trains else b"r"], [reports.fileno(), order.fileno(), write, errors.fileno()]
            )
        os.close(write)
        self.pid, self.returncode = int(self._reports.recv(20)), None

    def poll(self):
        return self._ended(0)

    def wait(self, timeout=None):
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired("a forked command", timeout)
        return self.returncode

    def _ended(self, timeout):
        if self.returncode is None:
            self._reports.settimeout(timeout)
            try:
                self.returncode = int(self._reports.recv(20))
            except (BlockingIOError, TimeoutError):
                return None
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, kind, *about):
        if kind is not None:
            self.kill()
        self.stdout.close()
        self.wait()
        self._reports.close()


def _be_the_copy(line):
    """Fork for each order, until the other end of the line is closed."""
    # What was open is nothing now, above all the ends of pipes that others wait for. But its numbers stay taken: an
    # object of before, which closes its own when it is collected as garbage, would close what a command has opened.
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number not in (line.fileno(), nothing):
            os.dup2(nothing, number, inheritable=number < 3)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C goes to all of a terminal's processes
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who watch
    while True:
        word, given, *_ = socket.recv_fds(line, 1, 4)
        if not word:
            os._exit(0)
        if word == b"t":
            _import_for_training()  # once, and not in each fork
        if os.fork() == 0:
            line.close()
            _watch(*given)
        for number in given:
            os.close(number)


def _watch(reports, order, output, errors):
    """Fork the command, and report its number and how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(reports)
        _run(order, output, errors)
    os.write(reports, b"%d" % pid)
    for number in (order, output, errors):
        os.close(number)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(reports, b"%d" % ended)
    os._exit(0)


def _run(order, output, errors):
    """Be a Python that was just started with these words."""
    code = 1
    try:
        with os.fdopen(order, "rb") as paper:
            words, cwd, environment = json.load(paper)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        os.close(errors)
        encoding = environment.get("PYTHONIOENCODING", "utf-8")
        out, told = (io.BufferedWriter(io.FileIO(number, "w", closefd=False)) for number in (1, 2))
        sys.stdout = io.TextIOWrapper(out, encoding)
        sys.stderr = io.TextIOWrapper(told, encoding, "backslashreplace", line_buffering=True)
        faulthandler.enable(sys.stderr)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(cwd)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        atexit._clear()  # what pytest does at its end
        tempfile.tempdir = None  # the environment may name another
        random.seed()
        for imported in map(sys.modules.get, READ_WHEN_IMPORTED):
            if imported:
                importlib.reload(imported)
        code = _ended(words)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _ended(words):
    """Run the program; returns its exit code."""
    sys.argv = words
    try:
        if words[0] == "-c":
            sys.argv = ["-c", *words[2:]]
            module = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(words[1], module.__dict__)
        else:
            sys.path.insert(0, str(Path(words[0]).parent))
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as left:
        if left.code is None or isinstance(left.code, int):
            return left.code or 0
        print(left.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0
