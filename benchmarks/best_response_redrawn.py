"""Whether the best D judges strokes, or the way in which a picture became 28x28 pixels.

    python benchmarks/best_response_redrawn.py checkpoints/mlp           the D of the page
    python benchmarks/best_response_redrawn.py --fine checkpoints/mlp    and one that sees all grey levels

Real test digits, those that ship with the project, come once more by way of the page's canvas and of photographs
(scenes.py), prepared as the page prepares what people bring. A D that sees strokes says of each what it said before.
It needs MNIST, for --fine.
"""

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import scenes
import torch
from PIL import Image

from gan_demo import data
from gan_demo.belief import best_response as page
from gan_demo.evaluation import best_response
from gan_demo.gan import GAN
from gan_demo.pictures import preparing, real_digits
from gan_demo.pixels import from_pixels

SCENES = ("clean", "shadow", "pencil", "ruled", "desk", "phone_small")


def by_canvas(digit: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """As if somebody had drawn it: large, anywhere, and hard at its edges."""
    side = int(random.uniform(60, 100))
    large = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC), np.float32) / 255
    sheet = np.zeros((112, 112), np.float32)
    top, left = (int(random.uniform(0, 112 - side)) for _ in range(2))
    sheet[top : top + side, left : left + side] = np.clip((large - 0.35) / 0.3, 0, 1)
    return preparing.from_ink((sheet * 255).astype(np.uint8))


def by_photograph(scene: str) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    """As if somebody had brought a picture of it."""
    return lambda digit, random: preparing.to_digit(Image.open(io.BytesIO(getattr(scenes, scene)(digit, random))))


WAYS = {
    "as they are": lambda digit, random: digit,
    "canvas": by_canvas,
    **{scene: by_photograph(scene) for scene in SCENES},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", nargs="+", metavar="FOLDER")
    parser.add_argument("--count", type=int, default=300, metavar="N", help="digits (default: %(default)s)")
    parser.add_argument("--fine", action="store_true", help="train one that sees all grey levels, and judge by it, too")
    options = parser.parse_args()
    sheet = real_digits.sheet().images
    chosen = torch.randperm(len(sheet), generator=torch.Generator().manual_seed(0))[: options.count]
    redrawn = {}
    for name, way in WAYS.items():
        random = np.random.default_rng(0)
        redrawn[name] = from_pixels(torch.from_numpy(np.stack([way(sheet[n, 0].numpy(), random) for n in chosen])))[
            :, None
        ]
    print(f"|  | {' | '.join(WAYS)} |\n{'|---' * (len(WAYS) + 1)}|")
    for folder in options.checkpoints:
        gan, best = GAN.from_pretrained(folder), page.read(folder)
        judges: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {}
        if options.fine:
            halves = (data.load(gan.config.dataset, train=half) for half in (True, False))
            sets = best_response.against_samples(gan, *halves)
            judges["all grey levels"] = best_response.fit(sets, 0, page.FINE, "cpu")
        if best is not None:
            judges["the page's"] = best.logits
        for about, judge in judges.items():
            with torch.inference_mode():
                said = {name: judge(images) > 0 for name, images in redrawn.items()}
            cells = [
                f"{100 * real.double().mean():.0f} % / {100 * (real == said['as they are']).double().mean():.0f} %"
                for real in said.values()
            ]
            print(f"| {Path(folder).name}, {about} | {' | '.join(cells)} |", flush=True)
    print("\nTaken for real / with the verdict that it had as it was.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
