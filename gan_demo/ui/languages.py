"""Which language a visitor gets: what the address says, else what the browser asks for."""

from urllib.parse import parse_qs

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gan_demo.ui import words

PAGES = {"", *words.LANGUAGES} - {words.DEFAULT}  # the paths at which they are


class ByBrowser:
    """Sends visitors of / to the page in their language, and those of /zh?lang=en to the English one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] == "http" and scope["method"] == "GET":
            path = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
            if path in PAGES:
                wanted = _wanted(scope, path)
                if wanted != (path or words.DEFAULT):
                    # Relative, because a proxy may have put the page anywhere.
                    place = "./" if wanted == words.DEFAULT else wanted
                    query = scope["query_string"].decode("latin-1")
                    response = RedirectResponse(f"{place}?{query}", 307, {"Vary": "Accept-Language"})
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)


def _wanted(scope: Scope, path: str) -> str:
    """The language of the query, else of the path, else of the browser."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
    if asked in words.LANGUAGES:
        return asked
    if path:
        return path
    headers = dict(scope["headers"])
    return words.preferred(headers.get(b"accept-language", b"").decode("latin-1"))
