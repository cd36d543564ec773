"""Interpolation, against what can be worked out by hand."""

import math

import pytest
import torch
from scipy.stats import chi

from gan_demo.latent.paths import PATHS, lerp, norm_band, pack, path, positions, route, slerp, stops, unpack, vary


def latents(n: int, d: int = 64, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_a_quarter_turn_in_the_plane_passes_through_the_diagonal():
    a, b = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0])
    third = slerp(a, b, 1 / 3)  # 30 degrees
    torch.testing.assert_close(third, torch.tensor([math.sqrt(3), 1.0]), rtol=0, atol=1e-6)
    torch.testing.assert_close(slerp(a, b, 0.5), torch.tensor([math.sqrt(2)] * 2), rtol=0, atol=1e-6)
    torch.testing.assert_close(lerp(a, b, 0.25), torch.tensor([1.5, 0.5]), rtol=0, atol=0)


def test_latents_of_different_norm_keep_the_published_weights():
    # 60 degrees apart: at the middle both weights are sin(30)/sin(60) = 1/sqrt(3).
    a, b = torch.tensor([1.0, 0.0]), 4 * torch.tensor([0.5, math.sqrt(3) / 2])
    torch.testing.assert_close(slerp(a, b, 0.5), (a + b) / math.sqrt(3))


def test_the_spherical_way_keeps_the_norm_and_the_straight_one_does_not():
    a, b = latents(2)
    b = b * (a.norm() / b.norm())
    norms = path(a, b, 9).norm(dim=1)
    torch.testing.assert_close(norms, a.norm().expand(9), rtol=1e-6, atol=0)
    cosine = float(a @ b / a.norm() ** 2)
    middle = float(path(a, b, 3, "linear")[1].norm() / a.norm())
    assert middle == pytest.approx(math.sqrt((1 + cosine) / 2), rel=1e-5)  # the median of an isosceles triangle
    assert middle < 0.9


@pytest.mark.parametrize("kind", PATHS)
def test_the_ends_are_exact(kind):
    for seed in range(20):
        a, b = latents(2, seed=seed)
        frames = path(a, b, 7, kind)
        assert frames.shape == (7, 64)
        assert frames.dtype == torch.float32
        assert torch.equal(frames[0], a)
        assert torch.equal(frames[-1], b)


def test_the_end_is_exact_where_it_is_nearly_opposite():
    (a,) = latents(1)
    b = -a
    b[0] = torch.nextafter(b[0], torch.tensor(math.inf))
    frames = path(a, b, 3)
    assert torch.equal(frames[0], a)
    assert torch.equal(frames[-1], b)


def test_in_float64_nothing_is_rounded_to_float32():
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    assert lerp(zero, one, 1 / 3).item() == 1 / 3
    assert path(zero, one, 4, "linear")[1].item() == pytest.approx(1 / 3, abs=1e-15)
    assert positions(2, 2, finer=3).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1e-15)
    assert positions(2, 4).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1e-15)
    assert positions(3, 6).dtype == torch.float64


def test_equal_steps_are_equal_angles():
    a, b = latents(2)
    b = b * (a.norm() / b.norm())
    frames = path(a, b, 6).double()
    angles = torch.nn.functional.cosine_similarity(frames[:-1], frames[1:]).acos()
    torch.testing.assert_close(angles, angles[:1].expand(5), rtol=1e-5, atol=0)


