"""Every way around a fault of gradio, and every use of a name that gradio keeps to itself.

Written for gradio 6.31, to whose minor version requirements.txt binds us. Nothing else in gan_demo uses a private name
of gradio, and tests/ui/test_gradio_workarounds.py fails for each when gradio no longer needs it, or lacks it.
To move to another gradio, run that test first.

Python, in without_stubs.py: a component's type hints are not made anew at each import of gradio. In fetching_early.py:
a browser is told at once which scripts it will need.

Python, here:
    Blocks                    fills in the defaults of end points that are called with values in a row
    refuse_all_but_uploads    keeps gradio from fetching an address or reading a path that a client sends
    around_proxies            lets gradio ask the page's own address without a proxy, and wait for the answer
    wait_for_the_start        gives a server more than five seconds to start
    without_a_monitor         keeps gradio from making a table after each event
    rest                      lets a queue without events look for some 50 times a second, not a thousand times
    light_sessions            keeps gradio from describing the whole page anew for each session
    ask_again                 shows the error of an event that did not come through the queue
    wrong_field, end_points,  find what gradio cannot read in a request, or has not
    has_function, has_state
    in_queue                  counts what waits in gradio's queue
    also_listen               lets several processes serve one page
    payload, upload_folder    what an event carries; where uploads lie
    plain_event, filled_in,   what gradio would make of an event, its values, its handler's answer, and its error
    values, told_of

    before_its_scripts        what is done before gradio's own scripts run
    speaking                  lets gradio's own words come in the language of the page

JavaScript, in gradio_workarounds.js: toasts get the heading that `gr.Error` was given, and gradio's own English becomes
the page's words; sliders are called by their labels; a list to choose from closes when the tab key leaves it, tells of
a choice by Enter, and takes what is typed in the place of what was chosen before; the page opens at the tab of a link;
connection.js is told what an event will change, and when its first news come.

JavaScript, in gradio_early.js: what moves while gradio loads does not make the browser draw when nobody sees it.
"""

import functools
import inspect
import os
import socket
import sys
import types
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pydantic
from gradio import blocks as gradio_blocks
from gradio import helpers, http_server, networking, processing_utils, state_holder, utils
from gradio.components import api_component
from gradio.data_classes import PredictBody
from gradio.exceptions import InvalidPathError, ServerFailedToStartError

