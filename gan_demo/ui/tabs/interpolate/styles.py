"""What w does: the way points of a style generator mixed, and truncated, each as a table of digits."""

import html
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_demo.latent.spaces import LatentSpace
from gan_demo.ui import words
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.shared.address import MAX_TRUNCATION, Address, Found
from gan_demo.ui.tabs.interpolate.walk import Walk
from gan_demo.ui.words import say

CUTS = ("28", "14")  # sides of a picture, from which on layers are fine; the first keeps most digits what they are
PSIS = (-1.0, -0.5, 0.0, 0.3, 0.5, 0.7, 1.0, 1.25, 1.5)


def tables(walk: Walk, letters: list[str], cut: Any) -> str:
    """Both tables as HTML; nothing for a model without styles.

    `letters` are what the way points are called, `cut` one of CUTS.
    """
    cut = int(checks.choice(cut, say("fine layers"), CUTS))
    if "w" not in walk.model.spaces:
        return ""
    return mixed(walk, letters, cut) + truncated(walk, letters)


def mixed(walk: Walk, letters: list[str], cut: int) -> str:
    """Every way point with the fine layers of every other: Karras 2019, section 3.1."""
    space, w = LatentSpace(walk.model.gan, "w+"), walk.ends("w+")
    points = space.mix(w[:, None], w[None], space.cuts[cut]).flatten(0, 1)
    alts = [say("mixed", coarse=coarse, fine=fine) for coarse in letters for fine in letters]
    short = [_short(walk, coarse) if coarse is fine else None for coarse in walk.points for fine in walk.points]
    cells, pixels = _cells(walk, points, short, alts)
    return _table(_told(say("mixing"), say("mixing about"), _read(walk, pixels)), letters, letters, cells)


def truncated(walk: Walk, letters: list[str]) -> str:
    """Every way point at all PSIS, through the mean w to its other side: Karras 2019, figure 8."""
    space, w = LatentSpace(walk.model.gan, "w+"), walk.ends("w+")
    labels = walk.labels(len(w))
    points = torch.stack([space.truncate(w, psi, labels) for psi in PSIS], dim=1).flatten(0, 1)
    heads = [f"{psi:g}".replace("-", "−") for psi in PSIS]
    short = [_short(walk, point, psi) for point in walk.points for psi in PSIS]
    cells, _ = _cells(walk, points, short, [f"{letter}, ψ = {psi}" for letter in letters for psi in heads])
    return _table(_told(say("psi"), say("psi about")), heads, letters, cells)


def _told(title: str, *sentences: str) -> str:
    """The title of a table and what it shows, as HTML."""
    return words.sentences(f"<b>{title}</b>", *sentences)


def _short(walk: Walk, point: Address, psi: float = 1.0) -> Address | None:
    """The address of a truncated way point by its seed, which is shorter than its numbers; None if it has none."""
    named = replace(point, model=walk.model.name, digit=_digit(walk), zoom=None)
    if psi == 1:
        return named
    seeded = type(point) is Address and not point.radius and point.truncation == 1
    return replace(named, truncation=psi) if seeded and 0 <= psi <= MAX_TRUNCATION else None


def _digit(walk: Walk) -> int | None:
    """What a conditional model is asked for."""
    return walk.model.asked_for(walk.digit)


def _cells(
    walk: Walk, points: Tensor, short: Sequence[Address | None], alts: Sequence[str]
) -> tuple[list[str], np.ndarray]:
    """The pictures of points of W+ as cells of a table, and their pixels.

    Each has the colour of what D says of it, and a click pins its address, which is `short` or has its numbers.
    """
    gan, digit, space = walk.model.gan, _digit(walk), LatentSpace(walk.model.gan, "w+")
    places = [
        place or Found.at(walk.model.name, space, point, digit) for place, point in zip(short, points, strict=True)
    ]
    # As the addresses have them, or what is pinned would differ a little from what was clicked.
    kept = [
        place.latent_in(gan, space.name, digit) if place else point for place, point in zip(places, points, strict=True)
    ]
    scored = walk.model.draw(torch.stack(kept), walk.labels(len(kept)), space.name)
    cells = []
    for pixels, said, alt, place in zip(scored.pixels, tint.coloured(walk.model, scored), alts, places, strict=True):
        shown = f"<span {markup.leaning(said)}>{markup.picture(pixels, alt)}</span>"
        if place:
            told = html.escape(say("pin it", address=alt))
            shown = f'<button data-pin="{html.escape(str(place))}" title="{told}" aria-label="{told}">{shown}</button>'
        cells.append(f"<td>{shown}</td>")
    return cells, scored.pixels


def _table(caption: str, heads: Sequence[str], letters: list[str], cells: list[str]) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    rows = "".join(
        f'<tr><th scope="row">{letter}</th>{"".join(cells[row * len(heads) : (row + 1) * len(heads)])}</tr>'
        for row, letter in enumerate(letters)
    )
    body = f"<tr><td></td>{head}</tr>{rows}"
    return f'<figure class="styles"><figcaption>{caption}</figcaption><table>{body}</table></figure>'


def _read(walk: Walk, pixels: np.ndarray) -> str:
    """How often the digit is that of the row, and how often that of the column, where these two differ."""
    found = walk.model.read(pixels)
    if found is None or walk.model.conditional:  # the class is in every w: all are of one
        return ""
    count = len(walk.points)
    digits = [one.digit for one in found]
    own = digits[:: count + 1]  # of the diagonal, where nothing is mixed
    apart = [(i, j) for i in range(count) for j in range(count) if own[i] != own[j]]
    if not apart:
        return ""
    row, column = (sum(digits[i * count + j] == own[(i, j)[side]] for i, j in apart) for side in (0, 1))
    return say("mixing read", row=row, column=column, count=len(apart))
