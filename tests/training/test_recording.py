"""When an iteration is recorded and what of it is kept, by a GPU that is not there; test_cuda_graph.py needs one."""

import contextlib
import copy

import pytest
import torch
from helpers.training import trainer

from gan_demo.errors import UserError
from gan_demo.training import iteration
from gan_demo.training.cuda_graph import WARM_UP, Replayed

pytestmark = pytest.mark.usefixtures("small_networks")


class Streams:
    """Streams that remember of which device they are asked for."""

    def __init__(self):
        self.devices = []

    def __call__(self, device):
        self.devices.append(device)
        return self

    def wait_stream(self, other):
        assert other is self


class Graph:
    """A graph whose replays are counted."""

    replays = 0

    def register_generator_state(self, random):
        pass

    def replay(self):
        Graph.replays += 1


@pytest.fixture
def streams(monkeypatch):
    made = Streams()
    for name in ("Stream", "current_stream", "synchronize"):
        monkeypatch.setattr(torch.cuda, name, made)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: contextlib.nullcontext())
    monkeypatch.setattr(torch.cuda, "graph", lambda graph, stream: contextlib.nullcontext())
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(Graph, "replays", 0)
    return made


def test_a_key_is_recorded_after_its_warm_up_on_the_networks_own_device(streams):
    network, keys = torch.nn.Linear(2, 1, device="meta"), []

    def function(key):
        keys.append(key)
        return torch.zeros(1)

    replayed = Replayed(function, torch.Generator(), [network])
    for _ in range(WARM_UP + 2):
        replayed("one")
    replayed("other")
    assert keys == ["one"] * (WARM_UP + 1) + ["other"]  # the last of "one" is the recording's
    assert Graph.replays == 2
    assert set(streams.devices) == {torch.device("meta")}  # never whichever device is the current one
    replayed.forget()
    replayed("one")
    assert (keys[-1], Graph.replays) == ("one", 2)  # eager again


def test_gradients_are_those_of_the_last_call_once_they_are_looked_at(streams):
    network = torch.nn.ParameterList([torch.ones(())])

    def function(key):
        network.zero_grad()
        (network[0] * key).backward()
        return torch.zeros(1)

    replayed = Replayed(function, torch.Generator(), [network])
    for key in (1, 2):
        for _ in range(WARM_UP + 1):
            replayed(key)
    replayed(1)
    assert network[0].grad.item() == 2  # nobody has looked
    replayed.show_gradients()
    assert network[0].grad.item() == 1
    replayed(3)
    replayed.show_gradients()
    assert network[0].grad.item() == 3  # of an eager call they are there


def test_what_cannot_be_recorded_ends_in_one_line(streams):
    def function(key):
        if replayed.calls[key] > WARM_UP:
            raise RuntimeError("operation not permitted\nwhen stream is capturing")
        return torch.zeros(1)

    replayed = Replayed(function, torch.Generator(), [torch.nn.Linear(1, 1, device="meta")])
    for _ in range(WARM_UP):
        replayed("key")
    with pytest.raises(
        UserError, match=r"\(operation not permitted when stream is capturing\): train with --no-graph$"
    ):
        replayed("key")
    assert not replayed.recordings


def test_a_training_that_loads_a_state_forgets_its_recordings(streams, monkeypatch):
    run, other = trainer(), trainer()
    run.update = Replayed(run.update, run.state.random, [run.state.generator])
    for _ in range(WARM_UP + 1):
        run.iterate()
    assert run.update.recordings
    run.load_state_dict(copy.deepcopy(other.state.state_dict()))
    assert not run.update.recordings
    assert run.gradient_norms().shape == (2,)


def test_only_a_recorded_training_has_what_a_recording_needs(streams, monkeypatch):
    assert not trainer().settings.graph  # nobody has tried it on a GPU
    plain = trainer()
    monkeypatch.setattr(iteration, "is_recorded", lambda settings: settings.graph)
    recorded = trainer(graph=True)
    for run, wanted in ((plain, False), (recorded, True)):
        (group,) = run.state.optimizer_g.param_groups
        assert group["capturable"] == isinstance(group["lr"], torch.Tensor) == wanted
    plain.iterate()
    recorded.load_state_dict(copy.deepcopy(plain.state.state_dict()))  # --resume --graph
    assert recorded.state.optimizer_d.param_groups[0]["capturable"]
    plain.load_state_dict(copy.deepcopy(recorded.state.state_dict()))  # and --no-graph
    assert not plain.state.optimizer_d.param_groups[0]["capturable"]
    assert isinstance(plain.state.optimizer_d.param_groups[0]["lr"], float)
