"""The nearest training picture, by hand."""

import pytest
import torch

from gan_demo import data
from gan_demo.evaluation import neighbours


def picture(*lit: tuple[int, int, int]) -> torch.Tensor:
    """Black, but for (row, column, grey) each."""
    pixels = torch.zeros(28, 28, dtype=torch.uint8)
    for row, column, grey in lit:
        pixels[row, column] = grey
    return pixels


@pytest.fixture
def pool(monkeypatch) -> neighbours.Pool:
    monkeypatch.setattr(neighbours, "CHUNK", 2)
    train = torch.stack([picture(), picture((3, 4, 255)), picture((3, 4, 255), (20, 20, 255))])[:, None]
    # Real test pictures at distances of 0, 1 and 2.
    test = torch.stack([picture(), picture((9, 9, 255)), picture(*((row, 9, 255) for row in range(4)))])[:, None]
    return neighbours.Pool(data.Split(train, torch.tensor([7, 1, 8])), data.Split(test, None))


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


def test_what_is_not_here_is_not_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv(data.DATA_DIR_VARIABLE, str(tmp_path))
    monkeypatch.setattr(data, "load", lambda *arguments, **named: pytest.fail("it was fetched"))
    assert neighbours.pool("mnist") is None
    assert neighbours.pool("no such set") is None


@pytest.mark.mnist
def test_of_mnist_itself():
    found = neighbours.pool("mnist")
    assert len(found) == 60_000
    copy = found.nearest(found.train.images[54_321, 0])
    assert copy.distance == 0
    assert copy.label == int(found.train.labels[54_321])
    own = found.nearest(data.load("mnist", train=False).images[0, 0])
    assert own.distance == pytest.approx(float(found.usual[(found.usual - own.distance).abs().argmin()]))
