"""Train a GAN of handwritten digits: python train.py --epochs 50

As `gan-demo train`.
"""

import sys
from collections.abc import Sequence

from gan_demo import cli


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    return cli.run("train", words, "train.py")


if __name__ == "__main__":
    sys.exit(main())
