"""How good a training is after a minute: the coverage of 2,000 samples, by the seconds since its process was started.

    python benchmarks/first_minute.py
    python benchmarks/first_minute.py --epochs 6        a short run, whose learning rate has fallen by then
    OMP_NUM_THREADS=1 python benchmarks/first_minute.py --cpu       on a machine that does other things, too

`train.py` trains the default MLP on MNIST in a process of its own, as the page starts it, and somebody watches. When
the minute is over it is ended, and the networks that its epochs left are measured. The seconds count from the start of
the process: imports, reading the pictures and all looks at the training are in them. With --cpu they are those that the
process computed: with one thread, a minute of one core that is its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from loops import begin, machine

from gan_demo.evaluation import evaluate
from gan_demo.training import epochs, live

ROOT = Path(__file__).parent.parent
BAR = 0.6  # coverage from which on the digits are recognisable


class Minute(NamedTuple):
    """What came of a training."""

    times: dict[int, float]  # epoch that is kept -> its second
    first: float  # second of the first picture
    milestones: list[str]
    looking: float  # the share of the time that showing itself took


def cpu_seconds(process: int) -> float:
    """What a process has computed so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watched(folder: Path, words: list[str], seconds: float, cpu: bool) -> Minute:
    """Train for so long, and look all the time."""
    command = [sys.executable, ROOT / "train.py", *words, "--output", folder]
    first, said, times, log = None, None, {}, folder.parent / "log.txt"
    started = time.monotonic()
    with (
        log.open("w", encoding="utf-8") as lines,
        subprocess.Popen(command, cwd=ROOT, stderr=lines, stdout=lines) as process,
    ):
        passed: Callable[[], float] = (lambda: cpu_seconds(process.pid)) if cpu else lambda: time.monotonic() - started
        while process.poll() is None and (now := passed()) < seconds:
            live.watch(folder)
            said = live.read(folder) or said
            if said and first is None:
                first = now
            times |= {epoch: now for epoch in epochs.kept(folder) if epoch not in times}
            time.sleep(0.25)
        process.kill()
    if first is None:
        raise SystemExit(f"the training has shown nothing:\n{log.read_text(encoding='utf-8')}")
    milestones = [f"{one['name']} (step {one['step']})" for one in (said or {}).get("milestones", ())]
    looking = json.loads((folder / live.FOLDER / live.NOW).read_text(encoding="utf-8")).get("looking", 0.0)
    return Minute(times, first, milestones, looking)


def main() -> int:
    """Print a row an epoch, and whether the bar was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of the training and its start (default: 60)")
    parser.add_argument("--epochs", type=int, help="that the run would take (default: the recipe's)")
    parser.add_argument("--cpu", action="store_true", help="seconds are those that the process computed")
    arguments, device, precision, _ = begin(parser)
    words = ["--device", device, *(["--epochs", str(arguments.epochs)] if arguments.epochs else [])]
    words += ["--data-dir", str(Path(arguments.data_dir).resolve())] if arguments.data_dir else []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        minute = watched(folder, words, arguments.seconds, arguments.cpu)
        print(f"{machine(device)}, {precision}\n\nThe first picture was there after {minute.first:.1f} s.")
        print(f"Showing itself took {minute.looking:.1%} of the time of the training.")
        print(f"Milestones: {', '.join(minute.milestones) or 'none'}.\n")
        print("| seconds | epochs | coverage |\n|---:|---:|---:|")
        best = 0.0
        for epoch, second in minute.times.items():
            coverage = evaluate.evaluate_light(epochs.play(folder, epoch), "mnist", arguments.data_dir)["coverage"]
            print(f"| {second:.1f} | {epoch} | {coverage:.3f} |", flush=True)
            best = max(best, coverage)
    print(f"\nA coverage of {BAR} in {arguments.seconds:.0f} s: {'reached' if best >= BAR else 'not reached'}.")
    return 0 if best >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
