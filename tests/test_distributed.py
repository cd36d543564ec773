"""Two processes on the CPU, through gloo, against one that has the whole batch."""

import copy
import json
import os
import signal
import sys

import pytest
import torch
from helpers.commands import ROOT, here, start, wait_for
from helpers.gans import small_gan
from helpers.training import make_small, trainer

from gan_demo import distributed
from gan_demo.errors import UserError
from gan_demo.latent import direction_search
from gan_demo.settings import Settings
from gan_demo.training.iteration import METRICS
from train import main

pytestmark = pytest.mark.usefixtures("small_networks")

STEPS = 20
# Between them every way to draw random numbers, the pairs, and each kind of batch norm.
CASES = {
    "mlp, defaults": {},
    "relativistic, conditional": {"model": "dcgan", "recipe": "r3gan", "conditional": True, "penalty_every": 2},
    "gradient penalty": {"recipe": "wgan-gp"},
    "dragan": {"recipe": "dragan", "discriminator_norm": "spectral"},
    "batch norm in D, clipping": {"model": "dcgan", "recipe": "wgan"},
}


def train(fields):
    """What a training is after some steps, by name: metrics of each step, and all weights."""
    model = fields.get("model", "mlp")
    fields = {"batch_size": 8, "epochs": 20, "lr_g": 1e-4, "lr_d": 1e-4, **fields}
    run = trainer(**{"model": model, **fields})
    ends = dict(
        zip(METRICS, torch.stack([distributed.mean(run.iterate()) for _ in range(STEPS)]).unbind(1), strict=True)
    )
    for part in ("generator", "discriminator", "average"):
        ends |= {f"{part}.{name}": tensor for name, tensor in getattr(run.state, part).state_dict().items()}
    if run.objective.in_pairs:
        # D's bias is in no difference of two outputs: its gradient is rounding error, which Adam makes large.
        for name in ("discriminator.head.bias", "score_real", "score_fake", "d_real", "d_fake"):
            del ends[name]
    return ends


# `torchrun --standalone --nproc-per-node 2`, which forks its two processes: they need not import torch again.
TORCHRUN = """
import sys, test_distributed
from torch.distributed import run
from torch.distributed.launcher.api import elastic_launch

words = "--rdzv-backend c10d --rdzv-endpoint localhost:0 --nproc-per-node 2 --start-method fork program"
settings, *_ = run.config_from_args(run.parse_args(words.split()))
elastic_launch(settings, test_distributed.one_of_two)(*sys.argv[1:])
"""


def one_of_two(ends, *words):
    """Train the cases, and then, as train.py with these words, until somebody stops it."""
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        distributed.join("cpu")
        rank = torch.distributed.get_rank()
        assert distributed.of_first(["bf16", "fp32"][rank]) == "bf16"  # and so in the settings, where each has its own
        patch.setattr("gan_demo.cli.train.choose_precision", lambda wanted, device: ["bf16", "fp32"][rank])
        torch.save({name: train(fields) for name, fields in CASES.items()}, f"{ends}/{rank}.pt")
        sys.exit(main(words))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """Two processes that trained the cases and then, as train.py, until SIGTERM: (folder, what they said)."""
    folder = tmp_path_factory.mktemp("two")
    run = ["--dataset", "digits", "--epochs", "300", "--batch-size", "32", "--device", "cpu"]
    words, log = ("-c", TORCHRUN, folder, *run, "--output", folder / "run"), folder / "log"
    with start(*words, log=log, trains=True, PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "tests")])) as process:
        wait_for(folder / "run" / "snapshots" / "epoch-0001.png", process, log)
        process.send_signal(signal.SIGTERM)
        process.wait(120)
    return folder, log.read_text()


@pytest.fixture(scope="module")
def two(stopped):
    """What each of two processes has at the end, by case."""
    return [torch.load(stopped[0] / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.mark.parametrize("case", CASES)
def test_two_processes_stay_equal_and_are_one_with_the_whole_batch(case, two):
    for name, whole in train(CASES[case]).items():
        mine, theirs = (ends[case][name] for ends in two)
        assert torch.equal(mine, theirs), name
        torch.testing.assert_close(mine, whole, rtol=1e-3, atol=2e-5, msg=lambda text, name=name: f"{name}: {text}")


def test_a_run_of_two_is_stopped_and_goes_on_alone(stopped, monkeypatch):
    monkeypatch.setattr(direction_search, "SAMPLES", 200)
    monkeypatch.setattr(direction_search, "PROBES", 5)
    folder, errors = stopped
    folder = folder / "run"
    assert errors.count("Stopped and saved. Go on with: python train.py --resume") == 1, errors
    assert errors.count("The training will take about") == 1, errors  # which both have measured
    state = torch.load(folder / "state.pt", weights_only=True)
    steps = state["trainer"]["step"]
    assert 46 <= steps < 300 * 46
    state["settings"]["epochs"] = steps // 46 + 1  # an end that comes soon
    torch.save(state, folder / "state.pt")
    alone = here(main, "--resume", "--output", folder)
    assert alone.returncode == 0, alone.stderr
    assert json.loads((folder / "config.json").read_text())["training"]["steps_done"] == (steps // 46 + 1) * 46


def test_a_batch_that_cannot_be_shared(monkeypatch):
    monkeypatch.setattr(distributed, "count", lambda: 3)
    with pytest.raises(UserError, match="--batch-size 128 cannot be shared by 3 processes"):
        Settings.of("mlp")


@pytest.mark.parametrize("classes", [0, 10])
def test_a_shared_batch_norm_is_torchs_under_the_same_names(classes, monkeypatch):
    """Of one process: the same outputs and running averages, in training and after it."""
    own = small_gan("dcgan", classes=classes).generator.train()
    shared = copy.deepcopy(own)
    with monkeypatch.context() as patch:
        patch.setattr(distributed, "count", lambda: 2)
        distributed.share_batch_norms([shared])
    names = [type(module).__name__ for module in shared.modules()]
    assert "WholeBatchNorm" in names
    assert "BatchNorm2d" not in names
    assert list(shared.state_dict()) == list(own.state_dict())
    assert [name for name, _ in shared.named_parameters()] == [name for name, _ in own.named_parameters()]
    z, labels = torch.randn(6, 5, generator=torch.Generator().manual_seed(1)), torch.arange(6) if classes else None
    for training in (True, False):
        torch.testing.assert_close(shared.train(training)(z, labels), own.train(training)(z, labels))
    for name, tensor in own.state_dict().items():
        torch.testing.assert_close(shared.state_dict()[name], tensor, msg=name)


def test_alone_nothing_is_shared():
    own = torch.arange(6.0, requires_grad=True)
    assert distributed.count() == 1
    assert distributed.first()
    assert distributed.rows(own) is own
    assert distributed.mean(own) is own
    assert torch.equal(distributed.std(own), own.std())
