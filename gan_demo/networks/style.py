"""Style-based networks, after Karras 2019 (StyleGAN) and Karras 2020 (StyleGAN2), small enough for 28x28.

A mapping network turns a latent z into w. A synthesis network starts from a learned constant, and w tells each of its
convolutions how much of each channel to take.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gan_demo.networks.dcgan import dcgan_discriminator
from gan_demo.networks.layers import EPSILON, LEAK, Change, Discriminator, Shape

MAPPING_LAYERS = 4
MEAN_RATE = 0.005  # of the running mean of w, a batch
MAPPING_RATE = 0.01  # how fast they learn, compared to the others: Karras 2019, appendix C
EDGE = 0.5  # how far the field goes from no ink to ink
BRIGHTEST = 253.4 / 255  # the mean level of the inside of strokes in MNIST


def normalise(x: Tensor) -> Tensor:
    """Each row divided by its root mean square: (n, d) -> (n, d) of length sqrt(d) (Karras 2018, section 4.2)."""
    return x * (x.square().mean(1, keepdim=True) + EPSILON).rsqrt()


class Equalised(nn.Module):
    """Weights that start as N(0, 1), and are multiplied by `gain` = 1/sqrt(inputs) where they are used.

    So Adam, whose steps do not know the scale of a weight, changes all layers at one relative rate: the equalised
    learning rate of Karras 2018, section 4.1. With a `rate` below 1 weights start as N(0, 1/rate) and are multiplied
    by rate, too, and these layers learn that much more slowly.
    """

    def __init__(self, *shape: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(shape[0]))
        self.start, self.rate = bias, rate
        self.gain = rate / math.sqrt(math.prod(shape[1:]))

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        """Draw the first weights; `start` is the first bias as it is used."""
        self.weight.normal_(0, 1 / self.rate, generator=generator)
        self.bias.fill_(self.start / self.rate)


class EqualisedLinear(Equalised):
    """A fully connected layer, (n, inputs) -> (n, outputs), always in float32."""

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__(outputs, inputs, bias=bias, rate=rate)

    def forward(self, x: Tensor) -> Tensor:
        # A bfloat16 w would have 8 bits, and so would every style.
        with torch.autocast(x.device.type, enabled=False):
            return functional.linear(x.to(self.weight.dtype), self.weight * self.gain, self.bias * self.rate)


class Mapping(nn.Module):
    """Latents z (n, latent_dim) -> w (n, latent_dim).

    The direction of z says which w. The length of z, divided by sqrt(latent_dim), is the psi of the truncation trick:
    w comes as much nearer to the mean w (Karras 2019, section 2.1 of its appendix B). A training draws z of psi = 1.
    A class is a learned vector beside z, of the same length, and has a mean w of its own.
    """

    mean: Tensor  # (classes or 1, latent_dim): the mean w of each class as training saw it

    def __init__(self, latent_dim: int, classes: int) -> None:
        super().__init__()
        self.embedding = EqualisedLinear(classes, latent_dim) if classes else None
        inputs = latent_dim * (2 if classes else 1)
        sizes = [inputs, *[latent_dim] * MAPPING_LAYERS]
        self.layers = nn.ModuleList(
            EqualisedLinear(before, after, rate=MAPPING_RATE) for before, after in pairwise(sizes)
        )
        self.register_buffer("mean", torch.empty(classes or 1, latent_dim))

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        self.mean.zero_()

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        psi = (z.float().square().mean(1, keepdim=True) + EPSILON).sqrt()
        w = self._untruncated(z, labels)
        of_class = torch.zeros(len(z), dtype=torch.long, device=z.device) if labels is None else labels
        if self.training:
            # Each row moves the mean of its class.
            with torch.no_grad(), torch.autocast(z.device.type, enabled=False):
                members = functional.one_hot(of_class, len(self.mean)).float()
                counts = members.sum(0)[:, None]
                means = (members.T @ w) / counts.clamp(min=1)
                self.mean.lerp_(torch.where(counts > 0, means, self.mean), MEAN_RATE)
        mean = self.mean[of_class]
        return mean + psi * (w - mean)

    def _untruncated(self, z: Tensor, labels: Tensor | None) -> Tensor:
        x = normalise(z.float())
        if self.embedding is not None and labels is not None:
            told = functional.one_hot(labels, self.embedding.weight.shape[1]).to(x)
            x = torch.cat([x, normalise(self.embedding(told))], dim=1)
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), LEAK) * math.sqrt(2)  # half of the variance is lost in the ReLU
        return x


class ModulatedConvolution(Equalised):
    """A convolution whose weights w decides for each picture: (n, inputs, h, w), (n, w_dim) -> (n, outputs, h, w).

    Weight w_ijk of input channel i is multiplied by the style s_i, a linear function of w. Then the weights of each
    output channel j are divided by their norm, so that outputs of inputs of variance 1 have variance 1:
    Karras 2020, equations 1 to 3. Here the inputs are multiplied by s_i and the outputs are divided by the norm, which
    is the same, and needs one convolution for all pictures.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, w_dim: int, demodulate: bool = True, size: float = 1.0
    ) -> None:
        super().__init__(outputs, inputs, kernel, kernel)
        self.style = EqualisedLinear(w_dim, inputs, bias=1.0)
        self.demodulate, self.size = demodulate, size  # the standard deviation of outputs, if demodulated

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        style = self.style(w)
        weight = self.weight * self.gain
        x = functional.conv2d(
            x * style.to(x.dtype)[:, :, None, None], weight.to(x.dtype), padding=weight.shape[-1] // 2
        )
        bias = self.bias.to(x.dtype)[:, None, None]
        if not self.demodulate:
            return x + bias
        with torch.autocast(x.device.type, enabled=False):
            squares = style.square() @ weight.square().sum((2, 3)).T  # (n, outputs)
            scale = (squares + EPSILON).rsqrt() * self.size
        return torch.addcmul(bias, x, scale.to(x.dtype)[:, :, None, None])


