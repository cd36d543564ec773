"""Who asks for much does not keep others waiting, and a flood is refused in words."""

import asyncio

import pytest
from helpers.commands import in_a_loop

from gan_demo.ui import fair, gradio_workarounds
from gan_demo.ui.well_formed import once_more


class Work:
    """An app that answers when it is told to."""

    def __init__(self):
        self.at_work, self.order, self.go = 0, [], asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.order.append(scope["client"][0])
        self.at_work += 1
        await self.go.wait()
        self.at_work -= 1


def scope(address, route="run/predict", **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    path = f"/gradio_api/{route}"
    return {"type": "http", "method": "POST", "path": path, "client": (address, 1), "headers": named, "app": App}


class App:
    get_blocks = staticmethod(lambda: None)


async def ask(app, *arguments, **headers):
    """The messages of an answer."""
    sent = []

    async def send(message):
        sent.append(message)

    await app(scope(*arguments, **headers), once_more(b"", None), send)
    return sent


def test_one_address_leaves_room_for_others():
    async def crowd():
        work = Work()
        app = fair.Fair(work)
        many = [asyncio.create_task(ask(app, "10.0.0.1")) for _ in range(50)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert work.at_work == fair.AT_ONCE
        one = asyncio.create_task(ask(app, "10.0.0.2"))
        await asyncio.sleep(0)
        assert work.order[-1] == "10.0.0.2"  # at once
        work.go.set()
        await asyncio.gather(one, *many)
        return work.order

    assert len(in_a_loop(crowd())) == 51  # and nobody was refused


@pytest.mark.parametrize(
    "headers, told",
    [
        ({"referer": "http://here/zh?seed=1"}, "请求太多"),
        ({"referer": "http://here/?lang=en", "accept_language": "zh"}, "Too many questions"),
        ({"accept_language": "zh-CN,zh;q=0.9"}, "请求太多"),
        ({}, "Too many questions"),
    ],
)
def test_a_flood_is_refused_in_words(monkeypatch, headers, told):
    async def flood():
        work = Work()
        work.go.set()
        monkeypatch.setattr(fair, "BURST", 5.0)
        monkeypatch.setattr(fair, "RATE", 0.0)
        app = fair.Fair(work)
        answers = [await ask(app, "10.0.0.1", "component_server", **headers) for _ in range(6)]
        assert not any(answers[:5])
        start, body = answers[5]
        assert start["status"] == 429
        assert dict(start["headers"])[b"retry-after"] == b"1"
        assert told in body["body"].decode("unicode_escape" if "请" not in body["body"].decode() else "utf-8")
        assert not await ask(app, "10.0.0.2")  # others are asked nothing of

    in_a_loop(flood())


def test_the_queue_keeps_places_for_others(monkeypatch):
    async def fill():
        work = Work()
        work.go.set()
        monkeypatch.setattr(gradio_workarounds, "in_queue", lambda page, address: fair.QUEUED * (address == "10.0.0.1"))
        app = fair.Fair(work)
        assert (await ask(app, "10.0.0.1", "queue/join"))[0]["status"] == 429
        assert (await ask(app, "10.0.0.1", "call/sample"))[0]["status"] == 429
        assert not await ask(app, "10.0.0.1", "run/predict")
        assert not await ask(app, "10.0.0.2", "queue/join")

    in_a_loop(fill())
