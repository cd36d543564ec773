"""The latent whose picture is nearest to a given one; and of a picture that is known in part only, what fits.

    python -m gan_demo.inversion checkpoints/mlp          measures how near real digits can be reached
    python -m gan_demo.inversion --table checkpoints/*    prints what was measured, as Markdown

A picture x is inverted by following latents z downhill to where G(z) is nearest to x, with a price on norms that
random latents do not have. Of 1,024 random latents (the same for every picture) the nearest are followed by
Adam, all of them for a while and then the best. With a `Goal` that counts some pixels only, the same search
repairs pictures (Yeh et al. 2017); with one that knows a picture of 7x7, it finds digits that look like it from
afar (PULSE, Menon et al. 2020). Both have many answers, and several are given.

There is no encoder, because one was measured: a net of two hidden layers that had seen 20,000 to 30,000 pairs
(z, G(z)) guessed a start that was no better than the nearest two of the random latents, after as many steps, for
the MLP and the DCGAN alike. Those cost no file and, once drawn, no time.
"""

import argparse
import functools
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, softplus

from gan_demo import data, files
from gan_demo.classifier import load_classifier
from gan_demo.devices import choose_device
from gan_demo.errors import UserError
from gan_demo.gan import CLASSES, GAN, INVERSION_FILE, checksum, from_pixels
from gan_demo.networks import IMAGE_SIZE

CANDIDATES = 1024  # random latents among which the starts are looked for
CANDIDATE_SEED = 20_161_223
BATCH = 128  # candidates in the networks at once
SMALL = 7  # side of the picture that `enlarge` starts from
LEARNING_RATE = 0.1  # Adam's at the start: a tenth of a latent's standard deviation
BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-12
NOISE = 0.05  # an error that a good generator leaves: what the two weights are measured by
PRIOR = 4.0  # weight of the prior: the norm then stays within 0.5 of sqrt(64), at no cost in error
REALISM = 0.8  # weight of D's opinion where the picture leaves it open: Yeh's lambda
SHOW_EVERY = 10  # steps from one state to the next
PATIENCE, IMPROVEMENT = 60, 0.01  # stop when so many steps have improved the error by less than this share
UNSEEN = 0.25 / 255  # an error that 8 bits do not show
FITS = 0.04  # an error that is one answer as good as another, if many are asked for: ten grey levels
ALIKE = 0.06  # answers nearer to each other than this are one
HELD_OUT, HELD_OUT_SEED = 200, 7  # real test digits that the reference measures, and how they are chosen
QUANTILES = 101

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


class State(NamedTuple):
    """How far a search is: for each of b pictures k latents, in an order that stays while k does."""

    step: int  # 0: the nearest candidates
    steps: int  # at most
    z: Tensor  # (b, k, latent_dim)
    labels: Tensor | None  # (b, k) int64, of conditional models
    pictures: Tensor  # (b, k, 1, 28, 28) in [-1, 1]
    errors: Tensor  # (b, k): root mean square difference from what is wanted, black 0 and white 1
    done: bool = False

    @property
    def least(self) -> Tensor:
        """The error of the best latent for each picture: (b,)."""
        return self.errors.amin(1)


def whole(pictures: Tensor) -> Goal:
    """Find the nearest picture: (b, 1, 28, 28) in [-1, 1]."""
    return Goal(pictures)


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
    """(n, 1, 28, 28) -> (n, 1, side, side): the mean of the pixels that fall on one."""
    return adaptive_avg_pool2d(pictures, side)


def paste(pictures: Tensor, given: Tensor, holes: Tensor) -> Tensor:
    """The given picture with its holes filled from others: (..., 1, 28, 28) each."""
    return torch.where(holes, pictures, given)


# The search -----------------------------------------------------------------------------------------------


class Candidates(NamedTuple):
    """Random latents of one GAN, and what they look like."""

    z: Tensor  # (n, latent_dim)
    labels: Tensor | None  # (n,) of conditional models: each digit in turn
    pictures: Tensor  # (n, 1, 28, 28)
    digits: Tensor  # (n,) int64, as the classifier reads them
    mean: Tensor  # of D's raw outputs, ()
    deviation: Tensor  # of D's raw outputs, ()


@functools.lru_cache(maxsize=6)
@torch.no_grad()
def candidates(gan: GAN) -> Candidates:
    """The same for every picture, so they are drawn once for a GAN."""
    z = gan.latents(CANDIDATES, CANDIDATE_SEED)
    labels = torch.arange(CANDIDATES, device=gan.device) % CLASSES if gan.config.classes else None
    pictures, digits, scores = [], [], []
    for rows in torch.arange(CANDIDATES, device=gan.device).split(BATCH):
        asked = None if labels is None else labels[rows]
        pictures.append(gan.generator(z[rows], asked))
        scores.append(gan.discriminator(pictures[-1], asked))
        digits.append(load_classifier(gan.device).logits(pictures[-1]).argmax(1))
    deviation, mean = torch.std_mean(torch.cat(scores))
    return Candidates(z, labels, torch.cat(pictures), torch.cat(digits), mean, deviation.clamp(min=1e-6))


