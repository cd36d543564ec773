"""Directions in a latent space: how they are computed. Pure functions; direction_search.py measures and names them.

Latents are rows z ~ N(0, I) of (n, latent_dim); a direction is a unit vector (latent_dim,), so that one unit along
it is one standard deviation of the prior. Points of w are brought to such coordinates first, by `whiten`. Only the
generator's features come from the device that it is on; everything else is computed in float64 on the CPU: the GPUs of
Macs have no float64.
"""

import torch
from torch import Tensor, nn

from gan_demo.gan import GAN
from gan_demo.networks import ClassBatchNorm, Generator, StyleGenerator
from gan_demo.networks.style import EqualisedLinear

EARLY = 2  # of the generator's stages: after the first, which is linear, `ganspace` would find nearly what `sefa` does
RIDGE = 1e-3  # penalty of linear models on squared weights, per row: what no row tells stays small
LEAST_SHARE = 1e-9  # of the variance: below it a principal component is rounding
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.Tanh)


def unit(vectors: Tensor) -> Tensor:
    """Rows of length 1: (..., d) -> (..., d) float64; a zero row stays zero."""
    vectors = vectors.cpu().double()
    length = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return vectors / torch.where(length > 0, length, 1.0)


def whiten(points: Tensor) -> tuple[Tensor, Tensor]:
    """Points (n, d) of mean 0 in coordinates of covariance I, (n, k), and a unit of each, (k, d): float64.

    points = coordinates @ units. Principal components of less than LEAST_SHARE of the variance are left out.
    """
    points = points.cpu().double()
    values, vectors = torch.linalg.eigh(points.T @ points / len(points))
    varies = values > LEAST_SHARE * values.sum()
    sizes, vectors = values[varies].sqrt(), vectors[:, varies]
    return points @ vectors / sizes, sizes[:, None] * vectors.T


# Without labels ---------------------------------------------------------------------------------------------


def _layers(gan: GAN) -> nn.Sequential:
    """The layers of a generator that has no mapping."""
    assert isinstance(gan.generator, Generator)
    return gan.generator.layers


