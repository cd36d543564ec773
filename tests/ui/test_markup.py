"""What the tabs show of each kind of D: numbers, colours, legend and chart; and the digits of conditional models."""

import base64
import html
import io
import json
import re

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image

from gan_demo.belief import MEANINGS, Reference, meaning, rank, typeset
from gan_demo.evaluation import tables
from gan_demo.objectives import OBJECTIVES
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui import words
from gan_demo.ui.shared import inputs, markup, spread
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model, Standing
from gan_demo.ui.tabs.discriminator import tab as discriminator
from gan_demo.ui.tabs.discriminator import voices
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.samples import tab as samples


def catalogue(folder, measured=True, **fields):
    """A small model named m. Its D's scores are far from 0, as a critic's may be, and so is its reference."""
    gan = small_gan("mlp", seed=3, **fields)
    if measured and meaning(gan.config.objective).lean is None:
        list(gan.discriminator.parameters())[-1 if not gan.config.classes else -2].data += 500
    gan.save_pretrained(folder / "m")
    if measured:
        outputs = gan.score(gan.sample(200, 0)).sort().values.tolist() if not gan.config.classes else [0.0, 1.0]
        reference = {"real": [value + 0.01 for value in outputs], "generated": outputs}
        (folder / "m" / "metrics.json").write_text(json.dumps({"discriminator": reference}))
    return Catalogue([folder])


def gallery(models, seed, count, truncation=1.0, digit=samples.TURN, order=samples.ORDERS[0]):
    """The digits of the samples tab and what they have in common, as HTML."""
    sampled = samples.sample(models, "m", seed, count, truncation, digit, order)
    return samples.view(sampled) + samples.summary(sampled)


def way(models, text, kind="spherical", steps=5, digit="0"):
    """A walk of the interpolation tab."""
    return interpolate.Walk.asked(models, "m", text, kind, steps, digit)


def tabs(models):
    """The HTML of every tab."""
    model = models.load("m")
    legend = markup.legend(model.gan.config, why=model.why_no_reference)
    yield gallery(models, 1, 10)
    yield interpolate.film(way(models, "1,2")) + legend
    yield judgement(model, inputs.of_generator(model, 1).pixels)


def judgement(model, pixels, digit=None):
    """What the discriminator tab says of a digit, with the legend below it."""
    answer = discriminator.judged(discriminator.JudgeRequest(model, pixels, digit))
    side, share = "fake" if answer["leaning"] < 0 else "real", abs(answer["leaning"])
    seen = f'<span class="toward-{side}" style="--lean:{share}%">'
    legend = markup.legend(model.gan.config, why=model.why_no_reference)
    return f"{seen}{answer['says']}{voices.own_reference(model)}{answer['odds']}{legend}"


def pictures(page):
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))) for content in found]


def captions(page):
    return [re.sub("<[^>]*>", "", caption) for caption in re.findall("<figcaption>(.*?)</figcaption>", page)]


def spreads(page):
    """What the browser draws: the numbers of each chart of D's outputs."""
    return [json.loads(html.unescape(told)) for told in re.findall('data-spread="([^"]*)"', page)]


def leans(page):
    """The share of colour of each picture, negative toward fake."""
    found = re.findall(r'class="toward-(real|fake)" style="--lean:(\d+)%"', page)
    return [int(share) * (1 if side == "real" else -1) for side, share in found]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_tab_says_what_the_objective_means(objective, tmp_path):
    models = catalogue(tmp_path, objective=objective)
    row = meaning(objective)
    for page in tabs(models):
        assert f"<b>{row.name}</b>" in page
        assert '<span class="scale">' in page
        assert "nan" not in page
        numbers = [text for text in captions(page) if re.search(r"\d$|%$", text) and "28" not in text]
        if row is MEANINGS["logit"]:
            assert all("%" in text for text in numbers)
        else:
            assert not any("%" in text for text in numbers)
            assert "probability of being real" not in page


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_colour_of_a_score_is_what_its_objective_allows(objective, tmp_path):
    models = catalogue(tmp_path, objective=objective)
    if meaning(objective).lean is not None:  # where D's numbers are all alike, colours are ranks: test_tint.py
        reference = {"real": [-3.0, 3.0], "generated": [-3.0, 3.0]}
        (tmp_path / "m" / "metrics.json").write_text(json.dumps({"discriminator": reference}))
    model = models.load("m")
    outputs = model.gan.score(from_pixels(to_pixels(model.gan.sample(10, 1)))).tolist()
    if meaning(objective).lean is None:
        wanted = [rank(raw, model.reference.real) + rank(raw, model.reference.generated) - 1 for raw in outputs]
        assert max(map(abs, wanted)) > 0.2
    else:
        wanted = [meaning(objective).lean(raw) for raw in outputs]
    page = gallery(models, 1, 10).partition("<section")[0]
    shares = [round(abs(lean) ** 0.75 * 100) * (1 if lean >= 0 else -1) for lean in wanted]
    assert leans(page) == pytest.approx(shares, abs=2)
    page = gallery(models, 1, 10)
    words = "lie above the middle" if meaning(objective).lean is None else "for real"
    assert f"{sum(lean > 0 for lean in wanted)} of 10 {words}" in page


