"""Your digit: drawn with a real pointer, looked for, repaired, and found behind 7x7 pixels."""

import time

import numpy as np
import torch

from gan_demo.latent import inversion
from gan_demo.pictures import encoding
from gan_demo.pixels import to_pixels
from gan_demo.ui.shared import canvas
from gan_demo.ui.shared.address import Address
from gan_demo.ui.tabs.invert import tab as invert

from .conftest import eventually, go_to_tab, narrow_only, nothing_pinned, pictures, same, toast
from .test_canvas import stroke
from .test_discriminator_tab import file, seven

SEVEN = ((0.3, 0.2), (0.7, 0.2), (0.45, 0.8))


def open_it(page, name="Your digit"):
    go_to_tab(page, name)
    page.locator("#invert-stage .nothing").wait_for()
    page.evaluate(
        """() => {
            window.told = [];
            new MutationObserver(() => {
                const line = document.querySelector("#invert-stage .progress")?.innerText;
                if (line && line !== told.at(-1)) told.push(line);
            }).observe(document.querySelector("#invert-stage"), { childList: true, subtree: true });
        }"""
    )


def on(page, board, *points):
    page.locator(f"#{board} canvas").scroll_into_view_if_needed()
    stroke(page, *points, name=board)


def finished(page):
    page.locator("#invert-stage .below").wait_for()


def shown(page):
    """Yours, and what the generator made of it."""
    return pictures(page, "invert-stage .trio")[:2]


def of_address(page, gan):
    address = Address.parse(page.locator("#invert-stage .address code").first.inner_text())
    return to_pixels(gan.generate(address.latent(gan)[None]))[0, 0].numpy()


def again(page, gans):
    """Nothing on the canvases, nothing found, and nothing pinned."""
    nothing_pinned(page)
    go_to_tab(page, "Your digit")
    for board in ("board", "mask"):
        page.locator(f"#invert-{board} [data-do=clear]").dispatch_event("click")
    page.get_by_label("what comes nearest").check()
    page.locator("#invert-stage .nothing", has_text="of yours").wait_for()
    go_to_tab(page, "Samples")


@narrow_only
def test_a_drawing_is_looked_for_and_found_while_one_watches(page, gans):
    open_it(page)
    on(page, "invert-board", *SEVEN)
    board, stage = (page.locator(f"#invert-{part}").bounding_box() for part in ("board", "stage"))
    assert stage["y"] - board["y"] - board["height"] < 50  # it is seen that something happens
    finished(page)
    told = page.evaluate("told")
    assert "random latents" in told[0]
    assert any("Coming nearer: error 0." in line for line in told)
    page.evaluate("scrollTo(0, 0)")
    boxes = [picture.bounding_box() for picture in page.locator("#invert-stage .trio img").all()]
    assert len(boxes) == 3 and all(box["y"] + box["height"] <= 844 for box in boxes)  # beside the canvas, at once
    yours, found = shown(page)
    assert yours.max() == 255
    assert np.array_equal(found, of_address(page, gans["first"]))
    error = float(np.sqrt(np.mean(((yours.astype(float) - found) / 255) ** 2)))
    assert f"Error {error:.3f}" in page.locator("#invert-stage .error-told").inner_text()
    assert page.locator("#invert-stage .neighbours img").count() == 7
    assert page.locator("#invert-stage .neighbours img").first.bounding_box()["width"] == 84
    assert page.locator("#invert-stage .difference img").evaluate("image => image.naturalWidth") == 28


def test_a_found_latent_is_pinned_and_used_on_other_tabs(page, gans):
    open_it(page)
    on(page, "invert-board", *SEVEN)
    finished(page)
    _, found = shown(page)
    page.locator("#invert-stage .address [data-pin]").click()
    eventually(lambda: same(pictures(page, "pinned"), [found]))
    go_to_tab(page, "Interpolate")
    page.locator("#film-stage img").first.wait_for()
    page.locator("[data-use]").click()
    eventually(lambda: same(pictures(page, "film-stage")[-1:], [found]))
    go_to_tab(page, "Your digit")
    page.locator("[data-use]").click()  # a picture that is surely within its reach
    eventually(lambda: same(shown(page)[:1], [found]) and page.locator("#invert-stage .below").count())
    assert np.abs(shown(page)[1].astype(int) - found).max() <= 12


def test_a_hole_is_filled_and_the_rest_stays(page):
    open_it(page)
    on(page, "invert-board", *SEVEN)
    finished(page)
    page.get_by_label("what fits a hole").check()
    page.locator("#invert-stage .nothing", has_text="forgotten").wait_for()
    on(page, "invert-mask", (0.3, 0.75), (0.7, 0.75))
    finished(page)
    (known,) = pictures(page, "invert-stage .trio")
    hole = known == 104
    assert 40 < hole.sum() < 400
    assert hole[21, 14]
    filled = pictures(page, "invert-stage .several .digits")
    assert filled
    for picture in filled:
        assert np.array_equal(picture[~hole], known[~hole])
    assert f"Ways to fill it: {len(filled)}" in page.locator("#invert-stage").inner_text()


