import dataclasses

import pytest
import torch
from helpers.gans import SMALL, small_gan
from torch import nn

from gan_demo.config import Config, build
from gan_demo.networks import ARCHITECTURES, ClassBatchNorm, initialise
from gan_demo.networks.average import _move_each, _move_together


@pytest.fixture(params=ARCHITECTURES)
def networks(request):
    generator, discriminator = build(Config(model=request.param), "cpu")
    random = torch.Generator().manual_seed(0)
    initialise(generator, random)
    initialise(discriminator, random)
    return generator, discriminator


def test_shapes_and_ranges(networks, request):
    generator, discriminator = networks
    latent_dim = ARCHITECTURES[request.node.callspec.params["networks"]].defaults["latent_dim"]
    random = torch.Generator().manual_seed(1)
    images = generator(torch.randn(7, latent_dim, generator=random))
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
    discriminator = networks[1].eval()
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


def spectral_weights(network):
    return [m.weight.flatten(1) for m in network.modules() if isinstance(m, (nn.Linear, nn.Conv2d, nn.Embedding))]


def test_spectral_norm_divides_by_the_largest_singular_value():
    """diag(4, 2, 1) becomes diag(1, 1/2, 1/4)."""
    config = Config(model="mlp", discriminator_widths=(3, 3), discriminator_norm="spectral")
    _, discriminator = build(config, "cpu")
    initialise(discriminator, torch.Generator().manual_seed(0))
    layer = discriminator.body[3]
    with torch.no_grad():
        layer.parametrizations.weight.original.copy_(torch.diag(torch.tensor([4.0, 2.0, 1.0])))
    for _ in range(30):  # in training mode each look is a step of the power iteration
        weight = layer.weight
    torch.testing.assert_close(weight, torch.diag(torch.tensor([1.0, 0.5, 0.25])), rtol=0, atol=1e-6)
    discriminator.eval()
    torch.testing.assert_close(layer.weight, weight)


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_spectral_norm_bounds_the_slope_of_the_whole_discriminator(model):
    """Every layer has norm 1, class vectors too, so the MLP's output changes no faster than its input."""
    fields = {**SMALL[model], "discriminator_norm": "spectral", "classes": 10}
    _, discriminator = build(Config(model=model, **fields), "cpu")
    before = torch.random.get_rng_state()
    initialise(discriminator, torch.Generator().manual_seed(0))
    assert torch.equal(before, torch.random.get_rng_state())
    started = spectral_weights(discriminator)
    _, again = build(Config(model=model, **fields), "cpu")
    initialise(again, torch.Generator().manual_seed(0))
    for weight, same in zip(started, spectral_weights(again), strict=True):
        assert torch.equal(weight, same)
        assert 0.99 < torch.linalg.matrix_norm(weight, 2) < 1.1  # an estimate from below is near the truth already
    for _ in range(200):
        settled = spectral_weights(discriminator)
    layers = [part for part in discriminator.modules() if isinstance(part, (nn.Linear, nn.Conv2d, nn.Embedding))]
    assert len(settled) == len(layers) > len(fields["discriminator_widths"])
    for weight in settled:
        assert torch.linalg.matrix_norm(weight, 2).item() == pytest.approx(1, abs=1e-3)
    if model == "mlp":
        a, b = torch.rand(2, 50, 1, 28, 28, generator=torch.Generator().manual_seed(1))
        discriminator.embedding = None
        assert ((discriminator(a) - discriminator(b)).abs() <= (a - b).flatten(1).norm(dim=1)).all()


@pytest.mark.parametrize("model", ARCHITECTURES)
@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_the_projection_discriminator_is_its_formula(model, norm):
    """a . f + b + e_class . f, for features f."""
    discriminator = small_gan(model, classes=10, discriminator_norm=norm).discriminator
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(2)) * 2 - 1
    labels = torch.tensor([3, 0, 9, 3])
    features = discriminator.body(images)
    for row, label in enumerate(labels.tolist()):
        vector = discriminator.head.weight[0] + discriminator.embedding.weight[label]
        expected = vector @ features[row] + discriminator.head.bias[0]
        torch.testing.assert_close(discriminator(images, labels)[row], expected)


@pytest.mark.parametrize("model", ARCHITECTURES)
def test_a_large_score_keeps_its_small_differences_in_bfloat16(model):
    """1,000 has no bfloat16 neighbours nearer than 4: the last layer is in float32."""
    discriminator = small_gan(model).discriminator
    images = torch.rand(9, 1, 28, 28, generator=torch.Generator().manual_seed(3)) * 2 - 1
    with torch.no_grad():
        discriminator.head.weight.normal_(0, 100, generator=torch.Generator().manual_seed(4))
        discriminator.head.bias.fill_(1000.0)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = discriminator(images)
    assert outputs.dtype == torch.float32
    assert len(outputs.unique()) == 9


