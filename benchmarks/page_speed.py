"""How fast the page is: from the command to its first answer, and from a click to 64 digits with their scores.

    python benchmarks/page_speed.py

Page and browser, a headless Chromium, are on this machine. A click on the dice is a real one; it counts until 64 new
digits, decoded, are in the frame that the browser paints next, and until both histograms are, which follow when the
digits have stood still for a moment.
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
# Waits, from the click on, for the digits to be others, all there, and painted; then for their histograms.
MEASURE = """(count) => new Promise((resolve) => {
    const digits = () => [...document.querySelectorAll("#samples-stage figure img")];
    const sources = () => digits().map((digit) => digit.src).join();
    const charts = () => document.querySelector("#samples-summary").innerHTML;
    const before = sources(), summary = charts();
    document.querySelector("#samples-seed-dice").addEventListener("click", () => {
        const clicked = performance.now(), since = () => performance.now() - clicked;
        const until = (true_now) => new Promise((done) => {
            const look = () => true_now() ? done() : requestAnimationFrame(look);
            requestAnimationFrame(look);
        });
        until(() => digits().length === count && sources() !== before)
            .then(() => Promise.all(digits().map((digit) => digit.decode())))
            .then(() => until(() => true)).then(() => {
                const painted = since();
                until(() => charts() !== summary).then(() => until(() => true)).then(() => resolve([painted, since()]));
            });
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


def clicks(model: str, times: int) -> list[tuple[float, float]]:
    """Milliseconds from a click on the dice to the digits of another seed, and to their histograms, `times` times."""
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
            found.append(tuple(measured.evaluate("(measured) => measured.done")))
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
        ("`python app.py` to its first answer", "4 s", [answered for answered, _ in starts]),
        ("`python app.py` to digits in the browser", "5 s", [shown for _, shown in starts]),
    ):
        print(f"| {name} | {statistics.median(times):.1f} s | {min(times):.1f} s | {goal} |", flush=True)
    for model, goal in zip(MODELS, ("80 ms", "110 ms"), strict=True):
        both = zip(*clicks(model, arguments.clicks), strict=True)
        for what, aim, times in zip(("digits with scores", "their histograms"), (goal, ""), both, strict=True):
            name = f"{model}: click to {COUNT} {what}" if aim else f"{model}: to {what}"
            print(f"| {name} | {statistics.median(times):.0f} ms | {min(times):.0f} ms | {aim} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
