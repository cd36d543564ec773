"""What the front end of gradio does not do: as long as this holds, gradio_workarounds.py is needed."""

import re
from pathlib import Path

import gradio as gr
import pytest
from helpers.commands import WEB

from gan_demo.ui import gradio_workarounds as workarounds
from gan_demo.ui.shared import widgets

from .conftest import eventually

WORDS = "{ oops: 'Oops', close: 'Shut', gone: 'Away', busy: 'Full', failed: 'Broken' }"


@pytest.fixture(scope="module")
def plain():
    """The address of a page of gradio's own, without anything of ours."""
    from gan_demo.cli.page import free_port

    def fail(message):
        def raising():
            raise gr.Error(message, title="Oops", print_exception=False)

        return raising

    with gr.Blocks() as blocks:
        gr.Button("loud").click(fail("heard"))
        gr.Button("quiet").click(fail("not heard"), queue=False)
        told = gr.Button("asked again").click(fail("heard after all"), queue=False)
        workarounds.ask_again(told, fail("heard after all"), [], [])
        chosen = gr.Dropdown(["one", "two", "three"], value="one", label="chooser", elem_id="chooser")
        seen = gr.Textbox(elem_id="seen")
        chosen.select(lambda value: value, chosen, seen)
        gr.Slider(0, 1, value=1, label="amount", interactive=True)
        with gr.Tabs() as tabs, gr.Tab("a tab"):
            for _ in range(20):
                gr.Textbox()
        ended = gr.Textbox(elem_id="ended")
        hidden = {"show_progress": "hidden", "show_progress_on": tabs}
        gr.Button("told of all").click(lambda: "all", outputs=ended, **hidden)
        gr.Button("told of none").click(lambda: "none", outputs=ended, **widgets.QUEUED)
    port = free_port("127.0.0.1", None)
    blocks.launch(server_port=port, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}"
    blocks.close(verbose=False)


def test_a_toast_of_an_error_does_not_show_its_title(lend, plain):
    with lend() as page:
        page.goto(plain)
        page.get_by_role("button", name="loud").click()
        page.get_by_test_id("toast-body").wait_for()
        title = page.locator(".toast-title.error").inner_text()
        assert title.strip() == "Error"
        assert page.get_by_test_id("toast-close").get_attribute("aria-label") == "Close"
        page.evaluate(f"Object.assign(document.documentElement.dataset, {WORDS}); {workarounds.SCRIPT}")
        page.get_by_role("button", name="loud").click()
        page.locator(".toast-title.error", has_text="Oops").first.wait_for()
        page.locator("[data-testid=toast-close][aria-label=Shut]").first.wait_for()


def test_what_gradio_says_itself_becomes_our_words(lend, plain):
    """Each of its sentences is still in its front end."""
    folder = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
    front = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    with lend() as page:
        page.goto(plain)
        page.evaluate(f"Object.assign(document.documentElement.dataset, {WORDS}); {workarounds.SCRIPT}")
        for sentence, words in (
            ("Connection to the server was lost. Attempting reconnection...", "Away"),
            ("Connection errored out. ", "Away"),
            ("This application is currently busy. Please try again. ", "Full"),
            ("An error occurred.", "Broken"),
        ):
            assert sentence in front
            page.evaluate(
                """(textContent) => document.body.append(
                    Object.assign(document.createElement("p"), { className: "toast-message-text", textContent }))""",
                sentence,
            )
            page.locator("p.toast-message-text", has_text=words).first.wait_for()


def test_sliders_are_called_by_more_than_their_labels(lend, plain):
    with lend() as page:
        page.goto(plain)
        page.get_by_label("number input for amount", exact=True).wait_for()
        page.get_by_label("range slider for amount", exact=True).wait_for()


COUNT_FRAMES = """
const frame = window.requestAnimationFrame;
window.frames_asked = 0;
window.requestAnimationFrame = (callback) => { window.frames_asked += 1; return frame(callback); };
"""


@pytest.mark.parametrize("ours", [False, True])
def test_a_page_at_which_nobody_does_anything_asks_for_frames_without_end_and_ours_does_not(lend, plain, address, ours):
    with lend() as page:
        page.add_init_script(COUNT_FRAMES)
        page.goto(address if ours else plain)
        page.locator("#samples-stage img" if ours else "button").first.wait_for()
        page.wait_for_timeout(1500)  # what comes in by and by
        page.evaluate("window.frames_asked = 0")
        page.wait_for_timeout(2000)
        asked = page.evaluate("window.frames_asked")
        assert asked <= 12 if ours else asked > 40
        page.context.close()  # which the next one would find with this script


