"""Whether D has ever seen such a picture: where it has not, its number means nothing.

D learned to tell two clouds of pictures apart, real digits and its generator's. Elsewhere it was never asked, and its
output is whatever the weights happen to say there. So a picture is held against both clouds, by two measures:

- `strokes`: how far what the classifier's fourth layer finds in each place is from the nearest that any picture of the
  cloud has there, in the oddest places (patch features as in PatchCore, Roth et al. 2022);
- `parts`: how many pieces of ink it has, and holes in the ink. No digit has eyes and a mouth. And no
  stroke is so broad as a dot that is enlarged to the size of a digit.

It is far from a cloud where either is greater than it is for all but 1 % of that cloud. Both measures were chosen by a
benchmark: docs/decisions.md says what share of which strangers they catch, and which they miss.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from gan_demo.classifier import load_classifier
from gan_demo.gan import GAN
from gan_demo.pictures import real_digits
from gan_demo.pixels import from_pixels, to_pixels

# Of the real digits: what together 1 % of those MNIST test digits exceed that are not on the sheet. From
# benchmarks/seen.py --limits; they belong to the classifier's weights and to the sheet.
STROKES, PARTS = 1.984, 4
INK = 128  # what is as bright is ink
ENCLOSED = 10  # parts that a piece of ink within a hole of another counts for: one real digit in 3,000 has any
BROADEST = 6  # pixels from the middle of a stroke to the ground: none of 10,000 real digits has a broader one
SOLID = 10  # parts that a broader one counts for
SAMPLES = 1000  # of a generator, as many as there are real digits on the sheet
BEYOND = 0.005  # of a generator's own pictures, by each measure
SEED = 0
ODDEST = 4  # of 36 places
BATCH = 100
FEW = 8  # pictures of a cloud, of which the first is asked at first

_TOUCHING = np.ones((3, 3), int)  # pieces of ink touch at corners, too; background does not


@dataclass(frozen=True)
class Cloud:
    """Pictures of one kind, against which others are held."""

    strokes: Tensor  # (36, 96, m) float32: of each place what each picture has there
    furthest: float  # beyond which a picture's strokes are far from all of them
    most: float  # parts that a picture of this kind has

    @functools.cached_property
    def half_squares(self) -> Tensor:
        """Half the squared length of each column of `strokes`: (36, 1, m)."""
        return self.strokes.square().sum(1, keepdim=True) / 2

    def distances(self, strokes: Tensor, own: bool = False) -> Tensor:
        """Compute how far strokes (36, n, 96) are from these: (n,) float32.

        In each place the nearest picture counts, and of the places the ODDEST. `own` leaves out each picture itself.
        """
        found = []
        for start in range(0, strokes.shape[1], BATCH):
            asked = strokes[:, start : start + BATCH]
            # |a - b|^2 / 2 - |a|^2 / 2, in the order of the distances; torch.cdist would copy the cloud each time.
            table = torch.baddbmm(self.half_squares, asked, self.strokes, alpha=-1)
            if own:
                rows = torch.arange(table.shape[1])
                table[:, rows, start + rows] = torch.inf
            squared = 2 * table.amin(2) + asked.square().sum(2)
            found.append(squared.clamp_min(0).sqrt().topk(ODDEST, dim=0).values.mean(0))
        return torch.cat(found)

    @functools.cached_property
    def few(self) -> "Cloud":
        """Each FEW-th picture: the nearest of these is no nearer than the nearest of all."""
        return Cloud(self.strokes[:, :, ::FEW].contiguous(), self.furthest, self.most)

    def is_far(self, strokes: Tensor, parts: Tensor) -> Tensor:
        """Say which pictures are far, by their `strokes` (36, n, 96) and `parts` (n,): (n,) bool.

        All of the cloud, 14 MB, is asked only of those that are far from a few of it.
        """
        beyond = self.few.distances(strokes) > self.furthest
        asked = beyond & (parts <= self.most)
        if asked.any():
            beyond[asked] = self.distances(strokes[:, asked]) > self.furthest
        return beyond | (parts > self.most)


@torch.inference_mode()
def far(images: Tensor, generated: Cloud | None = None) -> Tensor:
    """Say of each picture whether it lies far from the real digits and from the generated ones: (n,) bool.

    `images` are (n, 1, 28, 28) uint8, white ink on black. `generated` is the cloud of a generator (`cloud_of`); without
    it only the real digits count. One picture takes about two milliseconds.
    """
    found, counted = strokes(images), parts(images)
    beyond = real().is_far(found, counted)
    if generated is not None and beyond.any():
        beyond &= generated.is_far(found, counted)
    return beyond


@torch.inference_mode()
def far_from(images: Tensor, *clouds: Cloud) -> tuple[Tensor, ...]:
    """Say of each picture, (n, 1, 28, 28) uint8, whether it lies far from each cloud: (n,) bool for each of them."""
    found, counted = strokes(images), parts(images)
    return tuple(cloud.is_far(found, counted) for cloud in clouds)


@functools.cache
@torch.inference_mode()
def real() -> Cloud:
    """The cloud of the real digits that ship with the project, computed once."""
    return Cloud(_transposed(strokes(real_digits.sheet().images)), STROKES, PARTS)


@torch.inference_mode()
def cloud_of(gan: GAN, samples: int | None = None) -> Cloud:
    """Draw the cloud of a generator: SAMPLES pictures from a fixed seed, of a conditional one each class in turn.

    Its limits are those that BEYOND of these pictures exceed, each held against the others.
    """
    samples = samples or SAMPLES
    labels = [row % gan.config.classes for row in range(samples)] if gan.config.classes else None
    images = to_pixels(gan.generate(gan.latents(samples, SEED), labels)).cpu()
    found = strokes(images)
    cloud = Cloud(_transposed(found), math.inf, math.inf)
    nearest, counted = cloud.distances(found, own=True), parts(images).float()
    limits = (float(values.quantile(1 - BEYOND)) for values in (nearest, counted))
    return Cloud(cloud.strokes, *limits)


def strokes(images: Tensor) -> Tensor:
    """Find what the classifier sees where: (n, 1, 28, 28) uint8 -> (36, n, 96) float32."""
    network = load_classifier()
    found = [network.strokes(from_pixels(batch)).flatten(2) for batch in images.split(BATCH)]
    return torch.cat(found).permute(2, 0, 1).contiguous()


def parts(images: Tensor) -> Tensor:
    """Count pieces of ink and holes in it: (n, 1, 28, 28) uint8 -> (n,) int64.

    A piece within a hole counts for ENCLOSED more, and ink that is too broad for a stroke for SOLID more.
    """
    return torch.tensor([_parts(picture) for picture in (images[:, 0] >= INK).numpy()], dtype=torch.int64)


def _parts(ink: np.ndarray) -> int:
    pieces, count = ndimage.label(ink, _TOUCHING)
    ground, grounds = ndimage.label(np.pad(~ink, 1, constant_values=True))
    outside = ndimage.binary_dilation(ground == ground[0, 0])[1:-1, 1:-1]
    open_pieces = len(np.unique(pieces[outside & ink]))
    solid = ndimage.distance_transform_edt(np.pad(ink, 1)).max() > BROADEST
    return count + (grounds - 1) + ENCLOSED * (count - open_pieces) + SOLID * int(solid)


def _transposed(strokes: Tensor) -> Tensor:
    return strokes.transpose(1, 2).contiguous()
