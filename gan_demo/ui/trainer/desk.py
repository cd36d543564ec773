"""What visitors ask for: trainings that begin, stop and go on, with every value checked before anything is started.

Each method takes what a browser sent, which may be anything, and answers with plain values. It raises UserError.
"""

import dataclasses
import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import torch

from gan_demo import data, files
from gan_demo.checkpoint import CONFIG_FILE, WEIGHTS_FILE
from gan_demo.data import looking
from gan_demo.errors import UserError
from gan_demo.objectives import OBJECTIVES
from gan_demo.pictures import encoding
from gan_demo.settings import Settings
from gan_demo.training import jobs, live
from gan_demo.ui import words
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.trainer import form, machine, zips
from gan_demo.ui.words import say

PREFIX = "gan-demo-trainings-"
SHEET = (5, 12)  # rows and columns
SHOWN = 12  # trainings that a page shows
ORDERS, MAX_ORDER = 100, 40  # that are remembered; letters of one
SHAKE = 0.1  # of the standard deviation of D's weights, a time
MODULE = "gan_demo.training.speed"
PATIENCE = 120.0  # seconds that measuring the speed may take
# On what the speed depends.
SHAPE = (
    *("model", "objective", "penalty", "penalty_every", "discriminator_norm", "generator_norm"),
    *("latent_dim", "conditional", "batch_size", "d_steps"),
)