def search(gan: GAN, goal: Goal, digit: int | None = None, starts: Tensor | None = None) -> Iterator[State]:
    """Come nearer step by step; the last state is the result. Bounded by the goal's plan.

    A conditional model draws `digit`, or without it whichever of the ten is nearest. An unconditional one may be
    given `starts`, (b, k, latent_dim), in place of the nearest candidates. Raises UserError where it is asked for a
    digit.
    """
    if digit is not None:
        gan.labels(digit, 1)  # raises
    goal = goal._replace(wanted=goal.wanted.to(gan.device), weights=_to(goal.weights, gan))
    pool = candidates(gan)
    kept = _starts(pool, goal, goal.plan[0][0], digit)
    z, labels = pool.z[kept] if starts is None else starts, None if pool.labels is None else pool.labels[kept]
    average, square = torch.zeros_like(z), torch.zeros_like(z)
    counts = [count for count, steps in goal.plan for _ in range(steps)]
    step, history = 0, []
    for step, count in enumerate(counts):
        if count < z.shape[1]:
            best = _best(gan, goal, z, labels, count)
            z, average, square = (_pick(tensor, best) for tensor in (z, average, square))
            labels = None if labels is None else labels.gather(1, best)
        if step % SHOW_EVERY == 0:
            state = _state(gan, goal, z, labels, step)
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
    yield _state(gan, goal, z.half().float(), labels, step, done=True)  # as an address can hold it


def nearest(gan: GAN, goal: Goal, count: int) -> Tensor:
    """The candidates that a search begins with by itself: (b, count, latent_dim)."""
    pool = candidates(gan)
    return pool.z[_starts(pool, goal, count, None)]


def invert(gan: GAN, goal: Goal, digit: int | None = None) -> State:
    """The last state of `search`."""
    *_, last = search(gan, goal, digit)
    return last


def answers(state: State, most: int = 6) -> list[int]:
    """Which latents of the first picture are answers, the best first: those that fit, and differ from each other."""
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
    """Which candidates to begin with: (b, count) int64."""
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


@torch.enable_grad()
def _gradient(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None) -> Tensor:
    z = z.detach().requires_grad_(True)
    price, _ = _price(gan, goal, z, labels)
    return torch.autograd.grad(price.sum(), z)[0]  # of z only: the weights are shared, and nobody else's business


@torch.no_grad()
def _best(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None, count: int) -> Tensor:
    """Which latents have the least price: (b, count) int64."""
    return _price(gan, goal, z, labels)[0].topk(count, largest=False).indices


