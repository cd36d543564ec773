"""What truncation does to a model: are its digits more typical and less varied, or do they break?

    python -m gan_demo evaluate --truncation checkpoints/dcgan     measures, and adds it to metrics.json

The latents of the same samples are made shorter, and the pictures are compared with the test set as always.
"""

from pathlib import Path
from typing import Any

import torch

from gan_demo import classifier, data
from gan_demo.evaluation import cache
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.part_tables import LEVELS, OF_TRUNCATION
from gan_demo.evaluation.real_pictures import classify, compared_with
from gan_demo.evaluation.samples import SEED, draw
from gan_demo.gan import GAN


def measure(gan: GAN, dataset: str, data_dir: str | Path | None, samples: int) -> dict[str, Any]:
    """Precision, density and coverage at each of LEVELS, and of digits the classifier's mean confidence.

    That of real test pictures stands beside. Works on the GAN's device. Raises UserError as the whole evaluation does.
    """
    digits = dataset in data.DIGIT_DATASETS
    train, test = (data.load(dataset, data_dir, half) for half in (True, False))
    n = min(samples, len(train.images), len(test.images))
    real, _ = compared_with(dataset, train, test, n, gan.device, cache.folder(data_dir))
    levels = []
    for level in LEVELS:
        features, _ = classify(draw(gan, n, SEED, truncation=level))
        figures = real.test.figures(features)
        if digits:
            figures["confidence"] = _confidence(features)
        levels.append({"truncation": level, **{name: figures[name] for name in OF_TRUNCATION if name in figures}})
    beside = {"real_confidence": _confidence(real.test.features)} if digits else {}
    return {"samples": n, "towards": gan.truncations[0], "levels": levels, **beside}


@torch.inference_mode()
def _confidence(features: torch.Tensor) -> float:
    """The mean probability of the digit that the classifier takes a picture for."""
    head = classifier.load_classifier("cpu").head
    return rounded(head(features).softmax(1).max(1).values.double().mean().item())
