"""Pages of many people who all draw, or all drag a slider, at the same time: how often each page is renewed.

    python benchmarks/crowd.py                       30 pages for 20 seconds on checkpoints/mlp, half of each kind
    python benchmarks/crowd.py --hogs 20             and a program that asks for 100 digits on 20 connections
    python benchmarks/crowd.py --workers 2

A page here is what a browser keeps open and sends: the stream that says that it is there, and ten renewals a second,
each asked for when the one before has come. All pages come from one address, as a hall behind a router does, and the
program from another. They take time of the same cores, so what the server would do alone is computed from its
processor time. Linux only.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np

ROOT = Path(__file__).parent.parent
EVERY = 0.1  # seconds: ten renewals a second
HOG, PAGES = "127.0.0.2", "127.0.0.3"  # both lead to this machine


def main():
    options = parser().parse_args()
    words = [str(ROOT / "app.py"), "--checkpoint", options.checkpoint]
    words += ["--workers", str(options.workers)] if options.workers > 1 else []
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, *words], env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            address = re.search(r"http://[^/]+:\d+/", process.stdout.readline())[0]
            print(asyncio.run(measure(options, address, process.pid)))
        finally:
            process.terminate()


def parser():
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--pages", type=int, default=30)
    result.add_argument("--hogs", type=int, default=0)
    result.add_argument("--seconds", type=float, default=20)
    result.add_argument("--workers", type=int, default=1)
    result.add_argument("--checkpoint", default=str(ROOT / "checkpoints" / "mlp"))
    return result


def web(address, source):
    transport = httpx.AsyncHTTPTransport(local_address=source, limits=httpx.Limits(max_connections=None))
    return httpx.AsyncClient(base_url=address, transport=transport, timeout=120)


async def measure(options, address, pid):
    name = Path(options.checkpoint).name
    async with web(address, PAGES) as pages, web(address, HOG) as hogs:
        config = (await pages.get("config")).json()
        kinds = [Drawing(config, name), Dragging(config, name)]
        streams = [asyncio.create_task(stay(pages)) for _ in range(options.pages)]
        for _ in range(options.pages):
            (await pages.get("?lang=en")).raise_for_status()
        await asyncio.gather(*(visit(pages, kinds[number % 2], number, 2) for number in range(2)))  # warm
        before, worked, own = time.monotonic(), work(pid), time.process_time()
        asked = [asyncio.create_task(hog(hogs, name, options.seconds)) for _ in range(options.hogs)]
        visits = (visit(pages, kinds[number % 2], number, options.seconds) for number in range(options.pages))
        found = await asyncio.gather(*visits)
        wall, worked, own = time.monotonic() - before, work(pid) - worked, time.process_time() - own
        digits = [await task for task in asked]
        for stream in streams:
            stream.cancel()
    return report(options, found, digits, wall, worked, own)


async def stay(pages):
    """What tells the server that a page is there, until it is left."""
    async with pages.stream("GET", f"gradio_api/heartbeat/{secrets.token_hex(6)}") as answer:
        async for _ in answer.aiter_raw():
            pass


async def visit(pages, kind, number, seconds):
    """Renew a page; how many seconds each renewal took, and its kind."""
    session, took = secrets.token_hex(6), []
    end = time.monotonic() + seconds
    await asyncio.sleep(EVERY * (number % 10) / 10)
    while time.monotonic() < end:
        started = time.monotonic()
        route, asked = kind.ask(session, number, len(took))
        answer = await pages.post(f"gradio_api/{route}", json=asked)
        assert answer.status_code == 200 and kind.is_right(answer.json()), answer.text[:300]
        took.append(time.monotonic() - started)
        await asyncio.sleep(max(0.0, EVERY - took[-1]))
    return type(kind).__name__, took


async def hog(hogs, name, seconds):
    """Ask for 100 digits again and again; returns how often they came."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        event = await hogs.post("gradio_api/call/sample", json={"data": [name, count, 100]})
        if event.status_code == 200:
            said = await hogs.get(f"gradio_api/call/sample/{event.json()['event_id']}")
            count += "event: complete" in said.text
    return count


class Drawing:
    """A stroke that grows, judged by D: as the canvas asks for it."""

    def __init__(self, config, model):
        self._board = component(config, "judge-canvas")
        self._context = {"model": model, "digit": "best", "kind": "prepared", "moving": True}

    def ask(self, session, number, step):
        sheet = np.zeros((112, 112), np.uint8)
        sheet[20 : 40 + step % 50, 50 + number % 10 : 60 + number % 10] = 255
        sent = [base64.b64encode(sheet.tobytes()).decode(), self._context]
        asked = {"data": sent, "fn_name": "live", "component_id": self._board, "session_hash": session}
        return "component_server/", asked

    def is_right(self, answer):
        return "seen" in (answer[0] if isinstance(answer, list) else answer)


class Dragging:
    """The slider of truncation on Samples, 24 digits; it stands still every two seconds, and they are summed up."""

    def __init__(self, config, model):
        slider, stage = component(config, "samples-truncation"), component(config, "samples-stage")
        self._event, self._rest = (event_of(config, *cause) for cause in ((slider, "change"), (stage, "submit")))
        self._model = model

    def ask(self, session, number, step):
        rests = step % 20 == 19
        values = [self._model, number, 24, 0.5 + step % 10 / 20, "turn", "by row", "typical"]
        event = self._rest if rests else self._event
        values += [] if rests else [""]
        return "run/predict", {"data": values, "fn_index": event, "session_hash": session}

    def is_right(self, answer):
        return "figure" in json.dumps(answer["data"][0])


def event_of(config, *cause):
    """The number of the event that an element causes, (its number, the name of what happens to it)."""
    return next(
        event["id"]
        for event in config["dependencies"]
        if list(cause) in [list(target) for target in event["targets"]] and event["backend_fn"]
    )


def component(config, name):
    return next(one["id"] for one in config["components"] if one["props"].get("elem_id") == name)


def work(pid):
    """Seconds of processor time that a process and its children have had."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == pid or int(fields[1]) == pid:
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def report(options, found, digits, wall, worked, own):
    count = sum(len(took) for _, took in found)
    lines = [
        f"{options.pages} pages, {options.workers} processes, {options.hogs} connections of a program,"
        f" {wall:.0f} s, load {os.getloadavg()[0]:.1f}",
        "",
        "| | renewals of a page a second | least | median, ms | 95 %, ms |",
        "|---|---|---|---|---|",
    ]
    for kind in ("Drawing", "Dragging"):
        each = [took for name, took in found if name == kind]
        took = sorted(second for one in each for second in one)
        rates = [len(one) / options.seconds for one in each]
        middle, late = 1000 * statistics.median(took), 1000 * took[int(0.95 * (len(took) - 1))]
        lines.append(f"| {kind} | {statistics.mean(rates):.1f} | {min(rates):.1f} | {middle:.0f} | {late:.0f} |")
    cores = os.cpu_count() or 1
    lines += [
        "",
        f"{count / wall:.0f} renewals a second; the server had {worked / wall:.2f} of {cores} cores, the pages"
        f" {own / wall:.2f}. {1000 * worked / count:.1f} ms of the server's a renewal.",
    ]
    if digits:
        lines.append(f"The program got 100 digits {sum(digits) / wall:.1f} times a second.")
    else:
        lines.append(f"Alone on a core the server would do {count / worked:.0f} a second.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