def _price(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """What is minimised, (b, k), and the pictures, (b, k, 1, 28, 28)."""
    b, k, _ = z.shape
    asked = None if labels is None else labels.flatten()
    drawn = gan.generator(z.flatten(0, 1), asked)
    pictures = drawn.view(b, k, 1, IMAGE_SIZE, IMAGE_SIZE)
    errors = _errors(pictures, goal.wanted[:, None], None if goal.weights is None else goal.weights[:, None])
    # The nearer the pictures are, the less the rest may pull them apart: what is exact stays exact.
    noise = errors.detach().clamp(max=NOISE).square()
    price = errors.square() + noise * PRIOR * prior(z)
    if goal.realism:
        # Yeh's prior loss is log(1 - D). In units of what this D says of its generator's random pictures it
        # means the same for a critic's score as for a logit.
        pool = candidates(gan)
        score = (gan.discriminator(drawn, asked).view(b, k) - pool.mean) / pool.deviation
        price = price + noise * goal.realism * softplus(-score)
    return price, pictures


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
def _state(gan: GAN, goal: Goal, z: Tensor, labels: Tensor | None, step: int, done: bool = False) -> State:
    _, pictures = _price(gan, goal._replace(realism=0.0), z, labels)
    weights = None if goal.weights is None else goal.weights[:, None]
    errors = _errors(pictures, goal.wanted[:, None], weights)
    return State(step, sum(steps for _, steps in goal.plan), z, labels, pictures, errors, done)


def _stalled(history: list[Tensor], final: bool) -> bool:
    """Whether nothing more is to be gained for any of the pictures."""
    now = history[-1]
    if (now <= UNSEEN).all():
        return True
    back = PATIENCE // SHOW_EVERY
    return final and len(history) > back and bool((now > (1 - IMPROVEMENT) * history[-1 - back]).all())


def _pick(tensor: Tensor, rows: Tensor) -> Tensor:
    """Of (b, n, d) the rows (b, k): (b, k, d)."""
    return tensor.gather(1, rows[:, :, None].expand(-1, -1, tensor.shape[2]))


def _rows(goal: Goal) -> Iterator[tuple[Tensor, Tensor | None]]:
    for row, wanted in enumerate(goal.wanted):
        yield wanted, None if goal.weights is None else goal.weights[row]


def _to(tensor: Tensor | None, gan: GAN) -> Tensor | None:
    return None if tensor is None else tensor.to(gan.device)


# What real digits score -----------------------------------------------------------------------------------


class Measured(NamedTuple):
    """The errors of held-out real pictures."""

    found: Tensor  # (n,) of the latents that were found
    random: Tensor  # (n,) of the nearest of the random ones
    seconds: float  # for all of them together


def held_out(dataset: str, data_dir: str | Path | None = None, count: int = HELD_OUT) -> Tensor:
    """Real test pictures, chosen at random by a fixed seed: (count, 1, 28, 28) in [-1, 1]."""
    test = data.load(dataset, data_dir, train=False).images
    chosen = torch.randperm(len(test), generator=torch.Generator().manual_seed(HELD_OUT_SEED))[:count]
    return from_pixels(test[chosen])


def measure(gan: GAN, pictures: Tensor, at_once: int = 32) -> Measured:
    """Invert each of (n, 1, 28, 28) real pictures, `at_once` in a batch."""
    started, found, random = time.perf_counter(), [], []
    for some in pictures.split(at_once):
        first = last = None
        for last in search(gan, whole(some)):
            first = first or last
        random.append(first.least.cpu())
        found.append(last.least.cpu())
    return Measured(torch.cat(found), torch.cat(random), time.perf_counter() - started)


def write_reference(folder: str | Path, data_dir: str | Path | None = None, device: str = "cpu") -> dict[str, Any]:
    """Measure a checkpoint on held-out digits of its data set and write inversion.json beside it."""
    folder = Path(folder)
    gan = GAN.from_pretrained(folder).to(device)
    dataset = gan.config.dataset
    pictures = held_out(dataset, data_dir)
    measured = measure(gan, pictures)
    content = {
        "format": 1,
        "dataset": dataset,
        "pictures": len(pictures),
        "plan": NEAREST,
        "random_latents": CANDIDATES,
        "errors": _quantiles(measured.found),
        "errors_of_random": _quantiles(measured.random),
        "seconds": round(measured.seconds, 1),
        "weights_sha256": checksum(folder),
    }
    files.write_json(folder / INVERSION_FILE, content)
    return content


def read_reference(folder: str | Path, key: str = "errors") -> np.ndarray | None:
    """Ascending, evenly spaced quantiles of the errors in inversion.json; None if it is of other weights, or none.

    With the key "errors_of_random", of the errors of the nearest random latents.
    """
    folder = Path(folder)
    try:
        content = json.loads((folder / INVERSION_FILE).read_text(encoding="utf-8"))
        errors = np.asarray(content[key], np.float64)
        sound = errors.ndim == 1 and len(errors) > 1 and np.isfinite(errors).all() and (np.diff(errors) >= 0).all()
        return errors if sound and content["weights_sha256"] == checksum(folder) else None
    except (OSError, ValueError, TypeError, KeyError):  # a UserError of `checksum` is a ValueError
        return None


def table(folders: Iterable[str | Path]) -> str:
    """What inversion.json says of each checkpoint, as Markdown, the least error first.

    Raises UserError where one has none of its present weights.
    """
    rows = []
    for folder in map(Path, folders):
        found, random = (read_reference(folder, key) for key in ("errors", "errors_of_random"))
        if found is None or random is None:
            command = f"python -m gan_demo.inversion {folder}"
            raise UserError(f"{folder} has no {INVERSION_FILE} of its present weights: {command} writes it")
        rows.append(
            (
                np.median(found),
                f"| {folder.name} | {np.median(random):.3f} | {np.median(found):.3f} | {np.quantile(found, 0.9):.3f} |",
            )
        )
    head = f"| | nearest of {CANDIDATES:,} random latents | found | found, worst tenth above |"
    return "\n".join([head, "|---|---|---|---|", *(row for _, row in sorted(rows))])


def _quantiles(errors: Tensor) -> list[float]:
    levels = torch.linspace(0, 1, QUANTILES, dtype=torch.float64)
    return [round(value, 5) for value in errors.double().quantile(levels).tolist()]


def main(arguments: list[str] | None = None) -> int:
    """The command line: measure checkpoints."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_demo.inversion",
        description="Measure how near a generator can come to real test digits, and write inversion.json beside the"
        " weights: the page then says how near it came to yours, compared with these.",
    )
    parser.add_argument("checkpoints", nargs="+", metavar="CHECKPOINT", help="a folder such as checkpoints/mlp")
    parser.add_argument("--table", action="store_true", help="measure nothing: print what the files say, as Markdown")
    parser.add_argument("--data-dir", help="where the data set lies (default: $GAN_DEMO_DATA, else data)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    options = parser.parse_args(arguments)
    try:
        if options.table:
            print(table(options.checkpoints))
            return 0
        device = choose_device(options.device)
        for folder in options.checkpoints:
            content = write_reference(folder, options.data_dir, device)
            middle, random = (content[key][QUANTILES // 2] for key in ("errors", "errors_of_random"))
            print(
                f"{folder}: median error {middle:.3f} for {content['pictures']} real digits,"
                f" {random:.3f} for the nearest of {CANDIDATES:,} random latents, {content['seconds']:.0f} s"
            )
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
