"""Discriminator: what D says of a digit that somebody brings."""

import html
import secrets
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.Image import Resampling

from gan_demo import belief, images
from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SIZE
from gan_demo.ui import checks, markup, widgets, words
from gan_demo.ui import settings as link
from gan_demo.ui.address import Address
from gan_demo.ui.models import Catalogue, Model
from gan_demo.ui.settings import Settings
from gan_demo.ui.shelf import Shelf
from gan_demo.ui.words import say

HERE = Path(__file__).parent
FIRST_SEED = 90  # of the digit that is there before anybody chose one
BEST = "best"  # a key of a text; in the place of a digit
DIGITS = (BEST, *widgets.DIGITS)
PREVIEW_SIDE = 144  # twice the pixels it is shown with
DROP_ZONE = (HERE / "drop_zone.js").read_text(encoding="utf-8")


class Subject(NamedTuple):
    """A digit to be judged."""

    pixels: np.ndarray  # (28, 28) uint8, white ink on black
    source: str  # where it comes from, in words
    original: str = ""  # URL of the picture it was made from
    address: Address | None = None  # where it was generated from
    checkpoint: str = ""  # of the model of the address


def of_generator(model: Model, seed: int) -> Subject:
    """The first digit of a seed."""
    return of_address(model, Address(model.name, seed, digit=(model.digits(1) or [None])[0]))


def of_address(model: Model, address: Address) -> Subject:
    """The digit that the model of an address draws."""
    pixels = model.draw_one(address).pixels[0]
    source = say("source generated", model=address.model, seed=address.seed)
    return Subject(pixels, source, address=address, checkpoint=model.checkpoint)


def of_print(digit: int) -> Subject:
    """A printed digit from 0 to 9: neat, and nothing that D has ever seen."""
    paper = Image.new("L", (96, 96), "white")
    ImageDraw.Draw(paper).text((48, 48), str(digit), "black", ImageFont.load_default(72), anchor="mm")
    return Subject(images.to_digit(paper.convert("LA")), say("source printed"))


def of_noise() -> Subject:
    """Independent pixels of every grey."""
    pixels = np.frombuffer(secrets.token_bytes(IMAGE_SIZE**2), np.uint8)
    return Subject(pixels.reshape(IMAGE_SIZE, IMAGE_SIZE).copy(), say("source noise"))


def of_upload(content: bytes) -> Subject:
    """The digit in a picture file; raises UserError if it is no picture, or blank."""
    picture = images.open_picture(content)
    pixels = images.to_digit(picture)
    if pixels.max() == 0:
        raise UserError(say("blank"))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Resampling.HAMMING)
    return Subject(pixels, say("source upload"), images.data_url(images.png_bytes(picture)))


EXAMPLES = {
    "example generated": lambda model: of_generator(model, secrets.randbelow(widgets.DICE)),
    "example printed": lambda model: of_print(secrets.randbelow(10)),
    "example noise": lambda model: of_noise(),
}


def view(model: Model, subject: Subject, digit: Any = BEST) -> str:
    """What D sees, what it says, and where that lies among its other scores, as HTML.

    A conditional D is asked how real it is as `digit`; others take no notice of it.
    """
    objective = model.gan.config.objective
    digit = checks.choice(digit, say("judge as"), DIGITS)
    raw, asked = model.judge_as(subject.pixels, None if digit == BEST else int(digit))
    judged = "" if asked is None else say("fits best" if digit == BEST else "judged as", digit=asked) + " · "
    unit = words.meaning(objective, "unit")
    said = model.belief(raw)
    original = ""
    if subject.original:
        original = (
            f'<figure class="original"><span><img src="{subject.original}" alt="{say("original")}"></span>'
            f"<figcaption>{say('original')}</figcaption></figure>"
        )
    card = markup.address_card(subject.address, subject.checkpoint) if subject.address else ""
    return (
        f'<div class="judgement"><div class="pictures">{original}<figure class="seen">'
        f"<span {markup.leaning(said)}>{markup.picture(subject.pixels, subject.source)}</span>"
        f"<figcaption>{say('seen')}</figcaption></figure></div>"
        f'<div class="says"><p class="source">{html.escape(subject.source)}</p>'
        f'<p class="number"><span {markup.leaning(said)}>{markup.number(said)}</span>'
        f" <span>{words.meaning(objective, 'name')}</span></p>"
        f'<p class="verdict">D: <b>{say(said.verdict)}</b> · {judged}{say("raw", unit=unit)}'
        f" <b>{raw:+.2f}</b></p>{_comparison(model, raw)}{card}</div></div>"
        f'<div class="below">{markup.legend(objective, explained=True, lack=model.why_no_reference)}</div>'
    )


