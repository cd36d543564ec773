"""How long a visitor from afar waits for the first digits, and what has come by then: on a phone, on a Space, abroad.

    python benchmarks/visit.py
    python benchmarks/visit.py --address https://OWNER-NAME.hf.space

A page of this machine is visited through a relay that has the delay and the bandwidth of a phone's network, and that
tells the page, as a proxy does, that the visitor is elsewhere. A page elsewhere is visited as it is. Nothing is kept
from the visit before. `python app.py` has no HTTP/2, with which a browser asks for more than six things at once: a
Space and nginx have.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import threading
import time
import urllib.parse

from chromium import app, browser

FROM_AFAR = {"X-Forwarded-For": "203.0.113.7"}  # an address that is nobody's
HERE = ("127.0.0.1", "localhost")


async def pass_on(source, target, delay: float, bytes_a_second: float) -> None:
    """What comes from `source` goes to `target` after `delay` seconds, and not faster than that."""
    clock, on_the_way = asyncio.get_running_loop().time, asyncio.Queue()

    async def arrive() -> None:
        free = 0.0  # when the line has room for more
        while (sent := await on_the_way.get()) is not None:
            there, content = sent
            free = max(free, there) + len(content) / bytes_a_second
            await asyncio.sleep(free - clock())
            target.write(content)
            await target.drain()

    arriving = asyncio.create_task(arrive())
    with contextlib.suppress(OSError):  # whoever sent it has left
        while content := await source.read(16384):
            on_the_way.put_nowait((clock() + delay, content))
    on_the_way.put_nowait(None)
    with contextlib.suppress(OSError):
        await arriving
    target.close()


@contextlib.contextmanager
def relay(port: int, latency: float, megabits: float):
    """The port at which a port of this machine is so far away: milliseconds there and back, megabits a second."""
    found, ready, loop = [], threading.Event(), asyncio.new_event_loop()
    line = latency / 2000, megabits * 125_000

    async def answer(reader, writer) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, there[1], *line), pass_on(there[0], writer, *line))

    def run() -> None:
        server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0))
        found.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    ready.wait()
    yield found[0]
    loop.call_soon_threadsafe(loop.stop)


def visit(opened, address: str) -> tuple[float, float, int]:
    """Seconds until there is a digit, kilobytes until the page has come to rest, and how many things were asked for."""
    headers = FROM_AFAR if urllib.parse.urlsplit(address).hostname in HERE else {}
    page = opened.new_page(viewport={"width": 390, "height": 844}, extra_http_headers=headers, ignore_https_errors=True)
    page.set_default_timeout(120_000)
    network, sizes = page.context.new_cdp_session(page), []
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("#samples-stage img").first.wait_for()
    took = time.perf_counter() - started
    page.wait_for_timeout(3000)
    page.close()
    return took, sum(sizes) / 1000, len(sizes)


def main() -> int:
    """Print the median of the visits, and each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="of a page that is served already (default: that of this checkout)")
    parser.add_argument("--latency", type=float, default=150, help="milliseconds there and back (default: %(default)s)")
    parser.add_argument("--megabits", type=float, default=4, help="a second (default: %(default)s)")
    parser.add_argument("--visits", type=int, default=5, help="(default: %(default)s)")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as here:
        address = urllib.parse.urlsplit(arguments.address or here.enter_context(app())[0])
        if address.hostname in HERE:
            port = here.enter_context(relay(address.port, arguments.latency, arguments.megabits))
            address = address._replace(netloc=f"127.0.0.1:{port}")
        opened = here.enter_context(browser())
        found = [visit(opened, address.geturl()) for _ in range(arguments.visits)]
    seconds, kilobytes, asked = zip(*found, strict=True)
    print(
        f"digits after {statistics.median(seconds):.1f} s ({', '.join(f'{one:.1f}' for one in seconds)}),"
        f" {statistics.median(kilobytes):.0f} kB in {statistics.median(asked):.0f} answers"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
