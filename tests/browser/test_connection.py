"""The server goes away and comes back while somebody looks at the page."""

import signal

import pytest
from helpers.commands import opened

from .conftest import eventually, fill, filled, go_to_tab, pictures, same
from .test_canvas import stroke
from .test_discriminator_tab import SEVEN, seen
from .test_page import sampled

TOLD = {"en": "The server does not answer", "zh": "服务器没有响应"}
SLOW = {"en": "The server takes its time", "zh": "服务器响应较慢"}
PROXY = "<html><head><title>503</title></head><body>Service Temporarily Unavailable</body></html>"
OPACITY = "part => getComputedStyle(part).opacity"


@pytest.fixture
def serve(checkpoints, tmp_path):
    """The first model's page in a process of its own; each time on the same port, the first that is free."""
    return lambda: opened(checkpoints / "first", log=tmp_path / "stderr")


def test_the_page_says_that_the_server_is_gone_and_goes_on_when_it_is_back(lend, serve, gans):
    with lend() as page, lend() as chinese:
        windows = {"en": page, "zh": chinese}
        with serve() as (process, address):
            for language, window in windows.items():
                window.goto(f"{address}?lang={language}")
                window.locator("#samples-stage img").first.wait_for()
                filled(window)
            page.wait_for_timeout(1000)
            assert not any(window.locator("#server-gone, #server-slow").count() for window in windows.values())
            process.send_signal(signal.SIGSTOP)
            for window in windows.values():
                fill(window, "samples-seed", 5)
                window.locator("#samples-stage [data-choose]").first.click()  # through gradio's queue
            for language, window in windows.items():  # what is there is of another seed
                window.locator("#samples-stage[aria-busy=true]").wait_for(timeout=3000)
                window.locator("#samples-inspector[aria-busy=true]").wait_for(timeout=3000)
                window.locator("#server-slow", has_text=SLOW[language]).wait_for(timeout=4000)
                assert float(window.locator("#samples-stage").evaluate(OPACITY)) < 0.6
            for language, window in windows.items():
                window.locator("#server-gone", has_text=TOLD[language]).wait_for(timeout=15_000)
            process.send_signal(signal.SIGCONT)
            for window in windows.values():
                window.locator("#samples-stage[aria-busy=false]").wait_for()
                window.locator("#samples-inspector[aria-busy=false] [data-chosen]").wait_for()
                window.locator("#server-gone, #server-slow").wait_for(state="detached")
                count = window.locator("#samples-stage img").count()
                eventually(lambda w=window, c=count: same(pictures(w, "samples-stage"), sampled(gans["first"], c, 5)))
            process.send_signal(signal.SIGKILL)
            for language, window in windows.items():  # where nobody has touched anything
                window.locator("#server-gone", has_text=TOLD[language]).wait_for(timeout=8000)
        stage = page.locator("#samples-stage")
        assert float(stage.evaluate(OPACITY)) < 0.6
        fill(page, "samples-seed", 9)
        with serve() as (_, again):
            assert again == address
            for window in windows.values():
                window.locator("#server-gone").wait_for(state="detached")
            count = page.locator("#samples-stage img").count()
            eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["first"], count, 9)))
            assert stage.evaluate(OPACITY) == "1"


def test_drawing_goes_on_when_the_server_is_back(lend, serve):
    with lend() as page:
        with serve() as (process, address):
            page.goto(f"{address}?tab=discriminator&lang=en")
            page.locator("[data-example]").last.wait_for()
            page.get_by_role("button", name="Clear").click()
            page.locator(".live .no-reference").wait_for()
            process.send_signal(signal.SIGKILL)
            page.locator("#server-gone").wait_for(timeout=8000)
        page.locator("#judge-canvas").evaluate("canvas => canvas.scrollIntoView()")
        stroke(page, *SEVEN, name="judge-canvas")
        with serve():
            page.locator(".live .number").wait_for()
            assert seen(page)[0].any()
            assert not page.locator("#server-gone").count()


def test_a_proxys_page_and_a_refusal_are_asked_for_again(lend, address):
    refusals = [
        {"status": 503, "content_type": "text/html", "body": PROXY},
        {"status": 200, "content_type": "text/html", "body": PROXY},
        {"status": 429, "json": {"detail": "too much"}},
    ]

    def in_between(route):
        if "component_server" in route.request.url and refusals:
            route.fulfill(**refusals.pop(0))
        else:
            route.continue_()

    with lend() as page:
        page.goto(f"{address}?tab=directions&lang=en")
        shown = page.locator(".now [data-pin]:not([data-pin=''])")
        shown.wait_for(state="attached")
        before = shown.get_attribute("data-pin")
        page.route("**/*", in_between)
        page.locator("[data-act=dice]").click()
        eventually(lambda: shown.get_attribute("data-pin") != before)
        assert not refusals
        assert not page.locator(".wrong").first.is_visible()


def test_what_is_late_is_told_of_where_it_is_in_sight_and_quick_answers_are_not_late(lend, address):
    with lend() as page:
        page.goto(f"{address}?lang=en")
        filled(page)
        pale = """async () => {
            const pause = (ms) => new Promise((done) => setTimeout(done, ms));
            const part = document.querySelector("#samples-summary"), looks = [];
            for (const ms of [1300, ...Array(12).fill(30)]) {  // a slow answer, and quick ones right after it
                const answered = ganDemo.wait([part]);
                await pause(ms);
                looks.push(part.ariaBusy);
                answered();
            }
            return looks;
        }"""
        looks = page.evaluate(pale)
        assert looks[:2] == ["true", "true"]
        assert looks[-1] == "false"
        go_to_tab(page, "Directions")
        page.locator("#board-stage .face").first.wait_for()
        go_to_tab(page, "Samples")
        page.evaluate("() => { window.answered = ganDemo.wait([document.querySelector('#board-stage')]); }")
        page.wait_for_timeout(4000)
        assert not page.locator("#server-slow").count()  # nothing that is in sight is late
        go_to_tab(page, "Directions")
        page.locator("#server-slow").wait_for()
        page.evaluate("answered()")
        page.locator("#server-slow").wait_for(state="detached")
