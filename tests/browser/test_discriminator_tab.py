"""The discriminator tab: drawn on with the real pointer, and given pictures of every kind."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from gan_demo import belief
from gan_demo.pictures import encoding, opening, preparing
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui import words
from gan_demo.ui.shared import canvas, inputs

from .conftest import at_both_widths, eventually, narrow_only, open_tab, pictures, same, toast
from .test_canvas import stroke
from .test_page import choose_model


def seven(size=(200, 260), ink=0, paper=255):
    """A seven as somebody may draw it."""
    picture = Image.new("L", size, paper)
    ImageDraw.Draw(picture).line([(50, 50), (150, 50), (90, 210)], fill=ink, width=18, joint="curve")
    return picture


def file(name, content, kind="image/png"):
    return {"name": name, "mimeType": kind, "buffer": content}


def upload(page, *file_):
    page.locator("#drop-zone input").set_input_files(*file_)


def seen(page):
    return pictures(page, "judge-stage .seen")


def settled(page, prepared=True):
    """Wait until the page has judged what is on the canvas now; returns what D sees of it."""
    picture = page.evaluate("document.querySelector('#judge-canvas .board').board.picture")
    wanted = canvas.to_digit(canvas.read(picture), prepared)
    eventually(lambda: same(seen(page), [wanted]))
    return wanted


def height(page):
    """How many rows of what D sees hold ink: 20 where it is prepared as MNIST was and taller than wide."""
    rows = np.flatnonzero((seen(page)[0] > 64).any(1))
    return rows[-1] - rows[0] + 1 if len(rows) else 0


def score(gan, pixels):
    return float(gan.score(from_pixels(torch.from_numpy(np.array(pixels))[None, None]))[0])


def slopes(page):
    """How many pixels speak for more light, and for less: blue and orange ones."""
    sheet = """() => [...document.querySelector(".slopes canvas").getContext("2d").getImageData(0, 0, 28, 28).data]"""
    red, _, blue, _ = np.array(page.evaluate(sheet)).reshape(784, 4).T
    return (blue > red + 60).sum(), (red > blue + 60).sum()


def raw(page):
    """D's raw output as the page says it."""
    return float(page.locator(".verdict b").last.inner_text().replace("−", "-"))


@pytest.fixture
def tab(page):
    """The tab, with the digit that is there before anybody draws."""
    open_tab(page, "Discriminator")
    page.locator(".source", has_text="from seed").wait_for()
    page.locator("[data-example]").last.wait_for()
    page.locator("#judge-canvas canvas").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#judge-canvas').scrollIntoView()")
    return page


def draw(page, *points, lift=True):
    stroke(page, *points, lift=lift, name="judge-canvas")


SEVEN = ((0.3, 0.2), (0.7, 0.2), (0.45, 0.85))


def back_to_the_first_digit(page, gans):
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


class OnePage:
    """Its tests have one page after the other: what they do to it is undone in between."""

    again = staticmethod(back_to_the_first_digit)


