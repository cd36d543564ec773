"""How much of D's judgement is memory? What it says of its training pictures, beside what it says of test pictures.

    python -m gan_demo evaluate --by-heart checkpoints/dcgan     measures, and adds it to metrics.json

A D that has learned what digits are treats both alike. One that knows its training pictures by heart tells them from
samples, and test pictures less well. The history of a training has the same two lines, if it is new enough.
"""

from pathlib import Path
from typing import Any

from gan_demo import data
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.samples import SEED, asked_for, choose, draw, scores
from gan_demo.evaluation.told_apart import area
from gan_demo.gan import GAN
from gan_demo.objectives import OBJECTIVES, value


def measure(gan: GAN, dataset: str, data_dir: str | Path | None, samples: int) -> dict[str, Any]:
    """For training and for test pictures, against the same samples: {"pictures", "ranked", "value"}.

    "ranked" is the share of pairs of a real picture and a sample that D puts in the right order, the area under the
    curve. "value" is V(D, G) in nats, where D's output is a logit. Both are [of training, of test pictures].
    Works on the GAN's device. Raises UserError where the data set cannot be had.
    """
    gan.config.check_shape("the evaluation")
    halves = [data.load(dataset, data_dir, train) for train in (True, False)]
    n = min(samples, *(len(half.images) for half in halves))
    generated = scores(gan, draw(gan, n, SEED), asked_for(gan, n))
    ranked, values = [], []
    for half in halves:
        rows = choose(len(half.images), n)
        labels = half.labels[rows] if gan.config.classes and half.labels is not None else None
        real = scores(gan, half.images[rows], labels)
        ranked.append(rounded(area(real, generated)))
        values.append(rounded(value(real, generated).item()))
    logit = OBJECTIVES[gan.config.objective].output == "logit"
    return {"pictures": n, "ranked": ranked, **({"value": values} if logit else {})}
