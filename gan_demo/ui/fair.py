"""Everybody gets a turn: what one address may have under way at once, and ask for in a second.

Most answers take some milliseconds of a core. Somebody whose program asks for a hundred digits again and again, on a
hundred connections, would have nearly all of them. So an address has few answers under way at once, and its other
questions wait for each other, in the order in which they came, while those of other addresses go past. Nobody is
refused for that: a lecture hall behind one address waits a little more than a visitor from elsewhere.

What is refused is a flood, which no hall of people can be: more than RATE questions a second for a while, more than
WAITING at once, or nearly all places of gradio's queue.
"""

import asyncio
import os
import time
from collections import OrderedDict
from urllib.parse import parse_qs, urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gan_demo.ui import gradio_workarounds, words
from gan_demo.ui.words import say

AT_ONCE = max(4, 2 * (os.cpu_count() or 1))  # answers that an address has under way
RATE, BURST = 600.0, 6000.0  # questions a second; how many may come at once after a pause
WAITING = 1000  # questions of an address that wait
QUEUED = 150  # events of an address in the queue, which has room for 200 of everybody's
KNOWN = 10_000  # addresses that are remembered
ANSWERED = ("run/", "api/", "component_server")  # routes whose request is answered when the work is done
QUEUE = ("queue/join", "call/")  # and those that put it into the queue


class Address:
    """What one address has asked for."""

    def __init__(self) -> None:
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0
        self._left, self._seen = BURST, time.monotonic()

    def may_ask(self) -> bool:
        """Whether one question more is no flood."""
        now = time.monotonic()
        self._left = min(BURST, self._left + RATE * (now - self._seen))
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Fair:
    """Lets each address have its turns, and refuses floods in the words of the page that they come from."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._addresses: OrderedDict[str, Address] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        route = scope["path"].rpartition("gradio_api/")[2] if scope["type"] == "http" else ""
        if not route.startswith((*ANSWERED, *QUEUE)) or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        name = (scope.get("client") or ("", 0))[0]
        asks = self._known(name)
        in_queue = route.startswith(QUEUE)
        full = in_queue and gradio_workarounds.in_queue(scope["app"].get_blocks(), name) >= QUEUED
        if full or asks.waiting >= WAITING or not asks.may_ask():
            with words.speaking(_language(scope)):
                told = say("too much")
            # Gradio shows one of them, by the way that the question came.
            await JSONResponse({"detail": told, "error": told}, 429, {"Retry-After": "1"})(scope, receive, send)
            return
        if in_queue:
            await self._app(scope, receive, send)
            return
        asks.waiting += 1
        try:
            async with asks.turns:
                await self._app(scope, receive, send)
        finally:
            asks.waiting -= 1

    def _known(self, name: str) -> Address:
        found = self._addresses.pop(name, None) or Address()
        self._addresses[name] = found  # the latest
        if len(self._addresses) > KNOWN:
            oldest = next(iter(self._addresses))
            if not self._addresses[oldest].waiting:
                del self._addresses[oldest]
        return found


def _language(scope: Scope) -> str:
    """The language of the page that a question comes from, else of the browser."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    page = urlsplit(headers.get(b"referer", ""))
    for asked in (*parse_qs(page.query).get("lang", []), page.path.rstrip("/").rpartition("/")[2]):
        if asked in words.LANGUAGES:
            return asked
    return words.DEFAULT if page.path else words.preferred(headers.get(b"accept-language", ""))
