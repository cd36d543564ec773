"""The page: a model picker, the pinned digits, and a tab for each thing to do; once in each language."""

import html
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from gan_demo.errors import UserError
from gan_demo.ui import api, from_hub, gradio_workarounds, guide, theme, words
from gan_demo.ui.fair import Fair
from gan_demo.ui.faraway import ForFaraway
from gan_demo.ui.group import Group
from gan_demo.ui.languages import ByBrowser
from gan_demo.ui.quick import Quick
from gan_demo.ui.shared import brought, charts, checks, drop_zone, link, markup, widgets
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.link import Settings
from gan_demo.ui.shared.pins import Pins
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs import table
from gan_demo.ui.tabs.lab import tab as lab
from gan_demo.ui.temporary import BoundedUploads
from gan_demo.ui.trainer import routes
from gan_demo.ui.trainer.desk import Desk
from gan_demo.ui.well_formed import WellFormed
from gan_demo.ui.words import say
from gan_demo.ui.workers import ToOwner

PARTS = ("page.js", "frame.js", "waiting.js", "connection.js", "model_gone.js")
SCRIPTS = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in PARTS)
# Strict: or else each function in a block of theirs becomes one of the window, in the place of its `open` or `close`.
SCRIPT = "\n".join(['"use strict";', *SCRIPTS, brought.SCRIPT])
# Seconds from one look at uploaded files to the next, and the age at which they are deleted.
DELETE_CACHE = (600, 1800)
WAITING = 200  # events in the queue before somebody is sent away
THREADS = 40
# The window is called what the page is: digits, or other pictures.
RENAME = """
watch("value", () => requestAnimationFrame(() => { document.title = document.querySelector("#title h1").innerText; }));
"""
SESSIONS = 1000  # whose last picture is remembered


def build(catalogue: Catalogue, notes: Sequence[str] = (), desk: Desk | None = None) -> gr.Blocks:
    """The whole page, `notes` at its top; raises UserError if no checkpoint can be loaded.

    `desk` takes orders for trainings, if there is one, and `serve` gets the same.

    Each language is a page of its own: the default one at /, others at /zh and so on (languages.py).
    """
    first = catalogue.first()
    fetcher = from_hub.Fetcher(catalogue)
    with gradio_workarounds.Blocks(title=say("title"), analytics_enabled=False, delete_cache=DELETE_CACHE) as blocks:
        _lay_out(blocks, catalogue, first, notes, fetcher, desk)
        api.build(catalogue)
    for language in words.LANGUAGES:
        if language != words.DEFAULT:
            with words.speaking(language), blocks.route(language, f"/{language}", show_in_navbar=False):
                _lay_out(blocks, catalogue, first, notes, fetcher, desk)
    gradio_workarounds.without_a_monitor()
    blocks.queue(max_size=WAITING, default_concurrency_limit=os.cpu_count() or 1)
    gradio_workarounds.rest(blocks)
    return blocks


def _lay_out(
    blocks: gr.Blocks,
    catalogue: Catalogue,
    first: str,
    notes: Sequence[str],
    fetcher: from_hub.Fetcher,
    desk: Desk | None,
) -> None:
    """The page in the language being spoken."""
    settings = Settings()
    stops = [f"{path}-{stop}" for path, found in guide.PATHS.items() for stop in found]
    names = [tab.name for tab in table.TABS]
    for name, choices in (("tab", names), ("lang", words.LANGUAGES), ("stop", stops), ("present", ["1"])):
        settings.of_page(name, link.choice(choices))
    with gr.Row(elem_classes="top"):
        title, tagline = markup.either("title"), markup.either("tagline")
        gr.HTML(f"<h1>{title}</h1><p>{tagline}</p>", elem_id="title", js_on_load=_head())
        model = gr.Dropdown(catalogue.choices(), value=first, label=say("model"), container=False, elem_id="model")
        paths = guide.view(catalogue.folders())
        gr.HTML(_corner(bool(paths)), elem_id="corner", apply_default_css=False)
        if paths:
            gr.HTML(paths, elem_id="guide", apply_default_css=False)
        with gr.Column(elem_id="about"):
            gr.HTML(f'<p class="tagline">{tagline}</p>{_languages_and_link()}', apply_default_css=False)
            facts = gr.HTML(elem_id="facts", js_on_load=RENAME)
            fetched = from_hub.build(fetcher, catalogue, model)
    if notes:
        gr.HTML(markup.notes([*notes, say("instead")]), elem_id="notes")
    settings.add("model", model, lambda name: catalogue.load(name).name, keep=True)
    pins = Pins(catalogue)
    redraws = [pins.redraw]
    parts = Page(catalogue, model, settings, pins, desk)
    gr.HTML(guide.bar(), elem_id="stop", js_on_load="ganDemo.stop();", apply_default_css=False)
    gr.HTML(_places(), elem_id="places", js_on_load="ganDemo.places();", apply_default_css=False)
    with gr.Tabs(elem_id="tabs", selected=table.TABS[0].name, overflow_behavior="wrap") as tabs:
        for tab in table.TABS:
            place = f"tab-{tab.name}"
            with gr.Tab(say(tab.name), id=tab.name, elem_id=place, elem_classes=place):
                redraw = tab.build(parts, tab.script)
            if redraw:
                redraws.append(redraw)
    pins.view.render()
    _keep_up(blocks, catalogue, model, fetched, facts, tabs, settings, redraws)


