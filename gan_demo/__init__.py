"""GANs of handwritten digits: train them, walk through their latent space, ask the discriminator."""

from gan_demo.errors import UserError
from gan_demo.gan import GAN, Config

__all__ = ["GAN", "Config", "UserError"]
