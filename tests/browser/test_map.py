"""The map, dragged, zoomed, clicked and shared with a real pointer and a real keyboard."""

import base64
import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from gan_demo.latent import endless_map
from gan_demo.pixels import to_pixels
from gan_demo.ui.shared import model
from gan_demo.ui.tabs.map import tiles

from .conftest import at_rest, eventually, go_to_tab, narrow_only, nothing_pinned, pictures
from .test_everywhere import choose_model, link_of

CELL = 28  # pixels of a digit at a whole zoom
CANVAS = ".plane canvas"


@pytest.fixture(autouse=True)
def quick_reader(monkeypatch):
    """The classifier would read 256 digits a tile, which is most of the work; test_tiles.py checks what it reads."""
    monkeypatch.setattr(model, "load_classifier", lambda: SimpleNamespace(logits=lambda seen: seen[:, 0, 14, 9:19]))


def open_map(page, tint="none"):
    go_to_tab(page, "Map")
    page.locator("#map-tint").get_by_label(tint).check()
    page.locator(CANVAS).scroll_into_view_if_needed()
    ready(page)


def ready(page):
    page.locator(f"{CANVAS}[aria-busy=false]").wait_for()
    page.wait_for_timeout(250)  # what was faded in, is in; what was moved, is in the address bar


def canvas(page):
    """What the canvas shows: (height, width) grey levels."""
    url = page.locator(CANVAS).evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("L"))


def digit(page, right=0, down=0):
    """The digit in the middle of the canvas, or so many further to the right and down; at a whole zoom."""
    shown = canvas(page)
    top, left = (
        int(np.floor(length / 2 + (step - 0.5) * CELL + 0.5))
        for length, step in zip(shown.shape, (down, right), strict=True)
    )
    return shown[top : top + CELL, left : left + CELL]


def wanted(gan, x, y, labels=None):
    return to_pixels(endless_map.sample(gan, 42, [(x, y)], labels=labels))[0, 0].numpy()


def close(found, expected):
    # To a grey level: a tile is drawn in batches of another size. Without the edge, which may be marked.
    inside = np.s_[2:-2, 2:-2]
    return found.shape == expected.shape and np.abs(found[inside].astype(int) - expected[inside]).max() <= 1


def at(page):
    """x, y and zoom in the address bar."""
    found = re.search(r"[?&]at=x([-\d.]+):y([-\d.]+):z([-\d.]+)", page.evaluate("location.search"))
    return tuple(float(value) for value in found.groups()) if found else (0, 0, 2)


def middle(page):
    box = page.locator(CANVAS).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, right, down):
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(x + right * step / 4, y + down * step / 4)
    page.wait_for_timeout(150)  # held still before it is let go: no fling
    page.mouse.up()


def again(page, gans):
    """The first model's map at its start, and nothing pinned."""
    nothing_pinned(page)
    go_to_tab(page, "Map")
    page.get_by_role("button", name="Back to the start").click()
    eventually(lambda: "at=" not in page.evaluate("location.search"))
    go_to_tab(page, "Samples")


@narrow_only
def test_the_plane_shows_its_points_and_is_dragged_and_zoomed(page, gans):
    gan = gans["first"]
    open_map(page)
    for right, down in ((0, 0), (2, 1), (-3, -4)):
        assert close(digit(page, right, down), wanted(gan, right / 4, down / 4))
    assert page.locator(".map .address code").inner_text() == "first:42:x0:y0"
    drag(page, -2 * CELL, 5 * CELL)  # the point to the right comes to the middle
    eventually(lambda: at(page) == (0.5, -1.25, 2))
    ready(page)
    assert close(digit(page), wanted(gan, 0.5, -1.25))
    page.get_by_role("button", name="Zoom in", exact=True).and_(page.locator(".map-tools button")).click()
    eventually(lambda: at(page) == (0.5, -1.25, 3))
    ready(page)
    assert close(digit(page, 1, 0), wanted(gan, 0.625, -1.25))
    for _ in range(4):
        page.get_by_role("button", name="Zoom out").click()
    eventually(lambda: at(page) == (0.5, -1.25, -1))
    ready(page)
    page.get_by_role("button", name="Back to the start").click()
    eventually(lambda: "at=" not in page.evaluate("location.search"))
    ready(page)
    assert close(digit(page), wanted(gan, 0, 0))


