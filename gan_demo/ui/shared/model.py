"""A loaded checkpoint as the page asks it: it draws, judges and reads pictures, and tells visitors what it is."""

import functools
import math
import os
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from gan_demo import hub
from gan_demo.belief import Belief, Reference, belief, seen
from gan_demo.belief.best_response import BestResponse
from gan_demo.checkpoint import BEST_RESPONSE_FILE, CONFIG_FILE, METRICS_FILE, STATE_FILE, TYPICAL_FILE, WEIGHTS_FILE
from gan_demo.classifier import load_classifier
from gan_demo.config import CLASSES
from gan_demo.data import DIGIT_DATASETS
from gan_demo.errors import UserError
from gan_demo.evaluation import part_tables
from gan_demo.gan import GAN
from gan_demo.latent import perceptual, units
from gan_demo.latent.spaces import LatentSpace, spaces_of
from gan_demo.pictures import preparing
from gan_demo.pixels import LIGHT, from_pixels, to_pixels
from gan_demo.shell import command
from gan_demo.ui import words
from gan_demo.ui.shared.address import MIN_TRUNCATION, Address
from gan_demo.ui.words import say, tell

# The page answers many people from many threads; more networks at once than cores would only cost memory.
_AT_ONCE = threading.BoundedSemaphore(os.cpu_count() or 1)
_KEEPING = threading.Lock()
LOOKED_AT = 64  # pictures, for the ground that they have
KEPT = 200  # answers of a model, of some tens of kilobytes each
Value = TypeVar("Value")


@dataclass(frozen=True)
class ScoredPictures:
    """Pictures as people see them, and what D says of exactly these."""

    pixels: np.ndarray  # (n, 28, 28) uint8
    outputs: list[float]  # D's raw outputs


class Recognised(NamedTuple):
    """What the digit classifier takes a picture for."""

    digit: int
    share: float  # of its belief, 0 to 1


class Standing(NamedTuple):
    """Where a picture is among real digits and a model's own; nowhere, where the model draws other pictures."""

    never_saw: bool  # it is like nothing that D learned from
    near_both: bool  # only there both densities are known well enough for their ratio


class NoReference(NamedTuple):
    """Why there is nothing to compare D's numbers with."""

    key: str  # of a text
    error: str = ""


