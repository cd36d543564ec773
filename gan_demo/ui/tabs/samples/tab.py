"""Samples: the digits of a seed, what they have in common, and one of them looked at closely."""

import html
import json
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from gan_demo.belief import Belief, belief, meaning, percent
from gan_demo.errors import UserError
from gan_demo.evaluation import part_tables
from gan_demo.latent.spaces import truncated
from gan_demo.latent.truncation import MIDDLE, WAYS
from gan_demo.pictures import downloads, encoding
from gan_demo.training.history import grid_of
from gan_demo.ui.gradio_workarounds import payload
from gan_demo.ui.shared import checks, link, markup, tint, widgets
from gan_demo.ui.shared.address import MIN_TRUNCATION, Address, addresses
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.samples import histograms, inspector
from gan_demo.ui.words import say, sentences

SEED, COUNT, TRUNCATION = 42, 24, 1.0
TURN, TEN = "turn", "ten"  # keys of texts; in the place of a digit
DIGITS = (TURN, TEN, *widgets.CLASSES_ASKED)
ORDERS = ("by row", "most real", "least real")  # keys of texts
GRID_SCALE = 4
ASKED = ("seed", "count", "truncation", "digit", "order", "towards")  # of `sample`
COLUMNS = ("file", "address", "{}", "seed", "row", "truncation", "score")  # of the table of an archive
# What a browser asks for past gradio's queue: few at once.
_AT_ONCE = threading.BoundedSemaphore(4)


class Sampled(NamedTuple):
    """Digits in the order in which they are shown."""

    model: Model
    places: list[Address]
    pixels: list[np.ndarray]  # (28, 28) uint8 each
    outputs: list[float]  # D's, raw
    said: list[Belief]  # with their colours (tint.py), which the best D may have given
    tens: bool  # each latent as all ten digits, in rows of ten


