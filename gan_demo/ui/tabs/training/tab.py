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
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from gan_demo.belief import VERDICTS, Belief, belief, by_rank, meaning
from gan_demo.checkpoint import HISTORY_FILE, OUTPUTS_FILE, SNAPSHOTS_FOLDER
from gan_demo.errors import UserError
from gan_demo.objectives import OBJECTIVES, jensen_shannon_bound
from gan_demo.pictures import encoding
from gan_demo.training.history import GRID, WARNINGS, Epoch, Snapshot, read_history, read_snapshots
from gan_demo.ui import words
from gan_demo.ui.shared import checks, markup, widgets
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.training import model_table
from gan_demo.ui.words import say

REMEMBERED = 4  # models whose grids are kept ready
# The browser asks for grids past gradio's queue, and each answer is a megabyte: few at once.
_AT_ONCE = threading.BoundedSemaphore(4)
LOG_4 = math.log(4)
# What D's outputs are where it cannot tell, for kinds of output that have such a point.
UNDECIDED = {"logit": 0.5, "target": 0.5, "margin": 0.0}


class Line(NamedTuple):
    """One line of a curve."""

    figure: str  # its name in the history
    label: str
    colour: str  # a class of the style sheet
    drawn: bool = True  # or only said beside the others


class Curve(NamedTuple):
    """One little plot."""

    title: str
    note: str  # what to look for
    lines: Sequence[Line]
    form: str = "plain"  # how its numbers are written: "plain", "percent" or "whole"
    level: tuple[float, str] | None = None  # a value worth a line of its own, and what it is called
    warnings: Sequence[str] = ()  # those that are marked on it
    log: bool = False
    fill: bool = False  # between the line and the level
    range: tuple[float, float] | None = None  # all of its axis
    span: float = 0.0  # the least range of its axis, so that a ripple does not look like a wave


def each_epoch(objective: str) -> list[Curve]:
    """The curves that have a point for every epoch."""
    output = OBJECTIVES[objective].output
    undecided = UNDECIDED.get(output)
    real, fake = ("d_real", "d_fake") if output == "logit" else ("score_real", "score_fake")
    won = WARNINGS[1:]
    curves = [
        Curve(
            say("curve losses"),
            say("curve losses note"),
            [Line("loss_d", "D", "ink"), Line("loss_g", "G", "soft")],
        ),
        Curve(
            say("curve belief"),
            say("curve belief note" if output == "logit" else "curve scores note"),
            [Line(real, say("curve of real"), "real"), Line(fake, say("curve of fake"), "fake")],
            "percent" if output == "logit" else "plain",
            None if undecided is None else (undecided, say("cannot tell")),
            won,
            span=0.1 if output in ("logit", "target") else 0.0,
        ),
    ]
    if output == "logit":
        lines = [Line("value", "V", "ink"), Line("js_bound", "JSD ≥", "soft", drawn=False)]
        level = (-LOG_4, "−log 4")
        curves.append(Curve("V(D, G)", say("curve value note"), lines, level=level, fill=True, span=0.05))
    lines = [Line("ranked", "", "ink")]
    level = (0.5, say("curve guessing"))
    curves.append(Curve(say("curve ranked"), say("curve ranked note"), lines, "percent", level, won, span=0.1))
    return curves


def now_and_then() -> list[Curve]:
    """The curves of the light evaluations."""
    lacking = WARNINGS[:1]
    return [
        Curve(say("frechet"), say("curve frechet note"), [Line("frechet_distance", "", "ink")], log=True),
        Curve(say("coverage"), say("curve coverage note"), [Line("coverage", "", "ink")], "percent"),
        Curve(
            say("curve class_kl"),
            say("curve class_kl note"),
            [Line("class_kl", "", "ink")],
            warnings=lacking,
            span=0.01,
        ),
        Curve(
            say("curve digits"),
            say("curve digits note"),
            [Line("digits", "", "ink")],
            "whole",
            warnings=lacking,
            range=(0, 11),  # some air above all ten
        ),
    ]


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
    run, plots = _curves(model.gan.config.objective, epochs)
    run |= {"model": model.name, "grid": GRID, "frames": [snapshot.epoch for snapshot in snapshots]}
    has_scale = meaning(model.gan.config.objective).has_scale
    run["labels"] = {
        "epoch": say("epoch", epoch="{epoch}"),
        "before": say("before training"),
        "real": say("taken for real" if has_scale else "above the middle", real="{real}", count="{count}"),
        "play": say("play"),
        "pause": say("pause"),
        "verdicts": [say(verdict) for verdict in VERDICTS],
        "digit": say("grown digit", number="{number}", verdict="{verdict}"),
    }
    alone = "" if snapshots else " without-snapshots"
    content = f"{_growing(model, snapshots)}{plots}"
    return (
        "".join(f'<p class="no-reference">{html.escape(problem)}</p>' for problem in problems)
        + f'<div class="training{alone}" data-run="{html.escape(json.dumps(run))}">{content}</div>'
        + (_warnings(epochs) if epochs else "")
        + (f'<div class="below">{markup.legend(model.gan.config)}</div>' if content else "")
    )


