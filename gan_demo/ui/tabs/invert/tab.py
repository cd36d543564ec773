"""Your digit: the latent whose picture is nearest to a digit that somebody draws, streamed while it is looked for.

`prepare` makes a search of what is on the canvas and answers at once; `run`, in the queue, works on it and yields
what it has found so far. Who draws on, or leaves, stops the search that is running.
"""

import html
import itertools
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
import torch
from PIL import Image

from gan_demo import belief
from gan_demo.evaluation.reconstruction import read_reference
from gan_demo.latent import inversion, paths
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import encoding, preparing
from gan_demo.pixels import from_pixels, to_pixels
from gan_demo.shell import command
from gan_demo.ui.gradio_workarounds import payload
from gan_demo.ui.shared import brought, canvas, checks, drop_zone, inputs, link, markup, tint, widgets
from gan_demo.ui.shared.address import Address, Found
from gan_demo.ui.shared.model import Model, ScoredPictures
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.invert import fits
from gan_demo.ui.tabs.invert.fits import Fit
from gan_demo.ui.words import say

ANY = "nearest of all"  # a key of a text; in the place of a digit
DIGITS = (ANY, *widgets.CLASSES_ASKED)
MODES = ("nearest", "repair", "enlarge")
# Each keeps a core busy for seconds: so many at once, wherever they come from.
SEARCHES: dict[str, Any] = {"concurrency_id": "inversion", "concurrency_limit": 2}
FRAME, FRAME_IN_W = 0.08, 0.25  # seconds between two updates of the page: a table takes longer to draw
LONGEST = 60.0  # seconds after which a search shows what it has
NEIGHBOURS, NEAR, NEIGHBOUR_SEED = 7, 0.2, 0
MASK_PEN = (3.0, 12.0, 7.0)
MASKED = 104  # grey of a hole


class Search(NamedTuple):
    """What is to be looked for, and by which model."""

    number: int
    model: str
    mode: str  # one of MODES
    digit: int | None
    pixels: np.ndarray  # (28, 28) uint8
    hole: np.ndarray | None  # (28, 28) bool

    def goal(self) -> inversion.Goal:
        picture = from_pixels(torch.from_numpy(self.pixels))[None, None]
        if self.mode == "repair":
            return inversion.repair(picture, torch.from_numpy(self.hole)[None, None])
        return inversion.enlarge(inversion.reduce(picture)) if self.mode == "enlarge" else inversion.whole(picture)


class LatestSearch:
    """Which search of each visitor is the newest one. Safe to use from several threads."""

    def __init__(self, most: int = 1000) -> None:
        self._numbers: OrderedDict[str | None, int] = OrderedDict()
        self._lock, self._count, self._most = threading.Lock(), itertools.count(1), most

    def next(self, visitor: str | None) -> int:
        """The number of a new search, which makes all others of this visitor old."""
        with self._lock:
            number = self._numbers[visitor] = next(self._count)
            self._numbers.move_to_end(visitor)
            while len(self._numbers) > self._most:
                self._numbers.popitem(last=False)
            return number

    def is_old(self, visitor: str | None, number: int) -> bool:
        with self._lock:
            return self._numbers.get(visitor, number) != number


# What is shown ---------------------------------------------------------------------------------------------


def waiting(model: Model, search: Search) -> str:
    """What is shown before the first latent is found, as HTML."""
    empty = f'<figure class="to-come"><span></span><figcaption>{say("generators")}</figcaption></figure>'
    return f'<div class="inversion"><div class="trio">{_yours(model, search)}{empty}</div>{_progress(0, 1)}</div>'


def view(model: Model, search: Search, found: Sequence[Fit], more: bool = False) -> str:
    """What is found so far, in z and then in other spaces, as HTML; what can be done with it comes at the end."""
    done = found[-1].state.done and not more
    body = _nearest(model, search, found, done) if search.mode == "nearest" else _several(model, search, found[0].state)
    return f'<div class="inversion">{body}{markup.below(model, tinted=True) if done else ""}</div>'


def _nearest(model: Model, search: Search, found: Sequence[Fit], done: bool) -> str:
    state = found[0].state
    row = int(state.errors[0].argmin())
    scored, (address,) = fits.draw(model, found[0], [row])
    said, error = tint.coloured(model, scored)[0], float(state.errors[0, row])
    pictures = (
        f"{_yours(model, search)}{_figure(model, scored.pixels[0], said, say('generators'))}"
        f"{_difference(model, search.pixels, scored.pixels[0])}"
    )
    several = len(found) > 1
    table = fits.table(model, search.pixels, found) if several else ""
    if not done:
        now = found[-1].state
        progress = _progress(now.step, now.steps, float(now.least[0]))
        return f'<div class="trio">{pictures}</div>{progress}{table}'
    # The table has an address for each space.
    card = fits.lines(model, found) if several else markup.address_card(address, model.checkpoint)
    return f'<div class="trio">{pictures}</div>{error_told(model, error)}{table}{card}{_neighbours(model, address)}'


