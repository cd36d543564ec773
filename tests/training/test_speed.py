"""How long a training will take: what is measured, what is said, and that it changes nothing."""

import itertools
import signal

import pytest
import torch
from helpers.commands import here
from helpers.training import trainer

import train
from gan_demo.errors import UserError
from gan_demo.evaluation import card
from gan_demo.settings import Settings
from gan_demo.training import iteration, run, speed

pytestmark = pytest.mark.usefixtures("small_networks")


@pytest.fixture
def costs(monkeypatch):
    """A clock that goes on in iterations only: by as much as it is set to, of those with a penalty and without."""
    clock, taken = [0.0], {True: 1.0, False: 1.0}

    def iterate(run):
        clock[0] += taken[any(run._begin())]
        run.state.step += 1
        return torch.zeros(1)

    monkeypatch.setattr(iteration.Trainer, "iterate", iterate)
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])
    return taken


@pytest.mark.parametrize(
    ("fields", "mean"),
    [
        ({"penalty_every": 1}, 5.0),
        ({"penalty_every": 4}, 2.0),  # (5 + 1 + 1 + 1) / 4
        ({"penalty_every": 400}, 1.01),  # of which a second sees none but the first
        ({"penalty_every": 4, "d_steps": 3}, 4.0),  # steps 0, 4 and 8 of twelve: three of four iterations
        ({"penalty_every": 2, "d_steps": 3}, 5.0),
    ],
)
def test_a_penalty_counts_as_often_as_a_training_has_it(fields, mean, costs):
    costs[True] = 5.0
    settings = Settings.of("mlp", penalty="r1", batch_size=6, **fields)
    assert speed.measure(settings, seconds=20.0) == pytest.approx(6 * fields.get("d_steps", 1) / mean)


def test_a_long_training_says_how_long_and_a_short_one_nothing(costs):
    costs[True] = 0.25
    long = trainer(epochs=1_000, batch_size=8)  # 5 iterations an epoch
    assert speed.forecast(long) == (
        "The training will take about 21 minutes on this machine, at 32 pictures a second"  # 5,000 / 4 seconds
    )
    long.state.step = 4_000  # resumed there
    assert "about 4 minutes" in speed.forecast(long)
    long.state.step = 5_000 - speed.SHORT + 1
    assert speed.forecast(long) is None
    assert [card.duration(seconds) for seconds in (41.2, 119, 120, 7_000, 7_190, 12_000)] == [
        *("41 seconds", "119 seconds", "2 minutes", "117 minutes", "2 h 00 min", "3 h 20 min")
    ]


@pytest.fixture
def no_figures(monkeypatch):
    """What is measured along a run and at its end has tests of its own."""
    monkeypatch.setattr(run.evaluate, "evaluate_light", lambda *arguments: {})
    monkeypatch.setattr(run, "_finish", lambda *arguments: {})


@pytest.mark.usefixtures("no_figures")
def test_a_training_ends_with_the_same_weights_forecast_or_not_stopped_or_not(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(speed, "SHORT", 20)
    monkeypatch.setattr(speed, "SECONDS", 0.01)
    settings = Settings.of("style", dataset="digits", epochs=2, conditional=True, style_mixing=0.5)
    run.train(settings, tmp_path / "plain", with_forecast=False)
    assert "will take" not in capsys.readouterr().err

    iterate, steps = iteration.Trainer.iterate, itertools.count()
    began = []

    def interrupted(self):
        began.append(self.steps)  # the forecast has a trainer of its own, which has no end
        if self.steps == 46 and next(steps) == 30:  # in the middle of the second epoch
            signal.raise_signal(signal.SIGINT)
        return iterate(self)

    monkeypatch.setattr(iteration.Trainer, "iterate", interrupted)
    with pytest.raises(run.Stopped):
        run.train(settings, tmp_path / "run")
    said = capsys.readouterr().err
    assert said.count("The training will take about") == 1
    assert said.index("Training on") < said.index("will take about") < said.index("  0%")
    assert began[0] != 46
    monkeypatch.setattr(iteration.Trainer, "iterate", iterate)
    run.train(settings, tmp_path / "run", resume=True)
    assert "will take about" not in capsys.readouterr().err  # what is left is short
    one, other = (torch.load(tmp_path / name / "state.pt", weights_only=True)["trainer"] for name in ("plain", "run"))
    assert one["step"] == other["step"] == 46
    assert torch.equal(one["random"], other["random"])
    for part in ("generator", "discriminator", "average"):  # in float32, which a checkpoint has not
        assert all(torch.equal(one[part][name], other[part][name]) for name in one[part])


@pytest.mark.usefixtures("no_figures")
def test_who_stops_the_forecast_stops_the_training_which_is_saved(tmp_path, monkeypatch):
    def measure(settings, **how):
        signal.raise_signal(signal.SIGINT)
        return 1.0

    monkeypatch.setattr(speed, "SHORT", 1)
    monkeypatch.setattr(speed, "measure", measure)
    with pytest.raises(run.Stopped):
        run.train(Settings.of("mlp", dataset="digits", epochs=1), tmp_path / "run")
    assert torch.load(tmp_path / "run" / "state.pt", weights_only=True)["trainer"]["step"] == 0


@pytest.mark.parametrize(("flags", "wanted"), [((), True), (("--no-forecast",), False)])
def test_the_forecast_can_be_left_out(flags, wanted, tmp_path, monkeypatch):
    told = []

    def end(*arguments, with_forecast, **how):
        told.append(with_forecast)
        raise UserError("the end")

    monkeypatch.setattr(run, "train", end)
    said = here(train.main, "--dataset", "digits", "--output", tmp_path / "run", *flags)
    assert said.stderr.endswith("the end\n")
    assert told == [wanted]
