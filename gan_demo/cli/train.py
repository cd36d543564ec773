"""gan-demo train --epochs 50"""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from gan_demo import distributed, recipes
from gan_demo.checkpoint import STATE_FILE
from gan_demo.cli.arguments import add_target, check_pictures
from gan_demo.cli.outcome import exit_code
from gan_demo.data import DATA_DIR_VARIABLE, SOURCES
from gan_demo.devices import choose_device, choose_precision, prepare
from gan_demo.errors import Stopped, UserError
from gan_demo.hub import Publisher, Target
from gan_demo.networks import ARCHITECTURES, DISCRIMINATOR_NORMS, GENERATOR_NORMS
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.settings import ABOUT, Settings, describe_recipes
from gan_demo.shell import command, quoted

FIELDS = {field.name: field.default for field in dataclasses.fields(Settings)}


def parser(program: str) -> argparse.ArgumentParser:
    """The command line; flags that are left out stay None and get the model's recipe."""
    again, page = _lines(program)
    script = again.removeprefix("python ")
    result = argparse.ArgumentParser(
        prog=program,
        description="Train a GAN of handwritten digits, on the CPU or a GPU. The defaults are a recipe that works.",
        epilog=f"Example: {again} --model dcgan --epochs 50, then: {page}\n"
        f"Several GPUs, or several processes on the CPU: torchrun --nproc-per-node N {script} ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def add(group: Any, flag: str, help: str, **options: Any) -> None:
        group.add_argument(flag, help=f"{help} (default: {_default(flag)})", **options)

    what = result.add_argument_group("what to train")
    what.add_argument(
        "--model",
        choices=ARCHITECTURES,
        help="; ".join(f"{name}: {row.about}" for name, row in ARCHITECTURES.items()) + " (default: mlp)",
    )
    add(what, "--recipe", ABOUT["recipe"], choices=recipes.RECIPES)
    what.add_argument("--list-recipes", action="store_true", help="print the recipes with paper, formula and settings")
    what.add_argument(
        "--conditional",
        action="store_const",
        const=True,
        help=ABOUT["conditional"],
    )
    add(what, "--objective", ABOUT["objective"], choices=OBJECTIVES)
    add(what, "--penalty", ABOUT["penalty"], choices=PENALTIES)
    add(what, "--penalty-weight", ABOUT["penalty_weight"], type=float, metavar="X")
    add(what, "--penalty-every", ABOUT["penalty_every"], type=int, metavar="N")
    add(what, "--generator-norm", ABOUT["generator_norm"], choices=GENERATOR_NORMS)
    add(what, "--discriminator-norm", ABOUT["discriminator_norm"], choices=DISCRIMINATOR_NORMS)
    add(what, "--latent-dim", ABOUT["latent_dim"], type=int, metavar="N")
    add(what, "--subpixels", ABOUT["subpixels"], type=int, metavar="N")

    sets = "; ".join(f"{name}: {source.holds}" for name, source in SOURCES.items())
    pictures = result.add_argument_group("on which pictures")
    pictures.add_argument(
        "--dataset",
        metavar="NAME",
        help=f"{sets}; or a folder of pictures, or a .csv, .npz, .parquet or idx file (default: mnist)",
    )
    pictures.add_argument(
        "--data-dir",
        metavar="DIR",
        help=f"where data sets lie, or are downloaded to (default: the variable {DATA_DIR_VARIABLE}, else data)",
    )

    how = result.add_argument_group("how")
    add(how, "--epochs", ABOUT["epochs"], type=int, metavar="N")
    how.add_argument("--max-steps", type=int, metavar="N", help=ABOUT["max_steps"])
    add(how, "--batch-size", ABOUT["batch_size"], type=int, metavar="N")
    add(how, "--lr-g", ABOUT["lr_g"], type=float, metavar="X")
    add(how, "--lr-d", ABOUT["lr_d"], type=float, metavar="X")
    add(how, "--lr-end", ABOUT["lr_end"], type=float, metavar="X")
    add(how, "--beta1", ABOUT["beta1"], type=float, metavar="X")
    add(how, "--beta2", ABOUT["beta2"], type=float, metavar="X")
    add(how, "--d-steps", ABOUT["d_steps"], type=int, metavar="N")
    add(how, "--ema", ABOUT["ema"], type=float, metavar="X")
    add(
        how,
        "--short-latents",
        ABOUT["short_latents"],
        type=float,
        metavar="X",
    )
    add(how, "--style-mixing", ABOUT["style_mixing"], type=float, metavar="X")
    add(
        how,
        "--seed",
        ABOUT["seed"],
        type=int,
        metavar="N",
    )
    how.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="auto: a GPU if there is one (default)")
    graph = how.add_mutually_exclusive_group()
    graph.add_argument(
        "--graph",
        action="store_const",
        const=True,
        help="on an NVIDIA GPU, record an iteration as a CUDA graph and play it; nobody has tried it on one yet",
    )
    graph.add_argument(
        "--no-graph",
        dest="graph",
        action="store_const",
        const=False,
        help="launch every kernel from Python (default)",
    )
    how.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        help="of the networks; losses are always float32. auto: bf16 where the processor is faster with it (default)",
    )

    how.add_argument(
        "--no-forecast",
        dest="forecast",
        action="store_false",
        help="do not say beforehand how long it will take on this machine; a run of 500 steps or more first trains a"
        " second or two on noise to find out, which changes nothing in it",
    )

    where = result.add_argument_group("where to")
    where.add_argument(
        "--output",
        metavar="FOLDER",
        help="the checkpoint (default: runs/MODEL-DATASET, such as runs/mlp-mnist; between the two stands what is"
        " asked for of --recipe and --conditional: runs/dcgan-wgan-gp-conditional-mnist; MODEL is that of --init-from,"
        " if there is one)",
    )
    where.add_argument(
        "--resume",
        action="store_true",
        help="go on with the stopped run in --output, with the settings it has; own pictures that have moved:"
        " --dataset PLACE",
    )
    where.add_argument(
        "--init-from",
        metavar="FOLDER",
        help="begin with the weights of a trained model, a folder or OWNER/NAME of the Hub, also on other pictures; its"
        " networks and its recipe, unless flags say otherwise",
    )
    where.add_argument(
        "--logger",
        choices=("tensorboard", "wandb"),
        help="hand the figures of each epoch to this library, too, if it is installed; history.jsonl has them anyway",
    )
    where.add_argument(
        "--no-best-response",
        dest="best_response",
        action="store_false",
        help="do not end with the best discriminator against the finished generator, which takes some minutes;"
        " with fewer than 10,000 pictures it never does; gan-demo best-response trains it later",
    )
    where.add_argument(
        "--no-typical",
        dest="typical",
        action="store_false",
        help="do not end with typical latents, to which truncation leads; with fewer than"
        " 10,000 pictures it never does; gan-demo typical finds them later",
    )
    where.add_argument("--overwrite", action="store_true", help="replace the model that --output holds")

    there = result.add_argument_group("to the Hugging Face Hub")
    there.add_argument(
        "--push-to-hub",
        metavar="OWNER/NAME",
        help="upload the finished checkpoint. The repository is made before the training starts, which shows at once"
        " whether you have the right to",
    )
    add_target(there)
    there.add_argument(
        "--push-every", type=int, default=0, metavar="N", help="upload every N epochs too, while the training goes on"
    )
    return result


