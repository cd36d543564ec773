"""The adversarial objectives: pure functions of the discriminator's raw outputs, one row each in a table.

Every loss gets the outputs for real and for generated pictures, (n,) each, and is minimised. What the raw
output is depends on the objective: the logit l of a probability D = sigmoid(l) for those of the 2014 paper,
a number of another kind for the others. With logits, log D = -softplus(-l) and log(1 - D) = -softplus(l):
written so, no loss ever takes the logarithm of a number that has been rounded to 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import relu, softplus

Loss = Callable[[Tensor, Tensor], Tensor]  # of (real outputs, fake outputs)


def log_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))], the negative of V(D, G): Goodfellow 2014, equation 1."""
    return softplus(-real).mean() + softplus(fake).mean()


def minimax_generator(real: Tensor, fake: Tensor) -> Tensor:
    """E[log(1 - D(G(z)))]: Goodfellow 2014, equation 1, as the generator sees it.

    Its gradient in the logit is -D/n: it vanishes where D is sure that the picture is fake, which is
    where the generator needs it most.
    """
    return -softplus(fake).mean()


def non_saturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[log D(G(z))]: Goodfellow 2014, end of section 3.

    Same fixed point as the saturating loss, but its gradient in the logit is -(1 - D)/n: strongest
    where D is sure that the picture is fake.
    """
    return softplus(-fake).mean()


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2: Mao 2017, equation 9 (real is 1, fake is 0)."""
    return (real - 1).square().mean() / 2 + fake.square().mean() / 2


def least_squares_generator(real: Tensor, fake: Tensor) -> Tensor:
    """E[(D(G(z)) - 1)^2] / 2: Mao 2017, equation 9. Pulls even at fakes that D already takes for real."""
    return (fake - 1).square().mean() / 2


def wasserstein_critic(real: Tensor, fake: Tensor) -> Tensor:
    """E[D(G(z))] - E[D(x)]: Arjovsky 2017, equation 2.

    Minus this is at most K times the Wasserstein-1 distance for a D whose slope is at most K, and equals it for the
    best such D. Clipping bounds K, nobody knows at what; a gradient penalty aims at K = 1 where it looks.
    """
    return fake.mean() - real.mean()


def critic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-E[D(G(z))]: Arjovsky 2017, theorem 3; Lim and Ye 2017."""
    return -fake.mean()


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]: Lim and Ye 2017; Miyato 2018, equation 16."""
    return relu(1 - real).mean() + relu(1 + fake).mean()


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[softplus(D(G(z)) - D(x))] over pairs: Jolicoeur-Martineau 2018, section 4; Huang 2024, equation 2."""
    return softplus(fake - real).mean()


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """E[softplus(D(x) - D(G(z)))], the same with the places exchanged: non-saturating, as in both papers' code."""
    return softplus(real - fake).mean()


@dataclass(frozen=True)
class Objective:
    """One row of `OBJECTIVES`."""

    discriminator_loss: Loss
    generator_loss: Loss
    output: str  # what D's raw output is: a key of `belief.MEANINGS`
    formula: str  # for people
    source: str
    in_pairs: bool = False  # the generator's loss needs D's outputs for real pictures as they are now


OBJECTIVES: dict[str, Objective] = {
    "non-saturating": Objective(
        log_discriminator,
        non_saturating_generator,
        output="logit",
        formula="D: max E[log D(x)] + E[log(1 - D(G(z)))]   G: max E[log D(G(z))]",
        source="Goodfellow et al. 2014, section 3",
    ),
    "minimax": Objective(
        log_discriminator,
        minimax_generator,
        output="logit",
        formula="D: max, G: min  E[log D(x)] + E[log(1 - D(G(z)))]",
        source="Goodfellow et al. 2014, equation 1",
    ),
    "least-squares": Objective(
        least_squares_discriminator,
        least_squares_generator,
        output="target",
        formula="D: min E[(D(x) - 1)²] / 2 + E[D(G(z))²] / 2   G: min E[(D(G(z)) - 1)²] / 2",
        source="Mao et al. 2017, equation 9",
    ),
    "wasserstein": Objective(
        wasserstein_critic,
        critic_generator,
        output="critic",
        formula="D: max, G: min  E[D(x)] - E[D(G(z))], with D's slope kept bounded",
        source="Arjovsky et al. 2017, equation 2",
    ),
    "hinge": Objective(
        hinge_discriminator,
        critic_generator,
        output="margin",
        formula="D: min E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]   G: max E[D(G(z))]",
        source="Lim and Ye 2017",
    ),
    "relativistic": Objective(
        relativistic_discriminator,
        relativistic_generator,
        output="relative",
        formula="D: max E[log sigmoid(D(x) - D(G(z)))]   G: max E[log sigmoid(D(G(z)) - D(x))], x and z in pairs",
        source="Jolicoeur-Martineau 2018; Huang et al. 2024, equation 2",
        in_pairs=True,
    ),
}


def value(real: Tensor, fake: Tensor) -> Tensor:
    """V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))] in nats, from logits; -log 4 where D = 1/2."""
    return -log_discriminator(real, fake)


def jensen_shannon_bound(value: float) -> float:
    """The lower bound (V + log 4) / 2 on the Jensen-Shannon divergence of data and generator, in nats.

    Goodfellow 2014, theorem 1: the best D gives V = -log 4 + 2 JSD; every other D gives less. The
    divergence lies between 0 and log 2, so a bound below 0 says nothing.
    """
    return (value + math.log(4)) / 2
