"""Record docs/lab.webp, a game of the lab beside its numbers, from the page itself: python benchmarks/record_lab.py

It needs Chromium, as the browser tests do.
"""

import argparse
import io

from chromium import app, browser, save_film
from PIL import Image

WIDTH, HEIGHT = 900, 700  # of the window: plane, numbers and curve stand close together
SHOWN = ".lab-stage, .numbers, .curve"
SCALE, MILLISECONDS, QUALITY, FRAMES, EVERY = 0.75, 150, 25, 36, 20  # EVERY: iterations from one frame to the next
BOX = """(parts) => {
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const [x, y] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])));
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])));
    return { x, y, width: right - x, height: bottom - y };
}"""


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    frames = []
    with browser() as opened, app() as (address, _):
        tab = opened.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.set_default_timeout(120_000)
        tab.goto(f"{address}?lang=en&tab=lab")
        tab.locator(".lab[data-step='0']").wait_for()
        tab.locator("[data-set=lattice]").check()
        tab.evaluate("scrollTo(0, 0)")
        tab.add_style_tag(content=".rewind { visibility: hidden; }")  # the lower edge would cut it
        for number in range(FRAMES):
            tab.locator(f".lab[data-step='{number * EVERY}']").wait_for()
            tab.wait_for_timeout(150)
            content = tab.screenshot(clip=tab.locator(SHOWN).evaluate_all(BOX))
            shown = Image.open(io.BytesIO(content)).convert("RGB")
            frames.append(shown.resize([round(SCALE * side) for side in shown.size], Image.Resampling.LANCZOS))
            for _ in range(EVERY):
                tab.locator("[data-do=iteration]").dispatch_event("click")
    save_film("lab", frames, MILLISECONDS, QUALITY)


if __name__ == "__main__":
    main()
