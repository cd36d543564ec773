"""What many digits have in common: which they are, and what D says of them; mode collapse is seen at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gan_demo.belief import density, meaning, percent
from gan_demo.config import CLASSES
from gan_demo.ui.shared import markup, spread, tint
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
            "digits missing asked" if asked or chance < 0.05 else "digits missing",  # what would be said as 0.0
            digits=say("and").join(missing),
            chance=chance,
        )
    # An even share is a line to measure by.
    even = len(found) / CLASSES / tallest
    return (
        f'<figure class="tally-chart"><figcaption><b>{say("which digits")}</b> <span>{told}</span></figcaption>'
        f'<ol class="bars" style="--even:{even:.3f}" aria-label="{say("which digits")}">{bars}</ol></figure>'
    )


def scores(model: Model, outputs: Sequence[float], tally: str) -> str:
    """How the raw outputs of D, or of the best D (tint.py), are spread; `tally` says it in words.

    Those of real test digits are an outline, and beside it stands the share of them that are taken for real, where the
    number says so: it may be far from all.
    """
    who, objective, reference = tint.voice(model)
    named = say("spread of scores", who=who)
    raws = np.array(outputs)
    raws = raws[np.isfinite(raws)]
    if not len(raws):
        return ""
    unsure = spread.unsure(objective)
    ends = [float(raws.min()), float(raws.max())]
    if reference is not None:
        ends += [float(np.quantile(reference.real, tail)) for tail in (spread.TAIL, 1 - spread.TAIL)]
    if unsure is not None:
        ends.append(unsure)
    width = max(max(ends) - min(ends), 1e-6)
    edges = np.linspace(min(ends) - 0.03 * width, max(ends) + 0.03 * width, BINS + 1)
    real = None if reference is None else density(reference.real, edges) * np.diff(edges)
    key = ""
    if reference is not None:
        group = say("chart of real", noun=model.noun)
        if unsure is not None:
            group = say("share of", share=percent((reference.real > unsure).mean()), group=group)
        key = f'<span class="key">{group}</span>'
    chart = spread.frame(_bars(model, edges, np.histogram(raws, edges)[0], real), named)
    return (
        f'<figure class="tally-chart"><figcaption><b role="status">{tally or named}</b> {key}'
        f"</figcaption>{chart}</figure>"
    )


def _bars(model: Model, edges: np.ndarray, counts: np.ndarray, real: np.ndarray | None) -> dict[str, Any]:
    """The histogram for spread.js: bars in the colours of beliefs, and shares of real digits as an outline."""
    objective = tint.voice(model).objective
    number = meaning(objective).number
    middles, shares = (edges[:-1] + edges[1:]) / 2, counts / counts.sum()
    tallest = max(shares.max(), 0 if real is None else real.max())
    leans = [markup.strength(said) for said in tint.coloured_outputs(model, middles.tolist())]
    lines: list[dict[str, Any]] = [{"y": (shares / tallest).round(4).tolist(), "leans": leans, "as": "bars"}]
    said = [
        say("scores here", number=number(raw), count=count, all=counts.sum())
        for raw, count in zip(middles.tolist(), counts.tolist(), strict=True)
    ]
    if real is not None:
        lines.append({"y": (real / tallest).round(4).tolist(), "colour": "ink", "as": "outline"})
        group = say("chart of real", noun=model.noun)
        beside = [say("share of", share=percent(share), group=group) for share in real.tolist()]
        said = [" · ".join(both) for both in zip(said, beside, strict=True)]
    low, high = float(edges[0]), float(edges[-1])
    return {
        "x": spread.significant(middles),
        "low": low,
        "high": high,
        "air": 0,
        "room": 0,
        "ticks": spread.ticks(objective, low, high),
        "said": [[text] for text in said],
        "range": [0, 1],
        "lines": lines,
    }
