"""Figures that go to TensorBoard and to wandb: by stand-ins of their libraries, which record what they are told."""

import sys
from types import SimpleNamespace

import pytest
from helpers.commands import here

import train
from gan_demo.errors import UserError
from gan_demo.settings import Settings
from gan_demo.training import history, iteration, loggers, run
from gan_demo.training.loggers import LOGGERS

pytestmark = pytest.mark.usefixtures("small_networks")
RUN = ("--dataset", "digits", "--epochs", "2", "--batch-size", "512", "--device", "cpu")


class Board:
    """What a SummaryWriter is told."""

    def __init__(self, folder):
        self.folder, self.scalars, self.closed, self.texts = folder, [], False, []
        made.append(self)

    def add_scalar(self, name, figure, step):
        self.scalars.append((name, figure, step))

    def add_text(self, name, text):
        self.texts.append(text)

    def flush(self):
        pass

    def close(self):
        self.closed = True


class Run:
    """A run of wandb."""

    url = None

    def __init__(self, **how):
        self.how, self.logged, self.finished = how, [], False
        made.append(self)

    def log(self, figures, step):
        self.logged.append((step, figures))

    def finish(self):
        self.finished = True


made = []


@pytest.fixture(autouse=True)
def libraries(monkeypatch):
    made.clear()
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Board))
    ids = SimpleNamespace(generate_id=lambda: f"id{len(made)}")
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=lambda **how: Run(**how), util=ids))
    monkeypatch.setattr(run, "_finish", lambda *arguments: {})
    monkeypatch.setattr(run.evaluate, "evaluate_light", lambda *arguments: {"coverage": 0.5})


def test_the_command_offers_every_logger():
    said = here(train.main, "--help").stdout
    assert "{" + ",".join(LOGGERS) + "}" in said


def test_tensorboard_gets_the_lines_of_the_history(tmp_path):
    settings = Settings.of("mlp", dataset="digits", epochs=2, batch_size=512)
    run.train(settings, tmp_path, quiet=True, logger="tensorboard")
    (board,) = made
    assert board.folder == str(tmp_path / "logs")
    assert board.closed
    assert "lr_g: 0.001" in board.texts[0]
    lines = history.read_lines(tmp_path / "history.jsonl")
    assert (
        [scalar[2] for scalar in board.scalars if scalar[0] == "loss_d"] == [line["step"] for line in lines] == [2, 4]
    )
    assert ("loss_d", lines[1]["loss_d"], 4) in board.scalars
    assert ("evaluation/coverage", lines[1]["evaluation"]["coverage"], 4) in board.scalars


def test_a_run_that_goes_on_is_the_same_run_of_wandb(tmp_path, monkeypatch):
    iterate, steps = iteration.Trainer.iterate, []

    def interrupted(trainer):
        steps.append(1)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return iterate(trainer)

    settings = Settings.of("mlp", dataset="digits", epochs=2, batch_size=512)
    monkeypatch.setattr(run, "SAVE_EVERY_SECONDS", 0)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(iteration.Trainer, "iterate", interrupted)
        run.train(settings, tmp_path, quiet=True, logger="wandb")
    run.train(settings, tmp_path, quiet=True, logger="wandb", resume=True)
    first, second = made
    assert first.finished
    assert second.finished
    assert first.how["id"] == second.how["id"] == "id0"
    assert first.how["config"]["lr_g"] == 0.001
    assert [step for step, _ in first.logged + second.logged] == [2, 4]


@pytest.mark.parametrize(("name", "module"), [("tensorboard", "torch.utils.tensorboard"), ("wandb", "wandb")])
def test_a_library_that_is_not_installed_is_one_line_before_anything_is_done(tmp_path, monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    said = here(train.main, *RUN, "--logger", name, "--output", tmp_path / "run")
    assert said.returncode == 2
    wanted = f"train.py: --logger {name} needs a library that is not installed: pip install {name}\n"
    assert said.stderr == wanted
    assert not (tmp_path / "run").exists()


def test_a_library_that_refuses_is_one_line(tmp_path, monkeypatch):
    def refuse(**how):
        raise RuntimeError("no API key\nconfigured")

    monkeypatch.setattr(sys.modules["wandb"], "init", refuse)
    with pytest.raises(UserError, match="--logger wandb: no API key configured"):
        loggers.start("wandb", tmp_path, Settings.of("mlp"), False)
