"""gan-demo typical checkpoints/dcgan"""

import argparse

from gan_demo import files
from gan_demo.cli.arguments import add_data_dir, add_dataset, add_device, check_here, check_pictures, stages
from gan_demo.shell import command


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Find latents of a model whose pictures are typical, and write them into its folder as"
        " typical.safetensors. From then on truncation leads to the nearest of them.",
        epilog="What truncation does is measured anew, too, if the model was evaluated before.",
    )
    result.add_argument("checkpoints", nargs="+", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    add_dataset(result)
    add_data_dir(result)
    add_device(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Find the typical latents of each checkpoint."""
    from gan_demo.checkpoint import read_config
    from gan_demo.devices import choose_device
    from gan_demo.evaluation import evaluate, parts, tables, typical

    check_here(options.checkpoints)
    for folder in options.checkpoints:
        files.check_writable(folder)
        if not options.dataset:
            check_pictures(read_config(folder).dataset, folder, command("typical", folder))
    device = choose_device(options.device)
    for folder in options.checkpoints:
        with stages(typical.STAGES) as advance:
            found = typical.find_for(folder, options.data_dir, device, advance, options.dataset)
        print(f"{folder}: {len(found)} typical latents", flush=True)
        if tables.current_metrics(folder):  # what is said of truncation there would be of another way
            with stages(1) as advance:
                advance("truncation")
                parts.add(folder, "truncation", options.data_dir, evaluate.SAMPLES, device, options.dataset)
            print(tables.aligned(parts.rows([folder], "truncation")), flush=True)
