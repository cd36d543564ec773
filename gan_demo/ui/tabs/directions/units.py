"""What the units of a convolutional generator do: a fold of the tab, in which a unit is switched off or doubled.

Effects are measured when somebody asks for a layer, some units an answer, and kept with the model.
"""

import html
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import torch
from torch import Tensor

from gan_demo.belief import percent, typeset
from gan_demo.latent import units
from gan_demo.latent.spaces import LatentSpace
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.directions.texts import measure_name
from gan_demo.ui.words import say

SEED, DRAWS = 20_190_608, 16  # latents: one half ranks the units, and the other says what they do
OTHERS = 7  # latents beside the digit that is looked at
FIRST, SETS = 10, 8  # units of the rank that are switched together, and random ones of as many with which they compare
BLOCK, PATIENCE = 8, 0.2  # units that are measured at once; seconds after which an answer says how far it has come
FEW = 18  # units that are shown until somebody wants all
SWITCHES = {"off": units.OFF, "doubled": units.DOUBLED}
# Decimals and the sign of a measure; that of others is pixels.
FORMS = {
    "ink": (1, "\u00a0px"),
    "slant": (1, "°"),
    "roundness": (3, ""),
    "loops": (2, ""),
    "ends": (2, ""),
    "digit": (1, "\u00a0%"),
}
SCRIPT = Path(__file__).with_name("units.js").read_text(encoding="utf-8")
_AT_ONCE = threading.BoundedSemaphore(4)


def build(page: Page) -> gr.HTML:
    """Lay out the fold, whose value is `view`."""

    @checks.answers(_AT_ONCE)
    def ask(asked: Any) -> dict[str, Any]:
        return answer(page.catalogue, asked)

    return gr.HTML(elem_id="board-units", js_on_load=SCRIPT, server_functions=[ask], apply_default_css=False)


def view(model: Model) -> str:
    """The fold as HTML, which units.js fills; nothing for a generator without channels."""
    layers = _layers(model)
    if not layers:
        return ""
    named = [(str(one.number), f"{one.height}×{one.width} ({one.number + 1})") for one in layers]
    switches = [(key, say(f"units {key}")) for key in SWITCHES]
    chooses = (
        _chooser("layer", say("units layer"), named, named[-1][0])
        + _chooser("by", say("units by"), [(name, _name(name)) for name in measures(model)], "slant")
        + _chooser("switch", say("units when"), switches, "off")
    )
    return (
        f'<details class="units" data-units="{html.escape(model.name)}">'
        f'<summary>{say("units")}</summary><p class="note">{say("units about")}</p>'
        f'<div class="unit-tools">{chooses}<span role="status"></span></div><div class="tiles"></div>'
        f'<div class="switched"></div></details>'
    )


