"""The settings of the page in its address, so that a link brings back what somebody saw.

    seed = settings.add("seed", widgets.seed_field(...), link.whole(checks.typed_seed))

Each tab declares its settings so, once: the name in the query string, the component, and how to read the
text of a link. A setting that is as the page opens is left out of the address; `model`, which may open
differently elsewhere, never is. So is what the page shows for other models only, such as the digit that is asked for.

page.js writes the address bar and reads it when the page opens. Inside the frame of a Space that is the
address of the frame, which nobody sees, but "copy link" copies it, and it opens the Space by itself.
"""

import functools
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import gradio as gr

from gan_demo.errors import UserError
from gan_demo.ui.shared import checks
from gan_demo.ui.words import say

# The classes of controls that some models have only -> the mark that `markup.facts` gives these: see page.css.
OF_SOME = {"of-styles": "style", "of-typical": "typical", "digit-chooser": "conditional"}


class Setting(NamedTuple):
    """What a link says of one component."""

    name: str  # in the query string
    component: Any  # of gradio
    default: Any  # the value with which the page opens, None if it may differ
    parse: Callable[[str], Any]  # raises UserError on nonsense

    def read(self, text: str) -> dict[str, Any]:
        """The value that a link gives it, by its name; raises UserError on nonsense."""
        return {self.name: self.parse(text)}

    @property
    def needs(self) -> str:
        """The mark of the models that have it; "" where all do."""
        return next((OF_SOME[name] for name in self.component.elem_classes or () if name in OF_SOME), "")


class Settings:
    """What a link to the page restores."""

    def __init__(self) -> None:
        self.all: list[Setting] = []
        self._former: dict[str, Callable[[str], dict[str, Any]]] = {}
        self._of_page: dict[str, Callable[[str], Any]] = {}

    def add(
        self,
        name: str,
        component: gr.components.Component,
        parse: Callable[[str], Any],
        keep: bool = False,
    ) -> gr.components.Component:
        """Put a component's value into links under `name`, always or (not `keep`) if it has changed; returns it."""
        assert name not in {*self._of_page, *(setting.name for setting in self.all)}, name
        self.all.append(Setting(name, component, None if keep else component.value, parse))
        return component

    def of_page(self, name: str, parse: Callable[[str], Any]) -> None:
        """Say what is wrong with `name` in a link, which the page reads by itself."""
        self._of_page[name] = parse

    def formerly(self, name: str, parse: Callable[[str], dict[str, Any]]) -> None:
        """Read settings, by name, of links that were made when they were called `name`."""
        self._former[name] = parse

    def read(self, query: object) -> tuple[dict[str, Any], dict[str, str]]:
        """What a query string such as "?model=mlp&seed=7" asks for, and what is wrong with the rest; both by name."""
        try:
            asked = parse_qs(query.removeprefix("?"), max_num_fields=50) if isinstance(query, str) else {}
        except ValueError:  # too many
            asked = {}
        values: dict[str, Any] = {}
        wrong = {}
        readers: dict[str, Callable[[str], dict[str, Any]]] = {
            **{name: functools.partial(_checked, parse) for name, parse in self._of_page.items()},
            **self._former,
            **{setting.name: setting.read for setting in self.all},
        }
        for name, read in readers.items():
            if name in asked:
                try:
                    values |= read(asked[name][-1])
                except UserError as error:
                    part = f"{name}={checks.shortened(asked[name][-1])}"
                    wrong[name] = say("link part wrong", part=part, why=error)
        return values, wrong

    def remember(self, opened: Callable[..., Any], facts: gr.HTML, wrong: gr.Textbox) -> None:
        """Write the address bar once after `opened`, an event's `then`, and whenever a setting, or `facts`, changes.

        What the link had `wrong`, names with spaces between, goes from it: else each reload would say so again.
        """
        table = [
            (setting.name, setting.default, setting.needs, getattr(setting.component, "elem_id", None))
            for setting in self.all
        ]
        # What has no value goes from the address: the names of old links.
        named = json.dumps([*table, *((name, None) for name in self._former)])
        components = [setting.component for setting in self.all]
        in_the_browser = {
            "fn": None,
            "inputs": components,
            "js": f"(...values) => {{ ganDemo.remember({named}, values); }}",
            "api_visibility": "private",
            "trigger_mode": "multiple",  # "once" would drop changes that follow each other
        }
        opened(**in_the_browser)
        opened(**in_the_browser | {"inputs": wrong, "js": "(wrong) => wrong.split(' ').forEach(ganDemo.forget)"})
        # Once more when that is done: of two settings that change together, an event may find the other as it was.
        gr.on([component.change for component in (*components, facts)], **in_the_browser).then(**in_the_browser)


def _checked(parse: Callable[[str], Any], text: str) -> dict[str, Any]:
    """No setting, where `parse` takes the text."""
    parse(text)
    return {}


def whole(check: Callable[[Any], int]) -> Callable[[str], int]:
    """Read a whole number as `check` allows it, such as `checks.count`."""
    return lambda text: check(int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else text)


def number(check: Callable[[Any], float]) -> Callable[[str], float]:
    """Read a number as `check` allows it, such as `checks.truncation`."""

    def read(text: str) -> float:
        try:
            return check(float(text))
        except ValueError as error:  # of float, or a UserError
            raise error if isinstance(error, UserError) else UserError(say("not a number", value=text[:40])) from None

    return read


def choice(choices: Iterable[str]) -> Callable[[str], str]:
    """Read one of `choices`."""
    choices = list(choices)
    return lambda text: checks.choice(text, say("link's value"), choices)
