"""Samples on disk: what torchvision and numpy read back is what the GAN draws and D says."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.commands import module
from helpers.gans import small_gan
from PIL import Image
from torch import nn

from gan_demo import cli, data
from gan_demo.classifier import load_classifier
from gan_demo.gan import GAN
from gan_demo.latent import endless_map
from gan_demo.latent.spaces import LETTERS, LatentSpace
from gan_demo.pictures import export
from gan_demo.pixels import from_pixels, to_pixels

DIGITS = {"dataset": "digits"}


def image_folder(path):
    """What torchvision reads there; importing it takes seconds, which only this file's process need pay."""
    from torchvision.datasets import ImageFolder

    return ImageFolder(path)


def saved(gan: GAN, folder: Path) -> GAN:
    """The GAN with larger weights, in a folder: new networks draw nothing but grey, and D has no opinion."""
    with torch.no_grad():
        for network in (gan.generator, gan.discriminator):
            for weight in network.parameters():
                weight.mul_(6 if weight.ndim > 1 else 1)
    gan.save_pretrained(folder)
    assert to_pixels(gan.sample(9, 0, labels=7 if gan.config.classes else None)).float().std() > 30
    return gan


@pytest.fixture
def conditional(tmp_path) -> GAN:
    return saved(small_gan("dcgan", 1, classes=10, training=DIGITS), tmp_path / "conditional")


@pytest.fixture
def unconditional(tmp_path) -> GAN:
    return saved(small_gan("mlp", 2, training=DIGITS), tmp_path / "unconditional")


def run(*arguments: object, code: int = 0) -> None:
    assert cli.main(["export", *map(str, arguments), "--device", "cpu"]) == code


