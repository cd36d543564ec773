"""`kill -9` at random moments of trainings: do they go on to the very weights, and is every file whole?

    python benchmarks/kills.py                       100 trainings, some minutes; Linux only
    python benchmarks/kills.py --trainings 20 --seed 7

Each recipe in turn trains each model, small networks on the bundled digits, on the CPU. Each training is killed one to
three times: at a random moment, or in the middle of writing a file (half of it is there, all of it, or it has just got
its name). After each kill every file that has its name must be readable. Then the training goes on, with --resume where
it has saved a state and from the start where it has not. It must end with the weights, the history and the figures of
the same training that nobody killed, bit for bit. A run saves after every epoch here, so that there is much to hit.
Ends with one line of figures; exit code 1 where something was wrong.
"""

import argparse
import contextlib
import functools
import hashlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("OMP_NUM_THREADS", "1")  # what is forked below must have no threads

import numpy as np
import torch
from helpers.gans import SMALL
from PIL import Image
from safetensors.torch import load_file

from gan_demo import checkpoint, data, files
from gan_demo.evaluation import evaluate
from gan_demo.latent import direction_search
from gan_demo.networks import ARCHITECTURES
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings
from gan_demo.training import run, run_folder

MOMENTS = ("half", "written", "named")  # of writing a file
LONGEST = 600  # seconds of one process, on a machine with other things to do
Training = tuple[str, str, bool]  # model, recipe, conditional


