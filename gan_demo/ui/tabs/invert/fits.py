"""What is found in each space of a style generator: z, w and W+, as a table with errors and times."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from gan_demo.latent import inversion
from gan_demo.latent.spaces import LatentSpace
from gan_demo.pictures import encoding
from gan_demo.ui.shared import markup, tint
from gan_demo.ui.shared.address import Found
from gan_demo.ui.shared.model import Model, ScoredPictures
from gan_demo.ui.words import say

HEADS = ("space", "generators", "difference", "error", "from mean", "took")  # keys of texts
MORE, LESS = (72, 190, 110), (178, 120, 240)  # green and purple: the generator has more ink there, or less


class Fit(NamedTuple):
    """How far the search in one space is."""

    space: str
    state: inversion.State
    seconds: float = 0.0


def searched(
    model: Model, goal: inversion.Goal, digit: int | None, spaces: Sequence[str]
) -> Iterator[tuple[list[Fit], bool]]:
    """Search one space after the other: what is found so far, and whether there is more to come."""
    inversion.candidates(model.gan)  # drawn once for a model, and no part of anyone's time
    fits: list[Fit] = []
    for space in spaces:
        seconds, states = 0.0, inversion.search(model.gan, goal._replace(space=space), digit)
        while True:
            begun = time.monotonic()
            state = next(states, None)
            seconds += time.monotonic() - begun
            if state is None:
                break
            now = Fit(space, state, seconds)
            yield [*fits, now], not (state.done and space == spaces[-1])
        fits.append(now)


def draw(model: Model, fit: Fit, rows: list[int]) -> tuple[ScoredPictures, list[Any]]:
    """Pictures of some points of a search, D's outputs, and their addresses.

    Where those are too long, a z raises UserError, and another point has None.
    """
    state, space = fit.state, LatentSpace(model.gan, fit.space)
    labels = None if state.labels is None else state.labels[0, rows].tolist()
    points = space.rounded(state.z[0, rows])  # what the addresses hold
    asked = labels or [None] * len(points)
    if fit.space == "z":
        places: list[Any] = [Found.of(model.name, z, digit) for z, digit in zip(points, asked, strict=True)]
    else:
        places = [Found.at(model.name, space, point, digit) for point, digit in zip(points, asked, strict=True)]
    return model.draw(points, labels, fit.space), places


def table(model: Model, yours: np.ndarray, fits: Sequence[Fit]) -> str:
    """The best point of each space: its picture, the difference from `yours`, its error and its time, as HTML."""
    rows = "".join(_row(model, yours, fit) for fit in fits)
    heads = "".join(f'<th scope="col">{say(key)}</th>' for key in HEADS)
    about = say("fits about", layers=LatentSpace(model.gan, "w+").layers)
    return (
        f'<figure class="fits"><figcaption>{about}</figcaption>'
        f"<table><thead><tr>{heads}<td></td></tr></thead><tbody>{rows}</tbody></table></figure>"
    )


def lines(model: Model, fits: Sequence[Fit]) -> str:
    """How the best point of each space is drawn elsewhere, as HTML; of those that an address can hold."""
    best = [(say(f"in {fit.space}"), draw(model, fit, [int(fit.state.errors[0].argmin())])[1][0]) for fit in fits]
    shown = markup.lines([(name, place) for name, place in best if place], model.checkpoint)
    return f'<div class="address">{shown}</div>'


def _row(model: Model, yours: np.ndarray, fit: Fit) -> str:
    row = int(fit.state.errors[0].argmin())
    scored, (place,) = draw(model, fit, [row])
    said, name = tint.coloured(model, scored)[0], say(f"in {fit.space}")
    error, away = float(fit.state.errors[0, row]), from_mean(model, fit, row)
    picture = markup.picture(scored.pixels[0], say("who says", who=tint.voice(model).who, verdict=markup.number(said)))
    buttons = ""
    if fit.state.done and place:
        names = {what: f'aria-label="{say(what)}: {name}"' for what in ("pin", "copy")}
        buttons = "".join(
            f'<button class="copy" data-{what}="{place}" {label}>{say(what)}</button>' for what, label in names.items()
        )
    return (
        f'<tr><th scope="row">{name}</th><td><span {markup.leaning(said)}>{picture}</span></td>'
        f'<td><span><img {source(apart(model, yours, scored.pixels[0]))} alt="{say("difference")}"></span></td>'
        f"<td>{error:.3f}</td><td>{away:.1f}×</td><td>{say('took seconds', seconds=fit.seconds)}</td>"
        f"<td>{buttons}</td></tr>"
    )


def from_mean(model: Model, fit: Fit, row: int) -> float:
    """How far a point is from the middle of its space, in units of what the model draws there: the median."""
    space, labels = LatentSpace(model.gan, fit.space), fit.state.labels
    away = space.distances(fit.state.z[0, [row]], None if labels is None else labels[0, [row]])
    return float(away / space.band(0.0)[0])


def apart(model: Model, yours: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Whose ink is where, of two pictures (28, 28), as (28, 28, 3) uint8: black where both agree."""
    difference = found.astype(np.float32) - yours
    if model.draws_on_light:
        difference = -difference
    strength = (np.abs(difference)[..., None] / 255) ** 0.6  # so that small ones are seen, too
    return (strength * np.where(difference[..., None] > 0, MORE, LESS)).round().astype(np.uint8)


def source(pixels: np.ndarray) -> str:
    """The attributes of an image element that shows square pixels."""
    side = len(pixels)
    url = encoding.data_url(encoding.png_bytes(Image.fromarray(pixels)))
    return f'src="{url}" width="{side}" height="{side}"'
