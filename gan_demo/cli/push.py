"""gan-demo push checkpoints/dcgan user/my-gan"""

import argparse

from gan_demo.cli.arguments import add_target


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Upload a checkpoint, or what changed in it, to the Hugging Face Hub, in one commit and with its"
        " model card. What people wrote on the card there stays.",
    )
    result.add_argument("folder", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    result.add_argument("repository", metavar="OWNER/NAME", help="the model repository, made if need be")
    add_target(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Upload, and print the address."""
    from gan_demo import hub

    target = hub.Target(options.repository, options.private, options.hub_token, options.revision)
    print(f"It is at {hub.push(options.folder, target)}")
