"""Pictures of another shape than 28x28 grey: networks and training take them, page and classifier say no in words."""

import json

import pytest
import torch
from helpers.gans import SMALL, small_gan
from torch import nn

from gan_demo import GAN, Config, UserError, data
from gan_demo.classifier import load_classifier
from gan_demo.data import Split
from gan_demo.evaluation import evaluate
from gan_demo.latent import direction_search
from gan_demo.networks import ARCHITECTURES
from gan_demo.pictures import export
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer
from gan_demo.ui.shared.catalogue import Catalogue

COLOUR = (3, 32, 32)
ONE_LINE = "is made for grey pictures of 28x28, and this model draws colour pictures of 32x32$"


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_colour_pictures_of_32x32_are_trained_saved_and_sampled(model, monkeypatch, tmp_path):
    for name in ("generator_widths", "discriminator_widths"):
        monkeypatch.setitem(ARCHITECTURES[model].defaults, name, SMALL[model][name])
    random = torch.Generator().manual_seed(0)
    split = Split(torch.randint(0, 256, (8, *COLOUR), generator=random, dtype=torch.uint8), None)
    trainer = Trainer(Settings.of(model, batch_size=8, epochs=1), split)
    assert trainer.iterate().isfinite().all()
    trainer.gan().save_pretrained(tmp_path)
    gan = GAN.from_pretrained(tmp_path)
    assert gan.config.shape == COLOUR
    images = gan.sample(5, seed=1)
    assert images.shape == (5, *COLOUR)
    assert gan.score(images).shape == (5,)
    assert torch.equal(images, trainer.gan().sample(5, seed=1))


def test_a_dcgan_of_another_size_grows_from_a_quarter_of_each_side():
    gan = small_gan("dcgan", shape=(2, 16, 40))
    first = next(module for module in gan.generator.modules() if isinstance(module, nn.Unflatten))
    assert first.unflattened_size == (8, 4, 10)
    assert gan.discriminator.head.in_features == 8 * 2 * 5  # 16 -> 8 -> 4 -> 2 and 40 -> 20 -> 10 -> 5
    assert gan.score(gan.sample(3, seed=0)).shape == (3,)
    large = small_gan("dcgan", shape=(1, 72, 80))
    assert large.discriminator.head.in_features == 8 * 9 * 10
    assert large.score(large.sample(2, seed=0)).shape == (2,)


def test_a_config_names_its_shape_only_where_it_is_not_that_of_mnist():
    """So a config.json of today is read by the code of yesterday, and the other way round."""
    assert "shape" not in Config(model="mlp").to_dict()
    assert Config.from_json('{"model": "mlp"}').shape == (1, 28, 28)
    colour = Config(model="mlp", shape=COLOUR)
    assert Config.from_json(json.dumps(colour.to_dict())) == colour


@pytest.mark.parametrize(
    ("model", "shape", "message"),
    [
        ("mlp", [28, 28], "shape is channels, 1 to 4, height and width, 1 to 256"),
        ("mlp", [1, 28, 257], "1 to 256, not"),
        ("mlp", [1, 28, 28.0], "1 to 256, not"),
        ("mlp", [0, 28, 28], "channels, 1 to 4"),
        ("mlp", "abc", "channels, 1 to 4"),
        ("mlp", 28, "wrong type"),
        ("dcgan", [1, 28, 30], r"the sides of a dcgan's pictures are multiples of 4, not \[28, 30\]"),
    ],
)
def test_shapes_that_make_no_sense(model, shape, message):
    with pytest.raises(UserError, match=message) as caught:
        Config.from_json(json.dumps({"model": model, "shape": shape}))
    assert "\n" not in str(caught.value)


def test_page_evaluation_directions_and_export_refuse_another_shape_in_one_line(tmp_path):
    gan = small_gan("mlp", shape=COLOUR)
    gan.save_pretrained(tmp_path / "colour")
    for call in (
        lambda: Catalogue([tmp_path]).load("colour"),
        lambda: evaluate.evaluate(gan, "digits"),
        lambda: direction_search.find(gan, samples=50),
        lambda: next(export.draw(gan, range(2), 0)),
    ):
        with pytest.raises(UserError, match=ONE_LINE):
            call()
    for call in (lambda: load_classifier().predict(gan.sample(2, 0)), lambda: evaluate.evaluate_light(gan, "digits")):
        with pytest.raises(UserError, match=r"sees grey pictures of 28x28 only, not \(3, 32, 32\)"):
            call()


def test_a_data_set_is_resized_and_read_in_grey():
    split = data.load("digits", train=False, shape=(1, 32, 20))
    assert split.shape == (1, 32, 20)
    assert split.images.dtype == torch.uint8
    assert split.images.max() > 200
    with pytest.raises(UserError, match="pictures are read in grey"):
        data.load("digits", shape=COLOUR)
