"""The address of a picture: which latent of which model it is drawn from, as text that people can pass on.

    dcgan:42:3              row 3 of seed 42, drawn by the model dcgan
    dcgan:42:3:c0.7         the same with a truncation of 0.7 towards typical latents (latent/truncation.py)
    dcgan:42:3:t0.7         with a truncation of 0.7 towards the middle of the latent space; without one it is 1
    style:42:3:t-1          beyond the middle, of a style generator: a point of w, which has no z
    dcgan-conditional:42:3:t0.7:d5   a latent as a 5, by a conditional model
    dcgan:42:3:r0.3:v5      variation 5 of the first one, at a radius of 0.3
    user/repo:42:3          by a model of the Hub
    dcgan:42:x1.25:y-3      the point (1.25, -3) of the map of world 42 (gan_demo/latent/endless_map.py)
    dcgan:42:x1.25:y-3:z2   the same, seen from a zoom of 2
    dcgan:LADwAwA...:d5     a latent that has no seed: its numbers themselves (`Found`)
    style:wADwAwA...        the same of a w, the space behind the mapping network of a style generator
    style:WADx_gQE...        of a point of W+, a w for each layer: 8 bits a number, or it would be twice as long

MODEL:SEED:ROW, or MODEL:WORLD:xX:yY, then what is not as usual, each part with its letter. All of it may
stand as it is in the query of a URL. One picture has one address: `str(Address.parse(text))` is the
canonical form. Only the zoom says nothing of the picture: it is how near the map is shown.
"""

import math
import re
from dataclasses import dataclass, replace

from torch import Tensor

from gan_demo.config import MAX_CLASSES
from gan_demo.errors import UserError
from gan_demo.gan import GAN, MAX_SEED
from gan_demo.latent import endless_map, paths
from gan_demo.latent.spaces import LETTERS, UNPACK, LatentSpace, spaces_of
from gan_demo.latent.truncation import MIDDLE, TYPICAL, WAYS
from gan_demo.pictures.downloads import folder_name
from gan_demo.shell import command, quoted
from gan_demo.ui.words import say

