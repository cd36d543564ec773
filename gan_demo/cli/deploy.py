"""gan-demo deploy user/my-space"""

import argparse

from gan_demo.cli.arguments import add_target


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Put the page, with the models in checkpoints/, onto a Hugging Face Space. It uploads a checkout"
        " of the project, and runs from there.",
    )
    result.add_argument("repository", metavar="OWNER/NAME", help="the Space, made if need be")
    add_target(result, revision=False)
    result.add_argument(
        "--hardware", metavar="NAME", help="such as zero-a10g, where cpu-basic is not free (default: the Hub's)"
    )
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Upload, and print the address."""
    from gan_demo import hub

    address = hub.deploy(options.repository, options.hub_token, options.private, options.hardware)
    print(f"It is at {address}")
