"""Each way around gradio is still needed, and each private name is still there: a newer gradio is tried with this."""

import asyncio
import inspect
import itertools
import os
import socket
import sys
import time
import types
from pathlib import Path

import gradio as gr
import pytest
import uvicorn
from gradio import http_server, processing_utils
from gradio.exceptions import ServerFailedToStartError
from gradio.queueing import Queue
from helpers.commands import ROOT, WEB, in_a_loop
from helpers.gans import small_gan

from gan_demo.cli.page import any_port
from gan_demo.errors import UserError
from gan_demo.ui import gradio_workarounds as workarounds
from gan_demo.ui import page
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.without_stubs import without_stubs


def test_gradio_is_bound_to_the_minor_version_these_are_written_for():
    minor = gr.__version__.rpartition(".")[0]
    major, number = minor.split(".")
    assert f"gradio>={minor},<{major}.{int(number) + 1}" in (ROOT / "requirements.txt").read_text().split()
    assert f"gradio {minor}," in workarounds.__doc__


def test_gradio_alone_describes_each_component_for_editors_when_it_is_imported_and_here_does_not(monkeypatch):
    described = []
    monkeypatch.setattr(sys.modules["gradio.component_meta"], "create_pyi", lambda *_: described.append(1) or 1 / 0)

    def define():
        type(gr.Textbox)("Textbox", (gr.Textbox,), {"__module__": gr.Textbox.__module__, "EVENTS": ["change"]})

    with without_stubs():
        define()
    assert not described
    with pytest.raises(ZeroDivisionError):  # before anything is written
        define()
    assert inspect.getfile(gr.Textbox).endswith("textbox.py")


def test_private_names_are_used_in_one_module_only():
    for path in (ROOT / "gan_demo").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path != Path(workarounds.__file__):
            assert "from gradio" not in text, path
            assert "import gradio." not in text, path
            for name in ("._data", "processing_utils", "GRADIO_ANALYTICS_CACHE", "validate_inputs"):
                assert name not in text, (path, name)


def test_gradio_alone_describes_the_whole_page_for_each_session_and_ours_do_not(monkeypatch):
    with gr.Blocks() as blocks:
        text = gr.Textbox("as it was")
    (theirs,) = workarounds.Session.__bases__
    assert len(theirs(blocks).config_values) == len(blocks.blocks)
    monkeypatch.setattr(workarounds.state_holder, "SessionState", None)  # put back at the end
    workarounds.light_sessions()
    session = workarounds.state_holder.SessionState(blocks)
    assert session.config_values == {}
    assert session[text._id].value == "as it was"
    session._update_value_in_config(text._id, "changed")
    assert [config["props"]["value"] for config in session.components] == ["changed"]


class TestTheGuard:
    @pytest.mark.parametrize("name", [workarounds.FETCHES, workarounds.READS])
    def test_without_it_the_page_does_not_open(self, name, monkeypatch):
        monkeypatch.delattr(processing_utils, name)
        with pytest.raises(UserError, match=f"no processing_utils.{name}.*requirements.txt") as caught:
            workarounds.refuse_all_but_uploads()
        assert "\n" not in str(caught.value)
        with pytest.raises(UserError, match=name):
            page.serve(None, "127.0.0.1", 1)

    def test_gradio_alone_fetches_what_a_client_names_and_with_it_does_not(self, monkeypatch, tmp_path):
        asked = []

        async def fetch(url, cache_dir):
            asked.append(url)
            return str(tmp_path / "fetched")

        monkeypatch.setattr(processing_utils, workarounds.FETCHES, fetch)
        # Another test may have installed the guard already.
        monkeypatch.setattr(processing_utils, workarounds.READS, lambda path, check_in_upload_folder: None)
        with gr.Blocks():
            field = gr.Image()
        sent = {"path": "http://example.org/a.png", "meta": {"_type": "gradio.FileData"}}
        in_a_loop(processing_utils.async_move_files_to_cache(dict(sent), field, check_in_upload_folder=True))
        assert asked == [sent["path"]]
        workarounds.refuse_all_but_uploads()
        with pytest.raises(gr.Error, match="Send the picture itself"):
            in_a_loop(processing_utils.async_move_files_to_cache(dict(sent), field, check_in_upload_folder=True))
        assert len(asked) == 1

    def test_it_can_be_installed_twice(self, monkeypatch):
        for name in (workarounds.FETCHES, workarounds.READS):
            monkeypatch.setattr(processing_utils, name, getattr(processing_utils, name))
        workarounds.refuse_all_but_uploads()
        first = getattr(processing_utils, workarounds.READS)
        workarounds.refuse_all_but_uploads()
        assert getattr(processing_utils, workarounds.READS) is first


