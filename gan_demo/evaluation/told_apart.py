"""How well a discriminator tells two sets of pictures apart: pure functions of its calibrated logits."""

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_demo.evaluation.metrics import rounded

BINS = 15  # of a calibration error


def figures_of(real: Tensor, generated: Tensor) -> dict[str, float]:
    """All figures of the logits (n,) of real and (m,) of generated pictures, with standard errors of the first three.

    accuracy: share named rightly, both kinds counting half, by a classifier two-sample test (Lopez-Paz and Oquab 2017);
    a logit of exactly 0 counts half. value: V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))] in nats (Goodfellow et al.
    2014, equation 1). jsd: log 2 + V / 2, at most the Jensen-Shannon divergence of the two distributions (theorem 1),
    which is at most log 2 = .693; it is below 0 where D is worse than guessing. area: share of pairs in which the real
    one has the higher logit, a tie counting half.
    """
    right = [_rightly(real), _rightly(-generated)]
    losses = [softplus(-real.double()), softplus(generated.double())]
    value = -sum(loss.mean().item() for loss in losses)
    value_error = math.sqrt(sum(_error(loss) ** 2 for loss in losses))
    figures = {
        "accuracy": sum(share.mean().item() for share in right) / 2,
        "accuracy_error": math.sqrt(sum(_error(share) ** 2 for share in right)) / 2,
        "value": value,
        "value_error": value_error,
        "jsd": math.log(2) + value / 2,
        "jsd_error": value_error / 2,
        "area": area(real, generated),
    }
    return {name: rounded(figure) for name, figure in figures.items()}


def area(real: Tensor, generated: Tensor) -> float:
    """The area under the ROC curve: the share of pairs of which the real picture has the higher logit."""
    ordered = generated.double().sort().values
    lower = sum(torch.searchsorted(ordered, real.double(), right=ties).double().mean().item() for ties in (False, True))
    return lower / 2 / len(generated)


def expected_calibration_error(real: Tensor, generated: Tensor) -> float:
    """The mean gap between what D says and how often it is so (Guo et al. 2017, equation 3), both kinds equally common.

    0 for a D whose "80 %" is right in four of five cases. The probability of being real is cut into BINS bins.
    """
    outputs = torch.cat([real, generated]).double().sigmoid()
    truth = torch.cat([torch.ones(len(real)), torch.zeros(len(generated))]).double()
    weight = torch.cat([torch.full((len(s),), 0.5 / len(s), dtype=torch.float64) for s in (real, generated)])
    bins = (outputs * BINS).long().clamp(max=BINS - 1)
    gaps = torch.zeros(BINS, dtype=torch.float64).index_add_(0, bins, weight * (outputs - truth))
    return gaps.abs().sum().item()


def error_of(values: list[float], sampling: float) -> float:
    """The standard error of a mean over seeds: what the seeds differ by, and the test pictures that they share.

    `sampling` is the standard error of one seed's value by its test pictures.
    """
    spread = torch.tensor(values, dtype=torch.float64).var().item() if len(values) > 1 else 0.0
    return math.sqrt(spread / len(values) + sampling**2)


def _rightly(outputs: Tensor) -> Tensor:
    return (outputs.double().sign() + 1) / 2


def _error(values: Tensor) -> float:
    """The standard error of a mean."""
    return values.std().item() / math.sqrt(len(values))