class StyledLayer(nn.Module):
    """A modulated convolution, doubled in size if it is to `grow`, then noise of a learned strength and leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, w_dim: int, grow: bool) -> None:
        super().__init__()
        # A leaky ReLU takes about half of the variance.
        self.convolution = ModulatedConvolution(inputs, outputs, 3, w_dim, size=math.sqrt(2))
        self.noise_strength = nn.Parameter(torch.empty(()))
        self.grow = grow

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        """Without noise, which the training adds where it helps."""
        self.noise_strength.zero_()

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        x = self.convolution(x, w)  # before the growth, where it takes a quarter of the time
        if self.grow:
            x = twice_the_size(x)
        return functional.leaky_relu(x + (noise * self.noise_strength).to(x.dtype), LEAK, inplace=True)


def twice_the_size(x: Tensor) -> Tensor:
    """(n, c, h, w) -> (n, c, 2h, 2w), between the old pixels linearly.

    This is each pixel four times, blurred by (1, 3, 3, 1) / 8 in both directions: Karras 2019, section 3.
    """
    return functional.interpolate(x, scale_factor=2, mode="bilinear")


class ToPicture(nn.Module):
    """What one size adds to the picture: (n, inputs, h, w), (n, w_dim) -> (n, channels, h, w) float32."""

    def __init__(self, inputs: int, channels: int, w_dim: int) -> None:
        super().__init__()
        # Not demodulated: how much of everything there is, is what it tells the picture.
        self.convolution = ModulatedConvolution(inputs, channels, 1, w_dim, demodulate=False)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return self.convolution(x, w).float()


class Level(EqualisedLinear):
    """How bright ink is, (n, w_dim) -> (n, channels) in (0, 1): near `BRIGHTEST` at first.

    It learns as slowly as the mapping: at the others' rate its spread grew to levels that MNIST hardly has.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, rate=MAPPING_RATE)

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        """With weights that add up to 0: numbers of w are more often positive, and that must not make ink brighter."""
        super().initialise(generator)
        self.weight.sub_(self.weight.mean(1, keepdim=True))

    def forward(self, w: Tensor) -> Tensor:
        # A small share of what w says: the levels of MNIST's ink lie close together.
        return torch.sigmoid(0.35 * super().forward(w) + math.log(BRIGHTEST / (1 - BRIGHTEST)))


class Detail(ModulatedConvolution):
    """What a field of `subpixels` times the size adds to one that is enlarged: (n, inputs, h, w), (n, w_dim) -> it.

    The points within a pixel are channels first (Shi 2016, section 2): so 28x28 is the largest size of any
    convolution. At first it adds nothing.
    """

    def __init__(self, inputs: int, channels: int, w_dim: int, subpixels: int) -> None:
        super().__init__(inputs, channels * subpixels**2, 3, w_dim, demodulate=False)
        self.subpixels = subpixels

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        self.weight.zero_()
        self.bias.zero_()

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return functional.pixel_shuffle(super().forward(x, w).float(), self.subpixels)


