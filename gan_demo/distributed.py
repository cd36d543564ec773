"""Several processes train one model together: torchrun --nproc-per-node N train.py ...

Every process has the same weights and draws the same random numbers. Each computes its own rows of every batch, and
gradients and the statistics of batch norm are means over the whole batch. So N processes train what one would, up to
the order in which float32 adds. With one process everything here does nothing.
"""

import os
from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from gan_demo.errors import UserError

BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d


def count() -> int:
    """Return how many processes train together: 1 unless `join` was called under torchrun."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def first() -> bool:
    """Whether this is the process that writes, logs and evaluates."""
    return count() == 1 or dist.get_rank() == 0


def join(device: str) -> None:
    """Meet the other processes if torchrun started several: through NCCL on GPUs, one each, else through gloo."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or count() > 1:
        return
    if device == "cuda":
        local, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if local >= gpus:
            raise UserError(f"{gpus} GPUs are here: use --nproc-per-node {gpus}, or --device cpu")
        torch.cuda.set_device(local)
    dist.init_process_group("nccl" if device == "cuda" else "gloo")


def leave() -> None:
    """Part from the other processes."""
    if count() > 1:
        dist.destroy_process_group()


def rows(whole: Tensor) -> Tensor:
    """Return this process's rows of a tensor that has a row for each picture of the whole batch."""
    return whole if count() == 1 else whole.chunk(count())[dist.get_rank()]


class _Sum(torch.autograd.Function):
    """The sum over all processes. Each one's loss depends on it, so its gradient is the sum of theirs."""

    @staticmethod
    def forward(context: Any, own: Tensor) -> Tensor:
        total = own.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        return _Sum.apply(gradient)


def mean(own: Tensor) -> Tensor:
    """The mean over all processes, with gradients."""
    return own if count() == 1 else _Sum.apply(own) / count()


def std(own: Tensor) -> Tensor:
    """The standard deviation over all numbers of all processes, as `Tensor.std` has it."""
    if count() == 1:
        return own.std()
    numbers = own.numel() * count()
    return (mean((own - mean(own.mean())).square().mean()) * numbers / (numbers - 1)).sqrt()


def wait() -> None:
    """Wait until every process has come here."""
    if count() > 1:
        dist.barrier()


def of_first(value: str) -> str:
    """What the first process has in the place of `value`; waits for all of them."""
    if count() == 1:
        return value
    values = [value]
    dist.broadcast_object_list(values, src=0)
    return values[0]


def any_of(flag: bool, device: torch.device) -> bool:
    """Whether the flag is set in any process; waits for all of them."""
    if count() == 1:
        return flag
    flags = torch.tensor(float(flag), device=device)
    dist.all_reduce(flags)
    return bool(flags > 0)


def average_gradients(network: nn.Module) -> None:
    """Put the mean over all processes in the place of each gradient."""
    if count() == 1:
        return
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])  # one message, not one a layer
    dist.all_reduce(flat)
    flat /= count()
    for gradient, own in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(own.view_as(gradient))


class WholeBatchNorm(nn.Module):
    """Batch norm with the mean and the variance of the whole batch, not of this process's part.

    It has the parameters and buffers of the layer that it takes the place of, under the same names.
    """

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, norm: BatchNorm) -> None:
        super().__init__()
        assert norm.momentum is not None
        self.eps, self.momentum = norm.eps, norm.momentum
        self.weight, self.bias = norm.weight, norm.bias
        for name, buffer in norm.named_buffers():
            self.register_buffer(name, buffer)

    def forward(self, x: Tensor) -> Tensor:
        axes, shape = [0, *range(2, x.ndim)], (1, -1, *(1,) * (x.ndim - 2))
        wide = x.float()
        if self.training:
            centre = mean(wide.mean(axes))
            variance = mean((wide - centre.view(shape)).square().mean(axes))
            self._remember(centre, variance, x.numel() // x.shape[1] * count())
        else:
            centre, variance = self.running_mean, self.running_var
        normal = (wide - centre.view(shape)) * (variance + self.eps).rsqrt().view(shape)
        if self.weight is not None and self.bias is not None:
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal.to(x.dtype)

    @torch.no_grad()
    def _remember(self, centre: Tensor, variance: Tensor, numbers: int) -> None:
        """Move the running averages towards this batch's mean and its unbiased variance, as torch does."""
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(centre, self.momentum)
        self.running_var.lerp_(variance * numbers / (numbers - 1), self.momentum)


def share_batch_norms(networks: Iterable[nn.Module]) -> None:
    """Replace each batch norm of the networks by a `WholeBatchNorm`; with one process, do nothing."""
    if count() == 1:
        return
    for network in networks:
        for parent in list(network.modules()):
            for name, module in parent.named_children():
                if isinstance(module, BatchNorm):
                    parent.register_module(name, WholeBatchNorm(module))
