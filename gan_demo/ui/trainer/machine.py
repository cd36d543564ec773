"""Whose machine it is: what visitors of a page may train on it. gradio is not needed to know."""

import ipaddress
import os
from typing import NamedTuple

from gan_demo.errors import UserError

VARIABLE = "GAN_DEMO_ALLOW_TRAINING"
FULL, BOUNDED, OFF = "full", "bounded", "off"
KINDS = (FULL, BOUNDED, OFF)


class Rules(NamedTuple):
    """What visitors may train."""

    kind: str  # one of KINDS
    own_pictures: bool = False  # folders of this machine, and uploaded ones
    datasets: tuple[str, ...] = ()  # keys of data.SOURCES; all of them where own pictures are allowed
    waiting: int = 20  # trainings in the queue
    minutes: float | None = None  # that a training may take
    pictures: float | None = None  # that D may see in it
    batch: int | None = None  # the largest batch
    latent: int | None = None  # numbers in a latent, at most
    d_steps: int | None = None  # steps of D a step of G, at most
    local: bool = False  # only this machine can reach the page
    kept_minutes: float | None = None  # how long a model lies here after its training; None: it stays


RULES = {
    FULL: Rules(FULL, own_pictures=True),
    BOUNDED: Rules(
        BOUNDED,
        datasets=("digits", "mnist"),
        waiting=5,
        minutes=15.0,
        pictures=3_000_000,
        batch=512,
        latent=512,
        d_steps=20,
        kept_minutes=60.0,
    ),
    OFF: Rules(OFF),
}


def rules(host: str, share: bool = False, asked: str | None = None) -> Rules:
    """What may be trained on a page that listens on `host`.

    `asked` is what whoever opens the page wants, one of KINDS; without it, and without the variable, a page that only
    this machine can reach has all, and every other none. Raises UserError for another word.
    """
    wanted = asked or os.environ.get(VARIABLE) or None
    local = is_own(host) and not share and not os.environ.get("SPACE_ID")
    if wanted is None:
        wanted = FULL if local else OFF
    if wanted not in KINDS:
        raise UserError(f"{VARIABLE} is one of {', '.join(KINDS)}, not {wanted!r}")
    return RULES[wanted]._replace(local=local)


def is_own(host: str) -> bool:
    """Whether an address or a name leads to this machine itself, and to no other."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
