"""Samples looked at closely, and walks through the latent space, with a real pointer and by keyboard."""

import base64
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from gan_demo.latent import paths
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui.shared.address import Address
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.interpolate.walk import FRAMES
from gan_demo.ui.tabs.samples import inspector
from gan_demo.ui.tabs.samples import tab as samples

from .conftest import at_rest, eventually, fill, go_to_tab, narrow_only, open_tab, pictures, same, toast
from .test_everywhere import link_of
from .test_page import choose_model, drawn, sampled


def of(gan, *texts):
    """The pictures of addresses."""
    return [drawn(gan, Address.parse(text, "m").latent(gan)[None])[0] for text in texts]


def close(found, wanted):
    """To a grey level: batches of another size are added up in another order."""
    pairs = zip(found, wanted, strict=True)
    return len(found) == len(wanted) and all(np.abs(a.astype(int) - b.astype(int)).max() <= 1 for a, b in pairs)


def hold(page, function, held):
    """Keep back what the page asks of a function of the server, until somebody continues it."""

    def keep(route):
        if f'"{function}"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/component_server**", keep)


def choose(page, row):
    page.locator("#samples-stage [data-choose]").nth(row).click()
    page.locator(f".chosen[data-chosen='first:{samples.SEED}:{row}']").wait_for()


def way(page):
    return page.locator("#way-points input").evaluate_all("fields => fields.map(field => field.value)")


def canvas(page):
    """The large frame, as it is on the screen."""
    url = page.locator("#film-player canvas").evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("L"))


def again(page, gans):
    """The first model's digits by row, and its way from the first seed to the second."""
    gan, ends = gans["first"], [f"{interpolate.START}:0", f"{interpolate.END}:0"]
    if not page.locator("#model input").input_value().startswith("first "):
        choose_model(page, "first")
    go_to_tab(page, "Samples")
    if page.locator("#samples-count input[type=number]").input_value() != str(samples.COUNT):
        fill(page, "samples-count", samples.COUNT)
    if not page.get_by_label("by row").is_checked():  # on a narrow page both are folded away
        page.get_by_label("by row").check()
    wanted = sampled(gan, samples.COUNT, samples.SEED)
    eventually(lambda: same(pictures(page, "samples-stage"), wanted))
    go_to_tab(page, "Interpolate")
    for end, address in zip(("first", "last"), ends, strict=True):
        field = getattr(page.locator("#way-points input"), end)
        if field.input_value() != address:
            field.fill(address)
            field.press("Enter")
            # The field says what was typed before the server has answered, and answers may come in another order.
            at = slice(1) if end == "first" else slice(-1, None)
            eventually(lambda at=at, address=address: close(pictures(page, "way-points")[at], of(gan, address)))
    page.get_by_label("spherical").check()
    fill(page, "film-steps", interpolate.STEPS)
    z = paths.path(*(gan.latents(1, seed)[0] for seed in (interpolate.START, interpolate.END)), interpolate.STEPS)
    eventually(lambda: way(page) == ends and close(pictures(page, "film-stage"), drawn(gan, z)))
    go_to_tab(page, "Samples")


@narrow_only
def test_a_digit_is_looked_at_closely(page, gans):
    gan = gans["first"]
    held = []
    hold(page, "nearest_digit", held)
    choose(page, 3)
    eventually(lambda: held)
    assert "Looking for the nearest" in page.locator(".nearest").inner_text()
    held[0].continue_()
    page.unroute_all(behavior="wait")
    page.locator(".nearest .looking").wait_for(state="detached")
    eventually(lambda: close(pictures(page, "samples-inspector .large"), of(gan, "42:3")))
    assert page.locator("#samples-stage [aria-pressed=true]").get_attribute("data-choose") == "first:42:3"
    near = [f"42:3:r{inspector.RADIUS}:v{number}" for number in range(inspector.VARIATIONS)]
    eventually(lambda: close(pictures(page, "samples-around"), of(gan, *near)))
    fill(page, "samples-radius", 0.8)
    near = [f"42:3:r0.8:v{number}" for number in range(inspector.VARIATIONS)]
    eventually(lambda: close(pictures(page, "samples-around"), of(gan, *near)))
    page.locator("#samples-around [data-choose]").nth(2).click()
    field = page.locator(".chosen .place input")
    eventually(lambda: field.input_value() == "first:42:3:r0.8:v2")
    page.locator(".nearest :is(img, .note:not(.looking))").first.wait_for()
    field.fill("second:7:1")
    field.press("Enter")
    eventually(lambda: close(pictures(page, "samples-inspector .large"), of(gans["second"], "7:1")))
    eventually(lambda: "look=second:7:1" in link_of(page) and "radius=0.8" in link_of(page))
    field.fill("nonsense")
    field.press("Enter")
    assert "is not an address" in toast(page)


