"""A GAN: generator, discriminator and the config that rebuilds them; sample, score, save, load."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from gan_demo import files
from gan_demo.errors import UserError
from gan_demo.latent.paths import vary
from gan_demo.networks import ARCHITECTURES, DISCRIMINATOR_NORMS, GENERATOR_NORMS
from gan_demo.objectives import OBJECTIVES

CONFIG_VERSION = 1
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
METRICS_FILE = "metrics.json"  # what evaluation.py measured of these weights
INVERSION_FILE = "inversion.json"  # what inversion.py measured of them
DIRECTIONS_FILE = "directions.safetensors"  # what directions.py found in these weights
STATE_FILE = "state.pt"  # lies in the folder of a training that has not ended
MAX_WEIGHTS_BYTES = 100_000_000
MAX_WIDTH = 8192  # of any layer that a config may ask for
CLASSES = 10  # of a conditional model
MAX_SEED = 2**63 - 1
Labels = int | Sequence[int] | Tensor | None  # of a conditional model: a digit for all, or one for each row
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


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
    classes: int = 0  # 10 for a conditional model, which is asked for a digit; 0 for the others
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
        _check_choice("generator norm", self.generator_norm, GENERATOR_NORMS)
        _check_choice("discriminator norm", self.discriminator_norm, DISCRIMINATOR_NORMS)
        if type(self.classes) is not int or self.classes not in (0, CLASSES):
            raise UserError(f"classes is {CLASSES} for a conditional model and 0 for others, not {self.classes!r}")
        if self.classes and self.generator_norm != "batch":
            raise UserError("a conditional generator takes the class in its batch norm: generator_norm must be batch")
        for name, (fewest, most) in ARCHITECTURES[self.model].widths.items():
            if not fewest <= len(getattr(self, name)) <= most:
                raise UserError(f"{name} of a {self.model} takes {fewest} to {most} numbers")
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

    def to_dict(self) -> dict[str, Any]:
        """The config as plain JSON values, ready for config.json."""
        return dataclasses.asdict(self)


def _check_choice(name: str, value: Any, choices: Any) -> None:
    if value not in choices:
        raise UserError(f"unknown {name.replace('_', ' ')} {value!r}: choose from {', '.join(choices)}")


class GAN:
    """A trained (or new) pair of networks.

        gan = GAN.from_pretrained("checkpoints/dcgan")
        images = gan.sample(16, seed=42)      # (16, 1, 28, 28) in [-1, 1]
        outputs = gan.score(images)           # (16,) raw outputs of D, high for real

    Both networks are in evaluation mode here; `training.py` trains networks of its own.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, config: Config) -> None:
        # Channels last: the DCGAN draws in three quarters of the time on a CPU.
        self.generator = generator.eval().to(memory_format=torch.channels_last)
        self.discriminator = discriminator.eval().to(memory_format=torch.channels_last)
        self.config = config

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def to(self, device: str | torch.device) -> "GAN":
        """Move both networks to `device`; returns self."""
        self.generator.to(device)
        self.discriminator.to(device)
        return self

    def latents(self, n: int, seed: int, truncation: float = 1.0) -> Tensor:
        """`n` latents, (n, latent_dim) float32: rows of N(0, I) times `truncation`.

        Row i of a seed is the same on every device and for every n > i. Truncation below 1 draws
        nearer to the middle of the prior (more typical, less varied).
        """
        if not 0 <= seed <= MAX_SEED:
            raise UserError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
        # Drawn on the CPU, for the same numbers everywhere. Torch makes normals in blocks of 16 and
        # redoes the last block if it is not full, which would tie a row to the number of rows.
        generator = torch.Generator().manual_seed(seed)
        padded = -(-self.config.latent_dim // 16) * 16
        z = torch.randn(n, padded, generator=generator)[:, : self.config.latent_dim]
        return (z * truncation).to(self.device)

    def vary(self, z: Tensor, number: int, radius: float, seed: int, truncation: float = 1.0) -> Tensor:
        """A latent near z, (latent_dim,): `latent.vary` with a noise that `seed` and `number` choose.

        Where z was drawn with `seed` and `truncation`, the result is distributed as z is, whatever the radius.
        """
        # MAX_SEED is odd, so no seed is its own noise's.
        return vary(z, self.latents(number + 1, MAX_SEED - seed, truncation)[number], radius)

    def labels(self, labels: Labels, n: int) -> Tensor | None:
        """What a conditional model is asked for, as (n,) int64; None for an unconditional one.

        `labels` is one digit for all, or one for each of n rows. Raises UserError where they do not fit.
        """
        if not self.config.classes:
            if labels is not None:
                raise UserError("this model is not conditional: leave out the labels")
            return None
        if labels is None:
            raise UserError("this model is conditional: say which digit with labels, an int or one for each row")
        try:
            chosen = torch.as_tensor(labels)
        except (TypeError, ValueError, RuntimeError):  # words, rows of several lengths, huge numbers
            chosen = torch.tensor(-1)
        if chosen.dtype in (torch.bool, *_FLOATS) or not ((chosen >= 0) & (chosen < self.config.classes)).all():
            raise UserError(f"a label is a whole number from 0 to {self.config.classes - 1}, not {labels!r}")
        if chosen.shape not in ((), (n,)):
            raise UserError(f"labels are one for all or one for each of {n} rows, not of shape {tuple(chosen.shape)}")
        return chosen.long().expand(n).to(self.device)

    @torch.inference_mode()
    def generate(self, z: Tensor, labels: Labels = None) -> Tensor:
        """Pictures of latents: (n, latent_dim) -> (n, 1, 28, 28) float32 in [-1, 1]."""
        return self.generator(z.to(self.device), self.labels(labels, len(z)))

    def sample(self, n: int, seed: int, truncation: float = 1.0, labels: Labels = None) -> Tensor:
        """`generate(latents(n, seed, truncation), labels)`."""
        return self.generate(self.latents(n, seed, truncation), labels)

    @torch.inference_mode()
    def score(self, images: Tensor, labels: Labels = None) -> Tensor:
        """The discriminator's raw outputs: (n, 1, 28, 28) in [-1, 1] -> (n,) float32, high for real.

        A conditional one says how real the pictures are as the digits in `labels`.
        """
        return self.discriminator(images.to(self.device), self.labels(labels, len(images)))

    def save_pretrained(self, folder: str | Path, half: bool = False) -> None:
        """Write config.json and model.safetensors into `folder`, made if need be.

        With `half`, weights of two and more dimensions are rounded to float16: half the bytes, and 11 bits
        are more than a picture of 8 bits shows. Norms and biases, some of them large, keep their float32.
        """
        folder = Path(folder)
        tensors = {
            f"{part}.{name}": tensor.detach().cpu().contiguous()
            for part in ("generator", "discriminator")
            for name, tensor in getattr(self, part).state_dict().items()
        }
        if half:
            tensors = {name: tensor.half() if tensor.ndim > 1 else tensor for name, tensor in tensors.items()}
        files.write_bytes(folder / WEIGHTS_FILE, save_safetensors(tensors, metadata={"format": "pt"}))
        files.write_json(folder / CONFIG_FILE, self.config.to_dict())

    @classmethod
    def from_pretrained(cls, folder: str | Path, revision: str | None = None) -> "GAN":
        """Load a checkpoint onto the CPU: a folder, or "owner/name" of the Hugging Face Hub where no folder is.

        `revision` is a branch, a tag or a commit on the Hub. Strict: raises UserError where a file is
        missing, too large, damaged or foreign, or where a tensor is missing, left over or of another shape.
        """
        if not Path(folder).exists():
            from gan_demo import hub  # here, because hub uses this module

            if hub.is_repository(folder):
                folder, revision = hub.pull(str(folder), revision), None
        if revision is not None:
            raise UserError(f"{folder} is a folder here and has no revisions: leave out revision={revision!r}")
        folder = Path(folder)
        config = read_config(folder)
        path = folder / WEIGHTS_FILE
        if not path.is_file():
            raise UserError(f"{folder} has no {WEIGHTS_FILE}: it is not a whole checkpoint")
        if path.stat().st_size > MAX_WEIGHTS_BYTES:
            raise UserError(f"{path} is larger than {MAX_WEIGHTS_BYTES // 1_000_000} MB, too large for one of ours")
        try:
            tensors = load_safetensors(path.read_bytes())
        except SafetensorError as error:
            raise UserError(f"{path} is damaged or not safetensors ({error})") from None
        generator, discriminator = build(config, "meta")
        modules = nn.ModuleDict({"generator": generator, "discriminator": discriminator})
        _check_tensors(path, modules.state_dict(), tensors)
        modules.load_state_dict({name: _whole(tensor) for name, tensor in tensors.items()}, assign=True)
        return cls(generator, discriminator, config)


def read_config(folder: str | Path) -> Config:
    """The config of a checkpoint folder; raises UserError as `GAN.from_pretrained` does."""
    path = Path(folder) / CONFIG_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{folder} is not a checkpoint: it has no {CONFIG_FILE}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error})") from None
    try:
        return Config.from_json(text)
    except UserError as error:
        raise UserError(f"{folder}: {error}") from None


