"""A browser, a page that is served with small random models, and how to look at what it shows."""

import base64
import collections
import contextlib
import io
import os
import shutil
import time
import urllib.parse
from pathlib import Path

import numpy as np
import pytest
from helpers.best import write_best
from helpers.gans import small_gan
from PIL import Image

from gan_demo import files

WIDTHS = {"wide": (1280, 900), "between": (900, 900), "narrow": (390, 844)}
# The first has no windows, and takes less of the processor's time than the next.
BROWSERS = "chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable chrome".split()

LISTENING = []  # an empty window, while there is a browser


def pytest_collection_modifyitems(items):
    """A browser test that fails is run once more: on a busy machine one of these two hundred may be unlucky.

    The end of a run names it as RERUN: nothing is hidden. What fails twice has failed.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.went_wrong = report.failed or getattr(item, "went_wrong", False)  # its page is not kept for others
    return report


def _without(reason):
    """Skip, but where CI has asked for these tests."""
    (pytest.fail if os.environ.get("GAN_DEMO_REQUIRE_BROWSER") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright import sync_api
    except ImportError:
        _without("Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = (os.environ.get("GAN_DEMO_CHROMIUM"), own, *map(shutil.which, BROWSERS))
        program = next((path for path in found if path and Path(path).exists()), None)
        if program is None:
            _without("no Chromium: run `playwright install chromium`, or set GAN_DEMO_CHROMIUM to a browser")
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=quiet)
        LISTENING.append(browser.new_page())
        yield browser
        LISTENING.clear()
        browser.close()


@pytest.fixture(scope="session")
def lend(browser):
    """Lend a window for a while: empty and without memory, but warm.

    A new one would have to compile all of the page's code, which costs more than most tests do.
    """
    idle = collections.defaultdict(list)

    @contextlib.contextmanager
    def lend(width="wide", locale="en-US"):
        free = idle[width, locale]
        if free:
            page = free.pop()
        else:
            size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
            page = browser.new_page(viewport=size, locale=locale)
            page.set_default_timeout(60_000)
        yield page
        if page.is_closed():
            return
        page.mouse.up()
        page.mouse.move(0, 0)
        page.unroute_all(behavior="ignoreErrors")
        page.context.clear_permissions()
        address = urllib.parse.urlsplit(page.url)
        page.goto("about:blank")
        cleared = {"origin": f"{address.scheme}://{address.netloc}", "storageTypes": "local_storage"}
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", cleared)
        session.detach()
        free.append(page)

    return lend


@pytest.fixture(scope="session")
def gans():
    second = small_gan("dcgan", seed=2, training={"recipe": "dragan"})
    second.typical = second.latents(3, 99).half().float()
    return {
        "first": small_gan("mlp", seed=1),
        "second": second,
        "third": small_gan("mlp", seed=3, classes=10),
    }


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory, gans):
    """Three whole models, one with typical latents and a best D, one conditional; one in training; one cut short."""
    root = tmp_path_factory.mktemp("models") / "checkpoints"
    reference = {"real": np.linspace(-1, 1, 501).tolist(), "generated": np.linspace(-3, 1, 501).tolist()}
    for name, gan in gans.items():
        gan.save_pretrained(root / name)
        files.write_json(root / name / "metrics.json", {"discriminator": reference})
    write_best(root / "second")
    gans["first"].save_pretrained(root / "training")
    files.write_bytes(root / "training" / "state.pt", b"")
    gans["first"].save_pretrained(root / "torn")
    weights = root / "torn" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    return root


@contextlib.contextmanager
def served(checkpoints):
    """The page with these checkpoints; gives its address."""
    from gan_demo.cli.page import free_port
    from gan_demo.ui import page
    from gan_demo.ui.shared.catalogue import Catalogue

    blocks = page.build(Catalogue([checkpoints]))
    yield page.serve(blocks, "127.0.0.1", free_port("127.0.0.1", None))
    blocks.close(verbose=False)


@pytest.fixture(scope="session")
def address(checkpoints):
    with served(checkpoints) as address:
        yield address


# What is refused in a toast has one of these for a status, which the browser itself logs.
OF_A_TOAST = ("400 (Bad Request)", "413 (Payload Too Large)", "500 (Internal Server Error)", "507 (Insufficient")
at_both_widths = pytest.mark.parametrize("page", ["wide", "narrow"], indirect=True)
unopened = pytest.mark.unopened
narrow_only = pytest.mark.parametrize("page", ["narrow"], indirect=True)


@pytest.fixture(scope="module")
def kept():
    """What `page` keeps open from one test to the next, by width, and what closes it when the module is done."""
    with contextlib.ExitStack() as windows:
        yield {}, windows


@contextlib.contextmanager
def watched(page, address, width):
    """Whatever a test does on the page, it must not log an error, ask the network for anything, or become wider than
    the screen.
    """
    problems = []
    heard = {
        "console": lambda line: line.type == "error" and problems.append(line.text),
        "pageerror": lambda error: problems.append(str(error)),
        "request": lambda sent: sent.url.startswith((address, "data:", "blob:")) or problems.append(sent.url),
    }
    for event, listener in heard.items():
        page.on(event, listener)
    yield
    rightmost = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("main *:not(.lessons *)")]  // a row that scrolls
            .filter((element) => element.checkVisibility())
            .map((element) => element.getBoundingClientRect().right))"""
    )
    for event, listener in heard.items():
        page.remove_listener(event, listener)
    assert not [problem for problem in problems if not any(status in problem for status in OF_A_TOAST)]
    assert rightmost <= WIDTHS[width][0]


