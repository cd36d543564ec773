"""The latent whose picture is nearest to a given one; and of a picture that is known in part only, what fits.

    state = invert(gan, whole(pictures))      # (b, 1, 28, 28) -> latents, their pictures and errors

A picture x is inverted by following latents z downhill to where G(z) is nearest to x, with a price on norms that
random latents do not have. Of 1,024 random latents (the same for every picture) the nearest are followed by
Adam, all of them for a while and then the best. With a `Goal` that counts some pixels only, the same search
repairs pictures (Yeh et al. 2017); with one that knows a picture of 7x7, it finds digits that look like it from
afar (PULSE, Menon et al. 2020). Both have many answers, and several are given.

A style generator is inverted in w and in W+, too (Abdal 2019), by the same search in other coordinates. In those of w
what the model draws has mean 0 and covariance 1, as latents z have: so a step, and the distance from the mean, mean the
same as in z (Zhu 2020, "Improved StyleGAN embedding", section 3).

There is no encoder: its guess begins nearer, but after sixty steps the search is no nearer than from random latents
(docs/decisions.md). Those cost no file and, once drawn, no time.
"""

import functools
import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, softplus

from gan_demo.classifier import load_classifier
from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.latent.spaces import LatentSpace
from gan_demo.networks import IMAGE_SIZE, StyleGenerator

CANDIDATES = 1024  # random latents among which the starts are looked for
CANDIDATE_SEED = 20_161_223
BATCH = 128  # candidates in the networks at once
SMALL = 7  # side of the picture that `enlarge` starts from
LEARNING_RATE = 0.1  # Adam's at the start: a tenth of a latent's standard deviation
BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-12
NOISE = 0.05  # an error that a good generator leaves: what the two weights are measured by
PRIOR = 4.0  # weight of the prior: enough to keep the norm near sqrt(d), too little to be seen in the error
PRIOR_IN_W = 1.0  # weight of the distance from the mean: what is found stays nearer to it, at hardly any cost in error
LEAST_SPREAD = 1e-6  # of w in a direction, as a share of the greatest variance
REALISM = 0.8  # weight of D's opinion where the picture leaves it open: Yeh's lambda
SHOW_EVERY = 10  # steps from one state to the next
PATIENCE, IMPROVEMENT = 60, 0.01  # stop when so many steps have improved the error by less than this share
UNSEEN = 0.25 / 255  # an error that 8 bits do not show
FITS = 0.04  # an error that is one answer as good as another, if many are asked for: ten grey levels
ALIKE = 0.06  # answers nearer to each other than this are one

Plan = tuple[tuple[int, int], ...]  # so many latents are followed for so many steps, then the best of them
NEAREST: Plan = ((8, 60), (2, 240))
SEVERAL: Plan = ((10, 150),)


class Goal(NamedTuple):
    """What is known of some pictures, and how much it counts."""

    wanted: Tensor  # (b, 1, s, s) float32 in [-1, 1]; s divides 28
    weights: Tensor | None = None  # (b, 1, 28, 28), of mean 1 where they are not 0; None: all pixels count the same
    realism: float = 0.0  # weight of D's opinion
    diverse: bool = False  # begin with the nearest of each digit, not with the nearest
    plan: Plan = NEAREST
    space: str = "z"  # where the latents are looked for, one of `spaces_of` the model


class State(NamedTuple):
    """How far a search is: for each of b pictures k latents, in an order that stays while k does."""

    step: int  # 0: the nearest candidates
    steps: int  # at most
    z: Tensor  # (b, k, latent_dim): points of the goal's space, in W+ (b, k, layers, latent_dim)
    labels: Tensor | None  # (b, k) int64, of conditional models
    pictures: Tensor  # (b, k, 1, 28, 28) in [-1, 1]
    errors: Tensor  # (b, k): root mean square difference from what is wanted, black 0 and white 1
    done: bool = False

    @property
    def least(self) -> Tensor:
        """The error of the best latent for each picture: (b,)."""
        return self.errors.amin(1)


def whole(pictures: Tensor, space: str = "z") -> Goal:
    """Find the nearest picture: (b, 1, 28, 28) in [-1, 1]."""
    return Goal(pictures, space=space)


def repair(pictures: Tensor, holes: Tensor) -> Goal:
    """Fill holes, (b, 1, 28, 28) bool, so that the rest fits and D believes it (Yeh et al. 2017, section 3.2).

    As in their equation 3, a pixel counts the more, the more of its 7x7 neighbourhood is missing; pixels farther
    away, which they leave out, count a little. Raises UserError where nothing or everything is masked.
    """
    share = holes.float().mean().item()
    if not 0 < share < 1:
        raise UserError("mask a part of the picture: neither nothing nor all of it")
    missing = avg_pool2d(holes.float(), 7, stride=1, padding=3)
    weights = (0.3 + missing) * ~holes
    weights = weights / (weights.sum((1, 2, 3), keepdim=True) / (~holes).sum((1, 2, 3), keepdim=True))
    return Goal(pictures, weights, REALISM, diverse=True, plan=SEVERAL)


