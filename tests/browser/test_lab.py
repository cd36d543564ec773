"""The lab in a browser: each lesson by mouse and by keyboard, the game, its rewinding and its link."""

import json
import urllib.parse

import pytest

from gan_demo.ui import words
from gan_demo.ui.tabs.lab.tab import LESSONS

from .conftest import at_rest, eventually, go_to_tab, narrow_only, unopened

pytestmark = unopened

# What a lesson ends in: the numbers of its answer. Those of a game that is played follow from its seed.
NUMBERS = {
    "best": {"p": 0.39894, "q": 0.05399, "value": 0.88080},
    "log4": {"c": -0.00019, "js": 0.69305, "kl": 32, "w1": 8},
    "loss": {"saturating": 0.00039, "nonSaturating": 7.99961},
    "disjoint": {"near": 0.69315, "far": 0.69315, "clipped": 0.00004, "penalised": 1.89429},
    "lipschitz": {"value": 1.9},
    "dirac": {"start": 1.41421, "minimax": 1.39894, "together": 2.17930, "r1": 0, "non-saturating": 0.39019}
    | {"wasserstein": 1.41026},
    "entropy": {"value": 3.32193, "nats": 2.30259, "coin": 0.7, "middle": 2},
    "collapse": {"slow": 0, "quick": 1, "fair": 8},
    "game": {"before": -0.24261, "after": -0.38867},
    "conditional": {"own": 0.9952},
    "digits": {},
}


def open_lab(page, address, lesson=""):
    page.goto(f"{address}?tab=lab" + (f"&lab={lesson}" if lesson else ""))
    page.locator(".lab .lessons").wait_for()


def number_of(page, measure):
    return page.locator(f"[data-measure={measure}] dd").inner_text()


def step(page):
    return int(page.locator(".lab").get_attribute("data-step") or -1)


def bottom(page, selector):
    """Where the lower edge of an element is, with the page scrolled to its top."""
    return page.locator(selector).evaluate("(element) => element.getBoundingClientRect().bottom + scrollY")


def answered(page, name):
    page.locator(".answer:not([hidden])").wait_for()
    found = json.loads(page.locator(".answer").get_attribute("data-numbers"))
    for key, value in NUMBERS[name].items():
        assert found[key] == pytest.approx(value, abs=2e-5), (name, key)
    if name == "collapse":
        assert found["logPath"] == "−0.477, −0.347, −0.693"
        assert found["pairsPath"] == "−0.347, −0.347, −0.693"
    if name == "digits":  # the best D of the test's second model
        assert found["bars"] == [["second", found["least"], 0.4]]
    text = page.locator(".answer").inner_text()
    if name == "disjoint":
        assert "< 0.0001" in text  # and not 0.0000, as if it were nothing
    assert "[" not in "".join(page.locator(".lesson .caption").all_inner_texts())  # colours are lines, not words
    assert "{" not in text and "undefined" not in text and "NaN" not in text
    return text


def test_every_lesson_by_mouse(page, address):
    open_lab(page, address)
    for name in LESSONS:
        page.locator(f"[data-lesson={name}]").click()
        page.locator(".lesson h2").wait_for()
        choices = page.locator(".guess input[type=radio]")
        if name == "best":  # what is drawn is named at once; what comes later, later
            eventually(lambda: page.locator(".figure .caption .key").count() == 2)
        # Nobody is told before they have made a prediction; where a slider stands is one.
        assert page.locator(".check").is_disabled() == bool(choices.count())
        if name == "game":  # D has learned before anything is asked of it
            eventually(lambda: number_of(page, "value") == "−0.243")
            assert page.locator("[data-measure=modes]").is_hidden()
            opened = step(page)
        if choices.count():
            choices.last.click()
        else:
            page.locator(".guess input").press("ArrowRight")
        page.locator(".check").click()
        said = answered(page, name)
        if name == "best":
            eventually(lambda: page.locator(".figure .caption .key").count() == 3)
        if name in ("game", "collapse"):  # what is said stands beside the question, and the game stays in sight
            assert page.locator(".said").bounding_box()["y"] < page.locator(".check").bounding_box()["y"]
            assert bottom(page, ".lesson") - bottom(page, ".check") < 120
        if name == "collapse":
            page.locator(".answer summary").click()
            assert "(−0.477, −0.347, −0.693)" in page.locator(".answer details").inner_text()
        if name == "digits":  # .4 nats are more than half of log 2
            assert "Right." in said
        if name == "game":
            eventually(lambda before=opened: step(page) == before + 20)
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
    assert ends == {"minimax": "7.791", "non-saturating": "0.082"}


