"""What the files of a run and of an evaluation hold."""

import json

import numpy as np

from gan_demo import files
from gan_demo.pictures import encoding
from gan_demo.training import history

RESULTS = {"epochs_done": 50, "steps_done": 11_700, "seconds": 150.0, "hardware": "a laptop", "torch": "2.15"}
FIGURES = {
    "frechet_distance": 5.25,
    "precision": 0.9,
    "recall": 0.8,
    "density": 0.7,
    "coverage": 0.6,
    "exact_duplicates": 0.0,
    "near_duplicates": 0.01,
    "nearest_train_median": 5.0,
    "nearest_train_ratio": 1.0,
}
METRICS = {
    "samples": 10_000,
    "features": "digit classifier",
    "model": FIGURES,
    "floor": {**FIGURES, "frechet_distance": 1.5},
}


def lines(*objects):
    return "".join(json.dumps(line) + "\n" for line in objects)


def grid_png(shade=0):
    return encoding.png_bytes(encoding.grid(np.full((100, 28, 28), shade, np.uint8), 10, history.GRID_GAP))


def snapshots(folder, *epochs):
    for epoch in epochs:
        files.write_bytes(folder / "snapshots" / f"epoch-{epoch:04d}.png", grid_png(epoch))
    outputs = [{"epoch": epoch, "outputs": [epoch / 10] * 100} for epoch in epochs]
    files.write_text(folder / "snapshots" / "outputs.jsonl", lines(*outputs))


def history_lines(epochs, logit=True):
    for epoch in range(1, epochs + 1):
        line = {"epoch": epoch, "loss_d": 1.0, "loss_g": 0.7, "score_real": 3.0, "score_fake": 1.0, "ranked": 0.6}
        if logit:
            line |= {"d_real": 0.5 + epoch / 100, "d_fake": 0.5 - epoch / 100, "value": -1.3}
        if epoch % 2 == 0:
            line["evaluation"] = {"frechet_distance": 30 / epoch, "coverage": 0.5, "class_kl": 0.1, "digits": 9}
            line["warnings"] = ["digits missing"]
        yield line
