"""What every tab shares: the language, a link to the page as it is, the pinned digits."""

import shutil
import urllib.parse

import numpy as np
from helpers.gans import small_gan
from PIL import Image

from gan_demo.ui.shared.address import MIN_TRUNCATION
from gan_demo.ui.shared.model import Model
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.samples import tab as samples

from .conftest import (
    eventually,
    fill,
    go_to_tab,
    nothing_pinned,
    open_tab,
    opened,
    pictures,
    same,
    served,
    toast,
    unopened,
)
from .test_page import choose_model, drawn, sampled


def link_of(page):
    return page.evaluate("ganDemo.link(document.documentElement.dataset.spoken)")


def pin(page, row):
    page.locator("#samples-stage figure").nth(row).hover()
    page.locator("#samples-stage [data-pin]").nth(row).click()


def test_the_language_is_the_browsers_and_can_be_switched(visit):
    page = visit(locale="zh-CN")
    page.get_by_role("tab", name="插值").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.locator("#pinned .pinned").wait_for()
    shown = page.locator("main").inner_text()
    assert not [word for word in ("Seed", "Nothing yet", "Model", "D takes") if word in shown]
    fill(page, "samples-seed", -1)
    page.get_by_text("随机种子应是 0").wait_for()
    fill(page, "samples-seed", 9)
    eventually(lambda: "seed=9" in page.evaluate("location.search"))
    page.get_by_role("link", name="English").click()
    page.get_by_role("tab", name="Interpolate").wait_for()
    eventually(lambda: page.locator("#samples-seed input").input_value() == "9")
    page.get_by_role("link", name="简体中文").click()
    page.get_by_role("tab", name="采样").wait_for()


def test_a_link_that_is_copied_and_opened_elsewhere_shows_the_same(visit, address, gans):
    page = visit()
    choose_model(page, "second")
    fill(page, "samples-seed", 11)
    fill(page, "samples-count", 5)
    fill(page, "samples-truncation", 0.5)
    open_tab(page, "Interpolate")
    page.get_by_label("linear").check()
    wanted = ("model=second", "seed=11", "count=5", "psi=0.5", "tab=interpolate", "path=linear", "lang=en")
    eventually(lambda: all(part in link_of(page).partition("?")[2].split("&") for part in wanted))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address.rstrip("/"))
    page.get_by_role("button", name="Copy link").click()
    told = page.get_by_role("button", name="Copied")
    told.wait_for()
    assert told.bounding_box()["width"] > 30  # a rule of a tab once made it a point
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == link_of(page)
    other = visit(copied, locale="zh-CN")
    assert other.get_by_role("tab", name="Interpolate").get_attribute("aria-selected") == "true"
    # A slider takes a link's truncation before it hears how far the link's model goes, and would keep what it cut off.
    opens = "gradio_config.components.find(({ props }) => props.elem_id === 'samples-truncation').props.minimum"
    assert other.evaluate(opens) == MIN_TRUNCATION
    eventually(lambda: same(pictures(other, "film-stage"), pictures(page, "film-stage")))
    open_tab(other, "Samples")
    eventually(lambda: same(pictures(other, "samples-stage"), sampled(gans["second"], 5, 11, 0.5)))
    assert "nearest of this model's typical latents" in other.locator(".truncated").inner_text()
    # The second model has typical latents, to which truncation leads; it can be asked for the other way.
    other.get_by_label("shorter latents").check()
    shorter = sampled(gans["second"], 5, 11, 0.5, "middle")
    eventually(lambda: same(pictures(other, "samples-stage"), shorter))
    assert other.locator("#samples-stage [data-choose]").first.get_attribute("data-choose") == "second:11:0:t0.5"
    eventually(lambda: "towards=middle" in link_of(other))
    old = link_of(other).replace("psi=", "truncation=").replace("&towards=middle", "")
    other.goto(old)  # of before there were typical latents
    eventually(lambda: same(pictures(other, "samples-stage"), shorter))
    eventually(lambda: "towards=middle" in link_of(other) and "truncation=" not in link_of(other))
    choose_model(other, "first")
    eventually(lambda: same(pictures(other, "samples-stage"), sampled(gans["first"], 5, 11, 0.5)))
    assert not other.locator("#samples-towards").is_visible()


def test_a_link_with_nonsense_is_explained_and_opens_the_rest(visit, address, gans):
    wrong = (
        "model=nobody tab=no look=nosuch:1:0 order=no lang=xx present=yes stop=no epoch=x pairs=x beat=99 lab=x at=no"
        " judged=no"
    ).split()
    page = visit(f"{address}?seed=<img src=x onerror=document.title='hacked'>&count=3&{'&'.join(wrong)}")
    for part in wrong:
        page.get_by_text(f"In the link, {part}: ").wait_for()
    page.get_by_text("There is no model").first.wait_for()
    # None of it stays in the address, where a reload would say it again.
    left = ("model=first", "count=3")
    eventually(lambda: set(urllib.parse.urlsplit(page.url).query.split("&")) == set(left))
    eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["first"], 3, samples.SEED)))
    assert page.title() != "hacked"


