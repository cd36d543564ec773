"""The HTML of what the tabs show: digits with D's belief, the legend, the chart of a score."""

import html
import math
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from gan_demo.belief import Belief, Reference, density, meaning
from gan_demo.config import CLASSES
from gan_demo.objectives import OBJECTIVES
from gan_demo.pictures import encoding
from gan_demo.ui import words
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

# How many pixels of the screen each pixel of a digit gets, by how many digits there are at most, and
# how many such digits fit into one row of a wide page.
SCALES = ((1, 10, 1), (4, 8, 4), (7, 5, 7), (32, 4, 8), (60, 3, 11), (100, 2, 15))
FILM_SCALES = ((7, 5, 7), (9, 4, 9), (100, 3, 12))
BINS = 90
# Raw outputs that cannot tell. Critics have none: their zero means nothing.
UNSURE = {"logit": 0.0, "target": 0.5, "margin": 0.0}
CHART_TAIL = 0.002  # share of the reference scores that the chart leaves out at each end


def picture(pixels: np.ndarray, alt: str) -> str:
    """A digit, (28, 28) uint8, as an image element that the page needs no second request for."""
    url = encoding.data_url(encoding.png_bytes(Image.fromarray(pixels)))
    return f'<img src="{url}" width="28" height="28" alt="{html.escape(alt)}">'


def strength(belief: Belief) -> int:
    """How much colour a belief has, in percent: -100 (fake) .. 0 (cannot tell) .. 100 (real)."""
    # The power makes small leanings easier to see; 0 and 1 stay where they are.
    return round(math.copysign(abs(belief.lean) ** 0.75 * 100, belief.lean))


def leaning(belief: Belief) -> str:
    """The class and style that give an element the colour of a belief: page.js does the same in the browser."""
    side = "toward-real" if belief.lean >= 0 else "toward-fake"
    return f'class="{side}" style="--lean:{abs(strength(belief))}%"'


def number(belief: Belief) -> str:
    """The number of a belief, as people read it."""
    return say("no number") if math.isnan(belief.raw) else belief.number


def digit(
    pixels: np.ndarray, belief: Belief, alt: str, label: str = "", address: Address | None = None, chosen: bool = False
) -> str:
    """A digit over the colour and the number of D's belief; with an address it can be pinned and chosen."""
    mark = f"<b>{html.escape(label)}</b>" if label else ""
    shown = f"<span {leaning(belief)}>{picture(pixels, alt)}</span>"
    if address:
        shown = choice(pixels, belief, address, alt, chosen) + pin_button(address, tiled=True)
    return f'<figure title="{html.escape(alt)}">{shown}<figcaption>{mark}{number(belief)}</figcaption></figure>'


def choice(pixels: np.ndarray, belief: Belief, address: Address, alt: str, chosen: bool = False) -> str:
    """A digit as a button: the script of Samples shows it closely."""
    return (
        f'<button {leaning(belief)} data-choose="{html.escape(str(address))}" aria-pressed="{str(chosen).lower()}"'
        f' aria-label="{html.escape(alt)}">{picture(pixels, alt)}</button>'
    )


def pin_button(address: Address, worded: bool = False, tiled: bool = False) -> str:
    """A button that pins an address; the tab key passes over a `tiled` one, which is among many."""
    text, label = html.escape(str(address)), html.escape(say("pin it", address=address))
    inside = say("pin") if worded else ""
    skipped = ' tabindex="-1"' if tiled else ""
    return f'<button class="pin" data-pin="{text}" title="{label}" aria-label="{label}"{skipped}>{inside}</button>'


def address_card(address: Address, checkpoint: str) -> str:
    """The address of a picture, to copy or pin, and on a click the two lines that make the picture elsewhere."""
    lines = ((say("in python"), address.python(checkpoint)), (say("as command"), address.command(checkpoint)))
    rows = "".join(f"<dt>{label}</dt><dd>{copied(text)}</dd>" for label, text in lines)
    return (
        f'<div class="address"><span>{say("address")}</span>{copied(str(address))}{pin_button(address, worded=True)}'
        f"<details><summary>Python · shell</summary><dl>{rows}</dl></details></div>"
    )


def address_to_come() -> str:
    """The address of a picture that the browser will have, to copy or pin: a script fills it in."""
    return (
        f'<div class="address" hidden><span>{say("address")}</span><code></code>'
        f'<button class="copy" data-copy="">{say("copy")}</button>'
        f'<button class="pin" data-pin="">{say("pin")}</button></div>'
    )


def copied(text: str) -> str:
    """A text in the letters of code, with a button that copies it."""
    escaped = html.escape(text)
    return f'<code>{escaped}</code><button class="copy" data-copy="{escaped}">{say("copy")}</button>'


