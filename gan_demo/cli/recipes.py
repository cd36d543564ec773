"""gan-demo recipes"""

import argparse


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    return argparse.ArgumentParser(
        prog=program,
        description="List the published ways to train, each with its paper, its formula, the settings that it has for"
        " each model, and what differs from the paper. `gan-demo train --recipe NAME` trains by one of them.",
    )


def run(options: argparse.Namespace, program: str) -> None:
    """Print the list."""
    from gan_demo.settings import describe_recipes

    print(describe_recipes())