def opened(page, link):
    """Go to the page, and wait until it shows its digits, where the link leads to them."""
    page.goto(link)
    if "tab=" not in link:
        page.locator("#samples-stage img").first.wait_for(state="attached")
    filled(page)


@pytest.fixture
def page(request, lend, address, gans, kept):
    """The page, freshly opened, in a wide window unless a test asks for others.

    Opening it takes most of a second. A test that opens it itself, by a link of its own, is marked `unopened`. Where a
    class or a module has a function `again(page, gans)`, which brings a page back to what it showed first, its other
    tests have one page after the other, as long as all goes well.
    """
    width, (open_pages, windows) = getattr(request, "param", "wide"), kept
    itself = request.node.get_closest_marker("unopened")
    again = None if itself else getattr(request.cls, "again", None) or getattr(request.module, "again", None)
    with contextlib.ExitStack() as until_the_end:
        page = open_pages.pop((again, width), None) if again else None
        fresh = page is None
        if fresh:
            page = (windows if again else until_the_end).enter_context(lend(width))
        with watched(page, address, width):
            if not fresh:
                page.mouse.up()
                page.mouse.move(0, 0)
                page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
                again(page, gans)
            elif not itself:
                opened(page, address)
                page.locator("#samples-stage img").first.wait_for()
            yield page
        if again and not getattr(request.node, "went_wrong", False):
            open_pages[again, width] = page


@pytest.fixture
def visit(lend, address):
    """Open the page in a window of its own, whose browser speaks `locale`."""
    with contextlib.ExitStack() as visits:

        def visit(link=address, locale="en-US"):
            page = visits.enter_context(lend(locale=locale))
            opened(page, link)
            return page

        yield visit


def filled(page):
    """Wait until the page has been filled; what it says of the model is behind a click."""
    page.locator("#facts dd").first.wait_for(state="attached")


def go_to_tab(page, name):
    """Click a tab, by its name in any language; first on the place where it is, if that is another."""
    tab = page.locator("#tabs > .tab-wrapper").get_by_role("tab", name=name, include_hidden=True)
    place = page.locator(f"[data-place][data-tabs~='{tab.get_attribute('data-tab-id')}']")
    if place.get_attribute("aria-current") != "true":
        place.click()
    if tab.get_attribute("aria-selected") != "true":
        tab.click()


def open_tab(page, name):
    go_to_tab(page, name)
    page.get_by_role("tabpanel").locator("img").first.wait_for()


def open_about(page):
    """What the page says of the model, and the way to the Hub."""
    page.locator("button[data-panel=about]").click()


def pictures(page, stage):
    """Every digit on a stage, as the server sent it: a list of (28, 28) arrays. What is still to come is not there."""
    sources = page.locator(f"#{stage} img").evaluate_all(
        "images => images.map(image => image.src).filter(source => source.startsWith('data:image'))"
    )
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))) for source in sources]


def same(found, wanted):
    return len(found) == len(wanted) and all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))


def eventually(claim, seconds=45):
    """Wait until `claim()` is true: what a person does reaches the page a moment later.

    Playwright hears of routes, requests and addresses only while it waits for a browser. So this waits in a window,
    and a claim need not ask its page anything.
    """
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it did not come true in time"
        LISTENING[0].wait_for_timeout(50)


def at_rest(look):
    """Wait until `look()` gives the same twice, such as the box of an element; returns it."""
    looks = [look()]

    def rests():
        LISTENING[0].wait_for_timeout(300)
        looks.append(look())
        return looks[-1] == looks[-2]

    eventually(rests)
    return looks[-1]


def nothing_pinned(page):
    """Take every digit down."""
    page.evaluate("document.querySelectorAll('[data-unpin]').forEach((button) => button.click())")
    eventually(lambda: not page.locator("[data-unpin]").count())


def fill(page, element, value):
    """Type into the number field of a control."""
    page.locator(f"#{element} input[type=number]").fill(str(value))


def toast(page):
    """The text of the next toast, which is then closed."""
    message = page.get_by_test_id("toast-body").first
    message.wait_for()
    text = message.inner_text()
    assert "Traceback" not in text
    message.get_by_test_id("toast-close").click()
    message.wait_for(state="detached")
    return text
