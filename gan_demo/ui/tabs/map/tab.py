"""Map: an endless plane of digits, dragged and zoomed like a street map.

The page has the settings and the legend; tab.js draws the plane, from tiles of digits (tiles.py).
"""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo.belief import VERDICTS
from gan_demo.errors import UserError
from gan_demo.latent import endless_map
from gan_demo.ui.shared import checks, link, markup, widgets
from gan_demo.ui.shared.address import MAX_ZOOM, MIN_ZOOM, Address
from gan_demo.ui.shared.model import Model, stamp
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.shared.tint import voice
from gan_demo.ui.tabs.map import tiles
from gan_demo.ui.theme import CLASS_COLOURS
from gan_demo.ui.words import say, sentences

WORLD, VIEW = 42, "x0:y0:z2"
TINTS = ("by digit", "by belief", "by rank", "untinted")  # keys of texts; what each takes of a tile is in tab.js
# The script of the plane is tab.js and these two; that of the view, which links keep, is another.
TILES, MOVING, PLACE_SCRIPT = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("tiles.js", "moving.js", "map_place.js")
)
LIMITS = {"side": tiles.SIDE, "levels": tiles.MAX_LEVEL, "zooms": (MIN_ZOOM, MAX_ZOOM), "edge": endless_map.LIMIT}


def view(text: str) -> str:
    """What a link says of the place on the map and the zoom, such as "x1.25:y-3:z2"; raises UserError."""
    try:
        asked = Address.parse(text if text.startswith("0:") else f"0:{text}", "map")
    except UserError:
        asked = None
    if asked is None or asked.point is None:
        raise UserError(say("not place", value=checks.shortened(text)))
    return _view(asked)


def _view(address: Address) -> str:
    """The part of an address that says where on the map it is, and how near."""
    shown = Address("map", 0, point=address.point, zoom=address.zoom)
    return str(shown).removeprefix("map:0:")


def tint_for(model: Model, tint: str) -> str:
    """The tint that is asked for; but where no digits are drawn, none can be recognised."""
    return "by belief" if tint == "by digit" and not model.draws_digits else tint


def legend(model: Model, tint: str) -> str:
    """What the colours of the map mean."""
    if tint == "by belief":
        return markup.below(model, tinted=True)
    if tint == "by rank":
        scale = "".join(f"<span>{say(key)}</span>" for key in ("rank low", "rank middle", "rank high"))
        shown = f'<span>{say("rank legend", noun=model.noun)}</span><span class="scale"><i></i>{scale}</span>'
        if model.reference is None:
            shown = f"<p>{html.escape(say('no comparison', why=model.why_no_reference))}</p>"
        return f'<div class="below"><div class="legend">{shown}</div></div>'
    if tint == "untinted":
        return ""
    note = say("reading")
    swatches = "".join(f'<li style="--class:{colour}">{digit}</li>' for digit, colour in enumerate(CLASS_COLOURS))
    return f'<div class="below classes"><span>{say("map read as")}</span><ol>{swatches}</ol><p>{note}</p></div>'


