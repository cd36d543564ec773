"""Generators and discriminators: a file for each family, and the table of them.

A generator maps latents z ~ N(0, I), (n, latent_dim), or those of one length, to pictures, (n, channels, height, width)
in [-1, 1].
A discriminator maps pictures to raw outputs, (n,), high for real. No network ends in a sigmoid: the objective says what
the raw output means (see `objectives.py`).
A conditional generator is asked for a class with each latent, and its discriminator is told which.
All models that ship draw grey pictures of 28x28, and the comments name the sides of those.

Read mlp.py and dcgan.py first, then style.py. layers.py has what they share, start.py the first weights, average.py the
moving average.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from gan_demo.networks.average import move_average
from gan_demo.networks.dcgan import dcgan_discriminator, dcgan_generator
from gan_demo.networks.layers import (
    DISCRIMINATOR_NORMS,
    GENERATOR_NORMS,
    IMAGE_SHAPE,
    IMAGE_SIZE,
    LEAK,
    Change,
    ClassBatchNorm,
    Discriminator,
    Generator,
    MinibatchSpread,
    Shape,
)
from gan_demo.networks.mlp import mlp_discriminator, mlp_generator
from gan_demo.networks.start import carry_over, initialise
from gan_demo.networks.style import StyleGenerator, normalise, style_discriminator, style_generator

__all__ = [
    "ARCHITECTURES",
    "DISCRIMINATOR_NORMS",
    "GENERATOR_NORMS",
    "IMAGE_SHAPE",
    "IMAGE_SIZE",
    "LEAK",
    "MAX_DEPTH",
    "Architecture",
    "Change",
    "ClassBatchNorm",
    "Discriminator",
    "Generator",
    "MinibatchSpread",
    "Shape",
    "StyleGenerator",
    "carry_over",
    "dcgan_discriminator",
    "dcgan_generator",
    "initialise",
    "mlp_discriminator",
    "mlp_generator",
    "move_average",
    "normalise",
    "style_discriminator",
    "style_generator",
]


@dataclass(frozen=True)
class Architecture:
    """One row of `ARCHITECTURES`: two functions that build networks, and the sizes they have unless told otherwise."""

    # Functions of (shape, latent_dim, widths, norm, classes), and `subpixels` where there are more than 1; and of
    # (shape, widths, norm, classes).
    generator: Callable[..., nn.Module]
    discriminator: Callable[[Shape, Sequence[int], str, int], Discriminator]
    defaults: dict[str, Any]  # fields of config.Config
    widths: dict[str, tuple[int, int]]  # how many of them the networks take: fewest and most
    about: str = "one of your own"  # for people, in --help
    recipe: str = "ns-gan"  # a key of recipes.RECIPES: it is trained so unless told otherwise
    sides: int = 1  # a picture's sides are multiples of this
    generator_norms: tuple[str, ...] = GENERATOR_NORMS  # those it may have
    spherical: bool = False  # latents have the length sqrt(latent_dim); else they are N(0, I)
    subpixels: int = 1  # the most that a side of a pixel may have, of which the pixel is then the mean


MAX_DEPTH = 16


ARCHITECTURES: dict[str, Architecture] = {
    "mlp": Architecture(
        mlp_generator,
        mlp_discriminator,
        {
            "latent_dim": 64,
            "generator_widths": (256, 512, 1024),
            "discriminator_widths": (512, 256),
            "generator_norm": "batch",
            "discriminator_norm": "none",
        },
        {"generator_widths": (1, MAX_DEPTH), "discriminator_widths": (1, MAX_DEPTH)},
        "fully connected, fast",
    ),
    "dcgan": Architecture(
        dcgan_generator,
        dcgan_discriminator,
        {
            "latent_dim": 64,
            "generator_widths": (128, 128, 128, 64),
            "discriminator_widths": (32, 64, 128, 128),
            "generator_norm": "batch",
            # Without batch norm D(x) is a function of the picture x alone.
            "discriminator_norm": "none",
        },
        {"generator_widths": (2, MAX_DEPTH), "discriminator_widths": (3, MAX_DEPTH)},
        "convolutional",
        "r1-gan",
        sides=4,
    ),
    "style": Architecture(
        style_generator,
        style_discriminator,
        {
            "latent_dim": 64,
            "generator_widths": (96, 96, 64, 32),
            "discriminator_widths": (32, 64, 128, 128),
            "generator_norm": "none",
            "discriminator_norm": "none",
        },
        {"generator_widths": (3, MAX_DEPTH), "discriminator_widths": (3, MAX_DEPTH)},
        "a style generator, with a space of its own",
        "r1-gan",
        sides=4,
        generator_norms=("none",),
        spherical=True,
        subpixels=8,
    ),
}
