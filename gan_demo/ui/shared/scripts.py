"""Scripts that the browser fetches when it needs them, from an address beside the page's.

A page whose charts or lab nobody opens loads none of theirs. Only the files of a table are handed out.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles


def route(path: str, files: Mapping[str, tuple[Path, str]]) -> Route:
    """The route that hands out `files`, of which `path` has the {name}: name -> folder and type.

    The type is named because some systems guess it wrongly, and a browser runs no module of another type.
    """

    async def send(request: Request) -> Response:
        """One file of the table; the browser keeps it, and asks whether it is still the same."""
        name = request.path_params["name"]
        if name not in files:
            raise HTTPException(404)
        folder, kind = files[name]
        response = await StaticFiles(directory=folder).get_response(name, request.scope)
        response.headers["Content-Type"] = f"{kind}; charset=utf-8"
        response.headers["Cache-Control"] = "no-cache"
        return response

    return Route(path, send, methods=["GET", "HEAD"])


def for_good(folder: str, files: Mapping[str, bytes]) -> tuple[Route, str]:
    """The route that hands out `files`, JavaScript by name, and the address of their folder, such as lab/6f21/.

    The address says what they hold, so that a browser never asks for the same one again.
    """
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    version = digest.hexdigest()[:12]

    async def send(request: Request) -> Response:
        """One of the files; a page of an older server gets those of today, but may not keep them."""
        if request.path_params["name"] not in files:
            raise HTTPException(404)
        same = request.path_params["version"] == version
        keep = "public, max-age=31536000, immutable" if same else "no-store"
        content = files[request.path_params["name"]]
        return Response(content, media_type="text/javascript", headers={"Cache-Control": keep})

    return Route(f"/{folder}/{{version}}/{{name}}", send, methods=["GET", "HEAD"]), f"{folder}/{version}/"