def markup_of_the_map() -> str:
    """What tab.js fills; the same as long as the page is open."""
    tools = "".join(
        f'<button data-map-tool="{tool}" title="{say(key)}" aria-label="{say(key)}">{sign}</button>'
        for tool, key, sign in (("in", "zoom in", "+"), ("out", "map zoom out", "−"), ("home", "map home", ""))
    )
    plane = (
        f'<div class="plane"><canvas tabindex="0" role="application" aria-label="{say("the map")}"'
        f' aria-describedby="map-help"></canvas><div class="map-tools">{tools}</div>'
        '<p class="told" role="status"></p></div>'
    )
    digit = (
        '<div class="looked-at"><figure><span class="toward-real"><canvas width="28" height="28" role="img"></canvas>'
        '</span></figure><div class="map-says" aria-live="polite"><p class="number"><span></span></p>'
        '<p class="verdict"></p><p class="read"></p></div></div>'
    )
    address = f'{markup.address_to_come()}<p class="walk" hidden><a>{say("walk")}</a><span></span></p>'
    help_ = (
        f'<p class="help" id="map-help"><span class="by-mouse">{say("map help")}</span>'
        f'<span class="by-touch">{say("map help touch")}</span></p>'
    )
    return f'<div class="map">{plane}<aside>{digit}{address}{help_}</aside></div>'


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    catalogue, model, settings, pins, *_ = page
    mouse, touch = say("map lede mouse"), say("map lede touch")
    how = f'<span class="by-mouse">{mouse}</span><span class="by-touch">{touch}</span>'
    gr.HTML(f'<p class="lede">{sentences(say("map lede"), how)}</p>')
    with gr.Row(elem_classes="controls map-controls"):
        world = widgets.seed_field(say("world"), WORLD, "map-world")
        tint = gr.Radio(
            [(say(key), key) for key in TINTS],
            value=TINTS[0],
            label=say("tint"),
            elem_id="map-tint",
        )
        digit = widgets.digit_chooser(say("digit"), "map-digit")

    labels = {
        "verdicts": [say(verdict) for verdict in VERDICTS],
        "said": say("who says", who="{who}", verdict="{verdict}"),
        "read": say("looks like", digit="{digit}"),
        "waiting": say("map busy"),
        "lost": say("map lost"),
        "pin": say("pin it", address="{address}"),
        "walk": say("walk from", start="{start}", end="{end}"),
    }
    fixed = {"labels": labels, "colours": CLASS_COLOURS, "home": VIEW, **LIMITS}

    @checks.answers()
    def tile(asked: Any) -> dict[str, Any]:
        """One tile for a browser, which sends [model, world, level, column, row, digit or None]."""
        name, *place = asked if isinstance(asked, list) and len(asked) == 6 else [None] * 6
        return tiles.tile(catalogue.load(name), *place) or {"busy": True}

    stage = gr.HTML(
        fixed,
        html_template=markup_of_the_map(),
        js_on_load="\n".join([script, TILES, MOVING]),
        server_functions=[tile],
        apply_default_css=False,
        elem_id="map-stage",
        elem_classes="stage",
    )
    place = gr.HTML(VIEW, html_template=" ", js_on_load=PLACE_SCRIPT, apply_default_css=False, elem_id="map-place")
    below = gr.HTML(elem_id="map-legend", elem_classes="stage", apply_default_css=False)

    @widgets.while_typing
    @checks.toasts
    def draw(name: Any, world: Any, tint: Any, digit: Any) -> tuple[dict[str, Any], str, Any]:
        world, tint = checks.typed_seed(world, say("world")), checks.choice(tint, say("tint"), TINTS)
        digit = int(checks.choice(digit, say("digit"), widgets.CLASSES_ASKED))
        chosen = catalogue.load(name)
        shown = tint_for(chosen, tint)
        setup = {
            "model": chosen.name,
            "stamp": str(stamp(chosen.folder)),
            "world": world,
            "digit": chosen.known(digit) if chosen.conditional else None,
            "tint": TINTS.index(shown),
            "who": voice(chosen).who,
            "light": chosen.draws_on_light,
        }
        return {**fixed, **setup}, legend(chosen, shown), gr.skip() if shown == tint else shown

    def use(address: Address) -> tuple[Any, ...]:
        if address.point is None:
            raise UserError(say("not on the map", address=html.escape(str(address))))
        return address.seed, gr.skip() if address.digit is None else str(address.digit), _view(address)

    settings.add("world", world, link.whole(checks.typed_seed))
    settings.add("tint", tint, link.choice(TINTS))
    settings.add("map-digit", digit, link.choice(widgets.CLASSES_ASKED))
    settings.add("at", place, view)
    pins.on_use("map", use, [], [world, digit, place])
    redraw = widgets.Redraw(draw, [model, world, tint, digit], [stage, below, tint])
    widgets.on_change(redraw, world, tint, digit)
    return redraw
