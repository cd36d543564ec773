"""Figures as tables for people: one model beside its floor, and all models side by side.

Nothing here measures: `evaluate.py` writes metrics.json, and what docs/evaluation.md, page and command line show
comes from these files.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from gan_demo import data
from gan_demo.belief.best_response import current_figures
from gan_demo.checkpoint import CONFIG_FILE, METRICS_FILE, checksum, read_config
from gan_demo.errors import UserError

FORMAT = 2  # of metrics.json
NO_FIGURE = "–"
HARDLY = 0.05  # recall or coverage below which precision says little: see `remarks`
KNOWN = 0.01  # share of test pictures among those for training, from which on nothing tells copies from new pictures
FEW = 1000  # samples, below which chance moves a share by more than ±.03
ALL_ALIKE = 0.5  # share of samples that others equal, from which on balls around them have no size


class Row(NamedTuple):
    """One row of a model's table."""

    key: str
    label: str
    form: str
    better: str
    meaning: str


ROWS = (
    Row("frechet_distance", "Fréchet distance", ".2f", "lower", "between the clouds of features, taken as Gaussians"),
    Row("precision", "precision", ".3f", "higher", "share of samples that lie where real pictures do"),
    Row("recall", "recall", ".3f", "higher", "share of real pictures that lie where samples do"),
    Row("density", "density", ".3f", "higher", "real neighbourhoods a sample lies in; 1 if equally distributed"),
    Row("coverage", "coverage", ".3f", "higher", "share of real neighbourhoods that hold a sample"),
    Row("class_kl", "class KL", ".4f", "as real", "ten digits drawn equally often: 0; only one of them: 2.30 nats"),
    Row("exact_duplicates", "exact duplicates", ".2%", "lower", "samples that another sample equals in every pixel"),
    Row("near_duplicates", "near duplicates", ".2%", "as real", "samples nearer to another than 99 % of test pictures"),
    Row("nearest_train_median", "nearest training", ".2f", "", "median pixel distance to the nearest training picture"),
    Row(
        "nearest_train_ratio", "  of real test's", ".3f", "near 1", "1: new, as test pictures are; far below 1: copies"
    ),
    Row("best_accuracy", "told from real by the best D", ".1%", "50 %", "test pictures and samples named rightly"),
    Row("best_jsd", "  JS divergence at least", ".3f", "lower", "nats of log 2 = .693, by the same D"),
    Row("gan_test", "GAN-test accuracy", ".2%", "higher", "samples that the classifier takes for the digit asked for"),
    Row("gan_train", "GAN-train accuracy", ".2%", "higher", "test digits that a net read which saw samples only"),
    Row("labels_100", "100 labels", ".1%", "higher", "test digits that a linear reader of D's features names rightly"),
)
# What the comparison of all models shows, of the figures above.
COMPARED = ("frechet_distance", "precision", "recall", "density", "coverage", "class_kl", "near_duplicates")
# Where a best D was trained, of conditional models, and where somebody asked for it.
COMPARED_IF_ANY = ("best_accuracy", "gan_test", "gan_train", "labels_100")


def format_table(metrics: dict[str, Any]) -> str:
    """metrics.json as lines for people: the model beside the floor, and what each row means."""
    model, floor = metrics["model"], metrics["floor"]
    cells: list[tuple[str, ...]] = [("", "model", "real", "better", "")]
    for row in ROWS:
        if (
            row.key in model
            and row.key in floor
            and not (row.key == "nearest_train_ratio" and metrics.get("known_test", 0) > KNOWN)
        ):
            cells.append((row.label, *(format(side[row.key], row.form) for side in (model, floor)), *row[3:]))
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [
        f"{label:<{widths[0]}}  {ours:>{widths[1]}}  {real:>{widths[2]}}  {better:<{widths[3]}}  {meaning}".rstrip()
        for label, ours, real, better, meaning in cells
    ]
    if "class_histogram" in model:
        lines.append("")
        lines.append(f"{'digit':<{widths[0]}}  " + " ".join(f"{digit:>5}" for digit in range(10)))
        for name, side in (("model", model), ("real", floor)):
            shares = " ".join(f"{share:5.1%}" for share in side["class_histogram"])
            lines.append(f"{f'share, {name}':<{widths[0]}}  {shares}")
    return "\n".join([*lines, *(f"\n{remark}" for remark in remarks(metrics))])


