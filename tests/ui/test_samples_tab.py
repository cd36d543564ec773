"""The order in which the Samples tab shows the digits of a seed."""

import math

import numpy as np
import pytest
import torch
from helpers.gans import small_gan

from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model, ScoredPictures
from gan_demo.ui.tabs.samples import tab as samples

COUNT, SEED = 12, 7


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    small_gan("mlp", seed=1).save_pretrained(root / "m")
    return Catalogue([root])


def rows(catalogue, order):
    """The rows of the seed in the order in which they are shown."""
    return [place.row for place in samples.sample(catalogue, "m", SEED, COUNT, 1.0, samples.TURN, order).places]


def test_the_most_real_are_those_of_the_highest_outputs_of_d(catalogue):
    gan = catalogue.load("m").gan
    outputs = gan.score(from_pixels(to_pixels(gan.sample(COUNT, SEED)))).tolist()
    assert len(set(outputs)) == COUNT
    rising = sorted(range(COUNT), key=outputs.__getitem__)
    assert rows(catalogue, "by row") == list(range(COUNT))
    assert rows(catalogue, "most real") == rising[::-1]
    assert rows(catalogue, "least real") == rising


def test_pictures_and_beliefs_go_with_their_rows(catalogue):
    plain = samples.sample(catalogue, "m", SEED, COUNT, 1.0, samples.TURN, "by row")
    ordered = samples.sample(catalogue, "m", SEED, COUNT, 1.0, samples.TURN, "most real")
    for place, pixels, said in zip(ordered.places, ordered.pixels, ordered.said, strict=True):
        assert np.array_equal(pixels, plain.pixels[place.row])
        assert said == plain.said[place.row]


@pytest.mark.parametrize("order", ["most real", "least real"])
def test_what_d_cannot_judge_comes_last(catalogue, order, monkeypatch):
    outputs = [math.nan, 1.0, -2.0, math.nan, *[0.0] * (COUNT - 4)]
    drawn = ScoredPictures(torch.zeros(COUNT, 28, 28, dtype=torch.uint8).numpy(), outputs)
    monkeypatch.setattr(Model, "draw", lambda *_: drawn)
    shown = rows(catalogue, order)
    assert shown[0] == (1 if order == "most real" else 2)
    assert shown[-2:] == [0, 3]
