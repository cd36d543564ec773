"""Fully connected networks."""

import math
from collections.abc import Sequence

from torch import nn

from gan_demo.networks.layers import LEAK, Discriminator, Generator, Shape, batch_if, spectral_if


def mlp_generator(shape: Shape, latent_dim: int, widths: Sequence[int], norm: str, classes: int) -> Generator:
    """Fully connected: latent_dim -> widths -> pixels -> tanh (Goodfellow 2014, with batch norm as DCGAN has it)."""
    layers: list[nn.Module] = []
    for narrow, wide in zip((latent_dim, *widths), widths, strict=False):
        normalise = batch_if(norm, nn.BatchNorm1d, wide, classes)
        layers += [nn.Linear(narrow, wide, bias=not normalise), *normalise, nn.LeakyReLU(LEAK)]
    layers += [nn.Linear(widths[-1], math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape)]
    return Generator(nn.Sequential(*layers))


def mlp_discriminator(shape: Shape, widths: Sequence[int], norm: str, classes: int) -> Discriminator:
    """Fully connected: pixels -> widths -> 1."""
    spectral = spectral_if(norm)
    layers: list[nn.Module] = [nn.Flatten()]
    for index, (inputs, outputs) in enumerate(zip((math.prod(shape), *widths), widths, strict=False)):
        # DCGAN, section 3: no batch norm on the discriminator's input layer.
        normalise = batch_if(norm, nn.BatchNorm1d, outputs) if index > 0 else []
        layers += [spectral(nn.Linear(inputs, outputs, bias=not normalise)), *normalise, nn.LeakyReLU(LEAK)]
    return Discriminator(nn.Sequential(*layers), widths[-1], norm, classes)