def _several(model: Model, search: Search, state: inversion.State) -> str:
    rows = inversion.answers(state) if state.done else list(range(state.z.shape[1]))
    scored, places = fits.draw(model, Fit("z", state), rows)
    pixels = scored.pixels
    if search.hole is not None:
        pixels = np.where(search.hole, pixels, search.pixels)
    outputs = scored.outputs
    if state.done and search.hole is not None:
        outputs = [model.judge(shown, place.digit) for shown, place in zip(pixels, places, strict=True)]
    figures, who = [], tint.voice(model).who
    beliefs = tint.coloured(model, ScoredPictures(pixels, outputs))
    for row, shown, said, place in zip(rows, pixels, beliefs, places, strict=True):
        alt = say("answer", error=f"{float(state.errors[0, row]):.3f}", who=who, number=markup.number(said))
        small = f'<img class="again" {fits.source(_reduced(shown))} alt="">' if search.mode == "enlarge" else ""
        figure = markup.digit(shown, said, alt, address=place if state.done else None)
        figures.append(figure.replace("<figcaption>", f"{small}<figcaption>", 1))
    if state.done:
        worst = max(float(state.errors[0, row]) for row in rows)
        told = say(f"{search.mode} done", count=len(rows), error=f"{worst:.3f}")
        told = f'<p class="error-told" role="status">{told}</p>'
    else:
        told = _progress(state.step, state.steps, float(state.least[0]))
    shown = f'<div class="digits" style="--scale:{4 if state.done else 3}">{"".join(figures)}</div>'
    return f'<div class="several"><div class="trio">{_yours(model, search)}</div><div>{told}{shown}</div></div>'


def solved(model: Model, search: Search, space: str = "z") -> list[tuple[Any, float, np.ndarray, float]]:
    """The answers of a search, the best first: address, error, picture (28, 28) as the address draws it, D's output.

    A point of W+ with too many numbers for an address has None.
    """
    state = inversion.invert(model.gan, search.goal()._replace(space=space), search.digit)
    rows = inversion.answers(state, most=1) if search.mode == "nearest" else inversion.answers(state)
    scored, places = fits.draw(model, Fit(space, state), rows)
    errors = state.errors[0, rows].tolist()
    return list(zip(places, errors, scored.pixels, scored.outputs, strict=True))


def error_told(model: Model, error: float) -> str:
    """Whether the generator can draw it: its error among those of held-out real digits."""
    reference = read_reference(model.folder)
    if reference is None:
        line = f"<code>{html.escape(command('invert', model.checkpoint))}</code>"
        told = say("error alone", error=f"{error:.3f}", noun=model.noun, command=line)
        return f'<p class="error-told none" role="status">{told}</p>'
    farther = 1 - belief.rank(error, reference)
    levels = ((0.5, "error small"), (0.1, "error usual"), (1e-9, "error large"), (0, "error largest"))
    key = next(key for least, key in levels if farther >= least)
    share, middle = belief.percent(farther), f"{np.median(reference):.3f}"
    told = say(key, error=f"{error:.3f}", share=share, noun=model.noun, middle=middle)
    return f'<p class="error-told" role="status">{told}</p>'


def _neighbours(model: Model, address: Found) -> str:
    """Latents a little way off, on the way to random ones: as likely, and similar."""
    z = address.latent(model.gan).cpu()
    others = model.gan.latents(NEIGHBOURS, NEIGHBOUR_SEED).cpu()
    near = paths.slerp(z.expand_as(others), others, NEAR).half().float()
    digits = None if address.digit is None else [address.digit] * NEIGHBOURS
    scored = model.draw(near, digits)
    figures, who = [], tint.voice(model).who
    for row, pixels, said in zip(near, scored.pixels, tint.coloured(model, scored), strict=True):
        alt = say("neighbour", who=who, number=markup.number(said), verdict=say(said.verdict))
        figures.append(markup.digit(pixels, said, alt, address=Found.of(model.name, row, address.digit)))
    return (
        f'<section class="neighbours"><h3>{say("neighbours")}</h3><p>{say("neighbours note")}</p>'
        f'<div class="digits" style="--scale:3">{"".join(figures)}</div></section>'
    )


