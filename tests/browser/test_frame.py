"""The frame around the tabs: what is seen first, the places and their tabs, the panels of the header."""

import pytest

from gan_demo.ui.tabs import table

from .conftest import at_both_widths, eventually, filled, go_to_tab, open_about

# The height of a screen, and how much of it title, model and tabs may take.
HEIGHTS, FRAMES = {1280: 720, 390: 844}, {1280: 150, 390: 120}
WHOLE = """stage => {
    const boxes = [...stage.querySelectorAll("figure")].map((figure) => figure.getBoundingClientRect());
    const inside = ({ top, bottom, left, right }) =>
        top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
    const seen = boxes.filter(inside);
    return [seen.length, new Set(seen.map(({ top }) => Math.round(top))).size];
}"""
BOTTOM = "() => document.querySelector('#tabs > .tab-wrapper').getBoundingClientRect().bottom"


@pytest.fixture
def screen(page):
    """The page on a screen of the usual height."""
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    yield page
    page.set_viewport_size({"width": width, "height": 900 if width > 1000 else 844})


def tabs(page):
    return page.locator("#tabs > .tab-wrapper [role=tab]")


@at_both_widths
def test_digits_are_seen_before_anything_is_scrolled_and_tabs_afterwards_too(screen):
    digits, rows = screen.locator("#samples-stage").evaluate(WHOLE)
    assert digits >= 6 and rows >= 2
    width = screen.viewport_size["width"]
    assert screen.evaluate(BOTTOM) <= FRAMES[width]
    screen.mouse.wheel(0, 600)
    eventually(lambda: screen.evaluate("scrollY") > 400)
    bars = [screen.locator("#places nav").bounding_box(), screen.locator("#tabs > .tab-wrapper").bounding_box()]
    assert bars[0]["y"] == 0 and bars[1]["y"] == pytest.approx(bars[0]["height"], abs=1)
    assert bars[1]["y"] + bars[1]["height"] <= 76
    # Another tab begins at its beginning, whatever was scrolled to.
    go_to_tab(screen, "Directions")
    panel = screen.locator("#tab-directions")
    eventually(lambda: 0 < panel.bounding_box()["y"] <= bars[1]["y"] + bars[1]["height"] + 1)


@at_both_widths
def test_every_tab_is_in_its_place(page):
    for place in table.PLACES:
        names = [tab.name for tab in table.TABS if tab.place == place]
        page.locator(f"[data-place={place}]").click()
        page.locator(f"#tab-{names[0]}-button[aria-selected=true]").wait_for()
        shown = [tab.get_attribute("data-tab-id") for tab in tabs(page).all() if tab.is_visible()]
        assert shown == names
        assert page.locator("#places [aria-current=true]").get_attribute("data-place") == place
    assert not page.get_by_role("button", name="More tabs").is_visible()
    # A place opens where it was left.
    go_to_tab(page, "Interpolate")
    page.locator("[data-place=learn]").click()
    page.get_by_role("tab", name="Training", selected=True).wait_for()
    page.locator("[data-place=look]").click()
    page.get_by_role("tab", name="Interpolate", selected=True).wait_for()


def test_the_frame_by_keyboard(page, address):
    tabs(page).first.focus()
    for key, tab in (
        ("ArrowRight", "Map"),
        ("End", "Directions"),
        ("ArrowRight", "Samples"),
        ("ArrowLeft", "Directions"),
    ):
        page.keyboard.press(key)
        page.get_by_role("tab", name=tab, selected=True).wait_for()
        assert page.evaluate("document.activeElement.textContent") == tab
    opener = page.get_by_role("button", name="About the model")
    opener.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Or one from the Hugging Face Hub").wait_for()
    assert opener.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.locator("#about").wait_for(state="hidden")
    assert opener.get_attribute("aria-expanded") == "false"
    assert opener.evaluate("button => button === document.activeElement")
    open_about(page)
    page.locator("#places").click()  # anywhere else
    page.locator("#about").wait_for(state="hidden")
    # A link knows the place of its tab at once, and nonsense is at the beginning.
    for tab, place in (("discriminator", "try"), ("training", "learn"), ("nonsense", "look")):
        page.goto(f"{address}?tab={tab}")
        filled(page)
        page.locator(f"[data-place={place}][aria-current=true]").wait_for()
