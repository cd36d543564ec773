"""The HTML of what the tabs show: digits with D's belief, and the legend."""

import html
import math
from collections.abc import Iterable, Sequence

import numpy as np

from gan_demo.belief import Belief, meaning
from gan_demo.belief.best_response import LOGIT
from gan_demo.config import CLASSES, Config
from gan_demo.pictures import encoding
from gan_demo.ui import words
from gan_demo.ui.shared import formulas, tint
from gan_demo.ui.shared.address import Address
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

# How many pixels of the screen each pixel of a digit gets, by how many digits there are at most, and
# how many such digits fit into one row of a wide page.
SCALES = ((1, 10, 1), (4, 8, 4), (7, 5, 7), (32, 4, 8), (60, 3, 11), (100, 2, 15))


def picture(pixels: np.ndarray, alt: str) -> str:
    """A digit, (28, 28) uint8, as an image element that the page needs no second request for."""
    url = encoding.data_url(encoding.grey_png(pixels))
    return f'<img src="{url}" width="28" height="28" alt="{html.escape(alt)}">'


def either(key: str) -> str:
    """A text that speaks of digits, and the one in its place for models of other pictures: page.css shows one."""
    return f'<span class="of-digits">{say(key)}</span><span class="of-others">{say(f"{key} of others")}</span>'


def strength(belief: Belief) -> int:
    """How much colour a belief has, in percent: -100 (fake) .. 0 (cannot tell) .. 100 (real)."""
    # The power makes small leanings easier to see; 0 and 1 stay where they are.
    return round(math.copysign(abs(belief.lean) ** 0.75 * 100, belief.lean))


def leaning(belief: Belief) -> str:
    """The class and style that give an element the colour of a belief: page.js does the same in the browser."""
    side = "toward-real" if belief.lean >= 0 else "toward-fake"
    return f'class="{side}" style="--lean:{abs(strength(belief))}%"'


def number(belief: Belief) -> str:
    """The number of a belief, as people read it."""
    return say("no number") if math.isnan(belief.raw) else belief.number


def digit(
    pixels: np.ndarray, belief: Belief, alt: str, label: str = "", address: Address | None = None, chosen: bool = False
) -> str:
    """A digit over the colour and the number of D's belief; with an address it can be pinned and chosen."""
    mark = f"<b>{html.escape(label)}</b>" if label else ""
    if address:
        shown = choice(pixels, belief, address, alt, chosen) + pin_button(address, tiled=True)
    else:
        shown = f"<span {leaning(belief)}>{picture(pixels, alt)}</span>"
    return f'<figure title="{html.escape(alt)}">{shown}<figcaption>{mark}{number(belief)}</figcaption></figure>'


def choice(pixels: np.ndarray, belief: Belief, address: Address, alt: str, chosen: bool = False) -> str:
    """A digit as a button: the script of Samples shows it closely."""
    return (
        f'<button {leaning(belief)} data-choose="{html.escape(str(address))}" aria-pressed="{str(chosen).lower()}"'
        f' aria-label="{html.escape(alt)}">{picture(pixels, alt)}</button>'
    )


def pin_button(address: Address, worded: bool = False, tiled: bool = False) -> str:
    """A button that pins an address; the tab key passes over a `tiled` one, which is among many."""
    text, label = html.escape(str(address)), html.escape(say("pin it", address=address))
    inside = say("pin") if worded else ""
    skipped = ' tabindex="-1"' if tiled else ""
    return f'<button class="pin" data-pin="{text}" title="{label}" aria-label="{label}"{skipped}>{inside}</button>'


def address_card(address: Address, checkpoint: str) -> str:
    """The address of a picture, to copy or pin, and on a click the two lines that make the picture elsewhere."""
    return (
        f'<div class="address"><span>{say("address")}</span>{copied(str(address))}{pin_button(address, worded=True)}'
        f"{lines([('', address)], checkpoint)}</div>"
    )


def lines(named: Sequence[tuple[str, Address]], checkpoint: str) -> str:
    """The two lines that make the picture of each address elsewhere, on a click; with the names of several."""
    rows = ""
    for name, address in named:
        before = f"{html.escape(name)} · " if name else ""
        for label, text in (
            (say("in python"), address.python(checkpoint)),
            (say("as command"), address.command(checkpoint)),
        ):
            rows += f"<dt>{before}{label}</dt><dd>{copied(text)}</dd>"
    return f"<details><summary>Python · shell</summary><dl>{rows}</dl></details>"


def address_to_come() -> str:
    """The address of a picture that the browser will have, to copy or pin: a script fills it in."""
    return (
        f'<div class="address" hidden><span>{say("address")}</span><code></code>'
        f'<button class="copy" data-copy="">{say("copy")}</button>'
        f'<button class="pin" data-pin="">{say("pin")}</button></div>'
    )


