"""A GAN: sample pictures, generate them from latents, score them with the discriminator, load and save."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from gan_demo import checkpoint, hub
from gan_demo.config import Config
from gan_demo.errors import UserError
from gan_demo.latent import truncation as ways
from gan_demo.latent.paths import vary
from gan_demo.networks import ARCHITECTURES, normalise

MAX_SEED = 2**63 - 1
Labels = int | Sequence[int] | Tensor | None  # of a conditional model: a digit for all, or one for each row
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class GAN:
    """A trained (or new) pair of networks.

        gan = GAN.from_pretrained("checkpoints/dcgan")
        images = gan.sample(16, seed=42)      # (16, 1, 28, 28) in [-1, 1]
        outputs = gan.score(images)           # (16,) raw outputs of D, high for real

    Both networks are in evaluation mode here; a training has networks of its own.

    `typical` are latents (k, latent_dim) to which truncation leads, if the model has some (`latent.truncation`).
    """

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, config: Config, typical: Tensor | None = None
    ) -> None:
        # With its channels last a DCGAN draws faster on a CPU.
        self.generator = generator.eval().to(memory_format=torch.channels_last)
        self.discriminator = discriminator.eval().to(memory_format=torch.channels_last)
        self.config = config
        self.typical = typical

    @property
    def device(self) -> torch.device:
        return next(self.generator.parameters()).device

    def to(self, device: str | torch.device) -> "GAN":
        """Move both networks to `device`; returns self."""
        self.generator.to(device)
        self.discriminator.to(device)
        return self

    def latents(self, n: int, seed: int, truncation: float = 1.0, towards: str | None = None) -> Tensor:
        """Draw `n` latents, (n, latent_dim) float32: rows of N(0, I), and then `truncate`d.

        Those of a style generator are brought to one length first, and `truncation` is the psi of its w.
        Row i of a seed is the same on every device and for every n > i.
        """
        if not 0 <= seed <= MAX_SEED:
            raise UserError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
        # Drawn on the CPU, for the same numbers everywhere. Torch makes normals in blocks of 16 and
        # redoes the last block if it is not full, which would tie a row to the number of rows.
        generator = torch.Generator().manual_seed(seed)
        padded = -(-self.config.latent_dim // 16) * 16
        z = torch.randn(n, padded, generator=generator)[:, : self.config.latent_dim]
        if ARCHITECTURES[self.config.model].spherical:
            z = normalise(z)
        return self.truncate(z, truncation, towards).to(self.device)

    @property
    def truncations(self) -> tuple[str, ...]:
        """Where truncation can lead this model's latents, of `latent.truncation.WAYS`: the way of its own first."""
        return (ways.MIDDLE,) if self.typical is None else ways.WAYS

    def truncate(self, z: Tensor, truncation: float, towards: str | None = None) -> Tensor:
        """Truncate latents (..., latent_dim): 1 leaves them, 0 is where they are led, `towards` one of `truncations`.

        Without `towards` they go the model's own way. What that does to its pictures is measured in
        `evaluation.truncation`. Raises UserError where the model cannot lead them there.
        """
        if self._way(towards) == ways.MIDDLE or self.typical is None:
            return z * truncation
        return ways.towards_typical(z, truncation, self.typical)

    def _way(self, towards: str | None) -> str:
        way = self.truncations[0] if towards is None else towards
        if way not in self.truncations:
            raise UserError(f"this model's latents are truncated towards {' or '.join(self.truncations)}, not {way!r}")
        return way

    def vary(self, z: Tensor, number: int, radius: float, seed: int, truncation: float = 1.0) -> Tensor:
        """Draw a latent near z, (latent_dim,): `latent.vary` with a noise that `seed` and `number` choose.

        Where z was drawn with `seed`, and with `truncation` towards the middle, the result is distributed as z is,
        whatever the radius.
        """
        # MAX_SEED is odd, so no seed is its own noise's.
        return vary(z, self.latents(number + 1, MAX_SEED - seed, truncation, ways.MIDDLE)[number], radius)

    def variation(
        self, z: Tensor, number: int, radius: float, seed: int, truncation: float = 1.0, towards: str | None = None
    ) -> Tensor:
        """Draw a latent near z, (latent_dim,), which is not truncated yet: `vary`, and then `truncate`."""
        if self._way(towards) == ways.MIDDLE:  # truncated before: the pictures of addresses stay as they are to the bit
            return self.vary(self.truncate(z, truncation, ways.MIDDLE), number, radius, seed, truncation)
        return self.truncate(self.vary(z, number, radius, seed), truncation, towards)

    def labels(self, labels: Labels, n: int) -> Tensor | None:
        """Check what a conditional model is asked for: (n,) int64, or None for an unconditional one.

        `labels` is the number of a class for all, or one for each of n rows; of a model of digits it is the digit.
        Raises UserError where they do not fit.
        """
        if not self.config.classes:
            if labels is not None:
                raise UserError("this model is not conditional: leave out the labels")
            return None
        if labels is None:
            raise UserError("this model is conditional: say which class with labels, an int or one for each row")
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
        """Draw the pictures of latents: (n, latent_dim) -> (n, *config.shape) float32 in [-1, 1]."""
        return self.generator(z.to(self.device), self.labels(labels, len(z)))

    def sample(
        self, n: int, seed: int, truncation: float = 1.0, labels: Labels = None, towards: str | None = None
    ) -> Tensor:
        """`generate(latents(n, seed, truncation, towards), labels)`."""
        return self.generate(self.latents(n, seed, truncation, towards), labels)

    @torch.inference_mode()
    def score(self, images: Tensor, labels: Labels = None) -> Tensor:
        """Score pictures with the discriminator: (n, *config.shape) in [-1, 1] -> (n,) raw outputs, high for real.

        A conditional one says how real the pictures are as the digits in `labels`.
        """
        return self.discriminator(images.to(self.device), self.labels(labels, len(images)))

    def save_pretrained(self, folder: str | Path, half: bool = False) -> None:
        """Write config.json, model.safetensors and, if there are some, the typical latents into `folder`.

        It is made if need be; `half` as in `checkpoint.write`.
        """
        checkpoint.write(folder, self.generator, self.discriminator, self.config, half)
        if self.typical is not None:
            ways.save(folder, self.typical)

    @classmethod
    def from_pretrained(cls, folder: str | Path, revision: str | None = None) -> "GAN":
        """Load a checkpoint onto the CPU: a folder, or "owner/name" of the Hugging Face Hub where no folder is.

        `revision` is a branch, a tag or a commit on the Hub. Raises UserError as `checkpoint.read` does, and where
        the Hub does not give the model.
        """
        if not Path(folder).exists() and hub.is_repository(folder):
            folder, revision = hub.pull(str(folder), revision), None
        if revision is not None:
            raise UserError(f"{folder} is a folder here and has no revisions: leave out revision={revision!r}")
        generator, discriminator, config = checkpoint.read(folder)
        return cls(generator, discriminator, config, ways.read(folder, config.latent_dim))
