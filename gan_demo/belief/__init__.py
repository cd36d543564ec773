"""What D's number means: in words, against its numbers for real and generated pictures, pixel by pixel."""

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
