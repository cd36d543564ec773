"""How good and how varied a GAN's pictures are, beside what real pictures score by the same measures.

    python -m gan_demo evaluate checkpoints/dcgan      prints the table and writes metrics.json
    python -m gan_demo evaluate --all                  compares all checkpoints

10,000 samples, rounded to 8 bits as people see them, are compared with the test set. The same figures
for as many real training pictures stand beside them: the floor. It is a yardstick and no limit: real pictures do
not score perfectly either, and the classifier was trained on those. Whether a model copies its training pictures
is seen by how near its samples are to them: far nearer than test pictures are.
"""

import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_demo import data, files
from gan_demo.checkpoint import METRICS_FILE, checksum
from gan_demo.errors import UserError
from gan_demo.evaluation import classifier, metrics, tables
from gan_demo.gan import GAN
from gan_demo.pixels import from_pixels, to_pixels

SAMPLES = 10_000
LIGHT_SAMPLES = 2_000
# Far from the small numbers that people type: nobody has looked at these samples or chosen by them.
SEED = 20_140_610
BATCH = 500  # pictures in a network at once
NEIGHBOURS = 5  # k of precision, recall, density and coverage
NEAR = 0.01  # share of real test pictures that count as near duplicates
APPEARS = 0.005  # share of the samples from which on a digit is not the classifier's mistake
QUANTILES = 501  # of D's raw outputs: every fifth of a percent
# GAN-train: a small net, quickly trained, is enough, as its like on real digits stands beside it.
LESSONS = 60_000  # digits that it sees, or as many as the training set has
LESSON_EPOCHS = 2  # 99.4 % on real MNIST, in 15 seconds of one core
LESSON_STEPS = 300  # at least: a small data set is gone through more often
LESSON_WIDTHS = (8, 16, 32)

Progress = Callable[[str], None]  # is told what begins, STEPS times at most
STEPS = 6


