"""Train a GAN of handwritten digits: python train.py --epochs 50"""

import argparse
import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_demo import distributed, recipes
from gan_demo.data import DATA_DIR_VARIABLE, SOURCES
from gan_demo.devices import choose_device, choose_precision, prepare
from gan_demo.errors import UserError
from gan_demo.hub import command
from gan_demo.networks import ARCHITECTURES, DISCRIMINATOR_NORMS
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.settings import Settings, describe_recipes

FIELDS = {field.name: field.default for field in dataclasses.fields(Settings)}


def parser() -> argparse.ArgumentParser:
    """The command line; flags that are left out stay None and get the model's recipe."""
    result = argparse.ArgumentParser(
        description="Train a GAN of handwritten digits, on the CPU or a GPU. The defaults are a recipe that works.",
        epilog="Example: python train.py --model dcgan --epochs 50, then: python app.py\n"
        "Several GPUs, or several processes on the CPU: torchrun --nproc-per-node N train.py ...",
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
    add(what, "--recipe", "a published way to train; single flags override it", choices=recipes.RECIPES)
    what.add_argument("--list-recipes", action="store_true", help="print the recipes with paper, formula and settings")
    what.add_argument(
        "--conditional",
        action="store_const",
        const=True,
        help="tell both networks the digit: the trained generator can then be asked for one. A folder of"
        " pictures needs exactly ten classes, a subfolder each",
    )
    add(what, "--objective", "what generator and discriminator play for", choices=OBJECTIVES)
    add(what, "--penalty", "what keeps the discriminator from changing too fast", choices=PENALTIES)
    add(what, "--penalty-weight", "its strength: lambda, gamma, or the greatest weight", type=float, metavar="X")
    add(what, "--penalty-every", "discriminator steps from one penalty to the next", type=int, metavar="N")
    add(what, "--discriminator-norm", "normalisation of the discriminator", choices=DISCRIMINATOR_NORMS)
    add(what, "--latent-dim", "numbers in a latent z", type=int, metavar="N")

    sets = "; ".join(f"{name}: {source.holds}" for name, source in SOURCES.items())
    pictures = result.add_argument_group("on which pictures")
    pictures.add_argument("--dataset", metavar="NAME", help=f"{sets}; or a folder of pictures (default: mnist)")
    pictures.add_argument(
        "--data-dir",
        metavar="DIR",
        help=f"where data sets lie, or are downloaded to (default: the variable {DATA_DIR_VARIABLE}, else data)",
    )

    how = result.add_argument_group("how")
    add(how, "--epochs", "passes over the data set", type=int, metavar="N")
    how.add_argument("--max-steps", type=int, metavar="N", help="stop after N generator steps, whatever --epochs says")
    add(how, "--batch-size", "real pictures a step", type=int, metavar="N")
    add(how, "--lr-g", "Adam's learning rate of the generator; a cosine takes it to 0", type=float, metavar="X")
    add(how, "--lr-d", "the same for the discriminator", type=float, metavar="X")
    add(how, "--beta1", "Adam's memory of the gradient", type=float, metavar="X")
    add(how, "--beta2", "Adam's memory of its square", type=float, metavar="X")
    add(how, "--d-steps", "discriminator steps a generator step", type=int, metavar="N")
    add(how, "--ema", "decay of the moving average of the generator, which is what is saved", type=float, metavar="X")
    add(how, "--seed", "equal seeds give equal weights on one machine", type=int, metavar="N")
    how.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="auto: a GPU if there is one (default)")
    how.add_argument(
        "--no-graph",
        dest="graph",
        action="store_const",
        const=False,
        help="on a GPU, launch every kernel from Python; slower, for comparison",
    )
    how.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        help="of the networks; losses are always float32. auto: bf16 where the processor is faster with it (default)",
    )

    where = result.add_argument_group("where to")
    where.add_argument("--output", metavar="FOLDER", help="the checkpoint (default: runs/MODEL-RECIPE-DATASET)")
    where.add_argument(
        "--resume", action="store_true", help="go on with the stopped run in --output, with the settings it has"
    )
    where.add_argument("--overwrite", action="store_true", help="replace the model that --output holds")
    command.add_flags(result)
    return result


def _default(flag: str) -> str:
    """What a flag is without a recipe, for --help."""
    name = flag.removeprefix("--").replace("-", "_")
    per_model = {model: getattr(Settings.of(model), name) for model in ARCHITECTURES}
    if len(set(per_model.values())) == 1:
        return str(next(iter(per_model.values())))
    return ", ".join(f"{value} for {model}" for model, value in per_model.items())


def settings_of(arguments: argparse.Namespace, folder: Path) -> Settings:
    """The settings that the flags ask for; of a resumed run, its own, if no flag contradicts them."""
    chosen = {name: value for name, value in vars(arguments).items() if name in FIELDS and value is not None}
    if arguments.resume:
        from gan_demo.training import run_folder

        own = run_folder.read_settings(folder)
        wanted = {name: value for name, value in chosen.items() if value != "auto"}
        run_folder.check_same(folder, dataclasses.asdict(own), wanted)
        return own
    chosen["device"] = choose_device(arguments.device or "auto")
    chosen["precision"] = choose_precision(arguments.precision or "auto", chosen["device"])
    return Settings.of(chosen.pop("model", "mlp"), **chosen)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    arguments = parser().parse_args(words)
    if arguments.list_recipes:
        print(describe_recipes())
        return 0
    dataset = Path(arguments.dataset or "mnist").name
    parts = [arguments.model or "mlp", *([arguments.recipe] if arguments.recipe else [])]
    parts += [*(["conditional"] if arguments.conditional else []), dataset]
    folder = Path(arguments.output or Path("runs") / "-".join(parts))
    quoted = shlex.quote(str(folder))
    from gan_demo.evaluation import tables
    from gan_demo.training import run, run_folder  # here, so that --help answers at once

    try:
        distributed.join(choose_device(arguments.device or "auto"))
        settings = settings_of(arguments, folder)
        prepare(settings.device)
        run_folder.check_folder(folder, arguments.resume, arguments.overwrite)  # before a repository is made for it
        # Says now, not after the training, what would go wrong.
        publisher = command.publisher(arguments, folder) if distributed.first() else None
        metrics = run.train(
            settings,
            folder,
            arguments.data_dir,
            resume=arguments.resume,
            overwrite=arguments.overwrite,
            publisher=publisher,
        )
        if not distributed.first():
            return 0
        print(tables.format_table(metrics))
        print(f"\nThe checkpoint is in {folder}. Look at it with: python app.py --checkpoint {quoted}", flush=True)
        if publisher:
            print(f"It is also at {publisher.finish()}")
    except UserError as error:
        if distributed.first():
            print(f"train.py: {error}", file=sys.stderr)
        return 2
    except run.Stopped as stopped:
        if distributed.first():
            print(f"Stopped and saved. Go on with: python train.py --resume --output {quoted}", file=sys.stderr)
        return 128 + stopped.args[0]
    except KeyboardInterrupt:
        print("Stopped before there was anything to save.", file=sys.stderr)
        return 130
    finally:
        distributed.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
