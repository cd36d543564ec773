"""What colours pictures: D's belief, or where that is the same of all, the best D's, or ranks among real test pictures.

A D that a penalty or a good generator keeps near 50 % says 48 % of one picture and 51 % of another. Their colours would
all be grey. A best D against this generator (`belief.best_response`) speaks in its place, number and colour alike; but
not one that is sure of every sample, whose colours would be all alike, too. Then the order counts, which is all that
the D of the training knows: each number's rank among those of real test pictures.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from gan_demo.belief import Belief, Reference, belief, meaning, rank
from gan_demo.belief.best_response import LOGIT
from gan_demo.ui.shared.model import Model, ScoredPictures
from gan_demo.ui.words import say

BELIEF, REAL_RANK, BEST = "belief", "real rank", "best"
NARROW = 0.25  # of leans, from -1 to 1: 12 per cent of a probability


class Voice(NamedTuple):
    """Whose numbers stand beside the colours."""

    who: str  # as the page calls it
    objective: str  # which says what its outputs are
    reference: Reference | None


def scale_of(model: Model) -> str:
    """What the colours of a model's pictures say."""
    spread = width(model)
    if spread is None or spread >= NARROW:
        return BELIEF
    return BEST if _best_differs(model) else REAL_RANK


def width(model: Model) -> float | None:
    """How far apart the leans of nine tenths of all pictures lie, 0 to 2; None of scores without a scale."""
    row = meaning(model.gan.config.objective)
    if row.lean is None or model.reference is None:  # `Model.belief` gives a score without a scale its rank
        return None
    both = model.reference.outer
    return max(row.lean(high) for _, high in both) - min(row.lean(low) for low, _ in both)


def _best_differs(model: Model) -> bool:
    """Whether there is a best D, and it says one thing of some of this generator's pictures and another of others."""
    if model.best is None:
        return False
    low, high = (math.tanh(logit / 2) for logit in model.best.reference.inner)
    return high - low >= NARROW


def voice(model: Model) -> Voice:
    """Who says the numbers that stand beside the colours."""
    if model.best is not None and scale_of(model) == BEST:
        return Voice(say("who best"), LOGIT, model.best.reference)
    return Voice(say("who trained"), model.gan.config.objective, model.reference)


def coloured(model: Model, scored: ScoredPictures) -> list[Belief]:
    """What the `voice` says of pictures, with the leans that their colours have; numbers and verdicts are its own."""
    best = scale_of(model) == BEST
    return coloured_outputs(model, model.best_logits(scored.pixels) if best else scored.outputs)


def coloured_outputs(model: Model, outputs: Sequence[float]) -> list[Belief]:
    """The same of raw outputs of the `voice`, such as places on an axis."""
    scale = scale_of(model)
    if scale == BEST:
        return [belief(LOGIT, raw) for raw in outputs]
    said = [model.belief(raw) for raw in outputs]
    if scale == BELIEF or model.reference is None:
        return said
    ranks = [0.5 if math.isnan(raw) else rank(raw, model.reference.real) for raw in outputs]
    return [replace(one, lean=2 * share - 1) for one, share in zip(said, ranks, strict=True)]
