"""A recorded iteration against the same one unrecorded; needs a GPU."""

import copy

import pytest
import torch
from helpers.training import trainer, weights

from gan_demo.errors import UserError
from gan_demo.networks import ARCHITECTURES
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.training.cuda_graph import WARM_UP

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA graphs need an NVIDIA GPU"),
    pytest.mark.usefixtures("small_networks"),
]


@pytest.fixture(autouse=True)
def the_same_sums_each_time():
    """Algorithms that give equal bits each time, so that the two differ by nothing but the recording."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    yield
    torch.use_deterministic_algorithms(False)


def both(model, iterations=50, **fields):
    """Trainers with and without recording, after so many iterations."""
    runs = [trainer(model, device="cuda", epochs=20, graph=graph, **fields) for graph in (True, False)]
    metrics = [torch.stack([run.iterate() for _ in range(iterations)]) for run in runs]
    return runs, metrics


@pytest.mark.parametrize("model", ARCHITECTURES)
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_recorded_iterations_give_the_weights_of_unrecorded_ones(model, objective, penalty):
    (recorded, plain), metrics = both(model, objective=objective, penalty=penalty, lr_g=1e-4, lr_d=1e-4)
    assert recorded.update.recordings
    torch.testing.assert_close(*metrics, rtol=1e-3, atol=1e-4)
    for name in ("generator", "discriminator", "average"):
        pair = [weights(getattr(run.state, name)) for run in (recorded, plain)]
        torch.testing.assert_close(*pair, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "fields",
    [
        {"penalty": "r1", "penalty_every": 3},  # a recording with the penalty, and one without
        {"penalty": "gradient", "conditional": True, "d_steps": 2},
        {"discriminator_norm": "spectral", "precision": "bf16"},
        {"discriminator_norm": "batch"},
    ],
    ids=str,
)
def test_other_settings_recorded(fields):
    (recorded, plain), metrics = both("dcgan", lr_g=1e-4, lr_d=1e-4, **fields)
    assert len(recorded.update.recordings) == (2 if "penalty_every" in fields else 1)
    torch.testing.assert_close(*metrics, rtol=1e-2, atol=1e-3)
    norms = [run.gradient_norms() for run in (recorded, plain)]
    torch.testing.assert_close(*norms, rtol=1e-2, atol=1e-3)
    for name in ("generator", "discriminator"):
        for one, other in zip(
            getattr(recorded.state, name).parameters(), getattr(plain.state, name).parameters(), strict=True
        ):
            assert (one.grad is None) == (other.grad is None)


def test_each_replay_draws_new_random_numbers_and_moves_the_generator_on():
    recorded, plain = (trainer(device="cuda", epochs=20, graph=graph, lr_g=1e-9, lr_d=1e-9) for graph in (True, False))
    metrics = torch.stack([recorded.iterate() for _ in range(WARM_UP + 5)])
    for _ in range(WARM_UP + 5):
        plain.iterate()
    assert len(metrics[:, 4].unique()) == len(metrics)  # D's mean for other fakes each time
    assert torch.equal(recorded.state.random.get_state(), plain.state.random.get_state())


def test_a_recorded_run_goes_on_from_its_state():
    whole, stopped, resumed = (trainer(device="cuda", penalty="r1", epochs=20, graph=True) for _ in range(3))
    for _ in range(20):
        whole.iterate()
    for _ in range(12):
        stopped.iterate()
    resumed.load_state_dict(copy.deepcopy(stopped.state.state_dict()))
    for _ in range(8):
        resumed.iterate()
    torch.testing.assert_close(weights(whole.state.average), weights(resumed.state.average), rtol=1e-4, atol=1e-5)


def test_what_cannot_be_recorded_ends_in_one_line():
    run = trainer(device="cuda", epochs=20, graph=True)
    update = run.update.function
    run.update.function = lambda key: update(key) if torch.zeros(1, device="cuda").item() == 0 else None  # waits
    for _ in range(WARM_UP):
        run.iterate()
    with pytest.raises(UserError, match="cannot be recorded as a CUDA graph .*: train with --no-graph"):
        run.iterate()
