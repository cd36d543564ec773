"""Where one of D's numbers lies among others, against counting."""

import json
import math

import numpy as np
import pytest

from gan_demo.belief import Reference, density, rank
from gan_demo.errors import UserError


def test_the_rank_is_the_share_below():
    quantiles = np.array([0.0, 10, 20, 30, 40])
    assert rank(20, quantiles) == 0.5
    assert rank(25, quantiles) == pytest.approx(0.625)
    assert rank(2.5, quantiles) == pytest.approx(0.0625)
    assert (rank(-1, quantiles), rank(0, quantiles), rank(40, quantiles), rank(41, quantiles)) == (0, 0, 1, 1)
    assert math.isnan(rank(math.nan, quantiles))


def test_the_rank_among_many_scores_is_what_counting_gives():
    random = np.random.default_rng(0)
    scores = random.normal(size=10_000)
    quantiles = np.quantile(scores, np.linspace(0, 1, 501))
    for score in (-2.0, -0.3, 0.0, 1.7):
        assert rank(score, quantiles) == pytest.approx((scores < score).mean(), abs=5e-4)


def test_half_of_equal_scores_count_as_below():
    assert rank(1, np.array([0.0, 1, 1, 1, 2])) == 0.5
    assert rank(1, np.array([1.0, 1, 1])) == 0.5
    assert rank(5, np.array([5.0, 5, 9, 9])) == pytest.approx(1 / 6)


def test_the_density_of_a_uniform_reference_is_flat_and_sums_to_one():
    quantiles = np.linspace(0, 4, 501)
    edges = np.linspace(-1, 5, 13)
    shares = density(quantiles, edges)
    np.testing.assert_allclose(shares, [0, 0] + [0.25] * 8 + [0, 0], atol=1e-12)
    assert (shares * np.diff(edges)).sum() == pytest.approx(1)


def test_a_reference_comes_from_metrics():
    reference = Reference.from_metrics(json.loads('{"discriminator": {"real": [0, 1, 2.5], "generated": [-1, 1]}}'))
    assert reference.real.tolist() == [0, 1, 2.5]
    assert reference.generated.tolist() == [-1, 1]
    whole = Reference.from_metrics({"discriminator": {"real": [0, 0, 1], "generated": [0, 0.25, 0.5]}})  # with a tie
    assert whole.real.tolist() == [0, 0, 1]
    assert (whole.real.dtype, whole.generated.dtype) == (np.float64, np.float64)


@pytest.mark.parametrize(
    "metrics",
    [
        None,
        [],
        {},
        {"discriminator": None},
        {"discriminator": {"real": [0, 1]}},
        {"discriminator": {"real": [0, 1], "generated": [1, 0]}},
        {"discriminator": {"real": [0, 1], "generated": [1]}},
        {"discriminator": {"real": [0, 1], "generated": "01"}},
        {"discriminator": {"real": [0, 1], "generated": [0, [1]]}},
        {"discriminator": {"real": [0, 1], "generated": [0, math.inf]}},
        {"discriminator": {"real": [[0, 1]], "generated": [0, 1]}},
    ],
)
def test_metrics_without_a_usable_reference_are_refused_in_words(metrics):
    with pytest.raises(UserError, match=r"metrics\.json"):
        Reference.from_metrics(metrics)


def test_the_share_of_pairs_that_d_tells_apart():
    # Of x uniform in [1, 3] and y uniform in [0, 2], P(x < y) is a triangle of 1/2 in a square of 4.
    assert Reference(np.linspace(1, 3, 501), np.linspace(0, 2, 501)).told_apart == pytest.approx(7 / 8, abs=2e-3)
    assert Reference(np.linspace(0, 1, 501), np.linspace(0, 1, 501)).told_apart == pytest.approx(0.5)
    assert Reference(np.array([1.0, 2.0]), np.array([3.0, 4.0])).told_apart == 0
    assert Reference(np.array([5.0, 5.0]), np.array([5.0, 5.0])).told_apart == 0.5
