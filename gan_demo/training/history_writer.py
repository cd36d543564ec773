"""A run writes down how the model learns: a line an epoch, warnings, and a grid of the same latents after each epoch.

Of the later grids fewer and fewer are kept when the run ends. `history.py` reads what is written here.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

from gan_demo import files
from gan_demo.checkpoint import OUTPUTS_FILE, SNAPSHOTS_FOLDER
from gan_demo.evaluation import evaluate
from gan_demo.gan import GAN
from gan_demo.objectives import OBJECTIVES, jensen_shannon_bound
from gan_demo.pictures import encoding
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.progress import Bar
from gan_demo.training.history import GRID_GAP, GRID_SEED, grid_of, snapshot_name
from gan_demo.training.iteration import LOGIT_METRICS, METRICS, Trainer
from gan_demo.training.milestones import D_WINS, DIGITS, G_WINS, Measures, newly_reached

SNAPSHOT_GROWTH = 1.25  # the factor from one epoch whose grid is kept for good to the next: early grids differ most
TEXTS = {
    "digits missing": "only {digits} of the ten digits make up half a percent or more of 2,000 samples: mode collapse,"
    " if it stays so.",
    "D has won": "D puts {ranked:.1%} of pairs, a training picture and a generated one, in the right order: where the"
    " loss has a sigmoid, G may learn little. A smaller --lr-d or a --penalty holds D back.",
    "G has won": "D lags behind: it puts only {ranked:.1%} of pairs in the right order, which says nothing about how"
    " good the pictures are. A larger --lr-d or more --d-steps helps D.",
}


class HistoryWriter:
    """Collects what history.jsonl will say: finished epochs, and the iterations of the current one."""

    def __init__(self) -> None:
        self.epochs: list[dict[str, Any]] = []
        self.snapshots: list[dict[str, Any]] = []  # epoch, and D's raw outputs for the grid of samples
        self.rows: list[list[float]] = []  # METRICS of each iteration since the last finished epoch
        self.gradient_norms: list[tuple[float, float]] = []  # of D and G, one pair a look at the device
        self.epoch_seconds = 0.0
        self.carried = 0  # epochs of another run, from whose end this one goes on
        self.changed: dict[str, Any] = {}  # settings that this run has otherwise than that one
        self.milestones: list[dict[str, Any]] = []  # milestones.py, in the order in which they were reached
        self.curve: dict[str, list[Any]] = {"step": []}  # figures at some steps, the same number of each
        self.curve_gap = 0  # iterations from one of these steps to the next at least

    @property
    def own(self) -> int:
        """Finished epochs of this run itself."""
        return len(self.epochs) - self.carried

    def reach(self, measures: Measures, trainer: Trainer) -> None:
        """Note each milestone that these measures of a training reach."""
        for name, measured in newly_reached(self.milestones, measures):
            self.milestones.append(
                {
                    "name": name,
                    "step": trainer.state.step,
                    "epoch": trainer.epoch,
                    "seconds": round(trainer.state.seconds, 1),
                    "measured": float(f"{measured:.4g}"),
                }
            )

    def finish_epoch(self, trainer: Trainer, held_out: dict[str, float]) -> dict[str, Any]:
        """Turn the rows of an epoch into one line of history, and begin the next epoch; returns the line.

        `held_out` has figures of test pictures besides.
        """
        self.reach({"ranked": column_means(self.rows)[METRICS.index("ranked")]}, trainer)
        line = self._line(trainer, held_out)
        self.epochs.append(line)
        self.rows, self.gradient_norms, self.epoch_seconds = [], [], 0.0
        return line

    def _line(self, trainer: Trainer, held_out: dict[str, float]) -> dict[str, Any]:
        """What the rows so far say of the current epoch."""
        settings = trainer.settings
        steps = self.epochs[self.carried - 1]["step"] if self.carried else 0
        line: dict[str, Any] = {"epoch": len(self.epochs) + 1, "step": steps + trainer.state.step}
        line |= zip(METRICS, column_means(self.rows), strict=True)
        if OBJECTIVES[settings.objective].output == "logit":
            line["js_bound"] = jensen_shannon_bound(line["value"])
        else:
            line = {name: figure for name, figure in line.items() if name not in LOGIT_METRICS}
        line |= held_out
        if self.gradient_norms:  # there are none where somebody stopped the run before the first look
            line |= zip(("grad_norm_d", "grad_norm_g"), column_means(self.gradient_norms), strict=True)
        if self.carried and not self.own:
            line["changed"] = self.changed
        since = trainer.state.step - len(self.rows)  # this epoch began there
        if reached := [milestone for milestone in self.milestones if milestone["step"] > since]:
            line["milestones"] = [{name: each[name] for name in ("name", "step", "measured")} for each in reached]
        if changes := [change for change in trainer.state.changes if change["step"] >= since]:
            line["changes"] = changes
        seen = len(self.rows) * settings.batch_size * settings.d_steps
        line["images_per_second"] = seen / max(self.epoch_seconds, 1e-9)
        return {name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in line.items()}

    def write(self, path: Path, trainer: Trainer) -> None:
        """Write history.jsonl; of a run that is in its first epoch, what there is of it."""
        lines = self.epochs
        if not lines and self.rows:
            lines = [{**self._line(trainer, {}), "unfinished": True}]
        files.write_text(path, "".join(json.dumps(line) + "\n" for line in lines))


def column_means(rows: list[Any]) -> list[float]:
    """The mean of each column of a table, which has at least one row."""
    return [math.fsum(column) / len(column) for column in zip(*rows, strict=True)]


def warn(writer: HistoryWriter, line: dict[str, Any], bar: Bar) -> None:
    """Put what has gone wrong into a line of history, and print each warning the first time it is due."""
    flags = []
    digits = line.get("evaluation", {}).get("digits", DIGITS)
    if digits < DIGITS:
        flags.append("digits missing")
    if line["ranked"] > D_WINS:
        flags.append("D has won")
    elif line["ranked"] < G_WINS:
        flags.append("G has won")
    if not flags:
        return
    line["warnings"] = flags
    said = {flag for earlier in writer.epochs[:-1] for flag in earlier.get("warnings", ())}
    for flag in flags:
        if flag not in said and not bar.disable:
            bar.write(f"Epoch {line['epoch']}: {TEXTS[flag].format(**line, digits=digits)}", file=sys.stderr)


def snapshot(gan: GAN, writer: HistoryWriter, folder: Path) -> None:
    """Write the grid of samples after the epochs so far, and D's raw output for each sample."""
    epoch = len(writer.epochs)
    outputs = write_samples(gan, folder / SNAPSHOTS_FOLDER / snapshot_name(epoch))
    writer.snapshots.append({"epoch": epoch, "outputs": [float(f"{output:.4g}") for output in outputs]})
    _write_outputs(writer, folder)


