"""Interpolate: the digits on the way from one latent to another."""

from typing import Any

import gradio as gr

from gan_demo import latent
from gan_demo.ui import checks, markup, widgets
from gan_demo.ui import settings as link
from gan_demo.ui.models import Catalogue
from gan_demo.ui.settings import Settings
from gan_demo.ui.shelf import Shelf
from gan_demo.ui.words import say

START, END, STEPS = 42, 22, 12


def view(catalogue: Catalogue, name: Any, start: Any, end: Any, kind: Any, steps: Any, digit: Any) -> str:
    """The filmstrip as HTML; raises UserError on values out of range."""
    start, end = checks.typed_seed(start, say("from")), checks.typed_seed(end, say("to"))
    kind, steps = checks.choice(kind, say("path"), latent.PATHS), checks.steps(steps)
    digit = int(checks.choice(digit, say("digit"), widgets.DIGITS))
    model = catalogue.load(name)
    gan = model.gan
    # Row 0 of each seed: the first digit that the samples tab shows for it.
    z = latent.path(gan.latents(1, start)[0], gan.latents(1, end)[0], steps, kind)
    drawing = model.draw(z, model.digits(steps, digit))
    figures = []
    for step, (pixels, output) in enumerate(zip(drawing.pixels, drawing.outputs, strict=True)):
        said = model.belief(output)
        label = {0: say("start", seed=start), steps - 1: say("end", seed=end)}.get(step, "")
        alt = say("frame", step=step + 1, steps=steps, number=markup.number(said), verdict=say(said.verdict))
        figures.append(markup.digit(pixels, said, alt, label))
    return (
        f'<div class="film">{markup.digits(figures, markup.FILM_SCALES)}</div>'
        f'<div class="below">{markup.legend(gan.config.objective, lack=model.why_no_reference)}</div>'
    )


def build(catalogue: Catalogue, model: gr.Dropdown, settings: Settings, shelf: Shelf) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    gr.HTML(f'<p class="lede">{say("interpolate lede")}</p>')
    with gr.Row(elem_classes="controls"):
        start = widgets.seed_field(say("from"), START, "film-start")
        end = widgets.seed_field(say("to"), END, "film-end")
        kind = gr.Radio(
            [(say(kind), kind) for kind in latent.PATHS],
            value="spherical",
            label=say("path"),
            info=say("path info"),
            elem_id="film-path",
        )
        steps = gr.Slider(
            checks.MIN_STEPS, checks.MAX_STEPS, STEPS, step=1, label=say("steps"), elem_id="film-steps", buttons=[]
        )
        digit = widgets.digit_chooser(say("digit"), "film-digit")
    stage = gr.HTML(elem_id="film-stage", elem_classes="stage")

    @widgets.while_typing
    @checks.toasts
    def draw(name: Any, start: Any, end: Any, kind: Any, steps: Any, digit: Any) -> str:
        return view(catalogue, name, start, end, kind, steps, digit)

    settings.add("from", start, link.whole(checks.typed_seed))
    settings.add("to", end, link.whole(checks.typed_seed))
    settings.add("path", kind, link.choice(latent.PATHS))
    settings.add("steps", steps, link.whole(checks.steps))
    settings.add("film-digit", digit, link.choice(widgets.DIGITS))
    redraw = widgets.Redraw(draw, [model, start, end, kind, steps, digit], [stage])
    widgets.on_change(redraw, start, end, kind, steps, digit)
    return redraw