def test_digits_behind_small_pixels(page):
    open_it(page)
    page.get_by_label("what is behind").check()
    page.locator("#invert-zone input").set_input_files(file("seven.png", encoding.png_bytes(seven())))
    finished(page)
    (known,) = pictures(page, "invert-stage .trio")
    assert known.shape == (7, 7)
    small, large = [], []
    for picture in pictures(page, "invert-stage .several .digits"):
        (small if len(picture) == 7 else large).append(picture)
    assert len(small) == len(large) > 0
    for reduced, whole in zip(small, large, strict=True):
        by_hand = whole.reshape(7, 4, 7, 4).mean((1, 3))
        assert np.abs(by_hand - reduced).max() <= 1


def test_the_last_stroke_wins_and_an_empty_sheet_ends_it(page, monkeypatch):
    open_it(page)
    for points in (SEVEN, ((0.2, 0.5), (0.5, 0.5)), ((0.6, 0.9), (0.9, 0.9))):
        on(page, "invert-board", *points)
    drawn = page.evaluate("document.querySelector('#invert-board .board').board.picture")
    wanted = [canvas.to_digit(canvas.read(drawn))]
    # What was found for an earlier stroke may be there still.
    eventually(lambda: same(shown(page)[:1], wanted))
    finished(page)
    assert same(shown(page)[:1], wanted)

    begun, view = [], invert.view

    def slow(*arguments):
        begun.append(arguments)
        time.sleep(0.5)
        return view(*arguments)

    monkeypatch.setattr(invert, "view", slow)
    on(page, "invert-board", (0.1, 0.1), (0.4, 0.1))
    eventually(lambda: begun)
    page.locator("#invert-board [data-do=clear]").click()
    page.locator("#invert-stage .nothing").wait_for()
    page.wait_for_timeout(800)  # whatever was being drawn of it comes too late
    assert page.locator("#invert-stage .trio").count() == 0


def test_it_speaks_chinese(visit):
    page = visit(locale="zh-CN")
    open_it(page, "你的数字")
    on(page, "invert-board", *SEVEN)
    finished(page)
    page.get_by_label("补全涂掉的部分").check()
    page.get_by_text("涂掉的部分会被忘掉").wait_for()
    on(page, "invert-mask", (0.3, 0.75), (0.7, 0.75))
    finished(page)
    text = page.locator("#tab-invert, [role=tabpanel]").locator("visible=true").first.inner_text()
    assert "种补法" in text
    assert not [word for word in ("error", "Error", "generator", "Pin", "known") if word in text]


def test_who_leaves_or_draws_on_stops_the_search(visit, monkeypatch):
    followed, gradient = [], inversion._gradient

    def slow(gan, goal, z, labels):
        followed.append(goal.wanted)
        time.sleep(0.03)
        return gradient(gan, goal, z, labels)

    monkeypatch.setattr(inversion, "_gradient", slow)
    page = visit()
    open_it(page)
    on(page, "invert-board", *SEVEN)
    eventually(lambda: len(followed) > 20)
    first = followed[-1]
    on(page, "invert-board", (0.2, 0.5), (0.8, 0.5))
    eventually(lambda: not torch.equal(followed[-1], first))
    assert len(followed) < 200  # of 300
    page.close()

    def quiet():
        before = len(followed)
        time.sleep(1)
        return len(followed) == before

    eventually(quiet)
    assert len(followed) < 300  # what the second search alone would have taken to its end


def test_what_was_found_does_not_stay_beneath_a_picture_that_was_refused(page):
    open_it(page)
    on(page, "invert-board", *SEVEN)
    finished(page)
    page.locator("#invert-zone input").set_input_files(file("text.png", b"I am no picture"))
    page.locator("#invert-stage .nothing", has_text="not a picture").wait_for()
    assert not page.locator("#invert-stage .trio").count()
    assert "not a picture" in toast(page)
    on(page, "invert-board", (0.2, 0.5), (0.8, 0.5))
    finished(page)

    # Who has drawn on meanwhile sees what is found of that.
    held = []
    page.route("**/gradio_api/upload", lambda sent: held.append(sent))
    page.locator("#invert-zone input").set_input_files(file("text.png", b"I am no picture, either"))
    eventually(lambda: held)
    on(page, "invert-board", (0.2, 0.8), (0.8, 0.8))
    drawn = page.evaluate("document.querySelector('#invert-board .board').board.picture")
    held[0].continue_()
    assert "not a picture" in toast(page)
    page.wait_for_timeout(500)
    eventually(lambda: same(shown(page)[:1], [canvas.to_digit(canvas.read(drawn))]))
    finished(page)
