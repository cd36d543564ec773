"""Which language a visitor gets: what the address says, else what the browser asks for; and the page says so."""

from urllib.parse import parse_qs

import gradio as gr
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan_demo.ui import gradio_workarounds, words
from gan_demo.ui.fetching_early import fetching_early

PAGES = {"", *words.LANGUAGES} - {words.DEFAULT}  # the paths at which they are


class ByBrowser:
    """Sends visitors of / to the page in their language, and those of /zh?lang=en to the English one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] == "http" and scope["method"] == "GET":
            path = path_of(scope)
            if path in PAGES:
                wanted = _wanted(scope, path)
                # /zh/ is not /zh, to which gradio would send it on without what the link says.
                within = bool(path) and str(scope["path"]).endswith("/")
                if within or wanted != (path or words.DEFAULT):
                    # Relative, because a proxy may have put the page anywhere.
                    place = ("../" if within else "./") + ("" if wanted == words.DEFAULT else wanted)
                    query = scope["query_string"].decode("latin-1")
                    response = RedirectResponse(f"{place}?{query}", 307, {"Vary": "Accept-Language"})
                    await response(scope, receive, send)
                    return
                send = _speaking(send, words.LANGUAGES[wanted].tag, scope["app"].get_blocks())
        await self._app(scope, receive, send)


def path_of(scope: Scope) -> str:
    """What a request is for, such as `zh`, wherever a proxy may have put the page."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")).strip("/")


def _speaking(send: Send, tag: str, page: gr.Blocks) -> Send:
    """What sends a `page` in the language `tag`; its HTML comes in one piece."""
    start: Message = {}

    async def spoken(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            start.update(message)
            return
        if start and message["type"] == "http.response.body" and not message.get("more_body"):
            body = fetching_early(message.get("body", b""), page)
            body = gradio_workarounds.before_its_scripts(gradio_workarounds.speaking(body, tag))
            headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
            await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
            message = {**message, "body": body}
            start.clear()
        elif start:  # in several pieces
            await send({**start})
            start.clear()
        await send(message)

    return spoken


def _wanted(scope: Scope, path: str) -> str:
    """The language of the query, else of the path, else of the browser."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
    if asked in words.LANGUAGES:
        return asked
    if path:
        return path
    headers = dict(scope["headers"])
    return words.preferred(headers.get(b"accept-language", b"").decode("latin-1"))