def test_the_tally_says_how_many_real_digits_d_takes_for_real(tmp_path):
    models = catalogue(tmp_path, objective="hinge")
    reference = {"real": [-3.0, -2.0, -1.0, 1.0], "generated": [-1.0, 1.0]}
    (tmp_path / "m" / "metrics.json").write_text(json.dumps({"discriminator": reference}))
    assert ">25\u00a0% of real test digits<" in gallery(models, 1, 10)


def test_the_odds_of_a_d_with_a_penalty_come_with_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(Model, "standing", lambda self, pixels: Standing(False, True))
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 13:16] = 255
    for penalty, warned in (("none", False), ("r1", True)):
        models = catalogue(tmp_path / penalty, training={"penalty": penalty})
        said = judgement(models.load("m"), pixels)
        assert "p_data / (p_data + p_G)" in said
        assert ("its penalty draws these odds towards 1" in said) == warned


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_score_without_any_scale_has_no_colour_and_says_why(objective, tmp_path):
    for page in tabs(catalogue(tmp_path, measured=False, objective=objective, training={"dataset": "emnist-digits"})):
        scaleless = meaning(objective).lean is None
        assert ("no scale of its own, and this model has not been evaluated" in page) == scaleless
        assert ('<span class="scale">' in page) != scaleless
        if scaleless:
            assert set(leans(page)) == {0}
            bars = [line["leans"] for told in spreads(page) for line in told["lines"] if "leans" in line]
            assert all(set(colours) == {0} for colours in bars)
            assert "for real" not in page


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_chart_has_round_ticks_and_no_zero_that_means_nothing(objective):
    reference = Reference(np.linspace(500, 507, 501), np.linspace(496, 503, 501))
    told = spread.densities(reference, objective, "digits")
    low, high = told["low"] - told["air"], told["high"] + told["air"]
    ticks = [(raw, text) for raw, text in told["ticks"] if low <= raw <= high]
    assert [text for _, text in ticks] == [meaning(objective).number(raw) for raw, _ in ticks]
    if meaning(objective).lean is None:
        assert [text for _, text in ticks] == ["+496.0", "+498.0", "+500.0", "+502.0", "+504.0", "+506.0"]
    else:
        assert ticks[0][0] == spread.unsure(objective)
    assert (low < 1) == (meaning(objective).lean is not None)
    assert high > 506


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_densities_are_those_of_the_reference(objective):
    random = np.random.default_rng(0)
    reference = Reference(np.sort(random.normal(2, 1, 501)), np.sort(random.normal(-1, 0.5, 501)))
    told = spread.densities(reference, objective, "digits")
    x, (real, generated) = np.array(told["x"]), (np.array(line["y"]) for line in told["lines"])
    assert [line["colour"] for line in told["lines"]] == ["real", "fake"]
    assert real.min() == 0
    assert generated.max() == 0
    assert generated.min() == -1  # the narrower is the higher
    assert real.sum() / -generated.sum() == pytest.approx(1, abs=0.01)
    assert (x * real).sum() / real.sum() == pytest.approx(reference.real.mean(), abs=0.1)
    assert (x * generated).sum() / generated.sum() == pytest.approx(reference.generated.mean(), abs=0.1)
    for raw, (above, below, number) in zip(told["x"], told["said"], strict=True):
        assert above == words.comparison(rank(raw, reference.real), "real test digits")
        assert below == words.comparison(rank(raw, reference.generated), "this generator's digits")
        assert number == meaning(objective).number(raw)


def test_what_cannot_tell_is_where_the_lean_is_nothing():
    for key, row in MEANINGS.items():
        assert (key in spread.UNSURE) == (row.lean is not None)
        if row.lean is not None:
            assert row.lean(spread.UNSURE[key]) == 0


