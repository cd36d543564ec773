"""Samples: the digits of a seed."""

from typing import Any

import gradio as gr

from gan_demo.belief import Belief, meaning
from gan_demo.gan import CLASSES
from gan_demo.ui import checks, markup, widgets
from gan_demo.ui import settings as link
from gan_demo.ui.address import Address, addresses
from gan_demo.ui.models import Catalogue, Model
from gan_demo.ui.settings import Settings
from gan_demo.ui.shelf import Shelf
from gan_demo.ui.words import say

SEED, COUNT, TRUNCATION = 42, 24, 1.0
TURN, TEN = "turn", "ten"  # keys of texts; in the place of a digit
DIGITS = (TURN, TEN, *widgets.DIGITS)


def view(catalogue: Catalogue, name: Any, seed: Any, count: Any, truncation: Any, digit: Any) -> str:
    """The digits of a seed as HTML; raises UserError on values out of range."""
    seed, count, truncation = checks.typed_seed(seed), checks.count(count), checks.truncation(truncation)
    digit = checks.choice(digit, say("digit"), DIGITS)
    model = catalogue.load(name)
    tens = model.conditional and digit == TEN
    if tens:
        latents = -(-count // CLASSES)  # in full rows
        places = [Address(model.name, seed, row, truncation, of) for row in range(latents) for of in range(CLASSES)]
        z = model.gan.latents(latents, seed, truncation).repeat_interleave(CLASSES, dim=0)
    else:
        digits = model.digits(count, int(digit) if digit in widgets.DIGITS else None)
        places = addresses(model.name, count, seed, truncation, digits)
        z = model.gan.latents(count, seed, truncation)
    drawing = model.draw(z, [place.digit for place in places] if model.conditional else None)
    beliefs = [model.belief(output) for output in drawing.outputs]
    figures = [
        markup.digit(pixels, said, _words(place, said), address=place)
        for pixels, said, place in zip(drawing.pixels, beliefs, places, strict=True)
    ]
    return (
        f"{markup.tens(figures) if tens else markup.digits(figures)}"
        f'<div class="below"><p class="tally" role="status">{_tally(model, beliefs)}</p>'
        f"{markup.legend(model.gan.config.objective, lack=model.why_no_reference)}</div>"
    )


def _tally(model: Model, beliefs: list[Belief]) -> str:
    """How many of the digits D takes for real; nothing if it has no scale to say so."""
    if model.scaleless:
        return ""
    key = "above the middle" if meaning(model.gan.config.objective).lean is None else "taken for real"
    return say(key, real=sum(said.lean > 0 for said in beliefs), count=len(beliefs))


def _words(place: Address, said: Belief) -> str:
    """A digit and what D says of it, for those who cannot see it."""
    key = "sample" if place.digit is None else "sample as"
    number, verdict = markup.number(said), say(said.verdict)
    return say(key, row=place.row, seed=place.seed, digit=place.digit, number=number, verdict=verdict)


def build(catalogue: Catalogue, model: gr.Dropdown, settings: Settings, shelf: Shelf) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    gr.HTML(f'<p class="lede">{say("samples lede")}</p>')
    with gr.Row(elem_classes="controls"):
        seed = widgets.seed_field(say("seed"), SEED, "samples-seed")
        count = gr.Slider(1, checks.MAX_COUNT, COUNT, step=1, label=say("count"), elem_id="samples-count", buttons=[])
        truncation = gr.Slider(
            0,
            checks.MAX_TRUNCATION,
            TRUNCATION,
            step=0.05,
            label=say("truncation"),
            info=say("truncation info"),
            elem_id="samples-truncation",
            buttons=[],
        )
        digit = widgets.digit_chooser(say("digit"), "samples-digit", TURN, TEN)
    stage = gr.HTML(elem_id="samples-stage", elem_classes="stage")

    @widgets.while_typing
    @checks.toasts
    def draw(name: Any, seed: Any, count: Any, truncation: Any, digit: Any) -> str:
        return view(catalogue, name, seed, count, truncation, digit)

    settings.add("seed", seed, link.whole(checks.typed_seed))
    settings.add("count", count, link.whole(checks.count))
    settings.add("truncation", truncation, link.number(checks.truncation))
    settings.add("digit", digit, link.choice(DIGITS))

    def use(address: Address) -> tuple[Any, ...]:
        return address.seed, address.truncation, gr.skip() if address.digit is None else str(address.digit)

    shelf.on_use("samples", use, [], [seed, truncation, digit])
    redraw = widgets.Redraw(draw, [model, seed, count, truncation, digit], [stage])
    widgets.on_change(redraw, seed, count, truncation, digit)
    return redraw
