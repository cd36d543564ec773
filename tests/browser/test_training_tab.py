"""The training tab: curves that can be read and zoomed, digits that grow up, and models without either."""

import json

import numpy as np
import pytest
from helpers.records import history_lines, snapshots

from gan_demo import files

from .conftest import eventually, filled, go_to_tab, narrow_only
from .test_everywhere import link_of
from .test_page import choose_model

LAST = 8


@pytest.fixture(scope="module", autouse=True)
def trained(checkpoints):
    """The first model has a history, test pictures at its end only, and snapshots as grey as their epoch says."""
    folder = checkpoints / "first"
    metrics = json.loads((folder / "metrics.json").read_text())
    files.write_json(folder / "metrics.json", {**metrics, "by_heart": {"pictures": 10_000, "ranked": [0.81, 0.65]}})
    files.write_text(folder / "history.jsonl", "".join(json.dumps(line) + "\n" for line in history_lines(LAST)))
    snapshots(folder, 0, 1, 2, 4, LAST)


def open_training(page):
    go_to_tab(page, "Training")
    page.locator("#training-stage").wait_for()


def again(page, gans):
    """All epochs of the first model, the last of them, and no pointer on a chart."""
    go_to_tab(page, "Training")
    every = page.get_by_role("button", name="All epochs")
    if every.is_enabled():
        every.click()
    page.get_by_role("slider", name="Epoch").press("End")
    page.evaluate(
        """() => {
            delete window.shades;
            for (const box of document.querySelectorAll(".curve .plot, .curve .u-over")) {
                delete box.setPointerCapture;
                box.dispatchEvent(new PointerEvent("pointerleave"));
            }
        }"""
    )
    eventually(lambda: (grey(page), at(page), numbers(page, 0)) == (LAST, f"Epoch {LAST}", ["1", "8"]))
    go_to_tab(page, "Samples")


GREY = "document.querySelector('.sheet canvas').getContext('2d').getImageData(9, 9, 1, 1).data[0]"


def grey(page):
    """The shade of the first digit."""
    return page.evaluate(GREY)


def at(page):
    return page.locator("#training-stage .at").inner_text()


def said(page, title):
    return page.locator(".curve", has_text=title).locator(".value b").first.inner_text().replace("\u00a0", " ")


def chart(page, number, question):
    """What uPlot says of a chart, `u` in JavaScript."""
    return page.locator(".curve .plot").nth(number).evaluate(f"box => {{ const u = box.uplot; return {question}; }}")


def numbers(page, number):
    """The first and the last number of the x axis."""
    return chart(page, number, "[u.scales.x.min, u.scales.x.max].map(String)")


# Of the pixels that are opaque; a million numbers need not come here.
MEAN = """((levels) => {
    let sum = 0, opaque = 0;
    for (let at = 0; at < levels.length; at += 4) {
        if (levels[at + 3] !== 255) continue;
        sum += levels[at] + levels[at + 1] + levels[at + 2];
        opaque += 3;
    }
    return sum / opaque;
})"""


def brightness(page, number):
    """The mean of all that is drawn on a chart, 0 to 255."""
    whole = "u.ctx.getImageData(0, 0, u.ctx.canvas.width, u.ctx.canvas.height)"
    return chart(page, number, f"{MEAN}({whole}.data)")


@narrow_only
def test_the_curves_say_what_they_are_at_the_pointer(page):
    open_training(page)
    page.locator(".curve .plot canvas").first.wait_for()
    assert page.locator("#training-stage .plots.sparse").is_hidden()  # on a narrow page, until somebody asks
    page.get_by_role("button", name="More curves").click()
    page.locator(".curve .plot canvas").nth(7).wait_for()
    assert page.locator("#training-stage .plot canvas").count() == 8
    assert (at(page), said(page, "What D says"), said(page, "Fréchet")) == ("Epoch 8", "58.0 %", "3.75")
    plot = page.locator(".curve .plot").nth(1)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 46, box["y"] + 50)
    eventually(lambda: (at(page), said(page, "What D says"), said(page, "Fréchet")) == ("Epoch 1", "51.0 %", "–"))
    page.mouse.move(box["x"] + 5, box["y"] - 400)
    eventually(lambda: at(page) == "Epoch 8")


