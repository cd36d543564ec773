import dataclasses
import json
import re
import sys
from dataclasses import replace

import pytest
import torch
from helpers.commands import ROOT, here
from helpers.gans import SMALL

import train
from gan_demo import UserError
from gan_demo.data import Split
from gan_demo.evaluation import card
from gan_demo.networks import ARCHITECTURES
from gan_demo.objectives import OBJECTIVES
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings, describe_recipes
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
CHOSEN = {  # by flags, in the place of the recipe's
    "mlp-r3gan": {"penalty_every": 2},
    "mlp-d-won": {"lr_g": 2e-5, "lr_d": 2e-3},  # on purpose
    # Of their last parts.
    "style": {
        **{"lr_g": 0.004, "lr_d": 0.001, "lr_end": 0.02, "ema": 0.9995},
        **{"penalty_weight": 0.25, "subpixels": 4, "short_latents": 0.05},
    },
    "style-conditional": {
        **{"lr_g": 0.004, "lr_d": 0.0006, "lr_end": 0.2, "ema": 0.9995},
        **{"penalty_weight": 1.0, "subpixels": 4},
    },
    "mlp-collapsed": {"generator_norm": "none", "lr_d": 1e-3, "beta1": 0.5, "beta2": 0.999, "ema": 0.0},  # this, too
}
DECIDED = [field.name for field in dataclasses.fields(Settings)]
for name in ("epochs", "max_steps", "seed", "device", "graph", "precision"):  # each run's own affair
    DECIDED.remove(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recipe_is_what_its_shipped_model_was_trained_with(name):
    trained = SHIPPED[name]["training"]
    kind = {field: trained[field] for field in ("model", "recipe", "conditional", "dataset")}
    settings = dataclasses.asdict(Settings.of(**kind, **CHOSEN.get(name, {})))
    # Which older ones did not have.
    later = {"short_latents": 0.0, "style_mixing": 0.0, "lr_end": 0.0, "subpixels": 1}
    later["generator_norm"] = SHIPPED[name]["generator_norm"]
    assert {field: settings[field] for field in DECIDED} == {field: {**later, **trained}[field] for field in DECIDED}


def test_every_published_recipe_has_a_shipped_model():
    published = {"gan", "ns-gan", "lsgan", "wgan", "wgan-gp", "dragan", "sngan", "r3gan", "r1-gan"}
    assert published <= {config["training"]["recipe"] for config in SHIPPED.values()} <= set(RECIPES)


@pytest.mark.parametrize("model", [model for model in ARCHITECTURES if model in SHIPPED])
def test_without_a_recipe_a_model_is_trained_as_its_shipped_one(model):
    assert Settings.of(model).recipe == SHIPPED[model]["training"]["recipe"]


def test_the_list_of_recipes_word_for_word():
    """A recipe without a penalty, which is the default of one model, and one with a penalty."""
    plain, penalised = (describe_recipes().split("\n\n")[list(RECIPES).index(name)] for name in ("ns-gan", "wgan-gp"))
    usual = "--batch-size 128 --lr-g 0.001 --lr-d 0.0005 --beta1 0.0 --beta2 0.99 --d-steps 1 --discriminator-norm none"
    assert plain.splitlines() == [
        "ns-gan: Goodfellow et al. 2014, end of section 3",
        "    D: max E[log D(x)] + E[log(1 - D(G(z)))]   G: max E[log D(G(z))]",
        *(f"    {name}{' (its default)' * (row.recipe == 'ns-gan')}: {usual}" for name, row in ARCHITECTURES.items()),
        f"    changed: {RECIPES['ns-gan'].changed}",
    ]
    usual = usual.replace("0.99", "0.9") + " --penalty gradient --penalty-weight 10.0 --penalty-every 1"
    assert penalised.splitlines() == [
        "wgan-gp: Gulrajani et al. 2017, Improved Training of Wasserstein GANs",
        "    D: max, G: min  E[D(x)] - E[D(G(z))], with D's slope kept bounded",
        "    penalty: λ E[(‖∇D(x̂)‖ - 1)²], x̂ between x and G(z)",
        *(f"    {name}: {usual}" for name in ARCHITECTURES),
        f"    changed: {RECIPES['wgan-gp'].changed}",
    ]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("epochs", 2.0, "--epochs must be a whole number, not 2.0"),
        ("epochs", "2", "--epochs must be a whole number, not '2'"),
        ("batch_size", True, "--batch-size must be a whole number, not True"),
        ("lr_g", float("inf"), "--lr-g must be a finite number, not inf"),
        ("lr_d", "0.1", "--lr-d must be a finite number, not '0.1'"),
        ("conditional", 1, "--conditional must be True or False, not 1"),
        ("dataset", None, "--dataset must be a text, not None"),
        ("precision", "fp16", "unknown precision 'fp16': choose from fp32, bf16"),
        ("device", "gpu", "unknown device 'gpu': choose from cpu, cuda, mps"),
        ("objective", ["hinge"], "--objective must be a text"),
    ],
)
def test_values_from_python_are_checked_as_those_of_the_command_line(field, value, message):
    with pytest.raises(UserError, match=re.escape(message)):
        Settings.of("mlp", **{field: value})
    assert Settings.of("mlp", lr_g=1).lr_g == 1
