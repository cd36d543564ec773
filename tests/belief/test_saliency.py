"""Slopes of D: of a linear one they are known, of others finite differences tell them."""

import numpy as np
import pytest
import torch
from helpers.gans import small_gan
from torch import nn

from gan_demo.belief import saliency
from gan_demo.gan import GAN
from gan_demo.networks import Discriminator
from gan_demo.pixels import from_pixels, to_pixels


def linear_gan(weights):
    """A GAN whose D is D(x) = w . x, with w (28, 28), in float64."""
    gan = small_gan("mlp")
    with torch.device("meta"):  # where nothing is drawn
        discriminator = Discriminator(nn.Sequential(nn.Flatten()), 784, "none", 0)
    discriminator.head.weight = nn.Parameter(weights.reshape(1, 784).clone())
    discriminator.head.bias = nn.Parameter(torch.zeros(1, dtype=weights.dtype))
    return GAN(gan.generator, discriminator, gan.config)


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def grey(level=128):
    return np.full((28, 28), level, np.uint8)


def test_the_gradient_of_a_linear_d_is_its_weights_noise_or_not():
    weights = noise(28, 28)
    gan, images = linear_gan(weights), noise(3, 1, 28, 28, seed=1)
    assert torch.equal(saliency.input_gradient(gan, images), weights.expand(3, 1, 28, 28))
    torch.testing.assert_close(saliency.smoothgrad(gan, images[0]), weights[None])


@pytest.mark.parametrize("model", ["mlp", "dcgan"])
@pytest.mark.parametrize("classes", [0, 10])
def test_the_gradient_is_what_finite_differences_give(model, classes):
    gan = small_gan(model, seed=3, classes=classes)
    gan.discriminator.double()
    images, labels = noise(2, 1, 28, 28).clamp(-1, 1), [3, 7] if classes else None
    gradient = saliency.input_gradient(gan, images, labels)
    for seed in range(3):
        direction, h = noise(2, 1, 28, 28, seed=10 + seed), 1e-6
        ahead, behind = (gan.score(images + sign * h * direction, labels) for sign in (1, -1))
        torch.testing.assert_close((gradient * direction).sum((1, 2, 3)), (ahead - behind) / (2 * h), rtol=1e-5, atol=0)


def test_smoothgrad_is_the_mean_over_noisy_copies_and_of_a_seed():
    gan = small_gan("mlp", seed=2)
    image = from_pixels(torch.from_numpy(grey()))[None]
    random = torch.Generator().manual_seed(5)
    copies = image + 0.3 * torch.randn((4, 1, 28, 28), generator=random)  # 15 % of the range from -1 to 1
    wanted = torch.stack([saliency.input_gradient(gan, copy[None])[0] for copy in copies]).mean(0)
    found = saliency.smoothgrad(gan, image, samples=4, seed=5)
    torch.testing.assert_close(found, wanted)
    assert torch.equal(found, saliency.smoothgrad(gan, image, samples=4, seed=5))
    assert not torch.equal(found, saliency.smoothgrad(gan, image, samples=4, seed=6))


def test_it_leaves_no_gradient_on_the_weights_and_works_inside_inference_mode():
    gan = small_gan("mlp")
    with torch.inference_mode():
        slope = saliency.smoothgrad(gan, from_pixels(torch.from_numpy(grey()))[None])
    assert slope.abs().sum() > 0
    assert all(parameter.grad is None for parameter in gan.discriminator.parameters())


def test_a_step_goes_along_the_weights_of_a_linear_d():
    """x + length w / |w|, of which no pixel leaves the range; the output rises by length |w|."""
    weights = noise(28, 28).float()
    gan = linear_gan(weights)
    start = from_pixels(torch.from_numpy(grey()))
    steps = saliency.ascend(gan, grey(), steps=3, length=4.0)
    for number, step in enumerate(steps, 1):
        wanted = to_pixels(start + number * 4.0 * weights / weights.norm()).numpy()
        assert np.abs(step.pixels.astype(int) - wanted).max() <= 2  # rounded once a step
    assert steps[0].output == pytest.approx(float((start * weights).sum() + 4.0 * weights.norm()), rel=0.02)


def test_every_step_is_more_real_and_its_output_is_of_the_very_pixels():
    gan = small_gan("dcgan", seed=4)
    pixels = to_pixels(gan.sample(1, 3))[0, 0].numpy()
    outputs = [float(gan.score(from_pixels(torch.from_numpy(pixels))[None, None]))]
    steps = saliency.ascend(gan, pixels)
    assert len(steps) == saliency.STEPS
    for step in steps:
        again = float(gan.score(from_pixels(torch.from_numpy(step.pixels.copy()))[None, None]))
        assert step.output == pytest.approx(again, abs=1e-6)
        outputs.append(step.output)
    assert (np.diff(outputs) > 0).all()


def test_at_the_top_and_on_a_plain_the_climb_ends():
    white = linear_gan(torch.ones(28, 28))
    assert saliency.ascend(white, grey(255)) == []
    assert len(saliency.ascend(white, grey(250))) < saliency.STEPS
    assert saliency.ascend(linear_gan(torch.zeros(28, 28)), grey()) == []
    assert saliency.ascend(linear_gan(torch.full((28, 28), torch.nan)), grey()) == []


def test_a_conditional_d_is_climbed_as_the_digit_it_is_asked_about():
    gan = small_gan("mlp", seed=3, classes=10)
    gan.discriminator.embedding.weight.data *= 100
    first = [saliency.ascend(gan, grey(), digit, steps=1)[0].pixels for digit in (1, 2)]
    assert not np.array_equal(*first)