def served(blocks_class):
    """What an end point with a default answers to one value in a row, over HTTP: (status of the call, its answer)."""

    def add(a: int, b: int = 4) -> int:
        return (a or 0) + (b or 0)

    with blocks_class() as blocks:
        gr.api(add, api_name="add")
    try:
        address = blocks.launch(prevent_thread_lock=True, quiet=True)[1]
        event = WEB.post(f"{address}gradio_api/call/add", json={"data": [3]}).json()
        return WEB.get(f"{address}gradio_api/call/add/{event['event_id']}").text
    finally:
        blocks.close(verbose=False)


def test_gradio_alone_does_not_fill_in_defaults_and_our_blocks_do():
    assert "event: error" in served(gr.Blocks)
    assert "data: [7]" in served(workarounds.Blocks)


def test_the_queue_still_makes_a_table_and_reads_both_variables(monkeypatch):
    source = inspect.getsource(Queue)
    assert "compute_analytics_summary" in source
    for name in workarounds.NO_MONITOR:
        assert name in source
        monkeypatch.setenv(name, "1")
    workarounds.without_a_monitor()
    assert workarounds.NO_MONITOR.items() <= dict(os.environ).items()


def test_a_queue_of_gradios_own_never_rests_and_the_pages_does(tmp_path):
    """As a thousand times a second was found by a profile of an idle page: a tenth of a core."""
    with gr.Blocks() as blocks:
        blocks.queue()
    theirs = (blocks._queue.sleep_when_free, blocks._queue.progress_update_sleep_when_free)
    if sys.platform != "win32":
        assert theirs < (workarounds.LOOKS, workarounds.TELLS)
    small_gan("mlp").save_pretrained(tmp_path / "model")
    queue = page.build(Catalogue([tmp_path]))._queue
    assert (queue.sleep_when_free, queue.progress_update_sleep_when_free) == (
        max(workarounds.LOOKS, theirs[0]),
        max(workarounds.TELLS, theirs[1]),
    )


def test_the_queue_makes_no_table(monkeypatch):
    for name, value in workarounds.NO_MONITOR.items():
        monkeypatch.setenv(name, value)
    with gr.Blocks() as blocks:
        blocks.queue()
    made = []
    monkeypatch.setattr(blocks._queue, "_get_df", lambda records: made.append(records))
    blocks._queue.events_recorded = 10**6
    blocks._queue.compute_analytics_summary([{"function": "f"}])
    assert not made


def test_what_an_event_carries_need_not_be_a_dictionary():
    assert workarounds.payload(gr.EventData(None, [1])) == [1]
    with pytest.raises(TypeError):  # so gradio's public way is of no use to us
        _ = gr.EventData(None, None).address


def test_uploads_lie_where_gradio_says(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    assert workarounds.upload_folder() == tmp_path.resolve()


class TestTheStart:
    """Of a server on a machine so slow that more than five seconds pass before it listens."""

    def start(self, monkeypatch, port):
        clock = itertools.count(step=10)
        monkeypatch.setattr(http_server, "time", types.SimpleNamespace(time=lambda: next(clock), sleep=time.sleep))

        async def app(scope, receive, send):
            await receive()
            await asyncio.sleep(0.5)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})

        server = http_server.Server(uvicorn.Config(app, port=port, lifespan="on", log_level="critical"))
        try:
            server.run_in_thread()
            return server.started
        finally:
            server.close()

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # how uvicorn ends
    def test_gradio_alone_gives_up_and_with_it_waits(self, monkeypatch):
        monkeypatch.setattr(http_server, "Server", http_server.Server)  # put back at the end
        while http_server.Server.__module__ != http_server.__name__:  # a page was served before
            http_server.Server = http_server.Server.__base__
        with pytest.raises(ServerFailedToStartError):
            self.start(monkeypatch, any_port())
        workarounds.wait_for_the_start()
        assert self.start(monkeypatch, any_port())
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(ServerFailedToStartError):
                self.start(monkeypatch, taken.getsockname()[1])

    def test_the_page_is_asked_without_a_limit(self, monkeypatch):
        asked = []
        monkeypatch.setattr(workarounds.httpx, "head", lambda url, **named: asked.append(named["timeout"]))
        direct = workarounds._Direct("head")
        for host in ("127.0.0.1:7860", "elsewhere.org"):
            direct.head(f"http://{host}/", timeout=3)
        assert asked == [None, 3]
