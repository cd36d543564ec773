"""Settings: every field of a training, the recipe that they begin with, and the checks of their values."""

import dataclasses
import sys
from dataclasses import dataclass
from typing import Any

from gan_demo import distributed
from gan_demo.config import CLASSES, MAX_CLASSES, Config
from gan_demo.errors import UserError
from gan_demo.networks import ARCHITECTURES, IMAGE_SHAPE, Shape
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.recipes import PENALTY_SETTINGS, RECIPES

PRECISIONS, DEVICES = ("fp32", "bf16"), ("cpu", "cuda", "mps")
KINDS: dict[Any, str] = {int: "a whole number", float: "a finite number", bool: "True or False", str: "a text"}


# What each field is, in words: --help has them, and the page.
ABOUT: dict[str, str] = {
    "recipe": "a published way to train; single flags override it",
    "objective": "what generator and discriminator play for",
    "penalty": "what keeps the discriminator from changing too fast",
    "penalty_weight": "strength of the penalty: lambda, gamma, or the greatest weight",
    "penalty_every": "discriminator steps from one penalty to the next",
    "discriminator_norm": "normalisation of the discriminator",
    "generator_norm": "normalisation of the generator; without any, G collapses to a few digits more easily",
    "latent_dim": "numbers in a latent z",
    "subpixels": "points along each side of a pixel that a style generator draws, ink or not; the pixel is their mean."
    " 1: a tanh",
    "epochs": "passes over the data set",
    "batch_size": "real pictures a step",
    "lr_g": "Adam's learning rate of the generator; a cosine takes it to its end",
    "lr_d": "Adam's learning rate of the discriminator; a cosine takes it to its end",
    "lr_end": "share of both learning rates that the cosine leaves at the end",
    "beta1": "Adam's memory of the gradient",
    "beta2": "Adam's memory of the gradient's square",
    "d_steps": "discriminator steps a generator step",
    "ema": "decay of the moving average of the generator, which is what is saved",
    "short_latents": "share of the latents that training makes shorter, each by a factor of its own from 0 to 1, so"
    " that digits stay digits under truncation",
    "style_mixing": "share of a style generator's pictures that training draws from two latents, early layers from one"
    " and late layers from the other",
    "seed": "equal seeds give equal weights on one machine's CPU, and nearly equal ones on a GPU",
    "max_steps": "stop after N generator steps, whatever --epochs says",
    "conditional": "tell both networks the class, such as the digit: G can then be asked for one. A folder of pictures"
    f" needs 2 to {MAX_CLASSES} classes, a subfolder each",
}


