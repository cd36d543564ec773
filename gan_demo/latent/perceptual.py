"""How fast a way through a latent space changes the picture, as a network sees it that was trained to read digits."""

import torch
from torch import Tensor

from gan_demo.classifier import load_classifier


@torch.inference_mode()
def speeds(pictures: Tensor, at: Tensor) -> Tensor:
    """How fast the classifier's features change on a way: (n, 1, 28, 28) in [-1, 1], (n,) positions -> (n - 1,).

    The distance of the features of neighbours, divided by the step of t between them. The perceptual path length of
    Karras 2019, section 4.1, is the mean of its square, there over all ways and in VGG's features.
    """
    features = load_classifier(str(pictures.device)).features(pictures).cpu().double()
    return (features[1:] - features[:-1]).norm(dim=1) / at.diff().cpu()


def length(speed: Tensor, at: Tensor) -> float:
    """How long a way is in the classifier's features: speed times time, added up."""
    return float((speed * at.diff().cpu()).sum())
