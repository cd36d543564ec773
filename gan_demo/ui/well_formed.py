"""Requests that no browser sends: answered in one line where gradio would fail over them.

Gradio looks up what they name without asking whether it is there, and answers "Internal Server Error" with a traceback
in the log of the page: an event, an end point, a session or a function of an element that it has not, a session without
a name, a body of another shape with something in it that is not finite, values by name that the end point does not know
or misses, a form without a file, and headers that it cannot read.
"""

import json
import re
from typing import Any

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan_demo import files
from gan_demo.ui import gradio_workarounds
from gan_demo.ui.quick import ASKED

MAX_BODY = 20_000_000  # bytes of JSON: a drawing in it has a thousandth of that
MAX_SESSION = 200  # characters
ROUTES = (
    "queue/join",
    "call/",
    "run/",
    "api/",
    "component_server",
)  # all but the first and the last end with the name of an end point, or tell its number
DIRECT = ("run/", "api/")  # answered at once, without the queue
STREAMS = ("queue/data", "call/")
# Headers that gradio fails over where they are of another form; without them it answers as it does to anybody.
HEADERS = {
    b"range": re.compile(rb"bytes=\d{1,12}-\d{0,12}"),
    b"x-forwarded-host": re.compile(rb"(?i:[a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(,[ -~]*)?"),
}


class WellFormed:
    """Lets requests through that gradio can answer, and answers where it fails over one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route, posted = scope["path"].rpartition("gradio_api/")[2], scope["method"] == "POST"
        scope["headers"] = [(name, value) for name, value in scope["headers"] if _is_read(name, value)]
        if posted and route == "upload":
            await self._upload(scope, receive, send)
        elif posted and route.startswith(ROUTES):
            await self._checked(route, scope, receive, send)
        elif scope["method"] == "GET" and route.startswith(STREAMS):
            await self._stream(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _checked(self, route: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:  # too long, or whoever sent it has left
            await JSONResponse({"detail": "this is too long"}, 413)(scope, receive, send)
            return
        asked, problem = _read(route, body, scope["app"].get_blocks())
        if problem:
            await JSONResponse({"detail": problem}, 400)(scope, receive, send)
            return
        direct = route.startswith(DIRECT)
        await self._app(
            {**scope, ASKED: asked}, once_more(body, receive), _blaming_the_client(send) if direct else send
        )

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio raises whatever it meets over a form whose parts are no files, and where no file can be written."""
        try:
            await self._app(scope, receive, send)
        except OSError as error:
            why = "the disk is full" if error.errno in files.FULL else error.strerror
            await JSONResponse({"detail": f"this cannot be kept: {why}"}, 507)(scope, receive, send)
        except (AttributeError, KeyError, TypeError, ValueError):
            await JSONResponse({"detail": "send files, each with a name"}, 400)(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Of a session that it does not know gradio says so in the stream, and then raises."""
        try:
            await self._app(scope, receive, send)
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _blaming_the_client(send: Send) -> Send:
    """`send` with 400 in the place of the 500 that gradio answers over a value that a handler refused in words."""
    held: list[Message] = []

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 500:
            held.append(message)
            return
        if held:
            start = held.pop()
            # Only what a gr.Error says has a title; of a fault of our own gradio tells nothing.
            await send({**start, "status": 400} if b'"title":' in message.get("body", b"") else start)
        await send(message)

    return sent


def _is_read(name: bytes, value: bytes) -> bool:
    """Whether gradio can read a header."""
    return name not in HEADERS or HEADERS[name].fullmatch(value) is not None


async def read_body(receive: Receive) -> bytes | None:
    """A request's body; None where it is longer than MAX_BODY, or whoever sent it has left."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def once_more(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, and then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _read(route: str, body: bytes, page: gr.Blocks) -> tuple[Any, str]:
    """What a request asks for, and what is wrong with it; nothing if nothing is."""
    try:
        asked = json.loads(body, parse_int=_whole)
    except OverflowError as error:
        return None, str(error)
    except (ValueError, RecursionError):
        return None, "this is not JSON"
    return asked, _problem(route, asked, page) if isinstance(asked, dict) else "send a JSON object"


def _whole(digits: str) -> int:
    """A whole number; raises OverflowError for one that gradio could not send back, which ends its stream."""
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise OverflowError("a whole number has at most 64 bits")
    return number


def _problem(route: str, asked: dict[str, Any], page: gr.Blocks) -> str:
    """What is wrong with a request; nothing if nothing is."""
    *_, name = route.strip("/").split("/")
    if route.startswith("call/v2/"):  # its fields are those of the end point
        return _wrong_by_name(name, asked, gradio_workarounds.end_points(page).get(name))
    if route.startswith("component_server"):
        return _wrong_function(asked, page)
    events, session, number = page.fns, asked.get("session_hash"), asked.get("fn_index")
    if session is not None and not _is_session(session):
        return f"session_hash is a text of 1 to {MAX_SESSION} characters"
    if number is not None and (type(number) is not int or number not in events):
        return "there is no event of this fn_index"
    if number is None and name not in {event.api_name for event in events.values()}:
        return f"there is no end point {name!r}"[:100]
    field = gradio_workarounds.wrong_field(asked)
    return f"{field} is missing or of a wrong type" if field else ""


def _is_session(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_SESSION


def _wrong_function(asked: dict[str, Any], page: gr.Blocks) -> str:
    """What is wrong with a request for a function of an element of the page."""
    number, name = asked.get("component_id"), asked.get("fn_name")
    if not _is_session(asked.get("session_hash")):
        return f"session_hash is a text of 1 to {MAX_SESSION} characters"
    if "data" not in asked:
        return "data is missing"
    known = type(number) is int and isinstance(name, str) and gradio_workarounds.has_function(page, number, name)
    return "" if known else "there is no such function"


def _wrong_by_name(name: str, asked: dict[str, Any], parameters: dict[str, bool] | None) -> str:
    """What is wrong with values that are sent by name; `parameters` says of each of them whether it may be left out."""
    if parameters is None:
        return f"there is no end point {name!r}"[:100]
    known = ", ".join(parameters) or "none"
    for field in asked:
        if field not in parameters:
            return f"{name} has no parameter {field[:40]!r}: it has {known}"
    missing = [field for field, optional in parameters.items() if not optional and field not in asked]
    return f"{name} needs {missing[0]}: its parameters are {known}" if missing else ""