def first_layer(gan: GAN) -> Tensor:
    """The generator's first affine map without its offset, batch norm included: (outputs, latent_dim) float64.

    Batch norm multiplies by constants when it does not train. A conditional one has a scale for each class: then
    this is the matrix A for which A^T A is the mean over the classes. A style generator's is that of its mapping.
    """
    if isinstance(gan.generator, StyleGenerator):
        first = gan.generator.mapping.layers[0]
        assert isinstance(first, EqualisedLinear)
        return first.weight.detach().cpu().double()[:, : gan.config.latent_dim] * first.gain  # the rest is the class's
    linear, *rest = _layers(gan)
    assert isinstance(linear, nn.Linear)
    matrix = linear.weight.detach().cpu().double()
    norm = next(
        (layer for layer in rest[:2] if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, ClassBatchNorm))), None
    )
    if norm is None:
        return matrix
    inner = norm.norm if isinstance(norm, ClassBatchNorm) else norm
    assert inner.running_var is not None
    scale = (inner.running_var.cpu().double() + inner.eps).rsqrt()
    if isinstance(norm, ClassBatchNorm):
        scale = scale * norm.scale.detach().cpu().double().square().mean(0).sqrt()
    elif norm.weight is not None:
        scale = scale * norm.weight.detach().cpu().double()
    # A convolutional one has several outputs (7x7) a channel.
    return matrix * scale.repeat_interleave(len(matrix) // len(scale))[:, None]


def sefa(matrix: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """SeFa (Shen and Zhou 2021, equation 4): the eigenvectors of A^T A with the `count` largest eigenvalues.

    They are the directions in which a step of length 1 changes A z most. (outputs, d) -> (count, d) float64, and
    each one's share of the sum of all eigenvalues.
    """
    matrix = matrix.cpu().double()
    values, vectors = torch.linalg.eigh(matrix.T @ matrix)  # ascending
    values = values.clamp(min=0)
    return vectors.T.flip(0)[:count], (values / values.sum()).flip(0)[:count]


@torch.inference_mode()
def early_features(gan: GAN, z: Tensor, labels: Tensor | None = None) -> Tensor:
    """The output of the generator's first EARLY stages, nonlinearity included, for latents: (n, features).

    Of a style generator it is w.
    """
    if isinstance(gan.generator, StyleGenerator):
        return gan.generator.mapping(z.to(gan.device), gan.labels(labels, len(z)))
    x, labels, seen = z.to(gan.device), gan.labels(labels, len(z)), 0
    for layer in _layers(gan):
        x = layer(x, labels) if isinstance(layer, ClassBatchNorm) else layer(x)
        seen += isinstance(layer, ACTIVATIONS)
        if seen == EARLY:
            break
    return x.flatten(1)


def ganspace(z: Tensor, features: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """GANSpace (Härkönen 2020, section 3.1) for any generator: principal components of features, led back to z.

    Component k of the features (n, f) of latents z (n, d) has coordinates x_k; its direction is the u that minimises
    the sum of |x_k u - z|^2, which is the mean of x_k z over the variance of x_k. Returns unit vectors (count, d)
    and each component's share of the variance of the features.
    """
    from sklearn.decomposition import PCA

    # Lanczos iteration (ARPACK) finds the first components exactly; all of them would take far longer. It cannot find
    # all there are.
    most = min(features.shape)
    pca = PCA(min(count, most), svd_solver="arpack" if count < most else "full", random_state=0)
    coordinates = torch.from_numpy(pca.fit_transform(features.cpu().double().numpy()).T.copy())
    shares = torch.from_numpy(pca.explained_variance_ratio_)
    varies = shares > LEAST_SHARE
    centred = z.cpu().double() - z.cpu().double().mean(0)
    return unit(coordinates[varies] @ centred), shares[varies]


# With labels ------------------------------------------------------------------------------------------------


def least_squares(z: Tensor, target: Tensor) -> tuple[Tensor, float]:
    """The direction along which a linear model of z says that `target` grows: (n, d), (n,) -> (d,), and its R^2.

    Ridge regression. R^2 is the share of the target's variance that the model explains, 0 to 1.
    """
    from sklearn.linear_model import Ridge

    inputs, wanted = z.cpu().double().numpy(), target.cpu().double().numpy()
    model = Ridge(alpha=RIDGE * len(inputs)).fit(inputs, wanted)
    return unit(torch.from_numpy(model.coef_)), max(0.0, float(model.score(inputs, wanted)))


def logistic(z: Tensor, label: Tensor) -> tuple[Tensor, float]:
    """The normal of the hyperplane between latents with and without a label: (n, d), (n,) bool -> (d,), and its AUC.

    InterFaceGAN (Shen 2020) takes a linear support vector machine. Logistic regression needs no choice of a margin.
    The AUC, 0.5 to 1, is how often a latent with the label has a greater score than one without.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    inputs, wanted = z.cpu().double().numpy(), label.cpu().numpy()
    # Newton's method, which ends at the minimum itself; `C` is the inverse of the penalty's weight.
    model = LogisticRegression(C=1 / (RIDGE * len(inputs)), solver="newton-cholesky", tol=1e-8).fit(inputs, wanted)
    fit = float(roc_auc_score(wanted, model.decision_function(inputs)))
    return unit(torch.from_numpy(model.coef_[0])), fit


def orthogonalise(vector: Tensor, others: Tensor) -> Tensor:
    """`vector` without its part in the span of `others`, (d,), (k, d) -> (d,) of length 1; zero where nothing is left.

    InterFaceGAN's conditional manipulation (Shen 2020, section 3.3) for several conditions: a step along the result
    leaves what linear models with these normals predict as it was.
    """
    vector, others = vector.cpu().double(), others.cpu().double()
    basis, sizes, _ = torch.linalg.svd(others.T, full_matrices=False)
    basis = basis[:, sizes > 1e-9 * sizes.max()] if len(sizes) else basis
    rest = vector - basis @ (basis.T @ vector)
    length = torch.linalg.vector_norm(rest)
    return rest / length if length > 1e-9 * torch.linalg.vector_norm(vector) else torch.zeros_like(vector)


# Of a person's own --------------------------------------------------------------------------------------------


def difference(these: Tensor, those: Tensor) -> Tensor:
    """The direction from the mean of `those` to the mean of `these`: (n, d), (m, d) -> (d,) of length 1.

    Zero where the means agree. Without any latents the mean is 0, that of the prior.
    """
    ends = [latents.cpu().double().mean(0) if len(latents) else 0.0 for latents in (these, those)]
    return unit(torch.as_tensor(ends[0] - ends[1]))


def analogy(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """a - b + c, (d,) each, brought back to the length of a.

    Radford 2016, section 6.3.2. The sum of three latents is longer than any that the generator was trained on; with
    b = c it is a exactly.
    """
    a64, b64, c64 = (z.cpu().double() for z in (a, b, c))
    return (unit(a64 - b64 + c64) * torch.linalg.vector_norm(a64)).to(a.dtype).to(a.device)
