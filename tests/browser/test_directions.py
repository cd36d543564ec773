"""The board of directions: sliders, the strip, arithmetic, one's own direction, and links that bring it all back."""

import re
import shutil

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from safetensors.torch import load as load_safetensors

from gan_demo import files
from gan_demo.checkpoint import checksum
from gan_demo.latent import direction_methods, direction_search
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pixels import to_pixels
from gan_demo.ui.shared.address import Found

from .board import SEED, again, amount, canvas, open_board, row, shows, start
from .conftest import WIDTHS, at_both_widths, eventually, go_to_tab, narrow_only, opened, pictures, same, unopened
from .test_everywhere import link_of, pin
from .test_page import choose_model

__all__ = ["again"]  # what the fixture `page` asks for


@pytest.fixture(scope="module", autouse=True)
def found(checkpoints, gans, lend, address):
    """The first and the third model have directions, the second has none."""
    made = {}
    for name in ("first", "third"):
        folder = checkpoints / name
        made[name] = direction_search.find(gans[name], checksum(folder), samples=200, probes=5)
        made[name].save(folder)
    with lend() as first:  # the first visit of all is a slow one
        first.goto(address)
        first.locator("#samples-stage img").first.wait_for()
        first.wait_for_timeout(1000)
    yield made
    for name in made:
        (checkpoints / name / "directions.safetensors").unlink()


@at_both_widths
def test_a_slider_moves_the_digit_while_it_is_dragged(page, gans, found):
    gan = gans["first"]
    open_board(page)
    assert shows(page, gan, start(gan))
    slider = row(page, "slant").locator("input[type=range]")
    page.locator("#board-legend .legend").wait_for()
    slider.hover()  # in its middle, when nothing moves it any more
    box = slider.bounding_box()
    middle, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.down()
    for step in (0.1, 0.2, 0.3):
        page.mouse.move(middle + step * box["width"], y)
    eventually(lambda: amount(page, "slant") > 2)
    before = amount(page, "slant")
    wanted = found["first"].move(start(gan), {"slant": before}, still=True)
    eventually(lambda: shows(page, gan, wanted))  # the pointer is still down
    page.mouse.move(middle + 0.1 * box["width"], y)
    page.mouse.up()
    eventually(lambda: amount(page, "slant") < before)
    slider.dblclick(position={"x": box["width"] / 2, "y": 10})
    eventually(lambda: shows(page, gan, start(gan)))


def test_a_moved_digit_is_pinned_and_used_on_other_tabs(page, gans, found):
    gan = gans["first"]
    open_board(page)
    slider = row(page, "width").locator("input[type=range]")
    slider.hover()
    box = slider.bounding_box()
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    z = found["first"].move(start(gan), {"width": amount(page, "width")}, still=True)
    eventually(lambda: shows(page, gan, z) and not shows(page, gan, start(gan)))
    assert page.locator("#board-stage .now code").text_content() == str(Found.of("first", z))
    page.locator("#board-stage .now [data-pin]").click()
    page.locator("[data-use]").wait_for()
    (pinned,) = pictures(page, "pinned")
    assert (
        np.abs(pinned.astype(int) - canvas(page, "#board-stage .now canvas")).max() <= 1
    )  # drawn alone, and beside others
    page.locator("[data-slot=these] [data-arm]").click()
    page.locator("[data-use]").click()
    eventually(lambda: shows(page, gan, z, selector="[data-slot=these] canvas"))
    go_to_tab(page, "Interpolate")
    page.locator("#film-stage img").first.wait_for()
    page.locator("[data-use]").click()
    eventually(lambda: same(pictures(page, "film-stage")[-1:], [pinned]))
    go_to_tab(page, "Directions")
    page.locator("[data-act=reset]").click()
    page.locator("[data-slot=start] [data-arm]").click()
    page.locator("[data-use]").click()
    eventually(lambda: shows(page, gan, z) and amount(page, "width") == 0)


def test_exact_numbers_keeping_the_rest_still_and_reset(page, gans, found):
    gan = gans["first"]
    open_board(page)
    row(page, "slant").locator("input[type=number]").fill("1.25")
    row(page, "pca-1").locator("input[type=number]").evaluate("field => field.closest('details').open = true")
    row(page, "pca-1").locator("input[type=number]").fill("-7")
    amounts = {"slant": 1.25, "pca-1": -7.0}
    eventually(lambda: shows(page, gan, found["first"].move(start(gan), amounts, still=True)))
    note = row(page, "slant").locator("small").inner_text()
    page.get_by_label("Keep everything else still").uncheck()
    eventually(lambda: shows(page, gan, found["first"].move(start(gan), amounts)))
    assert "a unit" in note
    assert "digit stays" in row(page, "slant").locator("small").inner_text()
    eventually(lambda: "move=slant:1.25,pca-1:-7&loose=1" in link_of(page))
    page.get_by_role("button", name="Reset").click()
    eventually(lambda: shows(page, gan, start(gan)))
    assert amount(page, "slant") == amount(page, "pca-1") == 0


