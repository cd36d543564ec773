"""What a run shows of itself while it is at work: the folder `live`, which the page reads (`live.py` has its names).

The same latents are drawn again and again; beside them are losses, D's outputs, milestones and the time that is
left. While nobody looks, little is written. All of it together takes a few hundredths of the time. Nothing that is
trained is changed by it: networks are copied where a look leaves traces, and random numbers are not the training's.
"""

import collections
import contextlib
import copy
import json
import math
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_demo import data, files
from gan_demo.evaluation.samples import choose
from gan_demo.gan import GAN
from gan_demo.objectives import OBJECTIVES
from gan_demo.pictures import encoding
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.training import control, live, milestones
from gan_demo.training.history import GRID_SEED, grid_of
from gan_demo.training.history_writer import HistoryWriter
from gan_demo.training.iteration import LOGIT_METRICS, METRICS, Trainer

SHARES = (0.05, 0.02)  # of the time that looking may take, early and later; measuring samples comes on top
EARLY = 30.0  # seconds of a run in which most is to be seen
PAUSES = (0.2, 0.5)  # seconds from one look to the next, early and later
UNWATCHED = 10.0  # seconds between two looks while nobody watches
RECENT = 200  # iterations whose mean is shown, at most
JUDGED = 128  # real and as many generated pictures whose outputs are shown
TAIL = 0.005  # of the outputs at either end: beyond the range that is shown
STRETCH = 1.0  # seconds over which the pace of a training is taken
AGREE = 0.2  # of the pace, by which a stretch may differ and still agree
PATIENCE = 20  # stretches after which an unsteady machine is told of, too
NORMS = ("grad_norm_d", "grad_norm_g")


class Left:
    """The time that is left, from a smoothed pace; told once three stretches in a row agree with what is known."""

    def __init__(self) -> None:
        self.mark: tuple[float, int] | None = None  # time and step at which this stretch began
        self.pace: float | None = None  # seconds a step
        self.agreed = 0
        self.seen = 0  # stretches
        self.steady = False

    def seconds(self, now: float, step: int, steps: int) -> float | None:
        """At `now`, in seconds of any clock; None while the pace is not steady."""
        if self.mark is None:
            self.mark = now, step  # a training starts up: its first look ends that
        elif now - self.mark[0] >= STRETCH and step > self.mark[1]:
            pace = (now - self.mark[0]) / (step - self.mark[1])
            if self.pace is None:
                self.pace = pace
            else:
                self.agreed = self.agreed + 1 if abs(pace - self.pace) <= AGREE * self.pace else 0
                self.pace = 0.7 * self.pace + 0.3 * pace
            self.seen += 1
            self.mark = now, step
            self.steady = self.steady or self.agreed >= 3 or self.seen >= PATIENCE
        return self.pace * (steps - step) if self.steady and self.pace is not None else None


