"""The loops that the benchmarks compare: the textbook's and this project's, on the same networks."""

import argparse
import copy
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo import data
from gan_demo.config import build
from gan_demo.data import Split
from gan_demo.devices import choose_device, choose_precision, hardware, prepare
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.networks import initialise
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer

TEXTBOOK_BATCH = 64


def begin(parser: argparse.ArgumentParser) -> tuple[argparse.Namespace, str, str, Split]:
    """The arguments, with --data-dir and --device; then device, precision and MNIST. Exits where one is not there."""
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    arguments = parser.parse_args()
    try:
        device = choose_device(arguments.device)
        split = data.load("mnist", arguments.data_dir)
    except UserError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    prepare(device)
    return arguments, device, choose_precision("auto", device), split


def machine(device: str) -> str:
    """What the times were taken on, and when."""
    return f"{hardware(torch.device(device))}, torch {torch.__version__}, {time.strftime('%Y-%m-%d')}"


class Pictures(Dataset):
    """What torchvision.datasets.MNIST does for each picture: a PIL image through the transforms."""

    def __init__(self, split: Split) -> None:
        self.images = split.images[:, 0].numpy()
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[index]))


class Textbook:
    """What most tutorials have: a DataLoader, BCELoss on a sigmoid, `.item()` after every batch of 64, float32."""

    def __init__(self, settings: Settings, split: Split) -> None:
        self.settings, self.split, self.device = settings, split, torch.device(settings.device)
        self.generator, self.discriminator = build(settings.config(), "cpu")
        random = torch.Generator().manual_seed(settings.seed)
        for network in (self.generator, self.discriminator):
            initialise(network, random)
            network.to(self.device).train()
        self.optimizer_g = torch.optim.Adam(self.generator.parameters(), 2e-4, (0.5, 0.999))
        self.optimizer_d = torch.optim.Adam(self.discriminator.parameters(), 2e-4, (0.5, 0.999))
        self.criterion = nn.BCELoss()
        self.losses: list[tuple[float, float]] = []
        self.batches = self._batches()

    def _batches(self) -> Iterator[torch.Tensor]:
        while True:
            yield from DataLoader(Pictures(self.split), TEXTBOOK_BATCH, shuffle=True, drop_last=True)

    def step(self) -> int:
        """One iteration; returns the number of real pictures in it."""
        real = next(self.batches).to(self.device)
        ones, zeros = torch.ones(len(real), device=self.device), torch.zeros(len(real), device=self.device)
        fake = self.generator(torch.randn(len(real), self.settings.latent_dim, device=self.device))
        loss_d = self.criterion(torch.sigmoid(self.discriminator(real)), ones)
        loss_d = loss_d + self.criterion(torch.sigmoid(self.discriminator(fake.detach())), zeros)
        self.optimizer_d.zero_grad()
        loss_d.backward()
        self.optimizer_d.step()
        loss_g = self.criterion(torch.sigmoid(self.discriminator(fake)), ones)
        self.optimizer_g.zero_grad()
        loss_g.backward()
        self.optimizer_g.step()
        self.losses.append((loss_d.item(), loss_g.item()))
        return len(real)

    def gan(self) -> GAN:
        """The networks as they are now, copied."""
        return GAN(copy.deepcopy(self.generator), copy.deepcopy(self.discriminator), self.settings.config())


class Ours:
    """This project's loop."""

    def __init__(self, settings: Settings, split: Split) -> None:
        self.trainer, self.images = Trainer(settings, split), settings.batch_size * settings.d_steps

    def step(self) -> int:
        """One iteration; returns the number of real pictures in it."""
        self.trainer.iterate()
        return self.images

    def gan(self) -> GAN:
        """The networks as they are now, copied."""
        return self.trainer.gan()


def wait(device: str) -> None:
    """Until the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
