"""How real digits use their 256 grey levels, and how generated ones do: what a discriminator may see in them.

    python benchmarks/grey_levels.py
    python benchmarks/grey_levels.py runs/my-gan

MNIST was made from black and white scans: a pixel is the share of ink below it. So the inside of a stroke is flat, and
along a straight edge neighbours are equal. A network whose pixels are smooth functions of its latent has neither.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from torch import Tensor

from gan_demo import GAN, data
from gan_demo.evaluation import samples

ROOT = Path(__file__).parent.parent
MODELS = ("mlp", "dcgan", "style")
INK, EDGE = 236, (20, 220)  # levels inside a stroke, and on its edge


def figures(levels: Tensor) -> dict[str, float]:
    """Shares, of pictures (n, height, width) with levels from 0 to 255."""
    brightest = (levels == 255).flatten(1).sum(1)
    counts = torch.stack([(levels == level).flatten(1).sum(1) for level in range(INK, 256)])
    above, below = levels[:, :-1], levels[:, 1:]
    edge = (above >= EDGE[0]) & (above <= EDGE[1])
    high, wide = ((levels > 0).any(side).sum(1) for side in (2, 1))  # rows and columns with ink
    return {
        "pixels that are black": float((levels == 0).float().mean()),
        "pictures with one to four pixels of 255": float(((brightest >= 1) & (brightest <= 4)).float().mean()),
        "ink of the picture's commonest level": float(counts.max(0).values.sum() / counts.sum()),
        "edge pixels like the one below": float((edge & (above == below)).sum() / edge.sum()),
        "more than 20 pixels high or wide": float((torch.maximum(high, wide) > 20).float().mean()),
    }


def main() -> int:
    """Print a table, a row a model."""
    parser = argparse.ArgumentParser(description="How generated digits use their grey levels, beside real ones.")
    parser.add_argument("models", nargs="*", help=f"checkpoints (default: {', '.join(MODELS)} of those that ship)")
    parser.add_argument("--count", type=int, default=2000, help="pictures of each (default: 2000)")
    parser.add_argument("--data-dir", metavar="DIR", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    chosen = parser.parse_args()
    folders = [Path(name) for name in chosen.models] or [ROOT / "checkpoints" / name for name in MODELS]
    rows = {"real test digits": data.load("mnist", chosen.data_dir, train=False).images[: chosen.count, 0].long()}
    for folder in folders:
        rows[folder.name] = samples.draw(GAN.from_pretrained(folder), chosen.count, 0)[:, 0].long()
    for index, (name, levels) in enumerate(rows.items()):
        found = figures(levels)
        if not index:
            print(f"|  | {' | '.join(found)} |\n|---|{'---|' * len(found)}")
        print(f"| {name} | {' | '.join(f'{share:.1%}' for share in found.values())} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