@narrow_only
def test_a_strip_shows_a_direction_and_leads_along_it(page, gans, found):
    gan = gans["first"]
    open_board(page)
    sefa = row(page, "sefa-2").locator(".sweep")
    sefa.evaluate("button => button.closest('details').open = true")
    sefa.click()
    page.locator(".strip h3", has_text="SeFa 2 (mostly").wait_for()

    def frame(step):
        return found["first"].move(start(gan), {"sefa-2": float(step)})

    for place, step in ((0, -5), (5, 0), (10, 5)):
        wanted, selector = frame(step), f".frames button:nth-child({place + 1}) canvas"
        eventually(lambda wanted=wanted, selector=selector: shows(page, gan, wanted, selector=selector))
    name = page.locator(".frames button").nth(8).get_attribute("aria-label")
    assert re.fullmatch(r"\+3 · D: [a-z ]+, .*\d.*", name)  # whose opinion it is is said once
    page.locator(".frames button").nth(8).click()
    eventually(lambda: shows(page, gan, frame(3)))
    assert amount(page, "sefa-2") == 3
    eventually(lambda: "sweep=sefa-2" in link_of(page))


@narrow_only
def test_arithmetic_with_pinned_and_typed_addresses(page, gans):
    gan = gans["first"]
    for place in (2, 5):
        pin(page, place)
        page.locator(f"[data-use='first:{SEED}:{place}']").wait_for()
    open_board(page)
    page.locator("[data-slot=minus] [data-arm]").click()
    page.locator("[data-use]").first.click()
    page.locator("[data-slot=minus] .face").wait_for()
    page.locator("[data-use]").last.click()  # the next slot has its turn
    wanted = direction_methods.analogy(start(gan), start(gan, 2), start(gan, 5))
    eventually(lambda: shows(page, gan, wanted))
    eventually(lambda: shows(page, gan, start(gan, 2), selector="[data-slot=minus] canvas"))
    page.locator("[data-slot=plus] .face").click()
    eventually(lambda: not page.locator("[data-slot=plus] .face").count())
    page.locator("[data-add]").fill("7:1")
    page.keyboard.press("Enter")
    wanted = direction_methods.analogy(start(gan), start(gan, 2), start(gan, 1, 7))
    eventually(lambda: shows(page, gan, wanted))


def test_ones_own_direction_is_these_minus_those(page, gans):
    gan = gans["first"]
    open_board(page)
    assert not row(page, "own").is_visible()
    for side, places in (("these", ("1:0", "1:1")), ("those", ("2:0",))):
        page.locator(f"[data-slot={side}] [data-arm]").click()
        for place in places:
            page.locator("[data-add]").fill(place)
            page.keyboard.press("Enter")
    direction = direction_methods.difference(gan.latents(2, 1), gan.latents(1, 2)).float()
    eventually(lambda: shows(page, gan, start(gan) + 2 * direction))
    row(page, "own").locator("input[type=number]").fill("-3")
    eventually(lambda: shows(page, gan, start(gan) - 3 * direction))
    for _ in range(3):
        page.locator(".own .face").first.click()
    eventually(lambda: shows(page, gan, start(gan)))
    assert not row(page, "own").is_visible()


def test_the_numbers_of_z_one_by_one(page, gans):
    gan = gans["first"]
    open_board(page)
    page.locator("summary", has_text="numbers of z").click()
    cell = page.locator("[data-coordinate='3']")
    z = start(gan).clone()
    eventually(lambda: float(cell.locator("input[type=range]").input_value()) == pytest.approx(z[3].item(), abs=0.01))
    cell.locator("input[type=number]").fill("1.5")
    z[3] = 1.5
    eventually(lambda: shows(page, gan, z))


def test_a_random_walk_moves_until_it_is_stopped(page):
    open_board(page)
    before = canvas(page, "#board-stage .now canvas")
    page.get_by_role("button", name="Random walk").click()
    eventually(
        lambda: not np.array_equal(canvas(page, "#board-stage .now canvas"), before) and amount(page, "slant") != 0
    )
    page.get_by_role("button", name="Stop the walk").click()
    page.get_by_role("button", name="Random walk").wait_for()
    now = amount(page, "slant")
    page.wait_for_timeout(300)
    assert amount(page, "slant") == now
    eventually(lambda: "move=slant:" in link_of(page))


