"""Back and forward, links of drawings, and two windows of one browser."""

import base64
import urllib.parse
import zlib

import numpy as np

from gan_demo.pictures import encoding
from gan_demo.ui.tabs.samples import tab as samples

from .conftest import eventually, fill, go_to_tab, narrow_only, same
from .test_discriminator_tab import SEVEN, draw, file, seen, settled, seven, tab, upload
from .test_everywhere import pin

__all__ = ["tab"]  # a fixture


def deflated(pixels):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(pixels.tobytes()) + packer.flush()


class TestSteps:
    """The browser's back and forward go through tabs and digits that were looked at; settings stay as they are."""

    def test_tabs(self, page):
        for name in ("Map", "Directions", "Interpolate"):
            go_to_tab(page, name)
            eventually(lambda name=name: f"tab={name.lower()}" in page.evaluate("location.search"))
        fill(page, "film-steps", 5)
        eventually(lambda: "steps=5" in page.evaluate("location.search"))
        for name in ("Directions", "Map", "Samples"):
            page.go_back()
            page.get_by_role("tab", name=name, selected=True).wait_for()
            eventually(lambda: "steps=5" in page.evaluate("location.search"))
            tab = page.evaluate("new URLSearchParams(location.search).get('tab')")
            assert tab == (None if name == "Samples" else name.lower())
        page.go_forward()
        page.get_by_role("tab", name="Map", selected=True).wait_for()
        page.go_forward()
        page.get_by_role("tab", name="Directions", selected=True).wait_for()

    @narrow_only
    def test_digits_that_were_looked_at(self, page):
        chosen = page.locator("#samples-inspector [data-chosen]")
        for row in (3, 5):
            page.locator("#samples-stage [data-choose]").nth(row).click()
            eventually(lambda row=row: chosen.get_attribute("data-chosen") == f"first:{samples.SEED}:{row}")
            eventually(lambda row=row: f"look={samples.SEED}:{row}" in page.evaluate("location.search"))
        page.locator("#samples-inspector").get_by_role("button", name="Ask the discriminator").click()
        page.get_by_role("tab", name="Discriminator", selected=True).wait_for()
        eventually(lambda: "tab=discriminator" in page.evaluate("location.search"))
        page.go_back()
        page.get_by_role("tab", name="Samples", selected=True).wait_for()
        assert chosen.get_attribute("data-chosen") == f"first:{samples.SEED}:5"
        page.go_back()
        eventually(lambda: chosen.get_attribute("data-chosen") == f"first:{samples.SEED}:3")
        page.go_back()
        eventually(lambda: not chosen.count())
        assert "look=" not in page.evaluate("location.search")
        page.go_forward()
        eventually(lambda: chosen.get_attribute("data-chosen") == f"first:{samples.SEED}:3")

    def test_inside_a_frame(self, page, address):
        page.set_content(f'<iframe src="{address}" width="1200" height="800"></iframe>')
        frame = page.frame_locator("iframe")
        frame.locator("#samples-stage img").first.wait_for()
        go_to_tab(frame, "Map")
        frame.get_by_role("tab", name="Map", selected=True).wait_for()
        page.evaluate("history.back()")
        frame.get_by_role("tab", name="Samples", selected=True).wait_for()


class TestLinksOfDrawings:
    LINK = "ganDemo.link(document.documentElement.dataset.spoken)"

    def test_a_link_brings_back_a_drawing(self, tab, lend):
        tab.get_by_role("button", name="Clear").click()
        draw(tab, *SEVEN)
        wanted = settled(tab)
        eventually(lambda: "ink=" in tab.evaluate(self.LINK))
        assert "judged=" not in tab.evaluate(self.LINK)
        assert len(tab.evaluate(self.LINK)) < 1300
        with lend() as other:
            other.goto(tab.evaluate(self.LINK))
            other.locator(".source", has_text="The picture of the link").wait_for()
            eventually(lambda: same(seen(other), [wanted]))
        tab.get_by_role("link", name="简体中文").click()
        tab.locator(".source", has_text="链接里的图").wait_for()
        eventually(lambda: same(seen(tab), [wanted]))
        tab.get_by_role("button", name="清空").click()
        eventually(lambda: "ink=" not in tab.evaluate(self.LINK))

    def test_a_picture_of_ones_own_is_in_the_link_too(self, tab, lend):
        upload(tab, file("seven.png", encoding.png_bytes(seven())))
        tab.locator(".source", has_text="Your picture").wait_for()
        wanted = settled(tab)
        eventually(lambda: "ink=" in tab.evaluate(self.LINK))
        with lend() as other:
            other.goto(tab.evaluate(self.LINK))
            eventually(lambda: same(seen(other), [wanted]))

    def test_what_is_no_drawing_is_refused(self, lend, address):
        wrong = {
            "short": "x",
            "long": "A" * 3000,
            "torn": base64.urlsafe_b64encode(deflated(np.zeros(783, np.uint8))).decode().rstrip("="),
            "bomb": base64.urlsafe_b64encode(deflated(np.zeros(700_000, np.uint8))).decode().rstrip("="),
        }
        sound = base64.urlsafe_b64encode(deflated(np.zeros(784, np.uint8))).decode().rstrip("=")
        more = urllib.parse.urlencode({**wrong, "sound": sound})
        with lend() as page:
            page.goto(f"{address}?tab=discriminator&ink=<b>no</b>&{more}")
            page.locator(".problem", has_text="no 28x28 pixels").wait_for()
            page.locator(".source", has_text="Drawn by first").wait_for()
            # All that is said of a drawing in a link begins with what this makes of it.
            for name in ("ink", *wrong):
                assert page.evaluate("name => ganDemo.kept(name)", name) is False, name
            assert page.evaluate("ganDemo.kept('sound')") == base64.b64encode(bytes(784)).decode()


def test_two_windows_of_one_browser_share_what_is_pinned(page, address):
    with page.expect_popup() as opened:
        page.evaluate("address => { window.open(address); }", address)
    other = opened.value
    try:
        other.locator("#samples-stage img").first.wait_for()

        def shown(*rows):
            wanted = [f"first:{samples.SEED}:{row}" for row in rows]
            return lambda: all(
                window.locator("[data-use]").evaluate_all(
                    "pins => pins.map(pin => pin.dataset.use).filter(use => !use.includes('second'))"
                )
                == wanted
                for window in (page, other)
            )

        pin(page, 1)
        eventually(shown(1))
        pin(other, 2)
        eventually(shown(1, 2))
        pin(page, 3)
        pin(other, 4)
        eventually(lambda: shown(1, 2, 3, 4)() or shown(1, 2, 4, 3)())
        page.locator("#pinned li").nth(1).hover()
        page.locator("#pinned [data-unpin]").nth(1).click()
        pin(other, 5)
        eventually(lambda: shown(1, 3, 4, 5)() or shown(1, 4, 3, 5)())
        page.reload()
        eventually(lambda: shown(1, 3, 4, 5)() or shown(1, 4, 3, 5)())
    finally:
        other.close()
