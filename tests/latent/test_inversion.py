"""Inversion, against a generator whose inverse is known, and pictures that were generated."""

import math

import numpy as np
import pytest
import scipy.optimize
import torch
from helpers.gans import small_gan, vivid_style
from torch import nn

from gan_demo import UserError
from gan_demo.config import Config
from gan_demo.gan import GAN
from gan_demo.latent import inversion
from gan_demo.latent.spaces import LatentSpace


class Linear(nn.Module):
    """G(z) = A z + b, with which the best latent is a least squares solution."""

    def __init__(self, dimensions: int, classes: int = 0) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(3)
        self.matrix = nn.Parameter(torch.randn(784, dimensions, generator=random) / 8)
        self.offset = nn.Parameter(torch.randn(784, generator=random) / 8)

    def forward(self, z, labels=None):
        flat = z @ self.matrix.T + self.offset
        if labels is not None:
            flat = flat + labels[:, None] / 10
        return flat.view(-1, 1, 28, 28)


def linear_gan(dimensions=6, classes=0):
    gan = small_gan("mlp", latent_dim=dimensions, classes=classes)
    return GAN(Linear(dimensions), gan.discriminator, Config(model="mlp", latent_dim=dimensions, classes=classes))


def picture(seed=0, n=1):
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def best(state, row=0):
    k = int(state.errors[row].argmin())
    return state.z[row, k], state.pictures[row, k], None if state.labels is None else int(state.labels[row, k])


def pictures_apart(gan):
    """The error that two random pictures of a model have of each other."""
    a, b = gan.sample(200, seed=5).split(100)
    return ((a - b) / 2).square().mean((1, 2, 3)).sqrt().median()


def test_a_linear_generator_is_inverted_as_least_squares_does(monkeypatch):
    monkeypatch.setattr(inversion, "PRIOR", 0.0)
    monkeypatch.setattr(inversion, "IMPROVEMENT", -1.0)  # to the end
    gan, x = linear_gan(), picture()
    last = inversion.invert(gan, inversion.whole(x))
    matrix, offset = (parameter.detach().double() for parameter in gan.generator.parameters())
    wanted = torch.linalg.lstsq(matrix, x.flatten().double() - offset).solution
    found, _, _ = best(last)
    torch.testing.assert_close(found.double(), wanted, rtol=0, atol=0.01)
    residual = (matrix @ wanted + offset - x.flatten()) / 2
    assert float(last.least) == pytest.approx(float(residual.square().mean().sqrt()), rel=1e-4)


def test_it_ends_where_the_error_and_the_prior_together_are_least(monkeypatch):
    """The error of this picture stays above NOISE, so the prior's weight is NOISE^2 PRIOR, or 0.01."""
    monkeypatch.setattr(inversion, "IMPROVEMENT", -1.0)  # to the end
    gan, x = linear_gan(), picture()
    found, _, _ = best(inversion.invert(gan, inversion.whole(x)))
    matrix, offset = (parameter.detach().double().numpy() for parameter in gan.generator.parameters())
    wanted = x.flatten().double().numpy()

    def price(z):
        r = np.sqrt(np.square(z).sum())
        return np.square((matrix @ z + offset - wanted) / 2).mean() + 0.01 * (r**2 / 2 - 5 * np.log(r)) / 6

    least = scipy.optimize.minimize(price, found.double().numpy(), tol=1e-12).x
    torch.testing.assert_close(found.double(), torch.from_numpy(least), rtol=0, atol=0.01)
    # Without the prior it would end elsewhere.
    alone = np.linalg.lstsq(matrix, wanted - offset, rcond=None)[0]
    assert np.abs(alone - least).max() > 0.1


def test_its_steps_are_those_of_adam(monkeypatch):
    monkeypatch.setattr(inversion, "PRIOR", 0.0)
    monkeypatch.setattr(inversion, "SHOW_EVERY", 1)
    gan, x = linear_gan(), picture()
    states = list(inversion.search(gan, inversion.whole(x)._replace(plan=((3, 8),))))
    z = states[0].z.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([z], lr=0.1, betas=(0.9, 0.99), eps=1e-12)
    for step, state in enumerate(states[:-1]):
        torch.testing.assert_close(state.z, z.detach(), rtol=0, atol=1e-5)
        optimizer.param_groups[0]["lr"] = 0.1 * (1 + math.cos(math.pi * step / 8)) / 2
        optimizer.zero_grad()
        ((gan.generator(z[0]) - x) / 2).square().mean((1, 2, 3)).sum().backward()
        optimizer.step()
    assert len(states) == 9
    torch.testing.assert_close(states[-1].z, z.detach(), rtol=1e-3, atol=1e-4)  # rounded to float16


