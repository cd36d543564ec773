"""z beside w: what was measured of the directions of a style generator in both, and which is the more linear."""

import html

from gan_demo.belief import percent
from gan_demo.latent.directions import Direction, Directions
from gan_demo.ui.tabs.directions.texts import amount, label
from gan_demo.ui.words import say, sentences

ALIKE = 0.02  # of mean R^2: what another draw of the latents may change


def view(found: Directions | None, digits: bool = True) -> str:
    """A sentence and a table as HTML, without what is said of `digits`; nothing where there are no directions in w."""
    pairs = found.compared() if found else []
    if not found or not pairs:
        return ""
    about = ""
    if means := found.linearity():
        z, w = means
        key = "alike linear" if abs(w - z) < ALIKE else "w more linear" if w > z else "z more linear"
        about = f'<p class="note">{say(key, z=percent(z), w=percent(w))}</p>'
    heads = ("how linear", "unit moves", "stays") if digits else ("how linear of others", "unit moves")
    groups = "".join(f'<th colspan="2" scope="colgroup">{say(key)}</th>' for key in heads)
    spaces = '<th scope="col">z</th><th scope="col">w</th>' * len(heads)
    rows = "".join(_row(*pair, digits) for pair in pairs)
    note = sentences(say("how linear note"), say("how linear note digits") if digits else "")
    return (
        f'<section class="compared"><h3>{say("z beside w")}</h3>{about}<table><thead><tr><td rowspan="2"></td>{groups}'
        f"</tr><tr>{spaces}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="note">{note}</p></section>'
    )


def _row(in_z: Direction, in_w: Direction, digits: bool) -> str:
    """The two directions of a name, and which of them has the better linear model."""
    pair, greater = (in_z, in_w), max(in_z.fit, in_w.fit)
    cells = [f"<b>{one.fit:.2f}</b>" if one.fit == greater else f"{one.fit:.2f}" for one in pair]
    cells += [amount(one.name, one.effect.moves[one.name]) for one in pair]
    if digits:  # a direction towards a digit is to change it
        stays = [None if one.kind == "digit" else one.effect.stays for one in pair]
        cells += ["" if share is None else percent(share) for share in stays]
    shown = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(label(in_z))}</th>{shown}</tr>'
