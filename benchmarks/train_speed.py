"""How fast training is: the textbook loop against this project's, same networks, same machine, one process.

    python benchmarks/train_speed.py

The textbook loop is what most tutorials have: a DataLoader with ToTensor and Normalize, BCELoss on a
sigmoid, `.item()` after every batch, batches of 64, float32. Ours runs at the defaults of train.py. Both
are warmed up, then timed in turns; the table shows the median. Writing and evaluation are in neither.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo import data
from gan_demo.devices import choose_device, choose_precision
from gan_demo.errors import UserError
from gan_demo.gan import build
from gan_demo.networks import ARCHITECTURES, initialise
from gan_demo.runs import hardware
from gan_demo.training import Settings, Trainer

TEXTBOOK_BATCH = 64


class Pictures(Dataset):
    """What torchvision.datasets.MNIST does for each picture: a PIL image through the transforms."""

    def __init__(self, split: data.Split) -> None:
        self.images = split.images[:, 0].numpy()
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[index]))


def textbook(settings: Settings, split: data.Split):
    """A generator that trains, yielding the number of real pictures of each batch."""
    device = torch.device(settings.device)
    generator, discriminator = build(settings.config(), "cpu")
    random = torch.Generator().manual_seed(0)
    for network in (generator, discriminator):
        initialise(network, random)
        network.to(device)
    optimizer_g = torch.optim.Adam(generator.parameters(), 2e-4, (0.5, 0.999))
    optimizer_d = torch.optim.Adam(discriminator.parameters(), 2e-4, (0.5, 0.999))
    criterion = nn.BCELoss()
    losses = []
    while True:
        for real in DataLoader(Pictures(split), TEXTBOOK_BATCH, shuffle=True, drop_last=True):
            real = real.to(device)
            ones, zeros = torch.ones(len(real), device=device), torch.zeros(len(real), device=device)
            fake = generator(torch.randn(len(real), settings.latent_dim, device=device))
            loss_d = criterion(torch.sigmoid(discriminator(real)), ones)
            loss_d = loss_d + criterion(torch.sigmoid(discriminator(fake.detach())), zeros)
            optimizer_d.zero_grad()
            loss_d.backward()
            optimizer_d.step()
            loss_g = criterion(torch.sigmoid(discriminator(fake)), ones)
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()
            losses.append((loss_d.item(), loss_g.item()))
            yield len(real)


def ours(settings: Settings, split: data.Split):
    """The same of this project's loop."""
    trainer = Trainer(settings, split)
    while True:
        trainer.iterate()
        yield settings.batch_size * settings.d_steps


def images_per_second(loop, seconds: float, device: str) -> float:
    """Run a loop for about so many seconds."""

    def wait() -> None:
        if device == "cuda":
            torch.cuda.synchronize()

    wait()
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        images += next(loop)
    wait()
    return images / (time.perf_counter() - started)


def measure(
    model: str, split: data.Split, device: str, repeats: int, seconds: float
) -> tuple[list[float], list[float]]:
    """Images per second of the textbook loop and of ours, `repeats` times each, in turns."""
    settings = Settings.of(model, device=device, precision=choose_precision("auto", device))
    loops = textbook(settings, split), ours(settings, split)
    for loop in loops:
        images_per_second(loop, 2.0, device)  # warm up
    results = [], []
    for _ in range(repeats):
        for loop, result in zip(loops, results, strict=True):
            result.append(images_per_second(loop, seconds, device))
    return results


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--repeats", type=int, default=5, help="timings of each loop (default: 5)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a timing (default: 4)")
    arguments = parser.parse_args()
    try:
        device = choose_device(arguments.device)
        split = data.load("mnist", arguments.data_dir)
    except UserError as error:
        print(f"train_speed.py: {error}", file=sys.stderr)
        return 2
    print(
        f"{hardware(torch.device(device))}, torch {torch.__version__}; images per second, median of {arguments.repeats}"
    )
    print(f"{'model':8}{'textbook loop':>16}{'this loop':>16}{'ratio':>8}   spread of the two")
    for model in ARCHITECTURES:
        slow, fast = measure(model, split, device, arguments.repeats, arguments.seconds)
        medians = statistics.median(slow), statistics.median(fast)
        spreads = ", ".join(f"{min(r):,.0f} to {max(r):,.0f}" for r in (slow, fast))
        print(
            f"{model:8}{medians[0]:>16,.0f}{medians[1]:>16,.0f}{medians[1] / medians[0]:>8.1f}   {spreads}", flush=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
