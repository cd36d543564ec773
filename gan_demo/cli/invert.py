"""gan-demo invert checkpoints/mlp"""

import argparse

from gan_demo import files
from gan_demo.cli.arguments import add_data_dir, add_dataset, add_device, check_here, check_pictures
from gan_demo.shell import command


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Invert real test pictures: measure how near a generator can come to them, and write"
        " inversion.json beside the weights. The page then says how near it came to yours, compared with these. A style"
        " generator is measured in z, w and W+.",
    )
    result.add_argument("checkpoints", nargs="+", metavar="FOLDER", help="a checkpoint, such as checkpoints/mlp")
    result.add_argument("--table", action="store_true", help="measure nothing: print what the files say, as Markdown")
    add_dataset(result)
    add_data_dir(result)
    add_device(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Measure each checkpoint and print its median error, or print the table."""
    from gan_demo import data
    from gan_demo.checkpoint import read_config
    from gan_demo.devices import choose_device
    from gan_demo.evaluation import reconstruction

    if options.table:
        print(reconstruction.table(options.checkpoints))
        return
    check_here(options.checkpoints)
    for folder in options.checkpoints:
        files.check_writable(folder)
        if not options.dataset:
            check_pictures(read_config(folder).dataset, folder, command("invert", folder))
    device = choose_device(options.device)
    for folder in options.checkpoints:
        content = reconstruction.write_reference(folder, options.data_dir, device, options.dataset)
        found, random = (content[key][reconstruction.QUANTILES // 2] for key in ("errors", "errors_of_random"))
        what = "digits" if content["dataset"] in data.DIGIT_DATASETS else "pictures"
        print(
            f"{folder}: median error {found:.3f} for {content['pictures']} real {what},"
            f" {random:.3f} for the nearest of {content['random_latents']:,} random latents,"
            f" {content['seconds']:.0f} s",
            flush=True,
        )
        for space, measured in content.get("spaces", {}).items():
            middle = measured["errors"][reconstruction.QUANTILES // 2]
            print(f"{folder}: in {space} median error {middle:.3f}, {measured['seconds']:.0f} s", flush=True)
