"""Training: how a model learned. Its curves, the same latents growing up, and all models side by side.

The server sends the numbers; tab.js draws them, so that nothing waits while a slider is dragged. The
grids of digits come when the tab is looked at, once for each model.
"""

import functools
import html
import itertools
import json
import math
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from gan_demo.belief import VERDICTS, Belief, belief, by_rank, meaning
from gan_demo.checkpoint import HISTORY_FILE, OUTPUTS_FILE, SNAPSHOTS_FOLDER
from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.pictures import encoding
from gan_demo.training.history import MAX_EPOCH, WARNINGS, Epoch, Milestone, Snapshot, read_history, read_snapshots
from gan_demo.training.milestones import RULES
from gan_demo.ui import words
from gan_demo.ui.shared import checks, link, markup, widgets
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.training import curves, model_table, overlay
from gan_demo.ui.trainer import part
from gan_demo.ui.words import say, sentences

REMEMBERED = 4  # models whose grids are kept ready
# The browser asks for grids past gradio's queue, and each answer is a megabyte: few at once.
_AT_ONCE = threading.BoundedSemaphore(4)
SWING = 0.6  # of the digits of a grid: D changes its mind about so many, there and back, where something happened


def view(model: Model) -> str:
    """How the model learned, as HTML; what cannot be read is said in a line."""
    problems = []
    epochs, snapshots = [], []
    try:
        epochs = read_history(model.folder)
        if not epochs:
            problems.append(say("no history", model=model.name))
        elif not epochs[0].finished:
            problems.append(say("first epoch", model=model.name))
    except UserError as error:
        problems.append(say("history damaged", why=words.tell(error)))
    try:
        snapshots = read_snapshots(model.folder)
        if epochs and not snapshots:
            problems.append(say("no snapshots", model=model.name))
    except UserError as error:
        problems.append(say("snapshots damaged", why=words.tell(error)))
    run, plots = curves.drawn(model, epochs)
    run |= {"model": model.name, "frames": [snapshot.epoch for snapshot in snapshots]}
    tally = "taken for real" if meaning(model.gan.config.objective).has_scale else "above the middle"
    run["labels"] = {
        "epoch": say("epoch", epoch="{epoch}"),
        "before": say("before training"),
        "real": say(tally, who=say("who trained"), real="{real}", count="{count}"),
        "play": say("play"),
        "pause": say("pause"),
        "verdicts": [say(verdict) for verdict in VERDICTS],
        "digit": say("grown digit", number="{number}", verdict="{verdict}"),
    }
    alone = "" if snapshots else " without-snapshots"
    content = f"{_growing(model, snapshots, epochs)}{plots}"
    return (
        "".join(f'<p class="no-reference">{html.escape(problem)}</p>' for problem in problems)
        + f'<div class="training{alone}" data-run="{html.escape(json.dumps(run))}">{content}</div>'
        + (_warnings(epochs) + _happened(epochs) if epochs else "")
        + (f'<div class="below">{markup.legend(model.gan.config)}</div>' if content else "")
    )


def _growing(model: Model, snapshots: Sequence[Snapshot], epochs: Sequence[Epoch]) -> str:
    """The frame of the grid of digits, and its slider."""
    if not snapshots:
        return ""
    of_classes = "growing note ten" if model.classes == CLASSES else "growing note classes"
    note = say(of_classes if model.conditional else "growing note")
    if not meaning(model.gan.config.objective).has_scale:
        note += f" {say('growing note critic')}"
    happened = turn(model.gan.config.objective, snapshots, epochs)
    caption = ""
    if happened:
        (first, a), (middle, b), (last, c) = happened
        line = say("swing", first=first, middle=middle, last=last, a=a, b=b, c=c, count=len(snapshots[0].outputs))
        caption = f'<p class="note turn">{line}</p>'
    return (
        f'<section class="growing"><h2>{say("growing")}</h2><p class="note">{note}</p>'
        f'<div class="sheet" tabindex="0" role="img" aria-label="{say("growing")}"></div>'
        '<span class="tip" hidden></span>'
        f'<p class="when" aria-live="polite"><b></b> <span></span></p>{caption}'
        f'<div class="player"><button data-play aria-label="{say("play")}" title="{say("play")}"></button>'
        f'<input type="range" min="0" max="{len(snapshots) - 1}" step="1" value="{len(snapshots) - 1}"'
        f' aria-label="{say("which epoch")}"></div></section>'
    )


def turn(objective: str, snapshots: Sequence[Snapshot], epochs: Sequence[Epoch]) -> list[tuple[int, int]] | None:
    """Three snapshots between which D swings the most: their epochs, and how many of the digits D takes for real.

    None where the smaller of the two swings is below SWING, or where D's output does not say what it takes for real.
    """
    if not meaning(objective).has_scale:
        return None
    figures = {epoch.number: epoch.figures for epoch in epochs}
    counts = []
    for snapshot in snapshots[1:] if snapshots and not snapshots[0].epoch else snapshots:
        said = of_then(objective, snapshot.outputs, figures.get(snapshot.epoch, {}))
        counts.append((snapshot.epoch, sum(one.lean > 0 for one in said)))
    found, most = None, SWING * (len(snapshots[0].outputs) if snapshots else 0)
    for three in itertools.combinations(counts, 3):  # of 30 snapshots at most
        up, down = (after[1] - before[1] for before, after in itertools.pairwise(three))
        if up * down < 0 and min(abs(up), abs(down)) >= (most if found is None else most + 1):
            found, most = list(three), min(abs(up), abs(down))
    return found


