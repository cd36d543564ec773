"""GAN-train: how much a classifier learns of real digits that has seen nothing but samples (Shmelkov 2018)."""

from pathlib import Path

import torch

from gan_demo import classifier, data
from gan_demo.evaluation import cache, samples
from gan_demo.evaluation.metrics import rounded
from gan_demo.gan import GAN

# A small net, quickly trained, is enough, as its like on real digits stands beside it.
DIGITS = 60_000  # that it sees, or as many as the training set has
EPOCHS = 2
LEAST_STEPS = 300  # a small data set is gone through more often
WIDTHS = (8, 16, 32)
SEED = samples.SEED + 1  # other samples than all other figures are of


def gan_train(gan: GAN, dataset: str, data_dir: str | Path | None = None) -> tuple[float, float]:
    """GAN-train accuracy (Shmelkov 2018, section 3.1) of a conditional model, and the same of the real digits.

    A fresh net sees nothing but samples with the digits they were asked for, and is tested on real ones. What it lacks,
    the samples lack, in looks or in variety. Another net like it sees the training set.
    """
    train, test = (data.load(dataset, data_dir, half) for half in (True, False))
    n = min(DIGITS, len(train.images))
    drawn = data.Split(samples.draw(gan, n, SEED), samples.asked_for(gan, n))
    return accuracy_after(drawn, test, gan.device), _of_real_digits(train, test, gan.device, cache.folder(data_dir))


def accuracy_after(pictures: data.Split, test: data.Split, device: torch.device) -> float:
    """Share of test digits that a net names rightly which was trained on other labelled pictures."""
    steps = max(1, len(pictures.images) // classifier.BATCH_SIZE)
    epochs = max(EPOCHS, -(-LEAST_STEPS // steps))
    # Not augmented: that would lend to samples a variety which they do not have.
    net = classifier.train(pictures, epochs, samples.SEED, device.type, quiet=True, widths=WIDTHS, augmented=False)
    return rounded(classifier.accuracy(net, test))


def _of_real_digits(train: data.Split, test: data.Split, device: torch.device, place: Path | None) -> float:
    """The accuracy after real digits, the same for every model."""

    def compute() -> cache.Content:
        assert train.labels is not None  # a conditional model was trained on them
        chosen = samples.choose(len(train.images), DIGITS)
        accuracy = accuracy_after(data.Split(train.images[chosen], train.labels[chosen]), test, device)
        return cache.Content({"accuracy": accuracy}, {})

    settings = {"digits": DIGITS, "epochs": EPOCHS, "steps": LEAST_STEPS, "widths": WIDTHS}
    key = cache.key("gan-train", device, train, test, batch=classifier.BATCH_SIZE, **settings)
    return cache.kept(place, key, compute).figures["accuracy"]
