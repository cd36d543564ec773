"""Record docs/lab.webp, a game of the lab, from the page itself: python benchmarks/record_lab.py

It needs Chromium, as the browser tests do.
"""

import io

from chromium import app, browser, save_film
from PIL import Image

SIZE, MILLISECONDS, QUALITY, FRAMES, EVERY = 320, 110, 40, 48, 20  # EVERY: iterations from one frame to the next


def main() -> None:
    frames = []
    with browser() as opened, app() as (address, _):
        tab = opened.new_page(viewport={"width": 1280, "height": 1000})
        tab.set_default_timeout(120_000)
        tab.goto(f"{address}?lang=en&tab=lab")
        stage = tab.locator(".lab-stage")
        tab.locator(".lab[data-step='0']").wait_for()
        tab.locator("[data-set=lattice]").check()
        for _ in range(FRAMES):
            tab.wait_for_timeout(150)
            frames.append(Image.open(io.BytesIO(stage.screenshot())).convert("RGB").resize((SIZE, SIZE)))
            for _ in range(EVERY):
                tab.locator("[data-do=iteration]").dispatch_event("click")
    save_film("lab", frames, MILLISECONDS, QUALITY)


if __name__ == "__main__":
    main()
