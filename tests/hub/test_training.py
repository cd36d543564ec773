"""A training that is pushed while it goes on, and a card that works when it is pasted."""

import re
import shlex
import time

import pytest
from helpers.commands import command, here, module
from helpers.hub import at, environment
from helpers.training import make_small
from huggingface_hub import constants

import train
from gan_demo import GAN, cli, hub
from gan_demo.evaluation import card, evaluate
from gan_demo.latent import direction_search

NOWHERE = "http://127.0.0.1:9"  # nobody listens there


def test_a_push_in_the_background_holds_nothing_up(there, folder, capsys):
    publisher = hub.Publisher(folder, hub.Target("ada/digits"), every=1)
    (folder / "metrics.json").unlink()  # as during a training
    with there.lock:  # the Hub hangs
        started = time.monotonic()
        publisher.epoch(1)
        publisher.epoch(2)
        assert time.monotonic() - started < 1
        assert "Epoch 2 is not pushed: the push before it is still under way" in capsys.readouterr().err
    publisher._thread.join()
    assert there.model("ada/digits").messages == ["initial commit", "Upload the model after epoch 1"]
    assert card.NOT_MEASURED in there.model("ada/digits").files()["README.md"].decode()
    there.fail("POST", "/commit/", 500)
    publisher.epoch(3)
    publisher._thread.join()
    assert "Epoch 3 was not pushed" in capsys.readouterr().err
    there.heal()
    (folder / "model.safetensors").write_bytes(b"torn")
    publisher.epoch(4)
    assert "Epoch 4 was not pushed (" in capsys.readouterr().err


def refused_training(*flags):
    said = here(train.main, "--dataset", "digits", *flags)
    assert said.returncode == 2
    assert not said.stdout
    (line,) = said.stderr.splitlines()
    return line


def test_a_training_that_could_not_be_pushed_does_not_start(there, tmp_path):
    flags = ["--output", tmp_path / "run", "--push-to-hub"]
    assert "right" in refused_training(*flags, "bob/digits")
    assert "accept the token" in refused_training(*flags, "ada/digits", "--hub-token", "expired")
    assert "owner/name" in refused_training(*flags, "digits")
    assert "--push-to-hub" in refused_training(*flags[:2], "--private")
    assert "number of epochs" in refused_training(*flags, "ada/digits", "--push-every", "-1")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def trained(server, tmp_path_factory):
    """train.py with --push-every, whose first and last push the Hub refuses; its folder and its result."""
    server.forget()
    server.fail("POST", "/commit/", 500, times=1)  # the first epoch's
    tmp_path = tmp_path_factory.mktemp("training")
    server.add("ada/run", {})
    words = "--dataset digits --epochs 3 --max-steps 3 --batch-size 1500 --latent-dim 8 --device cpu"
    words += f" --push-to-hub ada/run --push-every 1 --output {tmp_path / 'run'} --hub-token write-ada"
    measure = evaluate.evaluate_checkpoint

    def refuse_and_evaluate(*arguments, **named):
        server.fail("POST", "/commit/", 503)
        return measure(*arguments, **named, samples=200)

    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        at(server.address, patch)
        patch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        patch.setenv("HF_TOKEN", "expired")
        patch.setattr(evaluate, "evaluate_checkpoint", refuse_and_evaluate)
        patch.setattr(direction_search, "SAMPLES", 200)
        patch.setattr(direction_search, "PROBES", 5)
        result = here(train.main, *words.split())
    server.heal()
    return tmp_path / "run", result


def test_a_training_survives_the_hub_and_says_how_to_push_later(trained, server, monkeypatch):
    folder, result = trained
    output, errors = result.stdout, result.stderr
    assert result.returncode == 2, errors
    assert "Traceback" not in output + errors
    assert "write-ada" not in output + errors
    assert "Fréchet distance" in output
    assert f"The checkpoint is in {folder}" in output
    line = errors.splitlines()[-1]
    assert f"train.py: the training is done and lies whole in {folder}, but was not pushed: the Hub has trouble" in line
    later = shlex.split(line.split("Push it later with: ")[1])
    assert later == ["python", "-m", "gan_demo", "push", str(folder), "ada/run"]

    monkeypatch.setenv("HF_TOKEN", "write-ada")
    with monkeypatch.context() as patch:
        at(NOWHERE, patch)
        refused = here(cli.main, *later[3:])
    assert refused.returncode == 2
    assert re.fullmatch(r"gan-demo push: the Hub \(.*\) cannot be reached: .*\n", refused.stderr)
    assert cli.main([*later[3:], "--revision", "two words"]) == 2
    at(server.address, monkeypatch)
    pushed = module(*later[2:])
    assert pushed.returncode == 0, pushed.stderr
    assert pushed.stdout == f"It is at {server.address}/ada/run\n"
    assert not pushed.stderr
    mine, pushed = files_of_checkpoint(folder), server.model("ada/run").files()
    assert {name: pushed[name] for name in mine} == mine


def files_of_checkpoint(folder):
    return {name: (folder / name).read_bytes() for name in hub.PUSHED if (folder / name).exists()}


def test_the_card_works_when_pasted(there, folder, tmp_path):
    hub.push(folder, hub.Target("ada/digits"))
    text = there.model("ada/digits").files()["README.md"].decode()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line]) == 3
    script = (
        f"import sys; from gan_demo import GAN; GAN.from_pretrained({str(folder)!r});"
        f"assert 'huggingface_hub' not in sys.modules\n{code}\nprint(images.sum().item())"
    )
    values = environment(there, tmp_path, HF_TOKEN="", HF_TOKEN_PATH="/nowhere/token")
    result = command("-c", script, **values)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(float(GAN.from_pretrained(folder).sample(16, seed=42).sum()), rel=1e-4)