def copied(text: str) -> str:
    """A text in the letters of code, with a button that copies it."""
    escaped = html.escape(text)
    return f'<code>{escaped}</code><button class="copy" data-copy="{escaped}">{say("copy")}</button>'


def digits(figures: Sequence[str], scales: Sequence[tuple[int, int, int]] = SCALES) -> str:
    """Digits in rows, the larger the fewer there are."""
    scale, widest = next((scale, widest) for most, scale, widest in scales if len(figures) <= most)
    rows = " rows" if len(figures) > widest else ""
    return f'<div class="digits{rows}" style="--scale:{scale}">{"".join(figures)}</div>'


def to_come(count: int) -> str:
    """The places of digits that have been asked for, as large as they will be."""
    place = '<figure class="to-come"><span></span><figcaption>\u00a0</figcaption></figure>'
    return f'<div aria-hidden="true">{digits([place] * count)}</div>'


def tens(figures: Sequence[str], classes: int = CLASSES) -> str:
    """A row for each latent, with what it is as each of the ten digits, or of other classes."""
    rows = [figures[start : start + classes] for start in range(0, len(figures), classes)]
    return "".join(
        f'<section class="ten"><h3>{say("latent", row=row)}</h3>'
        f'<div class="digits" style="--scale:3">{"".join(shown)}</div></section>'
        for row, shown in enumerate(rows)
    )


def legend(config: Config, why: str = "", scale: str = tint.BELIEF, noun: str = "") -> str:
    """What the colours and the numbers say: how to read them at once or on a click, and what D was trained for.

    `scale` is what the colours are (tint.py), and `noun` what the pictures show, such as "digits". `why` says why there
    is no reference: without one, an output without a scale of its own has no colour.
    """
    objective = LOGIT if scale == tint.BEST else config.objective
    has_scale = meaning(objective).has_scale
    ends = ("legend fake", "legend unsure", "legend real") if has_scale else ("rank low", "rank middle", "rank high")
    if scale == tint.REAL_RANK:
        ends = ("rank low", "rank middle", "rank high")
    ramp = f'<span class="scale"><i></i>{"".join(f"<span>{say(end)}</span>" for end in ends)}</span>'
    if why and not has_scale:
        ramp = f'<span class="no-scale">{html.escape(say("no scale", why=why))}</span>'
    notes = {tint.REAL_RANK: "colours rank", tint.BEST: "colours best"}
    # The numbers of the trained D lie near 50 %; the best D's are calibrated, and far apart.
    caution = say("best calibrated") if scale == tint.BEST else words.meaning(objective, "caution")
    note = f'<p class="ranked">{say(notes[scale], noun=noun)}</p>' if scale in notes else ""
    return (
        f'<div class="legend"><span>{say("legend best" if scale == tint.BEST else "legend")}'
        f"<b>{words.meaning(objective, 'name')}</b></span>"
        f"{ramp}{note}<details><summary>{say('why near half')}</summary>"
        f"<p>{words.meaning(objective, 'explanation')}</p><p>{caution}</p></details>"
        f"<details><summary>{say('formula')}</summary>{formulas.trained_for(config)}</details></div>"
    )


def below(model: Model, tinted: bool = False) -> str:
    """The legend of a model's beliefs, under the digits that have their colours, or those of tint.py."""
    scale = tint.scale_of(model) if tinted else tint.BELIEF
    return f'<div class="below">{legend(model.gan.config, model.why_no_reference, scale, model.noun)}</div>'


def notes(lines: Iterable[str]) -> str:
    """What the person who opened the page should know."""
    return '<div class="notes" role="status">' + "".join(f"<p>{html.escape(line)}</p>" for line in lines) + "</div>"


def facts(model: Model) -> str:
    """What the page says of a model, on one line; page.css shows what makes sense for such a model only."""
    pairs = ((html.escape(label), html.escape(text)) for label, text in model.facts())
    rows = "".join(f"<div><dt>{label}</dt><dd>{text}</dd></div>" for label, text in pairs)
    kinds = f' data-model="{html.escape(model.name)}"'  # model_gone.js
    kinds += " data-conditional" * model.conditional + " data-digits" * model.draws_digits
    kinds += " data-light" * model.draws_on_light
    kinds += " data-typical" * (len(model.gan.truncations) > 1) + " data-style" * ("w" in model.spaces)
    sentence = words.about(model.gan.config)
    return f'<dl class="facts"{kinds}>{rows}</dl>' + (f'<p class="in-short">{sentence}</p>' if sentence else "")
