"""The best response at the end of a training, and by its own command."""

import functools

import pytest
from helpers.commands import here

import train
from gan_demo import cli
from gan_demo.belief import best_response as beside
from gan_demo.checkpoint import BEST_RESPONSE_FILE, CARD_FILE
from gan_demo.evaluation import best_response, evaluate, typical, what_it_sees
from gan_demo.latent import direction_search

RUN = ("--dataset", "digits", "--max-steps", "2", "--batch-size", "32", "--device", "cpu")


@pytest.fixture(autouse=True)
def short(monkeypatch, small_networks):
    """What is measured plays no part."""
    monkeypatch.setattr(best_response, "STEPS", 2)
    monkeypatch.setattr(best_response, "SEEDS", 1)
    monkeypatch.setattr(what_it_sees, "MOST", 20)
    monkeypatch.setattr(direction_search, "SAMPLES", 200)
    monkeypatch.setattr(direction_search, "PROBES", 5)
    monkeypatch.setattr(typical, "LATENTS", 1000)
    monkeypatch.setattr(typical, "LIGHT_SAMPLES", 200)
    monkeypatch.setattr(evaluate, "evaluate_checkpoint", functools.partial(evaluate.evaluate_checkpoint, samples=300))


def test_a_training_of_few_pictures_ends_without_and_the_command_makes_up_for_it(tmp_path, capsys):
    assert here(train.main, *RUN, "--output", tmp_path / "m").returncode == 0
    assert not (tmp_path / "m" / BEST_RESPONSE_FILE).exists()
    assert cli.main(["best-response", str(tmp_path / "m")]) == 0
    figures = beside.current_figures(tmp_path / "m")
    assert f"{100 * figures['measure']['accuracy']:.1f} ±" in capsys.readouterr().out
    assert "told from real by the best D" in (tmp_path / "m" / CARD_FILE).read_text(encoding="utf-8")
    for flag, words in (("--table", "real against real"), ("--sees", "black and white")):
        assert cli.main(["best-response", flag, str(tmp_path / "m")]) == 0
        assert words in capsys.readouterr().out


def test_a_training_of_many_ends_with_it_unless_that_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(best_response, "ENOUGH", 1000)
    result = here(train.main, *RUN, "--output", tmp_path / "with")
    assert result.returncode == 0, result.stderr
    assert beside.read(tmp_path / "with") is not None
    assert "told from real by the best D" in result.stdout
    assert "Under truncation" in (tmp_path / "with" / CARD_FILE).read_text(encoding="utf-8")
    assert "told from real by the best D" in (tmp_path / "with" / CARD_FILE).read_text(encoding="utf-8")
    assert (
        here(train.main, *RUN, "--no-best-response", "--no-typical", "--output", tmp_path / "without").returncode == 0
    )
    assert not (tmp_path / "without" / BEST_RESPONSE_FILE).exists()
    assert "Under truncation" not in (tmp_path / "without" / CARD_FILE).read_text(encoding="utf-8")


def test_ctrl_c_leaves_it_out_and_keeps_the_training(tmp_path, monkeypatch):
    def stopped(*_, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(best_response, "ENOUGH", 1000)
    monkeypatch.setattr(best_response, "one_answer", stopped)
    result = here(train.main, *RUN, "--no-typical", "--output", tmp_path / "m")
    assert result.returncode == 0, result.stderr
    assert "goes on with it" in result.stderr
    assert not (tmp_path / "m" / "state.pt").exists()
