"""What colours pictures: D's belief, or where that would all be grey, ranks among real test pictures."""

import dataclasses

import numpy as np
import pytest
import torch
from helpers.gans import small_gan

from gan_demo import files
from gan_demo.belief import Reference, percent, probability, rank, unmeasured
from gan_demo.belief.best_response import BestResponse, ResponseNetwork
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui import words
from gan_demo.ui.shared import markup, tint
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import ScoredPictures
from gan_demo.ui.tabs.directions import tab as directions
from gan_demo.ui.tabs.discriminator import voices
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.map import tab as map_tab
from gan_demo.ui.tabs.map import tiles
from gan_demo.ui.tabs.samples import inspector
from gan_demo.ui.tabs.samples import tab as samples


def model(folder, width, objective="non-saturating"):
    """A small model whose D's outputs for real pictures go from -width to width; and its catalogue."""
    gan = small_gan("mlp", seed=1, objective=objective)
    gan.save_pretrained(folder / "m")
    outputs = gan.score(gan.sample(200, 1)).tolist()
    middle = float(np.mean(outputs)) if width < 1 else 0.0
    reference = np.linspace(middle - width, middle + width, 101).tolist()
    files.write_json(folder / "m" / "metrics.json", {"discriminator": {"real": reference, "generated": reference}})
    models = Catalogue([folder])
    return models.load("m"), models


def scored(outputs):
    return ScoredPictures(np.zeros((len(outputs), 28, 28), np.uint8), outputs)


@pytest.mark.parametrize(
    ("objective", "width", "scale"),
    [
        ("non-saturating", 0.1, tint.REAL_RANK),  # 47.5 % to 52.5 %
        ("non-saturating", 0.4, tint.BELIEF),  # 40 % to 60 %
        ("hinge", 0.1, tint.REAL_RANK),
        ("hinge", 0.5, tint.BELIEF),
        ("wasserstein", 0.1, tint.BELIEF),  # which is a rank already
    ],
)
def test_the_scale_is_that_on_which_something_is_seen(tmp_path, objective, width, scale):
    shown, _ = model(tmp_path, width, objective)
    low, high = shown.reference.real[0], shown.reference.real[-1]
    outputs = [low, low + (high - low) / 4, (low + high) / 2, high, float("nan")]
    assert tint.scale_of(shown) == scale
    found, plain = tint.coloured(shown, scored(outputs)), [shown.belief(raw) for raw in outputs]
    ranks = [-1.0, -0.5, 0.0, 1.0, 0.0]
    wanted = ranks if scale == tint.REAL_RANK else [said.lean for said in plain]
    assert [said.lean for said in found] == pytest.approx(wanted, abs=0.02)
    assert [(said.number, said.verdict) for said in found] == [(said.number, said.verdict) for said in plain]


def test_no_reference_no_rank(tmp_path):
    small_gan("mlp", seed=1, training={"dataset": "kmnist"}).save_pretrained(tmp_path / "m")
    assert tint.scale_of(Catalogue([tmp_path]).load("m")) == tint.BELIEF


@pytest.mark.parametrize("classes", [0, 10])
def test_without_metrics_ranks_are_those_among_the_digits_that_ship(tmp_path, classes):
    gan = small_gan("mlp", seed=1, classes=classes)
    gan.save_pretrained(tmp_path / "m")
    shown = Catalogue([tmp_path]).load("m")
    digits = real_digits.sheet()
    labels = digits.labels if classes else None
    outputs = gan.score(from_pixels(digits.images), labels).sort().values
    assert shown.reference.real == pytest.approx(outputs.numpy(), abs=1e-5)
    drawn = to_pixels(gan.sample(1000, unmeasured.SEED, labels=labels))
    assert shown.reference.generated == pytest.approx(
        gan.score(from_pixels(drawn), labels).sort().values.numpy(), abs=1e-5
    )
    assert tint.scale_of(shown) == tint.REAL_RANK
    assert "has not been evaluated" in voices.own_reference(shown)
    assert not shown.why_no_reference


def test_a_d_without_numbers_has_no_reference(tmp_path):
    gan = small_gan("mlp", seed=1)
    gan.discriminator.head.bias.data.fill_(float("nan"))
    assert unmeasured.reference(gan) is None


