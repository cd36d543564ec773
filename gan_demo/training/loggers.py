"""Where figures of a training go besides its history: to TensorBoard or Weights & Biases, through their own libraries.

Neither is a requirement. `history.jsonl` stays the source: a logger gets each of its lines. The log of a run that was
stopped goes on with it.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gan_demo.errors import UserError
from gan_demo.settings import Settings
from gan_demo.shell import quoted

FOLDER = "logs"  # in the folder of the run: what the libraries write


class Logger:
    """Hands lines of history to one library."""

    def __init__(self, log: Callable[[dict[str, float], int], None], close: Callable[[], None], where: str) -> None:
        """`log` takes name -> figure and the step; `where` says how one sees them."""
        self._log, self.close, self.where = log, close, where

    def epoch(self, line: dict[str, Any]) -> None:
        """Log a line of history.jsonl: its figures, and under "evaluation/" those of the model after the epoch."""
        figures = {name: value for name, value in line.items() if type(value) in (int, float) and name != "step"}
        figures |= {f"evaluation/{name}": value for name, value in line.get("evaluation", {}).items()}
        figures |= {f"milestones/{one['name']}": one["step"] for one in line.get("milestones", ())}
        self._log(figures, line["step"])


def _tensorboard(folder: Path, settings: Settings, resume: bool) -> Logger:
    writer = _library("tensorboard", "torch.utils.tensorboard").SummaryWriter(str(folder / FOLDER))
    if not resume:
        writer.add_text("settings", "\n".join(f"    {name}: {value}" for name, value in vars(settings).items()))

    def log(figures: dict[str, float], step: int) -> None:
        for name, figure in figures.items():
            writer.add_scalar(name, figure, step)
        writer.flush()

    return Logger(log, writer.close, f"tensorboard --logdir {quoted(folder / FOLDER)}")


def _wandb(folder: Path, settings: Settings, resume: bool) -> Logger:
    library = _library("wandb", "wandb")
    identity = folder / FOLDER / "wandb-id.txt"
    identity.parent.mkdir(parents=True, exist_ok=True)
    if not (resume and identity.is_file()):
        identity.write_text(library.util.generate_id(), encoding="utf-8")
    run = library.init(
        project="gan-demo",
        name=folder.name,
        id=identity.read_text(encoding="utf-8"),
        resume="allow",
        dir=str(folder / FOLDER),
        config=dict(vars(settings)),
    )
    return Logger(lambda figures, step: run.log(figures, step=step), run.finish, str(run.url or "wandb sync"))


LOGGERS: dict[str, Callable[[Path, Settings, bool], Logger]] = {"tensorboard": _tensorboard, "wandb": _wandb}


def check(name: str | None) -> None:
    """Raise UserError unless the library of that logger is installed; None asks for none."""
    if name == "tensorboard":
        _library("tensorboard", "torch.utils.tensorboard")
    elif name:
        _library(name, name)


def start(name: str | None, folder: Path, settings: Settings, resume: bool) -> Logger | None:
    """The logger of that name for the run in `folder`; raises UserError where its library is missing or refuses."""
    if name is None:
        return None
    try:
        return LOGGERS[name](folder, settings, resume)
    except UserError:
        raise
    except Exception as error:  # each library has errors of its own
        raise UserError(f"--logger {name}: {' '.join(str(error).split())[:200]}") from None


def _library(name: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise UserError(f"--logger {name} needs a library that is not installed: pip install {name}") from None