def checksum(folder: str | Path) -> str:
    """SHA-256 of a checkpoint's weights, by which the files beside them say what they were measured on.

    Raises UserError where there are none.
    """
    try:
        return hashlib.sha256((Path(folder) / WEIGHTS_FILE).read_bytes()).hexdigest()
    except OSError:
        raise UserError(f"{folder} has no {WEIGHTS_FILE}: it is not a whole checkpoint") from None


def build(config: Config, device: str | torch.device) -> tuple[nn.Module, nn.Module]:
    """The config's generator and discriminator on `device`, with parameters that nothing has set yet.

    They are built on the meta device, where torch's own initialisation draws no random numbers.
    """
    architecture = ARCHITECTURES[config.model]
    with torch.device("meta"):
        generator = architecture.generator(
            config.latent_dim, config.generator_widths, config.generator_norm, config.classes
        )
        discriminator = architecture.discriminator(
            config.discriminator_widths, config.discriminator_norm, config.classes
        )
    if str(device) == "meta":
        return generator, discriminator
    return generator.to_empty(device=device), discriminator.to_empty(device=device)


def _whole(tensor: Tensor) -> Tensor:
    """A weight that was stored in float16 as the float32 that the networks compute with."""
    return tensor.float() if tensor.dtype == torch.float16 else tensor


def _check_tensors(path: Path, wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    """Raise UserError naming the first tensor that is missing, left over, or of another shape or type."""
    for name in wanted.keys() - found.keys():
        raise UserError(f"{path}: the tensor {name} is missing")
    for name in found.keys() - wanted.keys():
        raise UserError(f"{path}: the tensor {name} does not belong to this model")
    for name, tensor in wanted.items():
        if tensor.shape != found[name].shape or tensor.dtype != _whole(found[name]).dtype:
            raise UserError(
                f"{path}: the tensor {name} is {found[name].dtype} {tuple(found[name].shape)},"
                f" the config asks for {tensor.dtype} {tuple(tensor.shape)}"
            )


def to_pixels(images: Tensor) -> Tensor:
    """[-1, 1] floats -> 0..255 uint8, rounded to nearest."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def from_pixels(pixels: Tensor) -> Tensor:
    """0..255 uint8 -> [-1, 1] float32."""
    return pixels.float() / 127.5 - 1
