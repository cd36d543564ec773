"""Where browsers ask the desk: small routes past gradio's queue, which answer in JSON.

An answer is what the desk says, or {"error": a line in the visitor's language}.
"""

import errno
import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gan_demo import files
from gan_demo.errors import UserError
from gan_demo.ui import words
from gan_demo.ui.shared import scripts
from gan_demo.ui.trainer import machine, zips
from gan_demo.ui.trainer.desk import Desk
from gan_demo.ui.words import say

HERE = Path(__file__).parent
FILES = dict.fromkeys(("trainer.js", "live.js"), (HERE, "text/javascript"))
UNWRITABLE = (*files.FULL, errno.EACCES, errno.EPERM, errno.EROFS)
MAX_BODY = 50_000  # bytes of a question
ACTIONS: dict[str, Callable[[Desk, Any], dict[str, Any]]] = {
    "ask": Desk.ask,
    "time": Desk.time,
    "look": Desk.look,
    "start": Desk.start,
    "live": Desk.live,
    "stop": Desk.stop,
    "go-on": Desk.go_on,
    "forget": Desk.forget,
    "turn": Desk.turn,
}
_READING = threading.BoundedSemaphore(1)  # somebody's pictures: a folder may be large


def routes(desk: Desk | None) -> list[Route]:
    """The routes of a page: its scripts, and what its visitors may ask; nothing where no trainings are offered."""
    if desk is None or desk.rules.kind == machine.OFF:
        return []

    async def act(request: Request) -> Response:
        """Answer one question."""
        action = ACTIONS.get(request.path_params["what"])
        if action is None:
            return JSONResponse({"error": "there is nothing of this name"}, 404)
        if problem := _foreign(request, desk, "application/json"):
            return problem
        try:
            sent = json.loads(await _body(request))
        except (ValueError, RecursionError):
            sent = None
        if not isinstance(sent, dict):
            return JSONResponse({"error": "send a JSON object"}, 400)
        return await run_in_threadpool(_answer, lambda: action(desk, sent), sent.get("lang"))

    async def upload(request: Request) -> Response:
        """Take in a ZIP, and answer with its data set."""
        if problem := _foreign(request, desk, "application/zip"):
            return problem
        language = request.query_params.get("lang")
        if not desk.rules.own_pictures or not _READING.acquire(blocking=False):
            return _answer(_refuse("train off" if not desk.rules.own_pictures else "busy"), language)
        try:
            with tempfile.TemporaryFile() as file:
                size = 0
                async for piece in request.stream():
                    size += len(piece)
                    if size > zips.MAX_ZIP_BYTES:
                        return _answer(_refuse("train zip large"), language)
                    file.write(piece)
                name = request.query_params.get("name", "")[:200]
                return await run_in_threadpool(_answer, lambda: desk.unpack(file, name), language)
        except OSError as error:
            if error.errno not in UNWRITABLE:
                raise
            return _answer(_refuse(_why(error)), language)
        finally:
            _READING.release()

    return [
        scripts.route("/trainer/{name}", FILES),
        Route("/training/zip", upload, methods=["POST"]),
        Route("/training/{what}", act, methods=["POST"]),
    ]


def _answer(work: Callable[[], dict[str, Any]], language: Any) -> Response:
    with words.speaking(language if language in list(words.LANGUAGES) else words.DEFAULT):
        try:
            return JSONResponse(work())
        except UserError as error:
            return JSONResponse({"error": words.tell(error)})
        except OSError as error:
            if error.errno not in UNWRITABLE:
                raise
            return JSONResponse({"error": say(_why(error))})


def _why(error: OSError) -> str:
    return "train disk full" if error.errno in files.FULL else "train not writable"


def _refuse(key: str) -> Callable[[], dict[str, Any]]:
    def work() -> dict[str, Any]:
        raise UserError(say(key))

    return work


def _foreign(request: Request, desk: Desk, kind: str) -> Response | None:
    """Refuse what another site may have sent through a visitor's browser.

    A browser asks first before it sends such a type of content to another site. And to a page that only this machine
    can reach, no name leads but its own: a site that has its name lead here is another.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != kind:
        return JSONResponse({"error": f"send {kind}"}, 415)
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if desk.rules.local and (
        not machine.is_own(urlsplit(f"//{host}").hostname or "")
        or (origin is not None and urlsplit(origin).netloc != host)
    ):
        return JSONResponse({"error": "this is another site's page"}, 403)
    return None


async def _body(request: Request) -> bytes:
    """The body of a question; raises ValueError if it is too long."""
    parts, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_BODY:
            raise ValueError
        parts.append(piece)
    return b"".join(parts)
