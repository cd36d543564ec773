"""The board of directions, as tests look at it and bring it back to what it showed first."""

from urllib.parse import parse_qs, urlsplit

import numpy as np

from .conftest import eventually, go_to_tab, nothing_pinned
from .test_everywhere import link_of
from .test_page import drawn

SEED = 42
MOVED = {"move", "loose", "minus", "plus", "these", "those"}  # what a link says of a board on which something was done


def open_board(page):
    for _ in range(2):  # a slow first visit may choose its own tab once more
        go_to_tab(page, "Directions")
        page.locator("#board-stage .seen-as:not(:empty)").wait_for()
        page.wait_for_timeout(300)


def canvas(page, selector):
    """What a canvas shows: (28, 28) uint8."""
    data = page.locator(selector).first.evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, index) => index % 4 === 0)"
    )
    return np.array(data, np.uint8).reshape(28, 28)


def shows(page, gan, z, label=None, selector="#board-stage .now canvas"):
    """Whether the digit is the picture of a latent; drawn beside others, it may be rounded otherwise."""
    return np.abs(canvas(page, selector).astype(int) - drawn(gan, z[None], label)[0]).max() <= 1


def start(gan, row=0, seed=SEED):
    return gan.latents(row + 1, seed)[row]


def row(page, name):
    return page.locator(f".direction[data-name='{name}']")


def amount(page, name):
    return float(row(page, name).locator("input[type=number]").input_value())


# Empties the slots, puts every slider back, and folds what was unfolded.
CLEAR = """(start) => {
    const board = document.querySelector("#board-stage"), find = (selector) => board.querySelector(selector);
    for (let face; (face = find("[data-slot]:not([data-slot=start]) .face"));) face.click();
    find("[data-act=reset]").click();
    find("[data-slot=start] [data-arm]").click();
    find(`[data-name='${JSON.parse(find("[data-board]").dataset.board).sweep}'] .sweep`).click();
    const change = (selector, values, event) =>
        Object.assign(find(selector), values).dispatchEvent(new Event(event, { bubbles: true }));
    change("[data-still]", { checked: true }, "input");
    change("[data-start]", { value: start }, "change");
    board.querySelectorAll("details").forEach((part) => { part.open = false; });
}"""


def again(page, gans):
    """The board of the first model as it is when it is opened first, and nothing pinned."""
    gan, first = gans["first"], f"first:{SEED}:0"
    nothing_pinned(page)
    go_to_tab(page, "Directions")
    page.evaluate(CLEAR, first)
    eventually(lambda: page.locator("#board-stage .face").count() == 1)  # that of the start
    eventually(lambda: page.locator("#board-stage .now code").text_content() == first and shows(page, gan, start(gan)))
    eventually(lambda: not MOVED & set(parse_qs(urlsplit(link_of(page)).query)))
    go_to_tab(page, "Samples")
