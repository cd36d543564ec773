"""The frame around the tabs: what is seen first, the places and their tabs, the panels of the header."""

from urllib.parse import urlencode

import numpy as np
import pytest

from gan_demo.ui import guide, words
from gan_demo.ui import page as page_module
from gan_demo.ui.shared import canvas
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.link import Settings
from gan_demo.ui.tabs import table

from .conftest import at_both_widths, at_rest, eventually, filled, go_to_tab, open_about, open_tab, served
from .test_page import choose_model

# The height of a screen, and how much of it title, model and tabs may take.
HEIGHTS, FRAMES = {1280: 720, 390: 844}, {1280: 150, 390: 120}
WHOLE = """stage => {
    const boxes = [...stage.querySelectorAll("figure")].map((figure) => figure.getBoundingClientRect());
    const inside = ({ top, bottom, left, right }) =>
        top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
    const seen = boxes.filter(inside);
    return [seen.length, new Set(seen.map(({ top }) => Math.round(top))).size];
}"""
LAST_LINE = """() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector("#tab-samples .lede"));
    const lines = [...range.getClientRects()], last = Math.max(...lines.map(({ bottom }) => bottom));
    return Math.max(...lines.filter(({ bottom }) => bottom === last).map(({ width }) => width));
}"""
BOTTOM = "() => document.querySelector('#tabs > .tab-wrapper').getBoundingClientRect().bottom"


@pytest.fixture
def screen(page):
    """The page on a screen of the usual height."""
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    yield page
    page.set_viewport_size({"width": width, "height": 900 if width > 1000 else 844})


def again(page, gans):
    """The first tab of the first place, and no panel that is open."""
    page.keyboard.press("Escape")
    go_to_tab(page, "Samples")


def tabs(page):
    return page.locator("#tabs > .tab-wrapper [role=tab]")


@at_both_widths
def test_digits_are_seen_before_anything_is_scrolled_and_tabs_afterwards_too(screen):
    digits, rows = screen.locator("#samples-stage").evaluate(WHOLE)
    assert digits >= 6 and rows >= 2
    width = screen.viewport_size["width"]
    assert screen.evaluate(BOTTOM) <= FRAMES[width]
    assert screen.evaluate(LAST_LINE) > 40  # more than one short word
    screen.mouse.wheel(0, 600)
    eventually(lambda: screen.evaluate("scrollY") > 400)
    bars = [screen.locator("#places nav").bounding_box(), screen.locator("#tabs > .tab-wrapper").bounding_box()]
    assert bars[0]["y"] == 0 and bars[1]["y"] == pytest.approx(bars[0]["height"], abs=1)
    assert bars[1]["y"] + bars[1]["height"] <= 76
    # Another tab begins at its beginning, whatever was scrolled to.
    go_to_tab(screen, "Interpolate")
    panel = screen.locator("#tab-interpolate")
    panel.locator("img").first.wait_for()
    eventually(lambda: panel.bounding_box()["y"] >= bars[1]["y"] + bars[1]["height"] - 1)


@pytest.mark.unopened
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_chooser_of_digits_leaves_room_for_two_rows(screen, address, language):
    screen.goto(f"{address}?model=third&lang={language}")
    screen.locator("#samples-digit").wait_for()
    eventually(lambda: screen.locator("#samples-stage").evaluate(WHOLE)[1] >= 2)


@pytest.mark.unopened
def test_a_link_to_a_tab_shows_nothing_else_before_the_server_answers(page, address):
    held = []
    page.route("**/queue/join**", lambda route: route.continue_() if held else held.append(route))  # the first of all
    page.goto(f"{address}?tab=map&world=7")
    page.locator("#tab-map-button[aria-selected=true]").wait_for()
    assert page.locator("#places [aria-current=true]").get_attribute("data-place") == "look"
    assert not page.locator("#tab-samples").count() or not page.locator("#tab-samples").is_visible()
    eventually(lambda: held)
    held[0].continue_()
    filled(page)
    assert page.locator("#tab-map-button").get_attribute("aria-selected") == "true"
    go_to_tab(page, "Samples")
    page.locator("#samples-stage img").first.wait_for()


@at_both_widths
def test_every_tab_is_in_its_place(page):
    for place in table.PLACES:
        names = [tab.name for tab in table.TABS if tab.place == place]
        page.locator(f"#places [data-place={place}]").click()
        page.locator(f"#tab-{names[0]}-button[aria-selected=true]").wait_for()
        shown = [tab.get_attribute("data-tab-id") for tab in tabs(page).all() if tab.is_visible()]
        assert shown == names
        assert page.locator("#places [aria-current=true]").get_attribute("data-place") == place
    assert not page.get_by_role("button", name="More tabs").is_visible()
    # A place opens where it was left.
    go_to_tab(page, "Interpolate")
    page.locator("#places [data-place=learn]").click()
    page.get_by_role("tab", name="Training", selected=True).wait_for()
    page.locator("#places [data-place=look]").click()
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
    page.locator("#title h1").click()  # anywhere else
    page.locator("#about").wait_for(state="hidden")
    # A link knows the place of its tab at once, and nonsense is at the beginning.
    for tab, place in (("discriminator", "try"), ("training", "learn"), ("nonsense", "look")):
        page.goto(f"{address}?tab={tab}")
        filled(page)
        page.locator(f"#places [data-place={place}][aria-current=true]").wait_for()


