"""Milestones of a training, by what is measured of it and never by time: the first stroke, all ten digits, a collapse.

Each is a row of `RULES`: the measure, and the bar that it crosses. `Measurer` takes the measures of SAMPLES samples, by
the digit classifier where the pictures are digits. `due` names the iterations after which it does: equal seeds reach
equal milestones.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from gan_demo import data
from gan_demo.belief import seen
from gan_demo.classifier import load_classifier
from gan_demo.networks import IMAGE_SHAPE
from gan_demo.pixels import LIGHT, from_pixels, ground, to_pixels

SAMPLES = 100
SURE = 0.95  # the classifier's probability from which on a sample counts as that digit
USUAL = 0.99  # of the training pictures: the share that is near the real digits, by definition
# The share of pairs (real, generated) that D puts in the right order, over an epoch: above the first D has won, below
# the second G has. Guessing is 1/2.
D_WINS, G_WINS = 0.995, 0.4
DIGITS = 10
DARK, BRIGHT = 64, 160  # grey values: ground and ink
MADE = 0.5  # the share of samples of which the classifier is sure, from which on a generator makes digits
FEW = 3  # digits, and fewer, that make up the samples of a collapsed generator
MOST = 30  # milestones of a run: one that collapses and recovers again and again has no end of them

Measures = dict[str, float]


def due(step: int) -> bool:
    """Whether samples are measured after this iteration: often at first, as then the most happens."""
    return step % (50 if step <= 200 else 100 if step <= 500 else 250) == 0


class Rule(NamedTuple):
    """When a milestone is reached."""

    measure: str  # its number goes into the record
    reached: Callable[[float], bool]
    after: tuple[str, ...] = ()  # milestones of which one was reached before
    again: tuple[str, ...] = ()  # reached again once one of these has come since


# In the order in which a good training meets them. The names are those of live.MILESTONES.
RULES: dict[str, Rule] = {
    "first stroke": Rule("strokes", lambda share: share >= 0.5),
    "first digits": Rule("clear", lambda share: share >= 0.2, after=("first stroke",)),
    "all ten digits": Rule("digits", lambda count: count >= DIGITS, after=("first digits",)),
    "collapse": Rule("digits_made", lambda count: count <= FEW, after=("first digits",), again=("recovered",)),
    "recovered": Rule("digits", lambda count: count >= DIGITS, after=("collapse",), again=("collapse",)),
    "D has won": Rule("ranked", lambda share: share > D_WINS, again=("G has won",)),
    "G has won": Rule("ranked", lambda share: share < G_WINS, again=("D has won",)),
}


def newly_reached(found: list[dict[str, Any]], measures: Measures) -> list[tuple[str, float]]:
    """(name, what was measured) of each milestone that `measures` reach, after those `found` before, in their order."""
    names = [milestone["name"] for milestone in found]
    new = []
    for name, rule in RULES.items():
        number = measures.get(rule.measure)
        if number is None or not rule.reached(number) or len(names) >= MOST:
            continue
        since = names[len(names) - names[::-1].index(name) :] if name in names else None
        repeated = since is not None and not set(since) & set(rule.again)
        if repeated or (rule.after and not set(rule.after) & set(names)):
            continue
        names.append(name)
        new.append((name, number))
    return new


class Ink(NamedTuple):
    """What tells strokes from noise, (n,) each: shares of dark and of bright pixels, and how neighbours differ."""

    dark: Tensor
    bright: Tensor
    rough: Tensor

    @classmethod
    def of(cls, pixels: Tensor) -> "Ink":
        """(n, channels, height, width) uint8, ink light on dark."""
        flat = pixels.flatten(1)
        steps = pixels.float().diff(dim=-1).abs().flatten(1).mean(1)
        return cls((flat < DARK).float().mean(1), (flat > BRIGHT).float().mean(1), steps)


class Measurer:
    """Measures samples of a generator on its way; the classifier speaks of data sets of digits only."""

    def __init__(self, real: Tensor, dataset: str, labels: Tensor | None) -> None:
        """`real` are training pictures, (n, channels, height, width) uint8; `labels` what samples are asked for."""
        self.light = bool(ground(real).float().median() >= LIGHT)  # so the ink is dark
        self.usual = Ink(*(column.median() for column in self._ink(real)))
        self.digits = dataset in data.DIGIT_DATASETS and tuple(real.shape[1:]) == IMAGE_SHAPE
        self.labels = labels
        self.furthest, self.most = seen.STROKES, seen.PARTS
        if self.digits:  # those of another hand lie further from MNIST's
            found, counted = self._lie(real)
            self.furthest = max(self.furthest, float(found.quantile(USUAL)))
            self.most = max(self.most, int(counted.float().quantile(USUAL)))

    def _ink(self, pixels: Tensor) -> Ink:
        return Ink.of(255 - pixels if self.light else pixels)

    @staticmethod
    def _lie(pixels: Tensor) -> tuple[Tensor, Tensor]:
        """How far pictures are from the nearest real digits, and of how many parts, as in `seen`: (n,) each."""
        pixels = pixels.cpu()
        return seen.real().distances(seen.strokes(pixels)), seen.parts(pixels)

    def clear(self, pixels: Tensor) -> Tensor:
        """Which pictures lie as near the real digits as training pictures do: (n,) bool.

        The classifier alone does not know: noise in which it sees an eight is far from every eight.
        """
        distances, parts = self._lie(pixels)
        return ((distances <= self.furthest) & (parts <= self.most)).to(pixels.device)

    def strokes(self, pixels: Tensor) -> Tensor:
        """Of which pictures ground, ink and smoothness are about those of real ones: (n,) bool."""
        ink, usual = self._ink(pixels), self.usual
        looks_drawn = (ink.dark >= 0.75 * usual.dark) & (ink.rough <= 2 * usual.rough + 1)
        inked = (ink.bright >= 0.25 * usual.bright) & (ink.bright <= 3 * usual.bright + 0.02)
        return looks_drawn & inked

    @torch.inference_mode()
    def measures(self, generator: nn.Module, z: Tensor) -> Measures:
        """Measure the pictures of latents z, drawn by a generator in evaluation mode."""
        pixels = to_pixels(generator(z, self.labels))  # as people see them
        strokes = self.strokes(pixels)
        measures = {"strokes": strokes.float().mean().item()}
        if not self.digits:
            return measures
        sure, read = load_classifier(str(z.device)).logits(from_pixels(pixels)).softmax(1).max(1)
        digits = (sure > SURE) & strokes  # the classifier is sure of noise, too
        clear = digits.clone()
        if digits.any():
            clear[digits] = self.clear(pixels[digits])
        # A stray sample counts for nothing.
        kinds, made = (int((torch.bincount(read[rows], minlength=DIGITS) > 1).sum()) for rows in (clear, digits))
        measures |= {"clear": clear.float().mean().item(), "digits": kinds}
        # Few digits are a collapse where the classifier is sure, and a beginning where it is not. A collapsed generator
        # may draw them badly.
        return {**measures, "digits_made": made} if digits.float().mean().item() >= MADE else measures
