"""A picture of several digits, beside the canvas: another one is pressed, or a box is dragged around it."""

import base64
import urllib.parse
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gan_demo.pictures import encoding, opening, preparing
from gan_demo.ui.shared import canvas

from .conftest import eventually, go_to_tab
from .test_canvas import stroke
from .test_discriminator_tab import file

TABS = {
    "Discriminator": ("judge-canvas", "drop-zone", "judge-stage", "ink"),
    "Your digit": ("invert-board", "invert-zone", "invert-brought", "yours"),
}


def two_digits() -> bytes:
    """Two sevens of right angles, the right one larger."""
    picture = Image.new("L", (600, 400), 230)
    for left, height in ((100, 150), (380, 190)):
        ImageDraw.Draw(picture).rectangle([left, 100, left + 24, 100 + height], 30)
        ImageDraw.Draw(picture).rectangle([left, 100, left + 90, 124], 30)
    return encoding.png_bytes(picture)


def cut() -> bytes:
    """A seven that the edge of the picture cuts, below a toolbar: nobody can be certain that it is the digit."""
    picture = Image.new("L", (400, 400), 225)
    ImageDraw.Draw(picture).line([(120, 250), (240, 250), (170, 450)], 40, 22, joint="curve")
    ImageDraw.Draw(picture).rectangle([0, 0, 400, 50], 60)
    return encoding.png_bytes(picture)


@pytest.mark.parametrize(("page", "name"), [("wide", "Your digit"), ("narrow", "Discriminator")], indirect=["page"])
def test_of_several_digits_another_is_taken_by_pressing_it_or_by_a_box(page, name, visit, address):
    board, zone, stage, in_link = TABS[name]
    content = two_digits()
    go_to_tab(page, name)
    if name == "Discriminator":
        page.locator(".source", has_text="from seed").wait_for()

    def drawn():
        text = page.evaluate(f"document.querySelector('#{board} .board').board.picture")
        return canvas.read(text)

    def is_drawn(wanted):
        eventually(lambda: np.array_equal(drawn(), wanted))

    page.locator(f"#{zone} input").set_input_files(file("cut.png", cut()))
    page.locator(f"#{stage} .brought.open .found", has_text="It is not certain").wait_for()
    page.locator(f"#{zone} input").set_input_files(file("two.png", content))
    picture = opening.open_picture(content)
    is_drawn(preparing.prepare(picture).pixels)
    picked = page.locator(f"#{stage} .choices button")

    def are_pressed(*wanted):
        eventually(lambda: picked.evaluate_all("some => some.map((one) => one.ariaPressed)") == [*wanted])

    are_pressed("true", "false")
    page.locator(f"#{stage} .found", has_text="several digits").wait_for()
    left = preparing.prepare(picture, 1).pixels
    picked.last.click()
    is_drawn(left)
    are_pressed("false", "true")

    sheet = page.locator(f"#{stage} .sheet")
    sheet.scroll_into_view_if_needed()
    if name == "Your digit":
        wanted, box = preparing.prepare(picture).pixels, sheet.locator("img").bounding_box()
        corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in ((0.55, 0.1), (0.95, 0.9))]
        page.mouse.move(*corners[0])
        page.mouse.down()
        page.mouse.move(*corners[1], steps=3)
        page.mouse.up()
    else:  # by keyboard: a box in the middle, moved to the left until it holds the other digit alone
        wanted = left
        sheet.focus()
        for key in [*["ArrowLeft"] * 9, *["Shift+ArrowLeft"] * 3, *["Shift+ArrowDown"] * 3, "Enter"]:
            page.keyboard.press(key)
    page.locator(f"#{stage} .found", has_text="part that you marked").wait_for()
    assert np.abs(drawn().astype(int) - wanted).mean() < 8
    eventually(lambda: not picked.count())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address.rstrip("/"))
    page.evaluate("navigator.clipboard.writeText('')")

    def copied():
        """A link that is copied at once, and the picture in it."""
        page.locator("[data-copy-link]").first.dispatch_event("click")
        eventually(lambda: page.evaluate("navigator.clipboard.readText()"))
        link = page.evaluate("navigator.clipboard.readText()")
        page.evaluate("navigator.clipboard.writeText('')")
        packed = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)[in_link][0]
        pixels = zlib.decompress(base64.urlsafe_b64decode(packed + "=="), -zlib.MAX_WBITS)
        return link, np.frombuffer(pixels, np.uint8).reshape(28, 28)

    page.locator(f"#{board} canvas").scroll_into_view_if_needed()
    stroke(page, (0.1, 0.1), (0.9, 0.1), name=board)
    assert np.array_equal(copied()[1], canvas.to_digit(drawn()))
    for _ in range(2):
        page.get_by_role("button", name="Undo").locator("visible=true").first.click()
    is_drawn(left)
    link, pixels = copied()
    assert np.array_equal(pixels, left)
    other = visit(link.replace("lang=en", ""))
    text = f"document.querySelector('#{board} .board').board.picture"
    eventually(lambda: np.array_equal(canvas.read(other.evaluate(text)), left))
    other.locator("[data-language=zh] >> visible=true").first.click()
    other.wait_for_url("**/zh?**")
    other.locator(f"#{board} canvas").wait_for()
    eventually(lambda: np.array_equal(canvas.read(other.evaluate(text)), left))
