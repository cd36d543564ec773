"""What D and G were trained for: typeset, with the term that keeps D's slope in bounds, in the page's language."""

import re
from dataclasses import replace

import pytest
from helpers.gans import small_gan

from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.ui import words
from gan_demo.ui.shared import formulas

PLAIN = {"E": "E", "−": "-"}


def plain(shown):
    return re.sub("<[^>]*>", "", shown)


@pytest.fixture(scope="module")
def config():
    return small_gan("mlp", seed=1).config


def test_a_formula_is_typeset():
    shown = formulas.typeset("γ/2 E[‖∇D(x)‖²]")
    assert "<span>γ</span><span>2</span>" in shown.replace("<var>γ</var>", "γ")
    assert "<b>E</b>[‖∇<var>D</var>(<var>x</var>)‖<sup>2</sup>]" in shown
    assert formulas.typeset("(‖∇D(x̂)‖ - 1)²").count("<var>x̂</var>") == 1
    assert "<br><var>G</var>: max" in formulas.typeset(OBJECTIVES["non-saturating"].formula)
    slope = formulas.typeset(OBJECTIVES["wasserstein"].formula)
    assert "with D's slope kept bounded" in slope  # this D is a word
    for row in (*OBJECTIVES.values(), *PENALTIES.values()):
        shown = formulas.typeset(row.formula)
        assert shown.count("<var>") == shown.count("</var>")
        assert "²" not in shown
        assert " - " not in shown


@pytest.mark.parametrize(
    ("training", "norm", "there", "absent"),
    [
        ({"penalty": "none"}, "none", "", "added"),
        ({}, "none", "", "added"),  # a model that says nothing of it
        ({"penalty": "clip", "penalty_weight": 0.01}, "batch", "every weight of D in [−c, c]c = 0.01", "added"),
        ({"penalty": "gradient", "penalty_weight": 10.0}, "none", "x̂ between x and G(z)λ = 10<", "every 1"),
        ({"penalty": "dragan", "penalty_weight": 1.0}, "none", "D(x + noise)", "clip"),
        (
            {"penalty": "r1", "penalty_weight": 0.5, "penalty_every": 4},
            "none",
            "γ = 0.5, once in 4 steps of D",
            "G(z))‖",
        ),
        ({"penalty": "r1+r2", "penalty_weight": "?"}, "none", "∇D(G(z))‖2", "γ ="),
        ({"penalty": "none"}, "spectral", "W ← W / σ(W)", "added"),
        ({"penalty": "theirs"}, "none", "", "added"),
    ],
)
def test_each_penalty_shows_its_own_term(config, training, norm, there, absent):
    shown = formulas.trained_for(replace(config, discriminator_norm=norm, training=training)) + "<"
    texts = re.sub("<(?!$)[^>]*>", "", shown)
    assert there.removesuffix("<") in texts
    assert absent not in texts
    for name in PENALTIES:
        if name != "none":
            assert (words.penalty(name) in shown) == (name == training.get("penalty"))
    assert (words.penalty("spectral") in shown) == (norm == "spectral")


def test_formulas_speak_the_language_of_the_page(config):
    with words.speaking("zh"):
        clipped = formulas.trained_for(
            replace(config, objective="wasserstein", training={"penalty": "clip", "penalty_weight": 0.01})
        )
    text = plain(clipped)
    assert "且 D 的斜率有界" in text
    assert "wasserstein（Arjovsky 等 2017" in text and "(Arjovsky" not in text
    assert "D 的每个权重都在 [−c, c]" in text
    assert words.LANGUAGES["zh"].penalties["clip"] in text
    assert not re.findall(r"\b(?!max\b|min\b|wasserstein\b)[a-z]{2,}", text)