MAX_ROW = 9999
MAX_TRUNCATION = 1.5
MIN_TRUNCATION = -1.0  # in w, towards the middle
MAX_LENGTH = 200  # characters of an address, but of `Found`
MAX_FOUND_LENGTH = MAX_LENGTH + 3 * paths.MAX_PACKED
LEADS = {"t": MIDDLE, "c": TYPICAL}  # before a truncation
MIN_ZOOM, MAX_ZOOM = -1.0, 8.0  # the map shows 2^zoom digits from one whole point to the next, or larger ones
NOT_IN_A_NAME = r"\s:,&+#?%<>\"'\\"  # characters that the name of a model cannot have, as in a [...] of re
_COORDINATE = rf"-?\d{{1,7}}(?:\.\d{{1,{endless_map.DECIMALS}}})?"
_FORM = re.compile(
    rf"(?:(?P<model>[^{NOT_IN_A_NAME}]+):(?=\d+:[\dx]))?(?P<seed>\d{{1,19}})"
    rf"(?::(?P<row>\d{{1,4}})|:x(?P<x>{_COORDINATE}):y(?P<y>{_COORDINATE}))?"
    r"(?::(?P<towards>[tc])(?P<truncation>-?\d(?:\.\d{1,4})?))?(?::r(?P<radius>\d(?:\.\d{1,4})?):v(?P<variation>\d{1,4}))?"
    r"(?::d(?P<digit>\d|[1-9]\d))?(?::z(?P<zoom>-?\d(?:\.\d{1,4})?))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Address:
    """The place that one picture is drawn from; raises UserError where a part is out of range."""

    model: str  # as the page lists it
    seed: int
    row: int = 0
    truncation: float = 1.0
    digit: int | None = None  # of conditional models only: the number of the class
    point: tuple[float, float] | None = None  # of the map, whose world is the seed; then the row says nothing
    zoom: float | None = None  # of points of the map only
    radius: float = 0.0  # how far from that latent, 0 to 1: see `paths.vary`
    variation: int = 0  # in which direction
    towards: str = MIDDLE  # one of WAYS

    def __post_init__(self) -> None:
        object.__setattr__(self, "truncation", round(float(self.truncation), 4) + 0.0)
        object.__setattr__(self, "radius", round(float(self.radius), 4))
        if not 0 <= self.radius <= 1:  # neither is NaN
            raise UserError(say("not number", name=say("radius"), low=0, high=1, value=self.radius))
        if not self.radius:  # all variations are the latent itself
            object.__setattr__(self, "variation", 0)
        whole = (("seed", self.seed, MAX_SEED), ("row", self.row, MAX_ROW), ("variation", self.variation, MAX_ROW))
        for name, value, most in whole:
            if type(value) is not int or not 0 <= value <= most:
                raise UserError(say("not whole", name=say(name), low=0, high=most, value=value))
        if self.towards not in WAYS:
            raise UserError(say("not choice", name=say("towards"), choices=", ".join(WAYS), value=self.towards))
        if self.truncation == 1:  # they lead nowhere
            object.__setattr__(self, "towards", MIDDLE)
        low = MIN_TRUNCATION if self.towards == MIDDLE else 0
        if not low <= self.truncation <= MAX_TRUNCATION:  # neither is NaN
            raise UserError(
                say("not number", name=say("truncation"), low=low, high=MAX_TRUNCATION, value=self.truncation)
            )
        if self.digit is not None and (type(self.digit) is not int or not 0 <= self.digit < MAX_CLASSES):
            raise UserError(say("not whole", name=say("digit"), low=0, high=MAX_CLASSES - 1, value=self.digit))
        if self.point is not None:
            for name, at in zip("xy", self.point, strict=True):
                if not -endless_map.LIMIT <= at <= endless_map.LIMIT:
                    raise UserError(
                        say("not number", name=name, low=-endless_map.LIMIT, high=endless_map.LIMIT, value=at)
                    )
            # Adding 0.0 makes a plain zero of a negative one.
            object.__setattr__(
                self, "point", tuple(round(float(value), endless_map.DECIMALS) + 0.0 for value in self.point)
            )
        if self.zoom is not None:
            object.__setattr__(self, "zoom", round(float(self.zoom), 4) + 0.0)
            if self.point is None or not MIN_ZOOM <= self.zoom <= MAX_ZOOM:
                raise UserError(say("not number", name=say("zoom"), low=MIN_ZOOM, high=MAX_ZOOM, value=self.zoom))

    @classmethod
    def parse(cls, text: object, model: str = "") -> "Address":
        """Read an address; raises UserError on anything else.

        With `model`, the short forms SEED, SEED:ROW and WORLD:xX:yY are addresses of that model, too.
        """
        text = text.strip() if isinstance(text, str) else ""
        if found := Found.read(text, model):
            return found
        match = _FORM.fullmatch(text) if len(text) <= MAX_LENGTH else None
        name = (match["model"] or model) if match else ""
        if match is None or not name:
            shown = " ".join(text.split())
            raise UserError(say("not address", value=f"{shown[:40]}…" if len(shown) > 40 else shown or "“”"))
        return cls(
            name,
            int(match["seed"]),
            int(match["row"] or 0),
            float(match["truncation"] or 1),
            None if match["digit"] is None else int(match["digit"]),
            None if match["x"] is None else (float(match["x"]), float(match["y"])),
            None if match["zoom"] is None else float(match["zoom"]),
            float(match["radius"] or 0),
            int(match["variation"] or 0),
            LEADS[match["towards"] or "t"],
        )

    def __str__(self) -> str:
        place = self.row if self.point is None else "x{}:y{}".format(*self._coordinates())
        text = f"{self.model}:{self.seed}:{place}"
        if self.truncation != 1:
            text += f":{'c' if self.towards == TYPICAL else 't'}{self.truncation:g}"
        if self.radius:
            text += f":r{self.radius:g}:v{self.variation}"
        if self.digit is not None:
            text += f":d{self.digit}"
        return text if self.zoom is None else f"{text}:z{self.zoom:g}"

    @property
    def short(self) -> str:
        """The address without its model: the same numbers, whichever model is asked."""
        return str(self)[len(self.model) + 1 :]

    @property
    def file(self) -> str:
        """A name for the file of this picture, without its ending."""
        return folder_name(str(self).replace(":", "-"))

    def _coordinates(self) -> list[str]:
        """The coordinates of the point, as people write numbers."""
        return [f"{value:.{endless_map.DECIMALS}f}".rstrip("0").rstrip(".") for value in self.point or ()]

    def latent(self, gan: GAN) -> Tensor:
        """The latent, (latent_dim,): that of the address's model, or what another draws from the same numbers.

        Raises UserError where it is a point of w, which has none.
        """
        if self.space != "z":
            raise UserError(say("not in z", space=say("in w")))
        towards = self.towards if self.towards in gan.truncations else MIDDLE
        if self.point is None:
            z = gan.latents(self.row + 1, self.seed)[self.row]
        else:
            z = endless_map.latents(gan, self.seed, [self.point])[0]
        if self.radius:
            return gan.variation(z, self.variation, self.radius, self.seed, self.truncation, towards)
        return gan.truncate(z, self.truncation, towards)

    @property
    def space(self) -> str:
        """The space that its point lies in, a key of `LatentSpace`: w where truncation goes beyond the middle."""
        return "w" if self.truncation < 0 else "z"

    def latent_in(self, gan: GAN, space: str = "", digit: int | None = None) -> Tensor:
        """Its point in its own space, or in one behind it: a conditional model's latent z has a w for each digit.

        Without a `digit` it is the address's own, or 0. Raises UserError where no way leads there.
        """
        space = space or self.space
        if space == "z":
            return self.latent(gan)
        if space not in spaces_of(gan):
            raise UserError(say("no such space", space=say(f"in {space}")))
        asked = (self.digit or 0) if digit is None else digit
        label, there = asked if gan.config.classes else None, LatentSpace(gan, space)
        if self.space == "z":
            return there.of(self.latent(gan)[None], label)[0]
        whole = there.of(replace(self, truncation=1.0).latent(gan)[None], label)
        return there.truncate(whole, self.truncation, label)[0]

    def python(self, checkpoint: str) -> str:
        """The line of Python that makes the picture, (1, 28, 28), from a checkpoint folder or a Hub repository."""
        truncated = "" if self.truncation == 1 else f", truncation={self.truncation:g}, towards={self.towards!r}"
        labels = "" if self.digit is None else f", labels={self.digit}"
        gan, point = f"GAN.from_pretrained({checkpoint!r})", f"[({', '.join(self._coordinates())})]"
        imports = "from gan_demo import GAN"
        if self.point is not None:
            imports += "; from gan_demo.latent import endless_map"
        z = f"gan.latents({self.row + 1}, {self.seed})[{self.row}]"
        if self.point is not None:
            z = f"endless_map.latents(gan, {self.seed}, {point})[0]"
        if self.space == "w":
            if self.radius:
                z = f"gan.vary({z}, {self.variation}, {self.radius:g}, {self.seed})"
            w = f"w.truncate(w.of({z}[None]{labels}), {self.truncation:g}{labels})"
            imports += "; from gan_demo.latent.spaces import LatentSpace"
            return f"{imports}; gan = {gan}; w = LatentSpace(gan, 'w'); image = w.generate({w}{labels})[0]"
        if self.radius:
            z = f"gan.variation({z}, {self.variation}, {self.radius:g}, {self.seed}{truncated})"
            return f"{imports}; gan = {gan}; image = gan.generate({z}[None]{labels})[0]"
        if self.point is None:
            made = f"{gan}.sample({self.row + 1}, seed={self.seed}{truncated}{labels})[{self.row}]"
        else:
            made = f"endless_map.sample({gan}, {self.seed}, {point}{truncated}{labels})[0]"
        return f"{imports}; image = {made}"

    def command(self, checkpoint: str) -> str:
        """The command line that writes the picture into a file."""
        line = f"{command('export', checkpoint)} {self._place()}"
        if self.truncation != 1:
            line += f" --truncation {self.truncation:g} --towards {self.towards}"
        if self.radius:
            line += f" --radius {self.radius:g} --variation {self.variation}"
        if self.digit is not None:
            line += f" --labels {self.digit}"
        return f"{line} --output {quoted(f'{self.file}.png')}"

    def _place(self) -> str:
        """The flags of the command line that say where it is."""
        place = f"--row {self.row}" if self.point is None else f"--point {' '.join(self._coordinates())}"
        return f"--seed {self.seed} {place}"


# MODEL:L and the base64url of the numbers (LatentSpace.pack), then variation, of a z only, and digit as above.
_LONGEST = -(-(paths.MAX_PACKED_8 + 2) * 8 // 6)
_FOUND = re.compile(
    rf"(?:([^{NOT_IN_A_NAME}]+):)?([{''.join(LETTERS.values())}])([\w-]{{2,{_LONGEST}}})"
    r"(?::r(\d(?:\.\d{1,4})?):v(\d{1,4}))?(?::d(\d|[1-9]\d))?",
    re.ASCII,
)
_SPACES = {letter: space for space, letter in LETTERS.items()}


@dataclass(frozen=True)
class Found(Address):
    """The address of a point that was found and has no seed; raises UserError where `numbers` are none."""

    seed: int = 0  # says nothing
    numbers: str = ""  # as `LatentSpace.pack` writes them
    letter: str = LETTERS["z"]  # of its space

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            UNPACK[self.space](self.numbers)
            if self.radius and self.space != "z":
                raise ValueError("variations are of z")
        except ValueError:
            raise UserError(say("not address", value=f"{str(self)[:40]}…")) from None

    @classmethod
    def of(cls, model: str, z: Tensor, digit: int | None = None) -> "Found":
        """The address of a latent (latent_dim,), which is rounded to float16; raises UserError if it is too long."""
        try:
            return cls(model, digit=digit, numbers=paths.pack(z))
        except ValueError:
            raise UserError(say("latent too long", most=paths.MAX_PACKED)) from None

    @classmethod
    def at(cls, model: str, space: LatentSpace, point: Tensor, digit: int | None = None) -> "Found | None":
        """The address of a point of a space, which is rounded as `LatentSpace.rounded` does; None if it is too long.

        Of W+ a point that is the same w in each layer has the address of that w.
        """
        if space.name == "w+" and (point == point[:1]).all():
            space, point = LatentSpace(space.gan, "w"), point[0]
        try:
            return cls(model, digit=digit, numbers=space.pack(point), letter=LETTERS[space.name])
        except ValueError:
            return None

    @classmethod
    def read(cls, text: str, model: str = "") -> "Found | None":
        """Read such an address; None if it has another form."""
        match = _FOUND.fullmatch(text) if len(text) <= MAX_FOUND_LENGTH else None
        if match is None or not (match[1] or model):
            return None
        name, letter, numbers, radius, variation, digit = match.groups()
        return cls(
            name or model,
            digit=None if digit is None else int(digit),
            radius=float(radius or 0),
            variation=int(variation or 0),
            numbers=numbers,
            letter=letter,
        )

    def __str__(self) -> str:
        text = f"{self.model}:{self.letter}{self.numbers}"
        if self.radius:
            text += f":r{self.radius:g}:v{self.variation}"
        return text if self.digit is None else f"{text}:d{self.digit}"

    @property
    def space(self) -> str:
        """The space that its point lies in."""
        return _SPACES[self.letter]

    @property
    def file(self) -> str:
        """A name for the file of this picture: the numbers may be longer than names can be."""
        name = f"{self.model}-{self.letter}{self.numbers[:16]}"
        return folder_name(name + (f"-r{self.radius:g}-v{self.variation}" if self.radius else ""))

    def latent(self, gan: GAN) -> Tensor:
        """The latent, (latent_dim,); raises UserError where it is none, or this model's have another length."""
        z = self._own(gan)
        if self.space != "z":
            raise UserError(say("not in z", space=say(f"in {self.space}")))
        return gan.vary(z, self.variation, self.radius, self.seed) if self.radius else z

    def latent_in(self, gan: GAN, space: str = "", digit: int | None = None) -> Tensor:
        """As for other addresses: a w leads to W+ only, and a point of W+ nowhere."""
        space = space or self.space
        if self.space == "z" or space == "z":
            return super().latent_in(gan, space, digit)
        own = self._own(gan)[None]
        return LatentSpace(gan, space).of(own, digit, self.space)[0]

    def _own(self, gan: GAN) -> Tensor:
        """The numbers as a point of its space."""
        if self.space not in spaces_of(gan):
            raise UserError(say("no such space", space=say(f"in {self.space}")))
        numbers, shape = UNPACK[self.space](self.numbers), LatentSpace(gan, self.space).shape
        if len(numbers) != math.prod(shape):
            raise UserError(say("other latents", count=len(numbers), wanted=math.prod(shape)))
        return numbers.view(shape).to(gan.device)

    def python(self, checkpoint: str) -> str:
        """As for other addresses."""
        labels = "" if self.digit is None else f", labels={self.digit}"
        if self.space != "z":
            space = f"LatentSpace(GAN.from_pretrained({checkpoint!r}), {self.space!r})"
            imports = "from gan_demo import GAN; from gan_demo.latent.spaces import LatentSpace"
            made = f"space.generate(space.unpack({self.numbers!r})[None]{labels})[0]"
            return f"{imports}; space = {space}; image = {made}"
        z = f"latent.unpack({self.numbers!r})"
        if self.radius:
            z = f"gan.vary({z}, {self.variation}, {self.radius:g}, {self.seed})"
        loaded = f"from gan_demo import GAN, latent; gan = GAN.from_pretrained({checkpoint!r})"
        return f"{loaded}; image = gan.generate({z}[None]{labels})[0]"

    def _place(self) -> str:
        return f"--latent {self.letter}{self.numbers}"


def addresses(
    model: str,
    count: int,
    seed: int,
    psi: float,
    digits: list[int] | None = None,
    towards: str = MIDDLE,
) -> list[Address]:
    """The addresses of the first `count` rows of a seed; `digits` are those a conditional model was asked for."""
    return [Address(model, seed, row, psi, digits[row] if digits else None, towards=towards) for row in range(count)]
