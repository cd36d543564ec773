"""How directions are computed: against closed forms, numpy, and models whose directions are known."""

import numpy as np
import pytest
import scipy.optimize
import torch
from helpers.gans import small_gan

from gan_demo.latent import direction_methods


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def rotation(d, seed=0):
    return torch.linalg.qr(normal(d, d, seed=seed)).Q


def alike(a, b):
    """|cosine| of the angle between rows."""
    return (direction_methods.unit(a) * direction_methods.unit(b)).sum(-1).abs()


def test_sefa_of_a_known_matrix():
    left, right = rotation(9), rotation(4, seed=1)
    matrix = left[:, :4] @ torch.diag(torch.tensor([3.0, 0.5, 2.0, 1.0], dtype=torch.float64)) @ right.T
    vectors, shares = direction_methods.sefa(matrix, 3)
    assert torch.allclose(alike(vectors, right.T[[0, 2, 3]]), torch.ones(3, dtype=torch.float64))
    assert shares.tolist() == pytest.approx([9 / 14.25, 4 / 14.25, 1 / 14.25])


@pytest.mark.parametrize("fields", [{}, {"generator_norm": "none"}, {"classes": 10}])
@pytest.mark.parametrize("model", ["mlp", "dcgan"])
def test_the_first_layer_is_what_the_network_does_first(model, fields):
    gan = small_gan(model, **fields)
    with torch.no_grad():
        for name, buffer in gan.generator.named_buffers():
            if name.endswith("running_var"):
                buffer.fill_(1e-4)  # so small that the 1e-5 which batch norm adds is seen
    matrix = direction_methods.first_layer(gan)
    count = 1 + (model == "dcgan") + ("generator_norm" not in fields)  # linear, unflatten, norm

    def first(z, label):
        x = z[None]
        for layer in gan.generator.layers[:count]:
            x = layer(x, torch.tensor([label])) if isinstance(layer, direction_methods.ClassBatchNorm) else layer(x)
        return x.flatten()

    z = torch.zeros(gan.config.latent_dim)
    jacobians = [
        torch.autograd.functional.jacobian(lambda z, c=label: first(z, c), z).double()
        for label in range(gan.config.classes or 1)
    ]
    wanted = sum(jacobian.T @ jacobian for jacobian in jacobians) / len(jacobians)
    assert torch.allclose(matrix.T @ matrix, wanted, rtol=1e-4, atol=1e-6)


def test_ganspace_of_a_linear_generator_recovers_its_basis():
    left, right = rotation(30)[:, :6], rotation(6, seed=1)
    scales = torch.tensor([8.0, 4, 2, 1, 0.5, 0.25], dtype=torch.float64)
    z = normal(20_000, 6, seed=2)
    vectors, shares = direction_methods.ganspace(z[:3000], z[:3000] @ (left * scales @ right.T).T, 3)
    assert (alike(vectors, right.T[:3]) > 0.995).all()
    assert shares.tolist() == pytest.approx((scales**2 / (scales**2).sum())[:3].tolist(), abs=0.02)


@pytest.mark.parametrize(("n", "width"), [(60, 40), (600, 510)])  # of the larger, some solvers only estimate
def test_the_principal_components_are_those_of_numpy(n, width):
    """By hand: coordinates from all singular vectors, and the mean of x_k z for each."""
    features, z = normal(n, width, seed=3) + 2, normal(n, 7, seed=4) + 1
    _, values, right = np.linalg.svd((features - features.mean(0)).numpy(), full_matrices=False)
    coordinates = (features - features.mean(0)) @ torch.from_numpy(right[:4]).T
    found, shares = direction_methods.ganspace(z, features, 4)
    assert torch.allclose(alike(found, coordinates.T @ (z - z.mean(0))), torch.ones(4).double())
    assert shares.tolist() == pytest.approx((values[:4] ** 2 / (values**2).sum()).tolist())


