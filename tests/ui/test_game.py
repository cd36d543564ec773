"""You or D: a game follows from its model and seed; who is right, and what is said of it."""

import dataclasses
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers.gans import small_gan

from gan_demo.errors import UserError
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels
from gan_demo.ui import words
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.game import rules, tells
from gan_demo.ui.tabs.game import tab as game


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    small_gan("mlp", seed=1).save_pretrained(root / "m")
    small_gan("mlp", seed=2, classes=10).save_pretrained(root / "asked")
    small_gan("mlp", seed=3, training={"dataset": "kmnist"}).save_pretrained(root / "kana")
    return Catalogue([root])


def test_a_game_follows_from_model_and_seed(catalogue):
    for name in ("m", "asked"):
        model, pairs = rules.pairs(catalogue, name, 5)
        again = rules._pairs.__wrapped__(catalogue, name, model.folder, (), 5)
        other = rules.pairs(catalogue, name, 6)[1]
        sheet = real_digits.sheet()
        assert len(pairs) == rules.ROUNDS
        assert [pair.side for pair in pairs] == [pair.side for pair in again]
        assert [pair.place for pair in pairs] == [pair.place for pair in again]
        assert [pair.place for pair in pairs] != [pair.place for pair in other]
        assert len({pair.place for pair in pairs}) == rules.ROUNDS
        for row, pair in enumerate(pairs):
            number = sheet.places.tolist().index(pair.place)
            assert np.array_equal(pair.real, sheet.images[number, 0])
            assert pair.digit == sheet.labels[number]  # both of the same class
            assert str(pair.address) == f"{name}:5:{row}" + (f":d{row}" if name == "asked" else "")
            assert np.array_equal(pair.generated, model.draw_one(Address.parse(str(pair.address))).pixels[0])
            left, right = pair.shown()
            assert np.array_equal(left if pair.side == rules.LEFT else right, pair.real)
            assert np.array_equal(right if pair.side == rules.LEFT else left, pair.generated)


def test_real_digits_of_another_data_set_would_give_themselves_away(tmp_path):
    small_gan("mlp", training={"dataset": "usps"}).save_pretrained(tmp_path / "post")
    with pytest.raises(UserError, match="post learned from USPS"):
        rules.pairs(Catalogue([tmp_path]), "post", 5)


def test_both_sides_are_as_common(catalogue):
    sides = [pair.side for seed in range(30) for pair in rules.pairs(catalogue, "m", seed)[1]]
    assert 120 < sides.count(rules.LEFT) < 180  # 150, and a deviation of 8.7


@pytest.mark.parametrize("name", ["m", "asked"])
def test_a_d_is_right_where_the_real_one_has_the_greater_output(catalogue, name):
    model, pairs = rules.pairs(catalogue, name, 5)
    (leads,) = rules.opinions(model, pairs).values()
    for lead, pair in zip(leads, pairs, strict=True):
        real, generated = (
            model.gan.score(
                from_pixels(torch.from_numpy(pixels)[None, None]), [pair.digit] if name == "asked" else None
            )
            for pixels in (pair.real, pair.generated)
        )
        assert lead == pytest.approx(float(real - generated), abs=1e-4)


def test_pictures_of_something_else_are_no_game(catalogue):
    with pytest.raises(UserError, match="kana does not draw the ten digits"):
        rules.pairs(catalogue, "kana", 5)


def test_answers_are_ten_letters():
    assert rules.answers("lrrrrrrrrl") == ["left", *["right"] * 8, "left"]
    for nonsense in ("", "lr" * 4, "lr" * 6, "xlrlrlrlrl", None, 5, ["l"] * 10):
        with pytest.raises(UserError, match="10 letters"):
            rules.answers(nonsense)


def test_guessing():
    assert rules.by_guessing(0) == 1
    assert rules.by_guessing(10) == 1 / 1024
    assert rules.by_guessing(9) == 11 / 1024


def test_the_score_is_told_beside_d_s(catalogue):
    model, pairs = rules.pairs(catalogue, "m", 5)
    (leads,) = rules.opinions(model, pairs).values()
    of_d = sum(lead > 0 for lead in leads)
    sides = [pair.side for pair in pairs]
    wrong = ["left" if side == "right" else "right" for side in sides]
    for answers, score in ((sides, 10), (wrong, 0), ([*wrong[:3], *sides[3:]], 7)):
        told = game.result(model, pairs, answers)
        assert told["score"] == score
        assert told["heading"] == f"You found {score} of 10"
        word = "better than the D" if score > of_d else "did better" if score < of_d else "equally well"
        assert word in told["html"]
        assert re.findall(r"<b>(\d+) of 10</b>", told["html"]) == [str(score), str(of_d)]
        marks = re.findall('class="(hit|miss)"', told["html"])
        assert marks[:10] == ["hit" if one == side else "miss" for one, side in zip(answers, sides, strict=True)]
        assert marks[10:] == ["hit" if lead > 0 else "miss" for lead in leads]


def test_the_best_d_has_its_own_score(catalogue):
    model, pairs = rules.pairs(catalogue, "m", 5)
    brightest = SimpleNamespace(logits=lambda images: images.mean((1, 2, 3)))
    model = dataclasses.replace(model, best=brightest)
    leads = rules.opinions(model, pairs)[rules.BEST]
    assert [lead > 0 for lead in leads] == [bool(pair.real.mean() > pair.generated.mean()) for pair in pairs]
    told = game.result(model, pairs, [pair.side for pair in pairs])["html"]
    assert re.findall("<dt>(.*?)</dt>", told) == ["You", "D of the training", "best D of the page"]
    assert f"<b>{sum(lead > 0 for lead in leads)} of 10</b>" in told
    if max(leads) > 0:
        assert f"Where the best D of the page was surest: pair {leads.index(max(leads)) + 1}" in told


def test_pairs_are_named_one_or_more():
    assert [game._listed(which) for which in ([False, True], [True, False, True])] == ["pair 2", "pairs 1, 3"]
    with words.speaking("zh"):
        assert game._listed([True, False, True]) == "第 1、3 对"


def test_tells_by_hand():
    stroke = np.zeros((28, 28), np.uint8)
    stroke[4:24, 12:15] = 255
    assert tells.of(stroke) == []
    broken = stroke.copy()
    broken[8::3] = 0
    assert tells.of(broken) == ["pieces"]
    assert tells.pieces(broken) == 6
    grey = stroke.copy()
    grey[stroke == 0] = 3
    assert tells.of(grey) == ["faint"]
    assert tells.faint(grey) == 784 - 60
    assert tells.of(stroke // 2) == ["pale"]
    assert tells.pale(np.zeros((28, 28), np.uint8)) == 255


def test_at_most_one_real_digit_in_fifty_has_a_tell_of_each_kind():
    digits = real_digits.sheet().images[:, 0].numpy()
    found = [name for digit in digits for name in tells.of(digit)]
    for name in tells.TELLS:
        assert found.count(name) <= 20


def test_the_easiest_opponent_comes_first(tmp_path):
    for name, distance in (("good", 2.0), ("bad", 30.0), ("none", None)):
        small_gan("mlp").save_pretrained(tmp_path / name)
        if distance:
            (tmp_path / name / "metrics.json").write_text(f'{{"model": {{"frechet_distance": {distance}}}}}')
    assert Catalogue([tmp_path]).easiest_first("mnist") == (["bad", "good"], ["none"])
