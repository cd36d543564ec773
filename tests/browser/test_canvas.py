"""The canvas by itself, drawn on with a real pointer."""

import itertools

import gradio as gr
import numpy as np
import pytest

from gan_demo.ui import theme
from gan_demo.ui.shared import canvas

from .conftest import at_rest, eventually


@pytest.fixture(scope="module")
def heard():
    return []


@pytest.fixture(scope="module")
def sheet(heard):
    """The address of a page with a canvas, whose pictures arrive in `heard` while they are drawn."""
    from gan_demo.cli.page import free_port

    def live(call):
        picture, context = call
        heard.append((canvas.read(picture), context))
        return {"ink": int(heard[-1][0].sum())}

    with gr.Blocks() as blocks:
        board = canvas.build("sheet", live, {"model": "m"})
        button, settled = gr.Button("put", elem_id="put"), gr.Textbox(elem_id="settled")
        grey, numbers = np.full((28, 28), 200, np.uint8), itertools.count()
        button.click(lambda: canvas.put(grey, f"grey {next(numbers)}"), None, board)
        board.settled(lambda picture: str(len(canvas.read(picture))), board, settled, preprocess=False)
    port = free_port("127.0.0.1", None)
    blocks.launch(server_port=port, prevent_thread_lock=True, quiet=True, **theme.look())
    yield f"http://127.0.0.1:{port}"
    blocks.close(verbose=False)


@pytest.fixture
def drawn_on(lend, sheet, heard):
    with lend("narrow") as page:
        page.goto(sheet)
        page.locator("#sheet canvas").wait_for()
        eventually(lambda: heard)
        page.evaluate(
            """() => {
                window.notes = [];
                document.addEventListener("drawn", ({ detail }) => window.notes.push(detail));
            }"""
        )
        yield page


