"""The training tab: curves that can be read and zoomed, digits that grow up, and models without either."""

import json

import numpy as np
import pytest
from test_history import snapshots
from test_training_tab import history_lines

from gan_demo import files

from .conftest import eventually, narrow_only
from .test_everywhere import link_of
from .test_page import choose_model

LAST = 8


@pytest.fixture(scope="module", autouse=True)
def trained(checkpoints):
    """The first model has a history and snapshots, whose digits are as grey as their epoch says."""
    folder = checkpoints / "first"
    files.write_text(folder / "history.jsonl", "".join(json.dumps(line) + "\n" for line in history_lines(LAST)))
    snapshots(folder, 0, 1, 2, 4, LAST)


def open_training(page):
    page.get_by_role("tab", name="Training").click()
    page.locator("#training-stage").wait_for()


GREY = "document.querySelector('.sheet canvas').getContext('2d').getImageData(9, 9, 1, 1).data[0]"


def grey(page):
    """The shade of the first digit."""
    return page.evaluate(GREY)


def at(page):
    return page.locator("#training-stage .at").inner_text()


def said(page, title):
    return page.locator(".curve", has_text=title).locator(".value b").first.inner_text().replace("\u00a0", " ")


@narrow_only
def test_the_curves_say_what_they_are_at_the_pointer(page):
    open_training(page)
    assert page.locator("#training-stage .plot svg > svg").count() == 8
    assert (at(page), said(page, "What D says"), said(page, "Fréchet")) == ("Epoch 8", "58.0 %", "3.75")
    plot = page.locator(".plot").nth(1)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 46, box["y"] + 50)
    eventually(lambda: (at(page), said(page, "What D says"), said(page, "Fréchet")) == ("Epoch 1", "51.0 %", "–"))
    page.mouse.move(box["x"] + 5, box["y"] - 400)
    eventually(lambda: at(page) == "Epoch 8")


def test_dragging_zooms_and_a_button_shows_all_again(page):
    open_training(page)
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    width, y = box["width"] - 54, box["y"] + 40
    page.mouse.move(box["x"] + 44 + width * 2 / 7, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 44 + width * 5 / 7, y, steps=4)
    page.mouse.up()
    numbers = page.locator(".plot").nth(3).locator("svg > text[text-anchor=middle]")
    eventually(lambda: [numbers.first.text_content(), numbers.last.text_content()] in (["3", "6"], ["4", "6"]))
    page.get_by_role("button", name="All epochs").click()
    eventually(lambda: numbers.last.text_content() == "8")
    page.get_by_role("button", name="Zoom in").click()
    assert page.get_by_role("button", name="All epochs").is_enabled()


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
    page.locator(".plot").first.click(position={"x": 46, "y": 30})
    eventually(lambda: (grey(page), at(page)) == (1, "Epoch 1"))


def test_it_plays_to_the_end(page):
    open_training(page)
    page.locator(".sheet i").nth(99).wait_for()
    # Looked at in the page itself: each epoch is there for a third of a second only.
    page.evaluate(f"window.shades = []; (function look() {{ shades.push({GREY}); requestAnimationFrame(look); }})()")
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
    assert not page.locator(".plot, .sheet").count()
    choose_model(page, "first")
    page.locator(".sheet i").nth(99).wait_for()
    assert grey(page) == LAST


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