def test_digits_are_chosen_by_keyboard(page):
    tiles = page.locator("#samples-stage [data-choose]")
    tiles.first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    columns = page.locator("#samples-stage .digits").evaluate(
        "grid => getComputedStyle(grid).gridTemplateColumns.split(' ').length"
    )
    page.keyboard.press("Enter")
    page.locator(f".chosen[data-chosen='first:42:{columns + 1}']").wait_for()


def counted(page):
    """How often each digit is among the samples, as the page says."""
    return [int(count) for count in page.locator("#samples-summary .count").all_inner_texts()]


def test_the_order_and_what_the_digits_have_in_common(page, gans):
    gan = gans["first"]
    wanted = sampled(gan, samples.COUNT, samples.SEED)
    scores = gan.score(from_pixels(to_pixels(gan.sample(samples.COUNT, samples.SEED)))).argsort().tolist()
    page.get_by_label("least real first").check()
    eventually(lambda: same(pictures(page, "samples-stage"), [wanted[row] for row in scores]))
    page.get_by_label("most real first").check()
    eventually(lambda: same(pictures(page, "samples-stage"), [wanted[row] for row in scores[::-1]]))
    assert sum(counted(page)) == samples.COUNT
    # They follow when the digits stand still.
    fill(page, "samples-count", 7)
    eventually(lambda: page.locator("#samples-stage img").count() == sum(counted(page)) == 7)
    fill(page, "samples-count", samples.COUNT)
    eventually(lambda: "order=most%20real" in link_of(page))
    # They are of those that are shown, whatever stands in the field by then, and so is the address.
    page.get_by_label("by row").check()
    fill(page, "samples-seed", 7)
    fill(page, "samples-seed", -1)
    assert "not -1" in toast(page)
    wanted = sampled(gan, samples.COUNT, 7)
    eventually(lambda: same(pictures(page, "samples-stage"), wanted))
    asked = [page.locator(f"#samples-{part} [data-request]") for part in ("stage", "summary")]
    eventually(lambda: len({part.get_attribute("data-request") for part in asked}) == 1)
    assert "seed=7" in link_of(page)
    fill(page, "samples-seed", "")
    at_rest(lambda: link_of(page))
    assert "seed=7" in link_of(page)
    fill(page, "samples-seed", samples.SEED)
    eventually(lambda: "seed=" not in link_of(page))


def test_downloads_are_what_is_shown(page, gans):
    fill(page, "samples-count", 6)
    wanted = sampled(gans["first"], 6, samples.SEED)
    eventually(lambda: same(pictures(page, "samples-stage"), wanted))
    with page.expect_download() as sent:
        page.get_by_role("button", name="Each, and a table (ZIP)").click()
    assert sent.value.suggested_filename == "first-seed42-6.zip"
    with zipfile.ZipFile(sent.value.path()) as archive:
        found = [np.asarray(Image.open(archive.open(f"42-{row}.png"))) for row in range(6)]
    assert same(found, wanted)
    open_tab(page, "Interpolate")
    with page.expect_download() as sent:
        page.get_by_role("button", name="GIF").click()
    assert Image.open(sent.value.path()).n_frames > 100


