"""The search for directions of a latent space: found by direction_methods.py, then measured and named.

    python -m gan_demo directions checkpoints/mlp      finds them and writes directions.safetensors

Each direction is stepped along, both ways, from the same latents, and what happens to slant, stroke width, size,
roundness and the recognised digit is averaged. In w it is the same search, in coordinates in which what is drawn has
the covariance I, as it has in z: one unit is one standard deviation in both.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gan_demo.checkpoint import checksum
from gan_demo.classifier import load_classifier
from gan_demo.config import CLASSES
from gan_demo.data import DIGIT_DATASETS
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.latent import direction_methods, ink
from gan_demo.latent.directions import STEP, Direction, Directions, Effect, measure_names
from gan_demo.latent.spaces import LatentSpace, spaces_of
from gan_demo.pixels import batches, from_pixels, to_pixels

SEED = 20_200_408  # far from the small numbers that people type
SAMPLES = 5000  # pictures from which linear models learn
FEATURE_SAMPLES = 2048  # of them, for principal components
PROBES = 80  # latents from which each direction is measured
UNSUPERVISED = 8  # directions by GANSpace, and as many by SeFa
APPEARS = 0.005  # share of the samples from which on a digit is not the classifier's mistake

Progress = Callable[[str], None]  # is told what begins, STAGES times
STAGES = 4


class Found(NamedTuple):
    """A direction that was found and is not measured yet."""

    name: str
    vector: Tensor  # (k,) float64 of length 1, in the coordinates of a `Place`
    still: Tensor | None  # the same made orthogonal to others; None where there is no such thing
    fit: float  # see `Direction`


def find_for(
    folder: str | Path, seed: int = SEED, device: str = "cpu", progress: Progress = lambda stage: None
) -> Directions:
    """`find` the directions of a checkpoint and write its directions.safetensors; raises UserError."""
    gan = GAN.from_pretrained(folder).to(device)
    found = find(gan, checksum(folder), seed, SAMPLES, PROBES, progress)
    found.save(folder)
    return found


def find(
    gan: GAN,
    weights: str = "",
    seed: int = SEED,
    samples: int = SAMPLES,
    probes: int = PROBES,
    progress: Progress = lambda stage: None,
) -> Directions:
    """Find and measure the directions of a GAN in z, and in w if it has one; `weights` is the checksum of its file.

    The same seed finds the same ones. Raises UserError where the generator gives no numbers or always one picture.
    """
    gan.config.check_shape("the search for directions")
    digits = gan.config.dataset in DIGIT_DATASETS
    names = measure_names(digits)
    progress("drawing samples")
    drawn = Samples.of(gan, seed, samples, digits)
    spread = drawn.without_class_means(drawn.measures).std(0)
    if not spread[: len(ink.MEASURES)].max() > 0:
        raise UserError("all pictures of this generator are alike, so there are no directions to be found")
    places = [Place.of(LatentSpace(gan, name), drawn) for name in spaces_of(gan) if name in ("z", "w")]
    progress("principal components of early features")
    unsupervised = [_unsupervised(place, drawn.first(FEATURE_SAMPLES)) for place in places]
    progress("linear models")
    found = [
        [*_supervised(place, drawn, names, spread), *more] for place, more in zip(places, unsupervised, strict=True)
    ]
    progress("measuring each direction")
    seen = Samples.of(gan, seed + 1, probes, digits)
    in_each = [_measured(place, some, names, spread, seen, weights) for place, some in zip(places, found, strict=True)]
    return in_each[0] if len(in_each) == 1 else replace(in_each[0], in_w=in_each[1])


@dataclass(frozen=True)
class Samples:
    """Latents, and what was measured of their pictures."""

    z: Tensor  # (n, latent_dim) float32
    asked: Tensor | None  # (n,) int64: the digits that a conditional model was asked for
    measures: Tensor  # as `measure` returns them
    digits: bool  # whether pictures are digits

    @classmethod
    def of(cls, gan: GAN, seed: int, count: int, digits: bool) -> "Samples":
        """`count` rows of a seed; a conditional model draws each digit in turn."""
        z = gan.latents(count, seed).cpu()
        asked = torch.arange(count) % gan.config.classes if gan.config.classes else None
        return cls(z, asked, measure(gan, z, asked, digits), digits)

    def first(self, count: int) -> "Samples":
        """The first `count` rows."""
        asked = None if self.asked is None else self.asked[:count]
        return Samples(self.z[:count], asked, self.measures[:count], self.digits)

    def without_class_means(self, values: Tensor) -> Tensor:
        """(n, ...) values less the mean of their class: what the latent does, whatever digit is asked for."""
        if self.asked is None:
            return values - values.mean(0)
        count = int(self.asked.max()) + 1
        sums = torch.zeros(count, *values.shape[1:], dtype=values.dtype).index_add_(0, self.asked, values)
        counts = torch.bincount(self.asked, minlength=count).clamp(min=1)
        return values - (sums / counts.view(-1, *[1] * (values.ndim - 1)))[self.asked]


@dataclass(frozen=True)
class Place:
    """A latent space, and where the samples lie in it: in coordinates of covariance I."""

    space: LatentSpace
    points: Tensor  # (n, k) float64: z itself, and of w what `whiten` makes of it
    units: Tensor  # (k, latent_dim) float64: one unit of each coordinate

    @classmethod
    def of(cls, space: LatentSpace, drawn: Samples) -> "Place":
        """That of samples; in w less the mean of their class."""
        points = space.of(drawn.z, drawn.asked).cpu().double()
        if space.name == "z":
            return cls(space, points, torch.eye(points.shape[1], dtype=torch.float64))
        return cls(space, *direction_methods.whiten(drawn.without_class_means(points)))


def _unsupervised(place: Place, drawn: Samples) -> list[Found]:
    """Directions that need no labels: by GANSpace and by SeFa."""
    gan, points = place.space.gan, place.points[: len(drawn.z)]
    features = direction_methods.early_features(gan, drawn.z, drawn.asked).cpu().double()
    count = min(UNSUPERVISED, gan.config.latent_dim)
    by_method = {
        "pca": direction_methods.ganspace(points, drawn.without_class_means(features), count),
        "sefa": direction_methods.sefa(place.space.matrix() @ place.units.T, count),
    }
    return [
        Found(f"{method}-{number}", vector, None, share)
        for method, (vectors, shares) in by_method.items()
        for number, (vector, share) in enumerate(zip(vectors, shares.tolist(), strict=True), 1)
    ]


def _supervised(place: Place, drawn: Samples, names: list[str], spread: Tensor) -> list[Found]:
    """A direction for each measure that varies, and for each digit that an unconditional model draws."""
    points = place.points
    normals: dict[str, tuple[Tensor, float]] = {}
    for column, name in enumerate(names):
        values = drawn.measures[:, column]
        if name in ink.MEASURES:
            if spread[column] > 0:
                normals[name] = direction_methods.least_squares(points, drawn.without_class_means(values))
        # Which digit a conditional model draws is not up to the latent.
        elif drawn.asked is None and APPEARS <= values.mean().item() <= 1 - APPEARS:
            normals[name] = direction_methods.logistic(points, values > 0)
    found = []
    for name, (normal, fit) in normals.items():
        # Slant, say, keeps the other measures and all digits still; a digit keeps the measures, but not other digits.
        others = [v for other, (v, _) in normals.items() if other != name and {name, other} & set(ink.MEASURES)]
        still = direction_methods.orthogonalise(normal, torch.stack(others)) if others else normal
        found.append(Found(name, normal, still if still.any() else None, fit))
    return found


def _measured(
    place: Place, found: list[Found], names: list[str], spread: Tensor, probes: Samples, weights: str
) -> Directions:
    """What was found, with what each direction does from the probes."""
    starts = place.space.of(probes.z, probes.asked).cpu()
    sizes = {name: float(f"{value:.4g}") for name, value in zip(names, spread.tolist(), strict=True)}
    measured, vectors, stills = [], [], []
    for name, in_place, still_in_place, fit in found:
        vector = in_place @ place.units
        still = None if still_in_place is None else still_in_place @ place.units
        effect = _effect(place.space, starts, probes, vector, names)
        mostly = max(names, key=lambda one: abs(effect.moves[one]) / sizes[one] if sizes[one] else 0.0)
        if name.startswith(("pca", "sefa")) and effect.moves[mostly] < 0:  # an eigenvector has no sign of its own
            vector = -vector
            effect = Effect({one: -value + 0.0 for one, value in effect.moves.items()}, effect.stays)
        effect_of_still = None if still is None else _effect(place.space, starts, probes, still, names)
        measured.append(Direction(name, mostly, round(fit, 4), effect, effect_of_still))
        vectors.append(vector)
        stills.append(vector if still is None else still)
    return Directions(
        tuple(measured), torch.stack(vectors).float(), torch.stack(stills).float(), sizes, len(probes.z), weights
    )


def _effect(space: LatentSpace, starts: Tensor, probes: Samples, vector: Tensor, names: list[str]) -> Effect:
    """Step along a direction from the points of the probes, both ways, and see what changes."""
    ways = [
        measure(space.gan, starts + way * vector.float(), probes.asked, probes.digits, space.name)
        for way in (STEP, -STEP)
    ]
    change = (ways[0] - ways[1]).mean(0) / (2 * STEP)
    moves = {name: float(f"{value:.4g}") for name, value in zip(names, change.tolist(), strict=True)}
    if not probes.digits:
        return Effect(moves, None)
    before, *after = (some[:, len(ink.MEASURES) :].argmax(1) for some in (probes.measures, *ways))
    same = torch.cat([digit == before for digit in after])
    return Effect(moves, round(same.double().mean().item(), 4))


@torch.inference_mode()
def measure(gan: GAN, points: Tensor, asked: Tensor | None = None, digits: bool = True, space: str = "z") -> Tensor:
    """What is measured of the pictures of points (n, latent_dim) of a space: (n, 14) float64, or (n, 4) without digits.

    The measures of ink, then 1 in the column of the digit that the classifier recognises, and 0 elsewhere. Raises
    UserError where a picture holds NaN or infinite values.
    """
    found = []
    for rows in batches(len(points)):
        images = LatentSpace(gan, space).generate(points[rows], None if asked is None else asked[rows])
        if not images.isfinite().all():
            raise UserError("some pictures of the generator hold NaN or infinite values")
        pixels = to_pixels(images)
        columns = [ink.measure(pixels.cpu())]
        if digits:
            recognised = load_classifier(str(pixels.device)).predict(from_pixels(pixels)).cpu()
            columns.append(one_hot(recognised, CLASSES).double())
        found.append(torch.cat(columns, dim=1))
    return torch.cat(found)
