"""How good and how varied a GAN's pictures are, beside what real pictures score by the same measures.

    python -m gan_demo evaluate checkpoints/dcgan      prints the table and writes metrics.json
    python -m gan_demo evaluate --all                  compares all checkpoints

10,000 samples, rounded to 8 bits as people see them, are compared with the test set. The same figures
for as many real training pictures stand beside them: the floor. It is a yardstick and no limit: real pictures do
not score perfectly either, and the classifier was trained on those. Whether a model copies its training pictures
is seen by how near its samples are to them: far nearer than test pictures are.
"""

import functools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_demo import classifier, data, files
from gan_demo.checkpoint import METRICS_FILE, checksum
from gan_demo.data import looking
from gan_demo.errors import UserError
from gan_demo.evaluation import cache, metrics, parts, tables
from gan_demo.evaluation.gan_train import gan_train
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.real_pictures import RealFeatures, check_count, classify, compared_with
from gan_demo.evaluation.samples import LIGHT_SAMPLES, SEED, asked_for, choose, draw, scores
from gan_demo.gan import GAN

SAMPLES = 10_000
APPEARS = 0.005  # share of the samples from which on a digit is not the classifier's mistake
QUANTILES = 501  # of D's raw outputs: every fifth of a percent

Progress = Callable[[str], None]  # is told what begins, STEPS times at most
STEPS = 5


class NotWritten(UserError):
    """What was measured could not be written; `figures` is what metrics.json would hold."""

    def __init__(self, line: str, figures: dict[str, Any]) -> None:
        super().__init__(line)
        self.figures = figures


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
    test = data.load(dataset, data_dir, train=False)
    n = min(samples, len(split.images), len(test.images))
    progress("looking at real pictures")
    real, floor = compared_with(dataset, split, test, n, gan.device, cache.folder(data_dir))
    progress("drawing samples")
    generated = draw(gan, samples)
    discriminator = _discriminator_figures(gan, test, generated)
    progress("comparing samples with real pictures")
    model = real.figures(generated[:n], asked=asked_for(gan, n))
    if not gan.config.classes:
        floor.pop("gan_test", None)  # as the model was asked for nothing
    elif real.has_digits:
        progress("training a net on samples alone")
        model["gan_train"], floor["gan_train"] = gan_train(gan, dataset, data_dir)
    known = looking.share_in_both(split, test)
    return {
        "format": tables.FORMAT,
        "dataset": dataset,
        "samples": n,
        "seed": SEED,
        "features": classifier.describe(),
        "model": model,
        "floor": floor,
        "discriminator": discriminator,
        **({"known_test": rounded(known)} if known else {}),
        "seconds": round(time.perf_counter() - started, 1),
    }


def evaluate_light(gan: GAN, dataset: str, data_dir: str | Path | None = None) -> dict[str, Any]:
    """A few of the figures, in about a second, to follow a training: 2,000 samples, 2,000 test pictures.

    They can be compared with each other, not with the full evaluation's: a Fréchet distance, for one,
    falls as the number of samples rises.
    """
    real = _light_features(dataset, data_dir, str(gan.device))
    features, classes = classify(draw(gan, len(real.features)))
    figures = real.figures(features)
    if dataset in data.DIGIT_DATASETS:
        shares = metrics.class_shares(classes)
        figures["class_kl"] = rounded(metrics.kl_from_uniform(shares))
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
    """`evaluate` a checkpoint folder and write its metrics.json; the data set is the one it was trained on.

    A metrics.json of these weights and of more samples stays, and a line on stderr says so. Raises UserError as that
    does, and NotWritten, which has the figures.
    """
    gan = GAN.from_pretrained(folder).to(device)
    dataset = dataset or gan.config.dataset
    weights = checksum(folder)  # before it takes its time: a training may go on
    before = tables.current_metrics(folder)
    figures = {**evaluate(gan, dataset, data_dir, samples, progress), "weights_sha256": weights}
    if before and before["dataset"] == dataset:
        figures |= parts.kept(before)
    path = Path(folder) / METRICS_FILE
    if before and before["dataset"] == dataset and before["samples"] > figures["samples"]:
        print(
            f"{path} keeps its figures of {before['samples']:,} samples; those of {figures['samples']:,} are shown."
            " Remove the file to replace it.",
            file=sys.stderr,
        )
        return figures
    try:
        files.write_json(path, figures)
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror}); what was measured is above", figures) from None
    return figures


@functools.lru_cache(maxsize=2)
def _light_features(dataset: str, data_dir: str | Path | None, device: str) -> RealFeatures:
    """The features of real test pictures; kept, as a training evaluates many times."""
    test = data.load(dataset, data_dir, train=False).images
    n = min(LIGHT_SAMPLES, len(test))
    check_count(n)
    # Chosen at random: the second half of MNIST's test set is easier to read than the first.
    return RealFeatures.of(test[choose(len(test), n)].to(device))


def _discriminator_figures(gan: GAN, test: data.Split, generated: Tensor) -> dict[str, Any]:
    """The distribution of D's raw outputs: QUANTILES evenly spaced quantiles, from the least to the greatest."""
    figures: dict[str, Any] = {}
    labels, asked = test.labels if gan.config.classes else None, asked_for(gan, len(generated))
    for name, pixels, classes in (("real", test.images.to(gan.device), labels), ("generated", generated, asked)):
        outputs = scores(gan, pixels, classes)
        if not outputs.isfinite().all():
            raise UserError(f"the discriminator's output for some {name} pictures is NaN or infinite")
        levels = torch.linspace(0, 1, QUANTILES, dtype=torch.float64)
        figures[name] = [rounded(quantile) for quantile in outputs.quantile(levels).tolist()]
        figures[f"mean_{name}"] = rounded(outputs.mean().item())
    return figures
