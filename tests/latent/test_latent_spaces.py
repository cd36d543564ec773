import base64
import math

import pytest
import torch
from helpers.gans import small_gan

from gan_demo import UserError
from gan_demo.checkpoint import checksum
from gan_demo.cli.directions import format_compared
from gan_demo.latent import direction_methods, direction_search, paths
from gan_demo.latent.directions import Directions
from gan_demo.latent.spaces import LETTERS, SPACES, LatentSpace, read, spaces_of


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


@pytest.mark.parametrize("classes", [0, 3])
def test_directions_of_a_style_model_are_found_in_z_and_in_w(tmp_path, classes):
    gan = small_gan("style", seed=2, classes=classes)
    for style in gan.generator.synthesis.styles():
        style.weight.data.mul_(5)
    gan.save_pretrained(tmp_path)
    found = direction_search.find(gan, checksum(tmp_path), samples=200, probes=4)
    found.save(tmp_path)
    again, in_w = Directions.from_pretrained(tmp_path), found.within("w")
    for one, other in ((again, found), (again.within("w"), in_w)):
        assert (one.all, one.spread, one.probes) == (other.all, other.spread, other.probes)
        assert torch.equal(one.vectors, other.vectors)
        assert torch.equal(one.still, other.still)
    assert again.within("z") is again
    assert {one.kind for one in in_w.all} == {one.kind for one in found.all} >= {"measure", "pca", "sefa"}

    # One unit is one standard deviation of w around the mean of its class, by the inverse of the covariance.
    space = LatentSpace(gan, "w")
    labels = asked(gan, 200)
    w = space.of(gan.latents(200, direction_search.SEED), labels).double()
    for label in range(classes or 1):
        rows = labels == label if classes else slice(None)
        w[rows] -= w[rows].mean(0)
    inverse = torch.linalg.inv(w.T @ w / len(w))
    for vectors in (in_w.vectors, in_w.still):
        squares = torch.einsum("kd,de,ke->k", vectors.double(), inverse, vectors.double())
        torch.testing.assert_close(squares, torch.ones(len(vectors), dtype=torch.float64), rtol=0, atol=1e-4)
    # Still directions leave what linear models of the others say; 5 numbers have room for 4 models.
    names = [one.name for one in in_w.all if one.kind in ("measure", "digit")]
    others = torch.stack([in_w.vector(name).double() @ inverse for name in names if name != "slant"])
    assert not classes or (others @ in_w.vector("slant", still=True).double()).abs().max() < 1e-4

    starts, labels = space.of(gan.latents(4, direction_search.SEED + 1), asked(gan, 4)), asked(gan, 4)
    ways = [direction_search.measure(gan, in_w.move(starts, {"slant": way}), labels, space="w") for way in (2.0, -2.0)]
    wanted = ((ways[0] - ways[1])[:, 0].mean() / 4).item()
    effect = next(one for one in in_w.all if one.name == "slant").effect
    assert effect.moves["slant"] == pytest.approx(wanted, rel=1e-3, abs=1e-3)

    pairs = found.compared()
    assert {one.name for one, _ in pairs} == set(names)
    assert all(other in in_w.all and other.name == one.name for one, other in pairs)
    fits = [[one.fit for one in pair] for pair in pairs if pair[0].kind == "measure"]
    assert found.linearity() == pytest.approx(tuple(sum(some) / len(fits) for some in zip(*fits, strict=True)))
    assert f"R2 of slant{pairs[0][0].fit:>13.3f}{pairs[0][1].fit:>8.3f}" in format_compared(found)


def test_other_models_have_directions_in_z_only():
    found = direction_search.find(small_gan("mlp"), samples=60, probes=2)
    assert found.within("z") is found
    assert (found.compared(), found.linearity()) == ([], None)
    with pytest.raises(UserError, match="no directions were found in w"):
        found.within("w")