class Desk:
    """Takes orders for one page."""

    def __init__(
        self,
        catalogue: Catalogue,
        rules: machine.Rules,
        runs: str | Path = "runs",
        measure: Callable[[Settings], float] | None = None,
        launch: Callable[[jobs.Job], Any] | None = None,
        shared: Path | None = None,
    ) -> None:
        """`runs` is where checkpoints go; on a page for strangers it is a folder that is deleted in the end.

        Where several processes serve a page for strangers, that folder is `shared`, and not this one's to delete.
        """
        self.catalogue, self.rules = catalogue, rules
        self.private = rules.kind == machine.BOUNDED
        self._place = None
        if self.private and shared is None:
            self._place = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
            shared = Path(self._place.name)
        self.runs = Path(shared if self.private and shared else runs).absolute()
        if self.private:
            catalogue.lend(self.runs)
        self.jobs = jobs.Jobs(self.runs / jobs.FOLDER, rules.waiting, launch)
        self.form = form.Form(rules, self.runs, catalogue)
        self._measure = measure or _measured
        self._speeds: dict[tuple[Any, ...], float] = {}
        self._measuring = threading.Lock()
        self._orders: dict[str, dict[str, Any]] = {}
        self._ordering = threading.Lock()
        if rules.kind == machine.FULL and (self.runs / jobs.FOLDER).is_dir():
            self._forget_pictures()
            self.jobs.look_after()  # what waited when the page was ended

    def close(self) -> None:
        """End what may not outlive the page: the trainings of strangers, and what they left."""
        self.jobs.close(stop=self.private)
        if self._place:
            self._place.cleanup()

    # Before a training

    def ask(self, sent: Any) -> dict[str, Any]:
        """What the form's settings come to: every value, the command line that does the same, how many pictures."""
        settings, first = self.form.settings(sent)
        pictures = self.form.count(settings.dataset)
        return {
            "values": {name: _text(getattr(settings, name)) for name in form.FIELDS},
            "command": self.form.command(settings, first, checks.field(sent, "best") is True),
            "pictures": pictures,
            "models": list(self.catalogue.folders()),
            "formula": words.phrased(OBJECTIVES[settings.objective].formula),
        }

    def time(self, sent: Any) -> dict[str, Any]:
        """How long these settings will take on this machine, as a second of training now says; None: ask again."""
        settings, _ = self.form.settings(sent)
        self.form.check(settings)
        pictures = self.form.count(settings.dataset)
        if pictures is None:
            return {"seconds": None, "speed": None}
        key = tuple(getattr(settings, name) for name in SHAPE)
        if key not in self._speeds:
            if not self._measuring.acquire(blocking=False):
                return {"seconds": None, "speed": None, "again": True}
            try:
                self._speeds[key] = self._measure(settings)
            finally:
                self._measuring.release()
        whole = pictures // (settings.batch_size * settings.d_steps)
        steps = min(settings.epochs * whole, settings.max_steps or settings.epochs * whole)
        seen = steps * settings.batch_size * settings.d_steps
        return {"seconds": seen / self._speeds[key], "speed": self._speeds[key], "steps": steps}

    def look(self, sent: Any) -> dict[str, Any]:
        """A sheet of one's own pictures as the training sees them, and what is odd about them."""
        if not self.rules.own_pictures:
            raise UserError(say("train off"))
        dataset = self.form.dataset(checks.field(sent, "dataset"))
        if dataset in data.SOURCES:
            raise UserError(say("train own only"))
        title = data.title(dataset)
        try:
            train, test = (data.load(dataset, train=half) for half in (True, False))
            remarks = looking.remarks(train, test, title)
        except UserError as error:
            raise UserError(words.tell(error).replace(dataset, title)) from None
        count = min(SHEET[0] * SHEET[1], len(train.images))
        rows = torch.linspace(0, len(train.images) - 1, count).round().long()
        sheet = encoding.grid(train.images[rows], SHEET[1], 2)
        counts = [] if train.labels is None else torch.bincount(train.labels, minlength=train.classes).tolist()
        names = train.names or tuple(map(str, range(len(counts))))
        return {
            "sheet": encoding.data_url(encoding.png_bytes(sheet)),
            "said": say("train pictures", train=f"{len(train.images):,}", test=f"{len(test.images):,}"),
            "classes": [f"{name}: {number:,}" for name, number in zip(names, counts, strict=False)],
            "remarks": [_begun(words.tell(line), title) for line in remarks],
        }

    def unpack(self, archive: Path | BinaryIO, name: str) -> dict[str, Any]:
        """Unpack an uploaded ZIP; answers with the data set that it is from now on."""
        if not self.rules.own_pictures:
            raise UserError(say("train off"))
        stem = re.sub(r"[^\w.-]", "_", Path(name).stem)[:40].strip("._") or "pictures"
        token = secrets.token_hex(8)
        zips.unpack(archive, self.runs / form.PICTURES / token / stem)
        return {"dataset": f"zip:{token}"}

    # Trainings

    def start(self, sent: Any) -> dict[str, Any]:
        """Start a training, or, with two objectives in "pair", two that differ in nothing else; their ids.

        An "order" that has come before, from a browser that heard no answer, is answered as it was then.
        """
        order = checks.field(sent, "order")
        if not isinstance(order, str) or len(order) > MAX_ORDER:
            return self._start(sent)
        with self._ordering:
            if order not in self._orders:
                self._orders[order] = self._start(sent)
                if len(self._orders) > ORDERS:
                    del self._orders[next(iter(self._orders))]
            return self._orders[order]

    def _start(self, sent: Any) -> dict[str, Any]:
        pair = checks.field(sent, "pair")
        wanted = []
        for objective in pair if isinstance(pair, list) and len(pair) == 2 else [None]:
            changed = sent if objective is None else {**sent, "objective": objective}
            settings, first = self.form.settings(changed)
            self.form.check(settings)
            wanted.append((settings, first))
        group = secrets.token_urlsafe(8) if len(wanted) > 1 else ""
        best = checks.field(sent, "best") is True
        made = []
        for settings, first in wanted:
            taken = {job.name for job in self.jobs.all()}
            folder = self.runs / self.form.name(checks.field(sent, "name"), settings, taken)
            about = {
                **{name: getattr(settings, name) for name in live.ABOUT},
                "dataset": data.title(settings.dataset),
                "command": self.form.command(settings, first, best),
            }
            arguments = self.form.arguments(settings, first, best)
            made.append(self.jobs.add(arguments, folder, group, self.rules.minutes, **about))
        return {"ids": [job.id for job in made]}

    def live(self, sent: Any) -> dict[str, Any]:
        """What the trainings are doing: all of this machine, or on a page for strangers those whose ids were sent.

        Those that somebody began in a terminal are told of, too, while they are at work: they are only looked at.
        "watched" has the ids whose pictures are looked at, "steps" the steps of the pictures that are there already.
        """
        self._clean()
        if self.private:
            ids = checks.field(sent, "ids")
            ids = ids[:SHOWN] if isinstance(ids, list) else []
            found = [job for id in ids if (job := self._known(id))]
        else:
            found = self.jobs.all()[-SHOWN:]
        asked = checks.field(sent, "watched")
        watched = asked if isinstance(asked, list) else []
        steps = checks.field(sent, "steps")
        seen = [self._seen(job, job.id in watched, checks.field(steps, job.id)) for job in found]
        return {"jobs": seen if self.private else [*self._elsewhere(watched, steps), *seen]}

    def stop(self, sent: Any) -> dict[str, Any]:
        """Save and stop."""
        self.jobs.stop(self.jobs.get(checks.field(sent, "id")))
        return {}

    def go_on(self, sent: Any) -> dict[str, Any]:
        """Go on with a training that has stopped."""
        self.jobs.go_on(self.jobs.get(checks.field(sent, "id")))
        return {}

    def forget(self, sent: Any) -> dict[str, Any]:
        """Take a training that is not at work off the list; its model stays, but on a page for strangers."""
        job = self.jobs.get(checks.field(sent, "id"))
        self.jobs.remove(job, checkpoint=self.private)
        return {}

    def turn(self, sent: Any) -> dict[str, Any]:
        """Change knobs of a training that runs; it says itself what it refuses."""
        job = self.jobs.get(checks.field(sent, "id"))
        if self.jobs.state(job) != jobs.RUNNING:
            raise UserError(say("train not running"))
        place = job.folder / live.FOLDER / live.CONTROL
        if not place.parent.is_dir():
            raise UserError(say("train not running"))
        before = live.control(job.folder)
        knobs = {**before["knobs"], **form.knobs(checks.field(sent, "knobs"))}
        done = (live.read(job.folder) or {}).get("knobs", {}).get("shakes", 0)
        shakes = max(before["shakes"], int(done)) + (checks.field(sent, "shake") is True)
        files.write_json(place, {"version": 1, "knobs": knobs, "shakes": shakes, "shake_size": SHAKE})
        return {"knobs": knobs}

    # How

    def _seen(self, job: jobs.Job, watched: bool, step: Any) -> dict[str, Any]:
        state = self.jobs.state(job)
        at_work = state in jobs.AT_WORK
        if at_work and watched:
            live.watch(job.folder)
        now = _now(job.folder) if at_work or state in (jobs.STOPPED_STATE, jobs.LOST) else None
        ended = self.jobs.ended(job) or {}
        result = {
            "id": job.id,
            "group": job.group,
            "name": job.name,
            "state": state,
            "own": True,
            "over": job.is_over,
            "turn": self.jobs.turn(job) if state == jobs.WAITING else 0,
            "resumable": job.can_go_on,
            "model": self._model(job.folder) if _is_model(job.folder) else None,
            "about": dict(job.about),
            "line": self._plain(ended.get("line", ""), job) if state == jobs.FAILED else "",
            "remarks": _remarks(job),
            "live": now,
            # What it said before it was stopped is not what it does now.
            "starting": state == jobs.RUNNING and (now is None or now["at"] < self.jobs.began(job)),
        }
        return result | _pictures(job.folder, now, watched, step)

    def _elsewhere(self, watched: list[Any], steps: Any) -> list[dict[str, Any]]:
        """The trainings at work below `runs` that no page of this machine has started."""
        own = {job.folder for job in self.jobs.all() if self.jobs.state(job) in jobs.AT_WORK}
        found: list[dict[str, Any]] = []
        for place in sorted(self.runs.glob(f"*/{live.FOLDER}/{live.NOW}")):
            folder = place.parents[1]
            now = None if folder in own else _now(folder)
            if now is None or not live.is_at_work(now) or len(found) == SHOWN:
                continue
            id = f"terminal:{folder.name}"  # which leads to no job: it cannot be stopped, nor its knobs turned
            if id in watched:
                live.watch(folder)
            result = {
                **{"id": id, "group": id, "name": folder.name, "state": jobs.RUNNING, "own": False, "over": False},
                **{"turn": 0, "resumable": False, "line": "", "remarks": [], "about": now["about_run"], "live": now},
                "starting": False,
                "model": self._model(folder) if _is_model(folder) else None,
            }
            found.append(result | _pictures(folder, now, id in watched, checks.field(steps, id)))
        return found

    def _model(self, folder: Path) -> str | None:
        if self.private:
            return folder.name
        folder = folder.resolve()
        return next((name for name, path in self.catalogue.folders().items() if path == folder), None)

    def _plain(self, line: str, job: jobs.Job) -> str:
        """A line of a log without what it says of this machine."""
        told = line.removeprefix("train.py: ")
        for path, name in ((job.folder, job.name), (self.runs, "runs"), (Path.home(), "~")):
            told = told.replace(str(path), name)
        return words.tell(told)

    def _known(self, id: Any) -> jobs.Job | None:
        try:
            return self.jobs.get(id)
        except UserError:
            return None

    def _clean(self) -> None:
        """Delete what strangers trained a while ago."""
        minutes = self.rules.kept_minutes
        if minutes is None:
            return
        for job in self.jobs.all():
            ended = job.place / jobs.ENDED
            if ended.exists() and time.time() - ended.stat().st_mtime > 60 * minutes:
                self.jobs.remove(job, checkpoint=True)

    def _forget_pictures(self) -> None:
        """Delete uploaded pictures that no training has use for."""
        used = " ".join(word for job in self.jobs.all() for word in job.arguments)
        for place in (self.runs / form.PICTURES).glob("*"):
            if place.name not in used:
                shutil.rmtree(place, ignore_errors=True)


