"""Discriminator: what D says of a digit that somebody draws, brings or takes from the examples.

The digit is on the canvas, in the browser, and nothing of it is kept here. While the pen moves, the canvas asks
`live`; tab.js shows the answer, and asks for the rest: examples, the panel of judges, steps up D's slope.
"""

import math
import os
import threading
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
import torch

from gan_demo import belief
from gan_demo.belief import saliency
from gan_demo.errors import UserError
from gan_demo.pictures import encoding
from gan_demo.pixels import from_pixels
from gan_demo.ui.shared import brought, canvas, checks, drop_zone, inputs, link, markup, widgets
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.inputs import KINDS, PLAIN, PREPARED, kind_for
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.discriminator import judges, voices
from gan_demo.ui.words import say

BEST = "best"  # a key of a text; in the place of a digit
DIGITS = (BEST, *widgets.CLASSES_ASKED)
COARSE = 6  # noisy copies for the slopes while the pen moves
FULL_COLOUR = 0.99  # the share of pixels whose slope is paler than the strongest colour
# Server functions have no queue: so many at once, and who gets no turn in time asks again.
_AT_ONCE = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))
PATIENCE = 1.0  # seconds
MARKED = 1e300  # JSON has no infinity


class JudgeRequest(NamedTuple):
    """What the browser wants judged, and by whom."""

    model: Model
    pixels: np.ndarray  # (28, 28) uint8, as D sees it
    digit: int | None  # as which a conditional D judges it; None for the one it is read as
    moving: bool = False  # whether the pen is down, so that another one follows at once

    @classmethod
    def read(cls, catalogue: Catalogue, sent: Any) -> "JudgeRequest":
        """Read [picture, context]; raises UserError on anything else."""
        picture, context = _pair(sent)
        digit = checks.choice(context.get("digit"), say("judge as"), DIGITS)
        model = catalogue.load(context.get("model"))
        pixels = canvas.to_digit(canvas.read(picture), _kind(model, context.get("kind")) == PREPARED)
        return cls(model, pixels, None if digit == BEST else int(digit), context.get("moving") is True)


def _pair(sent: Any) -> tuple[Any, dict[str, Any]]:
    if not isinstance(sent, list) or len(sent) != 2 or not isinstance(sent[1], dict):
        raise UserError(say("not question"))
    return sent[0], sent[1]


def _kind(model: Model, asked: Any) -> str:
    return kind_for(model, checks.choice(asked, say("what d sees"), KINDS))


def judged(request: JudgeRequest) -> dict[str, Any]:
    """What the page shows of a digit while it is drawn: D's picture, number and words, and which pixels matter."""
    model, pixels, digit, moving = request
    if inputs.is_blank(pixels):
        return _nothing(pixels)
    raw, asked = model.judge_as(pixels, digit)
    logit, (far, near_both) = voices.best_logit(model.best, pixels), model.standing(pixels)
    leading = model.belief(raw) if logit is None else voices.best_belief(logit)
    first = voices.headline(model, raw, logit, far)
    image, samples = from_pixels(torch.from_numpy(pixels))[None], COARSE if moving else saliency.SAMPLES
    slopes = saliency.smoothgrad(model.gan, image, asked, samples)[0].cpu().numpy()
    strongest = float(np.quantile(np.abs(slopes), FULL_COLOUR))
    scaled = np.nan_to_num(slopes / strongest).clip(-1, 1) if strongest > 0 else np.zeros_like(slopes)
    return {
        "seen": encoding.data_url(encoding.grey_png(pixels)),
        "pixels": canvas.write(pixels),
        "slopes": canvas.write((scaled * 127).round().astype(np.int8).view(np.uint8)),
        "leaning": 0 if far else markup.strength(leading),
        "model": model.name,
        "compared": voices.key(model),
        "raw": _marked(raw),
        "best": logit if logit is None else _marked(logit),
        "first": first,
        "lead": voices.lead(model, logit, far),
        "says": voices.own(model, raw, asked, digit is None, far),
        "odds": voices.odds(model, raw, logit, near_both),
        "told": first if logit is not None or far else f"{markup.number(leading)}, {say(leading.verdict)}",
    }


