"""How small a difference the best D sees: real digits that were changed a little, against real digits as they are.

    python benchmarks/best_response_changed.py
    python benchmarks/best_response_changed.py --changes ink edges

A generator of perfect strokes would still have to use the 256 grey levels as MNIST does. Each row of the table is what
one way to miss this costs, with everything else perfect: one half of the training pictures is changed and stands for
samples, and a best response is trained against it (`evaluation/best_response.py`). Two minutes a row.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

import torch
from torch import Tensor

from gan_demo import data
from gan_demo.belief.best_response import COARSE, FINE
from gan_demo.evaluation import best_response

INK = 248  # a pixel of this level or a higher one lies inside a stroke
LEVELS = (251, 252, 253, 254, 255)  # the commonest levels of a picture's ink
OFTEN = (0.02, 0.21, 0.43, 0.29, 0.05)  # and how often each is the commonest, in 10,000 training pictures

Random = torch.Generator
Change = Callable[[Tensor, Random], Tensor]  # levels (n, 1, 28, 28) int64 -> the same


def of_one_level(levels: Tensor, random: Random) -> Tensor:
    """All ink of all pictures has level 253."""
    return torch.where(levels >= INK, 253, levels)


def of_a_level_each(levels: Tensor, random: Random) -> Tensor:
    """All ink of a picture has one level, drawn for it."""
    drawn = torch.multinomial(torch.tensor(OFTEN), len(levels), replacement=True, generator=random)
    return torch.where(levels >= INK, torch.tensor(LEVELS)[drawn][:, None, None, None], levels)


def of_its_commonest_level(levels: Tensor, random: Random) -> Tensor:
    """All ink of a picture has the level that most of it has."""
    counts = torch.stack([(levels == level).flatten(1).sum(1) for level in range(INK, 256)])
    return torch.where(levels >= INK, (INK + counts.argmax(0))[:, None, None, None], levels)


def moved(amount: int) -> Change:
    """Each grey pixel is up to `amount` levels brighter or darker."""

    def change(levels: Tensor, random: Random) -> Tensor:
        grey = (levels > amount + 4) & (levels < INK - amount - 4)
        return torch.where(grey, levels + torch.randint(-amount, amount + 1, levels.shape, generator=random), levels)

    return change


def without_faint(levels: Tensor, random: Random) -> Tensor:
    """Levels from 1 to 7 are black."""
    return torch.where(levels < 8, 0, levels)


def with_faint(levels: Tensor, random: Random) -> Tensor:
    """One black pixel of twenty has a level from 1 to 3."""
    faint = torch.rand(levels.shape, generator=random) < 0.05
    return torch.where((levels == 0) & faint, torch.randint(1, 4, levels.shape, generator=random), levels)


CHANGES: dict[str, tuple[str, Change]] = {
    "nothing": ("nothing", lambda levels, random: levels),
    "edges": ("edges moved by up to 4 levels of 255", moved(4)),
    "far-edges": ("edges moved by up to 20 levels", moved(20)),
    "no-faint": ("faint pixels, 1 to 7, are black", without_faint),
    "faint": ("one black pixel of twenty has 1 to 3", with_faint),
    "commonest": ("ink has its picture's commonest level", of_its_commonest_level),
    "drawn": ("ink has one level, drawn for its picture", of_a_level_each),
    "ink": ("ink has level 253", of_one_level),
}


def told_apart(change: Change, pictures: Tensor, test: Tensor, levels: int) -> float:
    """The accuracy of a best response to the changed half of the pictures."""
    random = Random().manual_seed(0)
    order = torch.randperm(len(pictures), generator=random)
    tested = torch.randperm(len(test), generator=random)

    def halves(some: Tensor) -> best_response.Pictures:
        real, other = some[: len(some) // 2], some[len(some) // 2 :][: len(some) // 2]
        return best_response.Pictures(real, change(other.long(), random).to(torch.uint8))

    kept = best_response.kept_back(len(pictures))
    sets = best_response.Sets(halves(pictures[order[kept:]]), halves(pictures[order[:kept]]), halves(test[tested]))
    return float(best_response.one_answer(sets, 0, levels, "cpu").figures["accuracy"])


def main() -> int:
    """Print a table, a row a change."""
    parser = argparse.ArgumentParser(description="How small a change of real digits the best D sees.")
    parser.add_argument("--changes", nargs="*", choices=CHANGES, default=list(CHANGES), metavar="NAME", help="of them")
    parser.add_argument("--coarse", action="store_true", help="and by a D that is shown 16 grey levels")
    parser.add_argument("--data-dir", metavar="DIR", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    chosen = parser.parse_args()
    train, test = (data.load("mnist", chosen.data_dir, train=half).images for half in (True, False))
    kinds = {"a D of all grey levels": FINE, **({"one of 16": COARSE} if chosen.coarse else {})}
    print(f"| what is changed of real digits | told from unchanged ones by {' | by '.join(kinds)} |")
    print("|---" * (1 + len(kinds)) + "|", flush=True)
    for name in chosen.changes:
        about, change = CHANGES[name]
        figures = [told_apart(change, train, test, levels) for levels in kinds.values()]
        print(f"| {about} | {' | '.join(f'{figure:.1%}' for figure in figures)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
