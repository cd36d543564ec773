"""All models of a data set side by side, from the same files as the table of docs/evaluation.md."""

import contextlib
import functools
import html
from pathlib import Path
from typing import Any

from gan_demo import hub
from gan_demo.errors import UserError
from gan_demo.evaluation import tables
from gan_demo.ui import words
from gan_demo.ui.shared import widgets
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model, stamp
from gan_demo.ui.words import say, sentences

# Key of a figure -> key of its name.
NAMES = {
    "frechet_distance": "frechet",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "class_kl": "curve class_kl",
    "near_duplicates": "near_duplicates",
    "best_accuracy": "best_accuracy",
    "gan_test": "gan_test",
    "gan_train": "gan_train",
    "labels_100": "labels_100",
}
# Those of them that are explained -> key of the sentence.
EXPLAINED = {"best_accuracy": "best_accuracy note", "labels_100": "labels_100 note"}
ARROWS = {"lower": "↓", "higher": "↑"}


def view(catalogue: Catalogue, chosen: Model) -> str:
    """The models of the chosen one's data set in a row each, the chosen one marked, as HTML."""
    every = []
    for name, folder in catalogue.folders().items():
        # What somebody has published is held against the others only while it is looked at.
        if hub.origin(folder) is None or folder == chosen.folder:
            with contextlib.suppress(UserError):  # the picker says which cannot be loaded
                every += [{**row, "name": name, "folder": folder} for row in _rows(folder, stamp(folder))]
    own = (row["dataset"] for row in every if row["folder"] == chosen.folder)
    dataset = next(own, chosen.gan.config.dataset)
    rows = [row for row in every if row["dataset"] == dataset]
    models = sorted((row for row in rows if not row["floor"]), key=tables.place)
    shown = [key for key in tables.COMPARED + tables.COMPARED_IF_ANY if any(row[key] is not None for row in rows)]
    forms = {row.key: row for row in tables.ROWS}
    figures = [f"{say(NAMES[key])}\u00a0{ARROWS.get(forms[key].better, '')}" for key in shown]
    head = [say("model"), say("short network"), say("recipe"), say("epochs trained"), say("seconds trained"), *figures]
    mixed, body = len(tables.sizes(rows, dataset)) > 1, []
    for row in [*models, *_floor(rows)]:
        mark = ' class="floor"' if row["floor"] else ' aria-current="true"' if row["folder"] == chosen.folder else ""
        name = say("real pictures") if row["floor"] else row["name"]
        if mixed and row["samples"]:
            name = say("of samples", name=name, samples=f"{row['samples']:,}")
        cells = [name, _network(row), row["recipe"], row["epochs"]]
        cells += [_time(row["seconds"]), *(_figure(row[key], forms[key].form) for key in shown)]
        if row["floor"]:
            cells[1:5] = [""] * 4
        columns = "".join(
            f'<td data-label="{label}">{tables.NO_FIGURE if cell is None else html.escape(str(cell))}</td>'
            for label, cell in zip(head[1:], cells[1:], strict=True)
        )
        body.append(f'<tr{mark}><th scope="row">{html.escape(cells[0])}</th>{columns}</tr>')
    heads = "".join(f'<th scope="col">{label}</th>' for label in head)
    title = html.escape(say("all models", dataset=words.data_set(dataset)))
    told = ("all models note", *(told for key, told in EXPLAINED.items() if key in shown))
    few = min((row["samples"] for row in rows if tables.is_few(row["samples"])), default=None)
    doubt = [say("few samples", samples=few, error=tables.by_chance(few))] if few else []
    note = sentences(*map(say, told), *doubt)
    more = widgets.more("models-compared", say("every model", count=len(models))) if len(models) > 1 else ""
    return (
        f'<section class="all-models"><h2>{title}</h2><p class="note">{note}</p>{more}'
        f'<table id="models-compared"><thead><tr>{heads}</tr></thead><tbody>{"".join(body)}</tbody></table></section>'
    )


@functools.lru_cache(maxsize=100)
def _rows(folder: Path, stamp: tuple[Any, ...]) -> list[dict[str, Any]]:
    """One model and its floor; all weights are read to see that the figures are theirs."""
    return tables.compared([folder])


def _floor(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row of real pictures that has the most figures, for each number of samples: equal in every folder."""
    floors = [row for row in rows if row["floor"]]
    most = sorted(floors, key=lambda row: sum(row[key] is not None for key in NAMES))
    return sorted({row["samples"]: row for row in most}.values(), key=tables.place)


def _network(row: dict[str, Any]) -> str:
    if row["floor"]:
        return ""
    network = words.network(row["model"])
    return say("short conditional", network=network) if row["conditional"] else network


def _time(seconds: Any) -> str | None:
    if not isinstance(seconds, (int, float)):
        return None
    return say("minutes", minutes=seconds / 60) if seconds >= 120 else say("seconds", seconds=seconds)


def _figure(value: Any, form: str) -> str | None:
    return None if value is None else format(value, form)
