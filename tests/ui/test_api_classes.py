"""The page for programs, of models that are asked for a class: by its number or by its name."""

import numpy as np
import pytest
import torch
from helpers.commands import ask, opened
from helpers.drawings import one, pixels_of
from helpers.gans import small_gan

from gan_demo import GAN
from gan_demo.latent import endless_map
from gan_demo.pictures import opening, preparing
from gan_demo.pixels import from_pixels, to_pixels


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "asked"
    small_gan("mlp", seed=4, classes=10).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "signs"
    small_gan("mlp", seed=5, classes=3, class_names=("circle", "square", "三角")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def address(conditional, named, tmp_path_factory):
    with opened(conditional, named, log=tmp_path_factory.mktemp("log") / "stderr") as (_, address):
        yield address


@pytest.fixture(scope="module")
def client(address):
    gradio_client = pytest.importorskip("gradio_client")
    return gradio_client.Client(address, verbose=False)


def test_a_map_of_a_conditional_model_shows_the_digit_that_is_asked_for(client, conditional):
    gan = GAN.from_pretrained(conditional)
    answer = client.predict("asked", columns=2, rows=1, labels=6, api_name="/map")
    wanted = to_pixels(endless_map.sample(gan, 42, [(0, 0), (0.25, 0)], labels=6))
    assert np.array_equal(np.stack([pixels_of(digit["picture"]) for digit in answer]), wanted[:, 0].numpy())
    assert answer[1]["address"] == "asked:42:x0.25:y0:d6"


def test_a_conditional_model_draws_and_judges_what_it_is_asked_for(client, conditional, tmp_path):
    from gradio_client import handle_file

    gan = GAN.from_pretrained(conditional)
    for labels, asked in ((7, [7] * 3), ([3, 1, 4], [3, 1, 4]), (None, [0, 1, 2])):
        answer = client.predict("asked", seed=5, count=3, labels=labels, api_name="/sample")
        wanted = to_pixels(gan.sample(3, seed=5, labels=asked))
        assert np.array_equal(np.stack([pixels_of(digit["picture"]) for digit in answer]), wanted[:, 0].numpy())
        assert [digit["address"] for digit in answer] == [f"asked:5:{row}:d{asked[row]}" for row in range(3)]
        outputs = gan.score(from_pixels(wanted), asked).tolist()
        assert [digit["output"] for digit in answer] == pytest.approx(outputs, abs=1e-6)
    way = client.predict("asked", "asked:5:0:d3", "asked:5:1:d8", 4, api_name="/interpolate")
    assert [frame["address"] for frame in way] == ["asked:5:0:d3", None, None, "asked:5:1:d3"]
    pixels = preparing.to_digit(opening.open_picture(one(tmp_path / "one.png")))
    picture = from_pixels(torch.from_numpy(pixels)[None, None])
    outputs = gan.score(picture.expand(10, -1, -1, -1), list(range(10)))
    for labels, digit in ((2, 2), (None, int(outputs.argmax()))):
        said = client.predict("asked", handle_file(tmp_path / "one.png"), labels=labels, api_name="/score")
        assert said["label"] == digit
        assert said["output"] == pytest.approx(float(outputs[digit]), abs=1e-6)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (10, "Digit is a whole number from 0 to 9, not 10"),
        ("3", "Digit is a whole number"),
        ([1, 2], "a list of 1, one for each, not of 2"),
        ([None], "Digit is a whole number"),
    ],
)
def test_labels_that_make_no_sense_are_refused_in_words(address, labels, words):
    assert words in ask(address, "sample", "asked", 1, 1, 1, labels)


def test_classes_with_names_are_asked_for_by_number_or_name(client, address, named, tmp_path):
    from gradio_client import handle_file

    gan = GAN.from_pretrained(named)
    for labels, asked in (("square", [1, 1]), (["三角", 0], [2, 0]), (2, [2, 2])):
        answer = client.predict("signs", seed=5, count=2, labels=labels, api_name="/sample")
        wanted = to_pixels(gan.sample(2, seed=5, labels=asked))
        assert np.array_equal(np.stack([pixels_of(digit["picture"]) for digit in answer]), wanted[:, 0].numpy())
    said = client.predict("signs", handle_file(one(tmp_path / "one.png")), labels="square", api_name="/score")
    assert said["label"] == 1
    assert "Class is one of circle, square, " in ask(address, "sample", "signs", 1, 1, 1, "star")
    assert "Class is a whole number from 0 to 2, not 3" in ask(address, "sample", "signs", 1, 1, 1, 3)
