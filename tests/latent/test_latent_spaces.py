import math

import pytest
import torch
from helpers.gans import small_gan

from gan_demo import UserError
from gan_demo.latent import direction_methods, direction_search, paths
from gan_demo.latent.spaces import SPACES, LatentSpace, spaces_of


@pytest.fixture(scope="module", params=[0, 3], ids=["unconditional", "conditional"])
def gan(request):
    gan = small_gan("style", classes=request.param, generator_widths=(6, 6, 5, 4))
    random = torch.Generator().manual_seed(4)
    gan.generator.mapping.mean.normal_(generator=random)
    for layer in gan.generator.synthesis.layers:
        layer.noise_strength.data.fill_(0.5)
    return gan


def asked(gan, n):
    return torch.arange(n) % 3 if gan.config.classes else None


def test_each_model_has_its_spaces():
    assert spaces_of(small_gan("mlp")) == spaces_of(small_gan("dcgan")) == ("z",)
    assert spaces_of(small_gan("style")) == SPACES
    with pytest.raises(UserError, match="no space 'w': choose from z"):
        LatentSpace(small_gan("mlp"), "w")


@pytest.mark.parametrize("name", SPACES)
def test_a_latent_has_the_same_picture_in_each_space(gan, name):
    z, labels = gan.latents(4, seed=1), asked(gan, 4)
    space = LatentSpace(gan, name)
    points = space.of(z, labels)
    assert points.shape == ((4, 6, 5) if name == "w+" else (4, 5))
    torch.testing.assert_close(space.generate(points, labels), gan.generate(z, labels))


@pytest.mark.parametrize("name", ["w", "w+"])
def test_truncation_goes_through_the_mean_to_the_other_side(gan, name):
    z, labels = gan.latents(4, seed=1), asked(gan, 4)
    space = LatentSpace(gan, name)
    points, mean = space.of(z, labels), gan.generator.mapping.mean[0 if labels is None else labels]
    mean = mean.expand(4, 5) if name == "w" else mean.expand(4, 5)[:, None].expand(4, 6, 5)
    for psi in (1.5, 0.5, 0.0, -1.0):
        torch.testing.assert_close(space.truncate(points, psi, labels), mean + psi * (points - mean), rtol=0, atol=2e-3)
    # The truncation of the addresses, a shorter z, is the same.
    short = space.of(gan.latents(4, seed=1, truncation=0.5), labels)
    torch.testing.assert_close(space.truncate(points, 0.5, labels), short, rtol=0, atol=2e-3)


def test_ways_are_arcs_in_z_and_straight_in_w(gan):
    z, labels, at = gan.latents(2, seed=3), asked(gan, 2), torch.tensor([0.0, 0.25, 1.0], dtype=torch.float64)
    torch.testing.assert_close(LatentSpace(gan, "z").route(z, at)[1], paths.slerp(z[0], z[1], 0.25))
    for name in ("w", "w+"):
        space = LatentSpace(gan, name)
        points = space.of(z, labels)
        way = space.route(points, at)
        assert torch.equal(way[[0, 2]], points)
        torch.testing.assert_close(way[1], 0.75 * points[0] + 0.25 * points[1])


def test_distances_from_the_middle_and_the_band_in_which_most_lie(gan):
    z, labels = gan.latents(400, seed=5), asked(gan, 400)
    for name in SPACES:
        space = LatentSpace(gan, name)
        away, (low, high) = space.distances(space.of(z, labels), labels), space.band()
        inside = ((away > low * 0.999) & (away < high * 1.001)).float().mean().item()
        if name == "w":
            in_w = away
        if name == "w+":  # the same w in each layer is as far away as it is in w
            torch.testing.assert_close(away, in_w)
        assert inside == (1.0 if name == "z" else pytest.approx(0.95, abs=0.03))
    assert LatentSpace(gan, "z").band() == (math.sqrt(5), math.sqrt(5))
    assert LatentSpace(small_gan("mlp"), "z").band() == paths.norm_band(5, 0.95)


def test_mixed_styles_are_those_of_one_point_up_to_a_size_and_of_the_other_from_there(gan):
    space, labels = LatentSpace(gan, "w+"), asked(gan, 2)
    assert space.cuts == {7: 0, 14: 2, 28: 4}
    coarse, fine = space.of(gan.latents(2, seed=1), labels)[:, None].unbind(0)
    assert torch.equal(space.mix(coarse, fine, 0), fine)
    assert torch.equal(space.mix(coarse, fine, 6), coarse)
    mixed = space.mix(coarse, fine, space.cuts[14])
    assert torch.equal(mixed[:, :2], coarse[:, :2])
    assert torch.equal(mixed[:, 2:], fine[:, 2:])
    with pytest.raises(UserError, match="mixed in w"):
        LatentSpace(gan, "w").mix(coarse, fine, 1)


def test_noise_of_ones_own_in_any_space(gan):
    z, labels = gan.latents(2, seed=1), asked(gan, 2)
    silent = [torch.zeros_like(noise) for noise in gan.generator.synthesis.own_noise()]
    pictures = [
        LatentSpace(gan, name).generate(LatentSpace(gan, name).of(z, labels), labels, silent) for name in SPACES
    ]
    assert not torch.allclose(pictures[0], gan.generate(z, labels), atol=1e-3)
    for other in pictures[1:]:
        torch.testing.assert_close(other, pictures[0])


def test_matrices_are_the_slopes_of_the_first_affine_maps(gan):
    """By autograd: of the mapping's first layer before its ReLU in z, of all styles in w."""
    mapping, layers = gan.generator.mapping, gan.generator.synthesis.layers
    z = torch.zeros(mapping.layers[0].weight.shape[1])
    slope = torch.autograd.functional.jacobian(mapping.layers[0], z)[:, :5]
    torch.testing.assert_close(LatentSpace(gan, "z").matrix().float(), slope)
    slopes = [torch.autograd.functional.jacobian(layer.convolution.style, torch.zeros(5)) for layer in layers]
    torch.testing.assert_close(LatentSpace(gan, "w").matrix().float(), torch.cat(slopes))
    with pytest.raises(UserError, match="matrix of its own"):
        LatentSpace(gan, "w+").matrix()
    features = direction_methods.early_features(gan, gan.latents(3, 0), asked(gan, 3))
    torch.testing.assert_close(features, LatentSpace(gan, "w").of(gan.latents(3, 0), asked(gan, 3)))


def test_directions_of_a_style_model_are_found():
    found = direction_search.find(small_gan("style", seed=2), samples=60, probes=4)
    assert {direction.name.split("-")[0] for direction in found.all} >= {"pca", "sefa"}
