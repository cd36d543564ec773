"""Values worked out by hand: with D = sigmoid(l), a logit of log 3 is D = 3/4 and -log 3 is D = 1/4."""

import math

import pytest
import torch

from gan_demo.objectives import OBJECTIVES, jensen_shannon_bound, r1, value

LOG_3 = math.log(3)


def test_losses_of_known_logits():
    real = torch.tensor([LOG_3, 0.0], dtype=torch.float64)  # D = 3/4, 1/2
    fake = torch.tensor([-LOG_3, LOG_3], dtype=torch.float64)  # D = 1/4, 3/4
    log_d_real = (math.log(3 / 4) + math.log(1 / 2)) / 2
    log_not_d_fake = (math.log(3 / 4) + math.log(1 / 4)) / 2
    for name in ("minimax", "non-saturating"):
        loss = OBJECTIVES[name].discriminator_loss(real, fake).item()
        assert loss == pytest.approx(-log_d_real - log_not_d_fake, abs=1e-12)
        assert loss == pytest.approx(1.327403, abs=1e-6)
    assert OBJECTIVES["minimax"].generator_loss(fake).item() == pytest.approx(log_not_d_fake, abs=1e-12)
    non_saturating = -(math.log(1 / 4) + math.log(3 / 4)) / 2
    assert OBJECTIVES["non-saturating"].generator_loss(fake).item() == pytest.approx(non_saturating, abs=1e-12)


@pytest.mark.parametrize(("logit", "d"), [(-LOG_3, 1 / 4), (0.0, 1 / 2), (LOG_3, 3 / 4), (-10.0, 4.539786870e-05)])
def test_generator_gradients_differ_as_the_paper_says(logit, d):
    """In the logit: -D for minimax, which vanishes where D is sure; -(1 - D) for non-saturating."""

    def gradient(name):
        fake = torch.tensor([logit], dtype=torch.float64, requires_grad=True)
        OBJECTIVES[name].generator_loss(fake).backward()
        return fake.grad.item()

    assert gradient("minimax") == pytest.approx(-d, abs=1e-12)
    assert gradient("non-saturating") == pytest.approx(-(1 - d), abs=1e-12)


def test_losses_are_finite_where_a_sigmoid_is_exactly_0_or_1():
    sure = torch.tensor([200.0, -200.0])
    for objective in OBJECTIVES.values():
        assert objective.discriminator_loss(sure, sure).item() == pytest.approx(200.0)
        assert math.isfinite(objective.generator_loss(sure).item())


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


def test_r1_of_a_linear_critic_is_half_its_squared_weight():
    weight = torch.arange(784, dtype=torch.float64).view(1, 28, 28) / 784
    images = torch.zeros(3, 1, 28, 28, dtype=torch.float64)
    penalty = r1(lambda x: (x * weight).flatten(1).sum(1), images)
    assert penalty.item() == pytest.approx(weight.square().sum().item() / 2, rel=1e-12)


def test_r1_of_a_quadratic_critic_is_per_picture():
    """D(x) = ||x||^2 / 2 has gradient x: the penalty is the mean over pictures of ||x||^2 / 2."""
    images = torch.stack([torch.full((1, 28, 28), 1.0), torch.full((1, 28, 28), 3.0)]).double()
    penalty = r1(lambda x: x.square().flatten(1).sum(1) / 2, images)
    assert penalty.item() == pytest.approx((784 * 1 + 784 * 9) / 2 / 2, rel=1e-12)


def test_r1_can_be_differentiated_by_the_discriminator():
    weight = torch.full((784,), 2.0, dtype=torch.float64, requires_grad=True)
    r1(lambda x: x.flatten(1) @ weight, torch.zeros(2, 1, 28, 28, dtype=torch.float64)).backward()
    torch.testing.assert_close(weight.grad, weight.detach())  # d(||w||^2 / 2) / dw = w
