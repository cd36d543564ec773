"""Generators and discriminators.

A generator maps latents z ~ N(0, I), (n, latent_dim), to pictures, (n, channels, height, width) in [-1, 1].
A discriminator maps pictures to raw outputs, (n,), high for real. No network ends in a sigmoid: the objective says what
the raw output means (see `objectives.py`).
A conditional generator is asked for a class with each latent, and its discriminator is told which.
All models that ship draw grey pictures of 28x28, and the comments name the sides of those.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.nn.utils.parametrize import is_parametrized

Shape = tuple[int, int, int]  # channels, height and width of a picture
IMAGE_SIZE = 28
IMAGE_SHAPE: Shape = (1, IMAGE_SIZE, IMAGE_SIZE)  # of MNIST
LEAK = 0.2  # slope of every leaky ReLU, as in DCGAN
POWER_ITERATIONS = 15  # of spectral normalisation before training; each training step adds some

BatchNormClass = type[nn.BatchNorm1d] | type[nn.BatchNorm2d]
GENERATOR_NORMS = ("none", "batch")
DISCRIMINATOR_NORMS = ("none", "batch", "spectral")


class ClassBatchNorm(nn.Module):
    """Batch norm with a scale and a shift for each class (de Vries 2017): (n, width, ...), (n,) -> (n, width, ...).

    The class enters after the latents' part has been brought to variance 1, so it cannot drown the latents.
    """

    def __init__(self, norm: nn.BatchNorm1d | nn.BatchNorm2d, classes: int) -> None:
        super().__init__()
        self.norm = norm
        self.scale = nn.Parameter(torch.empty(classes, norm.num_features))
        self.shift = nn.Parameter(torch.empty(classes, norm.num_features))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        shape = (len(x), x.shape[1], *(1,) * (x.ndim - 2))
        scale, shift = (table[labels].view(shape).to(x.dtype) for table in (self.scale, self.shift))
        return self.norm(x) * scale + shift


class Generator(nn.Module):
    """Latents (n, latent_dim) -> pictures (n, channels, height, width), by the `layers` it is given.

    A conditional generator has a `ClassBatchNorm` in the place of each batch norm.
    """

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        x = z
        for layer in self.layers:
            x = layer(x, labels) if isinstance(layer, ClassBatchNorm) else layer(x)
        return x


class Discriminator(nn.Module):
    """Pictures (n, channels, height, width) -> raw outputs (n,): a `body` that finds features, and one linear output.

    With `classes`, the output is a . f + b + e_class . f for features f: the projection discriminator
    (Miyato and Koyama 2018, equation 3).
    """

    def __init__(self, body: nn.Sequential, features: int, norm: str, classes: int) -> None:
        super().__init__()
        spectral = _spectral_if(norm)
        self.body = body
        self.head = spectral(nn.Linear(features, 1))
        # From an empty table: else torch would draw normal numbers on the meta device, which is slow there.
        table = torch.empty(classes, features)
        self.embedding = spectral(nn.Embedding.from_pretrained(table, freeze=False)) if classes else None

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        features = self.body(images)
        # Not in bfloat16: a score of 5 would be rounded to 1/32, coarser than the differences that matter.
        with torch.autocast(images.device.type, enabled=False):
            features = features.to(images.dtype)
            outputs = self.head(features).squeeze(1)
            if self.embedding is not None:
                outputs = outputs + (self.embedding(labels) * features).sum(1)
            return outputs


def _batch_if(norm: str, layer: BatchNormClass, width: int, classes: int = 0) -> list[nn.Module]:
    """The batch normalisation that follows a layer of `width` outputs: one module, or none."""
    if norm != "batch":
        return []
    return [ClassBatchNorm(layer(width, affine=False), classes) if classes else layer(width)]


def _spectral_if(norm: str) -> Callable[[nn.Module], nn.Module]:
    """The wrapper of a discriminator's layers: it divides the weight by its largest singular value, or does nothing."""
    return spectral_norm if norm == "spectral" else lambda layer: layer