class TestDrawing:
    @at_both_widths
    def test_the_number_changes_before_the_pointer_lifts(self, tab, gans):
        tab.get_by_role("button", name="Clear").click()
        eventually(lambda: not seen(tab)[0].any())
        draw(tab, *SEVEN[:2], lift=False)
        eventually(lambda: seen(tab)[0].any())
        said = tab.locator(".number").inner_text() + tab.locator(".verdict").inner_text()
        half = seen(tab)[0]
        box = tab.locator("#judge-canvas canvas").bounding_box()
        tab.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.85 * box["height"], steps=5)
        eventually(lambda: (seen(tab)[0].astype(int) - half).any())
        eventually(lambda: tab.locator(".number").inner_text() + tab.locator(".verdict").inner_text() != said)
        eventually(lambda: raw(tab) == round(score(gans["first"], seen(tab)[0]), 2))
        tab.mouse.up()
        settled(tab)
        assert height(tab) == 20
        assert tab.locator(".source").inner_text() == "Your drawing"
        tab.get_by_label("just resized").check()
        plain = settled(tab, prepared=False)
        eventually(lambda: raw(tab) == round(score(gans["first"], plain), 2))

    @at_both_widths
    def test_an_empty_canvas_is_not_judged(self, tab):
        hint = "nothing to judge yet"
        tab.locator(".judges table").wait_for()
        tab.get_by_role("button", name="Clear").click()
        tab.locator(".live", has_text=hint).wait_for()
        tab.locator(".judges", has_text=hint).wait_for()
        text = tab.locator("#judge-stage .says").inner_text() + tab.locator(".judges .jury").inner_text()
        assert not [letter for letter in text if letter.isdigit()]
        assert not tab.locator(".from").is_visible()
        tab.get_by_role("button", name="Make it more convincing").click()
        tab.locator(".problem", has_text=hint).wait_for()
        assert not tab.locator(".film-of-climb").is_visible()
        tab.get_by_label("just resized").check()
        tab.wait_for_timeout(500)
        assert hint in tab.locator(".live").inner_text()
        tab.locator("#judge-canvas").evaluate("canvas => canvas.scrollIntoView()")
        draw(tab, *SEVEN)
        tab.locator(".live .number").wait_for()
        tab.locator(".judges table").wait_for()
        assert tab.locator(".from").is_visible()

    def test_undo_brings_back_the_digit_that_was_there(self, tab):
        before, address = [settled(tab)], tab.locator("#judge-stage code").first.inner_text()
        draw(tab, (0.1, 0.1), (0.9, 0.9))
        tab.locator(".source", has_text="Your drawing").wait_for()  # on a clean sheet: the example is gone
        assert not tab.locator("#judge-stage .card").is_visible()
        tab.get_by_role("button", name="Undo").first.click()
        eventually(lambda: same(seen(tab), before))
        assert tab.locator("#judge-stage code").first.inner_text() == address
        assert tab.locator("#judge-stage .card").is_visible()

    def test_the_panel_of_judges_follows(self, tab, gans):
        rows = tab.locator(".judges tbody tr")
        eventually(lambda: rows.count() == 4)  # the torn one cannot judge
        tab.locator("[data-example]", has_text="noise").click()
        tab.locator(".source", has_text="Noise").wait_for()
        wanted = belief.belief("non-saturating", score(gans["second"], settled(tab))).number
        eventually(lambda: wanted in rows.filter(has_text="second").inner_text())
        assert rows.first.get_attribute("aria-current") == "true"


class TestConvincing:
    @narrow_only
    def test_each_step_is_shown_and_all_are_undone_at_once(self, tab, gans):
        up, down = slopes(tab)
        assert min(up, down) > 5
        tab.get_by_role("button", name="Clear").click()
        draw(tab, *SEVEN)
        before = [settled(tab)]
        tab.get_by_role("button", name="Make it more convincing").click()
        steps = tab.locator("[data-step]")
        eventually(lambda: steps.count() > 2 and steps.last.get_attribute("aria-current") == "true")
        shown = pictures(tab, "judge-stage .steps")
        assert same(shown[:1], before)
        outputs = [score(gans["first"], pixels) for pixels in shown]
        assert (np.diff(outputs) > 0).all()
        eventually(lambda: same(seen(tab), shown[-1:]))
        assert tab.locator("[data-step] small").all_inner_texts() == [
            belief.belief("non-saturating", output).number for output in outputs
        ]
        steps.nth(1).click()
        eventually(lambda: same(seen(tab), shown[1:2]))
        self.undo(tab, before)
        # While the film runs on, as well: it ends there.
        tab.get_by_role("button", name="Make it more convincing").click()
        tab.evaluate(
            """() => new Promise((done) => {
                const look = () => {
                    const first = document.querySelector("[data-step='0']");
                    if (!first.checkVisibility()) return requestAnimationFrame(look);
                    first.click();
                    done();
                };
                look();
            })"""
        )
        tab.locator("[data-climb]:enabled").wait_for()
        eventually(lambda: same(seen(tab), before))
        assert steps.first.get_attribute("aria-current") == "true"
        self.undo(tab, before)
        assert tab.locator(".source").inner_text() == "Your drawing"

    def undo(self, tab, before):
        tab.locator(".film-of-climb").get_by_role("button", name="Undo").click()
        tab.locator(".film-of-climb").wait_for(state="hidden")
        eventually(lambda: same(seen(tab), before))


