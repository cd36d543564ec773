"""The model card: README.md of a checkpoint, written from its config and metrics, never by hand."""

import shlex
from typing import Any

from gan_demo import belief, data, report
from gan_demo.gan import Config
from gan_demo.objectives import OBJECTIVES
from gan_demo.recipes import DEFAULT_RECIPE, RECIPES

TEMPLATE = """\
---
library_name: gan_demo
pipeline_tag: unconditional-image-generation
tags: [gan, {model}, {dataset}]
---

# {model_name} trained on {title}

A generator that draws 28x28 grey pictures from {latent_dim} random numbers, and the discriminator that it was
trained against.

![A fixed grid of samples](samples.png)

## Use

```python
from gan_demo import GAN

gan = GAN.from_pretrained("path/to/this/folder")
images = gan.sample(16, seed=42{labels})  # (16, 1, 28, 28) in [-1, 1]
outputs = gan.score(images{labels})  # (16,) raw outputs of the discriminator, high for real
```

## Training

{epochs_done} epochs ({steps_done:,} steps) in {duration} on {hardware}, {precision}, torch {torch}.

```
{command}
```

Recipe: {recipe}. {paper}. Changed here: {changed}

Objective: {objective}, {source}.

    {formula}

Generator {generator_widths}, {generator_norm}; discriminator {discriminator_widths},
{discriminator_norm}.{conditional_words} Penalty: {penalty_words}.
Samples come from the exponential moving average of the generator.

## How good it is

{samples:,} samples, rounded to 8 bits, against the test set of {title}, beside what as many real training
pictures score. Distances are in the features of this project's own digit classifier: they compare
models measured in the same way, and no others.

```
{table}
```

## Limits

- It draws what {title} has, 28x28 and grey, and nothing else.
- {explanation}
- {caution}
- D was trained against this generator only. It knows the mistakes that this generator made, not what a
  digit is, and can be sure and wrong about any other picture.
"""

NORM_WORDS = {"batch": "batch norm", "none": "no normalisation", "spectral": "spectral norm"}


CONDITIONAL = (
    "\nBoth are told the digit: the generator by batch norm with a scale and a shift for each\n(de Vries et al."
    " 2017), the discriminator by projection (Miyato and Koyama 2018)."
)


def render(config: Config, metrics: dict[str, Any]) -> str:
    """The card of a finished training."""
    training, objective = config.training, OBJECTIVES[config.objective]
    meaning = belief.meaning(config.objective)
    penalty = "none"
    if training["penalty"] != "none":
        penalty = f"{training['penalty']} with weight {training['penalty_weight']}"
        if training["penalty_every"] > 1:
            penalty += f", applied every {training['penalty_every']} steps and counted as many times"
    recipe = RECIPES[training["recipe"]]
    values = {
        **training,
        "paper": recipe.paper,
        "changed": recipe.changed,
        "labels": ", labels=7" if config.classes else "",
        "conditional_words": CONDITIONAL if config.classes else "",
        **config.to_dict(),
        "model_name": config.model.upper(),
        "title": data.title(training["dataset"]),
        "duration": _duration(training["seconds"]),
        "generator_widths": "-".join(map(str, config.generator_widths)),
        "discriminator_widths": "-".join(map(str, config.discriminator_widths)),
        "penalty_words": penalty,
        "command": command(config),
        "source": objective.source,
        "formula": objective.formula,
        "generator_norm": NORM_WORDS[config.generator_norm],
        "discriminator_norm": NORM_WORDS[config.discriminator_norm],
        "explanation": meaning.explanation,
        "caution": meaning.caution,
        "samples": metrics["samples"],
        "table": report.format_table(metrics),
    }
    return TEMPLATE.format(**values)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def command(config: Config) -> str:
    """The command line that trains this model again: what differs from the defaults, and nothing more."""
    from gan_demo.training import Settings

    training = config.training
    own = Settings.of(config.model, recipe=training["recipe"])
    # Which strength is the default depends on the penalty.
    penalised = Settings.of(config.model, recipe=training["recipe"], penalty=training["penalty"])
    defaults = {**vars(penalised), "penalty": own.penalty}
    words = ["python", "train.py", "--model", config.model, "--epochs", str(training["epochs"])]
    if training["recipe"] != DEFAULT_RECIPE[config.model]:
        words += ["--recipe", training["recipe"]]
    if training["conditional"]:
        words.append("--conditional")
    implied = {"model", "epochs", "device", "precision", "recipe", "conditional"}
    if training["penalty"] == "none":
        implied |= {"penalty_weight", "penalty_every"}
    for name, default in defaults.items():
        if name not in implied and training[name] != default:
            words += ["--" + name.replace("_", "-"), str(training[name])]
    return shlex.join(words)
