"""What noise does: the way points of a style generator without it, with the model's own, and with fresh noise."""

from functools import partial

import torch

from gan_demo.latent import noise
from gan_demo.ui.shared import markup, tint
from gan_demo.ui.tabs.interpolate.walk import Walk
from gan_demo.ui.words import say, sentences

ANEW = 2  # pictures with fresh noise in a row


def table(walk: Walk, letters: list[str]) -> str:
    """The table as HTML, with which pixels fresh noise changes (Karras 2019, figure 4); nothing for other models.

    `letters` are what the way points are called.
    """
    model, gan, count = walk.model, walk.model.gan, len(walk.points)
    if "w" not in model.spaces:
        return ""
    labels = walk.labels(count)
    w = walk.ends("w+")
    changed = []
    for at in range(count):
        label = None if labels is None else labels[at]
        key = ("noise", label, *w[at].flatten().tolist())
        changed.append(model.once(key, partial(noise.changes, gan, w[at, None], label)))
    spreads = torch.stack([one.spreads for one in changed])
    white = max(float(spreads.max()), 1.0)
    sizes = [say("noise all"), *map(str, changed[0].heights[1:])]
    pictures = _pictures(walk, w, letters)
    body = ""
    for letter, drawn, maps in zip(letters, pictures, (spreads * (255 / white)).byte().numpy(), strict=True):
        alts = [say("noise map", letter=letter, layers=size) for size in sizes]
        shown = [f'<td class="map"><span>{markup.picture(*one)}</span></td>' for one in zip(maps, alts, strict=True)]
        body += f'<tr><th scope="row">{letter}</th>{"".join(drawn + shown)}</tr>'
    heads = "".join(f'<th scope="col">{text}</th>' for text in [*_kinds(), *sizes])
    about = [f"<b>{say('noise')}</b>", say("noise about", draws=noise.DRAWS, white=f"{white:.0f}")]
    about.append(say("noise told", mean=f"{spreads[:, 0].mean():.1f}"))
    if model.draws_digits:
        about.append(say("noise read", others=sum(one.others for one in changed), count=noise.DRAWS * count))
    return (
        f'<figure class="styles"><figcaption>{sentences(*about)}</figcaption>'
        f"<table><tr><td></td>{heads}</tr>{body}</table></figure>"
    )


def _kinds() -> list[str]:
    return [say("noise off"), say("noise own"), *[say("noise anew")] * ANEW]


def _pictures(walk: Walk, w: torch.Tensor, letters: list[str]) -> list[list[str]]:
    """Cells with the pictures of each point, in the order of `_kinds`, each with the colour of what D says of it."""
    gan, kinds = walk.model.gan, _kinds()
    noises = noise.side_by_side([noise.off(gan), noise.own(gan), noise.anew(gan, ANEW)] * len(w))
    scored = walk.model.draw(w.repeat_interleave(len(kinds), dim=0), walk.labels(len(kinds) * len(w)), "w+", noises)
    cells = [
        f"<td><span {markup.leaning(said)}>{markup.picture(pixels, alt)}</span></td>"
        for pixels, said, alt in zip(
            scored.pixels,
            tint.coloured(walk.model, scored),
            [f"{letter}: {kind}" for letter in letters for kind in kinds],
            strict=True,
        )
    ]
    return [cells[row * len(kinds) : (row + 1) * len(kinds)] for row in range(len(w))]
