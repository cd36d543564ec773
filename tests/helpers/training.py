"""A training of small networks on noise: what it is to learn does not matter."""

import torch

from gan_demo.data import Split
from gan_demo.networks import ARCHITECTURES
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer
from helpers.gans import SMALL


def make_small(monkeypatch):
    for model, fields in SMALL.items():
        monkeypatch.setitem(ARCHITECTURES[model].defaults, "generator_widths", fields["generator_widths"])
        monkeypatch.setitem(ARCHITECTURES[model].defaults, "discriminator_widths", fields["discriminator_widths"])


def split(n=40):
    random = torch.Generator().manual_seed(9)
    return Split(torch.randint(0, 256, (n, 1, 28, 28), generator=random, dtype=torch.uint8), torch.arange(n) % 10)


def trainer(model="mlp", **fields):
    return Trainer(Settings.of(model, **{"batch_size": 8, "epochs": 2, **fields}), split())


def weights(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()]).clone()
