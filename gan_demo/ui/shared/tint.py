"""What colours pictures: D's belief, or where that says nothing, the rank of its number among real test pictures.

A D that a penalty or a good generator keeps near 50 % says 48 % of one picture and 51 % of another. Their colours would
all be grey, and the order of the two, which is all that this D knows, would not be seen.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gan_demo.belief import Belief, meaning, rank
from gan_demo.ui.shared.model import Model, ScoredPictures

BELIEF, REAL_RANK = "belief", "real rank"
NARROW = 0.25  # of the leans of nine tenths of all pictures, from -1 to 1: 12 per cent of a probability
TAIL = 0.05


class Tints(NamedTuple):
    """Colours of pictures."""

    scale: str  # what the values are: BELIEF or REAL_RANK
    values: list[float]  # 0 (fake, or the least real) .. 1/2 .. 1 (real, or the most real), one a picture


def scale_of(model: Model) -> str:
    """What the colours of a model's pictures say."""
    spread = width(model)
    return BELIEF if spread is None or spread >= NARROW else REAL_RANK


def width(model: Model) -> float | None:
    """How far apart the leans of nine tenths of all pictures lie, 0 to 2; None of scores without a scale."""
    row = meaning(model.gan.config.objective)
    if row.lean is None or model.reference is None:  # `Model.belief` gives a score without a scale its rank
        return None
    both = (model.reference.real, model.reference.generated)
    low = min(row.lean(float(np.quantile(outputs, TAIL))) for outputs in both)
    high = max(row.lean(float(np.quantile(outputs, 1 - TAIL))) for outputs in both)
    return high - low


def tints(model: Model, scored: ScoredPictures) -> Tints:
    """The colours of pictures that D has judged: all that colours Samples, Map and Interpolate comes from here."""
    return of_outputs(model, scored.outputs)


def of_outputs(model: Model, outputs: Sequence[float]) -> Tints:
    """The colours of raw outputs of D, such as places on an axis; 1/2 for a NaN."""
    scale = scale_of(model)
    if scale == REAL_RANK and model.reference is not None:
        values = [rank(raw, model.reference.real) for raw in outputs]
    else:
        values = [(model.belief(raw).lean + 1) / 2 for raw in outputs]
    return Tints(scale, [0.5 if math.isnan(value) else value for value in values])


def coloured(model: Model, scored: ScoredPictures) -> list[Belief]:
    """What D says of pictures, with the leans that their colours have; numbers and verdicts stay what D says."""
    return _with(model, scored.outputs, tints(model, scored))


def coloured_outputs(model: Model, outputs: Sequence[float]) -> list[Belief]:
    """The same of raw outputs that no picture belongs to."""
    return _with(model, outputs, of_outputs(model, outputs))


def _with(model: Model, outputs: Sequence[float], tints: Tints) -> list[Belief]:
    pairs = zip(outputs, tints.values, strict=True)
    return [replace(model.belief(raw), lean=2 * value - 1) for raw, value in pairs]