WITH_WEIGHTS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
DEEP = {  # widths of the generator and of the discriminator, no two neighbours alike
    "mlp": {"generator_widths": (8, 9, 7), "discriminator_widths": (6, 5, 4, 3, 2)},
    "dcgan": {"generator_widths": (8, 9, 7, 6), "discriminator_widths": (6, 5, 4, 3, 2)},
}


@pytest.mark.parametrize("model", DEEP)
@pytest.mark.parametrize("norm", ["none", "batch"])
@pytest.mark.parametrize("classes", [0, 10])
def test_batch_norm_follows_every_hidden_layer_and_is_its_bias(model, norm, classes):
    """DCGAN, section 3: in G after all layers but the last, in D after all but the first and the last."""
    config = Config(model=model, **DEEP[model], classes=classes, generator_norm="batch", discriminator_norm=norm)
    if not classes:
        config = dataclasses.replace(config, generator_norm=norm)
    generator, discriminator = build(config, "meta")
    own = ClassBatchNorm if classes else (nn.BatchNorm1d, nn.BatchNorm2d)
    hidden = {"G": len(config.generator_widths), "D": len(config.discriminator_widths)}
    for name, layers, kind, normed in (
        ("G", generator.layers, own, range(hidden["G"] if config.generator_norm == "batch" else 0)),
        ("D", discriminator.body, (nn.BatchNorm1d, nn.BatchNorm2d), range(1, hidden["D"] if norm == "batch" else 1)),
    ):
        weighted = [index for index, layer in enumerate(layers) if isinstance(layer, WITH_WEIGHTS)]
        assert len(weighted) == hidden[name] + (name == "G")
        for number, index in enumerate(weighted):
            after = [layer for layer in layers[index + 1 : index + 3] if not isinstance(layer, nn.Unflatten)][:1]
            followed = [layer for layer in after if isinstance(layer, kind)]
            assert len(followed) == (number in normed), (name, number)
            assert (layers[index].bias is None) == (number in normed), (name, number)
            for layer in followed:
                assert not classes or name == "D" or layer.scale.shape == (classes, layer.norm.num_features)
        assert sum(isinstance(layer, kind) for layer in layers) == len(normed)


def test_further_layers_of_a_dcgan_discriminator_keep_the_size():
    """28 -> 14 -> 7 -> 4 by the first three, and 4 after a fourth, a fifth and a sixth, of 3x3 as those before."""
    config = Config(model="dcgan", discriminator_widths=(3, 4, 5, 6, 7, 8))
    _, discriminator = build(config, "cpu")
    initialise(discriminator, torch.Generator().manual_seed(0))
    x, sizes = torch.zeros(2, 1, 28, 28), []
    for layer in discriminator.body:
        x = layer(x)
        sizes += [x.shape[-1]] if isinstance(layer, nn.Conv2d) else []
    assert sizes == [14, 7, 4, 4, 4, 4]
    assert [layer.kernel_size[0] for layer in discriminator.body if isinstance(layer, nn.Conv2d)] == [4, 4, 3, 3, 3, 3]


def test_class_batch_norm_by_hand():
    """(x - mean) / sd, times the class's scale, plus the class's shift."""
    norm = ClassBatchNorm(nn.BatchNorm1d(1, affine=False, eps=0.0), classes=2).eval()
    norm.norm.running_mean.fill_(1.0)
    norm.norm.running_var.fill_(4.0)
    with torch.no_grad():
        norm.scale.copy_(torch.tensor([[2.0], [3.0]]))
        norm.shift.copy_(torch.tensor([[10.0], [20.0]]))
    assert norm(torch.tensor([[5.0], [5.0]]), torch.tensor([0, 1])).flatten().tolist() == [2 * 2 + 10, 2 * 3 + 20]


@pytest.mark.parametrize("move", [_move_together, _move_each])
def test_an_average_moves_by_its_rate_with_one_kernel_each_or_three_for_all(move):
    means, currents = (
        [torch.tensor([1.0, -2.0]), torch.tensor([[4.0]])],
        [torch.tensor([3.0, 2.0]), torch.tensor([[0.0]])],
    )
    move(means, currents, torch.tensor(0.25))
    assert [mean.flatten().tolist() for mean in means] == [[1.5, -1.0], [3.0]]
    assert [current.flatten().tolist() for current in currents] == [[3.0, 2.0], [0.0]]
