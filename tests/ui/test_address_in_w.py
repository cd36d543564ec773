"""Addresses of points of w and W+: text and back, the pictures they draw, and what is refused."""

import shlex
from urllib.parse import parse_qs

import numpy as np
import pytest
import torch
from helpers.gans import small_gan, vivid_style
from PIL import Image

from gan_demo import UserError, cli
from gan_demo.latent.spaces import LETTERS, LatentSpace
from gan_demo.pixels import to_pixels
from gan_demo.ui.shared.address import Address, Found
from gan_demo.ui.shared.catalogue import Catalogue


def wide_awake(classes=0):
    """A style generator whose pictures are not all grey."""
    return vivid_style(classes, generator_widths=(6, 6, 5, 4))


@pytest.mark.parametrize("digit", [None, 4])
@pytest.mark.parametrize("name", ["w", "w+"])
def test_a_point_of_w_is_an_address_that_draws_its_picture(name, digit, tmp_path, monkeypatch):
    gan = wide_awake(0 if digit is None else 10)
    gan.save_pretrained(tmp_path / "s")
    space = LatentSpace(gan, name)
    labels = None if digit is None else [digit] * 2
    wide = LatentSpace(gan, "w+").of(gan.latents(2, 5), labels)
    point = torch.cat([wide[0, :2], wide[1, 2:]]) if name == "w+" else wide[0, 0]
    address = Found.at("s", space, point, digit)
    text = str(address)
    assert text.startswith(f"s:{LETTERS[name]}")
    assert Address.parse(text) == address == Address.parse(text.partition(":")[2], "s")
    assert parse_qs(f"a={text},{text}")["a"] == [f"{text},{text}"]
    assert torch.equal(address.latent_in(gan), space.rounded(point))
    wanted = to_pixels(space.generate(space.rounded(point)[None], digit))[0]
    assert wanted.float().std() > 10
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    made = {}
    exec(address.python("../s"), made)
    assert (to_pixels(made["image"]).int() - wanted.int()).abs().max() <= 1
    _, _, _, *arguments = shlex.split(address.command("../s"))
    assert cli.main(arguments) == 0
    (written,) = (tmp_path / "here").glob("*.png")
    assert (torch.from_numpy(np.array(Image.open(written)).astype(int)) - wanted[0]).abs().max() <= 1
    model = Catalogue([tmp_path]).load("s")
    assert np.abs(model.draw_one(address).pixels[0].astype(int) - wanted[0].numpy()).max() <= 1


def test_where_a_point_of_w_leads_and_where_not():
    gan = wide_awake()
    z = Address("s", 5)
    w = Found.at("s", LatentSpace(gan, "w"), z.latent_in(gan, "w"))
    wide = LatentSpace(gan, "w+").of(w.latent_in(gan)[None], space="w")[0]
    assert torch.equal(w.latent_in(gan, "w+"), wide)
    assert Found.at("s", LatentSpace(gan, "w+"), wide) == w  # the same w in each layer is that w
    wider = Found.at("s", LatentSpace(gan, "w+"), wide + torch.arange(6)[:, None])
    assert wider.space == "w+"
    assert Found.of("s", z.latent(gan)).latent_in(gan, "w").shape == (5,)
    for lead in (lambda: w.latent(gan), lambda: w.latent_in(gan, "z"), lambda: wider.latent(gan)):
        with pytest.raises(UserError, match="here only a latent z will do"):
            lead()
    with pytest.raises(UserError, match="none of its own"):
        wider.latent_in(gan, "w")
    for lead in (w.latent, w.latent_in):
        with pytest.raises(UserError, match="a space that only style generators have"):
            lead(small_gan("mlp"))
    with pytest.raises(UserError, match="30 numbers, and this model's have 25"):
        wider.latent_in(small_gan("style"))
    assert Found.at("s", LatentSpace(small_gan("style", latent_dim=128), "w+"), torch.eye(5, 128)) is None


HOSTILE = [
    "m:wADw:r0.5:v1",  # variations are of z
    "m:WADwAwA:r0.5:v1",
    "m:wAH4",  # NaN
    "m:wAHw",  # infinite
    "m:WAHx_",  # an infinite step
    "m:WADwB",  # a step that is not the least
    "m:W" + "A" * 687,
    "m:W" + "A" * 100_000,
    "m:w" + "A" * 684,
    "m:wADw:d100",
    "m:wADw:t0.5",
    "m:xADw",
    "m:w",
    "wADw",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_what_is_no_point_is_refused_in_one_line(text):
    with pytest.raises(UserError, match="is not an address") as refused:
        Address.parse(text)
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)


def test_numbers_as_large_as_an_address_can_hold_draw_numbers(tmp_path):
    gan = wide_awake()
    gan.save_pretrained(tmp_path / "s")
    model = Catalogue([tmp_path]).load("s")
    for name, numbers in (("w", torch.full((5,), 65_504.0)), ("w+", -65_504.0 * torch.eye(6, 5))):
        drawn = model.draw_one(Found.at("s", LatentSpace(gan, name), numbers))
        assert np.isfinite(drawn.outputs).all()
