"""What the tab of inversion says, and who gets an answer."""

import numpy as np
import pytest
from helpers.gans import small_gan

from gan_demo import files
from gan_demo.checkpoint import INVERSION_FILE, checksum
from gan_demo.latent import inversion
from gan_demo.ui import words
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.invert import tab as invert
from gan_demo.ui.tabs.invert.tab import LatestSearch, Search


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    small_gan("mlp", seed=2).save_pretrained(root / "plain")
    small_gan("mlp", seed=3, classes=10).save_pretrained(root / "asked")
    catalogue = Catalogue([root])
    return {name: catalogue.load(name) for name in ("plain", "asked")}


def job(model, mode="nearest", digit=None, hole=None):
    place = Address(model.name, 5, digit=4 if model.conditional else None)
    return Search(1, model.name, mode, digit, model.draw_one(place).pixels[0], hole)


def test_the_newest_job_of_each_visitor_wins():
    latest = LatestSearch(most=2)
    first, other, second = latest.next("ada"), latest.next("bob"), latest.next("ada")
    assert latest.is_old("ada", first)
    assert not latest.is_old("ada", second)
    assert not latest.is_old("bob", other)
    latest.next("cyd")  # the memory is bounded: who was longest away is forgotten, and not stopped
    assert not latest.is_old("bob", other)
    assert latest.is_old("ada", first)


def test_an_answer_is_what_its_address_draws(models):
    for model in models.values():
        for mode, hole in (("nearest", None), ("repair", np.arange(784).reshape(28, 28) < 300), ("enlarge", None)):
            found = invert.solved(model, job(model, mode, hole=hole))
            assert 1 <= len(found) <= (1 if mode == "nearest" else 6)
            for place, error, pixels, output in found:
                again = model.draw_one(Address.parse(str(place)))
                assert np.abs(again.pixels[0].astype(int) - pixels).max() <= 1
                assert again.outputs[0] == pytest.approx(output, abs=1e-3)
                assert 0 <= error < 0.2
                assert (place.digit is None) == (not model.conditional)


def test_a_conditional_model_is_told_the_digit(models):
    ((place, *_),) = invert.solved(models["asked"], job(models["asked"], digit=8))
    assert place.digit == 8


def test_the_page_says_whether_it_could_be_reached(models, tmp_path):
    small_gan("mlp", seed=2).save_pretrained(tmp_path / "m")
    model = Catalogue([tmp_path]).load("m")
    assert "python -m gan_demo invert m" in invert.error_told(model, 0.1)
    errors = np.linspace(0.05, 0.15, 101).tolist()
    files.write_json(tmp_path / "m" / INVERSION_FILE, {"errors": errors, "weights_sha256": checksum(tmp_path / "m")})
    for error, wanted in (
        (0.075, "better than most real digits. Error 0.075: it comes nearer to yours than to 75 % of real test digits"),
        (0.12, "It draws yours, but draws most real digits better. Error 0.120: it comes nearer to yours than to 30 %"),
        (0.145, "What it found is hardly yours. Error 0.145"),
        (0.2, "It found nothing near yours. Error 0.200: farther off than from any"),
    ):
        told = invert.error_told(model, error).replace("\u00a0", " ").replace("<b>", "").replace("</b>", "")
        assert wanted in told
        assert "median 0.100" in told
    with words.speaking("zh"):
        assert "75" in invert.error_told(model, 0.075)


def test_what_is_shown_while_it_is_looked_for_and_at_the_end(models):
    for model in models.values():
        for mode, hole in (("nearest", None), ("repair", np.eye(28, dtype=bool)), ("enlarge", None)):
            asked = job(model, mode, hole=hole)
            assert "<progress" in invert.waiting(model, asked)
            states = list(inversion.search(model.gan, asked.goal()))
            for state in (states[0], states[-1]):
                shown = invert.view(model, asked, state)
                assert ("<progress" in shown) == (not state.done)
                assert ("data-pin" in shown) == state.done
                assert ('class="legend"' in shown) == state.done
