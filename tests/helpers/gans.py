"""Small models: a step of training takes a millisecond."""

import torch

from gan_demo.config import Config, build
from gan_demo.gan import GAN
from gan_demo.networks import initialise

SMALL = {
    "mlp": {"latent_dim": 5, "generator_widths": (12, 20), "discriminator_widths": (14, 10)},
    "dcgan": {"latent_dim": 5, "generator_widths": (8, 6), "discriminator_widths": (4, 6, 8)},
    "style": {"latent_dim": 5, "generator_widths": (6, 5, 4), "discriminator_widths": (4, 6, 8)},
}


def small_gan(model: str, seed: int = 0, **fields) -> GAN:
    """An untrained GAN with few weights, all of them, batch-norm statistics too, drawn from `seed`."""
    config = Config(model=model, **{**SMALL[model], **fields})
    generator, discriminator = build(config, "cpu")
    random = torch.Generator().manual_seed(seed)
    for network in (generator, discriminator):
        initialise(network, random)
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(0, 0.1, generator=random)
        for name, parameter in network.named_parameters():
            if name.endswith(("scale", "shift")):  # of class batch norm, the same for all classes before training
                parameter.data.add_(torch.randn(parameter.shape, generator=random), alpha=0.3)
    return GAN(generator, discriminator, config)


def vivid_style(classes: int = 0, **fields) -> GAN:
    """A small style generator whose w makes a difference: new ones draw nothing but grey."""
    gan = small_gan("style", seed=3, classes=classes, **fields)
    with torch.no_grad():
        for layer in gan.generator.synthesis.styles():
            layer.weight.mul_(5)
    return gan
