"""The way through a latent space that Interpolate shows: its points, its space, and what is measured along it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from gan_demo.belief import Belief
from gan_demo.errors import UserError
from gan_demo.latent import paths, perceptual
from gan_demo.latent.spaces import SPACES, LatentSpace
from gan_demo.ui.shared import checks, tint, widgets
from gan_demo.ui.shared.address import MAX_FOUND_LENGTH, Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model, ScoredPictures
from gan_demo.ui.words import say

MAX_POINTS = 8
FRAMES = 240  # that the slider moves through, about
ASKED_FOR = SPACES[:2]  # in which a way goes, where a model has both; in W+ only where one of its points lies there


def points_of(text: Any, parse: Callable[[object, str], Address] = Address.parse) -> list[Address]:
    """The way points in a text such as "42:0,22:0": seeds, seeds with rows, or addresses that `parse` reads.

    Raises UserError where there are too few or too many, or one is none.
    """
    text = text[: MAX_POINTS * MAX_FOUND_LENGTH] if isinstance(text, str) else ""
    parts = [part for part in text.replace("，", ",").split(",") if part.strip()]
    if not 2 <= len(parts) <= MAX_POINTS:
        raise UserError(say("not points", most=MAX_POINTS, value=len(parts)))
    return [parse(part, "model") for part in parts]


def text_of(points: list[Address]) -> str:
    """The way points as a text, which is the same whichever model and digit is looked at."""
    return ",".join(replace(point, digit=None, zoom=None).short for point in points)


@dataclass(frozen=True)
class Walk:
    """A way to go."""

    model: Model
    points: list[Address]
    kind: str  # a key of paths.PATHS
    steps: int  # frames of the film
    digit: int  # that a conditional model is asked for
    space: str = "z"  # in which the way goes, one of SPACES; in w and W+ it is straight, whatever `kind` says

    @classmethod
    def asked(
        cls, catalogue: Catalogue, name: Any, way: Any, kind: Any, steps: Any, digit: Any, space: Any = "z"
    ) -> "Walk":
        """What a browser sent; raises UserError where it makes no sense.

        The way goes in the first space in which all its points lie, if that comes after the one that is asked for.
        """
        points, kind = points_of(way, catalogue.address), checks.choice(kind, say("path"), paths.PATHS)
        steps = max(checks.steps(steps), len(points))
        digit = int(checks.choice(digit, say("digit"), widgets.CLASSES_ASKED))
        space, model = checks.choice(space, say("walk in"), ASKED_FOR), catalogue.load(name)
        space = max(space, *(point.space for point in points), key=SPACES.index)
        return cls(model, points, kind, steps, digit, space if space in model.spaces else "z")

    @property
    def finer(self) -> int:
        """How many frames of the slider there are to one of the film."""
        return max(1, round(FRAMES / (self.steps - 1)))

    def positions(self, finer: int = 1) -> Tensor:
        """(n,): where the frames of the film are on the way, or of one that is `finer`."""
        return paths.positions(len(self.points), self.steps, finer)

    def latents(self, finer: int = 1) -> Tensor:
        """(n, latent_dim): points of its space, of the film, or `finer`."""
        space = LatentSpace(self.model.gan, self.space)
        return space.route(self.ends(self.space), self.positions(finer), self.kind if self.space == "z" else "")

    def ends(self, space: str) -> Tensor:
        """(k, ...): the way points in a space."""
        digit = self.model.asked_for(self.digit)
        return torch.stack([point.latent_in(self.model.gan, space, digit) for point in self.points])

    def labels(self, count: int) -> list[int] | None:
        """What a conditional model is asked for in so many frames."""
        return self.model.digits(count, self.digit)

    def draw(self, z: Tensor) -> tuple[ScoredPictures, list[Belief]]:
        """The pictures of latents, and what D, or the best D, says of each, with the colour's lean (tint.py)."""
        scored = self.model.draw(z, self.labels(len(z)), self.space)
        return scored, tint.coloured(self.model, scored)

    def norms(self, z: Tensor) -> list[float]:
        """How far points of its space are from the middle: the norm of z, or how far w is from its mean."""
        away = LatentSpace(self.model.gan, self.space).distances(z, self.labels(len(z)))
        return [round(norm, 4) for norm in away.tolist()]

    @property
    def other_kind(self) -> "Walk":
        """The same way in z, by the other kind of path."""
        return replace(self, space="z", kind=next(kind for kind in paths.PATHS if kind != self.kind))

    @property
    def other(self) -> "Walk | None":
        """What this way is compared with: in the other space of a style generator, else by the other kind of path.

        Where a point is none of z there is nothing.
        """
        if any(point.space != "z" for point in self.points):
            return None
        if "w" not in self.model.spaces:
            return self.other_kind
        return replace(self, space="w" if self.space == "z" else "z")

    @property
    def other_norms(self) -> list[float]:
        """The `norms` of another way: in z by the other kind of path; in w of the way in z."""
        if self.space == "z":
            return self.norms(self.other_kind.latents(self.finer))
        if self.other is None:
            return []
        z = self.other.latents(self.finer)
        return self.norms(LatentSpace(self.model.gan, self.space).of(z, self.labels(len(z))))

    def speeds(self) -> tuple[list[float], str]:
        """How fast the picture changes at each frame of the slider, to the classifier, and how long the way is."""
        at, z = self.positions(self.finer), self.latents(self.finer)
        between = self.model.speeds(z, at, self.labels(len(z)), self.space)
        frames = torch.cat([between[:1], (between[1:] + between[:-1]) / 2, between[-1:]])  # the mean of both sides
        return [float(f"{speed:.4g}") for speed in frames.tolist()], f"{perceptual.length(between, at):.1f}"