def _marked(raw: float) -> float | None:
    return None if math.isnan(raw) else max(-MARKED, min(raw, MARKED))


def _nothing(pixels: np.ndarray) -> dict[str, Any]:
    """What the page shows of an empty sheet: D would say something of it, but there is no digit to say it of."""
    return {
        "empty": True,
        "seen": encoding.data_url(encoding.grey_png(pixels)),
        "pixels": canvas.write(pixels),
        "slopes": canvas.write(np.zeros_like(pixels)),
        "leaning": 0,
        "first": "",
        "lead": "",
        "says": f'<p class="no-reference">{say("nothing to judge")}</p>',
        "told": say("nothing to judge"),
    }


def climbed(request: JudgeRequest, catalogue: Catalogue) -> dict[str, Any]:
    """The start and each step of making a digit more convincing to D, and what others say of each: they are not."""
    model, pixels, digit, _ = request
    if inputs.is_blank(pixels):
        raise UserError(say("nothing to judge"))
    start, asked = model.judge_as(pixels, digit)
    path = [saliency.Step(pixels, start), *saliency.ascend(model.gan, pixels, asked)]
    film: list[dict[str, Any]] = []
    for step in path:
        said = model.belief(step.output)
        film.append(
            {
                "pixels": canvas.write(step.pixels),
                "picture": markup.picture(step.pixels, ""),
                "leaning": markup.strength(said),
                "number": markup.number(said),
                "others": [],
            }
        )
    for name, shares in judges.others(catalogue, model, [step.pixels for step in path], digit):
        for shown, share in zip(film, shares, strict=True):
            shown["others"].append(f"{name} {belief.percent(share)}")
    if len(film) == 1:
        raise UserError(say("at the top"))
    return {"model": model.name, "film": film, "source": say("source climbed", model=model.name)}


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    catalogue, model, settings, pins, *_ = page
    # Of a short address any model makes a whole one: here only its form is looked at.
    settings.of_page("judged", lambda text: Address.parse(text, model.value))

    @checks.answers(_AT_ONCE, PATIENCE)
    def live(sent: Any) -> Any:
        return judged(JudgeRequest.read(catalogue, sent))

    @checks.answers(_AT_ONCE, PATIENCE)
    def compared(sent: Any) -> Any:
        _, context = _pair(sent)
        return voices.compared(catalogue.load(context.get("model")))

    @checks.answers(_AT_ONCE, PATIENCE)
    def climb(sent: Any) -> Any:
        return climbed(JudgeRequest.read(catalogue, sent), catalogue)

    @checks.answers(_AT_ONCE, PATIENCE)
    def panel(sent: Any) -> Any:
        request = JudgeRequest.read(catalogue, sent)
        if inputs.is_blank(request.pixels):
            return {"html": f'<p class="note">{say("nothing to judge")}</p>', "empty": True}
        return {"html": judges.view(catalogue, request.model, request.pixels, request.digit)}

    @checks.answers(_AT_ONCE, PATIENCE)
    def examples(sent: Any) -> Any:
        seed, context = _pair(sent)
        seed = inputs.FIRST_SEED if seed is None else checks.typed_seed(seed)
        chosen = catalogue.load(context.get("model"))
        found = inputs.examples(catalogue, chosen, seed)
        if context.get("judged"):  # by a link, and first of all
            place = Address.parse(context["judged"], chosen.name)
            found.insert(0, ("example linked", inputs.of_address(catalogue.load(place.model), place)))
        return [
            {"label": say(key), "pixels": canvas.write(given.pixels), "note": given.note()}
            | {"picture": markup.picture(given.pixels, "")}
            for key, given in found
        ]

    gr.HTML(f'<p class="lede">{markup.either("discriminator lede")}</p>')
    with gr.Row(elem_classes="ask"):
        board = canvas.build("judge-canvas", live)
        bringing = drop_zone.build("drop-zone")
        digit = widgets.digit_chooser(say("judge as"), "judge-as", BEST)
        kinds = [(say(kind), kind) for kind in (PREPARED, PLAIN)]
        kind = gr.Radio(kinds, value=PREPARED, label=say("what d sees"), elem_id="judge-kind", elem_classes="of-digits")
        functions = [compared, climb, panel, examples]
        gr.HTML(
            html_template=_stage(),
            js_on_load=script,
            server_functions=functions,
            elem_id="judge-stage",
            elem_classes="stage",
            apply_default_css=False,
        )
    legend = gr.HTML(elem_id="judge-legend", apply_default_css=False)

    @checks.toasts
    def explain(name: Any, digit: Any, kind: Any) -> tuple[Any, str]:
        chosen = catalogue.load(name)
        asked = checks.choice(digit, say("judge as"), DIGITS)
        context = {"model": chosen.name, "digit": asked, "kind": _kind(chosen, kind), "light": chosen.draws_on_light}
        return gr.HTML(context=context), markup.below(chosen)

    @checks.toasts
    def bring(name: Any, kind: Any, event: gr.EventData) -> Any:
        return drop_zone.bring(event, _kind(catalogue.load(name), kind))

    @checks.toasts
    def use(address: Address, turn: Any) -> Any:
        given = inputs.of_address(catalogue.load(address.model), address)
        return canvas.put(given.pixels, given.note(), turn=turn)

    pins.on_use("discriminator", use, [], [board], in_turn=True)
    bringing.upload(bring, [model, kind], [board], **widgets.PICTURES, **widgets.QUEUED)
    settings.add("as", digit, link.choice(DIGITS))
    settings.add("seen", kind, link.choice((PREPARED, PLAIN)))
    redraw = widgets.Redraw(explain, [model, digit, kind], [board, legend])
    widgets.on_change(redraw, digit, kind)
    return redraw