def enlarge(small: Tensor) -> Goal:
    """Find pictures that are `small`, (b, 1, 7, 7) in [-1, 1], when they are reduced (Menon et al. 2020)."""
    return Goal(small, None, REALISM, diverse=True, plan=SEVERAL)


def reduce(pictures: Tensor, side: int = SMALL) -> Tensor:
    """Reduce pictures, (n, 1, 28, 28) -> (n, 1, side, side): the mean of the pixels that fall on one."""
    return adaptive_avg_pool2d(pictures, side)


# The search -----------------------------------------------------------------------------------------------


class Frame(NamedTuple):
    """Coordinates u of a w = middle + u axes, in which the w of random latents have mean 0 and covariance 1."""

    middle: Tensor  # (classes or 1, latent_dim): the mean w of each class
    axes: Tensor  # (latent_dim, latent_dim): the root of the covariance within a class, which is symmetric
    inverse: Tensor  # of the axes

    @classmethod
    def of(cls, w: Tensor, middle: Tensor, labels: Tensor | None) -> "Frame":
        """Coordinates for w (n, latent_dim) whose classes are `labels`."""
        away = (w - middle[0 if labels is None else labels]).cpu().double()
        values, vectors = torch.linalg.eigh(away.T @ away / len(away))
        roots = values.clamp(min=values.max() * LEAST_SPREAD).sqrt()
        axes, inverse = ((vectors * scale) @ vectors.T for scale in (roots, 1 / roots))
        return cls(middle, axes.to(w), inverse.to(w))

    def coordinates(self, w: Tensor, labels: Tensor | None) -> Tensor:
        """w (b, k, ..., latent_dim) of classes (b, k) -> u."""
        return (w - self._middle(w, labels)) @ self.inverse

    def points(self, u: Tensor, labels: Tensor | None) -> Tensor:
        """u (b, k, ..., latent_dim) of classes (b, k) -> w."""
        return self._middle(u, labels) + u @ self.axes

    def _middle(self, like: Tensor, labels: Tensor | None) -> Tensor:
        middle = self.middle[0] if labels is None else self.middle[labels]
        return middle if labels is None or like.ndim == 3 else middle[:, :, None]


class Candidates(NamedTuple):
    """Random latents of one GAN, and what they look like."""

    z: Tensor  # (n, latent_dim)
    labels: Tensor | None  # (n,) of conditional models: each digit in turn
    pictures: Tensor  # (n, 1, 28, 28)
    digits: Tensor  # (n,) int64, as the classifier reads them
    mean: Tensor  # of D's raw outputs, ()
    deviation: Tensor  # of D's raw outputs, ()
    frame: Frame | None  # of a style generator


def candidates(gan: GAN) -> Candidates:
    """The random latents of a GAN among which starts are looked for: the same for every picture, so drawn once."""
    return _candidates(gan, gan.device)


@functools.lru_cache(maxsize=6)
@torch.no_grad()
def _candidates(gan: GAN, device: torch.device) -> Candidates:
    """Draw `candidates`. A GAN that was moved to another `device` gets others."""
    z = gan.latents(CANDIDATES, CANDIDATE_SEED)
    labels = torch.arange(CANDIDATES, device=device) % gan.config.classes if gan.config.classes else None
    pictures, digits, scores = [], [], []
    for rows in torch.arange(CANDIDATES, device=device).split(BATCH):
        asked = None if labels is None else labels[rows]
        pictures.append(gan.generator(z[rows], asked))
        scores.append(gan.discriminator(pictures[-1], asked))
        digits.append(load_classifier(device).logits(pictures[-1]).argmax(1))
    deviation, mean = torch.std_mean(torch.cat(scores))
    frame = None
    if isinstance(gan.generator, StyleGenerator):
        mapping = gan.generator.mapping
        frame = Frame.of(mapping(z, labels), mapping.mean.clone(), labels)
    return Candidates(z, labels, torch.cat(pictures), torch.cat(digits), mean, deviation.clamp(min=1e-6), frame)