def read_table(folder) -> list[dict]:
    with (folder / "samples.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def left_over(folder) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def close(pixels: object, expected: object) -> bool:
    """Equal but for the rounding of a float that lies between two grey levels."""
    return np.abs(np.asarray(pixels, int) - np.asarray(expected, int)).max() <= 1


def test_image_folder_reads_what_was_asked_for(tmp_path, conditional, monkeypatch, capsys):
    monkeypatch.setattr(export, "BATCH", 16)  # 43 samples do not fill three batches
    run(tmp_path / "conditional", "--output", tmp_path / "set", "--samples", 43, "--seed", 7)
    pictures = image_folder(tmp_path / "set")
    assert pictures.classes == list("0123456789")
    assert pictures.targets.count(2) == 5  # rows 2, 12, 22, 32, 42
    asked = torch.arange(43) % 10
    expected = to_pixels(conditional.sample(43, 7, labels=asked))
    scores = conditional.score(from_pixels(expected), asked)
    table = read_table(tmp_path / "set")
    assert [(row["seed"], int(row["row"]), int(row["label"])) for row in table] == [("7", i, i % 10) for i in range(43)]
    targets = {Path(path).relative_to(tmp_path / "set").as_posix(): target for path, target in pictures.samples}
    for row, picture, score in zip(table, expected, scores, strict=True):
        assert targets[row["file"]] == int(row["label"])
        assert close(Image.open(tmp_path / "set" / row["file"]), picture[0])
        assert float(row["score"]) == pytest.approx(score.item(), rel=1e-2, abs=1e-3)
    assert capsys.readouterr().out == f"{tmp_path / 'set'}: 43 samples of seed 7\n"
    assert left_over(tmp_path) == []


def test_npz(tmp_path, conditional):
    run(tmp_path / "conditional", "--output", tmp_path / "set.npz", "--samples", 5, "--labels", "3,8", "--seed", 9)
    with np.load(tmp_path / "set.npz") as arrays:
        assert {name: (array.dtype.name, array.shape) for name, array in arrays.items()} == {
            "images": ("uint8", (5, 28, 28)),
            "labels": ("int64", (5,)),
            "seeds": ("int64", (5,)),
            "rows": ("int64", (5,)),
            "scores": ("float32", (5,)),
            "truncation": ("float64", ()),
            "towards": ("str192", ()),
        }
        assert arrays["towards"] == "middle"
        assert arrays["labels"].tolist() == [3, 8, 3, 8, 3]
        assert arrays["seeds"].tolist() == [9] * 5
        assert arrays["rows"].tolist() == [0, 1, 2, 3, 4]
        expected = to_pixels(conditional.sample(5, 9, labels=[3, 8, 3, 8, 3]))
        assert close(arrays["images"], expected[:, 0])
    assert left_over(tmp_path) == []


def test_the_classifier_names_what_an_unconditional_model_draws(tmp_path, unconditional, capsys):
    run(tmp_path / "unconditional", "--output", tmp_path / "set", "--samples", 30)
    named = load_classifier().predict(from_pixels(to_pixels(unconditional.sample(30, 0)))).tolist()
    assert [int(row["label"]) for row in read_table(tmp_path / "set")] == named
    classes = sorted({str(digit) for digit in named})
    assert image_folder(tmp_path / "set").classes == classes
    missing = [digit for digit in "0123456789" if digit not in classes]
    assert missing  # of an untrained network
    assert f"There is no {', no '.join(missing)}: " in capsys.readouterr().out


def test_pictures_that_are_no_digits_get_no_name(tmp_path):
    small_gan("mlp", training={"dataset": "fashion-mnist"}).save_pretrained(tmp_path / "gan")
    run(tmp_path / "gan", "--output", tmp_path / "set", "--samples", 3)
    assert image_folder(tmp_path / "set").classes == ["unlabelled"]
    assert [row["label"] for row in read_table(tmp_path / "set")] == ["-1"] * 3


def test_a_model_of_other_classes_is_exported(tmp_path, capsys):
    for classes in (3, 12):
        small_gan("mlp", classes=classes, training={"dataset": "letters"}).save_pretrained(tmp_path / "gan")
        run(tmp_path / "gan", "--output", tmp_path / f"all-{classes}", "--samples", 2 * classes)
        assert len(image_folder(tmp_path / f"all-{classes}").classes) == classes
        assert "There is no" not in capsys.readouterr().out
        run(tmp_path / "gan", "--output", tmp_path / f"one-{classes}", "--samples", 2, "--labels", classes - 1)
        assert image_folder(tmp_path / f"one-{classes}").classes == [str(classes - 1)]
        run(tmp_path / "gan", "--output", tmp_path / "no", "--labels", classes, code=2)
        assert f"--labels are numbers from 0 to {classes - 1}" in capsys.readouterr().err


def test_classes_have_their_names_as_folders_and_are_asked_for_by_them(tmp_path, capsys):
    for names, folders in (
        (("A", "B c", "三"), ["A", "B c", "三"]),
        (
            ("../x", "T-shirt/top", ".y"),
            ["-x", "T-shirt-top", "y"],
        ),  # names come from config.json, which may be a stranger's
        (("a/b", "a?b", "c"), ["0", "1", "2"]),
        (("a", "A", "unlabelled"), ["0", "1", "2"]),
    ):
        gan = small_gan("mlp", classes=3, class_names=names, training={"dataset": "letters"})
        gan.save_pretrained(tmp_path / "gan")
        output = tmp_path / names[0].strip("./")
        run(tmp_path / "gan", "--output", output, "--samples", 6)
        assert sorted(path.name for path in output.iterdir() if path.is_dir()) == sorted(folders)
        assert {row["file"].split("/")[0]: row["label"] for row in read_table(output)} == dict(
            zip(folders, "012", strict=True)
        )
        shutil.rmtree(output)
    assert list(tmp_path.iterdir()) == [tmp_path / "gan"]
    small_gan("mlp", classes=3, class_names=("A", "B c", "三"), training={"dataset": "x"}).save_pretrained(
        tmp_path / "gan"
    )
    capsys.readouterr()
    run(tmp_path / "gan", "--output", tmp_path / "some", "--samples", 4, "--labels", "三, 0")
    assert sorted(image_folder(tmp_path / "some").classes) == ["A", "三"]
    assert "There is no B c: " in capsys.readouterr().out
    for labels in ("b", "3", "A,"):
        run(tmp_path / "gan", "--output", tmp_path / "no", "--labels", labels, code=2)
        words = "--labels are numbers from 0 to 2, or names of classes (A, B c, 三), with commas between them"
        assert words in capsys.readouterr().err


def test_training_reads_an_export(tmp_path, conditional):
    run(tmp_path / "conditional", "--output", tmp_path / "set", "--samples", 60)
    split = data.load(str(tmp_path / "set"))
    assert split.images.shape == (50, 1, 28, 28)  # one of the six of each class is for the test
    assert sorted(set(split.labels.tolist())) == list(range(10))


def test_one_picture_is_the_one_that_python_draws(tmp_path, conditional, capsys):
    output = tmp_path / "new" / "digit.png"
    run(tmp_path / "conditional", *"--seed 42 --row 3 --truncation 0.7 --labels 5 --output".split(), output)
    picture = Image.open(output)
    assert (picture.mode, picture.size) == ("L", (28, 28))
    expected = conditional.sample(4, 42, 0.7, labels=5)[3]
    assert close(picture, to_pixels(expected)[0])
    for other in (  # whatever is left out of the command line shows
        conditional.sample(4, 42, labels=5)[3],
        conditional.sample(4, 41, 0.7, labels=5)[3],
        conditional.sample(3, 42, 0.7, labels=5)[2],
        conditional.sample(4, 42, 0.7, labels=3)[3],
    ):
        assert not close(picture, to_pixels(other)[0])
    assert "row 3 of seed 42, D's raw output" in capsys.readouterr().out


def test_one_point_of_the_map_is_the_one_that_python_draws(tmp_path, conditional, unconditional, capsys):
    run(tmp_path / "conditional", *"--seed 42 --point -1.25 3 --labels 5 --output".split(), tmp_path / "five.png")
    assert close(
        Image.open(tmp_path / "five.png"), to_pixels(endless_map.sample(conditional, 42, [(-1.25, 3)], labels=5))[0, 0]
    )
    run(tmp_path / "unconditional", *"--seed 7 --point 2 0.5 --truncation 0.5 --output".split(), tmp_path / "any.png")
    assert close(
        Image.open(tmp_path / "any.png"), to_pixels(endless_map.sample(unconditional, 7, [(2, 0.5)], 0.5))[0, 0]
    )
    assert "point 2, 0.5 of world 7, D's raw output" in capsys.readouterr().out


def test_a_latent_is_drawn_from_its_numbers(tmp_path, conditional, unconditional, capsys):
    styled = small_gan("style", seed=3)
    styled.save_pretrained(tmp_path / "styled")
    wide = LatentSpace(styled, "w+").of(styled.latents(2, 5))
    for folder, gan, name, point, labels in (
        ("conditional", conditional, "z", conditional.latents(1, 5)[0], 5),
        ("unconditional", unconditional, "z", unconditional.latents(1, 5)[0], None),
        ("styled", styled, "w", wide[0, 0], None),
        ("styled", styled, "w+", torch.cat([wide[0, :2], wide[1, 2:]]), None),
    ):
        space, output = LatentSpace(gan, name), tmp_path / f"{folder}-{name}.png"
        asked = [] if labels is None else ["--labels", labels]
        run(tmp_path / folder, "--latent", LETTERS[name] + space.pack(point), *asked, "--output", output)
        assert close(Image.open(output), to_pixels(space.generate(space.rounded(point)[None], labels))[0, 0])
        assert "…, D's raw output" in capsys.readouterr().out
    near = "--radius 0.5 --variation 3 --output".split()
    text = LatentSpace(unconditional, "z").pack(unconditional.latents(1, 5)[0])
    run(tmp_path / "unconditional", "--latent", f"L{text}", *near, tmp_path / "near.png")
    z = unconditional.vary(unconditional.latents(1, 5)[0].half().float(), 3, 0.5, 0)
    assert close(Image.open(tmp_path / "near.png"), to_pixels(unconditional.generate(z[None]))[0, 0])
    w = LatentSpace(styled, "w").pack(wide[0, 0])
    for arguments, words in (
        (["styled", "--latent", f"w{w}", *near], "only latents z have variations"),
        (["styled", "--latent", f"W{w}", "--output"], "this is no point of w+"),
        (["unconditional", "--latent", f"w{w}", "--output"], "this model has no space 'w'"),
    ):
        run(tmp_path / arguments[0], *arguments[1:], tmp_path / "none.png", code=2)
        assert words in capsys.readouterr().err
    assert not (tmp_path / "none.png").exists()


def test_a_row_alone_is_the_row_of_a_set(tmp_path, conditional):
    run(tmp_path / "conditional", "--output", tmp_path / "all.npz", "--samples", 20, "--seed", 4)
    run(tmp_path / "conditional", "--output", tmp_path / "one.npz", "--row", 13, "--seed", 4)
    with np.load(tmp_path / "all.npz") as whole, np.load(tmp_path / "one.npz") as one:
        assert one["rows"].tolist() == [13]
        assert one["labels"].tolist() == [3] == whole["labels"][13:14].tolist()
        assert close(one["images"], whole["images"][13:14])


@pytest.mark.parametrize("output", ["set", "set.npz"])
def test_nothing_is_left_of_an_export_that_fails(tmp_path, unconditional, monkeypatch, output):
    monkeypatch.setattr(export, "BATCH", 4)
    made = iter([True, True])

    def fail_at_third(*arguments):
        next(made)  # StopIteration -> RuntimeError
        return torch.zeros(4, dtype=torch.int64)

    monkeypatch.setattr(export, "_named", fail_at_third)
    with pytest.raises(RuntimeError):
        run(tmp_path / "unconditional", "--output", tmp_path / output, "--samples", 12)
    assert [path.name for path in tmp_path.iterdir()] == ["unconditional"]


def test_an_empty_folder_may_be_filled(tmp_path, unconditional):
    (tmp_path / "set").mkdir()
    run(tmp_path / "unconditional", "--output", tmp_path / "set", "--samples", 1)
    assert (tmp_path / "set" / "samples.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("nowhere --output set", "nowhere is not a checkpoint"),
        ("unconditional --output set --labels 3", "this model is not conditional: leave out the labels"),
        ("conditional --output set --labels 10", "--labels are digits with commas"),
        ("conditional --output set --labels 3,", "--labels are digits with commas"),
        ("unconditional --output set --samples 0", "--samples must be from 1 to 1,000,000"),
        ("unconditional --output set --samples 1000001", "--samples must be from 1 to 1,000,000"),
        ("unconditional --output set --row -1", "--row must be from 0"),
        ("unconditional --output one.png --row 1 --variation 2", "go together"),
        ("unconditional --output set --variation 2 --radius 0.5", "go together"),
        ("unconditional --output one.png --row 1 --variation 2 --radius 1.5", "--radius from 0 to 1"),
        ("unconditional --output set --row 1 --samples 2", "leave out --samples"),
        ("unconditional --output set --seed -1", "a seed is a whole number"),
        ("unconditional --output set --truncation nan", "--truncation must be -1 or more"),
        ("unconditional --output set.png", "say which with --row, --point or --latent"),
        ("unconditional --output set --latent LADw", "--latent is one picture"),
        ("unconditional --output set.png --latent LADw --row 3", "--latent is one picture"),
        ("unconditional --output set.png --latent LADw", "this point has 1 numbers"),
        ("unconditional --output set.png --latent ?", "a latent begins with one of L, w, W"),
        ("unconditional --output set --point 1 2", "--point is one picture of the map"),
        ("unconditional --output set.png --point 1 2 --row 3", "--point is one picture of the map"),
        ("unconditional --output set.png --point 1e9 0", "coordinates on the map are from"),
        ("unconditional --output set.png --point 1 2 --seed -1", "the seed of a world is a whole number"),
        ("unconditional --output set.npz --format png", "does not end as --format png does"),
        ("unconditional --output full", "nothing is overwritten"),
        ("unconditional --output full.npz", "nothing is overwritten"),
        ("unconditional --output full.png --row 1", "nothing is overwritten"),
        ("unconditional --output full.npz/set", "cannot be written"),
    ],
)
def test_errors_are_one_line(tmp_path, conditional, unconditional, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    for name in ("full/note.txt", "full.npz", "full.png"):
        (tmp_path / name).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    run(*arguments.split(), code=2)
    error = capsys.readouterr().err
    assert words in error
    assert error.startswith("gan-demo export: ")
    assert error.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "full.npz").read_text() == (tmp_path / "full.png").read_text() == "mine"


def test_a_generator_that_gives_no_numbers(tmp_path, capsys):
    gan = small_gan("mlp")
    nn.init.constant_(gan.generator.layers[0].weight, torch.nan)
    gan.save_pretrained(tmp_path / "gan")
    run(tmp_path / "gan", "--output", tmp_path / "set", code=2)
    assert "NaN or infinite" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["gan"]


def test_the_module_is_a_command(tmp_path, conditional):
    arguments = ["--output", tmp_path / "set", "--samples", 20, "--device", "cpu"]
    result = module("gan_demo", "export", tmp_path / "conditional", *arguments)
    assert (result.returncode, result.stdout) == (0, f"{tmp_path / 'set'}: 20 samples of seed 0\n")
    assert len(image_folder(tmp_path / "set")) == 20