def test_a_model_that_somebody_changed_on_the_way_is_no_recipes(tmp_path):
    changes = [{"step": 5, "lr_d": 0.1}]
    training = {"recipe": "wgan", "dataset": "my/letters"}
    for name, fields in (("pure", {}), ("changed", {"changes": changes})):
        small_gan("mlp", training={**training, **fields}).save_pretrained(tmp_path / name)
    models = Catalogue([tmp_path])
    said = {name: [label, markup.facts(models.load(name))] for label, name in models.choices()}
    table = tables.comparison_text(tables.compared([tmp_path / "changed"]))
    for text in (*said["changed"], table):
        assert "wgan, changed" in text
    assert not any("changed by hand" in text for text in said["pure"])
    for told in (facts for _, facts in said.values()), (label.partition("\n")[2] for label, _ in said.values()):
        assert [words.recipe("wgan") in text for text in told] == [name == "pure" for name in said]
    with words.speaking("zh"):
        assert [words.recipe("wgan") in label for label, _ in models.choices()] == [name == "pure" for name in said]


def test_a_training_that_went_on_from_another_says_how_long_both_were(tmp_path):
    def told(done, origin, language="en"):
        training = {"dataset": "mnist", "epochs_done": done, "init_from": origin}
        small_gan("mlp", training=training).save_pretrained(tmp_path / "m")
        with words.speaking(language):
            return dict(Catalogue([tmp_path]).load("m").facts())[words.say("trained for")]

    carried = {"epochs": 13, "dataset": "MNIST", "carried": True}
    assert told(38, carried) == "13 + 25 epochs of MNIST"
    assert told(38, carried, "zh") == "MNIST，13 + 25 轮"
    carried["dataset"] = "scikit-learn's digits"
    assert "scikit-learn 自带的小数字" in told(38, carried, "zh")
    assert told(5, {"epochs": 50, "dataset": "letters"}) == "50 epochs of letters, then 5 of MNIST"
    for strange in (None, "other", {}, {"epochs": "13"}):
        assert told(5, strange) == "5 epochs of MNIST"


class TestConditional:
    @pytest.mark.parametrize("objective", ["non-saturating", "relativistic"])
    def test_one_latent_as_all_ten_digits_is_a_row(self, objective, tmp_path):
        models = catalogue(tmp_path, objective=objective, classes=10)
        gan = models.load("m").gan
        page = gallery(models, 7, 14, 0.5, samples.TEN)
        rows = page.split('<section class="ten">')[1:]
        assert len(rows) == 2
        for row, shown in enumerate(rows):
            z = gan.latents(2, 7, 0.5)[row].expand(10, -1)
            wanted = to_pixels(gan.generate(z, list(range(10))))[:, 0].numpy()
            assert np.abs(np.stack(pictures(shown)).astype(int) - wanted).max() <= 1
            assert re.findall('data-pin="([^"]*)"', shown) == [f"m:7:{row}:t0.5:d{digit}" for digit in range(10)]

    def test_the_digit_asked_for_is_drawn(self, tmp_path):
        models = catalogue(tmp_path, classes=10)
        gan = models.load("m").gan
        for digit, labels in (("4", [4] * 12), (samples.TURN, [*range(10), 0, 1])):
            wanted = to_pixels(gan.sample(12, 7, labels=labels))[:, 0].numpy()
            shown = pictures(gallery(models, 7, 12, digit=digit))
            assert np.abs(np.stack(shown).astype(int) - wanted).max() <= 1
        film = pictures(interpolate.film(way(models, "7,8", "linear", 3, "6")))
        wanted = to_pixels(gan.sample(1, 7, labels=6))[0, 0].numpy()
        assert np.abs(film[0].astype(int) - wanted).max() <= 1

    def test_d_judges_as_a_digit_or_as_the_one_that_is_read(self, tmp_path):
        pixels = inputs.of_print("3", "source printed").pixels
        model = catalogue(tmp_path, classes=10).load("m")
        picture = from_pixels(torch.from_numpy(pixels)[None, None]).expand(10, -1, -1, -1)
        outputs = model.gan.score(picture, list(range(10)))
        page = judgement(model, pixels)
        assert "as 3, as the classifier reads it" in page
        assert f"<b>{typeset(f'{float(outputs[3]):+.2f}')}</b>" in page
        drawer = catalogue(tmp_path / "others", classes=10, training={"dataset": "shapes"}).load("m")
        best = int(outputs.argmax())
        assert best != 3
        assert f"as {best}, which fits best" in judgement(drawer, pixels)
        page = judgement(model, pixels, 2)
        assert "as 2 · " in page
        assert f"<b>{typeset(f'{float(outputs[2]):+.2f}')}</b>" in page

    def test_other_models_take_no_notice_of_the_digit(self, tmp_path):
        models = catalogue(tmp_path)
        pages = [gallery(models, 7, 12, digit=digit) for digit in samples.DIGITS]
        assert len(set(pages)) == 1
        assert "data-conditional" not in markup.facts(models.load("m"))
