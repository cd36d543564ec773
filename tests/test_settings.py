"""Settings: what goes before what, what is refused, and what of it the networks and the config are told."""

import dataclasses

import pytest

from gan_demo.errors import UserError
from gan_demo.penalties import PENALTIES
from gan_demo.settings import Settings


def test_a_flag_goes_before_the_recipe_and_the_recipe_before_the_defaults():
    published = Settings.of("mlp", recipe="wgan-gp")
    assert (published.objective, published.penalty, published.penalty_weight) == ("wasserstein", "gradient", 10.0)
    assert (published.d_steps, published.beta1, published.beta2) == (1, 0.0, 0.9)
    own = Settings.of("mlp", recipe="wgan-gp", beta2=0.99, penalty_weight=1.0)
    assert (own.beta2, own.penalty_weight, own.d_steps) == (0.99, 1.0, 1)
    assert Settings.of("dcgan", recipe="sngan").discriminator_norm == "spectral"
    assert (Settings.of("dcgan").generator_norm, Settings.of("style").generator_norm) == ("batch", "none")
    assert Settings.of("mlp", generator_norm="none").config().generator_norm == "none"
    assert dataclasses.replace(Settings.of("mlp"), generator_norm="").config().generator_norm == "batch"  # as of before
    assert Settings.of("dcgan", recipe="sngan", discriminator_norm="none").discriminator_norm == "none"


def test_another_penalty_than_the_recipes_has_its_own_strength():
    """A lambda of 10 is no bound for weights, nor a bound of 0.01 a lambda."""
    assert Settings.of("mlp", recipe="wgan-gp", penalty="clip").penalty_weight == 0.01
    assert Settings.of("mlp", recipe="wgan", penalty="gradient", discriminator_norm="none").penalty_weight == 10.0
    assert Settings.of("mlp", penalty="dragan", penalty_weight=3.0).penalty_weight == 3.0
    # Of their papers, but for R1 and R2, whose 10 is for larger pictures.
    strengths = {"clip": 0.01, "gradient": 10.0, "dragan": 10.0, "r1": 0.1, "r2": 0.1, "r1+r2": 0.1}
    assert {name: Settings.of("mlp", penalty=name).penalty_weight for name in strengths} == strengths
    other = Settings.of("mlp", recipe="wgan-gp", penalty="clip")
    assert (other.objective, other.beta2) == ("wasserstein", 0.9)  # all else is still the recipe's
    assert set(strengths) == set(PENALTIES) - {"none"}
    assert Settings.of("dcgan", penalty="r2").penalty_every == 1  # not the 4 of the recipe's R1
    assert Settings.of("dcgan", recipe="r1-gan", penalty="r1") == Settings.of("dcgan", recipe="r1-gan")
    assert Settings.of("mlp", penalty="none") == Settings.of("mlp")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 0}, "--batch-size must be more than 0, not 0"),
        ({"batch_size": 1}, "at least 2"),
        ({"epochs": 0}, "--epochs must be more than 0"),
        ({"d_steps": 0}, "--d-steps must be more than 0"),
        ({"penalty_every": 0}, "--penalty-every must be more than 0"),
        ({"lr_g": float("nan")}, "--lr-g must be more than 0"),
        ({"lr_d": 0.0}, "--lr-d must be more than 0"),
        ({"max_steps": -1}, "--max-steps must not be negative"),
        ({"penalty_weight": -0.1}, "--penalty-weight must not be negative"),
        ({"beta2": 1.0}, "--beta2 must be at least 0 and less than 1"),
        ({"ema": 1.5}, "--ema must be at least 0 and less than 1, not 1.5"),
        ({"beta1": float("nan")}, "--beta1 must be at least 0 and less than 1, not nan"),
        ({"ema": 1.0}, "--ema must be at least 0 and less than 1"),
        ({"beta1": -0.1}, "--beta1"),
        ({"seed": -1}, "--seed must not be negative"),
        ({"penalty": "clip", "penalty_weight": 0.0}, "the greatest weight that --penalty clip leaves: more than 0"),
        ({"penalty": "r3"}, "unknown penalty 'r3': choose from none, clip"),
        ({"objective": "wgan"}, "unknown objective 'wgan'"),
        (
            {"penalty": "gradient", "discriminator_norm": "batch"},
            "batch norm in D mixes them: use --discriminator-norm none or spectral",
        ),
        ({"recipe": "r3gan", "discriminator_norm": "batch"}, r"--penalty r1\+r2 looks at each picture on its own"),
        ({"recipe": "biggan"}, "unknown recipe 'biggan': choose from gan, ns-gan"),
        ({"latent_dim": 0}, "--latent-dim must be more than 0"),
        ({"model": "vae"}, "unknown model 'vae'"),
    ],
)
def test_settings_that_make_no_sense(fields, message):
    with pytest.raises(UserError, match=message):
        Settings.of(**{"model": "mlp", **fields})


def test_the_least_that_makes_sense():
    least = {"batch_size": 2, "latent_dim": 1, "epochs": 1, "d_steps": 1, "penalty_every": 1}
    least |= dict.fromkeys(("beta1", "beta2", "ema"), 0.0) | dict.fromkeys(("max_steps", "seed"), 0)
    settings = Settings.of("mlp", penalty="r1", penalty_weight=0.0, **least)
    assert {name: getattr(settings, name) for name in least} == least


def test_the_networks_are_those_of_the_settings():
    fields = {"objective": "hinge", "latent_dim": 7, "discriminator_norm": "spectral"}
    config = Settings.of("mlp", conditional=True, **fields).config()
    assert {name: getattr(config, name) for name in fields} == fields
    assert config.classes == 10
    assert Settings.of("mlp").config().classes == 0


def test_config_tells_the_whole_training():
    settings = Settings.of("dcgan", seed=5)
    training = settings.config(epochs_done=3).training
    assert training["epochs_done"] == 3
    assert {name: training[name] for name in dataclasses.asdict(settings)} == dataclasses.asdict(settings)
