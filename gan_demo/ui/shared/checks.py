"""What the page accepts from a browser or another program, and how it says no.

Handlers get values as they were sent (`preprocess=False` on their events), because whoever calls the
page over the network can send anything, and check them here.
"""

import contextlib
import functools
import html
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.gan import MAX_SEED
from gan_demo.ui import gradio_workarounds, words
from gan_demo.ui.shared.address import MAX_TRUNCATION
from gan_demo.ui.words import say

MAX_COUNT = 100
MAX_TYPED_SEED = 2**53 - 1  # the greatest whole number that a number field of a browser holds exactly
MIN_STEPS, MAX_STEPS = 2, 24
MANY = 16  # choices that a message lists
LEAST_PART = 0.01  # of a picture's side: a part that is smaller holds no digit
SHOWN = 40  # characters of a wrong value that a message repeats


def toasts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a handler raise UserError, which the page shows as a toast, and speak the language of its page.

    Every handler of the page is under it, decorated while its tab is being built.
    """
    spoken = words.language()

    @functools.wraps(function)
    def guarded(*arguments: Any, **named: Any) -> Any:
        with _telling(spoken):
            return function(*arguments, **named)

    return guarded


def answers(at_once: threading.Semaphore | None = None, patience: float | None = None) -> Callable[..., Any]:
    """`toasts` for a server function of gr.HTML, whose exceptions reach nobody: it answers {"error": plain text}.

    Such functions have no queue: `at_once` is how many may run at once. Who gets none within `patience` seconds
    (None: waits) is answered None, which means ask again.
    """
    spoken = words.language()

    def decorate(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @functools.wraps(function)
        def guarded(sent: Any) -> Any:
            if at_once and not at_once.acquire(timeout=patience):
                return None
            with words.speaking(spoken):
                try:
                    return function(sent)
                except UserError as error:
                    return {"error": words.tell(error)}
                finally:
                    if at_once:
                        at_once.release()

        return guarded

    return decorate


def streams(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`toasts` for a handler that yields one update after the other, each of which may run in another thread."""
    spoken = words.language()

    @functools.wraps(function)
    def guarded(*arguments: Any, **named: Any) -> Iterator[Any]:
        updates = function(*arguments, **named)
        while True:
            with _telling(spoken):
                try:
                    update = next(updates)
                except StopIteration:
                    return
            yield update

    return guarded


@contextlib.contextmanager
def _telling(spoken: str) -> Iterator[None]:
    with words.speaking(spoken):
        try:
            yield
        except UserError as error:
            # Gradio puts the message into the page as HTML; what a client sent must not become any.
            message = html.escape(words.tell(error), quote=False)
            raise gr.Error(message, title=say("oops"), duration=8, print_exception=False) from None


def field(sent: Any, name: str) -> Any:
    """What a browser sent under a name; None if there is nothing."""
    return sent.get(name) if isinstance(sent, dict) else None


def whole(value: Any, name: str, low: int, high: int) -> int:
    """`value` as an int from `low` to `high`; raises UserError on anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        limit = {MAX_SEED: "2^63 - 1", MAX_TYPED_SEED: "2^53 - 1"}.get(high, high)
        raise UserError(say("not whole", name=name, low=low, high=limit, value=_shown(value)))
    return value


def number(value: Any, name: str, low: float, high: float) -> float:
    """`value` as a float from `low` to `high`; raises UserError on anything else, NaN too."""
    if type(value) not in (int, float) or math.isnan(value) or not low <= value <= high:
        raise UserError(say("not number", name=name, low=low, high=high, value=_shown(value)))
    return float(value)


def choice(value: Any, name: str, choices: Iterable[str]) -> str:
    """`value` if it is one of `choices`; raises UserError on anything else."""
    if not isinstance(value, str) or value not in choices:
        listed = list(choices)
        few = listed if len(listed) <= MANY else [*listed[:MANY], "…", listed[-1]]
        raise UserError(say("not choice", name=name, choices=", ".join(few), value=_shown(value)))
    return value


def part(value: Any) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of a part of a picture, as shares of its sides; None for the whole picture."""
    if value is None:
        return None
    numbers = isinstance(value, (list, tuple)) and len(value) == 4 and all(type(one) in (int, float) for one in value)
    if not numbers or not all(0 <= value[at] <= value[at + 2] - LEAST_PART <= 1 - LEAST_PART for at in (0, 1)):
        raise UserError(say("not part", least=LEAST_PART, value=_shown(value)))
    left, top, right, bottom = map(float, value)
    return left, top, right, bottom


def seed(value: Any, name: str | None = None) -> int:
    return whole(value, name or say("seed"), 0, MAX_SEED)


def typed_seed(value: Any, name: str | None = None) -> int:
    """A seed from a number field. Longer ones than a browser can hold come as part of an address."""
    return whole(value, name or say("seed"), 0, MAX_TYPED_SEED)


def digit(value: Any, classes: int = CLASSES) -> int | None:
    """The digit, or another of its `classes`, that a conditional model is asked for; None for any."""
    return None if value is None else whole(value, say("digit"), 0, classes - 1)


def count(value: Any) -> int:
    return whole(value, say("count"), 1, MAX_COUNT)


def truncation(value: Any, least: float = 0.0) -> float:
    return number(value, say("truncation"), least, MAX_TRUNCATION)


def steps(value: Any) -> int:
    return whole(value, say("steps"), MIN_STEPS, MAX_STEPS)


def uploaded(sent: Any) -> bytes:
    """The content of an uploaded file, sent as {"path": ...}; raises UserError on any path but that of an upload."""
    folder = gradio_workarounds.upload_folder()
    try:
        file = Path(field(sent, "path")).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return file.read_bytes()
    except (TypeError, ValueError, OSError):  # not a string, a NUL in it, too long, gone by now
        pass
    raise UserError(say("not uploaded"))


def _shown(value: Any) -> str:
    return shortened(repr(value))


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