class TestExamples(OnePage):
    def test_each_comes_with_words(self, tab, gans):
        for name, said in (
            ("real", "Real: number"),
            ("this model", f"Drawn by first from seed {inputs.FIRST_SEED}"),
            ("other model", "Drawn by"),
            ("turned", "upside down"),
            ("print", "from a font"),
            ("letter", "A letter"),
            ("noise", "Noise"),
        ):
            tab.locator("[data-example]", has_text=name).last.click()
            tab.locator(".source", has_text=said).wait_for()
        for _ in range(5):
            tab.get_by_role("button", name="Undo").first.click()
        tab.locator(".source", has_text="Drawn by first from seed").wait_for()
        own = gans["first"].sample(1, inputs.FIRST_SEED)
        eventually(lambda: same(seen(tab), [to_pixels(own)[0, 0].numpy()]))
        before = pictures(tab, "judge-stage .examples")
        tab.get_by_role("button", name="Others").click()
        eventually(lambda: not same(pictures(tab, "judge-stage .examples")[:1], before[:1]))


class TestPictures(OnePage):
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
        for event, size in (("paste", (200, 260)), ("drop", (260, 240))):
            picture = seven(size)
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
            tab.get_by_role("button", name="Judge the digit on the canvas").click()
            tab.locator(".live .number").wait_for()
            assert not tab.locator(".refusal").is_visible()

    def refused(self, tab, said):
        """What D said of the picture before must not be taken for what it says of this one."""
        tab.locator(".refusal", has_text=said).wait_for()
        for shown in (".live .number", ".from", ".judges table", ".card"):
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

    def test_a_file_that_is_too_large_is_not_sent(self, tab):
        tab.evaluate(
            """() => {
                const data = new DataTransfer(), input = document.querySelector("#drop-zone input");
                data.items.add(new File([new Uint8Array(21e6)], "large.png", {type: "image/png"}));
                input.files = data.files;
                input.dispatchEvent(new Event("change"));
            }"""
        )
        assert "exceed the maximum allowed size of 20" in toast(tab)
        self.refused(tab, "not taken")
        upload(tab, file("seven.png", encoding.png_bytes(seven())))
        tab.locator(".source", has_text="Your picture").wait_for()


def test_a_link_brings_back_the_digit(tab, lend, address, gans):
    """The one that is judged, though the models of page and digit differ."""
    choose_model(tab, "second")
    eventually(lambda: raw(tab) == round(score(gans["second"], settled(tab)), 2))
    wanted = settled(tab)
    link = "ganDemo.link(document.documentElement.dataset.spoken)"
    eventually(lambda: f"judged=first:{inputs.FIRST_SEED}:0" in tab.evaluate(link))
    with lend() as other:
        for place, shown in (
            (tab.evaluate(link), [wanted]),
            (f"{address}?tab=discriminator&judged=<b>nobody</b>:1:2", None),
        ):
            other.goto(place)
            other.locator("[data-example]").last.wait_for()
            if shown:
                eventually(lambda shown=shown: same(seen(other), shown))
            else:
                other.locator(".problem", has_text="<b>nobody</b>:1:2").wait_for()
                other.locator(".source", has_text="Drawn by first").wait_for()


def test_in_chinese(page, address):
    page.goto(f"{address}?lang=zh&tab=discriminator")
    page.locator(".source", has_text="用种子").wait_for()
    page.locator(".judges tbody tr").first.wait_for()
    stroke(page, (0.2, 0.2), (0.7, 0.7), name="judge-canvas")
    page.locator(".source", has_text="你的手写").wait_for()
    page.get_by_role("button", name="清空").click()
    stroke(page, *SEVEN, name="judge-canvas")
    eventually(lambda: page.locator(".source").inner_text() == "你的手写")
    page.get_by_role("button", name="改得更逼真").click()
    page.get_by_text("一步步更逼真").wait_for()
    text = page.get_by_role("tabpanel").inner_text()
    assert not [word for word in ("Draw", "real", "Judge", "than", "Undo", "judged") if word in text]


@narrow_only
def test_by_keyboard_alone(tab):
    """From the canvas through its tools to the examples."""
    tab.locator("#judge-canvas canvas").focus()
    for key in ("Delete", "Space", *["ArrowDown"] * 8, "Space", "Tab", "Tab", "Tab"):
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "Pen width"
    eventually(lambda: height(tab) == 20)
    tab.locator("[data-example]").last.focus()
    tab.keyboard.press("Enter")
    tab.locator(".source", has_text="Noise").wait_for()


def test_nobody_asks_while_the_tab_is_hidden(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "component_server" in request.url else None)
    page.reload()
    page.locator("#samples-stage img").first.wait_for()
    page.wait_for_timeout(1000)
    assert not asked