def test_an_error_is_shown_as_text_and_never_as_markup(lend, address):
    """It may quote what a link says."""
    error = "<b class=planted>no</b>"
    with lend() as page:
        page.route("**/component_server/", lambda route: route.fulfill(json={"error": error}))
        page.goto(f"{address}?look=42:0")
        for tab, place in (
            ("Samples", "#samples-inspector .nearest"),
            ("Map", "#map-stage .told"),
            ("Interpolate", "#film-player .where"),
            ("Directions", "#board-stage .trouble"),
            ("Discriminator", "#judge-stage .live"),
        ):
            go_to_tab(page, tab)
            page.locator(place, has_text=error).wait_for()
        page.locator("#judge-stage [data-climb]").click()
        page.locator("#judge-stage .problem", has_text=error).wait_for()
        assert not page.locator(".planted").count()


def again(page, gans):
    """Nothing is pinned, and the digits are there."""
    nothing_pinned(page)
    go_to_tab(page, "Samples")


@unopened
def test_tabs_that_are_opened_after_a_pinned_digit_was_used_elsewhere_are_not_empty(page, address):
    opened(page, address)
    pin(page, 1)
    open_tab(page, "Interpolate")
    page.locator("#pinned [data-use]").click()
    eventually(lambda: page.locator("#way-points input").count() == 3)
    for tab, filled in (
        ("Map", "#map-stage canvas[aria-busy=false]"),
        ("Your digit", "#tab-invert .paper canvas"),
        ("Discriminator", "#judge-stage .examples img"),
        ("Directions", '#tab-directions :text("python -m gan_demo directions")'),
    ):
        go_to_tab(page, tab)
        page.locator(filled).first.wait_for()


def test_a_pinned_digit_survives_a_reload_and_is_judged(page, gans):
    for row in (2, 5):
        pin(page, row)
        page.locator(f"[data-use='first:{samples.SEED}:{row}']").wait_for()
    page.reload()
    page.locator("[data-use]").nth(1).wait_for()
    wanted = sampled(gans["first"], 6, samples.SEED)
    assert same(pictures(page, "pinned"), [wanted[2], wanted[5]])
    open_tab(page, "Discriminator")
    page.locator("[data-use]").last.click()
    eventually(lambda: same(pictures(page, "judge-stage .seen"), [wanted[5]]))
    assert page.locator("#judge-stage code").first.inner_text() == f"first:{samples.SEED}:5"
    page.locator("[data-use]").first.hover()
    page.locator("[data-unpin]").first.click()
    eventually(lambda: same(pictures(page, "pinned"), [wanted[5]]))


@unopened
def test_a_digit_can_be_pinned_before_the_row_of_pinned_digits_is_there(lend, address):
    with lend() as page:
        page.goto(address)  # whose answers are held until a digit has been pinned
        page.add_init_script(
            """const real = fetch, held = new Promise((done) => { window.release = done; });
            window.fetch = async (...asked) => {
                const answer = await real(...asked), text = await answer.clone().text().catch(() => "");
                if (text.includes('no-pins')) await held;
                return answer;
            };"""
        )
        page.reload()
        pin(page, 1)
        page.evaluate("release()")
        page.locator(f"[data-use='first:{samples.SEED}:1']").wait_for()


def test_quick_clicks_are_all_heeded_until_no_more_can_be_pinned(page):
    # Every answer of the server comes later than the next click.
    page.evaluate(
        """() => {
            const real = fetch;
            window.fetch = (...asked) => new Promise((done) => setTimeout(done, 400)).then(() => real(...asked));
        }"""
    )
    pins = page.locator("[data-use]")

    def shown(rows):
        return pins.evaluate_all("pins => pins.map(pin => pin.dataset.use)") == [
            f"first:{samples.SEED}:{row}" for row in rows
        ]

    for row in (2, 5, 1):
        pin(page, row)
    eventually(lambda: shown((2, 5, 1)))
    for row in (1, 0):
        pins.nth(row).hover()
        page.locator("[data-unpin]").nth(row).click()
    eventually(lambda: shown((1,)))
    page.locator(".pinned").evaluate("row => { row.dataset.most = 1; }")
    pin(page, 3)
    assert "room for" in toast(page)
    assert shown((1,))
    page.reload()
    eventually(lambda: shown((1,)))


