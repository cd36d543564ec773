"""A place where a picture is chosen, dropped or pasted; it goes to the server as an upload."""

import html
from pathlib import Path

import gradio as gr

from gan_demo.errors import UserError
from gan_demo.ui import words
from gan_demo.ui.gradio_workarounds import payload
from gan_demo.ui.shared import checks, inputs
from gan_demo.ui.words import say

SCRIPT = Path(__file__).with_name("drop_zone.js").read_text(encoding="utf-8")


def build(elem_id: str, **named: str) -> gr.HTML:
    """Lay out a zone; listen to its event `upload`. `named` goes to gr.HTML."""
    template = (
        f'<label class="zone"><input type="file" accept="image/*"><b>{say("upload")}</b>'
        f"<span>{say('upload more')}</span><small>{say('upload kinds')}</small></label>"
    )
    return gr.HTML(html_template=template, js_on_load=SCRIPT, elem_id=elem_id, apply_default_css=False, **named)


def picture(event: gr.EventData, kind: str) -> inputs.Input | str:
    """The digit in the picture that was brought; or why it was refused, which a toast says, too.

    To be called by a handler in the queue: only from there do toasts reach the page.
    """
    sent = payload(event)
    if checks.field(sent, "refused"):  # by gradio's front end, whose toast says why
        return say("upload refused")
    try:
        return inputs.of_upload(checks.uploaded(sent), kind)
    except UserError as error:
        why = words.tell(error)
        gr.Warning(html.escape(why, quote=False), title=say("oops"), duration=8)
        return why
