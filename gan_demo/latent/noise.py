"""What the noise of a style generator changes: pictures of one point of w without it, with the model's own, drawn anew.

    changed = noise.changes(gan, LatentSpace(gan, "w").of(gan.latents(1, seed=42)))
    changed.spreads[0]      # (28, 28): how much each pixel changes

Karras 2019, section 3.2 and figure 4.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gan_demo.classifier import load_classifier
from gan_demo.errors import UserError
from gan_demo.gan import GAN, Labels
from gan_demo.latent.spaces import LatentSpace
from gan_demo.networks import StyleGenerator
from gan_demo.networks.style import Synthesis
from gan_demo.pixels import from_pixels, to_pixels

DRAWS = 32
SEED = 20_190_612  # of the noise, which is the same each time


class Changes(NamedTuple):
    """What noise drawn anew changes in the picture of one point."""

    heights: tuple[int | None, ...]  # of the layers that have it; None: all layers
    spreads: Tensor  # (heights, 28, 28): the standard deviation of each pixel over DRAWS, in grey levels
    others: int  # of DRAWS for all layers: those that the classifier reads as another digit than with the model's own


def off(gan: GAN) -> list[Tensor]:
    """No noise: a tensor (1, 1, h, w) a layer."""
    return [torch.zeros_like(layer) for layer in own(gan)]


def own(gan: GAN) -> list[Tensor]:
    """The model's own, which all samples have: a tensor (1, 1, h, w) a layer."""
    return _synthesis(gan).own_noise()


def anew(gan: GAN, n: int, height: int | None = None, seed: int = SEED) -> list[Tensor]:
    """Fresh noise for n pictures, the same on every device: a tensor (n, 1, h, w) a layer.

    With a `height` only the layers of that height have it, and the others the model's own.
    """
    drawn = _synthesis(gan).draw_noise(n, torch.Generator().manual_seed(seed))
    return [
        new.to(usual.device) if height in (None, usual.shape[-2]) else usual.expand(n, -1, -1, -1)
        for new, usual in zip(drawn, own(gan), strict=True)
    ]


def side_by_side(kinds: list[list[Tensor]]) -> list[Tensor]:
    """Several noises for one batch: lists of tensors (n, 1, h, w) a layer -> one list, of the sum of all n."""
    return [torch.cat(layer) for layer in zip(*kinds, strict=True)]


def changes(gan: GAN, w: Tensor, labels: Labels = None) -> Changes:
    """Draw one point, (1, latent_dim) of w or (1, layers, latent_dim) of W+, with fresh noise again and again.

    That is for all layers, and for those of each height alone.

    Raises UserError where the model has no noise, or draws other pictures than 28x28 grey.
    """
    _synthesis(gan)
    space = LatentSpace(gan, "w" if w.ndim == 2 else "w+")
    heights: tuple[int | None, ...] = (None, *space.cuts)
    # In one go, which is faster.
    together = side_by_side([own(gan), *(anew(gan, DRAWS, height) for height in heights)])
    pixels = to_pixels(space.generate(w.expand(1 + DRAWS * len(heights), *w.shape[1:]), labels, together))
    read = load_classifier(str(pixels.device)).predict(from_pixels(pixels[: 1 + DRAWS]))
    spreads = pixels[1:, 0].cpu().float().unflatten(0, (len(heights), DRAWS)).std(1)
    return Changes(heights, spreads, int((read[1:] != read[0]).sum()))


def _synthesis(gan: GAN) -> Synthesis:
    if not isinstance(gan.generator, StyleGenerator):
        raise UserError("this model has no noise: only a style generator has")
    return gan.generator.synthesis
