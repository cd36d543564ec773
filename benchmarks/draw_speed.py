"""How often D's belief is renewed while somebody draws: the whole page, in headless Chromium on the same machine.

    python benchmarks/draw_speed.py
    python benchmarks/draw_speed.py --model dcgan --seconds 10
    python benchmarks/draw_speed.py --while-training

Opens the page as `python app.py` does, draws circles with the browser's own pointer for some seconds without
lifting it, and counts how often the picture that D sees changes on the page: each time with number, ranks, chart
and slopes, and with the panel of judges running beside it. The promise is 30 a second.

With --while-training the same page also trains the default MLP, started as its form does it, on MNIST where it is here
and on the bundled digits else; what was trained is deleted at the end.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import math
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import torch
from chromium import ARGUMENTS, app, program

from gan_demo import data
from gan_demo.devices import hardware
from gan_demo.training import live

PROMISE = 30
MOVES, BEHIND = 125, 4  # of the pointer: as often a second as a mouse reports, and how many may be under way
WATCH = """() => {
    const image = document.querySelector("#judge-stage .seen img");
    let last = image.src;
    window.renewed = [];
    window.watcher = new MutationObserver(() => {
        if (image.src !== last) window.renewed.push(performance.now());
        last = image.src;
    });
    window.watcher.observe(image, { attributes: true, attributeFilter: ["src"] });
}"""


async def measure(page, address: str, model: str, seconds: float) -> tuple[list[float], int]:
    """When the picture changed, in milliseconds; how many moves the pointer made."""
    await page.goto(f"{address}?lang=en&tab=discriminator&model={model}")
    await page.locator(".judges tbody tr").first.wait_for()
    await page.get_by_role("button", name="Clear").click()
    box = await page.locator("#judge-canvas canvas").bounding_box()
    x, y, side = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]
    for measured in (False, True):  # a second to warm up
        if measured:
            await page.evaluate(WATCH)
        sent = []
        end = time.perf_counter() + (seconds if measured else 1)
        await page.mouse.move(x + side * 0.3, y)
        await page.mouse.down()
        while time.perf_counter() < end:
            angle, radius = len(sent) / 25, side * (0.3 + 0.1 * math.sin(len(sent) / 70))
            # As a mouse does, which does not wait for what the page makes of it.
            move = page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
            sent.append(asyncio.create_task(move))
            await asyncio.sleep(1 / MOVES)
            if len(sent) > BEHIND:  # but no further ahead than this
                await sent[-BEHIND]
        if measured:
            renewed = await page.evaluate("window.renewed")  # before the pointer lifts
        await asyncio.gather(*sent)
        await page.mouse.up()
        await page.get_by_role("button", name="Clear").click()
    return renewed, len(sent)


def ask(address: str, what: str, **sent: object) -> dict:
    """Put a question of the form to the page."""
    body = json.dumps({**sent, "lang": "en"}).encode()
    question = urllib.request.Request(f"{address}training/{what}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(question, timeout=60) as answer:
        return json.loads(answer.read())


@contextlib.contextmanager
def training(address: str, runs: Path) -> Iterator[None]:
    """Have the page train the default MLP until the end; says before and after how fast it is."""
    here = (data.default_data_dir() / data.SOURCES["mnist"].files[0]).exists()
    dataset = "mnist" if here else "digits"
    (id,) = ask(address, "start", model="mlp", dataset=dataset, epochs=5000)["ids"]
    name = ask(address, "live", ids=[id])["jobs"][-1]["name"]

    def said() -> dict:
        return live.read(runs / name) or {}

    try:
        while not said().get("step"):  # it imports torch first, and the page is as quick as it was
            time.sleep(0.5)
        before, since = said(), time.monotonic()
        yield
        live.watch(runs / name)
        time.sleep(1.5)
        steps, seconds = said()["step"] - before["step"], time.monotonic() - since
        print(f"\nMeanwhile the training of mlp on {dataset} made {steps / seconds:.0f} steps a second.")
    finally:
        ask(address, "stop", id=id)
        while ask(address, "live", ids=[id])["jobs"][-1]["state"] in ("running", "stopping"):
            time.sleep(0.5)


async def run(chosen: argparse.Namespace, address: str) -> bool:
    """Print the table; returns whether the promise is kept."""
    from playwright.async_api import async_playwright

    kept = True
    async with async_playwright() as browsers:
        path = program(browsers.chromium.executable_path)
        browser = await browsers.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(120_000)
        load = f"load {os.getloadavg()[0]:.1f} before"
        print(f"{hardware(torch.device('cpu'))} a call, {os.cpu_count()} cores, {load}, best of {chosen.repeat}\n")
        print("| model | refreshes a second | gap, median | gap, 95 % | pointer moves a second |")
        print("|---|---|---|---|---|")
        for model in chosen.model or ["mlp", "dcgan"]:
            runs = [await measure(page, address, model, chosen.seconds) for _ in range(chosen.repeat)]
            renewed, moves = max(runs, key=lambda run: len(run[0]))
            gaps = sorted(after - before for before, after in itertools.pairwise(renewed))
            rate = len(renewed) / chosen.seconds
            kept = kept and rate >= PROMISE
            late = gaps[int(0.95 * len(gaps))]
            row = (
                f"{rate:.0f}",
                f"{statistics.median(gaps):.0f} ms",
                f"{late:.0f} ms",
                f"{moves / chosen.seconds:.0f}",
            )
            print(f"| {model} | {' | '.join(row)} |", flush=True)
        await browser.close()
    return kept


def main() -> int:
    """Start the page, print the table; returns 0 if the promise is kept."""
    parser = argparse.ArgumentParser(description="How often a second D's belief is renewed while somebody draws.")
    parser.add_argument("--model", action="append", help="a model of checkpoints/ (default: mlp and dcgan)")
    parser.add_argument("--seconds", type=float, default=6, help="to draw with each model (default: 6)")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many counts (default: 3)")
    parser.add_argument("--while-training", action="store_true", help="the page trains the default MLP meanwhile")
    chosen = parser.parse_args()
    torch.set_num_threads(1)  # as app.py does
    with contextlib.ExitStack() as stack:
        os.environ[data.DATA_DIR_VARIABLE] = str(data.default_data_dir().resolve())  # the page is started elsewhere
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address, _ = stack.enter_context(app(place if chosen.while_training else None))
        if chosen.while_training:
            stack.enter_context(training(address, place / "runs"))
        return 0 if asyncio.run(run(chosen, address)) else 1


if __name__ == "__main__":
    sys.exit(main())
