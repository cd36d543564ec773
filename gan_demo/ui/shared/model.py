"""Which checkpoints the page offers, and the loaded models, shared by everybody who looks at it."""

import contextlib
import functools
import json
import os
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_demo import hub
from gan_demo.belief import Belief, Reference, belief, meaning
from gan_demo.checkpoint import CONFIG_FILE, METRICS_FILE, STATE_FILE, WEIGHTS_FILE, checksum, read_config
from gan_demo.config import CLASSES, Config
from gan_demo.data import DIGIT_DATASETS, title
from gan_demo.errors import UserError
from gan_demo.evaluation.classifier import load_classifier
from gan_demo.gan import GAN
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.shell import command
from gan_demo.ui import words
from gan_demo.ui.shared.address import NOT_IN_A_NAME, Address
from gan_demo.ui.words import say, tell

LOADED = 6  # models kept in memory at once
# The page answers many people from many threads; more networks at once than cores would only cost memory.
_TURNS = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Drawing:
    """Pictures as people see them, and what D says of exactly these."""

    pixels: np.ndarray  # (n, 28, 28) uint8
    outputs: list[float]  # D's raw outputs


class Reading(NamedTuple):
    """What the digit classifier takes a picture for."""

    digit: int
    share: float  # of its belief, 0 to 1


class Lack(NamedTuple):
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
    reference: Reference | None  # None where there is nothing to compare D's numbers with
    lack: Lack | None  # why there is no reference

    @property
    def conditional(self) -> bool:
        """Whether it draws, and judges, a digit that it is asked for."""
        return self.gan.config.classes > 0

    @property
    def draws_digits(self) -> bool:
        """Whether it learned from digits, so that it makes sense to read what it draws."""
        return self.gan.config.dataset in DIGIT_DATASETS

    def digits(self, count: int, digit: int | None = None) -> list[int] | None:
        """What a conditional model is asked for in `count` rows: `digit`, or without one each in turn; else None."""
        if not self.conditional:
            return None
        return [row % CLASSES if digit is None else digit for row in range(count)]

    def draw(self, z: Tensor, digits: list[int] | None = None) -> Drawing:
        """The pictures of latents (n, latent_dim), and D's opinion of them.

        A conditional model is asked for `digits`, or for each in turn; other models draw what they draw.
        """
        labels = (digits or self.digits(len(z))) if self.conditional else None
        with _TURNS:
            pixels = to_pixels(self.gan.generate(z, labels))
            return Drawing(pixels[:, 0].numpy(), self.gan.score(from_pixels(pixels), labels).tolist())

    def draw_one(self, address: Address) -> Drawing:
        """The picture of an address; raises UserError if it asks an unconditional model for a digit.

        The address may be another model's: then it is what this one draws from the same latent.
        """
        if address.digit is not None and not self.conditional and address.model == self.name:
            raise UserError(say("not conditional", model=self.name))
        return self.draw(address.latent(self.gan)[None], None if address.digit is None else [address.digit])

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
            if digit is None and (read := self.read(pixels[None])):
                digit = read[0].digit
            labels = list(range(CLASSES)) if digit is None else [digit]
            images = images.expand(len(labels), -1, -1, -1)
        with _TURNS:
            outputs = self.gan.score(images, labels)
        best = int(outputs.argmax())  # of a NaN, too
        return float(outputs[best]), labels[best] if labels else None

    def read(self, pixels: np.ndarray) -> list[Reading] | None:
        """What the digit classifier reads in (n, 28, 28) uint8; None if the model does not draw digits."""
        if not self.draws_digits:
            return None
        with _TURNS, torch.inference_mode():
            logits = load_classifier().logits(from_pixels(torch.tensor(pixels)[:, None]))
            shares, digits = logits.softmax(1).max(1)
        return [Reading(*pair) for pair in zip(digits.tolist(), shares.tolist(), strict=True)]

    def belief(self, raw: float) -> Belief:
        """What a raw output of this model's D says."""
        return belief(self.gan.config.objective, raw, self.reference)

    @property
    def scaleless(self) -> bool:
        """Whether nothing says what D's number is worth: it has no scale of its own, and there is no reference."""
        return not meaning(self.gan.config.objective).has_scale and self.reference is None

    @property
    def frechet_distance(self) -> float | None:
        """As metrics.json has it."""
        return _figure(self.metrics, "model")

    @property
    def checkpoint(self) -> str:
        """What to give `GAN.from_pretrained`: nothing of the machine above the working directory."""
        return _shown(self.folder)

    @property
    def stamp(self) -> str:
        """Changes when the checkpoint does."""
        return "-".join(map(str, stamp(self.folder)))

    @property
    def why_no_reference(self) -> str:
        """In words; empty if there is one."""
        measure = say("measure", command=command("evaluate", self.checkpoint))
        return say(self.lack.key, measure=measure, error=tell(self.lack.error)) if self.lack else ""

    @property
    def noun(self) -> str:
        """What the training pictures show."""
        return say("digits" if self.draws_digits else "pictures")

    def facts(self) -> list[tuple[str, str]]:
        """What the page says of the model, as (label, text)."""
        config = self.gan.config
        distance, floor = self.frechet_distance, _figure(self.metrics, "floor")
        if distance is None:
            frechet = say("no frechet")
        elif floor is None:
            frechet = say("frechet of", distance=distance)
        else:
            frechet = say("frechet beside", distance=distance, noun=self.noun, floor=floor)
        origin = hub.origin(self.folder)
        networks = words.network(config.model, "long")
        return [
            (say("architecture"), say("conditional", networks=networks) if self.conditional else networks),
            (say("recipe"), str(config.training.get("recipe") or config.objective)),
            (say("trained for"), self._trained()),
            (say("frechet"), frechet),
            *([(say("commit"), f"{origin.repository} @ {origin.commit[:7]}")] if origin else []),
        ]

    def _trained(self) -> str:
        """How long the model was trained, and on what."""
        training = self.gan.config.training
        dataset = title(str(training.get("dataset", "")))
        epochs, done, steps = (training.get(name) for name in ("epochs", "epochs_done", "steps_done"))
        if done and (self.folder / STATE_FILE).exists():
            return say("epochs so far", done=done, epochs=epochs, dataset=dataset)
        if done:
            return say("epochs", epochs=done, dataset=dataset)
        return say("steps on", steps=steps, dataset=dataset) if steps else say("unknown training")


