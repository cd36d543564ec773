"""How long a training takes to be good: seconds until the coverage of 2,000 samples reaches a bar.

    python benchmarks/time_to_quality.py

The default recipe and the textbook loop (see train_speed.py) train the same networks on the same machine,
one after the other. After each epoch the generator is measured as `train.py` does along a run, by the
shipped classifier's features; the measuring is not in the time. A loop that has not reached the bar after
--epochs passes over MNIST is given up, and its best coverage is printed. With --recipe another one is timed.
"""

import argparse
import sys
import time
from collections.abc import Iterator

from loops import Ours, Textbook, begin, machine, wait

from gan_demo.evaluation import evaluate
from gan_demo.networks import ARCHITECTURES
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings

BARS = {"mlp": 0.75, "dcgan": 0.85, "style": 0.85}


def epochs(loop: Textbook | Ours, pictures: int, most: int, device: str, data_dir: str | None) -> Iterator[tuple]:
    """(epochs, seconds of training so far, coverage) after each pass over the data."""
    seconds, seen = 0.0, 0
    for epoch in range(1, most + 1):
        wait(device)
        started = time.perf_counter()
        while seen < epoch * pictures - 128:  # what is left of an epoch fills no batch
            seen += loop.step()
        wait(device)
        seconds += time.perf_counter() - started
        yield epoch, seconds, evaluate.evaluate_light(loop.gan(), "mnist", data_dir)["coverage"]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=list(ARCHITECTURES), choices=ARCHITECTURES)
    parser.add_argument("--recipe", choices=RECIPES, help="of this loop (default: the model's)")
    parser.add_argument("--epochs", type=int, default=20, help="of each loop at most; also its cosine (default: 20)")
    arguments, device, precision, split = begin(parser)
    print(f"{machine(device)}\n")
    print("| | coverage to reach | this loop | textbook loop |")
    print("|---|---:|---:|---:|")
    for model in arguments.models:
        settings = Settings.of(
            model, recipe=arguments.recipe, device=device, precision=precision, epochs=arguments.epochs
        )
        cells = []
        for kind in (Ours, Textbook):
            best = 0.0
            for epoch, seconds, coverage in epochs(
                kind(settings, split), len(split.images), arguments.epochs, device, arguments.data_dir
            ):
                print(f"{model}, {kind.__name__}, epoch {epoch}: {seconds:.1f} s, {coverage:.3f}", file=sys.stderr)
                best = max(best, coverage)
                if coverage >= BARS[model]:
                    break
            reached = best >= BARS[model]
            cells.append(
                f"{seconds:.0f} s, {epoch} epochs" if reached else f"not in {seconds:.0f} s, {epoch} epochs: {best:.3f}"
            )
        print(f"| {model}, {settings.recipe} | {BARS[model]} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