@dataclass(frozen=True)
class Model:
    """A loaded checkpoint."""

    name: str
    folder: Path
    gan: GAN
    metrics: dict[str, Any]  # empty where there are none
    # None where there is nothing to compare D's numbers with; without metrics, of the digits that ship with the page.
    reference: Reference | None
    no_reference: NoReference | None  # why there is no reference in its metrics
    best: BestResponse | None = None  # the best D against its generator, where one was trained

    @property
    def conditional(self) -> bool:
        """Whether it draws, and judges, a digit that it is asked for."""
        return self.gan.config.classes > 0

    @property
    def draws_digits(self) -> bool:
        """Whether it learned from digits, so that it makes sense to read what it draws."""
        return self.gan.config.dataset in DIGIT_DATASETS

    @property
    def kind(self) -> str:
        """What it draws, for names of files: "digits" or "pictures"."""
        return "digits" if self.draws_digits else "pictures"

    @property
    def classes(self) -> int:
        """How many classes a conditional model can be asked for; that of the digits for others."""
        return self.gan.config.classes or CLASSES

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called: "0" to "9" for digits."""
        return self.gan.config.names or tuple(map(str, range(CLASSES)))

    def known(self, digit: int) -> int:
        """The class of this model that stands for one which another may have: 0 if it has no such number."""
        return digit if digit < self.classes else 0

    def asked_for(self, digit: int = 0) -> int | None:
        """What a conditional model is asked for where others may be asked for `digit`; None for one that is not."""
        return self.known(digit) if self.conditional else None

    def digits(self, count: int, digit: int | None = None) -> list[int] | None:
        """What a conditional model is asked for in `count` rows: `digit`, or without one each in turn; else None."""
        if not self.conditional:
            return None
        return [row % self.classes if digit is None else self.known(digit) for row in range(count)]

    @property
    def spaces(self) -> tuple[str, ...]:
        """The latent spaces that it has: keys of `LatentSpace`."""
        return spaces_of(self.gan)

    @property
    def least_truncation(self) -> float:
        """How far truncation goes: to the middle of z, or through the mean w to its other side."""
        return MIN_TRUNCATION if "w" in self.spaces else 0.0

    @functools.cached_property
    def ground(self) -> float:
        """The grey of what is around its drawings (`preparing.ground`); between the two where some are on light ground.

        A tenth of them may be odd.
        """
        greys = sorted(map(preparing.ground, self.draw(self.gan.latents(LOOKED_AT, 0)).pixels))
        kept = greys[LOOKED_AT // 10 : -LOOKED_AT // 10]
        return (kept[0] + kept[-1]) / 2

    @property
    def draws_on_light(self) -> bool:
        """Whether all that it draws is on light ground. Digits are not: this needs no drawing."""
        return not self.draws_digits and self.ground >= LIGHT

    @functools.cached_property
    def usual_distance(self) -> float:
        """How far from the mean w the half of what it draws lies."""
        return LatentSpace(self.gan, "w").band(0.0)[0]

    def draw(
        self,
        z: Tensor,
        digits: list[int] | None = None,
        space: str = "z",
        noise: Sequence[Tensor] | None = None,
    ) -> ScoredPictures:
        """The pictures of latents (n, latent_dim), or of other points of a space, and D's opinion of them.

        A conditional model is asked for `digits`, or for each in turn; other models draw what they draw.
        `noise` as in `LatentSpace.generate`.
        """
        labels = [*map(self.known, digits)] if digits and self.conditional else self.digits(len(z))
        with _AT_ONCE:
            return self._scored(LatentSpace(self.gan, space).generate(z, labels, noise), labels)

    def _scored(self, images: Tensor, labels: list[int] | None) -> ScoredPictures:
        pixels = to_pixels(images)
        return ScoredPictures(pixels[:, 0].numpy(), self.gan.score(from_pixels(pixels), labels).tolist())

    @property
    def turn(self) -> threading.BoundedSemaphore:
        """What to hold while networks are asked other than by the methods here, which wait for a turn themselves."""
        return _AT_ONCE

    def once(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """What `compute` returned, the last time that this key was asked for; the newest KEPT answers are kept.

        `compute` may ask the networks, but not this model: it has its turn already.
        """
        with _KEEPING:
            if key in self._kept:
                return self._kept[key]
        with _AT_ONCE:
            made = compute()
        with _KEEPING:
            self._kept[key] = made
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return made

    @functools.cached_property
    def _kept(self) -> dict[Hashable, Any]:
        return {}

    def switched(
        self, points: Tensor, digits: list[int] | None, layer: units.Layer, factors: Tensor, space: str = "z"
    ) -> ScoredPictures:
        """The pictures of points with units of a layer multiplied by factors (`latent.units`), and D's opinion."""
        with _AT_ONCE:
            return self._scored(units.generate(self.gan, points, layer, factors, digits, space), digits)

    def speeds(self, points: Tensor, at: Tensor, digits: list[int] | None, space: str = "z") -> Tensor:
        """How fast pictures change on a way of points at positions `at`: `perceptual.speeds`."""
        with _AT_ONCE:
            return perceptual.speeds(LatentSpace(self.gan, space).generate(points, digits), at)

    def draw_one(self, address: Address) -> ScoredPictures:
        """The picture of an address; raises UserError if it asks an unconditional model for a digit.

        The address may be another model's: then it is what this one draws from the same latent.
        """
        if address.digit is not None and not self.conditional and address.model == self.name:
            raise UserError(say("not conditional", model=self.name))
        if address.digit is not None and address.model == self.name and address.digit >= self.classes:
            raise UserError(say("not whole", name=say("digit"), low=0, high=self.classes - 1, value=address.digit))
        if address.model == self.name and address.truncation != 1 and address.towards not in self.gan.truncations:
            raise UserError(say("no typical", model=self.name))
        digits = None if address.digit is None else [address.digit]
        return self.draw(address.latent_in(self.gan)[None], digits, address.space)

    def judge(self, pixels: np.ndarray, digit: int | None = None) -> float:
        """D's raw output for one picture, (28, 28) uint8."""
        return self.judge_as(pixels, digit)[0]

    def judge_as(self, pixels: np.ndarray, digit: int | None = None) -> tuple[float, int | None]:
        """D's raw output for one picture, (28, 28) uint8, and the digit as which it was judged, if any.

        A conditional D is asked how real it is as `digit`, or without one as the digit that it is read as. The best of
        all ten outputs would rank too high among those of digits judged as what they are: only of what is no digit
        there is nothing better.
        """
        images = from_pixels(torch.from_numpy(pixels.copy())[None, None])
        labels = None
        if self.conditional:
            if digit is not None and digit >= self.classes:
                digit = None
            if digit is None and self.classes == CLASSES and (read := self.read(pixels[None])):
                digit = read[0].digit
            labels = list(range(self.classes)) if digit is None else [digit]
            images = images.expand(len(labels), -1, -1, -1)
        with _AT_ONCE:
            outputs = self.gan.score(images, labels)
        best = int(outputs.argmax())  # of a NaN, too
        return float(outputs[best]), labels[best] if labels else None

    def best_logits(self, pixels: np.ndarray) -> list[float]:
        """What the best D says of (n, 28, 28) uint8: calibrated logits; NaN where there is no best D."""
        if self.best is None:
            return [math.nan] * len(pixels)
        with _AT_ONCE:
            return self.best.logits_of_pixels(torch.tensor(pixels)[:, None]).tolist()

    def read(self, pixels: np.ndarray) -> list[Recognised] | None:
        """What the digit classifier reads in (n, 28, 28) uint8; None if the model does not draw digits."""
        if not self.draws_digits:
            return None
        with _AT_ONCE, torch.inference_mode():
            logits = load_classifier().logits(from_pixels(torch.tensor(pixels)[:, None]))
            shares, digits = logits.softmax(1).max(1)
        return [Recognised(*pair) for pair in zip(digits.tolist(), shares.tolist(), strict=True)]

    def never_saw(self, pixels: np.ndarray) -> bool:
        """Whether a picture, (28, 28) uint8, is like nothing that this model's D learned from (`belief.seen`).

        False for models of other pictures than digits, of which nobody knows. The first picture that is like no real
        digit takes a second: it is held against 1,000 of the model's own, which are kept.
        """
        if not self.draws_digits:
            return False
        image = torch.from_numpy(pixels.copy())[None, None]
        with _AT_ONCE:
            return bool(seen.far(image)) and bool(seen.far(image, self._drawn))

    def standing(self, pixels: np.ndarray) -> Standing:
        """Where a picture, (28, 28) uint8, is among those that this model's D learned from (`belief.seen`)."""
        if not self.draws_digits:
            return Standing(never_saw=False, near_both=False)
        with _AT_ONCE:
            image = torch.from_numpy(pixels.copy())[None, None]
            far = [bool(one) for one in seen.far_from(image, seen.real(), self._drawn)]
        return Standing(all(far), not any(far))

    @functools.cached_property
    def _drawn(self) -> seen.Cloud:
        """Where its own pictures lie."""
        return seen.cloud_of(self.gan)

    def belief(self, raw: float) -> Belief:
        """What a raw output of this model's D says."""
        return belief(self.gan.config.objective, raw, self.reference)

    @property
    def frechet_distance(self) -> float | None:
        """The Fréchet distance in metrics.json, if there is one."""
        return frechet_distance(self.metrics, "model")

    @property
    def checkpoint(self) -> str:
        """What to give `GAN.from_pretrained`: nothing of the machine above the working directory."""
        return _shown(self.folder)

    @property
    def stamp(self) -> str:
        """A mark of the checkpoint, which changes when one of its files does."""
        return "-".join(map(str, stamp(self.folder)))

    @property
    def why_no_reference(self) -> str:
        """Why there is no reference, in words; empty if there is one."""
        return "" if self.reference is not None else self.why_unmeasured

    @property
    def why_unmeasured(self) -> str:
        """Why metrics.json has no reference, in words; empty if it has."""
        measure = say("measure", command=command("evaluate", self.checkpoint))
        missing = self.no_reference
        return say(missing.key, measure=measure, error=tell(missing.error)) if missing else ""

    @property
    def noun(self) -> str:
        """What the training pictures show."""
        return say(self.kind)

    def facts(self) -> list[tuple[str, str]]:
        """What the page says of the model, as (label, text)."""
        config = self.gan.config
        distance, floor = self.frechet_distance, frechet_distance(self.metrics, "floor")
        if distance is None:
            frechet = say("no frechet")
        elif floor is None:
            frechet = say("frechet of", distance=distance)
        else:
            frechet = say("frechet beside", distance=distance, noun=self.noun, floor=floor)
        origin = hub.origin(self.folder)
        networks = words.network(config.model, "long")
        if self.conditional and config.class_names:
            networks = say("conditional classes", networks=networks, names=", ".join(config.class_names))
        elif self.conditional:
            networks = say("conditional", networks=networks)
        failed = part_tables.failure(self.metrics)
        return [
            *([(say("training failed"), say(f"failure {failed}"))] if failed else []),
            (say("architecture"), networks),
            (say("recipe"), words.trained_by(config)),
            (say("trained for"), self._trained()),
            (say("frechet"), frechet),
            *([(say("commit"), f"{origin.repository} @ {origin.commit[:7]}")] if origin else []),
        ]

    def _trained(self) -> str:
        """How long the model was trained, and on what."""
        training = self.gan.config.training
        dataset = words.data_set(str(training.get("dataset", "")))
        epochs, done, steps = (training.get(name) for name in ("epochs", "epochs_done", "steps_done"))
        if done and (self.folder / STATE_FILE).exists():
            return say("epochs so far", done=done, epochs=epochs, dataset=dataset)
        if done:
            return self._went_on(done, dataset) or say("epochs", epochs=done, dataset=dataset)
        return say("steps on", steps=steps, dataset=dataset) if steps else say("unknown training")

    def _went_on(self, done: int, dataset: str) -> str:
        """How long a training was that went on from another's weights, and that one; "" of others."""
        origin = self.gan.config.training.get("init_from")
        if not isinstance(origin, dict):
            return ""
        before = origin.get("epochs")
        if not isinstance(before, int) or not before:
            return ""
        own = done - before if origin.get("carried") else done  # of a carried one the epochs were counted on
        first = words.called("dataset", str(origin.get("dataset", dataset)))
        key = "epochs on" if first == dataset else "epochs on another"
        return say(key, before=before, first=first, epochs=own, dataset=dataset)


def frechet_distance(metrics: Any, part: str) -> float | None:
    """The Fréchet distance in one part of metrics.json, "model" or "floor", if there is one."""
    figures = metrics.get(part) if isinstance(metrics, dict) else None
    figure = figures.get("frechet_distance") if isinstance(figures, dict) else None
    return float(figure) if isinstance(figure, (int, float)) else None


def stamp(folder: Path) -> tuple[int | None, ...]:
    """A mark of the checkpoint, which changes when one of its files does."""
    stamps: list[int | None] = []
    for name in (CONFIG_FILE, WEIGHTS_FILE, METRICS_FILE, STATE_FILE, BEST_RESPONSE_FILE, TYPICAL_FILE):
        try:
            stamps.append((folder / name).stat().st_mtime_ns)
        except OSError:
            stamps.append(None)
    return tuple(stamps)


def _shown(folder: Path) -> str:
    """A folder as people on the page may see it: nothing of the machine above the working directory."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else folder.name
