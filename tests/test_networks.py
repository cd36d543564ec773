import pytest
import torch
from torch import nn

from gan_demo.gan import Config, build
from gan_demo.networks import ARCHITECTURES, initialise


@pytest.fixture(params=ARCHITECTURES)
def networks(request):
    generator, discriminator = build(Config(model=request.param), "cpu")
    random = torch.Generator().manual_seed(0)
    initialise(generator, random)
    initialise(discriminator, random)
    return generator, discriminator


def test_shapes_and_ranges(networks):
    generator, discriminator = networks
    random = torch.Generator().manual_seed(1)
    images = generator(torch.randn(7, 64, generator=random))
    assert images.shape == (7, 1, 28, 28)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (7,)


def test_discriminator_output_is_raw(networks):
    """No sigmoid hides in a discriminator: scaling its last layer by 1000 scales its output by 1000."""
    _, discriminator = networks
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(2)) * 2 - 1
    before = discriminator(images)
    last = [module for module in discriminator.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        last.weight *= 1000
        last.bias *= 1000
    torch.testing.assert_close(discriminator(images), before * 1000, rtol=1e-4, atol=1e-4)


def test_discriminator_of_one_picture_does_not_depend_on_the_others(networks):
    _, discriminator = networks
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(3)) * 2 - 1
    torch.testing.assert_close(discriminator(images)[:1], discriminator(images[:1]), rtol=1e-5, atol=1e-6)


def test_mlp_has_the_layers_of_the_issue():
    generator, discriminator = build(Config(model="mlp"), "meta")
    linear = lambda network: [(m.in_features, m.out_features) for m in network.modules() if isinstance(m, nn.Linear)]  # noqa: E731
    assert linear(generator) == [(64, 256), (256, 512), (512, 1024), (1024, 784)]
    assert linear(discriminator) == [(784, 512), (512, 256), (256, 1)]
    assert {m.negative_slope for m in generator.modules() if isinstance(m, nn.LeakyReLU)} == {0.2}


def test_widths_latent_and_norm_are_config_fields():
    config = Config(
        model="dcgan",
        latent_dim=7,
        generator_widths=(10, 9),
        discriminator_widths=(3, 4, 5),
        generator_norm="none",
        discriminator_norm="batch",
    )
    generator, discriminator = build(config, "meta")
    norms = lambda network: sum(isinstance(m, nn.BatchNorm2d) for m in network.modules())  # noqa: E731
    assert (norms(generator), norms(discriminator)) == (0, 2)
    assert [m.out_channels for m in discriminator.modules() if isinstance(m, nn.Conv2d)] == [3, 4, 5]
    assert next(generator.parameters()).shape == (490, 7)


def test_initialisation_is_dcgans_and_comes_from_the_given_generator():
    def weights(seed):
        generator, _ = build(Config(model="dcgan"), "cpu")
        initialise(generator, torch.Generator().manual_seed(seed))
        return generator.state_dict()

    first, again, other = weights(0), weights(0), weights(1)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["layers.0.weight"], other["layers.0.weight"])
    convolution = first["layers.4.weight"]
    assert convolution.mean().abs() < 0.001
    assert 0.0195 < convolution.std() < 0.0205
    scale = first["layers.2.weight"]  # of a batch norm: N(1, 0.02), 128 numbers
    assert (scale.mean() - 1).abs() < 0.01
    assert torch.equal(first["layers.2.running_var"], torch.ones(128))
