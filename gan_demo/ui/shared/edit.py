"""An edit of a latent: the latent it starts from, and how far it is moved along which directions.

In a link it reads start=mlp:42:3&move=slant:2.5,digit-7:-1: an address and amounts in standard deviations of the
prior. `minus` and `plus` are two more addresses, B and C of A - B + C, in whose place A alone is the start without
them. `these` and `those` are addresses that make the direction "own", and "z12" is the latent's coordinate 12.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import torch
from torch import Tensor

from gan_demo.errors import UserError
from gan_demo.latent import direction_methods
from gan_demo.latent.directions import Directions
from gan_demo.shell import command
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.address import Address, Found
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

OWN = "own"
MAX_AMOUNT = 20
MAX_AMOUNTS = 9000  # names: as many as a latent may have coordinates, and some
MAX_SET = 12  # addresses on each side of one's own direction
_COORDINATE = re.compile(r"z(\d{1,4})", re.ASCII)


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

    @classmethod
    def read(cls, asked: Mapping[str, Any], model: Model) -> "Edit":
        """Read what a client sent: names as in this class, `move` for the amounts, addresses as text."""

        def address(value: Any) -> Address:
            found = replace(Address.parse(value, model.name), model=model.name, zoom=None)
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
        )

    def latent(self, model: Model, directions: Directions | None) -> Tensor:
        """The latent it ends at, (latent_dim,) float32; raises UserError where the model has no such direction."""
        gan = model.gan
        z = self.start.latent(gan).cpu()
        if self.minus or self.plus:
            nothing = torch.zeros_like(z)
            b, c = (end.latent(gan).cpu() if end else nothing for end in (self.minus, self.plus))
            z = direction_methods.analogy(z, b, c)
        for name, amount in self.amounts:
            z = z + amount * self.vector(name, model, directions).to(z)
        return z

    def end(self, model: Model, directions: Directions | None) -> tuple[Address | None, Tensor]:
        """The address and the latent, (latent_dim,) float32, that it ends at; raises UserError as `latent` does.

        A latent that was moved is rounded to the numbers that its address holds; if one cannot hold it, there is none.
        """
        z = self.latent(model, directions)
        if not (self.minus or self.plus or self.amounts):
            return self.start, z
        try:
            address = Found.of(model.name, z, self.start.digit)
        except UserError:
            return None, z
        return address, address.latent(model.gan).cpu()

    def vector(self, name: str, model: Model, directions: Directions | None) -> Tensor:
        """One direction of length 1, (latent_dim,); raises UserError where the model has none of that name."""
        size = model.gan.config.latent_dim
        coordinate = _COORDINATE.fullmatch(name)
        if coordinate and int(coordinate[1]) < size:
            return torch.eye(size)[int(coordinate[1])]
        if name == OWN:
            sides = []
            for side in (self.these, self.those):
                rows = [one.latent(model.gan).cpu() for one in side]
                sides.append(torch.stack(rows) if rows else torch.empty(0, size))
            return direction_methods.difference(*sides)
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
        }
        return "?" + urlencode({name: text for name, text in parts.items() if text}, safe=":/,@")

    @property
    def digits(self) -> list[int] | None:
        """What a conditional model is asked for; None for others."""
        return None if self.start.digit is None else [self.start.digit]


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
