"""The HTML of what the tabs show: digits with D's belief, the legend, the chart of a score."""

import html
import math
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from gan_demo import images
from gan_demo.belief import Belief, Meaning, Reference, density
from gan_demo.ui.words import say

# How many pixels of the screen each pixel of a digit gets, by how many digits there are at most, and
# how many such digits fit into one row of a wide page.
SCALES = ((1, 10, 1), (4, 8, 4), (7, 5, 7), (32, 4, 8), (60, 3, 11), (100, 2, 15))
FILM_SCALES = ((7, 5, 7), (9, 4, 9), (100, 3, 12))
BINS = 90
CHART_TAIL = 0.002  # share of the reference scores that the chart leaves out at each end


def picture(pixels: np.ndarray, alt: str) -> str:
    """A digit, (28, 28) uint8, as an image element that the page needs no second request for."""
    url = images.data_url(images.png_bytes(Image.fromarray(pixels)))
    return f'<img src="{url}" width="28" height="28" alt="{html.escape(alt)}">'


def leaning(belief: Belief) -> str:
    """The class and style that give an element the colour of a belief."""
    side = "toward-real" if belief.lean >= 0 else "toward-fake"
    # The power makes small leanings easier to see; 0 and 1 stay where they are.
    return f'class="{side}" style="--lean:{abs(belief.lean) ** 0.75 * 100:.0f}%"'


def digit(pixels: np.ndarray, belief: Belief, alt: str, label: str = "") -> str:
    """A digit over the colour and the number of D's belief."""
    mark = f"<b>{html.escape(label)}</b>" if label else ""
    return (
        f'<figure title="{html.escape(alt)}"><span {leaning(belief)}>{picture(pixels, alt)}</span>'
        f"<figcaption>{mark}{belief.number}</figcaption></figure>"
    )


def digits(figures: Sequence[str], scales: Sequence[tuple[int, int, int]] = SCALES) -> str:
    """Digits in rows, the larger the fewer there are."""
    scale, widest = next((scale, widest) for most, scale, widest in scales if len(figures) <= most)
    rows = " rows" if len(figures) > widest else ""
    return f'<div class="digits{rows}" style="--scale:{scale}">{"".join(figures)}</div>'


def legend(meaning: Meaning, explained: bool = False) -> str:
    """What the colours and the numbers say, and why they are often near the middle: at once or on a click."""
    return (
        f'<div class="legend"><span>{say("legend")}</span>'
        f'<span class="scale"><i></i><span>{say("legend fake")}</span><span>{say("legend unsure")}</span>'
        f"<span>{say('legend real')}</span></span>"
        f"<details{' open' if explained else ''}><summary>{say('why near half')}</summary>"
        f"<p>{meaning.explanation}</p><p>{meaning.caution}</p></details></div>"
    )


def notes(lines: Iterable[str]) -> str:
    """What the person who opened the page should know."""
    return '<div class="notes" role="status">' + "".join(f"<p>{html.escape(line)}</p>" for line in lines) + "</div>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Labels and texts on one line."""
    rows = "".join(f"<div><dt>{html.escape(label)}</dt><dd>{html.escape(text)}</dd></div>" for label, text in pairs)
    return f'<dl class="facts">{rows}</dl>'


def chart(reference: Reference, raw: float, meaning: Meaning, noun: str) -> str:
    """The densities of both reference distributions, one above and one below an axis, with `raw` marked."""
    low, high = _range(reference, raw, meaning)
    edges = np.linspace(low, high, BINS + 1)
    above, below = _smooth(density(reference.real, edges)), _smooth(density(reference.generated, edges))
    scale = 48 / max(above.max(), below.max())
    x = np.linspace(0, 300, BINS)
    place = min(max((raw - low) / (high - low), 0), 1) * 100
    outside = {0: " below", 100: " above"}.get(place, "")
    side = "right" if place < 40 else "left"  # the words keep clear of the mark
    ticks = "".join(
        f'<span style="left:{position:.1f}%">{meaning.number(tick)}</span>'
        for position, tick in _ticks(low, high, meaning)
    )
    return (
        f'<div class="chart" role="img" aria-label="{say("chart")}"><div class="plot">'
        '<svg viewBox="0 0 300 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="of-real" d="{_area(x, 50 - scale * above)}"/>'
        f'<path class="of-generated" d="{_area(x, 50 + scale * below)}"/></svg>'
        f'<span class="key of-real" style="{side}:0">{say("chart of real", noun=noun)}</span>'
        f'<span class="key of-generated" style="{side}:0">{say("chart of generated")}</span>'
        f'<span class="mark{outside}" style="left:{place:.2f}%"></span></div>'
        f'<div class="ticks">{ticks}</div></div>'
    )


def _range(reference: Reference, raw: float, meaning: Meaning) -> tuple[float, float]:
    """The raw outputs at both ends of the chart: nearly all of the reference, "cannot tell", and the marked one."""
    both = (reference.real, reference.generated)
    low = min(float(np.quantile(scores, CHART_TAIL)) for scores in both)
    high = max(float(np.quantile(scores, 1 - CHART_TAIL)) for scores in both)
    low, high = min(low, 0.0), max(high, 0.0)
    width = max(high - low, 1e-6)
    # A score far outside is marked at the edge; near ones make room for themselves.
    if math.isfinite(raw):
        low, high = min(low, max(raw, low - width / 2)), max(high, min(raw, high + width / 2))
    return low - 0.04 * width, high + 0.04 * width


def _smooth(values: np.ndarray) -> np.ndarray:
    """A moving average over seven bins: a reference of some thousand scores is no finer."""
    window = np.array([1, 2, 3, 4, 3, 2, 1]) / 16
    return np.convolve(values, window, mode="same")


def _area(x: np.ndarray, y: np.ndarray) -> str:
    """An SVG path along (x, y), closed along the axis at y = 50."""
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return f"M0,50 L{points} L300,50 Z"


def _ticks(low: float, high: float, meaning: Meaning) -> list[tuple[float, float]]:
    """(position in percent, raw output) of the ticks that fit without touching."""
    placed: list[tuple[float, float]] = []
    for tick in meaning.ticks:
        position = (tick - low) / (high - low) * 100
        if 3 <= position <= 97 and all(abs(position - other) > 11 for other, _ in placed):
            placed.append((position, tick))
    return sorted(placed)
