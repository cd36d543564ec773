"""All models side by side, from the same files as README's table."""

import functools
import html
from pathlib import Path
from typing import Any

from gan_demo import report
from gan_demo.errors import UserError
from gan_demo.ui import words
from gan_demo.ui.models import Catalogue, Model, stamp
from gan_demo.ui.words import say

# Key of a figure -> key of its name.
NAMES = {
    "frechet_distance": "frechet",
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "class_kl": "curve class_kl",
    "near_duplicates": "near_duplicates",
    "gan_test": "gan_test",
    "gan_train": "gan_train",
}
ARROWS = {"lower": "↓", "higher": "↑"}


def view(catalogue: Catalogue, chosen: Model) -> str:
    """Every model in a row, the chosen one marked, as HTML; what cannot be read is said in a line."""
    rows: list[dict[str, Any]] = []
    problems = []
    for root in catalogue.roots:
        found = tuple(sorted(path.parent for path in root.glob("*/config.json")))
        try:
            rows += _rows(root, tuple((path, stamp(path)) for path in found)) if found else ()
        except UserError as error:
            why = words.tell(error).replace(str(root), root.name)
            problems.append(f'<p class="no-reference">{html.escape(say("no table", why=why))}</p>')
    models = [row for row in rows if not row["floor"]]
    if not models:
        return "".join(problems)
    models.sort(key=lambda row: (row["frechet_distance"] is None, row["frechet_distance"] or 0, row["name"]))
    shown = [key for key in report.COMPARED + report.COMPARED_IF_ANY if any(row[key] is not None for row in rows)]
    forms = {row.key: row for row in report.ROWS}
    figures = [f"{say(NAMES[key])}\u00a0{ARROWS.get(forms[key].better, '')}" for key in shown]
    head = [say("model"), say("short network"), say("recipe"), say("epochs trained"), say("seconds trained"), *figures]
    body = []
    for row in [*models, *_floor(rows)]:
        mark = ' class="floor"' if row["floor"] else ' aria-current="true"' if row["folder"] == chosen.folder else ""
        cells = [say("real pictures") if row["floor"] else row["name"], _network(row), row["recipe"], row["epochs"]]
        cells += [_time(row["seconds"]), *(_figure(row[key], forms[key].form) for key in shown)]
        if row["floor"]:
            cells[1:5] = [""] * 4
        columns = "".join(
            f'<td data-label="{label}">{report.NO_FIGURE if cell is None else html.escape(str(cell))}</td>'
            for label, cell in zip(head[1:], cells[1:], strict=True)
        )
        body.append(f'<tr{mark}><th scope="row">{html.escape(cells[0])}</th>{columns}</tr>')
    heads = "".join(f'<th scope="col">{label}</th>' for label in head)
    return (
        f'<section class="all-models"><h2>{say("all models")}</h2><p class="note">{say("all models note")}</p>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></section>{''.join(problems)}"
    )


@functools.lru_cache(maxsize=8)
def _rows(root: Path, stamps: tuple[Any, ...]) -> list[dict[str, Any]]:
    """`report.comparison`, which reads all weights to see that the figures are theirs; and each one's folder."""
    return [{**row, "folder": (root / row["name"]).resolve()} for row in report.comparison(root)]


def _floor(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row of real pictures that has the most figures: they are the same in every folder."""
    floors = [row for row in rows if row["floor"]]
    return sorted(floors, key=lambda row: -sum(row[key] is not None for key in NAMES))[:1]


def _network(row: dict[str, Any]) -> str:
    if row["floor"]:
        return ""
    network = say(f"short {row['model']}")
    return say("short conditional", network=network) if row["conditional"] else network


def _time(seconds: Any) -> str | None:
    if not isinstance(seconds, (int, float)):
        return None
    return say("minutes", minutes=seconds / 60) if seconds >= 120 else say("seconds", seconds=seconds)


def _figure(value: Any, form: str) -> str | None:
    return format(value, form) if isinstance(value, (int, float)) else None
