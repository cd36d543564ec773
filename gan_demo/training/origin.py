"""The model whose weights a new run begins with, and its history, which such a run carries on where it can.

A history goes on where the pictures and the objective are the same: its curves then have one scale. Epochs are
counted on, and the first line of the new run says what has changed.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_demo import data, distributed, files
from gan_demo.checkpoint import HISTORY_FILE, OUTPUTS_FILE, SNAPSHOTS_FOLDER, checksum
from gan_demo.config import Config
from gan_demo.errors import UserError
from gan_demo.evaluation import card
from gan_demo.gan import GAN
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings
from gan_demo.training.history import read_history, read_lines, read_snapshots, snapshot_name
from gan_demo.training.history_writer import HistoryWriter
from gan_demo.training.iteration import Trainer

OF_A_RUN = ("epochs", "max_steps", "device", "precision", "graph")  # how long and where: no part of what is learned


@dataclass(frozen=True)
class Earlier:
    """What a finished run left of its way: it stays in memory, as its folder may be the new run's."""

    epochs: list[dict[str, Any]]  # lines of history.jsonl
    snapshots: list[dict[str, Any]]  # lines of snapshots/outputs.jsonl
    pictures: dict[int, bytes]  # epoch -> the grid, a PNG file
    changed: dict[str, Any]  # settings of the new run that differ

    def carry(self, writer: HistoryWriter, folder: Path) -> None:
        """Begin a new run's history with this one."""
        writer.epochs, writer.snapshots = list(self.epochs), list(self.snapshots)
        writer.carried, writer.changed = len(self.epochs), self.changed
        if distributed.first():
            for epoch, picture in self.pictures.items():
                files.write_bytes(folder / SNAPSHOTS_FOLDER / snapshot_name(epoch), picture)


def begin_from(trainer: Trainer, place: str | Path) -> Earlier | None:
    """Give a new run the weights of a checkpoint; returns the history that it goes on with, if there is one.

    Raises UserError where there is no checkpoint, or it does not fit.
    """
    gan = GAN.from_pretrained(place)
    here = Path(place).exists()
    origin = {
        "name": Path(place).resolve().name if here else str(place),  # no paths of this machine in a card
        "epochs": gan.config.training.get("epochs_done"),
        "dataset": data.title(gan.config.dataset),
    }
    earlier = None
    if here:
        origin["weights_sha256"] = checksum(place)
        earlier = _read(trainer.settings, gan.config, Path(place))
    if earlier:
        training = gan.config.training
        origin |= {"carried": True, "steps": training["steps_done"], "seconds": training["seconds"]}
        origin["commands"] = card.commands(gan.config)
        if gan.config.changed:
            before = training.get("init_from") or {}
            origin["changes"] = [*before.get("changes", ()), *training.get("changes", ())]
    trainer.begin_from(gan, origin)
    return earlier


def _read(settings: Settings, config: Config, folder: Path) -> Earlier | None:
    """The history of a checkpoint that training goes on from; None where it has none that fits."""
    training = config.training
    try:
        epochs = read_history(folder)
        snapshots = read_snapshots(folder)
        pictures = {snapshot.epoch: snapshot.png() for snapshot in snapshots}
        lines = read_lines(folder / HISTORY_FILE)
        outputs = [line for line in read_lines(folder / SNAPSHOTS_FOLDER / OUTPUTS_FILE) if line["epoch"] in pictures]
    except UserError:  # its weights are sound, and they are what was asked for
        return None
    known = all(isinstance(training.get(name), (int, float)) for name in ("steps_done", "seconds"))
    known = known and {"epochs", "conditional", "penalty"} <= training.keys() and training.get("recipe") in RECIPES
    whole = bool(epochs) and len(epochs) == epochs[-1].number == training.get("epochs_done") and epochs[-1].finished
    alike = (config.dataset, config.objective) == (settings.dataset, settings.objective)
    if not (whole and known and alike and all(type(line.get("step")) is int for line in lines)):
        return None
    now = dataclasses.asdict(settings)
    usual = {field.name: field.default for field in dataclasses.fields(Settings)}
    changed = {
        name: value
        for name, value in now.items()
        if name not in OF_A_RUN and value != training.get(name, usual[name])  # older ones had fewer settings
    }
    return Earlier(lines, outputs, pictures, changed)
