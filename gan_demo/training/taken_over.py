"""What a run takes over of the model that it begins with; light, so that the page can ask, too."""

from pathlib import Path
from typing import Any

from gan_demo.gan import GAN
from gan_demo.recipes import RECIPES


def networks_of(place: str | Path, recipe: str | None = None) -> dict[str, Any]:
    """The settings that a run takes over of the model that it begins with; its recipe, too, unless there is another.

    Raises UserError where there is no checkpoint.
    """
    config = GAN.from_pretrained(place).config
    names = ("model", "latent_dim", "generator_norm", "discriminator_norm", "subpixels")
    found = {**{name: getattr(config, name) for name in names}, "conditional": config.classes > 0}
    if recipe is None and config.training.get("recipe") in RECIPES:
        found["recipe"] = config.training["recipe"]
    return found
