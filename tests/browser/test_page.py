"""What a person does on each tab, and then sees."""

import pytest

from gan_demo import belief
from gan_demo.latent import paths
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.samples import tab as samples

from .conftest import eventually, fill, go_to_tab, narrow_only, open_tab, opened, pictures, same, toast, unopened


def drawn(gan, z, labels=None):
    labels = list(labels) if isinstance(labels, range) else labels
    return list(to_pixels(gan.generate(z, labels))[:, 0].numpy())


def sampled(gan, count, seed, truncation=1.0, towards=None):
    return drawn(gan, gan.latents(count, seed, truncation, towards))


def captions(page, stage):
    return page.locator(f"#{stage} figcaption").all_inner_texts()


def test_places_stand_for_the_digits_that_are_to_come(lend, address):
    with lend() as page:
        held = []
        page.route("**/gradio_api/queue/join*", lambda route: held.append(route))
        page.goto(f"{address}?lang=en")
        places = page.locator("#samples-stage .to-come")
        places.nth(samples.COUNT - 1).wait_for()
        place = places.last.bounding_box()
        eventually(lambda: held)
        page.unroute_all()  # and all go on
        page.locator("#samples-stage figure:has(img)").last.wait_for()
        assert page.locator("#samples-stage figure").last.bounding_box() == place  # nothing jumps
        assert not places.count()


class TestSamples:
    @staticmethod
    def again(page, gans):
        for name, value in (("count", samples.COUNT), ("truncation", 1), ("seed", samples.SEED)):
            fill(page, f"samples-{name}", value)
        wanted = sampled(gans["first"], samples.COUNT, samples.SEED)
        eventually(lambda: same(pictures(page, "samples-stage"), wanted))

    @narrow_only
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

    def test_an_empty_field_waits_and_a_wrong_one_is_explained(self, page):
        before = pictures(page, "samples-stage")
        fill(page, "samples-seed", "")
        page.wait_for_timeout(1000)
        assert same(pictures(page, "samples-stage"), before)
        assert page.get_by_test_id("toast-body").count() == 0
        page.locator("#samples-seed input").press_sequentially("-12", delay=100)
        page.wait_for_timeout(1000)
        assert toast(page).count("Seed is a whole number from 0") == 1  # not once a key
        fill(page, "samples-seed", samples.SEED)
        fill(page, "samples-count", 1000)
        assert "How many is a whole number from 1 to 100" in toast(page)


class TestInterpolate:
    @staticmethod
    def again(page, gans):
        go_to_tab(page, "Interpolate")
        field = page.locator("#way-points input").last
        field.fill(str(interpolate.END))
        field.press("Enter")
        eventually(lambda: field.input_value() == f"{interpolate.END}:0")
        go_to_tab(page, "Samples")

    def test_the_ends_are_the_first_digits_of_the_seeds(self, page, gans):
        gan = gans["first"]
        open_tab(page, "Interpolate")
        z = [gan.latents(1, seed)[0] for seed in (interpolate.START, 5)]
        page.locator("#way-points input").last.fill("5")
        page.keyboard.press("Enter")
        eventually(lambda: same(pictures(page, "film-stage"), drawn(gan, paths.path(*z, interpolate.STEPS))))
        shown = pictures(page, "film-stage")
        assert same([shown[0], shown[-1]], sampled(gan, 1, interpolate.START) + sampled(gan, 1, 5))
        assert same(pictures(page, "way-points"), [shown[0], shown[-1]])
        assert page.locator("#way-points input").last.input_value() == "5:0"
        assert all("%" in caption for caption in captions(page, "film-stage"))

    def test_the_two_ways_differ_in_the_middle_only(self, page, gans):
        gan = gans["first"]
        open_tab(page, "Interpolate")
        fill(page, "film-steps", 5)
        z = [gan.latents(1, seed)[0] for seed in (interpolate.START, interpolate.END)]
        spherical, linear = (drawn(gan, paths.path(*z, 5, kind)) for kind in ("spherical", "linear"))
        eventually(lambda: same(pictures(page, "film-stage"), spherical))
        page.get_by_label("linear").check()
        eventually(lambda: same(pictures(page, "film-stage"), linear))
        assert not same(spherical[2:3], linear[2:3])


def choose_model(page, name):
    page.locator("#model input").click()
    page.get_by_role("option", name=name).click()


