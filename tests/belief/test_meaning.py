"""What D's number means, against shares and probabilities that can be counted by hand."""

import math

import numpy as np
import pytest

from gan_demo.belief import MEANINGS, Reference, belief, likelihood_ratio, meaning, percent, rank
from gan_demo.belief.meaning import verdict
from gan_demo.objectives import OBJECTIVES


def words(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", "")


def test_every_objective_has_a_meaning():
    assert {objective.output for objective in OBJECTIVES.values()} <= set(MEANINGS)


@pytest.mark.parametrize(
    ("probability", "number", "verdict"),
    [
        (0.03, "3 %", "surely fake"),
        (0.25, "25 %", "rather fake"),
        (0.45, "45 %", "cannot tell"),
        (0.5, "50 %", "cannot tell"),
        (0.62, "62 %", "rather real"),
        (0.97, "97 %", "surely real"),
    ],
)
def test_a_logit_is_read_as_a_probability(probability, number, verdict):
    said = belief("non-saturating", math.log(probability / (1 - probability)))
    assert words(said.number) == number
    assert said.verdict == verdict
    assert said.lean == pytest.approx(2 * probability - 1)


def test_a_logit_that_overflows_an_exponential_is_still_a_probability():
    assert (words(belief("minimax", 1e5).number), belief("minimax", 1e5).lean) == ("100 %", 1)
    assert (words(belief("minimax", -1e5).number), belief("minimax", -1e5).lean) == ("0 %", -1)
    assert belief("minimax", math.inf).verdict == "surely real"
    damaged = belief("minimax", math.nan)
    assert math.isnan(damaged.raw)
    assert (damaged.number, damaged.lean, damaged.verdict) == ("no number", 0, "cannot tell")


def test_the_words_begin_at_a_fifth_and_at_four_fifths():
    said = [verdict(lean) for lean in (-1, -0.8, -0.79, -0.2, -0.19, 0, 0.19, 0.2, 0.79, 0.8, 1)]
    surely, rather = ["surely fake"] * 2, ["rather fake"] * 2
    assert said == [*surely, *rather, *["cannot tell"] * 3, *["rather real"] * 2, *["surely real"] * 2]


def test_rounding_does_not_claim_certainty():
    shares = (0, 0.001, 0.005, 0.006, 0.5, 0.994, 0.995, 0.999, 1)
    said = [words(percent(share)) for share in shares]
    assert said == ["0 %", "<1 %", "<1 %", "1 %", "50 %", "99 %", ">99 %", ">99 %", "100 %"]


def test_ticks_say_what_they_mark():
    assert {words(meaning("minimax").number(tick)) for tick in meaning("minimax").ticks} >= {"1 %", "50 %", "99 %"}


def test_a_regression_value_is_read_between_0_and_1():
    leans = [belief("least-squares", raw).lean for raw in (-0.5, 0.0, 0.25, 0.5, 0.8, 1.0, 1.5)]
    assert leans == pytest.approx([-1, -1, -0.5, 0, 0.6, 1, 1])
    said = belief("least-squares", 0.75)
    assert (said.number, said.verdict) == ("0.75", "rather real")
    assert belief("least-squares", 0.5).verdict == "cannot tell"


def test_a_margin_is_read_by_its_sign():
    assert [belief("hinge", raw).lean for raw in (-3.0, -0.5, 0.0, 0.5, 3.0)] == [-1, -0.5, 0, 0.5, 1]
    assert (belief("hinge", 1.5).number, belief("hinge", 1.5).verdict) == ("+1.50", "surely real")
    assert belief("hinge", -0.001).number == "+0.00"
    assert (belief("hinge", 0.005).number, belief("hinge", 0.005).raw) == ("+0.01", 0.005)


@pytest.mark.parametrize("objective", ["wasserstein", "relativistic"])
def test_a_critic_leans_by_rank_and_never_by_a_sigmoid(objective):
    """Scores without a zero: adding 1,000 to all of them changes no belief."""
    real, generated = np.linspace(0, 10, 101), np.linspace(-10, 5, 101)
    for shift in (0.0, 1000.0, -1000.0):
        reference = Reference(real + shift, generated + shift)
        # Shares of real below and of generated below, less 1: of 2.5 they are 1/4 and 5/6.
        leans = [belief(objective, raw + shift, reference).lean for raw in (-11.0, 2.5, 11.0)]
        assert leans == pytest.approx([-1, 1 / 4 + 12.5 / 15 - 1, 1])
        verdicts = [belief(objective, raw + shift, reference).verdict for raw in (-11.0, 2.5, 5.0, 11.0)]
        assert verdicts == ["among the lowest", "in the middle", "rather high", "among the highest"]
    alone = belief(objective, 1000.0)
    assert (alone.lean, alone.verdict, alone.number) == (0, "cannot tell", "+1000.0")
    assert "%" not in alone.number
    assert [belief(objective, raw).number for raw in (12.34, -0.00123, 0.0)] == ["+12.3", "−0.00123", "+0.00"]
    assert belief(objective, 1.26e-6).number == "+0.000001"  # six digits after the point at most
    among = belief(objective, 12.34, Reference(real, generated))
    assert (among.raw, among.number) == (12.34, "+12.3")


def test_the_rank_works_for_all_objectives():
    reference = Reference(np.linspace(0, 1, 11), np.linspace(-1, 0, 11))
    for objective in OBJECTIVES:
        scaled = meaning(objective).lean is not None
        assert belief(objective, 50.0, reference).verdict == ("surely real" if scaled else "among the highest")
        assert rank(0.5, reference.real) == 0.5


def test_odds_are_a_likelihood_ratio_for_the_objectives_of_2014_only():
    """Where p_data is 3 and p_G is 1, the best D says 3/4, and its logit is log 3."""
    for objective, row in OBJECTIVES.items():
        ratio = likelihood_ratio(objective, math.log(3))
        if objective in ("minimax", "non-saturating"):
            assert ratio == pytest.approx(3)
        else:
            assert ratio is None, row.output
    assert likelihood_ratio("minimax", math.log(0.25 / 0.75)) == pytest.approx(1 / 3)
    assert math.isfinite(likelihood_ratio("minimax", 1e6))
    assert likelihood_ratio("minimax", 1e6) == pytest.approx(math.exp(700))
    assert likelihood_ratio("minimax", 699.0) == pytest.approx(math.exp(699))
    assert likelihood_ratio("minimax", math.nan) is None
