"""The model card: README.md of a checkpoint, written from its config and metrics.

What people add to it on the Hub stays: only the part between the two markers is written anew.
"""

import re
import shlex
from pathlib import Path
from typing import Any

from gan_demo import belief, data, files
from gan_demo.checkpoint import CARD_FILE, read_config
from gan_demo.config import Config
from gan_demo.evaluation import part_tables, tables
from gan_demo.latent.truncation import MIDDLE, TYPICAL
from gan_demo.networks import ARCHITECTURES
from gan_demo.objectives import OBJECTIVES
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings, switch

BEGIN = "<!-- Written by gan_demo from here on. A new push replaces it; what you write above or below stays. -->"
END = "<!-- Written by gan_demo up to here. -->"
PIPELINE = "unconditional-image-generation"
LICENSE = "mit"
# Where the Hub has the data sets; the others have no page there.
HUB_DATASETS = {"mnist": "ylecun/mnist", "fashion-mnist": "zalando-datasets/fashion_mnist"}
# The figures of metrics.json that the Hub lists as results.
RESULTS = {"frechet_distance": "Fréchet distance"} | {
    name: name for name in ("precision", "recall", "density", "coverage")
}

TEMPLATE = """\
---
{front_matter}
---

{begin}
# {model_name} trained on {title}

A generator that draws 28x28 grey pictures from {latent_dim} random numbers, and the discriminator that it was
trained against.{failed}

![A fixed grid of samples](samples.png)

## Use

```python
from gan_demo import GAN

gan = GAN.from_pretrained("{place}")
images = gan.sample(16, seed=42{labels})  # (16, 1, 28, 28) in [-1, 1]
```

in a folder that holds the code of `gan_demo`. `gan.score(images{labels})` is what the discriminator says of
each, high for real, and `python app.py --checkpoint {place}` opens a page that shows both at work.

## Training

{epochs_done} epochs ({steps_done:,} steps) in {duration} on {hardware}, {precision}, torch {torch}.{origin_words}

```
{command}
```
{ended_words}{changes_words}
Recipe: {recipe}. {paper}. Changed here: {changed}

Objective: {objective}, {source}.

    {formula}

Generator {generator_widths}, {generator_norm}; discriminator {discriminator_widths},
{discriminator_norm}.{conditional_words} Penalty: {penalty_words}.
Samples come from the exponential moving average of the generator.

## How good it is

{results}

## Limits

- It draws what {title} has, 28x28 and grey, and nothing else.
- {explanation}
- {caution}
- D was trained against this generator as it learned, not against the average that draws here. It knows the
  mistakes that this generator made, not what {drawn} is, and can be sure and wrong about any other picture.
{end}
"""

NORM_WORDS = {"batch": "batch norm", "none": "no normalisation", "spectral": "spectral norm"}


CONDITIONAL = (
    "\nBoth are told the {what}: the generator {how},\nthe discriminator by projection (Miyato and Koyama 2018)."
)
TOLD = {
    "batch": "by batch norm with a scale and a shift for each (de Vries et al. 2017)",
    "none": "in its mapping network, beside z",
}
FOLDERS = "Each `--init-from` names the folder (`--output`) of the command before it."

MEASURED = """\
{samples:,} samples, rounded to 8 bits, against the test set of {title}, beside what as many real training
pictures score. Distances are in the features of this project's own digit classifier: they compare
models measured in the same way, and no others.

```
{table}
```"""
PARTS = {
    "truncation": "Under truncation, which {done}{sure}:",
    "by_heart": "What D says of pictures that it was trained on, and of test pictures. The difference is what it\n"
    "knows by heart:",
    "few_labels": "What D has learned: a linear reader of its features, with so many labels, names test digits rightly."
    "\nMean and standard deviation over ten draws of labelled pictures:",
}
# Of the changes that were made by hand, those whose names say too little.
CHANGES = {"freeze": "frozen network:", "shake": "noise on D's weights, in standard deviations:"}
MOST_CHANGES = 20  # that a card lists
TRUNCATED = {MIDDLE: "makes latents shorter", TYPICAL: "leads each latent to the nearest of some typical ones"}
SURE = ", and how sure the classifier is of a picture"
IN_W = "brings each w nearer to the mean w"
NOT_MEASURED = "Not measured yet: the training goes on."


