"""What a discriminator sees in pictures: its accuracy when something is taken away, and where its slope is steep."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, conv2d, grid_sample

from gan_demo.belief.best_response import coarser
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.samples import batches
from gan_demo.evaluation.told_apart import area
from gan_demo.pixels import LIGHT, from_pixels, ground, to_pixels

MOST = 2000  # pictures of each kind
STEEP = 200  # pictures of each kind whose slopes are looked at
FAINT = 5  # the darkest grey levels that are not black
INK = 128  # the grey level from which on a pixel is ink

# The largest random changes of a picture for the D of the page, about what another way to 28x28 pixels does.
SCALING = 0.06
SHIFT = 1 / 14  # of half a side: one pixel
SHARPER, SOFTER = -0.5, 0.8  # how far towards a blurred picture, or away from it
CONTRAST = 0.1
GAMMA = 0.25
UNVARIED = 0.5

_BINOMIAL = torch.tensor([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]])[None, None] / 16


def blurred(images: Tensor) -> Tensor:
    """Each pixel the mean of its neighbourhood of 3x3, the middle weighing most; what is outside is ground."""
    outside = ground(images).view(-1, 1, 1, 1)
    return conv2d(images - outside, _BINOMIAL.to(images), padding=1) + outside


def _toward_light(images: Tensor) -> Tensor:
    """1 for each picture whose ink is light, -1 where it is dark on light ground: (n, 1, 1, 1)."""
    return torch.where(ground(images) >= LIGHT / 127.5 - 1, -1.0, 1.0).view(-1, 1, 1, 1)


def cleared(images: Tensor) -> Tensor:
    """Pictures without the FAINT grey levels next to black, or to white where the ground is light."""
    sign = _toward_light(images)
    return torch.where(images * sign <= FAINT / 127.5 - 1, -1.0, images * sign) * sign


def varied(images: Tensor, random: torch.Generator, strength: float = 1.0) -> Tensor:
    """Move, scale, blur or sharpen each picture a little, and change its contrast: (n, 1, h, w) -> the same.

    `random` is a generator of the CPU; `strength` is 0 for no change to 1. A share of UNVARIED, chosen at random, stays
    as it is: moving by parts of a pixel takes away what else there is to see. What comes in from outside is ground.
    """
    sign = _toward_light(images)
    inked = images * sign
    outside = ground(inked).view(-1, 1, 1, 1)
    drawn = (torch.rand(7, len(images), generator=random) * 2 - 1) * strength
    stays = (torch.rand(len(images), generator=random) < UNVARIED).to(images.device)
    wider, higher, right, down, softer, contrast, gamma = drawn.to(images.device)
    none = torch.zeros_like(wider)
    rows = [
        torch.stack([1 + wider * SCALING, none, right * SHIFT], 1),
        torch.stack([none, 1 + higher * SCALING, down * SHIFT], 1),
    ]
    grid = affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    moved = grid_sample(inked - outside, grid, align_corners=False) + outside  # padding is zero
    how_far = torch.where(softer > 0, softer * SOFTER, -softer * SHARPER).view(-1, 1, 1, 1)
    light = (moved + how_far * (blurred(moved) - moved)).clamp(-1, 1) / 2 + 0.5
    stronger, power = (1 + contrast * CONTRAST).view(-1, 1, 1, 1), (gamma * GAMMA).exp().view(-1, 1, 1, 1)
    changed = (light * stronger).clamp(0, 1) ** power * 2 - 1
    return torch.where(stays.view(-1, 1, 1, 1), images, changed * sign)


# What is taken away -> how, of pictures in [-1, 1]. The first takes nothing.
CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "as they are": lambda images: images,
    "16 grey levels": coarser,
    "4 grey levels": lambda images: coarser(images, 4),
    "black and white": lambda images: coarser(images, 2),
    "levels 1 to 5 cleared": cleared,
    "blurred": blurred,
    "blurred twice": lambda images: blurred(blurred(images)),
}


@torch.inference_mode()
def accuracies(network: nn.Module, real: Tensor, generated: Tensor) -> dict[str, dict[str, float]]:
    """A D's accuracy and area for real and generated pictures, (n, 1, 28, 28) uint8, after each of CHANGES.

    D is not trained again. Changed pictures are rounded to 8 bits. Where the area stays and the accuracy falls, D still
    sorts the pictures, and takes all of them for more or less real than before.
    """
    device = next(network.parameters()).device
    found = {}
    for name, change in CHANGES.items():
        outputs = []
        for pixels in (real[:MOST], generated[:MOST]):
            changed = to_pixels(change(from_pixels(pixels.to(device))))
            rows = batches(len(changed))
            outputs.append(torch.cat([network(from_pixels(changed[some])) for some in rows]).cpu().double())
        right = ((outputs[0] > 0).double().mean() + (outputs[1] <= 0).double().mean()).item() / 2
        found[name] = {"accuracy": rounded(right), "area": rounded(area(*outputs))}
    return found


def where_it_looks(network: nn.Module, real: Tensor, generated: Tensor) -> dict[str, float]:
    """How D's slope is spread over ground ("black"), edges and ink: for each, its mean size over that of all pixels."""
    pixels = torch.cat([real[:STEEP], generated[:STEEP]])
    with torch.enable_grad():
        images = from_pixels(pixels).to(next(network.parameters()).device).requires_grad_()
        (slopes,) = torch.autograd.grad(network(images).sum(), images)
    sizes = slopes.abs().cpu()
    pixels = torch.where(ground(pixels).view(-1, 1, 1, 1) >= LIGHT, 255 - pixels, pixels)
    black, ink = pixels <= ground(pixels).view(-1, 1, 1, 1), pixels >= INK
    at = {"black": black, "edge": ~black & ~ink, "ink": ink}
    mean = sizes.mean().clamp(min=1e-12)
    return {name: rounded((sizes[where].mean() / mean).item()) if where.any() else 0.0 for name, where in at.items()}