def test_parallel_and_nearly_parallel_latents():
    (a,) = latents(1)
    torch.testing.assert_close(slerp(a, a, 0.3), a)
    torch.testing.assert_close(slerp(a, 3 * a, 0.5), 2 * a)
    for distance in (1e-3, 1e-5, 1e-7):
        b = a + distance * latents(1, seed=1)[0]
        torch.testing.assert_close(slerp(a, b, 0.5), (a + b) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("blur", [0.0, 1e-8, 1e-4])
def test_opposite_latents_go_half_round_at_constant_norm(blur):
    (a,) = latents(1)
    b = -a + blur * latents(1, seed=1)[0]
    b = b * (a.norm() / b.norm())
    frames = path(a, b, 5).double()
    assert torch.isfinite(frames).all()
    torch.testing.assert_close(frames.norm(dim=1), a.double().norm().expand(5), rtol=1e-3, atol=0)
    quarter = torch.nn.functional.cosine_similarity(frames[2], a.double(), dim=0)
    assert abs(float(quarter)) < 1e-3
    assert torch.equal(path(a, b, 5), path(a, b, 5))


def test_the_rule_for_opposite_latents_is_the_same_alone_and_among_others():
    """Through the axis that the first leans to least, on its positive side."""
    a = torch.tensor([[2.0, 0.0], [0.0, -3.0], [-1.0, 0.0]])
    wanted = torch.tensor([[0.0, 2.0], [3.0, 0.0], [0.0, 1.0]])
    torch.testing.assert_close(slerp(a, -a, 0.5), wanted, rtol=0, atol=1e-6)
    many = latents(5)
    rows = torch.stack([slerp(row, -row, 0.3) for row in many])
    torch.testing.assert_close(slerp(many, -many, 0.3), rows)


def test_the_norm_changes_evenly_on_a_half_turn_between_different_norms():
    (a,) = latents(1)
    frames = path(a, -3 * a, 5).double()
    wanted = a.double().norm() * torch.tensor([1, 1.5, 2, 2.5, 3], dtype=torch.float64)
    torch.testing.assert_close(frames.norm(dim=1), wanted, rtol=1e-6, atol=0)
    angles = torch.nn.functional.cosine_similarity(frames, a.double(), dim=1).clamp(-1, 1).acos()
    torch.testing.assert_close(angles, torch.linspace(0, math.pi, 5).double(), rtol=0, atol=1e-3)


def test_the_zero_vector_is_left_in_a_straight_line():
    (a,) = latents(1)
    torch.testing.assert_close(slerp(torch.zeros(64), a, 0.25), a / 4)
    assert torch.equal(slerp(torch.zeros(64), torch.zeros(64), 0.5), torch.zeros(64))


def test_on_a_line_there_is_no_way_round():
    torch.testing.assert_close(slerp(torch.tensor([1.0]), torch.tensor([-2.0]), 0.5), torch.tensor([-0.5]))


def test_batches_are_rows_of_their_own():
    a, b = latents(6).split(3)
    t = torch.tensor([0.0, 0.4, 1.0])
    rows = torch.stack([slerp(a[i], b[i], float(t[i])) for i in range(3)])
    torch.testing.assert_close(slerp(a, b, t), rows)
    assert slerp(a, b, torch.linspace(0, 1, 5)[:, None]).shape == (5, 3, 64)
    torch.testing.assert_close(slerp(a, b, 0.4)[1], rows[1])


def test_every_way_point_is_a_frame_and_frames_between_are_even():
    assert stops(2, 12) == [0, 11]
    assert stops(3, 12) == [0, 5, 11]
    assert stops(4, 4) == [0, 1, 2, 3]
    assert positions(3, 6).tolist() == pytest.approx([0, 0.5, 1, 4 / 3, 5 / 3, 2])
    assert positions(2, 3, finer=2).tolist() == [0, 0.25, 0.5, 0.75, 1]
    for points in range(2, 9):
        for steps in range(points, 25):
            at = positions(points, steps, 3)
            assert at[[3 * stop for stop in stops(points, steps)]].tolist() == list(range(points))
            assert (at.diff() > 0).all()
            assert len(at) == (steps - 1) * 3 + 1


def test_a_way_through_three_points_of_the_plane():
    points = torch.tensor([[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0]])
    at = torch.tensor([0, 1 / 3, 1, 1.5, 2], dtype=torch.float64)
    half = math.sqrt(2)
    round_ = torch.tensor([[2, 0], [math.sqrt(3), 1], [0, 2], [-half, half], [-2, 0]])
    torch.testing.assert_close(route(points, at), round_, rtol=0, atol=1e-6)
    straight = torch.tensor([[2, 0], [4 / 3, 2 / 3], [0, 2], [-1, 1], [-2, 0]])
    torch.testing.assert_close(route(points, at, "linear"), straight, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", PATHS)
def test_a_way_through_two_points_is_the_path(kind):
    a, b = latents(2)
    torch.testing.assert_close(route(torch.stack([a, b]), positions(2, 7), kind), path(a, b, 7, kind))


def test_a_variation_by_hand_and_distributed_as_the_prior():
    z, noise = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 3.0])
    torch.testing.assert_close(vary(z, noise, 0.6), torch.tensor([2.4, 1.8]))  # of the same norm
    assert torch.equal(vary(z, noise, 0.0), z)
    assert torch.equal(vary(z, noise, 1.0), noise)
    many = latents(20_000, 8)
    near = vary(many[:10_000], many[10_000:], 0.7)
    # Four standard errors of 80,000 draws; a plain sum would have a variance of 1.49.
    assert near.var().item() == pytest.approx(1, abs=4 * math.sqrt(2 / 80_000))
    assert (near * many[:10_000]).mean().item() == pytest.approx(math.sqrt(1 - 0.49), abs=0.02)