def remarks(metrics: dict[str, Any]) -> list[str]:
    """What the figures of metrics.json do not mean, a line each, where they may be misread."""
    model, floor = metrics["model"], metrics["floor"]
    lines = []
    if (known := metrics.get("known_test", 0)) > KNOWN:
        lines.append(
            f"{known:.0%} of the test pictures are training pictures, too: no figure here tells new from copied."
        )
    if is_few(samples := metrics.get("samples", 0)):
        lines += [
            f"{samples} samples are few: chance alone moves a share by up to ±{by_chance(samples):.2f}.",
            "The Fréchet distance of so few is too high, of real pictures, too.",
        ]
    # Recall is about the balls around samples: those around the real ones of the floor may have a size.
    if not any(floor.get(key, 1) for key in ("precision", "density", "coverage")):
        lines.append(
            "Real pictures score 0 in precision, density and coverage, too: each of them stands in the set many times,"
            " and the balls around them have no size. These figures say nothing here, nor does recall."
        )
        return lines
    if model.get("exact_duplicates", 0) > ALL_ALIKE:
        lines.append(
            f"{model['exact_duplicates']:.0%} of the samples are the very same picture as another: balls around them"
            " have no size, so recall is near 0 whatever they show."
        )
    low = [f"{key} is {model[key]:.3f}" for key in ("recall", "coverage") if model.get(key, 1) < HARDLY]
    if low:
        lines.append(
            f"Where {' and '.join(low)}, precision means little: a few real pictures far from all others have such wide"
            " balls that even noise lies in them. Density does not trust them: it is about 1 for good samples, here"
            f" {model.get('density', float('nan')):.3f}."
        )
    return lines


def is_few(samples: Any) -> bool:
    """Whether so few samples were measured that chance has a say; their number may be a stranger's."""
    return isinstance(samples, int) and 0 < samples < FEW


def by_chance(samples: int) -> float:
    """Two standard errors of a share of one half."""
    return samples**-0.5


def checkpoints(folder: str | Path) -> list[Path]:
    """The checkpoints that lie in `folder`, by name; raises UserError if there is none."""
    found = sorted(path.parent for path in Path(folder).glob(f"*/{CONFIG_FILE}"))
    if not found:
        raise UserError(f"there are no checkpoints in {folder}: name the folder that holds them, for trainings runs")
    return found


