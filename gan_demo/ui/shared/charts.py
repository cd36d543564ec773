"""Charts: what the browser fetches when a tab that has some is first opened.

The library is uPlot, as published, in gan_demo/ui/vendor. plot.js draws one chart with it, charts.js has what several
share, and spread.js shows where D's outputs lie. All have an address of their own beside the page's, so that a page
whose charts nobody opens loads none of them. Only the files of this table are handed out.
"""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
VENDOR = HERE.parent / "vendor"
# Name -> its folder and its type, which some systems guess wrongly: a browser runs no module of another type.
FILES = {
    "charts.js": (HERE, "text/javascript"),
    "plot.js": (HERE, "text/javascript"),
    "spread.js": (HERE, "text/javascript"),
    "uPlot.iife.min.js": (VENDOR, "text/javascript"),
    "uPlot.min.css": (VENDOR, "text/css"),
}


async def _send(request: Request) -> Response:
    """One file of the table; the browser keeps it, and asks whether it is still the same."""
    name = request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404)
    folder, kind = FILES[name]
    response = await StaticFiles(directory=folder).get_response(name, request.scope)
    response.headers["Content-Type"] = f"{kind}; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


ROUTE = Route("/charts/{name}", _send, methods=["GET", "HEAD"])