class TestModels:
    @staticmethod
    def again(page, gans):
        if not page.locator("#model input").input_value().startswith("first "):
            choose_model(page, "first")
        page.locator("#facts", has_text="MLP").wait_for(state="attached")
        go_to_tab(page, "Samples")
        TestSamples.again(page, gans)

    def test_another_model_keeps_the_settings(self, page, gans):
        fill(page, "samples-seed", 11)
        fill(page, "samples-count", 6)
        open_tab(page, "Interpolate")
        fill(page, "film-steps", 4)
        choose_model(page, "second")
        page.locator("#facts", has_text="DCGAN").wait_for(state="attached")
        gan = gans["second"]
        z = [gan.latents(1, seed)[0] for seed in (interpolate.START, interpolate.END)]
        eventually(lambda: same(pictures(page, "film-stage"), drawn(gan, paths.path(*z, 4))))
        open_tab(page, "Samples")
        assert page.locator("#samples-seed input").input_value() == "11"
        eventually(lambda: same(pictures(page, "samples-stage"), sampled(gan, 6, 11)))

    def test_a_model_that_cannot_be_loaded_leaves_the_page_as_it_was(self, page):
        before = pictures(page, "samples-stage")
        choose_model(page, "torn")
        said = toast(page)
        assert "torn" in said
        assert "damaged" in said
        assert "/" not in said.replace("torn/", ""), "it says where on the server the folder is"
        eventually(lambda: page.locator("#model input").input_value().startswith("first "))
        assert same(pictures(page, "samples-stage"), before)

    def test_a_model_in_training_is_held_against_the_digits_that_ship(self, page):
        choose_model(page, "training")
        open_tab(page, "Discriminator")
        page.locator("#judge-stage .power", has_text="has not finished").wait_for()
        page.locator(
            "#judge-stage .own .chart", has_text="real test digits"
        ).wait_for()  # those that ship with the page

    @unopened
    def test_a_model_that_appears_later_is_listed_on_the_next_visit(self, page, address, checkpoints, gans):
        """Later than the page was built."""
        gans["second"].save_pretrained(checkpoints / "later")
        try:
            opened(page, address)
            choose_model(page, "later")
            page.locator("#facts", has_text="DCGAN").wait_for(state="attached")
        finally:
            for path in (checkpoints / "later").iterdir():
                path.unlink()
            (checkpoints / "later").rmdir()

    @unopened
    def test_a_model_that_vanishes_is_told_of_once(self, page, address, checkpoints, gans):
        gans["second"].save_pretrained(checkpoints / "leaving")
        opened(page, address)
        choose_model(page, "leaving")
        page.locator("#facts", has_text="DCGAN").wait_for(state="attached")
        for path in (checkpoints / "leaving").iterdir():
            path.unlink()
        (checkpoints / "leaving").rmdir()
        line = page.locator("#model-gone")
        for seed in (1, 2, 3):
            fill(page, "samples-seed", seed)
            line.wait_for()
            page.wait_for_timeout(300)
            assert page.locator("[data-testid=toast-body]:visible").count() == 0
        assert line.count() == 1
        assert "There is no model 'leaving'" in line.inner_text()
        facts = page.locator("#facts").text_content()
        choose_model(page, "second")
        line.wait_for(state="detached")
        assert page.locator("#facts").text_content() == facts  # nothing but the name is another
        eventually(lambda: same(pictures(page, "samples-stage"), sampled(gans["second"], samples.COUNT, 3)))
        page.locator("#model input").click()
        page.get_by_role("option", name="first").wait_for()
        eventually(lambda: not page.get_by_role("option", name="leaving").count())

    @unopened
    def test_a_model_that_has_vanished_is_no_longer_listed_when_somebody_chooses_it(
        self, page, address, checkpoints, gans
    ):
        gans["second"].save_pretrained(checkpoints / "leaving")
        opened(page, address)
        for path in (checkpoints / "leaving").iterdir():
            path.unlink()
        (checkpoints / "leaving").rmdir()
        choose_model(page, "leaving")
        page.locator("#model-gone").wait_for()
        eventually(lambda: page.locator("#model input").input_value().startswith("first "))
        page.locator("#model input").click()
        page.get_by_role("option", name="first").wait_for()
        eventually(lambda: not page.get_by_role("option", name="leaving").count())
