"""The command `python -m gan_demo.hub`, and the flags with which train.py pushes."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_demo.errors import UserError
from gan_demo.hub.spaces import deploy
from gan_demo.hub.upload import Publisher, Target, push


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags with which train.py pushes."""
    group = parser.add_argument_group("to the Hugging Face Hub")
    group.add_argument(
        "--push-to-hub",
        metavar="OWNER/NAME",
        help="upload the finished checkpoint. The repository is made before the training starts, which shows at once"
        " whether you have the right to",
    )
    _add_target_flags(group)
    group.add_argument(
        "--push-every", type=int, default=0, metavar="N", help="upload every N epochs too, while the training goes on"
    )


def _add_target_flags(group: Any, revision: bool = True) -> None:
    group.add_argument("--private", action="store_true", help="only you can see the repository, if it is a new one")
    group.add_argument("--hub-token", metavar="TOKEN", help="(default: HF_TOKEN, or who is logged in: `hf auth login`)")
    if revision:
        group.add_argument("--revision", metavar="BRANCH", help="upload to this branch (default: main)")


def publisher(arguments: argparse.Namespace, folder: Path) -> Publisher | None:
    """What the flags of `add_flags` ask for; None where nothing is to be pushed. Raises UserError."""
    if not arguments.push_to_hub:
        for name in ("private", "hub_token", "revision", "push_every"):
            if getattr(arguments, name):
                raise UserError(f"--{name.replace('_', '-')} goes with --push-to-hub owner/name")
        return None
    if arguments.push_every < 0:
        raise UserError(f"--push-every is a number of epochs, not {arguments.push_every}")
    return Publisher(folder, _target(arguments, arguments.push_to_hub), arguments.push_every)


def _target(arguments: argparse.Namespace, repository: str) -> Target:
    return Target(repository, arguments.private, arguments.hub_token, arguments.revision)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gan_demo.hub", description="Put a model or the page onto the Hugging Face Hub."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    model = commands.add_parser("push", help="upload a checkpoint, or what changed in it")
    model.add_argument("folder", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    model.add_argument("repository", metavar="OWNER/NAME", help="the model repository, made if need be")
    _add_target_flags(model)
    page = commands.add_parser("deploy", help="put the page onto a Space")
    page.add_argument("repository", metavar="OWNER/NAME", help="the Space, made if need be")
    _add_target_flags(page, revision=False)
    page.add_argument(
        "--hardware", metavar="NAME", help="such as zero-a10g, where cpu-basic is not free (default: the Hub's)"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "push":
            address = push(chosen.folder, _target(chosen, chosen.repository))
        else:
            address = deploy(chosen.repository, chosen.hub_token, chosen.private, chosen.hardware)
    except UserError as error:
        print(f"hub: {error}", file=sys.stderr)
        return 2
    print(f"It is at {address}")
    return 0
