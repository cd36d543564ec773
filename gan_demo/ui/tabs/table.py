"""The tabs of the page, a row each, in the order in which they are shown; each is in one of a few places."""

import inspect
from collections.abc import Callable
from pathlib import Path

from gan_demo.ui.shared.tab import Page, Tab
from gan_demo.ui.shared.widgets import Redraw
from gan_demo.ui.tabs.directions import tab as directions
from gan_demo.ui.tabs.discriminator import tab as discriminator
from gan_demo.ui.tabs.game import tab as game
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.invert import tab as invert
from gan_demo.ui.tabs.lab import tab as lab
from gan_demo.ui.tabs.map import tab as map_tab
from gan_demo.ui.tabs.samples import tab as samples
from gan_demo.ui.tabs.training import tab as training

# What a visitor comes for; the titles are the texts "place look" and so on. The tabs of one place are seen at once.
PLACES = ("look", "try", "learn")


def row(name: str, build: Callable[[Page, str], Redraw | None], place: str) -> Tab:
    """The tab whose script is tab.js, which may be absent, and whose styles are the .css files beside its Python."""
    folder = Path(inspect.getfile(build)).parent
    script = folder / "tab.js"
    sheets = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.css"))]
    return Tab(name, build, place, script.read_text(encoding="utf-8") if script.is_file() else "", "\n".join(sheets))


TABS = (
    row("samples", samples.build, "look"),
    row("map", map_tab.build, "look"),
    row("interpolate", interpolate.build, "look"),
    row("directions", directions.build, "look"),
    row("discriminator", discriminator.build, "try"),
    row("invert", invert.build, "try"),
    row("game", game.build, "try"),
    row("training", training.build, "learn"),
    row("lab", lab.build, "learn"),
)
