"""The lab in a browser: each lesson by mouse and by keyboard, the game, its rewinding and its link."""

import json
import urllib.parse

import pytest

from gan_demo.ui.tabs.lab.tab import LESSONS

from .conftest import eventually, go_to_tab, narrow_only

# What a lesson ends in, to within a few thousandths: the numbers of its answer.
NUMBERS = {
    "best": {"p": 0.39894, "q": 0.05399, "value": 0.88080},
    "log4": {"c": -0.00019, "js": 0.69305, "kl": 32, "w1": 8},
    "loss": {"saturating": 0.0004, "nonSaturating": 7.9996},
    "disjoint": {"near": 0.69315, "far": 0.69315},
    "lipschitz": {"value": 1.9},
    "dirac": {"start": 1.41421, "minimax": 1.399, "r1": 0, "non-saturating": 0.390, "wasserstein": 1.410},
    "entropy": {"value": 3.32193, "nats": 2.30259, "coin": 0.7, "middle": 2},
    "collapse": {"fair": 8},
    "game": {},
    "conditional": {},
    "digits": {},
}


def open_lab(page, address, lesson=""):
    page.goto(f"{address}?tab=lab" + (f"&lab={lesson}" if lesson else ""))
    page.locator(".lab .lessons").wait_for()


def number_of(page, measure):
    return page.locator(f"[data-measure={measure}] dd").inner_text()


def step(page):
    return int(page.locator(".lab").get_attribute("data-step") or -1)


def answered(page, name):
    page.locator(".answer:not([hidden])").wait_for()
    found = json.loads(page.locator(".answer").get_attribute("data-numbers"))
    for key, value in NUMBERS[name].items():
        assert found[key] == pytest.approx(value, abs=2e-3), (name, key)
    if name == "game":
        assert found["after"] < found["before"] < 0
    if name == "collapse":
        assert found["slow"] <= 2
        assert found["logPath"] == "−0.477, −0.347, −0.693"
        assert found["pairsPath"] == "−0.347, −0.347, −0.693"
    if name == "conditional":
        assert int(found["share"].split()[0]) >= 90
    text = page.locator(".answer").inner_text()
    assert "{" not in text and "undefined" not in text and "NaN" not in text
    return text


def test_every_lesson_by_mouse(page, address):
    open_lab(page, address)
    for name in LESSONS:
        page.locator(f"[data-lesson={name}]").click()
        page.locator(".lesson h2").wait_for()
        choices = page.locator(".guess input[type=radio]")
        if choices.count():
            assert page.locator(".check").is_disabled()
            choices.last.click()
        page.locator(".check").click()
        answered(page, name)
    # The last one leads back to the digits.
    assert page.locator(".answer .links a").count() == 3
    page.locator("[data-lesson=loss]").click()
    page.locator(".guess input").first.click()
    page.locator(".check").click()
    page.locator(".race button").click()
    ends = page.locator(".race[data-numbers]")
    ends.wait_for()
    ends = json.loads(ends.get_attribute("data-numbers"))
    # Plain gradient descent from 8 away: the saturating loss stays there, the other arrives.
    assert float(ends["minimax"]) > 7 and abs(float(ends["non-saturating"].replace("−", "-"))) < 1


@narrow_only
def test_lessons_by_keyboard_in_chinese(page, address):
    page.goto(f"{address}zh?tab=lab&lab=game")
    for name in LESSONS:
        page.locator(f"[data-lesson={name}][aria-pressed=true]").wait_for()
        page.locator(".guess input").first.focus()
        page.keyboard.press("Space")  # the first choice; of a slider nothing
        page.keyboard.press("ArrowRight")  # the second, or a little more
        page.locator(".check").press("Enter")
        said = answered(page, name)
        assert ("答对了" in said) == (name in ("game", "log4", "dirac", "conditional")), name
        page.wait_for_url(f"**lab={name}**")
        if name != LESSONS[-1]:
            page.locator(".next").press("Enter")


def test_the_game_runs_stops_rewinds_and_comes_back_by_its_link(page, address):
    open_lab(page, address)
    eventually(lambda: step(page) == 0)
    page.locator("#facts dd").first.wait_for(state="attached")  # the page has opened
    asked = []
    page.on("request", lambda sent: sent.method == "POST" and asked.append(sent.url))
    page.locator(".lab-stage").focus()
    page.keyboard.press("Space")
    eventually(lambda: step(page) >= 40)
    assert not asked  # the server has nothing to do
    page.keyboard.press("Space")
    page.locator(".lab[data-rests]").wait_for()
    # Away from it, nothing is played: nor may it go on by itself.
    stopped = step(page)
    page.keyboard.press("Enter")
    eventually(lambda: step(page) == stopped + 1)
    js = number_of(page, "js")
    assert 0 < float(js) < 0.694
    page.wait_for_url(lambda url: f"{stopped + 1}" in urllib.parse.unquote(url).rpartition(",")[2])
    link = page.url
    # Slow motion names the parts of an iteration with their numbers.
    for _ in range(6):
        page.keyboard.press("s")
    page.locator(".phases li").nth(5).wait_for()
    eventually(lambda: step(page) == stopped + 2)
    page.locator(".rewind input").fill("0")
    eventually(lambda: step(page) == 0)
    # The same seed and settings, played to the same iteration, show the same.
    page.goto(link)
    eventually(lambda: step(page) == stopped + 1)
    eventually(lambda: number_of(page, "js") == js)


def test_a_page_on_which_nobody_opens_the_lab_loads_none_of_it(page, address):
    asked = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(address)
    page.locator("#samples-stage img").first.wait_for()
    assert not [url for url in asked if "/lab/" in url]
    with page.expect_request("**/lab/worker.js"):
        go_to_tab(page, "Lab")
    # Data of one's own: drawn with the pointer, learned at once.
    eventually(lambda: step(page) == 0)
    page.locator("[data-set=data][data-of=plane]").select_option("own")
    box = page.locator(".lab-stage").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 300, steps=20)
    page.mouse.up()
    page.locator("[data-do=iteration]").click()
    eventually(lambda: step(page) == 1)
    assert page.locator("[data-measure=modes]").is_hidden()