def test_dragging_zooms_and_a_button_shows_all_again(page):
    open_training(page)
    plot = page.locator(".curve .plot").first
    plot.locator("canvas").wait_for()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    width, y = box["width"] - 54, box["y"] + 40
    page.mouse.move(box["x"] + 44 + width * 2 / 7, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 44 + width * 5 / 7, y, steps=4)
    page.mouse.up()
    eventually(lambda: numbers(page, 3) in (["3", "6"], ["4", "6"]))
    page.get_by_role("button", name="All epochs").click()
    eventually(lambda: numbers(page, 3)[1] == "8")
    page.get_by_role("button", name="Zoom in").click()
    assert page.get_by_role("button", name="All epochs").is_enabled()


def test_the_curves_are_read_zoomed_and_chosen_by_keyboard(page):
    open_training(page)
    page.locator(".sheet i").nth(99).wait_for()
    page.locator(".curve .plot canvas").first.wait_for()
    page.locator(".curve .plot").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    eventually(lambda: (at(page), said(page, "What D says")) == ("Epoch 4", "54.0 %"))
    assert grey(page) == LAST
    page.keyboard.press("Enter")
    eventually(lambda: grey(page) == 4)
    page.keyboard.press("+")
    eventually(lambda: [numbers(page, number) for number in (0, 7)] == [["2", "6"]] * 2)
    page.keyboard.press("Escape")
    eventually(lambda: numbers(page, 0) == ["1", "8"])
    page.keyboard.press("ArrowRight")
    eventually(lambda: at(page) == "Epoch 5")
    page.locator(".sheet").focus()
    eventually(lambda: at(page) == "Epoch 4")


def test_a_double_click_shows_all_again(page):
    open_training(page)
    page.locator(".curve .plot canvas").first.wait_for()
    page.get_by_role("button", name="Zoom in").click()
    eventually(lambda: numbers(page, 0)[0] != "1")
    page.locator(".curve .plot").first.dblclick(position={"x": 80, "y": 30})
    eventually(lambda: numbers(page, 0) == ["1", "8"])


@narrow_only
def test_a_finger_reads_and_scrolls_but_does_not_zoom(page):
    open_training(page)
    page.locator(".curve .plot canvas").first.wait_for()
    plot = page.locator(".curve .plot").first
    assert plot.evaluate("box => getComputedStyle(box).touchAction") == "pan-y"
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    places = [("pointerdown", 120), ("pointermove", 120), ("pointermove", 46), ("pointerup", 46)]
    for name, x in places:
        touch = {"pointerType": "touch", "pointerId": 1, "isPrimary": True, "bubbles": True, "button": 0}
        # The browser knows no such finger, and refuses to capture it.
        plot.evaluate("box => { box.setPointerCapture = () => {}; }")
        plot.dispatch_event(name, {**touch, "clientX": box["x"] + x, "clientY": box["y"] + 30})
        if name == "pointermove":
            assert at(page) == f"Epoch {3 if x == 120 else 1}"
    assert numbers(page, 0) == ["1", "8"]
    eventually(lambda: grey(page) == 1)


def test_the_curves_take_the_colours_of_the_dark_page_at_once(page):
    open_training(page)
    page.locator(".curve .plot canvas").first.wait_for()
    by_day = brightness(page, 0)
    page.evaluate("document.body.classList.add('dark')")
    eventually(lambda: brightness(page, 0) < by_day - 20)  # most of what is drawn are pale rules
    page.evaluate("document.body.classList.remove('dark')")
    eventually(lambda: brightness(page, 0) == by_day)


LIBRARY = ["charts.js", "plot.js", "uPlot.iife.min.js", "uPlot.min.css"]


def test_the_library_is_loaded_when_a_tab_with_charts_is_first_opened(visit, address):
    page = visit(f"{address}zh?lang=zh&tab=map", locale="zh-CN")

    def loaded():
        entries = "performance.getEntriesByType('resource').map(entry => entry.name)"
        names = [name for name in page.evaluate(entries) if "/charts/" in name]
        return sorted(name.removeprefix(f"{address}charts/") for name in names)

    filled(page)
    page.wait_for_timeout(300)
    assert not loaded()
    held = []
    page.route("**/charts/charts.js", lambda route: held.append(route))
    go_to_tab(page, "训练")
    # All at once: the first part, which names the others, is still on its way.
    eventually(lambda: loaded() == LIBRARY[1:] and held)
    for route in held:
        route.continue_()
    page.locator(".curve .plot canvas").nth(7).wait_for()
    assert loaded() == LIBRARY
    go_to_tab(page, "插值")
    page.locator(".lane canvas").nth(1).wait_for()
    assert loaded() == LIBRARY
    go_to_tab(page, "采样")
    page.locator("#samples-summary .plot canvas").wait_for()
    assert loaded() == sorted([*LIBRARY, "spread.js"])


