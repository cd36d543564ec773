"""The fold of units: ranked by one half of the latents, told by the other, some units an answer."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image

from gan_demo import UserError
from gan_demo.latent import units as core
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pixels import to_pixels
from gan_demo.ui.shared.address import Address, Found
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.directions import units


@pytest.fixture
def models(tmp_path):
    for name, model, classes in (("d", "dcgan", 0), ("s", "style", 3), ("m", "mlp", 0)):
        gan = small_gan(model, seed=3, classes=classes, training={"dataset": "mnist"})
        with torch.no_grad():
            for key, weight in gan.generator.named_parameters():
                if weight.ndim > 1 and "mapping" not in key:
                    weight.mul_(2 if model == "style" else 20)
        gan.save_pretrained(tmp_path / name)
    return Catalogue([tmp_path])


def pictures(page):
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))) for one in re.findall('base64,([^"]+)', page)]


def test_a_fold_names_the_layers_of_its_model(models):
    page = units.view(models.load("s"))
    assert re.findall(r">(\d+×\d+ \(\d\))<", page) == ["7×7 (1)", "14×14 (2)", "14×14 (3)", "28×28 (4)", "28×28 (5)"]
    assert 'value="digit"' in page
    assert units.view(models.load("m")) == ""


def test_units_are_measured_some_an_answer_then_ranked_and_told_by_others(models, monkeypatch):
    monkeypatch.setattr(units, "BLOCK", 3)
    monkeypatch.setattr(units, "PATIENCE", -1)  # every answer measures one block
    asked = {"model": "d", "layer": "0", "by": "ink", "switch": "off", "at": "d:7:2"}
    model, (layer, _) = models.load("d"), core.layers(models.load("d").gan)
    for share in (3 / 8, 6 / 8):
        # What is there already takes no time; and what is being measured has an order of its own.
        told = units.answer(models, asked)
        assert told["share"] == share
        assert re.findall(r'data-unit="(\d)"', told["tiles"]) == list("01234567")
        assert told["unit"] is None
        assert not told["switched"]
    told = units.answer(models, asked)
    assert told["share"] == 1
    gan = model.gan
    effects = core.effects(gan, gan.latents(units.DRAWS, units.SEED + 1), layer, layer.each(range(8), core.OFF))
    ranks, amounts = (half[:, 0] for half in core.halves(effects))
    order = ranks.abs().argsort(descending=True).tolist()
    assert [int(unit) for unit in re.findall(r'data-unit="(\d)"', told["tiles"])] == order
    assert told["unit"] == order[0]
    assert f"<small>{units.amount('ink', amounts[order[1]].item())}</small>" in told["tiles"]
    assert f'data-unit="{order[0]}" aria-pressed="true"' in told["tiles"]
    others = amounts.abs()[order[1:]].mean().item()
    assert units.amount("ink", others).lstrip("+") in told["switched"]
    # The first column is the digit that is looked at: as it is, off, doubled.
    z = Address.parse("d:7:2").latent(gan)[None]
    for row, factor in enumerate((1.0, core.OFF, core.DOUBLED)):
        wanted = to_pixels(core.generate(gan, z, layer, layer.each([order[0]], factor)))[0, 0].numpy()
        shown = pictures(told["switched"])[row * (1 + units.OTHERS)]
        assert np.abs(shown.astype(int) - wanted).max() <= 1
    # The tiles are where units are active.
    active = core.activations(gan, z)[0][0].clamp(min=0).numpy()
    for unit, shown in zip(order, pictures(told["tiles"]), strict=True):
        wanted = active[unit] / max(active[unit].max(), 1e-6) * 255
        assert np.abs(shown - wanted).max() <= 1
    monkeypatch.setattr(units, "FIRST", 3)
    first = units.answer(models, {**asked, "unit": "first"})
    assert first["unit"] == "first"
    assert first["tiles"].count('aria-pressed="true"') == 4  # and the button that chose them
    wanted = to_pixels(core.generate(gan, z, layer, layer.together(order[:3], core.OFF)))[0, 0].numpy()
    assert np.abs(pictures(first["switched"])[8].astype(int) - wanted).max() <= 1
    effects = core.effects(gan, gan.latents(units.DRAWS, units.SEED + 1), layer, layer.together(order[:3], core.OFF))
    assert f": {units.amount('ink', core.halves(effects)[1][0, 0].item())} on average" in first["switched"]


def test_a_conditional_model_draws_the_digit_that_is_looked_at(models):
    told = units.answer(models, {"model": "s", "layer": "4", "by": "slant", "switch": "off", "at": "s:7:2:d2"})
    assert told["share"] == 1
    gan = models.load("s").gan
    wanted = to_pixels(gan.generate(Address.parse("s:7:2").latent(gan)[None], 2))[0, 0].numpy()
    assert np.abs(pictures(told["switched"])[0].astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("name", ["w", "w+"])
def test_a_point_of_w_is_looked_at_as_it_is(models, name):
    gan = models.load("s").gan
    space = LatentSpace(gan, name)
    point = space.rounded(space.of(gan.latents(1, 7), 2))[0]
    point = point + torch.arange(len(point))[:, None] / 4 if name == "w+" else point
    place = Found.at("s", space, point, 2)
    told = units.answer(models, {"model": "s", "layer": "4", "by": "ink", "switch": "off", "at": str(place)})
    layer, point = core.layers(gan)[4], space.rounded(point)[None]
    for row, factor in enumerate((1.0, core.OFF, core.DOUBLED)):
        wanted = space.draw(point, gan.labels(2, 1), change=_multiplied(layer, told["unit"], factor))
        shown = pictures(told["switched"])[row * (1 + units.OTHERS)]
        assert np.abs(shown.astype(int) - to_pixels(wanted)[0, 0].numpy()).max() <= 1
    wanted = to_pixels(gan.generate(gan.latents(1, units.SEED), 1))[0, 0].numpy()  # the next column is of the seed
    assert np.abs(pictures(told["switched"])[1].astype(int) - wanted).max() <= 1


def _multiplied(layer, unit, factor):
    def change(number, output):
        if number == layer.number:
            output = output.clone()
            output[:, unit] *= factor
        return output

    return change


@pytest.mark.parametrize(
    "wrong",
    [
        {"layer": "9"},
        {"layer": 1},
        {"by": "beauty"},
        {"switch": "up"},
        {"unit": 8},
        {"unit": "x"},
        {"at": "<b>"},
        {"at": "gone:1:0"},
    ],
)
def test_nonsense_is_refused(models, wrong):
    asked = {"model": "d", "layer": "0", "by": "ink", "switch": "off", "unit": None, "at": ""}
    with pytest.raises(UserError):
        units.answer(models, {**asked, **wrong})
    with pytest.raises(UserError):
        units.answer(models, wrong)
    with pytest.raises(UserError):
        units.answer(models, {**asked, "model": "m"})


def test_amounts_as_people_read_them():
    assert units.amount("slant", -2.14) == "−2.1°"
    assert units.amount("ink", 12.34) == "+12.3\u00a0px"
    assert units.amount("loops", 0.125) == "+0.12"
    assert units.amount("digit", -0.253) == "−25.3\u00a0%"
    assert units.amount("width", -0.001) == "0"
