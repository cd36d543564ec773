"""The spaces in which latents lie, and what each of them does its own way: draw, truncate, go from one to another.

    space = LatentSpace(gan, "w")
    w = space.of(gan.latents(16, seed=42))        # (16, latent_dim)
    images = space.generate(space.truncate(w, 0.5))

Every model has z, the prior's. A style generator has w, behind its mapping network, and W+, a w for each styled layer
(Abdal 2019). A point is a row: (n, latent_dim), of W+ (n, layers, latent_dim). Labels are those of `GAN.generate`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_demo.errors import UserError
from gan_demo.gan import GAN, Labels
from gan_demo.latent import direction_methods, paths
from gan_demo.networks import ARCHITECTURES, Change, StyleGenerator

SPACES = ("z", "w", "w+")
LETTERS = {"z": "L", "w": "w", "w+": "W"}  # what a point begins with where it is written as text
UNPACK = {"z": paths.unpack, "w": paths.unpack, "w+": paths.unpack_8}
BAND_SEED, BAND_DRAWS = 20_190_618, 1000  # of the draws that say how far from the middle points of w lie


def spaces_of(gan: GAN) -> tuple[str, ...]:
    """The spaces that a model has, a part of SPACES."""
    return SPACES if isinstance(gan.generator, StyleGenerator) else SPACES[:1]


def truncated(gan: GAN, z: Tensor, psi: float, towards: str | None = None, labels: Labels = None) -> tuple[Tensor, str]:
    """Latents z (n, latent_dim) truncated as `GAN.truncate` has it, and the space whose points they are then.

    With psi below 0 they lie on the other side of the mean w, where there are points of w only. Raises UserError where
    the model has no w.
    """
    if psi >= 0:
        return gan.truncate(z, psi, towards), "z"
    space = LatentSpace(gan, "w")
    return space.truncate(space.of(z, labels), psi, labels), "w"


@dataclass(frozen=True)
class LatentSpace:
    """One space of one model; raises UserError where the model has none of this name."""

    gan: GAN
    name: str  # one of SPACES

    def __post_init__(self) -> None:
        if self.name not in spaces_of(self.gan):
            raise UserError(f"this model has no space {self.name!r}: choose from {', '.join(spaces_of(self.gan))}")

    @property
    def _style(self) -> StyleGenerator:
        assert isinstance(self.gan.generator, StyleGenerator)
        return self.gan.generator

    @torch.inference_mode()
    def of(self, points: Tensor, labels: Labels = None, space: str = "z") -> Tensor:
        """The points here of latents z (n, latent_dim), or of points of another `space`.

        Raises UserError where that one comes after this one in SPACES: no way leads back.
        """
        if space not in SPACES[: SPACES.index(self.name) + 1]:
            raise UserError(f"a point of {space} has none of its own in {self.name}")
        if space == self.name:
            return points
        w = points
        if space == "z":
            w = self._style.mapping(points.to(self.gan.device), self.gan.labels(labels, len(points)))
        return w if self.name == "w" else w[:, None].repeat(1, self.layers, 1)

    @property
    def layers(self) -> int:
        """How many w a picture can take."""
        return len(self._style.synthesis.layers)

    @property
    def cuts(self) -> dict[int, int]:
        """Height in pixels -> the first styled layer of that height: where a picture may go over to another w."""
        return {size.height: size.first for size in self._style.synthesis.sizes}

    def middle(self, n: int, labels: Labels = None) -> Tensor:
        """Where truncation leads, for n points: 0 in z; the mean w, of each one's class, in w: as `of` gives them."""
        return self.of(torch.zeros(n, self.gan.config.latent_dim, device=self.gan.device), labels)

    def truncate(self, points: Tensor, psi: float, labels: Labels = None) -> Tensor:
        """middle + psi (points - middle): 1 leaves them, 0 is the middle, below 0 the other side of it.

        Karras 2019, appendix B. In z below 0 is simply another digit.
        """
        middle = self.middle(len(points), labels)
        return middle + psi * (points - middle)

    def route(self, points: Tensor, at: Tensor, kind: str = "") -> Tensor:
        """The points at positions `at` of a way through (k, ...) points, as `paths.route`: (n, ...).

        `kind` is a key of paths.PATHS. Without one it is the space's own: spherical in z, which is a Gaussian, and
        linear in w, which the mapping makes as flat as the pictures want it.
        """
        kind = kind or ("spherical" if self.name == "z" else "linear")
        return paths.route(points.flatten(1), at, kind).unflatten(1, points.shape[1:])

    def distances(self, points: Tensor, labels: Labels = None) -> Tensor:
        """How far points are from the middle, (n,); in W+ the root mean square over layers."""
        away = (points - self.middle(len(points), labels)).flatten(1).norm(dim=1)
        return away / math.sqrt(self.layers) if self.name == "w+" else away

    def unit(self, vector: Tensor) -> Tensor:
        """A vector (latent_dim,) made one standard deviation of what is drawn: in z of length 1; zero stays zero."""
        vector = direction_methods.unit(vector)
        if self.name == "z":
            return vector
        points, labels = self._draw()
        away = (points - self.middle(len(points), labels)).cpu()
        _, units = direction_methods.whiten(away - away.mean(0))
        length = torch.linalg.vector_norm(vector @ torch.linalg.pinv(units))
        return vector / length if length > 0 else vector

    def _draw(self) -> tuple[Tensor, Tensor | None]:
        """Some points as the model draws them, and the classes that they are of."""
        classes = self.gan.config.classes
        labels = torch.arange(BAND_DRAWS) % classes if classes else None
        return self.of(self.gan.latents(BAND_DRAWS, BAND_SEED), labels), labels

    def band(self, share: float = 0.95) -> tuple[float, float]:
        """The two distances between which the middle `share` of what the model draws lies: both the median at 0."""
        d = self.gan.config.latent_dim
        if self.name == "z":
            spherical = ARCHITECTURES[self.gan.config.model].spherical
            return (math.sqrt(d), math.sqrt(d)) if spherical else paths.norm_band(d, share)
        away = self.distances(*self._draw()).cpu()
        low, high = away.quantile(away.new_tensor([(1 - share) / 2, (1 + share) / 2])).tolist()
        return low, high

    @torch.inference_mode()
    def generate(self, points: Tensor, labels: Labels = None, noise: Sequence[Tensor] | None = None) -> Tensor:
        """The pictures of points: (n, *config.shape) in [-1, 1].

        `noise` as in `Synthesis.draw_noise`: without it the model's own, the same for all samples.
        """
        return self.draw(points.to(self.gan.device), self.gan.labels(labels, len(points)), noise)

    def draw(
        self,
        points: Tensor,
        labels: Tensor | None,
        noise: Sequence[Tensor] | None = None,
        change: Change | None = None,
    ) -> Tensor:
        """As `generate`, of points on the model's device and labels as `GAN.labels` gives them; with gradients.

        A `change` is made to the output of each hidden layer that has channels (`latent.units`).
        """
        if self.name == "z":
            changed = {} if change is None else {"change": change}
            return self.gan.generator(points, labels, *([] if noise is None else [noise]), **changed)
        return self._style.synthesis(points, noise, change)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one point."""
        d = self.gan.config.latent_dim
        return (self.layers, d) if self.name == "w+" else (d,)

    def pack(self, point: Tensor) -> str:
        """A point as text, which `unpack` reads: of z and w float16 numbers, of W+ 8 bits each.

        Raises ValueError where they are too many, or one is not finite or beyond float16.
        """
        return paths.pack_8(point.flatten()) if self.name == "w+" else paths.pack(point)

    def unpack(self, text: str) -> Tensor:
        """The point that `pack` wrote, on the CPU; raises UserError where the text is none of this space."""
        try:
            numbers = UNPACK[self.name](text)
        except ValueError:
            raise UserError(f"this is no point of {self.name}") from None
        wanted = math.prod(self.shape)
        if len(numbers) != wanted:
            raise UserError(f"this point has {len(numbers)} numbers, and those of {self.name} have {wanted}")
        return numbers.view(self.shape)

    def rounded(self, points: Tensor) -> Tensor:
        """Points as `pack` keeps them, of any leading shape; of too many numbers for it as float16."""
        if self.name != "w+" or math.prod(self.shape) > paths.MAX_PACKED_8:
            return points.half().float()
        rows = points.reshape(-1, math.prod(self.shape))
        return torch.stack([paths.unpack_8(paths.pack_8(row)) for row in rows]).view(points.shape).to(points.device)

    def mix(self, coarse: Tensor, fine: Tensor, cut: int) -> Tensor:
        """Points of W+ that are `coarse` before the styled layer `cut`, and `fine` from it on (Karras 2019, 3.1).

        Shapes (n, layers, latent_dim), which broadcast.
        """
        if self.name != "w+":
            raise UserError("styles are mixed in w+: a w for each layer")
        after = (torch.arange(self.layers, device=coarse.device) >= cut)[:, None]
        return torch.where(after, fine, coarse)

    def matrix(self) -> Tensor:
        """The first affine map that points meet, without its offset, (outputs, latent_dim): SeFa's directions.

        In w: the map from w to the styles of all layers. Raises UserError in W+, where each layer has its own.
        """
        if self.name == "z":
            return direction_methods.first_layer(self.gan)
        if self.name == "w+":
            raise UserError("each layer of w+ has a matrix of its own")
        return torch.cat(
            [style.weight.detach().cpu().double() * style.gain for style in self._style.synthesis.styles()]
        )


def read(gan: GAN, text: str) -> tuple[LatentSpace, Tensor]:
    """A point as addresses write it, a letter of LETTERS and its numbers: its space, and the point on the CPU.

    Raises UserError where it is none of this model's.
    """
    name = next((name for name, letter in LETTERS.items() if text.startswith(letter)), None)
    if name is None:
        raise UserError(f"a latent begins with one of {', '.join(LETTERS.values())}, not with {text[:1]!r}")
    space = LatentSpace(gan, name)
    return space, space.unpack(text[1:])
