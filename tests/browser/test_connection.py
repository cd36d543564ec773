"""The server goes away and comes back while somebody looks at the page."""

import signal

import pytest
from helpers.commands import opened

from .conftest import eventually, fill, filled, pictures, same
from .test_canvas import stroke
from .test_discriminator_tab import SEVEN, seen
from .test_page import sampled

TOLD = {"en": "The server does not answer", "zh": "服务器没有响应"}


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
            assert not any(window.locator("#server-gone").count() for window in windows.values())
            process.send_signal(signal.SIGKILL)
            for language, window in windows.items():  # where nobody has touched anything
                window.locator("#server-gone", has_text=TOLD[language]).wait_for(timeout=8000)
        stage = page.locator("#samples-stage")
        assert float(stage.evaluate("stage => getComputedStyle(stage).opacity")) < 0.6
        fill(page, "samples-seed", 9)
        with serve() as (_, again):
            assert again == address
            for window in windows.values():
                window.locator("#server-gone").wait_for(state="detached")
            count = page.locator("#samples-stage img").count()
            eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["first"], count, 9)))
            assert stage.evaluate("stage => getComputedStyle(stage).opacity") == "1"


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
