"""Penalties of critics whose gradient is known: a linear one's is its weight, that of ||x||^2 / 2 is x."""

import pytest
import torch

from gan_demo.config import Config, build
from gan_demo.networks import initialise
from gan_demo.penalties import PENALTIES, clip

WITH_LOSS = [name for name, penalty in PENALTIES.items() if penalty.loss is not None]


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures(*shades):
    """One picture of 784 equal float64 pixels for each shade: its norm is 28 times the shade's size."""
    return torch.tensor(shades, dtype=torch.float64).view(-1, 1, 1, 1).expand(-1, 1, 28, 28).clone()


def quadratic(x):
    return x.square().flatten(1).sum(1) / 2


@pytest.mark.parametrize(
    ("name", "expected"), [("gradient", 4.0), ("dragan", 4.0), ("r1", 4.5), ("r2", 4.5), ("r1+r2", 9.0)]
)
def test_of_a_linear_critic_of_slope_3(name, expected):
    """(3 - 1)^2 = 4 and 3^2 / 2 = 4.5, wherever the pictures are."""
    weight = torch.full((784,), 3 / 28, dtype=torch.float64)
    penalty = PENALTIES[name].loss(lambda x: x.flatten(1) @ weight, pictures(0.2, -1), pictures(0.5, 1), random())
    assert penalty.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "real", "fake", "expected"),
    [
        ("r1", (1, 3), (7, 7), (784 + 9 * 784) / 2 / 2),
        ("r2", (7, 7), (1, 3), (784 + 9 * 784) / 2 / 2),
        ("r1+r2", (1, 3), (0, 2), (784 + 9 * 784) / 2 / 2 + 4 * 784 / 2 / 2),
        # Each picture is its own partner, so every mixture is the picture: slopes 28 and 84.
        ("gradient", (1, 3), (1, 3), (27**2 + 83**2) / 2),
        # A batch without any spread gets no noise.
        ("dragan", (2, 2), (9, 9), 55**2),
    ],
)
def test_of_a_quadratic_critic_is_of_each_picture_on_its_own(name, real, fake, expected):
    penalty = PENALTIES[name].loss(quadratic, pictures(*real), pictures(*fake), random())
    assert penalty.item() == pytest.approx(expected, rel=1e-9)


def seen_by_the_critic(name, real, fake):
    seen = []

    def critic(x):
        seen.append(x.detach().clone())
        return quadratic(x)

    PENALTIES[name].loss(critic, real, fake, random(1))
    assert len(seen) == 1
    return seen[0]


def test_gradient_looks_between_each_pair_with_a_share_of_its_own():
    places = seen_by_the_critic("gradient", pictures(*[1.0] * 500), pictures(*[0.0] * 500))
    shares = places.flatten(1)[:, 0]
    assert torch.equal(places, shares.view(-1, 1, 1, 1).expand_as(places))  # one share a picture
    assert shares.min() >= 0
    assert shares.max() <= 1
    assert shares.mean().item() == pytest.approx(1 / 2, abs=0.05)
    assert shares.std().item() == pytest.approx(12**-0.5, abs=0.02)  # of a uniform number


def test_dragan_looks_around_real_pictures_only():
    real = pictures(-1.0, 1.0, -1.0, 1.0)
    places = seen_by_the_critic("dragan", real, pictures(*[torch.nan] * 4))
    noise = (places - real).flatten()
    assert noise.mean().abs() < 0.03
    assert noise.std().item() == pytest.approx(real.std().item() / 2, rel=0.03)
    assert (noise.abs() < real.std() / 2).double().mean().item() == pytest.approx(0.683, abs=0.03)  # normal
    own = noise.view(4, -1).corrcoef() - torch.eye(4)
    assert own.abs().max() < 0.2  # each picture has noise of its own


@pytest.mark.parametrize("name", WITH_LOSS)
def test_a_critic_without_slope_has_a_finite_gradient(name):
    weight = torch.zeros(784, requires_grad=True)
    real = pictures(0.0, 1.0).float()
    penalty = PENALTIES[name].loss(lambda x: x.flatten(1) @ weight, real, real, random())
    penalty.backward()
    assert penalty.item() == pytest.approx(1.0 if name in ("gradient", "dragan") else 0.0, abs=1e-5)
    assert weight.grad.isfinite().all()


@pytest.mark.parametrize("name", WITH_LOSS)
def test_the_critics_weights_learn_from_it(name):
    """Autograd through a gradient, against finite differences in the weights of a small tanh network."""
    first = torch.randn(6, 3, generator=random(2), dtype=torch.float64, requires_grad=True)
    last = torch.randn(3, generator=random(3), dtype=torch.float64, requires_grad=True)
    real, fake = (torch.randn(4, 1, 28, 28, generator=random(seed), dtype=torch.float64) for seed in (4, 5))

    def penalty(first, last):
        return PENALTIES[name].loss(lambda x: torch.tanh(x.flatten(1)[:, :6] @ first) @ last, real, fake, random(6))

    assert torch.autograd.gradcheck(penalty, (first, last))


@pytest.mark.parametrize("name", WITH_LOSS)
def test_the_generator_does_not_learn_from_it(name):
    fake = pictures(1.0, 2.0).requires_grad_()
    weight = torch.ones(784, dtype=torch.float64, requires_grad=True)
    PENALTIES[name].loss(lambda x: quadratic(x) + x.flatten(1) @ weight, pictures(1.0, 2.0), fake, random()).backward()
    assert fake.grad is None


def test_clip_brings_every_weight_into_the_bounds_and_leaves_the_others():
    _, discriminator = build(Config(model="mlp", discriminator_widths=(8,), classes=10), "cpu")
    initialise(discriminator, random())
    before = [parameter.clone() for parameter in discriminator.parameters()]
    clip(discriminator, 0.02)
    for was, now in zip(before, discriminator.parameters(), strict=True):
        assert torch.equal(now, was.clamp(-0.02, 0.02))
