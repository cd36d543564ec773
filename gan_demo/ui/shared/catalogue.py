"""Which checkpoints the page offers, and those that are loaded, shared by everybody who looks at the page."""

import contextlib
import functools
import json
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock

from gan_demo import files, hub
from gan_demo.belief import Reference, best_response, unmeasured
from gan_demo.checkpoint import CONFIG_FILE, METRICS_FILE, STATE_FILE, WEIGHTS_FILE, checksum, read_config
from gan_demo.config import Config
from gan_demo.data.folder import printable
from gan_demo.errors import UserError
from gan_demo.evaluation import part_tables
from gan_demo.gan import GAN
from gan_demo.shell import command
from gan_demo.training import live
from gan_demo.ui import words
from gan_demo.ui.shared.address import NOT_IN_A_NAME, Address
from gan_demo.ui.shared.model import Model, NoReference, frechet_distance, stamp
from gan_demo.ui.words import say

LOADED = 6  # models kept in memory at once
RECENT = 1.0  # seconds; to look into all folders takes as long as a small network does


class Catalogue:
    """The checkpoints in some folders, looked for again and again: a training may have added one."""

    def __init__(
        self, roots: Iterable[str | Path], first: Iterable[str | Path] = (), shared: Path | None = None
    ) -> None:
        """`roots` are folders of checkpoints; `first` are checkpoints to list before them.

        `shared` is a file that lists what was added: where several processes serve a page, all of them see it.
        """
        self._roots = [Path(root) for root in roots]
        self._first = [Path(folder) for folder in first]
        self._shared = shared
        self._lending: list[Path] = []
        self._recent: dict[str, tuple[Path, float]] = {}  # where a name was found, and when

    def add(self, folder: str | Path) -> str:
        """Also list the checkpoint in `folder`, which may be one that `hub.pull` returned; returns its name."""
        folder = Path(folder).resolve()
        if folder not in self.folders().values():
            self._change(lambda listed: [*listed, folder])
        return next(name for name, path in self.folders().items() if path == folder)

    def drop(self, folder: str | Path) -> None:
        """No longer list what was added."""
        gone = Path(folder).resolve()
        self._change(lambda listed: [path for path in listed if path != gone])

    def _change(self, change: Callable[[list[Path]], list[Path]]) -> None:
        self._recent.clear()
        if self._shared is None:
            self._first = change(self._first)
            return
        with FileLock(f"{self._shared}.lock"):
            files.write_json(self._shared, [str(path) for path in change(self._added())])

    def _added(self) -> list[Path]:
        """What some process of this page has added."""
        try:
            return [Path(path) for path in json.loads(self._shared.read_text(encoding="utf-8"))] if self._shared else []
        except FileNotFoundError:
            return []

    def lend(self, root: str | Path) -> None:
        """Let whoever knows its name see a checkpoint below `root`, which no list has."""
        self._recent.clear()
        self._lending.append(Path(root))

    def lent(self, name: str) -> Path | None:
        """The folder of a checkpoint that is lent, by its name; None where there is none."""
        for root in self._lending:
            for path in root.glob(f"*/{CONFIG_FILE}"):
                if _plain(path.parent.name) == name:
                    return path.parent.resolve()
        return None

    def folders(self) -> dict[str, Path]:
        """Name -> folder of every checkpoint. Names are unique and say no more of a path than they must."""
        first = [*self._first, *self._added()]
        found = [folder for folder in first if (folder / CONFIG_FILE).is_file()]  # others are gone, or begin anew
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

    def easiest_first(self, dataset: str) -> tuple[list[str], list[str]]:
        """The names of a data set's models: the measured ones, the greatest Fréchet distance first, and the others."""
        distances = {}
        for name, folder in self.trained_on(dataset).items():
            read = _read(folder, stamp(folder))
            distances[name] = read and read[1]
        measured = {name: distance for name, distance in distances.items() if distance is not None}
        unmeasured = [name for name in distances if name not in measured]
        return sorted(measured, key=measured.__getitem__, reverse=True), unmeasured

    def choices(self, *known: Any) -> list[tuple[str, str]]:
        """What the picker lists, as (label, name); of models that are lent those whose names are `known`."""
        lent = {name: folder for name in known if isinstance(name, str) and (folder := self.lent(name))}
        listed = {**lent, **self.folders()}
        return [(_label(_called(name, path), path), name) for name, path in listed.items()]

    def load(self, name: object) -> Model:
        """The model of that name; raises UserError where there is none or it cannot be loaded."""
        folder = self._found(name) if isinstance(name, str) else None
        if folder is None or not isinstance(name, str):
            raise UserError(say("unknown model", name=repr(name)))
        try:
            return _load(name, folder, stamp(folder))
        except UserError as error:
            # What the page shows to everybody says nothing of where on this machine it runs.
            raise UserError(str(error).replace(str(folder), name)) from None

    def address(self, text: object, model: str) -> Address:
        """An address, of `model` where it names none; raises UserError, also where its model is not here."""
        found = Address.parse(text, model)
        if found.model != model and self._found(found.model) is None:
            raise UserError(say("unknown model", name=repr(found.model)))
        return found

    def _found(self, name: str) -> Path | None:
        """The folder of a checkpoint by its name; for RECENT seconds the one that it was in."""
        folder, when = self._recent.get(name, (None, 0.0))
        now = time.monotonic()
        if folder is None or now - when > RECENT or not (folder / CONFIG_FILE).is_file():
            folder = self.folders().get(name) or self.lent(name)
            if folder is not None:
                self._recent[name] = folder, now
        return folder

    def of_each(self, about: Callable[[Model], Any]) -> list[Any]:
        """What a function says of every model that can be loaded. It is remembered: loading all takes seconds."""
        found = []
        for name, folder in self.folders().items():
            with contextlib.suppress(UserError):
                found.append(_said(about, name, folder, stamp(folder)))
        return found

    def usual(self, name: str) -> str:
        """`name` if that model can be loaded, else the first that can: a training may have begun anew in its folder."""
        try:
            return self.load(name).name
        except UserError:
            return self.first()

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


