"""The search for typical latents: to the nearest of them truncation leads (latent/truncation.py).

    python -m gan_demo typical checkpoints/dcgan       finds them and writes typical.safetensors

Of many random latents those are looked for whose pictures lie densest among real training pictures, in the features of
the classifier, and which are unlike each other: of the densest quarter, the ones in the middle of clusters.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_demo import classifier, data
from gan_demo.checkpoint import read_config
from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.evaluation import parts
from gan_demo.evaluation.real_pictures import NEIGHBOURS, classify
from gan_demo.evaluation.samples import LIGHT_SAMPLES, choose, draw
from gan_demo.gan import GAN
from gan_demo.latent import truncation
from gan_demo.networks import ARCHITECTURES

SEED = 20_220_224  # far from the small numbers that people type
LATENTS, LATENTS_ASKED = 10_000, 3_000  # among which is looked; of conditional models, each as every class
REAL = 20_000  # training pictures that say where real ones lie dense
COUNT = 64  # typical latents
DENSE = 0.25  # share of the latents, of those with the densest pictures, among which clusters are looked for
STAGES = 3

Progress = Callable[[str], None]  # is told what begins, STAGES times


def find_for(
    folder: str | Path,
    data_dir: str | Path | None = None,
    device: str = "cpu",
    progress: Progress = lambda stage: None,
    dataset: str | None = None,
) -> Tensor:
    """`find` the typical latents of a checkpoint and write its typical.safetensors; raises UserError.

    The real pictures are those that the model learned from, which may have moved to `dataset`.
    """
    gan = GAN.from_pretrained(folder).to(device)
    found = find(gan, data.load(dataset or gan.config.dataset, data_dir).images, progress=progress)
    truncation.save(folder, found)
    return found


def end_training(
    folder: str | Path, data_dir: str | Path | None, device: str, progress: Progress = lambda stage: None
) -> dict[str, Any]:
    """Find the typical latents of a model that was trained, and measure truncation with few samples.

    A style generator has no need of them: truncation brings its w nearer to the mean. Returns the part of metrics.json.
    Raises UserError as `find_for` and `parts.add` do.
    """
    if not ARCHITECTURES[read_config(folder).model].spherical:
        find_for(folder, data_dir, device, progress)
    progress("measuring truncation")
    return parts.add(folder, "truncation", data_dir, LIGHT_SAMPLES, device)


def find(
    gan: GAN,
    real: Tensor,
    latents: int | None = None,
    count: int = COUNT,
    progress: Progress = lambda stage: None,
) -> Tensor:
    """Find `count` typical latents, (count, latent_dim), by real training pictures (m, 1, 28, 28) uint8.

    Fewer where a digit is hardly ever drawn. Those of a conditional model are typical whichever class is asked for.
    Raises UserError where there are too few pictures, or the generator gives no numbers.
    """
    gan.config.check_shape("the search for typical latents")
    if len(real) <= NEIGHBOURS:
        raise UserError(f"typical latents are looked for by more than {NEIGHBOURS} pictures, and there are {len(real)}")
    progress("looking at real pictures")
    seen, _ = classify(real[choose(len(real), min(REAL, len(real)))].to(gan.device))
    progress("drawing samples")
    latents = latents or (LATENTS_ASKED if gan.config.classes else LATENTS)
    z = gan.latents(latents, SEED).cpu()
    features = [classify(draw(gan, latents, SEED, asked))[0] for asked in _asked(gan, latents)]
    progress("looking for typical ones")
    distances = torch.stack([_to_real(one, seen) for one in features])
    unlikely = (distances / distances.median(1, keepdim=True).values).mean(0)
    rows = _apart(unlikely, torch.cat(features, 1), _digits(features[0]) if len(features) == 1 else None, count)
    return z[rows]


def _asked(gan: GAN, count: int) -> list[Tensor | None]:
    """What a conditional model is asked for: each class for all latents."""
    classes = gan.config.classes
    return [torch.full((count,), label) for label in range(classes)] if classes else [None]


@torch.inference_mode()
def _to_real(features: Tensor, real: Tensor) -> Tensor:
    """The distance of each picture to its NEIGHBOURS-th nearest real one: (n,) float32."""
    return torch.cat([torch.cdist(some, real).kthvalue(NEIGHBOURS, 1).values for some in features.split(500)])


@torch.inference_mode()
def _digits(features: Tensor) -> Tensor:
    """The digits that the classifier reads in pictures, by their features: (n,) int64."""
    return classifier.load_classifier("cpu").head(features).argmax(1)


def _apart(unlikely: Tensor, features: Tensor, digits: Tensor | None, count: int) -> Tensor:
    """`count` rows that are likely and unlike each other, as many of each digit: (count,) int64.

    Fewer where a digit is rare. `unlikely` (n,) is small for what is likely; `digits` None takes all together.
    """
    groups = [torch.arange(len(unlikely))]
    if digits is not None:
        groups = [(digits == digit).nonzero().flatten() for digit in range(CLASSES)]
    found = []
    for place, rows in enumerate(groups):
        wanted = count // len(groups) + (place < count % len(groups))
        dense = rows[unlikely[rows].argsort(stable=True)[: max(wanted, int(DENSE * len(rows)))]]
        found.append(dense[_medoids(features[dense], wanted)] if len(dense) > wanted else dense[:wanted])
    return torch.cat(found)


def _medoids(points: Tensor, count: int) -> Tensor:
    """Of each of `count` clusters the point nearest to its mean: (count,) rows, fewer where clusters are empty."""
    from scipy.cluster.vq import kmeans2

    means, clusters = kmeans2(points.double().numpy(), count, minit="++", seed=np.random.default_rng(SEED))
    away = (points.double() - torch.from_numpy(means[clusters])).square().sum(1)
    members = [torch.from_numpy(np.flatnonzero(clusters == cluster)) for cluster in range(count)]
    return torch.stack([rows[away[rows].argmin()] for rows in members if len(rows)])
