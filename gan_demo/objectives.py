"""The adversarial objectives and penalties: pure functions of the discriminator's raw outputs.

For the objectives of the 2014 paper the raw output is the logit l of a probability D = sigmoid(l), so
log D = -softplus(-l) and log(1 - D) = -softplus(l). Written with softplus, no loss ever takes the
logarithm of a number that has been rounded to 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus


def discriminator_log_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))], the negative of V(D, G): Goodfellow 2014, equation 1."""
    return softplus(-real).mean() + softplus(fake).mean()


def saturating_generator_loss(fake: Tensor) -> Tensor:
    """E[log(1 - D(G(z)))]: Goodfellow 2014, equation 1, as the generator sees it.

    Its gradient in the logit is -D/n: it vanishes where D is sure that the picture is fake, which is
    where the generator needs it most.
    """
    return -softplus(fake).mean()


def non_saturating_generator_loss(fake: Tensor) -> Tensor:
    """-E[log D(G(z))]: Goodfellow 2014, end of section 3.

    Same fixed point as the saturating loss, but its gradient in the logit is -(1 - D)/n: strongest
    where D is sure that the picture is fake.
    """
    return softplus(-fake).mean()


@dataclass(frozen=True)
class Objective:
    """One row of `OBJECTIVES`; both losses are minimised."""

    discriminator_loss: Callable[[Tensor, Tensor], Tensor]  # of (real outputs, fake outputs)
    generator_loss: Callable[[Tensor], Tensor]  # of fake outputs
    output: str  # what D's raw output is: a key of `belief.MEANINGS`
    formula: str  # for people
    source: str


OBJECTIVES: dict[str, Objective] = {
    "non-saturating": Objective(
        discriminator_log_loss,
        non_saturating_generator_loss,
        output="logit",
        formula="D: max E[log D(x)] + E[log(1 - D(G(z)))]   G: max E[log D(G(z))]",
        source="Goodfellow et al. 2014, section 3",
    ),
    "minimax": Objective(
        discriminator_log_loss,
        saturating_generator_loss,
        output="logit",
        formula="D: max, G: min  E[log D(x)] + E[log(1 - D(G(z)))]",
        source="Goodfellow et al. 2014, equation 1",
    ),
}


def value(real: Tensor, fake: Tensor) -> Tensor:
    """V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))] in nats, from logits; -log 4 where D = 1/2."""
    return -discriminator_log_loss(real, fake)


def jensen_shannon_bound(value: float) -> float:
    """The lower bound (V + log 4) / 2 on the Jensen-Shannon divergence of data and generator, in nats.

    Goodfellow 2014, theorem 1: the best D gives V = -log 4 + 2 JSD; every other D gives less. The
    divergence lies between 0 and log 2, so a bound below 0 says nothing.
    """
    return (value + math.log(4)) / 2


def r1(discriminator: Callable[[Tensor], Tensor], real_images: Tensor) -> Tensor:
    """E[||grad_x D(x)||^2] / 2 over real pictures: Mescheder 2018, equation 9, with gamma = 1.

    The norm is that of each picture on its own; the graph is kept, so that the penalty can be
    differentiated by the discriminator's parameters.
    """
    images = real_images.detach().requires_grad_()
    # The sum's gradient holds each picture's own gradient, as long as no layer mixes pictures.
    (gradients,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    return gradients.flatten(1).square().sum(1).mean() / 2


PENALTIES: dict[str, Callable[[Callable[[Tensor], Tensor], Tensor], Tensor] | None] = {
    "none": None,
    "r1": r1,
}
