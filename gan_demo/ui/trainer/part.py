"""The part of the training tab that trains: the form, and the place where the browser draws what runs."""

import html
import json
from collections.abc import Iterable
from typing import Any

import gradio as gr

from gan_demo import data
from gan_demo.networks import ARCHITECTURES, DISCRIMINATOR_NORMS, GENERATOR_NORMS
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.recipes import RECIPES
from gan_demo.ui import words
from gan_demo.ui.gradio_workarounds import payload
from gan_demo.ui.shared import checks, widgets
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.trainer import machine
from gan_demo.ui.trainer.desk import SHOWN, Desk
from gan_demo.ui.words import say

# What is folded away: (field, the step of its arrows).
NUMBERS = {
    "batch_size": "1",
    "lr_g": "any",
    "lr_d": "any",
    "lr_end": "any",
    "beta1": "any",
    "beta2": "any",
    "d_steps": "1",
    "ema": "any",
    "short_latents": "any",
    "style_mixing": "any",
    "latent_dim": "1",
    "subpixels": "1",
    "penalty_weight": "any",
    "penalty_every": "1",
    "max_steps": "1",
}
EPOCHS = {"digits": 200, "mnist": 20}  # of data sets that are larger and smaller; others as MNIST
# Trainings that go wrong, in an instructive way.
PRESETS: dict[str, dict[str, str]] = {
    "collapse": {
        **{"recipe": "sngan", "generator_norm": "none", "ema": "0"},
        **{"lr_d": "0.001", "beta1": "0.5", "beta2": "0.999"},
    },
    "won": {"recipe": "gan", "lr_g": "2e-05", "lr_d": "0.002"},
    "unclipped": {"recipe": "wgan", "penalty": "none"},
}
PAIR = ("non-saturating", "minimax")  # that are compared unless others are chosen


def build(page: Page) -> None:
    """Lay out the part, if anything may be trained here."""
    if page.desk is None or page.desk.rules.kind == machine.OFF:
        return
    box = gr.HTML(
        _markup(page, page.desk),
        elem_id="trainer",
        js_on_load='ganDemo.module("trainer/trainer.js").then((trainer) => trainer.start(element, trigger));',
        apply_default_css=False,
    )

    @checks.toasts
    def renew(chosen: Any, event: gr.EventData) -> Any:
        """The list of models, with those of this visitor's trainings: one has come, has changed or has gone."""
        known = checks.field(payload(event), "models")
        return gr.update(choices=page.catalogue.choices(chosen, *(known[:SHOWN] if isinstance(known, list) else [])))

    widgets.live(box.select, widgets.Redraw(renew, [page.model], [page.model]))


def _markup(page: Page, desk: Desk) -> str:
    told = {
        "words": words.beginning("train "),
        "language": words.language(),
        "private": desk.private,
        "epochs": EPOCHS,
        "presets": PRESETS,
    }
    lede = say("train lede bounded", minutes=desk.rules.minutes) if desk.rules.minutes else say("train lede")
    return (
        f'<section class="trainer" data-told="{html.escape(json.dumps(told, ensure_ascii=False))}">'
        f'<div class="trainer-head"><div><h2>{say("train title")}</h2><p class="note">{lede}</p></div>'
        f'<button type="button" class="copy" data-do="open" aria-expanded="false">{say("train open")}</button></div>'
        f"{_form(page, desk)}"
        f'<p class="told" role="alert" hidden></p><div class="jobs" aria-live="off"></div>'
        "</section>"
    )


