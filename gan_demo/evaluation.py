"""How good and how varied a GAN's pictures are, beside what real pictures score by the same measures.

    python -m gan_demo.evaluation checkpoints/dcgan      prints the table and writes metrics.json

10,000 samples, rounded to 8 bits as people see them, are compared with the test set. The same figures
for as many real training pictures stand beside them: the floor. Real pictures do not score perfectly
either, and a model that scores better than they do is copying them.
"""

import argparse
import functools
import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from tqdm import tqdm

from gan_demo import data, files, measures
from gan_demo.classifier import describe, load_classifier
from gan_demo.devices import choose_device
from gan_demo.errors import UserError
from gan_demo.gan import GAN, WEIGHTS_FILE, from_pixels, to_pixels

METRICS_FILE = "metrics.json"
FORMAT = 1  # of metrics.json
SAMPLES = 10_000
LIGHT_SAMPLES = 2_000
# Far from the small numbers that people type: nobody has looked at these samples or chosen by them.
SEED = 20_140_610
BATCH = 500  # pictures in a network at once
NEIGHBOURS = 5  # k of precision, recall, density and coverage
NEAR = 0.01  # share of real test pictures that count as near duplicates
APPEARS = 0.005  # share of the samples from which on a digit is not the classifier's mistake
QUANTILES = 501  # of D's raw outputs: every fifth of a percent

Progress = Callable[[str], None]  # is told what begins, STEPS times
STEPS = 5


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
    started = time.perf_counter()
    progress("reading the data")
    train = data.load(dataset, data_dir, train=True).images.to(gan.device)
    test, labels = data.load(dataset, data_dir, train=False)
    test = test.to(gan.device)
    n = min(samples, len(train), len(test))
    _check_count(n)
    progress("looking at real pictures")
    yardstick = _yardstick(dataset, train, test, n)
    progress("drawing samples")
    generated = draw(gan, samples)
    discriminator = _discriminator_figures(gan, test, labels, generated)
    progress("comparing samples with real pictures")
    model = yardstick.figures(generated[:n])
    progress("comparing real pictures with real pictures")
    own = _choice(len(train), n)
    floor = yardstick.figures(train[own.to(train.device)], own)
    return {
        "format": FORMAT,
        "dataset": dataset,
        "samples": n,
        "seed": SEED,
        "features": describe(),
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
        shares = measures.class_shares(classes)
        figures["class_kl"] = _rounded(measures.kl_from_uniform(shares))
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
    dataset = dataset or gan.config.training.get("dataset", "mnist")
    checksum = hashlib.sha256((Path(folder) / WEIGHTS_FILE).read_bytes()).hexdigest()
    metrics = {**evaluate(gan, dataset, data_dir, samples, progress), "weights_sha256": checksum}
    files.write_json(Path(folder) / METRICS_FILE, metrics)
    return metrics


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

    def figures(self, pixels: Tensor, own: Tensor | None = None) -> dict[str, Any]:
        """All figures of (n, 1, 28, 28) uint8 pictures; `own` are their places in the training set, if any."""
        features, classes = _look(pixels)
        figures: dict[str, Any] = _feature_figures(self.real.features, features)
        if self.has_digits:
            shares = measures.class_shares(classes)
            figures["class_histogram"] = [_rounded(share) for share in shares]
            figures["class_kl"] = _rounded(measures.kl_from_uniform(shares))
        to_each_other = _to_each_other(pixels)
        figures["exact_duplicates"] = _share(to_each_other == 0)
        figures["near_duplicates"] = _share(to_each_other <= self.near)
        nearest = measures.nearest_distances(pixels, self.train, own).quantile(0.5).item()
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
        unseen=measures.nearest_distances(real.pixels, train).quantile(0.5).item(),
        has_digits=dataset in data.DIGIT_DATASETS,
    )


def _to_each_other(pixels: Tensor) -> Tensor:
    return measures.nearest_distances(pixels, pixels, own=torch.arange(len(pixels)))


