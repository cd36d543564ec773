"""What networks of several families are built of."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

Shape = tuple[int, int, int]  # channels, height and width of a picture
# Is given the number of a hidden layer and its output, (n, channels, h, w), and returns what the next layer gets.
Change = Callable[[int, Tensor], Tensor]
IMAGE_SIZE = 28
IMAGE_SHAPE: Shape = (1, IMAGE_SIZE, IMAGE_SIZE)  # of MNIST
LEAK = 0.2  # slope of every leaky ReLU, as in DCGAN
EPSILON = 1e-8  # in square roots, whose slope at 0 is infinite
MEMORY = 0.01  # what a batch adds to the running mean of a MinibatchSpread

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


class MinibatchSpread(nn.Module):
    """One more channel, which says how much the pictures of a group differ: (n, c, h, w) -> (n, c + 1, h, w).

    It is the standard deviation of a feature at a place over the group, averaged over features and places (Karras 2018,
    section 3): a generator whose pictures are all alike is found out. Groups are neighbours in the batch, so real and
    generated pictures must come in batches of their own.
    Outside training the channel is the mean that training saw: what D says of a picture depends on this picture alone.
    """

    usual: Tensor  # the mean that training saw
    GROUPS = 4, 3, 2  # pictures in a group: the first number that divides n, else all

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("usual", torch.empty(()))

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        self.usual.zero_()

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        if self.training:
            group = next((size for size in self.GROUPS if n % size == 0), n)
            grouped = x.float().unflatten(0, (n // group, group))
            variance = (grouped - grouped.mean(1, keepdim=True)).square().mean(1)  # ten times as fast as Tensor.var
            spread = (variance + EPSILON).sqrt().mean((1, 2, 3))
            self.usual.lerp_(spread.detach().mean(), MEMORY)
            spread = spread.repeat_interleave(group)
        else:
            spread = self.usual.expand(n)
        return torch.cat([x, spread.to(x.dtype).view(n, 1, 1, 1).expand(-1, -1, height, width)], dim=1)


class Generator(nn.Module):
    """Latents (n, latent_dim) -> pictures (n, channels, height, width), by the `layers` it is given.

    A conditional generator has a `ClassBatchNorm` in the place of each batch norm.
    A `change` of `forward` is for this call alone. It is given the output of each ReLU: a hidden layer with channels.
    """

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, z: Tensor, labels: Tensor | None = None, change: Change | None = None) -> Tensor:
        x, hidden = z, 0
        for layer in self.layers:
            x = layer(x, labels) if isinstance(layer, ClassBatchNorm) else layer(x)
            if change is not None and isinstance(layer, nn.ReLU):
                x = change(hidden, x)
                hidden += 1
        return x


class Discriminator(nn.Module):
    """Pictures (n, channels, height, width) -> raw outputs (n,): a `body` that finds features, and one linear output.

    With `classes`, the output is a . f + b + e_class . f for features f: the projection discriminator
    (Miyato and Koyama 2018, equation 3).
    """

    def __init__(self, body: nn.Sequential, features: int, norm: str, classes: int) -> None:
        super().__init__()
        spectral = spectral_if(norm)
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


def batch_if(norm: str, layer: BatchNormClass, width: int, classes: int = 0) -> list[nn.Module]:
    """The batch normalisation that follows a layer of `width` outputs: one module, or none."""
    if norm != "batch":
        return []
    return [ClassBatchNorm(layer(width, affine=False), classes) if classes else layer(width)]


def spectral_if(norm: str) -> Callable[[nn.Module], nn.Module]:
    """The wrapper of a discriminator's layers: it divides the weight by its largest singular value, or does nothing."""
    return spectral_norm if norm == "spectral" else lambda layer: layer
