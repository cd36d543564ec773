"""What the benchmarks of the page share: `python app.py` in a process of its own, and a browser that looks at it."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # runs from a checkout, with nothing installed
BROWSERS = (
    "chromium",
    "chromium-headless-shell",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextlib.contextmanager
def app(place: Path | None = None) -> Iterator[tuple[str, float]]:
    """Run `python app.py`: its address, and when (time.perf_counter) the command was given.

    It has the models that ship; with `place`, what is trained comes into runs/ there.
    """
    command = [sys.executable, ROOT / "app.py"]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=place or ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            if found is None:
                raise SystemExit("app.py did not start")
            yield found[0], started
        finally:
            process.terminate()
            process.communicate()  # until it has said goodbye


def program(own: str) -> str:
    """The path of GAN_DEMO_CHROMIUM, of Playwright's `own` Chromium, or of one that is installed."""
    candidates = (os.environ.get("GAN_DEMO_CHROMIUM"), own, *map(shutil.which, BROWSERS))
    found = next((path for path in candidates if path and Path(path).exists()), None)
    if found is None:
        raise SystemExit("no Chromium: run `playwright install chromium`, or set GAN_DEMO_CHROMIUM to a browser")
    return found


def save_film(name: str, frames: list[Image.Image], milliseconds: int, quality: int) -> None:
    """Write docs/NAME.webp, which moves, and say how large it is."""
    output = ROOT / "docs" / f"{name}.webp"
    first, *rest = frames
    first.save(output, save_all=True, append_images=rest, duration=milliseconds, loop=0, quality=quality, method=4)
    print(f"{output.relative_to(ROOT)}: {len(frames)} frames, {output.stat().st_size / 1000:.0f} kB")


@contextlib.contextmanager
def browser():
    """A headless Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise SystemExit("this needs Playwright: pip install -r requirements-dev.txt") from None
    with sync_playwright() as playwright:
        path = program(playwright.chromium.executable_path)
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()
