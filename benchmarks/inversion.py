"""How near each generator comes to real digits that it has never seen, and how long that takes.

    python benchmarks/inversion.py                      every checkpoint in checkpoints/, as Markdown
    python benchmarks/inversion.py checkpoints/mlp --digits 50

Errors are root mean square differences, black 0 and white 1, as medians over held-out test digits: of a random
latent, of the nearest of as many random latents as the search draws pictures, and of the latent it finds. The
seconds are those of one digit on one thread, as on the page: the fastest and the median of ten, after a first
one that draws the random latents.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo import GAN, UserError
from gan_demo.config import CLASSES
from gan_demo.devices import hardware
from gan_demo.evaluation import reconstruction
from gan_demo.latent import inversion

ROOT = Path(__file__).parent.parent
DRAWN = inversion.CANDIDATES + sum(count * steps for count, steps in inversion.NEAREST)
SEED = 5  # of the random latents
TIMED = 10


@torch.no_grad()
def random_errors(gan: GAN, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each picture, the error of one random latent and of the nearest of DRAWN: (n,) both."""
    labels = torch.arange(DRAWN) % CLASSES if gan.config.classes else None
    z = gan.latents(DRAWN, SEED)
    rows = torch.arange(DRAWN).split(256)
    drawn = torch.cat([gan.generate(z[some], None if labels is None else labels[some]) for some in rows]).cpu()
    distances = torch.cdist(pictures.flatten(1), drawn.flatten(1)) / (2 * 28)
    return distances[:, 0], distances.amin(1)


def seconds(gan: GAN, pictures: torch.Tensor) -> list[float]:
    """Of each inversion by itself, ascending."""
    inversion.candidates(gan)
    taken = []
    for picture in pictures:
        started = time.perf_counter()
        inversion.invert(gan, inversion.whole(picture[None]))
        taken.append(time.perf_counter() - started)
    return sorted(taken)


def row(folder: Path, digits: int, data_dir: str | None) -> str:
    """One line of the table."""
    gan = GAN.from_pretrained(folder)
    pictures = reconstruction.held_out(gan.config.dataset, data_dir, digits)
    one, nearest = random_errors(gan, pictures)
    found = reconstruction.measure(gan, pictures).found
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    taken = seconds(gan, pictures[:TIMED])
    torch.set_num_threads(threads)
    errors = " | ".join(f"{float(some.median()):.3f}" for some in (one, nearest, found))
    tail = f"{float(found.quantile(0.9)):.3f}"
    return f"| {folder.name} | {errors} | {tail} | {taken[0]:.2f} | {statistics.median(taken):.2f} |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="*", help="folders (default: all in checkpoints/)")
    parser.add_argument("--digits", type=int, default=200, help="held-out test digits (default: 200)")
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    arguments = parser.parse_args()
    folders = [Path(folder) for folder in arguments.checkpoints]
    folders = folders or sorted(path.parent for path in (ROOT / "checkpoints").glob("*/config.json"))
    print(f"{hardware(torch.device('cpu'))}, torch {torch.__version__}; {arguments.digits} digits\n")
    print(f"| | a random latent | nearest of {DRAWN:,} | found | found, worst tenth above | fastest s | median s |")
    print("|---|---|---|---|---|---|---|", flush=True)
    try:
        for folder in folders:
            print(row(folder, arguments.digits, arguments.data_dir), flush=True)
    except UserError as error:
        print(f"inversion.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
