"""How long a visitor from afar waits for the first digits, and what has come by then: on a phone, on a Space, abroad.

    python benchmarks/visit.py
    python benchmarks/visit.py --address https://OWNER-NAME.hf.space

A headless Chromium has the delay and the bandwidth of a phone's network; it visits the page with nothing kept from
the visit before. The page is one of this machine, which is told by a header that the visitor is not. Without HTTP/2,
which a Space has and `python app.py` has not, a browser asks for six things at once.
"""

import argparse
import contextlib
import statistics
import sys
import time

from chromium import app, browser

FROM_AFAR = {"X-Forwarded-For": "203.0.113.7"}  # an address that is nobody's


def visit(opened, address: str, latency: float, megabits: float) -> tuple[float, float, int]:
    """Seconds until there is a digit, kilobytes until the page has come to rest, and how many things were asked for."""
    page = opened.new_page(
        viewport={"width": 390, "height": 844}, extra_http_headers=FROM_AFAR, ignore_https_errors=True
    )
    page.set_default_timeout(120_000)
    network, sizes = page.context.new_cdp_session(page), []
    network.send("Network.enable")
    speed = {"downloadThroughput": megabits * 125_000, "uploadThroughput": megabits * 125_000 / 2}
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency, **speed})
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
        address = arguments.address or here.enter_context(app())[0]
        opened = here.enter_context(browser())
        found = [visit(opened, address, arguments.latency, arguments.megabits) for _ in range(arguments.visits)]
    seconds, kilobytes, asked = zip(*found, strict=True)
    print(
        f"digits after {statistics.median(seconds):.1f} s ({', '.join(f'{one:.1f}' for one in seconds)}),"
        f" {statistics.median(kilobytes):.0f} kB in {statistics.median(asked):.0f} answers"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