class TestBest:
    """Where the D of the training says the same of all, and a best D does not, the best D speaks."""

    @pytest.fixture
    def shown(self, tmp_path):
        found, models = model(tmp_path, 0.02)
        with torch.device("meta"):
            network = ResponseNetwork()
        network = network.to_empty(device="cpu").requires_grad_(False)
        for index, parameter in enumerate(network.parameters()):
            parameter.normal_(0, 0.1, generator=torch.Generator().manual_seed(index))
        outputs = network(found.gan.sample(50, 1))
        logits = np.linspace(-4, 4, 101)
        temperature, shift = float(outputs.std() / 2), float(-2 * outputs.mean() / outputs.std())
        best = BestResponse(network, temperature, shift, Reference(logits + 1, logits), {})
        return dataclasses.replace(found, best=best), models

    def test_it_colours_and_counts_and_orders(self, shown, monkeypatch):
        shown, models = shown
        monkeypatch.setattr(models, "load", lambda name: shown)
        seen = samples.sample(models, "m", 3, 12, 1.0, samples.TURN, "most real")
        assert tint.scale_of(shown) == tint.BEST
        logits = shown.best.logits(from_pixels(torch.from_numpy(np.stack(seen.pixels)))[:, None]).tolist()
        assert logits == sorted(logits, reverse=True)
        assert logits[0] > logits[-1] + 0.1  # otherwise this shows nothing
        assert [said.raw for said in seen.said] == pytest.approx(logits, abs=1e-3)
        assert seen.said[0].number == percent(probability(logits[0]))
        own = shown.gan.score(from_pixels(torch.from_numpy(np.stack(seen.pixels)))[:, None]).tolist()
        assert seen.outputs == pytest.approx(own, abs=1e-5)  # what the archive has stays what D says
        page = samples.view(seen) + samples.summary(seen)
        assert f"The best D of the page takes {sum(logit > 0 for logit in logits)} of 12 for real" in page
        assert "those of the best D of the page, which was trained when" in page
        closely = inspector.view(shown, seen.places[0])
        assert f"The best D of the page: <b>{seen.said[0].verdict}</b>" in closely
        assert f"The D of the training: {shown.belief(own[0]).number}" in closely
        tile = tiles.tile(shown, 5, 0, 0, 0, None)
        moved = directions.explore(models, {"model": "m", "start": "m:3:0"})
        assert moved["number"] == tint.coloured(shown, shown.draw_one(Address("m", 3)))[0].number
        assert moved["verdict"].startswith("The best D of the page: ")
        walk = interpolate.frames(interpolate.Walk.asked(models, "m", "1,2", "spherical", 5, "0"))
        assert walk["along"] == "The best D of the page believes"
        assert np.ptp(walk["value"]) > 0.001
        assert len(set(tile["rank"])) > 5  # of the D of the training

    def test_not_one_that_is_sure_of_all_samples(self, shown):
        sure = dataclasses.replace(shown[0].best, reference=Reference(np.full(9, 8.0), np.linspace(-9, -5, 9)))
        assert tint.scale_of(dataclasses.replace(shown[0], best=sure)) == tint.REAL_RANK

    def test_not_where_d_says_different_things(self, shown):
        wide = Reference(np.linspace(-2, 2, 9), np.linspace(-2, 2, 9))
        found = dataclasses.replace(shown[0], reference=wide)
        assert tint.scale_of(found) == tint.BELIEF
        assert tint.voice(found).who == "D"


def test_samples_map_and_interpolate_show_the_ranks_and_say_so(tmp_path):
    shown, models = model(tmp_path, 0.02)
    seen = samples.sample(models, "m", 3, 12, 1.0, samples.TURN)
    wanted = [round(200 * rank(output, shown.reference.real) - 100) for output in seen.outputs]
    assert max(wanted) - min(wanted) > 30  # otherwise this shows nothing
    beliefs = tint.coloured(shown, scored(seen.outputs))
    html = samples.view(seen)
    for said in beliefs:
        assert markup.leaning(said) in html
    tile = tiles.tile(shown, 3, 0, 0, 0, None)
    assert max(tile["lean"]) - min(tile["lean"]) > 60
    walk = interpolate.frames(interpolate.Walk.asked(models, "m", "1,2", "spherical", 5, "0"))
    assert np.ptp(walk["lean"]) > 10
    for language, text in (("en", "the rank among real test digits"), ("zh", "在测试集真实数字中的排名")):
        with words.speaking(language):
            for legend in (samples.view(seen), map_tab.legend(shown, "by belief"), markup.below(shown, tinted=True)):
                assert text in legend
            assert text not in markup.below(shown)  # whose colours are beliefs


def test_how_to_read_the_best_d_is_said_of_the_best_d(tmp_path):
    """The D of the training stays near 50 % for reasons that hold for it alone."""
    shown, _ = model(tmp_path, 0.02)
    own, best = (markup.legend(shown.gan.config, scale=scale, noun="digits") for scale in (tint.BELIEF, tint.BEST))
    caution = words.meaning("non-saturating", "caution")
    calibrated = words.say("best calibrated")
    assert (caution in own, calibrated in own) == (True, False)
    assert (caution in best, calibrated in best) == (False, True)
