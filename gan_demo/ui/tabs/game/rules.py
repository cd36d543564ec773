"""The rules of "You or D": which ten pairs there are, and who is right about them.

Everything follows from a model and a seed, so that a hundred people may play at once, and a link is a challenge: the
server remembers nothing of a game. A pair is a digit that the model draws from the seed and a real test digit of the
same class, which no D was trained on.
"""

import functools
import random
from collections.abc import Sequence
from math import comb
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels
from gan_demo.ui import words
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model, stamp
from gan_demo.ui.words import say

ROUNDS = 10
DATASET = "mnist"  # whose test digits are the real ones
LEFT, RIGHT = "left", "right"
TRAINED, BEST = "game trained", "game best"  # keys of texts
KEPT = 200  # games whose pictures are kept ready, of some 20 kB each


class Pair(NamedTuple):
    """A real digit and one of the model's."""

    real: np.ndarray  # (28, 28) uint8
    generated: np.ndarray  # (28, 28) uint8
    side: str  # where the real one is: LEFT or RIGHT
    digit: int  # the class of the real one; as which the classifier reads the generated one, or what it was asked for
    place: int  # of the real one in MNIST's test set
    address: Address  # of the generated one

    def shown(self) -> tuple[np.ndarray, np.ndarray]:
        """Both pictures, the left one first."""
        return (self.real, self.generated) if self.side == LEFT else (self.generated, self.real)


def pairs(catalogue: Catalogue, name: object, seed: int) -> tuple[Model, tuple[Pair, ...]]:
    """The model of that name and its ROUNDS pairs; raises UserError where it draws no digits or cannot be loaded."""
    model = catalogue.load(name)
    if not model.draws_digits or model.classes != CLASSES:
        raise UserError(say("no game", model=model.name))
    if model.gan.config.dataset != DATASET:  # the style of the real ones would give them away
        raise UserError(say("no game of others", model=model.name, dataset=words.data_set(model.gan.config.dataset)))
    return model, _pairs(catalogue, model.name, model.folder, stamp(model.folder), seed)


@functools.lru_cache(maxsize=KEPT)
def _pairs(catalogue: Catalogue, name: str, folder: Path, stamp: tuple[int | None, ...], seed: int) -> tuple[Pair, ...]:
    """The pairs of the model as it is in `folder`; `stamp` is there to draw them anew when that changes."""
    model, sheet, dice = catalogue.load(name), real_digits.sheet(), random.Random(seed)
    asked = model.digits(ROUNDS)
    drawn = model.draw(model.gan.latents(ROUNDS, seed), asked).pixels
    classes = asked or [read.digit for read in model.read(drawn) or []]
    # For each class its real digits in an order of the seed: no digit comes twice in a game.
    order = [dice.sample(range(real_digits.EACH), ROUNDS) for _ in range(CLASSES)]
    found = []
    for row, digit in enumerate(classes):
        number = digit * real_digits.EACH + order[digit][row]
        side = dice.choice((LEFT, RIGHT))
        address = Address(name, seed, row, digit=asked[row] if asked else None)
        real, place = sheet.images[number, 0].numpy(), int(sheet.places[number])
        found.append(Pair(real, drawn[row], side, digit, place, address))
    return tuple(found)


def answers(sent: object) -> list[str]:
    """Read the answers of a whole game, such as "lrrlrlllrr"; raises UserError on anything else."""
    if not isinstance(sent, str) or len(sent) != ROUNDS or set(sent) - {"l", "r"}:
        raise UserError(say("no answers", count=ROUNDS))
    return [LEFT if letter == "l" else RIGHT for letter in sent]


def opinions(model: Model, played: Sequence[Pair]) -> dict[str, list[float]]:
    """By how much each D has each real digit above the generated one, in its raw output; below 0 it errs.

    The keys are those of texts: TRAINED, the model's own D, and BEST, the best answer to its generator, where there is
    one.
    """
    pictures = np.stack([picture for pair in played for picture in (pair.real, pair.generated)])
    images = from_pixels(torch.from_numpy(pictures)[:, None])
    labels = [pair.digit for pair in played for _ in range(2)] if model.conditional else None
    outputs = {TRAINED: model.gan.score(images, labels)}
    if model.best is not None:
        outputs[BEST] = model.best.logits(images)
    return {name: (pairs[::2] - pairs[1::2]).tolist() for name, pairs in outputs.items()}


def by_guessing(score: int) -> float:
    """Compute the share of games in which somebody who guesses finds `score` or more of ROUNDS real digits."""
    return sum(comb(ROUNDS, hits) for hits in range(score, ROUNDS + 1)) / 2**ROUNDS
