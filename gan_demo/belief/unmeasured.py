"""What D says of the real digits that ship with the project: a reference for a model that nobody has evaluated."""

import numpy as np
import torch

from gan_demo.belief.reference import Reference
from gan_demo.config import CLASSES
from gan_demo.gan import GAN
from gan_demo.networks import IMAGE_SHAPE
from gan_demo.pictures import real_digits
from gan_demo.pixels import batches, from_pixels, to_pixels

DATASET = "mnist"  # of whose test set they are: for the D of other data sets they are no real pictures
SEED = 20_140_611  # of the samples beside them


@torch.inference_mode()
def reference(gan: GAN) -> Reference | None:
    """D's outputs for the 1,000 real test digits that ship, and for as many samples; a second for a large model.

    None where the model learned from other pictures, or D's outputs are no numbers.
    """
    digits = real_digits.sheet()
    config = gan.config
    if config.dataset != DATASET or config.shape != IMAGE_SHAPE or config.classes not in (0, CLASSES):
        return None
    labels = digits.labels if config.classes else None
    z = gan.latents(len(digits), SEED)
    found: dict[str, list[np.ndarray]] = {"real": [], "generated": []}
    for rows in batches(len(digits)):
        asked = None if labels is None else labels[rows]
        pictures = {"real": digits.images[rows], "generated": to_pixels(gan.generate(z[rows], asked))}
        for kind, pixels in pictures.items():
            found[kind].append(gan.score(from_pixels(pixels), asked).cpu().double().numpy())
    real, generated = (np.sort(np.concatenate(found[kind])) for kind in ("real", "generated"))
    return Reference(real, generated) if np.isfinite(real).all() and np.isfinite(generated).all() else None