def test_the_wheel_zooms_about_the_pointer_and_a_fling_goes_at_least_as_far_as_the_hand(page):
    open_map(page)
    x, y = middle(page)
    page.mouse.move(x + 112, y - 56)  # over the point (1, -0.5)
    page.mouse.wheel(0, -300)
    eventually(lambda: at(page)[2] == 2.7)  # where it ends: slow frames are written on the way, too
    left, top, zoom = at(page)
    scale = CELL * 2**zoom
    assert (left + 112 / scale, top - 56 / scale) == pytest.approx((1, -0.5), abs=0.01)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x - 40 * step, y)
    page.mouse.up()
    eventually(lambda: at(page)[0] > left + 199 / scale)


def test_the_keyboard_does_all_of_it(page, gans):
    open_map(page)
    page.locator(CANVAS).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    eventually(lambda: at(page) == (-1.5, 0.25, 2))
    assert page.locator(".map .address code").inner_text() == "first:42:x-1.5:y0.25"
    page.keyboard.press("+")
    eventually(lambda: at(page) == (-1.5, 0.25, 3))
    page.keyboard.press("-")
    page.keyboard.press("-")
    eventually(lambda: at(page)[2] == 1)
    page.keyboard.press("Enter")
    page.locator("[data-use='first:42:x-1.5:y0.5']").wait_for()  # the nearest of those that are shown now
    page.keyboard.press("0")
    eventually(lambda: "at=" not in page.evaluate("location.search"))


def test_a_digit_is_looked_at_pinned_and_found_again_and_two_make_a_way(page, gans):
    gan = gans["first"]
    open_map(page)
    x, y = middle(page)
    page.mouse.move(x + 3 * CELL, y + CELL)
    eventually(lambda: page.locator(".map .address code").inner_text() == "first:42:x0.75:y0.25")
    lens = page.locator(".looked-at canvas")

    def seen():
        url = lens.evaluate("canvas => canvas.toDataURL()")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("L"))

    eventually(lambda: close(seen(), wanted(gan, 0.75, 0.25)))
    model_says = page.locator(".looked-at .number").inner_text()
    assert re.fullmatch(r"\d+\s%", model_says)
    assert "classifier reads" in page.locator(".looked-at .read").inner_text()
    assert not page.locator(".walk").is_visible()
    for pinned, right in enumerate((3, -2)):
        page.mouse.click(x + right * CELL, y + CELL)
        page.locator("[data-use]").nth(pinned).wait_for()
    pinned = pictures(page, "pinned")
    assert close(pinned[0], wanted(gan, 0.75, 0.25))
    assert close(pinned[1], wanted(gan, -0.5, 0.25))
    way = page.locator(".walk a").get_attribute("href")
    assert "tab=interpolate&way=first:42:x0.75:y0.25,first:42:x-0.5:y0.25" in way
    drag(page, 200, 100)
    eventually(lambda: at(page)[0] < -1)
    page.locator("[data-use]").first.click()
    eventually(lambda: at(page)[:2] == (0.75, 0.25))
    ready(page)
    assert close(digit(page), wanted(gan, 0.75, 0.25))


def test_a_way_from_the_map_is_walked_and_its_ends_are_looked_at_closely(visit, address):
    page = visit(f"{address}?lang=en&tab=map&world=7&seed=5")
    page.locator(CANVAS).scroll_into_view_if_needed()
    ready(page)
    x, y = middle(page)
    for pinned, right in enumerate((3, -2)):
        page.mouse.click(x + right * CELL, y)
        page.locator("[data-use]").nth(pinned).wait_for()
    page.locator(".walk a").click()
    page.get_by_role("tab", name="Interpolate", selected=True).wait_for()
    eventually(lambda: "way=7:x0.75:y0,7:x-0.5:y0" in page.evaluate("location.search"))
    go_to_tab(page, "Samples")
    page.locator("[data-use]").last.click()
    page.locator("[data-chosen='first:7:x-0.5:y0']").wait_for()
    assert page.locator("#samples-seed input").input_value() == "5"  # no seed has it in a row


