"""The style generator: each part against its formula, or against another way to compute it."""

import dataclasses
import json
import math

import pytest
import torch
from helpers.gans import small_gan
from helpers.training import trainer
from torch.nn import functional

from gan_demo import Config, UserError
from gan_demo.networks import MinibatchSpread, initialise, normalise
from gan_demo.networks.style import (
    MAPPING_RATE,
    EqualisedLinear,
    Ink,
    ModulatedConvolution,
    StyleGenerator,
    twice_the_size,
)
from gan_demo.settings import Settings


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def started(module, seed=0):
    initialise(module, torch.Generator().manual_seed(seed))
    return module


def test_a_modulated_convolution_is_one_with_weights_of_its_own_for_each_picture():
    """Karras 2020, equations 1 to 3, by a grouped convolution, in float64."""
    layer = started(ModulatedConvolution(3, 4, 3, w_dim=5)).double()
    x, w = normal(2, 3, 6, 6).double(), normal(2, 5, seed=1)
    style = layer.style(w).double()
    weight = layer.weight[None] / math.sqrt(27) * style[:, None, :, None, None]
    weight = weight / (weight.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    wanted = functional.conv2d(x.reshape(1, 6, 6, 6), weight.reshape(8, 3, 3, 3), padding=1, groups=2)
    torch.testing.assert_close(layer(x, w), wanted.reshape(2, 4, 6, 6), rtol=1e-6, atol=1e-6)
    plain = ModulatedConvolution(3, 4, 3, w_dim=5, demodulate=False).double()
    plain.load_state_dict(layer.state_dict())
    kernels = layer.weight / math.sqrt(27)
    torch.testing.assert_close(plain(x, w), functional.conv2d(x * style[:, :, None, None], kernels, padding=1))


def test_demodulated_outputs_have_variance_1_whatever_the_style():
    layer = started(ModulatedConvolution(16, 12, 3, w_dim=5))
    x = normal(4, 16, 64, 64)
    outputs = layer(x, normal(4, 5, seed=1) * torch.tensor([[0.1], [1.0], [10.0], [100.0]]))[:, :, 1:-1, 1:-1]
    assert (outputs.var((2, 3)) - 1).abs().max() < 0.15
    assert (outputs.var() - 1).abs() < 0.03


@pytest.mark.parametrize("rate", [1.0, MAPPING_RATE])
def test_an_equalised_layer_starts_with_variance_1_and_learns_at_its_rate(rate):
    """Adam's first step moves each stored number by lr, and so a weight in use by lr * rate / sqrt(inputs)."""
    layer = started(EqualisedLinear(100, 400, rate=rate, bias=1.0))
    assert layer(normal(50, 100, seed=5)).std().item() == pytest.approx(1, abs=0.02)
    assert torch.equal(layer(torch.zeros(1, 100)), torch.ones(1, 400))
    before = layer(torch.eye(100)).detach()
    optimizer = torch.optim.Adam(layer.parameters(), 0.001)
    layer(normal(7, 100, seed=1)).sum().backward()
    optimizer.step()
    moved = (layer(torch.eye(100)) - layer(torch.zeros(1, 100)) - before + 1).detach().abs()
    torch.testing.assert_close(moved.mean().item(), 0.001 * rate / 10, rtol=0.02, atol=1e-7)


def test_growing_is_to_repeat_each_pixel_and_to_blur():
    x = normal(2, 3, 5, 6)
    filter_ = torch.outer(*[torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8] * 2).expand(3, 1, 4, 4)
    spaced = torch.zeros(2, 3, 10, 12)
    spaced[:, :, ::2, ::2] = 4 * x
    blurred = functional.conv2d(spaced, filter_, padding=2, groups=3)[:, :, :-1, :-1]
    torch.testing.assert_close(twice_the_size(x)[:, :, 1:-1, 1:-1], blurred[:, :, 1:-1, 1:-1])


@pytest.fixture(params=[0, 3], ids=["unconditional", "conditional"])
def generator(request):
    gan = small_gan("style", classes=request.param)
    for layer in gan.generator.synthesis.layers:
        layer.noise_strength.data.fill_(0.3)
    gan.generator.mapping.mean.copy_(normal(*gan.generator.mapping.mean.shape, seed=8))
    return gan.generator


def labels(generator, n):
    return torch.arange(n) % 3 if generator.mapping.embedding is not None else None


def test_the_length_of_z_is_psi(generator):
    z, of_class = normalise(normal(4, 5, seed=2)), labels(generator, 4)
    mapping = generator.mapping
    mean = mapping.mean[of_class if of_class is not None else torch.zeros(4, dtype=torch.long)]
    w = mapping(z, of_class)
    for psi in (0.0, 0.5, 1.5):
        torch.testing.assert_close(mapping(z * psi, of_class), mean + psi * (w - mean), rtol=1e-3, atol=1e-3)


def test_training_follows_the_mean_w_of_each_class_and_sampling_leaves_it():
    mapping = started(StyleGenerator((1, 28, 28), 5, (4, 4, 4), 3).mapping)
    z, of_class = normalise(normal(4, 5)), torch.tensor([0, 0, 2, 2])
    w = mapping.eval()(z, of_class)
    assert torch.equal(mapping.mean, torch.zeros(3, 5))
    mapping.mean[1] = 1.0
    mapping.train()(z, of_class)
    torch.testing.assert_close(mapping.mean[0], 0.005 * w[:2].mean(0), rtol=1e-4, atol=1e-6)
    assert torch.equal(mapping.mean[1], torch.ones(5))  # nobody asked for it


def test_the_class_changes_w():
    mapping = small_gan("style", classes=3).generator.mapping
    z = normal(1, 5).expand(3, 5)
    first, second, _ = mapping(z, torch.arange(3))
    assert (first - second).norm() > 0.1 * first.norm()


def test_one_w_for_all_layers_is_the_same_w_in_each(generator):
    w = generator.mapping(normal(3, 5), labels(generator, 3))
    wide = w[:, None].repeat(1, 5, 1)  # 7x7 has one layer, 14x14 and 28x28 have two each
    torch.testing.assert_close(generator.synthesis(wide), generator.synthesis(w))
    wide[:, 3:] += 1
    assert not torch.allclose(generator.synthesis(wide), generator.synthesis(w), atol=1e-3)


def test_mixed_latents_draw_the_early_layers_of_one_and_the_late_layers_of_the_other(generator):
    z, other = normal(4, 5), normal(4, 5, seed=1)
    of_class = labels(generator, 4)
    mixed = generator(z, of_class, mixed=(other, torch.tensor([0, 2, 5, 2])))
    torch.testing.assert_close(mixed[0], generator(other, of_class)[0])
    torch.testing.assert_close(mixed[2], generator(z, of_class)[2])
    w = torch.stack([generator.mapping(z, of_class)] * 2 + [generator.mapping(other, of_class)] * 3, dim=1)
    torch.testing.assert_close(mixed[1], generator.synthesis(w)[1])


def test_the_noise_of_a_sample_is_always_the_same_and_that_of_a_training_is_fresh(generator):
    z, of_class = normal(2, 5), labels(generator, 2)
    assert torch.equal(generator(z, of_class), generator(z, of_class))
    random = torch.Generator().manual_seed(0)
    fresh = generator.synthesis.draw_noise(2, random)
    assert [tuple(noise.shape) for noise in fresh] == [(2, 1, side, side) for side in (7, 14, 14, 28, 28)]
    assert not torch.allclose(generator(z, of_class, noise=fresh), generator(z, of_class), atol=1e-3)
    own = [noise.expand(2, -1, -1, -1) for noise in generator.synthesis.own_noise()]
    torch.testing.assert_close(generator(z, of_class, noise=own), generator(z, of_class))

    run = trainer("style", style_mixing=0.5)
    seen = []
    run.state.generator.register_forward_pre_hook(lambda module, inputs, named: seen.append(named), with_kwargs=True)
    run.iterate()
    run.iterate()
    assert not torch.equal(seen[0]["noise"][0], seen[1]["noise"][0])
    _, cuts = seen[0]["mixed"]
    layers = len(run.state.generator.synthesis.layers)
    assert cuts.min() >= 1
    assert 0 < (cuts < layers).sum() < len(cuts)


def test_latents_of_a_style_model_have_one_length():
    gan = small_gan("style")
    torch.testing.assert_close(gan.latents(9, seed=1).norm(dim=1), torch.full((9,), math.sqrt(5)))
    torch.testing.assert_close(gan.latents(9, seed=1, truncation=0.5).norm(dim=1), torch.full((9,), math.sqrt(5) / 2))
    run = trainer("style")
    torch.testing.assert_close(run.latents(run.state.random).square().mean(1), torch.ones(8), rtol=1e-4, atol=1e-4)


def test_minibatch_spread_by_hand():
    """Pictures 0 and 2 at one place, 5 and 5 at another: standard deviations 1 and 0, of which the mean is 1/2."""
    layer = started(MinibatchSpread())
    x = torch.tensor([[0.0, 5.0], [2.0, 5.0]]).view(2, 1, 1, 2)
    seen = layer(x)
    assert seen.shape == (2, 2, 1, 2)
    assert torch.equal(seen[:, :1], x)
    torch.testing.assert_close(seen[:, 1], torch.full((2, 1, 2), 0.5), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(layer.usual.item(), 0.005, rtol=1e-3, atol=1e-6)
    layer.eval()
    torch.testing.assert_close(layer(x)[0, 1, 0, 0].item(), 0.005, rtol=1e-3, atol=1e-6)


def test_groups_of_a_minibatch_do_not_see_each_other():
    layer = started(MinibatchSpread())
    x = normal(8, 3, 2, 2)
    both = layer(x)
    torch.testing.assert_close(layer(x[:4]), both[:4])
    assert (both[0, 3] - both[4, 3]).abs().max() > 1e-3


def test_a_discriminator_that_sees_groups_judges_real_and_generated_pictures_apart():
    run = trainer("style")
    seen = []
    run.state.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    run.iterate()
    assert seen == [8, 8, 8, 8]  # real, generated, the penalty, the generator's step


def test_what_a_style_model_cannot_be():
    with pytest.raises(UserError, match="unknown generator norm 'batch': choose from none"):
        Config(model="style", generator_norm="batch")
    assert Config(model="style", classes=10).classes == 10  # the class needs no batch norm here
    run = trainer("style", style_mixing=1.0)
    for settings in (dataclasses.replace(run.settings, model="mlp"), dataclasses.replace(run.settings, style_mixing=2)):
        with pytest.raises(UserError, match="style-mixing"):
            dataclasses.replace(settings, style_mixing=float(settings.style_mixing)).check()


def ink(field, level=0.0, subpixels=4):
    """Draw a field (h, w) as a picture (h, w); the brightness that w asks for is `level`."""
    layer = started(Ink(3, 1, 5, subpixels))
    layer.level.weight.data.zero_()
    layer.level.bias.data.fill_(level / MAPPING_RATE)  # as they are used: multiplied by it
    return layer(field[None, None], normal(1, 3, *field.shape), torch.zeros(1, 5))[0, 0]


def test_ink_is_flat_paper_is_black_and_an_edge_is_the_share_of_ink():
    """The field rises by 1 from pixel to pixel, and is 0 in the middle between two: no ink, a half and a whole."""
    columns = (torch.arange(8.0) - 3).expand(8, 8)
    drawn = ink(columns, subpixels=8) * 127.5 + 127.5
    torch.testing.assert_close(drawn[:, :3], torch.zeros(8, 3), rtol=0, atol=1e-4)
    torch.testing.assert_close(drawn[:, 3], torch.full((8,), 253.4 / 2), rtol=1e-4, atol=0)
    torch.testing.assert_close(drawn[:, 4:], torch.full((8, 4), 253.4), rtol=1e-4, atol=0)
    # A sharp edge a quarter of a pixel to the left: a quarter of that pixel is more ink.
    sharp = (100 * ((torch.arange(8.0) - 3.25).expand(8, 8)), 100 * ((torch.arange(8.0) - 3.5).expand(8, 8)))
    shares = [float(ink(field)[0, 3].detach() + 1) / 2 * 255 / 253.4 for field in sharp]
    assert shares == pytest.approx([0.25, 0.0], abs=0.02)


def test_each_point_of_a_pixel_is_an_output_of_the_last_convolution():
    """Paper, and in every pixel ink at the point in row 1 and column 2, in the second channel alone."""
    layer = started(Ink(3, 2, 5, 4))
    layer.level.weight.data.zero_()
    layer.level.bias.data.zero_()
    layer.detail.bias.data[16 + 4 * 1 + 2] = 9.0
    x, w = normal(1, 3, 6, 6), torch.zeros(1, 5)
    points = layer.detail(x, w)[0]
    wanted = torch.zeros(2, 24, 24)
    wanted[1, 1::4, 2::4] = 9.0
    torch.testing.assert_close(points, wanted)
    drawn = (layer(torch.full((1, 2, 6, 6), -1.0), x, w)[0] + 1) / 2 * 255
    torch.testing.assert_close(drawn[0], torch.zeros(6, 6), rtol=0, atol=1e-4)
    torch.testing.assert_close(drawn[1], torch.full((6, 6), 253.4 / 16), rtol=1e-4, atol=0)


def test_w_says_how_bright_ink_is():
    """Each level of 255 near 253 is about half of a logit, and the brightness is multiplied by .35."""
    full = torch.full((4, 4), 9.0)
    for level in (-1.0, 0.0, 1.0):
        logit = math.log(253.4 / 1.6) + 0.35 * level
        assert float(ink(full, level)[0, 0].detach()) == pytest.approx(2 / (1 + math.exp(-logit)) - 1, abs=1e-6)


def test_g_learns_from_pixels_that_are_all_paper_or_all_ink():
    field = torch.tensor([[-2.0, 0.0], [0.1, 2.0]]).repeat_interleave(3, 0).repeat_interleave(3, 1).requires_grad_()
    ink(field).sum().backward()
    assert (field.grad > 0).all()


def test_older_style_generators_end_in_a_tanh_and_a_training_goes_on_from_them_with_ink():
    fields = {**vars(small_gan("style").config), "training": {}}
    before = Config(**{**fields, "subpixels": 1})
    assert "subpixels" not in before.to_dict()
    assert Config.from_json(json.dumps({**before.to_dict(), "subpixels": 4})).subpixels == 4
    assert Config(model="style").subpixels == 1
    assert Settings.of("style").subpixels == 1
    older, newer = trainer("style", subpixels=1), trainer("style", subpixels=2)
    newer.begin_from(older.gan(), {"name": "older"})
    for name, weight in older.state.average.state_dict().items():
        assert torch.equal(newer.state.generator.state_dict()[name], weight)
    detail = [f"synthesis.ink.detail.{name}" for name in ("bias", "style.bias", "style.weight", "weight")]
    assert newer.origin["new"] == [*detail, *(f"synthesis.ink.level.{name}" for name in ("bias", "weight"))]
    assert newer.gan().config.subpixels == 2
    drawn = newer.gan().sample(3, seed=0)
    assert (drawn == -1).any()
    assert not (older.gan().sample(3, seed=0) == -1).any()


def test_a_conditional_one_begins_with_the_strokes_of_one_that_knows_no_classes():
    plain, conditional = trainer("style"), trainer("style", conditional=True)
    conditional.begin_from(plain.gan(), {"name": "plain"})
    carried = conditional.state.generator.state_dict()
    for name, weight in plain.state.average.synthesis.state_dict().items():
        assert torch.equal(carried[f"synthesis.{name}"], weight)
    assert "mapping.embedding.weight" in conditional.origin["new"]
    assert "mapping.layers.0.weight" in conditional.origin["new"]  # it has twice the inputs
    assert "mapping.layers.1.weight" not in conditional.origin["new"]
    conditional.iterate()
    with pytest.raises(UserError, match="classes is 0 there and 10 here"):
        trainer("mlp", conditional=True).begin_from(trainer("mlp").gan(), {"name": "plain"})


@pytest.mark.parametrize(("model", "subpixels"), [("mlp", 2), ("style", 0), ("style", 9), ("style", 2.0)])
def test_subpixels_that_a_model_cannot_have(model, subpixels):
    with pytest.raises(UserError, match=f"subpixels of a {model} are 1"):
        Config(model=model, subpixels=subpixels)