def _write_outputs(writer: HistoryWriter, folder: Path) -> None:
    lines = "".join(json.dumps(snapshot) + "\n" for snapshot in writer.snapshots)
    files.write_text(folder / SNAPSHOTS_FOLDER / OUTPUTS_FILE, lines)


def thin_snapshots(writer: HistoryWriter, folder: Path) -> None:
    """Keep the grids of the first epochs, then fewer and fewer, and the last."""
    last = len(writer.epochs)
    kept = {0, writer.carried, last, *(round(SNAPSHOT_GROWTH**k) for k in range(50))}
    for epoch in range(last + 1):
        if epoch not in kept:
            (folder / SNAPSHOTS_FOLDER / snapshot_name(epoch)).unlink(missing_ok=True)
    writer.snapshots = [snapshot for snapshot in writer.snapshots if snapshot["epoch"] in kept]
    _write_outputs(writer, folder)


def write_samples(gan: GAN, path: Path) -> list[float]:
    """Draw the fixed grid, and return D's raw outputs for it, row by row."""
    rows, columns = grid_of(gan.config.classes)
    count, classes = rows * columns, gan.config.classes or 1
    z = gan.latents(-(-count // classes), GRID_SEED).repeat_interleave(classes, 0)[:count]  # each latent as each class
    labels = evaluate.asked_for(gan, len(z))
    pixels = to_pixels(gan.generate(z, labels))
    files.write_bytes(path, encoding.png_bytes(encoding.grid(pixels.cpu(), columns, GRID_GAP)))
    return gan.score(from_pixels(pixels), labels).tolist()
