"""What a tab is: a row of the table in gan_demo/ui/tabs/table.py; and what the page lends it while it is laid out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import gradio as gr

from gan_demo.ui.shared import widgets
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.link import Settings
from gan_demo.ui.shared.pins import Pins
from gan_demo.ui.trainer.desk import Desk


class Page(NamedTuple):
    """The parts of the page around a tab."""

    catalogue: Catalogue
    model: gr.Dropdown  # the picker at the top; its value is the name of a model
    settings: Settings  # a setting that is added here is kept in links
    pins: Pins  # the pinned digits
    desk: Desk | None = None  # takes orders for trainings, where these are offered


class Tab(NamedTuple):
    """A tab: its name, what lays it out, where a visitor finds it, its script and its style."""

    # In addresses and in ids of elements; also the key of its title in both tables of words.
    name: str
    # build(page, script) lays it out and returns what brings it up to date when the model changes, or None.
    build: Callable[[Page, str], widgets.Redraw | None]
    place: str = ""  # which of table.PLACES it is in
    script: str = ""  # JavaScript, for the `js_on_load` of one of its elements
    style: str = ""  # CSS; theme.py lets it hold inside the tab only
