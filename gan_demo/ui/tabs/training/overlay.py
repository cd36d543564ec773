"""Curves of several models on one axis: what can be compared whatever they were trained with."""

import html
import json
import threading
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo.evaluation.samples import LIGHT_SAMPLES
from gan_demo.training.history import read_history
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.theme import CLASS_COLOURS
from gan_demo.ui.words import say

MOST = 8  # models at once
# Figure -> the key of its title, and how its numbers are written.
CURVES = {
    "ranked": ("curve ranked", "percent"),
    "frechet_distance": ("frechet", "plain"),
    "coverage": ("coverage", "percent"),
    "digits": ("curve digits", "whole"),
}
ON_TEST = {"ranked": "ranked_test"}  # taken instead where all of the models have it: one axis, one kind of pictures
MORE: dict[str, dict[str, Any]] = {"frechet_distance": {"log": True}, "digits": {"range": (0, 11)}}
SCRIPT = Path(__file__).with_name("overlay.js").read_text(encoding="utf-8")
_AT_ONCE = threading.BoundedSemaphore(2)


def compared(catalogue: Catalogue, sent: Any) -> dict[str, Any]:
    """The names of all models, of those that were asked for each epoch's figures, and of which pictures some are.

    Raises UserError.
    """
    names = checks.field(sent, "models")
    asked = names[:MOST] if isinstance(names, list) else []
    histories = {name: read_history(catalogue.load(name).folder) for name in asked}
    tables = {name: [{**epoch.figures, **epoch.evaluation} for epoch in epochs] for name, epochs in histories.items()}
    on_test = {
        figure: bool(tables) and all(any(test in table for table in rows) for rows in tables.values())
        for figure, test in ON_TEST.items()
    }
    found = [
        {
            "name": name,
            "epochs": [epoch.number for epoch in epochs],
            "lines": {
                figure: [table.get(ON_TEST[figure] if on_test.get(figure) else figure) for table in tables[name]]
                for figure in CURVES
            },
        }
        for name, epochs in histories.items()
    ]
    of = {figure: say("curve on test" if test else "curve on training") for figure, test in on_test.items()}
    return {"names": list(catalogue.folders()), "models": found, "of": of}


def build(page: Page) -> None:
    """Lay out the part: closed until somebody opens it."""

    @checks.answers(_AT_ONCE)
    def overlaid(sent: Any) -> dict[str, Any]:
        return compared(page.catalogue, sent)

    told = {
        "most": MOST,
        "colours": CLASS_COLOURS,
        "curves": [
            {
                "figure": figure,
                "title": say(title),
                "form": form,
                "dots": figure not in ON_TEST,
                **MORE.get(figure, {}),
            }
            for figure, (title, form) in CURVES.items()
        ],
    }
    gr.HTML(
        f'<details class="overlay" data-told="{html.escape(json.dumps(told, ensure_ascii=False))}">'
        f"<summary>{say('overlay')}</summary>"
        f'<p class="note">{say("overlay note", samples=f"{LIGHT_SAMPLES:,}")}</p>'
        '<div class="models" role="group"></div><p class="no-reference" hidden></p><div class="plots"></div></details>',
        elem_id="overlay",
        js_on_load=SCRIPT,
        server_functions=[overlaid],
        apply_default_css=False,
    )
