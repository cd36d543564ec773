"""The fold of units below the board of directions."""

import numpy as np

from gan_demo.latent import units
from gan_demo.pixels import to_pixels

from .conftest import eventually, narrow_only, pictures
from .test_directions import open_board, shows, start
from .test_everywhere import link_of
from .test_page import choose_model, drawn


@narrow_only
def test_a_unit_is_switched_off_and_a_link_brings_it_back(page, visit, gans):
    open_board(page)
    assert not page.locator(".units").count()  # a fully connected generator has no channels
    choose_model(page, "second")
    gan = gans["second"]
    eventually(lambda: shows(page, gan, start(gan)))
    page.locator(".units summary").click()
    page.locator(".switched table").wait_for()
    page.locator("[data-set=layer]").select_option("0")
    page.locator("[data-set=by]").select_option("ink")
    eventually(lambda: page.locator(".tiles [data-unit]").count() == 8 and "amount of ink" in told(page))
    page.locator(".tiles [data-unit='3']").click()
    eventually(lambda: "Unit 3, off" in told(page))
    layer = units.layers(gan)[0]
    shown = pictures(page, "board-units .switched")
    for at, factor in ((0, 1.0), (8, units.OFF), (16, units.DOUBLED)):
        wanted = to_pixels(units.generate(gan, start(gan)[None], layer, layer.each([3], factor)))[0, 0].numpy()
        assert np.abs(shown[at].astype(int) - wanted).max() <= 1
    eventually(lambda: "units=0.ink.off.3" in link_of(page))
    other = visit(link_of(page))
    eventually(lambda: other.locator(".switched table").count() and "Unit 3, off" in told(other))
    eventually(lambda: len(pictures(other, "board-units .switched")) == 24)
    page.locator("[data-start]").fill("second:7:2")  # the first of the digits is the one above
    page.locator("[data-start]").press("Enter")
    wanted = drawn(gan, start(gan, 2, 7)[None])[0]
    eventually(lambda: np.abs(pictures(page, "board-units .switched")[0].astype(int) - wanted).max() <= 1)
    choose_model(page, "first")
    eventually(lambda: not page.locator(".units").count())


def told(page):
    """What the fold says of a unit."""
    return page.locator(".switched").inner_text()
