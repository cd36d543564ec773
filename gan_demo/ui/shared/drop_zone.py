"""A place where a picture is chosen, dropped or pasted; it goes to the server as an upload."""

import html
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo.errors import UserError
from gan_demo.ui import words
from gan_demo.ui.gradio_workarounds import payload
from gan_demo.ui.shared import canvas, checks, inputs, markup
from gan_demo.ui.words import say

MAX_UPLOAD_MB = 20
REFUSED = {"large": "upload large", "full": "upload full", "failed": "upload failed"}  # of drop_zone.js: keys of texts
SCRIPT = Path(__file__).with_name("drop_zone.js").read_text(encoding="utf-8")


def build(elem_id: str, **named: Any) -> gr.HTML:
    """Lay out a zone; listen to its event `upload`. `named` goes to gr.HTML."""
    template = (
        f'<label class="zone" data-most="{MAX_UPLOAD_MB * 2**20}"><input type="file" accept="image/*">'
        f"<b>{markup.either('upload')}</b><span>{say('upload more')}</span>"
        f"<small class=of-digits>{say('upload kinds')}</small></label>"
    )
    return gr.HTML(html_template=template, js_on_load=SCRIPT, elem_id=elem_id, apply_default_css=False, **named)


def bring(event: gr.EventData, kind: str) -> Any:
    """What a canvas gets of the picture that was brought, or of a part of it, or why the picture was refused.

    A toast says so, too. Where only a part is refused, everything stays as it is.
    To be called by a handler in the queue: only from there do toasts reach the page.
    """
    sent = payload(event)
    part, refused, turn = (checks.field(sent, name) for name in ("part", "refused", "turn"))
    try:
        if refused is not None:
            raise UserError(say(REFUSED[checks.choice(refused, "refused", REFUSED)], most=MAX_UPLOAD_MB))
        given = inputs.of_upload(_content(sent, part is not None), kind, part=checks.part(part))
    except UserError as error:
        why = words.tell(error)
        gr.Warning(html.escape(why, quote=False), title=say("oops"), duration=8)
        return canvas.refused(why, turn) if part is None else gr.skip()
    note = given.note() | {"shown": kind, "upload": checks.field(sent, "path"), "part": part}
    return canvas.put(given.pixels, note, turn=turn)


def _content(sent: Any, again: bool) -> bytes:
    """The file that was sent, or was sent a while ago."""
    try:
        return checks.uploaded(sent)
    except UserError:
        raise UserError(say("picture gone" if again else "not uploaded")) from None
