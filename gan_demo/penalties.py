"""What keeps a discriminator from changing too fast: one row each in a table, free to meet any objective.

A penalty is added to the discriminator's loss. It looks at the gradient of D's raw output in the picture,
each picture's on its own, in float32. Weight clipping is no loss: it acts on the weights after a step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan_demo import distributed

Discriminator = Callable[[Tensor], Tensor]  # pictures (n, channels, height, width) -> raw outputs (n,)
EPSILON = 1e-12  # inside a square root, whose slope at 0 is infinite


def squared_slopes(discriminator: Discriminator, images: Tensor) -> Tensor:
    """||grad_x D(x)||^2 of each picture: (n,). The graph is kept, so that D's weights can learn from it."""
    images = images.detach().requires_grad_()
    # The sum's gradient holds each picture's own gradient, as long as no layer mixes pictures.
    (gradients,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    return gradients.flatten(1).square().sum(1)


def _distance_from_slope_1(discriminator: Discriminator, images: Tensor) -> Tensor:
    """E[(||grad_x D(x)|| - 1)^2]."""
    slopes = (squared_slopes(discriminator, images) + EPSILON).sqrt()
    return (slopes - 1).square().mean()


def gradient_penalty(discriminator: Discriminator, real: Tensor, fake: Tensor, random: torch.Generator) -> Tensor:
    """E[(||grad D(u x + (1 - u) G(z))|| - 1)^2] with u uniform in [0, 1] for each pair: Gulrajani 2017, equation 3."""
    share = distributed.rows(torch.rand(len(real) * distributed.count(), 1, 1, 1, generator=random, device=real.device))
    return _distance_from_slope_1(discriminator, share * real + (1 - share) * fake)


def dragan(discriminator: Discriminator, real: Tensor, fake: Tensor, random: torch.Generator) -> Tensor:
    """E[(||grad D(x + noise)|| - 1)^2] around the data only: Kodali 2017.

    The noise is normal, as in the paper; half the standard deviation of the batch is its size in the authors'
    code, where it is uniform.
    """
    noise = torch.randn(len(real) * distributed.count(), *real.shape[1:], generator=random, device=real.device)
    return _distance_from_slope_1(discriminator, real + distributed.std(real) / 2 * distributed.rows(noise))


def r1(discriminator: Discriminator, real: Tensor, fake: Tensor, random: torch.Generator) -> Tensor:
    """E[||grad D(x)||^2] / 2 over real pictures: Mescheder 2018, equation 9, with gamma = 1."""
    return squared_slopes(discriminator, real).mean() / 2


def r2(discriminator: Discriminator, real: Tensor, fake: Tensor, random: torch.Generator) -> Tensor:
    """E[||grad D(G(z))||^2] / 2 over generated pictures: Mescheder 2018, equation 10, with gamma = 1."""
    return squared_slopes(discriminator, fake).mean() / 2


def r1_and_r2(discriminator: Discriminator, real: Tensor, fake: Tensor, random: torch.Generator) -> Tensor:
    """The sum of R1 and R2, of one strength: Huang 2024 (R3GAN), section 2."""
    return r1(discriminator, real, fake, random) + r2(discriminator, real, fake, random)


@torch.no_grad()
def clip(network: nn.Module, bound: float) -> None:
    """Bring every weight into [-bound, bound], in place: Arjovsky 2017, algorithm 1."""
    for parameter in network.parameters():
        parameter.clamp_(-bound, bound)


@dataclass(frozen=True)
class Penalty:
    """One row of `PENALTIES`; what `--penalty-weight` multiplies, or for clipping, what it is."""

    formula: str  # for people
    source: str
    weight: float  # unless told otherwise
    loss: Callable[[Discriminator, Tensor, Tensor, torch.Generator], Tensor] | None = None
    clips: bool = False


PENALTIES: dict[str, Penalty] = {
    "none": Penalty("", "", 0.0),
    "clip": Penalty("every weight of D in [-c, c]", "Arjovsky et al. 2017", 0.01, clips=True),
    "gradient": Penalty(
        "λ E[(‖∇D(x̂)‖ - 1)²], x̂ between x and G(z)", "Gulrajani et al. 2017, equation 3", 10.0, gradient_penalty
    ),
    "dragan": Penalty("λ E[(‖∇D(x + noise)‖ - 1)²]", "Kodali et al. 2017", 10.0, dragan),
    "r1": Penalty("γ/2 E[‖∇D(x)‖²]", "Mescheder et al. 2018, equation 9", 0.1, r1),
    "r2": Penalty("γ/2 E[‖∇D(G(z))‖²]", "Mescheder et al. 2018, equation 10", 0.1, r2),
    "r1+r2": Penalty("γ/2 E[‖∇D(x)‖²] + γ/2 E[‖∇D(G(z))‖²]", "Huang et al. 2024, section 2", 0.1, r1_and_r2),
}