@pytest.fixture(scope="module")
def guided(checkpoints, tmp_path_factory, gans):
    """The address of a page with two models of the guided paths."""
    root = tmp_path_factory.mktemp("guided")
    for name, gan in (("dcgan", gans["second"]), ("mlp", gans["first"])):
        gan.save_pretrained(root / name)
    with served(root) as address:
        yield address


@pytest.mark.parametrize(("language", "leave"), [("en", "Leave the tour"), ("zh", "退出导览")])
def test_a_guided_path_goes_from_stop_to_stop(lend, guided, language, leave):
    def texts(key):
        return words.LANGUAGES[language].texts[key]

    with lend("narrow") as page:
        page.goto(f"{guided}?lang={language}&present=1")
        filled(page)
        assert not page.locator(".stop").is_visible()
        page.locator("button[data-panel=guide]").click()
        wanted = [f"{path}-{stop}" for path in guide.PATHS for stop in guide.stops(path, {"dcgan", "mlp"})]
        assert page.locator("#guide a").evaluate_all("links => links.map(link => link.dataset.stop)") == wanted
        # On a low screen the stops do not spill over the panel's edge: it scrolls.
        assert page.locator("#guide").evaluate("panel => getComputedStyle(panel).overflowY") == "auto"
        page.locator("#guide").get_by_text(texts("stop digits")).click()
        page.locator(".stop p", has_text=texts("stop digits")).wait_for()
        assert page.locator(".stop b").inner_text() == "1/4"
        assert page.locator(".stop .before").get_attribute("aria-disabled") == "true"
        page.locator(".stop .after").click()
        page.locator(".stop p", has_text=texts("stop between")).wait_for()
        page.keyboard.press("PageUp")  # as a clicker does
        page.locator(".stop p", has_text=texts("stop digits")).wait_for()
        page.keyboard.press("PageUp")  # there is none before the first
        page.keyboard.press("PageDown")
        page.locator(".stop p", has_text=texts("stop between")).wait_for()
        page.locator("#tab-interpolate-button[aria-selected=true]").wait_for(state="attached")
        eventually(lambda: "way=42:3" in page.evaluate("location.search"))
        assert "present=1" in page.evaluate("location.search")
        assert page.locator("html[data-at-stop]").count() == 1
        page.get_by_role("button", name=leave).click()
        page.locator(".stop").wait_for(state="hidden")
        eventually(lambda: "stop=" not in page.evaluate("location.search"))
        assert page.locator("html[data-at-stop]").count() == 0


def test_every_stop_asks_for_what_the_page_has(checkpoints, monkeypatch):
    made = []
    monkeypatch.setattr(page_module, "Settings", lambda: made.append(Settings()) or made[-1])
    page_module.build(Catalogue([checkpoints]))
    for language, settings in zip(words.LANGUAGES, made, strict=True):
        names = {setting.name for setting in settings.all} | {"tab", "model"}
        with words.speaking(language):
            for path, found in guide.PATHS.items():
                for stop, asked in found.items():
                    assert set(asked) <= names, (language, stop)
                    assert asked["tab"] in {tab.name for tab in table.TABS}
                    rest = urlencode({key: text for key, text in asked.items() if key != "model"})
                    values, wrong = settings.read(rest)
                    assert not wrong, (language, path, stop)
                    assert len(values) == len(asked) - 2


def test_on_a_projector_all_is_large_and_pointers_meet_what_is_under_them(lend, address, gans):
    with lend() as page:
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.goto(f"{address}?lang=en&present=1")
        page.locator("#samples-stage img").first.wait_for()
        assert page.locator("#samples-stage img").first.bounding_box()["width"] > 160
        for hidden in (".lede", "#title p", ".saves", "button[data-panel=about]"):
            assert not page.locator(hidden).first.is_visible(), hidden
        choose_model(page, "second")
        eventually(lambda: page.locator("#model input").input_value().startswith("second"))
        open_tab(page, "Discriminator")
        # A stroke is where the pointer was.
        board = page.locator("#judge-canvas canvas").first
        page.get_by_role("button", name="Clear").click()
        # What is beside the canvas is emptied, too.
        page.locator(".live", has_text="nothing to judge").wait_for(state="attached")
        board.scroll_into_view_if_needed()
        box = at_rest(board.bounding_box)
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.8, steps=8)
        page.mouse.up()

        def drawn():
            ink = canvas.read(page.evaluate("document.querySelector('#judge-canvas .board').board.picture"))
            left, right = (part.astype(int).sum() for part in np.array_split(ink, 2, axis=1))
            return right > 4 * left

        eventually(drawn)
        go_to_tab(page, "Map")
        plane = page.locator(".plane canvas")
        page.locator(".plane canvas[aria-busy=false]").wait_for()
        box = plane.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        eventually(lambda: page.locator(".map .address code").text_content() == "second:42:x0:y0")
        # The lab is there without its first sentence, and its plane is seen whole.
        go_to_tab(page, "Lab")
        stage = page.locator(".lab-stage")
        stage.wait_for()
        assert not page.locator(".lab .lede").is_visible()
        assert stage.evaluate("(plane) => plane.getBoundingClientRect().bottom + scrollY") <= 1080
        page.get_by_role("link", name="Leave the projector's view").click()
        page.locator(".lede:visible").first.wait_for()
        assert "present" not in page.evaluate("location.search")
        page.set_viewport_size({"width": 1280, "height": 900})


def test_its_scripts_leave_the_functions_of_the_window_alone(page):
    native = "() => ['open', 'close', 'stop', 'find'].filter(name => !/native code/.test(window[name]))"
    assert page.evaluate(native) == []
