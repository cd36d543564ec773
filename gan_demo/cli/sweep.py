"""gan-demo sweep sweep.yaml --jobs 2"""

import argparse

from gan_demo.cli.arguments import add_data_dir
from gan_demo.errors import UserError
from gan_demo.shell import command


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog=program,
        description="""Train every combination of a grid of settings, several at once, and print one table.
Called again it leaves out what has finished, goes on with what was stopped, and prints the table
anew. Where the grid has several seeds, a second table has mean and spread over them.""",
        epilog="""sweep.yaml:
  output: runs/objectives        # a folder for each training, and results.csv
  settings:                      # of all of them: the flags of train.py
    dataset: digits
    epochs: 100
  grid:                          # every combination is trained
    objective: [non-saturating, hinge]
    seed: [0, 1, 2]""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("sweep", metavar="SWEEP.YAML", help="which settings, and where to")
    result.add_argument("--jobs", type=int, default=1, metavar="N", help="trainings at once (default: %(default)s)")
    result.add_argument(
        "--on",
        default="here",
        choices=("here", "submitit", "ray"),
        help="processes of this machine (default), or jobs of SLURM or tasks of Ray, by their libraries",
    )
    result.add_argument(
        "--best-response", action="store_true", help="also train the best discriminator against each generator"
    )
    add_data_dir(result)
    return result


def run(options: argparse.Namespace, program: str) -> None:
    """Train what is left of the sweep and print the table."""
    from gan_demo.training import sweep

    if options.jobs < 1:
        raise UserError(f"--jobs is at least 1, not {options.jobs}")
    output, tasks = sweep.read(options.sweep, options.data_dir, options.best_response)
    results = {}
    left = []
    for task in tasks:
        if sweep.is_finished(task.place):
            results[task.name] = sweep.finished(task)
        else:
            left.append(task)
    print(f"{len(tasks)} trainings in {output}, of which {len(results)} have finished", flush=True)
    try:
        for result in sweep.PLACES[options.on](left, options.jobs) if left else ():
            results[result.task.name] = result
            print(f"{len(results)}/{len(tasks)} {result.task.name}: {result.problem or 'finished'}", flush=True)
            sweep.write([results[task.name] for task in tasks if task.name in results], output)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"Stopped. What was trained is saved; {command('sweep', options.sweep)} goes on"
        ) from None
    found = [results[task.name] for task in tasks]
    sweep.write(found, output)
    print("\n" + sweep.table(found), flush=True)
    if seeds := sweep.over_seeds(found):
        print("\n" + seeds, flush=True)
    if failed := sum(bool(result.problem) for result in found):
        raise UserError(f"{failed} of {len(found)} trainings have no figures; see above")
