"""What programs are answered in the spaces of a style generator, without a server in between."""

import base64
import io

import gradio as gr
import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image

from gan_demo.gan import GAN
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pixels import to_pixels
from gan_demo.ui import api
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.invert import tab as invert_tab


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Call an end point by its name; every upload is the same picture, and searches are short."""
    for name, model in (("styled", "style"), ("plain", "mlp")):
        small_gan(model, seed=3).save_pretrained(tmp_path / name)
    sheet = Image.new("L", (40, 40), 255)
    sheet.paste(0, (18, 6, 22, 34))
    picture = io.BytesIO()
    sheet.save(picture, "png")
    monkeypatch.setattr(checks, "uploaded", lambda sent: picture.getvalue())
    goal = invert_tab.Search.goal
    monkeypatch.setattr(invert_tab.Search, "goal", lambda search: goal(search)._replace(plan=((2, 11),)))
    with gr.Blocks() as blocks:
        api.build(Catalogue([tmp_path]))
    answers = {function.api_name: function.fn for function in blocks.fns.values()}
    return lambda call, *values, **named: answers[call](*values, **named)


def pixels_of(drawn):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn["picture"].partition(",")[2])))).astype(int)


def test_a_style_generator_is_asked_in_w_too(ask, tmp_path):
    gan = GAN.from_pretrained(tmp_path / "styled")
    for name in ("w", "w+"):
        (found,) = ask("invert", "styled", None, space=name)
        space, place = LatentSpace(gan, name), Address.parse(found["address"])
        assert place.space == name
        way = ask("interpolate", "styled", 5, found["address"], 3)
        assert way[-1]["picture"] == found["picture"]
        for drawn, share in ((way[1], 0.5), (found, 1.0)):
            point = torch.lerp(space.of(gan.latents(1, 5))[0], place.latent_in(gan), share)
            assert np.abs(pixels_of(drawn) - to_pixels(space.generate(point[None]))[0, 0].numpy()).max() <= 1
    straight = ask("interpolate", "styled", 5, 6, 3, space="w")
    w = LatentSpace(gan, "w").of(torch.cat([gan.latents(1, seed) for seed in (5, 6)])).mean(0)
    wanted = to_pixels(LatentSpace(gan, "w").generate(w[None]))[0, 0].numpy()
    assert np.abs(pixels_of(straight[1]) - wanted).max() <= 1


def test_what_makes_no_sense_there_is_refused_in_words(ask):
    (found,) = ask("invert", "styled", None, space="w")
    for call, arguments, words in (
        ("invert", {"model": "plain", "picture": None, "space": "w"}, "space is one of z, not 'w'"),
        ("invert", {"model": "styled", "picture": None, "look": "enlarge", "space": "w"}, "space is one of z, not 'w'"),
        ("interpolate", {"model": "plain", "start": 5, "end": 6, "space": "w"}, "space is one of z, not 'w'"),
        ("interpolate", {"model": "plain", "start": 5, "end": found["address"]}, "only style generators have"),
        ("directions", {"model": "styled", "address": found["address"]}, "here only a latent z will do"),
        ("interpolate", {"model": "styled", "start": 5, "end": "styled:wAH4"}, "is not an address"),
    ):
        with pytest.raises(gr.Error, match=words):
            ask(call, **arguments)
