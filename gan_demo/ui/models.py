"""Which checkpoints the page offers, and the loaded models, shared by everybody who looks at it."""

import functools
import hashlib
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_demo import hub
from gan_demo.belief import Reference
from gan_demo.data import DIGIT_DATASETS, title
from gan_demo.errors import UserError
from gan_demo.gan import CONFIG_FILE, GAN, METRICS_FILE, STATE_FILE, WEIGHTS_FILE, from_pixels, read_config, to_pixels
from gan_demo.ui.words import say

LOADED = 6  # models kept in memory at once
# The page answers many people from many threads; more networks at once than cores would only cost memory.
_TURNS = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Drawing:
    """Pictures as people see them, and what D says of exactly these."""

    pixels: np.ndarray  # (n, 28, 28) uint8
    outputs: list[float]  # D's raw outputs


@dataclass(frozen=True)
class Model:
    """A loaded checkpoint."""

    name: str
    folder: Path
    gan: GAN
    metrics: dict[str, Any]  # empty where there are none
    reference: Reference | None  # None where there is nothing to compare D's numbers with
    why_no_reference: str  # in words

    def draw(self, z: Tensor) -> Drawing:
        """The pictures of latents (n, latent_dim), and D's opinion of them."""
        with _TURNS:
            pixels = to_pixels(self.gan.generate(z))
            return Drawing(pixels[:, 0].numpy(), self.gan.score(from_pixels(pixels)).tolist())

    def judge(self, pixels: np.ndarray) -> float:
        """D's raw output for one picture, (28, 28) uint8."""
        with _TURNS:
            return float(self.gan.score(from_pixels(torch.from_numpy(pixels.copy())[None, None]))[0])

    @property
    def noun(self) -> str:
        """What the training pictures show."""
        return say("digits" if self.gan.config.training.get("dataset", "mnist") in DIGIT_DATASETS else "pictures")

    def facts(self) -> list[tuple[str, str]]:
        """What the page says of the model, as (label, text)."""
        config = self.gan.config
        distance, floor = (self._figure(part, "frechet_distance") for part in ("model", "floor"))
        if distance is None:
            frechet = say("no frechet")
        elif floor is None:
            frechet = say("frechet of", distance=distance)
        else:
            frechet = say("frechet beside", distance=distance, noun=self.noun, floor=floor)
        origin = hub.origin(self.folder)
        return [
            (say("architecture"), say(config.model)),
            (say("objective"), config.objective),
            (say("training"), self._trained()),
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

    def _figure(self, part: str, name: str) -> float | None:
        figures = self.metrics.get(part)
        figure = figures.get(name) if isinstance(figures, dict) else None
        return float(figure) if isinstance(figure, (int, float)) else None


class Catalogue:
    """The checkpoints in some folders, looked for anew on each question: a training may have added one."""

    def __init__(self, roots: Iterable[str | Path], first: Iterable[str | Path] = ()) -> None:
        """`roots` are folders of checkpoints; `first` are checkpoints to list before them."""
        self._roots = [Path(root) for root in roots]
        self._first = [Path(folder) for folder in first]

    def add(self, folder: str | Path) -> None:
        """Also list the checkpoint in `folder`, which may be one that `hub.pull` returned."""
        self._first.append(Path(folder))

    def folders(self) -> dict[str, Path]:
        """Name -> folder of every checkpoint. Names are unique and say no more of a path than they must."""
        found = list(self._first)
        for root in self._roots:
            found += sorted(path.parent for path in root.glob(f"*/{CONFIG_FILE}"))
        names: dict[str, Path] = {}
        for folder in dict.fromkeys(folder.resolve() for folder in found):
            origin = hub.origin(folder)
            name = origin.repository if origin else folder.name
            if name in names:
                name = f"{name} @ {origin.commit[:7]}" if origin else f"{folder.parent.name}/{folder.name}"
            while name in names:
                name += "'"
            names[name] = folder
        return names

    def choices(self) -> list[tuple[str, str]]:
        """What the picker lists, as (label, name)."""
        return [(say("broken", name=name) if _is_broken(path) else name, name) for name, path in self.folders().items()]

    def load(self, name: object) -> Model:
        """The model of that name; raises UserError where there is none or it cannot be loaded."""
        folder = self.folders().get(name) if isinstance(name, str) else None
        if folder is None:
            raise UserError(say("unknown model", name=repr(name)))
        try:
            return _load(name, folder, _stamp(folder))
        except UserError as error:
            # What the page shows to everybody says nothing of where on this machine it runs.
            raise UserError(str(error).replace(str(folder), name)) from None

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
        raise problem or UserError("there is no checkpoint yet: train one with python train.py, then try again")


def _is_broken(folder: Path) -> bool:
    """Whether it shows without reading the weights that a checkpoint cannot be loaded."""
    try:
        read_config(folder)
    except UserError:
        return True
    return not (folder / WEIGHTS_FILE).is_file()


def _stamp(folder: Path) -> tuple[int | None, ...]:
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
    try:
        metrics = _metrics(folder)
        return Model(name, folder, gan, metrics, Reference.from_metrics(metrics), "")
    except UserError as error:
        return Model(name, folder, gan, {}, None, str(error))


def _metrics(folder: Path) -> Any:
    """What was measured of exactly these weights; raises UserError with the reason why there is nothing."""
    measure = say("measure", folder=_shown(folder))
    try:
        metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        in_training = (folder / STATE_FILE).exists()
        raise UserError(say("in training") if in_training else say("not measured", measure=measure)) from None
    except (OSError, ValueError) as error:
        raise UserError(say("metrics damaged", error=error, measure=measure)) from None
    if isinstance(metrics, dict) and "weights_sha256" in metrics:
        weights = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
        if metrics["weights_sha256"] != weights:
            raise UserError(say("metrics of others", measure=measure))
    return metrics


def _shown(folder: Path) -> str:
    """A folder as people on the page may see it: nothing of the machine above the working directory."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else folder.name