class Ink(nn.Module):
    """What the sizes have drawn is where ink is: a field (n, channels, h, w) -> a picture of that size in [-1, 1].

    MNIST was made from scans in black and white: a pixel is the share of ink in its square. So paper is exactly black,
    the inside of a stroke is flat, and only edges are grey. A tanh of the field has none of this, and a good D sees it
    (docs/decisions.md, "Why shades tell so much"). Here the field is drawn `subpixels` times as large, each of these
    points is ink or is not, and a pixel is their mean. How bright ink is, w says, a number for each channel.
    """

    def __init__(self, inputs: int, channels: int, w_dim: int, subpixels: int) -> None:
        super().__init__()
        self.level = Level(w_dim, channels)
        self.detail = Detail(inputs, channels, w_dim, subpixels)
        self.subpixels = subpixels

    def forward(self, field: Tensor, x: Tensor, w: Tensor) -> Tensor:
        """`x` (n, inputs, h, w): the output of the last layer. `w`: (n, w_dim)."""
        fine = functional.interpolate(field, scale_factor=self.subpixels, mode="bilinear") + self.detail(x, w)
        # Where all is ink or paper the slope is 0. So the slope is that of a curve that comes near to it, and G learns
        # from every pixel (Bengio 2013, section 4: straight through).
        smooth = torch.sigmoid(4 / EDGE * fine)
        ink = smooth + ((fine / EDGE + 0.5).clamp(0, 1) - smooth).detach()
        level = self.level(w)[:, :, None, None]
        return functional.avg_pool2d(ink, self.subpixels) * (2 * level) - 1


class Size(NamedTuple):
    """The layers of the synthesis at one size of their outputs, and the numbers of their first w and of the next's."""

    height: int
    width: int
    first: int
    end: int