def _begun(sentence: str, title: str) -> str:
    """A sentence with a capital, unless it begins with the name of somebody's pictures, and with a full stop."""
    return sentence + "." if sentence.startswith(title) else f"{sentence[:1].upper()}{sentence[1:]}."


def _remarks(job: jobs.Job) -> list[str]:
    """What a training said of somebody's own pictures before it began, as long as its log is there."""
    title = str(dict(job.about).get("dataset", ""))
    if title in {source.title for source in data.SOURCES.values()}:
        return []
    said = looking.said(jobs.read_log(job.place / jobs.LOG, start=True))
    return [_begun(words.tell(line.removesuffix(".")), title) for line in said]


def _is_model(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (CONFIG_FILE, WEIGHTS_FILE))


def _now(folder: Path) -> dict[str, Any] | None:
    """What a training says of itself; what it says of a knob that it refuses comes in the language of the page."""
    now = live.read(folder)
    return now and {**now, "refused": words.tell(now["refused"])}


def _pictures(folder: Path, now: dict[str, Any] | None, watched: bool, step: Any) -> dict[str, Any]:
    """What is drawn of a training that is looked at, where the browser has not drawn this step yet."""
    if not now or not watched or step == now["step"]:
        return {}
    return {"digits": live.digits(folder), "curve": live.curve(folder)}


def _measured(settings: Settings) -> float:
    """The speed of a training in a process of its own, as the real one is."""
    fields = json.dumps(dataclasses.asdict(settings))
    try:
        done = subprocess.run(
            [sys.executable, "-m", MODULE],
            input=fields,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            env=jobs.environment_of_a_training(),
        )
        return float(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise UserError(say("train no speed")) from None


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
