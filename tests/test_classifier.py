"""The digit classifier: its training, its shipped weights, its command."""

import math

import pytest
import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_demo import classifier, cli, data
from gan_demo.errors import UserError
from gan_demo.pixels import from_pixels


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def digits() -> tuple[data.Split, data.Split]:
    return data.load("digits", train=True), data.load("digits", train=False)


def few(split: data.Split, count: int) -> data.Split:
    return data.Split(split.images[:count], split.labels[:count])


# Augmentation


def dot(row: int, column: int, n: int = 1) -> Tensor:
    """`n` black pictures with one 2x2 white block."""
    images = torch.full((n, 1, 28, 28), -1.0)
    images[:, :, row : row + 2, column : column + 2] = 1
    return images


def centers_of_ink(images: Tensor) -> Tensor:
    """(n, 2): row and column, in pixels."""
    ink = (images + 1).squeeze(1)
    along = torch.arange(28.0)
    return torch.stack([(ink.sum(2) * along).sum(1), (ink.sum(1) * along).sum(1)], 1) / ink.sum((1, 2))[:, None]


def only(monkeypatch, **limits: float) -> None:
    for name in ("ROTATION", "SCALING", "SHEAR", "SHIFT"):
        monkeypatch.setattr(classifier, name, limits.get(name, 0.0))


def test_no_change_allowed_is_no_change(monkeypatch):
    only(monkeypatch)
    images = torch.rand(3, 1, 28, 28, generator=generator()) * 2 - 1
    assert torch.allclose(classifier.augment(images, generator()), images, atol=1e-5)


def test_shifts_reach_two_pixels_each_way(monkeypatch):
    only(monkeypatch, SHIFT=classifier.SHIFT)
    moved = centers_of_ink(classifier.augment(dot(13, 13, n=1000), generator())) - 13.5
    assert moved.max(0).values == pytest.approx([2, 2], abs=0.02)
    assert moved.min(0).values == pytest.approx([-2, -2], abs=0.02)


def test_rotations_reach_twelve_degrees_each_way_and_keep_the_radius(monkeypatch):
    only(monkeypatch, ROTATION=classifier.ROTATION)
    rows, columns = (centers_of_ink(classifier.augment(dot(13, 23, n=1000), generator())) - 13.5).unbind(1)
    assert torch.hypot(rows, columns).tolist() == pytest.approx([10] * 1000, abs=0.1)
    angles = torch.atan2(rows, columns).rad2deg()
    assert angles.max().item() == pytest.approx(12, abs=0.2)
    assert angles.min().item() == pytest.approx(-12, abs=0.2)


def test_augmented_pictures_keep_their_range_and_background(digits):
    images = from_pixels(digits[0].images[:200])
    augmented = classifier.augment(images, generator())
    assert augmented.shape == images.shape
    assert augmented.min().item() == pytest.approx(-1, abs=1e-5)
    assert augmented.max() <= 1 + 1e-5
    # No digit of this data set reaches the border: what comes in from outside must be black.
    assert augmented[:, :, 0].mean().item() == pytest.approx(-1, abs=0.01)
    assert not torch.allclose(augmented, images, atol=0.1)