class Synthesis(nn.Module):
    """w -> pictures: styled layers at 7x7, 14x14 and 28x28 that begin with a learned constant.

    Each size adds to the picture of the size before (skip outputs: Karras 2020, section 4.1). Every styled layer takes
    a w of its own, where it is given several, and the picture of a size is made with the w of its last layer.
    """

    def __init__(self, shape: Shape, w_dim: int, widths: Sequence[int], subpixels: int) -> None:
        super().__init__()
        channels, height, width = shape
        *at_7, at_14, at_28 = widths
        self.constant = nn.Parameter(torch.empty(1, at_7[0], height // 4, width // 4))
        plan = [(1, at_7), (2, (at_14, at_14)), (4, (at_28, at_28))]
        layers: list[StyledLayer] = []
        pictures: list[ToPicture] = []
        self.sizes: list[Size] = []
        inputs = at_7[0]
        for factor, outputs in plan:
            first = len(layers)
            for index, output in enumerate(outputs):
                layers.append(StyledLayer(inputs, output, w_dim, grow=factor > 1 and index == 0))
                inputs = output
            pictures.append(ToPicture(inputs, channels, w_dim))
            self.sizes.append(Size(height // 4 * factor, width // 4 * factor, first, len(layers)))
        self.layers, self.pictures = nn.ModuleList(layers), nn.ModuleList(pictures)
        self.ink = Ink(inputs, channels, w_dim, subpixels) if subpixels > 1 else None
        for index, (height, width) in enumerate(self._noise_sizes()):
            self.register_buffer(f"noise_{index}", torch.empty(1, 1, height, width))

    def _noise_sizes(self) -> list[tuple[int, int]]:
        return [(size.height, size.width) for size in self.sizes for _ in range(size.first, size.end)]

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        """Draw the constant, and the noise that all samples will have."""
        for tensor in (self.constant, *self.own_noise()):
            tensor.normal_(generator=generator)

    def styles(self) -> list[EqualisedLinear]:
        """The linear functions of w that modulate the styled layers, in their order."""
        return [layer.convolution.style for layer in self.layers if isinstance(layer, StyledLayer)]

    def own_noise(self) -> list[Tensor]:
        """The noise of all samples, a tensor (1, 1, h, w) a layer: so a picture is a function of its latent."""
        return [self.get_buffer(f"noise_{index}") for index in range(len(self.layers))]

    def draw_noise(self, n: int, random: torch.Generator) -> list[Tensor]:
        """Fresh noise for n pictures, a tensor (n, 1, h, w) a layer, on the device of `random`."""
        return [torch.randn(n, 1, *size, generator=random, device=random.device) for size in self._noise_sizes()]

    def forward(self, w: Tensor, noise: Sequence[Tensor] | None = None, change: Change | None = None) -> Tensor:
        """(n, w_dim), or (n, layers, w_dim) with a w a layer -> (n, channels, height, width) in [-1, 1].

        A `change` is for this call alone. It is given the output of each styled layer.
        """
        w = w.unsqueeze(1).expand(-1, len(self.layers), -1) if w.ndim == 2 else w
        noise = self.own_noise() if noise is None else noise
        x = self.constant.expand(len(w), -1, -1, -1)
        picture = x.new_zeros(())
        for size, to_picture in zip(self.sizes, self.pictures, strict=True):
            for index in range(size.first, size.end):
                x = self.layers[index](x, w[:, index], noise[index])
                x = x if change is None else change(index, x)
            before = twice_the_size(picture) if picture.ndim else picture
            picture = before + to_picture(x, w[:, size.end - 1])
        return torch.tanh(picture) if self.ink is None else self.ink(picture, x, w[:, -1])


class StyleGenerator(nn.Module):
    """Latents (n, latent_dim) -> pictures (n, channels, height, width), by way of w = mapping(z)."""

    def __init__(self, shape: Shape, latent_dim: int, widths: Sequence[int], classes: int, subpixels: int = 1) -> None:
        super().__init__()
        self.mapping = Mapping(latent_dim, classes)
        self.synthesis = Synthesis(shape, latent_dim, widths, subpixels)

    def draw_for_training(
        self, n: int, mixing: float, random: torch.Generator, rows: Callable[[Tensor], Tensor]
    ) -> dict[str, Any]:
        """What a training gives `forward` beside z: fresh noise, and for a share `mixing` of n pictures other latents.

        `rows` takes a process's own from what is drawn for all.
        """
        drawn: dict[str, Any] = {"noise": [rows(noise) for noise in self.synthesis.draw_noise(n, random)]}
        if mixing:
            layers, device = len(self.synthesis.layers), random.device
            other = normalise(torch.randn(n, self.mapping.mean.shape[1], generator=random, device=device))
            cuts = torch.randint(1, layers, (n,), generator=random, device=device)
            share = torch.rand(n, generator=random, device=device)
            drawn["mixed"] = rows(other), rows(cuts.masked_fill(share >= mixing, layers))
        return drawn

    def forward(
        self,
        z: Tensor,
        labels: Tensor | None = None,
        noise: Sequence[Tensor] | None = None,
        mixed: tuple[Tensor, Tensor] | None = None,
        change: Change | None = None,
    ) -> Tensor:
        """`noise` as in `Synthesis.draw_noise`, `change` as in its `forward`.

        `mixed`: other latents, and the first layer of each (n,).
        """
        w = self.mapping(z, labels)
        if mixed is not None:
            other, cuts = mixed
            after = torch.arange(len(self.synthesis.layers), device=w.device) >= cuts[:, None]
            w = torch.where(after[:, :, None], self.mapping(other, labels)[:, None], w[:, None])
        return self.synthesis(w, noise, change)


def style_generator(
    shape: Shape, latent_dim: int, widths: Sequence[int], norm: str, classes: int, subpixels: int = 1
) -> StyleGenerator:
    """A generator with a space of its own (Karras 2019, 2020): z -> w -> 7x7 -> 14x14 -> 28x28.

    The last two of `widths` are the channels at 14x14 and 28x28. Those before are the channels of layers at 7x7.
    Demodulation is all the normalisation that it has: `norm` is "none". With 1 of `subpixels` it ends in a tanh, with
    more as `Ink` says.
    """
    return StyleGenerator(shape, latent_dim, widths, classes, subpixels)


def style_discriminator(shape: Shape, widths: Sequence[int], norm: str, classes: int) -> Discriminator:
    """The DCGAN's, and before the last convolution it is told how varied a minibatch is (Karras 2018, section 3)."""
    return dcgan_discriminator(shape, widths, norm, classes, spread=True)