def test_gradio_speaks_the_browsers_language_and_says_another(lend, plain):
    with lend(locale="zh-CN") as page:
        page.goto(plain)
        page.get_by_role("button", name="loud").wait_for()
        assert page.evaluate("document.documentElement.lang") == "zh-CN"  # what svelte-i18n has chosen
        html = page.request.get(plain).body()
        spoken = workarounds.speaking(html, "zh-Hans")
        assert (html.count(b'lang="en"'), spoken.count(b'lang="zh-Hans"')) == (1, 1)
        assert spoken.index(b'value: "zh-CN"') < spoken.index(b'type="module"')


def test_a_list_to_choose_from_lacks_what_the_script_gives_it(lend, plain):
    rows = "#chooser li"
    with lend() as page:
        page.goto(plain)
        field = page.locator("#chooser input")
        field.focus()
        page.locator(rows).first.wait_for()
        page.keyboard.press("Tab")
        page.wait_for_timeout(400)  # in which it would close
        assert page.locator(rows).count()
        field.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('#chooser input').value === 'two'")
        field.click()
        page.keyboard.type("th")
        assert field.input_value() == "twoth"
        page.keyboard.press("Escape")
        page.locator(rows).first.wait_for(state="detached")
        field.click()
        page.wait_for_timeout(400)
        assert not page.locator(rows).count()
        assert page.locator("#seen textarea, #seen input").first.input_value() == ""  # nobody was told of "two"


def test_an_error_past_the_queue_makes_no_toast(lend, plain):
    with lend() as page:
        page.goto(plain)
        page.get_by_role("button", name="quiet").click()
        page.get_by_role("button", name="asked again").click()
        page.get_by_test_id("toast-body").first.wait_for()
        page.wait_for_timeout(500)
        assert page.get_by_text("heard after all").count()
        assert not page.get_by_text("not heard", exact=True).count()


COPIES = """(() => {
    const { structuredClone } = window;
    window.copies = 0;
    window.structuredClone = (...given) => (window.copies += 1) && structuredClone(...given);
})()"""


def test_whoever_shows_the_progress_of_an_event_reads_all_that_a_part_holds(lend, plain, address):
    copied = {}
    with lend() as page:
        page.goto(plain)
        page.evaluate(COPIES)
        for name in ("none", "all"):  # of what was told once, gradio tells again at every event
            page.evaluate("window.copies = 0")
            page.get_by_role("button", name=f"told of {name}").click()
            eventually(lambda name=name: page.locator("#ended textarea, #ended input").input_value() == name)
            copied[name] = page.evaluate("window.copies")
    assert copied["all"] > 10 * copied["none"]
    events = WEB.get(f"{address}config").json()["dependencies"]
    # Those without targets are the API's.
    ours = [event for event in events if event["targets"] and event["show_progress"] == "hidden"]
    assert len(ours) > 30
    assert all(event["show_progress_on"] == [] for event in ours)


def test_the_names_that_our_sheets_know_are_gradios(page):
    for name in workarounds.CLASSES:
        assert page.locator(f".{name}").count(), name


def test_the_page_names_the_files_that_it_comes_to_ask_for_and_gradio_alone_does_not(lend, plain, address):
    early = re.compile(r'<link rel="(?:modulepreload|preload)"[^>]* href="\./([^"]+)">')
    there = WEB.get(address).text
    named = early.findall(there)
    assert not early.findall(WEB.get(plain).text)
    assert there.index(named[-1]) < there.index("window.gradio_config")

    def without(route):
        route.fulfill(body=early.sub("", route.fetch().text()), content_type="text/html")

    asked = []
    with lend() as page:
        page.route(address, without)
        page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        page.goto(address)
        page.locator("#samples-stage img").first.wait_for()
        parts = {url for url in asked if url.startswith(("assets/", "theme.css"))}
    (entry,) = parts - set(named)  # it stands in the page already
    assert f'src="./{entry}"' in there
    assert set(named) < parts


def test_a_visitor_from_afar_gets_the_same_page_in_a_fifth_of_the_bytes(address):
    here, afar = (WEB.get(address, headers=headers) for headers in ({}, {"X-Forwarded-For": "203.0.113.7"}))
    assert afar.text == here.text
    assert int(afar.headers["content-length"]) < int(here.headers["content-length"]) / 4