def test_augmentation_comes_from_the_generator_alone():
    images = dot(8, 15, n=4)
    first, again, other = (classifier.augment(images, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


# Training


def test_the_learning_rate_rises_and_falls():
    rates = [classifier._learning_rate(done) for done in (0, 0.1, 0.2, 0.6, 1)]
    assert rates == pytest.approx([0, 2e-3, 4e-3, 2e-3, 0], abs=1e-12)


def test_an_epoch_takes_every_picture_once():
    batches = list(classifier._batches(10, 4, 2, generator()))
    assert [len(batch) for batch in batches] == [4] * 4  # the last two of ten make no whole batch
    for epoch in (batches[:2], batches[2:]):
        assert len(set(torch.cat(epoch).tolist())) == 8
    assert not torch.equal(torch.cat(batches[:2]), torch.cat(batches[2:]))


def test_training_depends_on_its_seed_alone(digits):
    split = few(digits[0], 64)
    first, again, other = (classifier.train(split, epochs=2, seed=seed, quiet=True).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])
    assert all(tensor.isfinite().all() for tensor in first.values())


def test_training_learns(digits, monkeypatch):
    # Small batches and a short memory of the average: for sixty steps instead of thousands.
    monkeypatch.setattr(classifier, "BATCH_SIZE", 32)
    monkeypatch.setattr(classifier, "EMA_DECAY", 0.9)
    trained = classifier.train(few(digits[0], 480), epochs=4, quiet=True)
    assert classifier.accuracy(trained, digits[1]) > 0.85


def test_training_returns_the_average_and_not_the_last_weights(digits, monkeypatch):
    split = few(digits[0], 64)
    averaged = classifier.train(split, epochs=3, quiet=True).state_dict()
    monkeypatch.setattr(classifier, "EMA_DECAY", 0.0)
    last = classifier.train(split, epochs=3, quiet=True).state_dict()
    for name in ("head.weight", "body.0.weight", "body.1.running_var"):
        assert not torch.allclose(averaged[name], last[name], rtol=1e-3), name


def test_training_needs_labels(digits):
    with pytest.raises(UserError, match="needs a data set with labels"):
        classifier.train(data.Split(digits[0].images, None))


# The weights that ship with the project


@pytest.fixture(scope="module")
def shipped() -> classifier.Classifier:
    return classifier.load_classifier()


def test_shipped_weights_are_small_and_say_where_they_come_from():
    assert classifier.WEIGHTS_PATH.stat().st_size < 2_000_000
    with safe_open(classifier.WEIGHTS_PATH, framework="pt") as file:
        metadata = file.metadata()
    assert float(metadata["test_accuracy"]) >= 0.994
    assert int(metadata["epochs"]) == classifier.EPOCHS
    assert metadata["seed"] == "0"
    assert f"{100 * float(metadata['test_accuracy']):.2f} %" in classifier.describe()


def test_shapes_and_types(shipped, digits):
    images = from_pixels(digits[1].images[:7])
    features, logits = shipped.features(images), shipped.logits(images)
    assert (features.shape, features.dtype) == ((7, classifier.FEATURES), torch.float32)
    assert (logits.shape, logits.dtype) == ((7, 10), torch.float32)
    assert features.min() >= 0
    assert torch.equal(logits, shipped.head(features))


def test_a_picture_is_seen_alike_in_every_company(shipped, digits):
    images = from_pixels(digits[1].images)
    together, alone = shipped.features(images), shipped.features(images[5:6])
    assert torch.allclose(together[5:6], alone, atol=1e-4)


@pytest.mark.parametrize("n", [1, classifier.PREDICT_BATCH + 1])
def test_predict_takes_any_number_of_pictures(shipped, digits, n):
    images = from_pixels(digits[0].images[:n])
    predicted = shipped.predict(images)
    assert (predicted.shape, predicted.dtype) == ((n,), torch.int64)
    assert torch.equal(predicted, shipped.logits(images).argmax(1))


def test_it_reads_digits_that_it_was_not_trained_on(shipped, digits):
    assert classifier.accuracy(shipped, digits[1]) > 0.9


def test_it_is_frozen_but_lets_gradients_reach_the_picture(shipped, digits):
    assert not any(parameter.requires_grad for parameter in shipped.parameters())
    assert not shipped.training
    images = from_pixels(digits[1].images[:2]).requires_grad_()
    cross_entropy(shipped.logits(images), torch.tensor([3, 4])).backward()
    assert images.grad.abs().sum() > 0


def test_who_reads_it_without_gradients_leaves_them_to_others(digits):
    with torch.inference_mode():
        read = classifier.load_classifier.__wrapped__("cpu")  # past the cache
    images = from_pixels(digits[1].images[:2]).requires_grad_()
    read.logits(images).sum().backward()
    assert images.grad.abs().sum() > 0


def test_it_is_read_once(shipped):
    assert classifier.load_classifier() is shipped


def test_damaged_or_missing_weights_are_one_line(tmp_path, monkeypatch):
    whole = classifier.WEIGHTS_PATH.read_bytes()
    monkeypatch.setattr(classifier, "WEIGHTS_PATH", tmp_path / "classifier.safetensors")
    load = classifier.load_classifier.__wrapped__  # past the cache
    with pytest.raises(UserError, match="is missing: python -m gan_demo classifier"):
        load("cpu")
    for content in (whole[:5000], b"", b"\x08" + bytes(7) + b"{}      "):
        classifier.WEIGHTS_PATH.write_bytes(content)
        with pytest.raises(UserError, match="is damaged") as caught:
            load("cpu")
        assert "\n" not in str(caught.value)


@pytest.mark.mnist
def test_shipped_weights_are_right_about_mnist(shipped):
    accuracy = classifier.accuracy(shipped, data.load("mnist", train=False))
    assert accuracy >= 0.994
    with safe_open(classifier.WEIGHTS_PATH, framework="pt") as file:
        assert accuracy == pytest.approx(float(file.metadata()["test_accuracy"]), abs=2e-4)


# The command


def test_the_command_trains_and_writes(digits, tmp_path, monkeypatch, capsys):
    def load(dataset, data_dir, train):
        assert (dataset, data_dir) == ("mnist", "somewhere")
        return few(digits[0 if train else 1], 100)

    monkeypatch.setattr(classifier.data, "load", load)
    output = tmp_path / "new" / "weights.safetensors"
    arguments = ["--data-dir", "somewhere", "--epochs", "1", "--seed", "5", "--device", "cpu", "--output", str(output)]
    assert cli.main(["classifier", *arguments]) == 0
    with safe_open(output, framework="pt") as file:
        metadata = file.metadata()
    share = float(metadata["test_accuracy"])
    assert (metadata["epochs"], metadata["seed"]) == ("1", "5")
    assert capsys.readouterr().out == f"{output}: {100 * share:.2f} % of MNIST test are right\n"
    monkeypatch.setattr(classifier, "WEIGHTS_PATH", output)
    loaded = classifier.load_classifier.__wrapped__("cpu")
    assert classifier.accuracy(loaded, few(digits[1], 100)) == share
    assert math.isclose(share * 100, round(share * 100), abs_tol=1e-9)  # of a hundred pictures


def test_errors_are_one_line(capsys):
    assert cli.main(["classifier", "--epochs", "0"]) == 2
    assert capsys.readouterr().err == "gan-demo classifier: --epochs must be at least 1, not 0\n"