def test_there_are_no_more_components_than_the_features_have():
    z = normal(50, 6)
    of_rank_three = z[:, :3] @ normal(3, 20, seed=1)
    for features, count in ((of_rank_three, 3), (z[:, :4] * torch.tensor([4.0, 3, 2, 1]), 4), (z[:, :1], 1)):
        vectors, shares = direction_methods.ganspace(z, features, 6)
        assert vectors.shape == (count, 6)
        assert torch.allclose(vectors.norm(dim=1), torch.ones(count).double())
        assert shares.sum().item() == pytest.approx(1)


def test_as_many_components_as_there_are_and_no_global_random_numbers():
    z = normal(50, 6)
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]  # noqa: NPY002
    first = direction_methods.ganspace(z, z[:, :4], 4)[0]
    assert first.shape == (4, 6)
    assert torch.equal(direction_methods.ganspace(z, z, 3)[0], direction_methods.ganspace(z, z, 3)[0])
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == before  # noqa: NPY002


def test_units_by_hand():
    rows = torch.tensor([[0.03, 0.04], [30.0, -40.0], [0.0, 0.0]])
    wanted = torch.tensor([[0.6, 0.8], [0.6, -0.8], [0, 0]], dtype=torch.float64)
    torch.testing.assert_close(direction_methods.unit(rows), wanted)


def test_early_features_stop_after_the_second_nonlinearity():
    for model, widths in (("mlp", (20,)), ("dcgan", (6, 14, 14))):
        gan = small_gan(model, classes=10)
        z = gan.latents(3, 0)
        found = direction_methods.early_features(gan, z, torch.tensor([1, 2, 3]))
        assert found.shape == (3, np.prod(widths))
        stages = [layer for layer in gan.generator.layers if isinstance(layer, direction_methods.ACTIVATIONS)]
        seen = []
        handle = stages[1].register_forward_hook(lambda module, inputs, output, seen=seen: seen.append(output))
        gan.generate(z, [1, 2, 3])
        handle.remove()
        assert torch.equal(found, seen[0].flatten(1))


def test_linear_models_recover_a_planted_direction():
    z = normal(4000, 12)
    planted = direction_methods.unit(normal(12, seed=1))
    target = 3 * (z @ planted) + 5 + normal(4000, seed=2)
    direction, fit = direction_methods.least_squares(z, target)
    assert direction @ planted > 0.995
    assert fit == pytest.approx(9 / 10, abs=0.02)
    direction, fit = direction_methods.logistic(z, target > 8)
    assert direction @ planted > 0.99
    assert 0.9 < fit < 1
    _, guess = direction_methods.logistic(z, normal(4000, seed=5) > 1)
    assert guess < 0.6


def test_latents_that_a_plane_divides_without_error_still_have_a_normal():
    z = normal(60, 40)
    for label in (z[:, 0] > 0, torch.arange(60) == 7, torch.arange(60) < 3):
        direction, fit = direction_methods.logistic(z, label)
        assert direction.norm() == pytest.approx(1)
        assert fit == 1
        assert direction @ (z[label].mean(0) - z[~label].mean(0)) > 0


def test_ones_own_direction_and_arithmetic():
    these, those = normal(3, 7), normal(2, 7, seed=1)
    wanted = these.mean(0) - those.mean(0)
    assert torch.allclose(direction_methods.difference(these, those), wanted / wanted.norm())
    assert torch.allclose(direction_methods.difference(these, torch.empty(0, 7)), direction_methods.unit(these.mean(0)))
    assert not direction_methods.difference(these, these).any()
    a, b, c = normal(3, 7, seed=2)
    assert torch.allclose(direction_methods.analogy(a, b, b), a)
    assert direction_methods.analogy(a.float(), b.float(), c.float()).dtype == torch.float32
    found = direction_methods.analogy(a, b, c)
    assert found.norm() == pytest.approx(a.norm())
    assert alike(found, a - b + c) == pytest.approx(1)


