"""gan-demo classifier"""

import argparse
from pathlib import Path

from gan_demo import files
from gan_demo.cli.arguments import add_data_dir, add_device
from gan_demo.errors import UserError


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Train the digit classifier with which models are measured, on MNIST, and write its weights. One"
        " ships with the project: figures that were made with it cannot be compared with those of another.",
    )
    add_data_dir(result)
    result.add_argument("--epochs", type=int, metavar="N", help="passes over the training set (default: 14)")
    result.add_argument("--seed", type=int, default=0, metavar="N", help="of all randomness (default: %(default)s)")
    add_device(result)
    result.add_argument("--output", type=Path, metavar="FILE", help="what to write (default: the one that ships)")
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Train, and print how many test digits are right."""
    from gan_demo import classifier
    from gan_demo.devices import choose_device

    epochs = classifier.EPOCHS if options.epochs is None else options.epochs
    if epochs < 1:
        raise UserError(f"--epochs must be at least 1, not {epochs}")
    path = options.output or classifier.WEIGHTS_PATH
    files.check_writable(path.parent)  # before an hour of work
    share = classifier.train_and_write(path, options.data_dir, epochs, options.seed, choose_device(options.device))
    print(f"{path}: {100 * share:.2f} % of MNIST test are right")
