"""What has D learned? A linear classifier on its features reads digits from few labels.

    python -m gan_demo evaluate --few-labels checkpoints/dcgan     measures, and adds it to metrics.json

The features are those of Radford 2016, section 5: the outputs of all hidden layers of the discriminator, the greatest
of each part of a map of 4x4. D has seen no label, unless it is conditional. Beside it stand the same network before
training, the pixels, and their 50 principal components.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gan_demo import data
from gan_demo.config import build
from gan_demo.errors import UserError
from gan_demo.evaluation import cache
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.part_tables import COMPONENTS
from gan_demo.evaluation.samples import SEED, batches, choose
from gan_demo.gan import GAN
from gan_demo.networks import initialise
from gan_demo.pixels import from_pixels

LABELS = (10, 100, 1000)  # equally many of each class
DRAWS = 10  # of labelled pictures, the same ones for every model
TESTED = 5_000  # test pictures that are read
UNLABELLED = 5_000  # training pictures that give means and scales
POOLED = 4  # rows and columns that a map is taken to
STRENGTH = 10.0  # scikit-learn's C, for features whose mean squared length is 1

Features = Callable[[Tensor], list[Tensor]]  # pictures (n, 1, 28, 28) in [-1, 1] -> blocks (n, width)


def measure(gan: GAN, dataset: str, data_dir: str | Path | None = None) -> dict[str, Any]:
    """The test accuracies of what is read from `part_tables.READERS`: [mean, standard deviation] for each of LABELS.

    Raises UserError where the data set has no labels, or too few of a class.
    """
    gan.config.check_shape("the evaluation")
    train, test = (data.load(dataset, data_dir, half) for half in (True, False))
    rows = draws(train, dataset)

    def compute() -> cache.Content:
        readers = {"pixels": _pixels, "components": _components(train)}
        return cache.Content({name: _accuracies(seen, train, test, rows) for name, seen in readers.items()}, {})

    key = cache.key("few-labels", torch.device("cpu"), train, test)  # its numbers are this code's
    of_pictures = cache.kept(cache.folder(data_dir), key, compute).figures
    readers = {"d": hidden(gan.discriminator), "d_untrained": hidden(untrained(gan))}
    of_networks = {name: _accuracies(seen, train, test, rows) for name, seen in readers.items()}
    tested = min(TESTED, len(test.images))
    return {"labels": list(LABELS), "draws": DRAWS, "tested": tested, **of_networks, **of_pictures}


def draws(train: data.Split, dataset: str) -> list[Tensor]:
    """DRAWS times the rows of max(LABELS) training pictures: the first n have equally many of each class."""
    if train.labels is None or not train.classes:
        raise UserError(f"{dataset} has no labels, and a reader of digits learns from some")
    each = max(LABELS) // train.classes
    random, found = torch.Generator().manual_seed(SEED), []
    if train.labels.bincount(minlength=train.classes).min() < each or min(LABELS) % train.classes:
        raise UserError(f"{dataset} needs ten classes and {each} labelled pictures of each")
    for _ in range(DRAWS):
        order = torch.randperm(len(train.labels), generator=random)
        of_class = [order[train.labels[order] == label][:each] for label in range(train.classes)]
        found.append(torch.stack(of_class, dim=1).flatten())  # one of each class, then the next of each
    return found


def hidden(discriminator: nn.Module) -> Features:
    """The outputs of a discriminator's hidden layers, a block each."""

    @torch.no_grad()
    def features(images: Tensor) -> list[Tensor]:
        device = next(discriminator.parameters()).device
        x, blocks = images.to(device), []
        for layer in discriminator.get_submodule("body").children():
            x = layer(x)
            if isinstance(layer, nn.LeakyReLU):
                pooled = nn.functional.adaptive_max_pool2d(x, POOLED) if x.ndim == 4 else x
                blocks.append(pooled.flatten(1).cpu())
        return blocks

    return features


def untrained(gan: GAN) -> nn.Module:
    """The discriminator as it was before its training, by the seed that its config names."""
    seed = gan.config.training.get("seed", 0)
    generator, discriminator = build(gan.config, "cpu")
    random = torch.Generator().manual_seed(seed if type(seed) is int and seed >= 0 else 0)
    initialise(generator, random)
    initialise(discriminator, random)
    return discriminator.eval()


def _pixels(images: Tensor) -> list[Tensor]:
    return [images.flatten(1)]


def _components(train: data.Split) -> Features:
    pixels = from_pixels(train.images).flatten(1).double()
    axes = torch.linalg.eigh(pixels.T.cov()).eigenvectors[:, -COMPONENTS:].float()
    return lambda images: [images.flatten(1) @ axes]


def _accuracies(features: Features, train: data.Split, test: data.Split, rows: list[Tensor]) -> list[list[float]]:
    """[mean, standard deviation] over the draws for each of LABELS."""
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    def all_of(split: data.Split, chosen: Tensor) -> list[Tensor]:
        parts = [features(from_pixels(split.images[chosen[some]])) for some in batches(len(chosen))]
        return [torch.cat(blocks) for blocks in zip(*parts, strict=True)]

    usual = all_of(train, choose(len(train.images), UNLABELLED))
    means = [block.mean(0) for block in usual]
    scales = [(block - mean).square().sum(1).mean().sqrt() for block, mean in zip(usual, means, strict=True)]
    # Each layer counts as much as another, and lengths are about 1, whatever their number.
    scales = [scale.clamp(min=1e-12) * len(usual) ** 0.5 for scale in scales]

    def scaled(blocks: list[Tensor]) -> Tensor:
        return torch.cat([(b - m) / s for b, m, s in zip(blocks, means, scales, strict=True)], dim=1)

    assert train.labels is not None and test.labels is not None
    asked = choose(len(test.images), TESTED)
    tested, truth = scaled(all_of(test, asked)), test.labels[asked].numpy()
    found: list[list[float]] = []
    for chosen in rows:
        known, labels = scaled(all_of(train, chosen)), train.labels[chosen].numpy()
        # The weights lie in the span of the labelled pictures: in its coordinates there are fewer of them.
        left, lengths, axes = torch.linalg.svd(known, full_matrices=False)
        known, seen = (left * lengths).numpy(), (tested @ axes.T).numpy()
        found.append([])
        for count in LABELS:
            reader = LogisticRegression(C=STRENGTH, max_iter=2000).fit(known[:count], labels[:count])
            found[-1].append(float((reader.predict(seen) == truth).mean()))
    table = torch.tensor(found, dtype=torch.float64)
    return [
        [rounded(mean), rounded(std)] for mean, std in zip(table.mean(0).tolist(), table.std(0).tolist(), strict=True)
    ]
