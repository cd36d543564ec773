"""What the server makes for the samples and the interpolation tab: sorted, counted, varied, walked along, packed."""

import base64
import csv
import html
import io
import json
import math
import re
import threading
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers.gans import small_gan, vivid_style
from PIL import Image

from gan_demo import UserError
from gan_demo.latent import noise, paths
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.ui import words
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.tabs.interpolate import noises, styles
from gan_demo.ui.tabs.interpolate import tab as interpolate
from gan_demo.ui.tabs.samples import histograms, inspector
from gan_demo.ui.tabs.samples import tab as samples


@pytest.fixture
def models(tmp_path):
    """`m`, and `asked`, which is conditional: new networks with larger weights, or they would draw nothing but grey."""
    for name, classes in (("m", 0), ("asked", 10)):
        gan = small_gan("mlp", seed=3, classes=classes, training={"dataset": "mnist"})
        with torch.no_grad():
            for weight in gan.generator.parameters():
                weight.mul_(5 if weight.ndim > 1 else 1)
        gan.save_pretrained(tmp_path / name)
    return Catalogue([tmp_path])


def near(pixels, wanted):
    """To a grey level: batches of another size are added up in another order."""
    return np.abs(np.asarray(pixels).astype(int) - np.asarray(wanted).astype(int)).max() <= 1


def unpacked(file):
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(file["base64"]))) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    return list(csv.DictReader(io.StringIO(contents.pop("digits.csv").decode(), newline=""))), contents


class TestSamples:
    def test_sorted_by_belief(self, models):
        plain = samples.sample(models, "m", 7, 20, 1.0, samples.TURN)
        for order, sign in (("most real", -1), ("least real", 1)):
            found = samples.sample(models, "m", 7, 20, 1.0, samples.TURN, order)
            raws = [sign * output for output in found.outputs]
            assert raws == sorted(raws)
            assert len(set(raws)) > 5
            for place, pixels in zip(found.places, found.pixels, strict=True):
                assert np.array_equal(pixels, plain.pixels[place.row])
        with pytest.raises(UserError):
            samples.sample(models, "m", 7, 20, 1.0, samples.TURN, "backwards")

    def test_the_archive_and_the_grid(self, models):
        sampled = samples.sample(models, "m", 7, 11, 0.5, samples.TURN, "most real")
        rows, pictures = unpacked(samples.download(sampled, "zip"))
        gan = models.load("m").gan
        assert len(rows) == len(pictures) == 11
        for row, place, output in zip(rows, sampled.places, sampled.outputs, strict=True):
            pixels = np.asarray(Image.open(io.BytesIO(pictures[row["file"]])))
            address = Address.parse(row["address"])
            assert address == place
            assert near(pixels, to_pixels(gan.generate(address.latent(gan)[None]))[0, 0])
            assert float(row["score"]) == pytest.approx(output, rel=1e-5)
            assert int(row["digit"]) == models.load("m").read(pixels[None])[0].digit
            assert (row["seed"], row["truncation"]) == ("7", "0.5")
        grid = samples.download(sampled, "png")
        shown = Image.open(io.BytesIO(base64.b64decode(grid["base64"])))
        assert shown.size == tuple(samples.GRID_SCALE * (30 * cells - 2) for cells in (10, 2))
        with pytest.raises(UserError):
            samples.download(sampled, "exe")

    def test_the_histogram_counts_and_names_what_is_missing(self):
        page = histograms.digits([1] * 6 + [7] * 2 + [0])
        assert re.findall(r'class="count">(\d+)<', page) == ["1", "6", "0", "0", "0", "0", "0", "2", "0", "0"]
        assert "none is read as 2, 3, 4, 5, 6, 8, 9" in page
        assert f"{10 * 0.9**9:.1f} of ten" in page  # 3.9
        assert page.count("class=none") == 7
        assert "all ten" in histograms.digits(range(10))
        assert "by chance" not in histograms.digits([8] * 60)  # 0.02 of ten

    def test_all_scores_are_in_the_histogram_of_scores(self, models):
        sampled = samples.sample(models, "m", 7, 40, 1.0, samples.TURN)
        page = histograms.scores(sampled.model, sampled.outputs, "")
        told = json.loads(html.unescape(re.search('data-spread="([^"]*)"', page)[1]))
        heights = told["lines"][0]["y"]
        assert max(heights) == 1
        shares = [height / sum(heights) * 40 for height in heights]
        assert all(share == pytest.approx(round(share), abs=0.1) for share in shares)
        # Each bar stands where its scores lie, has their colour, and says how many they are.
        step = (told["high"] - told["low"]) / len(heights)
        for x, share, lean, (text,) in zip(told["x"], shares, told["lines"][0]["leans"], told["said"], strict=True):
            inside = [output for output in sampled.outputs if abs(output - x) < step / 2]
            assert len(inside) == round(share)
            assert lean == markup.strength(tint.coloured_outputs(sampled.model, [x])[0])
            assert text.split(" · ")[0].endswith(f": {len(inside)} of 40")