def test_a_way_through_several_points(page, gans):
    gan = gans["first"]
    choose(page, 4)
    page.get_by_role("button", name="Use as B").click()
    eventually(lambda: way(page) == ["42:0", "42:4"])
    page.get_by_role("button", name="+ Waypoint").click()
    eventually(lambda: len(way(page)) == 3)
    page.locator("#way-points input").last.fill("9:1")
    page.locator("#way-points input").last.press("Enter")
    eventually(lambda: way(page) == ["42:0", "42:4", "9:1"])
    # The field says what was typed before the server has answered; two answers may come in another order.
    eventually(lambda: close(pictures(page, "way-points"), of(gan, "42:0", "42:4", "9:1")))
    page.get_by_role("button", name="B: Earlier").click()
    eventually(lambda: way(page) == ["42:0", "9:1", "42:4"])
    fill(page, "film-steps", 7)
    ends = np.stack([Address.parse(text, "m").latent(gan).numpy() for text in way(page)])
    z = paths.route(gan.latents(1, 0).new_tensor(ends), paths.positions(3, 7))
    eventually(lambda: close(pictures(page, "film-stage"), drawn(gan, z)))
    eventually(lambda: "way=42:0,9:1,42:4" in link_of(page).split("&"))
    page.get_by_role("button", name="P: Roll").or_(page.get_by_role("button", name="P: A random seed")).click()
    eventually(lambda: way(page)[1] not in ("9:1", ""))
    page.get_by_role("button", name="P: Leave out").click()
    eventually(lambda: way(page) == ["42:0", "42:4"])
    page.locator("#way-points input").first.fill("no way")
    page.locator("#way-points input").first.press("Enter")
    assert "is not an address" in toast(page)


@narrow_only
def test_a_way_point_and_a_control_in_one_moment_are_one_question(page, gans):
    gan = gans["first"]
    open_tab(page, "Interpolate")
    field, linear = page.locator("#way-points input").first, page.get_by_label("linear")
    both = """([field, text, other, value]) => {
        field.value = text;
        field.dispatchEvent(new Event("change", { bubbles: true }));
        if (!value) return other.click();
        other.value = value;
        other.dispatchEvent(new Event("input", { bubbles: true }));
    }"""
    page.evaluate(both, [field.element_handle(), "9:1", linear.element_handle(), ""])
    z = paths.path(*(Address.parse(text, "m").latent(gan) for text in ("9:1", "22:0")), interpolate.STEPS, "linear")
    eventually(lambda: close(pictures(page, "film-stage"), drawn(gan, z)))
    # A way that cannot be gone keeps nothing else from being done.
    steps = page.locator("#film-steps input[type=number]")
    page.evaluate(both, [field.element_handle(), "no way", steps.element_handle(), 5])
    assert "is not an address" in toast(page)
    eventually(lambda: page.locator("#film-stage figure").count() == 5)
    eventually(lambda: way(page) == ["9:1", "22:0"])


@narrow_only
def test_frames_of_a_way_that_was_left_meanwhile_are_not_shown(page):
    """They are another model's where a link opens one: its numbers stood beside this way's film and names."""
    open_tab(page, "Interpolate")
    bar, held = page.locator("#film-curves input[type=range]"), []
    eventually(lambda: bar.get_attribute("max") == str(11 * 22))
    hold(page, "walk_frames", held)
    for steps in (5, 9):
        fill(page, "film-steps", steps)
        eventually(lambda steps=steps: page.locator("#film-stage figure").count() == steps and held)
    held[0].continue_()
    eventually(lambda: bar.is_visible() and len(held) == 2)
    assert bar.get_attribute("max") == str(11 * 22)
    assert page.locator(".walker[aria-busy=true]").count() == page.locator("#film-curves[aria-busy=true]").count() == 1
    held[1].continue_()
    eventually(lambda: bar.get_attribute("max") == str(8 * 30) and not page.locator("[aria-busy=true]").count())
    page.unroute_all()