def test_a_w_leads_to_each_layer_and_never_back(gan):
    w, labels = LatentSpace(gan, "w").of(gan.latents(3, seed=1), asked(gan, 3)), asked(gan, 3)
    wide = LatentSpace(gan, "w+").of(w, labels, "w")
    assert torch.equal(wide, LatentSpace(gan, "w+").of(gan.latents(3, seed=1), labels))
    assert torch.equal(LatentSpace(gan, "w+").of(wide, labels, "w+"), wide)
    for name, space, points in (("z", "w", w), ("z", "w+", wide), ("w", "w+", wide)):
        with pytest.raises(UserError, match=f"a point of {space.replace('+', '.')} has none of its own in {name}"):
            LatentSpace(gan, name).of(points, labels, space)


@pytest.mark.parametrize("name", SPACES)
def test_a_point_is_text_and_back(gan, name):
    space = LatentSpace(gan, name)
    (point,) = space.of(gan.latents(1, seed=1), asked(gan, 1))
    kept, (found, again) = space.rounded(point), read(gan, LETTERS[name] + space.pack(point))
    assert torch.equal(kept, again)
    assert (found.name, again.shape) == (name, space.shape)
    torch.testing.assert_close(kept, point, rtol=1e-3, atol=float(point.abs().max()) / 250 if name == "w+" else 1e-6)
    assert torch.equal(space.rounded(torch.stack([point, -point])), torch.stack([kept, -kept]))
    for wrong in (space.pack(point)[:-4], "", "*"):
        with pytest.raises(UserError, match="point"):
            space.unpack(wrong)
    with pytest.raises(UserError, match="a latent begins with one of L, w, W, not with 'x'"):
        read(gan, "x")
    with pytest.raises(UserError, match="no space 'w'"):
        read(small_gan("mlp"), "wADw")


def test_points_with_too_many_numbers_for_a_text_stay_points():
    space = LatentSpace(small_gan("style", latent_dim=128), "w+")
    point = torch.randn(space.shape, generator=torch.Generator().manual_seed(1))
    assert torch.equal(space.rounded(point), point.half().float())
    with pytest.raises(ValueError, match="512"):
        space.pack(point)


def test_the_eight_bits_of_a_point_by_hand():
    # The largest is 254, so that a step is 2, float16 0x4000, little end first; then -127, 63.5 to even, 0 and 1.
    text = paths.pack_8(torch.tensor([-254.0, 127.0, 0.9, 2.0]))
    assert base64.urlsafe_b64decode(text + "==") == bytes([0x00, 0x40, 0x81, 64, 0, 1])
    assert paths.unpack_8(text).tolist() == [-254, 128, 0, 2]
    for scale in (1e-9, 1e-3, 1.0, 60_000.0):
        point = scale * torch.randn(300, generator=torch.Generator().manual_seed(2)).clamp(-1, 1)
        kept = paths.unpack_8(paths.pack_8(point))
        assert (kept - point).abs().max() <= max(point.abs().max() / 253, 2**-15)
        assert paths.pack_8(kept) == paths.pack_8(point)
    for wrong in (torch.zeros(513), torch.zeros(0), torch.tensor([torch.nan]), torch.tensor([66_000.0])):
        with pytest.raises(ValueError, match="finite"):
            paths.pack_8(wrong)
    # A step that is not the least: 1 of 127; infinite, NaN, negative, 0; -128; no number; no base64.
    for content in (
        [0, 0x3C, 1],
        [0, 0x7C, 127],
        [1, 0x7C, 127],
        [0, 0xBC, 127],
        [0, 0, 127],
        [0, 0x3C, 128],
        [0, 0x3C],
    ):
        with pytest.raises(ValueError, match="not a point"):
            paths.unpack_8(base64.urlsafe_b64encode(bytes(content)).decode().rstrip("="))
    with pytest.raises(ValueError, match="not a point"):
        paths.unpack_8("A B*")