def test_two_fingers_zoom_and_one_drags_and_taps(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}?lang=en&tab=map")
    page.locator(f"{CANVAS}[aria-busy=false]").wait_for()
    page.locator(CANVAS).scroll_into_view_if_needed()
    session = context.new_cdp_session(page)
    x, y = middle(page)

    def touch(kind, *points):
        points = [{"x": px, "y": py, "id": finger} for finger, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def swipe_up():
        touch("Start", (x, y))
        for step in range(1, 9):
            touch("Move", (x, y - 12 * step))
            page.wait_for_timeout(16)
        touch("End")

    before = page.evaluate("scrollY")
    swipe_up()  # nobody has touched the map yet: the page is scrolled
    eventually(lambda: page.evaluate("scrollY") > before + 20)
    assert at(page) == (0, 0, 2)
    page.evaluate("scrollTo(0, 0)")
    page.locator(CANVAS).scroll_into_view_if_needed()
    at_rest(page.locator(CANVAS).bounding_box)
    x, y = middle(page)
    touch("Start", (x - 30, y), (x + 30, y))
    for step in range(1, 7):
        touch("Move", (x - 30 - 5 * step, y), (x + 30 + 5 * step, y))
    touch("End")
    eventually(lambda: at(page) == (0, 0, 3))  # twice as far apart
    touch("Start", (x, y))
    for step in range(1, 5):
        touch("Move", (x - 14 * step, y + 7 * step))
    page.wait_for_timeout(150)
    touch("End")
    eventually(lambda: at(page) == (0.25, -0.125, 3))
    touch("Start", (x + 2 * CELL, y))
    touch("End")
    eventually(lambda: page.locator(".map .address code").inner_text() == "first:42:x0.5:y-0.125")
    assert page.locator("[data-use]").count() == 0  # a finger looks first
    page.locator(".map [data-pin]").click()
    page.locator("[data-use='first:42:x0.5:y-0.125']").wait_for()
    context.close()


def test_a_link_shows_the_same_place_elsewhere(visit, address, gans):
    page = visit(f"{address}?lang=en&tab=map&tint=untinted&at=x-3.5:y2.25:z4&model=third&map-digit=6")
    eventually(lambda: close(digit(page, 1), wanted(gans["third"], -3.5 + 1 / 16, 2.25, labels=6)))
    page.locator("#map-digit").get_by_label("3").check()
    eventually(lambda: close(digit(page, 1), wanted(gans["third"], -3.5 + 1 / 16, 2.25, labels=3)))
    assert page.locator(".map .address code").inner_text() == "third:42:x-3.5:y2.25:d3"
    page.locator("#map-tint").get_by_label("recognised digit").check()
    eventually(lambda: "tint" not in page.evaluate("location.search"))
    ready(page)
    other = visit(link_of(page))
    ready(other)
    eventually(lambda: np.array_equal(canvas(page), canvas(other)))
    choose_model(other, "second")
    eventually(lambda: other.locator(".map .address code").inner_text() == "second:42:x-3.5:y2.25")


def test_light_paper_takes_the_colour_and_ink_stays(visit, address, monkeypatch):
    monkeypatch.setattr(model.Model, "draws_on_light", property(lambda _: True))
    page = visit(f"{address}?lang=en&tab=map&world=42&at=x30:y30:z2&tint=untinted")
    ready(page)
    plain = canvas(page).astype(int)
    page.locator("#map-tint").get_by_label("D's belief").check()
    page.locator(".legend").first.wait_for()
    ready(page)
    darker = (plain - canvas(page))[:200, :200]
    assert darker.mean() > 10 and np.quantile(darker, 0.01) > -2


def test_nonsense_in_a_link_opens_the_map_at_its_start(visit, address):
    page = visit(f"{address}?lang=en&tab=map&at=x9999999999:y0:z2")
    page.get_by_text("is no place on the map").wait_for()
    ready(page)
    assert page.locator(".map .address code").inner_text() == "first:42:x0:y0"


def test_a_busy_server_is_asked_again_until_it_has_time(visit, address, monkeypatch, gans):
    asked, tile = [], tiles.tile

    def busy(*arguments):
        asked.append(arguments)
        return None if len(asked) < 8 else tile(*arguments)

    monkeypatch.setattr(tiles, "tile", busy)
    page = visit(f"{address}?lang=en&tab=map&tint=untinted&world=42&at=x70:y70:z2")
    ready(page)
    assert close(digit(page), wanted(gans["first"], 70, 70))
    assert len(asked) < 60
