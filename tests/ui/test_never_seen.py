"""What the page says a D has never seen: of each model in its own way."""

import numpy as np
import pytest
from helpers.gans import small_gan

from gan_demo.belief import seen
from gan_demo.pictures import real_digits
from gan_demo.ui.shared.catalogue import Catalogue


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_demo.belief.seen.SAMPLES", 60)
    small_gan("mlp", seed=1).save_pretrained(tmp_path / "noisy")  # untrained: it draws no digits
    small_gan("mlp", seed=1, training={"dataset": "kmnist"}).save_pretrained(tmp_path / "kana")
    return Catalogue([tmp_path])


def test_real_digits_and_its_own_were_seen_and_nothing_else(models, monkeypatch):
    noisy = models.load("noisy")
    clouds = []
    generate = noisy.gan.generate
    monkeypatch.setattr(noisy.gan, "generate", lambda *asked: clouds.append(1) or generate(*asked))
    assert not noisy.never_saw(real_digits.sheet().images[700, 0].numpy())
    assert not clouds  # its own are drawn for what is no real digit
    board = np.indices((28, 28)).sum(0) // 3 % 2 * np.uint8(255)
    assert noisy.never_saw(board)
    monkeypatch.undo()
    # A real digit is like nothing of its generator's.
    assert noisy.standing(real_digits.sheet().images[700, 0].numpy()) == (False, False)
    assert noisy.standing(board) == (True, False)
    vars(noisy)["_drawn"] = seen.real()  # as if it drew real digits
    assert noisy.standing(real_digits.sheet().images[700, 0].numpy()) == (False, True)
    del vars(noisy)["_drawn"]
    own = noisy.draw(noisy.gan.latents(10, seed=9)).pixels
    assert sum(map(noisy.never_saw, own)) <= 2


def test_of_other_pictures_than_digits_nobody_knows(models):
    assert not models.load("kana").never_saw(np.indices((28, 28)).sum(0) // 3 % 2 * np.uint8(255))
