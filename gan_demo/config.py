"""Config: everything that rebuilds a model's two networks, as config.json has it."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from gan_demo.errors import UserError
from gan_demo.networks import ARCHITECTURES, DISCRIMINATOR_NORMS, IMAGE_SHAPE, Shape
from gan_demo.objectives import OBJECTIVES

CONFIG_VERSION = 1
MAX_WIDTH = 8192  # of any layer that a config may ask for
MAX_CHANNELS, MAX_SIDE = 4, 256  # of a picture
CLASSES = 10  # of digits, and of a conditional model of them
MAX_CLASSES = 100  # that a conditional model may have
MAX_NAME = 40  # characters of the name of a class


@dataclass(frozen=True)
class Config:
    """Everything that rebuilds the two networks, and how they were trained.

    Fields left out get the architecture's default. Raises UserError where a value makes no sense.
    """

    model: str  # a key of networks.ARCHITECTURES
    objective: str = "non-saturating"  # a key of objectives.OBJECTIVES; decides what D's output means
    latent_dim: int = 0  # numbers in a latent z
    generator_widths: tuple[int, ...] = ()  # units or channels, from the latent outwards
    discriminator_widths: tuple[int, ...] = ()  # units or channels, from the picture inwards
    generator_norm: str = ""  # one of networks.GENERATOR_NORMS
    discriminator_norm: str = ""  # one of networks.DISCRIMINATOR_NORMS
    shape: Shape = IMAGE_SHAPE  # channels, height and width of a picture
    subpixels: int = 1  # a side of a pixel that a style generator draws, of which the pixel is the mean
    classes: int = 0  # 2 to MAX_CLASSES for a conditional model, which is asked for one; 0 for the others
    class_names: tuple[str, ...] = ()  # of these; none where they are simply 0, 1, 2, ...
    training: dict[str, Any] = field(default_factory=dict)  # training.Settings and what came of them
    version: int = CONFIG_VERSION

    def __post_init__(self) -> None:
        if self.version != CONFIG_VERSION:
            raise UserError(
                f"the config has version {self.version!r} and this code reads {CONFIG_VERSION}: update gan_demo"
            )
        _check_choice("model", self.model, ARCHITECTURES)
        _check_choice("objective", self.objective, OBJECTIVES)
        defaults = ARCHITECTURES[self.model].defaults
        for name, default in defaults.items():
            chosen = getattr(self, name) or default
            object.__setattr__(self, name, tuple(chosen) if isinstance(default, tuple) else chosen)
        norms = ARCHITECTURES[self.model].generator_norms
        _check_choice("generator norm", self.generator_norm, norms)
        _check_choice("discriminator norm", self.discriminator_norm, DISCRIMINATOR_NORMS)
        if type(self.classes) is not int or self.classes not in (0, *range(2, MAX_CLASSES + 1)):
            raise UserError(
                f"classes is 2 to {MAX_CLASSES} for a conditional model and 0 for others, not {self.classes!r}"
            )
        most = ARCHITECTURES[self.model].subpixels
        if type(self.subpixels) is not int or not 1 <= self.subpixels <= most:
            wanted = f"1 to {most}" if most > 1 else "1"
            raise UserError(f"subpixels of a {self.model} are {wanted}, not {self.subpixels!r}")
        self._check_names()
        if self.classes and "batch" in norms and self.generator_norm != "batch":
            raise UserError("a conditional generator takes the class in its batch norm: generator_norm must be batch")
        for name, (fewest, most) in ARCHITECTURES[self.model].widths.items():
            if not fewest <= len(getattr(self, name)) <= most:
                raise UserError(f"{name} of a {self.model} takes {fewest} to {most} numbers")
        self._check_sizes()

    def _check_names(self) -> None:
        names = self.class_names
        if not isinstance(names, (list, tuple)) or not all(
            isinstance(name, str) and name.isprintable() and 1 <= len(name) <= MAX_NAME for name in names
        ):
            raise UserError(f"class_names are texts of 1 to {MAX_NAME} characters")
        if names and (len(names) != self.classes or len(set(names)) != len(names)):
            raise UserError(f"class_names are {self.classes} different names, one for each class")
        object.__setattr__(self, "class_names", tuple(names))  # JSON has lists

    def _check_sizes(self) -> None:
        object.__setattr__(self, "shape", tuple(self.shape))  # JSON has lists
        channels, *sides = self.shape if len(self.shape) == 3 else (0,)
        if not all(type(size) is int for size in self.shape) or not (
            1 <= channels <= MAX_CHANNELS and all(1 <= side <= MAX_SIDE for side in sides)
        ):
            raise UserError(
                f"shape is channels, 1 to {MAX_CHANNELS}, height and width, 1 to {MAX_SIDE}, not {list(self.shape)}"
            )
        multiple = ARCHITECTURES[self.model].sides
        if any(side % multiple for side in sides):
            raise UserError(f"the sides of a {self.model}'s pictures are multiples of {multiple}, not {sides}")
        for width in (self.latent_dim, *self.generator_widths, *self.discriminator_widths):
            if type(width) is not int or not 1 <= width <= MAX_WIDTH:
                raise UserError(f"latent_dim and widths are whole numbers from 1 to {MAX_WIDTH}, not {width!r}")

    @classmethod
    def from_json(cls, text: str) -> "Config":
        """Read a config.json. Raises UserError on anything but a config of ours."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UserError(f"config.json is not JSON ({error})") from None
        if not isinstance(fields, dict) or not isinstance(fields.get("model"), str):
            raise UserError("config.json is not of this project: it names no model")
        unknown = set(fields) - {f.name for f in dataclasses.fields(cls)}
        if unknown:
            raise UserError(f"config.json has unknown fields: {', '.join(sorted(unknown))}")
        try:
            return cls(**fields)
        except TypeError as error:
            raise UserError(f"config.json has a value of the wrong type ({error})") from None

    @property
    def dataset(self) -> str:
        """What the networks were trained on, a key of data.SOURCES or a folder: MNIST where `training` does not say."""
        return str(self.training.get("dataset", "mnist"))

    @property
    def changed(self) -> bool:
        """Whether somebody changed the training while it ran: what came of it is no recipe's work."""
        origin = self.training.get("init_from")
        before = origin.get("changes") if isinstance(origin, dict) else None
        return bool(self.training.get("changes") or before)

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes of a conditional model are called, in the order of their numbers; () for other models."""
        return self.class_names or tuple(map(str, range(self.classes)))

    def to_dict(self) -> dict[str, Any]:
        """The config as plain values for config.json, without what is as usual: older code reads it."""
        fields = dataclasses.asdict(self)
        if self.shape == IMAGE_SHAPE:
            del fields["shape"]
        if not self.class_names:
            del fields["class_names"]
        if self.subpixels == 1:
            del fields["subpixels"]
        return fields

    def check_shape(self, what: str) -> None:
        """Raise UserError unless the model draws grey pictures of 28x28, which `what` needs."""
        if self.shape != IMAGE_SHAPE:
            raise UserError(f"{what} is made for {_size(IMAGE_SHAPE)}, and this model draws {_size(self.shape)}")


def _size(shape: Shape) -> str:
    channels, height, width = shape
    kind = {1: "grey pictures", 3: "colour pictures"}.get(channels, f"pictures of {channels} channels")
    return f"{kind} of {width}x{height}"


def _check_choice(name: str, value: Any, choices: Any) -> None:
    if value not in choices:
        raise UserError(f"unknown {name.replace('_', ' ')} {value!r}: choose from {', '.join(choices)}")


def build(config: Config, device: str | torch.device) -> tuple[nn.Module, nn.Module]:
    """Build the config's generator and discriminator on `device`; nothing has set their parameters yet.

    They are built on the meta device, where torch's own initialisation draws no random numbers.
    """
    architecture = ARCHITECTURES[config.model]
    finer = {"subpixels": config.subpixels} if config.subpixels > 1 else {}
    with torch.device("meta"):
        generator = architecture.generator(
            config.shape, config.latent_dim, config.generator_widths, config.generator_norm, config.classes, **finer
        )
        discriminator = architecture.discriminator(
            config.shape, config.discriminator_widths, config.discriminator_norm, config.classes
        )
    if str(device) == "meta":
        return generator, discriminator
    return generator.to_empty(device=device), discriminator.to_empty(device=device)
