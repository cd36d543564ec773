"""Whether an encoder would make inversion better: its guess as the start of the search, beside the random latents.

    python benchmarks/encoder.py
    python benchmarks/encoder.py checkpoints/mlp --steps 500

An encoder E is trained beside the finished generator G, on real digits x for the error of G(E(x)), and on pictures of
random latents for the distance of E(G(z)) from z. Then held-out test digits are inverted twice, with as many latents
for as many steps: from the nearest random latents, as `gan_demo.latent.inversion` does it, and from the nearest but one
and E's guess. The errors are medians, black 0 and white 1.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo import GAN, UserError, data
from gan_demo.devices import hardware
from gan_demo.evaluation import reconstruction
from gan_demo.latent import inversion
from gan_demo.networks import initialise
from gan_demo.pixels import from_pixels

ROOT = Path(__file__).parent.parent
BATCH = 64
LEARNING_RATE = 2e-3
PICTURES, LATENTS, PRIOR = 4.0, 0.02, 0.01  # weights of the error of pictures, that of latents, and of the prior
PLANS = (inversion.NEAREST, ((2, 200),), ((1, 100),))
SEED = 11


def encoder(latent_dim: int) -> nn.Module:
    """Pictures (n, 1, 28, 28) -> latents (n, latent_dim)."""
    layers: list[nn.Module] = []
    for inputs, outputs, kernel in ((1, 32, 4), (32, 64, 4), (64, 96, 3)):
        layers += [nn.Conv2d(inputs, outputs, kernel, 2, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
    layers += [nn.Flatten(), nn.Linear(96 * 4 * 4, 256), nn.BatchNorm1d(256), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(256, latent_dim))


def trained(gan: GAN, images: Tensor, steps: int) -> nn.Module:
    """An encoder that has seen `steps` batches of real digits, (n, 1, 28, 28) uint8, and as many of random latents."""
    with torch.device("meta"):
        network = encoder(gan.config.latent_dim)
    network = network.to_empty(device="cpu")
    random = torch.Generator().manual_seed(SEED)
    initialise(network, random)
    network.to(memory_format=torch.channels_last)
    gan.generator.requires_grad_(False)
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        real = from_pixels(images[torch.randint(len(images), (BATCH,), generator=random)])
        z = torch.randn(BATCH, gan.config.latent_dim, generator=random)
        of_real, of_drawn = network(torch.cat([real, gan.generate(z).clone()])).chunk(2)
        loss = PICTURES * ((gan.generator(of_real) - real) / 2).square().mean()
        loss = loss + LATENTS * (of_drawn - z).square().mean() + PRIOR * inversion.prior(of_real).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def compare(gan: GAN, network: nn.Module, pictures: Tensor, plan: inversion.Plan) -> str:
    """One cell for each way to begin: error at the start, after 60 steps and at the end."""
    goal = inversion.whole(pictures)._replace(plan=plan)
    with torch.no_grad():
        guess = network(pictures)[:, None]
    nearest, _ = inversion.nearest(gan, goal, plan[0][0])
    cells = []
    for starts in (nearest, torch.cat([guess, nearest[:, :-1]], 1)):
        began = time.perf_counter()
        states = list(inversion.search(gan, goal, starts=starts))
        errors = " → ".join(f"{state.least.median().item():.3f}" for state in (states[0], states[6], states[-1]))
        cells.append(f"{errors} | {time.perf_counter() - began:.0f}")
    return " | ".join(cells)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="*", help="unconditional ones (default: mlp and dcgan)")
    parser.add_argument("--steps", type=int, default=1500, help="of the encoder's training (default: 1500)")
    parser.add_argument("--digits", type=int, default=200, help="held-out test digits (default: 200)")
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    arguments = parser.parse_args()
    folders = arguments.checkpoints or [ROOT / "checkpoints" / name for name in ("mlp", "dcgan")]
    print(f"{hardware(torch.device('cpu'))}, torch {torch.__version__}; {arguments.digits} digits\n")
    print("| | latents for steps | from the nearest random latents | s | from the encoder, too | s |")
    print("|---|---|---|---|---|---|", flush=True)
    try:
        images = data.load("mnist", arguments.data_dir).images
        pictures = reconstruction.held_out("mnist", arguments.data_dir, arguments.digits)
        for folder in map(Path, folders):
            gan = GAN.from_pretrained(folder)
            network = trained(gan, images, arguments.steps)
            for plan in PLANS:
                latents = ", ".join(f"{count} for {steps}" for count, steps in plan)
                print(f"| {folder.name} | {latents} | {compare(gan, network, pictures, plan)} |", flush=True)
    except UserError as error:
        print(f"encoder.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
