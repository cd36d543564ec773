"""Lab: a GAN of points on a line or in a plane, trained in the visitor's own browser, with the truth beside it.

The server hands out the scripts in engine/ and, for each language, a module with the tab's HTML, its texts and its
style: a hundred students cost it nothing. A page on which nobody opens the tab loads none of them.
"""

import functools
import html
import json
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo.belief import best_response
from gan_demo.ui import words
from gan_demo.ui.shared import link, scripts
from gan_demo.ui.shared.model import stamp
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.words import say

ENGINE = Path(__file__).parent / "engine"

PLACES = ("plane", "line")
DATA = {"plane": ("gaussian", "ring", "grid", "islands", "spiral", "own"), "line": ("gaussian", "two")}
OBJECTIVES = ("non-saturating", "minimax", "least-squares", "wasserstein", "hinge", "relativistic")
PENALTIES = ("none", "clip", "gradient", "dragan", "r1", "r2", "r1+r2")
CURVES = ("js", "w1", "losses", "slope")
FIELDS = ("d", "best", "difference", "slope")
PULLS = ("none", "minimax", "non-saturating", "critic")
# Number fields: their bounds, and the step of the arrows.
NUMBERS = {
    "lr_d": (0.0001, 0.1, 0.0001),
    "lr_g": (0.0001, 0.1, 0.0001),
    "d_steps": (1, 20, 1),
    "penalty_weight": (0, 100, 0.01),
    "beta1": (0, 0.99, 0.01),
    "batch_size": (8, 512, 8),
    "g_layers": (0, 4, 1),
    "g_width": (1, 64, 1),
    "d_layers": (0, 4, 1),
    "d_width": (1, 64, 1),
    "seed": (0, 2**31 - 1, 1),
}
# What is measured, in the order in which it is shown.
MEASURES = ("step", "js", "bound", "value", "kl", "reverse", "w1", "modes", "good", "slope", "loss_d", "loss_g")
# How a number stands to the truth, as a sign before it; on the line the Wasserstein distance is exact (engine/lab.js).
SIGNS = {"least": "≥", "estimate": "≈", "exact": "="}
STANDS = {
    **dict.fromkeys(("js", "kl", "reverse", "slope"), "least"),
    **dict.fromkeys(("bound", "value", "w1", "modes", "good"), "estimate"),
    **dict.fromkeys(("loss_d", "loss_g"), "exact"),
}
LESSONS = (
    "game",
    "best",
    "log4",
    "loss",
    "collapse",
    "disjoint",
    "lipschitz",
    "dirac",
    "entropy",
    "conditional",
    "digits",
)


def build(page: Page, script: str) -> None:
    """Lay out the tab. It depends on no model, so nothing is redrawn when another one is chosen."""
    # A link has a lesson, or a game, whose parts have commas between them.
    page.settings.of_page("lab", lambda text: text if "," in text else link.choice(LESSONS)(text))

    def bounds(_asked: Any) -> list[tuple[str, float, float]]:
        """The models whose best D is known, each with the two bounds on the JS divergence that it gives."""
        known = [(name, _bounds(folder, stamp(folder))) for name, folder in page.catalogue.folders().items()]
        return [(name, *both) for name, both in known if both is not None]

    gr.HTML(
        f'<div class="lab" data-folder="{FOLDER}" aria-busy="true" style="min-height: 80vh"></div>',
        elem_id="lab-stage",
        js_on_load=script,
        server_functions=[bounds],
        apply_default_css=False,
    )


@functools.lru_cache(maxsize=64)
def _bounds(folder: Path, _stamp: object) -> tuple[float, float] | None:
    """What a model's best D makes of the JS divergence, at its sharpest and as the page asks it, which sees coarse
    pictures; None where nobody has measured it."""
    figures = best_response.current_figures(folder)
    return (figures["measure"]["jsd"], figures["page"]["jsd"]) if figures else None


def _module() -> bytes:
    """The tab in the language being spoken, as a module of JavaScript: its HTML, its texts, its style."""
    style = f":where(.tab-lab) {{\n{(ENGINE / 'lab.css').read_text(encoding='utf-8')}\n}}"
    parts = {"html": _markup(), "words": words.beginning("lab "), "style": style}
    return "".join(
        f"export const {name} = {json.dumps(part, ensure_ascii=False)};\n" for name, part in parts.items()
    ).encode()


def _markup() -> str:
    return (
        f'<p class="lede">{say("lab lede")}</p>'
        f"{_lessons()}"
        '<section class="lesson" aria-live="polite" hidden></section>'
        f'<div class="play">{_transport()}<ol class="phases" aria-live="polite" hidden></ol>'
        f'<div class="lab-board">{_board()}</div>{_numbers()}'
        f'<div class="settings">{_meanings()}{_controls()}</div></div>'
    )


