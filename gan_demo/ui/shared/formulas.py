"""What D and G were trained for, typeset: the objective, and the penalty or the norm that keeps D's slope in bounds."""

import html
import re

from gan_demo.config import Config
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.ui import words
from gan_demo.ui.words import say

SPECTRAL = ("W ← W / σ(W)", "Miyato et al. 2018, equation 8")  # a norm of D's layers, which needs no term
STRENGTHS = ("λ", "γ", "c")  # what `penalty_weight` is called in formulas
# Plain text -> HTML, one after the other. Letters that stand alone are variables; D's, with an apostrophe, is a word.
SIGNS = (
    (r" - ", " − "),
    (r"\[-c", "[−c"),
    (r"   (?=G:)", "<br>"),
    (r"  +", " \u2003"),
    (r"\bE\[", "<b>E</b>["),
    (r"²", "<sup>2</sup>"),
    (r"γ/2", "<span class=half><span>γ</span><span>2</span></span>"),
    (r"(?<![A-Za-z&<])(x̂|[DGWVcxz])(?![A-Za-z=]|&#x27;|'|̂)", r"<var>\1</var>"),
    (r"[λγσ]", r"<var>\g<0></var>"),
)


def typeset(formula: str) -> str:
    """A formula of our tables, such as "λ E[(‖∇D(x + noise)‖ - 1)²]", as HTML in the language being spoken."""
    shown = html.escape(words.phrased(formula), quote=False)
    for pattern, sign in SIGNS:
        shown = re.sub(pattern, sign, shown)
    return f'<span class="formula">{shown}</span>'


def trained_for(config: Config) -> str:
    """The objective of a model, and what keeps its D's slope in bounds if anything does, as HTML."""
    objective = OBJECTIVES[config.objective]
    shown = f"{_cited(f'<b>{config.objective}</b>', objective.source)}<p>{typeset(objective.formula)}</p>"
    name = str(config.training.get("penalty", "none"))
    if name in PENALTIES and name != "none":
        row = PENALTIES[name]
        shown += _row(
            "kept in bounds" if row.clips else "penalty added", name, row.formula, row.source, _strength(config)
        )
    if config.discriminator_norm == "spectral":
        shown += _row("kept in bounds", "spectral", *SPECTRAL)
    return shown


def _cited(what: str, source: str) -> str:
    return f"<p>{say('cited', what=what, source=words.phrased(source))}</p>"


def _row(label: str, name: str, formula: str, source: str, strength: str = "") -> str:
    return f'{_cited(say(label), source)}<p>{typeset(formula)}{strength}</p><p class="plain">{words.penalty(name)}</p>'


def _strength(config: Config) -> str:
    """How strong the penalty is, and on which steps: "λ = 10"."""
    formula = PENALTIES[str(config.training["penalty"])].formula
    weight, every = config.training.get("penalty_weight"), config.training.get("penalty_every", 1)
    if type(weight) not in (int, float):
        return ""
    symbol = next(symbol for symbol in STRENGTHS if symbol in formula)
    steps = say("every steps", every=every) if type(every) is int and every > 1 else ""
    return f'<span class="strength"><var>{symbol}</var> = {weight:g}{steps}</span>'
