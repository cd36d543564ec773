"""What many digits have in common: which they are, and what D says of them; mode collapse is seen at once."""

from collections.abc import Sequence

import numpy as np

from gan_demo.belief import Belief, density, meaning, percent
from gan_demo.config import CLASSES
from gan_demo.objectives import OBJECTIVES
from gan_demo.ui.shared import markup
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

BINS = 24


def digits(found: Sequence[int], asked: bool = False) -> str:
    """How often each digit occurs, as the classifier reads them."""
    counts = np.bincount(found, minlength=CLASSES)
    tallest = max(int(counts.max()), 1)
    bars = "".join(
        f'<li{"" if count else " class=none"}><span class="count">{count}</span>'
        f'<i style="--height:{count / tallest:.3f}"></i><b>{digit}</b></li>'
        for digit, count in enumerate(counts)
    )
    missing = [str(digit) for digit in np.flatnonzero(counts == 0)]
    if not missing:
        told = say("all digits")
    else:
        chance = CLASSES * (1 - 1 / CLASSES) ** len(found)
        told = say(
            "digits missing" if not asked else "digits missing asked", digits=say("and").join(missing), chance=chance
        )
    # An even share is a line to measure by.
    even = len(found) / CLASSES / tallest
    return (
        f'<figure class="tally-chart"><figcaption><b>{say("which digits")}</b> <span>{told}</span></figcaption>'
        f'<ol class="bars" style="--even:{even:.3f}" aria-label="{say("which digits")}">{bars}</ol></figure>'
    )


def scores(model: Model, beliefs: Sequence[Belief], tally: str) -> str:
    """How D's raw outputs are spread, with those of real test digits as an outline; `tally` says it in words.

    Beside it stands the share of real ones that D takes for real, where its number says so: it may be far from all.
    """
    objective = model.gan.config.objective
    raws = np.array([said.raw for said in beliefs])
    raws = raws[np.isfinite(raws)]
    if not len(raws):
        return ""
    reach = [raws.min(), raws.max()]
    if model.reference is not None:
        reach += [np.quantile(model.reference.real, tail) for tail in (markup.CHART_TAIL, 1 - markup.CHART_TAIL)]
    unsure = markup.UNSURE.get(OBJECTIVES[objective].output)
    if unsure is not None:
        reach.append(unsure)
    width = max(max(reach) - min(reach), 1e-6)
    edges = np.linspace(min(reach) - 0.03 * width, max(reach) + 0.03 * width, BINS + 1)
    shares = np.histogram(raws, edges)[0] / len(raws)
    real = None if model.reference is None else density(model.reference.real, edges) * np.diff(edges)
    tallest = max(shares.max(), 0 if real is None else real.max())
    bars = ""
    for index, share in enumerate(shares):
        if share:
            said = model.belief(float(edges[index] + edges[index + 1]) / 2)
            height = 100 * share / tallest
            place = f'x="{index + 0.06}" y="{100 - height:.1f}" width="0.88" height="{height:.1f}"'
            bars += f"<rect {markup.leaning(said)} {place}/>"
    outline = ""
    if real is not None:
        points = [(0.0, 100.0)]
        for index, share in enumerate(real):
            points += [(index, 100 - 100 * share / tallest), (index + 1, 100 - 100 * share / tallest)]
        outline = f'<polyline points="{" ".join(f"{x:g},{y:.1f}" for x, y in [*points, (BINS, 100.0)])}"/>'
    ticks = "".join(
        f'<span style="left:{position:.1f}%">{meaning(objective).number(tick)}</span>'
        for position, tick in markup.ticks_between(edges[0], edges[-1], meaning(objective).ticks, apart=18)
    )
    key = ""
    if outline:
        group = say("chart of real", noun=model.noun)
        if unsure is not None:
            group = say("share of", share=percent((model.reference.real > unsure).mean()), group=group)
        key = f'<span class="key">{group}</span>'
    head = tally or say("spread of scores")
    return (
        f'<figure class="tally-chart"><figcaption><b role="status">{head}</b> {key}</figcaption>'
        f'<svg viewBox="0 0 {BINS} 100" preserveAspectRatio="none" role="img" aria-label="{say("spread of scores")}">'
        f'{bars}{outline}</svg><div class="ticks">{ticks}</div></figure>'
    )