from gan_demo.errors import UserError
from gan_demo.ui.words import say

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
EARLY = Path(__file__).with_name("gradio_early.js").read_text(encoding="utf-8")
# The functions that read or fetch what a client names in the place of a file.
FETCHES, READS = "async_ssrf_protected_download", "_check_allowed"
# Classes of gradio's own elements on which page.css and the sheets of tabs rely.
CLASSES = (
    *("gradio-container", "app", "form", "block", "row", "column", "wrap", "head", "info-text"),
    *("tab-container", "tab-wrapper", "tabitem", "nav-holder", "icon", "wrap-inner"),
)
# Where gradio asks the page whether it is there, and by which function.
ASKS = ((gradio_blocks, "get"), (networking, "head"))
OWN_HOSTS = {"localhost", "127.0.0.1", "0.0.0.0", "::1"}  # and the one that the page listens on
LANGUAGES = {"zh-Hans": "zh-CN"}  # gradio's names for those it calls otherwise
_STREAMS = (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
LOOKS, TELLS = 0.02, 0.1  # seconds
NO_MONITOR = {"GRADIO_ANALYTICS_CACHE_FREQUENCY": str(sys.maxsize), "GRADIO_ANALYTICS_MAX_EVENTS": "1"}


class Blocks(gr.Blocks):
    """Blocks whose end points know their defaults when they are called with values in a row, as curl does.

    Gradio fills them in for calls by name only. For others it raises, and the answer has no words; so it does where the
    number of values is wrong, and for an event that only the browser handles.
    """

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        """Append the defaults of inputs that were not sent; None where there is none, which our checks refuse."""
        for component in block_fn.inputs[len(inputs) :]:
            if isinstance(component, api_component.Api):
                inputs.append(component.value)
        if block_fn.fn is None or len(inputs) != len(block_fn.inputs):
            raise gr.Error(say("values"), title=say("oops"), print_exception=False)
        super().validate_inputs(block_fn, inputs)


def refuse_all_but_uploads() -> None:
    """Keep gradio from fetching an address, or reading a path, that a client sends in the place of a file.

    It does so for any input of any event, before a handler is asked. Of addresses it stops only at those of the
    local network. Paths it refuses itself, but with a traceback in the log and without a word to the client.

    Raises UserError where this gradio has no such functions: a page without this guard does not open.
    """
    missing = [name for name in (FETCHES, READS) if not callable(getattr(processing_utils, name, None))]
    if missing:
        raise UserError(
            f"this gradio ({gr.__version__}) has no processing_utils.{missing[0]}, which the page replaces to keep"
            " clients from sending addresses in the place of files: install the version in requirements.txt"
        )
    check = getattr(processing_utils, READS)
    if getattr(check, "in_words", False):  # installed already
        return

    async def refuse(url: str, *arguments: Any, **named: Any) -> str:
        raise _not_uploaded()

    def check_in_words(*arguments: Any, **named: Any) -> None:
        try:
            check(*arguments, **named)
        except (InvalidPathError, OSError, ValueError):  # a path that is too long, or has a NUL in it
            raise _not_uploaded() from None

    check_in_words.in_words = True  # type: ignore[attr-defined]
    setattr(processing_utils, FETCHES, refuse)
    setattr(processing_utils, READS, check_in_words)


def _not_uploaded() -> gr.Error:
    return gr.Error(say("not uploaded"), title=say("oops"), print_exception=False)


class _Direct:
    """httpx as gradio knows it, which asks the page's own address directly, whatever the environment says of proxies,
    and waits for its answer, however slow this machine is.

    Everything else, such as the address of --share, goes the way that the environment names.
    """

    def __init__(self, name: str) -> None:
        self._name = name  # of the function that gradio asks the page with

    def __getattr__(self, name: str) -> Any:
        found = getattr(httpx, name)
        if name != self._name:
            return found

        def ask(url: str, **named: Any) -> httpx.Response:
            own = httpx.URL(url).host in OWN_HOSTS
            return found(url, **{**named, **({"trust_env": False, "timeout": None} if own else {})})

        return ask


def around_proxies(host: str) -> None:
    """Let gradio ask the page at `host` directly when it opens it: it asks before it says that the page is there.

    Behind a proxy it would ask the proxy for an address of this machine, and not start.
    """
    OWN_HOSTS.add(host.strip("[]"))
    for module, name in ASKS:
        if not isinstance(module.httpx, _Direct):
            module.httpx = _Direct(name)  # type: ignore[attr-defined]


def before_its_scripts(document: bytes) -> bytes:
    """The HTML of gradio's page with what must run before gradio's scripts do. Gradio itself puts `head=` in later."""
    return document.replace(b"<head>", f"<head><script>{EARLY}</script>".encode(), 1)


def speaking(document: bytes, tag: str) -> bytes:
    """The HTML of gradio's page for a language: it says so itself, and gradio's own words come in it.

    Gradio speaks the language that the browser prefers, whichever page is looked at, and says "en" to readers.
    """
    script = f'<script>Object.defineProperty(navigator, "language", {{ value: "{LANGUAGES.get(tag, tag)}" }})</script>'
    document = document.replace(b'lang="en"', f'lang="{tag}"'.encode(), 1)
    return document.replace(b"<head>", b"<head>" + script.encode(), 1)


def without_a_monitor() -> None:
    """Keep gradio from making a table of the last 10,000 events after each, for a monitor that this page does not have.

    `Blocks.queue` reads these variables, so this comes before it.
    """
    os.environ.update(NO_MONITOR)


def rest(page: gr.Blocks) -> None:
    """Let the queue of a page look for events every `LOOKS` seconds while it has none, and for progress every `TELLS`.

    Gradio looks every 1 and 10 ms (on Windows 50 and 100), which takes a tenth of a core while nobody visits.
    """
    queue = page._queue
    queue.sleep_when_free = max(LOOKS, queue.sleep_when_free)
    queue.progress_update_sleep_when_free = max(TELLS, queue.progress_update_sleep_when_free)


def wrong_field(asked: dict[str, Any]) -> str | None:
    """The first field of a request for an event that gradio would refuse to read; None where it reads all."""
    try:
        PredictBody.model_validate(asked)
    except pydantic.ValidationError as error:
        return ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))
    return None


def has_function(page: gr.Blocks, number: int, name: str) -> bool:
    """Whether an element of a page, by its number, has a function of the server that a browser may call."""
    return getattr(getattr(page.blocks.get(number), name, None), "_is_server_fn", False)


def has_state(page: gr.Blocks, event: Any) -> bool:
    """Whether an event of a page, by its number, reads or writes what gradio keeps of a session."""
    found = page.fns.get(event) if type(event) is int else None
    return found is not None and any(isinstance(one, gr.State) for one in (*found.inputs, *found.outputs))


def in_queue(page: gr.Blocks, address: str) -> int:
    """How many events of an address of the network wait in the queue of a page."""
    lines = page._queue.event_queue_per_concurrency_id.values()
    return sum(
        event.request.client is not None and event.request.client.host == address
        for line in lines
        for event in line.queue
    )


