"""The picture that somebody brought, beside the canvas: what was found on it, each of several digits to press, and a
box to drag around the digit where it was not found.

    zone = drop_zone.build("my-zone")
    gr.HTML(f'... {brought.markup()} ...')

    const picture = ganDemo.brought(element.querySelector(".brought"), board, "my-zone");  // in the tab's JavaScript
    picture.show({ note, touched });  // what the canvas tells of
"""

import html
from pathlib import Path

from gan_demo.ui.shared.markup import either
from gan_demo.ui.words import say

SCRIPT = Path(__file__).with_name("brought.js").read_text(encoding="utf-8")


def markup() -> str:
    """The places that brought.js fills."""
    keys, original = (html.escape(say(key)) for key in ("mark keys", "original"))
    return (
        '<div class="brought" hidden><div class="sheet" role="group" tabindex="0"'
        f' aria-label="{keys}"><img alt="{original}" draggable="false"><i class="choices"></i>'
        '<i class="marked" hidden></i></div>'
        '<div><p class="found" role="status"></p>'
        f'<button type="button" class="copy mark">{either("mark digit")}</button></div></div>'
    )
