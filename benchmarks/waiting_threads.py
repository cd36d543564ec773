"""Threads that wait for each other: sleep or spin? Pictures a second of a training, alone and beside another program.

    python benchmarks/waiting_threads.py

OpenMP decides once, as torch is imported, so each figure is a process of its own; the two ways take turns. The other
program is a loop that does nothing and keeps one core busy. The table shows medians, and the least and the most.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

VARIABLE = "OMP_WAIT_POLICY"
WAYS = {"spin, as by default": {}, "sleep, as `gan-demo` has it": {VARIABLE: "PASSIVE"}}


@contextlib.contextmanager
def others(count: int) -> Iterator[None]:
    """So many programs that keep a core busy each, meanwhile."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def measure(model: str, seconds: float) -> float:
    """Pictures a second of a training at its defaults, in this process."""
    from loops import Ours
    from train_speed import images_per_second

    from gan_demo import data
    from gan_demo.devices import choose_precision
    from gan_demo.settings import Settings

    settings = Settings.of(model, device="cpu", precision=choose_precision("auto", "cpu"))
    loop = Ours(settings, data.load("mnist", None))
    images_per_second(loop, 1.0, "cpu")  # warm up
    return images_per_second(loop, seconds, "cpu")


def ask(told: dict[str, str], model: str, seconds: float) -> float:
    """The same in a process that is told how its threads wait."""
    words = [sys.executable, __file__, "--one", model, "--seconds", str(seconds)]
    environment = {**{name: text for name, text in os.environ.items() if name != VARIABLE}, **told}
    return float(subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=True).stdout)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["mlp", "dcgan"])
    parser.add_argument("--repeats", type=int, default=5, help="processes of each way (default: 5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a timing (default: 5)")
    parser.add_argument("--one", metavar="MODEL", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(measure(chosen.one, chosen.seconds))
        return 0
    print(f"{os.cpu_count()} cores\n\n| pictures a second | {' | '.join(WAYS)} |\n|---|{'---:|' * len(WAYS)}")
    for model in chosen.models:
        for count, beside in ((0, "alone"), (1, "beside a busy program")):
            found: dict[str, list[float]] = {way: [] for way in WAYS}
            with others(count):
                for _ in range(chosen.repeats):
                    for way, told in WAYS.items():
                        found[way].append(ask(told, model, chosen.seconds))
            cells = [f"{statistics.median(f):,.0f} ({min(f):,.0f} to {max(f):,.0f})" for f in found.values()]
            print(f"| {model}, {beside} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
