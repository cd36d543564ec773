"""Controls that several tabs have, and how their events are wired."""

import base64
import functools
import mimetypes
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gradio as gr

from gan_demo.config import CLASSES, MAX_CLASSES
from gan_demo.ui import gradio_workarounds
from gan_demo.ui.shared import checks
from gan_demo.ui.words import say

DIGITS = tuple(str(digit) for digit in range(CLASSES))
CLASSES_ASKED = tuple(str(number) for number in range(MAX_CLASSES))  # for the model of most classes
DICE = 2**32  # seeds that the dice draws from: short enough to read out

# For settings that redraw while they change: past the queue, which needs more requests (docs/decisions.md).
# "always_last" drops positions that a newer one has overtaken, but never the last. Without "show_progress_on" gradio
# would read every component of the page anew whenever one event begins or ends.
LIVE: dict[str, Any] = {
    "queue": False,
    "trigger_mode": "always_last",
    "show_progress": "hidden",
    "show_progress_on": [],
    "api_visibility": "private",
    "preprocess": False,
}


QUEUED: dict[str, Any] = {**LIVE, "queue": True, "trigger_mode": "multiple"}

# Decoding a large picture takes memory: few at once, wherever they come from.
PICTURES: dict[str, Any] = {"concurrency_id": "pictures", "concurrency_limit": 2}


class Redraw(NamedTuple):
    """A handler, what it reads and what it changes."""

    handler: Callable[..., Any]
    inputs: Sequence[gr.components.Component]
    outputs: Sequence[gr.components.Component]


def seed_field(label: str, value: int, name: str) -> gr.Number:
    """A seed with a dice beside it; the dice rolls in the browser. `name` is its id on the page."""
    with gr.Row(elem_classes="seed", equal_height=True):
        most = checks.MAX_TYPED_SEED
        field = gr.Number(value, label=label, precision=0, minimum=0, maximum=most, step=1, min_width=80, elem_id=name)
        dice = gr.Button(say("dice"), size="sm", min_width=44, scale=0, elem_classes="dice", elem_id=f"{name}-dice")
    dice.click(None, outputs=field, js="() => ganDemo.roll()", api_visibility="private")
    return field


def folded(name: str) -> gr.Row:
    """A row of controls that a narrow page shows after a click only. `name` is its id; `with` fills it."""
    button = f'<button class="copy" data-unfold="{name}" aria-expanded="false" aria-controls="{name}">{say("settings")}'
    gr.HTML(f"{button}</button>", elem_classes="unfolds", apply_default_css=False)
    return gr.Row(elem_id=name, elem_classes="folded")


def more(name: str, text: str) -> str:
    """A button that a narrow page alone has: it shows what page.css folds away there, `class="fold" id=name`."""
    unfolds = f'data-unfold="{name}" aria-expanded="false" aria-controls="{name}"'
    return f'<p class="more-below"><button class="copy" {unfolds}>{text}</button></p>'


def digit_chooser(label: str, name: str, *instead: str) -> gr.Radio:
    """Which digit a conditional model is asked for, "0" to "9", or one of `instead`, keys of texts that come first.

    `fitted` gives it the classes of the model that is looked at.
    The page shows it for conditional models only (`markup.facts`, page.css); others take no notice of it.
    """
    choices = [*((say(key), key) for key in instead), *((digit, digit) for digit in DIGITS)]
    value = instead[0] if instead else DIGITS[0]
    return gr.Radio(choices, value=value, label=label, elem_id=name, elem_classes="digit-chooser")


def fitted(chooser: gr.Radio, names: Sequence[str], value: Any) -> Any:
    """An update of a `digit_chooser` with the classes of a model, called `names`; `value` is what it shows now."""
    digits = tuple(names) == DIGITS
    texts = {
        "turn": "classes in turn",
        "ten": "each as all classes",
        "best": "best class",
    }  # what says "ten" or "0 to 9" of digits
    instead = [(label if digits else say(texts[key]) if key in texts else label, key) for label, key in chooser.choices]
    instead = [(label, key) for label, key in instead if key not in CLASSES_ASKED]
    choices = [*instead, *((name, str(number)) for number, name in enumerate(names))]
    labels = {say("digit"): "ask for", say("invert as"): "as which class", say("judge as"): "as which class"}
    label = chooser.label if digits or chooser.label not in labels else say(labels[chooser.label])
    update: dict[str, Any] = {"choices": choices, "label": label}
    if value not in [key for _, key in choices]:  # else it stays: a late answer changes no later choice
        update["value"] = choices[0][1]
    return gr.update(**update)


def while_typing(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Leave the page as it is while a field is empty: somebody is about to type into it."""

    @functools.wraps(handler)
    def patient(*values: Any) -> Any:
        return gr.skip() if None in values else handler(*values)

    return patient


def live(listen: Callable[..., Any], redraw: Redraw) -> Any:
    """Redraw at once on what `listen` listens to, such as `button.click`; returns the event."""
    event = listen(*redraw, **LIVE)
    gradio_workarounds.ask_again(event, *redraw)
    return event


def on_change(redraw: Redraw, *settings: Any) -> None:
    """Redraw at once whenever one of `settings` changes."""
    live(functools.partial(gr.on, [setting.change for setting in settings]), redraw)


def to_save(content: bytes, name: str) -> dict[str, str]:
    """A file for `ganDemo.save` (page.js), which the browser keeps: nothing is written here."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"name": name, "type": kind, "base64": base64.b64encode(content).decode("ascii")}