def _lines(program: str) -> tuple[str, str]:
    """What a person types to train, and to open the page: as README.md has it, or where there may be no train.py."""
    if program == "train.py":
        return "python train.py", "python app.py"
    return command("train"), command("page")


def _default(flag: str) -> str:
    """What a flag is without a recipe, for --help."""
    name = flag.removeprefix("--").replace("-", "_")
    per_model = {model: getattr(Settings.of(model), name) for model in ARCHITECTURES}
    if len(set(per_model.values())) == 1:
        return str(next(iter(per_model.values())))
    return ", ".join(f"{value} for {model}" for model, value in per_model.items())


def settings_of(options: argparse.Namespace, folder: Path, again: str = "python train.py") -> Settings:
    """The settings that the flags ask for; of a resumed run, its own, if no flag contradicts them.

    `again` is the command that trains.
    """
    chosen = {name: value for name, value in vars(options).items() if name in FIELDS and value is not None}
    if options.resume:
        from gan_demo.training import run_folder

        own = run_folder.read_settings(folder)
        wanted = {name: value for name, value in chosen.items() if value != "auto"}
        if own.dataset not in SOURCES:  # a person's own pictures may have moved; `load_state` knows them again
            own = dataclasses.replace(own, dataset=wanted.pop("dataset", own.dataset))
            check_pictures(own.dataset, folder, f"{again} --resume --output {quoted(folder)}")
        run_folder.check_same(folder, dataclasses.asdict(own), wanted)
        return dataclasses.replace(own, graph=wanted.get("graph", own.graph))
    if options.init_from:
        from gan_demo.training import taken_over

        chosen = {**taken_over.networks_of(options.init_from, chosen.get("recipe")), **chosen}
    chosen["device"] = choose_device(options.device or "auto")
    # The first of several processes decides for all: each would measure something else.
    precision = choose_precision(options.precision or "auto", chosen["device"]) if distributed.first() else "fp32"
    chosen["precision"] = distributed.of_first(precision)
    return Settings.of(chosen.pop("model", "mlp"), **chosen)


