"""The curves of the training tab: which there are, and what the browser draws of them."""

import html
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from gan_demo.belief import percent, typeset
from gan_demo.evaluation import part_tables
from gan_demo.evaluation.samples import LIGHT_SAMPLES
from gan_demo.objectives import OBJECTIVES, jensen_shannon_bound
from gan_demo.training.history import WARNINGS, Epoch
from gan_demo.ui.shared import widgets
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say, sentences

LOG_4 = math.log(4)
MEMORY = 0.01  # of all pairs: from this difference on D knows training pictures by heart
FLAT = 4.0  # times as great: a plot for each line
# What D's outputs are where it cannot tell, for kinds of output that have such a point.
UNDECIDED = {"logit": 0.5, "target": 0.5, "margin": 0.0}


class Line(NamedTuple):
    """One line of a curve."""

    figure: str  # its name in the history
    label: str
    colour: str  # a class of the style sheet
    drawn: bool = True  # or only said beside the others
    dashed: bool = False
    single: bool = False  # it has one number, of the last epoch: a ring


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
    apart: Sequence[str] = ()  # titles of a plot for each line where one of them would look flat beside the other


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
            [Line("loss_d", "D", "ink"), Line("loss_g", "G", "fake")],
            apart=(say("lab loss_d"), say("lab loss_g")),
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
    if output == "critic":
        lines = [Line("gap", say("curve on training"), "ink"), _on_test("gap_test")]
        # First: it is what such a training is watched by.
        curves.insert(0, Curve("E[D(x)] − E[D(G(z))]", say("curve gap note"), lines, level=(0.0, "0")))
    if output == "logit":
        lines = [Line("value", say("curve on training"), "ink"), _on_test("value_test")]
        lines.append(Line("js_bound", "JSD ≥", "soft", drawn=False))
        level = (-LOG_4, "−log 4")
        curves.append(Curve("V(D, G)", say("curve value note"), lines, level=level, fill=True, span=0.05))
    lines = [Line("ranked", say("curve on training"), "ink"), _on_test("ranked_test")]
    level = (0.5, say("curve guessing"))
    curves.append(Curve(say("curve ranked"), say("curve ranked note"), lines, "percent", level, won, span=0.1))
    return curves


def _on_test(figure: str) -> Line:
    """The same figure of test pictures: the gap between the two is what D knows by heart."""
    return Line(figure, say("curve on test"), "ink", dashed=True)


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


def drawn(model: Model, epochs: Sequence[Epoch]) -> tuple[dict[str, Any], str]:
    """What the browser draws, and the frames it draws into."""
    objective = model.gan.config.objective
    tables = [{**epoch.figures, **epoch.evaluation} for epoch in epochs]
    for table in tables:
        if "value" in table:
            table["js_bound"] = max(0.0, jensen_shannon_bound(table["value"]))
        for end in ("", "_test"):
            if f"score_real{end}" in table and f"score_fake{end}" in table:
                table[f"gap{end}"] = table[f"score_real{end}"] - table[f"score_fake{end}"]
    at_end = _on_test_at_end(model, tables)
    if at_end:
        tables[-1] |= at_end
    end = say("curve on test at end")
    joins = [epoch.number for epoch in epochs if epoch.changed is not None]
    sent: list[dict[str, Any]] = []
    sections: list[str] = []
    for curves, name in ((each_epoch(objective), "steady"), (now_and_then(), "sparse")):
        figures = []
        for curve in curves:
            lines = [line for line in curve.lines if any(line.figure in table for table in tables)]
            lines = [line._replace(label=end, single=True) if line.figure in at_end else line for line in lines]
            if not lines:
                continue
            parts = [(curve.title, lines)]
            if curve.apart and scales_differ(lines, tables):
                parts = [(title, [line]) for title, line in zip(curve.apart, curve.lines, strict=True) if line in lines]
            for title, part in parts:
                sent.append(
                    {
                        "lines": [_sent(line, tables) for line in part],
                        "form": curve.form,
                        "level": curve.level,
                        "marks": [epoch.number for epoch in epochs if set(curve.warnings) & set(epoch.warnings)],
                        "stops": [number - 0.5 for number in joins],
                        "log": curve.log,
                        "fill": curve.fill,
                        "range": curve.range,
                        "span": curve.span,
                        "dots": name == "sparse",
                    }
                )
                figures.append(_plot(title, curve.note, part))
        if figures:
            before, after = (_light(model), "") if name == "sparse" else ("", by_heart(model, bool(at_end)))
            folded = name == "sparse" and sections  # there are others above
            more = widgets.more("more-curves", say("more curves", count=len(figures))) if folded else ""
            kind = f'class="plots {name} fold" id="more-curves"' if folded else f'class="plots {name}"'
            sections.append(f"{more}<div {kind}>{before}{''.join(figures)}{after}</div>")
    if not sections:
        return {"epochs": [], "charts": []}, ""
    # Where the tools are matters to who goes through the page by keyboard: before the plots.
    hint = say("curves hint") + _joined(epochs)
    tools = (
        f'<div class="plot-tools"><h2>{say("curves")}</h2><b class="at" aria-live="polite"></b>'
        f'<span class="hint">{hint}</span>'
        f'<span class="zooms"><button class="copy" data-zoom="in">{say("zoom in")}</button>'
        f'<button class="copy" data-zoom="out" disabled>{say("zoom out")}</button></span></div>'
    )
    sections[0] = f'<section class="first-curves">{tools}{sections[0]}</section>'
    return {"epochs": [epoch.number for epoch in epochs], "charts": sent}, "".join(sections)


