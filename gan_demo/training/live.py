"""What a training says of itself while it runs, for who looks at it: the files of `RUN/live/`, read with care.

A training writes them often only while somebody looks: then `WATCHED` is young. It is gone when the training has
finished; `history.jsonl` keeps what is worth keeping.
"""

import base64
import json
import math
import time
from pathlib import Path
from typing import Any

FOLDER = "live"
NOW, DIGITS, CURVE = "now.json", "digits.png", "curve.json"  # the training writes these
WATCHED, CONTROL = "watched", "control.json"  # and who looks at it writes these
WATCHED_SECONDS = 10.0  # how long a look lasts
SIDE = 8  # the picture has 8 x 8 digits of 28 x 28, without gaps; about as many where classes have columns of their own
POINTS = 300  # of the curve, at most
BINS = 40  # of the histograms of D's outputs
PHASES = ("training", "measuring")
# What is told when it is first measured, in the order in which it usually comes.
MILESTONES = ("first stroke", "first digits", "all ten digits", "D has won", "G has won", "collapse", "recovered")
FREEZE = ("", "d", "g")
KNOBS = ("lr_g", "lr_d", "d_steps", "penalty", "penalty_weight", "penalty_every", "objective", "freeze")
FIGURES = ("loss_d", "loss_g", "value", "ranked", "score_real", "score_fake", "grad_norm_d", "grad_norm_g")
MAX_BYTES = 200_000  # of each file
SILENT = 60.0  # seconds after which a training that says nothing is taken for one that has stopped
# What is told of a run, for who did not start it: fields of its settings.
ABOUT = (
    *("model", "recipe", "objective", "penalty", "penalty_weight", "epochs", "seed", "conditional"),
    *("dataset", "lr_g", "lr_d", "d_steps"),
)


def read(folder: Path) -> dict[str, Any] | None:
    """Return what a run in `folder` says of itself now; None where it says nothing, or nothing sound.

    Its keys are those of the file, each of the type that the page counts on: "phase", "about", "step", "steps",
    "epoch", "epochs", "seconds", "seconds_left" (None: unknown), "images_per_second", "figures" (name -> number),
    "outputs" ("low", "high", and BINS counts each of "real" and "fake"; None where there are none yet), "milestones",
    "knobs", "refused", and "about_run" (ABOUT -> value; what an earlier version wrote has none).
    """
    said = _json(folder / FOLDER / NOW)
    if not isinstance(said, dict) or said.get("phase") not in PHASES:
        return None
    whole = {name: _count(said.get(name)) for name in ("step", "steps", "epoch", "epochs")}
    rates = {name: _number(said.get(name)) or 0.0 for name in ("seconds", "images_per_second", "at")}
    return {
        "phase": said["phase"],
        "about": str(said.get("about") or "")[:200],
        **whole,
        **rates,
        "seconds_left": _number(said.get("seconds_left")),
        "figures": _numbers(said.get("figures")),
        "outputs": _outputs(said.get("outputs")),
        "milestones": _milestones(said.get("milestones")),
        "knobs": _knobs(said.get("knobs")),
        "refused": str(said.get("refused") or "")[:300],
        "about_run": _about(said.get("about_run")),
    }


def is_at_work(said: dict[str, Any] | None) -> bool:
    """Whether what `read` returned is so young that the training is taken to be at work."""
    return said is not None and abs(time.time() - said["at"]) < SILENT  # the clock may have been set back since


def curve(folder: Path) -> dict[str, list[float | None]]:
    """The curves of a run so far, by step: lists of one length, POINTS at most; {} where there are none."""
    said = _json(folder / FOLDER / CURVE)
    steps = said.get("step") if isinstance(said, dict) else None
    if not isinstance(steps, list) or not 0 < len(steps) <= POINTS or None in map(_number, steps):
        return {}
    found: dict[str, list[float | None]] = {"step": [_number(step) for step in steps]}
    for name in FIGURES:
        values = said.get(name)
        if isinstance(values, list) and len(values) == len(steps):
            found[name] = [_number(value) for value in values]
    return found


def digits(folder: Path) -> str | None:
    """The picture of the digits as a data URL; None where there is none."""
    content = _read(folder / FOLDER / DIGITS)
    if content is None or content[:8] != b"\x89PNG\r\n\x1a\n":
        return None
    return f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"


def watch(folder: Path) -> None:
    """Tell the training in `folder` that somebody looks; nothing happens where none is at work."""
    live = folder / FOLDER
    if live.is_dir():
        (live / WATCHED).touch()


def control(folder: Path) -> dict[str, Any]:
    """What a run in `folder` was last asked for: "knobs", and how often D was to be shaken, "shakes"."""
    said = _json(folder / FOLDER / CONTROL)
    said = said if isinstance(said, dict) else {}
    shakes = said.get("shakes")
    return {"knobs": _knobs(said.get("knobs")), "shakes": shakes if type(shakes) is int and shakes >= 0 else 0}


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    return content if len(content) <= MAX_BYTES else None


def _json(path: Path) -> Any:
    try:
        return json.loads(_read(path) or b"null")
    except (ValueError, RecursionError):
        return None


def _number(value: Any) -> float | None:
    fits = type(value) is float or (type(value) is int and abs(value) < 2**53)
    return float(value) if fits and math.isfinite(value) else None


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 2**53 else 0


def _numbers(said: Any) -> dict[str, float]:
    if not isinstance(said, dict):
        return {}
    found = {str(name)[:40]: _number(value) for name, value in list(said.items())[:40]}
    return {name: value for name, value in found.items() if value is not None}


def _outputs(said: Any) -> dict[str, Any] | None:
    if not isinstance(said, dict):
        return None
    ends = {name: _number(said.get(name)) for name in ("low", "high")}
    bars: dict[str, Any] = {name: said.get(name) for name in ("real", "fake")}
    if None in ends.values() or not all(isinstance(one, list) and len(one) == BINS for one in bars.values()):
        return None
    return {**ends, **{name: list(map(_count, one)) for name, one in bars.items()}}


def _milestones(said: Any) -> list[dict[str, Any]]:
    """Each with "name", "step", "epoch", "seconds" and what was "measured"."""
    known = [one for one in (said if isinstance(said, list) else []) if isinstance(one, dict)]
    return [
        {
            "name": one["name"],
            **{name: _count(one.get(name)) for name in ("step", "epoch")},
            **{name: _number(one.get(name)) for name in ("seconds", "measured")},
        }
        for one in known[:50]
        if one.get("name") in MILESTONES
    ]


def _about(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        return {}
    found = {name: said.get(name) for name in ABOUT}
    texts = {name: value[:80] for name, value in found.items() if isinstance(value, str)}
    numbers = {name: value for name, value in found.items() if type(value) is bool or _number(value) is not None}
    return {**texts, **numbers}


def _knobs(said: Any) -> dict[str, Any]:
    """Each as it was said: whole numbers stay whole."""
    if not isinstance(said, dict):
        return {}
    found: dict[str, Any] = {}
    for name in (*KNOBS, "shakes"):
        value = said.get(name)
        if isinstance(value, str):
            found[name] = value[:40]
        elif _number(value) is not None:
            found[name] = value
    return found
