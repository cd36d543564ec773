"""Units of a generator that are switched off or doubled: against networks whose weights say the same."""

import threading

import pytest
import torch
from helpers.gans import small_gan

from gan_demo.classifier import load_classifier
from gan_demo.latent import ink, strokes, units
from gan_demo.pixels import from_pixels, to_pixels


@pytest.fixture(scope="module", params=["dcgan", "style", "asked"])
def gan(request):
    """With larger weights, or the digits would be grey; "asked" is conditional."""
    model = "dcgan" if request.param == "asked" else request.param
    gan = small_gan(model, seed=3, classes=3 if request.param == "asked" else 0, training={"dataset": "mnist"})
    with torch.no_grad():
        for name, weight in gan.generator.named_parameters():
            if weight.ndim > 1 and "mapping" not in name:
                weight.mul_(2 if model == "style" else 20)
    return gan


def asked(gan, n):
    return torch.arange(n) % 3 if gan.config.classes else None


def test_layers_are_those_with_channels(gan):
    sizes = [tuple(layer) for layer in units.layers(gan)]
    if gan.config.model == "dcgan":
        assert sizes == [(0, 8, 7, 7), (1, 6, 14, 14)]
    else:
        assert sizes == [(0, 6, 7, 7), (1, 5, 14, 14), (2, 5, 14, 14), (3, 4, 28, 28), (4, 4, 28, 28)]
    assert units.layers(small_gan("mlp")) == ()


def test_a_unit_that_is_off_has_no_way_to_the_picture(gan):
    """The same picture comes from a network whose next convolution takes nothing of that channel."""
    z, labels = gan.latents(3, seed=1), asked(gan, 3)
    for layer in units.layers(gan):
        pictures = units.generate(gan, z, layer, layer.each([2], units.OFF), labels)
        weights = inputs_of(gan, layer.number)
        kept = [weight.detach().clone() for weight, _ in weights]
        with torch.no_grad():
            for weight, axis in weights:
                weight.select(axis, 2).zero_()
        if gan.config.model == "dcgan":
            torch.testing.assert_close(pictures, gan.generate(z, labels))
        with torch.no_grad():
            for (weight, _), before in zip(weights, kept, strict=True):
                weight.copy_(before)
        usual = gan.generate(z, labels)
        assert (pictures - usual).abs().max() > 1e-3
        torch.testing.assert_close(units.generate(gan, z, layer, layer.each([2], 1.0), labels), usual)
        # Its output is 0 there, and only there.
        seen = []

        def look(number, output, layer=layer, seen=seen):
            output = output * layer.each([2], units.OFF)[:, :, None, None] if number == layer.number else output
            seen.append(output)
            return output

        with torch.inference_mode():
            drawn = gan.generator(z, gan.labels(labels, 3), change=look)
        torch.testing.assert_close(drawn, pictures)
        assert not seen[layer.number][:, 2].any()
        plain = units.activations(gan, z, labels)[layer.number]
        others = [unit for unit in range(layer.channels) if unit != 2]
        torch.testing.assert_close(seen[layer.number][:, others], plain[:, others])


def inputs_of(gan, number):
    """The weights that take the output of a hidden layer, each with the axis of its inputs."""
    if gan.config.model != "dcgan":
        return []
    following = [layer for layer in gan.generator.layers if isinstance(layer, torch.nn.ConvTranspose2d)]
    return [(following[number].weight, 0)]


@pytest.mark.parametrize("factor", [units.OFF, units.DOUBLED])
def test_effects_are_those_of_each_unit_and_each_latent_alone(gan, factor):
    z, labels, layer = gan.latents(4, seed=2), asked(gan, 4), units.layers(gan)[-1]
    found = units.effects(gan, z, layer, layer.each([3, 0], factor), labels)
    assert found.shape == (2, 4, len(units.MEASURES))
    for row, unit in enumerate((3, 0)):
        for at in range(4):
            label = None if labels is None else labels[at, None]
            before = to_pixels(gan.generate(z[at, None], label))
            after = to_pixels(units.generate(gan, z[at, None], layer, layer.each([unit], factor), label))
            change = found[row, at]
            assert change[0] == pytest.approx((ink.of(after).sum() - ink.of(before).sum()).item(), abs=2)
            wanted = (ink.measure(after) - ink.measure(before))[0]
            torch.testing.assert_close(change[1:5], wanted, rtol=0, atol=0.5)
            assert change[5] == pytest.approx((strokes.loops(after) - strokes.loops(before)).item(), abs=1)
            read = load_classifier().logits(from_pixels(torch.cat([before, after]))).softmax(1)
            assert change[7] == pytest.approx((read[1] - read[0])[read[0].argmax()].item(), abs=0.02)
    assert found[..., 0].abs().max() > 1


def test_factors_of_each_unit_and_of_some_together():
    layer = units.Layer(0, 4, 7, 7)
    assert layer.each([2, 0], 0.0).tolist() == [[1, 1, 0, 1], [0, 1, 1, 1]]
    assert layer.together([2, 0], 2.0).tolist() == [[2, 1, 2, 1]]


def test_one_half_ranks_and_the_other_tells():
    change = torch.arange(24.0, dtype=torch.float64).view(2, 4, 3)
    ranks, told = units.halves(change)
    torch.testing.assert_close(ranks, change[:, :2].mean(1))
    torch.testing.assert_close(told, change[:, 2:].mean(1))


def test_changes_at_the_same_time_do_not_meet(gan):
    """Four threads, each with a unit of its own, and one without any, on one network."""
    z, labels, layer = gan.latents(8, seed=5), asked(gan, 8), units.layers(gan)[-1]
    everybody = [None, 0, 1, 2, 3]

    def draw(unit):
        if unit is None:
            return gan.generate(z, labels)
        return units.generate(gan, z, layer, layer.each([unit], units.OFF), labels)

    alone = [draw(unit) for unit in everybody]
    wrong, ready = [], threading.Barrier(len(everybody))

    def visit(unit, wanted):
        ready.wait()
        for _ in range(20):
            if not torch.allclose(draw(unit), wanted, atol=1e-5):
                wrong.append(unit)

    threads = [threading.Thread(target=visit, args=pair) for pair in zip(everybody, alone, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in gan.generator.modules())
