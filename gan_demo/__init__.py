"""GANs of handwritten digits: train them, walk through their latent space, ask the discriminator."""

from typing import TYPE_CHECKING, Any

from gan_demo.errors import UserError

if TYPE_CHECKING:
    from gan_demo.config import Config
    from gan_demo.gan import GAN

__all__ = ["GAN", "Config", "UserError"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """`GAN` and `Config`, imported when they are first asked for: `gan-demo --help` does not wait for torch."""
    if name == "GAN":
        from gan_demo.gan import GAN

        return GAN
    if name == "Config":
        from gan_demo.config import Config

        return Config
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
