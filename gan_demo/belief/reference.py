"""Where one of D's numbers lies among its others: of real test pictures, and of what its own generator draws."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_demo.errors import UserError

TAIL = 0.05  # of the outputs at either end, which do not count


@dataclass(frozen=True)
class Reference:
    """D's raw outputs for many pictures, as evenly spaced quantiles: ascending, from the least to the greatest."""

    real: np.ndarray  # (n,) float64, of real test pictures
    generated: np.ndarray  # (m,) float64, of pictures of D's own generator

    @classmethod
    def from_metrics(cls, metrics: Any) -> "Reference":
        """Read the reference from the content of a metrics.json; raises UserError where it has none."""
        part = metrics.get("discriminator") if isinstance(metrics, dict) else None
        if not isinstance(part, dict):
            raise UserError("metrics.json has no part named discriminator")
        return cls(_quantiles(part, "real"), _quantiles(part, "generated"))

    def lean(self, raw: float) -> float:
        """Place an output: -1 below all others, 0 in the middle of both kinds, 1 above all."""
        return rank(raw, self.real) + rank(raw, self.generated) - 1

    @functools.cached_property
    def outer(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Between which outputs nine tenths of the real pictures lie, and of the generated ones."""
        real, generated = (np.quantile(outputs, (TAIL, 1 - TAIL)).tolist() for outputs in (self.real, self.generated))
        return (real[0], real[1]), (generated[0], generated[1])

    @functools.cached_property
    def inner(self) -> tuple[float, float]:
        """Between which outputs half of the generated pictures lie."""
        low, high = np.quantile(self.generated, (0.25, 0.75)).tolist()
        return low, high

    @functools.cached_property
    def told_apart(self) -> float:
        """The share of pairs of a real and a generated picture in which D finds the real one; 1/2 is guessing.

        A tie counts half: it is the area under the ROC curve (Hanley and McNeil 1982).
        """
        below, at_most = (np.searchsorted(self.generated, self.real, side).mean() for side in ("left", "right"))
        return float(below + at_most) / 2 / len(self.generated)


def _quantiles(part: dict[str, Any], name: str) -> np.ndarray:
    try:
        values = np.asarray(part.get(name), np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all() or (np.diff(values) < 0).any():
        raise UserError(f"metrics.json: discriminator.{name} is not a list of ascending numbers")
    return values


def rank(score: float, quantiles: np.ndarray) -> float:
    """Compute the share, 0 to 1, of reference scores below `score`, interpolated between quantiles.

    `quantiles` are evenly spaced and ascending. Of scores equal to `score`, half count as below. A NaN
    ranks nowhere: NaN.
    """
    if math.isnan(score):
        return math.nan
    last = len(quantiles) - 1
    left, right = np.searchsorted(quantiles, score, "left"), np.searchsorted(quantiles, score, "right")
    if left < right:
        return float(left + right - 1) / 2 / last
    if left in (0, len(quantiles)):
        return float(left > 0)
    below, above = quantiles[left - 1], quantiles[left]
    return float(left - 1 + (score - below) / (above - below)) / last


def density(quantiles: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Compute the share of reference scores in each bin between ascending `edges`, per unit: (len(edges) - 1,)."""
    levels = np.linspace(0, 1, len(quantiles))
    below = np.interp(edges, quantiles, levels, left=0.0, right=1.0)
    return np.diff(below) / np.diff(edges)
