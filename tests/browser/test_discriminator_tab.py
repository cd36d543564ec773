"""The discriminator tab: drawn on with the real pointer, and given pictures of every kind."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from gan_demo import belief
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui.shared import canvas, inputs
from gan_demo.ui.tabs.discriminator import tab as discriminator

from .conftest import eventually, narrow_only, open_tab, pictures, same, unopened
from .test_canvas import stroke
from .test_page import choose_model
from .test_walks import hold


def seven(size=(200, 260), ink=0, paper=255):
    """A seven as somebody may draw it."""
    picture = Image.new("L", size, paper)
    ImageDraw.Draw(picture).line([(50, 50), (150, 50), (90, 210)], fill=ink, width=18, joint="curve")
    return picture


def file(name, content, kind="image/png"):
    return {"name": name, "mimeType": kind, "buffer": content}


def upload(page, *file_):
    page.locator("#drop-zone input").set_input_files(*file_)


def seen(page):
    return pictures(page, "judge-stage .seen")


def settled(page, prepared=True):
    """Wait until the page has judged what is on the canvas now; returns what D sees of it."""
    picture = page.evaluate("document.querySelector('#judge-canvas .board').board.picture")
    wanted = canvas.to_digit(canvas.read(picture), prepared)
    eventually(lambda: same(seen(page), [wanted]))
    return wanted


def height(page):
    """How many rows of what D sees hold ink: 20 where it is prepared as MNIST was and taller than wide."""
    rows = np.flatnonzero((seen(page)[0] > 64).any(1))
    return rows[-1] - rows[0] + 1 if len(rows) else 0


def score(gan, pixels):
    return float(gan.score(from_pixels(torch.from_numpy(np.array(pixels))[None, None]))[0])


def slopes(page):
    """How many pixels speak for more light, and for less: blue and orange ones."""
    sheet = """() => [...document.querySelector(".slopes canvas").getContext("2d").getImageData(0, 0, 28, 28).data]"""
    red, _, blue, _ = np.array(page.evaluate(sheet)).reshape(784, 4).T
    return (blue > red + 60).sum(), (red > blue + 60).sum()


def raw(page):
    """D's raw output as the page says it."""
    return float(page.locator(".verdict b").last.inner_text().replace("−", "-"))


@pytest.fixture
def tab(page):
    """The tab, with the digit that is there before anybody draws."""
    open_tab(page, "Discriminator")
    page.locator(".source", has_text="from seed").wait_for()
    page.locator("[data-example]").last.wait_for()
    page.locator("#judge-canvas canvas").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#judge-canvas').scrollIntoView()")
    return page


def draw(page, *points, lift=True):
    stroke(page, *points, lift=lift, name="judge-canvas")


SEVEN = ((0.3, 0.2), (0.7, 0.2), (0.45, 0.85))


class TestDrawing:
    def test_the_number_changes_before_the_pointer_lifts(self, tab, gans):
        tab.get_by_role("button", name="Clear").click()
        eventually(lambda: not seen(tab)[0].any())
        draw(tab, *SEVEN[:2], lift=False)
        eventually(lambda: seen(tab)[0].any())
        said = tab.locator(".number").inner_text() + tab.locator(".verdict").inner_text()
        half = seen(tab)[0]
        box = tab.locator("#judge-canvas canvas").bounding_box()
        tab.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.85 * box["height"], steps=5)
        eventually(lambda: (seen(tab)[0].astype(int) - half).any())
        eventually(lambda: tab.locator(".number").inner_text() + tab.locator(".verdict").inner_text() != said)
        eventually(lambda: raw(tab) == round(score(gans["first"], seen(tab)[0]), 2))
        tab.mouse.up()
        settled(tab)
        assert height(tab) == 20
        assert tab.locator(".source").inner_text() == "Your drawing"
        tab.get_by_label("just resized").check()
        plain = settled(tab, prepared=False)
        eventually(lambda: raw(tab) == round(score(gans["first"], plain), 2))

    @narrow_only
    def test_an_empty_canvas_is_not_judged(self, tab):
        hint = "nothing to judge yet"
        tab.locator(".judges table").wait_for()
        tab.get_by_role("button", name="Clear").click()
        tab.locator(".live", has_text=hint).wait_for()
        tab.locator(".judges", has_text=hint).wait_for()
        text = tab.locator("#judge-stage .says").inner_text() + tab.locator(".judges .jury").inner_text()
        assert not [letter for letter in text if letter.isdigit()]
        assert not tab.locator(".from").is_visible()
        tab.get_by_role("button", name="Make it more convincing").click()
        tab.locator(".problem", has_text=hint).wait_for()
        assert not tab.locator(".film-of-climb").is_visible()
        tab.get_by_label("just resized").check()
        tab.wait_for_timeout(500)
        assert hint in tab.locator(".live").inner_text()
        tab.locator("#judge-canvas").evaluate("canvas => canvas.scrollIntoView()")
        draw(tab, *SEVEN)
        tab.locator(".live .number").wait_for()
        tab.locator(".judges table").wait_for()
        assert tab.locator(".from").is_visible()

    def test_undo_brings_back_the_digit_that_was_there(self, tab):
        before, address = [settled(tab)], tab.locator("#judge-stage code").first.inner_text()
        draw(tab, (0.1, 0.1), (0.9, 0.9))
        tab.locator(".source", has_text="Your drawing").wait_for()  # on a clean sheet: the example is gone
        assert not tab.locator("#judge-stage .card").is_visible()
        tab.get_by_role("button", name="Undo").first.click()
        eventually(lambda: same(seen(tab), before))
        assert tab.locator("#judge-stage code").first.inner_text() == address
        assert tab.locator("#judge-stage .card").is_visible()

    def test_the_panel_of_judges_follows(self, tab, gans):
        rows = tab.locator(".judges tbody tr")
        eventually(lambda: rows.count() == 4)  # the torn one cannot judge
        tab.locator("[data-example]", has_text="noise").click()
        tab.locator(".source", has_text="Noise").wait_for()
        wanted = belief.belief("non-saturating", score(gans["second"], settled(tab))).number
        eventually(lambda: wanted in rows.filter(has_text="second").inner_text())
        assert rows.first.get_attribute("aria-current") == "true"