def _feature_figures(real: Tensor, fake: Tensor) -> dict[str, float]:
    precision, recall = measures.precision_recall(real, fake, NEIGHBOURS)
    density, coverage = measures.density_coverage(real, fake, NEIGHBOURS)
    return {
        "frechet_distance": _rounded(measures.frechet_distance(real, fake)),
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
    classifier = load_classifier(str(pixels.device))
    features = torch.cat([classifier.features(from_pixels(batch)) for batch in pixels.split(BATCH)])
    return features.cpu(), classifier.head(features).argmax(1).cpu()


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


class Row(NamedTuple):
    """One row of the table."""

    key: str
    label: str
    form: str
    better: str
    meaning: str


ROWS = (
    Row("frechet_distance", "Fréchet distance", ".2f", "lower", "between the clouds of features, taken as Gaussians"),
    Row("precision", "precision", ".3f", "higher", "share of samples that lie where real pictures do"),
    Row("recall", "recall", ".3f", "higher", "share of real pictures that lie where samples do"),
    Row("density", "density", ".3f", "higher", "real neighbourhoods a sample lies in; 1 if equally distributed"),
    Row("coverage", "coverage", ".3f", "higher", "share of real neighbourhoods that hold a sample"),
    Row("class_kl", "class KL", ".4f", "lower", "ten digits drawn equally often: 0; only one of them: 2.30 nats"),
    Row("exact_duplicates", "exact duplicates", ".2%", "lower", "samples that another sample equals in every pixel"),
    Row(
        "near_duplicates", "near duplicates", ".2%", "lower", "samples nearer to another one than 99 % of test pictures"
    ),
    Row("nearest_train_median", "nearest training", ".2f", "", "median pixel distance to the nearest training picture"),
    Row(
        "nearest_train_ratio", "  of real test's", ".3f", "near 1", "1: new, as test pictures are; far below 1: copies"
    ),
)


def format_table(metrics: dict[str, Any]) -> str:
    """metrics.json as lines for people: the model beside the floor, and what each row means."""
    model, floor = metrics["model"], metrics["floor"]
    cells = [("", "model", "real", "better", "")]
    for row in ROWS:
        if row.key in model:
            cells.append((row.label, *(format(side[row.key], row.form) for side in (model, floor)), *row[3:]))
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [
        f"{label:<{widths[0]}}  {ours:>{widths[1]}}  {real:>{widths[2]}}  {better:<{widths[3]}}  {meaning}".rstrip()
        for label, ours, real, better, meaning in cells
    ]
    if "class_histogram" in model:
        lines.append("")
        lines.append(f"{'digit':<{widths[0]}}  " + " ".join(f"{digit:>5}" for digit in range(10)))
        for name, side in (("model", model), ("real", floor)):
            shares = " ".join(f"{share:5.1%}" for share in side["class_histogram"])
            lines.append(f"{f'share, {name}':<{widths[0]}}  {shares}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        device = choose_device(options.device)
        if options.samples <= NEIGHBOURS:
            raise UserError(f"--samples must be more than {NEIGHBOURS}, not {options.samples}")
        for folder in options.checkpoints:
            with tqdm(total=STEPS, bar_format="{desc} {bar:20} {elapsed}", leave=False, disable=None) as bar:
                metrics = evaluate_checkpoint(
                    folder, options.dataset, options.data_dir, options.samples, device, functools.partial(_advance, bar)
                )
            print(
                f"{folder}: {metrics['samples']:,} samples against as many {metrics['dataset']} test pictures;"
                f" real: as many training pictures ({metrics['seconds']} s)\n\n{format_table(metrics)}\n"
            )
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _advance(bar: tqdm, step: str) -> None:
    bar.set_description_str(f"{step:<42}")
    bar.update()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gan_demo.evaluation",
        description="Measure how good and how varied a model's pictures are; print the table and write metrics.json.",
    )
    parser.add_argument("checkpoints", nargs="+", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    parser.add_argument("--dataset", help="compare with this data set (default: the one the model was trained on)")
    parser.add_argument("--data-dir", help="where data sets lie (default: $GAN_DEMO_DATA, else data)")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="how many to draw (default: %(default)s)")
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="where to work (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    main()