def search(gan: GAN, goal: Goal, digit: int | None = None, starts: Tensor | None = None) -> Iterator[State]:
    """Come nearer step by step; the last state is the result. Bounded by the goal's plan.

    A conditional model draws `digit`, or without it whichever of the ten is nearest. An unconditional one may be
    given `starts`, (b, k, latent_dim), in place of the nearest candidates. Raises UserError where it is asked for a
    digit, and where the model has not the goal's space.
    """
    space = LatentSpace(gan, goal.space)
    if digit is not None:
        gan.labels(digit, 1)  # raises
    goal = goal._replace(wanted=goal.wanted.to(gan.device), weights=_to(goal.weights, gan))
    z, labels = nearest(gan, goal, goal.plan[0][0], digit) if starts is None else (starts, None)
    z = _from_z(gan, goal.space, z, labels)
    average, square = torch.zeros_like(z), torch.zeros_like(z)
    counts = [count for count, steps in goal.plan for _ in range(steps)]
    step, history = 0, []
    for step, count in enumerate(counts):
        if count < z.shape[1]:
            best = _best(gan, goal, z, labels, count)
            z, average, square = (_pick(tensor, best) for tensor in (z, average, square))
            labels = None if labels is None else labels.gather(1, best)
        if step % SHOW_EVERY == 0:
            state = _state(gan, goal, _points(gan, goal.space, z, labels), labels, step)
            history.append(state.errors.mean(1) if goal.diverse else state.least)
            if _stalled(history, final=count == counts[-1]):
                break
            yield state
        gradient = _gradient(gan, goal, z, labels)
        # Adam (Kingma and Ba 2015, algorithm 1), its rate falling as half a cosine.
        average = BETA1 * average + (1 - BETA1) * gradient
        square = BETA2 * square + (1 - BETA2) * gradient.square()
        mean, scale = average / (1 - BETA1 ** (step + 1)), (square / (1 - BETA2 ** (step + 1))).sqrt()
        z = z - LEARNING_RATE * (1 + math.cos(math.pi * step / len(counts))) / 2 * mean / (scale + EPSILON)
    kept = space.rounded(_points(gan, goal.space, z, labels))  # as an address can hold it
    yield _state(gan, goal, kept, labels, step, done=True)


def nearest(gan: GAN, goal: Goal, count: int, digit: int | None = None) -> tuple[Tensor, Tensor | None]:
    """The candidates that a search begins with by itself: latents (b, count, latent_dim), and of conditional models
    their digits (b, count).
    """
    pool = candidates(gan)
    kept = _starts(pool, goal, count, digit)
    return pool.z[kept], None if pool.labels is None else pool.labels[kept]


def invert(gan: GAN, goal: Goal, digit: int | None = None) -> State:
    """The last state of `search`."""
    *_, last = search(gan, goal, digit)
    return last


def answers(state: State, most: int = 6) -> list[int]:
    """The latents of the first picture that are answers, the best first: those that fit, and differ from each other."""
    chosen: list[int] = []
    limit = max(1.5 * state.least[0].item(), FITS)
    for row in state.errors[0].argsort().tolist():
        apart = [_errors(state.pictures[0, row], state.pictures[0, other], None).item() for other in chosen]
        if state.errors[0, row] <= limit and min(apart, default=1.0) > ALIKE and len(chosen) < most:
            chosen.append(row)
    return chosen


def prior(z: Tensor) -> Tensor:
    """-log of the density of |z| for z ~ N(0, I), up to a constant, per number: (..., d) -> (...).

    r^2/2 - (d - 1) log r, least at r = sqrt(d - 1), where nearly all of N(0, I) lies. The density of z itself
    is greatest at 0, where nearly nothing lies, and would pull there.
    """
    d = z.shape[-1]
    r = torch.linalg.vector_norm(z, dim=-1).clamp(min=1e-6)
    return (r.square() / 2 - (d - 1) * r.log()) / d


def _starts(pool: Candidates, goal: Goal, count: int, digit: int | None) -> Tensor:
    """The candidates to begin with: (b, count) int64."""
    errors = torch.stack([_errors(pool.pictures, wanted, weights) for wanted, weights in _rows(goal)])  # (b, n)
    allowed = torch.arange(CANDIDATES, device=errors.device)
    if digit is not None:
        allowed = allowed[pool.labels == digit]
    errors, digits = errors[:, allowed], pool.digits[allowed]
    order = errors.argsort(1)
    if goal.diverse and digit is None:
        # How many nearer candidates are read as the same digit: first the nearest of each digit, then the second.
        named = torch.nn.functional.one_hot(digits[order], CLASSES)
        place = (named.cumsum(1) * named).sum(2)
        order = order.gather(1, place.argsort(dim=1, stable=True))
    return allowed[order[:, :count]]


def _from_z(gan: GAN, space: str, z: Tensor, labels: Tensor | None) -> Tensor:
    """The coordinates in which a search in `space` begins at latents z (b, k, latent_dim)."""
    if space == "z":
        return z
    here = LatentSpace(gan, space)
    points = here.of(z.flatten(0, 1), None if labels is None else labels.flatten()).clone()
    return _frame(gan).coordinates(points.unflatten(0, z.shape[:2]), labels)


