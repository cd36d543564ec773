"""Every text of the page in one place: a table a language, with the same keys.

    say("taken for real", real=3, count=8)

speaks the language that the page is being built in. The page is built once for each language (page.py):
what `say` is asked for while a tab is laid out, and later in handlers under `checks.toasts`, comes in
that page's language without anybody passing it along. A new text is a line in english.py and one in
chinese.py; a new language is a table, and a row of `LANGUAGES`.
"""

import contextlib
import functools
import math
import re
from collections.abc import Iterator
from contextvars import ContextVar
from typing import NamedTuple

from gan_demo import belief
from gan_demo.config import Config
from gan_demo.data import title
from gan_demo.objectives import OBJECTIVES
from gan_demo.ui.words import chinese, english

DEFAULT = "en"


class Language(NamedTuple):
    """One row of `LANGUAGES`."""

    name: str  # what its speakers call it
    tag: str  # of the HTML
    texts: dict[str, str]
    meanings: dict[str, dict[str, str]]  # `belief.MEANINGS` in this language; empty for the one it is written in
    errors: dict[str, str]  # messages from below the page, as patterns, in this language
    recipes: dict[str, str]  # a sentence for each row of `recipes.RECIPES`
    penalties: dict[str, str]  # and of `penalties.PENALTIES`; "spectral" is a norm, which does the same
    phrases: dict[str, str]  # parts of citations and formulas, as patterns, in this language


LANGUAGES = {
    "en": Language("English", "en", english.TEXTS, {}, {}, english.RECIPES, english.PENALTIES, {}),
    "zh": Language(
        "简体中文",
        "zh-Hans",
        chinese.TEXTS,
        chinese.MEANINGS,
        chinese.ERRORS,
        chinese.RECIPES,
        chinese.PENALTIES,
        chinese.PHRASES,
    ),
}
_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


def language() -> str:
    """The language being spoken, a key of `LANGUAGES`."""
    return _current.get()


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` inside the `with`, in this thread or task only."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def say(key: str, **values: object) -> str:
    """The text `key`, filled in."""
    return LANGUAGES[language()].texts[key].format(**values)


def sentences(*texts: str) -> str:
    """Sentences one after the other: Chinese has no space between them."""
    return functools.reduce(lambda one, other: say("two sentences", one=one, other=other), filter(None, texts))


def beginning(start: str) -> dict[str, str]:
    """The texts whose keys begin so, by the rest of the key; a script fills in what they leave open."""
    texts = LANGUAGES[language()].texts
    return {key.removeprefix(start): text for key, text in texts.items() if key.startswith(start)}


def meaning(objective: str, field: str) -> str:
    """A text of `belief.meaning(objective)`: its name, unit, explanation or caution."""
    translated = LANGUAGES[language()].meanings.get(OBJECTIVES[objective].output, {})
    return translated.get(field) or getattr(belief.meaning(objective), field)


def phrased(text: str) -> str:
    """A citation or a formula, such as "Mao et al. 2017, equation 9": only its few words change."""
    for pattern, instead in LANGUAGES[language()].phrases.items():
        text = re.sub(pattern, instead, text)
    return text


def recipe(name: object) -> str:
    """What a recipe is about, in a sentence; nothing of one that is not ours."""
    return LANGUAGES[language()].recipes.get(str(name), "")


def trained_by(config: Config) -> str:
    """The recipe that a model was trained by, or its objective, and whether somebody changed it on the way."""
    name = str(config.training.get("recipe") or config.objective)
    return say("recipe changed", recipe=name) if config.changed else name


def about(config: Config) -> str:
    """What the recipe is about that a model was trained by; nothing where somebody changed it on the way."""
    return "" if config.changed else recipe(config.training.get("recipe"))


def penalty(name: object) -> str:
    """What a penalty does to D, in a sentence; nothing of one that is not ours."""
    return LANGUAGES[language()].penalties.get(str(name), "")


def called(kind: str, key: str) -> str:
    """What a key of the settings is called: kind is "objective", "penalty", "recipe", "dataset" and so on."""
    return LANGUAGES[language()].texts.get(f"train {kind} {key}", key)


def data_set(name: str) -> str:
    """What a data set is called, by its name in the settings."""
    return called("dataset", title(name))


def network(architecture: str, form: str = "short") -> str:
    """What an architecture is called, "short" or "long"; its own name where nobody has written a text for it."""
    return LANGUAGES[language()].texts.get(f"{form} {architecture}", architecture)


def comparison(share: float, group: str) -> str:
    """A rank, 0 to 1 or NaN, in words, such as "More real than 62 % of real test digits"."""
    if math.isnan(share):
        return say("rank none", group=group)
    if share in (0, 1):
        return say("rank above all" if share else "rank below all", group=group)
    if round(share * 100) in (0, 100):
        return say("rank above most" if share > 0.5 else "rank below most", group=group)
    return say("rank more", share=belief.percent(share), group=group)


def likelihood(ratio: float) -> str:
    """How many times likelier a picture is under the data than under the generator, in words."""
    key, times = ("likelier data", ratio) if ratio >= 1 else ("likelier generator", 1 / ratio if ratio else math.inf)
    if times < 1.1:
        return say("likelier neither")
    if times > 1e6:
        return say(key, times=say("over a million"))
    # Two digits that count: D knows no more.
    digits = max(0, 1 - math.floor(math.log10(times)))
    return say(key, times=f"{float(f'{times:.2g}'):,.{digits}f}")


def tell(error: Exception | str) -> str:
    """What went wrong, in the language being spoken if the table `errors` knows the message."""
    for pattern, text in LANGUAGES[language()].errors.items():
        match = re.fullmatch(pattern, str(error), re.DOTALL)
        if match:
            return match.expand(text)
    return str(error)


def preferred(accept: str) -> str:
    """The language a browser asks for with its header Accept-Language, such as "zh-CN,zh;q=0.9,en;q=0.8"."""
    wanted = []
    for place, part in enumerate(accept.split(",")):
        tag, _, rest = part.partition(";")
        quality = re.search(r"q=([01](?:\.\d+)?)", rest)
        wanted.append((-float(quality[1]) if quality else -1.0, place, tag.strip().lower().partition("-")[0]))
    return next((tag for quality, _, tag in sorted(wanted) if tag in LANGUAGES and quality < 0), DEFAULT)
