"""Pictures that are brought to the page: several digits on one, and digits that came from it."""

import numpy as np
import pytest
from helpers.commands import opened
from helpers.drawings import pixels_of
from helpers.gans import small_gan
from PIL import Image, ImageDraw

from gan_demo.errors import UserError
from gan_demo.pictures.encoding import png_bytes
from gan_demo.ui.shared import canvas, inputs


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    gradio_client = pytest.importorskip("gradio_client")
    folder = tmp_path_factory.mktemp("models")
    small_gan("dcgan", seed=3).save_pretrained(folder / "tiny-model")
    with opened(folder / "tiny-model", log=folder / "stderr") as (_, address):
        yield gradio_client.Client(address, verbose=False)


def two_digits() -> Image.Image:
    """Two sevens of right angles, the right one larger."""
    picture = Image.new("L", (600, 400), 230)
    for left, height in ((100, 150), (380, 190)):
        ImageDraw.Draw(picture).rectangle([left, 100, left + 24, 100 + height], 30)
        ImageDraw.Draw(picture).rectangle([left, 100, left + 90, 124], 30)
    return picture


def test_the_page_offers_each_of_several_digits():
    first, other = (inputs.of_upload(png_bytes(two_digits()), "prepared", choice) for choice in (0, 1))
    assert "several digits" in first.note()["found"]
    assert [choice["pixels"] for choice in first.note()["choices"]] == [
        canvas.write(one.pixels) for one in (first, other)
    ]
    assert inputs.of_upload(png_bytes(Image.fromarray(other.pixels)), "prepared").note()["choices"] == ()


def test_what_is_refused_is_told_apart():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8))
    with pytest.raises(UserError, match="grain"):
        inputs.of_upload(png_bytes(noise), "prepared")
    with pytest.raises(UserError, match="nothing drawn"):
        inputs.of_upload(png_bytes(Image.new("L", (300, 300), 200)), "prepared")
    assert inputs.of_upload(png_bytes(noise), "plain").pixels.std() > 5


def test_of_two_digits_one_is_chosen_and_a_digit_brought_back_stays_as_it_is(client, tmp_path):
    from gradio_client import exceptions, handle_file

    picture = Image.new("L", (600, 400), 230)
    for left, height in ((100, 150), (380, 190)):
        ImageDraw.Draw(picture).rectangle([left, 100, left + 24, 100 + height], 30)
        ImageDraw.Draw(picture).rectangle([left, 100, left + 90, 124], 30)
    picture.save(tmp_path / "two.png")
    path = handle_file(tmp_path / "two.png")
    first, other = (client.predict("tiny-model", path, choice=n, api_name="/score") for n in (0, 1))
    assert first["boxes"] == other["boxes"]
    assert [box[0] > 0.5 for box in first["boxes"]] == [True, False]
    assert "several digits" in first["note"]
    assert not np.array_equal(pixels_of(first["picture"]), pixels_of(other["picture"]))
    for choice in (2, 4, -1):
        with pytest.raises(exceptions.AppError):
            client.predict("tiny-model", path, choice=choice, api_name="/score")
    Image.fromarray(pixels_of(other["picture"])).save(tmp_path / "digit.png")
    again = client.predict("tiny-model", handle_file(tmp_path / "digit.png"), api_name="/score")
    assert (again["picture"], again["note"], again["boxes"]) == (other["picture"], "", [])
    inverted = (client.predict("tiny-model", path, choice=n, api_name="/invert")[0] for n in (0, 1))
    assert len({one["picture"] for one in inverted}) == 2
