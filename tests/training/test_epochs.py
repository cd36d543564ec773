"""Epochs of a training that can be played again: which are kept, in how many bytes, and that they play as they did."""

import pytest
import torch
from helpers.gans import small_gan

from gan_demo import GAN
from gan_demo.errors import UserError
from gan_demo.settings import Settings
from gan_demo.training import epochs, run
from gan_demo.training.iteration import Trainer


@pytest.mark.parametrize(("total", "most"), [(0, 9), (1, 9), (9, 9), (10, 9), (50, 9), (50, 18), (1000, 2), (200, 4)])
def test_the_first_few_are_kept_and_then_every_kth_to_the_last(total, most):
    kept = sorted(epochs.chosen(total, most))
    assert len(kept) <= most
    if not total:
        assert kept == []
        return
    assert (kept[0], kept[-1]) == (1, total)
    first = min(epochs.FIRST, most // 2, total)
    assert kept[:first] == [*range(1, first + 1)]
    gaps = {after - before for before, after in zip(kept[first:], kept[first + 1 :], strict=False)}
    assert len(gaps) <= 1
    if total > most:
        assert len(kept) > most // 2


def test_there_is_room_for_none_of_a_model_that_is_too_large():
    assert epochs.chosen(50, 0) == set()
    assert epochs.chosen(50, 1) == {50}


def test_a_run_keeps_networks_that_play_as_they_did(tmp_path, monkeypatch, small_networks):
    monkeypatch.setattr(run, "_finish", lambda *arguments: {})
    made = {}
    gan_of = Trainer.gan

    def remember(trainer):
        made[trainer.epoch] = gan_of(trainer)
        return made[trainer.epoch]

    monkeypatch.setattr(Trainer, "gan", remember)
    run.train(Settings.of("mlp", dataset="digits", epochs=3, batch_size=256), tmp_path, quiet=True)
    assert epochs.kept(tmp_path) == [1, 2, 3]
    images = {}
    for epoch in (1, 2, 3):
        gan = epochs.play(tmp_path, epoch)
        images[epoch] = gan.sample(4, seed=1)
        assert gan.config.training["epochs_done"] == epoch
        assert (images[epoch] - made[epoch].sample(4, seed=1)).abs().max() < 0.01  # of float16
        assert gan.score(images[1]) == pytest.approx(made[epoch].score(images[1]), abs=0.02)
    assert not torch.equal(images[1], images[3])
    assert isinstance(GAN.from_pretrained(epochs.place(tmp_path, 2)), GAN)
    run.train(Settings.of("mlp", dataset="digits", epochs=1, batch_size=256), tmp_path, quiet=True, overwrite=True)
    assert epochs.kept(tmp_path) == [1]


def test_what_a_run_keeps_has_a_bound(tmp_path, monkeypatch):
    gan = small_gan("mlp")
    monkeypatch.setattr(epochs, "MOST_BYTES", 200_000)
    keeper = epochs.Keeper(gan, tmp_path, 30)
    for epoch in range(1, 31):
        keeper.keep(gan, epoch, epoch + 5)  # a history that goes on from five epochs
    bytes_kept = sum(path.stat().st_size for path in tmp_path.rglob("model.safetensors"))
    assert 100_000 < bytes_kept <= 1.05 * 200_000  # names and shapes of the tensors come on top
    assert epochs.kept(tmp_path)[0] == 6
    assert epochs.kept(tmp_path)[-1] == 35


@pytest.mark.parametrize("epoch", [0, 4, -1, "1/../..", None])
def test_an_epoch_that_is_not_kept_is_one_line(tmp_path, epoch):
    small_gan("mlp").save_pretrained(epochs.place(tmp_path, 3))
    (tmp_path / "epochs" / "epoch-0009").mkdir()  # a run that was killed there
    (tmp_path / "epochs" / "epoch-x").mkdir()
    with pytest.raises(UserError, match="is not kept; those that are: 3$"):
        epochs.play(tmp_path, epoch)
