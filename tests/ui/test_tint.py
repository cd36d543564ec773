"""What colours pictures: D's belief, or where that would all be grey, ranks among real test pictures."""

import numpy as np
import pytest
from helpers.gans import small_gan

from gan_demo import files
from gan_demo.belief import rank
from gan_demo.ui import words
from gan_demo.ui.shared import markup, tint
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import ScoredPictures
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.map import tab as map_tab
from gan_demo.ui.tabs.map import tiles
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
    found = tint.tints(shown, scored(outputs))
    assert found.scale == tint.scale_of(shown) == scale
    if scale == tint.REAL_RANK:
        assert found.values == pytest.approx([0.0, 0.25, 0.5, 1.0, 0.5], abs=0.01)
    else:
        assert found.values == pytest.approx([(shown.belief(raw).lean + 1) / 2 for raw in outputs])
    for said, raw, value in zip(tint.coloured(shown, scored(outputs)), outputs, found.values, strict=True):
        plain = shown.belief(raw)
        assert (said.number, said.verdict) == (plain.number, plain.verdict)
        assert said.lean == pytest.approx(2 * value - 1)


def test_no_reference_no_rank(tmp_path):
    small_gan("mlp", seed=1).save_pretrained(tmp_path / "m")
    assert tint.scale_of(Catalogue([tmp_path]).load("m")) == tint.BELIEF


def test_samples_map_and_interpolate_show_the_ranks_and_say_so(tmp_path):
    shown, models = model(tmp_path, 0.02)
    seen = samples.sample(models, "m", 3, 12, 1.0, samples.TURN)
    wanted = [round(200 * rank(said.raw, shown.reference.real) - 100) for said in seen.beliefs]
    assert max(wanted) - min(wanted) > 30  # otherwise this shows nothing
    beliefs = tint.coloured(shown, scored([said.raw for said in seen.beliefs]))
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
