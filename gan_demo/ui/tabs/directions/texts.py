"""The directions of a model, and what is said of each: its name, what a unit of it does, and how that was measured."""

import functools
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gan_demo.belief import percent, typeset
from gan_demo.checkpoint import DIRECTIONS_FILE
from gan_demo.errors import UserError
from gan_demo.latent import ink
from gan_demo.latent.directions import Direction, Directions, Effect
from gan_demo.shell import quoted
from gan_demo.ui.shared.model import Model, stamp
from gan_demo.ui.words import say

REMEMBERED = 20  # models whose directions are kept ready


def of(model: Model) -> Directions:
    """The directions of a model; raises UserError if it has none that can be read."""
    path = model.folder / DIRECTIONS_FILE
    written = path.stat().st_mtime_ns if path.is_file() else None
    found = _read(model.folder, model.checkpoint, (*stamp(model.folder), written))
    if isinstance(found, UserError):
        raise found
    return found


@functools.lru_cache(maxsize=REMEMBERED)
def _read(folder: Path, shown: str, stamp: tuple[int | None, ...]) -> Directions | UserError:
    try:
        return Directions.from_pretrained(folder)
    except UserError as error:  # which says nothing of where on this machine the folder is
        told = str(error).replace(quoted(folder), quoted(shown))  # in its command
        return UserError(told.replace(str(folder), shown))


def or_none(model: Model) -> Directions | None:
    """The directions of a model, if it has any that can be read."""
    try:
        return of(model)
    except UserError:
        return None


def within(model: Model, space: str) -> Directions | None:
    """The directions of a model in a space, "z" or "w", if it has any that can be read."""
    found = or_none(model)
    return found.in_w if found and space == "w" else found


def measure_name(name: str) -> str:
    """What a measure is called, such as "stroke width", or "7"."""
    named = {
        "slant": say("slant"),
        "width": say("stroke width"),
        "size": say("size"),
        "roundness": say("roundness"),
    }
    return named.get(name) or name.removeprefix("digit-")


def label(direction: Direction) -> str:
    """What a direction is called, such as "Slant" or "PCA 3 (mostly slant)"."""
    if direction.kind == "measure":
        name = measure_name(direction.name)
        return name[0].upper() + name[1:]
    if direction.kind == "digit":
        return say("digit direction", digit=direction.name[-1])
    kind, number = direction.name.split("-")
    kind = {"pca": "PCA", "sefa": "SeFa"}[kind]
    return say("component", kind=kind, number=number, measure=_mostly(direction.mostly))


def _mostly(measure: str) -> str:
    return say("digit direction", digit=measure[-1]).lower() if measure.startswith("digit") else measure_name(measure)


def amount(measure: str, value: float) -> str:
    """A change of a measure as people read it: "+5.3°", "+0.31 px", "-12 %"."""
    if measure == "slant":
        text = f"{value:+.1f}°"
    elif measure.startswith("digit"):
        text = f"{value:+.0%}".replace("%", "\u00a0%")
    else:
        text = f"{value:+.2f}" + ("" if measure == "roundness" else "\u00a0px")
    return typeset(text)


def note(direction: Direction, effect: Effect) -> str:
    """What a unit of a direction does, in a line."""
    own = direction.name if direction.name in effect.moves else direction.mostly
    key = "share per unit" if own.startswith("digit") else "per unit"
    parts = [say(key, amount=amount(own, effect.moves[own]), digit=own[-1])]
    if direction.name in effect.moves and effect is direction.effect and direction.mostly != direction.name:
        parts.append(say("moves more", measure=_mostly(direction.mostly)))
    if effect.stays is not None and direction.kind != "digit":  # whose purpose is another one
        parts.append(say("digit stays", share=percent(effect.stays)))
    return " · ".join(parts)


def details(direction: Direction, effect: Effect) -> str:
    """All that was measured of a direction, for those who point at it."""
    fits = {"measure": "R²", "digit": "AUC", "pca": say("of variance"), "sefa": say("of eigenvalues")}
    fit = f"{direction.fit:.2f}" if direction.kind in ("measure", "digit") else percent(direction.fit)
    moved = [f"{measure_name(name)} {amount(name, effect.moves[name])}" for name in ink.MEASURES]
    return f"{say('a unit moves', moves=say('and').join(moved))} · {fits[direction.kind]} {fit}"


def described(direction: Direction) -> dict[str, Any]:
    """A direction as programs get it."""
    return {"label": label(direction), **asdict(direction)}