def _on_test_at_end(model: Model, tables: Sequence[dict[str, float]]) -> dict[str, float]:
    """Figures of test pictures that were measured at the end only: trainings once kept none on the way.

    One number each: it still shows the gap. Empty where an epoch has them, or where no curve is.
    """
    found = part_tables.by_heart(model.metrics)
    if found is None or not tables or "ranked" not in tables[-1] or any("ranked_test" in table for table in tables):
        return {}
    (_, ranked), values = found
    return {"ranked_test": ranked} | ({} if values is None else {"value_test": values[1]})


def _sent(line: Line, tables: Sequence[dict[str, float]]) -> dict[str, Any]:
    """A line as the browser takes it."""
    y = [table.get(line.figure) for table in tables]
    return {"y": y, "colour": line.colour, "drawn": line.drawn, "dashed": line.dashed, "single": line.single}


def scales_differ(lines: Sequence[Line], tables: Sequence[dict[str, float]]) -> bool:
    """Whether one line's values are so much greater than another's that the other looks flat on the same axis."""
    sizes = [max(abs(table[line.figure]) for table in tables if line.figure in table) for line in lines]
    return max(sizes) > FLAT * min(sizes)


def by_heart(model: Model, only_at_end: bool) -> str:
    """What D says of training and of test pictures at the end, in words; nothing where it was not measured."""
    found = part_tables.by_heart(model.metrics)
    if found is None:
        return ""
    (train, test), values = found
    meaning = say("by heart much" if train - test >= MEMORY else "by heart little")
    line = say(
        "by heart",
        count=f"{model.metrics['by_heart']['pictures']:,}",
        train=100 * train,
        test=100 * test,
        meaning=meaning,
    )
    if values is not None:
        of_train, of_test = (typeset(f"{round(value, 3) + 0:.3f}") for value in values)
        line = sentences(line, say("by heart values", train=of_train, test=of_test))
    if only_at_end:
        line = sentences(line, say("no curve on test"))
    return f'<p class="note by-heart">{line}</p>'


def _light(model: Model) -> str:
    """Why the last point of a light evaluation is not the figure of the table."""
    samples = model.metrics.get("samples")
    if type(samples) is not int or samples <= LIGHT_SAMPLES:
        return ""
    return f'<p class="note light">{say("light", few=f"{LIGHT_SAMPLES:,}", samples=f"{samples:,}")}</p>'


def _joined(epochs: Sequence[Epoch]) -> str:
    """Where a run went on from another, in words."""
    shares = {epoch.number: epoch.changed.get("short_latents", 0.0) for epoch in epochs if epoch.changed is not None}
    plain = [str(number) for number, short in shares.items() if not short]
    said = [say("joined again", epochs=say("and").join(plain))] if len(plain) > 1 else []
    for number, short in shares.items():
        if short:
            said.append(say("joined short", epoch=number, share=percent(short)))
        elif len(plain) == 1:
            said.append(say("joined", epoch=number))
    return "".join(f" · {one}" for one in said)


def _plot(title: str, note: str, lines: Sequence[Line]) -> str:
    values = "".join(
        f'<span class="value of-{line.colour}{"" if line.drawn else " said"}'
        f'{" single" if line.single else " dashed" if line.dashed else ""}">'
        f"{line.label} <b></b></span>"
        for line in lines
    )
    return (
        f'<figure class="curve"><figcaption><b>{title}</b><span class="values">{values}</span>'
        f'<span class="note">{note}</span></figcaption>'
        f'<div class="plot" tabindex="0" role="img" aria-label="{html.escape(f"{title}. {note}")}"></div>'
        "</figure>"
    )