@dataclass(frozen=True)
class Settings:
    """All choices of one training.

    Equal settings and equal pictures give equal weights on one machine's CPU, and nearly equal ones on a GPU.
    """

    model: str  # a key of networks.ARCHITECTURES
    latent_dim: int  # numbers in a latent z
    discriminator_norm: str  # one of networks.DISCRIMINATOR_NORMS
    recipe: str  # the key of recipes.RECIPES that these settings began with
    generator_norm: str = ""  # one of networks.GENERATOR_NORMS; "" in older settings, for the architecture's own
    subpixels: int = 1  # a side of a pixel that a style generator draws
    penalty: str = "none"  # a key of penalties.PENALTIES
    penalty_weight: float = 0.1  # lambda or gamma of the penalty; for clipping, the greatest weight
    penalty_every: int = 1  # discriminator steps from one penalty to the next, which then counts as many times
    objective: str = "non-saturating"  # a key of objectives.OBJECTIVES
    conditional: bool = False  # both networks are told the class
    dataset: str = "mnist"  # a key of data.SOURCES, or a folder of pictures
    batch_size: int = 128  # real pictures a discriminator step
    epochs: int = 50  # passes over the data set
    max_steps: int = 0  # stop after so many iterations even if epochs are left; 0 for no such limit
    lr_g: float = 1e-3  # Adam's learning rate at the start
    lr_d: float = 5e-4
    lr_end: float = 0.0  # share of both rates that is left at the end; a cosine takes them there
    beta1: float = 0.0  # Adam's memory of the gradient; with momentum the two networks swing past each other
    beta2: float = 0.99  # Adam's memory of its square
    d_steps: int = 1  # discriminator steps a generator step
    ema: float = 0.999  # decay of the generator's moving average, the one that is sampled and saved
    short_latents: float = 0.0  # share of the latents that are shortened in training, so that G stands truncation
    style_mixing: float = 0.0  # share of a style generator's pictures with a w of two latents, early and late layers
    seed: int = 0
    device: str = "cpu"
    graph: bool = False  # on an NVIDIA GPU, record an iteration as a CUDA graph and play it
    precision: str = "fp32"  # or bf16: bfloat16 autocast of both networks; losses and penalties stay float32

    @classmethod
    def of(cls, model: str, **chosen: Any) -> "Settings":
        """Build the settings of a recipe, the model's default one unless told otherwise; `chosen` fields override it.

        Raises UserError on the first value that makes no sense.
        """
        if not isinstance(model, str) or model not in ARCHITECTURES:
            raise UserError(f"unknown model {model!r}: choose from {', '.join(ARCHITECTURES)}")
        recipe, values = choose_recipe(model, chosen.pop("recipe", None))
        defaults = ARCHITECTURES[model].defaults
        networks = {name: defaults[name] for name in ("latent_dim", "generator_norm", "discriminator_norm")}
        own = values.get("penalty", "none")
        penalty = chosen.get("penalty", own)
        if isinstance(penalty, str) and penalty in PENALTIES and penalty != own:
            # Another penalty than the recipe's: the recipe's strength would mean something else.
            values |= {"penalty_weight": PENALTIES[penalty].weight, "penalty_every": 1}
        settings = cls(**{"model": model, "recipe": recipe, **networks, **values, **chosen})
        settings.check()
        return settings

    def check(self) -> None:
        """Raise UserError on the first value that makes no sense."""
        self._check_types()
        for name, choices in (("penalty", PENALTIES), ("recipe", RECIPES), ("precision", PRECISIONS)):
            if getattr(self, name) not in choices:
                raise UserError(f"unknown {name} {getattr(self, name)!r}: choose from {', '.join(choices)}")
        if self.device.partition(":")[0] not in DEVICES:
            raise UserError(f"unknown device {self.device!r}: choose from {', '.join(DEVICES)}")
        for name in ("batch_size", "latent_dim", "epochs", "d_steps", "penalty_every", "lr_g", "lr_d"):
            if not getattr(self, name) > 0:
                raise UserError(f"{_flag(name)} must be more than 0, not {getattr(self, name)}")
        for name in ("beta1", "beta2", "ema"):
            if not 0 <= getattr(self, name) < 1:
                raise UserError(f"{_flag(name)} must be at least 0 and less than 1, not {getattr(self, name)}")
        for name in ("short_latents", "lr_end"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{_flag(name)} is a share, from 0 to 1, not {getattr(self, name)}")
        if not 0 <= self.style_mixing <= 1 or (self.style_mixing and self.model != "style"):
            raise UserError(f"--style-mixing is a share, from 0 to 1, of a style model's, not {self.style_mixing}")
        for name in ("max_steps", "penalty_weight", "seed"):
            if not getattr(self, name) >= 0:
                raise UserError(f"{_flag(name)} must not be negative, not {getattr(self, name)}")
        if PENALTIES[self.penalty].clips and not self.penalty_weight > 0:
            raise UserError("--penalty-weight is the greatest weight that --penalty clip leaves: more than 0")
        if self.discriminator_norm == "batch" and PENALTIES[self.penalty].loss is not None:
            raise UserError(
                f"--penalty {self.penalty} looks at each picture on its own, and batch norm in D mixes them:"
                " use --discriminator-norm none or spectral"
            )
        if self.batch_size % distributed.count():
            raise UserError(f"--batch-size {self.batch_size} cannot be shared by {distributed.count()} processes")
        if self.batch_size == 1:
            raise UserError("--batch-size must be at least 2: batch normalisation needs several pictures")
        self.config()  # checks model, objective and sizes

    def _check_types(self) -> None:
        for field in dataclasses.fields(self):
            value, wanted = getattr(self, field.name), field.type
            allowed = (int, float) if wanted is float else (wanted,)
            if type(value) not in allowed or (wanted is float and abs(value) > sys.float_info.max):  # True is no number
                raise UserError(f"{_flag(field.name)} must be {KINDS[wanted]}, not {value!r}")

    def config(
        self, shape: Shape = IMAGE_SHAPE, classes: int = CLASSES, names: tuple[str, ...] = (), **results: Any
    ) -> Config:
        """The config of the networks that these settings train for pictures of `shape`; `results` of the training.

        `classes`, and their `names`, are those of the pictures, of which a conditional model is told.
        """
        training = {**dataclasses.asdict(self), **results}
        return Config(
            model=self.model,
            objective=self.objective,
            latent_dim=self.latent_dim,
            generator_norm=self.generator_norm,
            discriminator_norm=self.discriminator_norm,
            subpixels=self.subpixels,
            classes=classes if self.conditional else 0,
            class_names=names if self.conditional else (),
            shape=shape,
            training=training,
        )


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def switch(name: str) -> str | None:
    """Return the flag of a setting that is on or off, which says that it is not as usual; None of any other setting."""
    usual = {field.name: field.default for field in dataclasses.fields(Settings)}[name]
    if type(usual) is not bool:
        return None
    return _flag(f"no_{name}" if usual else name)


def choose_recipe(model: str, recipe: str | None) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings of a recipe, or of the model's default one; raises UserError."""
    name = recipe or ARCHITECTURES[model].recipe
    if not isinstance(name, str) or name not in RECIPES:
        raise UserError(f"unknown recipe {name!r}: choose from {', '.join(RECIPES)}")
    return name, RECIPES[name].of(model)


SHOWN = ("batch_size", "lr_g", "lr_d", "beta1", "beta2", "d_steps", "discriminator_norm", *PENALTY_SETTINGS)


def describe_recipes() -> str:
    """Write the table that `gan-demo recipes` and --list-recipes print."""
    blocks = []
    for name, recipe in RECIPES.items():
        lines = [f"{name}: {recipe.paper}"]
        for model, architecture in ARCHITECTURES.items():
            settings = vars(Settings.of(model, recipe=name))
            if len(lines) == 1:
                lines.append(f"    {OBJECTIVES[settings['objective']].formula}")
                penalty = PENALTIES[settings["penalty"]]
                lines += [f"    penalty: {penalty.formula}"] if penalty.formula else []
            shown = [key for key in SHOWN if key not in PENALTY_SETTINGS or settings["penalty"] != "none"]
            flags = " ".join(f"--{key.replace('_', '-')} {settings[key]}" for key in shown)
            lines.append(f"    {model}{' (its default)' if architecture.recipe == name else ''}: {flags}")
        blocks.append("\n".join([*lines, f"    changed: {recipe.changed}"]))
    return "\n\n".join(blocks)