def _form(page: Page, desk: Desk) -> str:
    networks = [(name, words.network(name)) for name in ARCHITECTURES]
    recipes = [("", say("train usual recipe", recipe=words.called("recipe", ARCHITECTURES["mlp"].recipe)))]
    recipes += _called("recipe", RECIPES)
    as_recipe = [("", say("train as recipe"))]
    first = [("", say("train from noise")), *((name, name) for name in page.catalogue.folders())]
    main = (
        _select("model", networks)
        + _select("recipe", recipes)
        + _select("dataset", _datasets(desk))
        + _number("epochs", EPOCHS["digits"], "1")
        + _number("seed", 0, "1")
        + _tick("conditional")
    )
    own = (
        f'<div class="own" hidden><label class="path" hidden><span>{say("train folder path")}</span>'
        '<input type="text" name="folder" maxlength="400" spellcheck="false" autocomplete="off"></label>'
        f'<label class="zip" hidden><span>{say("train zip")}</span>'
        '<input type="file" name="zip" accept=".zip,application/zip"></label>'
        f'<button type="button" class="copy" data-do="look">{say("train look")}</button>'
        '<div class="sheet-of-own" aria-live="polite"></div></div>'
        if desk.rules.own_pictures
        else ""
    )
    numbers = "".join(_number(name, "", step) for name, step in NUMBERS.items())
    folded = (
        _select("objective", as_recipe + _called("objective", OBJECTIVES))
        + _select("penalty", as_recipe + _called("penalty", PENALTIES))
        + _select("discriminator_norm", as_recipe + _called("discriminator_norm", DISCRIMINATOR_NORMS))
        + _select("generator_norm", as_recipe + _called("generator_norm", GENERATOR_NORMS))
        + numbers
        + _select("first", first)
        + ("" if desk.private else _text("name"))
        + _tick("best", say("train best note"))
    )
    presets = "".join(
        f'<button type="button" class="copy" data-preset="{name}"'
        f' title="{html.escape(say(f"train preset {name} note"))}">{say(f"train preset {name}")}</button>'
        for name in PRESETS
    )
    pair = [_plain_select(f"pair-{place}", chosen) for place, chosen in enumerate(PAIR)]
    return (
        '<form class="train-form" hidden novalidate>'
        f'<div class="choices">{main}</div>{own}'
        f'<details><summary>{say("train more")}</summary><div class="choices">{folded}</div></details>'
        f'<div class="plan" aria-live="polite"><p class="how-long"></p>'
        f'<p class="line"><span>{say("train command")}</span> <code></code>'
        f' <button type="button" class="copy" data-copy="">{say("train copy")}</button></p></div>'
        f'<div class="go"><button type="submit" class="primary">{say("train start")}</button>'
        f'<fieldset class="pair"><legend>{say("train pair title")}</legend>{pair[0]}<span>{say("train against")}</span>'
        f'{pair[1]}<button type="button" class="copy" data-do="pair" title="{html.escape(say("train pair note"))}">'
        f"{say('train pair')}</button></fieldset>"
        f'<fieldset class="presets"><legend>{say("train presets")}</legend>{presets}<span class="why"></span>'
        "</fieldset></div>"
        "</form>"
    )


def _called(kind: str, keys: Iterable[str]) -> list[tuple[str, str]]:
    return [(key, words.called(kind, key)) for key in keys]


def _datasets(desk: Desk) -> list[tuple[str, str]]:
    place = data.default_data_dir()
    found = []
    for name in desk.rules.datasets or data.SOURCES:
        source = data.SOURCES[name]
        # Unpacked, or packed as it was fetched.
        here = all((place / file).exists() or (place / f"{file}.gz").exists() for file in source.files)
        title = words.called("dataset", source.title)
        found.append((name, title if here else say("train not here", title=title)))
    found.sort(key=lambda one: (one[0] != "digits", one[0] != "mnist"))
    if desk.rules.own_pictures:
        found += [("folder", say("train own folder")), ("zip", say("train own zip"))]
    return found


def _label(name: str, control: str, about: str | None = None) -> str:
    note = html.escape(say(f"train about {name}") if about is None else about)
    return f'<label title="{note}"><span>{say(f"train {name}")}</span>{control}<small>{note}</small></label>'


def _select(name: str, options: list[tuple[str, str]]) -> str:
    listed = "".join(f'<option value="{html.escape(key)}">{html.escape(text)}</option>' for key, text in options)
    return _label(name, f'<select name="{name}">{listed}</select>')


def _plain_select(name: str, chosen: str) -> str:
    listed = "".join(
        f'<option value="{key}"{" selected" if key == chosen else ""}>{text}</option>'
        for key, text in _called("objective", OBJECTIVES)
    )
    return f'<select name="{name}" aria-label="{say("train objective")}">{listed}</select>'


def _number(name: str, value: Any, step: str) -> str:
    return _label(
        name, f'<input type="number" name="{name}" value="{value}" min="0" step="{step}" inputmode="decimal">'
    )


def _text(name: str) -> str:
    field = f'<input type="text" name="{name}" maxlength="60" spellcheck="false" autocomplete="off">'
    return _label(name, field, say("train name note"))


def _tick(name: str, about: str | None = None) -> str:
    note = html.escape(say(f"train about {name}") if about is None else about)
    return (
        f'<label class="tick" title="{note}"><input type="checkbox" name="{name}"><span>{say(f"train {name}")}</span>'
        f"<small>{note}</small></label>"
    )