def _yours(model: Model, search: Search) -> str:
    if search.mode == "nearest":
        scored = ScoredPictures(search.pixels[None], [model.judge(search.pixels, search.digit)])
        strange = model.never_saw(search.pixels)
        return _figure(model, search.pixels, tint.coloured(model, scored)[0], say("yours"), strange)
    shown = np.where(search.hole, MASKED, search.pixels) if search.hole is not None else _reduced(search.pixels)
    source = fits.source(np.asarray(shown, np.uint8))
    caption = say("known")
    return f'<figure><span><img {source} alt="{caption}"></span><figcaption>{caption}</figcaption></figure>'


def _figure(model: Model, pixels: np.ndarray, said: belief.Belief, caption: str, strange: bool = False) -> str:
    """A picture and what the `tint.voice` says of it, which means nothing of a `strange` one."""
    told = say("far") if strange else say("who says", who=tint.voice(model).who, verdict=markup.number(said))
    colour = 'class="toward-real" style="--lean:0%"' if strange else markup.leaning(said)
    return (
        f"<figure><span {colour}>{markup.picture(pixels, caption)}</span>"
        f"<figcaption><b>{caption}</b> {told}</figcaption></figure>"
    )


def _difference(model: Model, yours: np.ndarray, found: np.ndarray) -> str:
    """Whose ink is where: black where both pictures agree."""
    source = fits.source(fits.apart(model, yours, found))
    colours = (("less", "only yours"), ("more", "only generators"))
    keys = "".join(f'<small><i class="{colour}"></i>{say(key)}</small> ' for colour, key in colours)
    return (
        f'<figure class="difference"><span><img {source} alt="{say("difference")}"></span>'
        f"<figcaption><b>{say('difference')}</b> {keys}</figcaption></figure>"
    )


def _reduced(pixels: np.ndarray) -> np.ndarray:
    """(28, 28) uint8 -> (7, 7) uint8."""
    return to_pixels(inversion.reduce(from_pixels(torch.from_numpy(pixels.copy()))[None, None]))[0, 0].numpy()


def _progress(step: int, steps: int, error: float | None = None) -> str:
    told = say("looking") if error is None else say("looking at", error=f"{error:.3f}")
    return f'<p class="progress" role="status"><progress value="{step}" max="{steps}"></progress>{told}</p>'


def _brought() -> str:
    """Places that tab.js fills."""
    torn = html.escape(say("link wrong", why=say("link drawing")))
    return f'{brought.markup()}<p class="torn" role="status" hidden>{torn}</p>'


def _under(search: Search | None, mode: str) -> str:
    """The sheet for the mask: shown where a hole is to be filled, over the digit that it is painted on."""
    if mode != "repair" or search is None:
        return ""
    url = encoding.data_url(encoding.png_bytes(Image.fromarray(search.pixels)))
    # White strokes become grey and opaque, black paper transparent.
    matrix = " ".join(f"0 0 0 0 {MASKED / 255:.3f}" for _ in range(3)) + " 1 0 0 0 0"
    return (
        "<style>.gradio-container .mask-part.mask-part.mask-part { display: flex !important; }"
        f" #invert-mask .paper {{ background-image: url({url}) !important; }}</style>"
        '<svg width="0" height="0" aria-hidden="true"><filter id="hole" color-interpolation-filters="sRGB">'
        f'<feColorMatrix values="{matrix}"/></filter></svg>'
    )