def digits(figures: Sequence[str], scales: Sequence[tuple[int, int, int]] = SCALES) -> str:
    """Digits in rows, the larger the fewer there are."""
    scale, widest = next((scale, widest) for most, scale, widest in scales if len(figures) <= most)
    rows = " rows" if len(figures) > widest else ""
    return f'<div class="digits{rows}" style="--scale:{scale}">{"".join(figures)}</div>'


def tens(figures: Sequence[str]) -> str:
    """A row for each latent, with what it is as each of the ten digits."""
    rows = [figures[start : start + CLASSES] for start in range(0, len(figures), CLASSES)]
    return "".join(
        f'<section class="ten"><h3>{say("latent", row=row)}</h3>'
        f'<div class="digits" style="--scale:3">{"".join(shown)}</div></section>'
        for row, shown in enumerate(rows)
    )


def legend(objective: str, why: str = "") -> str:
    """What the colours and the numbers say: how to read them at once or on a click, and what D was trained for.

    `why` says why there is no reference: without one, an output without a scale of its own has no colour.
    """
    trained, has_scale = OBJECTIVES[objective], meaning(objective).has_scale
    ends = ("legend fake", "legend unsure", "legend real") if has_scale else ("rank low", "rank middle", "rank high")
    scale = f'<span class="scale"><i></i>{"".join(f"<span>{say(end)}</span>" for end in ends)}</span>'
    if why and not has_scale:
        scale = f'<span class="no-scale">{html.escape(say("no scale", why=why))}</span>'
    # Two players, two lines.
    formula = html.escape(trained.formula).replace("   G:", "<br>G:")
    return (
        f'<div class="legend"><span>{say("legend")}<b>{words.meaning(objective, "name")}</b></span>'
        f"{scale}<details><summary>{say('why near half')}</summary>"
        f"<p>{words.meaning(objective, 'explanation')}</p><p>{words.meaning(objective, 'caution')}</p></details>"
        f"<details><summary>{say('formula')}</summary><p><b>{objective}</b> ({trained.source})</p>"
        f"<p><code>{formula}</code></p></details></div>"
    )


def below(model: Model) -> str:
    """The legend of a model's beliefs, under the digits that have their colours."""
    return f'<div class="below">{legend(model.gan.config.objective, model.why_no_reference)}</div>'


def notes(lines: Iterable[str]) -> str:
    """What the person who opened the page should know."""
    return '<div class="notes" role="status">' + "".join(f"<p>{html.escape(line)}</p>" for line in lines) + "</div>"


def facts(model: Model) -> str:
    """What the page says of a model, on one line; page.css shows what makes sense for such a model only."""
    pairs = ((html.escape(label), html.escape(text)) for label, text in model.facts())
    rows = "".join(f"<div><dt>{label}</dt><dd>{text}</dd></div>" for label, text in pairs)
    kinds = " data-conditional" * model.conditional + " data-digits" * model.draws_digits
    return f'<dl class="facts"{kinds}>{rows}</dl>'


def chart(reference: Reference, raw: float, objective: str, noun: str) -> str:
    """The densities of both reference distributions, one above and one below an axis, with `raw` marked."""
    low, high = _range(reference, raw, UNSURE.get(OBJECTIVES[objective].output))
    edges = np.linspace(low, high, BINS + 1)
    above, below = _smooth(density(reference.real, edges)), _smooth(density(reference.generated, edges))
    scale = 48 / max(above.max(), below.max())
    x = np.linspace(0, 300, BINS)
    place = min(max((raw - low) / (high - low), 0), 1) * 100
    outside = {0: " below", 100: " above"}.get(place, "")
    side = "right" if place < 40 else "left"  # the words keep clear of the mark
    ticks = "".join(
        f'<span style="left:{position:.1f}%">{meaning(objective).number(tick)}</span>'
        for position, tick in ticks_between(low, high, meaning(objective).ticks)
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


def _range(reference: Reference, raw: float, unsure: float | None) -> tuple[float, float]:
    """The raw outputs at both ends of the chart: nearly all of the reference, `unsure`, and the marked one."""
    both = (reference.real, reference.generated)
    low = min(float(np.quantile(scores, CHART_TAIL)) for scores in both)
    high = max(float(np.quantile(scores, 1 - CHART_TAIL)) for scores in both)
    if unsure is not None:
        low, high = min(low, unsure), max(high, unsure)
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


def ticks_between(low: float, high: float, ticks: Sequence[float], apart: float = 11) -> list[tuple[float, float]]:
    """(position in percent, raw output) of the ticks that fit without touching, `apart` percent at least."""
    placed: list[tuple[float, float]] = []
    for tick in ticks or round_numbers(low, high):  # a critic has none of its own
        position = (tick - low) / (high - low) * 100
        if 3 <= position <= 97 and all(abs(position - other) > apart for other, _ in placed):
            placed.append((position, tick))
    return sorted(placed)


def round_numbers(low: float, high: float, parts: int = 6) -> list[float]:
    """At most `parts` + 1 numbers from `low` to `high`, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / parts
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (1, 2, 5, 10) if step * power >= rough) * power
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