def test_the_band_of_norms_is_that_of_the_chi_distribution():
    # In the plane the norm is Rayleigh distributed: half of it below sqrt(2 log 2).
    low, high = norm_band(2, 0.5)
    assert low == pytest.approx(math.sqrt(2 * math.log(4 / 3)))
    assert high == pytest.approx(math.sqrt(2 * math.log(4)))
    for d in (1, 64, 100, 8192):
        assert norm_band(d, 0.95) == pytest.approx(tuple(chi.ppf((0.025, 0.975), d)), rel=1e-9)
    norms = latents(1000).norm(dim=1)
    assert 0.93 < ((norms > norm_band(64)[0]) & (norms < norm_band(64)[1])).float().mean() < 0.97


@pytest.mark.parametrize("count", [1, 2, 3, 64, 256])
def test_a_latent_is_text_and_back(count):
    z = latents(1, count)[0].half().float()
    text = pack(z)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(text) == math.ceil(count * 16 / 6)
    found = unpack(text)
    assert found.dtype == torch.float32
    assert torch.equal(found, z)


def test_a_latents_text_by_hand():
    # float16 of 1 is 0x3c00 and of -2 0xc000, the low byte first; all 64 characters are those of base64url.
    assert pack(torch.tensor([1.0, -2.0])) == "ADwAwA"
    assert unpack("ADwAwA").tolist() == [1.0, -2.0]
    assert unpack("_3v_-w").tolist() == [65504.0, -65504.0]
    assert pack(torch.tensor([65504.0, -65504.0], requires_grad=True)) == "_3v_-w"


@pytest.mark.parametrize(
    "z", [torch.zeros(0), torch.zeros(257), torch.zeros(1, 2), torch.tensor([1.0, math.nan]), torch.tensor([7e4])]
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_what_is_no_latent_has_no_text(z):
    with pytest.raises(ValueError, match="1 to 256 finite numbers"):
        pack(z)


@pytest.mark.parametrize(
    "text",
    # Nothing, an odd byte, not base64, the signs of plain base64, other spellings of ADw, NaN, infinity, 257 numbers.
    [
        "",
        "AA",
        "ADwA",
        "AD",
        "A",
        "AD w",
        "ADwé",
        "/3v/+w",
        "ADx",
        "ADw=",
        "AH4",
        "AHw",
        pack(torch.zeros(256)) + "AAA",
    ],
)
def test_a_text_that_is_no_latent(text):
    with pytest.raises(ValueError, match="latent"):
        unpack(text)
