"""What a person does on each tab, and then sees."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gan_demo import belief, images, latent
from gan_demo.gan import from_pixels, to_pixels
from gan_demo.ui import interpolate, samples, words

from .conftest import eventually, fill, open_tab, pictures, same, toast

wide_only = pytest.mark.parametrize("page", ["wide"], indirect=True)


def drawn(gan, z, labels=None):
    labels = list(labels) if isinstance(labels, range) else labels
    return list(to_pixels(gan.generate(z, labels))[:, 0].numpy())


def sampled(gan, count, seed, truncation=1.0):
    return drawn(gan, gan.latents(count, seed, truncation))


def captions(page, stage):
    return page.locator(f"#{stage} figcaption").all_inner_texts()


def seven(size=(200, 260), ink=0, paper=255):
    """A seven as somebody may draw it."""
    picture = Image.new("L", size, paper)
    ImageDraw.Draw(picture).line([(50, 50), (150, 50), (90, 210)], fill=ink, width=18, joint="curve")
    return picture


def file(name, content, kind="image/png"):
    return {"name": name, "mimeType": kind, "buffer": content}


def upload(page, *file_):
    page.locator("#drop-zone input").set_input_files(*file_)


class TestSamples:
    def test_a_seed_gives_its_digits_and_what_d_says_of_them(self, page, gans):
        gan = gans["first"]
        wanted = sampled(gan, samples.COUNT, samples.SEED)
        eventually(lambda: same(pictures(page, "samples-stage"), wanted))
        scores = gan.score(from_pixels(to_pixels(gan.sample(samples.COUNT, samples.SEED)))).tolist()
        said = [belief.belief(gan.config.objective, score).number for score in scores]
        assert captions(page, "samples-stage") == said
        fill(page, "samples-seed", 7)
        eventually(lambda: same(pictures(page, "samples-stage"), sampled(gan, samples.COUNT, 7)))
        fill(page, "samples-seed", samples.SEED)
        eventually(lambda: same(pictures(page, "samples-stage"), wanted))

    def test_the_dice_rolls_another_seed(self, page, gans):
        field = page.locator("#samples-seed input")
        page.get_by_role("button", name="A random seed").click()
        eventually(lambda: field.input_value() != str(samples.SEED))
        rolled = int(field.input_value())
        eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["first"], samples.COUNT, rolled)))

    def test_count_and_truncation(self, page, gans):
        for count in (1, 5, 100):
            fill(page, "samples-count", count)
            eventually(lambda n=count: same(pictures(page, "samples-stage"), sampled(gans["first"], n, samples.SEED)))
        fill(page, "samples-count", 8)
        fill(page, "samples-truncation", 0)
        eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["first"], 1, 0, 0.0) * 8))

    def test_a_slider_is_followed_to_its_last_position(self, page, gans):
        slider = page.locator("#samples-truncation input[type=range]")
        slider.focus()
        for _ in range(12):
            page.keyboard.press("ArrowLeft")
        assert float(slider.input_value()) == pytest.approx(0.4)
        wanted = sampled(gans["first"], samples.COUNT, samples.SEED, float(slider.input_value()))
        eventually(lambda: same(pictures(page, "samples-stage"), wanted))

    @wide_only
    def test_an_empty_field_waits_and_a_wrong_one_is_explained(self, page):
        before = pictures(page, "samples-stage")
        fill(page, "samples-seed", "")
        page.wait_for_timeout(1000)
        assert same(pictures(page, "samples-stage"), before)
        assert page.get_by_test_id("toast-body").count() == 0
        fill(page, "samples-seed", -3)
        assert "Seed is a whole number from 0" in toast(page)
        fill(page, "samples-seed", samples.SEED)
        fill(page, "samples-count", 1000)
        assert "How many is a whole number from 1 to 100" in toast(page)


class TestInterpolate:
    def test_the_ends_are_the_first_digits_of_the_seeds(self, page, gans):
        gan = gans["first"]
        open_tab(page, "Interpolate")
        z = [gan.latents(1, seed)[0] for seed in (interpolate.START, 5)]
        fill(page, "film-end", 5)
        eventually(lambda: same(pictures(page, "film-stage"), drawn(gan, latent.path(*z, interpolate.STEPS))))
        shown = pictures(page, "film-stage")
        assert same([shown[0], shown[-1]], sampled(gan, 1, interpolate.START) + sampled(gan, 1, 5))
        assert "seed 5" in captions(page, "film-stage")[-1]
        assert all("%" in caption for caption in captions(page, "film-stage"))

    def test_the_two_ways_differ_in_the_middle_only(self, page, gans):
        gan = gans["first"]
        open_tab(page, "Interpolate")
        fill(page, "film-steps", 5)
        z = [gan.latents(1, seed)[0] for seed in (interpolate.START, interpolate.END)]
        spherical, linear = (drawn(gan, latent.path(*z, 5, kind)) for kind in ("spherical", "linear"))
        eventually(lambda: same(pictures(page, "film-stage"), spherical))
        page.get_by_label("linear").check()
        eventually(lambda: same(pictures(page, "film-stage"), linear))
        assert not same(spherical[2:3], linear[2:3])


class TestDiscriminator:
    def test_a_digit_is_prepared_judged_and_compared(self, page, gans):
        open_tab(page, "Discriminator")
        content = images.png_bytes(seven())
        upload(page, file("seven.png", content))
        pixels = images.to_digit(images.open_picture(content))
        seen = page.locator(".seen img")
        eventually(lambda: same(pictures(page, "judge-stage .seen"), [pixels]))
        assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
        assert seen.bounding_box()["width"] >= 8 * 28
        gan = gans["first"]
        raw = float(gan.score(from_pixels(to_pixels(from_pixels_of(pixels))))[0])
        text = page.locator("#judge-stage").inner_text()
        assert "Your picture" in text
        assert belief.belief(gan.config.objective, raw).number in text
        assert f"{raw:+.2f}" in text
        for low, high, group in ((-1, 1, "real test digits"), (-3, 1, "this generator's digits")):
            share = (raw - low) / (high - low)
            assert 0 < share < 1
            assert words.comparison(share, group) in text
        assert page.locator(".chart path").count() == 2

    def test_the_polarity_does_not_matter(self, page):
        open_tab(page, "Discriminator")
        shown = []
        for ink, paper in ((0, 255), (255, 0)):
            upload(page, file("seven.png", images.png_bytes(seven(ink=ink, paper=paper))))
            wanted = images.to_digit(seven(ink=ink, paper=paper).convert("LA"))
            eventually(lambda wanted=wanted: same(pictures(page, "judge-stage .seen"), [wanted]))
            shown += pictures(page, "judge-stage .seen")
        assert same(shown[:1], shown[1:])
        assert shown[0].max() > 200

    @wide_only
    def test_a_picture_can_be_pasted_and_dropped(self, page):
        open_tab(page, "Discriminator")
        for event, size in (("paste", (200, 260)), ("drop", (260, 240))):
            picture = seven(size)
            page.evaluate(
                """async ([name, url]) => {
                    const data = new DataTransfer();
                    data.items.add(new File([await (await fetch(url)).blob()], "seven.png", {type: "image/png"}));
                    const init = {bubbles: true, cancelable: true};
                    document.querySelector(".zone").dispatchEvent(
                        name === "paste"
                            ? new ClipboardEvent(name, {...init, clipboardData: data})
                            : new DragEvent(name, {...init, dataTransfer: data}));
                }""",
                [event, images.data_url(images.png_bytes(picture))],
            )
            wanted = images.to_digit(picture.convert("LA"))
            eventually(lambda wanted=wanted: same(pictures(page, "judge-stage .seen"), [wanted]))
            open_tab(page, "Discriminator")

    def test_examples(self, page):
        open_tab(page, "Discriminator")
        for name, said in (
            ("digit of this generator", "Drawn by first"),
            ("printed digit", "from a font"),
            ("noise", "Noise"),
        ):
            page.get_by_role("button", name=name).click()
            page.locator(".source", has_text=said).wait_for()
        (noise,) = pictures(page, "judge-stage .seen")
        assert len(np.unique(noise)) > 200

    @wide_only
    def test_a_bad_file_is_explained_and_leaves_the_page_as_it_was(self, page):
        open_tab(page, "Discriminator")
        before = pictures(page, "judge-stage .seen")
        whole = images.png_bytes(seven())
        huge = io.BytesIO()
        Image.new("1", (10_000, 10_000)).save(huge, "PNG")
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9"/></svg>'
        for name, content, kind, said in (
            ("text.png", b"I am no picture", "image/png", "not a picture"),
            ("empty.png", b"", "image/png", "not a picture"),
            ("torn.png", whole[: len(whole) // 2], "image/png", "damaged"),
            ("huge.png", huge.getvalue(), "image/png", "too large"),
            ("drawing.svg", svg, "image/svg+xml", "not a picture"),
            ("blank.png", images.png_bytes(Image.new("L", (50, 50), 255)), "image/png", "nothing drawn"),
        ):
            upload(page, file(name, content, kind))
            assert said in toast(page), name
            assert same(pictures(page, "judge-stage .seen"), before)

    @wide_only
    @pytest.mark.parametrize("kind", ["gif", "cmyk", "16 bit", "palette"])
    def test_a_picture_of_a_rare_kind_gives_the_right_digit(self, page, kind):
        open_tab(page, "Discriminator")
        content = io.BytesIO()
        if kind == "gif":
            seven().save(content, "GIF", save_all=True, append_images=[Image.new("L", (200, 260), 255)])
        elif kind == "cmyk":
            seven().convert("CMYK").save(content, "JPEG", quality=95)
        elif kind == "16 bit":
            Image.fromarray(np.asarray(seven()).astype(np.uint16) * 257).save(content, "PNG")
        else:
            seven().convert("P").save(content, "PNG")
        upload(page, file(f"seven.{'jpg' if kind == 'cmyk' else 'png'}", content.getvalue()))
        page.locator(".source", has_text="Your picture").wait_for()
        (shown,) = pictures(page, "judge-stage .seen")
        wanted = images.to_digit(seven().convert("LA"))
        assert np.abs(shown.astype(int) - wanted).mean() < 4

    @wide_only
    def test_a_file_that_is_too_large_is_not_sent(self, page):
        open_tab(page, "Discriminator")
        page.evaluate(
            """() => {
                const data = new DataTransfer(), input = document.querySelector("#drop-zone input");
                data.items.add(new File([new Uint8Array(21e6)], "large.png", {type: "image/png"}));
                input.files = data.files;
                input.dispatchEvent(new Event("change"));
            }"""
        )
        assert "exceed the maximum allowed size of 20" in toast(page)
        upload(page, file("seven.png", images.png_bytes(seven())))
        page.locator(".source", has_text="Your picture").wait_for()


def from_pixels_of(pixels):
    import torch

    return from_pixels(torch.from_numpy(pixels)[None, None])


def choose_model(page, name):
    page.locator("#model input").click()
    page.get_by_role("option", name=name).click()


class TestModels:
    def test_another_model_keeps_the_settings(self, page, gans):
        fill(page, "samples-seed", 11)
        fill(page, "samples-count", 6)
        open_tab(page, "Interpolate")
        fill(page, "film-steps", 4)
        choose_model(page, "second")
        page.locator("#facts", has_text="DCGAN").wait_for()
        gan = gans["second"]
        z = [gan.latents(1, seed)[0] for seed in (interpolate.START, interpolate.END)]
        eventually(lambda: same(pictures(page, "film-stage"), drawn(gan, latent.path(*z, 4))))
        open_tab(page, "Samples")
        assert page.locator("#samples-seed input").input_value() == "11"
        eventually(lambda: same(pictures(page, "samples-stage"), sampled(gan, 6, 11)))

    def test_a_digit_stays_to_be_judged_by_the_next_model(self, page):
        open_tab(page, "Discriminator")
        upload(page, file("seven.png", images.png_bytes(seven())))
        page.locator(".source", has_text="Your picture").wait_for()
        shown, number = pictures(page, "judge-stage .seen"), page.locator(".verdict").inner_text()
        choose_model(page, "second")
        eventually(lambda: page.locator(".verdict").inner_text() != number)
        assert same(pictures(page, "judge-stage .seen"), shown)

    @wide_only
    def test_a_model_that_cannot_be_loaded_leaves_the_page_as_it_was(self, page):
        before = pictures(page, "samples-stage")
        choose_model(page, "torn")
        said = toast(page)
        assert "torn" in said
        assert "damaged" in said
        assert "/" not in said.replace("torn/", ""), "it says where on the server the folder is"
        eventually(lambda: page.locator("#model input").input_value().startswith("first "))
        assert same(pictures(page, "samples-stage"), before)

    @wide_only
    def test_a_model_in_training_says_why_there_is_no_comparison(self, page):
        choose_model(page, "training")
        open_tab(page, "Discriminator")
        page.locator("#judge-stage", has_text="still in training").wait_for()
        assert page.locator(".chart").count() == 0

    @wide_only
    def test_a_model_that_appears_later_is_listed_on_the_next_visit(self, page, checkpoints, gans):
        gans["second"].save_pretrained(checkpoints / "later")
        try:
            page.reload()
            page.locator("#facts dd").first.wait_for()
            choose_model(page, "later")
            page.locator("#facts", has_text="DCGAN").wait_for()
        finally:
            for path in (checkpoints / "later").iterdir():
                path.unlink()
            (checkpoints / "later").rmdir()


def test_belief_has_the_same_colours_by_day_and_by_night(page, address):
    def colours():
        return page.evaluate(
            """() => ["real", "fake", "unsure"].map(
                (name) => getComputedStyle(document.querySelector(".digits")).getPropertyValue("--" + name))"""
        )

    day = colours()
    page.goto(f"{address}?__theme=dark")
    page.locator("#samples-stage img").first.wait_for()
    night = colours()
    assert all(day + night)
    assert not set(day) & set(night)
