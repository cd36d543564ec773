"""A run that begins with the weights of another carries on its history, where the two have one scale."""

import json

import pytest
from helpers.commands import here
from helpers.records import METRICS

import train
from gan_demo import files
from gan_demo.checkpoint import read_config
from gan_demo.evaluation import card
from gan_demo.latent import direction_search
from gan_demo.settings import Settings
from gan_demo.training import history, origin, run

RUN = ("--dataset", "digits", "--batch-size", "200", "--device", "cpu")


@pytest.fixture(autouse=True)
def quick(small_networks, monkeypatch):
    """The ends of runs have tests of their own."""
    monkeypatch.setattr(direction_search, "find_for", lambda *arguments, **named: None)
    monkeypatch.setattr(run.evaluate, "evaluate_checkpoint", lambda *arguments, **named: METRICS)


@pytest.fixture
def first(tmp_path):
    folder = tmp_path / "first"
    result = here(train.main, *RUN, "--epochs", "3", "--output", folder)
    assert result.returncode == 0, result.stderr
    return folder


def lines(folder):
    return history.read_lines(folder / "history.jsonl")


def test_the_history_of_the_same_pictures_goes_on(tmp_path, first):
    before = lines(first)
    changed = json.loads((first / "config.json").read_text())
    changed["training"]["changes"] = [{"step": 2, "lr_d": 0.5}]  # by hand, while it ran
    files.write_json(first / "config.json", changed)
    flags = ("--epochs", "2", "--short-latents", "0.5", "--lr-g", "0.0004")
    here(train.main, *RUN, *flags, "--init-from", first, "--output", tmp_path / "second")
    second = lines(tmp_path / "second")
    assert second[:3] == before
    assert [line["epoch"] for line in second] == [1, 2, 3, 4, 5]
    assert [line["step"] for line in second] == [7, 14, 21, 28, 35]
    assert [epoch.changed for epoch in history.read_history(tmp_path / "second")] == [
        *[None] * 3,
        {"lr_g": 0.0004, "short_latents": 0.5},
        None,
    ]
    assert [snapshot.epoch for snapshot in history.read_snapshots(tmp_path / "second")] == [0, 1, 2, 3, 4, 5]
    same = "snapshots/epoch-0002.png"
    assert (tmp_path / "second" / same).read_bytes() == (first / same).read_bytes()
    config = read_config(tmp_path / "second")
    assert (config.training["epochs"], config.training["epochs_done"], config.training["steps_done"]) == (2, 5, 35)
    text = card.render(config, None)
    assert "5 epochs (35 steps)" in text
    commands = [f"python train.py --model mlp --epochs {epochs} --dataset digits" for epochs in (3, 2)]
    first_words, then_words = "The first 3 epochs are those of `first`.", "The others went on from there:"
    first_command = text.index(f"before it.\n\n```\n{commands[0]}")
    assert text.index(first_words) < first_command < text.index(f"{then_words}\n\n```\n{commands[1]}")
    assert "It was stopped" not in card.render(config, METRICS)
    config.training["epochs"] = 4
    assert "It was stopped after 2 of these 4 epochs.\n" in card.render(config, METRICS)
    assert "It was stopped" not in card.render(config, None)  # it goes on
    assert text.index(first_words) < text.index("- step 2, lr_d 0.5\n") < text.index(then_words)
    assert config.changed
    # The origin may be what is replaced.
    here(train.main, *RUN, *flags, "--init-from", first, "--output", first, "--overwrite")
    assert [line["epoch"] for line in lines(first)] == [1, 2, 3, 4, 5]


def test_the_folder_is_named_for_the_model_that_it_begins_with(tmp_path, monkeypatch):
    here(train.main, *RUN, "--model", "dcgan", "--max-steps", "1", "--output", tmp_path / "first")
    monkeypatch.chdir(tmp_path)
    result = here(train.main, *RUN, "--max-steps", "1", "--init-from", tmp_path / "first")
    assert result.returncode == 0, result.stderr
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["dcgan-digits"]
    assert read_config(tmp_path / "runs" / "dcgan-digits").model == "dcgan"
    result = here(train.main, *RUN, "--max-steps", "1", "--init-from", "runs/dcgan-digits", "--overwrite")
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].endswith("the model that it begins with: add --output FOLDER")


@pytest.mark.parametrize("other", ["objective", "no history", "half a history", "damaged", "pictures"])
def test_a_history_that_does_not_fit_stays_behind(first, other):
    settings = Settings.of("mlp", dataset="digits", batch_size=200)
    path = first / "history.jsonl"
    if other == "objective":
        settings = Settings.of("mlp", dataset="digits", batch_size=200, recipe="wgan")
    elif other == "no history":
        path.unlink()
    elif other == "half a history":
        files.write_text(path, "".join(json.dumps(line) + "\n" for line in lines(first)[:2]))
    elif other == "damaged":
        files.write_text(path, "[]")
    else:
        settings = Settings.of("mlp", dataset="mnist", batch_size=200)
    assert origin._read(settings, read_config(first), first) is None
