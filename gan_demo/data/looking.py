"""What is to be said of pictures before a training spends its time on them: all alike, blank, or held out in vain."""

import hashlib

import torch
from torch import Tensor

from gan_demo.data.split import Split
from gan_demo.errors import UserError

SAID = "Pictures: "  # begins each line that a training prints of them
DRAWN = 5  # pixels; a picture that has fewer away from its ground shows nothing
BLANK = 24  # grey levels from the ground (the median), within which a pixel is no ink
MANY = 0.5  # share of the pictures from which on it is said that they show nothing
FEW_KINDS = 0.6  # share of different ones among the pictures, below which it is said: not each picture stands twice
ALIKE = 4  # grey levels: the mean difference of pixels between a picture and the mean picture
IN_BOTH = 0.01  # share of the held-out pictures that lie among the training pictures, from which on it is said


def digests(images: Tensor) -> list[bytes]:
    """A checksum of each picture: equal for equal ones."""
    return [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in images.flatten(1).cpu().numpy()]


def share_in_both(train: Split, test: Split) -> float:
    """The share of held-out pictures which are training pictures, too, pixel for pixel."""
    known = set(digests(train.images))
    found = [digest in known for digest in digests(test.images)]
    return sum(found) / max(len(found), 1)


def remarks(train: Split, test: Split, name: str) -> list[str]:
    """What a person should know of these pictures before a training, a line each.

    Raises UserError where all training pictures are the same one: nothing can be learned of them.
    """
    images, lines = train.images, list(train.notes)
    flat = images.flatten(1)
    kinds, blank = len(set(digests(images))), _share_blank(flat)
    if kinds == 1:
        what = "shows nothing, as it is of one shade" if blank else "is the same"
        raise UserError(
            f"every one of the {len(images):,} training pictures in {name} {what}: nothing can be learned of them."
            " Look at how they were saved: what is drawn has to differ from its ground"
        )
    if blank >= MANY:
        lines.append(
            f"{blank:.0%} of the training pictures in {name} show nothing: they are of nearly one shade,"
            " as black ink on black"
        )
    if kinds < FEW_KINDS * len(images):
        times = f"each stands {len(images) / kinds:.0f} times on average"
        lines.append(f"the {len(images):,} training pictures in {name} are {kinds:,} different ones: {times}")
    elif blank < MANY and _spread(flat) < ALIKE:
        lines.append(f"the training pictures in {name} are nearly all alike: they differ by a few grey levels")
    both = share_in_both(train, test)
    if both > IN_BOTH:
        lines.append(
            f"{both:.0%} of the held-out pictures of {name} are training pictures, too: no figure can tell new pictures"
            " from copies there"
        )
    return lines


def said(log: str) -> list[str]:
    """The remarks in what a training printed, each once, however often it went on."""
    return list(dict.fromkeys(line.removeprefix(SAID) for line in log.splitlines() if line.startswith(SAID)))


def _share_blank(flat: Tensor) -> float:
    return float(torch.cat([_drawn(some) < DRAWN for some in flat.split(5000)]).float().mean())


def _drawn(flat: Tensor) -> Tensor:
    """How many pixels of each picture, (n, pixels) uint8, are not its ground."""
    return ((flat.int() - flat.median(1, keepdim=True).values.int()).abs() >= BLANK).sum(1)


def _spread(flat: Tensor) -> float:
    """How far the pictures are from their mean: the mean over all pixels, in grey levels."""
    rows = flat[torch.arange(0, len(flat), max(1, len(flat) // 5000))].float()
    return float((rows - rows.mean(0)).abs().mean())
