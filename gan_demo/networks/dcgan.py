"""Convolutional networks, after Radford 2016."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from gan_demo.networks.layers import LEAK, Discriminator, Generator, MinibatchSpread, Shape, batch_if, spectral_if


def dcgan_generator(shape: Shape, latent_dim: int, widths: Sequence[int], norm: str, classes: int) -> Generator:
    """Transposed convolutions from a quarter of each side up to the whole, 7 -> 14 -> 28 (Radford 2016).

    The last of `widths` is the number of channels at 14x14. Those before are the channels of layers at 7x7: the second
    and later ones are 3x3 convolutions, which make the parts of a digit agree before they grow.
    """
    channels, height, width = shape
    start = height // 4, width // 4
    *at_7, at_14 = widths
    bias = norm == "none"  # batch norm has a bias of its own
    layers: list[nn.Module] = [nn.Linear(latent_dim, at_7[0] * math.prod(start), bias=bias)]
    layers += [
        nn.Unflatten(1, (at_7[0], *start)),
        *batch_if(norm, nn.BatchNorm2d, at_7[0], classes),
        nn.ReLU(inplace=True),
    ]
    for before, after in pairwise(at_7):
        convolution = nn.Conv2d(before, after, 3, padding=1, bias=bias)
        layers += [convolution, *batch_if(norm, nn.BatchNorm2d, after, classes), nn.ReLU(inplace=True)]
    layers += [nn.ConvTranspose2d(at_7[-1], at_14, 4, stride=2, padding=1, bias=bias)]
    layers += [*batch_if(norm, nn.BatchNorm2d, at_14, classes), nn.ReLU(inplace=True)]
    layers += [nn.ConvTranspose2d(at_14, channels, 4, stride=2, padding=1), nn.Tanh()]
    return Generator(nn.Sequential(*layers))


def dcgan_discriminator(
    shape: Shape, widths: Sequence[int], norm: str, classes: int, spread: bool = False
) -> Discriminator:
    """Strided convolutions 28 -> 14 -> 7 -> 4 (Radford 2016), then 3x3 ones at 4x4, and one linear output.

    The first three `widths` are the channels of the strided ones. Each unit of a fourth sees the whole picture, and so
    how its parts fit together. With `spread` the last convolution sees `MinibatchSpread`, too.
    """
    channels, height, width = shape
    spectral = spectral_if(norm)
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(zip((channels, *widths), widths, strict=False)):
        normalise = batch_if(norm, nn.BatchNorm2d, outputs) if index > 0 else []
        # A 4x4 kernel halves an even side exactly; 7 has no half, and 3x3 takes it to 4.
        if spread and index == len(widths) - 1:
            layers.append(MinibatchSpread())
            inputs += 1
        kernel, stride = ((4, 2), (4, 2), (3, 2), (3, 1))[min(index, 3)]
        layers.append(spectral(nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=not normalise)))
        layers += [*normalise, nn.LeakyReLU(LEAK, inplace=True)]
    features = widths[-1] * -(-height // 8) * -(-width // 8)
    return Discriminator(nn.Sequential(*layers, nn.Flatten()), features, norm, classes)
