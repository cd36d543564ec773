"""What the best D says of a digit that came by another way than MNIST's."""

import numpy as np
import pytest
import torch
from helpers.commands import ROOT
from PIL import Image
from scipy import ndimage

from gan_demo.belief import best_response
from gan_demo.pictures import preparing, real_digits
from gan_demo.pixels import from_pixels

DIGITS = 200


def small_and_blurred(digit: np.ndarray) -> np.ndarray:
    """As a phone takes it from far away: 36 pixels, out of focus."""
    large = np.asarray(Image.fromarray(digit).resize((50, 50), Image.Resampling.BICUBIC))
    return preparing.from_ink(ndimage.gaussian_filter(large, 1.2))


def drawn_large(digit: np.ndarray) -> np.ndarray:
    """As somebody draws it on the canvas."""
    return preparing.from_ink(np.asarray(Image.fromarray(digit).resize((112, 112), Image.Resampling.BICUBIC)))


@pytest.mark.parametrize("way", [small_and_blurred, drawn_large])
@pytest.mark.parametrize("name", ["dcgan", "dcgan-conditional", "style", "mlp"])
def test_about_as_many_real_digits_are_taken_for_real_as_came_as_they_were(name, way):
    digits = real_digits.sheet().images[:DIGITS]
    brought = torch.from_numpy(np.stack([way(digit) for digit in digits[:, 0].numpy()]))[:, None]
    best = best_response.read(ROOT / "checkpoints" / name)
    with torch.inference_mode():
        before, after = ((best.logits(from_pixels(images)) > 0).double().mean() for images in (digits, brought))
    assert after > before - 0.1