def render(config: Config, metrics: dict[str, Any] | None, repository: str | None = None) -> str:
    """The card of a training; `metrics` is None while it goes on, `repository` the place on the Hub if there is one."""
    training, objective = config.training, OBJECTIVES[config.objective]
    meaning = belief.meaning(config.objective)
    penalty = "none"
    if training["penalty"] != "none":
        penalty = f"{training['penalty']} with weight {training['penalty_weight']}"
        if training["penalty_every"] > 1:
            penalty += f", applied every {training['penalty_every']} steps and counted as many times"
    recipe = RECIPES[training["recipe"]]
    failed = part_tables.failure(metrics)
    values = {
        **training,
        "paper": recipe.paper,
        "changed": recipe.changed,
        "labels": f", labels={min(7, config.classes - 1)}" if config.classes else "",
        "origin_words": _origin_words(training.get("init_from")),
        "changes_words": _changes_words(training.get("changes")),
        "ended_words": _ended_words(training) if metrics else "",
        "conditional_words": _conditional_words(config),
        **config.to_dict(),
        "model_name": config.model.upper(),
        "title": data.title(training["dataset"]),
        "duration": duration(training["seconds"]),
        "generator_widths": "-".join(map(str, config.generator_widths)),
        "discriminator_widths": "-".join(map(str, config.discriminator_widths)),
        "penalty_words": penalty,
        "command": command(config),
        "source": objective.source,
        "formula": objective.formula,
        "generator_norm": NORM_WORDS[config.generator_norm],
        "discriminator_norm": NORM_WORDS[config.discriminator_norm],
        "drawn": "a digit" if training["dataset"] in data.DIGIT_DATASETS else "such a picture",
        "explanation": meaning.explanation,
        "caution": meaning.caution,
        "front_matter": _front_matter(config, metrics),
        "place": repository or "path/to/this/folder",
        "failed": f"\n\n**{part_tables.FAILURES[failed]}**" if failed else "",
        "begin": BEGIN,
        "end": END,
    }
    if metrics is None:
        return TEMPLATE.format(**values, results=NOT_MEASURED)
    measured = MEASURED.format(**values, samples=metrics["samples"], table=tables.format_table(metrics))
    return TEMPLATE.format(**values, results="\n\n".join([measured, *_parts(config, metrics)]))


def _parts(config: Config, metrics: dict[str, Any]) -> list[str]:
    """What was measured besides, a paragraph and a table each."""
    found = []
    for name, words in PARTS.items():
        if cells := part_tables.cells(metrics, name):
            done = TRUNCATED.get(str(metrics["truncation"].get("towards"))) if name == "truncation" else None
            done = done or TRUNCATED[MIDDLE]
            in_w = ARCHITECTURES[config.model].spherical and done == TRUNCATED[MIDDLE]
            sure = SURE if name == "truncation" and "confidence" in cells[0] else ""
            words = words.format(done=IN_W if in_w else done, sure=sure)
            found.append(f"{words}\n\n```\n{tables.aligned(cells)}\n```")
    return found