def _points(gan: GAN, space: str, z: Tensor, labels: Tensor | None) -> Tensor:
    """The points of `space` that have these coordinates."""
    return z if space == "z" else _frame(gan).points(z, labels)


def _frame(gan: GAN) -> Frame:
    frame = candidates(gan).frame
    assert frame is not None
    return frame


@torch.enable_grad()
def _gradient(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None) -> Tensor:
    """The gradient of each latent's price with respect to its coordinates, of their shape."""
    z = z.detach().requires_grad_(True)
    price = _price(gan, goal, z, labels)
    return torch.autograd.grad(price.sum(), z)[0]  # of z only: the weights are shared, and nobody else's business


@torch.no_grad()
def _best(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None, count: int) -> Tensor:
    """The latents of least price: (b, count) int64."""
    return _price(gan, goal, z, labels).topk(count, largest=False).indices


def _price(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None) -> Tensor:
    """What is minimised, (b, k), at coordinates z."""
    pictures = _draw(gan, goal, _points(gan, goal.space, z, labels), labels)
    errors = _errors(pictures, goal.wanted[:, None], None if goal.weights is None else goal.weights[:, None])
    # The nearer the pictures are, the less the rest may pull them apart: what is exact stays exact.
    noise = errors.detach().clamp(max=NOISE).square()
    price = errors.square() + noise * _unlikely(goal.space, z)
    if goal.realism:
        # Yeh's prior loss is log(1 - D). In units of what this D says of its generator's random pictures it
        # means the same for a critic's score as for a logit.
        pool = candidates(gan)
        asked = None if labels is None else labels.flatten()
        score = (gan.discriminator(pictures.flatten(0, 1), asked).view(errors.shape) - pool.mean) / pool.deviation
        price = price + noise * goal.realism * softplus(-score)
    return price


def _unlikely(space: str, z: Tensor) -> Tensor:
    """What coordinates cost beside the error, in units of `noise`: (b, k)."""
    if space == "z":
        return PRIOR * prior(z)
    return PRIOR_IN_W * z.square().flatten(2).mean(2)


def _draw(gan: GAN, goal: Goal, points: Tensor, labels: Tensor | None) -> Tensor:
    """The pictures of points (b, k, ...): (b, k, 1, 28, 28)."""
    asked = None if labels is None else labels.flatten()
    return LatentSpace(gan, goal.space).draw(points.flatten(0, 1), asked).unflatten(0, points.shape[:2])


def _errors(pictures: Tensor, wanted: Tensor, weights: Tensor | None) -> Tensor:
    """Root (weighted) mean square difference, black 0 and white 1: (..., 1, 28, 28) each -> (...)."""
    if wanted.shape[-1] < IMAGE_SIZE:
        side = wanted.shape[-1]
        pictures = reduce(pictures.flatten(0, -4), side).unflatten(0, pictures.shape[:-3])
    squares = ((pictures - wanted) / 2).square()
    if weights is not None:
        return ((squares * weights).sum((-3, -2, -1)) / weights.sum((-3, -2, -1)) + 1e-12).sqrt()
    return (squares.mean((-3, -2, -1)) + 1e-12).sqrt()  # at 0 a root has no slope


@torch.no_grad()
def _state(gan: GAN, goal: Goal, points: Tensor, labels: Tensor | None, step: int, done: bool = False) -> State:
    pictures = _draw(gan, goal, points, labels)
    weights = None if goal.weights is None else goal.weights[:, None]
    errors = _errors(pictures, goal.wanted[:, None], weights)
    return State(step, sum(steps for _, steps in goal.plan), points, labels, pictures, errors, done)


def _stalled(history: list[Tensor], final: bool) -> bool:
    """Whether nothing more is to be gained for any of the pictures."""
    now = history[-1]
    if (now <= UNSEEN).all():
        return True
    back = PATIENCE // SHOW_EVERY
    return final and len(history) > back and bool((now > (1 - IMPROVEMENT) * history[-1 - back]).all())


def _pick(tensor: Tensor, rows: Tensor) -> Tensor:
    """Take the rows (b, k) of (b, n, ...): (b, k, ...)."""
    return tensor[torch.arange(len(tensor), device=tensor.device)[:, None], rows]


def _rows(goal: Goal) -> Iterator[tuple[Tensor, Tensor | None]]:
    for row, wanted in enumerate(goal.wanted):
        yield wanted, None if goal.weights is None else goal.weights[row]


def _to(tensor: Tensor | None, gan: GAN) -> Tensor | None:
    return None if tensor is None else tensor.to(gan.device)
