"""D's number in words.

The objective that D was trained with decides what its raw output means, so everything that reads the output is a row of
`MEANINGS`. What a number is worth shows beside a `Reference` (reference.py): D's numbers for other pictures.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from gan_demo.belief.reference import Reference
from gan_demo.objectives import OBJECTIVES


def probability(logit: float) -> float:
    """sigmoid(logit), without overflow at either end."""
    return (1 + math.tanh(logit / 2)) / 2


def percent(share: float) -> str:
    """Write a share from 0 to 1 in whole percent; only exactly 0 and 1 become 0 % and 100 %."""
    whole = round(share * 100)
    if whole == 0 and share > 0:
        return "<\u202f1\u00a0%"
    if whole == 100 and share < 1:
        return ">\u202f99\u00a0%"
    return f"{whole}\u00a0%"


def typeset(number: str) -> str:
    """Replace the hyphen before a number by a minus sign, which is as wide as a plus."""
    return number.replace("-", "−")


@dataclass(frozen=True)
class Meaning:
    """One row of `MEANINGS`: how to read a raw output."""

    name: str  # what the number is
    unit: str  # what the raw output itself is called
    number: Callable[[float], str]  # raw output -> the number as people read it
    # raw output -> -1 (fake) .. 0 (cannot tell) .. 1 (real); None where only a `Reference` can say.
    lean: Callable[[float], float] | None
    ticks: tuple[float, ...]  # raw outputs worth a mark on an axis, the most telling first
    explanation: str
    caution: str

    @property
    def has_scale(self) -> bool:
        """Whether an output says something without others beside it."""
        return self.lean is not None


def _logits(*probabilities: float) -> tuple[float, ...]:
    return tuple(math.log(p / (1 - p)) for p in probabilities)


def _score(raw: float) -> str:
    """Write a number that has no scale, to three digits and more: those of a clipped critic may be tiny."""
    size = math.floor(math.log10(abs(raw))) if raw and math.isfinite(raw) else 0
    return typeset(f"{raw or 0.0:+.{min(max(2 - size, 1), 6)}f}")


MEANINGS: dict[str, Meaning] = {
    "logit": Meaning(
        name="probability of being real",
        unit="logit",
        number=lambda raw: percent(probability(raw)),
        lean=lambda raw: math.tanh(raw / 2),  # 2 D - 1
        ticks=_logits(0.5, 0.1, 0.9, 0.01, 0.99, 0.001, 0.999, 0.25, 0.75, 0.4, 0.6, 0.45, 0.55),
        explanation=(
            "D's raw output is a logit. Its sigmoid is D's estimate of the probability that the picture is real, if it"
            " is one or the other and both are equally common."
        ),
        caution=(
            "A generator that has learned well leaves its discriminator guessing: the best possible D says 50\u00a0%"
            " of every picture when both kinds look alike (Goodfellow et al. 2014, theorem 1). A penalty on its slope"
            " keeps D near 50\u00a0%, too. So the rank among other pictures tells more than the probability itself."
        ),
    ),
    "target": Meaning(
        name="regression value",
        unit="output",
        number=lambda raw: typeset(f"{_tidy(raw):.2f}"),
        lean=lambda raw: max(-1.0, min(1.0, 2 * raw - 1)),
        ticks=(0.5, 0.0, 1.0, -0.5, 1.5),
        explanation=(
            "D was fitted by least squares to say 1 of real pictures and 0 of generated ones. The best possible D says"
            " the probability that the picture is real, but this one has no sigmoid and can say less than 0 or more"
            " than 1."
        ),
        caution=(
            "Where real and generated pictures look alike, the best possible D says 0.5 of all of them"
            " (Mao et al. 2017, section 3.2). The rank among other pictures tells more than the number itself."
        ),
    ),
    "margin": Meaning(
        name="margin",
        unit="margin",
        number=lambda raw: typeset(f"{_tidy(raw):+.2f}"),
        lean=lambda raw: max(-1.0, min(1.0, raw)),
        ticks=(0.0, -1.0, 1.0, -2.0, 2.0),
        explanation=(
            "D was trained with the hinge loss to say +1 or more of real pictures and -1 or less of generated ones."
            " It is no probability."
        ),
        caution=(
            "Where real and generated pictures look alike, any number from -1 to +1 is as good as another, so a sign"
            " near 0 says little. The rank among other pictures tells more."
        ),
    ),
    "critic": Meaning(
        name="critic score",
        unit="score",
        number=_score,
        lean=None,
        ticks=(),
        explanation=(
            "This D is a critic: its output has no fixed scale and no zero. Only differences mean something: how much"
            " more real one picture seems than another."
        ),
        caution=(
            "Colours and words come from the rank among real test pictures and this generator's, because the"
            " score alone says nothing. A rank says where a score lies, not that D can tell: where both kinds have the"
            " same scores, a high rank means nothing."
        ),
    ),
    "relative": Meaning(
        name="relative score",
        unit="score",
        number=_score,
        lean=None,
        ticks=(),
        explanation=(
            "This D was trained on pairs: the sigmoid of the difference of two scores is the probability that the"
            " first picture is the real one of the two. The score of one picture alone has no zero."
        ),
        caution=(
            "Colours and words come from the rank among real test pictures and this generator's, because the"
            " score alone says nothing. A rank says where a score lies, not that D can tell: where both kinds have the"
            " same scores, a high rank means nothing."
        ),
    ),
}


def _tidy(raw: float) -> float:
    """Make a number that rounds to 0 exactly 0, so that no minus stands before a zero."""
    return raw if abs(raw) >= 0.005 else 0.0


# The least lean, either way, that each verdict takes: 10 %, 40 %, 60 % and 90 % for a probability.
LEANING, SURE = 0.2, 0.8
BELIEFS = ("surely fake", "rather fake", "cannot tell", "rather real", "surely real")
# Of outputs without a scale of their own, only the rank is known, and that is no belief.
RANKS = ("among the lowest", "rather low", "in the middle", "rather high", "among the highest")
VERDICTS = BELIEFS + RANKS


@dataclass(frozen=True)
class Belief:
    """What D says of one picture."""

    raw: float  # D's raw output
    number: str  # as people read it, such as "62 %"
    lean: float  # -1 (fake, or lowest) .. 0 (cannot tell, or in the middle) .. 1 (real, or highest)
    verdict: str  # one of VERDICTS


def meaning(objective: str) -> Meaning:
    """Return how to read the D of an objective, a key of `objectives.OBJECTIVES`."""
    return MEANINGS[OBJECTIVES[objective].output]


def verdict(lean: float, words: tuple[str, ...] = BELIEFS) -> str:
    """Put a lean, -1 to 1, into one of five words: BELIEFS, or RANKS for a lean that is a rank."""
    strength = int(abs(lean) >= LEANING) + int(abs(lean) >= SURE)
    return words[2 + (strength if lean > 0 else -strength)]


def belief(objective: str, raw: float, reference: Reference | None = None) -> Belief:
    """Read one raw output of a D that was trained with `objective`.

    An output without a scale of its own leans as far as it ranks above or below the reference's. Without one the
    verdict is "cannot tell", and so it is where D says NaN because its weights are damaged.
    """
    if math.isnan(raw):
        return Belief(raw, "no number", 0.0, "cannot tell")
    row = meaning(objective)
    if not row.has_scale and reference is not None:
        return by_rank(objective, raw, reference.lean(raw))
    lean = row.lean(raw) if row.lean is not None else 0.0
    return Belief(raw, row.number(raw), lean, verdict(lean))


def by_rank(objective: str, raw: float, lean: float) -> Belief:
    """Read a raw output whose lean is its rank among others."""
    return Belief(raw, meaning(objective).number(raw), lean, verdict(lean, RANKS))


def likelihood_ratio(objective: str, raw: float) -> float | None:
    """Estimate how many times likelier a picture is under the data than under the generator: p_data(x) / p_G(x).

    The D that maximises E[log D(x)] + E[log(1 - D(G(z)))] is D = p_data / (p_data + p_G) (Goodfellow et al. 2014,
    proposition 1), whose odds D / (1 - D), the exponential of the logit, are that ratio: as far as this D is the
    best one. None for objectives whose best D is another, and for least squares: the best D is the same there, but
    an output can be below 0 or above 1, where there are no odds.
    """
    if OBJECTIVES[objective].output != "logit" or math.isnan(raw):
        return None
    return math.exp(min(raw, 700.0))  # e to the 700 is near the largest float
