"""The nearest picture, by hand and by numpy."""

import numpy as np
import pytest
import torch

from gan_demo import data
from gan_demo.evaluation import neighbours


def random_pictures(n: int, seed: int, high: int = 256) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, high, (n, 1, 28, 28), generator=random, dtype=torch.uint8)


# The search


def test_nearest_distances_agree_with_numpy_on_whole_numbers(monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK", 7)
    monkeypatch.setattr(neighbours, "POOL_CHUNK", 11)
    pictures, pool = random_pictures(20, 0), random_pictures(30, 1)
    whole, others = (x.flatten(1).numpy().astype(np.int64) for x in (pictures, pool))
    squared = ((whole[:, None] - others[None]) ** 2).sum(2)
    found = neighbours.nearest(pictures, pool)
    assert found.distances.tolist() == (np.sqrt(squared.min(1)) / 255).tolist()
    assert found.places.tolist() == squared.argmin(1).tolist()


def test_nearest_distances_of_known_pictures():
    black, white = torch.zeros(1, 1, 28, 28, dtype=torch.uint8), torch.full((1, 1, 28, 28), 255, dtype=torch.uint8)
    almost = white.clone()
    almost[0, 0, 3, 4] = 254
    assert neighbours.nearest(white, black).distances.item() == 28  # the square root of 784 whole steps
    assert neighbours.nearest(white, torch.cat([black, almost])).distances.item() == 1 / 255
    assert neighbours.nearest(white, torch.cat([black, almost, white])).distances.item() == 0


def test_a_picture_of_the_pool_does_not_count_for_itself(monkeypatch):
    monkeypatch.setattr(neighbours, "POOL_CHUNK", 4)
    pool = random_pictures(10, 2)
    pool[7] = pool[2]
    pool[9] = pool[5]
    pool[9, 0, 0, 0] ^= 3
    own = torch.tensor([7, 9, 0, 5])
    found = neighbours.nearest(pool[own], pool, own)
    same, near, far, near_again = found.distances.tolist()
    assert [found.places[row] for row in (0, 1, 3)] == [2, 5, 9]
    assert same == 0
    assert near == near_again
    assert 0 < near <= 3 / 255
    assert far > 5
    assert neighbours.nearest(pool[own], pool).distances.tolist() == [0, 0, 0, 0]


# Among training pictures


def picture(*lit: tuple[int, int, int]) -> torch.Tensor:
    """Black, but for (row, column, grey) each."""
    pixels = torch.zeros(28, 28, dtype=torch.uint8)
    for row, column, grey in lit:
        pixels[row, column] = grey
    return pixels


@pytest.fixture
def pool(monkeypatch) -> neighbours.TrainingPictures:
    monkeypatch.setattr(neighbours, "POOL_CHUNK", 2)
    train = torch.stack([picture(), picture((3, 4, 255)), picture((3, 4, 255), (20, 20, 255))])[:, None]
    # Real test pictures at distances of 0, 1 and 2.
    test = torch.stack([picture(), picture((9, 9, 255)), picture(*((row, 9, 255) for row in range(4)))])[:, None]
    return neighbours.TrainingPictures(data.Split(train, torch.tensor([7, 1, 8])), data.Split(test, None))


def test_the_nearest_and_how_near_it_is(pool):
    found = pool.nearest(picture((3, 4, 255), (20, 20, 102)))
    assert found.distance == pytest.approx(0.4)  # 102 / 255
    assert found.label == 1
    assert torch.equal(found.pixels, pool.train.images[1, 0])
    assert found.farther == pytest.approx(2 / 3)


def test_a_copy_is_at_no_distance(pool):
    for index in range(3):
        found = pool.nearest(pool.train.images[index, 0])
        assert (found.distance, found.label) == (0, [7, 1, 8][index])


def test_without_test_pictures_the_pool_tells_what_a_distance_is_worth(monkeypatch):
    monkeypatch.setattr(neighbours, "PROBES", 2)
    # Of 0, 1, 9 and 25 white pixels: numbers 0 and 2 are asked, and they themselves do not count.
    line = torch.stack([picture(), *(picture(*((row, 9, 255) for row in range(n))) for n in (1, 9, 25))])[:, None]
    pool = neighbours.TrainingPictures(data.Split(line, None), None)
    assert pool.test_distances.tolist() == pytest.approx([1, 8**0.5])
    neighbours.shipped_digits.cache_clear()  # another test of this process may have asked for it
    assert len(neighbours.shipped_digits()) == 1000
    assert len(neighbours.shipped_digits().test_distances) == 2
    neighbours.shipped_digits.cache_clear()


def test_what_is_not_here_is_not_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv(data.DATA_DIR_VARIABLE, str(tmp_path))
    monkeypatch.setattr(data, "load", lambda *arguments, **named: pytest.fail("it was fetched"))
    assert neighbours.training_pictures("mnist") is None
    assert neighbours.training_pictures("no such set") is None


@pytest.mark.mnist
def test_of_mnist_itself():
    found = neighbours.training_pictures("mnist")
    assert len(found) == 60_000
    copy = found.nearest(found.train.images[54_321, 0])
    assert copy.distance == 0
    assert copy.label == int(found.train.labels[54_321])
    own = found.nearest(data.load("mnist", train=False).images[0, 0])
    assert own.distance == pytest.approx(
        float(found.test_distances[(found.test_distances - own.distance).abs().argmin()])
    )
