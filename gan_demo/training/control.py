"""The knobs of a training: what can be changed while it runs, by a file that the page writes.

`live/control.json` holds what is wanted, whole. The training looks at it between two iterations and brings itself to
that. Every change is in the state, the history and the config of the run: no recipe is named for what it did not do.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from gan_demo.errors import UserError
from gan_demo.penalties import PENALTIES
from gan_demo.settings import Settings
from gan_demo.training import live
from gan_demo.training.iteration import Trainer

KNOBS = ("lr_g", "lr_d", "d_steps", "penalty", "penalty_weight", "penalty_every", "objective")  # fields of Settings
VERSION = 1  # of the files in `live`
MOST_D_STEPS = 20
MOST_NOISE = 2.0  # of one shake, times the standard deviation of each of D's tensors
MOST_SHAKES = 1_000
MOST_CHANGES = 2_000  # of a run; a slider that is drawn to and fro makes ten a second
MAX_BYTES = 10_000


def in_force(trainer: Trainer) -> dict[str, Any]:
    """Every knob as it is now."""
    now = {name: getattr(trainer.settings, name) for name in KNOBS}
    return {**now, "freeze": trainer.state.freeze, "shakes": trainer.state.shakes}


class Control:
    """Looks whether somebody wants the training changed: a `stat` an iteration, and no more while nobody does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / live.FOLDER / live.CONTROL
        self.seen: tuple[int, ...] | None = None

    def look(self, trainer: Trainer) -> list[dict[str, Any]] | None:
        """Bring `trainer` to what is wanted now; returns the changes, or None where nobody asked for anything new.

        Raises UserError where what is asked for makes no sense; nothing is changed then.
        """
        try:
            found = self.path.stat()
        except OSError:
            self.seen = None
            return None
        known = found.st_mtime_ns, found.st_size, found.st_ino
        if known == self.seen:
            return None
        self.seen = known
        return turn(trainer, *_read(self.path))


def _read(path: Path) -> tuple[dict[str, Any], int, float]:
    """The knobs, the number of shakes so far and their size; raises UserError."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        asked = json.loads(content) if len(content) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict) or asked.get("version") != VERSION:
        raise UserError(f"{path.name} is not a list of knobs")
    knobs, shakes, size = asked.get("knobs", {}), asked.get("shakes", 0), asked.get("shake_size", 0.05)
    if not isinstance(knobs, dict):
        raise UserError(f"{path.name}: knobs is not an object")
    if type(shakes) is not int or not 0 <= shakes <= MOST_SHAKES:
        raise UserError(f"shakes are counted from 0 to {MOST_SHAKES}, not {shakes!r}")
    if type(size) not in (int, float) or not 0 < size <= MOST_NOISE:
        raise UserError(f"shake_size is more than 0 and at most {MOST_NOISE}, not {size!r}")
    return knobs, shakes, float(size)


def turn(trainer: Trainer, knobs: dict[str, Any], shakes: int = 0, shake_size: float = 0.05) -> list[dict[str, Any]]:
    """Go on with `knobs` from the next iteration on; one that is left out stays. Returns what has changed.

    `shakes` is how often D is to have been shaken since the run began; each adds noise of `shake_size` times its
    standard deviation to each of D's tensors. Raises UserError, and then nothing has changed.
    """
    state = trainer.state
    freeze = knobs.get("freeze", state.freeze)
    if freeze not in live.FREEZE:
        raise UserError(f"freeze is one of {', '.join(map(repr, live.FREEZE))}, not {freeze!r}")
    unknown = [*knobs.keys() - {*KNOBS, "freeze"}]
    if unknown:
        raise UserError(f"{unknown[0]!r} is no knob: they are {', '.join(KNOBS)}, freeze")
    settings = _with(trainer.settings, {name: knobs[name] for name in KNOBS if name in knobs})
    now, wanted = dataclasses.asdict(trainer.settings), dataclasses.asdict(settings)
    changed = {name: wanted[name] for name in KNOBS if wanted[name] != now[name]}
    changes = [{"step": state.step, name: value} for name, value in changed.items()]
    changes += [{"step": state.step, "freeze": freeze}] if freeze != state.freeze else []
    changes += [{"step": state.step, "shake": shake_size}] * max(0, shakes - state.shakes)
    if len(state.changes) + len(changes) > MOST_CHANGES:
        raise UserError(f"a run is changed {MOST_CHANGES} times at most")
    if changes:
        trainer.use(settings)
    for number in range(state.shakes, shakes):
        _shake(trainer, number, shake_size)
    state.freeze, state.shakes = freeze, max(state.shakes, shakes)
    state.changes += changes
    return changes


def _with(settings: Settings, chosen: dict[str, Any]) -> Settings:
    """The settings with some of them changed; raises UserError where they make no sense."""
    penalty = chosen.get("penalty", settings.penalty)
    if penalty != settings.penalty and isinstance(penalty, str) and penalty in PENALTIES:
        # The strength of another penalty would mean something else.
        chosen = {"penalty_weight": PENALTIES[penalty].weight, "penalty_every": 1, **chosen}
    for name in ("lr_g", "lr_d", "penalty_weight"):
        number = chosen.get(name)
        if type(number) is int and abs(number) < 2**53:  # JSON has one kind of numbers
            chosen[name] = float(number)
    found = dataclasses.replace(settings, **chosen)
    found.check()
    if found.d_steps > max(MOST_D_STEPS, settings.d_steps):
        raise UserError(f"--d-steps is at most {MOST_D_STEPS} here, not {found.d_steps}")
    return found


@torch.no_grad()
def _shake(trainer: Trainer, number: int, size: float) -> None:
    """Add noise to D's weights: the same for the same seed, step and number, and none of the training's own."""
    seed = (trainer.settings.seed * 1_000_003 + trainer.state.step * 1_009 + number) % 2**63
    random = torch.Generator().manual_seed(seed)  # on the CPU: equal on every device
    for parameter in trainer.state.discriminator.parameters():
        if parameter.numel() > 1:
            noise = torch.randn(parameter.shape, generator=random).to(parameter.device)
            parameter.add_(noise * parameter.std() * size)
