"""Checkpoints that are pushed and pulled, and commands that know no other Hub than the one of the tests."""

import json

import pytest

from gan_demo import UserError
from gan_demo.evaluation import card
from gan_demo.settings import Settings
from helpers.gans import small_gan
from helpers.records import METRICS, RESULTS


def save(folder, seed=0, **figures):
    """A whole checkpoint with a tiny network, as a training leaves it."""
    gan = small_gan("mlp", seed=seed, training=Settings.of("mlp").config(**RESULTS).training)
    gan.save_pretrained(folder)
    metrics = {**METRICS, "model": {**METRICS["model"], **figures}}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "history.jsonl").write_text('{"epoch": 1}\n')
    (folder / "samples.png").write_bytes(b"a picture")
    (folder / "README.md").write_text(card.render(gan.config, metrics))
    return folder


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(call, *arguments, **named):
    """The one line of the error."""
    with pytest.raises(UserError) as error:
        call(*arguments, **named)
    assert "\n" not in str(error.value)
    return str(error.value)


def environment(server, tmp_path, **more):
    """For commands: the server as the Hub, and no waiting for anything else."""
    fresh = {"HF_HOME": str(tmp_path / "home"), "HF_ENDPOINT": server.address, "HF_HUB_DISABLE_XET": "1"}
    return {**fresh, "HF_TOKEN": "write-ada", **more}


def at(address, monkeypatch):
    """What the variable HF_ENDPOINT does when huggingface_hub is imported."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