def current_metrics(folder: str | Path) -> dict[str, Any] | None:
    """What metrics.json says of exactly these weights; None where it is missing, damaged, old or of others."""
    try:
        metrics = json.loads((Path(folder) / METRICS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(metrics, dict) or metrics.get("format") != FORMAT:
        return None
    # The file may be a stranger's.
    parts = {"dataset": str, "samples": int, "model": dict, "floor": dict}
    if not all(isinstance(metrics.get(part), kind) for part, kind in parts.items()):
        return None
    if metrics.get("weights_sha256") != checksum(folder):
        return None
    return with_best_response(metrics, current_figures(folder))


def with_best_response(metrics: dict[str, Any], best: dict[str, Any] | None) -> dict[str, Any]:
    """`metrics` with what best_response.json says, if it is of the same pictures; its floor is real against real.

    `metrics` itself stays as it is.
    """
    if best is None or best.get("dataset") != metrics["dataset"]:
        return metrics
    sides = {"model": best["measure"], "floor": best["real_against_real"]}
    figures = {
        side: {"best_accuracy": one["accuracy"], "best_jsd": round(one["jsd"], 3) + 0.0}  # never -0.000
        for side, one in sides.items()
    }
    return {**metrics, **{side: {**metrics[side], **figures[side]} for side in sides}}


def comparison(folder: str | Path) -> list[dict[str, Any]]:
    """`compared` of the checkpoints in `folder`; raises UserError where there are none, or one is damaged."""
    return compared(checkpoints(folder))


def compared(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """A row for each checkpoint, one data set after the other: the lowest Fréchet distance first, then the floor.

    Every row has name, model, recipe, conditional, epochs, seconds, dataset, samples, floor (True for real
    pictures) and the figures COMPARED and COMPARED_IF_ANY. What there is not is None, and so are all figures of
    weights that nobody measured. Reads files only: `python -m gan_demo evaluate --all` measures what is missing.
    Raises UserError where one is damaged.
    """
    rows: list[dict[str, Any]] = []
    floors: dict[Any, Any] = {}
    for path in folders:
        config, metrics = read_config(path), current_metrics(path) or {}
        training = config.training
        described = {
            "name": path.name,
            "model": config.model,
            "recipe": f"{training.get('recipe')}, changed" if config.changed else training.get("recipe"),
            "conditional": bool(config.classes),
            "epochs": training.get("epochs_done"),
            "seconds": training.get("seconds"),
        }
        measured = {"dataset": metrics.get("dataset", config.dataset), "samples": metrics.get("samples")}
        rows.append({**described, **measured, "floor": False, **_figures(_of_all_parts(metrics))})
        if metrics:
            # The same pictures in every file, but only conditional models have all of the figures.
            floors.setdefault(tuple(measured.values()), {}).update(metrics["floor"])
    nothing = dict.fromkeys(("model", "recipe", "conditional", "epochs", "seconds"))
    for (dataset, samples), figures in floors.items():
        several = sum(other == dataset for other, _ in floors) > 1
        name = f"real pictures ({samples:,} samples)" if several else "real pictures"
        of = {"name": name, **nothing, "dataset": dataset, "samples": samples, "floor": True}
        rows.append({**of, **_figures(figures)})
    return sorted(rows, key=lambda row: place(row, max(sizes(rows, row["dataset"]), default=0)))


def place(row: dict[str, Any], usual: int = 0) -> tuple[Any, ...]:
    """The key that sorts the rows of `compared`.

    Of distances from different data sets, or of different numbers of samples, none is the lower one: the most samples
    come first. What nobody has measured stands among those of `usual` samples.
    """
    distance, samples = row["frechet_distance"], row["samples"] or usual
    order = (row["floor"], distance is None, distance or 0, row["name"])
    return data.title(row["dataset"]), row["dataset"], -samples, *order


def sizes(rows: Iterable[dict[str, Any]], dataset: str) -> list[int]:
    """The numbers of samples that models of a data set were measured with, the most first."""
    return sorted({row["samples"] for row in rows if row["dataset"] == dataset and row["samples"]}, reverse=True)


def _of_all_parts(metrics: dict[str, Any]) -> dict[str, Any]:
    """A model's figures, and what stands in other parts of metrics.json that the comparison shows."""
    try:
        read = metrics["few_labels"]["d"][metrics["few_labels"]["labels"].index(100)][0]
    except (TypeError, KeyError, IndexError, ValueError, AttributeError):  # not measured, or a stranger's file
        read = None
    return {**metrics.get("model", {}), "labels_100": read}


def _figures(figures: dict[str, Any]) -> dict[str, float | None]:
    found = {key: figures.get(key) for key in COMPARED + COMPARED_IF_ANY}
    return {key: value if isinstance(value, (int, float)) else None for key, value in found.items()}


def comparison_text(rows: list[dict[str, Any]]) -> str:
    """`comparison` as aligned lines for a terminal."""
    return aligned(_cells(rows))


def comparison_markdown(rows: list[dict[str, Any]]) -> str:
    """`comparison` as the table of docs/evaluation.md."""
    return markdown(_cells(rows))


def aligned(cells: list[list[str]]) -> str:
    """A head and rows as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for name, *figures in cells:
        columns = [f"{name:<{widths[0]}}"] + [f"{cell:>{w}}" for cell, w in zip(figures, widths[1:], strict=True)]
        lines.append("  ".join(columns).rstrip())
    return "\n".join(lines)


def markdown(cells: list[list[str]]) -> str:
    """A head and rows as a table of Markdown."""
    head, *body = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([head, "|---" * (head.count("|") - 1) + "|", *body])


def _cells(rows: list[dict[str, Any]]) -> list[list[str]]:
    """The comparison as text, the heads of the columns first."""
    shown = [key for key in COMPARED + COMPARED_IF_ANY if key in COMPARED or any(row[key] is not None for row in rows)]
    forms = {row.key: (row.label.removesuffix(" accuracy"), row.form) for row in ROWS}
    datasets = {row["dataset"] for row in rows}
    several, mixed = len(datasets) > 1, any(len(sizes(rows, dataset)) > 1 for dataset in datasets)
    cells = [
        [
            "",
            *["data set"] * several,
            *["samples"] * mixed,
            "network",
            "recipe",
            "epochs",
            "seconds",
            *(forms[key][0] for key in shown),
        ]
    ]
    for row in rows:
        network = f"{row['model']}, conditional" if row["conditional"] else row["model"]
        seconds = None if row["seconds"] is None else f"{row['seconds']:,.0f}"
        described = [
            "" if row["floor"] else _or_dash(cell) for cell in (network, row["recipe"], row["epochs"], seconds)
        ]
        figures = [NO_FIGURE if row[key] is None else format(row[key], forms[key][1]) for key in shown]
        cells.append(
            [
                row["name"],
                *[data.title(row["dataset"])] * several,
                *[_or_dash(row["samples"])] * mixed,
                *described,
                *figures,
            ]
        )
    return cells


def _or_dash(value: object) -> str:
    return NO_FIGURE if value is None else str(value)
