import pytest
import torch

from gan_demo.classifier import load_classifier
from gan_demo.latent import perceptual


def test_the_speed_of_a_way_is_the_distance_of_features_by_the_step():
    pictures = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    pictures[3] = pictures[2]
    at = torch.tensor([0.0, 0.5, 0.75, 1.0], dtype=torch.float64)
    found = perceptual.speeds(pictures, at)
    features = load_classifier().features(pictures)
    distances = [(features[i + 1] - features[i]).norm().item() for i in range(3)]
    assert found.tolist() == pytest.approx([distances[0] / 0.5, distances[1] / 0.25, 0.0], rel=1e-5)
    assert perceptual.length(found, at) == pytest.approx(sum(distances), rel=1e-5)