@narrow_only
def test_the_slider_shows_the_digits_of_an_epoch_and_what_its_d_said(page):
    open_training(page)
    page.locator(".sheet i").nth(99).wait_for()
    assert grey(page) == LAST
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    page.keyboard.press("Home")
    eventually(lambda: grey(page) == 0)
    assert page.locator(".when").inner_text().split("\n")[0].startswith("Before training")
    for epoch in (1, 2, 4):
        page.keyboard.press("ArrowRight")
        eventually(lambda epoch=epoch: (grey(page), at(page)) == (epoch, f"Epoch {epoch}"))
    page.locator(".sheet i").nth(17).hover()
    eventually(lambda: page.locator(".tip").inner_text().replace("\u00a0", " ") == "60 %, cannot tell")
    page.locator(".sheet").focus()
    page.locator(".curve .plot").first.click(position={"x": 46, "y": 30})
    eventually(lambda: (grey(page), at(page)) == (1, "Epoch 1"))
    pairs = page.locator(".curve", has_text="Pairs in the right order").locator(".value")
    assert "test, at end 65.0\u00a0%" in pairs.last.inner_text()  # at every epoch


def test_it_plays_to_the_end(page):
    open_training(page)
    page.locator(".sheet i").nth(99).wait_for()
    # Looked at in the page itself, when it changes: a busy browser draws no frame of an epoch of a third of a second.
    page.evaluate(
        f"""window.shades = [{GREY}];
            new MutationObserver(() => shades.push({GREY}))
                .observe(document.querySelector("#training-stage .when"), {{ childList: true, subtree: true }})"""
    )
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    assert page.evaluate("[...new Set(shades)]") == [LAST, 0, 1, 2, 4]
    assert grey(page) == LAST


def test_a_model_without_history_says_so(page):
    open_training(page)
    page.locator(".sheet i").nth(99).wait_for()
    choose_model(page, "second")
    page.get_by_text("second came without its history").wait_for()
    assert not page.locator("#training-stage :is(.plot, .sheet)").count()
    choose_model(page, "first")
    page.locator(".sheet i").nth(99).wait_for()
    assert grey(page) == LAST


def test_a_shorter_training_is_read_as_it_ended(page, checkpoints):
    """And of the table only names, recipes and times stay on one line, in every row: it has to fit."""
    short = checkpoints / "second" / "history.jsonl"
    files.write_text(short, "".join(json.dumps(line) + "\n" for line in history_lines(LAST - 3)))
    try:
        open_training(page)
        page.locator("#overlay summary").click()
        page.locator("#overlay label").first.wait_for()
        for box in page.locator("#overlay input").all():
            box.set_checked(box.input_value() in ("first", "second"))
        pairs = page.locator("#overlay .curve").filter(has_text="Pairs in the right order training pictures")
        eventually(lambda: pairs.locator(".plot").get_attribute("aria-label").endswith(": first, second"))
        eventually(lambda: len(set(pairs.locator(".value b").all_inner_texts()) - {""}) == 1)
        assert "60" in pairs.locator(".value b").last.inner_text()  # of every epoch, and so of both at the end
        wraps = page.locator(".all-models tbody td:nth-child(2)").evaluate_all(
            "cells => cells.map((cell) => getComputedStyle(cell).whiteSpace)"
        )
        assert len(wraps) > 2
        assert set(wraps) == {"normal"}
    finally:
        short.unlink()
        page.locator("#overlay summary").click()


def test_a_link_brings_the_epoch_back(visit, address):
    page = visit(f"{address}?tab=training&epoch=2", locale="zh-CN")
    page.locator(".sheet i").nth(99).wait_for()
    assert at(page) == "第 2 轮"
    assert grey(page) == 2
    page.get_by_role("slider", name="轮次").press("ArrowRight")
    eventually(lambda: "epoch=4" in link_of(page))
    page.get_by_role("slider", name="轮次").press("End")
    eventually(lambda: "epoch" not in link_of(page))
    assert np.isfinite(grey(page))