class TestConvincing:
    @narrow_only
    def test_each_step_is_shown_and_all_are_undone_at_once(self, tab, gans):
        eventually(lambda: min(slopes(tab)) > 5)
        tab.get_by_role("button", name="Clear").click()
        draw(tab, *SEVEN)
        before = [settled(tab)]
        tab.get_by_role("button", name="Make it more convincing").click()
        steps = tab.locator("[data-step]")
        eventually(lambda: steps.count() > 2 and steps.last.get_attribute("aria-current") == "true")
        shown = pictures(tab, "judge-stage .steps")
        assert same(shown[:1], before)
        outputs = [score(gans["first"], pixels) for pixels in shown]
        assert (np.diff(outputs) > 0).all()
        eventually(lambda: same(seen(tab), shown[-1:]))
        assert tab.locator("[data-step] small").all_inner_texts() == [
            belief.belief("non-saturating", output).number for output in outputs
        ]
        middles = [
            [box["x"] + box["width"] / 2 for box in (one.bounding_box() for one in (step, step.locator("span")))]
            for step in steps.all()
        ]
        assert np.ptp(middles, axis=1).max() < 1  # the picture is above the middle of its words
        steps.nth(1).click()
        eventually(lambda: same(seen(tab), shown[1:2]))
        self.undo(tab, before)
        # While the film runs on, as well: it ends there.
        tab.get_by_role("button", name="Make it more convincing").click()
        tab.evaluate(
            """() => new Promise((done) => {
                const look = () => {
                    const first = document.querySelector("[data-step='0']");
                    if (!first.checkVisibility()) return requestAnimationFrame(look);
                    first.click();
                    done();
                };
                look();
            })"""
        )
        tab.locator("[data-climb]:enabled").wait_for()
        eventually(lambda: same(seen(tab), before))
        assert steps.first.get_attribute("aria-current") == "true"
        self.undo(tab, before)
        assert tab.locator(".source").inner_text() == "Your drawing"

    def test_it_is_of_the_picture_that_is_there_and_what_is_said_of_another_is_pale(self, tab, monkeypatch):
        begun, over = threading.Event(), threading.Event()

        def held(function):
            def late(*asked):
                begun.set()
                assert over.wait(60)
                return function(*asked)

            return late

        settled(tab)
        monkeypatch.setattr(discriminator, "climbed", held(discriminator.climbed))
        tab.get_by_role("button", name="Make it more convincing").click()
        eventually(begun.is_set)
        tab.locator("[data-example]", has_text="turned").last.click()
        before = [settled(tab)]
        assert not tab.locator(".says[aria-busy=true]").count()
        over.set()
        tab.locator("[data-climb]:enabled").wait_for()
        assert not tab.locator(".film-of-climb").is_visible()
        assert same(seen(tab), before)

        over.clear()
        monkeypatch.setattr(discriminator, "judged", held(discriminator.judged))
        tab.locator("[data-example]", has_text="letter").last.click()
        tab.locator(".says[aria-busy=true]").wait_for()
        over.set()
        settled(tab)
        tab.locator(".says[aria-busy=false]").wait_for()

    def undo(self, tab, before):
        tab.locator(".film-of-climb").get_by_role("button", name="Undo").click()
        tab.locator(".film-of-climb").wait_for(state="hidden")
        eventually(lambda: same(seen(tab), before))