@narrow_only
def test_on_a_phone_that_lies_on_its_side(page, address):
    """What a lesson found comes into sight, and the plane is seen whole."""
    page.set_viewport_size({"width": 844, "height": 390})
    open_lab(page, address, "disjoint")
    page.locator(".guess input").first.click()
    page.locator(".check").click()
    page.locator(".answer:not([hidden])").wait_for()
    box = page.locator(".said").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 390
    assert page.locator(".lab-stage").bounding_box()["height"] <= 390 - 80
    page.set_viewport_size({"width": 390, "height": 844})


@narrow_only
def test_lessons_by_keyboard_in_chinese(page, address):
    page.goto(f"{address}zh?tab=lab&lab=game")
    for name in LESSONS:
        chip = page.locator(f"[data-lesson={name}][aria-pressed=true]")
        chip.wait_for()
        # The row of lessons has scrolled to this one, which is whole, with its title, and large enough for a finger.
        assert words.LANGUAGES["zh"].texts[f"lab {name} title"] in chip.inner_text()
        box = chip.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["height"] >= 44
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
    # While nobody sees it, it rests; then it goes on.
    go_to_tab(page, "Training")
    rests = at_rest(lambda: step(page))
    go_to_tab(page, "Lab")
    eventually(lambda: step(page) > rests)
    page.locator(".lab-stage").focus()
    page.keyboard.press("Space")
    page.locator(".lab[data-rests]").wait_for()
    stopped = step(page)
    page.keyboard.press("Enter")
    eventually(lambda: step(page) == stopped + 1)
    js = number_of(page, "js")
    assert 0 < float(js) < 0.694
    # A sign before a number says how it stands to the truth; before what is no number there is none.
    stands = "(part) => getComputedStyle(part, '::before').content"
    assert page.locator("[data-measure=js] dd").evaluate(stands).startswith('"≥')
    assert page.locator("[data-measure=w1] dd").evaluate(stands).startswith('"≈')
    assert page.locator("[data-measure=step] dd").evaluate(stands) == "none"
    page.wait_for_url(lambda url: f"{stopped + 1}" in urllib.parse.unquote(url).rpartition(",")[2])
    link = page.url
    # Slow motion names the parts of an iteration with their numbers, in a place that is seen and does not move.
    page.evaluate("scrollTo(0, 0)")
    for part in range(6):
        page.locator("[data-do=slow]").click()
        page.locator(".phases li").nth(part).wait_for()
        assert bottom(page, ".phases") <= page.viewport_size["height"]
    eventually(lambda: step(page) == stopped + 2)
    marked = "(box) => Math.round(box.uplot.posToVal(box.uplot.cursor.left, 'x'))"
    # What is said of an iteration goes with it, and the curve marks the state that is shown.
    page.locator(".rewind input").fill("0")
    eventually(lambda: step(page) == 0)
    assert page.locator(".phases").is_hidden()
    eventually(lambda: abs(page.locator(".curve .plot").evaluate(marked)) <= 1)
    # The same seed and settings, played to the same iteration, show the same.
    page.goto(link)
    eventually(lambda: step(page) == stopped + 1)
    eventually(lambda: number_of(page, "js") == js)


