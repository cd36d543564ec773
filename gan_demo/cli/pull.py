"""gan-demo pull user/my-gan --output runs/my-gan"""

import argparse

from gan_demo.cli.arguments import add_token
from gan_demo.shell import command


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Fetch a model from the Hugging Face Hub: safetensors and JSON only, every byte checked. Whoever"
        " names owner/name where a checkpoint is asked for fetches it as well; this also shows where it lies.",
    )
    result.add_argument("repository", metavar="OWNER/NAME", help="or OWNER/NAME@REVISION: a branch, a tag or a commit")
    result.add_argument(
        "--output", metavar="FOLDER", help="a new folder for it (default: the cache of huggingface_hub)"
    )
    add_token(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Fetch, and print where the model is."""
    from gan_demo import hub

    if options.output:
        hub.check_new(options.output)  # before anything is fetched
    folder = hub.pull(options.repository, token=options.hub_token)
    if options.output:
        folder = hub.copy(folder, options.output)
    print(f"It is in {folder}. Look at it with: {command('page', '--checkpoint', folder)}")
