"""What the tab of inversion says, and who gets an answer."""

import base64
import html
import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image

from gan_demo import files
from gan_demo.checkpoint import INVERSION_FILE, checksum
from gan_demo.latent import inversion
from gan_demo.latent.spaces import BAND_DRAWS, BAND_SEED, LatentSpace
from gan_demo.ui import words
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.invert import fits
from gan_demo.ui.tabs.invert import tab as invert
from gan_demo.ui.tabs.invert.fits import Fit
from gan_demo.ui.tabs.invert.tab import LatestSearch, Search


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    small_gan("mlp", seed=2).save_pretrained(root / "plain")
    small_gan("mlp", seed=3, classes=10).save_pretrained(root / "asked")
    catalogue = Catalogue([root])
    return {name: catalogue.load(name) for name in ("plain", "asked")}


SHORT = ((3, 11), (1, 11))


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


@pytest.mark.parametrize("light", [False, True])
def test_what_only_one_has_inked_has_its_colour(light):
    model = SimpleNamespace(draws_on_light=light)
    yours, found = np.zeros((2, 28, 28), np.uint8)
    yours[5, 5] = found[9, 9] = 255
    colours = fits.apart(model, *((255 - yours, 255 - found) if light else (yours, found)))
    assert (colours[5, 5].tolist(), colours[9, 9].tolist()) == ([*fits.LESS], [*fits.MORE])
    assert colours.astype(int).sum() == sum(fits.LESS) + sum(fits.MORE)


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
        (0.2, "It found nothing near yours. Error 0.200: larger than for any"),
    ):
        told = invert.error_told(model, error).replace("\u00a0", " ").replace("<b>", "").replace("</b>", "")
        assert wanted in told
        assert "median 0.100" in told
    with words.speaking("zh"):
        assert "75" in invert.error_told(model, 0.075)
    small_gan("mlp", training={"dataset": "letters"}).save_pretrained(tmp_path / "letters")
    letters = Catalogue([tmp_path]).load("letters")
    assert "compares with real pictures, run" in invert.error_told(letters, 0.1)
    shown = {"errors": errors, "weights_sha256": checksum(tmp_path / "letters")}
    files.write_json(tmp_path / "letters" / INVERSION_FILE, shown)
    for error in (0.075, 0.12, 0.145, 0.2):
        assert "digit" not in invert.error_told(letters, error)
        with words.speaking("zh"):
            assert "数字" not in invert.error_told(letters, error)


def test_what_is_shown_while_it_is_looked_for_and_at_the_end(models):
    for model in models.values():
        for mode, hole in (("nearest", None), ("repair", np.eye(28, dtype=bool)), ("enlarge", None)):
            asked = job(model, mode, hole=hole)
            assert "<progress" in invert.waiting(model, asked)
            states = list(inversion.search(model.gan, asked.goal()))
            for state in (states[0], states[-1]):
                shown = invert.view(model, asked, [Fit("z", state)])
                assert ("<progress" in shown) == (not state.done)
                assert ("data-pin" in shown) == state.done
                assert ('class="legend"' in shown) == state.done


@pytest.mark.parametrize("classes", [0, 10])
def test_a_style_generator_shows_what_it_finds_in_each_space(tmp_path, classes):
    small_gan("style", seed=3, classes=classes).save_pretrained(tmp_path / "s")
    model = Catalogue([tmp_path]).load("s")
    asked = job(model)
    shown = list(fits.searched(model, asked.goal()._replace(plan=SHORT), asked.digit, model.spaces))
    assert [[fit.space for fit in found] for found, _ in shown if found[-1].state.done] == [
        ["z"],
        ["z", "w"],
        ["z", "w", "w+"],
    ]
    assert [more for _, more in shown] == [True] * (len(shown) - 1) + [False]
    assert all(fit.seconds > 0 for fit in shown[-1][0])
    first = invert.view(model, asked, *shown[0])
    assert "<progress" in first
    assert "<table" not in first
    middle = next(found for found, _ in shown if len(found) == 2)
    page = invert.view(model, asked, middle, True)
    assert page.count("<tr>") == 3  # with the head
    assert page.count("data-pin") == 1  # of z, which is done
    assert "<progress" in page
    page = invert.view(model, asked, *shown[-1])
    assert "<progress" not in page
    assert page.count("<tr>") == 4
    assert 'class="neighbours"' in page
    card = html.unescape(page.partition("</table>")[2].partition("</details>")[0])
    lines = re.findall(r"<dt>(\S+) · In Python</dt><dd><code>(.*?)</code>", card)
    assert [name for name, _ in lines] == ["z", "w", "W+"]
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r'scope="row">(\S+?)</th>.*?base64,([^"]+)".*?<td>([\d.]+)</td>.*?data-pin="([^"]+)"', table)
    assert [name for name, *_ in rows] == ["z", "w", "W+"]
    for (_, picture, error, text), fit in zip(rows, shown[-1][0], strict=True):
        drawn = model.draw_one(Address.parse(text)).pixels[0].astype(int)
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))
        assert np.abs(drawn - pixels).max() <= 1
        assert Address.parse(text).python(model.checkpoint) in dict(lines).values()
        assert float(error) == pytest.approx(float(fit.state.least[0]), abs=6e-4)
        assert np.sqrt(np.mean(((drawn - asked.pixels) / 255) ** 2)) == pytest.approx(float(error), abs=3e-3)
    with words.speaking("zh"):
        assert "空间" in invert.view(model, asked, *shown[-1])


def test_how_far_out_a_point_is(tmp_path):
    gan = small_gan("style", seed=3)
    gan.save_pretrained(tmp_path / "s")
    model = Catalogue([tmp_path]).load("s")
    for name in model.spaces:
        space = LatentSpace(gan, name)
        drawn = space.of(gan.latents(BAND_DRAWS, BAND_SEED))
        middle = drawn[space.distances(drawn).argsort()[BAND_DRAWS // 2]]
        points = torch.stack([middle, space.truncate(middle[None], 3.0)[0]])[None]
        state = inversion.State(0, 0, points, None, torch.zeros(1, 2, 1, 28, 28), torch.zeros(1, 2), True)
        found = [fits.from_mean(model, Fit(name, state), row) for row in (0, 1)]
        assert found == pytest.approx([1, 3], rel=0.01)  # as far as half of all that is drawn, and three times as far


def test_other_models_look_in_z_only(models):
    for model in models.values():
        asked = job(model)
        goal = asked.goal()._replace(plan=SHORT)
        shown = list(fits.searched(model, goal, asked.digit, model.spaces))
        assert "<table" not in invert.view(model, asked, *shown[-1])
        last = inversion.invert(model.gan, goal)
        assert torch.equal(shown[-1][0][0].state.z, last.z)