def evaluate(
    gan: GAN,
    dataset: str,
    data_dir: str | Path | None = None,
    samples: int = SAMPLES,
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """Everything that metrics.json holds, but for the checksum of the weights; works on the GAN's device.

    `samples` pictures are generated, and as many compared as the test set has, if it has fewer. Raises
    UserError where the data set cannot be had or is too small, and where a network gives no numbers.
    """
    gan.config.check_shape("the evaluation")
    started = time.perf_counter()
    progress("reading the data")
    split = data.load(dataset, data_dir, train=True)
    if gan.config.classes and split.classes != gan.config.classes:
        raise UserError(
            f"{dataset} has {split.classes or 'no'} classes, and a conditional model is measured with those"
            f" {gan.config.classes} that it draws: name another dataset"
        )
    train, train_labels = split
    test, labels = data.load(dataset, data_dir, train=False)
    train, test = train.to(gan.device), test.to(gan.device)
    n = min(samples, len(train), len(test))
    _check_count(n)
    progress("looking at real pictures")
    yardstick = _yardstick(dataset, train, test, n)
    progress("drawing samples")
    generated = draw(gan, samples)
    discriminator = _discriminator_figures(gan, test, labels, generated)
    progress("comparing samples with real pictures")
    model = yardstick.figures(generated[:n], asked=asked_for(gan, n))
    progress("comparing real pictures with real pictures")
    own = _choice(len(train), n)
    named = train_labels[own] if gan.config.classes else None
    floor = yardstick.figures(train[own.to(train.device)], own, named)
    if gan.config.classes and yardstick.has_digits:
        progress("training a net on samples alone")
        model["gan_train"], floor["gan_train"] = gan_train(gan, dataset, data_dir)
    return {
        "format": tables.FORMAT,
        "dataset": dataset,
        "samples": n,
        "seed": SEED,
        "features": classifier.describe(),
        "model": model,
        "floor": floor,
        "discriminator": discriminator,
        "seconds": round(time.perf_counter() - started, 1),
    }


def evaluate_light(gan: GAN, dataset: str, data_dir: str | Path | None = None) -> dict[str, Any]:
    """A few of the figures, in about a second, to follow a training: 2,000 samples, 2,000 test pictures.

    They can be compared with each other, not with the full evaluation's: a Fréchet distance, for one,
    falls as the number of samples rises.
    """
    real = _light_reference(dataset, data_dir, str(gan.device))
    features, classes = _look(draw(gan, len(real.features)))
    figures = _feature_figures(real.features, features)
    if dataset in data.DIGIT_DATASETS:
        shares = metrics.class_shares(classes)
        figures["class_kl"] = _rounded(metrics.kl_from_uniform(shares))
        figures["digits"] = sum(share >= APPEARS for share in shares)
    return figures


def evaluate_checkpoint(
    folder: str | Path,
    dataset: str | None = None,
    data_dir: str | Path | None = None,
    samples: int = SAMPLES,
    device: str = "cpu",
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """`evaluate` a checkpoint folder and write its metrics.json; the data set is the one it was trained on."""
    gan = GAN.from_pretrained(folder).to(device)
    dataset = dataset or gan.config.dataset
    weights = checksum(folder)  # before it takes its time: a training may go on
    figures = {**evaluate(gan, dataset, data_dir, samples, progress), "weights_sha256": weights}
    files.write_json(Path(folder) / METRICS_FILE, figures)
    return figures


class Reference(NamedTuple):
    """Real test pictures, and what the classifier sees in them."""

    pixels: Tensor  # (n, 1, 28, 28) uint8
    features: Tensor  # (n, 96) float32, on the CPU


@functools.lru_cache(maxsize=2)
def _light_reference(dataset: str, data_dir: str | Path | None, device: str) -> Reference:
    """Built once for a training, which evaluates many times."""
    return _reference(data.load(dataset, data_dir, train=False).images.to(device), LIGHT_SAMPLES)


def _reference(test: Tensor, samples: int) -> Reference:
    n = min(samples, len(test))
    _check_count(n)
    # Chosen at random: the second half of MNIST's test set is easier to read than the first.
    pixels = test[_choice(len(test), n).to(test.device)]
    return Reference(pixels, _look(pixels)[0])


@dataclass(frozen=True)
class Yardstick:
    """What pictures are held against."""

    real: Reference
    train: Tensor  # (m, 1, 28, 28) uint8, all of the training set
    near: float  # pixel distance to another real test picture that all but 1 % of them keep
    unseen: float  # median pixel distance of a real test picture to the nearest training picture
    has_digits: bool

    def figures(self, pixels: Tensor, own: Tensor | None = None, asked: Tensor | None = None) -> dict[str, Any]:
        """All figures of (n, 1, 28, 28) uint8 pictures; `own` are their places in the training set, if any.

        `asked` (n,) int64 are the digits they are meant to be; the share on which the classifier agrees is
        the GAN-test accuracy (Shmelkov 2018, section 3.2).
        """
        features, classes = _look(pixels)
        figures: dict[str, Any] = _feature_figures(self.real.features, features)
        if self.has_digits:
            shares = metrics.class_shares(classes)
            figures["class_histogram"] = [_rounded(share) for share in shares]
            figures["class_kl"] = _rounded(metrics.kl_from_uniform(shares))
            if asked is not None:
                figures["gan_test"] = _share(classes == asked)
        to_each_other = _to_each_other(pixels)
        figures["exact_duplicates"] = _share(to_each_other == 0)
        figures["near_duplicates"] = _share(to_each_other <= self.near)
        nearest = metrics.nearest_distances(pixels, self.train, own).quantile(0.5).item()
        figures["nearest_train_median"] = _rounded(nearest)
        # Where most test pictures are in the training set too, copying is what unseen pictures do.
        figures["nearest_train_ratio"] = _rounded(nearest / self.unseen) if self.unseen else 1.0
        return figures


def _yardstick(dataset: str, train: Tensor, test: Tensor, n: int) -> Yardstick:
    real = _reference(test, n)
    return Yardstick(
        real=real,
        train=train,
        near=_to_each_other(real.pixels).quantile(NEAR).item(),
        unseen=metrics.nearest_distances(real.pixels, train).quantile(0.5).item(),
        has_digits=dataset in data.DIGIT_DATASETS,
    )


def _to_each_other(pixels: Tensor) -> Tensor:
    return metrics.nearest_distances(pixels, pixels, own=torch.arange(len(pixels)))


def _feature_figures(real: Tensor, fake: Tensor) -> dict[str, float]:
    precision, recall = metrics.precision_recall(real, fake, NEIGHBOURS)
    density, coverage = metrics.density_coverage(real, fake, NEIGHBOURS)
    return {
        "frechet_distance": _rounded(metrics.frechet_distance(real, fake)),
        "precision": _rounded(precision),
        "recall": _rounded(recall),
        "density": _rounded(density),
        "coverage": _rounded(coverage),
    }


def _discriminator_figures(gan: GAN, test: Tensor, labels: Tensor | None, generated: Tensor) -> dict[str, Any]:
    """How D's raw outputs are distributed: QUANTILES evenly spaced quantiles, from the least to the greatest."""
    figures: dict[str, Any] = {}
    asked = asked_for(gan, len(generated))
    for name, pixels, classes in (
        ("real", test, labels if gan.config.classes else None),
        ("generated", generated, asked),
    ):
        batches = [
            gan.score(from_pixels(pixels[rows]), None if classes is None else classes[rows])
            for rows in _batches(len(pixels))
        ]
        outputs = torch.cat(batches).cpu().double()
        if not outputs.isfinite().all():
            raise UserError(f"the discriminator's output for some {name} pictures is NaN or infinite")
        levels = torch.linspace(0, 1, QUANTILES, dtype=torch.float64)
        figures[name] = [_rounded(quantile) for quantile in outputs.quantile(levels).tolist()]
        figures[f"mean_{name}"] = _rounded(outputs.mean().item())
    return figures


def gan_train(gan: GAN, dataset: str, data_dir: str | Path | None = None) -> tuple[float, float]:
    """GAN-train accuracy (Shmelkov 2018, section 3.1) of a conditional model, and the same of the real digits.

    A fresh net sees nothing but samples with the digits they were asked for, and is tested on real ones:
    what it lacks, the samples lack, in looks or in variety. Another one like it sees the training set.
    """
    n = min(LESSONS, len(data.load(dataset, data_dir, train=True).images))
    # Other samples than all other figures are of.
    samples = data.Split(draw(gan, n, SEED + 1), asked_for(gan, n))
    test = data.load(dataset, data_dir, train=False)
    return _accuracy_after(samples, test, gan.device), _real_gan_train(dataset, data_dir, gan.device)


@functools.lru_cache(maxsize=2)
def _real_gan_train(dataset: str, data_dir: str | Path | None, device: torch.device) -> float:
    """The same for every model: computed once."""
    train, test = (data.load(dataset, data_dir, half) for half in (True, False))
    own = _choice(len(train.images), LESSONS)
    return _accuracy_after(data.Split(train.images[own], train.labels[own]), test, device)


def _accuracy_after(lessons: data.Split, test: data.Split, device: torch.device) -> float:
    """Share of test digits that a net names rightly which was trained on `lessons`."""
    batches = max(1, len(lessons.images) // classifier.BATCH_SIZE)
    epochs = max(LESSON_EPOCHS, -(-LESSON_STEPS // batches))
    # Not augmented: that would lend to samples a variety which they do not have.
    net = classifier.train(lessons, epochs, SEED, device.type, quiet=True, widths=LESSON_WIDTHS, augmented=False)
    return _rounded(classifier.accuracy(net, test))


def asked_for(gan: GAN, n: int) -> Tensor | None:
    """The digits that a conditional model is asked for in n samples: 0 to 9 in turn, (n,) int64."""
    return torch.arange(n) % gan.config.classes if gan.config.classes else None


def draw(gan: GAN, n: int, seed: int = SEED) -> Tensor:
    """`n` samples as people would see them: (n, 1, 28, 28) uint8; raises UserError where they are no numbers."""
    z, asked = gan.latents(n, seed), asked_for(gan, n)
    batches = [gan.generate(z[rows], None if asked is None else asked[rows]) for rows in _batches(n)]
    if not all(batch.isfinite().all() for batch in batches):
        raise UserError("some samples of the generator hold NaN or infinite values")
    return torch.cat([to_pixels(batch) for batch in batches])


def _batches(n: int) -> Iterator[slice]:
    for start in range(0, n, BATCH):
        yield slice(start, start + BATCH)


@torch.inference_mode()
def _look(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The classifier's features (n, 96) float32 and opinions (n,) int64, on the CPU."""
    eyes = classifier.load_classifier(str(pixels.device))
    features = torch.cat([eyes.features(from_pixels(batch)) for batch in pixels.split(BATCH)])
    return features.cpu(), eyes.head(features).argmax(1).cpu()


def _choice(n: int, count: int) -> Tensor:
    """`count` of the numbers below `n`, always the same ones."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(SEED))[:count]


def _check_count(n: int) -> None:
    if n <= NEIGHBOURS:
        raise UserError(f"evaluation compares more than {NEIGHBOURS} pictures with as many, and there are {n}")


def _share(which: Tensor) -> float:
    return _rounded(which.double().mean().item())


def _rounded(number: float) -> float:
    """To five significant digits, as metrics.json has them."""
    return float(f"{number:.5g}")
