"""gan-demo sheet"""

import argparse
from pathlib import Path

from gan_demo import files
from gan_demo.cli.arguments import add_data_dir


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Write the sheet of 1,000 real digits that ships with the project: 100 of each class, chosen by"
        " chance from MNIST's test set. The page shows them, and compares with them where MNIST is not on the disk.",
    )
    add_data_dir(result)
    result.add_argument("--seed", type=int, default=0, metavar="N", help="of the choice (default: %(default)s)")
    result.add_argument("--output", type=Path, metavar="FILE", help="what to write (default: the one that ships)")
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Choose, write, and print how large the file is."""
    from gan_demo import data
    from gan_demo.pictures import real_digits

    path = options.output or real_digits.PATH
    files.check_writable(path.parent)
    digits = real_digits.choose(data.load("mnist", options.data_dir, train=False), options.seed)
    size = real_digits.write(digits, path)
    print(f"{path}: {len(digits):,} digits of MNIST test, {size:,} bytes")
