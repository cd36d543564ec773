"""Values worked out by hand: with D = sigmoid(l), a logit of log 3 is D = 3/4 and -log 3 is D = 1/4."""

import math

import pytest
import torch
from helpers.by_hand import BY_HAND, SLOPES

from gan_demo.objectives import OBJECTIVES, jensen_shannon_bound, value


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_of_known_outputs(name):
    real, fake, discriminator_loss, generator_loss = BY_HAND[name]
    real, fake = torch.tensor(real, dtype=torch.float64), torch.tensor(fake, dtype=torch.float64)
    assert OBJECTIVES[name].discriminator_loss(real, fake).item() == pytest.approx(discriminator_loss, abs=1e-6)
    assert OBJECTIVES[name].generator_loss(real, fake).item() == pytest.approx(generator_loss, abs=1e-6)


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize(("real", "fake"), [(0.0, 0.0), (0.5, 0.5), (10.0, -10.0), (-10.0, 10.0), (0.3, -0.2)])
def test_gradients_near_and_far_from_equilibrium(name, real, fake):
    def gradients(loss):
        outputs = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in (real, fake)]
        found = torch.autograd.grad(loss(*outputs), outputs, allow_unused=True)
        return [0.0 if gradient is None else gradient.item() for gradient in found]

    objective = OBJECTIVES[name]
    found = gradients(objective.discriminator_loss) + gradients(objective.generator_loss)
    assert found == pytest.approx(SLOPES[name](real, fake), abs=1e-12)


def test_where_d_is_sure_of_a_fake_only_minimax_leaves_the_generator_alone():
    pulls = {}
    for name, objective in OBJECTIVES.items():
        real, fake = torch.tensor([10.0]).double(), torch.tensor([-10.0]).double().requires_grad_()
        pulls[name] = -torch.autograd.grad(objective.generator_loss(real, fake), fake)[0].item()
    assert pulls["minimax"] == pytest.approx(4.539787e-05, rel=1e-6)
    assert pulls["non-saturating"] == pytest.approx(0.999955, abs=1e-6)
    assert pulls["least-squares"] == pytest.approx(11)
    assert pulls["wasserstein"] == pulls["hinge"] == 1
    assert pulls["relativistic"] == pytest.approx(1, abs=1e-6)


def test_losses_are_finite_where_a_sigmoid_is_exactly_0_or_1():
    sure = torch.tensor([200.0, -200.0])
    for name in ("minimax", "non-saturating"):
        assert OBJECTIVES[name].discriminator_loss(sure, sure).item() == pytest.approx(200.0)
    for objective in OBJECTIVES.values():
        assert objective.discriminator_loss(sure, -sure).isfinite()
        assert objective.generator_loss(sure, -sure).isfinite()


def test_value_at_equilibrium_and_the_bound_it_gives():
    undecided = torch.zeros(5)
    assert value(undecided, undecided).item() == pytest.approx(-math.log(4), abs=1e-6)
    assert jensen_shannon_bound(-math.log(4)) == pytest.approx(0.0, abs=1e-12)
    assert jensen_shannon_bound(0.0) == pytest.approx(math.log(2), abs=1e-12)  # D never errs: disjoint supports


def test_best_discriminator_attains_the_divergence():
    """p = (1/2, 1/2, 0), q = (1/4, 1/4, 1/2): V at D* = p/(p+q) gives the Jensen-Shannon divergence exactly."""
    p = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64)
    q = torch.tensor([0.25, 0.25, 0.5], dtype=torch.float64)
    logits = torch.log(p + 1e-300) - torch.log(q)
    real, fake = logits[[0, 1]], logits[[0, 1, 2, 2]]  # drawn in exactly these proportions
    middle = (p + q) / 2
    divergence = (torch.xlogy(p, p / middle).sum() + torch.xlogy(q, q / middle).sum()) / 2
    assert jensen_shannon_bound(value(real, fake).item()) == pytest.approx(divergence.item(), abs=1e-12)
    # and any other discriminator gives less
    assert jensen_shannon_bound(value(real + 0.5, fake + 0.5).item()) < divergence
