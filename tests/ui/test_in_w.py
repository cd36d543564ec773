"""What the page does in w, the space behind the mapping network of a style generator: directions, and truncation."""

import base64
import shlex
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image

from gan_demo import cli
from gan_demo.checkpoint import checksum
from gan_demo.errors import UserError
from gan_demo.latent import direction_search, spaces
from gan_demo.latent.directions import Directions
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pixels import to_pixels
from gan_demo.ui import words
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.edit import Edit
from gan_demo.ui.tabs.directions import compared
from gan_demo.ui.tabs.directions import tab as board
from gan_demo.ui.tabs.samples import inspector
from gan_demo.ui.tabs.samples import tab as samples


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A style generator with directions, a conditional one without, and a model that has no w."""
    root = tmp_path_factory.mktemp("models")
    for name, classes in (("s", 0), ("c", 10)):
        gan = small_gan("style", seed=3, classes=classes, training={"dataset": "mnist"})
        gan.generator.mapping.mean.normal_(generator=torch.Generator().manual_seed(4))
        for style in gan.generator.synthesis.styles():
            style.weight.data.mul_(5)
        gan.save_pretrained(root / name)
        if not classes:
            direction_search.find(gan, checksum(root / name), samples=100, probes=3).save(root / name)
    small_gan("mlp", seed=1, training={"dataset": "mnist"}).save_pretrained(root / "m")
    return Catalogue([root])


def edited(models, name="s", **asked):
    """The point of w at which an edit ends, and what the board shows of it."""
    asked = {"model": name, "start": "7:1", "space": "w", **asked}
    model = models.load(name)
    return Edit.read(asked, model).end(model, board.or_none(model))[1], board.explore(models, asked)


def near(pixels, wanted):
    return np.abs(np.asarray(pixels) - 1.0 * np.asarray(wanted)).max() <= 1


def shows(answer, gan, w, label=None):
    wanted = to_pixels(LatentSpace(gan, "w").generate(w[None], label))[0, 0]
    return near(np.frombuffer(base64.b64decode(answer["picture"]), np.uint8).reshape(28, 28), wanted)


def test_the_board_moves_sums_and_takes_differences_in_w(models):
    gan, found = models.load("s").gan, Directions.from_pretrained(models.load("s").folder).within("w")
    space = LatentSpace(gan, "w")
    a, b, c = (space.of(gan.latents(row + 1, 7)[row : row + 1])[0] for row in (1, 2, 3))
    for asked, wanted in (
        ({}, a),
        ({"move": {"slant": 2.0, "sefa-1": -1.0}}, found.move(a, {"slant": 2.0, "sefa-1": -1.0})),
        ({"move": {"slant": 2.0}, "still": True}, found.move(a, {"slant": 2.0}, still=True)),
        ({"minus": "7:2", "plus": "7:3"}, a - b + c),
        ({"plus": "7:3"}, a - space.middle(1)[0] + c),
        ({"move": {"w2": 1.5}}, a + 1.5 * torch.eye(5)[2]),
        ({"start": "7:1:t-0.5"}, space.truncate(a[None], -0.5)[0]),
    ):
        point, answer = edited(models, **asked)
        torch.testing.assert_close(point, wanted, rtol=0, atol=3e-3)
        assert shows(answer, gan, point)
    away, usual = answer["length"]
    assert away == pytest.approx((point - gan.generator.mapping.mean[0]).norm().item(), abs=0.01)
    assert usual == pytest.approx(models.load("s").usual_distance, abs=0.01)
    own, answer = edited(models, these=["7:2"], those=["7:3"], move={"own": 1.0}, sweep="own")
    step = (own - a).double()
    torch.testing.assert_close(step / step.norm(), ((b - c) / (b - c).norm()).double(), rtol=0, atol=1e-3)
    # One standard deviation of w, by the inverse of its covariance.
    drawn = gan.generator.mapping(gan.latents(1000, spaces.BAND_SEED)).detach().double()
    assert (step @ torch.linalg.inv(torch.cov(drawn.T)) @ step).item() == pytest.approx(1, abs=0.01)
    assert answer["frames"][6]["picture"] == answer["picture"]
    link = Edit.read({"start": "7:1", "space": "w", "move": {"slant": 1}}, models.load("s")).link(models.load("s"))
    assert "space=w" in link
    moved = board.explore(models, {"model": "s", "start": answer["address"], "space": "w"})
    assert (moved["picture"], moved["address"]) == (answer["picture"], answer["address"])


def test_what_w_has_not_is_refused_in_words(models):
    for name, asked, text in (
        ("m", {}, "This model has no w"),
        ("s", {"move": {"z1": 1.0}}, "no direction 'z1'"),
        ("s", {"space": "w+"}, "w+"),
        ("s", {"space": "z", "start": "7:1:t-0.5"}, "only a latent z will do"),
        ("c", {"start": "7:1:d3", "move": {"slant": 1.0}}, "gan_demo directions"),
    ):
        with pytest.raises(UserError, match=text.replace("+", r"\+")):
            edited(models, name, **asked)
    point, answer = edited(models, "c", start="7:1:d3")
    assert shows(answer, models.load("c").gan, point, 3)


def test_what_was_measured_in_both_spaces_stands_side_by_side(models):
    model = models.load("s")
    found, page = Directions.from_pretrained(model.folder), board.view(model)
    assert 'data-space="w"' in page
    assert page.count('scope="row"') == len(found.compared())
    of_others = compared.view(found, digits=False)
    for of_digits in ("Digit stays", "AUC"):
        assert of_digits in page and of_digits not in of_others
    (z, w), (one, other) = found.linearity(), found.compared()[0]
    key = "alike linear" if abs(w - z) < compared.ALIKE else "w more linear" if w > z else "z more linear"
    with words.speaking("zh"):
        assert words.say(key, z=board.percent(z), w=board.percent(w)) in compared.view(found)
    for fit in (one.fit, other.fit):
        assert f"{fit:.2f}" in page
    assert "has no directions in w yet: python -m gan_demo directions" in board.view(models.load("c"))
    assert "of-w" not in board.view(models.load("m"))


def test_truncation_goes_through_the_mean_w(models, monkeypatch, capsys):
    gan, mean = models.load("s").gan, models.load("s").gan.generator.mapping.mean
    w = gan.generator.mapping(gan.latents(4, 7)).detach()
    beyond = samples.sample(models, "s", 7, 4, -0.5, samples.TURN)
    wanted = to_pixels(gan.generator.synthesis(mean - 0.5 * (w - mean)))[:, 0].numpy()
    assert near(np.stack(beyond.pixels), wanted)
    assert [str(place) for place in beyond.places[:2]] == ["s:7:0:t-0.5", "s:7:1:t-0.5"]
    for place, pixels in zip(beyond.places, beyond.pixels, strict=True):
        assert near(models.load("s").draw_one(Address.parse(str(place))).pixels[0], pixels)
    assert 'data-chosen="s:7:3:t-0.5"' in inspector.view(models.load("s"), beyond.places[3])
    assert "r0.4:v3" in inspector.variations(models.load("s"), beyond.places[3], 0.4)
    place, drawn = beyond.places[3], {}
    exec(place.python(str(models.load("s").folder)), drawn)
    assert near(to_pixels(drawn["image"][None])[0, 0], beyond.pixels[3])
    monkeypatch.chdir(models.load("s").folder.parent)
    near_it, on_map = replace(place, radius=0.4, variation=3), replace(place, point=(0.5, 2.0))
    for one, name in ((place, "s"), (near_it, "s"), (on_map, "s"), (replace(place, model="c", digit=3), "c")):
        assert cli.main(shlex.split(one.command(name))[3:]) == 0
        assert near(np.asarray(Image.open(f"{one.file}.png")), models.load(name).draw_one(one).pixels[0])
    assert cli.main("export m --row 0 --truncation -1 --output no.png".split()) == 2
    assert "which only style generators have" in capsys.readouterr().err
    assert "to 50\u00a0% of its distance" in samples.summary(beyond)
    assert "keeps 0.5 of" in samples.summary(samples.sample(models, "s", 7, 4, 0.5, samples.TURN))
    # Of a conditional one each goes through the mean of its class, and a model without w is not truncated.
    ten, gan = samples.sample(models, "c", 7, 10, -1.0, samples.TEN), models.load("c").gan
    w = gan.generator.mapping(gan.latents(1, 7).repeat(10, 1), torch.arange(10)).detach()
    assert near(np.stack(ten.pixels), to_pixels(gan.generator.synthesis(2 * gan.generator.mapping.mean - w))[:, 0])
    assert [place.truncation for place in samples.sample(models, "m", 7, 2, -0.5, samples.TURN).places] == [1, 1]
    assert samples._truncations(models.load("m"), -0.5) == gr.update(minimum=0, info="Below 1: more typical", value=1)
    assert samples._truncations(models.load("s"), -0.5)["minimum"] == -1
    with pytest.raises(UserError, match="a space that only style generators have"):
        inspector.place_of(models, "m", "7:1:t-0.5")
    with pytest.raises(UserError, match="from -1 to 1.5"):
        samples.sample(models, "s", 7, 2, -1.1, samples.TURN)
