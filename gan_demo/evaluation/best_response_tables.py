"""What best_response.json says, for people: lines of one model, and tables of several."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gan_demo.belief.best_response import current_figures
from gan_demo.checkpoint import BEST_RESPONSE_FILE
from gan_demo.errors import UserError
from gan_demo.evaluation.what_it_sees import CHANGES
from gan_demo.shell import command


def text(figures: dict[str, Any]) -> str:
    """The figures of one model as aligned lines."""
    measure, page, real = (figures[kind] for kind in ("measure", "page", "real_against_real"))
    rows: list[tuple[str, ...]] = [("", "accuracy", "area", "V, nats", "JSD at least, of .693", "ECE")]
    rows += [
        (f"best D, mean of {measure['seeds']}", *_cells(measure)),
        ("page's D, coarse pictures", *_cells(page)),
        (f"real against real, mean of {real['seeds']}", *_cells(real)),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([f"{name:<{widths[0]}}", *(f"{cell:>{w}}" for cell, w in zip(cells, widths[1:], strict=True))])
        for name, *cells in rows
    ]
    return "\n".join([f"{figures['seconds']:.0f} s", "", *lines])


def _cells(one: dict[str, Any]) -> list[str]:
    def beside(name: str, form: str) -> str:
        return f"{round(one[name], 3) + 0.0:{form}} ± {one[f'{name}_error']:{form}}"  # never -0.000

    accuracy = f"{100 * one['accuracy']:.1f} ± {100 * one['accuracy_error']:.1f} %"
    return [accuracy, f"{one['area']:.3f}", beside("value", ".3f"), beside("jsd", ".3f"), f"{one['ece']:.3f}"]


def table(folders: Iterable[str | Path]) -> str:
    """A row a checkpoint, the one that is told best first, as Markdown, with real against real at the end.

    Raises UserError where one has no figures of its present weights.
    """
    read = {Path(folder).name: _figures(folder) for folder in folders}
    rows = sorted(((name, figures["measure"]) for name, figures in read.items()), key=lambda row: -row[1]["jsd"])
    pages = {name: figures["page"] for name, figures in read.items()}
    lines = [
        "| | told from real by the best D | area | V, nats | JS divergence at least, nats | ECE | by the page's D |",
        "|---|---|---|---|---|---|---|",
        *(f"| {name} | {' | '.join(_cells(one))} | {100 * pages[name]['accuracy']:.1f} % |" for name, one in rows),
    ]
    real = next(iter(read.values()))["real_against_real"]
    return "\n".join([*lines, f"| real against real | {' | '.join(_cells(real))} | |"])


def sees(folders: Iterable[str | Path]) -> str:
    """A row a checkpoint: the accuracy of both kinds of best D after each change of the pictures, as Markdown."""
    lines = [f"| | {' | '.join(CHANGES)} | slope at black, edge, ink |", "|---" * (len(CHANGES) + 2) + "|"]
    for folder in folders:
        figures = _figures(folder)
        for kind, about in (("measure", "best D"), ("page", "page's D")):
            one = figures[kind]
            after = [one["sees"][name] for name in CHANGES]
            cells = [f"{100 * told['accuracy']:.0f} % / {told['area']:.2f}" for told in after]
            slope = ", ".join(f"{share:.2f}" for share in one["looks_at"].values())
            lines.append(f"| {Path(folder).name}, {about} | {' | '.join(cells)} | {slope} |")
    return "\n".join(lines)


def _figures(folder: str | Path) -> dict[str, Any]:
    figures = current_figures(folder)
    if figures is None:
        line = command("best-response", folder)
        raise UserError(f"{folder} has no {BEST_RESPONSE_FILE} of its present weights: {line} writes it")
    return figures
