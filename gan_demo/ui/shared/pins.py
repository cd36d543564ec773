"""Pinned digits: addresses that the browser keeps, for use on every tab.

Any markup with data-pin="ADDRESS" pins when it is clicked (`markup.pin_button` makes such a button). A click
on a pinned digit goes to the tab that is open: a tab says with `Pins.on_use` what it does with one.
"""

import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo.errors import UserError
from gan_demo.ui import gradio_workarounds
from gan_demo.ui.shared import checks, markup, widgets
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.words import say

MAX_PINS = 24
_MOST = f'data-most="{MAX_PINS}"'  # for the script
# Both fixed, or the browser would forget the pinned digits when the server restarts. The secret keeps nothing secret.
STORAGE_KEY, SECRET = "gan-demo-shelf", "digits"
SCRIPT = Path(__file__).with_name("pins.js").read_text(encoding="utf-8")


def addresses(pins: object) -> list[Address]:
    """What a browser says it has pinned; whatever is no address is left out."""
    found = []
    for text in pins[:MAX_PINS] if isinstance(pins, list) else []:
        try:
            found.append(Address.parse(text))
        except UserError:
            continue
    return list(dict.fromkeys(found))


def view(catalogue: Catalogue, pins: object) -> str:
    """The row of pinned digits as HTML, each drawn anew from its address."""
    items = "".join(_item(catalogue, address) for address in addresses(pins))
    content = f'<ul class="pins">{items}</ul>' if items else f'<p class="no-pins">{say("no pins")}</p>'
    given = pins[:MAX_PINS] if isinstance(pins, list) else []
    told = html.escape(json.dumps(given, separators=(",", ":"), ensure_ascii=False))  # as the script writes it
    return (
        f'<section class="pinned" {_MOST} data-given="{told}" aria-label="{say("pinned")}">'
        f"<h2>{say('pinned')}</h2>{content}</section>"
    )


def _item(catalogue: Catalogue, address: Address) -> str:
    text = html.escape(str(address))
    try:
        model = catalogue.load(address.model)
        shown = markup.picture(model.draw_one(address).pixels[0], "")
        title = say("use it", address=address)
    except UserError as error:  # its model has gone, or asks for a digit now
        shown, title = f"<small>{say('not here')}</small>", str(error)
    return (
        f'<li><button class="pin-use" data-use="{text}" title="{html.escape(title)}"'
        f' aria-label="{html.escape(say("use it", address=address))}">{shown}</button>'
        f'<button class="pin-remove" data-unpin="{text}" aria-label="{html.escape(say("unpin", address=address))}">'
        "×</button></li>"
    )


class Pins:
    """The pinned digits on one page. `pins` holds the addresses as text: take it as an input of any event."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.pins = gr.BrowserState([], storage_key=STORAGE_KEY, secret=SECRET)
        # The page puts it below the tabs, which need to know of it before.
        # Empty, it already says how many there may be: somebody may pin a digit before the row is there.
        empty = f'<section class="pinned" {_MOST}></section>'
        self.view = gr.HTML(empty, js_on_load=SCRIPT, elem_id="pinned", apply_default_css=False, render=False)

        @checks.toasts
        def draw(pins: Any) -> str:
            return view(catalogue, pins)

        self.redraw = widgets.Redraw(draw, [self.pins], [self.view])

        @checks.toasts
        def refuse() -> None:
            raise UserError(say("pins full", most=MAX_PINS))

        # In the browser, which knows what was clicked meanwhile: an event carries the pins of when it was sent.
        changed = self.view.like(
            None, [self.pins], [self.pins], js="(pins) => [ganDemo.changePins(pins)]", api_visibility="private"
        )
        widgets.live(changed.then, self.redraw)
        self.view.input(refuse, **widgets.QUEUED)

    def on_use(
        self,
        tab: str,
        handler: Callable[..., Any],
        inputs: Sequence[gr.components.Component],
        outputs: Sequence[gr.components.Component],
        in_turn: bool = False,
    ) -> Any:
        """Call `handler(address, *values of inputs)` when a pinned digit is clicked while `tab` is open.

        To be called while that tab is laid out. So it is for any element with data-use="ADDRESS" and data-tab="TAB",
        which opens the tab, too. A script may listen itself: `ganDemo.onUse` (page.js). `in_turn`: the handler gets the
        number of the click after the address (`canvas.put`).
        """

        @checks.toasts
        def use(event: gr.EventData, *values: Any) -> Any:
            asked = gradio_workarounds.payload(event)
            turn = [checks.field(asked, "turn")] if in_turn else []
            return handler(Address.parse(checks.field(asked, "address")), *turn, *values)

        # A listener for each tab: its event sends the inputs of that tab only.
        script = f"ganDemo.onUse({json.dumps(tab)}, (asked) => trigger('select', asked));"
        listener = gr.HTML(js_on_load=script, elem_id=f"use-{tab}", visible="hidden")
        return listener.select(use, list(inputs), list(outputs), **widgets.QUEUED)
