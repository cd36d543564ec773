"""Evaluation of generators that are known to be good, collapsed or copying, and the command around it."""

import hashlib
import json

import numpy as np
import pytest
import torch
from helpers.commands import module
from helpers.gans import small_gan
from PIL import Image
from torch import Tensor, nn

from gan_demo import cli, data
from gan_demo.config import Config
from gan_demo.errors import UserError
from gan_demo.evaluation import cache, evaluate, gan_train, metrics, real_pictures, tables
from gan_demo.gan import GAN
from gan_demo.pixels import from_pixels

FEATURE_FIGURES = {"frechet_distance", "precision", "recall", "density", "coverage"}
PIXEL_FIGURES = {"exact_duplicates", "near_duplicates", "nearest_train_median", "nearest_train_ratio"}
TEST_DIGITS = 297  # of the data set that needs no download


class Replay(nn.Module):
    """A "generator" that draws given pictures in turn, whatever the latents say, with a bit of float noise."""

    def __init__(self, pictures: Tensor) -> None:
        super().__init__()
        self.pictures = nn.Parameter(from_pixels(pictures), requires_grad=False)
        self.next = 0

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        places = (self.next + torch.arange(len(z))) % len(self.pictures)
        self.next += len(z)
        return self.pictures[places] - 0.003  # less than half a step of 1/127.5: rounding takes it away


class Ink(nn.Module):
    """A discriminator whose opinion is the mean of the pixels."""

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        return images.flatten(1).mean(1)


class Obedient(nn.Module):
    """A "conditional generator" that draws the pictures of the digit it is asked for in turn, or of the next digit."""

    def __init__(self, split: data.Split, of_each: int, wrong: int = 0) -> None:
        super().__init__()
        chosen = torch.cat([split.images[split.labels == (digit - wrong) % 10][:of_each] for digit in range(10)])
        self.pictures = nn.Parameter(from_pixels(chosen), requires_grad=False)
        self.of_each, self.drawn = of_each, 0

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        # Ten labels in turn make one round.
        rounds = (self.drawn + torch.arange(len(z))) // 10 % self.of_each
        self.drawn += len(z)
        return self.pictures[labels * self.of_each + rounds]


def obedient(of_each: int, wrong: int = 0) -> GAN:
    return GAN(Obedient(data.load("digits"), of_each, wrong), Ink(), Config(model="mlp", classes=10))


def real_digits() -> real_pictures.RealPictures:
    halves = (data.load("digits", train=half) for half in (True, False))
    return real_pictures.compared_with("digits", *halves, TEST_DIGITS, torch.device("cpu"))[0]


def replay(pictures: Tensor) -> GAN:
    return GAN(Replay(pictures), Ink(), Config(model="mlp"))


@pytest.fixture(scope="module")
def digits() -> tuple[Tensor, Tensor]:
    return data.load("digits", train=True).images, data.load("digits", train=False).images


@pytest.fixture(scope="module")
def copying(digits) -> dict:
    """The report of a generator that knows 600 training digits by heart."""
    return evaluate.evaluate(replay(digits[0][:600]), "digits", samples=700)


def test_layout(copying):
    assert set(copying) == {
        *("format", "dataset", "samples", "seed", "features", "model", "floor", "discriminator", "seconds")
    }
    figures = FEATURE_FIGURES | PIXEL_FIGURES | {"class_histogram", "class_kl"}
    assert set(copying["model"]) == set(copying["floor"]) == figures
    assert copying["samples"] == TEST_DIGITS
    assert json.loads(json.dumps(copying, allow_nan=False)) == copying


def test_a_generator_that_copies_the_training_set_is_found_out(copying):
    model, floor = copying["model"], copying["floor"]
    assert model["nearest_train_median"] == model["nearest_train_ratio"] == 0
    # Nothing else would tell: the copies are as good and as varied as real digits are.
    for name in ("precision", "recall", "coverage"):
        assert model[name] == pytest.approx(floor[name], abs=0.15)
    # A real training digit does not count as its own neighbour.
    assert 0.8 < floor["nearest_train_ratio"] < 1.2


def test_pictures_that_lie_away_from_the_training_set(digits):
    _, test = digits
    real = real_digits()
    # Real test digits against themselves: by construction 1 in 100 is a near duplicate and the ratio is 1.
    figures = real.figures(test)
    assert figures["frechet_distance"] == pytest.approx(0, abs=1e-3)
    assert figures["precision"] == figures["recall"] == figures["coverage"] == 1
    assert figures["nearest_train_ratio"] == 1
    assert figures["near_duplicates"] == pytest.approx(0.01, abs=1.5 / TEST_DIGITS)


