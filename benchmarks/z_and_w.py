"""Whether w is more linear than z: how far linear models get in each, and how long the ways between random latents are.

    python benchmarks/z_and_w.py checkpoints/style

R2 is the share of a measure's variance that a linear model of the points explains. The area under the curve is that of
a linear model which tells one digit from the others. Both are of latents on which the models were not fitted. A length
is that of the way in the classifier's features, and a perceptual path length the mean square of its speed: spherical in
z, straight in w. Of a conditional model all of it is less the mean of each class.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.latent import direction_search, ink, perceptual
from gan_demo.latent.spaces import LatentSpace

SEED, FRAMES = 20_190_618, 25


def held_out_r2(points: Tensor, target: Tensor, fitted: int) -> float:
    """Fit a linear model on the first `fitted` points, and say how much of the variance of the rest it explains."""
    inputs = torch.cat([points, torch.ones(len(points), 1)], dim=1).double()
    solution = torch.linalg.lstsq(inputs[:fitted], target[:fitted, None].double()).solution
    rest = target[fitted:].double()
    error = (rest - (inputs[fitted:] @ solution)[:, 0]).square().mean()
    return float(1 - error / rest.var(correction=0))


def area(points: Tensor, label: Tensor, fitted: int) -> float:
    """The area under the curve of a linear classifier on the points that it was not fitted on."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    inputs, wanted = points.double().numpy(), label.numpy()
    model = LogisticRegression(max_iter=500).fit(inputs[:fitted], wanted[:fitted])
    return float(roc_auc_score(wanted[fitted:], model.decision_function(inputs[fitted:])))


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="a style model")
    parser.add_argument("--samples", type=int, default=4000, help="latents for the linear models (default: 4000)")
    parser.add_argument("--ways", type=int, default=100, help="ways between random latents (default: 100)")
    arguments = parser.parse_args()
    try:
        gan = GAN.from_pretrained(arguments.checkpoint)
        spaces = [LatentSpace(gan, name) for name in ("z", "w")]
    except UserError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    drawn = direction_search.Samples.of(gan, SEED, arguments.samples, digits=True)
    z, asked, measures = drawn.z, drawn.asked, drawn.without_class_means(drawn.measures)
    fitted = arguments.samples * 3 // 4
    points = [drawn.without_class_means(space.of(z, asked).cpu()) for space in spaces]
    print("| | z | w |\n|---|---:|---:|")
    for column, name in enumerate(ink.MEASURES):
        found = [held_out_r2(some, measures[:, column], fitted) for some in points]
        print(f"| R2 of {name} | {found[0]:.3f} | {found[1]:.3f} |")
    if asked is None:
        digits = drawn.measures[:, len(ink.MEASURES) :] > 0
        areas = torch.tensor([[area(some, label, fitted) for label in digits.T] for some in points]).mean(1)
        print(f"| mean area of the ten digits | {areas[0]:.3f} | {areas[1]:.3f} |")
    at = torch.linspace(0, 1, FRAMES, dtype=torch.float64)
    lengths, squares = torch.zeros(2, arguments.ways), torch.zeros(2, arguments.ways)
    for way in range(arguments.ways):
        ends = z[2 * way : 2 * way + 2]
        labels = None if asked is None else int(asked[way])
        for row, space in enumerate(spaces):
            pictures = space.generate(space.route(space.of(ends, labels), at), labels)
            speeds = perceptual.speeds(pictures, at)
            lengths[row, way], squares[row, way] = perceptual.length(speeds, at), speeds.square().mean()
    print(f"| mean length of a way | {lengths[0].mean():.1f} | {lengths[1].mean():.1f} |")
    print(f"| perceptual path length | {squares[0].mean():.0f} | {squares[1].mean():.0f} |")
    shorter = (lengths[1] < lengths[0]).float().mean()
    print(f"\nThe way in w is the shorter one in {shorter:.0%} of {arguments.ways}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
