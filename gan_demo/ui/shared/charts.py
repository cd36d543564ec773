"""Charts: what the browser fetches when a tab that has some is first opened.

The library is uPlot, as published, in gan_demo/ui/vendor. plot.js draws one chart with it, charts.js has what several
share, and spread.js shows where D's outputs lie.
"""

from pathlib import Path

from gan_demo.ui.shared import scripts

HERE = Path(__file__).parent
VENDOR = HERE.parent / "vendor"
FILES = {
    "charts.js": (HERE, "text/javascript"),
    "plot.js": (HERE, "text/javascript"),
    "spread.js": (HERE, "text/javascript"),
    "uPlot.iife.min.js": (VENDOR, "text/javascript"),
    "uPlot.min.css": (VENDOR, "text/css"),
}
ROUTE = scripts.route("/charts/{name}", FILES)