def test_the_plane_is_seen_whole_beside_its_buttons(page, address):
    """At the sizes of a projector and of a phone, with nothing scrolled; with a lesson, too, where there is room."""
    for width, height, lesson in ((1280, 720, ""), (1280, 720, "conditional"), (390, 844, "")):
        page.set_viewport_size({"width": width, "height": height})
        open_lab(page, address, lesson)
        eventually(lambda: step(page) == 0)
        assert bottom(page, "[data-do=run]") < bottom(page, ".lab-stage") <= height
        numbers, stage = (page.locator(part).bounding_box() for part in (".measures", ".lab-stage"))
        assert numbers["x"] >= stage["x"] + stage["width"] or numbers["y"] >= stage["y"] + stage["height"]
    page.set_viewport_size({"width": 1280, "height": 900})
    # Data of one's own is drawn with the keys, too.
    page.locator("[data-set=data][data-of=plane]").select_option("own")
    page.locator(".lab-stage").focus()
    for key in ("Shift+ArrowRight", "Space", "ArrowUp", "Enter", "ArrowLeft", "Space", "Backspace"):
        page.keyboard.press(key)
    assert "(0.4, 0.1), points: 2" in page.locator(".lab-legend").inner_text()
    page.keyboard.press("d")  # takes no step meanwhile
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: url.endswith(",l0i0l0il"))
    assert "points:" not in page.locator(".lab-legend").inner_text()
    page.keyboard.press("Enter")
    eventually(lambda: step(page) == 1)


def shown(page):
    """All numbers, and a digest of the picture."""
    page.locator(".lab[data-step]").wait_for()
    numbers = page.locator(".measures").inner_text()
    return numbers, page.locator(".lab-stage").evaluate("(canvas) => canvas.toDataURL()")


def test_other_networks_steps_by_hand_and_what_is_looked_at_come_back_by_a_link(page, address):
    # The form of a link that older versions wrote, and all that came later.
    page.goto(f"{address}?tab=lab&lab=plane,grid,wasserstein,gradient,0.01,0.005,2,1,0,32,7,0,5")
    eventually(lambda: step(page) == 5)
    page.get_by_text("Rates and sizes").click()
    for name, number in {"d_width": 12, "d_layers": 3, "g_layers": 1}.items():
        page.locator(f"[data-set={name}]").fill(str(number))
        page.locator(f"[data-set={name}]").press("Tab")
    eventually(lambda: step(page) == 0)
    page.locator("[data-set=lattice]").check()
    page.locator("[data-set=arrows]").select_option("critic")
    for curve in ("losses", "slope"):
        page.locator("[data-set=curve]").select_option(curve)
    for times, does in enumerate(("iteration", "step_d", "step_g", "iteration"), 1):
        page.locator(f"[data-do={does}]").click()
        eventually(lambda times=times: step(page) == times)
    page.wait_for_url(lambda url: "1i1d1g1i,1,32,3,12,d,critic,1,slope" in urllib.parse.unquote(url))
    before = shown(page)
    lines = page.locator(".curve .plot").evaluate("(box) => box.uplot.data")
    assert lines[0] == [0, 1, 2, 3, 4] and all(slope > 0 for slope in lines[1])
    page.reload()
    eventually(lambda: step(page) == 4 and shown(page) == before)


def test_a_page_on_which_nobody_opens_the_lab_loads_none_of_it(page, address):
    asked = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(address)
    page.locator("#samples-stage img").first.wait_for()
    assert not [url for url in asked if "/lab/" in url]
    # Of its words the page has the title alone.
    source, title = page.request.get(address).text() + page.content(), words.say("lab")
    said = {text[:25] for key, text in words.beginning("lab ").items() if len(text) > 25 and key != title}
    assert len(said) > 60 and not [text for text in said if text in source]
    assert "min-height: 80vh" in source  # it has looked at what the tab is made of
    with page.expect_request("**/lab/*/worker.js") as worker:
        go_to_tab(page, "Lab")
    kept = worker.value.response().header_value("cache-control")
    assert kept == "public, max-age=31536000, immutable"
    page.get_by_text("trains here, in your browser").wait_for()
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
    page.wait_for_url(lambda url: "own" in url and "1,2,32,2,32,d" in urllib.parse.unquote(url))
    js = number_of(page, "js")
    page.reload()
    eventually(lambda: step(page) == 1)
    eventually(lambda: number_of(page, "js") == js)
