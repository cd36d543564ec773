"""The form of a training as a browser sends it, made into settings: nothing goes into a training unchecked."""

import dataclasses
import re
import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_demo import data
from gan_demo.errors import UserError
from gan_demo.evaluation import card
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.settings import Settings
from gan_demo.shell import quoted
from gan_demo.training import live, taken_over
from gan_demo.ui.shared import checks
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.trainer import machine
from gan_demo.ui.words import say

# What the form has of Settings; the others are the machine's business.
FIELDS = tuple(
    field.name for field in dataclasses.fields(Settings) if field.name not in ("device", "graph", "precision")
)
KINDS: dict[str, Any] = {field.name: field.type for field in dataclasses.fields(Settings)}
# Training pictures of the data sets that have a name.
COUNTS = {
    **{"mnist": 60_000, "fashion-mnist": 60_000, "kmnist": 60_000, "qmnist": 60_000},
    **{"emnist-digits": 240_000, "usps": 7_291, "digits": 1_500},
}
PICTURES = ".pictures"  # what was uploaded, beside the checkpoints
MAX_STEPS_OF_D = 20  # a generator step
NAME = re.compile(r"\w[\w.-]{0,59}")


@dataclass(frozen=True)
class Form:
    """Reads forms, by the rules of this machine."""

    rules: machine.Rules
    runs: Path  # where checkpoints go
    catalogue: Catalogue

    def settings(self, sent: Any) -> tuple[Settings, str | None]:
        """The settings that a form asks for, and the model, a name of the catalogue, that they begin with."""
        if self.rules.kind == machine.OFF:
            raise UserError(say("train off"))
        chosen = {name: _typed(name, sent[name]) for name in FIELDS if checks.field(sent, name) not in (None, "")}
        chosen["dataset"] = self.dataset(chosen.get("dataset", "digits"))
        first = checks.field(sent, "first") or None
        if first is not None:
            taken = taken_over.networks_of(self.catalogue.load(first).folder, chosen.get("recipe"))
            chosen = {**chosen, **taken}
        return Settings.of(chosen.pop("model", "mlp"), **chosen), first

    def check(self, settings: Settings) -> None:
        """Raise UserError where a training would be more than this machine is lent for."""
        rules, pictures = self.rules, self.count(settings.dataset) or 0
        seen = settings.epochs * pictures
        if settings.max_steps:
            seen = min(seen, settings.max_steps * settings.batch_size * settings.d_steps)
        if rules.pictures and seen > rules.pictures:
            raise UserError(say("train too long", most=int(rules.pictures // pictures)))
        for name, most in (("batch_size", rules.batch), ("latent_dim", rules.latent), ("d_steps", rules.d_steps)):
            if most and getattr(settings, name) > most:
                raise UserError(say("train too large", name=name.replace("_", " "), most=most))

    def dataset(self, asked: Any) -> str:
        """A data set that may be trained on: a name, or the path of one's own pictures."""
        allowed = self.rules.datasets or tuple(data.SOURCES)
        if isinstance(asked, str) and asked in allowed:
            return asked
        if not self.rules.own_pictures or not isinstance(asked, str):
            raise UserError(
                say("not choice", name=say("train dataset"), choices=", ".join(allowed), value=repr(asked)[:40])
            )
        if match := re.fullmatch(r"zip:([0-9a-f]{16})", asked):
            found = [path for path in (self.runs / PICTURES / match[1]).glob("*") if path.is_dir()]
            if not found:
                raise UserError(say("train pictures gone"))
            return str(found[0])
        try:
            place = Path(asked).expanduser().resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            raise UserError(say("train no folder", name=asked[:80])) from None
        here = Path.cwd()
        homes = (here, Path.home(), data.default_data_dir(), self.runs / PICTURES)
        if not any(place.is_relative_to(home.resolve()) for home in homes):
            raise UserError(say("train elsewhere", name=asked[:80]))
        return str(place.relative_to(here) if place.is_relative_to(here) and place != here else place)

    def count(self, dataset: str) -> int | None:
        """How many training pictures there are; None where they would have to be fetched first."""
        if dataset in COUNTS:
            return COUNTS[dataset]
        return None if dataset in data.SOURCES else len(data.load(dataset).images)

    def arguments(self, settings: Settings, first: str | None, best: bool) -> list[str]:
        """The flags of train.py, but for the folder of the checkpoint."""
        words = shlex.split(card.command(settings.config()))[2:]
        if first is not None:  # which has a recipe of its own, from which --recipe would be left out
            recipe = [] if "--recipe" in words else ["--recipe", settings.recipe]
            words += [*recipe, "--init-from", str(self.catalogue.load(first).folder)]
        return [*words, *([] if best else ["--no-best-response"])]

    def command(self, settings: Settings, first: str | None, best: bool) -> str:
        """The line that a person types for the same training."""
        words = self.arguments(settings, first, best)
        if first is not None:
            folder = self.catalogue.load(first).folder
            here = folder.is_relative_to(Path.cwd())
            words[words.index("--init-from") + 1] = str(folder.relative_to(Path.cwd()) if here else first)
        return " ".join(map(quoted, ["python", "train.py", *words]))

    def name(self, asked: Any, settings: Settings, taken: set[str]) -> str:
        """The name of a checkpoint's folder that is free; `taken` are not."""
        if asked:
            if not isinstance(asked, str) or not NAME.fullmatch(asked):
                raise UserError(say("train name wrong"))
            parts = [asked]
        else:
            parts = [settings.model, settings.recipe, *(["conditional"] if settings.conditional else [])]
            if settings.objective != Settings.of(settings.model, recipe=settings.recipe).objective:
                parts.append(settings.objective)
            parts.append(re.sub(r"[^\w.-]", "-", Path(settings.dataset).name))
        name = "-".join(parts)[:60]
        if self.rules.kind == machine.BOUNDED:  # who knows the name may look at the model
            return f"{name[:30]}-{secrets.token_hex(12)}"
        names = (name if number == 1 else f"{name}-{number}" for number in range(1, 10_000))
        return next(name for name in names if name not in taken and not (self.runs / name).exists())


def knobs(sent: Any) -> dict[str, Any]:
    """What a browser sent of a running training's knobs; raises UserError where one makes no sense."""
    found: dict[str, Any] = {}
    for name in ("lr_g", "lr_d", "penalty_weight"):
        if checks.field(sent, name) not in (None, ""):
            found[name] = checks.number(_typed(name, sent[name]), name.replace("_", " "), 0, 1000)
    if checks.field(sent, "d_steps") not in (None, ""):
        found["d_steps"] = checks.whole(_typed("d_steps", sent["d_steps"]), "d steps", 1, MAX_STEPS_OF_D)
    for name, choices in (("objective", OBJECTIVES), ("penalty", PENALTIES)):
        if checks.field(sent, name):
            found[name] = checks.choice(sent[name], say(f"train {name}"), choices)
    if checks.field(sent, "freeze") is not None:
        found["freeze"] = checks.choice(sent["freeze"], say("train freeze"), live.FREEZE)
    return found


def _typed(name: str, value: Any) -> Any:
    """A value of the form as the type that the setting has; raises UserError."""
    wanted = KINDS[name]
    if wanted is bool:
        return value is True or value == "true"
    if type(value) not in (str, int, float) or len(str(value)) > 500:
        raise UserError(say("not a number", value=repr(value)[:40]))
    if wanted is str:
        return str(value)
    try:
        return wanted(str(value).strip()[:40])
    except (ValueError, OverflowError):
        raise UserError(say("not a number", value=repr(value)[:40])) from None
