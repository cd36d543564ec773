"""What fresh noise changes, against drawing each picture by itself."""

import pytest
import torch
from helpers.gans import small_gan

from gan_demo import UserError
from gan_demo.classifier import load_classifier
from gan_demo.latent import noise
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pixels import from_pixels, to_pixels


@pytest.fixture(scope="module", params=[0, 3], ids=["unconditional", "conditional"])
def gan(request):
    """Without noise at 14x14."""
    gan = small_gan("style", seed=3, classes=request.param)
    for index, layer in enumerate(gan.generator.synthesis.layers):  # one at 7x7, then two of each size
        layer.noise_strength.data.fill_(0.0 if index in (1, 2) else 0.7)
    return gan


def test_no_noise_is_that_of_a_generator_without_strength(gan):
    labels = [1, 2] if gan.config.classes else None
    z = gan.latents(2, seed=1)
    space = LatentSpace(gan, "w")
    w = space.of(z, labels)
    without = space.generate(w, labels, noise.off(gan))
    torch.testing.assert_close(space.generate(w, labels, noise.own(gan)), gan.generate(z, labels))
    strengths = [layer.noise_strength.data.clone() for layer in gan.generator.synthesis.layers]
    for layer in gan.generator.synthesis.layers:
        layer.noise_strength.data.zero_()
    torch.testing.assert_close(without, gan.generate(z, labels))
    for layer, strength in zip(gan.generator.synthesis.layers, strengths, strict=True):
        layer.noise_strength.data.copy_(strength)
    assert (without - gan.generate(z, labels)).abs().max() > 0.05


def test_each_pixel_has_its_standard_deviation_over_the_draws(gan):
    label = 2 if gan.config.classes else None
    z = gan.latents(1, seed=4)
    space = LatentSpace(gan, "w")
    found = noise.changes(gan, space.of(z, label), label)
    assert found.heights == (None, 7, 14, 28)
    assert found.spreads.shape == (4, 28, 28)
    drawn = {}
    for height in found.heights:
        fresh = noise.anew(gan, noise.DRAWS, height)
        alone = [
            space.generate(space.of(z, label), label, [one[at, None] for one in fresh]) for at in range(noise.DRAWS)
        ]
        drawn[height] = to_pixels(torch.cat(alone))
        spread = drawn[height][:, 0].float()
        wanted = ((spread - spread.mean(0)).square().sum(0) / (noise.DRAWS - 1)).sqrt()
        torch.testing.assert_close(found.spreads[found.heights.index(height)], wanted, rtol=0, atol=0.2)
    assert not found.spreads[2].any()  # it has no strength there
    assert (found.spreads[[0, 1, 3]].amax((1, 2)) > 1).all()
    own = load_classifier().predict(from_pixels(to_pixels(gan.generate(z, label))))
    others = (load_classifier().predict(from_pixels(drawn[None])) != own).sum().item()
    assert abs(found.others - others) <= 1  # of pictures that are a grey level apart
    assert found.spreads.equal(noise.changes(gan, space.of(z, label), label).spreads)
    in_w_plus = noise.changes(gan, LatentSpace(gan, "w+").of(z, label), label)
    torch.testing.assert_close(in_w_plus.spreads, found.spreads, rtol=0, atol=0.2)


def test_a_model_without_noise_is_told():
    gan = small_gan("dcgan")
    with pytest.raises(UserError, match="no noise"):
        noise.changes(gan, gan.latents(1, seed=1))