def _lessons() -> str:
    chips = [f'<button type="button" data-lesson="" aria-pressed="true">{say("lab free")}</button>']
    chips += [
        f'<button type="button" data-lesson="{name}" aria-pressed="false"><i>{number}</i>'
        f"<span>{say(f'lab {name} title')}</span></button>"
        for number, name in enumerate(LESSONS, 1)
    ]
    return f'<nav class="lessons" aria-label="{say("lab lessons")}">{"".join(chips)}</nav>'


def _transport() -> str:
    def button(does: str) -> str:
        return f'<button type="button" data-do="{does}" title="{say(f"lab {does} info")}">{say(f"lab {does}")}</button>'

    return (
        f'<div class="transport"><button type="button" class="primary" data-do="run">{say("lab run")}</button>'
        f"{''.join(map(button, ('iteration', 'step_d', 'step_g', 'best_d', 'slow', 'again')))}</div>"
    )


def _board() -> str:
    return (
        f'<div class="lab-box"><canvas class="lab-stage" tabindex="0" role="img" aria-label="{say("lab stage")}">'
        "</canvas>"
        f'<p class="busy" role="status" hidden>{say("lab busy")} <progress max="1" value="0"></progress></p></div>'
        '<p class="lab-legend" aria-live="polite"></p>'
        f'<label class="rewind"><span>{say("lab rewind")}</span><input type="range" min="0" max="0" value="0" step="1">'
        "<output>0</output></label>"
    )


def _numbers() -> str:
    def number(name: str) -> str:
        sign = f' data-sign="{SIGNS[STANDS[name]]}"' if name in STANDS else ""
        return (
            f'<div data-measure="{name}" title="{say(f"lab {name} info")}"><dt>{say(f"lab {name}")}</dt>'
            f"<dd{sign} data-bare>–</dd></div>"
        )

    signs = "".join(f"<span><b>{sign}</b> {say(f'lab sign {name}')}</span>" for name, sign in SIGNS.items())
    return (
        f'<div class="numbers"><dl class="measures">{"".join(map(number, MEASURES))}</dl>'
        f'<p class="signs">{signs}</p></div>'
        f'<figure class="curve"><figcaption>{_select("curve", CURVES)}<span class="caption"></span></figcaption>'
        f'<div class="plot" tabindex="0" role="img" data-empty="{say("lab curve empty")}"'
        f' aria-label="{say("lab curve")}"></div></figure>'
    )


def _meanings() -> str:
    rows = "".join(f"<dt>{say(f'lab {name}')}</dt><dd>{say(f'lab {name} info')}</dd>" for name in MEASURES)
    return f'<details class="meanings"><summary>{say("lab meanings")}</summary><dl>{rows}</dl></details>'


def _select(name: str, values: tuple[str, ...]) -> str:
    options = "".join(f'<option value="{value}">{html.escape(say(f"lab {name} {value}"))}</option>' for value in values)
    return f'<label><span>{say(f"lab {name}")}</span><select data-set="{name}">{options}</select></label>'


def _controls() -> str:
    numbers = "".join(
        f'<label><span>{say(f"lab {name}")}</span><input type="number" data-set="{name}" min="{low}" max="{high}"'
        f' step="{step}" required></label>'
        for name, (low, high, step) in NUMBERS.items()
    )
    data = "".join(
        f'<select data-set="data" data-of="{place}" aria-label="{say("lab data")}">'
        + "".join(f'<option value="{name}">{say(f"lab data {name}")}</option>' for name in DATA[place])
        + "</select>"
        for place in PLACES
    )
    labels = "".join(f'<option value="{number}">{number + 1}</option>' for number in range(8))
    return (
        f'<div class="choices">{_select("place", PLACES)}<label><span>{say("lab data")}</span>{data}</label>'
        f"{_select('objective', OBJECTIVES)}{_select('penalty', PENALTIES)}"
        f"{_select('field', FIELDS)}{_select('arrows', PULLS)}"
        f'<label hidden><span>{say("lab label")}</span><select data-set="label">{labels}</select></label>'
        f'<label class="tick"><input type="checkbox" data-set="lattice"><span>{say("lab lattice")}</span></label>'
        f'<label class="tick"><input type="checkbox" data-set="spectral"><span>{say("lab spectral")}</span></label>'
        "</div>"
        f'<details><summary>{say("lab more")}</summary><div class="choices">{numbers}'
        f"{_select('rate', ('0', '5', '30'))}</div></details>"
    )


def _files() -> dict[str, bytes]:
    """What the browser can fetch: the engine's scripts, and the module of each language."""
    files = {path.name: path.read_bytes() for path in sorted(ENGINE.glob("*.js"))}
    for language in words.LANGUAGES:
        with words.speaking(language):
            files[f"{language}.js"] = _module()
    return files


ROUTE, FOLDER = scripts.for_good("lab", _files())
