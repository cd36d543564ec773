"""A place where a picture is chosen, dropped or pasted; it goes to the server as an upload."""

from pathlib import Path

import gradio as gr

from gan_demo.ui.words import say

SCRIPT = Path(__file__).with_name("drop_zone.js").read_text(encoding="utf-8")


def build(elem_id: str, **named: str) -> gr.HTML:
    """Lay out a zone; listen to its event `upload`. `named` goes to gr.HTML."""
    template = (
        f'<label class="zone"><input type="file" accept="image/*"><b>{say("upload")}</b>'
        f"<span>{say('upload more')}</span><small>{say('upload kinds')}</small></label>"
    )
    return gr.HTML(html_template=template, js_on_load=SCRIPT, elem_id=elem_id, apply_default_css=False, **named)
