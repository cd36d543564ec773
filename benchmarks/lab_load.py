"""What the lab costs the server: its processor seconds while a hundred visitors open the page, then the lab, and play.

    python benchmarks/lab_load.py
    python benchmarks/lab_load.py --loads 20 --seconds 1

Each visitor has a browser without a memory. Four figures come out, a visitor: the page without the lab, that page at
rest, opening the lab on it, and the lab at play. The promise is that opening takes less than a tenth of a second of the
processor, and playing no more than the page at rest.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from chromium import app, browser

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
REST, WORK = 0.5, 0.05  # so many seconds with less work than this: the server has answered all that was asked
PATIENCE = 20  # looks, after which it is taken to be at rest
PROMISED = 0.1  # seconds of the processor for opening the lab
MORE = 0.02  # seconds of the processor in a second of play, beyond those of the page at rest: a few ticks of its clock


def children(process: int) -> Iterator[int]:
    """The process and all that it has started."""
    yield process
    for thread in (PROC / str(process) / "task").iterdir():
        for child in (thread / "children").read_text(encoding="ascii").split():
            yield from children(int(child))


def spent(process: int) -> float:
    """Seconds of the processor that the server has taken so far, in all its processes."""
    total = 0
    for one in children(process):
        fields = (PROC / str(one) / "stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def settled(process: int) -> float:
    """The same, once the server has nothing more to do but what an open page asks of it all the time."""
    now = spent(process)
    for _ in range(PATIENCE):
        time.sleep(REST)
        before, now = now, spent(process)
        if now - before < WORK:
            break
    return now


def server_of(parent: int) -> int:
    """The process that `chromium.app` has started: the child of this one that runs app.py."""
    for process in children(parent):
        command = (PROC / str(process) / "cmdline").read_text(encoding="utf-8").split("\0")
        if any(Path(part).name == "app.py" for part in command):
            return process
    raise SystemExit("app.py is not among the processes")


def main() -> int:
    """Start the page, let the visitors come one after the other; returns 0 if the promise is kept."""
    parser = argparse.ArgumentParser(description="What the lab costs the server.")
    parser.add_argument("--loads", type=int, default=100, help="visitors (default: 100)")
    parser.add_argument("--seconds", type=float, default=1, help="that each of them plays (default: 1)")
    chosen = parser.parse_args()
    if not (PROC / "self" / "task").is_dir():
        raise SystemExit("this reads /proc, which only Linux has")
    page_cost = rest_cost = lab_cost = play_cost = 0.0
    asked: list[str] = []
    with app() as (address, _), browser() as opened:
        server = server_of(os.getpid())
        for _ in range(chosen.loads):
            context = opened.new_context(viewport={"width": 1280, "height": 1000})
            tab = context.new_page()
            tab.set_default_timeout(120_000)
            start = settled(server)
            tab.goto(f"{address}?lang=en&tab=training")
            tab.locator("#training-stage .plot canvas").first.wait_for()
            there = settled(server)
            tab.wait_for_timeout(1000 * chosen.seconds)
            idle = spent(server)
            asked = []
            tab.on("request", lambda sent, asked=asked: asked.append(sent.url))
            tab.get_by_role("tab", name="Lab").click()
            tab.locator(".lab[data-step='0']").wait_for()
            ready = settled(server)
            tab.locator("[data-do=run]").click()
            tab.wait_for_timeout(1000 * chosen.seconds)
            page_cost += there - start
            rest_cost += idle - there
            lab_cost += ready - idle
            play_cost += spent(server) - ready
            context.close()
    each = [1000 * cost / chosen.loads for cost in (page_cost, rest_cost, lab_cost, play_cost)]
    print(f"{chosen.loads} visitors, milliseconds of the server's processor each:")
    print(f"the page without the lab: {each[0]:.0f}")
    print(f"{chosen.seconds:g} s of that page at rest: {each[1]:.1f}")
    print(f"opening the lab: {each[2]:.1f}, for {len(asked)} requests")
    print(f"{chosen.seconds:g} s of play: {each[3]:.1f}")
    return 0 if each[2] <= 1000 * PROMISED and each[3] - each[1] <= 1000 * MORE * chosen.seconds else 1


if __name__ == "__main__":
    sys.exit(main())