def test_a_conditional_model_is_asked_for_digits(visit, gans):
    page, gan = visit(), gans["third"]
    chooser = page.locator("#samples-digit")
    assert not chooser.is_visible()
    fill(page, "samples-count", 10)
    choose_model(page, "third")
    eventually(lambda: same(pictures(page, "samples-stage"), drawn(gan, gan.latents(10, samples.SEED), range(10))))
    chooser.get_by_label("7").check()
    eventually(lambda: same(pictures(page, "samples-stage"), drawn(gan, gan.latents(10, samples.SEED), 7)))
    chooser.get_by_label("each latent as all ten").check()
    ten = drawn(gan, gan.latents(1, samples.SEED).repeat(10, 1), range(10))
    eventually(lambda: same(pictures(page, "samples-stage"), ten))
    tops = page.locator("#samples-stage img").evaluate_all(
        "images => images.map(image => image.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    open_tab(page, "Interpolate")
    page.locator("#film-digit").get_by_label("4").check()
    eventually(lambda: same(pictures(page, "film-stage")[:1], drawn(gan, gan.latents(1, interpolate.START), 4)))
    open_tab(page, "Discriminator")
    page.locator(".verdict", has_text="as the classifier reads it").wait_for()
    page.locator("#judge-as").get_by_label("2").check()
    page.locator(".verdict", has_text="as 2 ·").wait_for()
    wanted = ("model=third", "digit=ten", "film-digit=4", "as=2", "tab=discriminator")
    eventually(lambda: all(part in link_of(page).partition("?")[2].split("&") for part in wanted))
    other = visit(link_of(page))
    other.locator(".verdict", has_text="as 2 ·").wait_for()
    open_tab(other, "Samples")
    eventually(lambda: same(pictures(other, "samples-stage"), ten))
    choose_model(other, "first")
    other.locator("#facts", has_text="draws the digit").wait_for(state="detached")
    assert not other.locator("#samples-digit").is_visible()
    # What this model has not is in no link of it, and comes back with a model that has it.
    eventually(lambda: "model=first" in link_of(other) and "digit" not in link_of(other))
    choose_model(other, "third")
    eventually(lambda: "film-digit=4" in link_of(other))


CONTRAST = """() => {
    const sheet = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    const luminance = (colour) => {
        sheet.clearRect(0, 0, 1, 1);
        sheet.fillStyle = colour;
        sheet.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...sheet.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const number = document.querySelector("#samples-inspector .number > span");
    let ground = number;
    while (/, 0\\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const below = luminance(getComputedStyle(ground).backgroundColor);
    const found = [];
    for (let strength = -100; strength <= 100; strength++) {
        ganDemo.lean(number, strength);
        const colour = luminance(getComputedStyle(number).color);
        found.push([strength, (Math.max(colour, below) + 0.05) / (Math.min(colour, below) + 0.05)]);
    }
    return found;
}"""


COLOURS = """() => ["real", "fake", "unsure"].map(
    (name) => getComputedStyle(document.querySelector(".digits")).getPropertyValue("--" + name))"""


def test_the_number_of_a_belief_can_be_read_whatever_d_believes_by_day_and_by_night(visit, address):
    """A contrast of 4.5 : 1, as WCAG 2.2 asks of text (success criterion 1.4.3)."""
    colours = {}
    for theme in ("light", "dark"):
        page = visit(f"{address}?look=42:0&__theme={theme}")
        page.locator("#samples-inspector .number").wait_for()
        found = page.evaluate(CONTRAST)
        assert len({round(contrast, 3) for _, contrast in found}) > 50  # the colour still says what D believes
        assert min(contrast for _, contrast in found) >= 4.5, (theme, min(found, key=lambda pair: pair[1]))
        assert page.evaluate("document.body.matches('.dark, .dark *')") == (theme == "dark")
        colours[theme] = page.evaluate(COLOURS)
    assert all(colours["light"] + colours["dark"])
    assert not set(colours["light"]) & set(colours["dark"])


def test_the_choosers_have_the_classes_of_the_model(lend, tmp_path, monkeypatch):
    for name, names in (("digits", ()), ("letters", ("A", "B & C", "<i>"))):
        training = {"dataset": name if names else "mnist"}
        gan = small_gan(
            "style" if names else "mlp", seed=3, classes=len(names) or 10, class_names=names, training=training
        )
        gan.save_pretrained(tmp_path / name)
    two = np.full((400, 600), 230, np.uint8)
    for left, height in ((100, 150), (380, 190)):
        two[100 : 100 + height, left : left + 24] = two[100:124, left : left + 90] = 30
    Image.fromarray(two).save(tmp_path / "digits" / "two.png")

    def choices(chooser):
        return page.locator(f"#{chooser} label").all_inner_texts()

    digits = list("0123456789")
    with served(tmp_path) as address, lend() as page:
        page.goto(f"{address}?model=digits&digit=7")
        eventually(lambda: choices("samples-digit") == ["all in turn", "each latent as all ten", *digits])
        choose_model(page, "letters")
        letters = ["A", "B & C", "<i>"]
        eventually(lambda: choices("samples-digit") == ["all in turn", "each latent as all of them", *letters])
        page.locator("#samples-digit").get_by_label("<i>").check()
        page.wait_for_url("**digit=2**")
        open_tab(page, "Interpolate")
        assert choices("film-digit") == letters
        # Nothing speaks of digits where the model draws something else.
        texts = page.locator("#tab-interpolate .lede")
        assert "picture" in texts.inner_text() and "digit" not in texts.inner_text()
        page.locator("[data-place=try]").click()
        name = page.locator("#tab-invert-button")
        assert name.evaluate("tab => getComputedStyle(tab, '::before').content") == '"Your picture"'
        assert page.locator("#title").inner_text().startswith("Pictures nobody drew\n\nA generator draws the pictures.")
        eventually(lambda: page.title() == "Pictures nobody drew")
        page.locator("#tab-discriminator-button").click()
        # A picture is taken as it is, but for its ground.
        page.locator("#tab-discriminator .zone small").wait_for(state="hidden")
        page.locator("#tab-discriminator input[type=file]").set_input_files(tmp_path / "digits" / "two.png")
        page.locator("#tab-discriminator .brought .mark", has_text="Mark a part by hand").wait_for()
        assert page.locator("#tab-discriminator .brought .found").inner_text() == ""  # nobody looked for digits on it
        monkeypatch.setattr(Model, "ground", property(lambda model: 0.0))
        choose_model(page, "digits")  # and from there
        choose_model(page, "letters")
        page.locator("#tab-discriminator .brought .found", has_text="Dark on light: inverted").wait_for()
        assert page.locator(".board.light").count() == 0
        monkeypatch.setattr(Model, "ground", property(lambda model: 255.0))  # as it draws, so do people
        choose_model(page, "digits")
        choose_model(page, "letters")
        page.locator("#judge-canvas .board.light").wait_for()
        page.locator("#judge-canvas [data-do=clear]").click()
        page.locator("#judge-stage .no-reference", has_text="nothing").wait_for()
        go_to_tab(page, "Your picture")
        page.locator("#invert-board .board.light").wait_for()
        page.locator("#invert-stage .nothing").wait_for()
        choose_model(page, "digits")
        page.locator("#invert-board .board:not(.light)").wait_for()
        choose_model(page, "letters")
        page.locator("#invert-board .board.light").wait_for()
        for tab in ("samples", "map", "interpolate", "directions", "discriminator", "invert"):
            page.locator(f"[data-place][data-tabs~={tab}]").click()
            page.locator(f"#tab-{tab}-button").click()
            shown = page.get_by_role("tabpanel")
            shown.locator("img, canvas").first.wait_for()
            eventually(lambda shown=shown: "digit" not in shown.inner_text().lower())  # as the name of the one before
        go_to_tab(page, "Directions")
        kind = page.locator("#tab-directions .ask-for button", has_text="B & C")
        assert kind.evaluate("button => parseFloat(getComputedStyle(button).paddingLeft)") >= 6  # a name has room
        assert kind.evaluate("button => button.parentElement.ariaLabel") == "Ask for"
        go_to_tab(page, "You or D")  # which is played with digits: none of its opponents is chosen, and each can be
        page.locator("#game-stage .problem", has_text="letters").wait_for()
        assert page.locator(".against select").evaluate("list => list.selectedIndex") == -1
        page.goto(f"{address}?model=letters&digit=1")
        eventually(lambda: choices("samples-digit")[2:] == letters)
        assert page.locator("#samples-digit").get_by_label("B & C").is_checked()
        go_to_tab(page, "Discriminator")  # opened with the model chosen already
        page.locator("#judge-canvas .board.light").wait_for()
        go_to_tab(page, "Samples")
        choose_model(page, "digits")
        eventually(lambda: choices("samples-digit")[2:] == digits)
        assert "digit" in page.locator("#tab-samples .lede").inner_text()
        assert page.locator("#title h1").inner_text() == "Digits nobody wrote"
        eventually(lambda: page.title() == "Digits nobody wrote")
        shutil.rmtree(tmp_path / "digits")  # as where somebody keeps own models only
        choose_model(page, "letters")
        go_to_tab(page, "You or D")
        page.locator("#game-stage .problem", has_text="letters").wait_for()
        page.locator("#game-stage .against").wait_for(state="hidden")
