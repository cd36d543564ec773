"""Blocks of the map as a browser gets them: their digits, what is said of each, and what keeps the server well."""

import base64
import io
import json
import threading

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image

from gan_demo import UserError, belief, files
from gan_demo.classifier import load_classifier
from gan_demo.latent import endless_map
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.map import tab as map_tab
from gan_demo.ui.tabs.map import tiles

OTHER = {"dataset": "emnist-digits"}  # of MNIST's test set some digits are a reference of any model
REFERENCE = {"real": np.linspace(-1, 1, 101).tolist(), "generated": np.linspace(-0.5, 0.5, 101).tolist()}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    for name, classes in (("any", 0), ("asked", 10)):
        small_gan("mlp", seed=4, classes=classes, training=OTHER).save_pretrained(root / name)
    files.write_json(root / "any" / "metrics.json", {"discriminator": REFERENCE})
    return Catalogue([root])


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    monkeypatch.setattr(tiles, "_kept", type(tiles._kept)())


def digits(answer):
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["png"].partition(",")[2]))))
    side = tiles.SIDE
    return sheet.reshape(side, 28, side, 28).swapaxes(1, 2).reshape(side * side, 28, 28)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize(("level", "column", "row"), [(0, 0, 0), (2, -1, 3), (6, 5, -7)])
def test_a_tile_holds_the_points_it_says(catalogue, level, column, row, precision, monkeypatch):
    monkeypatch.setattr(tiles, "choose_precision", lambda wanted, device: precision)
    coarse = precision == "bf16"
    model = catalogue.load("any")
    answer = tiles.tile(model, 9, level, column, row, None)
    points = [((16 * column + i) / 2**level, (16 * row + j) / 2**level) for j in range(16) for i in range(16)]
    pixels = to_pixels(endless_map.sample(model.gan, 9, points))
    # To a grey level: parts of a tile are batches of another size.
    assert np.abs(digits(answer).astype(int) - pixels[:, 0].numpy()).max() <= (4 if coarse else 1)
    said = [model.belief(raw) for raw in model.gan.score(from_pixels(pixels)).tolist()]
    # But for rounding.
    assert sum(a == b.number for a, b in zip(answer["number"], said, strict=True)) > (180 if coarse else 250)
    assert np.abs(np.array(answer["lean"]) - [100 * np.sign(b.lean) * abs(b.lean) ** 0.75 for b in said]).max() < 3
    assert sum(belief.VERDICTS[a] == b.verdict for a, b in zip(answer["verdict"], said, strict=True)) > 240
    wanted = [200 * belief.rank(b.raw, np.array(REFERENCE["generated"])) - 100 for b in said]
    assert np.abs(np.array(answer["rank"]) - wanted).max() < (5 if coarse else 2)
    read = load_classifier().predict(from_pixels(pixels)).tolist()
    assert sum(a == b for a, b in zip(answer["digit"], read, strict=True)) > 240  # bfloat16 may turn a close call
    assert len(json.dumps(answer)) < 400_000


def test_a_conditional_model_draws_the_digit_asked_for_and_has_no_ranks_without_a_reference(catalogue):
    model = catalogue.load("asked")
    answer = tiles.tile(model, 9, 1, 0, 0, 7)
    pixels = to_pixels(endless_map.sample(model.gan, 9, endless_map.grid(0, 0, 0.5, 16, 16), labels=7))
    assert np.abs(digits(answer).astype(int) - pixels[:, 0].numpy()).max() <= 4  # the processor may take bfloat16
    assert "rank" not in answer
    assert tiles.tile(catalogue.load("any"), 9, 1, 0, 0, 7) == tiles.tile(catalogue.load("any"), 9, 1, 0, 0, None)


def test_what_was_drawn_is_kept_and_not_too_much_of_it(catalogue, monkeypatch):
    model = catalogue.load("any")
    monkeypatch.setattr(tiles, "KEPT", 2)
    first = tiles.tile(model, 1, 0, 0, 0, None)
    monkeypatch.setattr(tiles, "_made", lambda *arguments: {"made": arguments})
    assert tiles.tile(model, 1, 0, 0, 0, None) is first
    others = [tiles.tile(model, world, 0, 0, 0, None) for world in (2, 3)]
    assert others[0] is not others[1]
    assert len(tiles._kept) == 2
    assert tiles.tile(model, 1, 0, 0, 0, None) is not first


def test_who_comes_when_all_are_busy_is_told_so_at_once(catalogue, monkeypatch):
    model, enough = catalogue.load("any"), threading.Event()
    monkeypatch.setattr(tiles, "_made", lambda *arguments: enough.wait(20) and {})
    threads = [
        threading.Thread(target=tiles.tile, args=(model, 1, 0, column, 0, None)) for column in range(tiles.WAITING)
    ]
    for thread in threads:
        thread.start()
    while tiles._room._value:
        pass
    assert tiles.tile(model, 1, 0, 99, 0, None) is None
    enough.set()
    for thread in threads:
        thread.join()
    assert tiles.tile(model, 1, 0, 99, 0, None) == {}


@pytest.mark.parametrize(
    "place",
    [
        *((-1, 0, 0, 0), (1.5, 0, 0, 0), (1, 7, 0, 0), (1, -1, 0, 0), (1, 0.5, 0, 0), (1, 0, 0.5, 0), (1, 0, None, 0)),
        *((1, 0, 62_500, 0), (1, 0, 0, -62_500), (1, 6, 4_000_000, 0), ("1", 0, 0, 0), (1, [0], 0, 0), (1, 0, {}, 0)),
    ],
)
def test_nothing_beyond_the_limits_is_drawn(catalogue, place):
    with pytest.raises(UserError):
        tiles.tile(catalogue.load("any"), *place, None)
    with pytest.raises(UserError):
        tiles.tile(catalogue.load("asked"), 1, 0, 0, 0, 10)


def test_the_outermost_tiles_are_still_on_the_map(catalogue):
    most = endless_map.LIMIT // tiles.SIDE - 1
    assert tiles.tile(catalogue.load("any"), 1, 0, most, -most, None)
    most = endless_map.LIMIT * 64 // tiles.SIDE - 1
    assert tiles.tile(catalogue.load("any"), 1, 6, -most, most, None)


def test_a_damaged_model_has_tiles_too(tmp_path):
    gan = small_gan("mlp")
    gan.discriminator.head.bias.data.fill_(torch.nan)
    gan.save_pretrained(tmp_path / "m")
    files.write_json(tmp_path / "m" / "metrics.json", {"discriminator": REFERENCE})
    answer = tiles.tile(Catalogue([tmp_path]).load("m"), 1, 0, 0, 0, None)
    assert "rank" not in answer
    assert set(answer["number"]) == {"no number"}


def test_where_no_digits_are_drawn_the_map_shows_what_d_believes(catalogue, tmp_path):
    small_gan("mlp", training={"dataset": "my/letters"}).save_pretrained(tmp_path / "letters")
    letters = Catalogue([tmp_path]).load("letters")
    shown = {tint: map_tab.tint_for(letters, tint) for tint in map_tab.TINTS}
    assert shown == {**{tint: tint for tint in map_tab.TINTS}, "by digit": "by belief"}
    assert map_tab.tint_for(catalogue.load("any"), "by digit") == "by digit"