def wait_for_the_start() -> None:
    """Let the servers that gradio starts take as long as they need.

    Gradio gives one up after five seconds, as if its port were taken. If it is, the server ends.
    """
    if getattr(http_server.Server, "waits", False):  # installed already
        return

    class Server(http_server.Server):
        waits = True

        def run_in_thread(self) -> None:
            try:
                super().run_in_thread()
            except ServerFailedToStartError:
                while not self.started:
                    if not self.thread.is_alive():
                        raise
                    self.thread.join(0.05)

    http_server.Server = Server  # type: ignore[misc]


def also_listen(listener: socket.socket) -> None:
    """Let the server that gradio starts next listen at one more socket, too."""

    class Server(http_server.Server):
        def run(self, sockets: list[socket.socket] | None = None) -> None:
            super().run([*(sockets or [self.config.bind_socket()]), listener])

    http_server.Server = Server  # type: ignore[misc]


@functools.lru_cache(maxsize=1)
def end_points(page: gr.Blocks) -> dict[str, dict[str, bool]]:
    """The parameters of each end point of a page, by its name, and whether each may be left out.

    Gradio raises over a name that it does not know, and over a value that is missing.
    """
    return {
        path.strip("/"): {one["parameter_name"]: one["parameter_has_default"] for one in found["parameters"]}
        for path, found in page.get_api_info()["named_endpoints"].items()
    }


class Session(state_holder.SessionState):
    """What gradio keeps of a session, without a description of every element of the page.

    Gradio makes one for each session, for links that this page does not offer, and keeps it with the session.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(types.SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]


def light_sessions() -> None:
    """Let new sessions be `Session`s."""
    state_holder.SessionState = Session  # type: ignore[misc]


def ask_again(event: Any, handler: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    """Where `event`, which came past the queue, ends with an error, ask again through the queue.

    Gradio shows an error as a toast only if its event came through the queue.
    """
    event.failure(
        handler,
        inputs,
        outputs,
        queue=True,
        trigger_mode="multiple",
        show_progress="hidden",
        show_progress_on=[],
        api_visibility="private",
        preprocess=False,
    )


def payload(event: gr.EventData) -> Any:
    """What the browser sent with an event, whatever it is. Gradio's public way raises where it is no dictionary."""
    return event._data


def plain_event(page: gr.Blocks, name: str, asked: dict[str, Any]) -> Any:
    """The event that a request is for, by its number or the `name` of an end point; None where it needs gradio."""
    number = asked.get("fn_index")
    event = _plain_events(page).get(name if number is None else number)
    return None if asked.get("batched") or asked.get("simple_format") else event


@functools.lru_cache(maxsize=1)
def _plain_events(page: gr.Blocks) -> dict[int | str, Any]:
    """The events of a page whose handlers get raw values and nothing else, by their numbers, and end points by names.

    Others get a state, the request or the event, or yield one answer after the other; and what is in the queue stays
    there, but for end points, which programs may ask for directly.
    """
    found: dict[int | str, Any] = {}
    for number, event in page.fns.items():
        ends = [*event.inputs, *event.outputs]
        is_end_point = bool(ends) and all(isinstance(end, api_component.Api) for end in ends)
        raw = is_end_point or not (event.queue or event.preprocess or has_state(page, number))
        if not raw or event.batch or not inspect.isfunction(event.fn):
            continue
        if any(kind(inspect.unwrap(event.fn)) for kind in _STREAMS):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of handlers that get more than the inputs
            given, progress, event_data, whole = helpers.special_args(event.fn, [None] * len(event.inputs))
        if len(given) == len(event.inputs) and progress is None and event_data is None and not whole:
            found[number] = event
            if is_end_point and event.api_name is not None:
                found[event.api_name] = event
    return found


def filled_in(page: gr.Blocks, event: Any, sent: list[Any]) -> list[Any]:
    """The values of an event, those that may be left out too; raises gr.Error where one is missing."""
    page.validate_inputs(event, sent)
    return sent


async def values(page: gr.Blocks, event: Any, answer: Any, session: str | None) -> list[Any]:
    """What a handler returned, as gradio sends it to the elements that an event changes."""
    each = [answer] if len(event.outputs) == 1 else answer
    if isinstance(each, (list, tuple)) and len(each) == len(event.outputs):
        pairs = zip(event.outputs, each, strict=True)
        if all(_is_ready(*pair) for pair in pairs):
            return list(each)
    state = page.state_holder[session] if session else state_holder.SessionState(page)
    return await page.postprocess_data(event, answer, state)


def _is_ready(output: Any, value: Any) -> bool:
    """Whether gradio would send a value to an element as it is."""
    return isinstance(output, api_component.Api) or (type(output) is gr.HTML and isinstance(value, str))


def told_of(page: gr.Blocks, error: Exception) -> dict[str, Any]:
    """What gradio tells the browser of an error."""
    return utils.error_payload(error, page.show_error)


def upload_folder() -> Path:
    """The folder into which gradio puts what is uploaded."""
    return Path(utils.get_upload_folder()).resolve()
