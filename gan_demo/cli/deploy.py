"""gan-demo deploy user/my-space"""

import argparse
import sys
from typing import TYPE_CHECKING

from gan_demo.cli.arguments import add_target
from gan_demo.errors import UserError

if TYPE_CHECKING:
    from gan_demo.hub import Plan


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Put the page, with the models in checkpoints/, onto a Hugging Face Space. It uploads a checkout"
        " of the project, and runs from there. What the owner of the Space changed or added there stays; what is"
        " going to be changed is shown first.",
    )
    result.add_argument("repository", metavar="OWNER/NAME", help="the Space, made if need be")
    add_target(result, revision=False)
    result.add_argument(
        "--hardware", metavar="NAME", help="such as zero-a10g, where cpu-basic is not free (default: the Hub's)"
    )
    result.add_argument("--yes", action="store_true", help="do not ask before a Space that is there is changed")
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Upload, and print the address."""
    from gan_demo import hub

    def confirm(plan: "Plan") -> None:
        print("\n".join(plan.lines()), flush=True)
        if not options.yes:
            _ask(plan.space)

    print(f"It is at {hub.deploy(options.repository, options.hub_token, options.private, options.hardware, confirm)}")


def _ask(space: str) -> None:
    """Raise UserError unless a person says yes."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UserError(f"{space} is there already, and nobody is here to ask: add --yes. Nothing was changed")
    try:
        answer = input(f"Change {space} so? (y/N) ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise UserError("nothing was changed")
