"""Digits to be judged: generated, brought by somebody, or made up to see what D says of them."""

import random
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_demo.config import CLASSES
from gan_demo.errors import UserError
from gan_demo.evaluation import part_tables
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import encoding, opening, preparing, real_digits
from gan_demo.pictures.finding import Part
from gan_demo.ui.shared import canvas, markup, widgets
from gan_demo.ui.shared.address import Address, Found
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say

FIRST_SEED = 94  # of the digit that is there before anybody chose one: no model that ships draws an outlier of it
# Added to a seed for real digits, which are dealt apart from the rest. With this the first two are no outliers, either:
# the best D of each model that ships takes them for real, as it does four fifths or more of all.
REAL = 305
LETTERS = "ABEFGHKMNRSTWXYZ"  # none of them a digit, too
TRIED = 16  # digits of which the one that changes most is turned upside down
PREVIEW_SIDE = 520  # twice the pixels it is shown with
MARKED = "marked"  # beside what the preparation says of a picture
NOTES = {
    preparing.FOUND: "note found",
    preparing.SEVERAL: "note several",
    preparing.UNSURE: "note unsure",
    MARKED: "note marked",
}
MOST_CHOICES = 8  # digits on one picture that are offered: those of a date
PREPARED, PLAIN = "prepared", "plain"  # keys of texts: how a drawing or a picture becomes 28x28 pixels
# As PLAIN, but on the ground that a model's pictures have; keys of the texts about those that are inverted for it.
ON_DARK, ON_LIGHT = "on dark", "on light"
KINDS = (PREPARED, PLAIN, ON_DARK, ON_LIGHT)


class Input(NamedTuple):
    """A digit to be judged."""

    pixels: np.ndarray  # (28, 28) uint8, white ink on black
    source: str  # where it comes from, in words
    kinds: dict[str, np.ndarray] | None = None  # of a picture: what it becomes, each of KINDS
    inverted: str = ""  # the one of KINDS that shows it with dark and light exchanged
    original: str = ""  # URL of the picture it was made from
    found: str = ""  # what the preparation has to say of the picture, in words
    doubtful: bool = False  # whether that asks the person to look, or to choose
    choices: tuple[dict[str, Any], ...] = ()  # of several digits on it: where each is, and its pixels as text
    address: Address | None = None  # where it was generated from
    checkpoint: str = ""  # of the model of the address

    def note(self) -> dict[str, Any]:
        """What the tab says of it: travels with the picture on the canvas, so that undoing brings it back, too."""
        card = markup.address_card(self.address, self.checkpoint) if self.address else ""
        note: dict[str, Any] = {
            "source": self.source,
            "card": card,
            "original": self.original,
            "address": str(self.address or ""),
        }
        note |= {"found": self.found, "doubtful": self.doubtful, "choices": self.choices}
        note |= {"inverted": {self.inverted: say(self.inverted)} if self.inverted else {}}
        return note | {kind: canvas.write(pixels) for kind, pixels in (self.kinds or {}).items()}


def of_generator(model: Model, seed: int) -> Input:
    """The first digit of a seed."""
    return of_address(model, Address(model.name, seed, digit=model.asked_for()))


def of_address(model: Model, address: Address) -> Input:
    """The digit that the model of an address draws."""
    pixels = model.draw_one(address).pixels[0]
    key = "source found" if isinstance(address, Found) else "source generated"
    source = say(key, model=address.model, seed=address.seed)
    return Input(pixels, source, address=address, checkpoint=model.checkpoint)


def of_real(number: int) -> Input:
    """One of the real test digits that ship with the project."""
    digits = real_digits.sheet()
    source = say("source real", place=int(digits.places[number]), label=int(digits.labels[number]))
    return Input(digits.images[number, 0].numpy(), source)


def of_print(sign: str, source: str) -> Input:
    """A printed sign: neat, and nothing that D has ever seen."""
    paper = Image.new("L", (96, 96), "white")
    ImageDraw.Draw(paper).text((48, 48), sign, "black", ImageFont.load_default(72), anchor="mm")
    return Input(preparing.to_digit(paper.convert("LA")), say(source))


def of_noise(seed: int) -> Input:
    """Independent pixels of every grey."""
    pixels = np.random.default_rng(seed).integers(0, 256, (IMAGE_SIZE, IMAGE_SIZE)).astype(np.uint8)
    return Input(pixels, say("source noise"))