def _conditional_words(config: Config) -> str:
    """What a conditional model is told, and the names of its classes, if they have any."""
    if not config.classes:
        return ""
    digits = config.dataset in data.DIGIT_DATASETS
    words = CONDITIONAL.format(what="digit" if digits else "class", how=TOLD[config.generator_norm])
    if not config.class_names:
        return words
    escaped = (re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", name) for name in config.class_names)
    return f"{words}\nAsk for, with labels from 0 on: {', '.join(escaped)}.\n"


def _origin_words(origin: Any) -> str:
    """Which model's weights a training began with, if it did not begin with random ones."""
    if not isinstance(origin, dict) or not origin.get("name"):
        return ""
    name, epochs, dataset = (str(origin.get(key)).replace("`", "") for key in ("name", "epochs", "dataset"))
    if not origin.get("carried"):
        return f"\nIt began with the weights of `{name}` ({epochs} epochs on {dataset})."
    first = "\n".join(_commands_of(origin))
    first = f"```\n{first}\n```\n{_changes_words(origin.get('changes'))}"
    return f"\nThe first {epochs} epochs are those of `{name}`. {FOLDERS}\n\n{first}\nThe others went on from there:"


def _ended_words(training: dict[str, Any]) -> str:
    """That somebody stopped a training before its last epoch, if so: the command trains longer."""
    origin = training.get("init_from")
    earlier = origin.get("epochs") if isinstance(origin, dict) and origin.get("carried") else 0
    done = training["epochs_done"] - (earlier or 0)
    if training.get("max_steps") or done >= training["epochs"]:
        return ""
    return f"\nIt was stopped after {done} of these {training['epochs']} epochs.\n"


def _changes_words(changes: Any) -> str:
    """What somebody changed while it trained: that command alone does not train such a model."""
    known = [change for change in changes if isinstance(change, dict)] if isinstance(changes, list) else []
    if not known:
        return ""
    lines = []
    for change in known[:MOST_CHANGES]:
        made = [f"{CHANGES.get(name, name)} {'none' if value == '' else value}" for name, value in change.items()]
        lines.append("- " + ", ".join(" ".join(words.replace("`", "").split())[:80] for words in made))
    if len(known) > MOST_CHANGES:
        lines.append(f"- and {len(known) - MOST_CHANGES} more, which config.json has")
    return (
        "\n**Somebody changed the training while it ran**, so it is not the recipe's, and this command alone does not"
        " train it again.\nOne iteration is one step, and these came before the next:\n\n" + "\n".join(lines) + "\n"
    )


def commands(config: Config) -> list[str]:
    """The command lines that trained a model, one after the other, if its history went on from another run's."""
    return [*_commands_of(config.training.get("init_from")), command(config)]


def _commands_of(origin: Any) -> list[str]:
    found = origin.get("commands") if isinstance(origin, dict) else None
    return [str(line).replace("`", "") for line in found] if isinstance(found, list) else []


def _front_matter(config: Config, metrics: dict[str, Any] | None) -> str:
    """What the Hub reads of a card, as YAML."""
    from huggingface_hub import EvalResult, ModelCardData  # only here: who trains without the Hub does not wait

    dataset = config.training["dataset"]
    if dataset not in data.SOURCES:
        dataset = data.title(dataset)  # of a folder, its name only
    results = [
        EvalResult(
            task_type=PIPELINE,
            dataset_type=HUB_DATASETS.get(dataset, dataset),
            dataset_name=data.title(dataset),
            dataset_split="test",
            metric_type=name,
            # The name says whose features: a distance means nothing without.
            metric_name=f"{title} (features: {metrics['features']})",
            metric_value=metrics["model"][name],
        )
        for name, title in RESULTS.items()
        if metrics and name in metrics["model"]
    ]
    return ModelCardData(
        library_name="gan_demo",
        pipeline_tag=PIPELINE,
        license=LICENSE if dataset in data.SOURCES else None,  # whose the pictures of a folder are, only others know
        datasets=[HUB_DATASETS[dataset]] if dataset in HUB_DATASETS else None,
        tags=["gan", config.model, dataset],
        model_name=f"{config.model.upper()} trained on {data.title(dataset)}" if results else None,
        eval_results=results or None,
    ).to_yaml()


def renew(folder: str | Path) -> None:
    """Write the card of a checkpoint anew, if it has one, with all that is known of its present weights."""
    path = Path(folder) / CARD_FILE
    if path.is_file():
        new = render(read_config(folder), tables.current_metrics(folder))
        files.write_text(path, merge(path.read_text(encoding="utf-8"), new))


def merge(old: str | None, new: str) -> str:
    """The card `old`, which people may have edited, with its generated part and its results renewed from `new`.

    Of the front matter what `old` says stays, but for the results, which are those of the new weights. A card
    whose markers somebody removed keeps its text.
    """
    from huggingface_hub import RepoCard

    if old is None:
        return new
    ours = RepoCard(new, ignore_metadata_errors=True)
    generated = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    try:
        theirs = RepoCard(old, ignore_metadata_errors=True)
    except Exception:  # front matter that is no YAML, for which there is no one error
        theirs = RepoCard(re.sub(r"\A---\n.*?\n---\n", "", old, count=1, flags=re.DOTALL))
    fields = {**ours.data.to_dict(), **theirs.data.to_dict()}
    fields.pop("model-index", None)
    fields |= {name: value for name, value in ours.data.to_dict().items() if name == "model-index"}
    theirs.data = type(theirs.data)(**fields)
    theirs.text = generated.sub(lambda _: generated.findall(new)[0], theirs.text)
    return str(theirs)


def duration(seconds: float) -> str:
    """A time as people say it, to the unit that matters: "40 seconds", "25 minutes", "3 h 20 min"."""
    minutes = round(seconds / 60)
    if minutes >= 120:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def command(config: Config) -> str:
    """The command line that trains this model again: what differs from the defaults, and nothing more."""

    training = config.training
    own = Settings.of(config.model, recipe=training["recipe"])
    # Which strength is the default depends on the penalty.
    norm = training.get("discriminator_norm", own.discriminator_norm)  # without which the penalty may be refused
    penalised = Settings.of(
        config.model, recipe=training["recipe"], penalty=training["penalty"], discriminator_norm=norm
    )
    defaults = {**vars(penalised), "penalty": own.penalty, "discriminator_norm": own.discriminator_norm}
    words = ["python", "train.py", "--model", config.model, "--epochs", str(training["epochs"])]
    if training["recipe"] != ARCHITECTURES[config.model].recipe:
        words += ["--recipe", training["recipe"]]
    if training["conditional"]:
        words.append("--conditional")
    implied = {"model", "epochs", "device", "precision", "graph", "recipe", "conditional"}
    if training["penalty"] == "none":
        implied |= {"penalty_weight", "penalty_every"}
    for name, default in defaults.items():
        if name not in implied and training.get(name, default) != default:  # older ones had fewer settings
            flag = switch(name)
            words += [flag] if flag else ["--" + name.replace("_", "-"), str(training[name])]
    if isinstance(origin := training.get("init_from"), dict) and origin.get("name"):
        words += ["--init-from", str(origin["name"])]
    return shlex.join(words)