class LiveWriter:
    """Writes the folder `live` of a run, of one process; `tick` is called after each iteration, and is mostly idle."""

    def __init__(self, trainer: Trainer, writer: HistoryWriter, folder: Path) -> None:
        self.trainer, self.writer, self.run = trainer, writer, folder
        self.folder = folder / live.FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = choose(len(trainer.images), JUDGED).to(trainer.device)
        self.real = trainer.images[rows]
        self.real_labels = None if trainer.labels is None else trainer.labels[rows]
        gan = trainer.gan()
        self.columns = grid_of(gan.config.classes)[1] if gan.config.classes else live.SIDE
        self.sheet_z, self.sheet_labels = _asked(gan, live.SIDE**2 // self.columns * self.columns, GRID_SEED)
        self.sample_z, sample_labels = _asked(gan, milestones.SAMPLES, GRID_SEED + 1)
        self.judged_z = gan.latents(len(self.real), GRID_SEED + 2)
        self.measurer = milestones.Measurer(self.real, trainer.settings.dataset, sample_labels)
        self.recent: collections.deque[Tensor] = collections.deque(maxlen=RECENT)
        self.range: tuple[float, float] | None = None  # of the outputs that are shown
        self.control, self.refused = control.Control(folder), ""  # why it was not followed, if it was not
        told = {name: getattr(trainer.settings, name) for name in live.ABOUT}
        self.about_run = {**told, "dataset": data.title(trainer.settings.dataset)}
        self.began = time.monotonic()
        self.left = Left()
        self.written = -math.inf
        self.next_look = 0.0
        self.spent = 0.0  # seconds
        self.last = self.began, trainer.state.step, 0.0  # time, step and `spent` at the last look
        self.speed = 0.0  # images a second
        self.now: dict[str, Any] = {}
        self.done = False  # with the training, but not with measuring
        self.about = ""  # the measure at work, once the training is done

    def tick(self, metrics: Tensor) -> float:
        """Look at the training where it is time to; returns the seconds that this took."""
        self.recent.append(metrics)
        now = time.monotonic()
        before = self.spent
        if milestones.due(self.trainer.state.step):
            self._measure()
            self.spent += time.monotonic() - now
        if now >= self.next_look:
            if self._watched() or now >= self.written + UNWATCHED:
                self._look(now)
            else:
                self.next_look = now + PAUSES[0]
        return self.spent - before

    def _look(self, now: float) -> None:
        """Write what there is to see, and choose when to look again."""
        before = time.monotonic()
        figures = self._figures()
        with contextlib.suppress(OSError):  # a full disk is the checkpoint's to tell of
            self._curve(figures)
            self._write_sheet()  # first: the page fetches it once the step has changed
            self.now = {**self._place(now), "figures": figures, "outputs": self._outputs()}
            self._write_now("training")
        took = time.monotonic() - before
        self.written = now
        self.spent += took
        later = now - self.began >= EARLY
        self.next_look = before + took + max(PAUSES[later], took / SHARES[later])

    def _watched(self) -> bool:
        try:
            return abs(time.time() - (self.folder / live.WATCHED).stat().st_mtime) < live.WATCHED_SECONDS
        except OSError:
            return False

    def _figures(self) -> dict[str, float | None]:
        """METRICS since the last look, those that the objective has, and the norms of the last gradients."""
        if not self.recent:
            return {}
        rows = torch.stack([*self.recent]).cpu()  # this waits for the device
        self.recent.clear()
        figures = dict(zip(METRICS, rows.mean(0).tolist(), strict=True))
        if OBJECTIVES[self.trainer.settings.objective].output != "logit":
            figures = {name: figure for name, figure in figures.items() if name not in LOGIT_METRICS}
        norms = self.trainer.gradient_norms().tolist()
        return {name: _plain(figure) for name, figure in [*figures.items(), *zip(NORMS, norms, strict=True)]}

    def _measure(self) -> None:
        """Measure some samples, and note the milestones that they reach."""
        average = self.trainer.state.average
        average.eval()  # which neither draws random numbers nor remembers anything
        self.writer.reach(self.measurer.measures(average, self.sample_z), self.trainer)

    @torch.no_grad()
    def _outputs(self) -> dict[str, Any] | None:
        """How D's raw outputs of training pictures and of generated ones lie, as the training itself would see them."""
        state, trainer = self.trainer.state, self.trainer
        # Copies: batch norm and spectral norm remember what they have seen.
        generator, discriminator = copy.deepcopy((state.generator, state.discriminator))
        with trainer.autocast():
            drawn = generator(self.judged_z, self.real_labels).float()
            real = discriminator(from_pixels(self.real), self.real_labels).float()
            fake = discriminator(drawn, self.real_labels).float()
        both = torch.cat([real, fake]).cpu()
        if not both.isfinite().all():
            return None
        low, high = self._range(*both.quantile(torch.tensor([TAIL, 1 - TAIL])).tolist())
        counts = {
            name: torch.histc(outputs.cpu().clamp(low, high), live.BINS, low, high).int().tolist()
            for name, outputs in (("real", real), ("fake", fake))
        }
        return {"low": _plain(low), "high": _plain(high), **counts}

    def _range(self, low: float, high: float) -> tuple[float, float]:
        """The range of outputs to show: it grows at once and shrinks slowly, so that the eye can follow."""
        margin = 0.05 * (high - low) + 1e-3
        low, high = low - margin, high + margin
        if self.range is not None:
            low = min(low, 0.9 * self.range[0] + 0.1 * low)
            high = max(high, 0.9 * self.range[1] + 0.1 * high)
        self.range = low, high
        return self.range

    def _curve(self, figures: dict[str, float | None]) -> None:
        curve, step = self.writer.curve, self.trainer.state.step
        if not figures or (curve["step"] and step - curve["step"][-1] < self.writer.curve_gap):
            return
        curve["step"].append(step)
        for name in live.FIGURES:
            curve.setdefault(name, [None] * (len(curve["step"]) - 1)).append(figures.get(name))
        if len(curve["step"]) > live.POINTS:
            for name in curve:
                curve[name] = curve[name][::2]
            self.writer.curve_gap = 2 * step // live.POINTS
        files.write_bytes(self.folder / live.CURVE, json.dumps(curve).encode(), flush=False)

    @torch.inference_mode()
    def _write_sheet(self) -> None:
        average = self.trainer.state.average
        average.eval()
        digits = to_pixels(average(self.sheet_z, self.sheet_labels))
        image = encoding.grid(digits.cpu(), self.columns, gap=0)
        files.write_bytes(self.folder / live.DIGITS, encoding.png_bytes(image, compression=1), flush=False)

    def _place(self, now: float) -> dict[str, Any]:
        """Where the training is, and how fast."""
        trainer, state = self.trainer, self.trainer.state
        then, step, spent = self.last
        seconds = now - then - (self.spent - spent)
        if state.step > step and seconds > 0:
            speed = (state.step - step) * trainer.settings.batch_size * trainer.settings.d_steps / seconds
            self.speed = 0.7 * self.speed + 0.3 * speed if self.speed else speed
        self.last = now, state.step, self.spent
        left = self.left.seconds(now, state.step, trainer.steps)
        return {
            "step": state.step,
            "steps": trainer.steps,
            "epoch": trainer.epoch,
            "epochs": trainer.settings.epochs,
            "seconds": round(state.seconds, 1),
            "seconds_left": None if left is None else round(left, 1),
            "images_per_second": round(self.speed, 1),
            "looking": round(self.spent / max(now - self.began, 1e-9), 4),  # the share of the time that all this takes
        }

    def _write_now(self, phase: str, about: str = "", at_work: bool = True) -> None:
        whole = {
            "version": control.VERSION,
            "phase": phase,
            "about": about,
            "at": time.time() if at_work else 0.0,
            **self.now,
            "milestones": self.writer.milestones,
            "knobs": control.in_force(self.trainer),
            "refused": self.refused,
            "about_run": self.about_run,
        }
        files.write_bytes(self.folder / live.NOW, json.dumps(whole, allow_nan=False).encode(), flush=False)

    def refuse(self, line: str) -> None:
        """Say why what somebody wanted changed is not, or "" where it is; a look follows soon."""
        self.refused = line
        self.next_look = 0.0

    def measuring(self, about: str) -> None:
        """The training is done; say which measure is at work."""
        if about == self.about and time.monotonic() < self.written + PAUSES[1]:
            return
        self.about, self.written = about, time.monotonic()
        self.now |= {"step": self.trainer.state.step, "epoch": self.trainer.epoch, "seconds_left": None}
        with contextlib.suppress(OSError):
            if not self.done:  # what there is to see is of the last step, as the number is
                self.done = True
                self._curve(self._figures())
                self._write_sheet()
            self._write_now("measuring", about)

    def end(self) -> None:
        """Say that nobody is at work here any more, however the run has ended."""
        if self.now and self.folder.is_dir():
            with contextlib.suppress(OSError):
                self._write_now("measuring" if self.done else "training", self.about, at_work=False)

    def remove(self) -> None:
        """The run has finished, and its history has what is worth keeping."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _asked(gan: GAN, count: int, seed: int) -> tuple[Tensor, Tensor | None]:
    """Latents, and the classes that a conditional model is asked for: each latent is drawn as each class."""
    classes = gan.config.classes or 1
    z = gan.latents(-(-count // classes), seed).repeat_interleave(classes, 0)[:count]
    return z, gan.labels([row % classes for row in range(count)], count) if gan.config.classes else None


def _plain(number: float) -> float | None:
    """A number as JSON has it, to six digits; None for what is no number."""
    return float(f"{number:.6g}") if math.isfinite(number) else None
