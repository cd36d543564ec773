"""Several processes that serve one page: whoever gets a request answers it, whatever process the one before went to.

Most answers depend on their request alone. What does not is the state that gradio keeps of a session in its process:
the queue, whose events are asked for with one request and told by another, and the values of `gr.State`. Such a request
is handed on to the process that its session belongs to, a number that every process computes from the session's name.
So the processes need no balancer that sends a visitor to the same one each time.

Each process listens at the page's own address, and at a port for the others, which only this machine can reach. The
folder of a group holds what all of them see: those ports, uploads, and the list of models that one has fetched.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import httpx
from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan_demo.ui import gradio_workarounds
from gan_demo.ui.group import Group
from gan_demo.ui.well_formed import once_more, read_body

SECRET, VISITOR = b"x-gan-demo-group", b"x-gan-demo-visitor"  # headers of a request that is handed on
MARK = "~"  # between the name of an event and the number of the process that has it
NAMES = ("session_hash", "upload_id")  # of what a request in parts belongs to, in its query
BY_BODY = ("queue/join", "cancel")  # routes whose session is in the body
MAYBE = ("run/", "api/")  # these, too, where their event has a gr.State
BY_PATH = "heartbeat/"
CALL = "call/"
# Headers of one connection, which the next one has of its own.
OF_A_CONNECTION = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", SECRET, VISITOR}


class ToOwner:
    """Hands a request on to the process that its session belongs to, and the answer back."""

    def __init__(self, app: ASGIApp, group: Group) -> None:
        self._app = app
        self._group = group
        self._web: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if headers.get(SECRET) == self._group.secret.encode():  # another process has handed it on
            scope = {**scope, "client": (headers.get(VISITOR, b"").decode("latin-1"), 0)}
            await self._app(scope, receive, self._marked(scope, send))
            return
        route, body, owner = scope["path"].rpartition("gradio_api/")[2], None, None
        if scope["method"] == "POST" and route.startswith((*BY_BODY, *MAYBE, CALL)):
            body = await read_body(receive)
            if body is None:  # too long, or whoever sent it has left
                await JSONResponse({"detail": "this is too long"}, 413)(scope, receive, send)
                return
            receive = once_more(body, receive)
            owner = self._by_body(route, body, scope)
        elif route.startswith(CALL):
            owner, scope = self._by_event(scope)
        elif route.startswith(BY_PATH):
            owner = self._group.owner(route.removeprefix(BY_PATH).strip("/"))
        elif scope["query_string"] and route != scope["path"]:
            asked = parse_qs(scope["query_string"].decode("latin-1"))
            owner = next((self._group.owner(asked[name][0]) for name in NAMES if name in asked), None)
        if owner is None or owner == self._group.number:
            await self._app(scope, receive, self._marked(scope, send))
        else:
            await self._hand_on(owner, body, scope, receive, send)

    def _by_body(self, route: str, body: bytes, scope: Scope) -> int | None:
        try:
            asked = json.loads(body)
            session = asked.get("session_hash")
        except (ValueError, RecursionError, AttributeError):  # gradio's guard says what is wrong with it
            return None
        if not isinstance(session, str):
            return None
        page = scope["app"].get_blocks()
        if route.startswith(MAYBE) and not gradio_workarounds.has_state(page, asked.get("fn_index")):
            return None
        return self._group.owner(session)

    def _by_event(self, scope: Scope) -> tuple[int | None, Scope]:
        """Whose event is asked for, and the request with the event's own name."""
        path, mark, number = scope["path"].rpartition(MARK)
        if not mark or not number.isdecimal() or int(number) >= self._group.size:
            return None, scope
        return int(number), {**scope, "path": path, "raw_path": path.encode()}

    def _marked(self, scope: Scope, send: Send) -> Send:
        """What tells, with the name of a new event, which process has it."""
        if scope["method"] != "POST" or CALL not in scope["path"]:
            return send
        start: Message = {}

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                start.update(message)
                return
            if start and message["type"] == "http.response.body":
                event = json.loads(message["body"])["event_id"]
                body = json.dumps({"event_id": f"{event}{MARK}{self._group.number}"}).encode()
                headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
                await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
                message = {**message, "body": body}
            await send(message)

        return marked

    async def _hand_on(self, owner: int, body: bytes | None, scope: Scope, receive: Receive, send: Send) -> None:
        address = self._group.address(owner)
        if self._web is None:
            self._web = httpx.AsyncClient(
                timeout=httpx.Timeout(None, connect=5), limits=httpx.Limits(max_connections=None), trust_env=False
            )
        visitor = (scope.get("client") or ("", 0))[0]
        headers = [(name, value) for name, value in scope["headers"] if name not in OF_A_CONNECTION]
        headers += [(SECRET, self._group.secret.encode()), (VISITOR, visitor.encode("latin-1", "replace"))]
        query = scope["query_string"].decode("latin-1")
        url = f"{address}{scope['path']}{'?' if query else ''}{query}"
        content: Any = body
        if body is None and scope["method"] == "POST":
            content = _pieces(receive)
        try:
            asked = self._web.build_request(scope["method"], url, headers=headers, content=content)
            answer = await self._web.send(asked, stream=True)
        except httpx.HTTPError:  # it is being started again
            await JSONResponse({"detail": "this is being started again: try again in a moment"}, 502)(
                scope, receive, send
            )
            return
        response = StreamingResponse(_told(answer), answer.status_code)
        response.raw_headers = [one for one in answer.headers.raw if one[0].lower() not in OF_A_CONNECTION]
        try:
            await response(scope, receive, send)  # until the visitor leaves, too
        finally:
            await answer.aclose()


async def _told(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The answer of another process as it comes; it ends where that process ends."""
    try:
        async for piece in answer.aiter_raw():
            yield piece
    except httpx.HTTPError:
        return


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
