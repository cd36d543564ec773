"""The moving average of a network's weights."""

import torch
from torch import Tensor, nn


@torch.no_grad()
def move_average(average: nn.Module, network: nn.Module, rate: Tensor) -> None:
    """Exponential moving average: average <- average + rate (network - average), in place.

    `rate` is 1 - decay, a tensor () on the networks' device. Batch-norm statistics are averaged as parameters are."""
    everything = ((*part.parameters(), *part.buffers()) for part in (average, network))
    means, currents = [], []
    for mean, current in zip(*everything, strict=True):
        if mean.is_floating_point():
            means.append(mean)
            currents.append(current)
        else:  # the number of batches that a norm has seen has no average
            mean.copy_(current)
    (_move_together if rate.is_cuda else _move_each)(means, currents, rate)


def _move_together(means: list[Tensor], currents: list[Tensor], rate: Tensor) -> None:
    """Move all averages with three kernels: a GPU would wait for the launches of one kernel each."""
    steps = torch._foreach_sub(currents, means)
    torch._foreach_mul_(steps, rate)
    torch._foreach_add_(means, steps)


def _move_each(means: list[Tensor], currents: list[Tensor], rate: Tensor) -> None:
    """Move one average after the other: on a CPU each number is then read and written once."""
    for mean, current in zip(means, currents, strict=True):
        mean.lerp_(current, rate)
