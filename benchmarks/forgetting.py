"""Which digits a training draws, look by look, and how many of them it has forgotten by the next look.

    python benchmarks/forgetting.py
    python benchmarks/forgetting.py --recipe ns-gan --steps 1000

Without flags it is the training that the page calls "Mode collapse", on MNIST.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch

from gan_demo import data
from gan_demo.classifier import load_classifier
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer

COLLAPSE = {"recipe": "sngan", "generator_norm": "none", "lr_d": 1e-3, "beta1": 0.5, "beta2": 0.999, "ema": 0.0}
SAMPLES, SHARE = 400, 0.02  # a digit counts as drawn from this share of the samples on


def main() -> int:
    """Train, and print the digits of each look."""
    parser = argparse.ArgumentParser(description="Which digits a training draws, and which it forgets.")
    parser.add_argument("--recipe", help="instead of the training that collapses")
    parser.add_argument("--steps", type=int, default=2000, help="of the training (default: 2000)")
    parser.add_argument("--every", type=int, default=100, help="steps from one look to the next (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    parser.add_argument("--data-dir", metavar="DIR", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    chosen = parser.parse_args()
    how = {"recipe": chosen.recipe} if chosen.recipe else COLLAPSE
    trainer = Trainer(Settings.of("mlp", seed=chosen.seed, **how), data.load("mnist", chosen.data_dir, train=True))
    classifier = load_classifier()
    looks: list[set[int]] = []
    for step in range(1, chosen.steps + 1):
        trainer.iterate()
        if step % chosen.every:
            continue
        counts = torch.bincount(classifier.predict(trainer.gan().sample(SAMPLES, seed=1)), minlength=10)
        looks.append({digit for digit in range(10) if counts[digit] >= SHARE * SAMPLES})
        print(f"step {step:5}: {''.join(map(str, sorted(looks[-1]))) or '-'}", flush=True)
    lost = [len(before - after) for before, after in pairwise(looks)]
    print(
        f"{sum(map(len, looks)) / len(looks):.1f} digits at a look, {len(set().union(*looks))} over all;"
        f" {sum(lost) / max(1, len(lost)):.2f} forgotten by the next"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
