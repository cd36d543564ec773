"""Samples: the digits of a seed."""

from typing import Any

import gradio as gr

from gan_demo import belief
from gan_demo.ui import checks, markup, widgets
from gan_demo.ui.models import Catalogue
from gan_demo.ui.words import say

SEED, COUNT, TRUNCATION = 42, 24, 1.0


def view(catalogue: Catalogue, name: Any, seed: Any, count: Any, truncation: Any) -> str:
    """The digits of a seed as HTML; raises UserError on values out of range."""
    seed, count, truncation = checks.seed(seed), checks.count(count), checks.truncation(truncation)
    model = catalogue.load(name)
    config = model.gan.config
    drawing = model.draw(model.gan.latents(count, seed, truncation))
    beliefs = [belief.belief(config.objective, output) for output in drawing.outputs]
    figures = [
        markup.digit(pixels, said, say("sample", row=row, seed=seed, number=said.number, verdict=said.verdict))
        for row, (pixels, said) in enumerate(zip(drawing.pixels, beliefs, strict=True))
    ]
    real = sum(said.lean > 0 for said in beliefs)
    return (
        f"{markup.digits(figures)}"
        f'<div class="below"><p class="tally" role="status">{say("taken for real", real=real, count=count)}</p>'
        f"{markup.legend(belief.meaning(config.objective))}</div>"
    )


def build(catalogue: Catalogue, model: gr.Dropdown) -> widgets.Redraw:
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

    redraw = widgets.Redraw(draw, [model, seed, count, truncation], [stage])
    widgets.on_change(redraw, seed, count, truncation)
    return redraw