def test_the_auc_counts_pairs_in_the_right_order():
    scores, label = torch.tensor([0.1, 0.4, 0.35, 0.8]), torch.tensor([False, False, True, True])
    assert direction_methods.logistic(scores[:, None], label)[1] == 3 / 4


def minimum(loss, dimensions):
    """The weights and the offset, (dimensions + 1,), at which a loss is least."""
    found = scipy.optimize.minimize(loss, np.zeros(dimensions + 1), tol=1e-10)
    return torch.from_numpy(found.x)


def test_linear_models_minimise_what_they_say_with_a_free_offset():
    """The penalty is 0.001 a row on squared weights, and none on the offset: a rare label has a large one."""
    z = (normal(300, 3) @ normal(3, 3, seed=1) + 0.5).numpy()
    target = z @ [1.0, -2, 0.5] + normal(300, seed=2).numpy() + 100
    label = target > np.quantile(target, 0.9)

    def squares(weights):
        return np.square(target - z @ weights[:-1] - weights[-1]).sum() + 0.3 * np.square(weights[:-1]).sum()

    def likelihood(weights):
        scores = (z @ weights[:-1] + weights[-1]) * (2 * label - 1)
        return np.logaddexp(0, -scores).sum() + 0.3 * np.square(weights[:-1]).sum() / 2

    for method, loss, wanted in (
        (direction_methods.least_squares, squares, target),
        (direction_methods.logistic, likelihood, label),
    ):
        direction, fit = method(torch.from_numpy(z), torch.from_numpy(wanted))
        weights = minimum(loss, 3)
        assert torch.allclose(direction, direction_methods.unit(weights[:-1]), atol=1e-4)
        if wanted is target:
            rest = np.square(target - z @ weights[:-1].numpy() - weights[-1].item()).sum()
            assert fit == pytest.approx(1 - rest / np.square(target - target.mean()).sum(), abs=1e-5)


def test_orthogonalised_leaves_the_others_still():
    others = direction_methods.unit(normal(4, 10))
    vector = direction_methods.unit(normal(10, seed=1))
    calm = direction_methods.orthogonalise(vector, others)
    assert (others @ calm).abs().max() < 1e-12
    assert torch.linalg.vector_norm(calm) == pytest.approx(1)
    assert calm @ vector > 0
    # Twice the same condition is one condition, and what lies within the others has nothing left.
    assert torch.allclose(direction_methods.orthogonalise(vector, torch.cat([others, others])), calm)
    assert not direction_methods.orthogonalise(others.T @ torch.ones(4).double(), others).any()


def test_orthogonalised_at_any_scale_and_with_nothing_to_leave_still():
    others = normal(3, 10)
    vector = normal(10, seed=1)
    calm = direction_methods.orthogonalise(vector, others)
    for size in (1e-6, 1e6):
        assert torch.allclose(direction_methods.orthogonalise(vector, others * size), calm)
        assert torch.allclose(direction_methods.orthogonalise(vector * size, others), calm)
        assert torch.allclose(direction_methods.orthogonalise(vector, torch.cat([others, others]) * size), calm)
        assert not direction_methods.orthogonalise(others[0] * size, others).any()
    for none in (torch.empty(0, 10), torch.zeros(2, 10)):
        assert torch.allclose(direction_methods.orthogonalise(vector, none), direction_methods.unit(vector))
    assert not direction_methods.orthogonalise(torch.zeros(10), others).any()  # and no NaN
    assert direction_methods.orthogonalise(torch.zeros(10), others).isfinite().all()


def test_whitened_points_have_the_covariance_i():
    points = torch.randn(300, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    points = points @ torch.tensor(
        [[3.0, 1, 0, 0], [0, 0.1, 0, 0], [1, 0, 2, 0]], dtype=torch.float64
    )  # in a plane of 3
    points -= points.mean(0)
    coordinates, units = direction_methods.whiten(points)
    assert coordinates.shape == (300, 3)
    torch.testing.assert_close(coordinates.T @ coordinates / 300, torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(coordinates @ units, points)