def _stage() -> str:
    """The places that tab.js fills."""
    colours = "".join(
        f'<i class="toward-{side}"></i>{say(key)} ' for side, key in (("real", "slope up"), ("fake", "slope down"))
    )
    return (
        f'<div class="looks"><figure class="seen"><span><img width="28" height="28" alt="{say("seen")}"></span>'
        f"<figcaption>{say('seen')}</figcaption></figure>"
        '<figure class="slopes"><span><canvas width="28" height="28" aria-hidden="true"></canvas></span>'
        f"<figcaption>{say('slopes')}<small>{colours}</small></figcaption></figure>"
        f'<button type="button" class="climb" data-climb>{say("climb")}</button><p class="problem" role="status"></p>'
        "</div>"
        f'<div class="says"><div class="from"><p class="source" data-drawing="{say("source drawing")}"'
        f' data-changed="{say("source changed")}"'
        f' data-linked="{say("source linked")}" data-torn="{say("link wrong", why=say("link drawing"))}"></p>'
        f"{brought.markup()}</div>"
        f'<div class="refusal" hidden><p class="no-reference" role="status"></p>'
        f'<button type="button" class="copy" data-judge>{say("judge earlier")}</button></div>'
        f'<p class="headline">{say("d looks")}</p>'  # until the first answer, which may take seconds
        f'<section class="voice lead"><h3>{say("voice best")}</h3><div class="spoken"></div>'
        '<div class="reference-of-best"></div></section>'
        f'<section class="voice own"><h3>{say("voice trained")}</h3><div class="live"></div>'
        '<div class="reference"></div></section><div class="likely"></div><div class="card"></div>'
        '<p class="told" role="status"></p></div>'
        f'<section class="example-row"><h2>{say("examples")}<button type="button" class="copy" data-more>'
        f'{say("examples more")}</button></h2><div class="examples"></div></section>'
        f'<section class="film-of-climb" hidden><h2>{say("climb film")}<button type="button" class="copy" data-undo>'
        f'{say("undo")}</button></h2><p class="note">{say("climb note")}</p><div class="steps"></div></section>'
        f'<section class="judges"><h2>{say("judges")}</h2><p class="note">{say("judges note")}</p>'
        f'<div class="jury"><p class="note">{say("judges look")}</p></div></section>'
    )
