"""What goes to a browser on another machine is small, and what never changes is asked for once.

The page is half a megabyte of text, which a phone's network takes more than a second for; compressed it is a fifth of
that, and answers with digits in them a third. A browser on this machine gets them as they are: there bytes cost
nothing, and making fewer of them does.
"""

import ipaddress

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan_demo.ui import languages

SMALLEST = 1000  # bytes of an answer that is compressed
LEVEL = 4  # of 9: a twelfth more bytes than at 9, in a third of the time (docs/decisions.md)
ANSWERS = ("run/", "api/", "component_server")  # gradio compresses its files, and pictures and archives are small
BUILT = "assets/"  # gradio's own scripts and styles: what they hold is in their names
FOR_GOOD = (b"cache-control", b"public, max-age=31536000, immutable")
PASSED_ON = b"x-forwarded-for"  # by a proxy, which may be on this machine


class ForFaraway:
    """Compresses what leaves this machine, and lets browsers keep what has its content in its name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressed = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        app = self._app
        if scope["type"] == "http" and not _is_here(scope):
            path = languages.path_of(scope)
            if path.startswith(BUILT):
                send = _for_good(send)
            elif path in languages.PAGES or path.removeprefix("gradio_api/").startswith(ANSWERS):
                app = self._compressed
        await app(scope, receive, send)


def _is_here(scope: Scope) -> bool:
    """Whether a request comes from this machine, and no proxy says that it has passed it on."""
    host, _ = scope.get("client") or ("", 0)
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return loopback and all(name != PASSED_ON for name, _ in scope["headers"])


def _for_good(send: Send) -> Send:
    """What lets a browser keep a file, if it is there."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message = {**message, "headers": [*message["headers"], FOR_GOOD]}
        await send(message)

    return sent
