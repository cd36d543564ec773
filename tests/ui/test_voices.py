"""The two voices of the discriminator tab: what is said first contradicts neither."""

import dataclasses
import math
import re

import numpy as np
import pytest
import torch
from helpers.gans import small_gan

from gan_demo import belief
from gan_demo.belief import Reference
from gan_demo.belief.best_response import BestResponse, ResponseNetwork
from gan_demo.evaluation.what_it_sees import CHANGES
from gan_demo.gan import GAN
from gan_demo.ui import words
from gan_demo.ui.api import _best
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Standing
from gan_demo.ui.tabs.discriminator import tab, voices

LINE = np.pad(np.full((20, 2), 255, np.uint8), ((4, 4), (13, 13)))
SEEN = {name: {"accuracy": 0.75, "area": 0.8} for name in CHANGES}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A model whose D says about 45 % of everything, without a best D."""
    root = tmp_path_factory.mktemp("voices")
    small_gan("mlp", seed=1).save_pretrained(root / "m")
    found = Catalogue([root]).load("m")
    reference = Reference(np.linspace(-0.2, 0.2, 501), np.linspace(-0.25, 0.15, 501))
    return dataclasses.replace(found, reference=reference, no_reference=None)


@pytest.fixture(scope="module")
def both(alone):
    network = ResponseNetwork().requires_grad_(False)
    for parameter in network.parameters():
        parameter.zero_()
    network.head.bias.fill_(math.log(3) * 2)
    seen = {**SEEN, "black and white": {"accuracy": 0.52}, "blurred": {"accuracy": 0.61}}
    figures = {"page": {"accuracy": 0.9, "sees": seen}, "measure": {"accuracy": 0.98, "sees": SEEN}}
    reference = Reference(np.linspace(-2, 6, 501), np.linspace(-6, 2, 501))
    return dataclasses.replace(alone, best=BestResponse(network, 2.0, 0.0, reference, figures))


def text(markup):
    return re.sub(" +", " ", re.sub("<[^>]*>", " ", markup))


def test_the_sentence_follows_from_both(both):
    low, middle, high = -0.199, -0.025, 0.14
    for logit, raw, said in (
        (3.0, high, "The best D of the page takes it for real, and the D of the training ranks it high."),
        (3.0, low, "The best D of the page takes it for real, but the D of the training ranks it low."),
        (-3.0, low, "The best D of the page takes it for generated, and the D of the training ranks it low."),
        (0.1, middle, "The best D of the page cannot tell, and the D of the training ranks it in the middle."),
        (-3.0, math.nan, "The best D of the page takes it for generated."),
    ):
        assert voices.headline(both, raw, logit, far=False) == said
    for speaking in ("en", "zh"):
        with words.speaking(speaking):
            said = {voices.headline(both, raw, logit, False) for raw in (low, middle, high) for logit in (3, 0, -3)}
            assert len(said) == 9


def test_the_rank_of_a_d_that_hardly_tells_the_two_apart_is_said_to_mean_little(both):
    weak = dataclasses.replace(both, reference=Reference(np.linspace(-0.2, 0.2, 501), np.linspace(-0.22, 0.18, 501)))
    assert both.reference.told_apart > voices.WEAK > weak.reference.told_apart > 0.5
    little = "hardly tells real from generated"
    assert "ranks it low" in (said := voices.headline(weak, -0.2, 3.0, False))
    assert said.endswith(f"That D {little}.")
    assert little not in voices.headline(weak, -0.2, -3.0, False)  # there is nothing to explain
    alone = dataclasses.replace(weak, best=None)
    assert voices.headline(alone, -0.2, None, False) == f"D ranks it low. That says little: this D {little}."
    with words.speaking("zh"):
        for model, logit in ((weak, 3.0), (alone, None)):
            assert "几乎分不出真假" in voices.headline(model, -0.2, logit, False)


def test_a_number_near_half_is_not_cannot_tell_where_all_real_digits_have_more(alone):
    """It was: 45 %, cannot tell, less real than 99 % of real test digits."""
    raw = -0.2
    assert belief.percent(belief.probability(raw)) == "45\u00a0%"
    said = text(voices.own(alone, raw, None, True, False))
    assert "cannot tell" not in said
    assert "among the lowest" in said
    assert words.comparison(belief.rank(raw, alone.reference.real), "real test digits") in said
    assert voices.headline(alone, raw, None, False) == "D ranks it low."


def test_the_best_one_leads_with_its_number_and_its_ranks(both, monkeypatch):
    monkeypatch.setattr(type(both), "standing", lambda self, pixels: Standing(False, True))
    answer = tab.judged(tab.JudgeRequest(both, LINE, None))
    logit = math.log(3)
    assert answer["best"] == pytest.approx(logit, abs=1e-5)
    assert "75\u00a0%" in text(answer["lead"])
    for kind, group in (("real", "real test digits"), ("generated", "this generator's digits")):
        assert words.comparison(belief.rank(logit, getattr(both.best.reference, kind)), group) in text(answer["lead"])
    assert words.likelihood(3.0) in text(answer["odds"])  # the odds of 75 %, not of the trained D
    assert answer["told"] == answer["first"]
    assert "verdict" in answer["says"]
    api = _best(both, LINE)
    assert (api["belief"], api["output"]) == ("75\u00a0%", pytest.approx(logit, abs=1e-5))


def test_both_have_a_chart_and_the_best_says_what_it_sees(alone, both):
    told = voices.compared(both)
    assert told["html"].count("data-spread") == told["best"].count("data-spread") == 1
    assert "90\u00a0%" in text(told["best"])
    assert "98\u00a0%" in text(told["best"])
    assert "In black and white it names 52\u00a0% rightly, after a blur 61\u00a0%." in text(told["best"])
    assert "MNIST" in text(told["best"])
    config = dataclasses.replace(both.gan.config, training={"dataset": "letters"})
    letters = GAN(both.gan.generator, both.gan.discriminator, config)
    said = text(voices.compared(dataclasses.replace(both, gan=letters))["best"])
    assert "In black and white it names" in said
    assert "MNIST" not in said and "digit" not in said
    assert "best-response" in text(voices.compared(alone)["html"])
    assert voices.compared(alone)["best"] == ""
    assert _best(alone, LINE) is None
    assert voices.key(alone) != voices.key(both)
    figures = {**both.best.figures, "measure": {"accuracy": 0.98}}  # of somebody who measured less
    poorer = dataclasses.replace(both, best=dataclasses.replace(both.best, figures=figures))
    assert "<details" not in voices.compared(poorer)["best"]


def test_where_d_has_seen_nothing_like_it_no_number_means_anything(both, monkeypatch):
    monkeypatch.setattr(type(both), "standing", lambda self, pixels: Standing(True, False))
    answer = tab.judged(tab.JudgeRequest(both, LINE, None))
    assert "never seen" in answer["first"]
    assert answer["odds"] == ""
    assert answer["leaning"] == 0
    for said in (answer["lead"], answer["says"]):
        assert "--lean:0%" in said
        assert "ranks" not in said
        assert not any(verdict in said for verdict in belief.VERDICTS)


def test_a_climb_shows_that_others_are_not_convinced(both):
    class Nobody:
        def trained_on(self, dataset):
            return {}

    film = tab.climbed(tab.JudgeRequest(both, LINE, None), Nobody())["film"]
    assert all(step["others"] == ["best D of the page 75\u00a0%"] for step in film)
    assert torch.equal(both.best.network.head.weight, torch.zeros(1, 864))