def _warnings(epochs: Sequence[Epoch]) -> str:
    """What went wrong and when, in words."""
    items = []
    for flag in WARNINGS:
        when = [epoch.number for epoch in epochs if flag in epoch.warnings]
        if when:
            at = say("in epochs", epochs=say("and").join(ranges(when)))
            flagged = f"<b>{at}{say(f'flag {flag}')}</b>"
            items.append(f"<li>{sentences(flagged, say(f'flag {flag} note'))}</li>")
    return f'<ul class="warnings">{"".join(items)}</ul>' if items else ""


def _happened(epochs: Sequence[Epoch]) -> str:
    """What the training came to, and what somebody changed while it ran, in the order of its steps."""
    events = [(one.step, say(f"train milestone {one.name}")) for one in _reached(epochs)]
    for change in (change for epoch in epochs for change in epoch.changes):
        made = [_change(name, value) for name, value in change.items() if name != "step"]
        events.append((int(change["step"]), say("train changed", what=say("and").join(made))))
    items = [
        f"<li>{html.escape(say('train step', step=f'{step:,}', what=what))}</li>"
        for step, what in sorted(events, key=lambda event: event[0])
    ]
    if not items:
        return ""
    return f'<section class="happened"><h2>{say("train milestones")}</h2><ol>{"".join(items)}</ol></section>'


def _reached(epochs: Sequence[Epoch]) -> list[Milestone]:
    """The milestones, without those that a run which went on from another reached once more at its start."""
    found: dict[tuple[str, int], Milestone] = {}
    for one in (one for epoch in epochs for one in epoch.milestones):
        found.setdefault((one.name, one.step if RULES[one.name].again else 0), one)
    return list(found.values())


def _change(name: str, value: Any) -> str:
    """A knob and where it was turned to, in words."""
    known = words.beginning("train ")
    to = known.get(f"{name} {value or 'none'}", value)
    return f"{known.get(name, name.replace('_', ' '))} {to}"


def ranges(numbers: Iterable[int]) -> list[str]:
    """Ascending numbers as people write them: 1, 2, 3 and 7 are "1–3" and "7"."""
    found = []
    for _, group in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        found.append(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}")
    return found


def frames(model: Model) -> list[dict[str, Any]]:
    """The grids, and what the D of each epoch says of every digit; raises UserError."""
    return _frames(model.folder, model.gan.config.objective, _stamp(model.folder))


def _stamp(folder: Path) -> tuple[int, ...]:
    """A mark of the history and the snapshots, which changes when they do."""
    found = (folder / HISTORY_FILE, folder / SNAPSHOTS_FOLDER / OUTPUTS_FILE)
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in found)


@functools.lru_cache(maxsize=REMEMBERED)
def _frames(folder: Path, objective: str, stamp: tuple[int, ...]) -> list[dict[str, Any]]:
    try:
        epochs = {epoch.number: epoch.figures for epoch in read_history(folder)}
    except UserError:  # said elsewhere; the grids are sound
        epochs = {}
    found = []
    for snapshot in read_snapshots(folder):
        said = of_then(objective, snapshot.outputs, epochs.get(snapshot.epoch, {}))
        found.append(
            {
                "epoch": snapshot.epoch,
                "png": encoding.data_url(snapshot.png()),
                "lean": [markup.strength(one) for one in said],
                "number": ["–" if math.isnan(one.raw) else one.number for one in said],
                "verdict": [VERDICTS.index(one.verdict) for one in said],
                "real": sum(one.lean > 0 for one in said),
            }
        )
    return found


def of_then(objective: str, outputs: Sequence[float], figures: dict[str, float]) -> list[Belief]:
    """What the D of an epoch says of that epoch's pictures, in the scale that its output had then.

    A critic's scores have no zero, and change from epoch to epoch. One leans as far as it ranks among that epoch's
    scores of real and of generated pictures, of which only the means were kept: they are taken as normal, with the
    spread of these `outputs`.
    """
    said = [belief(objective, output) for output in outputs]
    means = [figures[name] for name in ("score_real", "score_fake") if name in figures]
    spread = float(np.nanstd(outputs)) if len(outputs) else 0.0
    if meaning(objective).has_scale or len(means) < 2 or not spread > 0:
        return said

    def lean(output: float) -> float:
        return math.fsum(math.erf((output - mean) / spread / math.sqrt(2)) for mean in means) / 2

    return [one if math.isnan(one.raw) else by_rank(objective, one.raw, lean(one.raw)) for one in said]


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes.

    The epoch is in links too: tab.js sees to it, because the slider is its own.
    """
    catalogue, model = page.catalogue, page.model
    page.settings.of_page("epoch", link.whole(lambda value: checks.whole(value, say("which epoch"), 0, MAX_EPOCH - 1)))

    @checks.answers(_AT_ONCE)
    def grown(name: Any) -> dict[str, Any]:
        try:
            return {"frames": frames(catalogue.load(name))}
        except UserError as error:
            raise UserError(say("snapshots damaged", why=words.tell(error))) from None

    part.build(page)
    gr.HTML(f'<p class="lede">{say("training lede")}</p>')
    stage = gr.HTML(elem_id="training-stage", js_on_load=script, server_functions=[grown], apply_default_css=False)
    overlay.build(page)
    table = gr.HTML(elem_id="all-models", apply_default_css=False)

    @checks.toasts
    def draw(name: Any) -> tuple[str, str]:
        model = catalogue.load(name)
        return view(model), model_table.view(catalogue, model)

    return widgets.Redraw(draw, [model], [stage, table])
