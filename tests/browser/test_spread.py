"""The charts of D's outputs, which the browser draws: the histogram of Samples and the densities of Discriminator."""

import pytest

from gan_demo.ui import words

from .conftest import eventually, fill, open_tab, unopened
from .test_discriminator_tab import SEVEN, draw, settled


def again(page, gans):
    """Nobody has drawn anything yet: the test that does is the last one."""
    assert page.locator(".source").inner_text().startswith("Drawn by first from seed")


@pytest.fixture
def tab(page):
    """Discriminator, with its chart."""
    open_tab(page, "Discriminator")
    page.locator("#judge-stage .plot canvas").wait_for()
    page.locator("[data-example]").last.wait_for()
    page.locator("#judge-canvas canvas").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#judge-canvas').scrollIntoView()")
    return page


@unopened
def test_the_chart_of_samples_comes_after_the_digits_and_moves_nothing(page, address):
    held = []
    page.route("**/charts/spread.js", lambda route: held.append(route))
    page.goto(address)
    page.locator("#samples-summary .spread").wait_for()
    eventually(lambda: page.wait_for_timeout(20) or held)
    assert page.locator("#samples-stage img").count() == 24
    height = page.locator("#samples-summary").bounding_box()["height"]
    held[0].continue_()
    page.locator("#samples-summary .plot canvas").wait_for()
    assert page.locator("#samples-summary").bounding_box()["height"] == height
    # Other digits, another chart, in the same place.
    plot = page.locator("#samples-summary .plot")
    plot.evaluate("box => { box.uplot.old = true; }")
    fill(page, "samples-count", 40)
    eventually(lambda: plot.evaluate("box => Boolean(box.uplot && !box.uplot.old)"))
    assert page.locator("#samples-summary canvas").count() == 1
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30)
    eventually(lambda: " of 40" in page.locator("#samples-summary .readout").inner_text())


def test_the_chart_says_what_is_at_the_pointer(tab):
    plot, read = tab.locator("#judge-stage .plot"), tab.locator("#judge-stage [data-read]")
    usual = read.all_text_contents()
    assert usual == ["real test digits", "this generator's", ""]
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    eventually(lambda: read.all_text_contents() != usual)
    low, high = plot.evaluate("box => [box.uplot.scales.x.min, box.uplot.scales.x.max]")
    x = (low + high) / 2
    for text, share, group in zip(
        read.all_text_contents(),
        ((x + 1) / 2, (x + 3) / 4),
        ("real test digits", "this generator's digits"),
        strict=False,
    ):
        near = {words.comparison(min(max(share + off / 100, 0), 1), group) for off in (-2, -1, 0, 1, 2)}
        assert text in near
    tab.mouse.move(0, 0)
    eventually(lambda: read.all_text_contents() == usual)
    plot.focus()
    tab.keyboard.press("ArrowLeft")
    eventually(lambda: read.all_text_contents() != usual)
    tab.keyboard.press("Tab")
    eventually(lambda: read.all_text_contents() == usual)


def test_the_chart_stays_while_the_mark_moves_and_says_where_an_output_is_that_is_far_away(tab):
    plot = tab.locator("#judge-stage .plot")
    tab.evaluate(
        """() => {
            window.drawn = document.querySelector("#judge-stage .plot").uplot;
            document.addEventListener("answer", ({ detail }) => { if (!detail.empty) window.said ??= detail; });
        }"""
    )
    draw(tab, *SEVEN)
    settled(tab)
    tab.wait_for_function("window.said")
    # The reference goes from -3 to 1, and its axis gives way by half as much.
    for raw, place, towards in (
        (0.5, None, ""),
        (2.0, None, ""),
        (9.0, 1, "above"),
        (-4.0, None, ""),
        (-99.0, 0, "below"),
    ):
        low, high, left, classes = tab.evaluate(
            """async (raw) => {
                const board = document.querySelector("#judge-canvas .board");
                board.dispatchEvent(new CustomEvent("answer", { bubbles: true, detail: { ...window.said, raw } }));
                for (let waits = 0; waits < 5; waits++) await null;  // no other answer comes between
                const { min, max } = window.drawn.scales.x, mark = document.querySelector("#judge-stage .chart .mark");
                return [min, max, parseFloat(mark.style.left), mark.className];
            }""",
            raw,
        )
        assert low <= -2.9 < 0.9 <= high
        assert -5.3 < low < high < 3.3
        wanted = (raw - low) / (high - low) if place is None else place
        assert 0 <= wanted <= 1
        assert left == pytest.approx(100 * wanted, abs=0.1)
        assert classes.split() == ["mark", *towards.split()]
    assert plot.evaluate("box => box.uplot === window.drawn")
