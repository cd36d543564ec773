"""A CUDA graph: the GPU's work of one iteration is recorded once and replayed, without Python in between.

With networks this small a GPU waits for the host: an iteration is many short kernels, and to launch one from Python
can take longer than to run it. `python benchmarks/train_speed.py` times an iteration with the graph. Nobody has run it
on a GPU yet, so a training records only with `--graph`.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from gan_demo.errors import UserError

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
    are those of the unrecorded function; each replay moves `random` on, too. Everything is on the device of `networks`.
    A call raises UserError where it cannot be recorded. What was computed up to then is no longer whole: a recording
    that fails leaves its function in the middle.
    """

    def __init__(
        self, function: Callable[[Key], Tensor], random: torch.Generator, networks: Sequence[nn.Module]
    ) -> None:
        self.function, self.random = function, random
        self.parameters = [parameter for network in networks for parameter in network.parameters()]
        self.device = self.parameters[0].device
        self.stream = torch.cuda.Stream(self.device)
        self.forget()

    def forget(self) -> None:
        """Drop all recordings: tensors of theirs no longer lie where they were."""
        self.calls: dict[Key, int] = {}
        self.recordings: dict[Key, Recording] = {}
        self.last: Recording | None = None  # what the last call replayed

    def __call__(self, key: Key) -> Tensor:
        self.calls[key] = self.calls.get(key, 0) + 1
        if self.calls[key] <= WARM_UP:
            self.last = None
            return self._eagerly(key)
        if key not in self.recordings:
            self.recordings[key] = self._record(key)
        self.last = self.recordings[key]
        self.last.graph.replay()
        return self.last.result.clone()  # the next replay writes over it

    def show_gradients(self) -> None:
        """Let each parameter's `grad` be that of the last call: a replay alone leaves it as another call set it."""
        if self.last:
            for parameter, gradient in zip(self.parameters, self.last.gradients, strict=True):
                parameter.grad = gradient

    def _eagerly(self, key: Key) -> Tensor:
        """Call it eagerly, on the stream of the recording: there the recording finds what the warm-up has set up."""
        current = torch.cuda.current_stream(self.device)
        self.stream.wait_stream(current)
        with torch.cuda.stream(self.stream):
            result = self.function(key)
        current.wait_stream(self.stream)
        return result

    def _record(self, key: Key) -> Recording:
        try:
            graph = torch.cuda.CUDAGraph()
            graph.register_generator_state(self.random)
            torch.cuda.synchronize(self.device)
            with torch.cuda.graph(graph, stream=self.stream):
                result = self.function(key)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(
                f"an iteration of this training cannot be recorded as a CUDA graph ({reason}): train with --no-graph"
            ) from error
        return Recording(graph, result, [parameter.grad for parameter in self.parameters])
