"""Models of other classes than ten digits: asked for by number, shown by name."""

import base64
import csv
import io
import zipfile

import gradio as gr
import numpy as np
import pytest
from helpers.gans import small_gan
from PIL import Image

from gan_demo import UserError
from gan_demo.ui.shared import catalogue, inputs, widgets
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.edit import Edit
from gan_demo.ui.tabs.directions import tab as directions_tab
from gan_demo.ui.tabs.discriminator import judges, voices
from gan_demo.ui.tabs.interpolate import tab as interpolate_tab
from gan_demo.ui.tabs.interpolate.tab import Walk
from gan_demo.ui.tabs.map import tiles
from gan_demo.ui.tabs.samples import inspector
from gan_demo.ui.tabs.samples import tab as samples_tab

NAMES = ("A&B", "b", "ü")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    small_gan("mlp", seed=3, classes=3, class_names=NAMES).save_pretrained(root / "three")
    small_gan("mlp", seed=4, classes=26).save_pretrained(root / "many")
    small_gan("mlp", seed=5, classes=10).save_pretrained(root / "ten")
    return Catalogue([root])


def test_samples_are_of_each_class_in_turn_or_of_one(models):
    def asked(digit, name="three"):
        return [place.digit for place in samples_tab.sample(models, name, 1, 7, 1, digit).places]

    assert asked("turn") == [0, 1, 2, 0, 1, 2, 0]
    assert asked("2") == [2] * 7
    assert asked("7") == [0] * 7  # chosen for another model
    assert asked("ten") == [0, 1, 2] * 3
    assert asked("25", "many") == [25] * 7
    with pytest.raises(UserError, match="Digit is one of turn, ten, 0, .*, …, 99, not '100'"):
        asked("100")


def test_letters_that_are_taken_away_have_their_names_and_columns_of_their_own(tmp_path):
    letters = small_gan("mlp", classes=6, class_names=tuple("ABCDEF"), training={"dataset": "here/letters"})
    letters.save_pretrained(tmp_path / "letters")
    sampled = samples_tab.sample(Catalogue([tmp_path]), "letters", 7, 11, 1.0, "turn")
    walk = Walk.asked(Catalogue([tmp_path]), "letters", "1:0,2:0", "linear", 3, "0")
    packed, frames, sheet = (
        io.BytesIO(base64.b64decode(file["base64"]))
        for file in (
            samples_tab.download(sampled, "zip"),
            interpolate_tab.download(walk, "zip"),
            samples_tab.download(sampled, "png"),
        )
    )
    with zipfile.ZipFile(packed) as file:
        table = csv.DictReader(io.StringIO(file.read("pictures.csv").decode(), newline=""))
        assert [row["class"] for row in table] == [*"ABCDEFABCDE"]
    assert "pictures.csv" in zipfile.ZipFile(frames).namelist()
    assert Image.open(sheet).size == tuple(samples_tab.GRID_SCALE * (30 * cells - 2) for cells in (6, 2))


def test_a_class_is_shown_by_its_name(models):
    shown = samples_tab.view(samples_tab.sample(models, "three", 1, 3, 1, "turn"))
    assert "drawn as A&amp;B" in shown
    model = models.load("three")
    assert "as A&amp;B" in voices.own(model, 0.5, 0, found=False, far=False)
    facts = dict(model.facts())
    assert any("draws what is asked for: A&B, b, ü" in text for text in facts.values())
    assert "as A&amp;B<" in judges._row(model, "three", 0.5, 0, dict.fromkeys(judges.RANKS, 0.5), True)
    board = directions_tab._tools(model, "")
    assert '<button data-digit="0" aria-pressed="false">A&amp;B</button>' in board
    assert 'data-digit="3"' not in board


def test_addresses_of_many_classes(models):
    address = Address.parse("many:1:0:d25")
    assert (address.digit, str(address)) == (25, "many:1:0:d25")
    model = models.load("many")
    assert np.array_equal(model.draw_one(address).pixels, model.draw(model.gan.latents(1, 1), [25]).pixels)
    with pytest.raises(UserError, match="Digit is a whole number from 0 to 9, not 25"):
        models.load("ten").draw_one(Address.parse("ten:1:0:d25"))
    with pytest.raises(UserError, match="from 0 to 2, not 25"):
        inspector.place_of(models, "three", "three:1:0:d25")
    assert Edit.read({"start": "1:0:d25"}, models.load("three")).start.digit == 0
    assert Edit.read({"start": "1:0:d25"}, model).start.digit == 25


def test_walks_maps_and_judgements_of_other_classes(models):
    walk = Walk.asked(models, "three", "1:0,1:1", "spherical", 4, "2")
    assert walk.draw(walk.latents())[0].pixels.shape == (4, 28, 28)
    model = models.load("many")
    assert tiles.tile(model, 1, 0, 0, 0, 25)["png"]
    with pytest.raises(UserError, match="from 0 to 25, not 26"):
        tiles.tile(model, 1, 0, 0, 0, 26)
    picture = model.draw(model.gan.latents(1, 1), [25]).pixels[0]
    assert model.judge_as(picture, 25)[1] == 25
    assert 0 <= model.judge_as(picture)[1] < 26


def test_the_chooser_takes_the_classes_of_the_model():
    with gr.Blocks():
        chooser = widgets.digit_chooser("Digit", "x", "turn", "ten")
    there = [("all in turn", "turn"), ("each latent as all of them", "ten"), ("A&B", "0"), ("b", "1"), ("ü", "2")]
    changed = widgets.fitted(chooser, NAMES, "7")
    assert (changed["choices"], changed["value"], changed["label"]) == (there, "turn", "Ask for")
    assert "value" not in widgets.fitted(chooser, NAMES, "2")
    back = widgets.fitted(chooser, widgets.DIGITS, "2")
    assert (back["choices"], back["label"]) == (chooser.choices, "Digit")
    with gr.Blocks():
        judged = widgets.fitted(widgets.digit_chooser("Judge it as", "y", "best"), NAMES, "best")
    assert (judged["choices"][0], judged["label"]) == (("what fits best", "best"), "As which class")


def test_a_model_of_other_pictures_is_shown_no_digits_that_it_has_not_seen(tmp_path):
    for name, dataset in (("digits", "mnist"), ("letters", "my/letters")):
        small_gan("mlp", training={"dataset": dataset}).save_pretrained(tmp_path / name)
    catalogue = Catalogue([tmp_path])
    shown = {
        name: [key for key, _ in inputs.examples(catalogue, catalogue.load(name), 5)] for name in ("digits", "letters")
    }
    others = ["example generated", "example other", "example turned", "example noise"]
    assert shown["letters"] == others
    assert set(others) < set(shown["digits"])


def test_what_is_said_of_each_model_is_asked_once_and_no_model_is_kept_for_it(tmp_path):
    for name in ("a", "b", "broken"):
        small_gan("mlp", seed=3).save_pretrained(tmp_path / name)
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"none")
    models, asked = Catalogue([tmp_path]), []

    def about(model):
        asked.append(model.name)
        return model.name.upper()

    catalogue._load.cache_clear()
    kept = models.load("a")
    assert [models.of_each(about) for _ in range(2)] == [["A", "B"]] * 2
    assert asked == ["a", "b"]
    assert catalogue._load.cache_info().currsize == 1
    assert models.load("a") is kept
    small_gan("mlp", seed=4).save_pretrained(tmp_path / "b")
    models.of_each(about)
    assert asked == ["a", "b", "b"]
