"""One digit, looked at closely: what D says, its address, what lies around it, the nearest real one."""

import html
from dataclasses import replace
from typing import Any

import torch

from gan_demo.belief import percent
from gan_demo.data import SOURCES
from gan_demo.errors import UserError
from gan_demo.evaluation import neighbours
from gan_demo.ui import words
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

VARIATIONS = 10
RADIUS = 0.4


def place_of(catalogue: Catalogue, name: Any, text: Any) -> tuple[Model, Address]:
    """The digit that a text such as "42:3" or "mlp:42:3" names, and its model; raises UserError.

    Without a model, it is `name`'s. What a digit asked for means to the other kind of model is settled here.
    """
    model = catalogue.load(name)
    place = Address.parse(text, model.name)
    if place.model != model.name:
        model = catalogue.load(place.model)
    if place.space not in model.spaces:
        raise UserError(say("no such space", space=say(f"in {place.space}")))
    digit = place.digit
    if not model.conditional:
        digit = None
    elif digit is None:
        digit = place.row % model.classes
    elif digit >= model.classes:
        raise UserError(say("not whole", name=say("digit"), low=0, high=model.classes - 1, value=digit))
    return model, replace(place, digit=digit, zoom=None)


def text_of(name: Any, place: Address) -> str:
    """How a choice is remembered: without its model if that is the one of the page, so that it follows the page."""
    return place.short if place.model == name else str(place)


def view(model: Model, place: Address) -> str:
    """A digit, large, with everything that can be done with it."""
    scored = model.draw_one(place)
    coloured, scale = tint.coloured(model, scored)[0], tint.scale_of(model)
    said = trained = model.belief(scored.outputs[0])
    beside = ""
    if scale == tint.BEST:
        said, beside = coloured, f'<p class="read">{say("trained says", number=markup.number(trained))}</p>'
    text = html.escape(str(place))
    uses = {
        "use as A": 'data-tab="interpolate" data-place="start"',
        "use as B": 'data-tab="interpolate" data-place="end"',
        "ask D": 'data-tab="discriminator"',
    }
    buttons = "".join(
        f'<button class="copy" data-use="{text}" {where}>{say(key)}</button>' for key, where in uses.items()
    )
    pin = f'<button class="copy" data-pin="{text}">{say("pin")}</button>'
    read = model.read(scored.pixels)
    reading = (
        ""
        if read is None
        else f'<p class="read">{say("closely read", digit=read[0].digit, share=percent(read[0].share))}</p>'
    )
    spoken = say("who says", who=tint.voice(model).who, verdict=f"<b>{say(said.verdict)}</b>")
    lines = ((say("in python"), place.python(model.checkpoint)), (say("as command"), place.command(model.checkpoint)))
    rows = "".join(f"<dt>{label}</dt><dd>{markup.copied(line)}</dd>" for label, line in lines)
    return (
        f'<section class="chosen" data-chosen="{text}" data-model="{html.escape(model.name)}" aria-label="{text}">'
        f'<div class="large"><span {markup.leaning(coloured)}>{markup.picture(scored.pixels[0], text)}</span>'
        f'<div><p class="number"><span {markup.leaning(said)}>{markup.number(said)}</span></p>'
        f'<p class="verdict">{spoken}</p>{beside}{reading}</div></div>'
        f'<p class="uses">{pin}{buttons}</p>'
        f'<label class="place"><span>{say("address")}</span><input value="{text}" spellcheck="false" autocomplete="off"'
        f' title="{say("address field")}"><button class="copy" data-copy="{text}">{say("copy")}</button></label>'
        f'<dl class="recipe">{rows}</dl></section>'
        # The nearest real digit comes when it has been found: tab.js.
        f'<div class="nearest" aria-live="polite"><p class="note looking">{say("nearest looking")}</p></div>'
    )


def variations(model: Model, place: Address, radius: float) -> str:
    """Digits around a chosen one: as far from it as `radius` says, in different directions."""
    if type(place) is not Address:  # a latent without a seed has no variations that an address could name
        return ""
    base = replace(place, radius=0.0, variation=0, zoom=None)
    if not radius:  # all of them are the digit itself
        return f'<p class="note">{say("no radius")}</p>'
    places = [replace(base, radius=radius, variation=number) for number in range(VARIATIONS)]
    points = torch.stack([near.latent_in(model.gan) for near in places])
    scored = model.draw(points, None if base.digit is None else [base.digit] * len(places), base.space)
    beliefs = tint.coloured(model, scored)
    tiles = []
    for near, pixels, said in zip(places, scored.pixels, beliefs, strict=True):
        tiles.append(markup.choice(pixels, said, near, say("variation of", number=near.variation), near == place))
    return f'<div class="around">{"".join(tiles)}</div>'


def nearest(model: Model, place: Address) -> str:
    """The nearest real training digit and how near it is; or why there is none.

    Of a data set of digits that is not on this machine, the digits that ship with the page stand in.
    """
    dataset = model.gan.config.dataset
    if dataset not in SOURCES:  # a folder: what a checkpoint names is not opened
        return f'<p class="note">{say("nearest unnamed")}</p>'
    found_in = neighbours.training_pictures(dataset)
    if found_in is None and model.draws_digits:
        return _nearest_of(neighbours.shipped_digits(), model, place, "shipped")
    if found_in is None:
        return f'<p class="note">{say("no nearest", dataset=html.escape(words.data_set(dataset)))}</p>'
    return _nearest_of(found_in, model, place, "nearest")


def _nearest_of(pool: neighbours.TrainingPictures, model: Model, place: Address, kind: str) -> str:
    """The nearest of a pool; `kind` begins the keys of the texts."""
    found = pool.nearest(torch.from_numpy(model.draw_one(place).pixels[0]))
    shown = markup.picture(found.pixels.numpy(), say(f"{kind} alt"))
    told = say(
        f"{kind} told",
        distance=found.distance,
        count=f"{len(pool):,}",
        dataset=html.escape(words.data_set(model.gan.config.dataset)),
        share=round(100 * found.farther),
        probes=neighbours.PROBES,
    )
    return f'<h3>{say(kind)}</h3><div class="pair"><span>{shown}</span><p>{told}</p></div>'


def radius_of(value: Any) -> float:
    return checks.number(value, say("radius"), 0, 1)


def safely(catalogue: Catalogue, name: Any, text: Any) -> tuple[Model, Address] | None:
    """`place_of`, or None if there is no such digit: another model may not know it."""
    try:
        return place_of(catalogue, name, text) if text else None
    except UserError:
        return None