def folder_of(options: argparse.Namespace, model: str = "mlp") -> Path:
    """Where the checkpoint goes: what --help says of --output. `model` is what it is unless that is asked for."""
    asked = [*([options.recipe] if options.recipe else []), *(["conditional"] if options.conditional else [])]
    name = "-".join([options.model or model, *asked, Path(options.dataset or "mnist").name])
    return Path(options.output or Path("runs") / name)


def run(options: argparse.Namespace, program: str) -> None:
    """Train, push if that is asked for, and print the figures and where the checkpoint is."""
    if options.list_recipes:
        print(describe_recipes())
        return
    folder = folder_of(options)
    again, page = _lines(program)
    from gan_demo.evaluation.evaluate import NotWritten
    from gan_demo.training import run as training  # here, so that --help answers at once
    from gan_demo.training import run_folder

    try:
        distributed.join(choose_device(options.device or "auto"))
        if options.init_from and options.resume:
            raise UserError("--init-from begins a new run, and --resume goes on with one: leave out one of the two")
        settings = settings_of(options, folder, again)
        if options.init_from and not options.output:
            folder = folder_of(options, settings.model)
            if folder.resolve() == Path(options.init_from).resolve():
                raise UserError("the run would take the place of the model that it begins with: add --output FOLDER")
        prepare(settings.device)
        run_folder.check_folder(folder, options.resume, options.overwrite)  # before a repository is made for it
        # Says now, not after the training, what would go wrong.
        publisher = publisher_of(options, folder) if distributed.first() else None
        metrics = training.train(
            settings,
            folder,
            options.data_dir,
            resume=options.resume,
            overwrite=options.overwrite,
            publisher=publisher,
            init_from=options.init_from,
            with_best_response=options.best_response,
            logger=options.logger,
            with_typical=options.typical,
            with_forecast=options.forecast,
        )
        if distributed.first():
            _end(metrics, folder, page, publisher)
    except OSError as error:
        if error.errno is None or isinstance(error, BrokenPipeError) or not (folder / STATE_FILE).exists():
            raise
        place = f": {error.filename}" if error.filename is not None else ""
        raise UserError(
            f"{error.strerror}{place}. What was saved last is whole; when this is mended, go on with:"
            f" {again} --resume --output {quoted(folder)}"
        ) from None
    except (UserError, Stopped) as error:
        if isinstance(error, NotWritten):
            from gan_demo.evaluation import tables

            print(tables.format_table(error.figures), flush=True)
        if not distributed.first():
            sys.exit(exit_code(error))  # the first of several processes says why
        if isinstance(error, Stopped):
            line = f"Stopped and saved. Go on with: {again} --resume --output {quoted(folder)}"
            raise Stopped(error.args[0], line) from None
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Stopped before there was anything to save.") from None
    finally:
        distributed.leave()


def _end(metrics: dict[str, Any], folder: Path, page: str, publisher: Publisher | None) -> None:
    """Push, which must happen, and then print, which may fail."""
    from gan_demo.evaluation import tables

    address = None
    try:
        address = publisher.finish() if publisher else None
    finally:  # the figures are worth reading also where pushing failed
        print(tables.format_table(metrics))
        print(f"\nThe checkpoint is in {folder}. Look at it with: {page} --checkpoint {quoted(folder)}", flush=True)
    if address:
        print(f"It is also at {address}")


def publisher_of(options: argparse.Namespace, folder: Path) -> Publisher | None:
    """Who pushes as the flags ask for; None where nothing is to be pushed. Raises UserError."""
    if not options.push_to_hub:
        for name in ("private", "hub_token", "revision", "push_every"):
            if getattr(options, name):
                raise UserError(f"--{name.replace('_', '-')} goes with --push-to-hub owner/name")
        return None
    if options.push_every < 0:
        raise UserError(f"--push-every is a number of epochs, not {options.push_every}")
    target = Target(options.push_to_hub, options.private, options.hub_token, options.revision)
    return Publisher(folder, target, options.push_every)
