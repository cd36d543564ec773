import json
import re
import shlex

import pytest
from helpers.commands import ROOT
from helpers.records import METRICS, RESULTS
from huggingface_hub import ModelCard

from gan_demo.belief.best_response import current_figures
from gan_demo.checkpoint import METRICS_FILE, read_config
from gan_demo.cli import train
from gan_demo.evaluation import card, tables
from gan_demo.settings import Settings


def test_card_says_what_was_measured_and_how_it_was_trained():
    text = card.render(Settings.of("dcgan").config(**RESULTS), METRICS)
    assert text.startswith("---\n")
    assert "50 epochs (11,700 steps) in 2 minutes on a laptop, fp32" in text
    assert re.search(r"^Fréchet distance +5\.25 +1\.50 +lower ", text, re.MULTILINE)
    assert "Goodfellow et al. 2014" in text
    assert "Penalty: r1 with weight" in text
    assert "discriminator 32-64-128-128,\nno normalisation" in text


def test_it_says_how_each_generator_is_told_the_class():
    for model, words in (("dcgan", "batch norm with a scale and a shift"), ("style", "in its mapping network")):
        assert words in card.render(Settings.of(model, conditional=True).config(**RESULTS), METRICS)


@pytest.mark.parametrize("folder", sorted((ROOT / "checkpoints").iterdir()), ids=lambda folder: folder.name)
def test_cards_of_the_shipped_models_say_what_their_files_do(folder):
    metrics = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    metrics = tables.with_best_response(metrics, current_figures(folder))
    assert (folder / "README.md").read_text(encoding="utf-8") == card.render(read_config(folder), metrics)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({}, "python train.py --model mlp --epochs 50"),
        ({"epochs": 3, "device": "cuda"}, "python train.py --model mlp --epochs 3"),
        (
            {"objective": "minimax", "lr_g": 0.1},
            "python train.py --model mlp --epochs 50 --objective minimax --lr-g 0.1",
        ),
        ({"penalty": "gradient"}, "python train.py --model mlp --epochs 50 --penalty gradient"),
        (
            {"recipe": "wgan-gp", "penalty": "r1", "penalty_weight": 10.0, "conditional": True},
            "python train.py --model mlp --epochs 50 --recipe wgan-gp --conditional --penalty r1 --penalty-weight 10.0",
        ),
        ({"dataset": "my pictures"}, "python train.py --model mlp --epochs 50 --dataset 'my pictures'"),
    ],
)
def test_command_trains_the_model_again(chosen, words):
    config = Settings.of("mlp", **chosen).config(**RESULTS)
    assert card.command(config) == words
    # train.py takes every word of it
    arguments = [*shlex.split(words)[2:], "--device", "cpu", "--precision", "fp32"]
    again = train.settings_of(train.parser("train.py").parse_args(arguments), None)
    assert again == Settings.of("mlp", **{**chosen, "device": "cpu"})


def test_the_front_matter_is_what_the_hub_reads():
    text = card.render(Settings.of("mlp").config(**RESULTS), METRICS, "ada/digits")
    read = ModelCard(text).data
    assert (read.library_name, read.license, read.datasets) == ("gan_demo", "mit", ["ylecun/mnist"])
    assert read.pipeline_tag == "unconditional-image-generation"
    assert read.tags == ["gan", "mlp", "mnist"]
    figures = {result.metric_type: result for result in read.eval_results}
    assert figures["frechet_distance"].metric_value == 5.25
    assert figures["frechet_distance"].metric_name == "Fréchet distance (features: digit classifier)"
    assert figures["coverage"].dataset_type == "ylecun/mnist"
    assert 'GAN.from_pretrained("ada/digits")' in text


def test_the_card_of_own_pictures_does_not_say_whose_they_are_nor_speaks_of_digits():
    levels = [{"truncation": 1.0, "precision": 0.5, "density": 0.5, "coverage": 0.5}]
    metrics = {**METRICS, "truncation": {"towards": "typical", "samples": 100, "levels": levels}}
    text = card.render(Settings.of("mlp", dataset="my/letters").config(**RESULTS), metrics)
    assert ModelCard(text).data.license is None
    assert "typical ones:" in text and "how sure the classifier" not in text
    assert "not what such a picture is" in text


def test_a_card_without_measures_claims_none():
    text = card.render(Settings.of("mlp", dataset="/home/ada/my pictures").config(**RESULTS), None)
    assert ModelCard(text).data.eval_results is None
    assert ModelCard(text).data.tags[-1] == "my pictures"
    assert card.NOT_MEASURED in text


def test_a_card_whose_front_matter_somebody_broke_keeps_its_text():
    new = card.render(Settings.of("mlp").config(**RESULTS), METRICS)
    merged = card.merge("---\nlicense: [\n---\nMine.\n", new)
    assert merged.endswith("---\nMine.\n")
    assert ModelCard(merged).data.license == "mit"
    assert card.merge(new, new) == new
