"""What leaves this machine is small, and nothing else of it changes."""

import httpx
import pytest
from helpers.commands import in_a_loop
from starlette.applications import Starlette
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from gan_demo.ui.faraway import ForFaraway

HERE, AFAR = "127.0.0.1", "203.0.113.7"
WORDS = "digits " * 1000


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    archive = tmp_path_factory.mktemp("files") / "digits.zip"
    archive.write_bytes(WORDS.encode())

    async def events():
        yield WORDS
        yield WORDS

    answers = {
        "/": lambda _: PlainTextResponse(WORDS),
        "/zh": lambda _: PlainTextResponse(WORDS),
        "/gradio_api/run/predict": lambda _: PlainTextResponse(WORDS),
        "/gradio_api/api/sample": lambda _: PlainTextResponse("short"),
        "/gradio_api/queue/data": lambda _: StreamingResponse(events(), media_type="text/event-stream"),
        "/gradio_api/file=digits.zip": lambda _: FileResponse(archive),
        "/assets/Index-a1b2.js": lambda _: Response(WORDS, media_type="text/javascript"),
        "/assets/gone.js": lambda _: Response(status_code=404),
    }
    return ForFaraway(Starlette(routes=[Route(path, answer) for path, answer in answers.items()]))


def ask(app, path, client=AFAR, **headers):
    async def asked():
        transport = httpx.ASGITransport(app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as web:
            return await web.get(path, headers=headers)

    return in_a_loop(asked())


@pytest.mark.parametrize("path", ["/", "/zh", "/gradio_api/run/predict"])
def test_the_page_and_its_answers_are_compressed_for_others_and_not_for_this_machine(app, path):
    for client, headers, compressed in (
        (AFAR, {}, True),
        (AFAR, {"Accept-Encoding": "identity"}, False),
        ("::1", {}, False),
        (HERE, {}, False),
        (HERE, {"X-Forwarded-For": AFAR}, True),
        ("not an address", {}, True),
    ):
        answer = ask(app, path, client, **headers)
        assert answer.text == WORDS
        assert (answer.headers.get("content-encoding") == "gzip") is compressed, (client, headers)
        assert (int(answer.headers["content-length"]) < len(WORDS) / 20) is compressed


@pytest.mark.parametrize("path", ["/gradio_api/api/sample", "/gradio_api/file=digits.zip", "/gradio_api/queue/data"])
def test_short_answers_files_and_streams_are_not(app, path):
    answer = ask(app, path)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_a_file_whose_name_says_what_it_holds_is_kept_if_it_is_there(app):
    assert "immutable" in ask(app, "/assets/Index-a1b2.js").headers["cache-control"]
    assert "cache-control" not in ask(app, "/assets/gone.js").headers
    assert "cache-control" not in ask(app, "/").headers