class Catalogue:
    """The checkpoints in some folders, looked for anew on each question: a training may have added one."""

    def __init__(self, roots: Iterable[str | Path], first: Iterable[str | Path] = ()) -> None:
        """`roots` are folders of checkpoints; `first` are checkpoints to list before them."""
        self._roots = [Path(root) for root in roots]
        self._first = [Path(folder) for folder in first]

    def add(self, folder: str | Path) -> str:
        """Also list the checkpoint in `folder`, which may be one that `hub.pull` returned; returns its name."""
        folder = Path(folder).resolve()
        if folder not in self.folders().values():
            self._first.append(folder)
        return next(name for name, path in self.folders().items() if path == folder)

    def drop(self, folder: str | Path) -> None:
        """No longer list what was added."""
        with contextlib.suppress(ValueError):
            self._first.remove(Path(folder).resolve())

    def folders(self) -> dict[str, Path]:
        """Name -> folder of every checkpoint. Names are unique and say no more of a path than they must."""
        found = list(self._first)
        for root in self._roots:
            found += sorted(path.parent for path in root.glob(f"*/{CONFIG_FILE}"))
        names: dict[str, Path] = {}
        for folder in dict.fromkeys(folder.resolve() for folder in found):
            origin = hub.origin(folder)
            name = _plain(origin.repository if origin else folder.name)
            if name in names:
                name = f"{name}@{origin.commit[:7]}" if origin else f"{_plain(folder.parent.name)}/{name}"
            while name in names:
                name += "~"
            names[name] = folder
        return names

    def trained_on(self, dataset: str) -> dict[str, Path]:
        """Name -> folder of the checkpoints whose model learned from a data set."""
        found = {name: (folder, _read(folder, stamp(folder))) for name, folder in self.folders().items()}
        return {name: folder for name, (folder, read) in found.items() if read and read[0].dataset == dataset}

    def choices(self) -> list[tuple[str, str]]:
        """What the picker lists, as (label, name)."""
        return [(_label(name, path), name) for name, path in self.folders().items()]

    def load(self, name: object) -> Model:
        """The model of that name; raises UserError where there is none or it cannot be loaded."""
        folder = self.folders().get(name) if isinstance(name, str) else None
        if folder is None:
            raise UserError(say("unknown model", name=repr(name)))
        try:
            return _load(name, folder, stamp(folder))
        except UserError as error:
            # What the page shows to everybody says nothing of where on this machine it runs.
            raise UserError(str(error).replace(str(folder), name)) from None

    def sound(self) -> list[Model]:
        """Every model that can be loaded."""
        found = []
        for name in self.folders():
            try:
                found.append(self.load(name))
            except UserError:
                continue
        return found

    def first(self) -> str:
        """The name of the first checkpoint that can be loaded; raises UserError if there is none."""
        problem = None
        for name in self.folders():
            try:
                self.load(name)
            except UserError as error:
                problem = problem or error
            else:
                return name
        raise problem or UserError(f"there is no checkpoint yet: train one with {command('train')}, then try again")