def test_a_wrong_address_is_explained_and_the_board_stays(page, gans):
    open_board(page)
    field = page.locator("[data-start]")
    field.fill("nonsense")
    field.press("Enter")
    page.get_by_text("nonsense is not an address").wait_for()
    eventually(lambda: field.input_value() == f"first:{SEED}:0")
    field.fill("second:7:2")  # what this model draws from the same numbers
    field.press("Enter")
    eventually(lambda: shows(page, gans["first"], start(gans["first"], 2, 7)))
    assert field.input_value() == "first:7:2"
    page.locator(".trouble").wait_for(state="hidden")
    page.locator("#board-stage .now [data-pin]").click()
    page.locator("[data-use='first:7:2']").wait_for()


def test_a_link_brings_the_board_back_in_another_language(visit, address, gans, found):
    asked = "move=slant:2,digit-9:x,nobody:1&minus=1:0&plus=2:0&these=3:0,3:1&those=4:0&sweep=own"
    page = visit(f"{address}?tab=directions&model=first&start=first:7:1&{asked}", locale="zh-CN")
    gan = gans["first"]
    z = direction_methods.analogy(start(gan, 1, 7), start(gan, 0, 1), start(gan, 0, 2))
    eventually(lambda: shows(page, gan, found["first"].move(z, {"slant": 2.0}, still=True)))
    assert page.locator("[data-slot=these] .face").count() == 2
    page.locator(".strip h3", has_text="从一端到另一端：自定义").wait_for()
    shown = page.locator("#board-stage").inner_text()
    assert not [word for word in ("Slant", "unit", "Recognised", "mostly") if word in shown]
    other = visit(link_of(page))
    eventually(
        lambda: np.array_equal(canvas(other, "#board-stage .now canvas"), canvas(page, "#board-stage .now canvas"))
    )


def test_a_link_with_nonsense_is_explained(visit, address, gans):
    page = visit(f"{address}?tab=directions&model=first&start=<img src=x onerror=document.title='hacked'>&these=?")
    page.locator(".trouble", has_text="is not an address").wait_for()
    eventually(lambda: shows(page, gans["first"], start(gans["first"])))
    assert page.title() != "hacked"


def test_other_models_have_other_boards(page, gans, found):
    open_board(page)
    row(page, "slant").locator("input[type=number]").fill("2")
    choose_model(page, "second")
    page.get_by_text("has no directions yet").wait_for()
    gan = gans["second"]
    eventually(lambda: shows(page, gan, start(gan)))
    choose_model(page, "third")
    page.locator("[data-digit='7']").click()
    gan = gans["third"]
    eventually(lambda: shows(page, gan, start(gan), 7))
    assert page.locator("[data-start]").input_value() == f"third:{SEED}:0:d7"
    row(page, "width").locator("input[type=number]").fill("3")
    wanted = found["third"].move(start(gan), {"width": 3.0}, still=True)
    eventually(lambda: shows(page, gan, wanted, 7))
    choose_model(page, "first")
    page.locator(".direction[data-name='sefa-1']").wait_for(state="attached")
    wanted = found["first"].move(start(gans["first"]), {"width": 3.0}, still=True)
    eventually(lambda: shows(page, gans["first"], wanted))


@unopened
def test_damaged_directions_are_said_in_a_line(page, address, checkpoints):
    path = checkpoints / "first" / "directions.safetensors"
    whole = path.read_bytes()
    files.write_bytes(path, whole[:100])
    try:
        opened(page, address)
        open_board(page)
        page.locator("#board-stage", has_text="first/directions.safetensors is damaged").wait_for()
        assert str(checkpoints) not in page.locator("#board-stage").inner_text()
    finally:
        files.write_bytes(path, whole)
    assert torch.is_tensor(load_safetensors(whole)["vectors"])