def _chooser(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> str:
    listed = "".join(
        f'<option value="{key}"{" selected" if key == chosen else ""}>{html.escape(text)}</option>'
        for key, text in options
    )
    return f'<label>{label} <select data-set="{name}">{listed}</select></label>'


def measures(model: Model) -> tuple[str, ...]:
    """What units are ranked by; which digit it is, only where pictures are digits."""
    return units.MEASURES if model.draws_digits else units.MEASURES[:-1]


def answer(catalogue: Catalogue, asked: Any) -> dict[str, Any]:
    """The units of a layer as tiles, and what one of them does; raises UserError.

    `asked` holds the model, the `layer`, what to rank `by`, the `switch`, perhaps a `unit` (or "first", which are the
    FIRST of the rank together), whether `all` are wanted, and the address of the digit that is looked `at`. Asked
    again, it measures more units; they are ranked once the `share` that is measured is 1. Without a unit it takes the
    first of the rank.
    """
    model = catalogue.load(checks.field(asked, "model"))
    layers = _layers(model)
    number = int(checks.choice(checks.field(asked, "layer"), say("units layer"), [str(one.number) for one in layers]))
    by = checks.choice(checks.field(asked, "by"), say("units by"), measures(model))
    switch = checks.choice(checks.field(asked, "switch"), say("units when"), SWITCHES)
    layer, unit = layers[number], checks.field(asked, "unit")
    if unit is not None and unit != "first":
        unit = checks.whole(unit, say("unit", number="").strip(), 0, layer.channels - 1)
    text = checks.field(asked, "at")
    at = catalogue.address(text, model.name) if text else Address(model.name, SEED, OTHERS)
    digits = model.digits(1 + OTHERS)
    if digits and at.digit is not None:
        digits[0] = model.known(at.digit)
    space = LatentSpace(model.gan, at.space if at.space in model.spaces else "z")  # of what is looked at, and so of all
    others = space.of(model.gan.latents(OTHERS, SEED), digits and digits[1:])
    points = torch.cat([at.latent_in(model.gan, space.name, digits[0] if digits else None)[None], others])
    found = _measured(model, layer, SWITCHES[switch])
    told: dict[str, Any] = {"share": len(found) / layer.channels, "measuring": ""}
    if len(found) < layer.channels:
        told["measuring"] = say("units measuring", share=percent(told["share"]))
        order, amounts = list(range(layer.channels)), None
    else:
        column = units.MEASURES.index(by)
        ranks, amounts = found[:, 0, column], found[:, 1, column]
        order = ranks.abs().argsort(descending=True, stable=True).tolist()
        unit = order[0] if unit is None else unit
    chosen = order[:FIRST] if unit == "first" else [unit]
    active = units.activations(model.gan, points[:1], digits and digits[:1], space.name)[layer.number][0]
    told["tiles"] = _tiles(model, layer, active, order, amounts, by, chosen, bool(checks.field(asked, "all")))
    told["unit"], told["switched"] = unit, ""
    if amounts is not None:
        name = say("units first", count=len(chosen)) if unit == "first" else say("unit", number=unit)
        moved, by_chance = _of_set(model, layer, chosen, SWITCHES[switch], by, amounts)
        texts = {"name": name, "switch": say(f"units {switch}"), "measure": _name(by), "half": DRAWS // 2}
        texts |= {"amount": amount(by, moved), "chance": amount(by, by_chance).lstrip("+"), "count": len(chosen)}
        said = say("units told", **texts)
        told["switched"] = f"<p>{said}</p>{_switched(model, layer, chosen, points, digits, space.name)}"
    return told


def _layers(model: Model) -> tuple[units.Layer, ...]:
    return model.once("layers", partial(units.layers, model.gan))


def _measured(model: Model, layer: units.Layer, factor: float) -> Tensor:
    """The mean effects of a layer's first units on both halves of the latents: (units so far, 2, measures)."""
    z = model.gan.latents(DRAWS, SEED + 1)
    digits = model.digits(DRAWS)
    kept: dict[int, Tensor] = model.once(("units", layer.number, factor), dict)
    begun: float | None = None
    found = []
    for block in torch.arange(layer.channels).split(BLOCK):
        first = int(block[0])
        if first not in kept:
            if begun is not None and time.monotonic() - begun > PATIENCE:
                break
            with model.turn:
                begun = begun or time.monotonic()
                if first not in kept:  # somebody else may have measured it meanwhile
                    kept[first] = _halves(model, z, layer, layer.each(block.tolist(), factor), digits)
        found.append(kept[first])
    return torch.cat(found)


def _halves(model: Model, z: Tensor, layer: units.Layer, factors: Tensor, digits: list[int] | None) -> Tensor:
    labels = None if digits is None else torch.tensor(digits)
    return torch.stack(units.halves(units.effects(model.gan, z, layer, factors, labels)), dim=1)


def _of_set(
    model: Model, layer: units.Layer, chosen: list[int], factor: float, by: str, amounts: Tensor
) -> tuple[float, float]:
    """What some units move together on the half of the latents that did not rank them; and other sets of as many.

    Of one unit, whose others are all measured, these are the `amounts`.
    """
    if len(chosen) == 1:
        others = amounts[torch.arange(len(amounts)) != chosen[0]].abs()
        return float(amounts[chosen[0]]), float(others.mean()) if len(others) else 0.0
    random = torch.Generator().manual_seed(SEED)
    sets = [torch.randperm(layer.channels, generator=random)[: len(chosen)].tolist() for _ in range(SETS)]
    factors = torch.cat([layer.together(one, factor) for one in (chosen, *sets)])
    z, digits = model.gan.latents(DRAWS, SEED + 1), model.digits(DRAWS)
    # The first half is not needed, but for `_halves`, which is the one to say which half is which.
    found = model.once(("sets", layer.number, factor, *chosen), partial(_halves, model, z, layer, factors, digits))
    moved = found[:, 1, units.MEASURES.index(by)]
    return float(moved[0]), float(moved[1:].abs().mean())


def _tiles(
    model: Model,
    layer: units.Layer,
    active: Tensor,
    order: list[int],
    amounts: Tensor | None,
    by: str,
    chosen: list[Any],
    whole: bool,
) -> str:
    """A button for each unit, with where it is `active`, (channels, h, w), and what it moves."""
    active = active.clamp(min=0).cpu()
    grey = (active / active.amax((1, 2), keepdim=True).clamp(min=1e-6) * 255).byte().numpy()
    shown = order if whole else [*order[:FEW], *(unit for unit in chosen if unit in order[FEW:])]
    tiles = []
    for unit in shown:
        name = say("unit", number=unit)
        moved = "" if amounts is None else amount(by, float(amounts[unit]))
        tiles.append(
            f'<button data-unit="{unit}" aria-pressed="{str(unit in chosen).lower()}" title="{name}"'
            f' aria-label="{name} {moved}">{markup.picture(grey[unit], "")}<small>{moved or unit}</small></button>'
        )
    if amounts is not None and len(order) > FIRST:
        pressed = str(len(chosen) > 1).lower()
        text = say("units first", count=FIRST)
        tiles.append(f'<button data-unit="first" class="copy" aria-pressed="{pressed}">{text}</button>')
    if len(shown) < len(order):
        tiles.append(f'<button data-all class="copy">{say("units all", count=len(order))}</button>')
    return "".join(tiles)


def _switched(
    model: Model, layer: units.Layer, chosen: list[int], points: Tensor, digits: list[int] | None, space: str
) -> str:
    """The digits as they are, with some units off, and with them doubled."""
    factors = torch.cat([layer.together(chosen, factor) for factor in (1.0, *SWITCHES.values())])
    count, rows = len(points), ("before", *SWITCHES)
    asked = None if digits is None else digits * len(rows)
    every = torch.cat([points] * len(rows))
    scored = model.switched(every, asked, layer, factors.repeat_interleave(count, dim=0), space)
    beliefs, read = tint.coloured(model, scored), model.read(scored.pixels)
    body = ""
    for row, key in enumerate(rows):
        cells = ""
        for column in range(count):
            at, seen = row * count + column, ""
            if read is not None:
                other = " class=other" if read[at].digit != read[column].digit else ""
                seen = f"<small{other}>{read[at].digit}</small>"
            alt = f"{say(f'units {key}')}, {column + 1}"
            cells += (
                f"<td><span {markup.leaning(beliefs[at])}>{markup.picture(scored.pixels[at], alt)}</span>{seen}</td>"
            )
        body += f'<tr><th scope="row">{say(f"units {key}")}</th>{cells}</tr>'
    caption = "" if read is None else f'<p class="note">{say("units read")}</p>'
    return f"<table>{body}</table>{caption}"


def _name(measure: str) -> str:
    return say(f"units {measure}") if measure in ("ink", "loops", "ends", "digit") else measure_name(measure)


def amount(measure: str, value: float) -> str:
    """A change of a measure as people read it: "+0.3°", "−2.1 px", "+0.25", "−1.2 %", "0"."""
    places, sign = FORMS.get(measure, (2, "\u00a0px"))
    text = f"{value * (100 if measure == 'digit' else 1):+.{places}f}"
    return typeset(text + sign if float(text) else "0")
