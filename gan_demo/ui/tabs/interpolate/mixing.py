"""The way points of a style generator mixed: early layers take the w of one, late layers that of another."""

from typing import Any

import torch

from gan_demo.latent.spaces import LatentSpace
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.tabs.interpolate.walk import Walk
from gan_demo.ui.words import say

CUTS = ("14", "28")  # sides of a picture, from which on layers are fine


def grid(walk: Walk, letters: list[str], cut: Any) -> str:
    """Every way point with the fine layers of every other, as HTML; nothing for a model without styles.

    Karras 2019, section 3.1. `letters` are what the way points are called, `cut` one of CUTS.
    """
    cut = int(checks.choice(cut, say("fine layers"), CUTS))
    if "w+" not in walk.model.spaces:
        return ""
    space, count = LatentSpace(walk.model.gan, "w+"), len(walk.points)
    w = space.of(torch.stack([point.latent(walk.model.gan) for point in walk.points]), walk.labels(count))
    mixed = space.mix(w[:, None], w[None], space.cuts[cut]).flatten(0, 1)
    scored = walk.model.draw(mixed, walk.labels(count**2), space.name)
    beliefs = tint.coloured(walk.model, scored)
    cells = [
        f"<td><span {markup.leaning(said)}>"
        f"{markup.picture(pixels, say('mixed', coarse=letters[at // count], fine=letters[at % count]))}</span></td>"
        for at, (pixels, said) in enumerate(zip(scored.pixels, beliefs, strict=True))
    ]
    head = "".join(f'<th scope="col">{letter}</th>' for letter in letters)
    rows = "".join(
        f'<tr><th scope="row">{letter}</th>{"".join(cells[row * count : (row + 1) * count])}</tr>'
        for row, letter in enumerate(letters)
    )
    return (
        f'<figure class="mixing"><figcaption><b>{say("mixing")}</b> {say("mixing about")} {_read(walk, scored.pixels)}'
        f"</figcaption><table><tr><td></td>{head}</tr>{rows}</table></figure>"
    )


def _read(walk: Walk, pixels: Any) -> str:
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
