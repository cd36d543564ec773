import dataclasses
import json
import sys
from dataclasses import replace

import pytest
import torch
from helpers.commands import ROOT, here
from helpers.gans import SMALL

import train
from gan_demo.data import Split
from gan_demo.evaluation import card
from gan_demo.networks import ARCHITECTURES
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer


@pytest.mark.parametrize("model", ARCHITECTURES)
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_trains_with_and_without_classes(recipe, model, monkeypatch):
    for name in ("generator_widths", "discriminator_widths"):
        monkeypatch.setitem(ARCHITECTURES[model].defaults, name, SMALL[model][name])
    random = torch.Generator().manual_seed(0)
    digits = Split(torch.randint(0, 256, (40, 1, 28, 28), generator=random, dtype=torch.uint8), torch.arange(40) % 10)
    for conditional in (False, True):
        settings = Settings.of(model, recipe=recipe, conditional=conditional, batch_size=4, epochs=1)
        assert settings.recipe == recipe
        # Other penalties look at each picture on its own, which batch norm mixes.
        assert settings.discriminator_norm != "batch" or settings.penalty in ("none", "clip")
        trainer = Trainer(settings, digits)
        for _ in range(2):
            assert trainer.iterate().isfinite().all()


def test_a_flag_goes_before_the_recipe_and_the_recipe_before_the_defaults():
    published = Settings.of("mlp", recipe="wgan-gp")
    assert (published.objective, published.penalty, published.penalty_weight) == ("wasserstein", "gradient", 10.0)
    assert (published.d_steps, published.beta1, published.beta2) == (1, 0.0, 0.9)
    own = Settings.of("mlp", recipe="wgan-gp", beta2=0.99, penalty_weight=1.0)
    assert (own.beta2, own.penalty_weight, own.d_steps) == (0.99, 1.0, 1)
    assert Settings.of("dcgan", recipe="sngan").discriminator_norm == "spectral"
    assert Settings.of("dcgan", recipe="sngan", discriminator_norm="none").discriminator_norm == "none"


def test_another_penalty_than_the_recipes_has_its_own_strength():
    """A lambda of 10 is no bound for weights, nor a bound of 0.01 a lambda."""
    assert Settings.of("mlp", recipe="wgan-gp", penalty="clip").penalty_weight == 0.01
    assert Settings.of("mlp", recipe="wgan", penalty="gradient", discriminator_norm="none").penalty_weight == 10.0
    assert Settings.of("mlp", penalty="dragan", penalty_weight=3.0).penalty_weight == 3.0
    # Of their papers, but for R1 and R2, whose 10 is for larger pictures.
    strengths = {"clip": 0.01, "gradient": 10.0, "dragan": 10.0, "r1": 0.1, "r2": 0.1, "r1+r2": 0.1}
    assert {name: Settings.of("mlp", penalty=name).penalty_weight for name in strengths} == strengths
    assert set(strengths) == set(PENALTIES) - {"none"}
    assert Settings.of("dcgan", penalty="r2").penalty_every == 1  # not the 4 of the recipe's R1
    assert Settings.of("dcgan", recipe="r1-gan", penalty="r1") == Settings.of("dcgan", recipe="r1-gan")
    assert Settings.of("mlp", penalty="none") == Settings.of("mlp")


def test_list_recipes_shows_paper_formula_and_settings(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train.py", "--list-recipes"])
    assert train.main() == 0
    blocks = capsys.readouterr().out.strip().split("\n\n")
    assert [block.split(":")[0] for block in blocks] == list(RECIPES)
    for block, recipe in zip(blocks, RECIPES.values(), strict=True):
        assert recipe.paper in block
        assert OBJECTIVES[recipe.settings["objective"]].formula in block
        assert recipe.changed in block
    wgan_gp = blocks[list(RECIPES).index("wgan-gp")]
    assert (
        "--beta1 0.0 --beta2 0.9 --d-steps 1 --discriminator-norm none --penalty gradient --penalty-weight 10.0"
        in wgan_gp
    )


def test_a_new_model_is_one_row(monkeypatch, tmp_path):
    widths = {"generator_widths": (8,), "discriminator_widths": (8,)}
    row = replace(ARCHITECTURES["mlp"], defaults={**ARCHITECTURES["mlp"].defaults, **widths}, about="mine")
    monkeypatch.setitem(ARCHITECTURES, "tiny", row)
    assert "tiny: mine" in " ".join(here(train.main, "--help").stdout.split())
    assert "tiny (its default)" in here(train.main, "--list-recipes").stdout
    config = Settings.of("tiny").config(epochs_done=1, steps_done=1, seconds=1.0, hardware="a laptop", torch="2")
    assert card.command(config) == "python train.py --model tiny --epochs 50"
    assert "TINY" in card.render(config, None)


# A checkpoint's config.json says what it was trained with, and nothing here writes it: it is an independent statement.
SHIPPED = {path.parent.name: json.loads(path.read_text()) for path in (ROOT / "checkpoints").glob("*/config.json")}
CHOSEN = {"mlp-r3gan": {"penalty_every": 2}}  # by a flag, in the place of the recipe's
DECIDED = [field.name for field in dataclasses.fields(Settings)]
for name in ("epochs", "max_steps", "seed", "device", "graph", "precision"):  # each run's own affair
    DECIDED.remove(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recipe_is_what_its_shipped_model_was_trained_with(name):
    trained = SHIPPED[name]["training"]
    kind = {field: trained[field] for field in ("model", "recipe", "conditional", "dataset")}
    settings = dataclasses.asdict(Settings.of(**kind, **CHOSEN.get(name, {})))
    assert {field: settings[field] for field in DECIDED} == {field: trained[field] for field in DECIDED}


def test_every_recipe_has_a_shipped_model():
    assert {config["training"]["recipe"] for config in SHIPPED.values()} == set(RECIPES)


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_without_a_recipe_a_model_is_trained_as_its_shipped_one(model):
    assert Settings.of(model).recipe == SHIPPED[model]["training"]["recipe"]
