"""GANs of handwritten digits: train them, walk through their latent space, ask the discriminator."""

from gan_demo.config import Config
from gan_demo.errors import UserError
from gan_demo.gan import GAN

__all__ = ["GAN", "Config", "UserError"]
