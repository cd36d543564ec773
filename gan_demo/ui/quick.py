"""Live answers past gradio: a handler is called with what the browser sent, and what it returns is sent back.

Gradio reads each value of an event through its element, keeps it with the session, looks at the signature of the
handler, walks through the answer again and again, and measures how long each of these took. That takes more of the
processor than a small network does (docs/decisions.md, "A crowd"). A slider that is dragged, a digit that is drawn and
a map that is moved need none of it: their handlers check raw values themselves (checks.py), and their answers are
HTML or JSON. So are the end points, for programs that ask for one directly. What needs more goes on to gradio: the
queue, `gr.State`, handlers that look at the event or the request.

Addresses, requests and answers are gradio's own, so that nothing else notices.
"""

import os
import time
import traceback
from typing import Any
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread
import gradio as gr
import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gan_demo.ui import gradio_workarounds

ASKED = "gan_demo.asked"  # the key of a request's scope under which well_formed.py leaves what it has read
DIRECT = ("run", "api")  # routes that are answered at once, by the name of an end point or the number of an event


class Quick:
    """Answers the requests that need nothing of gradio, and lets the others through; it comes after `WellFormed`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._programs = anyio.CapacityLimiter(os.cpu_count() or 1)  # as many at once as the queue lets through
        # Events of one page are answered in their order: the page shows what comes last, and that is the last wish.
        self._turns: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if (asked := scope.get(ASKED)) is not None:
            page, route = scope["app"].get_blocks(), scope["path"].rpartition("gradio_api/")[2].strip("/")
            if route == "component_server":
                function = getattr(page.blocks[asked["component_id"]], asked["fn_name"])
                answer = await anyio.to_thread.run_sync(function, asked["data"], limiter=page.limiter)
                await _response(answer)(scope, receive, send)
                return
            start, _, name = route.partition("/")
            if start in DIRECT and (event := gradio_workarounds.plain_event(page, name, asked)) is not None:
                limiter, session = self._programs if event.queue else page.limiter, asked.get("session_hash")
                turn = self._turns.setdefault(session, anyio.Lock()) if isinstance(session, str) else anyio.Lock()
                async with turn:
                    response = await _answered(page, event, asked, limiter)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _answered(page: gr.Blocks, event: Any, asked: dict[str, Any], limiter: anyio.CapacityLimiter) -> Response:
    """The answer to an event, or what its handler says of it, as gradio writes them."""
    started = time.perf_counter()
    try:
        sent = gradio_workarounds.filled_in(page, event, asked["data"])
        found = await anyio.to_thread.run_sync(event.fn, *sent, limiter=limiter)
        data = await gradio_workarounds.values(page, event, found, asked.get("session_hash"))
    except Exception as error:
        if not isinstance(error, gr.Error) or error.print_exception:
            traceback.print_exc()
        return _response(gradio_workarounds.told_of(page, error), 500)
    took = time.perf_counter() - started
    rest: dict[str, Any] = {"render_config": None, "changed_state_ids": [], "used_cache": None}
    return _response({"data": data, "is_generating": False, "duration": took, "average_duration": took, **rest})


def _response(answer: Any, status: int = 200) -> Response:
    content = orjson.dumps(answer, _as_gradio_does, orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, status, media_type="application/json")


def _as_gradio_does(value: Any) -> Any:
    """What JSON has not: a named tuple as a list, and of anything else its text."""
    return list(value) if isinstance(value, tuple) else str(value)
