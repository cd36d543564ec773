"""gan-demo best-response checkpoints/dcgan"""

import argparse
import contextlib

from gan_demo import files
from gan_demo.cli.arguments import add_data_dir, add_dataset, add_device, check_here, check_pictures, shares
from gan_demo.errors import UserError
from gan_demo.shell import command


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Train the best discriminator against a finished generator, measure how well it tells test pictures"
        " from samples, and write best_response.json and best_response.safetensors beside the weights. The page then"
        " shows what it says of a digit. A run that was stopped goes on when the command is called again.",
        epilog="Three discriminators of one architecture, on pictures as they are, give the figures; a fourth, on"
        " coarse and varied pictures, is the page's. Real against real is the test of the test: 50 % within its error.",
    )
    result.add_argument("checkpoints", nargs="+", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    result.add_argument("--table", action="store_true", help="train nothing: print what the files say, as Markdown")
    result.add_argument("--sees", action="store_true", help="train nothing: print what these D see, as Markdown")
    add_dataset(result)
    add_data_dir(result)
    add_device(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Train and measure for each checkpoint and print the figures, or print a table."""
    from gan_demo.checkpoint import read_config
    from gan_demo.devices import choose_device, prepare
    from gan_demo.evaluation import best_response, best_response_tables, card

    if options.table or options.sees:
        print((best_response_tables.table if options.table else best_response_tables.sees)(options.checkpoints))
        return
    check_here(options.checkpoints)
    for folder in options.checkpoints:
        files.check_writable(folder)
        if not options.dataset:
            check_pictures(read_config(folder).dataset, folder, command("best-response", folder))
    device = choose_device(options.device)
    prepare(device)
    for folder in options.checkpoints:
        try:
            with shares() as tick:
                found = best_response.write_best_response(folder, options.data_dir, device, tick, options.dataset)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "Stopped. The same command goes on: trainings that had ended are kept, others begin anew."
            ) from None
        except OSError as error:
            if error.errno is None or isinstance(error, BrokenPipeError):
                raise
            place = f": {error.filename}" if error.filename is not None else ""
            raise UserError(
                f"{error.strerror}{place}. What was finished before is kept; when this is mended, the same command"
                " goes on"
            ) from None
        with contextlib.suppress(KeyError):  # the config of a model trained elsewhere may lack what the card tells
            card.renew(folder)
        print(f"{folder}: {best_response_tables.text(found)}\n", flush=True)
