"""How well two sets of pictures are told apart: figures that can be worked out by hand."""

import math

import pytest
import torch

from gan_demo.evaluation import told_apart
from gan_demo.evaluation.told_apart import area, error_of, expected_calibration_error, figures_of


def test_guessing_has_half_and_no_divergence():
    figures = figures_of(torch.zeros(10), torch.zeros(20))
    assert (figures["accuracy"], figures["area"]) == (0.5, 0.5)
    assert figures["value"] == pytest.approx(-2 * math.log(2), rel=1e-4)
    assert figures["jsd"] == pytest.approx(0, abs=1e-9)
    assert figures["accuracy_error"] == figures["jsd_error"] == 0


def test_a_sure_and_right_one_comes_up_to_log_2():
    figures = figures_of(torch.full((4,), 40.0), torch.full((4,), -40.0))
    assert (figures["accuracy"], figures["area"]) == (1, 1)
    assert figures["jsd"] == pytest.approx(math.log(2), rel=1e-4)


def test_figures_of_a_few_logits():
    # Real: D = 3/4 twice and 1/4 twice. Generated: 1/4 always. Three of four, and one real right in the half.
    logit = math.log(3)
    figures = figures_of(torch.tensor([logit, logit, -logit, -logit]), torch.full((5,), -logit))
    assert figures["accuracy"] == 0.75
    # Four shares of 0 and 1 with mean 1/2: standard deviation sqrt(1/3), error sqrt(1/12), half of it counts.
    assert figures["accuracy_error"] == pytest.approx(math.sqrt(1 / 12) / 2, rel=1e-4)
    value = (math.log(0.75) + math.log(0.25)) / 2 + math.log(0.75)
    assert figures["value"] == pytest.approx(value, rel=1e-4)
    assert figures["jsd"] == pytest.approx(math.log(2) + value / 2, rel=1e-4)
    assert figures["area"] == 0.75  # half of the pairs won, the others tied


def test_the_area_counts_pairs():
    assert area(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 2.0, 3.0])) == pytest.approx((1 + 2.5) / 6)


def test_a_calibration_error_is_the_gap_between_word_and_deed():
    # "90 %" of all: right of the real half, so the share is 50 % and the gap .4.
    logit = math.log(9)
    assert expected_calibration_error(torch.full((6,), logit), torch.full((3,), logit)) == pytest.approx(0.4)
    # "90 %" of nine in ten real pictures, "10 %" of the rest, and the reverse: as it says.
    nine, one = torch.full((9,), logit), torch.full((1,), -logit)
    assert expected_calibration_error(torch.cat([nine, one]), -torch.cat([nine, one])) == pytest.approx(0, abs=1e-6)
    assert told_apart.BINS == 15


def test_the_error_of_a_mean_over_seeds():
    assert error_of([0.9], 0.03) == 0.03
    assert error_of([0.8, 0.9, 1.0], 0.0) == pytest.approx(0.1 / math.sqrt(3))
    assert error_of([0.8, 0.9, 1.0], 0.1) == pytest.approx(math.sqrt(0.01 / 3 + 0.01))
