"""What can be measured of a model besides, each by a flag of `evaluate`: a part of metrics.json, and of the card."""

import contextlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gan_demo import files
from gan_demo.checkpoint import CARD_FILE, METRICS_FILE, read_config
from gan_demo.errors import UserError
from gan_demo.evaluation import by_heart, card, few_labels, part_tables, tables, truncation
from gan_demo.gan import GAN
from gan_demo.latent.truncation import MIDDLE, TYPICAL
from gan_demo.latent.truncation import read as read_typical
from gan_demo.shell import command

# Functions of model, data set, its folder, and the number of samples.
PARTS: dict[str, Callable[[GAN, str, str | Path | None, int], dict[str, Any]]] = {
    "truncation": truncation.measure,
    "by_heart": by_heart.measure,
    "few_labels": lambda gan, dataset, data_dir, samples: few_labels.measure(gan, dataset, data_dir),
}


def add(
    folder: str | Path,
    name: str,
    data_dir: str | Path | None = None,
    samples: int = 10_000,
    device: str = "cpu",
    dataset: str | None = None,
) -> dict[str, Any]:
    """Measure a part of PARTS and add it to metrics.json, and to the card if nobody edited that; returns the part.

    The real pictures are those of metrics.json, which may have moved to `dataset`. Raises UserError where metrics.json
    has no figures of the present weights, and as `measure` does.
    """
    folder = Path(folder)
    before = tables.current_metrics(folder)
    if before is None:
        raise UserError(f"{folder} has no figures of these weights: {command('evaluate', folder)} first")
    gan = GAN.from_pretrained(folder).to(device)
    found = PARTS[name](gan, dataset or before["dataset"], data_dir, min(samples, before["samples"]))
    # What stands in other files beside the weights is no part of this one.
    content = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    files.write_json(folder / METRICS_FILE, {**content, name: found})
    config, path = read_config(folder), folder / CARD_FILE
    with contextlib.suppress(OSError, UnicodeDecodeError, KeyError):  # no card, or a config that has none
        if path.read_text(encoding="utf-8") == card.render(config, before):
            files.write_text(path, card.render(config, tables.current_metrics(folder)))
    return found


def measured(folder: str | Path, name: str) -> bool:
    """Whether metrics.json has a part of the present weights, and of the way in which they are truncated now."""
    found = (tables.current_metrics(folder) or {}).get(name)
    if name != "truncation" or not isinstance(found, dict):
        return found is not None
    typical = read_typical(folder, read_config(folder).latent_dim)
    return found.get("towards", MIDDLE) == (MIDDLE if typical is None else TYPICAL)


def kept(before: dict[str, Any] | None) -> dict[str, Any]:
    """The parts of a metrics.json that a new evaluation of the same weights leaves as they are."""
    return {name: before[name] for name in PARTS if before and name in before}


def rows(folders: Iterable[str | Path], name: str) -> list[list[str]]:
    """A part of several models, as a head and rows of text; models that have none are left out."""
    found: list[list[str]] = []
    for folder in map(Path, folders):
        cells = part_tables.cells(tables.current_metrics(folder), name)
        if cells:
            found = found or [["", *cells[0]]]
            found += [[folder.name if place == 0 else "", *row] for place, row in enumerate(cells[1:])]
    return found
