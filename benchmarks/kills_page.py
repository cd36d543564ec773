"""`kill -9` of the page and of the trainings that it started, at random moments: is anything lost that was saved?

    python benchmarks/kills_page.py                  12 kills, a few minutes; Linux only
    python benchmarks/kills_page.py --kills 40 --seed 7

`python app.py` trains the default MLP on the bundled digits, started as its form does it. Then at a random moment the
page is killed, and another is started; or the training is, and the page is asked to go on. A page that comes back must
find the training at work, and further than before. A training that was killed must have left every file whole and a
state that is no older than the one before, and must go on from it. At the end it is stopped, which saves.
Prints one line of figures; exit code 1 where something was wrong.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from draw_speed import ask
from kills import damages

from gan_demo.checkpoint import STATE_FILE
from gan_demo.training import jobs, live

ROOT = Path(__file__).parent.parent
PATIENCE = 120  # seconds for whatever is waited for
SAVED = 12.0  # seconds after which a training that goes on has saved once more


def main() -> int:
    """Kill, look, go on; print what is wrong and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    dice, started = random.Random(options.seed), time.monotonic()
    problems: list[str] = []
    killed = {"page": 0, "training": 0}
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log.txt"
        with contextlib.ExitStack() as at_the_end:
            page, address = opened(Path(place), log)
            at_the_end.callback(lambda: page.kill())
            (id,) = ask(address, "start", model="mlp", dataset="digits", epochs=100_000, name="run")["ids"]
            folder, job = Path(place) / "runs" / "run", Path(place) / "runs" / jobs.FOLDER / id
            at_the_end.callback(end, job)
            eventually(lambda: step_of(folder) > 0, "the first step")
            for number in range(options.kills):
                time.sleep(dice.uniform(0, SAVED))
                if number % 2:
                    killed["training"] += 1
                    problems += kill_training(address, id, job, folder)
                else:
                    killed["page"] += 1
                    before = step_of(folder)
                    page.kill()
                    page.wait()
                    page, address = opened(Path(place), log)
                    eventually(lambda before=before: step_of(folder) > before, "a step without the page")  # type: ignore[misc]
                    if (state := state_of(address, id)) != jobs.RUNNING:
                        problems.append(f"the page found the training {state}")
            ask(address, "stop", id=id)
            eventually(lambda: state_of(address, id) == jobs.STOPPED_STATE, "the stop")
            problems += harmed(folder)
            last = saved_step(folder)
            page.kill()
            page.wait()
    for problem in problems:
        print(f"WRONG {problem}", flush=True)
    print(
        f"{killed['page']} kills of the page and {killed['training']} of its training: {len(problems)} things wrong, "
        f"{last:,} steps saved at the end, {time.monotonic() - started:.0f} s"
    )
    return int(bool(problems))


def opened(place: Path, log: Path) -> tuple[subprocess.Popen, str]:
    """The page in a process of its own, started in `place`, and its address."""
    with log.open("ab") as errors:
        page = subprocess.Popen(
            [sys.executable, ROOT / "app.py"], cwd=place, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        )
    line = page.stdout.readline() if page.stdout else ""
    if "http://" not in line:
        raise SystemExit(f"app.py did not start: {log.read_text(encoding='utf-8')}")
    return page, "http://" + line.partition("http://")[2].split()[0]


def kill_training(address: str, id: str, job: Path, folder: Path) -> list[str]:
    """Kill the training, look at what it left, and have the page go on with it; returns what is wrong."""
    before = saved_step(folder)
    end(job)
    eventually(lambda: state_of(address, id) == jobs.LOST, "the end")
    problems, left = harmed(folder), saved_step(folder)
    if left < before:
        problems.append(f"step {before} was saved, and step {left} is there")
    asked = time.time()
    ask(address, "go-on", id=id)
    eventually(lambda: step_of(folder) >= 0 and (live.read(folder) or {"at": 0})["at"] > asked, "a look after going on")
    if step_of(folder) < left:
        problems.append(f"it goes on at step {step_of(folder)}, not {left}")
    return problems


def harmed(folder: Path) -> list[str]:
    """What cannot be read in the folder of a run, but for the page's own mark, which is empty."""
    return [line for line in damages(folder) if not line.startswith(f"{live.FOLDER}/{live.WATCHED} ")]


def end(job: Path) -> None:
    """Kill the process of a training: that whose command names its folder."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(job).encode() in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def state_of(address: str, id: str) -> str:
    """The state of a training, as the page says."""
    return next(one["state"] for one in ask(address, "live", ids=[id])["jobs"] if one["id"] == id)


def step_of(folder: Path) -> int:
    """The step at which the training says it is."""
    live.watch(folder)
    return (live.read(folder) or {"step": 0})["step"]


def saved_step(folder: Path) -> int:
    """The step of the saved state; 0 where there is none."""
    with contextlib.suppress(FileNotFoundError):
        state: Any = torch.load(folder / STATE_FILE, weights_only=True)
        return int(state["trainer"]["step"])
    return 0


def eventually(claim: Callable[[], bool], what: str) -> None:
    """Wait until it is true."""
    until = time.monotonic() + PATIENCE
    while not claim():
        if time.monotonic() > until:
            raise SystemExit(f"{what} did not come in {PATIENCE} s")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
