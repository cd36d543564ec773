"""Both networks as epochs of a training left them, to be played again: "D of epoch 3 judges your digit".

Each is a checkpoint of its own, in float16 and without measures, so whatever opens a checkpoint opens it. The first few
epochs are kept, then every k-th and the last, in at most `MOST_BYTES`.
"""

import re
from pathlib import Path

from gan_demo.checkpoint import EPOCHS_FOLDER, WEIGHTS_FILE
from gan_demo.errors import UserError
from gan_demo.gan import GAN

MOST_BYTES = 40_000_000  # of a run: nine epochs of an MLP, eighteen of a DCGAN
FIRST = 4  # epochs that are all kept: in these the most happens


def place(folder: str | Path, epoch: int) -> Path:
    """The checkpoint of an epoch of the run in `folder`."""
    return Path(folder) / EPOCHS_FOLDER / f"epoch-{epoch:04d}"


def kept(folder: str | Path) -> list[int]:
    """The epochs of a run that can be played again, in their order; none where it kept none."""
    found = []
    for path in Path(folder, EPOCHS_FOLDER).glob("epoch-*"):
        match = re.fullmatch(r"epoch-(\d{4,6})", path.name)
        if match and (path / WEIGHTS_FILE).is_file():
            found.append(int(match[1]))
    return sorted(found)


def play(folder: str | Path, epoch: int) -> GAN:
    """The GAN as that epoch left it: the averaged generator, and D; raises UserError."""
    if epoch not in (known := kept(folder)):
        numbers = ", ".join(map(str, known)) or "none"
        raise UserError(f"epoch {epoch} of {Path(folder).name} is not kept; those that are: {numbers}")
    return GAN.from_pretrained(place(folder, epoch))


def chosen(epochs: int, most: int) -> set[int]:
    """Which of the epochs of a run are kept where there is room for `most`: the first few, then every k-th."""
    first = min(FIRST, most // 2)
    if epochs <= most or most <= first:
        return set(range(max(1, epochs - most + 1), epochs + 1))
    every = -(-(epochs - first) // (most - first))
    return {*range(1, first + 1), *range(epochs, first, -every)}


class Keeper:
    """Keeps the epochs of one run that are to be kept."""

    def __init__(self, gan: GAN, folder: str | Path, epochs: int) -> None:
        """`gan` is of the run's shape, and the run takes so many epochs."""
        tensors = [*gan.generator.state_dict().values(), *gan.discriminator.state_dict().values()]
        size = sum(tensor.numel() * (2 if tensor.ndim > 1 else tensor.element_size()) for tensor in tensors)
        self.folder, self.chosen = folder, chosen(epochs, MOST_BYTES // size)

    def keep(self, gan: GAN, epoch: int, number: int) -> None:
        """Keep the networks after an epoch of this run, if it is one of those.

        `number` is the one under which it is kept, which is another where a history goes on from an earlier run's.
        """
        if epoch in self.chosen:
            gan.save_pretrained(place(self.folder, number), half=True)
