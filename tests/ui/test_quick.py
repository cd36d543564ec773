"""What is answered past gradio is what gradio answers; and only what needs nothing of it is."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import gradio as gr
import pytest
from helpers.commands import WEB
from starlette.middleware import Middleware

from gan_demo.errors import UserError
from gan_demo.ui import gradio_workarounds
from gan_demo.ui.quick import Quick
from gan_demo.ui.shared import checks, widgets
from gan_demo.ui.well_formed import WellFormed

PASSED = []  # requests that went on to gradio
ENTERED, RELEASED, ANSWERED = threading.Event(), threading.Event(), []  # of the handler `held`
JS = "watch('context', () => {});"  # gradio then sends an attribute of the element with a new context


class Watch:
    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        PASSED.append(scope["path"])
        await self._app(scope, receive, send)


def greet(name):
    if name == "nobody":
        raise UserError("nobody is <here>")
    return gr.skip() if name == "skip" else f"<b>{name}</b>"


def chosen(name, event: gr.EventData):
    return f"{name} {event is not None}"


def count(name, before):
    return name, (before or 0) + 1


def held(name):
    if name == "first":
        ENTERED.set()
        assert RELEASED.wait(60)
    ANSWERED.append(name)
    return name


def both(name):
    return name, gr.Slider(value=3, maximum=9), gr.HTML(context={"model": name})


def fails(name):
    raise ZeroDivisionError(name)


def add(a: int, b: int = 4) -> list[int]:
    return [a + b]


def told(sent):
    return {"sent": sent, "pair": widgets.Redraw(1.5, "é", None), "none": float("nan")} if sent != 3 else None


@pytest.fixture(scope="module")
def page():
    with gradio_workarounds.Blocks() as blocks:
        name, view, slider, before = (
            gr.Textbox("a"),
            gr.HTML(server_functions=[told], js_on_load=JS),
            gr.Slider(0, 5),
            gr.State(0),
        )
        events = {"greet": (checks.toasts(greet), [name], [view]), "chosen": (chosen, [name], [view])}
        events["count"] = count, [name, before], [view, before]
        events["both"] = both, [name], [view, slider, view]
        events["held"] = held, [name], [view]
        events["fails"] = fails, [name], [view]
        for handler, *ends in events.values():
            name.change(handler, *ends, **widgets.LIVE)
        name.submit(greet, name, view, **widgets.QUEUED)
        gr.api(add, api_name="add")
    numbers = {event.fn.__name__: number for number, event in blocks.fns.items() if not event.queue}
    middleware = [Middleware(part) for part in (WellFormed, Quick, Watch)]
    try:
        address = blocks.launch(prevent_thread_lock=True, quiet=True, app_kwargs={"middleware": middleware})[1]
        yield blocks, address, numbers, view._id
    finally:
        blocks.close(verbose=False)


@pytest.fixture
def by_gradio(monkeypatch):
    """Let the answers that follow be gradio's own."""
    return lambda: monkeypatch.setattr(Quick, "__call__", lambda self, *request: self._app(*request))


def asked_event(page, name, *data, session="s1"):
    _, address, numbers, _ = page
    body = {"data": list(data), "session_hash": session}
    body |= {"fn_index": numbers[name]} if name in numbers else {}
    answer = WEB.post(f"{address}gradio_api/run/{'predict' if name in numbers else name}", json=body)
    told = json.loads(re.sub("0x[0-9a-f]+", "", answer.text))  # gradio describes what JSON has not
    for measured in ("duration", "average_duration"):
        if answer.status_code == 200:
            assert 0 <= told.pop(measured) < 60
    return answer.status_code, told


def asked_function(page, sent):
    _, address, _, element = page
    body = {"data": sent, "component_id": element, "fn_name": "told", "session_hash": "s1"}
    answer = WEB.post(f"{address}gradio_api/component_server/", json=body)  # as a browser does
    return answer.status_code, answer.json()


def test_answers_are_those_of_gradio(page, by_gradio):
    asked = [
        ("greet", "x"),
        ("greet", "skip"),
        ("greet", "nobody"),
        ("both", "x"),
        ("add", 1),
        ("add", 1, 2),
        ("add", 1, 2, 3),
    ]
    asked += [("greet",), ("fails", "x")]
    sent = [3, ["a", {"b": 1}], None]
    PASSED.clear()
    ours = [asked_event(page, *one) for one in asked], [asked_function(page, one) for one in sent]
    assert PASSED == []
    by_gradio()
    for one, answer in zip(asked, ours[0], strict=True):
        assert answer == asked_event(page, *one)
    assert ours[1] == [asked_function(page, one) for one in sent]
    assert len(PASSED) == len(asked) + len(sent)
    (first, *_, last), _ = ours
    assert first[1]["data"] == ["<b>x</b>"]
    assert [status for status, _ in ours[0]] == [200, 200, 400, 200, 200, 200, 400, 400, 500]
    assert [told["data"] for _, told in ours[0][4:6]] == [[[5]], [[3]]]
    assert ours[0][2][1]["error"] == "nobody is &lt;here&gt;"
    assert last[1]["error"] is None  # what went wrong within is nobody's business


def test_what_needs_gradio_goes_on_to_it(page):
    PASSED.clear()
    assert asked_event(page, "chosen", "x")[1]["data"] == ["x True"]
    assert [asked_event(page, "count", "x", None, session=session)[0] for session in ("s1", "s1", "s2")] == [200] * 3
    assert len(PASSED) == 4
    blocks, *_ = page
    plain = {blocks.fns[number].fn.__name__ for number in blocks.fns if is_plain(blocks, number)}
    assert plain == {"greet", "held", "both", "fails", "add"}
    assert not any(is_plain(blocks, number) for number, event in blocks.fns.items() if event.fn is greet)  # queued
    assert not is_plain(blocks, "predict")


def test_events_of_a_page_are_answered_in_their_order_and_nobody_elses_wait(page):
    with ThreadPoolExecutor() as pool:
        try:
            first = pool.submit(asked_event, page, "held", "first", session="one")
            assert ENTERED.wait(60)
            second = pool.submit(asked_event, page, "held", "second", session="one")
            assert asked_event(page, "held", "other", session="two")[1]["data"] == ["other"]
            wait([second], 0.2)
            assert ANSWERED == ["other"]
        finally:
            RELEASED.set()
        assert [one.result()[1]["data"] for one in (first, second)] == [["first"], ["second"]]
    assert ANSWERED == ["other", "first", "second"]


def is_plain(blocks, event):
    asked = {} if isinstance(event, str) else {"fn_index": event}
    return gradio_workarounds.plain_event(blocks, str(event), asked) is not None
