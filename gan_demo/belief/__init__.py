"""Belief: what D's number means.

D's raw output means something else under each objective. Read `meaning.py` first, which turns the number into words.
`reference.py` says where it lies among D's numbers for real and for generated pictures. `saliency.py` shows which
pixels speak for a picture and against it. `seen.py` says of what pictures D knows nothing. `best_response.py` is
another D, trained against the finished generator. `unmeasured.py` finds the reference of a model without metrics.
"""

from gan_demo.belief.meaning import (
    BELIEFS,
    MEANINGS,
    RANKS,
    VERDICTS,
    Belief,
    Meaning,
    belief,
    by_rank,
    likelihood_ratio,
    meaning,
    percent,
    probability,
    typeset,
    verdict,
)
from gan_demo.belief.reference import Reference, density, rank

__all__ = [
    "BELIEFS",
    "MEANINGS",
    "RANKS",
    "VERDICTS",
    "Belief",
    "Meaning",
    "Reference",
    "belief",
    "by_rank",
    "density",
    "likelihood_ratio",
    "meaning",
    "percent",
    "probability",
    "rank",
    "typeset",
    "verdict",
]
