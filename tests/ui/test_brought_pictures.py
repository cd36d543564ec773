"""Pictures that are brought to the page: several digits on one, and digits that came from it."""

import numpy as np
import pytest
from helpers.commands import opened
from helpers.drawings import pixels_of
from helpers.gans import small_gan
from PIL import Image, ImageDraw

from gan_demo.errors import UserError
from gan_demo.pictures import preparing
from gan_demo.pictures.encoding import png_bytes
from gan_demo.ui.shared import canvas, checks, inputs


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


def test_all_digits_of_a_date_are_offered():
    picture = Image.new("L", (800, 300), 230)
    for left in range(40, 800, 95):
        ImageDraw.Draw(picture).line([(left, 120), (left + 40, 120), (left + 20, 190)], 30, 9)
    choices = inputs.of_upload(png_bytes(picture), "prepared").note()["choices"]
    assert sorted(int(800 * choice["box"][0] // 95) for choice in choices) == list(range(8))


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
    part = client.predict("tiny-model", path, part=[0.1, 0.15, 0.4, 0.75], api_name="/score")
    assert np.abs(pixels_of(part["picture"]).astype(int) - pixels_of(other["picture"])).mean() < 8
    with pytest.raises(exceptions.AppError):
        client.predict("tiny-model", path, part=[0.1, 0.15, 0.1, 0.75], api_name="/score")
    for choice in (2, 4, -1):
        with pytest.raises(exceptions.AppError):
            client.predict("tiny-model", path, choice=choice, api_name="/score")
    Image.fromarray(pixels_of(other["picture"])).save(tmp_path / "digit.png")
    again = client.predict("tiny-model", handle_file(tmp_path / "digit.png"), api_name="/score")
    assert (again["picture"], again["note"], again["boxes"]) == (other["picture"], "", [])
    inverted = (client.predict("tiny-model", path, choice=n, api_name="/invert")[0] for n in (0, 1))
    assert len({one["picture"] for one in inverted}) == 2


def test_a_part_of_a_picture_is_looked_at_alone():
    content = png_bytes(two_digits())
    left, right = ([0.1, 0.15, 0.4, 0.75], [0.55, 0.1, 0.95, 0.9])
    first, other = (inputs.of_upload(content, "prepared", choice) for choice in (0, 1))
    for part, wanted in ((left, other), (right, first)):
        given = inputs.of_upload(content, "prepared", part=part)
        assert np.abs(given.pixels.astype(int) - wanted.pixels).mean() < 8
        assert (given.note()["found"], given.choices) == ("The digit in the part that you marked", ())
        assert given.original == first.original  # the whole picture, to mark another part on
    both = inputs.of_upload(content, "prepared", part=[0.05, 0.1, 1, 0.9])
    found = [choice["box"] for choice in both.choices]
    assert np.abs(np.array(found) - [choice["box"] for choice in first.choices]).max() < 0.02
    with pytest.raises(UserError, match="nothing drawn"):
        inputs.of_upload(content, "prepared", part=[0.0, 0.0, 0.1, 0.1])


def test_a_part_is_four_shares():
    assert checks.part([0, 0, 1, 1]) == (0, 0, 1, 1)
    assert checks.part(None) is None
    nan = float("nan")
    for wrong in (
        [0, 0, 1],
        [0.5, 0, 0.5, 1],
        [0, 0.6, 1, 0.4],
        [-0.1, 0, 1, 1],
        [0, 0, 1, 1.1],
        [0, nan, 1, 1],
        "0011",
    ):
        with pytest.raises(UserError, match="shares of its sides"):
            checks.part(wrong)


def test_a_thin_part_does_not_become_a_huge_picture():
    picture = Image.new("LA", (1024, 1024), (230, 255))
    assert max(preparing.cut_out(picture, (0.5, 0, 0.51, 1)).size) <= 1024
