"""The commands of the project, run as a person would, and what they need."""

import asyncio
import contextlib
import io
import json
import os
import re
import runpy
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from helpers import forks

Result = TypeVar("Result")
ROOT = Path(__file__).parents[2]
# One for all tests: each new client reads every certificate of this machine.
WEB = httpx.Client(timeout=60, trust_env=False)


def in_a_loop(answer: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns. It gets a thread and a loop of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, answer).result()


def command(*arguments: object, timeout: float = 300, **environment: str) -> subprocess.CompletedProcess:
    """Run a Python command of the project as a person would."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def here(main: Callable[[list[str]], int], *arguments: object) -> subprocess.CompletedProcess:
    """The same in this process, which saves the seconds that importing torch takes; `main` is the command's."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # of argparse
            code = ended.code
    return subprocess.CompletedProcess(arguments, code, output.getvalue(), errors.getvalue())


def module(name: str, *arguments: object) -> subprocess.CompletedProcess:
    """`python -m name`, in this process too."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it was imported before it is run
        patch.setattr(sys, "argv", [name, *map(str, arguments)])
        return here(lambda words: runpy.run_module(name, run_name="__main__") and 0)


class Started(subprocess.Popen):
    """A command that ends when a test fails that was at work with it: nobody would wait for it for ever."""

    def __exit__(self, kind, *about):
        if kind is not None:
            self.kill()
        super().__exit__(kind, *about)


def start(
    *arguments: object, log: Path, cwd: Path = ROOT, fresh: bool = False, trains: bool = False, **environment: str
):
    """`command` without waiting for its end: a `Started` whose output is a pipe; its errors go to `log`.

    Unless it is to be `fresh`, it does not import again what the tests have imported (helpers/forks.py), nor, if
    it `trains`, what every training imports.
    """
    words, values = list(map(str, arguments)), {**os.environ, **environment}
    if forks.can_fork() and not fresh:
        return forks.Forked(words, log, cwd, values, trains)
    with log.open("w") as errors:
        return Started([sys.executable, *words], stdout=subprocess.PIPE, stderr=errors, text=True, cwd=cwd, env=values)


@contextlib.contextmanager
def opened(*checkpoints: Path, log: Path, fresh: bool = False, **environment: str):
    """`python app.py` with these checkpoints in a process of its own: (the process, its address). `log`: its errors."""
    flags = [word for folder in checkpoints for word in ("--checkpoint", str(folder))]
    words = (ROOT / "app.py", *flags)
    with start(*words, log=log, cwd=checkpoints[0].parent, fresh=fresh, **environment) as process:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line + log.read_text()
        yield process, address[0]
        process.kill()


def wait_for(path, process, log):
    for _ in range(1200):
        if path.exists():
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{path} did not appear")


def ask(address, name, *values):
    """Call an end point with raw JSON, as somebody with bad intentions would; returns the event stream."""
    url = f"{address}gradio_api/call/{name}"
    # In one session: gradio takes longer to make one than the page to answer.
    asked = json.dumps({"data": values, "session_hash": "somebody"})
    event = WEB.post(url, content=asked, headers={"Content-Type": "application/json"})
    if event.status_code != 200:
        return event.text
    return WEB.get(f"{url}/{event.json()['event_id']}").text