def stroke(page, *points, lift=True, name="sheet"):
    """Draw through points given as shares of the canvas of that name."""
    box = page.locator(f"#{name} canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    if lift:
        page.mouse.up()


def ink(heard):
    """That of the last picture that came with the pen lifted: calls overtake each other on their way to the server."""
    return next((int(picture.sum()) for picture, context in reversed(heard) if not context["moving"]), 0)


def arrives(heard, since, size, claim):
    """Wait for a picture of size x size pixels of which `claim` is true; return it with its context.

    It may be anywhere among those after the first `since`: calls overtake each other on their way to the server.
    """
    found = []

    def look():
        found[:] = [call for call in heard[since:] if call[0].shape == (size, size) and claim(call[0])]
        return found

    eventually(look)
    return found[-1]


def test_pictures_arrive_while_the_pen_is_down(drawn_on, heard):
    since = len(heard)
    stroke(drawn_on, (0.5, 0.2), (0.5, 0.8), lift=False)
    picture, context = arrives(heard, since, 112, lambda drawn: drawn[22:90, 56].min() > 200)
    assert context == {"model": "m", "moving": True}
    assert picture[:, :40].max() == picture[:, 72:].max() == 0
    assert 8 <= (picture[56] > 127).sum() <= 12  # 2.5 pixels of a digit, four of these to one
    drawn_on.mouse.up()
    eventually(lambda: ink(heard) > 0)
    eventually(lambda: drawn_on.locator("#settled textarea").input_value() == "112")


def test_undo_redo_clear_and_the_eraser(drawn_on, heard):
    stroke(drawn_on, (0.2, 0.2))  # a tap: the eye of a smiley
    eventually(lambda: ink(heard) > 0)
    drawn_on.get_by_role("button", name="Undo").click()
    eventually(lambda: ink(heard) == 0)
    stroke(drawn_on, (0.3, 0.5), (0.7, 0.5))
    eventually(lambda: ink(heard) > 0)
    one = ink(heard)
    stroke(drawn_on, (0.5, 0.2), (0.5, 0.8))
    eventually(lambda: ink(heard) > one)
    two = ink(heard)
    drawn_on.get_by_role("button", name="Undo").click()
    eventually(lambda: ink(heard) == one)
    drawn_on.get_by_role("button", name="Redo").click()
    eventually(lambda: ink(heard) == two)
    drawn_on.get_by_role("button", name="Eraser").click()
    stroke(drawn_on, (0.2, 0.5), (0.8, 0.5))
    eventually(lambda: 0 < ink(heard) < two - one / 2)
    drawn_on.get_by_role("button", name="Clear").click()
    eventually(lambda: ink(heard) == 0)
    assert drawn_on.get_by_role("button", name="Clear").is_disabled()
    drawn_on.locator("#sheet canvas").focus()
    before = len(heard)
    for _ in range(4):
        drawn_on.keyboard.press("Control+z")
    eventually(drawn_on.get_by_role("button", name="Undo").is_disabled)
    eventually(lambda: not all(picture.any() for picture, _ in heard[before:]))  # in whatever order they came


def test_it_can_be_drawn_on_by_keyboard(drawn_on, heard):
    since = len(heard)
    drawn_on.locator("#sheet canvas").focus()
    for key in ["ArrowUp"] * 5 + ["Space"] + ["Shift+ArrowDown"] * 3 + ["Space"]:
        drawn_on.keyboard.press(key)
    arrives(heard, since, 112, lambda drawn: drawn[36:72, 56].min() > 200)
    eventually(lambda: ink(heard) > 0)


def test_a_finger_draws_and_does_not_scroll(browser, sheet, heard):
    context = browser.new_context(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(sheet)
    canvas = page.locator("#sheet canvas")
    box = at_rest(canvas.bounding_box)  # what is loaded above it moves it
    touch = page.context.new_cdp_session(page)
    x, since = box["x"] + box["width"] / 2, len(heard)
    for kind, y in (("touchStart", 250), ("touchMove", 200), ("touchMove", 90), ("touchEnd", None)):
        points = [] if y is None else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    arrives(heard, since, 112, lambda drawn: drawn[:, 56].max() == 255)
    assert page.evaluate("scrollY") == 0
    context.close()


def test_a_picture_that_is_put_there_stays_itself_until_it_is_drawn_on(drawn_on, heard):
    since = len(heard)
    drawn_on.locator("#put").click()
    arrives(heard, since, 28, lambda put: (put == 200).all())
    eventually(lambda: drawn_on.evaluate("notes.at(-1).note") == "grey 0")
    assert not drawn_on.evaluate("notes.at(-1).touched")
    drawn_on.locator("#put").click()  # twice the same, and undone once
    eventually(lambda: drawn_on.evaluate("notes.at(-1).note") == "grey 1")
    since = len(heard)
    stroke(drawn_on, (0.5, 0.5), (0.6, 0.5))
    eventually(lambda: any(len(picture) == 112 and not context["moving"] for picture, context in heard[since:]))
    assert all(set(np.unique(picture[:40])) == {200} for picture, _ in heard[since:])
    since = len(heard)
    for _ in range(2):
        drawn_on.get_by_role("button", name="Undo").click()
    arrives(heard, since, 28, lambda put: (put == 200).all())
    since = len(heard)
    drawn_on.get_by_role("button", name="Undo").click()
    arrives(heard, since, 112, lambda drawn: not drawn.any())


def test_ink_is_black_where_the_ground_is_light(drawn_on, heard):
    def turn(light):
        drawn_on.evaluate("light => { document.querySelector('#sheet .board').board.light = light; }", light)
        return len(heard)

    since = turn(True)
    arrives(heard, since, 112, lambda drawn: drawn.min() == 255)
    stroke(drawn_on, (0.5, 0.2), (0.5, 0.8))
    picture, _ = arrives(heard, since, 112, lambda drawn: drawn[22:90, 56].max() < 55)
    assert picture[:, :40].min() == picture[:, 72:].min() == 255
    assert drawn_on.locator("#sheet canvas").evaluate("sheet => getComputedStyle(sheet).filter") == "invert(1)"
    arrives(heard, turn(False), 112, lambda drawn: drawn[22:90, 56].min() > 200 and drawn[:, :40].max() == 0)
    drawn_on.locator("#put").click()  # a picture is itself on any ground
    arrives(heard, 0, 28, lambda put: (put == 200).all())
    since = turn(True)
    arrives(heard, since, 28, lambda put: (put == 200).all())
    stroke(drawn_on, (0.5, 0.2), (0.5, 0.8))
    arrives(heard, since, 112, lambda drawn: drawn[22:90, 56].max() < 55 and (drawn[:, :40] == 200).all())


def test_ink_is_seen_on_a_picture_of_the_other_kind(drawn_on, heard):
    def fill(what, value, light=False):
        drawn_on.evaluate(
            """([what, value, light]) => {
                const { board } = document.querySelector("#sheet .board");
                board.light = light;
                board[what](btoa(String.fromCharCode(...new Uint8Array(784).fill(value))));
            }""",
            [what, value, light],
        )

    def is_seen(since, ink, paper):
        def claim(drawn):
            return abs(drawn[40:70, 56].mean() - ink) < 9 and (drawn[:, :40] == paper).all()

        arrives(heard, since, 112, claim)

    for light, paper, ink in ((False, 255, 0), (True, 0, 255), (False, 90, 255), (True, 160, 0)):
        since = len(heard)
        fill("put", paper, light)
        stroke(drawn_on, (0.5, 0.2), (0.5, 0.8))
        is_seen(since, ink, paper)
        drawn_on.get_by_role("button", name="Eraser").click()
        since = len(heard)
        stroke(drawn_on, (0.5, 0.2), (0.5, 0.8))
        is_seen(since, 255 - ink, paper)
        drawn_on.get_by_role("button", name="Pen", exact=True).click()
    # Another picture in its place, as when a photograph is prepared in another way.
    fill("put", 255)
    stroke(drawn_on, (0.5, 0.2), (0.5, 0.8))
    since = len(heard)
    fill("swap", 20)
    is_seen(since, 255, 20)