@narrow_only
def test_the_slider_follows_the_pointer_and_plays(page, gans):
    gan = gans["first"]
    open_tab(page, "Interpolate")
    fill(page, "film-steps", 5)
    bar = page.locator("#film-curves input[type=range]")
    finer = FRAMES // 4
    eventually(lambda: bar.get_attribute("max") == str(4 * finer))
    ends = [gan.latents(1, seed)[0] for seed in (interpolate.START, interpolate.END)]
    frames = drawn(gan, paths.path(*ends, 4 * finer + 1))
    bar.scroll_into_view_if_needed()

    def grasped():  # what is above it may still come, and move it away from the pointer
        box = bar.bounding_box()
        page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
        page.mouse.down()
        if bar.evaluate("bar => bar === document.activeElement"):
            return True
        page.mouse.up()
        return False

    eventually(grasped)
    box = bar.bounding_box()
    seen = set()
    for share in np.linspace(0, 1, 25):
        page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2)
        at = int(page.locator("#film-player canvas").get_attribute("data-at"))
        assert close([canvas(page)], [frames[at]])
        seen.add(at)
    page.mouse.up()
    assert len(seen) > 20
    assert at == 4 * finer
    # A frame of the film is right under its mark on the slider, and right over its place on the curves.
    figure = page.locator("#film-stage figure").nth(2)
    figure.click()
    eventually(lambda: bar.input_value() == str(2 * finer))
    middle = figure.bounding_box()["x"] + figure.bounding_box()["width"] / 2
    cursors = page.locator("#film-curves .u-cursor-x")
    assert cursors.count() == 3
    assert not page.locator("#film-space").is_visible()  # of style generators only
    for cursor in cursors.all():
        assert cursor.bounding_box()["x"] + 1 == pytest.approx(middle, abs=1.5)
    # The line of D's belief takes its colours; dragging along a curve moves all.
    lane = page.locator("#film-curves .lane").first
    assert lane.evaluate("box => box.uplot.series[1].stroke(box.uplot) instanceof CanvasGradient")
    box = lane.bounding_box()
    page.mouse.move(middle, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 1.5 / 5, box["y"] + 50, steps=4)
    eventually(lambda: abs(int(bar.input_value()) - finer) <= 1)
    page.mouse.up()
    page.mouse.move(middle, box["y"] + 50)
    assert abs(int(bar.input_value()) - finer) <= 1
    figure.click()
    page.get_by_role("button", name="Play").click()
    eventually(lambda: int(bar.input_value()) > 2 * finer + 10)
    page.get_by_role("button", name="Pause").click()
    stopped = bar.input_value()
    page.wait_for_timeout(300)
    assert bar.input_value() == stopped
    assert close([canvas(page)], [frames[int(stopped)]])
    bar.press("ArrowRight")
    assert int(bar.input_value()) == min(int(stopped) + 1, 4 * finer)
    # The numbers of the curves make way for the cursor, which begins among them where there are many frames.
    fill(page, "film-steps", 12)
    page.locator("#film-stage figure").nth(11).wait_for()
    eventually(lambda: bar.get_attribute("max") == str(11 * round(FRAMES / 11)))
    page.locator("#film-stage figure").first.click()
    eventually(lambda: bar.input_value() == "0")
    for cursor, numbers in zip(cursors.all(), page.locator("#film-curves .u-numbers").all(), strict=True):
        at, spans = cursor.bounding_box()["x"], [span.bounding_box() for span in numbers.locator("span").all()]
        assert spans and all(span["x"] > at + 2 or span["x"] + span["width"] < at for span in spans)


def test_the_way_follows_the_model_and_a_link_brings_all_of_it_back(page, visit, gans):
    open_tab(page, "Interpolate")
    page.get_by_label("linear").check()
    page.locator("#way-points input").first.fill("5:2:r0.5:v1")
    page.locator("#way-points input").first.press("Enter")
    eventually(lambda: way(page) == ["5:2:r0.5:v1", "22:0"])
    choose_model(page, "second")
    gan = gans["second"]
    eventually(lambda: close(pictures(page, "way-points"), of(gan, "5:2:r0.5:v1", "22:0")))
    eventually(lambda: "way=5:2:r0.5:v1,22:0" in link_of(page))
    other = visit(link_of(page))
    other.locator("#film-stage img").first.wait_for()
    eventually(lambda: same(pictures(other, "film-stage"), pictures(page, "film-stage")))
    assert way(other) == way(page)
    assert other.get_by_label("linear").is_checked()
