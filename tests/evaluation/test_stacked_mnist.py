"""The benchmark of 1,000 modes: its protocol by hand-worked values, and that a stopped run ends as a whole one."""

import importlib
import itertools
import math
from pathlib import Path

import pytest
import torch
from helpers.training import split
from safetensors.torch import load_file

from gan_demo.pictures import real_digits
from gan_demo.training.iteration import Trainer


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module("stacked_mnist")


def test_modes_and_kl_of_known_shares(benchmark):
    assert benchmark.coverage(torch.arange(1_000).repeat(26)) == (1_000, pytest.approx(0))
    assert benchmark.coverage(torch.full((26_000,), 7)) == (1, pytest.approx(math.log(1_000)))
    half = torch.arange(26_000) % 500 * 2  # every second mode
    assert benchmark.coverage(half) == (500, pytest.approx(math.log(2)))
    uneven = torch.tensor([3, 3, 3, 999])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert benchmark.coverage(uneven) == (2, pytest.approx(math.log(1_000) - entropy))


def test_a_perfect_sampler_has_all_modes_and_the_kl_of_chance(benchmark):
    modes, kl = benchmark.perfect()
    assert modes == 1_000  # one of them stays empty in one draw of 200 million
    assert kl == pytest.approx(999 / (2 * 26_000), rel=0.02)  # half of chi-square's mean over the number of samples


def test_three_digits_are_one_picture_and_its_mode_is_their_number(benchmark):
    digits = real_digits.sheet()
    pictures = benchmark.stacked(digits.images, 40, seed=5)
    assert pictures.shape == (40, 3, 28, 28)
    assert torch.equal(pictures, benchmark.stacked(digits.images, 40, seed=5))
    found = [[int((digits.images[:, 0] == channel).all((1, 2)).nonzero()[0]) for channel in one] for one in pictures]
    wanted = digits.labels[torch.tensor(found)] @ torch.tensor([100, 10, 1])
    assert len(wanted.unique()) > 35
    assert (benchmark.modes_of(pictures) == wanted).float().mean() > 0.9


@pytest.mark.usefixtures("small_networks")
def test_a_run_that_was_stopped_goes_on_and_a_finished_one_is_left_out(benchmark, tmp_path, monkeypatch, capsys):
    for name, value in {"SAMPLES": 60, "SAVE_EVERY": 0.0}.items():
        monkeypatch.setattr(benchmark, name, value)
    monkeypatch.setattr(benchmark.data, "load", lambda *names, train: split(30))
    monkeypatch.setattr(benchmark.speed, "measure", lambda settings, shape: 64.0 / 60)  # a minute a step
    iterate, steps = Trainer.iterate, itertools.count()

    def run(output, *flags):
        words = ["--recipes", "ns-gan", "r3gan", "--steps", "4", "--pictures", "130", "--device", "cpu", *flags]
        code = benchmark.main([*words, "--output", str(tmp_path / output)])
        return code, *capsys.readouterr()

    def stops(self):
        if next(steps) == 6:  # in the second recipe
            raise KeyboardInterrupt
        return iterate(self)

    code, whole, errors = run("whole")
    assert code == 0
    assert "About 8 minutes on this machine: ns-gan 4 minutes, r3gan 4 minutes" in errors
    rows = [line.split(" | ") for line in whole.splitlines() if line.startswith("| ")]
    assert [row[0].strip("| ") for row in rows[:3]] == ["", "ns-gan", "r3gan"]
    assert rows[-1][0].endswith("perfect sampler of equal modes")
    monkeypatch.setattr(Trainer, "iterate", stops)
    with pytest.raises(SystemExit, match="130"):
        run("stopped")
    capsys.readouterr()
    code, again, errors = run("stopped")
    assert code == 0
    assert "About 2 minutes on this machine: r3gan 2 minutes" in errors
    assert next(steps) == 9  # four, two, the one that did not come to be, and two
    modes = [[line.split(" | ")[3:] for line in said.splitlines() if "gan |" in line] for said in (whole, again)]
    assert modes[0] == modes[1]
    names = [path.name for path in (tmp_path / "whole").iterdir()]
    assert sorted(names) == ["dcgan-ns-gan-4-steps-seed-0", "dcgan-r3gan-4-steps-seed-0"]
    for name in names:
        one, other = (load_file(tmp_path / place / name / "model.safetensors") for place in ("whole", "stopped"))
        assert all(torch.equal(one[key], other[key]) for key in one)
        assert one["discriminator.body.0.weight"].shape[1] == 3  # the colours
    monkeypatch.setattr(Trainer, "iterate", None)
    assert run("stopped") == (0, again, "")
