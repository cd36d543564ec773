"""How sure a discriminator may be: its logit is scaled on pictures that it has not learned from."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_demo.evaluation.metrics import rounded


class Scale(NamedTuple):
    """How a logit is calibrated: divided by the temperature, and shifted."""

    temperature: float
    shift: float


def calibration(real: Tensor, generated: Tensor, shifted: bool = False) -> Scale:
    """The temperature, and the shift if there is to be one, with which held-out pictures have the lowest log loss.

    Neither lets two pictures change places (Guo et al. 2017, section 4.2). It is as if one of n + 2 pictures of each
    kind were named wrongly (Platt 1999): where none is, D must not be surer than n pictures can make it. The loss is
    convex in the inverse temperature and the shift: Newton's method finds it, each step halved until it helps.
    """
    outputs = torch.cat([real, generated]).double()
    spread = outputs.std().clamp(min=1e-9)  # Newton's first step is too long where logits are large
    inputs = torch.stack([outputs / spread, torch.full_like(outputs, float(shifted))], 1)
    kinds = (real, 1.0), (generated, 0.0)
    wanted = torch.cat(
        [torch.full((len(some),), (kind * len(some) + 1) / (len(some) + 2)) for some, kind in kinds]
    ).double()
    weight = torch.cat([torch.full((len(some),), 0.5 / len(some)) for some, _ in kinds]).double()

    def loss(parameters: Tensor) -> Tensor:
        told = inputs @ parameters
        return (weight * (softplus(told) - wanted * told)).sum()

    found = torch.tensor([1.0, 0.0], dtype=torch.float64)
    for _ in range(30):
        told = (inputs @ found).sigmoid()
        slope = inputs.T @ (weight * (told - wanted))
        curve = (inputs.T * (weight * told * (1 - told))) @ inputs + 1e-9 * torch.eye(2, dtype=torch.float64)
        step = torch.linalg.solve(curve, slope)
        length = next((0.5**halved for halved in range(30) if loss(found - 0.5**halved * step) < loss(found)), 0.0)
        found = found - length * step
        if length * step.abs().max() < 1e-9:
            break
    temperature = spread.item() / max(found[0].item(), 1e-3)  # of a D that is worse than guessing: nearly flat
    return Scale(rounded(temperature), rounded(found[1].item()) if shifted else 0.0)
