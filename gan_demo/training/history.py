"""How a model learned, read from its checkpoint: a line of figures an epoch, and the same latents along the way.

A checkpoint may come from anybody, so every file is bounded in size and checked before it is believed.
"""

import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gan_demo.checkpoint import HISTORY_FILE, OUTPUTS_FILE, SNAPSHOTS_FOLDER
from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SIZE
from gan_demo.training.live import MILESTONES

GRID = (10, 10)  # rows and columns of the digits that are drawn after an epoch; of other classes see `grid_of`
COLUMNS = (10, 9, 8, 7, 6, 11, 12, 13, 5)  # that a grid may have, the first that fits the classes
MOST_DIGITS = 200  # of a grid
GRID_GAP = 2  # pixels between two digits of a grid
GRID_SEED = 0
WARNINGS = ("digits missing", "D has won", "G has won")

MAX_EPOCH = 1_000_000  # which no run reaches
MAX_BYTES = 2_000_000  # of a file of lines; a thousand epochs take half a megabyte
MAX_EVENTS = 200  # milestones, or changes, of one epoch
MAX_PNG_BYTES = 120_000  # a grid of noise takes 92 kB
MAX_SNAPSHOTS = 30  # that are shown: the first, the last and more of the early ones, which differ most


@dataclass(frozen=True)
class Epoch:
    """One line of history.jsonl. Figures that are no finite numbers are left out."""

    number: int  # from 1
    figures: dict[str, float]  # means over the epoch, such as "loss_d"
    evaluation: dict[str, float]  # of the model after it; empty for most epochs
    warnings: tuple[str, ...]  # some of WARNINGS
    finished: bool = True  # False where the run was stopped in its first epoch
    changed: dict[str, float] | None = None  # of the first epoch of a run that goes on from another: its new settings
    milestones: tuple["Milestone", ...] = ()  # reached in it
    changes: tuple[dict[str, Any], ...] = ()  # that somebody made while it ran, each with its "step"


class Milestone(NamedTuple):
    """Something that a training has come to."""

    name: str  # one of live.MILESTONES
    step: int
    measured: float  # what crossed its bar


@dataclass(frozen=True)
class Snapshot:
    """The grid of digits after an epoch, and what that epoch's D says of them."""

    epoch: int  # 0: before training
    outputs: tuple[float, ...]  # raw, a digit each, row by row; NaN where D is broken
    path: Path  # of the picture

    def png(self) -> bytes:
        """The picture, a PNG file of a grid of as many digits as there are outputs; raises UserError."""
        try:
            content = _read(self.path, MAX_PNG_BYTES)
        except FileNotFoundError:
            raise UserError(f"{self.path.name} is missing") from None
        sides = (
            struct.unpack(">II", content[16:24]) if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 24 else ()
        )
        columns, rows = ((side + GRID_GAP) / (IMAGE_SIZE + GRID_GAP) for side in sides or (0, 0))
        if columns % 1 or rows % 1 or columns * rows != len(self.outputs):
            raise UserError(f"{self.path.name} is not a grid of {len(self.outputs)} digits")
        return content