def _comparison(model: Model, raw: float) -> str:
    """Both ranks in words over the chart; or why there are none."""
    if model.reference is None:
        why = say("no comparison", why=model.why_no_reference)
        return f'<p class="no-reference">{html.escape(why)}</p>'
    ranks = ""
    for kind in ("real", "generated"):
        share = belief.rank(raw, getattr(model.reference, kind))
        compared = words.comparison(share, say(f"{kind} group", noun=model.noun))
        ranks += f'<li class="of-{kind}">{compared}</li>'
    chart = markup.chart(model.reference, raw, model.gan.config.objective, model.noun)
    return f'<ul class="ranks">{ranks}</ul>{chart}'


def build(catalogue: Catalogue, model: gr.Dropdown, settings: Settings, shelf: Shelf) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    subject = gr.State(None)
    gr.HTML(f'<p class="lede">{say("discriminator lede")}</p>')
    with gr.Row(elem_classes="ask"):
        with gr.Column(scale=2, min_width=240, elem_classes="bring"):
            zone = gr.HTML(html_template=_zone(), js_on_load=DROP_ZONE, elem_id="drop-zone", apply_default_css=False)
            gr.HTML(f'<p class="or">{say("examples")}</p>')
            with gr.Row(elem_classes="examples"):
                buttons = {
                    key: gr.Button(say(key), size="sm", min_width=40, elem_id=key.replace(" ", "-")) for key in EXAMPLES
                }
        with gr.Column(scale=5, min_width=320):
            digit = widgets.digit_chooser(say("judge as"), "judge-as", BEST)
            stage = gr.HTML(elem_id="judge-stage", elem_classes="stage")

    @checks.toasts
    def judge(name: Any, digit: Any, subject: Subject | None) -> tuple[Subject, str]:
        chosen = catalogue.load(name)
        subject = subject or of_generator(chosen, FIRST_SEED)
        return subject, view(chosen, subject, digit)

    @checks.toasts
    def bring(name: Any, digit: Any, event: gr.EventData) -> tuple[Subject, str]:
        path = event._data.get("path") if isinstance(event._data, dict) else None
        return judge(name, digit, of_upload(checks.uploaded(path)))

    @checks.toasts
    def use(address: Address, name: Any, digit: Any) -> tuple[Subject, str]:
        return judge(name, digit, of_address(catalogue.load(address.model), address))

    outputs = [subject, stage]
    shelf.on_use("discriminator", use, [model, digit], outputs)
    zone.upload(bring, [model, digit], outputs, **widgets.PICTURES, **widgets.QUEUED)
    for key, button in buttons.items():
        widgets.live(button.click, widgets.Redraw(_example(key, catalogue, judge), [model, digit], outputs))
    settings.add("as", digit, link.choice(DIGITS))
    redraw = widgets.Redraw(judge, [model, digit, subject], outputs)
    widgets.on_change(redraw, digit)
    return redraw


def _example(key: str, catalogue: Catalogue, judge: Any) -> Any:
    @checks.toasts
    def show(name: Any, digit: Any) -> tuple[Subject, str]:
        return judge(name, digit, EXAMPLES[key](catalogue.load(name)))

    return show


def _zone() -> str:
    return (
        f'<label class="zone"><input type="file" accept="image/*"><b>{say("upload")}</b>'
        f"<span>{say('upload more')}</span><small>{say('upload kinds')}</small></label>"
    )
