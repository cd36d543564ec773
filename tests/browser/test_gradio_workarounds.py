"""What the front end of gradio does not do: as long as this holds, gradio_workarounds.py is needed."""

import gradio as gr
import pytest

from gan_demo.ui import gradio_workarounds as workarounds


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
        page.evaluate(f"document.documentElement.dataset.oops = 'Oops'; {workarounds.SCRIPT}")
        page.get_by_role("button", name="loud").click()
        page.locator(".toast-title.error", has_text="Oops").first.wait_for()


def test_an_error_past_the_queue_makes_no_toast(lend, plain):
    with lend() as page:
        page.goto(plain)
        page.get_by_role("button", name="quiet").click()
        page.get_by_role("button", name="asked again").click()
        page.get_by_test_id("toast-body").first.wait_for()
        page.wait_for_timeout(500)
        assert page.get_by_text("heard after all").count()
        assert not page.get_by_text("not heard", exact=True).count()


def test_the_names_that_our_sheets_know_are_gradios(page):
    for name in workarounds.CLASSES:
        assert page.locator(f".{name}").count(), name
