"""How much of a Fréchet distance is how often each digit is drawn, and how much is chance: a row a model.

    python benchmarks/class_shares.py
    python benchmarks/class_shares.py --seeds 1 2 3 4 5 runs/my-gan

Each model's samples against the test set, mean and spread over seeds of latents: as they come; chosen so that the
classifier reads each digit as often as in the test set; and the largest difference of such a share. The first row has
training pictures in the place of samples. `gan-demo evaluate` has one seed of latents.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from torch import Tensor
from tqdm import tqdm

from gan_demo import GAN, data
from gan_demo.classifier import CLASSES
from gan_demo.evaluation import metrics, samples
from gan_demo.evaluation.real_pictures import classify

ROOT = Path(__file__).parent.parent
MODELS = ("mlp", "dcgan", "style", "dcgan-conditional", "style-conditional")
SAMPLES, DRAWN = 10_000, 15_000  # compared, and drawn to choose from
COLUMNS = ("as they come", "with the test set's shares", "largest difference of a share")


def with_shares(classes: Tensor, counts: Tensor) -> Tensor:
    """Places of as many of each class as `counts` (10,) says, the first ones: (n,) int64 -> (sum of counts,) int64.

    Raises ValueError where there are too few of one.
    """
    places = [(classes == digit).nonzero()[:count, 0] for digit, count in enumerate(counts.tolist())]
    if [len(found) for found in places] != counts.tolist():
        raise ValueError("too few of a digit were drawn")
    return torch.cat(places)


def figures(pixels: Tensor, real: Tensor, digits: Tensor) -> list[float]:
    """COLUMNS of (DRAWN, 1, 28, 28) uint8 pictures, beside SAMPLES real ones: their features (n, 96), digits (n,)."""
    features, classes = classify(pixels)
    chosen = features[with_shares(classes, torch.bincount(digits, minlength=CLASSES))]
    drawn, wanted = metrics.class_shares(classes), metrics.class_shares(digits)
    return [
        metrics.frechet_distance(real, features[:SAMPLES]),
        metrics.frechet_distance(real, chosen),
        max(abs(one - other) for one, other in zip(drawn, wanted, strict=True)),
    ]


def row(name: str, found: list[list[float]]) -> str:
    """A line of the table: mean and spread of each column."""
    cells = [(statistics.mean(column), statistics.stdev(column)) for column in zip(*found, strict=True)]
    return f"| {name} | {' | '.join(f'{mean:.3f} ± {spread:.3f}' for mean, spread in cells)} |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What class shares and chance are in a Fréchet distance.")
    parser.add_argument("models", nargs="*", help=f"checkpoints (default: {', '.join(MODELS)} of those that ship)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of latents (default: 1 2 3)")
    parser.add_argument("--data-dir", metavar="DIR", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    chosen = parser.parse_args()
    if len(chosen.seeds) < 2:
        parser.error("a spread needs at least two --seeds")
    folders = [Path(name) for name in chosen.models] or [ROOT / "checkpoints" / name for name in MODELS]
    train, test = (data.load("mnist", chosen.data_dir, train=half) for half in (True, False))
    real, digits = classify(test.images)
    print(f"| | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    orders = [torch.randperm(len(train.images), generator=torch.Generator().manual_seed(seed)) for seed in chosen.seeds]
    print(row("training pictures", [figures(train.images[order[:DRAWN]], real, digits) for order in orders]))
    for folder in folders:
        gan = GAN.from_pretrained(folder)
        bar = tqdm(chosen.seeds, desc=folder.name, disable=None, leave=False)
        print(row(folder.name, [figures(samples.draw(gan, DRAWN, seed), real, digits) for seed in bar]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
