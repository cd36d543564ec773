"""What charts cost: bytes of script that the page brings itself; the time from opening a tab with charts to its curves.

    python benchmarks/chart_speed.py

Page and browser, a headless Chromium, are on this machine. Each time the browser is fresh: it has kept no script. The
page opens with Samples, which loads the library when its digits are there, so that the other tabs find it loaded. The
time runs from the click on the tab to the frame in which all of its charts are drawn.
"""

import argparse
import statistics
from typing import Any

import torch
from chromium import app, browser

from gan_demo.devices import hardware

CHARTS = {"training": ".curve .plot canvas", "interpolate": ".lane canvas"}
WAIT = """([tab, charts]) => new Promise((resolve) => {
    const start = performance.now();
    const buttons = [...document.querySelectorAll(`[id="tab-${tab}-button"]`)];
    buttons.find((button) => button.checkVisibility()).click();
    const look = () => {
        const found = [...document.querySelectorAll(charts)];
        const drawn = found.length > 1 && found.every((canvas) => canvas.closest(".uplot").parentElement.uplot?.status);
        requestAnimationFrame(drawn ? () => resolve(performance.now() - start) : look);
    };
    look();
})"""
OWN = """() => [gradio_config.head, ...new Set(gradio_config.components.map((part) => part.props?.js_on_load ?? ""))]
    .reduce((sum, text) => sum + new Blob([text]).size, 0)"""


def visit(opened: Any, address: str) -> Any:
    """A page with digits, in a browser that remembers nothing."""
    page = opened.new_context(locale="en-US").new_page()
    page.goto(address)
    page.locator("#samples-stage img").first.wait_for()
    page.wait_for_timeout(500)
    return page


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7, metavar="N", help="how often each tab is opened (default: 7)")
    times = parser.parse_args().times
    print(hardware(torch.device("cpu")))
    with browser() as opened, app() as (address, _):
        print(f"the page's own scripts at its start: {visit(opened, address).evaluate(OWN):,} bytes")
        for tab, charts in CHARTS.items():
            found = []
            for _ in range(times):
                page = visit(opened, address)
                found.append(page.evaluate(WAIT, [tab, charts]))
                page.context.close()
            print(f"{tab}: {statistics.median(found):.0f} ms (least {min(found):.0f}, most {max(found):.0f})")


if __name__ == "__main__":
    main()