class TestExamples:
    def test_each_comes_with_words(self, tab, gans):
        for name, said in (
            ("real", "Real: number"),
            ("this model", f"Drawn by first from seed {inputs.FIRST_SEED}"),
            ("other model", "Drawn by"),
            ("turned", "upside down"),
            ("print", "from a font"),
            ("letter", "A letter"),
            ("noise", "Noise"),
        ):
            tab.locator("[data-example]", has_text=name).last.click()
            tab.locator(".source", has_text=said).wait_for()
        for _ in range(5):
            tab.get_by_role("button", name="Undo").first.click()
        tab.locator(".source", has_text="Drawn by first from seed").wait_for()
        own = gans["first"].sample(1, inputs.FIRST_SEED)
        eventually(lambda: same(seen(tab), [to_pixels(own)[0, 0].numpy()]))
        before = pictures(tab, "judge-stage .examples")
        tab.get_by_role("button", name="Others").click()
        eventually(lambda: not same(pictures(tab, "judge-stage .examples")[:1], before[:1]))


def test_a_link_brings_back_the_digit(tab, lend, address, gans):
    """The one that is judged, though the models of page and digit differ."""
    choose_model(tab, "second")
    eventually(lambda: raw(tab) == round(score(gans["second"], settled(tab)), 2))
    wanted = settled(tab)
    link = "ganDemo.link(document.documentElement.dataset.spoken)"
    eventually(lambda: f"judged=first:{inputs.FIRST_SEED}:0" in tab.evaluate(link))
    with lend() as other:
        for place, shown in (
            (tab.evaluate(link), [wanted]),
            (f"{address}?tab=discriminator&judged=<b>nobody</b>:1:2", None),
        ):
            other.goto(place)
            other.locator("[data-example]").last.wait_for()
            if shown:
                eventually(lambda shown=shown: same(seen(other), shown))
            else:
                other.locator(".problem", has_text="<b>nobody</b>:1:2").wait_for()
                other.locator(".source", has_text="Drawn by first").wait_for()


@unopened
def test_in_chinese(page, address):
    page.goto(f"{address}?lang=zh&tab=discriminator")
    page.locator(".source", has_text="用种子").wait_for()
    page.locator(".judges tbody tr").first.wait_for()
    stroke(page, (0.2, 0.2), (0.7, 0.7), name="judge-canvas")
    page.locator(".source", has_text="你的手写").wait_for()
    page.get_by_role("button", name="清空").click()
    stroke(page, *SEVEN, name="judge-canvas")
    eventually(lambda: page.locator(".source").inner_text() == "你的手写")
    page.get_by_role("button", name="改得更逼真").click()
    page.get_by_text("一步步更逼真").wait_for()
    text = page.get_by_role("tabpanel").inner_text()
    assert not [word for word in ("Draw", "real", "Judge", "than", "Undo", "judged") if word in text]


@narrow_only
def test_by_keyboard_alone(tab):
    """From the canvas through its tools to the examples."""
    tab.locator("#judge-canvas canvas").focus()
    for key in ("Delete", "Space", *["ArrowDown"] * 8, "Space", "Tab", "Tab", "Tab"):
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "Pen width"
    eventually(lambda: height(tab) == 20)
    tab.locator("[data-example]").last.focus()
    tab.keyboard.press("Enter")
    tab.locator(".source", has_text="Noise").wait_for()


@unopened
def test_a_digit_whose_answer_or_comparison_is_on_its_way_is_not_called_nothing(page, address):
    held = []
    hold(page, "compared", held)
    page.goto(f"{address}?tab=discriminator")
    eventually(lambda: page.locator(".source", has_text="from seed").count() and held)
    assert "nothing to judge" not in page.locator("#judge-stage .says").inner_text()
    page.unroute_all()
    page.get_by_role("button", name="Clear").click()
    for place in (".live", ".jury"):
        page.locator(place, has_text="nothing to judge").wait_for()
    held.clear()
    hold(page, "live", held)  # it takes seconds where nobody has asked before
    page.locator("[data-example]").first.click()
    eventually(lambda: held and page.locator(".headline").inner_text() == "D looks at it…")
    assert not page.locator(".live").inner_text()
    assert page.locator(".jury").inner_text() == "The judges look at it…"
    page.unroute_all()


@unopened
def test_nobody_asks_while_the_tab_is_hidden(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "component_server" in request.url else None)
    page.goto(address)
    page.locator("#samples-stage img").first.wait_for()
    page.wait_for_timeout(1000)
    assert not asked
