"""What a page costs while nobody does anything: a share of a core, of the server and of the browser.

    python benchmarks/idle.py
    python benchmarks/idle.py --tabs samples map --seconds 20

Each tab is opened and left alone for a while, and then counted. On Linux only: it reads /proc.
"""

import argparse
import os
import sys
import time

from chromium import app, browser
from lab_load import PROC, server_of, settled, spent

from gan_demo.ui.tabs.table import TABS

NAMES = [tab.name for tab in TABS]


def of_browser(server: int) -> float:
    """Seconds of the processor that the browser has taken so far: all that this process has started but the server."""
    return spent(os.getpid()) - time.process_time() - spent(server)


def main() -> int:
    """Open the page's tabs one after the other, and print a line for each."""
    parser = argparse.ArgumentParser(description="What a page costs while nobody does anything.")
    parser.add_argument("--tabs", nargs="+", default=NAMES, choices=NAMES, help="(default: all)")
    parser.add_argument("--seconds", type=float, default=10, help="that are counted for each (default: 10)")
    chosen = parser.parse_args()
    if not (PROC / "self" / "task").is_dir():
        raise SystemExit("this reads /proc, which only Linux has")
    with app() as (address, _), browser() as opened:
        server = server_of(os.getpid())
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        print("| tab | server | browser |\n|---|---|---|")
        for tab in chosen.tabs:
            page.goto(f"{address}?tab={tab}")
            page.locator("#facts dd").first.wait_for(state="attached")
            page.wait_for_timeout(3000)
            settled(server)
            before, began = (spent(server), of_browser(server)), time.perf_counter()
            page.wait_for_timeout(1000 * chosen.seconds)
            after, passed = (spent(server), of_browser(server)), time.perf_counter() - began
            shares = (f"{(late - early) / passed:.1%}" for early, late in zip(before, after, strict=True))
            print(f"| {tab} | {' | '.join(shares)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
