"""Generators and discriminators of 28x28 grey pictures.

A generator maps latents z ~ N(0, I) of shape (n, latent_dim) to pictures (n, 1, 28, 28) in [-1, 1].
A discriminator maps pictures to raw outputs of shape (n,), high for real: there is no sigmoid in any
network, because what the raw output means is a matter of the objective (see `objectives.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE
LEAK = 0.2  # slope of every leaky ReLU, as in DCGAN

NORMS = ("none", "batch")


def _norm(norm: str, layer: Callable[[int], nn.Module], width: int) -> list[nn.Module]:
    """The normalisation that follows a layer of `width` outputs: one module, or none."""
    return [layer(width)] if norm == "batch" else []


class MLPGenerator(nn.Module):
    """Fully connected: z -> widths -> 784 -> tanh (the 2014 GAN, with batch norm as DCGAN has it)."""

    def __init__(self, latent_dim: int, widths: Sequence[int], norm: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in zip((latent_dim, *widths), widths, strict=False):
            normalise = _norm(norm, nn.BatchNorm1d, outputs)
            layers += [nn.Linear(inputs, outputs, bias=not normalise), *normalise, nn.LeakyReLU(LEAK)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], IMAGE_PIXELS), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(-1, 1, IMAGE_SIZE, IMAGE_SIZE)


class MLPDiscriminator(nn.Module):
    """Fully connected: 784 -> widths -> 1."""

    def __init__(self, widths: Sequence[int], norm: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for index, (inputs, outputs) in enumerate(zip((IMAGE_PIXELS, *widths), widths, strict=False)):
            # DCGAN, section 3: no batch norm on the discriminator's input layer.
            normalise = _norm(norm if index > 0 else "none", nn.BatchNorm1d, outputs)
            layers += [nn.Linear(inputs, outputs, bias=not normalise), *normalise, nn.LeakyReLU(LEAK)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images.flatten(1)).squeeze(1)


class DCGANGenerator(nn.Module):
    """Transposed convolutions from 7x7 up to 28x28 (Radford 2016), made for 28x28 directly.

    The last two `widths` are the channels at 7x7 and at 14x14; those before are fully connected layers,
    which decide what the parts of a digit have in common.
    """

    def __init__(self, latent_dim: int, widths: Sequence[int], norm: str) -> None:
        super().__init__()
        *hidden, at_7, at_14 = widths
        bias = norm == "none"  # batch norm has a bias of its own
        layers: list[nn.Module] = []
        for inputs, outputs in zip((latent_dim, *hidden), hidden, strict=False):
            layers += [nn.Linear(inputs, outputs, bias=bias), *_norm(norm, nn.BatchNorm1d, outputs), nn.ReLU()]
        layers += [
            nn.Linear((latent_dim, *hidden)[-1], at_7 * 7 * 7, bias=bias),
            nn.Unflatten(1, (at_7, 7, 7)),
            *_norm(norm, nn.BatchNorm2d, at_7),
            nn.ReLU(),
            nn.ConvTranspose2d(at_7, at_14, 4, stride=2, padding=1, bias=bias),
            *_norm(norm, nn.BatchNorm2d, at_14),
            nn.ReLU(),
            nn.ConvTranspose2d(at_14, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        ]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class DCGANDiscriminator(nn.Module):
    """Strided convolutions 28 -> 14 -> 7 -> 4 (Radford 2016), then 3x3 ones at 4x4, and one linear output.

    The first three `widths` are the channels of the strided ones. Each unit of a fourth sees the whole
    picture, and so how its parts fit together.
    """

    def __init__(self, widths: Sequence[int], norm: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for index, (inputs, outputs) in enumerate(zip((1, *widths), widths, strict=False)):
            normalise = _norm(norm if index > 0 else "none", nn.BatchNorm2d, outputs)
            # A 4x4 kernel halves an even side exactly; 7 has no half, so 3x3 takes it to 4.
            kernel, stride = ((4, 2), (4, 2), (3, 2), (3, 1))[min(index, 3)]
            layers.append(nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=not normalise))
            layers += [*normalise, nn.LeakyReLU(LEAK)]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * 4 * 4, 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(1)


@dataclass(frozen=True)
class Architecture:
    """One row of `ARCHITECTURES`: the two constructors and the shape they have unless told otherwise."""

    generator: Callable[[int, Sequence[int], str], nn.Module]
    discriminator: Callable[[Sequence[int], str], nn.Module]
    defaults: dict[str, Any]  # fields of gan.Config
    fewest_widths: dict[str, int]  # of the fields of gan.Config that are widths


ARCHITECTURES: dict[str, Architecture] = {
    "mlp": Architecture(
        MLPGenerator,
        MLPDiscriminator,
        {
            "latent_dim": 64,
            "generator_widths": (256, 512, 1024),
            "discriminator_widths": (512, 256),
            "generator_norm": "batch",
            "discriminator_norm": "none",
        },
        {"generator_widths": 1, "discriminator_widths": 1},
    ),
    "dcgan": Architecture(
        DCGANGenerator,
        DCGANDiscriminator,
        {
            "latent_dim": 64,
            "generator_widths": (128, 64),
            "discriminator_widths": (32, 64, 128, 128),
            "generator_norm": "batch",
            # Without batch norm D(x) is a function of the picture x alone.
            "discriminator_norm": "none",
        },
        {"generator_widths": 2, "discriminator_widths": 3},
    ),
}


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill every parameter and buffer of `network` in place from `generator`.

    Layers of convolutional networks get N(0, 0.02) as in DCGAN (section 3); purely linear ones keep
    torch's own scale, U(-1/sqrt(inputs), 1/sqrt(inputs)). Torch would do the latter by itself, but from
    the global random state, which is not ours to move.
    """
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)
    convolutional = any(isinstance(module, convolutions) for module in network.modules())
    for module in network.modules():
        if isinstance(module, (nn.Linear, *convolutions)):
            if convolutional:
                nn.init.normal_(module.weight, 0.0, 0.02, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            else:
                bound = module.in_features**-0.5
                nn.init.uniform_(module.weight, -bound, bound, generator=generator)
                if module.bias is not None:
                    nn.init.uniform_(module.bias, -bound, bound, generator=generator)
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_running_stats()
            if convolutional:
                nn.init.normal_(module.weight, 1.0, 0.02, generator=generator)
            else:
                nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)


@torch.no_grad()
def move_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """average <- decay average + (1 - decay) network, in place: parameters, and batch-norm statistics too."""
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)
    for mean, current in zip(average.buffers(), network.buffers(), strict=True):
        mean.lerp_(current, 1 - decay) if mean.is_floating_point() else mean.copy_(current)
