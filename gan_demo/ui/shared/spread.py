"""Where D's raw outputs lie, in numbers and words that spread.js draws with uPlot: two densities, or a histogram."""

import html
import json
import math
from typing import Any

import numpy as np

from gan_demo import belief
from gan_demo.belief import Reference, density, meaning
from gan_demo.objectives import OBJECTIVES
from gan_demo.ui import words
from gan_demo.ui.words import say

BINS = 180  # of the densities, over the axis and its room
PARTS = 6  # of an axis without values of its own that are worth a mark
ROOM = 0.5  # how far the axis of the densities gives way to an output that is marked, as a share of its width
AIR = 0.04  # beyond the ends of the densities, likewise
# Raw outputs that cannot tell. Critics have none: their zero means nothing.
UNSURE = {"logit": 0.0, "target": 0.5, "margin": 0.0}
TAIL = 0.002  # share of the reference scores that a chart leaves out at each end


def unsure(objective: str) -> float | None:
    """The raw output with which D cannot tell, where there is one."""
    return UNSURE.get(OBJECTIVES[objective].output)


def densities(reference: Reference, objective: str, noun: str) -> dict[str, Any]:
    """The densities of both reference distributions, the generator's below the axis, and what stands at each output.

    No picture plays a part: spread.js marks its output, and makes room for one that is outside, but near.
    """
    low, high = span(reference, unsure(objective))
    width = high - low
    air, room = AIR * width, ROOM * width
    edges = np.linspace(low - room - air, high + room + air, BINS + 1)
    x = (edges[:-1] + edges[1:]) / 2
    above, below = smooth(density(reference.real, edges)), smooth(density(reference.generated, edges))
    peak = max(above.max(), below.max())
    groups = [(getattr(reference, kind), say(f"{kind} group", noun=noun)) for kind in ("real", "generated")]
    said = [
        [
            *(words.comparison(belief.rank(raw, scores), group) for scores, group in groups),
            meaning(objective).number(raw),
        ]
        for raw in x.tolist()
    ]
    return {
        "x": significant(x),
        "low": low,
        "high": high,
        "air": air,
        "room": room,
        "ticks": ticks(objective, low - room - air, high + room + air, PARTS * (1 + 2 * ROOM)),
        "said": said,
        "range": [-1.04, 1.04],
        "lines": [
            {"y": (above / peak).round(4).tolist(), "colour": "real", "as": "area"},
            {"y": (-below / peak).round(4).tolist(), "colour": "fake", "as": "area"},
        ],
    }


def span(reference: Reference, unsure: float | None) -> tuple[float, float]:
    """The raw outputs between which nearly all of the reference lies, and `unsure`."""
    both = (reference.real, reference.generated)
    low = min(float(np.quantile(scores, TAIL)) for scores in both)
    high = max(float(np.quantile(scores, 1 - TAIL)) for scores in both)
    if unsure is not None:
        low, high = min(low, unsure), max(high, unsure)
    return low, max(high, low + 1e-6)


def smooth(values: np.ndarray) -> np.ndarray:
    """A moving average over seven bins: a reference of some thousand scores is no finer."""
    window = np.array([1, 2, 3, 4, 3, 2, 1]) / 16
    return np.convolve(values, window, mode="same")


def ticks(objective: str, low: float, high: float, parts: float = PARTS) -> list[tuple[float, str]]:
    """(raw output, its number in words) of what is worth a mark on an axis, the most telling first.

    The browser marks those that have room beside each other.
    """
    row = meaning(objective)
    marked = row.ticks or round_numbers(low, high, parts)  # a critic has none of its own
    return [(tick, row.number(tick)) for tick in marked if low <= tick <= high]


def round_numbers(low: float, high: float, parts: float = PARTS) -> list[float]:
    """At most `parts` + 1 numbers from `low` to `high`, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / parts
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (1, 2, 5, 10) if step * power >= rough) * power
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def significant(values: np.ndarray) -> list[float]:
    """Numbers to send, with as many digits as ends and steps of an axis need."""
    return [float(f"{value:.9g}") for value in values.tolist()]


def frame(told: dict[str, Any], label: str, around: str = "") -> str:
    """The place of a chart, as high as the chart, which spread.js draws there; `around` is what stands over it."""
    return (
        f'<div class="spread" data-spread="{html.escape(json.dumps(told, ensure_ascii=False, allow_nan=False))}">'
        f'<div class="plot" role="img" tabindex="0" aria-label="{html.escape(label)}"></div>{around}'
        '<span class="readout" role="status" data-read></span></div>'
    )
