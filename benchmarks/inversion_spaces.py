"""How near a style generator comes in z, w and W+ to real digits and to what is no digit, and how far out it goes.

    python benchmarks/inversion_spaces.py runs/style
    python benchmarks/inversion_spaces.py runs/style --prior 0 0.25 1 4      # what the pull towards the mean w costs

Errors are medians, black 0 and white 1. "far out" is the median distance of what was found from the middle of its
space, as a multiple of that of random latents. "unlike it" is the share of the found pictures that are like nothing
the generator draws at random (`belief.seen`). The seconds are the median of three digits, each by itself on one thread.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from strangers import UPPER, face, letter

from gan_demo import GAN, UserError
from gan_demo.belief import seen
from gan_demo.evaluation import reconstruction
from gan_demo.latent import inversion
from gan_demo.latent.spaces import LatentSpace, spaces_of
from gan_demo.pixels import from_pixels, to_pixels

SEED, AT_ONCE, TIMED = 5, 25, 3


def strangers(count: int) -> dict[str, Tensor]:
    """Pictures that are no digits, (count, 1, 28, 28) in [-1, 1] of each kind."""
    random, nothing = np.random.default_rng(SEED), np.zeros((0, 28, 28), np.uint8)
    made = {
        "capital letters": [letter(UPPER)(number, random, nothing) for number in range(count)],
        "smileys": [face(number, random, nothing) for number in range(count)],
        "noise": [random.integers(0, 256, (28, 28)) for _ in range(count)],
    }
    return {
        kind: from_pixels(torch.from_numpy(np.stack(some).astype(np.uint8)))[:, None] for kind, some in made.items()
    }


def rows(gan: GAN, name: str, kinds: dict[str, Tensor], cloud: seen.Cloud) -> Iterator[str]:
    """Lines of the table in one space, a kind of pictures each."""
    space = LatentSpace(gan, name)
    errors, away, unlike = [], [], []
    for some in torch.cat(list(kinds.values())).split(AT_ONCE):
        last = inversion.invert(gan, inversion.whole(some, name))
        best = torch.arange(len(some)), last.errors.argmin(1)
        labels = None if last.labels is None else last.labels[best]
        errors.append(last.least)
        away.append(space.distances(last.z[best], labels) / space.band(0.0)[0])
        unlike += seen.far_from(to_pixels(last.pictures[best]), cloud)
    taken = []
    for picture in next(iter(kinds.values()))[:TIMED]:
        started = time.perf_counter()
        inversion.invert(gan, inversion.whole(picture[None], name))
        taken.append(time.perf_counter() - started)
    sizes = [len(some) for some in kinds.values()]
    columns = (torch.cat(found).split(sizes) for found in (errors, away, unlike))
    for kind, error, far, strange in zip(kinds, *columns, strict=True):
        figures = f"{error.median():.3f} | {far.median():.2f} | {strange.float().mean():.0%}"
        yield f"{kind} | {name} | {figures} | {statistics.median(taken):.1f}"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="a style model")
    parser.add_argument("--pictures", type=int, default=20, help="of each kind (default: 20)")
    parser.add_argument("--prior", type=float, nargs="+", help="weights of the distance from the mean w")
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        gan = GAN.from_pretrained(arguments.checkpoint)
        kinds = {"test digits": reconstruction.held_out(gan.config.dataset, arguments.data_dir, arguments.pictures)}
    except UserError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    kinds |= strangers(arguments.pictures)
    cloud = seen.cloud_of(gan)
    inversion.candidates(gan)
    print("| prior | | space | error | far out | unlike it | seconds |\n|---|---|---|---|---|---|---|")
    weights = arguments.prior or [inversion.PRIOR_IN_W]
    for weight in weights:
        inversion.PRIOR_IN_W = weight
        for name in spaces_of(gan):
            if name != "z" or weight == weights[0]:  # z has a prior of its own
                for line in rows(gan, name, kinds, cloud):
                    print(f"| {weight:g} | {line} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
