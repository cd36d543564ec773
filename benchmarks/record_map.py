"""Record docs/map.webp, the map on the move, from the page itself: python benchmarks/record_map.py

It needs Chromium, as the browser tests do.
"""

import argparse
import base64
import io
import itertools
import math

from chromium import app, browser, save_film
from PIL import Image

SIZE, MILLISECONDS, QUALITY = (480, 288), 90, 34
# x, y and zoom to be at, and in how many frames to come there from the place before.
WAY = ((2, 1, 2, 0), (4.5, 2.5, 2, 22), (5, 3, 4, 16), (5.5, 3, 4, 8), (3.5, 2, 0, 20), (2, 1, 2, 14))


def views() -> list[str]:
    """Where the map is shown in each frame."""
    found = []
    for before, after in itertools.pairwise(WAY):
        for step in range(after[3]):
            share = 0.5 - 0.5 * math.cos(math.pi * step / after[3])  # slow, fast, slow
            x, y, zoom = ((1 - share) * a + share * b for a, b in zip(before[:3], after[:3], strict=True))
            found.append(f"x{x:.5f}:y{y:.5f}:z{zoom:.4f}")
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    frames = []
    with browser() as opened, app() as (address, _):
        tab = opened.new_context(reduced_motion="reduce").new_page()  # nothing is faded in
        tab.set_default_timeout(300_000)
        tab.goto(f"{address}?lang=en&tab=map&model=dcgan")
        canvas = tab.locator(".plane canvas")
        tab.locator(".plane canvas[aria-busy=false]").wait_for()
        tab.add_style_tag(content=f".plane {{ width: {SIZE[0]}px; height: {SIZE[1]}px !important; }}")
        for view in views():
            tab.evaluate("view => document.dispatchEvent(new CustomEvent('map-go', { detail: view }))", view)
            tab.wait_for_timeout(60)
            tab.locator(".plane canvas[aria-busy=false]").wait_for()
            url = canvas.evaluate("canvas => canvas.toDataURL()")
            frames.append(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))
    save_film("map", frames, MILLISECONDS, QUALITY)


if __name__ == "__main__":
    main()
