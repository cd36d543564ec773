"""A CUDA graph: the GPU's work of one iteration is recorded once and replayed, without Python in between.

With networks this small a GPU waits for the host: an iteration is many short kernels, and to launch one from Python
can take longer than to run it. `python benchmarks/train_speed.py` times an iteration with the graph.
"""

import sys
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

WARM_UP = 3  # eager calls before one is recorded: torch and cuDNN set themselves up in them


class Recording(NamedTuple):
    """A recorded call, and where a replay leaves what it computes."""

    graph: torch.cuda.CUDAGraph
    result: Tensor
    gradients: list[Tensor | None]  # of the networks' parameters


Key = TypeVar("Key", bound=Hashable)


class Replayed(Generic[Key]):
    """Calls `function(key)`, whose tensors must stay where they are, by replaying a recording of it.

    The first WARM_UP calls with each key are eager. So no call is made for the recording's sake, and the random numbers
    are those of the unrecorded function; each replay moves `random` on, too.
    If the recording fails, one line on stderr says so, and all calls stay eager.
    """

    def __init__(
        self, function: Callable[[Key], Tensor], random: torch.Generator, networks: Sequence[nn.Module]
    ) -> None:
        self.function, self.random = function, random
        self.parameters = [parameter for network in networks for parameter in network.parameters()]
        self.stream = torch.cuda.Stream(random.device)
        self.calls: dict[Key, int] = {}
        self.recordings: dict[Key, Recording] = {}
        self.failed = False

    def __call__(self, key: Key) -> Tensor:
        self.calls[key] = self.calls.get(key, 0) + 1
        if key not in self.recordings and (self.failed or self.calls[key] <= WARM_UP):
            return self._eagerly(key)
        if key not in self.recordings:
            try:
                self.recordings[key] = self._record(key)
            except RuntimeError as error:
                self.failed = True
                reason = str(error).split("\n")[0]
                print(f"This iteration cannot be made a CUDA graph ({reason}): going on without.", file=sys.stderr)
                return self._eagerly(key)
        recording = self.recordings[key]
        recording.graph.replay()
        for parameter, gradient in zip(self.parameters, recording.gradients, strict=True):
            parameter.grad = gradient
        return recording.result.clone()  # the next replay writes over it

    def _eagerly(self, key: Key) -> Tensor:
        """Call it eagerly, on the stream of the recording: there the recording finds what the warm-up has set up."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            result = self.function(key)
        torch.cuda.current_stream().wait_stream(self.stream)
        return result

    def _record(self, key: Key) -> Recording:
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.random)
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, stream=self.stream):
            result = self.function(key)
        return Recording(graph, result, [parameter.grad for parameter in self.parameters])