class TestInspector:
    def test_a_place_is_of_the_page_unless_it_names_another_model(self, models):
        for text, name, wanted in (
            ("42:3", "m", "m:42:3"),
            ("42:3:d5", "m", "m:42:3"),  # it cannot be asked
            ("asked:42:3", "m", "asked:42:3:d3"),  # as the samples of that model are
            ("42:13:d5", "asked", "asked:42:13:d5"),
        ):
            model, place = inspector.place_of(models, name, text)
            assert str(place) == wanted
            assert model.name == place.model
            assert inspector.text_of(name, place) == (wanted if place.model != name else place.short)
        for nonsense in ("", None, 7, "nobody:1:2", "<b>"):
            with pytest.raises(UserError):
                inspector.place_of(models, "m", nonsense)

    def test_it_shows_the_digit_its_lines_and_where_it_can_go(self, models):
        page = inspector.view(*inspector.place_of(models, "asked", "42:3:t0.5:d8"))
        place = Address.parse("asked:42:3:t0.5:d8")
        checkpoint = models.load("asked").checkpoint
        for line in (place.python(checkpoint), place.command(checkpoint)):
            assert html.escape(line) in page
        assert 'data-tab="interpolate" data-place="start"' in page
        assert 'data-tab="discriminator"' in page
        assert f'data-pin="{place}"' in page
        assert re.search(r'<p class="verdict">D: <b>[a-z ]+</b></p>', page)
        with words.speaking("zh"):  # whose colon is its own
            assert "D：<b>" in inspector.view(*inspector.place_of(models, "asked", "42:3:t0.5:d8"))

    @pytest.mark.parametrize("name", ["m", "asked"])
    def test_variations_are_what_their_addresses_draw(self, models, name):
        model, place = inspector.place_of(models, name, "42:3:t0.5")
        page = inspector.variations(model, place, 0.3)
        shown = re.findall(r'data-choose="([^"]+)".*?base64,([^"]+)"', page)
        assert len(shown) == inspector.VARIATIONS
        for text, content in shown:
            address = Address.parse(text)
            assert (address.radius, address.row, address.truncation) == (0.3, 3, 0.5)
            wanted = to_pixels(model.gan.generate(address.latent(model.gan)[None], address.digit))[0, 0]
            assert near(Image.open(io.BytesIO(base64.b64decode(content))), wanted)
        assert "data-choose" not in inspector.variations(model, place, 0.0)

    def test_without_the_data_it_says_so_and_takes_the_digits_that_ship(self, models, tmp_path, monkeypatch):
        monkeypatch.setenv("GAN_DEMO_DATA", str(tmp_path / "nothing"))
        page = inspector.nearest(*inspector.place_of(models, "m", "42:3"))
        assert "the 1,000 MNIST test digits that ship with this page (MNIST is not on this machine)" in page
        (shown,) = re.findall(r'base64,([^"]+)"', page)
        digits = real_digits.sheet().images[:, 0]
        pixels = torch.tensor(np.asarray(Image.open(io.BytesIO(base64.b64decode(shown)))))
        drawn = torch.from_numpy(models.load("m").draw_one(Address.parse("m:42:3")).pixels[0])
        assert torch.equal(pixels, digits[(digits.float() - drawn.float()).square().sum((1, 2)).argmin()])

    def test_digits_do_not_stand_in_for_other_pictures(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GAN_DEMO_DATA", str(tmp_path / "nothing"))
        small_gan("mlp", training={"dataset": "kmnist"}).save_pretrained(tmp_path / "kana")
        page = inspector.nearest(*inspector.place_of(Catalogue([tmp_path]), "kana", "42:3"))
        assert "Kuzushiji-MNIST is not on this machine" in page
        assert "<img" not in page

    def test_folders_are_not_opened_and_it_says_so(self, tmp_path):
        small_gan("mlp", training={"dataset": str(tmp_path)}).save_pretrained(tmp_path / "letters")
        page = inspector.nearest(*inspector.place_of(Catalogue([tmp_path]), "letters", "42:3"))
        assert "not in folders" in page
        assert tmp_path.name not in page


class TestWalk:
    def test_way_points_are_seeds_rows_or_addresses(self):
        points = interpolate.points_of(" 42, 7:3，dcgan:9:1:t0.5:d4,5:2:r0.3:v1")
        assert interpolate.text_of(points) == "42:0,7:3,9:1:t0.5,5:2:r0.3:v1"
        assert points[2].digit == 4

    @pytest.mark.parametrize("text", ["", "42", None, 7, ["42", "7"], "42,<b>", ",".join(map(str, range(9))), "1,-2"])
    def test_other_ways_are_refused(self, text):
        with pytest.raises(UserError):
            interpolate.points_of(text)

    @pytest.mark.parametrize("kind", paths.PATHS)
    def test_the_slider_passes_through_the_film(self, models, kind):
        walk = interpolate.Walk.asked(models, "m", "42,7:3,22", kind, 9, "0")
        answer = interpolate.frames(walk)
        sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["png"].partition(",")[2]))))
        frames = sheet.reshape(28, -1, 28).swapaxes(0, 1)
        finer = answer["finer"]
        assert len(frames) == 8 * finer + 1 == len(answer["norm"])
        assert len(frames) >= 200
        film, _ = walk.draw(walk.latents())
        assert near(frames[::finer], film.pixels)
        for stop, point in zip(answer["stops"], walk.points, strict=True):
            assert near(
                frames[stop * finer], to_pixels(walk.model.gan.generate(point.latent(walk.model.gan)[None]))[0, 0]
            )
            assert answer["norm"][stop * finer] == pytest.approx(point.latent(walk.model.gan).norm().item(), abs=1e-3)
        outputs = walk.model.gan.score(from_pixels(torch.from_numpy(frames.copy())[:, None]))
        assert answer["value"] == pytest.approx(outputs.sigmoid().tolist(), abs=1e-3)

    def test_the_straight_way_is_shorter_in_the_middle_by_the_angle_between(self, models):
        walk = interpolate.Walk.asked(models, "m", "42,22", "linear", 3, "0")
        answer = interpolate.frames(walk)
        a, b = (point.latent(walk.model.gan).double() for point in walk.points)
        middle = math.sqrt(float(a @ a + b @ b + 2 * a @ b)) / 2  # |a + b| / 2
        assert answer["norm"][answer["finer"]] == pytest.approx(middle, abs=1e-3)
        half = math.acos(float(a @ b / a.norm() / b.norm())) / 2
        assert answer["otherNorm"][answer["finer"]] == pytest.approx(middle / math.cos(half), abs=1e-3)  # the arc's
        assert answer["band"] == pytest.approx(paths.norm_band(5), abs=1e-3)

    def test_the_speed_of_the_picture_beside_that_of_the_other_way(self, models):
        """A way that stands still has none; of another model than a style generator the other way is the other path."""
        answer = interpolate.frames(interpolate.Walk.asked(models, "m", "42,22,22", "linear", 9, "0"))
        assert len(answer["speed"]) == len(answer["otherSpeed"]) == len(answer["norm"])
        half = len(answer["speed"]) // 2
        assert min(answer["speed"][:half]) > 0
        assert max(answer["speed"][half + 1 :]) == 0
        arc = interpolate.frames(interpolate.Walk.asked(models, "m", "42,22,22", "spherical", 9, "0"))
        assert (arc["speed"], arc["lengths"]) == (answer["otherSpeed"], answer["lengths"][::-1])

    @pytest.mark.parametrize("classes", [0, 10])
    def test_a_style_generator_walks_in_z_or_in_w(self, tmp_path, classes):
        gan = vivid_style(classes, training={"dataset": "mnist"})
        gan.save_pretrained(tmp_path / "s")
        models = Catalogue([tmp_path])
        in_z, in_w = (interpolate.Walk.asked(models, "s", "42,22", "spherical", 3, "4", space) for space in "zw")
        assert torch.equal(in_w.other.latents(), in_z.latents())
        ends = gan.generator.mapping(in_z.latents()[[0, 2]], gan.labels([4, 4] if classes else None, 2))
        torch.testing.assert_close(in_w.latents()[1], ends.mean(0))
        assert near(in_w.draw(in_w.latents())[0].pixels[[0, 2]], in_z.draw(in_z.latents())[0].pixels[[0, 2]])
        answer, other = interpolate.frames(in_w), interpolate.frames(in_z)
        assert answer["speed"] == other["otherSpeed"]
        assert answer["lengths"] == other["lengths"][::-1]
        assert other["norm"] == pytest.approx([math.sqrt(5)] * len(other["norm"]), abs=1e-3)  # an arc of one length
        mean = gan.generator.mapping.mean[4 if classes else 0]
        middle = (ends.mean(0) - mean).norm().item()
        assert answer["norm"][answer["finer"]] == pytest.approx(middle, abs=2e-3)
        assert answer["otherNorm"][0] == pytest.approx(answer["norm"][0], abs=2e-3)  # the ends are the same
        assert interpolate.Walk.asked(models, "s", "42,22", "spherical", 3, "0").space == "z"
        with pytest.raises(UserError):
            interpolate.Walk.asked(models, "s", "42,22", "spherical", 3, "0", "w+")

    def test_way_points_of_a_style_generator_are_mixed_and_truncated(self, tmp_path, models):
        gan = vivid_style(training={"dataset": "mnist"})
        gan.save_pretrained(tmp_path / "s")
        walk = interpolate.Walk.asked(Catalogue([tmp_path]), "s", "42,22,7:3", "spherical", 3, "0")
        pages = {cut: styles.tables(walk, interpolate.letters(3), cut) for cut in styles.CUTS}
        ends = torch.stack([point.latent(gan) for point in walk.points])
        w = gan.generator.mapping(ends)
        for cut, first in (("14", 1), ("28", 3)):  # one layer at 7x7, then two of each size
            shown = re.findall(r'alt="([^"]+)"[^>]*|src="data:image/png;base64,([^"]+)"', pages[cut])
            alts, sources = [a for a, _ in shown if a], [b for _, b in shown if b]
            assert alts[1] == "Coarse layers of A, fine layers of P"
            assert len(sources) == 9 + 3 * len(styles.PSIS)
            wide = torch.cat([w[:1, None].repeat(1, first, 1), w[1:2, None].repeat(1, 5 - first, 1)], dim=1)
            wide = LatentSpace(gan, "w+").rounded(wide)  # as its address keeps it
            wanted = to_pixels(gan.generator.synthesis(wide))[0, 0]
            assert near(Image.open(io.BytesIO(base64.b64decode(sources[1]))), wanted)
            own = to_pixels(gan.generate(ends))
            for point in range(3):  # the diagonal is not mixed
                assert near(Image.open(io.BytesIO(base64.b64decode(sources[4 * point]))), own[point, 0])
        assert alts[9] == "A, ψ = −1"
        mean = gan.generator.mapping.mean
        for at, psi in enumerate(styles.PSIS):
            wanted = to_pixels(gan.generator.synthesis(mean + psi * (w[1:2] - mean)))[0, 0]
            assert near(Image.open(io.BytesIO(base64.b64decode(sources[9 + len(styles.PSIS) + at]))), wanted)
        plain = interpolate.Walk.asked(models, "m", "42,22", "linear", 3, "0")
        assert styles.tables(plain, ["A", "B"], "14") == noises.table(plain, ["A", "B"]) == ""
        with pytest.raises(UserError):
            styles.tables(walk, interpolate.letters(3), "7")

    @pytest.mark.parametrize("classes", [0, 10])
    def test_mixed_and_truncated_digits_have_addresses_and_a_way_can_go_through_them(self, tmp_path, classes):
        gan = vivid_style(classes, training={"dataset": "mnist"})
        gan.save_pretrained(tmp_path / "s")
        models = Catalogue([tmp_path])
        model, asked = models.load("s"), ":d4" if classes else ""
        walk = interpolate.Walk.asked(models, "s", "42,22:0:r0.3:v1", "spherical", 3, "4")
        page = styles.tables(walk, ["A", "B"], "14")
        cells = re.findall(r'data-pin="([^"]+)".*?base64,([^"]+)"', page)
        assert len(cells) == 4 + 2 * len(styles.PSIS)
        for text, picture in cells:
            drawn = model.draw_one(Address.parse(text)).pixels[0]
            assert near(Image.open(io.BytesIO(base64.b64decode(picture))), torch.from_numpy(drawn))
        texts = [text for text, _ in cells]
        assert [text[:4] for text in texts[:4]] == ["s:42", "s:W" + texts[1][3], "s:W" + texts[2][3], "s:22"]
        first = dict(zip(styles.PSIS, texts[4:], strict=False))
        assert (first[1.0], first[0.5]) == (f"s:42:0{asked}", f"s:42:0:t0.5{asked}")
        assert first[-1.0].startswith("s:w")  # no latent z has it
        assert all(text.startswith("s:w") for psi, text in zip(styles.PSIS, texts[13:], strict=True) if psi != 1)
        # A way through a w goes in w, through a point of W+ in W+, whatever is asked.
        for text, name in ((first[-1.0], "w"), (texts[1], "w+")):
            place = Address.parse(text)
            way = interpolate.Walk.asked(models, "s", f"42,{place.short}", "spherical", 3, "4", "z")
            space = LatentSpace(gan, name)
            ends = torch.stack([space.of(gan.latents(1, 42), 4 if classes else None)[0], place.latent_in(gan)])
            assert way.space == name
            torch.testing.assert_close(way.latents()[1], ends.mean(0))
            answer = interpolate.frames(way)
            assert (answer["otherNorm"], answer["otherSpeed"], answer["lengths"][1]) == ([], [], "")
            assert answer["norm"][-1] == pytest.approx(
                space.distances(ends[1:], 4 if classes else None).item(), abs=1e-3
            )
            assert f"in {name.replace('w+', 'W+')}: one of its waypoints lies there" in interpolate.editor(way)
            assert interpolate.text_of(way.points) == f"42:0,{replace(place, digit=None).short}"
            assert styles.tables(way, ["A", "B"], "14").count("data-pin") == len(cells)
            rows, _ = unpacked(interpolate.download(way, "zip"))
            assert rows[-1]["address"] == str(replace(place, digit=4 if classes else None))

    def test_a_way_through_a_w_is_for_style_generators(self, models):
        walk = interpolate.Walk.asked(models, "m", "42,wADwAPAA8ADwAPA", "spherical", 3, "0")
        with pytest.raises(UserError, match="only style generators"):
            walk.latents()

    @pytest.mark.parametrize("classes", [0, 10])
    def test_noise_is_off_the_models_own_and_drawn_anew(self, tmp_path, classes):
        gan = small_gan("style", seed=3, classes=classes, training={"dataset": "mnist"})
        for layer in gan.generator.synthesis.layers:
            layer.noise_strength.data.fill_(0.7)
        gan.save_pretrained(tmp_path / "s")
        walk = interpolate.Walk.asked(Catalogue([tmp_path]), "s", "42,22,7:3", "spherical", 3, "4")
        page = noises.table(walk, interpolate.letters(3))
        shown = [Image.open(io.BytesIO(base64.b64decode(one))) for one in re.findall('base64,([^"]+)"', page)]
        assert len(shown) == 3 * (2 + noises.ANEW + 4)
        label = 4 if classes else None
        z = torch.stack([point.latent(gan) for point in walk.points])
        w = gan.generator.mapping(z, gan.labels(label, 3))
        changed = [noise.changes(gan, w[row, None], label) for row in range(3)]
        white = max(one.spreads.max().item() for one in changed)
        own = to_pixels(gan.generate(z, label))
        for row in range(3):
            off, mine, first, second, *maps = shown[8 * row : 8 * row + 8]
            assert near(mine, own[row, 0])
            assert not near(off, mine)
            assert not near(first, second)
            for found, wanted in zip(maps, changed[row].spreads * 255 / white, strict=True):
                assert near(found, wanted.numpy())
        mean = torch.stack([one.spreads[0] for one in changed]).mean().item()
        assert f"mean is {mean:.1f} of 255 grey levels" in page
        assert f"another digit in {sum(one.others for one in changed)} of 96 draws" in page
        assert noises.table(walk, interpolate.letters(3)) == page  # which is kept

    def test_models_without_w_walk_in_z_whatever_is_asked(self, models):
        assert interpolate.Walk.asked(models, "m", "42,22", "spherical", 3, "0", "w").space == "z"

    def test_a_film_is_never_shorter_than_its_way_points(self, models):
        walk = interpolate.Walk.asked(models, "m", "1,2,3,4,5", "spherical", 2, "0")
        assert walk.steps == 5
        assert interpolate.film(walk).count("<figure") == 5
        assert re.findall("<b>(.)</b>", interpolate.editor(walk)) == ["A", "P", "Q", "R", "B"]

    def test_the_frames_as_files(self, models):
        walk = interpolate.Walk.asked(models, "asked", "42,7:3", "spherical", 4, "6")
        rows, pictures = unpacked(interpolate.download(walk, "zip"))
        assert [row["address"] for row in rows] == ["asked:42:0:d6", "", "", "asked:7:3:d6"]
        assert [float(row["position"]) for row in rows] == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1e-4)
        drawing, _ = walk.draw(walk.latents())
        assert [float(row["score"]) for row in rows] == pytest.approx(drawing.outputs, rel=1e-4)
        assert near([np.asarray(Image.open(io.BytesIO(pictures[row["file"]]))) for row in rows], drawing.pixels)
        gif = Image.open(io.BytesIO(base64.b64decode(interpolate.download(walk, "gif")["base64"])))
        assert gif.n_frames == 2 * 60
        with pytest.raises(UserError):
            interpolate.download(walk, "../x")

    @pytest.mark.parametrize("objective", ["least-squares", "hinge", "wasserstein"])
    def test_other_outputs_have_an_axis_that_holds_them(self, objective):
        for values in ([0.2, 3.5, -1.0], [0.1], []):
            scale = interpolate._scale(objective, values)
            assert all(scale["low"] < value < scale["high"] for value in values)
            assert all(scale["low"] <= tick <= scale["high"] for tick, _ in scale["ticks"])
            assert len(scale["ticks"]) <= 5


def test_what_a_browser_is_told_past_the_queue_is_in_its_language():
    turns = threading.BoundedSemaphore(1)
    with words.speaking("zh"):
        refuse = checks.answers(turns)(lambda value: interpolate.points_of(value))
    assert refuse("") == {
        "error": words.LANGUAGES["zh"].texts["not points"].format(most=interpolate.MAX_POINTS, value=0)
    }
    assert turns.acquire(blocking=False)  # it was given back
