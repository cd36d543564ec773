"""What the units of a convolutional generator do: its channels, switched off or doubled (Bau 2019, GAN dissection).

    layer = units.layers(gan)[1]
    pictures = units.generate(gan, z, layer, layer.together([5, 7], units.OFF))

A unit is one channel of a hidden layer's output, behind its nonlinearity. A change is made in the course of one call
and leaves the network as it is, so that many can ask at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from gan_demo.classifier import load_classifier
from gan_demo.gan import GAN, Labels
from gan_demo.latent import ink, strokes
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pixels import batches, from_pixels, to_pixels

OFF, DOUBLED = 0.0, 2.0  # what a unit is multiplied by
# What changes in pictures. "ink" is the sum of their grey levels in pixels that are all ink, and the next are those of
# ink.py and strokes.py. "digit" is how sure the classifier is of the digit that it read before, from 0 to 1.
MEASURES = ("ink", *ink.MEASURES, "loops", "ends", "digit")


class Layer(NamedTuple):
    """A hidden layer of a generator, and the size of its output."""

    number: int
    channels: int
    height: int
    width: int

    def each(self, units: Sequence[int], factor: float) -> Tensor:
        """A row for each of `units`, which multiplies that one by `factor` and leaves the others: (k, channels)."""
        made = torch.ones(len(units), self.channels)
        made[torch.arange(len(units)), torch.as_tensor(units)] = factor
        return made

    def together(self, units: Sequence[int], factor: float) -> Tensor:
        """One row, which multiplies all of `units` by `factor`: (1, channels)."""
        return torch.ones(1, self.channels).index_fill_(1, torch.as_tensor(units), factor)


def layers(gan: GAN) -> tuple[Layer, ...]:
    """The hidden layers that have channels, the earliest first; none of a fully connected generator."""
    z = torch.ones(1, gan.config.latent_dim)
    found = activations(gan, z, 0 if gan.config.classes else None)
    return tuple(Layer(number, *output.shape[1:]) for number, output in enumerate(found))


@torch.inference_mode()
def activations(gan: GAN, points: Tensor, labels: Labels = None, space: str = "z") -> list[Tensor]:
    """The outputs of all these layers for points of a space (`LatentSpace`), in a row each: (n, channels, h, w)."""
    found: list[Tensor] = []

    def look(number: int, output: Tensor) -> Tensor:
        found.append(output)
        return output

    LatentSpace(gan, space).draw(points.to(gan.device), gan.labels(labels, len(points)), change=look)
    return found


@torch.inference_mode()
def generate(
    gan: GAN, points: Tensor, layer: Layer, factors: Tensor, labels: Labels = None, space: str = "z"
) -> Tensor:
    """The pictures of points of a space with a layer's units multiplied by factors, (n, channels) or (1, channels)."""
    factors = factors.to(gan.device)[:, :, None, None]

    def change(number: int, output: Tensor) -> Tensor:
        return output * factors if number == layer.number else output

    return LatentSpace(gan, space).draw(points.to(gan.device), gan.labels(labels, len(points)), change=change)


def effects(gan: GAN, z: Tensor, layer: Layer, factors: Tensor, labels: Tensor | None = None) -> Tensor:
    """What each row of factors, (k, channels), changes in each latent's picture: (k, latents, measures) float64."""
    before, read = _measure(to_pixels(gan.generate(z, labels)))
    digits = read.argmax(1)
    each, rows = factors.repeat_interleave(len(z), dim=0), torch.arange(len(z)).repeat(len(factors))
    found = []
    for part in batches(len(rows)):
        at = rows[part]
        images = generate(gan, z[at], layer, each[part], None if labels is None else labels[at])
        after, now = _measure(to_pixels(images))
        surer = (now - read[at]).gather(1, digits[at, None])
        found.append(torch.cat([after - before[at], surer], dim=1))
    return torch.cat(found).unflatten(0, (len(factors), len(z)))


@torch.inference_mode()
def _measure(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """All of MEASURES but the last, (n, 7), and how sure the classifier is of each digit, (n, 10): both float64."""
    inked = ink.of(pixels)
    sure = load_classifier(str(pixels.device)).logits(from_pixels(pixels)).cpu().double().softmax(1)
    columns = [inked.sum((1, 2), keepdim=True)[..., 0], ink.measure(inked)]
    columns += [strokes.loops(inked)[:, None], strokes.ends(inked)[:, None]]
    return torch.cat(columns, dim=1), sure


def halves(change: Tensor) -> tuple[Tensor, Tensor]:
    """The mean effects on one half of the latents, which may rank units, and on the other, which tells what they do.

    The unit that is first of many by one half has been lucky there: its effect on the same latents is too large.
    """
    half = change.shape[1] // 2
    return change[:, :half].mean(1), change[:, half:].mean(1)
