"""CUDA graphs: what the GPU does in an iteration is recorded once and played again, without Python in between.

For networks as small as ours a GPU waits for the host: an iteration is many short kernels, and launching one from
Python can take longer than running it. benchmarks/train_speed.py measures an iteration as it is by default.
"""

import sys
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

WARM_UP = 3  # eager calls before one is recorded: torch and cuDNN set themselves up in them


class Recording(NamedTuple):
    """One recorded call."""

    graph: torch.cuda.CUDAGraph
    result: Tensor  # where each replay leaves it
    gradients: list[Tensor | None]  # and those of the networks' parameters


class Replayed:
    """`function(key)`, which reads and writes tensors that stay where they are, played from a recording.

    The first calls with each key run as they are, so no call is made for the sake of the recording, and the
    random numbers are those of the unrecorded function. `random` is moved on by each replay, too.
    If the recording fails, one line says so and the calls go on as they are.
    """

    def __init__(
        self, function: Callable[[Hashable], Tensor], random: torch.Generator, networks: Sequence[nn.Module]
    ) -> None:
        self.function, self.random = function, random
        self.parameters = [parameter for network in networks for parameter in network.parameters()]
        self.stream = torch.cuda.Stream(random.device)
        self.calls: dict[Hashable, int] = {}
        self.recordings: dict[Hashable, Recording] = {}
        self.failed = False

    def __call__(self, key: Hashable) -> Tensor:
        self.calls[key] = self.calls.get(key, 0) + 1
        if key not in self.recordings and (self.failed or self.calls[key] <= WARM_UP):
            return self._as_it_is(key)
        if key not in self.recordings:
            try:
                self.recordings[key] = self._record(key)
            except RuntimeError as error:
                self.failed = True
                reason = str(error).split("\n")[0]
                print(f"This iteration cannot be made a CUDA graph ({reason}): going on without.", file=sys.stderr)
                return self._as_it_is(key)
        recording = self.recordings[key]
        recording.graph.replay()
        for parameter, gradient in zip(self.parameters, recording.gradients, strict=True):
            parameter.grad = gradient
        return recording.result.clone()  # the next replay writes over it

    def _as_it_is(self, key: Hashable) -> Tensor:
        """On the stream of the recording, where what the warm-up sets up will be found again."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            result = self.function(key)
        torch.cuda.current_stream().wait_stream(self.stream)
        return result

    def _record(self, key: Hashable) -> Recording:
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.random)
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, stream=self.stream):
            result = self.function(key)
        return Recording(graph, result, [parameter.grad for parameter in self.parameters])
