"""Which latents are typical, and when a training looks for them."""

import torch
from helpers.gans import small_gan

from gan_demo import data
from gan_demo.evaluation import parts, typical


def test_of_the_likeliest_quarter_the_middles_of_clusters_are_taken():
    # Eight likely points in two clusters of four, the middle of each at 0 and 10; the others are as near to those.
    points = torch.tensor([[-1.0], [0.0], [1.0], [0.4], [9.0], [10.0], [11.0], [10.4], *[[0.1]] * 24])
    unlikely = torch.tensor([0.0] * 8 + [1.0] * 24)
    assert typical._apart(unlikely, points, None, 2).sort().values.tolist() == [1, 5]


def test_each_digit_gets_as_many_and_a_rare_one_what_there_is():
    random = torch.Generator().manual_seed(0)
    digits = torch.tensor([0] * 40 + [1] * 40 + [7])
    rows = typical._apart(torch.rand(81, generator=random), torch.rand(81, 3, generator=random), digits, 20)
    assert digits[rows].tolist() == [0, 0, 1, 1, 7]


def test_they_are_rows_of_a_seed_and_the_same_each_time():
    real = data.load("digits").images[:300]
    for gan in (small_gan("mlp", latent_dim=16), small_gan("dcgan", classes=10)):
        found = typical.find(gan, real, latents=60, count=10)
        assert torch.equal(found, typical.find(gan, real, latents=60, count=10))
        assert 1 <= len(found) <= 10
        drawn = gan.latents(60, typical.SEED)
        assert all((drawn == row).all(1).any() for row in found)


def test_a_training_ends_with_them_unless_its_truncation_is_of_w(monkeypatch, tmp_path):
    done = []
    monkeypatch.setattr(typical, "find_for", lambda *_: done.append("found"))
    monkeypatch.setattr(parts, "add", lambda *_: done.append("measured") or {"levels": []})
    for model, wanted in (("mlp", ["found", "measured"]), ("style", ["measured"])):
        small_gan(model).save_pretrained(tmp_path / model)
        assert typical.end_training(tmp_path / model, None, "cpu") == {"levels": []}
        assert done == wanted
        done.clear()
