"""What D has never seen: neither a real digit nor one of its generator's."""

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from PIL import Image, ImageDraw

from gan_demo import data
from gan_demo.belief import seen
from gan_demo.pictures import preparing, real_digits
from gan_demo.pixels import to_pixels


def drawing(*, filled=(), outlined=()):
    sheet = Image.new("L", (112, 112))
    draw = ImageDraw.Draw(sheet)
    for box in outlined:
        draw.ellipse(box, outline=255, width=8)
    for box in filled:
        draw.ellipse(box, fill=255)
    return torch.from_numpy(preparing.from_ink(np.asarray(sheet)))[None, None]


def blobs(*boxes):
    """(1, 1, 28, 28): white boxes of (top, left, bottom, right); those with a fifth, True, are cut out again."""
    picture = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    for top, left, bottom, right, *cut in boxes:
        picture[..., top:bottom, left:right] = 0 if cut else 255
    return picture


@pytest.mark.parametrize(
    ("picture", "count"),
    [
        (blobs(), 0),
        (blobs((4, 4, 8, 8)), 1),
        (blobs((4, 4, 8, 8), (8, 8, 12, 12)), 1),  # they touch at a corner
        (blobs((4, 4, 8, 8), (10, 10, 12, 12)), 2),
        (blobs((4, 4, 20, 20), (8, 8, 16, 16, True)), 2),  # a ring: a piece and a hole
        (blobs((4, 4, 20, 20), (8, 8, 16, 16, True), (11, 11, 13, 13)), 3 + seen.ENCLOSED),
        (blobs((0, 0, 28, 28), (4, 4, 24, 24, True)), 2),  # ink at the edge
        (blobs((4, 4, 16, 24)), 1),  # twelve pixels broad
        (blobs((4, 4, 17, 24)), 1 + seen.SOLID),
    ],
)
def test_parts_are_pieces_and_holes(picture, count):
    assert seen.parts(picture).tolist() == [count]
    assert seen.parts(picture // 3).tolist() == [0]  # what is faint is no ink


def test_strangers_are_far_and_digits_are_not():
    seven = blobs((4, 8, 7, 20), (7, 17, 24, 20))
    smiley = drawing(outlined=[(14, 14, 98, 98)], filled=[(38, 38, 48, 48), (64, 38, 74, 48), (44, 70, 68, 76)])
    noise = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, 1, 28, 28)).astype(np.uint8))
    board = (torch.arange(28)[:, None] // 2 + torch.arange(28) // 2) % 2 * 255
    strangers = [smiley, noise, board.to(torch.uint8)[None, None], 255 - seven, blobs()]
    digits = real_digits.sheet().images[::100]
    assert seen.far(torch.cat([*strangers, digits])).tolist() == [True] * 5 + [False] * 10


def test_a_dot_is_far_whatever_its_pen():
    dots = []
    for width in (5, 10, 20):
        for length in (0, 2):
            sheet = Image.new("L", (112, 112))
            ImageDraw.Draw(sheet).rounded_rectangle((50, 50, 50 + width + length, 50 + width), width // 2, fill=255)
            dots.append(preparing.from_ink(np.asarray(sheet)))
    assert seen.far(torch.from_numpy(np.stack(dots))[:, None]).all()


def test_distances_by_hand():
    # Four places of one feature and two pictures; in each the nearest picture counts.
    cloud = seen.Cloud(torch.tensor([[[0.0, 10.0]], [[0.0, 1.0]], [[0.0, 10.0]], [[5.0, 5.0]]]), 2.7, 4)
    asked = torch.tensor([[[9.0]], [[4.0]], [[2.0]], [[0.0]]])
    assert seen.ODDEST == 4
    assert cloud.distances(asked).tolist() == [2.75]  # of 1, 3, 2, 5
    assert cloud.is_far(asked, torch.tensor([0])).tolist() == [True]
    own = cloud.strokes.transpose(1, 2)
    assert cloud.distances(own).tolist() == [0, 0]
    assert cloud.distances(own, own=True).tolist() == [5.25, 5.25]  # of 10, 1, 10, 0
    assert cloud.is_far(own, torch.tensor([4, 5])).tolist() == [False, True]


def test_all_of_a_cloud_is_asked_only_where_a_few_do_not_do(monkeypatch):
    cloud, asked = seen.real(), []
    distances = seen.Cloud.distances
    monkeypatch.setattr(seen.Cloud, "distances", lambda self, *some: asked.append(self) or distances(self, *some))
    first = real_digits.sheet().images[:1]  # one of the few itself
    assert not seen.far(first).any()
    assert asked == [cloud.few]
    pictures = torch.cat([first, blobs(), blobs((0, 0, 28, 28)), real_digits.sheet().images[1:60:7]])
    found, counted = seen.strokes(pictures), seen.parts(pictures)
    wanted = (distances(cloud, found) > cloud.furthest) | (counted > cloud.most)
    assert cloud.is_far(found, counted).tolist() == wanted.tolist()
    assert wanted.tolist() == [False, True, True, *[False] * 9]


def test_what_its_generator_draws_is_known_to_d():
    gan = small_gan("mlp", seed=1)  # untrained: what it draws is no digit
    with torch.inference_mode():
        drawn = to_pixels(gan.generate(gan.latents(40, 7)))
    assert seen.far(drawn).all()
    cloud = seen.cloud_of(gan, samples=60)
    assert seen.far(drawn, cloud).double().mean() < 0.2
    # A stranger to both, and digits that are far from this generator's pictures, but real.
    both = torch.cat([blobs((4, 8, 7, 20)).roll(9, 3), real_digits.sheet().images[::100]])
    assert seen.far(both, cloud).tolist() == [True] + [False] * 10
    again = seen.cloud_of(gan, samples=60)
    assert torch.equal(cloud.strokes, again.strokes)


def test_a_generator_of_classes_draws_each(monkeypatch):
    gan, asked = small_gan("mlp", seed=1, classes=10), []
    generate = gan.generate
    monkeypatch.setattr(gan, "generate", lambda z, labels: asked.append(labels) or generate(z, labels))
    seen.cloud_of(gan, samples=12)
    assert asked == [[*range(10), 0, 1]]


@pytest.mark.mnist
def test_one_real_digit_in_a_hundred_is_far():
    test = data.load("mnist", train=False)
    others = torch.ones(len(test.images), dtype=torch.bool)
    others[real_digits.sheet().places] = False
    share = seen.far(test.images[others][::6]).double().mean()
    assert 0.004 < share < 0.02  # of 1,500: three deviations around 1 %
