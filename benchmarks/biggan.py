"""Whether what BigGAN adds to a generator helps the DCGAN here (Brock 2019): one table, each row with several seeds.

    python benchmarks/biggan.py
    python benchmarks/biggan.py --rows plain parts --steps 1000 --seeds 0 1 2 --output runs/biggan

- `parts`: the latent is cut into as many parts as the generator has norms and one more. The first one is what the first
  layer sees; each norm gets its scale and its shift from a part of its own ("skip-z", section 3 and appendix B.1).
- `whole`: the first layer and each norm see the whole latent (BigGAN-deep, appendix B.2).
- `orthogonal`: the generator's loss grows with how far each layer's rows are from being at right angles to each other
  (equation 3), so that short latents still draw digits: "truncation" is the share of the length that latents keep.

Everything else is `train.py --model dcgan`. A finished training is a line in a file of the output folder, and the same
command leaves it out.
"""

import argparse
import copy
import itertools
import json
import statistics
import sys
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from torch import Tensor, nn
from tqdm import trange

from gan_demo import data, files
from gan_demo.data import Split
from gan_demo.evaluation import cache
from gan_demo.evaluation.real_pictures import compared_with
from gan_demo.evaluation.samples import draw
from gan_demo.gan import GAN
from gan_demo.networks import Generator, initialise
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer, adam

WEIGHT = 1e-4  # of orthogonal regularisation, the best of section 3.1
SAMPLES, LENGTHS = 10_000, (1.0, 0.7, 0.5)
ROWS = ("plain", "orthogonal", "parts", "parts-orthogonal", "whole")