def test_a_collapsed_generator_is_found_out(digits):
    seven = data.load("digits", train=False)
    seven = seven.images[seven.labels == 7][:1]
    model = evaluate.evaluate(replay(seven), "digits", samples=300)["model"]
    assert model["class_histogram"] == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert model["class_kl"] == pytest.approx(np.log(10), abs=1e-4)
    assert model["exact_duplicates"] == model["near_duplicates"] == 1
    assert model["recall"] < 0.01
    assert model["coverage"] < 0.1


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Nets that are trained for sixty steps; that on real digits once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gan_train, "LEAST_STEPS", 60)
        patch.setattr(gan_train.classifier, "BATCH_SIZE", 40)
        patch.setenv(cache.VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


def test_a_conditional_model_that_draws_what_it_is_asked_for(short):
    measured = evaluate.evaluate(obedient(140), "digits", samples=300)
    model, floor = measured["model"], measured["floor"]
    assert (
        set(model)
        == set(floor)
        == FEATURE_FIGURES | PIXEL_FIGURES | {*("class_histogram", "class_kl", "gan_test", "gan_train")}
    )
    assert model["gan_test"] > 0.95
    assert floor["gan_test"] > 0.95
    # It draws most of the training set, so a net learns as much from it.
    assert floor["gan_train"] > 0.85
    assert model["gan_train"] == pytest.approx(floor["gan_train"], abs=0.1)
    table = tables.format_table(measured)
    assert f"{model['gan_test']:.2%}" in table
    assert f"{model['gan_train']:.2%}" in table


def test_a_conditional_model_that_draws_another_digit_than_it_is_asked_for(short):
    measured = evaluate.evaluate(obedient(140, wrong=1), "digits", samples=300)["model"]
    assert measured["class_kl"] < 0.01  # all digits are there
    assert measured["gan_test"] < 0.05
    assert measured["gan_train"] < 0.2


def test_gan_train_tells_a_model_without_variety(short, monkeypatch):
    ours, real = gan_train.gan_train(obedient(1), "digits")
    assert ours < real - 0.3
    monkeypatch.setenv(cache.VARIABLE, "")  # nothing of it is left to chance
    assert gan_train.gan_train(obedient(1), "digits") == (ours, real)


class Recorder(Obedient):
    """One that remembers every latent."""

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        self.seen = [*getattr(self, "seen", []), z.clone()]
        return super().forward(z, labels)


def test_gan_train_sees_other_samples_than_the_other_figures(short):
    generator = Recorder(data.load("digits"), 140)
    evaluate.evaluate(GAN(generator, Ink(), Config(model="mlp", classes=10)), "digits", samples=300)
    latents = torch.cat(generator.seen)
    assert len(latents) == 300 + 1500  # as many as the training set has
    assert len(latents.unique(dim=0)) == len(latents)


@pytest.mark.parametrize(("subfolders", "said"), [(1, "no"), (12, "12")])
def test_a_conditional_model_is_measured_with_its_ten_classes(tmp_path, subfolders, said):
    for index in range(60):
        folder = tmp_path / f"{index % subfolders:02}"
        folder.mkdir(exist_ok=True)
        Image.new("L", (28, 28), index).save(folder / f"{index:02}.png")
    with pytest.raises(UserError, match=f"has {said} classes, and a conditional model"):
        evaluate.evaluate(small_gan("mlp", classes=10), str(tmp_path), samples=20)


def test_planted_duplicates_are_counted(digits):
    _, test = digits
    real = real_digits()
    before = real.figures(test)
    planted = test.clone()
    planted[10] = planted[20] = planted[30]  # three equal pictures
    planted[40] = planted[50]
    planted[40, 0, 14, 14] ^= 1  # a pair that differs in one pixel, by one step
    after = real.figures(planted)
    assert before["exact_duplicates"] == 0
    assert after["exact_duplicates"] == pytest.approx(3 / TEST_DIGITS, rel=1e-4)
    added = (after["near_duplicates"] - before["near_duplicates"]) * TEST_DIGITS
    assert added == pytest.approx(5, abs=0.1)


def test_class_histogram_of_real_digits_is_that_of_their_labels(digits):
    split = data.load("digits", train=False)
    figures = real_digits().figures(split.images)
    # The classifier was trained on other digits, and is not sure of every one of these.
    assert figures["class_histogram"] == pytest.approx(metrics.class_shares(split.labels), abs=0.03)


def test_quantiles_of_the_discriminator_are_those_of_its_outputs(copying, digits):
    figures = copying["discriminator"]
    train, test = (pictures.flatten(1).numpy() / 127.5 - 1 for pictures in digits)
    drawn = train[np.arange(700) % 600]  # all that was drawn, not only as many as were compared
    for name, pictures in (("real", test), ("generated", drawn)):
        outputs = pictures.mean(1)
        expected = np.quantile(outputs, np.linspace(0, 1, 501))
        assert figures[name] == pytest.approx(expected.tolist(), rel=1e-4)
        assert figures[f"mean_{name}"] == pytest.approx(outputs.mean(), rel=1e-4)
    assert figures["real"] == sorted(figures["real"])


def test_the_same_gan_gives_the_same_figures():
    gan = small_gan("dcgan")
    first, second = (evaluate.evaluate(gan, "digits", samples=300) for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert evaluate.evaluate_light(gan, "digits") == evaluate.evaluate_light(gan, "digits")


def test_light_evaluation_has_the_same_figures_as_the_full_one_where_they_see_the_same_pictures(digits):
    # There are only 297 test digits, so both compare all of them with the first 297 samples.
    full = evaluate.evaluate(replay(digits[0]), "digits", samples=300)["model"]
    light = evaluate.evaluate_light(replay(digits[0]), "digits")
    assert set(light) == FEATURE_FIGURES | {"class_kl", "digits"}
    assert light.pop("digits") == 10
    assert light == pytest.approx({name: full[name] for name in light}, rel=1e-3)


def test_pictures_that_are_no_digits_have_no_class_figures(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (70, 28, 28), dtype=np.uint8)
    for index, picture in enumerate(noise):
        Image.fromarray(picture).save(tmp_path / f"{index:02}.png")
    measured = evaluate.evaluate(small_gan("mlp"), str(tmp_path), samples=20)
    assert measured["samples"] == 7  # each tenth picture is kept for the test split
    assert set(measured["model"]) == FEATURE_FIGURES | PIXEL_FIGURES
    assert "digit" not in tables.format_table(measured)
    assert set(evaluate.evaluate_light(small_gan("mlp"), str(tmp_path))) == FEATURE_FIGURES


def test_networks_that_give_no_numbers():
    gan = small_gan("mlp")
    nn.init.constant_(gan.discriminator.body[1].weight, torch.nan)
    with pytest.raises(UserError, match=r"discriminator.*real pictures is NaN"):
        evaluate.evaluate(gan, "digits", samples=300)
    gan = small_gan("mlp")
    nn.init.constant_(gan.generator.layers[0].weight, torch.nan)
    with pytest.raises(UserError, match=r"generator hold NaN"):
        evaluate.evaluate_light(gan, "digits")


def test_the_table_shows_every_figure_beside_the_floor(copying):
    lines = tables.format_table(copying).splitlines()
    for row in tables.ROWS:
        # It is asked for nothing, and other commands measure the rest.
        if row.key in ("gan_test", "gan_train", "best_accuracy", "best_jsd", "labels_100"):
            assert row.label not in tables.format_table(copying)
            continue
        (line,) = (line for line in lines if line.startswith(row.label))
        model, floor = (format(copying[side][row.key], row.form) for side in ("model", "floor"))
        assert line[len(row.label) :].split()[:2] == [model, floor]
        assert line.endswith(row.meaning)
    assert max(map(len, lines)) <= 110


def test_the_command_prints_the_table_and_writes_metrics(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for seed, folder in enumerate(folders):
        small_gan("dcgan", seed, training={"dataset": "digits"}).save_pretrained(folder)
    result = module("gan_demo", "evaluate", *folders, "--samples", 300, "--device", "cpu")
    assert (result.returncode, result.stderr) == (0, "")
    for folder in folders:
        measured = json.loads((folder / "metrics.json").read_text())
        assert tables.format_table(measured) in result.stdout
        assert measured["dataset"] == "digits"
        weights = (folder / "model.safetensors").read_bytes()
        assert measured["weights_sha256"] == hashlib.sha256(weights).hexdigest()
        assert sorted(path.name for path in folder.iterdir()) == ["config.json", "metrics.json", "model.safetensors"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere is not a checkpoint"),
        (["here", "--dataset", "letters"], "unknown dataset 'letters'"),
        (["here", "--samples", "5"], "--samples must be more than 5, not 5"),
        (["here", "--all"], "one of the two"),
        (["here", "--markdown"], "add --all"),
    ],
)
def test_errors_are_one_line(tmp_path, capsys, arguments, words):
    small_gan("mlp").save_pretrained(tmp_path / "here")
    assert cli.main(["evaluate", str(tmp_path / arguments[0]), *arguments[1:]]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.startswith("gan-demo evaluate: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["evaluate", "best-response", "typical", "invert"])
def test_pictures_that_are_elsewhere_are_asked_for(tmp_path, capsys, command):
    """The model comes from another machine, or from the Hub: its config has the path that its pictures had there."""
    small_gan("mlp", training={"dataset": "/home/ada/letters"}).save_pretrained(tmp_path / "here")
    assert cli.main([command, str(tmp_path / "here")]) == 2
    said = capsys.readouterr().err
    assert "the pictures of " in said and "/home/ada/letters, are not here" in said
    told = said.partition("say where they are: ")[2]
    assert told.endswith(" --dataset PLACE\n") and f" {command} {tmp_path / 'here'} " in told
    few = tmp_path / "few"  # here they are looked at, and too few
    few.mkdir()
    assert cli.main([command, str(tmp_path / "here"), "--dataset", str(few)]) == 2
    assert "holds 0 pictures" in capsys.readouterr().err


@pytest.mark.mnist
def test_the_floor_of_mnist(tmp_path):
    """What docs/evaluation.md says of real training digits against real test digits, on a tenth of them."""
    train, test = (data.load("mnist", train=half) for half in (True, False))
    few = data.Split(train.images[:6000], train.labels[:6000])
    _, floor = real_pictures.compared_with("mnist", few, test, 1000, torch.device("cpu"))
    assert 0.9 < floor["precision"] < 1
    assert 0.9 < floor["coverage"] < 1
    assert 0.9 < floor["nearest_train_ratio"] < 1.1
    assert floor["class_kl"] < 0.02
    assert floor["near_duplicates"] < 0.03