def _called(name: str, folder: Path) -> str:
    """A name as people read it: addresses have it without spaces, say, but its folder may be called "my letters"."""
    before, plain, after = name.rpartition(_plain(folder.name))
    return f"{before}{printable(' '.join(folder.name.split()))}{after}" if plain else name


def _label(name: str, folder: Path) -> str:
    """What the picker says of a checkpoint; the weights stay unread.

    Its line, such as "dcgan · DCGAN · r1-gan · 50 epochs · Fréchet 5.0", and on the next one what the recipe is about.
    """
    found = _read(folder, stamp(folder))
    if found is None:
        return say("broken", name=name)
    config, distance, failed = found
    parts = [name, words.network(config.model)]
    if config.training.get("recipe"):
        parts.append(words.trained_by(config))
    if config.training.get("epochs_done"):
        parts.append(say("short epochs", epochs=config.training["epochs_done"]))
    if distance is not None:
        parts.append(say("short frechet", distance=distance))
    if (folder / STATE_FILE).exists():  # first, as the failure
        parts.insert(1, say("short in training" if live.is_at_work(live.read(folder)) else "short unfinished"))
    if failed:  # first: the picker cuts long lines off
        parts.insert(1, say(f"short failure {failed}"))
    about = words.about(config)
    return " · ".join(parts) + (f"\n{about}" if about else "")


@functools.lru_cache(maxsize=200)
def _read(folder: Path, stamp: tuple[int | None, ...]) -> tuple[Config, float | None, str | None] | None:
    """A checkpoint's config, its Fréchet distance and how it failed, if it did.

    None where it shows already that the checkpoint cannot be loaded.
    """
    try:
        config = read_config(folder)
    except UserError:
        return None
    if not (folder / WEIGHTS_FILE).is_file():
        return None
    try:
        metrics = _metrics(folder)
        return config, frechet_distance(metrics, "model"), part_tables.failure(metrics)
    except _Unmeasured:
        return config, None, None


@functools.lru_cache(maxsize=200)
def _said(about: Callable[[Model], Any], name: str, folder: Path, stamp: tuple[int | None, ...]) -> Any:
    return about(_load.__wrapped__(name, folder, stamp))  # which keeps none, and lets none go that is kept


@functools.lru_cache(maxsize=LOADED)
def _load(name: str, folder: Path, stamp: tuple[int | None, ...]) -> Model:
    gan = GAN.from_pretrained(folder)
    gan.config.check_shape("the page")
    best = best_response.read(folder)
    try:
        metrics = _metrics(folder)
        return Model(name, folder, gan, metrics, Reference.from_metrics(metrics), None, best)
    except _Unmeasured as error:
        return Model(name, folder, gan, {}, _of_sheet(folder, stamp), error.reason, best)
    except UserError as error:
        why = NoReference("metrics damaged", str(error))
        return Model(name, folder, gan, {}, _of_sheet(folder, stamp), why, best)


@functools.lru_cache(maxsize=200)
def _of_sheet(folder: Path, stamp: tuple[int | None, ...]) -> Reference | None:
    """The reference of a model without metrics: kept for longer than the models themselves."""
    return unmeasured.reference(GAN.from_pretrained(folder))


class _Unmeasured(Exception):
    """There are no sound metrics of these weights."""

    def __init__(self, reason: NoReference) -> None:
        super().__init__(reason)
        self.reason = reason


def _metrics(folder: Path) -> Any:
    """What was measured of exactly these weights; raises _Unmeasured where there is nothing."""
    try:
        metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _Unmeasured(NoReference("in training" if (folder / STATE_FILE).exists() else "not measured")) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _Unmeasured(NoReference("metrics damaged", str(error))) from None
    if isinstance(metrics, dict) and "weights_sha256" in metrics and metrics["weights_sha256"] != checksum(folder):
        raise _Unmeasured(NoReference("metrics of others"))
    return metrics
