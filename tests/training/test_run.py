"""Runs as a person starts and stops them: the command train.py, on the digits that need no download."""

import dataclasses
import functools
import json
import signal

import pytest
import torch
from helpers.commands import here, start, wait_for
from safetensors.torch import load_file

import train
from gan_demo import GAN, UserError, data, files
from gan_demo.checkpoint import read_config
from gan_demo.cli import train as cli_train
from gan_demo.evaluation import evaluate
from gan_demo.latent import direction_search
from gan_demo.settings import Settings
from gan_demo.shell import quoted
from gan_demo.training import history_writer, iteration, run, run_folder

# Two passes over 1,500 digits, 46 iterations each, through the real MLP.
RUN = ("--dataset", "digits", "--epochs", "2", "--batch-size", "32", "--device", "cpu")


@pytest.fixture(scope="module", autouse=True)
def a_short_end():
    """The evaluation and the room of directions have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(direction_search, "SAMPLES", 200)
        patch.setattr(direction_search, "PROBES", 5)
        few = functools.partial(evaluate.evaluate_checkpoint, samples=300)
        patch.setattr(evaluate, "evaluate_checkpoint", few)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "a whole run (1)"
    result = here(train.main, *RUN, "--output", folder)
    assert result.returncode == 0, result.stderr
    return folder, result


def history(folder):
    """The lines of history.jsonl without what depends on the clock."""
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "images_per_second"} for line in lines]


def test_a_finished_run_is_a_checkpoint(finished):
    folder, result = finished
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "model.safetensors",
        "metrics.json",
        "README.md",
        "history.jsonl",
        "samples.png",
        "directions.safetensors",
        "snapshots",
        "epochs",
    }
    snapshots = {path.name for path in (folder / "snapshots").iterdir()}
    assert snapshots == {"outputs.jsonl", "epoch-0000.png", "epoch-0001.png", "epoch-0002.png"}
    outputs = [json.loads(line) for line in (folder / "snapshots" / "outputs.jsonl").read_text().splitlines()]
    assert [(line["epoch"], len(line["outputs"])) for line in outputs] == [(0, 100), (1, 100), (2, 100)]
    gan = GAN.from_pretrained(folder)
    assert gan.config.training["epochs_done"] == 2
    assert gan.config.training["dataset"] == "digits"
    assert f'python app.py --checkpoint "{folder}"' in result.stdout
    assert "epoch 2/2" in result.stderr
    assert "D(real)" in result.stderr
    assert "images/s" in result.stderr
    card = (folder / "README.md").read_text()
    assert "python train.py --model mlp --epochs 2 --dataset digits --batch-size 32" in card
    assert "—" not in card


def test_history_has_a_line_an_epoch(finished):
    lines = history(finished[0])
    assert [line["epoch"] for line in lines] == [1, 2]
    assert [line["step"] for line in lines] == [46, 92]
    for line in lines:
        assert {"loss_d", "loss_g", "d_real", "d_fake", "grad_norm_d", "grad_norm_g", "evaluation"} <= set(line)
        assert 0 < line["d_fake"] < 1
        assert 0 < line["d_real"] < 1
        assert line["value"] == pytest.approx(-line["loss_d"], rel=1e-4)
        assert line["js_bound"] == pytest.approx((line["value"] + 1.3862944) / 2, abs=1e-5)


def resumed_ends_where_the_whole_run_ended(folder, finished):
    resumed = here(train.main, "--resume", "--output", folder)
    assert resumed.returncode == 0, resumed.stderr
    whole, again = (load_file(place / "model.safetensors") for place in (finished[0], folder))
    assert all(whole[name].equal(again[name]) for name in whole)
    assert history(folder) == history(finished[0])
    assert not (folder / "state.pt").exists()


def test_stopped_and_resumed_ends_where_the_whole_run_ended(finished, tmp_path):
    folder = tmp_path / "run"
    log = tmp_path / "log"
    with start("train.py", *RUN, "--output", folder, log=log, trains=True) as process:
        wait_for(folder / "snapshots" / "epoch-0001.png", process, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 143
    errors = log.read_text()
    assert f"python train.py --resume --output {folder}" in errors
    assert "Traceback" not in errors
    assert (folder / "state.pt").exists()

    refused = here(train.main, "--resume", "--output", folder, "--lr-g", "0.1", "--seed", "0")
    assert refused.returncode == 2
    assert "--lr-g is 0.1 and was 0.001" in refused.stderr
    assert "--seed" not in refused.stderr
    resumed_ends_where_the_whole_run_ended(folder, finished)
    nothing = here(train.main, "--resume", "--output", folder)
    assert nothing.returncode == 2
    assert "holds a finished run" in nothing.stderr


def test_ctrl_c_stops_and_saves(finished, tmp_path):
    folder = tmp_path / "my run"
    iterate, steps = iteration.Trainer.iterate, []

    def interrupted(trainer):
        steps.append(1)
        if len(steps) == 60:  # in the middle of the second epoch
            signal.raise_signal(signal.SIGINT)
        return iterate(trainer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iteration.Trainer, "iterate", interrupted)
        stopped = here(train.main, *RUN, "--output", folder)
    assert stopped.returncode == 130
    assert f'python train.py --resume --output "{folder}"' in stopped.stderr
    resumed_ends_where_the_whole_run_ended(folder, finished)


def test_stopped_between_two_epochs_saves_and_logs_nothing_twice(tmp_path):
    trainer = iteration.Trainer(Settings.of("mlp", dataset="digits", epochs=2), data.load("digits"))
    writer = history_writer.HistoryWriter()
    with run._bar(trainer, quiet=True) as bar, pytest.raises(run.Stopped):
        run._train(trainer, writer, tmp_path, None, [signal.SIGINT], bar, None)
    assert writer.epochs == []
    again, writer = iteration.Trainer(trainer.settings, data.load("digits")), history_writer.HistoryWriter()
    run_folder.load_state(tmp_path, again, writer)
    assert again.state.step == 0


def save_stopped(folder, images):
    """A run on these pictures that was stopped before its first step."""
    settings = Settings.of("mlp", dataset="mine", batch_size=8)
    trainer = iteration.Trainer(settings, data.Split(images, None))
    run_folder.save(trainer, history_writer.HistoryWriter(), folder)
    return settings


def resume(folder, settings, images):
    run_folder.load_state(folder, iteration.Trainer(settings, data.Split(images, None)), history_writer.HistoryWriter())


def test_a_run_does_not_go_on_with_other_pictures(tmp_path):
    images = torch.arange(20, dtype=torch.uint8).repeat_interleave(28 * 28).reshape(20, 1, 28, 28)
    settings = save_stopped(tmp_path, images)
    resume(tmp_path, settings, images.clone())
    for others, count in ((images[1:], 19), (torch.cat([images, images[:1]]), 21), (images.flip(0), 20)):
        message = f"the pictures of mine have changed since .* was stopped \\(for training: 20 then, {count} now\\)"
        with pytest.raises(UserError, match=message):
            resume(tmp_path, settings, others)


def test_a_run_goes_on_with_its_pictures_wherever_they_are_now(tmp_path):
    images = torch.arange(20, dtype=torch.uint8).repeat_interleave(28 * 28).reshape(20, 1, 28, 28)
    moved = dataclasses.replace(save_stopped(tmp_path, images), dataset="moved")
    with pytest.raises(UserError, match="the pictures of moved have changed"):
        resume(tmp_path, moved, images.flip(0))
    resume(tmp_path, moved, images)
    assert read_config(tmp_path).dataset == "moved"
    with pytest.raises(UserError, match="the pictures of digits have changed"):
        resume(tmp_path, dataclasses.replace(moved, dataset="digits"), images[1:])

    gone = here(train.main, "--resume", "--output", tmp_path)
    assert gone.returncode == 2
    assert (
        f"mine, are not here. If you have them, say where they are: python train.py --resume --output {tmp_path}"
        in (gone.stderr)
    )
    (tmp_path / "letters").mkdir()
    empty = here(train.main, "--resume", "--output", tmp_path, "--dataset", tmp_path / "letters")
    assert empty.returncode == 2
    assert "started with other settings" not in empty.stderr
    assert "letters" in empty.stderr


def test_a_state_without_a_checksum_of_the_pictures_goes_on(tmp_path):
    images = torch.zeros(20, 1, 28, 28, dtype=torch.uint8)
    settings = save_stopped(tmp_path, images)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    del state["pictures_sha256"]
    torch.save(state, tmp_path / "state.pt")
    resume(tmp_path, settings, images + 1)
    with pytest.raises(UserError, match="20 then, 19 now"):
        resume(tmp_path, settings, images[1:])


def test_killed_run_keeps_whole_files_and_goes_on(finished, tmp_path):
    script = (
        "import sys; from gan_demo import devices; from gan_demo.settings import Settings;"
        " from gan_demo.training import run; run.SAVE_EVERY_SECONDS = 0;"
        "settings = Settings.of('mlp', dataset='digits', epochs=2, batch_size=32,"
        " precision=devices.choose_precision('auto', 'cpu')); run.train(settings, sys.argv[1])"
    )
    folder = tmp_path / "run"
    with start("-c", script, folder, log=tmp_path / "log", trains=True) as process:
        wait_for(folder / "config.json", process, tmp_path / "log")  # after the state and the weights
        process.kill()
    GAN.from_pretrained(folder)  # whole
    resumed_ends_where_the_whole_run_ended(folder, finished)


def test_another_model_is_not_overwritten(finished):
    before = (finished[0] / "model.safetensors").read_bytes()
    result = here(train.main, *RUN, "--output", finished[0])
    assert result.returncode == 2
    assert "already holds a model: add --overwrite to replace it" in result.stderr
    assert (finished[0] / "model.safetensors").read_bytes() == before


def test_folder_of_other_things_is_left_alone_even_with_overwrite(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    result = here(train.main, *RUN, "--output", tmp_path, "--overwrite")
    assert result.returncode == 2
    assert "holds other files" in result.stderr
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("names", "unfinished"),
    [
        ("snapshots/epoch-0000.png", True),
        ("snapshots/outputs.jsonl snapshots/.epoch-0001.png.0a1b2c3d .model.safetensors.0123abcd", True),
        ("history.jsonl config.json samples.png", True),
        ("snapshots/epoch-0000.png README.md", False),
        ("snapshots/epoch-0000.png thesis.tex", False),
        ("snapshots/holidays.jpg", False),
        ("snapshots/epoch-0000.png snapshots/holidays.jpg", False),
        ("config.json", False),
        (".config.json.0123abcd", False),
    ],
)
def test_a_folder_is_replaced_that_holds_nothing_but_an_unfinished_run(tmp_path, names, unfinished):
    for name in names.split():
        files.write_text(tmp_path / name, "")
    for overwrite in (False, True):
        if unfinished:
            run_folder.check_folder(tmp_path, resume=False, overwrite=overwrite)
        else:
            with pytest.raises(UserError, match="holds other files"):
                run_folder.check_folder(tmp_path, resume=False, overwrite=overwrite)


def test_overwrite_replaces_a_model(tmp_path):
    folder = tmp_path / "run"
    assert here(train.main, *RUN, "--max-steps", 3, "--output", folder).returncode == 0
    first = (folder / "model.safetensors").read_bytes()
    assert here(train.main, *RUN, "--max-steps", 3, "--seed", 1, "--output", folder, "--overwrite").returncode == 0
    assert (folder / "model.safetensors").read_bytes() != first


def test_loss_that_becomes_nan_names_the_step_and_keeps_the_last_good_weights(tmp_path):
    result = here(train.main, *RUN, "--lr-d", "1e30", "--output", tmp_path / "run")
    assert result.returncode == 2
    last = result.stderr.strip().splitlines()[-1]
    assert "became NaN or infinite at step" in last
    assert "smaller --lr-g and --lr-d" in last
    assert not (tmp_path / "run" / "model.safetensors").exists()
    run_folder.check_folder(tmp_path / "run", resume=False, overwrite=False)  # the next one may go there


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--model", "vae"), "invalid choice: 'vae'"),
        (("--objective", "x"), "invalid choice: 'x'"),
        (("--dataset", "minst"), "unknown dataset 'minst'"),
        (("--epochs", "0"), "--epochs must be more than 0"),
        (("--batch-size", "5000"), "fewer than one iteration takes"),
        (("--resume",), "nothing to resume"),
    ],
)
def test_bad_flags_are_one_line(tmp_path, flags, message):
    result = here(train.main, "--dataset", "digits", "--output", tmp_path / "run", *flags)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "run").exists()


def test_help_explains_every_flag():
    result = here(train.main, "--help")
    assert result.returncode == 0
    for flag in (
        "--model --objective --dataset --data-dir --epochs --max-steps --batch-size --latent-dim --lr-g --lr-d --beta1"
        " --beta2 --d-steps --ema --seed --device --precision --output --resume --overwrite --penalty --penalty-weight"
        " --penalty-every --recipe --list-recipes --conditional --discriminator-norm --generator-norm"
    ).split():
        assert f"  {flag} " in result.stdout
    told = " ".join(result.stdout.split())
    assert "none for mlp, r1 for dcgan" in told
    parsed = cli_train.parser("train.py").parse_args
    for words in ("", "--model dcgan --recipe wgan-gp --conditional"):
        assert cli_train.folder_of(parsed(words.split())).as_posix() in told.replace(" ", "")
    assert "runs/MODEL-DATASET" in told


@pytest.mark.mnist
def test_mnist_run_shows_the_comparison_with_real_digits(tmp_path, monkeypatch):
    few = functools.partial(evaluate.evaluate_checkpoint, samples=200)
    monkeypatch.setattr(evaluate, "evaluate_checkpoint", few)
    result = here(train.main, "--max-steps", 2, "--no-best-response", "--no-typical", "--output", tmp_path / "run")
    assert result.returncode == 0, result.stderr
    assert "Fréchet distance" in result.stdout
    assert "real pictures" in result.stdout
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["dataset"] == "mnist"
    assert metrics["samples"] == 200
    assert set(metrics["floor"]) == set(metrics["model"])


class Lines:
    """What a progress bar is asked to write."""

    def __init__(self, disable=False):
        self.disable, self.said = disable, []

    def write(self, line, file):
        self.said.append(line)


def epochs(bar, *lines):
    """The warnings in the history after epochs with these figures."""
    writer = history_writer.HistoryWriter()
    for number, line in enumerate(lines, 1):
        writer.epochs.append({"epoch": number, **line})
        history_writer.warn(writer, writer.epochs[-1], bar)
    return [line.get("warnings") for line in writer.epochs]


def test_collapse_and_a_side_that_has_won_are_in_the_history_and_said_once():
    bar = Lines()
    flags = epochs(
        bar,
        {"ranked": 0.9, "evaluation": {"digits": 10}},
        {"ranked": 0.999, "evaluation": {"digits": 3}},
        {"ranked": 0.999, "evaluation": {"digits": 2}},
        {"ranked": 0.3},
        {"ranked": 0.5},
    )
    won = ["digits missing", "D has won"]
    assert flags == [None, won, won, ["G has won"], None]
    assert len(bar.said) == 3
    assert bar.said[0] == (
        "Epoch 2: only 3 of the ten digits make up half a percent or more of 2,000 samples: mode collapse, if it stays"
        " so."
    )
    assert bar.said[1].startswith(
        "Epoch 2: D puts 99.9% of pairs, a training picture and a generated one, in the right order"
    )
    assert bar.said[2].startswith("Epoch 4: D lags behind: it puts only 30.0% of pairs in the right order")


def test_a_quiet_run_says_nothing_and_logs_the_same():
    bar = Lines(disable=True)
    assert epochs(bar, {"ranked": 1.0}) == [["D has won"]]
    assert bar.said == []


def test_history_of_a_critic_has_no_probabilities():
    writer = history_writer.HistoryWriter()
    settings = Settings.of("mlp", recipe="wgan", dataset="digits", batch_size=50)
    trainer = iteration.Trainer(settings, data.load("digits"))
    writer.rows, writer.gradient_norms = [trainer.iterate().tolist()], [(1.0, 1.0)]
    line = writer.finish_epoch(trainer, {})
    assert {"score_real", "score_fake", "ranked", "penalty"} <= set(line)
    assert not {"d_real", "d_fake", "value", "js_bound"} & set(line)


def test_directions_that_cannot_be_found_do_not_end_a_run(tmp_path, monkeypatch, finished):
    def fail(*arguments, **named):
        raise RuntimeError("no room\non the device")

    monkeypatch.setattr(direction_search, "find_for", fail)
    result = here(train.main, *RUN, "--max-steps", 3, "--output", tmp_path / "my run")
    assert result.returncode == 0
    wanted = f"(no room on the device): python -m gan_demo directions {quoted(tmp_path / 'my run')} tries again"
    assert [line for line in result.stderr.splitlines() if wanted in line]
    assert GAN.from_pretrained(tmp_path / "my run")
