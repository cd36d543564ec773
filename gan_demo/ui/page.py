"""The page: a model picker over three tabs."""

import os
from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio import processing_utils

from gan_demo.ui import api, checks, discriminator, interpolate, markup, samples, theme, widgets
from gan_demo.ui.models import Catalogue
from gan_demo.ui.words import say

TABS = {"samples": samples.build, "interpolate": interpolate.build, "discriminator": discriminator.build}
# Seconds from one look at uploaded files to the next, and the age at which they are deleted.
DELETE_CACHE = (600, 1800)
MAX_UPLOAD_MB = 20
WAITING = 200  # events in the queue before somebody is sent away
THREADS = 40
SESSIONS = 1000  # whose last picture is remembered


def build(catalogue: Catalogue, notes: Sequence[str] = ()) -> gr.Blocks:
    """The whole page, `notes` at its top; raises UserError if no checkpoint can be loaded."""
    first = catalogue.first()
    with gr.Blocks(title=say("title"), analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        with gr.Row(elem_classes="top"):
            gr.HTML(f"<h1>{say('title')}</h1><p>{say('tagline')}</p>", elem_id="title")
            with gr.Column(min_width=280, elem_classes="picker"):
                model = gr.Dropdown(
                    catalogue.choices(), value=first, label=say("model"), filterable=False, elem_id="model"
                )
        if notes:
            gr.HTML(markup.notes([*notes, say("instead")]), elem_id="notes")
        facts = gr.HTML(elem_id="facts")
        redraws = []
        with gr.Tabs(elem_id="tabs"):
            for name, tab in TABS.items():
                with gr.Tab(say(name), id=name):
                    redraws.append(tab(catalogue, model))
        _keep_up(page, catalogue, model, facts, redraws)
        api.build(catalogue)
    page.queue(max_size=WAITING, default_concurrency_limit=os.cpu_count() or 1)
    return page


def serve(page: gr.Blocks, host: str, port: int, share: bool = False) -> str:
    """Open the page and return its address at once; raises OSError if nobody can listen there."""
    refuse_addresses()
    _, address, public = page.launch(
        server_name=host,
        server_port=port,
        share=share,
        quiet=True,
        prevent_thread_lock=True,
        max_file_size=f"{MAX_UPLOAD_MB}mb",
        max_threads=THREADS,
        state_session_capacity=SESSIONS,
        run_history=False,
        enable_monitoring=False,
        **theme.look(),
    )
    return public or address


def refuse_addresses() -> None:
    """Keep gradio from fetching an http address that a client sends in the place of a file.

    It does so for any input of any event, before a handler is asked, and stops only at addresses of the
    local network.
    """

    async def refuse(url: str, *arguments: Any, **named: Any) -> str:
        raise gr.Error(say("not uploaded"), title=say("oops"), print_exception=False)

    processing_utils.async_ssrf_protected_download = refuse


def _keep_up(
    page: gr.Blocks, catalogue: Catalogue, model: gr.Dropdown, facts: gr.HTML, redraws: list[widgets.Redraw]
) -> None:
    """Fill the page when it opens, and again when another model is chosen."""
    shown = gr.State(model.value)

    @checks.toasts
    def describe(name: Any) -> str:
        return markup.facts(catalogue.load(name).facts())

    @checks.toasts
    def switch(name: Any) -> tuple[str, str]:
        return describe(name), name

    def restore(shown: str) -> str:
        return shown

    page.load(lambda: gr.Dropdown(choices=catalogue.choices()), None, model, **widgets.LIVE)
    widgets.live(page.load, widgets.Redraw(describe, [model], [facts]))
    chosen = widgets.live(model.select, widgets.Redraw(switch, [model], [facts, shown]))
    # A model that cannot be loaded leaves everything as it is, the picker too.
    chosen.failure(restore, shown, model, **widgets.LIVE)
    for redraw in redraws:
        widgets.live(page.load, redraw)
        widgets.live(chosen.success, redraw)
