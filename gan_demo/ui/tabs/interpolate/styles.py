"""What w does: the way points of a style generator mixed, and truncated, each as a table of digits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_demo.latent.spaces import LatentSpace
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.tabs.interpolate.walk import Walk
from gan_demo.ui.words import say

CUTS = ("14", "28")  # sides of a picture, from which on layers are fine
PSIS = (-1.0, -0.5, 0.0, 0.3, 0.5, 0.7, 1.0, 1.25, 1.5)


def tables(walk: Walk, letters: list[str], cut: Any) -> str:
    """Both tables as HTML; nothing for a model without styles.

    `letters` are what the way points are called, `cut` one of CUTS.
    """
    cut = int(checks.choice(cut, say("fine layers"), CUTS))
    if "w" not in walk.model.spaces:
        return ""
    z = torch.stack([point.latent(walk.model.gan) for point in walk.points])
    return mixed(walk, z, letters, cut) + truncated(walk, z, letters)


def mixed(walk: Walk, z: Tensor, letters: list[str], cut: int) -> str:
    """Every way point with the fine layers of every other: Karras 2019, section 3.1."""
    space, count = LatentSpace(walk.model.gan, "w+"), len(z)
    w = space.of(z, walk.labels(count))
    points = space.mix(w[:, None], w[None], space.cuts[cut]).flatten(0, 1)
    alts = [say("mixed", coarse=coarse, fine=fine) for coarse in letters for fine in letters]
    cells, pixels = _cells(walk, points, space.name, alts)
    return _table(f"<b>{say('mixing')}</b> {say('mixing about')} {_read(walk, pixels)}", letters, letters, cells)


def truncated(walk: Walk, z: Tensor, letters: list[str]) -> str:
    """Every way point at all PSIS, through the mean w to its other side: Karras 2019, figure 8."""
    space, count = LatentSpace(walk.model.gan, "w"), len(z)
    w, labels = space.of(z, walk.labels(count)), walk.labels(count)
    points = torch.stack([space.truncate(w, psi, labels) for psi in PSIS], dim=1).flatten(0, 1)
    heads = [f"{psi:g}".replace("-", "−") for psi in PSIS]
    cells, _ = _cells(walk, points, space.name, [f"{letter}, ψ = {psi}" for letter in letters for psi in heads])
    return _table(f"<b>{say('psi')}</b> {say('psi about')}", heads, letters, cells)


def _cells(walk: Walk, points: Tensor, space: str, alts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The pictures of points as cells of a table, each with the colour of what D says of it; and their pixels."""
    scored = walk.model.draw(points, walk.labels(len(points)), space)
    beliefs = tint.coloured(walk.model, scored)
    return [
        f"<td><span {markup.leaning(said)}>{markup.picture(pixels, alt)}</span></td>"
        for pixels, said, alt in zip(scored.pixels, beliefs, alts, strict=True)
    ], scored.pixels


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