def mlp_generator(shape: Shape, latent_dim: int, widths: Sequence[int], norm: str, classes: int) -> Generator:
    """Fully connected: latent_dim -> widths -> pixels -> tanh (Goodfellow 2014, with batch norm as DCGAN has it)."""
    layers: list[nn.Module] = []
    for narrow, wide in zip((latent_dim, *widths), widths, strict=False):
        normalise = _batch_if(norm, nn.BatchNorm1d, wide, classes)
        layers += [nn.Linear(narrow, wide, bias=not normalise), *normalise, nn.LeakyReLU(LEAK)]
    layers += [nn.Linear(widths[-1], math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape)]
    return Generator(nn.Sequential(*layers))


def mlp_discriminator(shape: Shape, widths: Sequence[int], norm: str, classes: int) -> Discriminator:
    """Fully connected: pixels -> widths -> 1."""
    spectral = _spectral_if(norm)
    layers: list[nn.Module] = [nn.Flatten()]
    for index, (inputs, outputs) in enumerate(zip((math.prod(shape), *widths), widths, strict=False)):
        # DCGAN, section 3: no batch norm on the discriminator's input layer.
        normalise = _batch_if(norm, nn.BatchNorm1d, outputs) if index > 0 else []
        layers += [spectral(nn.Linear(inputs, outputs, bias=not normalise)), *normalise, nn.LeakyReLU(LEAK)]
    return Discriminator(nn.Sequential(*layers), widths[-1], norm, classes)


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
    layers += [nn.Unflatten(1, (at_7[0], *start)), *_batch_if(norm, nn.BatchNorm2d, at_7[0], classes), nn.ReLU()]
    for before, after in pairwise(at_7):
        convolution = nn.Conv2d(before, after, 3, padding=1, bias=bias)
        layers += [convolution, *_batch_if(norm, nn.BatchNorm2d, after, classes), nn.ReLU()]
    layers += [nn.ConvTranspose2d(at_7[-1], at_14, 4, stride=2, padding=1, bias=bias)]
    layers += [*_batch_if(norm, nn.BatchNorm2d, at_14, classes), nn.ReLU()]
    layers += [nn.ConvTranspose2d(at_14, channels, 4, stride=2, padding=1), nn.Tanh()]
    return Generator(nn.Sequential(*layers))