def main() -> int:
    """Kill, look, go on, compare; print what is wrong and the line of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainings", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    dice, started = random.Random(options.seed), time.monotonic()
    prepare()
    every = [(model, recipe, told) for told in (False, True) for recipe in RECIPES for model in ARCHITECTURES]
    whole: dict[Training, tuple[dict[str, Any], float]] = {}
    equal = kills = writing = damaged = 0
    with tempfile.TemporaryDirectory() as place:
        for number in range(options.trainings):
            training = every[number % len(every)]
            if training not in whole:
                began = time.monotonic()
                folder = Path(place) / "whole"
                in_a_process(LONGEST, train, training, folder)
                whole[training] = (content_of(folder), time.monotonic() - began)
                clear(folder)
            wanted, seconds = whole[training]
            folder = Path(place) / f"run-{number}"
            problems = []
            for _ in range(dice.randint(1, 3)):
                by_write = dice.random() < 0.5
                moment = (dice.randint(1, 27), dice.choice(MOMENTS)) if by_write else None
                after = LONGEST if by_write else dice.uniform(0, seconds)
                if in_a_process(after, train, training, folder, moment) == -signal.SIGKILL:
                    kills += 1
                    writing += by_write
                    found = damages(folder)
                    damaged += len(found)
                    problems += found
            ended = in_a_process(LONGEST, train, training, folder)
            if ended != 0:
                problems.append(f"ended with {ended}")
            elif differ := differences(wanted, content_of(folder)):
                problems.append(f"differs in {', '.join(differ)}")
            equal += not problems
            for problem in problems:
                print(f"WRONG {number} {training}: {problem}", flush=True)
            clear(folder)
            if number % 10 == 9:
                print(f"{number + 1} trainings, {kills} kills, {time.monotonic() - started:.0f} s", flush=True)
    print(
        f"{options.trainings} trainings of {len(whole)} kinds, killed {kills} times ({writing} while writing):"
        f" {equal} ended with the very weights, {damaged} files damaged, {time.monotonic() - started:.0f} s"
    )
    return int(equal < options.trainings or damaged > 0)


def prepare() -> None:
    """Small networks, a short end, and a state after each epoch; the data is read once."""
    for model, sizes in SMALL.items():
        ARCHITECTURES[model].defaults.update({name: sizes[name] for name in sizes if name != "latent_dim"})
    run.SAVE_EVERY_SECONDS = -1
    direction_search.SAMPLES, direction_search.PROBES = 80, 2
    evaluate.LIGHT_SAMPLES = 100
    evaluate.evaluate_checkpoint = functools.partial(evaluate.evaluate_checkpoint, samples=100)
    os.environ["GAN_DEMO_CACHE"] = ""
    for half in (True, False):
        data.load("digits", train=half)


def train(training: Training, folder: Path, moment: tuple[int, str] | None = None) -> None:
    """Train to the end, going on where a state was saved; `moment` is the number of the write that kills, and when."""
    model, recipe, told = training
    if moment:
        files.write_bytes = functools.partial(killing, files.write_bytes, list(moment))
    if folder.exists() and not (folder / checkpoint.STATE_FILE).exists() and (folder / checkpoint.CARD_FILE).exists():
        return  # it had ended before the kill
    resume = (folder / checkpoint.STATE_FILE).exists()
    settings = Settings.of(model, recipe=recipe, conditional=told, dataset="digits", epochs=3, batch_size=256, seed=5)
    if resume:
        settings = run_folder.read_settings(folder)
    run.train(settings, folder, resume=resume, quiet=True)


def killing(
    write: Callable[..., None], moment: list[Any], path: str | Path, content: bytes, flush: bool = True
) -> None:
    """Write as `files.write_bytes` does, until the one that is not survived."""
    moment[0] -= 1
    if moment[0]:
        return write(path, content, flush)
    if moment[1] == "named":
        write(path, content, flush)
    else:

        def end(*_: object) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        if moment[1] == "half":
            content = content[: len(content) // 2]
        files._replace = end  # the bytes are there, and have no name yet
        write(path, content, flush)
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_process(seconds: float, work: Callable[..., None], *given: Any) -> int:
    """Do it in a forked process, killed after some time: its exit code, or minus the signal that ended it."""
    child = os.fork()
    if not child:
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                work(*given)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def damages(folder: Path) -> list[str]:
    """Read every file that has its name; returns what cannot be read."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file() or files.is_temporary(path) or path.name == run_folder.LOCK_FILE:
            continue
        try:
            if path.suffix == ".json":
                json.loads(path.read_text(encoding="utf-8"))
            elif path.suffix == ".jsonl":
                [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            elif path.suffix == ".safetensors":
                load_file(path)
            elif path.suffix == ".pt":
                torch.load(path, weights_only=True)
            elif path.suffix == ".png":
                np.asarray(Image.open(path))
            elif not path.read_bytes():
                raise ValueError("it is empty")
        except Exception as error:
            found.append(f"{path.relative_to(folder)} is damaged ({error})")
    return found


def content_of(folder: Path) -> dict[str, Any]:
    """What must be equal: checksums, and the history and the figures without what depends on the clock."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or files.is_temporary(path) or path.name in (run_folder.LOCK_FILE, checkpoint.CARD_FILE):
            continue
        if path.suffix in (".json", ".jsonl"):
            lines = path.read_text(encoding="utf-8").splitlines()
            found[name] = [line for line in lines if '"seconds"' not in line and "images_per_second" not in line]
            if path.suffix == ".jsonl":
                parsed = [json.loads(line) for line in lines]
                found[name] = [{k: v for k, v in line.items() if k != "images_per_second"} for line in parsed]
        elif path.name == checkpoint.DIRECTIONS_FILE:
            # numpy's last digits depend on where in memory a table lies: these are found anew, and nearly equal.
            found[name] = Near(load_file(path))
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """The names of files that are not as wanted, missing, or left over."""
    return [name for name in sorted(wanted | found) if wanted.get(name) != found.get(name)]


class Near:
    """Tensors that equal others which are nearly the same."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        self.tensors = tensors

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Near) and all(
            torch.allclose(tensor, other.tensors[name], atol=1e-3) for name, tensor in self.tensors.items()
        )


def clear(folder: Path) -> None:
    """Remove a folder and what is in it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    if folder.exists():
        folder.rmdir()


if __name__ == "__main__":
    sys.exit(main())
