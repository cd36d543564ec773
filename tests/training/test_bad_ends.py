"""Runs that end before their time, or go on from the weights of others: what is kept, and what is said of it."""

import pytest
import torch
from helpers.commands import here

import train
from gan_demo import GAN, UserError, data, files
from gan_demo.evaluation import card
from gan_demo.settings import Settings
from gan_demo.training import history, history_writer, iteration, run, run_folder

RUN = ("--dataset", "digits", "--batch-size", "100", "--device", "cpu")


def test_a_run_that_diverges_leaves_its_last_good_epoch_and_says_so(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    iterate = iteration.Trainer.iterate
    good = []

    def breaks(self):
        broken = self.epoch == 2
        if broken and not good:
            good.append(self.gan())
        return iterate(self) * (float("nan") if broken else 1)

    monkeypatch.setattr(iteration.Trainer, "iterate", breaks)
    result = here(train.main, *RUN, "--epochs", 4, "--output", folder)
    last = result.stderr.strip().splitlines()[-1]
    assert f"; the weights of epoch 2 are kept in {folder}. Start again" in last
    assert [epoch.number for epoch in history.read_history(folder)] == [1, 2]
    kept = GAN.from_pretrained(folder)
    assert kept.config.training["epochs_done"] == 2
    assert (kept.sample(2, 0) - good[0].sample(2, 0)).abs().max() < 1e-2  # kept in float16


def test_weights_that_are_no_numbers_are_not_kept(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    iterate = iteration.Trainer.iterate

    def breaks(self):
        metrics = iterate(self)
        if self.epoch == 2:
            next(self.state.average.parameters()).data.fill_(float("nan"))
        return metrics

    monkeypatch.setattr(iteration.Trainer, "iterate", breaks)
    result = here(train.main, *RUN, "--epochs", 4, "--output", folder)
    assert "a weight became NaN or infinite" in result.stderr
    assert "the weights of epoch 1 are kept" in result.stderr
    assert GAN.from_pretrained(folder).sample(2, 0).isfinite().all()


@pytest.mark.usefixtures("small_networks")
@pytest.mark.parametrize("written", range(5))
def test_a_run_killed_between_two_files_goes_on_and_its_weights_are_those_of_its_state(written, tmp_path, monkeypatch):
    trainer = iteration.Trainer(Settings.of("mlp", dataset="digits", batch_size=100), data.load("digits"))
    writer, write, done = history_writer.HistoryWriter(), files.write_bytes, []
    trainer.iterate()

    def killed(path, content):
        if len(done) == written:
            raise KeyboardInterrupt
        done.append(path)
        write(path, content)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(files, "write_bytes", killed)
        run_folder.save(trainer, writer, tmp_path)
    if not written:
        assert not list(tmp_path.iterdir())  # a run may start here
        return
    run_folder.check_folder(tmp_path, resume=True, overwrite=False)
    again = iteration.Trainer(run_folder.read_settings(tmp_path), data.load("digits"))
    run_folder.load_state(tmp_path, again, history_writer.HistoryWriter())
    pictures = GAN.from_pretrained(tmp_path).sample(4, seed=1)
    torch.testing.assert_close(pictures, trainer.gan().sample(4, seed=1), atol=0.02, rtol=0)


def test_a_run_stopped_in_its_first_epoch_has_a_history(tmp_path):
    trainer = iteration.Trainer(Settings.of("mlp", dataset="digits", batch_size=100), data.load("digits"))
    writer = history_writer.HistoryWriter()
    writer.rows += [trainer.iterate().tolist() for _ in range(3)]
    run_folder.save(trainer, writer, tmp_path)
    (epoch,) = history.read_history(tmp_path)
    assert (epoch.number, epoch.finished) == (1, False)
    assert epoch.figures["step"] == 3
    assert writer.epochs == []  # the epoch goes on where it was


def test_a_switch_is_called_as_it_is_typed(tmp_path):
    for graph in (True, False):  # it is about speed alone, as --device is
        assert card.command(Settings.of("mlp", dataset="digits", graph=graph).config()).endswith("--dataset digits")
    own = vars(Settings.of("mlp"))
    with pytest.raises(UserError, match="settings: --conditional was not given"):
        run_folder.check_same(tmp_path, own, {"conditional": True})
    with pytest.raises(UserError, match="settings: --conditional was given; --epochs is 5 and was 50"):
        run_folder.check_same(tmp_path, {**own, "conditional": True}, {"conditional": False, "epochs": 5})
    run_folder.check_same(tmp_path, own, {"graph": True})  # a stopped run may go on either way


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model of two steps."""
    folder = tmp_path_factory.mktemp("models") / "first"
    trainer = iteration.Trainer(Settings.of("mlp", dataset="digits", recipe="wgan-gp"), data.load("digits"))
    trainer.iterate()
    trainer.gan().save_pretrained(folder)
    return folder


def test_a_run_begins_with_the_weights_of_another(tmp_path, trained, monkeypatch):
    monkeypatch.setattr(run, "_train", lambda trainer, writer, folder, *rest: run_folder.save(trainer, writer, folder))
    monkeypatch.setattr(run, "thin_snapshots", lambda *arguments: 1 / 0)  # what comes after the training
    with pytest.raises(ZeroDivisionError):
        here(train.main, "--dataset", "digits", "--init-from", trained, "--output", tmp_path / "second")
    first, second = (GAN.from_pretrained(folder) for folder in (trained, tmp_path / "second"))
    assert (first.sample(3, 0) - second.sample(3, 0)).abs().max() < 1e-2  # kept in float16
    assert second.config.training["recipe"] == "wgan-gp"
    origin = second.config.training["init_from"]
    assert (origin["name"], origin["dataset"]) == ("first", "scikit-learn's digits")
    text = card.render(second.config, None)
    assert "It began with the weights of `first`" in text
    assert "--init-from first" in text
    settings = run_folder.read_settings(tmp_path / "second")
    again = iteration.Trainer(settings, data.load("digits"))
    run_folder.load_state(tmp_path / "second", again, history_writer.HistoryWriter())
    assert again.gan().config.training["init_from"] == origin


def test_weights_that_do_not_fit_are_named(tmp_path, trained):
    flags = ("--dataset", "digits", "--init-from", trained, "--output", tmp_path / "run", "--latent-dim", "7")
    result = here(train.main, *flags)
    assert result.returncode == 2
    assert "the weights of first do not fit: latent dim is 64 there and 7 here" in result.stderr
    result = here(train.main, *flags[:-2], "--resume")
    assert "leave out one of the two" in result.stderr
    assert not (tmp_path / "run").exists()


def test_more_epochs_than_a_run_began_with_are_explained(tmp_path, trained):
    result = here(train.main, "--resume", "--epochs", "80", "--output", trained)
    assert result.returncode == 2
    assert "holds a finished run, over whose epochs the learning rate fell to 0" in result.stderr
    assert f"--init-from {trained} --dataset digits, with --epochs" in result.stderr
    own = vars(Settings.of("mlp"))
    with pytest.raises(UserError, match="--epochs is 80 and was 50. The learning rate falls to 0 over the epochs"):
        run_folder.check_same(tmp_path, own, {"epochs": 80})
    with pytest.raises(UserError, match="with --init-from --dataset digits$"):
        run_folder.check_same(tmp_path, {**own, "dataset": "digits"}, {"epochs": 80})