def of_turned(model: Model, seed: int) -> Input:
    """A digit of the generator upside down: of a few, the one that does not look much the same then."""
    z = model.gan.latents(TRIED, seed)
    pixels = model.draw(z).pixels
    turned = pixels[:, ::-1, ::-1]
    changed = np.abs(pixels.astype(int) - turned).sum((1, 2))
    return Input(np.ascontiguousarray(turned[changed.argmax()]), say("source turned", model=model.name, seed=seed))


def is_blank(pixels: np.ndarray) -> bool:
    """Whether all pixels are alike: nobody can say how real a digit is that is not there."""
    return bool((pixels == pixels.flat[0]).all())


def kind_for(model: Model, kind: str) -> str:
    """PREPARED or PLAIN, as is asked for; what learned from other pictures than digits sees them as they are.

    But it sees them on the ground that its own have, where that is always dark, or always light.
    """
    if model.draws_digits:
        return kind if kind == PREPARED else PLAIN
    return ON_LIGHT if model.draws_on_light else ON_DARK if model.ground < preparing.DARK / 2 else PLAIN


def of_upload(content: bytes, kind: str, choice: int = 0, part: Part | None = None) -> Input:
    """The digit in a picture file, as `kind` says: of several, number `choice`; looked for in a part of it, if given.

    Raises UserError if it is no picture, has no ink to prepare, or not so many digits.
    """
    whole = opening.open_picture(content)
    picture = whole if part is None else preparing.cut_out(whole, part)
    prepared = preparing.prepare(picture, choice)
    plain = preparing.resized(picture)
    inverted = ON_DARK if preparing.ground(plain) >= preparing.DARK else ON_LIGHT
    kinds = {PREPARED: prepared.pixels, PLAIN: plain, ON_DARK: plain, ON_LIGHT: plain}
    kinds[inverted] = preparing.inverted(picture)
    if kind == PREPARED and not kinds[kind].any():
        raise UserError(say("noisy" if preparing.is_noise(picture) else "blank"))
    note = MARKED if part is not None and prepared.note != preparing.SEVERAL else prepared.note
    choices = []
    if prepared.note == preparing.SEVERAL:
        each = preparing.each(picture, MOST_CHOICES)
        for number, (box, pixels) in enumerate(zip(prepared.boxes, each, strict=False)):
            box = preparing.within(part, box) if part else box
            choices.append({"box": box, "pixels": canvas.write(pixels), "name": say("digit on picture", n=number + 1)})
    found, doubtful = say(NOTES[note]) if note else "", note in (preparing.SEVERAL, preparing.UNSURE)
    preview = encoding.photo_url(preparing.shown(whole), PREVIEW_SIDE)
    return Input(kinds[kind], say("source upload"), kinds, inverted, preview, found, doubtful, tuple(choices))


def examples(catalogue: Catalogue, model: Model, seed: int) -> list[tuple[str, Input]]:
    """Two real ones and one of each kind, as (key of a text, input). Equal seeds give equal ones.

    A model of other pictures than digits has neither real nor printed ones.
    The generated one is the first digit of `seed` itself.
    """
    dice = random.Random(seed)
    found = [("example real", of_real(number)) for number in _two_real(seed)] if model.draws_digits else []
    found.append(("example generated", of_generator(model, seed)))
    other = _another(catalogue, model, dice)
    if other is not None:
        drawn = of_generator(other, dice.randrange(widgets.DICE))
        found.append(("example other", drawn._replace(source=say("source other", source=drawn.source))))
    found.append(("example turned", of_turned(model, dice.randrange(widgets.DICE))))
    printed = of_print(str(dice.randrange(10)), "source printed")
    letter = of_print(dice.choice(LETTERS), "source letter")
    if model.draws_digits:  # what another has seen nobody knows
        found += [("example printed", printed), ("example letter", letter)]
    return [*found, ("example noise", of_noise(dice.randrange(widgets.DICE)))]


def _two_real(seed: int) -> list[int]:
    """Two numbers of the sheet, of two different classes."""
    dice = random.Random(seed + REAL)
    return [digit * real_digits.EACH + dice.randrange(real_digits.EACH) for digit in dice.sample(range(CLASSES), 2)]


def _another(catalogue: Catalogue, model: Model, dice: random.Random) -> Model | None:
    """Any other model that can be loaded, one that failed only if there is no other; None if there is none."""
    names, failed = sorted(set(catalogue.folders()) - {model.name}), None
    dice.shuffle(names)
    for name in names:
        try:
            other = catalogue.load(name)
        except UserError:
            continue
        if part_tables.failure(other.metrics) is None:
            return other
        failed = failed or other
    return failed