class LatentNorm(nn.Module):
    """Batch norm whose scale and shift are linear in a part of the latent: (n, c, h, w), (n, part) -> (n, c, h, w)."""

    def __init__(self, part: int, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(width, affine=False)
        self.scale = nn.Linear(part, width, bias=False)
        self.shift = nn.Linear(part, width)

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        scale, shift = (part(z).to(x.dtype)[..., None, None] for part in (self.scale, self.shift))
        return self.norm(x) * (1 + scale) + shift


class SkipGenerator(nn.Module):
    """The DCGAN's generator, whose every norm sees the latent: (n, latent_dim) -> (n, channels, height, width)."""

    def __init__(self, plain: Generator, latent_dim: int, in_parts: bool) -> None:
        super().__init__()
        self.norms = sum(isinstance(layer, nn.BatchNorm2d) for layer in plain.layers)
        whole = torch.empty(latent_dim, device="meta")
        parts = whole.tensor_split(self.norms + 1) if in_parts else [whole] * (self.norms + 1)
        self.sizes, self.in_parts = [len(part) for part in parts], in_parts
        sizes = iter(self.sizes)
        self.layers = nn.ModuleList()
        for layer in plain.layers:
            if isinstance(layer, nn.Linear):
                layer = nn.Linear(next(sizes), layer.out_features, bias=False)
            elif isinstance(layer, nn.BatchNorm2d):
                layer = LatentNorm(next(sizes), layer.num_features)
            self.layers.append(layer)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        x, *rest = z.split(self.sizes, dim=1) if self.in_parts else [z] * (self.norms + 1)
        parts = iter(rest)
        for layer in self.layers:
            x = layer(x, next(parts)) if isinstance(layer, LatentNorm) else layer(x)
        return x


def correlation(network: nn.Module) -> Tensor:
    """How far the filters of each layer are from right angles: the sum of |W W^T * (1 - I)|^2 (equation 3).

    Where there are more of them than a filter has numbers they cannot all be: then W is turned.
    """
    total = torch.zeros(())
    for layer in network.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            weight = layer.weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else layer.weight
            rows = weight.flatten(1)
            rows = rows if len(rows) <= rows.shape[1] else rows.T
            products = rows @ rows.T
            total = total + (products - products.diag().diag()).square().sum()
    return total


class Orthogonal(Trainer):
    """A trainer whose generator's loss has `correlation`, too."""

    def _step(self, network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        if network is self.state.generator:
            loss = loss + WEIGHT * correlation(network)
        super()._step(network, optimizer, loss)


def trainer_of(row: str, settings: Settings, split: Split) -> Trainer:
    """A training before its first step."""
    trainer = (Orthogonal if row.endswith("orthogonal") else Trainer)(settings, split)
    kind, state = row.split("-")[0], trainer.state
    if kind in ("parts", "whole"):
        plain = cast(Generator, state.generator)
        generator = SkipGenerator(plain, settings.latent_dim, in_parts=kind == "parts")
        initialise(generator, torch.Generator().manual_seed(settings.seed))
        state.generator = generator.to(memory_format=torch.channels_last)
        state.average = copy.deepcopy(generator).requires_grad_(False)
        state.optimizer_g = adam(generator, settings.lr_g, settings)
    return trainer


def figures(gan: GAN, split: Split, data_dir: Path | None) -> dict[str, Any]:
    """What 10,000 samples score, for each length of the latents."""
    test = data.load("mnist", data_dir, train=False)
    real, floor = compared_with("mnist", split, test, SAMPLES, gan.device, cache.folder(data_dir))
    found = {"real": {name: floor[name] for name in ("frechet_distance", "precision", "recall", "coverage")}}
    for length in LENGTHS:
        score = real.figures(draw(gan, SAMPLES, truncation=length))
        found[str(length)] = {name: score[name] for name in found["real"]}
    return found


def train(row: str, seed: int, steps: int, data_dir: Path | None) -> dict[str, Any]:
    """Train one row with one seed; returns its figures."""
    settings = Settings.of("dcgan", seed=seed, max_steps=steps)
    split = data.load("mnist", data_dir, train=True)
    trainer = trainer_of(row, settings, split)
    for _ in trange(trainer.steps, desc=f"{row}, seed {seed}", disable=None):
        trainer.iterate()
    return {"row": row, "seed": seed, "steps": steps, **figures(trainer.gan(), split, data_dir)}


def table(found: list[dict[str, Any]]) -> str:
    """Mean and spread over the seeds of each row."""
    names = [("frechet_distance", "1.0"), ("precision", "1.0"), ("recall", "1.0"), ("coverage", "1.0")]
    names += [(name, str(length)) for length in LENGTHS[1:] for name in ("precision", "coverage")]
    lines = ["| | " + " | ".join(f"{name.replace('_', ' ')} at {length}" for name, length in names) + " |"]
    lines.append("|---" * (len(names) + 1) + "|")
    for row in ROWS:
        of_row = [one for one in found if one["row"] == row]
        cells = []
        for name, length in names if of_row else ():
            values = [one[length][name] for one in of_row]
            cells.append(f"{statistics.mean(values):.3f} ± {statistics.stdev(values) if len(values) > 1 else 0:.3f}")
        if cells:
            lines.append(f"| {row}, {len(of_row)} seeds | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Train what is missing, and print the table."""
    parser = argparse.ArgumentParser(description="Skip-z and orthogonal regularisation on the DCGAN.")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=ROWS, help="(default: all)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1], help="(default: 0 1)")
    parser.add_argument("--steps", type=int, default=700, help="of each training (default: 700)")
    parser.add_argument("--output", type=Path, default=Path("runs/biggan"), help="(default: runs/biggan)")
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="where MNIST lies (default: GAN_DEMO_DATA, else data)"
    )
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    found = []
    for seed, row in itertools.product(chosen.seeds, chosen.rows):
        path = chosen.output / f"{row}-{chosen.steps}-steps-seed-{seed}.json"
        if not path.exists():
            files.write_json(path, train(row, seed, chosen.steps, chosen.data_dir))
        found.append(json.loads(path.read_text(encoding="utf-8")))
        print(json.dumps(found[-1]), flush=True)
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
