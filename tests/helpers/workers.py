"""Two processes that serve one page, behind a balancer that sends each request to the other one than the last."""

import asyncio
import contextlib
import itertools
import re
import threading
from pathlib import Path

from gan_demo.cli.page import any_port
from gan_demo.ui.group import VARIABLE, Group
from helpers.commands import opened


class RoundRobin:
    """A balancer without affinity: a request to each server in turn, and a connection for each request."""

    def __init__(self, servers: list[str]) -> None:
        self.ports = [int(address.rpartition(":")[2].strip("/")) for address in servers]
        self.asked: list[tuple[int, str]] = []  # (which server, "GET /path") of every request
        self._turn = itertools.cycle(range(len(servers)))
        self._loop = asyncio.new_event_loop()  # a browser's loop may be running in this thread
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._wait_for(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"

    def _wait_for(self, answer):
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result()

    async def _pass_on(self, reader, writer):
        up = None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            chosen = next(self._turn)
            self.asked.append((chosen, " ".join(head.split()[:2])))
            server, up = await asyncio.open_connection("127.0.0.1", self.ports[chosen])
            lines = [line for line in head.split("\r\n") if line and not line.lower().startswith("connection:")]
            up.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
            length = re.search(r"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            up.write(await reader.readexactly(int(length[1]) if length else 0))
            answered = asyncio.create_task(_copied(server, writer))
            left = asyncio.create_task(reader.read(1))  # whoever asks says no more, and may leave
            await asyncio.wait([answered, left], return_when=asyncio.FIRST_COMPLETED)
            left.cancel()
            if not answered.done():
                answered.cancel()
        for end in filter(None, (up, writer)):
            end.close()

    def close(self):
        self._wait_for(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _end(self):
        self._server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _copied(source, target):
    with contextlib.suppress(OSError):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()


@contextlib.contextmanager
def balanced(folder: Path, *checkpoints: Path, **environment: str):
    """The page, served by two processes behind a RoundRobin, which this gives."""
    shared = folder / "gan-demo-page-shared"
    (shared / "uploads").mkdir(parents=True)
    port = any_port()
    with contextlib.ExitStack() as both:
        addresses = []
        for index in (0, 1):
            told = {VARIABLE: Group(shared, index, 2, "127.0.0.1", port, "secret").told()}
            told |= {"GRADIO_TEMP_DIR": str(shared / "uploads"), "TMPDIR": str(shared), **environment}
            log = folder / f"worker-{index}.log"
            addresses.append(both.enter_context(opened(*checkpoints, log=log, **told))[1])
        balancer = RoundRobin(addresses)
        both.callback(balancer.close)
        yield balancer