def dcgan_discriminator(shape: Shape, widths: Sequence[int], norm: str, classes: int) -> Discriminator:
    """Strided convolutions 28 -> 14 -> 7 -> 4 (Radford 2016), then 3x3 ones at 4x4, and one linear output.

    The first three `widths` are the channels of the strided ones. Each unit of a fourth sees the whole picture, and so
    how its parts fit together.
    """
    channels, height, width = shape
    spectral = _spectral_if(norm)
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(zip((channels, *widths), widths, strict=False)):
        normalise = _batch_if(norm, nn.BatchNorm2d, outputs) if index > 0 else []
        # A 4x4 kernel halves an even side exactly; 7 has no half, and 3x3 takes it to 4.
        kernel, stride = ((4, 2), (4, 2), (3, 2), (3, 1))[min(index, 3)]
        layers.append(spectral(nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=not normalise)))
        layers += [*normalise, nn.LeakyReLU(LEAK)]
    features = widths[-1] * -(-height // 8) * -(-width // 8)
    return Discriminator(nn.Sequential(*layers, nn.Flatten()), features, norm, classes)


@dataclass(frozen=True)
class Architecture:
    """One row of `ARCHITECTURES`: two functions that build networks, and the sizes they have unless told otherwise."""

    # Functions of (shape, latent_dim, widths, norm, classes), and of (shape, widths, norm, classes).
    generator: Callable[[Shape, int, Sequence[int], str, int], Generator]
    discriminator: Callable[[Shape, Sequence[int], str, int], Discriminator]
    defaults: dict[str, Any]  # fields of config.Config
    widths: dict[str, tuple[int, int]]  # how many of them the networks take: fewest and most
    about: str = "one of your own"  # for people, in --help
    recipe: str = "ns-gan"  # a key of recipes.RECIPES: it is trained so unless told otherwise
    sides: int = 1  # a picture's sides are multiples of this


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
}


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill every parameter and buffer of `network` in place from `generator`.

    Layers of convolutional networks get N(0, 0.02) as in DCGAN (section 4). Purely linear ones keep torch's own scale,
    U(-1/sqrt(inputs), 1/sqrt(inputs)): torch would draw it by itself, but from the global random state.
    """
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)
    convolutional = any(isinstance(module, convolutions) for module in network.modules())
    for module in network.modules():
        if isinstance(module, nn.Linear) and not convolutional:
            bound = module.in_features**-0.5
            nn.init.uniform_(_own_weight(module), -bound, bound, generator=generator)
            if module.bias is not None:
                nn.init.uniform_(module.bias, -bound, bound, generator=generator)
        elif isinstance(module, (nn.Linear, *convolutions)):
            nn.init.normal_(_own_weight(module), 0.0, 0.02, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):  # small: D starts unaware of classes
            nn.init.normal_(_own_weight(module), 0.0, 0.02, generator=generator)
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_running_stats()
            if module.affine:
                _start_norm(module.weight, module.bias, convolutional, generator)
        elif isinstance(module, ClassBatchNorm):
            _start_norm(module.scale, module.shift, convolutional, generator)
        if is_parametrized(module, "weight"):
            _find_singular_vectors(module, generator)


def _own_weight(layer: nn.Module) -> Tensor:
    """The parameter behind a layer's weight: under spectral normalisation, the weight that is not yet divided."""
    return layer.get_parameter("parametrizations.weight.original" if is_parametrized(layer, "weight") else "weight")


def _start_norm(scale: Tensor, shift: Tensor, convolutional: bool, generator: torch.Generator) -> None:
    if convolutional:
        nn.init.normal_(scale, 1.0, 0.02, generator=generator)
    else:
        nn.init.ones_(scale)
    nn.init.zeros_(shift)


def _find_singular_vectors(module: nn.Module, generator: torch.Generator) -> None:
    """Start the power iteration of spectral normalisation (Miyato 2018, algorithm 1) and let it settle."""
    for vector in module.get_submodule("parametrizations.weight.0").buffers():
        vector.copy_(nn.functional.normalize(torch.randn(vector.shape, generator=generator), dim=0))
    for _ in range(POWER_ITERATIONS):
        _ = module.weight  # in training mode, each look is an iteration


@torch.no_grad()
def move_average(average: nn.Module, network: nn.Module, rate: Tensor) -> None:
    """Exponential moving average: average <- average + rate (network - average), in place.

    `rate` is 1 - decay, a tensor () on the networks' device. Batch-norm statistics are averaged as parameters are."""
    everything = ((*part.parameters(), *part.buffers()) for part in (average, network))
    means, currents = [], []
    for mean, current in zip(*everything, strict=True):
        if mean.is_floating_point():
            means.append(mean)
            currents.append(current)
        else:  # the number of batches that a norm has seen has no average
            mean.copy_(current)
    (_move_together if rate.is_cuda else _move_each)(means, currents, rate)


def _move_together(means: list[Tensor], currents: list[Tensor], rate: Tensor) -> None:
    """Move all averages with three kernels: a GPU would wait for the launches of one kernel each."""
    steps = torch._foreach_sub(currents, means)
    torch._foreach_mul_(steps, rate)
    torch._foreach_add_(means, steps)


def _move_each(means: list[Tensor], currents: list[Tensor], rate: Tensor) -> None:
    """Move one average after the other: on a CPU each number is then read and written once."""
    for mean, current in zip(means, currents, strict=True):
        mean.lerp_(current, rate)
