"""The list of models: with the keyboard alone, and what a pointer does to it."""

from gan_demo.ui import words
from gan_demo.ui.tabs.samples import tab as samples

from .conftest import eventually, narrow_only, pictures, same
from .test_page import sampled


def rows(page):
    return page.locator("#model li").all_inner_texts()


def active(page):
    return page.locator("#model li.active").all_inner_texts()


def test_a_model_is_found_and_chosen_with_the_keyboard(page, gans):
    field = page.locator("#model input")
    page.locator("button[data-panel=about]").focus()
    page.keyboard.press("Shift+Tab")
    eventually(lambda: len(rows(page)) > 3)
    assert active(page)[0].split()[:2] == ["✓", "first"]
    page.keyboard.press("Tab")  # leaves it, and changes nothing
    eventually(lambda: not rows(page))
    assert field.input_value().startswith("first ")
    page.keyboard.press("Shift+Tab")
    eventually(lambda: len(rows(page)) > 3)
    page.keyboard.type("nothing")  # in the place of what was there
    page.locator("#model ul").wait_for()
    eventually(lambda: not rows(page))
    shown = page.evaluate("getComputedStyle(document.querySelector('#model ul'), '::after').content")
    assert shown == '"No model found"'
    for _ in "nothing":
        page.keyboard.press("Backspace")
    page.keyboard.type("sec")
    eventually(lambda: [row.split()[-3] for row in rows(page)] == ["second"] or len(rows(page)) == 1)
    row = page.locator("#model li.active")
    line, about = row.inner_text().splitlines()
    assert "second" in line
    assert about == words.recipe("dragan")
    assert row.evaluate("row => getComputedStyle(row, '::first-line').color != getComputedStyle(row).color")
    others = page.evaluate("getComputedStyle(document.querySelector('#model ul')).backgroundColor")
    assert row.evaluate("row => getComputedStyle(row).backgroundColor") != others
    page.keyboard.press("Enter")
    page.locator("#facts", has_text="DCGAN").wait_for(state="attached")
    eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["second"], samples.COUNT, samples.SEED)))
    assert field.input_value().startswith("second ")


@narrow_only
def test_a_click_opens_the_list_whenever_it_is_closed(page):
    field = page.locator("#model input")
    field.click()
    eventually(lambda: len(rows(page)) > 3)
    assert field.evaluate("field => field.selectionEnd - field.selectionStart") == len(field.input_value())
    page.keyboard.press("Escape")
    eventually(lambda: not rows(page))
    field.click()
    eventually(lambda: len(rows(page)) > 3)
    page.locator("#title h1").click()
    eventually(lambda: not rows(page))
    assert field.input_value().startswith("first ")
