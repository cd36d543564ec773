"""The weights that a network begins its training with."""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from gan_demo.networks.layers import ClassBatchNorm, MinibatchSpread
from gan_demo.networks.style import Equalised, Mapping, StyledLayer, Synthesis

POWER_ITERATIONS = 15  # of spectral normalisation before training; each training step adds some


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill every parameter and buffer of `network` in place from `generator`.

    Layers of convolutional networks get N(0, 0.02) as in DCGAN (section 4). Purely linear ones keep torch's own scale,
    U(-1/sqrt(inputs), 1/sqrt(inputs)): torch would draw it by itself, but from the global random state.
    The parts of style-based networks know their own.
    """
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)
    convolutional = any(isinstance(module, convolutions) for module in network.modules())
    for module in network.modules():
        if isinstance(module, (Equalised, Mapping, MinibatchSpread, StyledLayer, Synthesis)):
            module.initialise(generator)
        elif isinstance(module, nn.Linear) and not convolutional:
            bound = module.in_features**-0.5
            nn.init.uniform_(_own_weight(module), -bound, bound, generator=generator)
            if module.bias is not None:
                nn.init.uniform_(module.bias, -bound, bound, generator=generator)
        elif isinstance(module, (nn.Linear, *convolutions)):
            nn.init.normal_(_own_weight(module), 0.0, 0.02, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):  # small: D starts unaware of classes
            nn.init.normal_(_own_weight(module), 0.0, 0.02, generator=generator)
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_running_stats()
            if module.affine:
                _start_norm(module.weight, module.bias, convolutional, generator)
        elif isinstance(module, ClassBatchNorm):
            _start_norm(module.scale, module.shift, convolutional, generator)
        if is_parametrized(module, "weight"):
            _find_singular_vectors(module, generator)


def carry_over(network: nn.Module, trained: nn.Module) -> list[str]:
    """Copy every tensor that has the same name and shape in both; returns the names of the others in `network`."""
    own = network.state_dict()
    fitting = {
        name: tensor for name, tensor in trained.state_dict().items() if name in own and tensor.shape == own[name].shape
    }
    network.load_state_dict({**own, **fitting})
    return [name for name in own if name not in fitting]


def _own_weight(layer: nn.Module) -> Tensor:
    """The parameter behind a layer's weight: under spectral normalisation, the weight that is not yet divided."""
    return layer.get_parameter("parametrizations.weight.original" if is_parametrized(layer, "weight") else "weight")


def _start_norm(scale: Tensor, shift: Tensor, convolutional: bool, generator: torch.Generator) -> None:
    if convolutional:
        nn.init.normal_(scale, 1.0, 0.02, generator=generator)
    else:
        nn.init.ones_(scale)
    nn.init.zeros_(shift)


def _find_singular_vectors(module: nn.Module, generator: torch.Generator) -> None:
    """Start the power iteration of spectral normalisation (Miyato 2018, algorithm 1) and let it settle."""
    for vector in module.get_submodule("parametrizations.weight.0").buffers():
        vector.copy_(nn.functional.normalize(torch.randn(vector.shape, generator=generator), dim=0))
    for _ in range(POWER_ITERATIONS):
        _ = module.weight  # in training mode, each look is an iteration