def _head() -> str:
    """What the browser is told about the page as a whole."""
    language = words.LANGUAGES[words.language()]
    told = {
        "spoken": words.language(),
        "firstTab": table.TABS[0].name,
        "gone": say("server gone"),  # connection.js
        "lost": say("answer lost"),
        "slow": say("server slow"),  # waiting.js
        "noModel": say("unknown model", name="\0"),  # model_gone.js
        **{key: say(key) for key in ("oops", "close", "busy", "failed", "huge")},  # gradio_workarounds.js
    }
    return (
        f"const root = document.documentElement;root.lang = {json.dumps(language.tag)};"
        f"Object.assign(root.dataset, {json.dumps(told)});"
        f"root.style.setProperty('--no-model', {json.dumps(json.dumps(say('no such name'), ensure_ascii=False))});"
        f"root.style.setProperty('--of-others', {json.dumps(json.dumps(say('invert of others'), ensure_ascii=False))});"
        f"document.title = {json.dumps(say('title'))};"
    )


def _places() -> str:
    """A button for each place that has tabs: frame.js goes there."""
    buttons = []
    for place in table.PLACES:
        names = " ".join(tab.name for tab in table.TABS if tab.place == place)
        if names:
            buttons.append(f'<button data-place="{place}" data-tabs="{names}">{say(f"place {place}")}</button>')
    return f'<nav aria-label="{say("places")}">{"".join(buttons)}</nav>'


def _corner(guided: bool) -> str:
    """What is at the right of the header: a button for each panel, the languages, and a link to the page as it is."""
    panels = ["guide", "about"] if guided else ["about"]
    opens = "".join(
        f'<button class="opens" data-panel="{panel}" aria-expanded="false" aria-controls="{panel}">'
        f"<span>{say(panel)}</span></button>"
        for panel in panels
    )
    leave = f'<a class="leave-present" href="?" data-present="">{say("present leave")}</a>'
    return f'<div class="corner">{opens}{_languages_and_link()}{leave}</div>'


def _languages_and_link() -> str:
    """On a narrow page they are not in the corner but in a panel."""
    languages = "".join(
        f'<a href="./?lang={key}" lang="{language.tag}" hreflang="{language.tag}" data-language="{key}"'
        f"{' aria-current=true' if key == words.language() else ''}>{language.name}</a>"
        for key, language in words.LANGUAGES.items()
    )
    return (
        f'<div class="as-it-is">{languages}<button class="copy" data-copy-link title="{say("copy link info")}"'
        f' data-copied="{say("copied")}" data-not-copied="{say("not copied")}">{say("copy link")}</button>'
        f'<a class="for-projector" href="?present=1" data-present="1">{say("for projector")}</a></div>'
    )


def serve(
    page: gr.Blocks,
    host: str,
    port: int,
    share: bool = False,
    mcp: bool = False,
    desk: Desk | None = None,
    group: Group | None = None,
) -> str:
    """Open the page and return its address at once; `group` are the processes that serve it together.

    Raises OSError if nobody can listen there, UserError if gradio cannot be kept from fetching what clients name.
    """
    gradio_workarounds.refuse_all_but_uploads()
    gradio_workarounds.around_proxies(host)
    gradio_workarounds.wait_for_the_start()
    gradio_workarounds.light_sessions()
    parts = (ForFaraway, ByBrowser, Fair, BoundedUploads, WellFormed, Quick)
    middleware = [Middleware(part) for part in parts]
    if group is not None:
        page.app_id = group.page
        gradio_workarounds.also_listen(group.listen())
        middleware.insert(0, Middleware(ToOwner, group=group))
    _, address, public = page.launch(
        server_name=host,
        server_port=port,
        share=share,
        quiet=True,
        prevent_thread_lock=True,
        max_file_size=f"{drop_zone.MAX_UPLOAD_MB}mb",
        max_threads=THREADS,
        state_session_capacity=SESSIONS,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,  # the pages of the languages are found by their path, which a second server would hide
        mcp_server=mcp,
        app_kwargs={
            "middleware": middleware,
            "routes": [charts.ROUTE, lab.ROUTE, *routes.routes(desk)],
        },
        head=f"<script>{SCRIPT}{gradio_workarounds.SCRIPT}</script>",
        **theme.look(table.TABS),
    )
    if group is not None:
        group.tell(port)
    return public or address


