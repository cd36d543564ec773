"""What the parts of metrics.json say that are measured besides: as rows of text, and in a few facts.

Nothing here measures, and nothing but text is needed: cards and page read it.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gan_demo.latent.truncation import MIDDLE

UNSOUND = (TypeError, KeyError, ValueError, IndexError, AttributeError, OverflowError)  # of a part of a stranger's

LEVELS = (0.2, 0.3, 0.5, 0.7, 1.0)
OF_TRUNCATION = ("precision", "density", "coverage", "confidence")  # the last of digits only
READERS = ("d", "d_untrained", "pixels", "components")  # what a linear classifier reads digits from
COMPONENTS = 50


FAILURES = {
    "D has won": "D has won: it tells nearly every sample from real pictures. Where the loss saturates, such a D has no"
    " gradient left from which G could learn.",
    "collapsed": "It has collapsed: not all of the ten digits make up half a percent of its samples.",
}
APPEARS = 0.005  # share of the samples from which on a digit is not the classifier's mistake
WON = 0.995  # share of pairs of a real picture and a sample that D puts in the right order


def failure(metrics: Any) -> str | None:
    """How a training failed by what metrics.json says, a key of FAILURES; None where it did not, or nobody can tell."""
    try:
        real, generated = (np.asarray(metrics["discriminator"][name], float) for name in ("real", "generated"))
        if (real[:, None] > generated).mean() >= WON:  # of evenly spaced quantiles
            return "D has won"
        return "collapsed" if min(metrics["model"]["class_histogram"]) < APPEARS else None
    except UNSOUND:
        return None


class Truncated(NamedTuple):
    """What was measured at one truncation."""

    truncation: float
    precision: float
    coverage: float


def truncated(metrics: dict[str, Any], truncation: float, towards: str) -> tuple[Truncated, Truncated, int] | None:
    """What was measured at the level that is nearest to `truncation`, and at 1, and with how many samples.

    None where nothing sound was measured.

    `towards` is where truncation leads, one of `latent.truncation.WAYS`.
    """
    try:
        if metrics["truncation"].get("towards", MIDDLE) != towards:
            return None
        rows = [Truncated(*(float(row[name]) for name in Truncated._fields)) for row in metrics["truncation"]["levels"]]
        whole, samples = next(row for row in rows if row.truncation == 1), int(metrics["truncation"]["samples"])
    except (*UNSOUND, StopIteration):
        return None
    if not all(0 <= figure <= 1 for row in rows for figure in row):
        return None
    return min(rows, key=lambda row: abs(row.truncation - truncation)), whole, samples


def _truncation(content: dict[str, Any]) -> list[list[str]]:
    """A head and a row for each level, as text."""
    of_digits = "real_confidence" in content
    names = OF_TRUNCATION if of_digits else OF_TRUNCATION[:-1]
    rows = [["truncation", *names]]
    rows += [[f"{row['truncation']:g}", *(format(row[name], ".3f") for name in names)] for row in content["levels"]]
    return [*rows, ["real pictures", *[""] * 3, format(content["real_confidence"], ".3f")]] if of_digits else rows


def by_heart(metrics: dict[str, Any] | None) -> tuple[list[float], list[float] | None] | None:
    """Shares of pairs that D puts in order, and V if it has one, of training and of test pictures; None if unsound."""
    try:
        content = (metrics or {})["by_heart"]
        ranked = [float(share) for share in content["ranked"]]
        values = [float(value) for value in content["value"]] if "value" in content else None
    except UNSOUND:
        return None
    sound = len(ranked) == 2 and all(0 <= share <= 1 for share in ranked)
    sound = sound and (values is None or (len(values) == 2 and all(map(math.isfinite, values))))
    return (ranked, values) if sound else None


def _by_heart(content: dict[str, Any]) -> list[list[str]]:
    """A head and a row for each figure, as text."""
    rows = [["against as many samples", "training pictures", "test pictures"]]
    rows.append(["pairs in the right order", *(format(share, ".1%") for share in content["ranked"])])
    if "value" in content:
        rows.append(["V(D, G), -log 4 = -1.386", *(f"{round(one, 3) + 0:.3f}" for one in content["value"])])
    return rows


def _few_labels(content: dict[str, Any]) -> list[list[str]]:
    """A head and a row for each of READERS, as text."""
    names = {"d": "D's features", "d_untrained": "D before training", "pixels": "pixels"}
    names["components"] = f"{COMPONENTS} principal components"
    rows = [["labels", *map(str, content["labels"])]]
    for reader in READERS:
        rows.append([names[reader], *(f"{mean:.1%} ± {std:.1%}" for mean, std in content[reader])])
    return rows


FORMS: dict[str, Callable[[dict[str, Any]], list[list[str]]]] = {
    "truncation": _truncation,
    "by_heart": _by_heart,
    "few_labels": _few_labels,
}


def cells(metrics: dict[str, Any] | None, name: str) -> list[list[str]]:
    """A part of metrics.json as a head and rows of text; nothing where it is not there, or makes no sense."""
    try:
        return FORMS[name]((metrics or {})[name])
    except UNSOUND:
        return []
