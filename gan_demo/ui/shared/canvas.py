"""A canvas to draw a digit on, by pointer, finger or keyboard, with pen, eraser, undo, redo and clear.

It knows nothing of models. It hands out its picture, and the tab decides what becomes of it:

    def live(call):  # in the browser's words: [picture, context]; runs while the pen moves, many times a second
        pixels = canvas.to_digit(canvas.read(call[0]))
        return {"html": ...}  # anything JSON

    board = canvas.build("my-canvas", live)
    board.settled(handler, [board], ...)  # also by Python: the value is the picture when the pen has lifted
    board.change  # not this one: it fires only when the picture differs
    button.click(lambda: canvas.put(pixels, note), None, board)  # put a 28x28 picture on it, undoable
    model.change(lambda name: gr.HTML(context={"model": name}), model, board)  # what `live` is told besides

A picture is text, the base64 of one byte a pixel, white ink on black, row by row: 28x28 where it was put there
and nobody has drawn on it since, else 112x112, so that preparing it as MNIST was has something to work with. Where
the canvas is `light`, ink is black and paper white. On a picture whose edge is of the other kind, ink is, too.

For the JavaScript of a tab the element `#my-canvas .board` tells of three events, which bubble,

    drawn   detail: {picture, moving, note, touched}   at most once a frame; `note` came with the last picture
    answer  detail: what `live` answered
    refused detail: why a picture that was brought is not on the canvas

and has `.board` with put(pixels, note, example, turn), swap(pixels), act("undo" | "redo" | "clear"), ask(), which asks
`live` again, seen(prepared), which promises the 784 pixels that a network sees, as `to_digit` makes them, and what it
is now: picture, note, touched, empty, context; `light` can be set, or comes with a context. While it is hidden, it
neither tells nor asks.
The first stroke of the pen on an `example` begins a clean sheet; undoing it brings the example back.

It asks as soon as it has a context that is not None.

`live` has no queue and no limit of its own (gr.HTML's server functions have none): bound what it does. What
it raises reaches nobody, so it answers errors in words; None makes the canvas ask again a moment later.
"""

import base64
import binascii
import html
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import preparing
from gan_demo.ui.shared import checks, markup
from gan_demo.ui.words import say

SIDE = 4 * IMAGE_SIZE  # of the picture of a drawing
SCREEN = 5 * SIDE  # of the canvas that people see, fine enough for screens with many pixels
MIN_WIDTH, MAX_WIDTH, WIDTH = 1.0, 5.0, 2.5  # of the pen, in pixels of a digit; MNIST's strokes are about 2.4
SCRIPT = Path(__file__).with_name("canvas.js").read_text(encoding="utf-8")
_puts = itertools.count(1)


def build(
    name: str,
    live: Callable[[list[Any]], Any] | None = None,
    context: dict[str, Any] | None = None,
    pen: tuple[float, float, float] = (MIN_WIDTH, MAX_WIDTH, WIDTH),
    paint: bool = False,
) -> gr.HTML:
    """Lay out a canvas whose id on the page is `name`; `live` and `context` are explained above.

    `pen` is its least, its greatest and its first width. On a picture with a light edge it draws dark; with `paint`
    it is always white.
    """

    @checks.answers()
    def seen(sent: Any) -> str:
        return write(to_digit(read(checks.field(sent, "picture")), checks.field(sent, "prepared") is True))

    functions: list[Callable[[Any], Any]] = [seen]
    if live is not None:

        def call(sent: Any) -> Any:
            return live(sent)

        call.__name__ = "live"  # what canvas.js calls
        functions.append(call)
    return gr.HTML(
        "",
        html_template=_markup(*pen, paint),
        js_on_load=SCRIPT,
        server_functions=functions,
        elem_id=name,
        apply_default_css=False,
        context=context,
        put=None,
        refused=None,
    )


def put(pixels: np.ndarray, note: Any = None, context: dict[str, Any] | None = None, turn: Any = None) -> gr.HTML:
    """The update that puts a picture, (28, 28) uint8, on a canvas; `note`, any JSON, travels with it.

    `turn` is what `ganDemo.turn()` was when somebody asked for it: it covers nothing that was asked for later.
    """
    # The number makes it new when the same picture is put twice.
    update: dict[str, Any] = {
        "put": {"pixels": write(pixels), "note": note, "number": next(_puts), "turn": _counted(turn)}
    }
    if context is not None:
        update["context"] = context
    return gr.HTML(**update)


def refused(why: str, turn: Any = None) -> gr.HTML:
    """The update that tells a canvas of a picture that was refused: what is on it stays, its tab hears `refused`."""
    return gr.HTML(refused={"why": why, "number": next(_puts), "turn": _counted(turn)})


def _counted(turn: Any) -> int | None:
    """A turn as browsers count them; None for anything else, which might not even be sent back."""
    return turn if type(turn) is int and 0 <= turn <= checks.MAX_TYPED_SEED else None


def write(pixels: np.ndarray) -> str:
    """A picture of uint8 as text."""
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode("ascii")


def read(text: Any) -> np.ndarray:
    """The picture a browser sent, (28, 28) or (112, 112) uint8; raises UserError on anything else."""
    # The length first: nothing is decoded that is not of the right size.
    for side in (IMAGE_SIZE, SIDE):
        if isinstance(text, str) and len(text) == 4 * -(-side * side // 3):
            try:
                content = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                break
            if len(content) == side * side:
                return np.frombuffer(content, np.uint8).reshape(side, side).copy()
    raise UserError(say("not drawing", small=IMAGE_SIZE, large=SIDE))


def to_digit(picture: np.ndarray, prepared: bool = True) -> np.ndarray:
    """What a network sees of a picture from `read`: (28, 28) uint8.

    A drawing is prepared as MNIST was, or (not `prepared`) merely made smaller. 28x28 is taken as it is.
    """
    if len(picture) == IMAGE_SIZE:
        return picture
    return preparing.from_ink(picture) if prepared else preparing.shrunk(picture)


def _markup(least: float, most: float, first: float, paint: bool) -> str:
    def tool(kind: str, name: str, **attributes: str) -> str:
        words = html.escape(say(name))
        more = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        return f'<button type="button" data-{kind}="{name}" title="{words}" aria-label="{words}"{more}></button>'

    paints = " data-paint=1" if paint else ""
    return (
        f'<div class="board empty"{paints}><div class="paper"><canvas width="{SCREEN}" height="{SCREEN}" tabindex="0"'
        f' role="application" aria-label="{html.escape(say("canvas keys"))}"></canvas>'
        '<span class="pen" hidden></span>'
        f'<span class="invite" aria-hidden="true">{markup.either("draw here")}</span></div>'
        f'<div class="tools" role="toolbar" aria-label="{html.escape(say("drawing tools"))}">'
        f"{tool('tool', 'pen', aria_pressed='true')}{tool('tool', 'eraser', aria_pressed='false')}"
        f'<input type="range" min="{least:g}" max="{most:g}" step="0.25" value="{first:g}"'
        f' aria-label="{html.escape(say("pen width"))}" title="{html.escape(say("pen width"))}">'
        f"{tool('do', 'undo')}{tool('do', 'redo')}{tool('do', 'clear')}</div></div>"
    )
