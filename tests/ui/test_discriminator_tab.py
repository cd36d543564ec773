"""What the discriminator tab answers to the browser, and to whoever else calls its server functions."""

import random
import re
import threading

import numpy as np
import pytest
import torch
from helpers.commands import ROOT
from helpers.gans import small_gan
from PIL import Image, ImageDraw

from gan_demo import belief, files
from gan_demo.belief import best_response
from gan_demo.errors import UserError
from gan_demo.pictures import encoding, preparing, real_digits
from gan_demo.pixels import from_pixels
from gan_demo.training import epochs
from gan_demo.ui import words
from gan_demo.ui.shared import canvas, checks, inputs, markup
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Standing
from gan_demo.ui.tabs.discriminator import judges, voices
from gan_demo.ui.tabs.discriminator import tab as discriminator

REFERENCE = {"real": np.linspace(-1, 1, 501).tolist(), "generated": np.linspace(-3, 1, 501).tolist()}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """An unconditional model, a conditional critic, one without metrics, and one that is damaged."""
    root = tmp_path_factory.mktemp("judges")
    # Those of MNIST would be held against the digits that ship with the page: test_tint.py.
    training = {"dataset": "emnist-digits"}
    small_gan("mlp", seed=1, training=training).save_pretrained(root / "a")
    small_gan("dcgan", seed=2, classes=10, objective="wasserstein", training=training).save_pretrained(root / "b")
    small_gan("mlp", seed=3, training=training).save_pretrained(root / "c")
    small_gan("mlp", seed=3).save_pretrained(root / "torn")
    (root / "torn" / "model.safetensors").write_bytes(b"x")
    for name in "ab":
        files.write_json(root / name / "metrics.json", {"discriminator": REFERENCE})
    return Catalogue([root])


@pytest.fixture(scope="module")
def pixels(catalogue):
    return inputs.of_generator(catalogue.load("a"), 4).pixels


def sent(pixels, **context):
    return [canvas.write(pixels), {"model": "a", "digit": "best", "kind": "prepared", "moving": True, **context}]


def text(markup):
    return re.sub("<[^>]*>", " ", markup)


def score(model, pixels, digit=None):
    import torch

    return float(model.gan.score(from_pixels(torch.from_numpy(pixels))[None, None], digit))


class TestQuestion:
    def test_it_is_read_as_the_canvas_sends_it(self, catalogue, pixels):
        question = discriminator.JudgeRequest.read(catalogue, sent(pixels, model="b", digit="3"))
        assert (question.model.name, question.digit) == ("b", 3)
        assert np.array_equal(question.pixels, pixels)

    def test_a_drawing_is_prepared_or_merely_resized(self, catalogue):
        drawing = np.zeros((112, 112), np.uint8)
        drawing[8:48, 8:16] = 255
        prepared, plain = (
            discriminator.JudgeRequest.read(catalogue, sent(drawing, kind=kind)).pixels
            for kind in ("prepared", "plain")
        )
        assert np.flatnonzero(plain.any(1)).tolist() == list(range(2, 12))
        assert (prepared > 127).any(1).sum() == 20

    @pytest.mark.parametrize(
        "question",
        [
            None,
            [],
            "x",
            ["x", {}],
            ["AAAA", {"model": "a", "digit": "best", "kind": "prepared"}],
            [canvas.write(np.zeros((28, 28))), None],
            sent(np.zeros((28, 28)), model="nobody"),
            sent(np.zeros((28, 28)), model=["a"]),
            sent(np.zeros((28, 28)), model="torn"),
            sent(np.zeros((28, 28)), digit=3),
            sent(np.zeros((28, 28)), digit="100"),
            sent(np.zeros((28, 28)), kind="raw"),
            sent(np.zeros((56, 56))),
        ],
    )
    def test_nonsense_is_refused_in_a_line(self, catalogue, question):
        with pytest.raises(UserError) as refused:
            discriminator.JudgeRequest.read(catalogue, question)
        assert len(str(refused.value)) < 200
        answer = checks.answers()(lambda sent: discriminator.JudgeRequest.read(catalogue, sent))(question)
        assert "\n" not in answer["error"]
        assert "<" not in answer["error"]


