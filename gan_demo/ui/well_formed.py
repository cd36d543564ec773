"""Requests that no browser sends: refused in one line before gradio sees them, which would fail over them.

Gradio looks up what they name without asking whether it is there, and answers "Internal Server Error" with a traceback
in the log of the page: an event or an end point that it has not, a session without a name, and a body of another shape
with something in it that is not finite.
"""

import json
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan_demo.ui import gradio_workarounds

MAX_BODY = 20_000_000  # bytes of JSON: a drawing in it has a thousandth of that
MAX_SESSION = 200  # characters
ROUTES = (
    "queue/join",
    "call/",
    "run/",
    "api/",
)  # all but the first end with the name of an end point, or tell its number


class WellFormed:
    """Lets requests through that gradio can answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        route = scope["path"].rpartition("gradio_api/")[2] if scope["type"] == "http" else ""
        if not route.startswith(ROUTES) or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:  # too long, or whoever sent it has left
            await JSONResponse({"detail": "this is too long"}, 413)(scope, receive, send)
            return
        if problem := _problem(route, body, scope["app"].get_blocks().fns):
            await JSONResponse({"detail": problem}, 400)(scope, receive, send)
            return
        sent = False

        async def again() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


async def _read(receive: Receive) -> bytes | None:
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


def _problem(route: str, body: bytes, events: dict[int, Any]) -> str:
    """What is wrong with a request; nothing if nothing is."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return "this is not JSON"
    if not isinstance(asked, dict):
        return "send a JSON object"
    session, number = asked.get("session_hash"), asked.get("fn_index")
    if session is not None and not (isinstance(session, str) and 0 < len(session) <= MAX_SESSION):
        return f"session_hash is a text of 1 to {MAX_SESSION} characters"
    if number is not None and (type(number) is not int or number not in events):
        return "there is no event of this fn_index"
    *_, name = route.strip("/").split("/")
    if number is None and name not in {event.api_name for event in events.values()}:
        return f"there is no end point {name!r}"[:100]
    if route.startswith("call/v2/"):  # its fields are those of the end point
        return ""
    field = gradio_workarounds.wrong_field(asked)
    return f"{field} is missing or of a wrong type" if field else ""
