"""Open the page: python app.py

As `gan-demo page`; a Hugging Face Space starts this file.
"""

import sys
from collections.abc import Sequence

from gan_demo import cli


def main(words: Sequence[str] | None = None) -> int:
    """Run the command until Ctrl-C; returns its exit code."""
    return cli.run("page", words, "app.py")


if __name__ == "__main__":
    sys.exit(main())