def grid_of(classes: int) -> tuple[int, int]:
    """Rows and columns of the grid of a model of `classes`, 0 for none: a class has columns of its own.

    Where the classes are so many that it would be far from GRID, it is GRID, and they follow each other.
    """
    fitting = [count for count in COLUMNS if classes and not (count % classes and classes % count)]
    columns = fitting[0] if fitting else GRID[1]
    return min(GRID[0], (GRID[0] + 1) * GRID[1] // columns), columns


def snapshot_name(epoch: int) -> str:
    """The file of the grid after an epoch."""
    return f"epoch-{epoch:04d}.png"


def read_history(folder: str | Path) -> list[Epoch]:
    """The epochs that history.jsonl tells of, none where there is no such file; raises UserError if it is damaged."""
    epochs: list[Epoch] = []
    before = joined = 0
    for place, line in _lines(Path(folder) / HISTORY_FILE):
        number = _epoch(line, place, after=epochs[-1].number if epochs else 0)
        flags = line.get("warnings")
        known = tuple(flag for flag in WARNINGS if isinstance(flags, list) and flag in flags)
        finished = line.get("unfinished") is not True
        changed = _figures(line["changed"]) if "changed" in line else None
        if changed is not None:
            joined = before
        figures = _figures(line)
        epochs.append(
            Epoch(
                *(number, figures, _figures(line.get("evaluation")), known, finished, changed),
                milestones=tuple(
                    one._replace(step=one.step + _ahead(one.step, before, joined))
                    for one in _milestones(line.get("milestones"))
                ),
                changes=tuple(
                    {**one, "step": one["step"] + _ahead(one["step"], before, joined)}
                    for one in _changes(line.get("changes"))
                ),
            )
        )
        before = int(figures.get("step", before))
    return epochs


def _ahead(step: float, before: int, joined: int) -> int:
    """What is added to the step of an event of an epoch, whose predecessor ended at step `before`.

    A run that goes on from another counts its own steps from 1, its lines from where that one ended, `joined`.
    """
    return joined if step <= before else 0


def _milestones(found: Any) -> tuple[Milestone, ...]:
    """What of a line is a milestone that this code knows."""
    reached = []
    for each in found[:MAX_EVENTS] if isinstance(found, list) else ():
        figures = _figures(each)
        if {"step", "measured"} <= figures.keys() and each.get("name") in MILESTONES:
            reached.append(Milestone(each["name"], int(figures["step"]), figures["measured"]))
    return tuple(reached)


def _changes(found: Any) -> tuple[dict[str, Any], ...]:
    """What of a line is a change that somebody made: numbers and short texts, each by its name."""
    made = []
    for each in found[:MAX_EVENTS] if isinstance(found, list) else ():
        if not isinstance(each, dict) or "step" not in _figures(each):
            continue
        texts = {name: value for name, value in each.items() if isinstance(value, str) and len(value) <= 40}
        made.append({**_figures(each), **texts})
    return tuple(made)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file, none where there is no such file; raises UserError if it is damaged."""
    return [line for _, line in _lines(path)]


def read_snapshots(folder: str | Path) -> list[Snapshot]:
    """The kept grids, MAX_SNAPSHOTS at most, none where there are none; raises UserError if their list is damaged."""
    folder = Path(folder) / SNAPSHOTS_FOLDER
    found: list[Snapshot] = []
    last = -1
    for place, line in _lines(folder / OUTPUTS_FILE):
        last = _epoch(line, place, after=last)
        outputs = line.get("outputs")
        if not isinstance(outputs, list) or not 0 < len(outputs) <= MOST_DIGITS or not all(map(_is_number, outputs)):
            raise UserError(f"{place}: outputs are not 1 to {MOST_DIGITS} numbers")
        path = folder / snapshot_name(last)
        if path.is_file():
            found.append(Snapshot(last, tuple(map(float, outputs)), path))
    if len(found) > MAX_SNAPSHOTS:
        steps = ((step / (MAX_SNAPSHOTS - 1)) ** 1.6 for step in range(MAX_SNAPSHOTS))
        found = [found[index] for index in sorted({round(share * (len(found) - 1)) for share in steps})]
    return found


def _read(path: Path, most: int) -> bytes:
    """A file's content; raises UserError if it is larger than `most` bytes or cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({error.strerror})") from None
    if len(content) > most:
        raise UserError(f"{path.name} is larger than {most // 1000:,} kB")
    return content


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(its place in words, the object) of each line of a JSON lines file; nothing where there is none."""
    try:
        text = _read(path, MAX_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        place = f"{path.name}, line {number}"
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise UserError(f"{place} is not a JSON object")
        yield place, content


def _epoch(line: dict[str, Any], place: str, after: int) -> int:
    number = line.get("epoch")
    if type(number) is not int or not after < number < MAX_EPOCH:
        raise UserError(f"{place}: epoch is not a whole number above {after}")
    return number


def _figures(line: Any) -> dict[str, float]:
    """What in an object is a finite number."""
    if not isinstance(line, dict):
        return {}
    return {name: float(value) for name, value in line.items() if _is_number(value) and math.isfinite(value)}


def _is_number(value: Any) -> bool:
    # A whole number of a thousand digits would not fit into a float.
    return type(value) is float or (type(value) is int and abs(value) < 2**53)
