"""How smooth the slider of the interpolation is: different pictures on the screen in a second while it is dragged.

    python benchmarks/slider_speed.py

A real pointer drags it from end to end in a headless Chromium on this machine, and for each frame that the
browser paints, the pixels of the canvas are compared with those of the frame before.
"""

import argparse
import statistics
import sys
import time

import torch
from chromium import app, browser

from gan_demo.devices import hardware

MODELS = ("mlp", "dcgan")
GOAL = 30
WATCH = """() => {
    const canvas = document.querySelector("#film-player canvas"), brush = canvas.getContext("2d");
    let before = "";
    window.changes = 0;
    const look = () => {
        const pixels = brush.getImageData(0, 0, canvas.width, canvas.height).data.join();
        window.changes += pixels !== before;
        before = pixels;
        requestAnimationFrame(look);
    };
    look();
}"""


def drags(model: str, times: int, seconds: float) -> list[float]:
    """Different pictures in a second, for each of `times` drags from one end to the other."""
    with browser() as opened, app() as (address, _):
        page = opened.new_page(viewport={"width": 1280, "height": 1300})
        page.set_default_timeout(60_000)
        page.goto(f"{address}?lang=en&model={model}&tab=interpolate")
        page.locator("#film-curves .lane.norm canvas").wait_for()
        page.evaluate(WATCH)
        box = page.locator("#film-curves input[type=range]").bounding_box()
        left, right, y = box["x"] + 8, box["x"] + box["width"] - 8, box["y"] + box["height"] / 2
        found = []
        page.mouse.move(left, y)
        page.mouse.down()
        for turn in range(times + 1):
            ends = (left, right) if turn % 2 == 0 else (right, left)
            before, start = page.evaluate("window.changes"), time.perf_counter()
            while (share := (time.perf_counter() - start) / seconds) < 1:
                page.mouse.move(ends[0] + share * (ends[1] - ends[0]), y)
            found.append((page.evaluate("window.changes") - before) / (time.perf_counter() - start))
        page.mouse.up()
        return found[1:]  # the first one warms up


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drags", type=int, default=6, help="for each model (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a drag (default: %(default)s)")
    arguments = parser.parse_args()
    print(f"{hardware(torch.device('cpu'))}, torch {torch.__version__}\n")
    print("| pictures a second while dragged | median | fastest drag | goal |\n|---|---|---|---|")
    for model in MODELS:
        rates = drags(model, arguments.drags, arguments.seconds)
        print(f"| {model} | {statistics.median(rates):.0f} | {max(rates):.0f} | {GOAL} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
