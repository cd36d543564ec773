"""Whether the unit that seems to move something most does so on other digits, too, and more than units at random do.

    python benchmarks/units.py checkpoints/dcgan checkpoints/style

Every unit of a layer is switched off (Bau 2019). On one half of the latents the units are ranked by what that moves on
average. What the first of the rank moves on the other half stands beside what any unit of its layer moves there, and
its place among them. Where the first one was merely lucky, its place is as good as any other's.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.latent import units

SEED, BLOCK = 20_190_615, 8


def measured(gan: GAN, layer: units.Layer, draws: int, factor: float) -> tuple[Tensor, Tensor]:
    """The mean effects of all units of a layer on both halves of the latents: each (units, measures)."""
    z = gan.latents(draws, SEED)
    asked = torch.arange(draws) % gan.config.classes if gan.config.classes else None
    halves = [
        units.halves(units.effects(gan, z, layer, layer.each(block.tolist(), factor), asked))
        for block in torch.arange(layer.channels).split(BLOCK)
    ]
    ranks, told = (torch.cat(half) for half in zip(*halves, strict=True))
    return ranks, told


def main() -> int:
    """Print a table for each checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="+", help="models with convolutional generators")
    parser.add_argument("--draws", type=int, default=64, help="latents, of which one half ranks (default: 64)")
    parser.add_argument("--doubled", action="store_true", help="double the units instead")
    arguments = parser.parse_args()
    for name in arguments.checkpoints:
        try:
            gan = GAN.from_pretrained(name)
        except UserError as error:
            parser.exit(2, f"{parser.prog}: {error}\n")
        print(f"\n{name}\n\n| layer | measure | unit | on the ranking half | on the other half | any unit | place |")
        print("|---|---|---:|---:|---:|---:|---:|")
        for layer in units.layers(gan):
            ranks, told = measured(gan, layer, arguments.draws, units.DOUBLED if arguments.doubled else units.OFF)
            for column, measure in enumerate(units.MEASURES):
                first = int(ranks[:, column].abs().argmax())
                sizes = told[:, column].abs()
                place = int((sizes > sizes[first]).sum()) + 1
                print(
                    f"| {layer.height}x{layer.width} ({layer.number + 1}) | {measure} | {first} "
                    f"| {ranks[first, column]:+.3f} | {told[first, column]:+.3f} | {sizes.mean():.3f} "
                    f"| {place} of {layer.channels} |",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
