"""gan-demo evaluate checkpoints/dcgan, or gan-demo evaluate --all"""

import argparse
import sys
from pathlib import Path
from typing import Any

from gan_demo import files
from gan_demo.cli.arguments import add_data_dir, add_device, check_here, check_pictures, stages
from gan_demo.errors import UserError
from gan_demo.shell import command

# Flags of what evaluation.parts can measure besides; here in words, so that --help answers at once.
BESIDES = {
    "--truncation": "what becomes of the pictures when latents are truncated",
    "--by-heart": "how much of D's judgement is memory of its training pictures",
    "--few-labels": "how well D's features read digits from 10, 100 and 1,000 labels",
}


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="Measure how good and how varied a model's pictures are; print the table and write metrics.json.",
    )
    result.add_argument("checkpoints", nargs="*", metavar="FOLDER", help="a checkpoint, such as checkpoints/dcgan")
    result.add_argument(
        "--all",
        nargs="?",
        const="checkpoints",
        metavar="FOLDER",
        help="compare all checkpoints in FOLDER (default: checkpoints) by their metrics.json, measuring those anew"
        " that have none of their present weights",
    )
    for flag, about in BESIDES.items():
        result.add_argument(
            flag,
            action="append_const",
            const=flag.removeprefix("--").replace("-", "_"),
            default=[],
            dest="besides",
            help=f"measure, in the place of all else, {about}; add it to metrics.json and card, and print it",
        )
    result.add_argument("--markdown", action="store_true", help="print tables as the documentation has them")
    result.add_argument("--dataset", help="compare with this data set (default: the one the model was trained on)")
    add_data_dir(result)
    result.add_argument("--samples", type=int, metavar="N", help="how many to draw (default: 10000)")
    add_device(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Measure, and print the tables."""
    from gan_demo.checkpoint import STATE_FILE, read_config
    from gan_demo.devices import choose_device
    from gan_demo.evaluation import evaluate, real_pictures, tables

    if options.samples is None:
        options.samples = evaluate.SAMPLES
    _check(options, real_pictures.NEIGHBOURS)
    check_here(options.checkpoints)
    device = choose_device(options.device)
    if options.besides:
        _besides(options.besides, options, device)
        return
    if options.all:
        sound = []
        for folder in tables.checkpoints(options.all):
            try:
                read_config(folder)
                # A training writes new weights again and again, and measures them itself at the end.
                if not (folder / STATE_FILE).exists() and tables.current_metrics(folder) is None:
                    print(f"{folder} has no figures of these weights: measuring them", file=sys.stderr)
                    files.check_writable(folder)
                    _measure(folder, options, device)
            except UserError as error:  # one of them, perhaps of a later version, is no reason to show none
                print(f"{program}: {folder} is left out: {error}", file=sys.stderr)
            else:
                sound.append(folder)
        if not sound:
            raise UserError(f"none of the checkpoints in {options.all} can be compared")
        form = tables.comparison_markdown if options.markdown else tables.comparison_text
        print(form(tables.compared(sound)))
    for folder in options.checkpoints:
        files.check_writable(folder)
    for folder in options.checkpoints:
        try:
            _print(folder, _measure(folder, options, device))
        except evaluate.NotWritten as error:
            _print(folder, error.figures)
            raise


def _besides(names: list[str], options: argparse.Namespace, device: str) -> None:
    """Measure parts of metrics.json where the present weights have none, and print them."""
    from gan_demo.evaluation import parts, tables

    folders = tables.checkpoints(options.all) if options.all else list(map(Path, options.checkpoints))
    for name in names:
        for folder in folders:
            if not parts.measured(folder, name):
                files.check_writable(folder)
                check_pictures(
                    (tables.current_metrics(folder) or {}).get("dataset", "mnist"), folder, command("evaluate", folder)
                )
                with stages(1) as advance:
                    advance(f"{folder.name}: {name.replace('_', ' ')}")
                    parts.add(folder, name, options.data_dir, options.samples, device)
        form = tables.markdown if options.markdown else tables.aligned
        print(form(parts.rows(folders, name)), flush=True)


def _print(folder: str, measured: dict[str, Any]) -> None:
    from gan_demo.belief.best_response import current_figures
    from gan_demo.evaluation import tables

    told = tables.with_best_response(measured, current_figures(folder))
    print(
        f"{folder}: {measured['samples']:,} samples against as many {measured['dataset']} test pictures;"
        f" real: as many training pictures ({measured['seconds']} s)\n\n{tables.format_table(told)}\n",
        flush=True,
    )


def _check(options: argparse.Namespace, neighbours: int) -> None:
    """Raise UserError where the command line makes no sense."""
    if options.samples <= neighbours:
        raise UserError(f"--samples must be more than {neighbours}, not {options.samples}")
    if bool(options.all) == bool(options.checkpoints):
        raise UserError("name checkpoints, or compare all of a folder with --all: one of the two")
    if options.markdown and not (options.all or options.besides):
        raise UserError("--markdown is a way to print the comparison: add --all")
    if options.besides and options.dataset:
        raise UserError("what is measured besides is of the data set in metrics.json: leave out --dataset")
    if options.dataset and options.all:
        raise UserError("--all holds each model against the data set it was trained on: leave out --dataset")


def _measure(folder: str | Path, options: argparse.Namespace, device: str) -> dict[str, Any]:
    from gan_demo.checkpoint import read_config
    from gan_demo.evaluation import evaluate

    if not options.dataset:
        check_pictures(read_config(folder).dataset, folder, command("evaluate", folder))
    with stages(evaluate.STEPS) as advance:
        return evaluate.evaluate_checkpoint(folder, options.dataset, options.data_dir, options.samples, device, advance)
