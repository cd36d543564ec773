"""How fast the map is: a tile on the server, the same from its memory, and frames in the browser while it is dragged.

    python benchmarks/map_speed.py
    python benchmarks/map_speed.py --without-browser

A tile is 16x16 digits, drawn, judged by D, read by the classifier, and packed as PNG and JSON; torch has one thread
and each core a part of the tile, as in app.py. Other programs can only make it slower, so the table shows the
fastest of many, and the median. The processor time is that of all cores together.

The browser is a headless Chromium without a GPU, 1280x900. A pointer drags the map to and fro for some seconds,
always over tiles that are there, and the page counts the frames that the browser shows and how long each takes to
draw: at 60 frames a second there are 16.7 ms for it.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import torch
from chromium import ROOT, app, browser

torch.set_num_threads(1)  # as app.py does

from gan_demo.devices import hardware
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.map import tiles

# Counts frames, and the time in which the map draws each.
COUNT = """() => {
    window.shown = [];
    window.drawn = [];
    const own = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => own((now) => {
        const started = performance.now();
        callback(now);
        if (callback.name === "draw") drawn.push(performance.now() - started);
    });
    const tick = (now) => { shown.push(now); own(tick); };
    own(tick);
}"""


def tile_times(name: str, repeats: int) -> tuple[list[float], list[float], list[float], int]:
    """Seconds to make a tile, of the processor for it, and to give it again; and the bytes of one."""
    model = Catalogue([ROOT / "checkpoints"]).load(name)
    made, worked, given = [], [], []
    for column in range(repeats + 2):
        started, processor = time.perf_counter(), time.process_time()
        answer = tiles.tile(model, 1, 2, column, 0, None)
        made.append(time.perf_counter() - started)
        worked.append(time.process_time() - processor)
        started = time.perf_counter()
        tiles.tile(model, 1, 2, column, 0, None)
        given.append(time.perf_counter() - started)
    return made[2:], worked[2:], given[2:], len(json.dumps(answer))  # the first two warm it up


def frames(model: str, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds between the frames that the browser showed while the map was dragged, and to draw each."""
    with browser() as opened, app() as (address, _):
        tab = opened.new_page(viewport={"width": 1280, "height": 900})
        tab.set_default_timeout(120_000)
        tab.goto(f"{address}?lang=en&tab=map&model={model}")
        canvas = tab.locator(".plane canvas")
        tab.locator(".plane canvas[aria-busy=false]").wait_for()
        tab.wait_for_timeout(4000)  # what lies around comes, too
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.evaluate(COUNT)
        tab.mouse.move(x, y)
        tab.mouse.down()
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            for step in [*range(40), *range(40, 0, -1)]:
                tab.mouse.move(x + 3 * step, y + 2 * step)
        shown, drawn = tab.evaluate("() => [shown, drawn]")
        tab.mouse.up()
    return [b - a for a, b in itertools.pairwise(shown)], drawn


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["mlp", "dcgan"], help="in checkpoints/ (default: mlp dcgan)")
    parser.add_argument("--repeats", type=int, default=20, help="tiles of each model (default: 20)")
    parser.add_argument("--seconds", type=float, default=6.0, help="of dragging (default: 6)")
    parser.add_argument("--without-browser", action="store_true", help="only the server's part")
    arguments = parser.parse_args()
    print(f"{hardware(torch.device('cpu'))}, torch {torch.__version__}, {os.cpu_count()} cores")
    print(f"{'tile of 256':14}{'fastest':>10}{'median':>10}{'processor':>11}{'again':>10}{'JSON':>9}")
    for name in arguments.models:
        made, worked, given, size = tile_times(name, arguments.repeats)
        milliseconds = [min(made), statistics.median(made), min(worked), statistics.median(given)]
        fastest, median, processor, again = (1000 * value for value in milliseconds)
        print(f"{name:14}{fastest:7.0f} ms{median:7.0f} ms{processor:8.0f} ms{again:7.2f} ms{size / 1000:6.0f} kB")
    if arguments.without_browser:
        return 0
    between, drawn = frames(arguments.models[-1], arguments.seconds)
    rate, late = 1000 * len(between) / sum(between), sum(gap > 25 for gap in between) / len(between)
    print(f"\ndragged for {sum(between) / 1000:.1f} s: {rate:.0f} frames a second, {100 * late:.0f} % of them late")
    slowest = statistics.quantiles(drawn, n=20)[-1]
    print(f"drawing one takes {statistics.median(drawn):.1f} ms, 95 % at most {slowest:.1f} ms ({len(drawn)} drawn)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
