"""Record docs/growing.webp, a model growing up: python benchmarks/record_growing.py

The frames are the snapshots that its training kept.
"""

import argparse
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))  # runs from a checkout, with nothing installed

from gan_demo.training.history import GRID, GRID_GAP, read_snapshots

ROWS, SCALE, QUALITY = 5, 2, 40
FIRST, EACH, LAST = 900, 420, 3_000  # milliseconds of a frame
TILE = 28 + GRID_GAP


def frame(png: bytes) -> Image.Image:
    """Two halves of the grid of a snapshot beside each other: 20 digits in a row."""
    grid = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    gap = np.zeros((TILE * ROWS - GRID_GAP, GRID_GAP), np.uint8)
    halves = [grid[TILE * ROWS * half :][: TILE * ROWS - GRID_GAP] for half in range(GRID[0] // ROWS)]
    wide = Image.fromarray(np.hstack([halves[0], gap, halves[1]]))
    return wide.resize((wide.width * SCALE, wide.height * SCALE), Image.Resampling.NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(description="Record docs/growing.webp, a model growing up.")
    parser.add_argument("folder", nargs="?", default="checkpoints/mlp", help="a run (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("docs/growing.webp"))
    options = parser.parse_args()
    frames = [frame(snapshot.png()) for snapshot in read_snapshots(options.folder)]
    times = [FIRST, *[EACH] * (len(frames) - 2), LAST]
    film = {
        "save_all": True,
        "append_images": frames[1:],
        "duration": times,
        "loop": 0,
        "quality": QUALITY,
        "method": 6,
    }
    frames[0].save(options.output, **film)
    print(f"{options.output}: {len(frames)} frames, {options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
