"""An edit of a latent: the latent it starts from, and how far it is moved along which directions.

In a link it reads start=mlp:42:3&move=slant:2.5,digit-7:-1: an address and amounts in standard deviations of the
prior. `minus` and `plus` are two more addresses, B and C of A - B + C, in whose place A alone is the start without
them. `these` and `those` are addresses that make the direction "own", and "z12" is the latent's coordinate 12. With
space=w all of it is done in w, which style generators have.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import torch
from torch import Tensor

from gan_demo.errors import UserError
from gan_demo.latent import direction_methods
from gan_demo.latent.directions import Directions
from gan_demo.latent.spaces import LatentSpace
from gan_demo.shell import command
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.address import Address, Found
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

OWN = "own"
MAX_AMOUNT = 20
MAX_AMOUNTS = 9000  # names: as many as a latent may have coordinates, and some
MAX_SET = 12  # addresses on each side of one's own direction
SPACES = ("z", "w")  # in which a latent is edited
_COORDINATE = re.compile(r"([zw])(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class Edit:
    """An edit whose every part has been checked; raises UserError where one makes no sense."""

    start: Address
    minus: Address | None = None
    plus: Address | None = None
    amounts: tuple[tuple[str, float], ...] = ()
    still: bool = False
    these: tuple[Address, ...] = ()
    those: tuple[Address, ...] = ()
    space: str = "z"  # one of SPACES

    @classmethod
    def read(
        cls, asked: Mapping[str, Any], model: Model, parse: Callable[[object, str], Address] = Address.parse
    ) -> "Edit":
        """Read what a client sent: names as in this class, `move` for the amounts, addresses as text for `parse`.

        A latent of another model is this model's, too.
        """

        def address(value: Any) -> Address:
            found = replace(parse(value, model.name), model=model.name, zoom=None)
            if model.conditional:
                return replace(found, digit=model.known(found.digit or 0))
            return replace(found, digit=None)

        def several(value: Any) -> tuple[Address, ...]:
            if not isinstance(value, list) or len(value) > MAX_SET:
                raise UserError(say("too many", most=MAX_SET))
            return tuple(map(address, value))

        minus, plus = asked.get("minus"), asked.get("plus")
        return cls(
            address(asked.get("start")),
            address(minus) if minus else None,
            address(plus) if plus else None,
            amounts(asked.get("move")),
            asked.get("still") is True,
            several(asked.get("these") or []),
            several(asked.get("those") or []),
            space_of(asked.get("space"), model),
        )

    def point(self, model: Model, directions: Directions | None) -> Tensor:
        """The point of its space it ends at, (latent_dim,) float32.

        Raises UserError where the model has no such direction, and where an address is none of this space.
        """
        start = self.place(self.start, model)
        if self.minus or self.plus:
            b, c = (self.place(end, model) if end else self.middle(model) for end in (self.minus, self.plus))
            start = direction_methods.analogy(start, b, c) if self.space == "z" else start - b + c
        for name, amount in self.amounts:
            start = start + amount * self.vector(name, model, directions).to(start)
        return start

    def place(self, address: Address, model: Model) -> Tensor:
        """The point of an address in its space, (latent_dim,) on the CPU."""
        return address.latent_in(model.gan, self.space).cpu()

    def middle(self, model: Model) -> Tensor:
        """The middle of its space, (latent_dim,) on the CPU: 0, or the mean w of the digit that is asked for."""
        return LatentSpace(model.gan, self.space).middle(1, self.digits)[0].cpu()

    def end(self, model: Model, directions: Directions | None) -> tuple[Address | None, Tensor]:
        """The address and the point, (latent_dim,) float32, that it ends at; raises UserError as `point` does.

        A point that was moved is rounded to the numbers that its address holds; if one cannot hold it, there is none.
        """
        point = self.point(model, directions)
        if not (self.minus or self.plus or self.amounts):
            return self.start, point
        address = Found.at(model.name, LatentSpace(model.gan, self.space), point, self.start.digit)
        return address, point if address is None else self.place(address, model)

    def vector(self, name: str, model: Model, directions: Directions | None) -> Tensor:
        """One unit of a direction, (latent_dim,); raises UserError where the model has none of that name."""
        size = model.gan.config.latent_dim
        coordinate = _COORDINATE.fullmatch(name)
        if coordinate and coordinate[1] == self.space and int(coordinate[2]) < size:
            return torch.eye(size)[int(coordinate[2])]
        if name == OWN:
            these, those = (
                torch.stack([self.place(one, model) for one in side]) if side else self.middle(model)[None]
                for side in (self.these, self.those)
            )
            return LatentSpace(model.gan, self.space).unit(direction_methods.difference(these, those))
        directions = directions.in_w if directions and self.space == "w" else directions
        if directions is None:
            raise UserError(say("no directions", command=command("directions", model.checkpoint)))
        if name not in {one.name for one in directions.all}:
            raise UserError(say("no such direction", name=repr(name[:20]), model=model.name))
        return directions.vector(name, self.still)

    def link(self, model: Model) -> str:
        """The query string that opens the Directions tab on this edit; the script of that tab reads it."""
        parts = {
            "tab": "directions",
            "model": model.name,
            "start": str(self.start),
            "minus": str(self.minus or ""),
            "plus": str(self.plus or ""),
            "move": ",".join(f"{name}:{amount:g}" for name, amount in self.amounts),
            "loose": "" if self.still else "1",
            "these": ",".join(map(str, self.these)),
            "those": ",".join(map(str, self.those)),
            "space": self.space if self.space != SPACES[0] else "",
        }
        return "?" + urlencode({name: text for name, text in parts.items() if text}, safe=":/,@")

    @property
    def digits(self) -> list[int] | None:
        """What a conditional model is asked for; None for others."""
        return None if self.start.digit is None else [self.start.digit]


def space_of(value: Any, model: Model) -> str:
    """One of SPACES that a model has, z unless something else is asked for; raises UserError."""
    space = checks.choice(value or SPACES[0], say("move in"), SPACES)
    if space not in model.spaces:
        raise UserError(say("no w"))
    return space


def amounts(value: Any) -> tuple[tuple[str, float], ...]:
    """{name: amount} as pairs, without those that do nothing; raises UserError."""
    if value is None:
        return ()
    if not isinstance(value, dict) or len(value) > MAX_AMOUNTS:
        raise UserError(say("not amounts"))
    pairs = [
        (str(name), checks.number(amount, say("amount"), -MAX_AMOUNT, MAX_AMOUNT)) for name, amount in value.items()
    ]
    return tuple((name, amount) for name, amount in pairs if amount)