def test_the_prior_is_the_density_of_the_norm():
    # For d = 2 it is r exp(-r^2 / 2): least at r = 1, and 1/2 lower there than r^2/2 - log r says at e.
    z = torch.tensor([[1.0, 0.0], [0.0, torch.e]])
    low, high = inversion.prior(z).tolist()
    assert low == pytest.approx(0.25)
    assert high == pytest.approx((torch.e**2 / 2 - 1) / 2)
    radii = torch.linspace(0.5, 3, 2501)
    least = radii[inversion.prior(radii[:, None] * torch.eye(5)[0]).argmin()]
    assert float(least) == pytest.approx(2, abs=0.002)  # sqrt(d - 1)


@pytest.mark.parametrize("model", ["mlp", "dcgan"])
def test_a_generated_picture_is_recovered(model):
    gan = small_gan(model, seed=2)
    x = gan.sample(3, seed=11)
    states = list(inversion.search(gan, inversion.whole(x)))
    first, last = states[0], states[-1]
    assert (last.least <= first.least).all()
    assert (last.least < max(0.1 * pictures_apart(gan), inversion.UNSEEN)).all()
    for row in range(3):
        z, drawn, _ = best(last, row)
        torch.testing.assert_close(gan.generate(z[None])[0], drawn, rtol=0, atol=1e-5)
        assert torch.equal(z, z.half().float())  # as its address holds it
    assert [state.step for state in states] == sorted(state.step for state in states)
    assert [state.done for state in states] == [False] * (len(states) - 1) + [True]
    assert last.step <= last.steps == sum(steps for _, steps in inversion.NEAREST)


def test_a_picture_gives_the_same_alone_and_among_others():
    gan, x = small_gan("mlp", seed=2), picture(n=3)
    together, alone = (inversion.invert(gan, inversion.whole(some)) for some in (x, x[1:2]))
    assert float(alone.least) == pytest.approx(float(together.least[1]), rel=0.02)
    again = inversion.invert(gan, inversion.whole(x[1:2]))
    assert torch.equal(alone.z, again.z)


def test_it_stops_when_nothing_is_gained(monkeypatch):
    gan = small_gan("mlp", seed=2)
    exact = inversion.candidates(gan).pictures[:1]
    assert inversion.invert(gan, inversion.whole(exact)).step == 0  # it cannot be nearer
    monkeypatch.setattr(inversion, "LEARNING_RATE", 0.0)
    first, patience = inversion.NEAREST[0][1], inversion.PATIENCE
    assert inversion.invert(gan, inversion.whole(picture())).step == max(first, patience)


def test_a_conditional_model_finds_the_digit_or_is_told():
    gan = linear_gan(classes=10)
    z = gan.latents(1, seed=4)
    x = gan.generate(z, 7)
    last = inversion.invert(gan, inversion.whole(x))
    assert best(last)[2] == 7
    told = inversion.invert(gan, inversion.whole(x), digit=2)
    assert set(told.labels.flatten().tolist()) == {2}
    assert float(told.least) > 2 * float(last.least)
    with pytest.raises(UserError, match="not conditional"):
        inversion.invert(linear_gan(), inversion.whole(x), digit=2)


def test_masked_pixels_are_not_looked_at():
    gan = small_gan("mlp", seed=2)
    x, holes = gan.sample(1, seed=11), torch.zeros(1, 1, 28, 28, dtype=torch.bool)
    holes[..., 5:14, 8:20] = True
    scribbled = torch.where(holes, picture(), x)
    clean, dirty = (inversion.invert(gan, inversion.repair(some, holes)) for some in (x, scribbled))
    assert torch.equal(clean.z, dirty.z)
    assert torch.equal(clean.errors, dirty.errors)
    k = int(clean.errors[0].argmin())
    assert (clean.pictures[0, k] - x[0])[holes[0]].square().mean().sqrt() / 2 < 0.05  # what was there


def test_pixels_near_the_hole_count_more():
    holes = torch.zeros(1, 1, 28, 28, dtype=torch.bool)
    holes[..., 10:20, 10:20] = True
    weights = inversion.repair(picture(), holes).weights
    assert (weights[holes] == 0).all()
    assert float(weights[~holes].mean()) == pytest.approx(1)
    assert weights[0, 0, 9, 15] > 2 * weights[0, 0, 2, 2] > 0
    for nothing in (holes & False, holes | True):
        with pytest.raises(UserError, match="mask a part"):
            inversion.repair(picture(), nothing)