class TestArithmetic:
    def test_three_addresses_that_are_typed_fill_three_slots(self, page, gans, found):
        open_board(page)
        field = page.locator("[data-add]")
        for seed in (1, 2, 3):
            field.fill(f"first:{seed}:0")
            field.press("Enter")
        z = [start(gans["first"], seed=seed) for seed in (1, 2, 3)]
        eventually(lambda: "start=first:1:0&minus=first:2:0&plus=first:3:0" in link_of(page))
        for slot, latent in zip(("start", "minus", "plus"), z, strict=True):
            eventually(
                lambda slot=slot, latent=latent: shows(
                    page, gans["first"], latent, selector=f"[data-slot={slot}] canvas"
                )
            )
        field.fill("first:4:0")
        field.press("Enter")
        eventually(lambda: "plus=first:4:0" in link_of(page))

    @at_both_widths
    def test_an_error_is_seen_where_it_happened(self, page, found):
        open_board(page)
        field = page.locator("[data-add]")
        field.fill("nobody")
        field.press("Enter")
        told = page.locator(".arithmetic .trouble", has_text="nobody")
        told.wait_for()
        page.wait_for_timeout(300)
        assert page.locator(".trouble:visible").count() == 1
        top, bottom = (told.bounding_box()["y"], told.bounding_box()["y"] + told.bounding_box()["height"])
        assert top > 0
        assert bottom <= page.viewport_size["height"]
        assert field.input_value() == "nobody"  # to be mended
        field.fill("first:1:0")
        field.press("Enter")
        eventually(lambda: "start=first:1:0" in link_of(page))
        assert not page.locator(".trouble:visible").count()
        page.locator("[data-slot=these] [data-arm]").click()
        field.fill("nobody")
        field.press("Enter")
        page.locator(".own .trouble", has_text="nobody").wait_for()
        page.locator("[data-start]").fill("nobody")
        page.locator("[data-start]").press("Enter")
        page.locator(".desk > .trouble", has_text="is not an address").wait_for()
        assert page.locator(".trouble:visible").count() == 1


def test_the_digit_stays_in_view_beside_every_slider(page, found):
    """It is sticky: beside the sliders without labels and the numbers of z, too, and on top of none of them."""
    open_board(page)
    page.locator(".more").evaluate_all("parts => parts.forEach((part) => { part.open = true; })")
    page.locator("[data-coordinate='4'] input").first.wait_for()
    usual = page.viewport_size
    for width, height in WIDTHS.values():  # a window that is made narrower has the same rules
        page.set_viewport_size({"width": width, "height": height})
        for slider in ("[data-name=slant]", "[data-name=pca-1]", "[data-name=sefa-2]", "[data-coordinate='4']"):
            control = page.locator(f"#board-stage {slider} input[type=range]")
            control.evaluate("slider => slider.scrollIntoView({ block: 'start' })")
            page.mouse.wheel(0, 30)
            page.mouse.wheel(0, -30)
            page.wait_for_timeout(200)
            box, digit = control.bounding_box(), page.locator("#board-stage .now canvas").bounding_box()
            assert 0 <= digit["y"] < height - 100, (width, slider)
            covered = page.locator("#board-stage .now").bounding_box()
            apart = box["y"] >= covered["y"] + covered["height"] or box["x"] >= covered["x"] + covered["width"]
            assert apart, (width, slider)
            middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            at = "(slider, at) => document.elementFromPoint(...at) === slider"
            assert control.evaluate(at, middle), (width, slider)
    page.set_viewport_size(usual)


def test_a_style_generator_moves_in_z_or_in_w_and_is_truncated_beyond_its_mean(visit, address, checkpoints):
    gan, folder = small_gan("style", seed=3, training={"dataset": "mnist"}), checkpoints / "styled"
    for style in gan.generator.synthesis.styles():
        style.weight.data.mul_(5)
    gan.save_pretrained(folder)
    made, space = direction_search.find(gan, checksum(folder), samples=100, probes=3), LatentSpace(gan, "w")
    made.save(folder)
    w = space.of(start(gan)[None])[0]
    try:
        page = visit(f"{address}?tab=directions&model=styled&space=w&move=slant:2&loose=1&psi=-1")
        moved = to_pixels(space.generate(made.within("w").move(w, {"slant": 2.0})[None]))[0, 0].numpy()
        eventually(lambda: np.abs(canvas(page, ".now canvas") - 1.0 * moved).max() <= 1)
        assert page.locator(".compared tbody tr").count() == len(made.compared())
        assert page.locator(".of-z").first.is_hidden()
        page.locator("button[data-space=z]").click()
        eventually(lambda: shows(page, gan, made.move(start(gan), {"slant": 2.0})))
        eventually(lambda: "space=" not in link_of(page))
        assert page.locator(".of-w").first.is_hidden()
        go_to_tab(page, "Samples")
        mean = space.middle(1)
        other_side = to_pixels(space.generate(2 * mean - w))[0, 0].numpy()
        eventually(lambda: np.abs(pictures(page, "samples-stage")[0] - 1.0 * other_side).max() <= 1)
        eventually(lambda: page.locator("#samples-truncation input[type=range]").input_value() == "-1", 5)
    finally:
        shutil.rmtree(folder)