def _asks_for_classes(component: gr.components.Component) -> bool:
    """Whether it is a `widgets.digit_chooser`."""
    return isinstance(component, gr.Radio) and "digit-chooser" in (component.elem_classes or ())


def _keep_up(
    blocks: gr.Blocks,
    catalogue: Catalogue,
    model: gr.Dropdown,
    fetched: Any,
    facts: gr.HTML,
    tabs: gr.Tabs,
    settings: Settings,
    redraws: list[widgets.Redraw],
) -> None:
    """Fill the page when it opens, as its address says, and again when another model is chosen."""
    shown = gr.State(model.value)
    query = gr.Textbox(visible=False)

    @checks.toasts
    def describe(name: Any) -> str:
        return markup.facts(catalogue.load(name))

    choosers = [setting.component for setting in settings.all if _asks_for_classes(setting.component)]

    def fit(name: Any, before: tuple[str, ...], values: Any) -> list[Any]:
        """The choosers of digits with the classes of a model; as they are where those are the same as before."""
        names = catalogue.load(name).class_names
        if names == before:
            return [gr.skip()] * len(choosers)
        return [widgets.fitted(*one) for one in zip(choosers, [names] * len(choosers), values, strict=True)]

    @checks.toasts
    def switch(name: Any, before: Any, *values: Any) -> list[Any]:
        try:
            known = catalogue.load(before).class_names
        except UserError:  # it has gone
            known = ()
        return [describe(name), name, *fit(name, known, values)]

    @checks.toasts
    def describe_first(name: Any, *values: Any) -> list[Any]:
        return [describe(name), *fit(name, widgets.DIGITS, values)]

    def restore(shown: str) -> gr.Dropdown:
        return gr.Dropdown(choices=catalogue.choices(shown), value=shown)

    def list_anew(name: Any) -> gr.Dropdown:
        """The models that there are now: without those that have vanished while the page was open."""
        return gr.Dropdown(choices=catalogue.choices(name))

    @checks.toasts
    def open_as_asked(query: Any) -> list[Any]:
        """The settings, the tab and the model that a link asks for; what it gets wrong is as usual, and named."""
        values, wrong = settings.read(query)
        for problem in wrong.values():
            gr.Warning(html.escape(problem, quote=False), title=say("oops"))  # it may quote the link
        chosen = values.pop("model", None) or catalogue.usual(model.value)
        names = [tab.name for tab in table.TABS]
        tab = next((name for name in names if f"tab={name}" in str(query).removeprefix("?").split("&")), names[0])
        rest = [values.get(setting.name, gr.skip()) for setting in settings.all if setting.name != "model"]
        return [
            gr.Dropdown(choices=catalogue.choices(chosen), value=chosen),
            chosen,
            gr.Tabs(selected=tab),
            " ".join(wrong),
            *rest,
        ]

    others = [setting.component for setting in settings.all if setting.name != "model"]
    # Through the queue: only there do warnings reach the page.
    opened = blocks.load(
        open_as_asked, query, [model, shown, tabs, query, *others], js="() => [ganDemo.asked]", **widgets.QUEUED
    )
    settings.remember(opened.then, facts, query)
    widgets.live(opened.then, widgets.Redraw(describe_first, [model, *choosers], [facts, *choosers]))
    for changed in (model.select, fetched.success):
        chosen = widgets.live(changed, widgets.Redraw(switch, [model, shown, *choosers], [facts, shown, *choosers]))
        # A model that cannot be loaded leaves everything as it is, the picker too.
        chosen.failure(restore, shown, model, **widgets.LIVE)
        chosen.success(list_anew, model, model, **widgets.LIVE)
        for redraw in redraws:
            widgets.live(chosen.success, redraw)
    for redraw in redraws:
        widgets.live(opened.then, redraw)
