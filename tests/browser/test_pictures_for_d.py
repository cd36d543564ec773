"""Pictures of every kind that are brought to the discriminator, one after the other on one page."""

import functools
import io
import threading

import numpy as np
import pytest
from PIL import Image

from gan_demo import belief
from gan_demo.pictures import encoding, opening, preparing
from gan_demo.pixels import to_pixels
from gan_demo.ui import words
from gan_demo.ui.shared import inputs

from .conftest import eventually, same, toast
from .test_discriminator_tab import draw, file, raw, score, seen, settled, seven, tab, upload
from .test_page import choose_model

__all__ = ["tab"]  # a fixture


def answered(status, sent):
    sent.fulfill(status=status, body="{}")


class TestPictures:
    @staticmethod
    def again(page, gans):
        """The first model, the digit that its page begins with, prepared as MNIST is; nothing is told any more."""
        page.mouse.move(0, 0)
        page.locator("[data-testid=toast-close]").evaluate_all("buttons => buttons.forEach((button) => button.click())")
        eventually(lambda: not page.locator("[data-testid=toast-body]").count())
        if not page.locator("#model input").input_value().startswith("first "):
            choose_model(page, "first")
        page.get_by_label("as MNIST prepares it").check()
        address = f"first:{inputs.FIRST_SEED}:0"
        page.evaluate("address => ganDemo.use('discriminator', { address })", address)
        page.locator("#judge-stage code", has_text=address).first.wait_for()
        eventually(lambda: same(seen(page), list(to_pixels(gans["first"].sample(1, inputs.FIRST_SEED))[:, 0].numpy())))
        page.locator(".live .number").wait_for()
        page.locator(".judges table").wait_for()

    def test_of_two_pictures_the_later_one_is_shown_where_the_first_takes_longer(self, tab):
        held, content = [], encoding.png_bytes(seven())
        tab.route("**/gradio_api/upload", lambda sent: held.append(sent) if not held else sent.continue_())
        upload(tab, file("first.png", encoding.png_bytes(seven((300, 260)))))
        eventually(lambda: held)
        upload(tab, file("second.png", content))
        pixels = preparing.to_digit(opening.open_picture(content))
        eventually(lambda: same(seen(tab), [pixels]))
        asked = []
        tab.on("request", lambda sent: asked.append(sent.url))
        with tab.expect_response("**/gradio_api/upload"):
            held[0].continue_()
        tab.wait_for_timeout(500)
        assert not [url for url in asked if "queue/join" in url]
        assert not tab.locator("#drop-zone.busy").count()
        tab.unroute_all()

    def test_what_was_asked_for_earlier_does_not_cover_what_came_meanwhile(self, tab, monkeypatch):
        let, asked, at_once = threading.Event(), threading.Event(), inputs.of_address

        def late(model, address):
            if address.row == 7:
                asked.set()
                let.wait(20)
            return at_once(model, address)

        def use(row):
            tab.evaluate("address => ganDemo.use('discriminator', { address })", f"first:1:{row}")

        monkeypatch.setattr(inputs, "of_address", late)
        for meanwhile in (lambda: use(3), lambda: tab.locator("[data-example]").nth(1).click()):
            asked.clear()
            let.clear()
            use(7)
            assert asked.wait(20)
            before = seen(tab)
            meanwhile()
            eventually(lambda before=before: not same(seen(tab), before))
            shown = seen(tab)
            let.set()
            tab.wait_for_timeout(1500)
            assert same(seen(tab), shown)

    def test_a_digit_is_prepared_judged_and_compared(self, tab, gans):
        content = encoding.png_bytes(seven())
        upload(tab, file("seven.png", content))
        pixels = preparing.to_digit(opening.open_picture(content))
        eventually(lambda: same(seen(tab), [pixels]))
        assert tab.locator(".seen img").evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
        gan = gans["first"]
        output = score(gan, pixels)
        eventually(lambda: f"{output:+.2f}" in tab.locator("#judge-stage").inner_text())
        text = tab.locator("#judge-stage").inner_text()
        assert "Your picture" in text
        assert belief.belief(gan.config.objective, output).number in text
        assert "likel" not in text  # of what is like nothing of this generator's
        for low, high, group in ((-1, 1, "real test digits"), (-3, 1, "this generator's digits")):
            share = (output - low) / (high - low)
            assert 0 < share < 1
            assert words.comparison(share, group) in text
        lines = tab.locator("#judge-stage .plot").evaluate("box => box.uplot.data.slice(1)")
        assert [max(line, key=abs) for line in lines] == pytest.approx([1, -0.5], abs=0.01)  # the real ones span half
        tab.get_by_label("just resized").check()
        eventually(lambda: same(seen(tab), [preparing.resized(opening.open_picture(content))]))
        tab.get_by_label("as MNIST prepares it").check()
        eventually(lambda: same(seen(tab), [pixels]))
        choose_model(tab, "second")  # who judges it, too
        eventually(lambda: raw(tab) == round(score(gans["second"], pixels), 2))
        assert same(seen(tab), [pixels])

    def test_a_picture_can_be_pasted_and_dropped(self, tab):
        for event, picture in (("paste", seven()), ("drop", seven().rotate(180, fillcolor=255))):
            tab.evaluate(
                """async ([name, url]) => {
                    const data = new DataTransfer();
                    data.items.add(new File([await (await fetch(url)).blob()], "seven.png", {type: "image/png"}));
                    const init = {bubbles: true, cancelable: true};
                    document.querySelector(name === "paste" ? ".zone" : "#judge-canvas canvas").dispatchEvent(
                        name === "paste"
                            ? new ClipboardEvent(name, {...init, clipboardData: data})
                            : new DragEvent(name, {...init, dataTransfer: data}));
                }""",
                [event, encoding.data_url(encoding.png_bytes(picture))],
            )
            wanted = preparing.to_digit(picture.convert("LA"))
            eventually(lambda wanted=wanted: same(seen(tab), [wanted]))

    def test_a_bad_file_is_explained_and_leaves_the_page_as_it_was(self, tab):
        before = [settled(tab)]
        whole = encoding.png_bytes(seven())
        huge = io.BytesIO()
        Image.new("1", (10_000, 10_000)).save(huge, "PNG")
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9"/></svg>'
        for name, content, kind, said in (
            ("text.png", b"I am no picture", "image/png", "not a picture"),
            ("empty.png", b"", "image/png", "not a picture"),
            ("torn.png", whole[: len(whole) // 2], "image/png", "damaged"),
            ("huge.png", huge.getvalue(), "image/png", "too large"),
            ("drawing.svg", svg, "image/svg+xml", "not a picture"),
            ("blank.png", encoding.png_bytes(Image.new("L", (50, 50), 255)), "image/png", "nothing drawn"),
        ):
            upload(tab, file(name, content, kind))
            assert said in toast(tab), name
            assert same(seen(tab), before)
            self.refused(tab, said)
            tab.get_by_role("button", name="Judge what is on the canvas").click()
            tab.locator(".live .number").wait_for()
            assert not tab.locator(".refusal").is_visible()

    def refused(self, tab, said):
        """What D said of the picture before must not be taken for what it says of this one."""
        tab.locator(".refusal", has_text=said).wait_for()
        for shown in (".live .number", ".from", ".judges table", ".card", ".told"):
            assert not tab.locator(f"#judge-stage {shown}").is_visible(), shown

    def test_after_a_refusal_the_next_picture_is_judged(self, tab):
        upload(tab, file("text.png", b"I am no picture"))
        self.refused(tab, "not a picture")
        choose_model(tab, "second")  # who is asked at once, too
        tab.wait_for_timeout(1000)
        self.refused(tab, "not a picture")
        draw(tab, (0.1, 0.1), (0.3, 0.8))
        tab.locator(".live .number").wait_for()
        tab.locator(".judges table").wait_for()
        upload(tab, file("text.png", b"I am no picture"))
        self.refused(tab, "not a picture")
        upload(tab, file("seven.png", encoding.png_bytes(seven())))
        tab.locator(".source", has_text="Your picture").wait_for()
        assert tab.locator(".live .number").is_visible()

    def test_pictures_of_rare_kinds_give_the_right_digit(self, tab):
        wanted = preparing.to_digit(seven().convert("LA"))
        white = seven(ink=255, paper=0)
        for name, picture, settings in (
            ("gif", seven(), {"save_all": True, "append_images": [Image.new("L", (200, 260), 255)]}),
            ("jpeg", seven().convert("CMYK"), {"quality": 95}),
            ("png", Image.fromarray(np.asarray(seven()).astype(np.uint16) * 257), {}),  # 16 bits
            ("png", seven().convert("P"), {}),
            ("png", white, {}),  # on black
        ):
            tab.get_by_role("button", name="Clear").click()
            eventually(lambda: not seen(tab)[0].any())
            content = io.BytesIO()
            picture.save(content, name, **settings)
            upload(tab, file(f"seven.{name}", content.getvalue()))
            eventually(lambda: np.abs(seen(tab)[0].astype(int) - wanted).mean() < 4)

    def test_a_file_that_does_not_come_to_the_server_is_told_in_one_sentence(self, tab):
        tab.evaluate(
            """() => {
                const data = new DataTransfer(), input = document.querySelector("#drop-zone input");
                data.items.add(new File([new Uint8Array(21e6)], "large.png", {type: "image/png"}));
                input.files = data.files;
                input.dispatchEvent(new Event("change"));
            }"""
        )
        assert "larger than 20 MB" in toast(tab)
        self.refused(tab, "larger than 20 MB")
        for status, said in ((507, "disk of the server is full"), (413, "larger than 20 MB"), (500, "did not reach")):
            tab.route("**/gradio_api/upload", functools.partial(answered, status))
            upload(tab, file("seven.png", encoding.png_bytes(seven())))
            assert said in toast(tab)
            self.refused(tab, said)
            assert not tab.get_by_test_id("toast-body").count()  # gradio's own, which has one language
            tab.unroute("**/gradio_api/upload")
        upload(tab, file("seven.png", encoding.png_bytes(seven())))
        tab.locator(".source", has_text="Your picture").wait_for()