# The tab ---------------------------------------------------------------------------------------------------


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    catalogue, model, settings, pins, *_ = page
    latest, search = LatestSearch(), gr.State(None)
    ticket = gr.Textbox("", visible="hidden")  # changes with the search: a State's own change is told by the queue only
    gr.HTML(f'<p class="lede">{markup.either("invert lede")}</p>')
    mode = gr.Radio(
        [(say(f"look {name}"), name) for name in MODES], value="nearest", label=say("look for"), elem_id="invert-mode"
    )
    digit = widgets.digit_chooser(say("invert as"), "invert-digit", ANY)
    with gr.Row(elem_classes="invert-ask"):
        with gr.Column(min_width=240, elem_classes="invert-bring"):
            board = canvas.build("invert-board")
            picture = gr.HTML(
                html_template=_brought(), js_on_load=script, elem_id="invert-brought", apply_default_css=False
            )
            zone = drop_zone.build("invert-zone", elem_classes="small-zone")
            with gr.Row(elem_classes="invert-examples"):
                printed = gr.Button(
                    say("invert printed"), size="sm", min_width=40, elem_id="invert-printed", elem_classes="of-digits"
                )
                own = gr.Button(say("invert own"), size="sm", min_width=40, elem_id="invert-own")
        with gr.Column(min_width=320):
            with gr.Column(elem_classes="mask-part"):
                gr.HTML(f'<p class="hint">{say("paint mask")}</p>')
                mask = canvas.build("invert-mask", pen=MASK_PEN, paint=True)
            stage = gr.HTML(elem_id="invert-stage", elem_classes="stage", apply_default_css=False)
    under = gr.HTML("", elem_id="invert-under", apply_default_css=False)

    @checks.toasts
    def prepare(name: Any, mode: Any, digit: Any, drawn: Any, mask: Any, request: gr.Request) -> tuple[Any, ...]:
        chosen = catalogue.load(name)
        mode = checks.choice(mode, say("look for"), MODES)
        digit = checks.choice(digit, say("invert as"), DIGITS)
        number = latest.next(request.session_hash)
        pixels = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        if drawn:
            pixels = canvas.to_digit(canvas.read(drawn), chosen.draws_digits)
        if inputs.is_blank(pixels):
            return None, "", f'<p class="nothing">{say("invert nothing")}</p>', ""
        hole = preparing.shrunk(canvas.read(mask)) > 127 if mode == "repair" and mask else None
        asked = chosen.known(int(digit)) if chosen.conditional and digit != ANY else None
        new = Search(number, chosen.name, mode, asked, pixels, hole)
        if mode == "repair" and (hole is None or not hole.any() or hole.all()):
            return None, "", f'<p class="nothing">{say("mask nothing")}</p>', _under(new, mode)
        return new, str(number), waiting(chosen, new), _under(new, mode)

    @checks.streams
    def run(search: Search | None, request: gr.Request) -> Iterator[str]:
        if search is None or latest.is_old(request.session_hash, search.number):
            yield gr.skip()  # without any update the page would become empty
            return
        chosen, shown, started = catalogue.load(search.model), 0.0, time.monotonic()
        spaces = chosen.spaces if search.mode == "nearest" else chosen.spaces[:1]
        for found, more in fits.searched(chosen, search.goal(), search.digit, spaces):
            late, told, done = time.monotonic() - started > LONGEST, None, found[-1].state.done
            if late:
                found[-1] = found[-1]._replace(state=found[-1].state._replace(done=True))
            if time.monotonic() - shown > (FRAME if len(found) == 1 else FRAME_IN_W) or done or late:
                shown, told = time.monotonic(), view(chosen, search, found, more and not late)
            # Asked last: drawing it takes a while, and what is told of an old search would stay on an empty sheet.
            if latest.is_old(request.session_hash, search.number):
                yield gr.skip()
                return
            if told:
                yield told
            if late:
                return

    @checks.toasts
    def bring(name: Any, event: gr.EventData) -> Any:
        return drop_zone.bring(event, inputs.kind_for(catalogue.load(name), inputs.PREPARED))

    @checks.toasts
    def end(event: gr.EventData, request: gr.Request) -> str:
        """Nothing is looked for any more: a picture was refused, and nothing newer is on the canvas."""
        latest.next(request.session_hash)
        return f'<p class="nothing">{html.escape(str(checks.field(payload(event), "why")))}</p>'

    @checks.toasts
    def use(address: Address, turn: Any) -> gr.HTML:
        return canvas.put(catalogue.load(address.model).draw_one(address).pixels[0], turn=turn)

    @checks.toasts
    def put_printed(turn: Any) -> gr.HTML:
        return canvas.put(inputs.of_print(str(secrets.randbelow(10)), "source printed").pixels, turn=turn)

    @checks.toasts
    def put_own(turn: Any, name: Any) -> gr.HTML:
        given = inputs.of_generator(catalogue.load(name), secrets.randbelow(widgets.DICE))
        return canvas.put(given.pixels, turn=turn)

    pins.on_use("invert", use, [], [board], in_turn=True)
    zone.upload(bring, [model], [board], **widgets.PICTURES, **widgets.QUEUED)
    picture.refused(end, None, [stage], **widgets.LIVE)
    turn = gr.Number(visible="hidden")
    printed.click(put_printed, [turn], board, js="() => ganDemo.turn()", **widgets.QUEUED)
    own.click(put_own, [turn, model], board, js="(_, model) => [ganDemo.turn(), model]", **widgets.QUEUED)
    settings.add("find", mode, link.choice(MODES))
    settings.add("invert-as", digit, link.choice(DIGITS))
    redraw = widgets.Redraw(prepare, [model, mode, digit, board, mask], [search, ticket, stage, under])
    for listen in (board.settled, mask.settled):
        widgets.live(listen, redraw)
    widgets.on_change(redraw, mode, digit)
    ticket.change(run, [search], [stage], **SEARCHES, **widgets.QUEUED)
    return redraw
