"""Take docs/*.png, the pictures of the tabs and of one visit to D, from the page: python benchmarks/record_pictures.py

It needs Chromium, as the browser tests do, and MNIST for the nearest training digit.
"""

import argparse
import io
import math

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

# Parts of a tab, of the style generator: what follows "tab=" in the link, and the part.
PARTS = {
    "styles": ("interpolate&walk-in=w&way=42:0,22:0,7:3,9:1", "#film-styles"),
    "units": ("directions&units=4.width.doubled.first", ".units"),
}


def _arc(x: float, y: float, radius: float, start: float, end: float, steps: int = 24) -> list[tuple[float, float]]:
    """Points of a circle, from one angle to another in turns, y downwards."""
    angles = [math.tau * (start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


# What somebody does on the Discriminator tab, one thing after the other, each a picture: strokes on the canvas, whose
# side is 1, or what is pressed.
SEVEN = [[(0.3, 0.24), (0.7, 0.24), (0.46, 0.8)]]
EYES = [[(x, 0.38), (x, 0.42)] for x in (0.4, 0.6)]
SMILEY = [_arc(0.5, 0.5, 0.34, 0, 1), *EYES, _arc(0.5, 0.5, 0.19, 0.06, 0.44)]
VISIT = {
    "visit-seven": SEVEN,
    "visit-cleared": "button[aria-label='Clear']",
    "visit-smiley": SMILEY,
    "visit-real": "[data-example]:has-text('real')",
    "visit-generated": "[data-example]:has-text('this model')",
}


# Until the first answer, which takes seconds on a busy machine, D looks at the digit.
ANSWERED = """() => ![...document.querySelectorAll(".headline")].some(
    (one) => one.offsetParent && one.innerText.endsWith("…"))"""


def still(tab, full_page: bool = True) -> bytes:
    """The page, or what of it is in sight, as PNG, once it no longer changes."""
    tab.wait_for_function(ANSWERED)
    before = b""
    for _ in range(TRIES):
        now = tab.screenshot(full_page=full_page)
        if now == before:
            return now
        before = now
        tab.wait_for_timeout(STILL_MS)
    raise SystemExit("the page does not come to rest")


def draw(tab, strokes: list[list[tuple[float, float]]]) -> None:
    """Draw on the canvas of the tab with the mouse."""
    box = tab.locator("#judge-canvas canvas").first.bounding_box()
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        tab.mouse.move(*places[0])
        tab.mouse.down()
        for place in places[1:]:
            tab.mouse.move(*place)
        tab.mouse.up()


def keep(name: str, content: bytes) -> None:
    """Write docs/NAME.png in few colours."""
    picture = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    output = ROOT / "docs" / f"{name}.png"
    picture.save(output, optimize=True)
    print(f"{output.relative_to(ROOT)}: {picture.size}, {output.stat().st_size / 1000:.0f} kB", flush=True)


def visit(tab, names: list[str]) -> None:
    """Do what VISIT says, and keep the pictures that are asked for."""
    for name, done in VISIT.items():
        if isinstance(done, str):
            tab.get_by_role("tabpanel").locator(done).first.click()
        else:
            clear = tab.get_by_role("tabpanel").locator(VISIT["visit-cleared"])
            if clear.is_enabled():  # there is something to clear
                clear.click()
            draw(tab, done)
        tab.mouse.move(0, 0)
        content = still(tab, full_page=False)
        if name in names:
            keep(name, content)


def main() -> None:
    known = [*CLICKS, *VISIT, *PARTS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(known)} (default: all)")
    names = parser.parse_args().names or known
    if unknown := set(names) - set(known):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}: choose from {', '.join(known)}")
    with browser() as opened, app() as (address, _):
        size = {"width": WIDTH, "height": HEIGHT}

        def open_at(name: str, model: str = "dcgan"):
            tab = opened.new_context(viewport=size, reduced_motion="reduce", locale="en-US").new_page()
            tab.set_default_timeout(120_000)
            tab.goto(f"{address}?lang=en&model={model}&tab={name}&pairs=1")  # the pairs of the game: the same each time
            return tab

        if set(names) & set(VISIT):
            tab = open_at("discriminator")
            tab.locator(VISIT["visit-generated"]).first.wait_for()
            still(tab, full_page=False)
            visit(tab, names)
            tab.context.close()
        for name in [name for name in names if name in CLICKS]:
            tab = open_at(name)
            panel = tab.get_by_role("tabpanel")
            panel.locator("img, canvas").first.wait_for()
            still(tab, full_page=name != "discriminator")
            clicked, brought = CLICKS[name]
            if clicked:
                panel.locator(clicked).first.click()
                tab.mouse.move(0, 0)
            panel.locator(brought).first.wait_for()
            # The chart of D's outputs is drawn anew for each picture of the whole page, and would never be still.
            keep(name, still(tab, full_page=name != "discriminator"))
            tab.context.close()
        for name in [name for name in names if name in PARTS]:
            link, part = PARTS[name]
            tab = open_at(link, "style")
            tab.set_viewport_size({"width": 900, "height": 2600})  # no part of it has to be scrolled to
            tab.locator(f"{part} img, {part} canvas").first.wait_for()
            still(tab, full_page=False)
            keep(name, tab.locator(part).first.screenshot())
            tab.context.close()


if __name__ == "__main__":
    main()
