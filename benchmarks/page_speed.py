"""How fast the page is: from the command to its first answer, and from a click to 64 digits with their scores.

    python benchmarks/page_speed.py

Page and browser, a headless Chromium, are on this machine. A click on the dice is a real one; it counts until
64 new digits, decoded, and both histograms are in the frame that the browser paints next.
"""

import argparse
import statistics
import sys
import time

import httpx
import torch
from chromium import app, browser

from gan_demo.devices import hardware

MODELS, COUNT = ("mlp", "dcgan"), 64
# Waits, from the click on, for the digits to be others, all there, and painted; their histograms too.
MEASURE = """(count) => new Promise((resolve) => {
    const digits = () => [...document.querySelectorAll("#samples-stage figure img")];
    const sources = () => digits().map((digit) => digit.src).join();
    const charts = () => document.querySelector("#samples-summary").innerHTML;
    const before = sources(), summary = charts();
    document.querySelector("#samples-seed-dice").addEventListener("click", () => {
        const clicked = performance.now(), tell = () => resolve(performance.now() - clicked);
        const look = () => {
            const there = digits().length === count && sources() !== before && charts() !== summary;
            if (!there) return requestAnimationFrame(look);
            Promise.all(digits().map((digit) => digit.decode())).then(() => requestAnimationFrame(tell));
        };
        requestAnimationFrame(look);
    }, { once: true, capture: true });
})"""


def first_answer() -> tuple[float, float]:
    """Seconds from `python app.py` to its first answer over HTTP, and to digits in a browser that is open already."""
    with browser() as opened, app() as (address, started):
        httpx.get(address, trust_env=False)
        answered = time.perf_counter() - started
        page = opened.new_page()
        page.goto(address)
        page.locator("#samples-stage img").first.wait_for()
        return answered, time.perf_counter() - started


def clicks(model: str, times: int) -> list[float]:
    """Milliseconds from a click on the dice to the digits of another seed, `times` times."""
    with browser() as opened, app() as (address, _):
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(f"{address}?lang=en&model={model}&count={COUNT}")
        page.locator("#samples-stage figure").nth(COUNT - 1).wait_for()
        found = []
        for _ in range(times + 2):
            page.wait_for_timeout(300)
            measured = page.evaluate_handle(f"({{ done: ({MEASURE})({COUNT}) }})")
            page.locator("#samples-seed-dice").click()
            found.append(measured.evaluate("(measured) => measured.done"))
        return found[2:]  # the first ones warm up


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=15, help="for each model (default: %(default)s)")
    parser.add_argument("--starts", type=int, default=3, help="of the page (default: %(default)s)")
    arguments = parser.parse_args()
    starts = [first_answer() for _ in range(arguments.starts)]
    print(f"{hardware(torch.device('cpu'))}, torch {torch.__version__}\n")
    print("| | median | fastest | goal |\n|---|---|---|---|")
    for name, goal, times in (
        ("`python app.py` to its first answer", "6 s", [answered for answered, _ in starts]),
        ("`python app.py` to digits in the browser", "", [shown for _, shown in starts]),
    ):
        print(f"| {name} | {statistics.median(times):.1f} s | {min(times):.1f} s | {goal} |", flush=True)
    for model, goal in zip(MODELS, ("150 ms", "300 ms"), strict=True):
        times = clicks(model, arguments.clicks)
        name = f"{model}: click to {COUNT} digits with scores"
        print(f"| {name} | {statistics.median(times):.0f} ms | {min(times):.0f} ms | {goal} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