class TestOfPictures:
    """For a model that draws no digits everything is prepared as its training pictures were: just resized."""

    @pytest.fixture
    def letters(self, tmp_path):
        small_gan("mlp", training={"dataset": "my/letters"}).save_pretrained(tmp_path / "letters")
        return Catalogue([tmp_path])

    def test_a_drawing_is_just_resized_whatever_is_asked(self, letters):
        drawing = np.zeros((112, 112), np.uint8)
        drawing[8:48, 8:16] = 255
        question = discriminator.JudgeRequest.read(letters, sent(drawing, model="letters", kind="prepared"))
        assert np.array_equal(question.pixels, preparing.shrunk(drawing))

    def test_a_picture_is_as_data_makes_it(self, letters, catalogue):
        paper = Image.new("L", (60, 60), 255)
        ImageDraw.Draw(paper).rectangle((10, 10, 20, 50), 0)
        content, plain = encoding.png_bytes(paper), preparing.resized(paper)
        for model, seen in ((letters.load("letters"), plain), (catalogue.load("a"), preparing.to_digit(paper))):
            kind = discriminator.kind_for(model, "prepared")
            given = inputs.of_upload(content, kind)
            assert np.array_equal(given.pixels, seen)
            assert canvas.read(given.note()[kind]).tolist() == seen.tolist()
        assert discriminator.kind_for(catalogue.load("a"), "plain") == "plain"

    @pytest.mark.parametrize(("bias", "ground"), [(-5.0, 0), (5.0, 255)])
    def test_a_picture_is_inverted_where_all_that_the_model_draws_is_on_other_ground(self, tmp_path, bias, ground):
        gan = small_gan("mlp", training={"dataset": "my/letters"})
        *_, last = gan.generator.parameters()
        with torch.no_grad():
            last += bias
        gan.save_pretrained(tmp_path / "letters")
        model = Catalogue([tmp_path]).load("letters")
        assert model.ground == pytest.approx(ground, abs=1)
        assert ("data-light" in markup.facts(model)) == model.draws_on_light == (ground == 255)  # so is the canvas
        own, other = (Image.new("L", (280, 280), grey) for grey in (ground, 215 - ground * 175 // 255))
        shade = np.linspace(0, 30, 280).astype(np.uint8)  # the light is not even
        other = Image.fromarray(np.asarray(other) + shade[None] // (1 if ground == 0 else 4))
        for paper, ink in ((own, 255 - ground), (other, 20 if ground == 0 else 235)):
            ImageDraw.Draw(paper).rectangle((100, 100, 130, 180), ink)
            given = inputs.of_upload(encoding.png_bytes(paper), discriminator.kind_for(model, "prepared"))
            assert abs(int(np.median(given.pixels)) - ground) <= 2
            assert abs(int(given.pixels[14, 11]) - (255 - ground)) <= 40
            told = given.note()["inverted"].get(discriminator.kind_for(model, "prepared"), "")
            assert ("inverted, because" in told) == (paper is other)
            assert int(given.kinds["plain"][14, 11]) == pytest.approx(ink, abs=8)

    def test_the_page_is_told_so_that_it_does_not_ask_how(self, letters, catalogue):
        assert "data-digits" in markup.facts(catalogue.load("a"))
        assert "data-light" not in markup.facts(catalogue.load("a"))
        assert "data-digits" not in markup.facts(letters.load("letters"))

    def test_blank_paper_is_a_picture_but_no_digit(self):
        content = encoding.png_bytes(Image.new("L", (60, 60), 255))
        assert inputs.of_upload(content, "plain").pixels.min() == 255
        with pytest.raises(UserError, match="nothing drawn"):
            inputs.of_upload(content, "prepared")


@pytest.mark.parametrize("grey", [0, 255, 90])
def test_an_empty_sheet_has_no_number(catalogue, grey):
    request = discriminator.JudgeRequest(catalogue.load("a"), np.full((28, 28), grey, np.uint8), None)
    answer = discriminator.judged(request)
    assert not [letter for letter in text(answer["says"]) + answer["told"] if letter.isdigit()]
    assert answer["leaning"] == 0
    with pytest.raises(UserError, match="nothing to judge"):
        discriminator.climbed(request, catalogue)


def test_the_answer_has_number_ranks_and_slopes_of_exactly_this_picture(catalogue, pixels, monkeypatch):
    model = catalogue.load("a")
    monkeypatch.setattr(type(model), "standing", lambda self, pixels: Standing(False, True))
    answer = discriminator.judged(discriminator.JudgeRequest(model, pixels, None))
    raw = score(model, pixels)
    said = text(answer["says"])
    assert belief.belief("non-saturating", raw).number in said
    assert f"{raw:+.2f}" in said
    assert words.comparison((raw + 1) / 2, "real test digits") in said
    assert words.comparison((raw + 3) / 4, "this generator's digits") in said
    assert words.likelihood(np.exp(raw)) in text(answer["odds"])
    assert (answer["model"], answer["raw"]) == (model.name, pytest.approx(raw, abs=1e-5))
    assert np.array_equal(canvas.read(answer["pixels"]), pixels)
    assert len(canvas.read(answer["slopes"])) == 28
    # While the pen moves slopes are coarser, and all else is the same.
    moving = discriminator.judged(discriminator.JudgeRequest(model, pixels, None, moving=True))
    same = {name for name in answer if moving[name] == answer[name]}
    assert set(answer) - same == {"slopes"}


@pytest.mark.parametrize("objective", ["wasserstein", "relativistic", "hinge", "least-squares"])
def test_likelihoods_are_for_the_objectives_of_2014(tmp_path, objective, pixels):
    small_gan("mlp", objective=objective).save_pretrained(tmp_path / "m")
    model = Catalogue([tmp_path]).load("m")
    assert "likel" not in voices.own(model, 0.5, None, True, False) + voices.odds(model, 0.5, None, True)


def test_the_slopes_are_signed_and_the_strongest_are_full(tmp_path):
    gan = small_gan("mlp", seed=1)
    gan.save_pretrained(tmp_path / "m")
    model = Catalogue([tmp_path]).load("m")
    line = np.pad(np.full((20, 2), 255, np.uint8), ((4, 4), (13, 13)))
    answer = discriminator.judged(discriminator.JudgeRequest(model, line, None))
    slopes = canvas.read(answer["slopes"]).view(np.int8)
    assert slopes.max() == 127 or slopes.min() == -127
    assert slopes.min() < 0 < slopes.max()
    for parameter in model.gan.discriminator.parameters():
        parameter.data.zero_()
    answer = discriminator.judged(discriminator.JudgeRequest(model, line, None))
    assert not canvas.read(answer["slopes"]).any()


def test_a_climb_starts_with_the_picture_and_says_what_d_says_of_each(catalogue, pixels):
    model = catalogue.load("a")
    answer = discriminator.climbed(discriminator.JudgeRequest(model, pixels, None), catalogue)
    film = answer["film"]
    assert np.array_equal(canvas.read(film[0]["pixels"]), pixels)
    outputs = [score(model, canvas.read(step["pixels"])) for step in film]
    assert (np.diff(outputs) > 0).all()
    assert [step["number"] for step in film] == [belief.belief("non-saturating", raw).number for raw in outputs]
    for step in film:  # of the others only b has figures to be ranked among
        other = catalogue.load("b")
        share = belief.rank(other.judge(canvas.read(step["pixels"])), other.reference.real)
        assert step["others"] == [f"judges {belief.percent(share)}"]


class TestJudges:
    def test_everybody_who_can_be_loaded_ranks_the_same_picture(self, catalogue, pixels):
        page = judges.view(catalogue, catalogue.load("a"), pixels, None)
        rows = page.split("<tr")[2:]
        assert [re.search(r'scope="row">(\w+)', row)[1] for row in rows] == ["a", "b", "c"]
        assert ["aria-current" in row for row in rows] == [True, False, False]
        for row, model in zip(rows, map(catalogue.load, "abc"), strict=True):
            digits = range(10) if model.conditional else [None]
            raw = max(score(model, pixels, digit) for digit in digits)
            if model.reference is None:
                assert row.count("–") == 2
                assert belief.belief("non-saturating", raw).number in row
            else:
                shares = [float(share) for share in re.findall(r"width:(\d+)%", row)]
                wanted = [belief.rank(raw, getattr(model.reference, kind)) * 100 for kind in ("real", "generated")]
                assert shares == pytest.approx(wanted, abs=0.6)

    def test_the_judge_in_the_middle(self, catalogue, pixels):
        shares = []
        for name in "ab":
            model = catalogue.load(name)
            raw = model.judge(pixels)
            shares.append(belief.rank(raw, model.reference.real))
        assert words.comparison(np.mean(shares), "real test pictures") in judges.view(
            catalogue, catalogue.load("a"), pixels, None
        )

    def test_those_of_other_data_sets_have_no_say(self, tmp_path, pixels):
        for name, dataset in (("letters", "my/letters"), ("more", "my/letters"), ("digits", "mnist")):
            small_gan("mlp", training={"dataset": dataset}).save_pretrained(tmp_path / name)
        models = Catalogue([tmp_path])
        for chosen, wanted in (("more", ["letters", "more"]), ("digits", ["digits"])):
            page = judges.view(models, models.load(chosen), pixels, None)
            assert re.findall(r'scope="row">(\w+)', page) == wanted

    def test_the_d_of_earlier_epochs_judges_too_and_has_no_part_in_the_median(self, tmp_path, pixels):
        gans = {epoch: small_gan("mlp", seed=epoch, training={"epochs_done": epoch}) for epoch in range(1, 10)}
        gans[9].save_pretrained(tmp_path / "m")
        small_gan("mlp", seed=20).save_pretrained(tmp_path / "other")
        models = Catalogue([tmp_path])
        before = judges.view(models, models.load("m"), pixels, None)
        for epoch, gan in gans.items():
            gan.save_pretrained(epochs.place(tmp_path / "m", epoch), half=True)
        (epochs.place(tmp_path / "m", 3) / "model.safetensors").write_bytes(b"x")
        page = judges.view(models, models.load("m"), pixels, None)
        names = re.findall(r'scope="row">([^<]+)<', page)
        assert names == ["m", "m · Epoch 1", "m · Epoch 5", "m · Epoch 6", "m · Epoch 8", "other"]  # 3 is torn
        assert re.search(r'"median">(.*?)</p>', page)[1] == re.search(r'"median">(.*?)</p>', before)[1]
        row = page.split("<tr")[4]
        raw = score(epochs_model := judges.earlier(models.load("m"))[1], pixels)
        assert belief.belief("non-saturating", raw).number in row
        assert raw == pytest.approx(float(gans[5].score(from_pixels(torch.from_numpy(pixels))[None, None])), abs=0.02)
        ranks = [belief.rank(raw, getattr(epochs_model.reference, kind)) for kind in ("real", "generated")]
        assert [float(share) / 100 for share in re.findall(r"width:(\d+)%", row)] == pytest.approx(ranks, abs=0.006)

    def test_a_judge_is_loaded_once_and_again_when_it_changes(self, tmp_path, monkeypatch, pixels):
        small_gan("mlp", seed=1).save_pretrained(tmp_path / "m")
        small_gan("mlp", seed=1).save_pretrained(tmp_path / "torn")
        (tmp_path / "torn" / "model.safetensors").write_bytes(b"x")
        models, loaded = Catalogue([tmp_path]), []
        load = models.load
        monkeypatch.setattr(models, "load", lambda name: loaded.append(name) or load(name))
        for _ in range(3):
            assert [judge.name for judge in judges.panel(models, "mnist")] == ["m"]
        assert sorted(loaded) == ["m", "torn"]
        small_gan("mlp", seed=2).save_pretrained(tmp_path / "m")
        assert judges.panel(models, "mnist")[0].judge(pixels) == load("m").judge(pixels)


def test_examples_are_of_a_seed(catalogue):
    model = catalogue.load("a")
    one, again, other = (inputs.examples(catalogue, model, seed) for seed in (5, 5, 6))
    assert [key for key, _ in one] == [
        *("example real", "example real", "example generated", "example other", "example turned", "example printed"),
        *("example letter", "example noise"),
    ]
    for (_, first), (_, second) in zip(one, again, strict=True):
        assert np.array_equal(first.pixels, second.pixels)
    for place in range(3):
        assert not np.array_equal(one[place][1].pixels, other[place][1].pixels)
    assert str(one[2][1].address) == "a:5:0"
    assert one[3][1].address.model in "bc"
    sheet = real_digits.sheet()
    real = [next(n for n in range(1000) if np.array_equal(sheet.images[n, 0], given.pixels)) for _, given in one[:2]]
    assert sheet.labels[real[0]] != sheet.labels[real[1]]
    for number, (_, given) in zip(real, one, strict=False):
        assert f"number {sheet.places[number]} of MNIST's test digits, labelled {sheet.labels[number]}" in given.source
    assert not any(inputs.is_blank(given.pixels) for _, given in one)  # nobody could judge it


@pytest.mark.parametrize("folder", sorted((ROOT / "checkpoints").iterdir()), ids=lambda folder: folder.name)
def test_the_first_real_examples_are_taken_for_real_as_most_are(folder):
    images = real_digits.sheet().images[inputs._two_real(inputs.FIRST_SEED)]
    with torch.inference_mode():
        told = best_response.read(folder).logits(from_pixels(images))
    assert (told > 0).all()


def test_the_other_model_of_the_examples_failed_only_if_all_did(catalogue, monkeypatch):
    model, names = catalogue.load("a"), ["b", "c"]
    random.Random(5).shuffle(names)
    for second, expected in ((None, names[1]), ("D has won", names[0])):
        found = [second, "collapsed"]
        monkeypatch.setattr(inputs.part_tables, "failure", lambda metrics, left=found: left.pop())
        assert inputs._another(catalogue, model, random.Random(5)).name == expected


def test_a_digit_upside_down_is_one_of_the_generators(catalogue):
    model = catalogue.load("a")
    turned = inputs.of_turned(model, 3).pixels
    drawn = model.draw(model.gan.latents(inputs.TRIED, 3)).pixels
    assert any(np.array_equal(turned[::-1, ::-1], pixels) for pixels in drawn)


def test_few_are_served_at_once_and_the_rest_is_asked_to_come_again():
    inside, go = threading.Event(), threading.Event()

    def slow(sent):
        inside.set()
        go.wait(10)
        return sent

    asked = checks.answers(threading.BoundedSemaphore(1), patience=0.05)(slow)
    first = threading.Thread(target=asked, args=("one",))
    first.start()
    inside.wait(10)
    assert asked("two") is None
    go.set()
    first.join()
    assert asked("three") == "three"