def test_several_pictures_are_the_small_one_when_reduced():
    gan = small_gan("mlp", seed=2, latent_dim=32)
    small = inversion.reduce(gan.sample(1, seed=11))
    by_hand = gan.sample(1, seed=11)[0, 0, 4:8, 8:12].mean()
    assert float(small[0, 0, 1, 2]) == pytest.approx(float(by_hand), abs=1e-6)
    last = inversion.invert(gan, inversion.enlarge(small))
    chosen = inversion.answers(last)
    assert chosen[0] == int(last.errors[0].argmin())
    for row in chosen:
        apart = (inversion.reduce(gan.generate(last.z[0, row][None])) - small) / 2
        assert float(apart.square().mean().sqrt()) == pytest.approx(float(last.errors[0, row]), rel=1e-3)
        assert float(last.errors[0, row]) <= inversion.FITS
    assert len(inversion.answers(last, most=1)) == 1


def test_answers_differ_and_fit():
    pictures = torch.zeros(1, 5, 1, 28, 28)
    for row, level in enumerate((0.0, 0.02, 0.5, 1.0, -1.0)):
        pictures[0, row] = level
    errors = torch.tensor([[0.02, 0.01, 0.03, 0.039, 0.2]])
    state = inversion.State(1, 1, torch.zeros(1, 5, 3), None, pictures, errors)
    assert inversion.answers(state) == [1, 2, 3]  # 0 is like 1, 4 does not fit
    assert inversion.answers(state, most=2) == [1, 2]


def test_the_search_leaves_the_model_as_it_was():
    gan = small_gan("mlp", seed=2)
    before = {name: tensor.clone() for name, tensor in gan.generator.state_dict().items()}
    inversion.invert(gan, inversion.repair(picture(), picture() > 0))
    assert all(parameter.grad is None for parameter in (*gan.generator.parameters(), *gan.discriminator.parameters()))
    assert all(torch.equal(before[name], tensor) for name, tensor in gan.generator.state_dict().items())
    assert torch.is_grad_enabled()


# Style generators ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[0, 10], ids=["unconditional", "conditional"])
def styled(request):
    gan = vivid_style(request.param)
    with torch.no_grad():
        gan.generator.mapping.mean.normal_(0, 0.2, generator=torch.Generator().manual_seed(4))
    return gan


def test_in_its_coordinates_w_is_spread_as_latents_are(styled):
    pool, mapping = inversion.candidates(styled), styled.generator.mapping
    w = LatentSpace(styled, "w").of(pool.z, pool.labels)
    u = pool.frame.coordinates(w[:, None], None if pool.labels is None else pool.labels[:, None])[:, 0]
    torch.testing.assert_close(u.T @ u / len(u), torch.eye(5), rtol=0, atol=1e-3)
    assert torch.equal(pool.frame.middle, mapping.mean)
    back = pool.frame.points(u[:, None], None if pool.labels is None else pool.labels[:, None])[:, 0]
    torch.testing.assert_close(back, w, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", ["w", "w+"])
def test_a_picture_is_recovered_in_w(styled, name):
    z, labels = styled.latents(2, seed=11), [3, 4] if styled.config.classes else None
    x = styled.generate(z, labels)
    states = list(inversion.search(styled, inversion.whole(x, name)))
    first, last = states[0], states[-1]
    assert (last.least < 0.004).all()
    assert first.least.max() > 0.004
    space = LatentSpace(styled, name)
    assert last.z.shape[2:] == space.shape
    k = last.errors.argmin(1)
    asked = None if last.labels is None else last.labels[torch.arange(2), k]
    found = last.z[torch.arange(2), k]
    torch.testing.assert_close(space.generate(found, asked), last.pictures[torch.arange(2), k], rtol=0, atol=1e-5)
    assert torch.equal(found, space.rounded(found))  # as its address holds it
    # It begins with the same random latents as in z.
    assert torch.allclose(first.errors, next(inversion.search(styled, inversion.whole(x))).errors, atol=1e-4)


def test_more_freedom_fits_nearer_and_the_mean_holds_it_back(styled, monkeypatch):
    x = picture(n=2)  # noise, which no generator draws
    errors, away = {}, {}
    for weight in (0.0, 300.0):
        monkeypatch.setattr(inversion, "PRIOR_IN_W", weight)
        for name in ("w", "w+"):
            goal = inversion.whole(x, name)._replace(plan=((2, 80),))
            last = inversion.invert(styled, goal, digit=1 if styled.config.classes else None)
            errors[name, weight] = last.least.mean()
            k = last.errors.argmin(1)
            labels = None if last.labels is None else last.labels[torch.arange(2), k]
            away[name, weight] = LatentSpace(styled, name).distances(last.z[torch.arange(2), k], labels).mean()
    assert errors["w+", 0.0] < errors["w", 0.0]
    for name in ("w", "w+"):
        assert away[name, 300.0] < 0.7 * away[name, 0.0]
        assert errors[name, 300.0] > errors[name, 0.0]
    with pytest.raises(UserError, match="no space 'w'"):
        inversion.invert(small_gan("mlp"), inversion.whole(x, "w"))