def sample(
    catalogue: Catalogue,
    name: Any,
    seed: Any,
    count: Any,
    truncation: Any,
    digit: Any,
    order: Any = ORDERS[0],
    towards: Any = WAYS[0],
) -> Sampled:
    """Draw the digits of a seed; raises UserError on values out of range.

    A model whose latents cannot be truncated `towards` what is asked for, one of WAYS, takes its own way, and one whose
    truncation does not go below 0 has none.
    """
    seed, count, truncation = (
        checks.typed_seed(seed),
        checks.count(count),
        checks.truncation(truncation, MIN_TRUNCATION),
    )
    digit, order = checks.choice(digit, say("digit"), DIGITS), checks.choice(order, say("order"), ORDERS)
    model, towards = catalogue.load(name), checks.choice(towards, say("towards"), WAYS)
    truncation = truncation if truncation >= model.least_truncation else TRUNCATION
    towards = towards if towards in model.gan.truncations else model.gan.truncations[0]
    towards = towards if truncation >= 0 else MIDDLE
    tens = model.conditional and digit == TEN
    if tens:
        classes = model.classes
        latents = -(-count // classes)  # in full rows
        places = [
            Address(model.name, seed, row, truncation, of, towards=towards)
            for row in range(latents)
            for of in range(classes)
        ]
        z = model.gan.latents(latents, seed).repeat_interleave(classes, dim=0)
    else:
        digits = model.digits(count, int(digit) if digit in widgets.CLASSES_ASKED else None)
        places = addresses(model.name, count, seed, truncation, digits, towards)
        z = model.gan.latents(count, seed)
    labels = [place.digit or 0 for place in places] if model.conditional else None
    points, space = truncated(model.gan, z, truncation, towards, labels)
    scored = model.draw(points, labels, space)
    found = list(zip(places, scored.pixels, scored.outputs, tint.coloured(model, scored), strict=True))
    if order != ORDERS[0] and not tens:
        sign = -1 if order == "most real" else 1
        found.sort(key=lambda one: sign * one[3].raw if one[3].raw == one[3].raw else np.inf)  # a NaN comes last
    in_order, pixels, outputs, said = map(list, zip(*found, strict=True))
    return Sampled(model, in_order, pixels, outputs, said, tens)


def view(sampled: Sampled, chosen: Address | None = None) -> str:
    """The digits as HTML."""
    model = sampled.model
    who = tint.voice(model).who
    figures = [
        markup.digit(pixels, said, _words(model, place, who, said), address=place, chosen=place == chosen)
        for place, pixels, said in zip(sampled.places, sampled.pixels, sampled.said, strict=True)
    ]
    saves = "".join(
        f'<button class="copy" data-save="{kind}">{say(key)}</button>'
        for kind, key in (("png", "grid png"), ("zip", "digits zip"))
    )
    return (
        f"{markup.tens(figures, model.classes) if sampled.tens else markup.digits(figures)}"
        f'<p class="saves"><span>{say("download")}</span>{saves}<span role="status"></span></p>'
        f"{markup.below(model, tinted=True)}"
    )


def summary(sampled: Sampled) -> str:
    """What the digits have in common, as HTML."""
    read = sampled.model.read(np.stack(sampled.pixels))
    asked = sampled.model.conditional
    charts = "" if read is None else histograms.digits([one.digit for one in read], asked)
    outputs = [said.raw for said in sampled.said]
    charts += histograms.scores(sampled.model, outputs, _tally(sampled.model, outputs))
    return f'<section class="summary">{_truncated(sampled)}{charts}</section>'


def _truncated(sampled: Sampled) -> str:
    """What truncation does to this model's digits, where it is at work and was measured."""
    place = sampled.places[0]
    if place.truncation == 1:
        return ""
    in_w = "w" in sampled.model.spaces and place.towards == MIDDLE
    led = say(f"led to {place.towards}", psi=place.truncation)
    if in_w:
        key = "led across in w" if place.truncation < 0 else "led in w"
        led = say(key, psi=f"{place.truncation:g}", share=percent(abs(place.truncation)))
    found = part_tables.truncated(sampled.model.metrics, place.truncation, place.towards)
    if found is None or found[0].truncation == 1 or place.truncation < 0:
        return f'<p class="note truncated">{led}</p>'
    short, whole, samples = found
    figures = {"level": short.truncation, "precision": short.precision, "coverage": short.coverage}
    figures |= {"whole_precision": whole.precision, "whole_coverage": whole.coverage}
    line = say("truncated", **figures, samples=f"{samples:,}")
    return f'<p class="note truncated">{sentences(led, line)}</p>'


def _tally(model: Model, outputs: list[float]) -> str:
    """How many of the digits D, or the best D, takes for real; nothing if it has no scale to say so."""
    who, objective, reference = tint.voice(model)
    scale = meaning(objective).has_scale
    if not scale and reference is None:
        return ""
    real = sum(belief(objective, raw, reference).lean > 0 for raw in outputs)
    return say("taken for real" if scale else "above the middle", who=who, real=real, count=len(outputs))


def _words(model: Model, place: Address, who: str, said: Belief) -> str:
    """A digit and what D, or the best D, says of it, for those who cannot see it."""
    key = "sample" if place.digit is None else "sample as"
    number, verdict = markup.number(said), say(said.verdict)
    asked = None if place.digit is None else model.class_names[place.digit]
    return say(key, row=place.row, seed=place.seed, digit=asked, who=who, number=number, verdict=verdict)


def download(sampled: Sampled, kind: Any) -> dict[str, str]:
    """The digits as a file, in the order in which they are shown: a grid, or an archive with a table."""
    first = sampled.places[0]
    name = f"{first.model}-seed{first.seed}-{len(sampled.places)}"
    if kind == "png":
        classes = sampled.model.gan.config.classes
        width = classes if sampled.tens else grid_of(classes)[1]
        grid = encoding.grid(np.stack(sampled.pixels), min(width, len(sampled.pixels)), scale=GRID_SCALE)
        return widgets.to_save(encoding.png_bytes(grid), downloads.file_name(name, "png"))
    if kind != "zip":
        raise UserError(say("not choice", name=say("download"), choices="png, zip", value=repr(kind)[:40]))
    model = sampled.model
    read = model.read(np.stack(sampled.pixels))
    files = [downloads.file_name(place.short, "png") for place in sampled.places]
    rows = []
    for index, (file, place, output) in enumerate(zip(files, sampled.places, sampled.outputs, strict=True)):
        shows = "" if read is None else str(read[index].digit)
        if place.digit is not None:
            shows = model.class_names[place.digit]
        rows.append((file, place, shows, place.seed, place.row, place.truncation, f"{output:.6g}"))
    columns = [column.format("digit" if model.draws_digits else "class") for column in COLUMNS]
    content = downloads.archive(sampled.pixels, files, columns, rows, model.kind)
    return widgets.to_save(content, downloads.file_name(name, "zip"))


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    catalogue, model, settings, pins, *_ = page

    def sampled_as(request: Any) -> Sampled:
        return sample(catalogue, *(checks.field(request, key) for key in ("model", *ASKED)))

    @checks.answers(_AT_ONCE)
    def samples_file(request: Any) -> dict[str, Any]:
        return download(sampled_as(request), checks.field(request, "file"))

    @checks.answers(_AT_ONCE)
    def sum_up(request: Any) -> dict[str, Any]:
        return {"html": summary(sampled_as(request))}

    @checks.answers(_AT_ONCE)
    def nearest_digit(request: Any) -> dict[str, Any]:
        found = inspector.place_of(catalogue, *(checks.field(request, key) for key in ("model", "address")))
        return {"html": inspector.nearest(*found)}

    gr.HTML(f'<p class="lede">{markup.either("samples lede")}</p>')
    with gr.Row(elem_classes="controls"):
        seed = widgets.seed_field(say("seed"), SEED, "samples-seed")
        with widgets.folded("samples-settings"):
            count = gr.Slider(
                1, checks.MAX_COUNT, COUNT, step=1, label=say("count"), elem_id="samples-count", buttons=[]
            )
            truncation = gr.Slider(
                MIN_TRUNCATION,  # of all models: a browser would put the thumb of a link's -1 where the least one is
                checks.MAX_TRUNCATION,
                TRUNCATION,
                step=0.05,
                label=say("truncation"),
                info=say("truncation info"),
                elem_id="samples-truncation",
                buttons=[],
            )
            digit = widgets.digit_chooser(say("digit"), "samples-digit", TURN, TEN)
            order = gr.Radio(
                [(say(key), key) for key in ORDERS],
                value=ORDERS[0],
                label=say("order"),
                elem_id="samples-order",
                elem_classes="chips",
            )
            towards = gr.Radio(
                [(say(f"towards {way}"), way) for way in WAYS],
                value=WAYS[0],
                label=say("towards"),
                elem_id="samples-towards",
                elem_classes="chips of-typical",
            )
    chosen = gr.Textbox("", visible="hidden", elem_id="samples-chosen")
    with gr.Row(elem_classes="gallery"):
        with gr.Column(min_width=300, elem_classes="stage-column"):
            stage = gr.HTML(
                markup.to_come(COUNT),  # until the first answer, which from afar takes seconds
                elem_id="samples-stage",
                elem_classes="stage",
                js_on_load=script,
                server_functions=[samples_file, nearest_digit, sum_up],
                apply_default_css=False,
            )
        with gr.Column(min_width=280, elem_classes="side"):
            closely = gr.HTML(elem_id="samples-inspector", elem_classes="stage", apply_default_css=False)
            radius = gr.Slider(
                0,
                1,
                inspector.RADIUS,
                step=0.05,
                label=say("variations"),
                info=say("variations info"),
                elem_id="samples-radius",
                buttons=[],
            )
            around = gr.HTML(elem_id="samples-around", elem_classes="stage", apply_default_css=False)
            shared = gr.HTML(elem_id="samples-summary", apply_default_css=False)

    def look(name: Any, text: Any, radius: Any) -> tuple[Any, str, str]:
        """The chosen digit and what is around it."""
        radius = inspector.radius_of(radius)
        found = inspector.safely(catalogue, name, text)
        if found is None:
            return "", f'<p class="note hint">{say("choose one")}</p>', ""
        place = found[1]
        return inspector.text_of(name, place), inspector.view(*found), inspector.variations(*found, radius)

    def shown(sampled: Sampled, name: Any, asked: Sequence[Any], chosen: Any) -> str:
        found = inspector.safely(catalogue, name, chosen)
        return f"<div {_request(name, asked)}>{view(sampled, found and found[1])}</div>"

    @widgets.while_typing
    @checks.toasts
    def draw(name: Any, *values: Any) -> str:
        *asked, chosen = values
        return shown(sample(catalogue, name, *asked), name, asked, chosen)

    @widgets.while_typing
    @checks.toasts
    def draw_all(name: Any, *values: Any) -> tuple[Any, ...]:
        *asked, chosen, radius = values
        sampled = sample(catalogue, name, *asked)
        both = shown(sampled, name, asked, chosen), f"<div {_request(name, asked)}>{summary(sampled)}</div>"
        fitted = _truncations(catalogue.load(name), asked[ASKED.index("truncation")])
        return *both, *look(name, chosen, radius), fitted

    @checks.toasts
    def choose(name: Any, radius: Any, event: gr.EventData) -> tuple[Any, ...]:
        address = checks.field(payload(event), "address")
        if address == "":  # back to where no digit was looked at
            return look(name, "", radius)
        _, place = inspector.place_of(catalogue, name, address)  # which may say what is wrong with it
        return look(name, inspector.text_of(name, place), radius)

    @widgets.while_typing
    @checks.toasts
    def vary(name: Any, chosen: Any, radius: Any) -> str:
        found = inspector.safely(catalogue, name, chosen)
        return inspector.variations(*found, inspector.radius_of(radius)) if found else ""

    settings.add("seed", seed, link.whole(checks.typed_seed))
    settings.add("count", count, link.whole(checks.count))
    settings.add("psi", truncation, link.number(lambda value: checks.truncation(value, MIN_TRUNCATION)))
    settings.add("towards", towards, link.choice(WAYS))
    # Links of before there were typical latents.
    settings.formerly("truncation", lambda text: {"psi": link.number(checks.truncation)(text), "towards": MIDDLE})
    settings.add("digit", digit, link.choice(DIGITS))
    settings.add("order", order, link.choice(ORDERS))
    settings.add("look", chosen, lambda text: (catalogue.address(text, "model"), text)[1])
    settings.add("radius", radius, link.number(inspector.radius_of))

    def use(address: Address, name: Any, radius: Any) -> tuple[Any, ...]:
        sampled = type(address) is Address and address.point is None  # others are in no seed's rows
        seed, truncation = (address.seed, address.truncation) if sampled else (gr.skip(), gr.skip())
        towards = address.towards if sampled and address.truncation != 1 else gr.skip()
        digit = gr.skip() if address.digit is None else str(address.digit)
        return seed, truncation, towards, digit, *look(name, str(address), radius)

    inspected = [chosen, closely, around]
    pins.on_use("samples", use, [model, radius], [seed, truncation, towards, digit, *inspected])
    for listen in (stage.select, stage.input):
        listen(choose, [model, radius], inspected, **widgets.QUEUED)
    drawn = [seed, count, truncation, digit, order, towards]
    widgets.on_change(widgets.Redraw(draw, [model, *drawn, chosen], [stage]), *drawn)
    widgets.on_change(widgets.Redraw(vary, [model, chosen, radius], [around]), radius)
    return widgets.Redraw(draw_all, [model, *drawn, chosen, radius], [stage, shared, *inspected, truncation])


def _request(name: Any, asked: Sequence[Any]) -> str:
    """What was asked for, as an attribute: tab.js sees in it which digits are shown, and which are summed up."""
    request = {"model": name, **dict(zip(ASKED, asked, strict=True))}
    return f'data-request="{html.escape(json.dumps(request))}"'


def _truncations(model: Model, value: Any) -> Any:
    """An update of the slider of truncation, which shows `value`, to how far a model's goes."""
    least = model.least_truncation
    info = say("truncation info w" if least < 0 else "truncation info")
    if isinstance(value, (int, float)) and value < least:
        return gr.update(minimum=least, info=info, value=TRUNCATION)
    return gr.update(minimum=least, info=info)