def _plain(name: str) -> str:
    """A folder's name without what an address cannot hold."""
    return re.sub(f"[{NOT_IN_A_NAME}]", "-", name)


def _label(name: str, folder: Path) -> str:
    """A line of the picker, such as "dcgan · DCGAN · r1-gan · 50 epochs · Fréchet 5.0"; the weights stay unread."""
    found = _read(folder, stamp(folder))
    if found is None:
        return say("broken", name=name)
    config, distance = found
    parts = [name, words.network(config.model)]
    if config.training.get("recipe"):
        parts.append(str(config.training["recipe"]))
    if config.training.get("epochs_done"):
        parts.append(say("short epochs", epochs=config.training["epochs_done"]))
    if distance is not None:
        parts.append(say("short frechet", distance=distance))
    return " · ".join(parts)


@functools.lru_cache(maxsize=200)
def _read(folder: Path, stamp: tuple[int | None, ...]) -> tuple[Config, float | None] | None:
    """A checkpoint's config and Fréchet distance; None if it shows already that it cannot be loaded."""
    try:
        config = read_config(folder)
    except UserError:
        return None
    if not (folder / WEIGHTS_FILE).is_file():
        return None
    try:
        return config, _figure(_metrics(folder), "model")
    except _Unmeasured:
        return config, None


def _figure(metrics: Any, part: str) -> float | None:
    """The Fréchet distance in one part of metrics.json, if there is one."""
    figures = metrics.get(part) if isinstance(metrics, dict) else None
    figure = figures.get("frechet_distance") if isinstance(figures, dict) else None
    return float(figure) if isinstance(figure, (int, float)) else None


def stamp(folder: Path) -> tuple[int | None, ...]:
    """Changes when the checkpoint does."""
    stamps = []
    for name in (CONFIG_FILE, WEIGHTS_FILE, METRICS_FILE, STATE_FILE):
        try:
            stamps.append((folder / name).stat().st_mtime_ns)
        except OSError:
            stamps.append(None)
    return tuple(stamps)


@functools.lru_cache(maxsize=LOADED)
def _load(name: str, folder: Path, stamp: tuple[int | None, ...]) -> Model:
    gan = GAN.from_pretrained(folder)
    gan.config.check_shape("the page")
    try:
        metrics = _metrics(folder)
        return Model(name, folder, gan, metrics, Reference.from_metrics(metrics), None)
    except _Unmeasured as error:
        return Model(name, folder, gan, {}, None, error.lack)
    except UserError as error:
        return Model(name, folder, gan, {}, None, Lack("metrics damaged", str(error)))


class _Unmeasured(Exception):
    """There are no sound metrics of these weights."""

    def __init__(self, lack: Lack) -> None:
        super().__init__(lack)
        self.lack = lack


def _metrics(folder: Path) -> Any:
    """What was measured of exactly these weights; raises _Unmeasured where there is nothing."""
    try:
        metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _Unmeasured(Lack("in training" if (folder / STATE_FILE).exists() else "not measured")) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _Unmeasured(Lack("metrics damaged", str(error))) from None
    if isinstance(metrics, dict) and "weights_sha256" in metrics and metrics["weights_sha256"] != checksum(folder):
        raise _Unmeasured(Lack("metrics of others"))
    return metrics


def _shown(folder: Path) -> str:
    """A folder as people on the page may see it: nothing of the machine above the working directory."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else folder.name
