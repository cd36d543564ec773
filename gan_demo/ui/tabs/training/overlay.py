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
# Figure -> the key of its title, how its numbers are written, and the figure that it is where there is none.
CURVES = {
    "ranked_test": ("curve ranked", "percent", "ranked"),
    "frechet_distance": ("frechet", "plain", None),
    "coverage": ("coverage", "percent", None),
    "digits": ("curve digits", "whole", None),
}
MORE: dict[str, dict[str, Any]] = {"frechet_distance": {"log": True}, "digits": {"range": (0, 11)}}
SCRIPT = Path(__file__).with_name("overlay.js").read_text(encoding="utf-8")
_AT_ONCE = threading.BoundedSemaphore(2)


def compared(catalogue: Catalogue, sent: Any) -> dict[str, Any]:
    """The names of all models, and of those that were asked for an epoch's figures each; raises UserError."""
    names = checks.field(sent, "models")
    found = []
    for name in names[:MOST] if isinstance(names, list) else []:
        epochs = read_history(catalogue.load(name).folder)
        tables = [{**epoch.figures, **epoch.evaluation} for epoch in epochs]
        lines = {
            figure: [table.get(figure, table.get(instead) if instead else None) for table in tables]
            for figure, (_, _, instead) in CURVES.items()
        }
        found.append({"name": name, "epochs": [epoch.number for epoch in epochs], "lines": lines})
    return {"names": list(catalogue.folders()), "models": found}


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
                "dots": figure != "ranked_test",
                **MORE.get(figure, {}),
            }
            for figure, (title, form, _) in CURVES.items()
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