def _growing(model: Model, snapshots: Sequence[Snapshot]) -> str:
    """The frame of the grid of digits, and its slider."""
    if not snapshots:
        return ""
    note = say("growing note ten" if model.conditional else "growing note")
    if not meaning(model.gan.config.objective).has_scale:
        note += f" {say('growing note critic')}"
    return (
        f'<section class="growing"><h2>{say("growing")}</h2><p class="note">{note}</p>'
        f'<div class="sheet" tabindex="0" role="img" aria-label="{say("growing")}"></div>'
        '<span class="tip" hidden></span>'
        '<p class="when" aria-live="polite"><b></b> <span></span></p>'
        f'<div class="player"><button data-play aria-label="{say("play")}" title="{say("play")}"></button>'
        f'<input type="range" min="0" max="{len(snapshots) - 1}" step="1" value="{len(snapshots) - 1}"'
        f' aria-label="{say("which epoch")}"></div></section>'
    )


def _curves(objective: str, epochs: Sequence[Epoch]) -> tuple[dict[str, Any], str]:
    """What the browser draws, and the frames it draws into."""
    tables = [{**epoch.figures, **epoch.evaluation} for epoch in epochs]
    for table in tables:
        if "value" in table:
            table["js_bound"] = max(0.0, jensen_shannon_bound(table["value"]))
    sent, sections = [], []
    for curves, name in ((each_epoch(objective), "steady"), (now_and_then(), "sparse")):
        figures = []
        for curve in curves:
            lines = [line for line in curve.lines if any(line.figure in table for table in tables)]
            if not lines:
                continue
            sent.append(
                {
                    "lines": [
                        {"y": [table.get(line.figure) for table in tables], "colour": line.colour, "drawn": line.drawn}
                        for line in lines
                    ],
                    "form": curve.form,
                    "level": curve.level,
                    "marks": [epoch.number for epoch in epochs if set(curve.warnings) & set(epoch.warnings)],
                    "log": curve.log,
                    "fill": curve.fill,
                    "range": curve.range,
                    "span": curve.span,
                    "dots": name == "sparse",
                }
            )
            figures.append(_plot(curve, lines))
        if figures:
            sections.append(f'<div class="plots {name}">{"".join(figures)}</div>')
    if not sections:
        return {"epochs": [], "charts": []}, ""
    # Where the tools are matters to who goes through the page by keyboard: before the plots.
    tools = (
        f'<div class="plot-tools"><h2>{say("curves")}</h2><b class="at" aria-live="polite"></b><span class="hint">'
        f'{say("curves hint")}</span><span class="zooms"><button class="copy" data-zoom="in">{say("zoom in")}</button>'
        f'<button class="copy" data-zoom="out" disabled>{say("zoom out")}</button></span></div>'
    )
    sections[0] = f'<section class="first-curves">{tools}{sections[0]}</section>'
    return {"epochs": [epoch.number for epoch in epochs], "charts": sent}, "".join(sections)


def _plot(curve: Curve, lines: Sequence[Line]) -> str:
    values = "".join(
        f'<span class="value of-{line.colour}{"" if line.drawn else " said"}">{line.label} <b></b></span>'
        for line in lines
    )
    return (
        f'<figure class="curve"><figcaption><b>{curve.title}</b><span class="values">{values}</span>'
        f'<span class="note">{curve.note}</span></figcaption>'
        f'<div class="plot" tabindex="0" role="img" aria-label="{html.escape(f"{curve.title}. {curve.note}")}"></div>'
        "</figure>"
    )


def _warnings(epochs: Sequence[Epoch]) -> str:
    """What went wrong and when, in words."""
    items = []
    for flag in WARNINGS:
        when = [epoch.number for epoch in epochs if flag in epoch.warnings]
        if when:
            at = say("in epochs", epochs=say("and").join(ranges(when)))
            items.append(f"<li><b>{at}{say(f'flag {flag}')}</b> {say(f'flag {flag} note')}</li>")
    return f'<ul class="warnings">{"".join(items)}</ul>' if items else ""


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
    means = [figures.get(name) for name in ("score_real", "score_fake")]
    spread = float(np.nanstd(outputs)) if len(outputs) else 0.0
    if meaning(objective).has_scale or None in means or not spread > 0:
        return said

    def lean(output: float) -> float:
        return sum(math.erf((output - mean) / spread / math.sqrt(2)) for mean in means) / 2

    return [one if math.isnan(one.raw) else by_rank(objective, one.raw, lean(one.raw)) for one in said]


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes.

    The epoch is in links too: tab.js sees to it, because the slider is its own.
    """
    catalogue, model = page.catalogue, page.model

    @checks.answers(_AT_ONCE)
    def grown(name: Any) -> dict[str, Any]:
        try:
            return {"frames": frames(catalogue.load(name))}
        except UserError as error:
            raise UserError(say("snapshots damaged", why=words.tell(error))) from None

    gr.HTML(f'<p class="lede">{say("training lede")}</p>')
    stage = gr.HTML(elem_id="training-stage", js_on_load=script, server_functions=[grown], apply_default_css=False)
    table = gr.HTML(elem_id="all-models", apply_default_css=False)

    @checks.toasts
    def draw(name: Any) -> tuple[str, str]:
        model = catalogue.load(name)
        return view(model), model_table.view(catalogue, model)

    return widgets.Redraw(draw, [model], [stage, table])
