"""You or D: a game by keyboard, wide and in English; the same pairs by touch, narrow and in Chinese, from a link."""

import urllib.parse

import pytest

from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.game import rules

from .conftest import pictures, same, unopened


@pytest.fixture
def pairs(checkpoints):
    return lambda name, seed: rules.pairs(Catalogue([checkpoints]), name, seed)[1]


def query(page):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))


def shown(page, pair):
    """The two pictures of a pair, and nothing that says which is real."""
    page.wait_for_function("document.querySelector('#game-stage .told').textContent === ''")
    assert same(pictures(page, "game-stage .pair"), pair.shown())
    text = page.locator("#game-stage .pair").evaluate("pair => pair.outerHTML.replace(/base64,[^\"]+/g, '')")
    assert str(pair.place) not in text
    for word in ("is-real", "first", "真实"):
        assert word not in text


def fits(page):
    """Both digits and the button that goes on are seen without scrolling."""
    page.locator("#game-stage .play").evaluate("play => play.scrollIntoView()")
    bottom = page.locator("#game-stage [data-next]").bounding_box()
    return bottom["y"] + bottom["height"] <= page.viewport_size["height"]


@unopened
def test_by_keyboard_then_by_touch_in_chinese_from_the_link(page, lend, address, pairs):
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"{address}?tab=game&model=first&pairs=5")
    page.locator("#game-stage .side img").nth(1).wait_for()
    page.wait_for_timeout(100)
    assert page.evaluate("scrollY") == 0  # it is seen from its beginning
    page.set_viewport_size({"width": 1280, "height": 900})
    keys = {"left": ("ArrowLeft", "1"), "right": ("ArrowRight", "2")}
    for number, pair in enumerate(pairs("first", 5)):
        shown(page, pair)
        right = number < 7
        side = pair.side if right else {"left": "right", "right": "left"}[pair.side]
        page.keyboard.press(keys[side][number % 2])
        page.locator("#game-stage [data-next]").wait_for()
        assert page.locator("#game-stage .is-real").get_attribute("data-side") == pair.side
        assert page.locator("#game-stage .told").inner_text().startswith("Yes" if right else "No")
        assert fits(page)
        page.wait_for_timeout(310)  # a second press within that is taken for the same
        page.keyboard.press("Enter" if number % 2 else "ArrowLeft")
    page.get_by_role("heading", name="You found 7 of 10").wait_for()
    board = page.locator("#game-stage .board-of-scores").inner_text().split("\n")
    assert board[:2] == ["You", "7 of 10"]
    assert page.locator("#game-stage .of-real img").count() == 10
    page.wait_for_url("**beat=7**")
    challenge = query(page)
    assert challenge == {"tab": "game", "model": "first", "pairs": "5", "beat": "7"}
    page.wait_for_timeout(310)
    page.keyboard.press("Enter")  # on the button that has the focus: ten other pairs
    page.locator("#game-stage .play").wait_for()
    page.wait_for_url(lambda url: "beat" not in url and "pairs=5" not in url.split("&"))

    with lend("narrow", "zh-CN") as other:
        other.goto(f"{address}?{urllib.parse.urlencode(challenge)}")
        other.locator("#game-stage .side img").nth(1).wait_for()
        assert "答对了 7/10" in other.locator("#game-stage .beat").inner_text()
        for pair in pairs("first", 5):
            shown(other, pair)
            other.locator(f"#game-stage [data-side={pair.side}]").click()
            other.locator("#game-stage [data-next]").wait_for()
            assert fits(other)
            other.locator("#game-stage [data-next]").click()
        other.get_by_role("heading", name="你答对了 10/10").wait_for()
        assert other.evaluate("document.documentElement.scrollWidth") == 390
        # Another opponent is another page.
        other.locator("#game-stage [data-again]").click()
        other.locator("#game-stage .against select").select_option("second")
        other.wait_for_url("**model=second**")
        other.locator("#game-stage .side img").nth(1).wait_for()
        assert query(other)["tab"] == "game"
