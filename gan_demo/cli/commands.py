"""The table of the commands, and how one of them is run."""

import argparse
import importlib
import os
from collections.abc import Callable, Sequence

from gan_demo import __version__
from gan_demo.cli import outcome, terminal

# Name -> what it is for, in a line. `gan_demo/cli/NAME.py`, - as _, has its `parser` and its `run`.
COMMANDS = {
    "page": "open the page: walk through the latent space, ask the discriminator",
    "train": "train a GAN of handwritten digits, or of your own pictures",
    "sweep": "train every combination of some settings, in several processes",
    "recipes": "list the published ways to train, with paper, formula and settings",
    "evaluate": "measure how good and how varied a model's pictures are",
    "best-response": "train the best discriminator against a finished generator, and measure both by it",
    "typical": "find a model's typical latents, to which truncation leads",
    "directions": "find named directions in a model's latent space, and measure what they do",
    "invert": "measure how near a model comes to real pictures",
    "export": "write samples into files: a folder a class, arrays, or one picture",
    "push": "upload a model to the Hugging Face Hub",
    "pull": "fetch a model from the Hugging Face Hub",
    "deploy": "put the page onto a Hugging Face Space",
    "classifier": "train the digit classifier with which models are measured",
    "sheet": "write the sheet of real test digits that the page shows",
}


def run(
    name: str,
    words: Sequence[str] | None = None,
    program: str | None = None,
    say: Callable[..., None] | None = None,
) -> int:
    """Run one of COMMANDS and return its exit code.

    `words` are its arguments (default: those of the process), and `program` is what it calls itself;
    `say` is told the lines with which it ends where something goes wrong.
    """
    terminal.show_what_it_can()
    # Threads of one operation wait for each other, some thousand times a second. By default they spin meanwhile: where
    # another program has one of the cores, all wait for its turn to end. OpenMP reads this as torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    known = program or f"gan-demo {name}"

    def work() -> None:
        command = importlib.import_module(f"gan_demo.cli.{name.replace('-', '_')}")
        command.run(command.parser(known).parse_args(words), known)

    return outcome.guarded(known, work, say)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that `words` begin with (default: those of the process) and return its exit code."""
    terminal.show_what_it_can()
    parser = _parser()
    chosen = parser.parse_args(words)
    if chosen.command is None:
        parser.error("which COMMAND? gan-demo --help lists them")
    return run(chosen.command, chosen.arguments)


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog="gan-demo",
        usage="gan-demo COMMAND ...",
        description="GANs of handwritten digits: train them, walk through their latent space, ask the discriminator.",
        epilog="commands:\n"
        + "\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())
        + "\n\n`gan-demo COMMAND --help` explains its flags. Without an installation: python -m gan_demo COMMAND",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("command", nargs="?", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser
