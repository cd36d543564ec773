"""A desk that takes orders for trainings, whose processes do nothing."""

import json

from gan_demo import files
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.trainer import machine
from gan_demo.ui.trainer.desk import Desk
from helpers.gans import small_gan
from helpers.jobs import Process
from helpers.records import history_lines

FORM = {"model": "mlp", "dataset": "digits", "epochs": "3", "seed": "1"}


def desk_of(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    small_gan("mlp", seed=1).save_pretrained(tmp_path / "checkpoints" / "first")
    files.write_text(
        tmp_path / "checkpoints" / "first" / "history.jsonl", "".join(json.dumps(x) + "\n" for x in history_lines(3))
    )
    catalogue = Catalogue([tmp_path / "checkpoints", tmp_path / "runs"])
    started = []
    desk = Desk(
        catalogue,
        machine.RULES[kind]._replace(local=kind == machine.FULL),
        measure=lambda settings: 1500.0,
        launch=lambda job: started.append(Process(job)) or started[-1],
    )
    desk.started = started
    return desk
