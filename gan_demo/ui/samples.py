"""Samples: the digits of a seed."""

from typing import Any

import gradio as gr

from gan_demo.belief import Belief
from gan_demo.ui import checks, markup, widgets
from gan_demo.ui import settings as link
from gan_demo.ui.address import Address, addresses
from gan_demo.ui.models import Catalogue
from gan_demo.ui.settings import Settings
from gan_demo.ui.shelf import Shelf
from gan_demo.ui.words import say

SEED, COUNT, TRUNCATION = 42, 24, 1.0


def view(catalogue: Catalogue, name: Any, seed: Any, count: Any, truncation: Any) -> str:
    """The digits of a seed as HTML; raises UserError on values out of range."""
    seed, count, truncation = checks.typed_seed(seed), checks.count(count), checks.truncation(truncation)
    model = catalogue.load(name)
    digits = model.digits(count)
    drawing = model.draw(model.gan.latents(count, seed, truncation), digits)
    beliefs = [model.belief(output) for output in drawing.outputs]
    places = addresses(model.name, count, seed, truncation, digits)
    figures = [
        markup.digit(pixels, said, _words(place, said), address=place)
        for pixels, said, place in zip(drawing.pixels, beliefs, places, strict=True)
    ]
    real = sum(said.lean > 0 for said in beliefs)
    return (
        f"{markup.digits(figures)}"
        f'<div class="below"><p class="tally" role="status">{say("taken for real", real=real, count=count)}</p>'
        f"{markup.legend(model.gan.config.objective)}</div>"
    )


def _words(place: Address, said: Belief) -> str:
    """A digit and what D says of it, for those who cannot see it."""
    return say("sample", row=place.row, seed=place.seed, number=markup.number(said), verdict=say(said.verdict))


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
    stage = gr.HTML(elem_id="samples-stage", elem_classes="stage")

    @widgets.while_typing
    @checks.toasts
    def draw(name: Any, seed: Any, count: Any, truncation: Any) -> str:
        return view(catalogue, name, seed, count, truncation)

    settings.add("seed", seed, link.whole(checks.typed_seed))
    settings.add("count", count, link.whole(checks.count))
    settings.add("truncation", truncation, link.number(checks.truncation))
    shelf.on_use("samples", lambda address: (address.seed, address.truncation), [], [seed, truncation])

    redraw = widgets.Redraw(draw, [model, seed, count, truncation], [stage])
    widgets.on_change(redraw, seed, count, truncation)
    return redraw
