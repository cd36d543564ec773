"""Take docs/*.png, the pictures of the tabs, from the page itself: python benchmarks/record_pictures.py

It needs Chromium, as the browser tests do, and MNIST for the nearest training digit.
"""

import argparse
import io

from chromium import ROOT, app, browser
from PIL import Image

WIDTH, HEIGHT, COLOURS = 1200, 900, 256
STILL_MS, TRIES = 1500, 60  # a tab is ready when it looks the same after this time

# The name of the picture and of the tab in a link -> what is clicked, if anything, and what has to be there then.
CLICKS = {
    "samples": ("[data-choose]", ".nearest img"),
    "interpolate": (None, "canvas"),
    "directions": (None, ".strip canvas, .strip img"),
    "invert": ("button:text-is('A printed digit')", ".neighbours img"),
    "discriminator": (".examples img", ".slopes canvas"),
    "game": ("[data-side=left]", ".is-real"),
    "training": (None, ".curve .uplot canvas"),
}


def still(tab) -> bytes:
    """The whole page as PNG, once it no longer changes."""
    before = b""
    for _ in range(TRIES):
        now = tab.screenshot(full_page=True)
        if now == before:
            return now
        before = now
        tab.wait_for_timeout(STILL_MS)
    raise SystemExit("the page does not come to rest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(CLICKS)} (default: all)")
    names = parser.parse_args().names or list(CLICKS)
    if unknown := set(names) - set(CLICKS):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}: choose from {', '.join(CLICKS)}")
    with browser() as opened, app() as (address, _):
        size = {"width": WIDTH, "height": HEIGHT}
        for name in names:
            tab = opened.new_context(viewport=size, reduced_motion="reduce", locale="en-US").new_page()
            tab.set_default_timeout(120_000)
            tab.goto(f"{address}?lang=en&model=dcgan&tab={name}&pairs=1")  # the pairs of the game: the same each time
            panel = tab.get_by_role("tabpanel")
            panel.locator("img, canvas").first.wait_for()
            still(tab)
            clicked, brought = CLICKS[name]
            if clicked:
                panel.locator(clicked).first.click()
                tab.mouse.move(0, 0)
            panel.locator(brought).first.wait_for()
            picture = Image.open(io.BytesIO(still(tab))).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
            output = ROOT / "docs" / f"{name}.png"
            picture.save(output, optimize=True)
            print(f"{output.relative_to(ROOT)}: {picture.size}, {output.stat().st_size / 1000:.0f} kB", flush=True)
            tab.context.close()


if __name__ == "__main__":
    main()
