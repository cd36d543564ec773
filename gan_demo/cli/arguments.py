"""Flags that several commands have, and the bar that shows how far one is."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gan_demo.errors import UserError
from gan_demo.shell import command

LOGGED = 2  # percent of the work from one line of a log to the next


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device`, which `devices.choose_device` understands."""
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="where to work (default: %(default)s)"
    )


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """`--data-dir`, which `data.load` understands."""
    parser.add_argument(
        "--data-dir", metavar="DIR", help="where data sets lie (default: the variable GAN_DEMO_DATA, else data)"
    )


def add_dataset(parser: argparse.ArgumentParser) -> None:
    """`--dataset`, which `check_pictures` names."""
    parser.add_argument("--dataset", help="where the pictures are that a model learned from, if they have moved")


def add_token(group: Any) -> None:
    """`--hub-token`."""
    group.add_argument("--hub-token", metavar="TOKEN", help="(default: HF_TOKEN, or who is logged in: `hf auth login`)")


def add_target(group: Any, revision: bool = True) -> None:
    """With what right something is uploaded, and, if it is a model (`revision`), to which branch."""
    group.add_argument("--private", action="store_true", help="only you can see the repository, if it is a new one")
    add_token(group)
    if revision:
        group.add_argument("--revision", metavar="BRANCH", help="upload to this branch (default: main)")


def check_here(folders: Sequence[str]) -> None:
    """Raise UserError unless what will be written into these checkpoints has a folder: "owner/name" has none here."""
    from gan_demo import hub

    for folder in folders:
        if hub.is_repository(folder):
            place = "runs/" + folder.split("@")[0].split("/")[1]
            raise UserError(
                f"{folder} is no folder here, and what is measured is written beside a model. If it is a repository"
                f" of the Hub, fetch it first: {command('pull', folder, '--output', place)}"
            )


def check_pictures(dataset: str, folder: str | Path, again: str) -> None:
    """Raise UserError where the pictures of a model are files that are not here.

    The line says which flag of the command `again` tells where they are: the model comes from another machine, from the
    Hub perhaps, or the pictures have moved.
    """
    from gan_demo import data

    if dataset not in data.SOURCES and not Path(dataset).exists():
        raise UserError(
            f"the pictures of {folder}, {dataset}, are not here. If you have them, say where they are:"
            f" {again} --dataset PLACE"
        )


@contextmanager
def stages(total: int) -> Iterator[Callable[[str], None]]:
    """A bar of `total` stages on stderr, where a person sees it; what it yields is told as each one begins."""
    from gan_demo.progress import Bar

    with Bar(total=total, bar_format="{desc} {bar:20} {elapsed}", leave=False, disable=None) as bar:

        def advance(stage: str) -> None:
            bar.set_description_str(f"{stage:<42}")
            bar.update()

        yield advance


@contextmanager
def shares() -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr, or in a log lines; what it yields is told what is at work, and the share of all that is done."""
    from gan_demo.progress import Bar

    form = "{desc} {percentage:3.0f}% |{bar:20}| {elapsed}, {remaining} left"
    with Bar(total=1.0, bar_format=form, leave=False, disable=None) as bar:
        started, written = time.monotonic(), -1

        def tick(about: str, done: float) -> None:
            nonlocal written
            bar.set_description_str(f"{about:<24}", refresh=False)
            bar.update(done - bar.n)
            percent = int(100 * done) // LOGGED * LOGGED
            if bar.disable and percent > written:
                written = percent
                spent = Bar.format_interval(time.monotonic() - started)
                print(f"{about:<24} {percent:3d}%, {spent}", file=sys.stderr, flush=True)

        yield tick
