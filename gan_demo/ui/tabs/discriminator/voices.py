"""The two voices of the tab: the best D against this generator, which leads, and D as it was when training ended.

What is said first follows from both. The best D has a probability. Of the trained one the rank counts: its numbers for
all pictures may lie within a few percent of each other, and "45 %, cannot tell" may be less than all real digits have.
"""

import html
import math
from typing import Any

import numpy as np
import torch

from gan_demo import belief
from gan_demo.belief import Belief, Reference
from gan_demo.belief.best_response import LOGIT, BestResponse
from gan_demo.belief.meaning import LEANING
from gan_demo.shell import command
from gan_demo.ui import words
from gan_demo.ui.shared import markup, spread
from gan_demo.ui.shared.model import Model
from gan_demo.ui.words import say, sentences

# Keys of texts for a lean to either side, and for the middle: of a probability, and of a rank beside it or alone.
BEST = ("best fake", "best unsure", "best real")
TRAINED = ("trained low", "trained middle", "trained high")
WEAK = 0.6  # share of pairs in the right order below which a rank says little
ALONE = ("alone low", "alone middle", "alone high")


def best_logit(best: BestResponse | None, pixels: np.ndarray) -> float | None:
    """The calibrated logit of the best D for one picture, (28, 28) uint8; None where there is no best D."""
    if best is None:
        return None
    return float(best.logits_of_pixels(torch.from_numpy(pixels.copy())[None, None])[0])


def best_belief(logit: float) -> Belief:
    """What a logit of a best D says."""
    return belief.belief(LOGIT, logit)


def headline(model: Model, raw: float, logit: float | None, far: bool) -> str:
    """The sentence a person reads first, as text: it contradicts neither voice."""
    if far:
        return say("far")
    ranked = model.reference is not None and not math.isnan(raw)
    lean = model.reference.lean(raw) if model.reference is not None and ranked else 0.0
    weak = model.reference is not None and model.reference.told_apart < WEAK
    if logit is None:
        return say("alone weak" if weak else "alone said", said=say(ALONE[_side(lean)])) if ranked else ""
    side = _side(best_belief(logit).lean)
    best = say(BEST[side])
    if not ranked:
        return say("voice single", best=best)
    key = "voices agree" if side == _side(lean) else "voices differ weak" if weak else "voices differ"
    return say(key, best=best, trained=say(TRAINED[_side(lean)]))


def _side(lean: float) -> int:
    """0 for a lean towards fake or the lowest, 1 for the middle, 2 for real or the highest."""
    return 1 + (lean >= LEANING) - (lean <= -LEANING)


def lead(model: Model, logit: float | None, far: bool) -> str:
    """What the best D says of a picture, as HTML; empty where there is no best D."""
    if model.best is None or logit is None:
        return ""
    said = best_belief(logit)
    number = f'<p class="figure"><span {_colour(said, far)}>{markup.number(said)}</span>'
    return f"{number} <span>{words.meaning(LOGIT, 'name')}</span></p>" + (
        "" if far else ranks(model.best.reference, logit, model)
    )


def ranks(reference: Reference, raw: float, model: Model) -> str:
    """Where an output lies among those of real test pictures and of generated ones, as HTML."""
    rows = ""
    for kind in ("real", "generated"):
        compared = words.comparison(belief.rank(raw, getattr(reference, kind)), say(f"{kind} group", noun=model.noun))
        rows += f'<li class="of-{kind}">{compared}</li>'
    return f'<ul class="ranks">{rows}</ul>'


def own(model: Model, raw: float, asked: int | None, found: bool, far: bool) -> str:
    """What D as it was when training ended says of a picture, as HTML."""
    objective, said = model.gan.config.objective, model.belief(raw)
    how = "judged as" if not found else "judged as read" if model.draws_digits else "fits best"
    as_digit = "" if asked is None else say(how, digit=html.escape(model.class_names[asked])) + " · "
    unit, output = words.meaning(objective, "unit"), belief.typeset(f"{raw:+.2f}")
    verdict = said.verdict
    if model.reference is not None and not math.isnan(raw):
        verdict = belief.verdict(model.reference.lean(raw), belief.RANKS)
    spoken = "" if far else f"{say('who says', who='D', verdict=f'<b>{say(verdict)}</b>')} · "
    shown = (
        f'<p class="number"><span {_colour(said, far)}>{markup.number(said)}</span>'
        f" <span>{words.meaning(objective, 'name')}</span></p>"
        f'<p class="verdict">{spoken}{as_digit}{say("raw", unit=unit)} <b>{output}</b></p>'
    )
    if far:
        return shown
    if model.reference is None:
        why = say("no comparison", why=model.why_no_reference)
        return f'{shown}<p class="no-reference">{html.escape(why)}</p>'
    return shown + ranks(model.reference, raw, model)


def _colour(said: Belief, far: bool) -> str:
    """The class and style of a number: grey where it means nothing."""
    return 'class="toward-real unknown" style="--lean:0%"' if far else markup.leaning(said)


def odds(model: Model, raw: float, logit: float | None, near_both: bool) -> str:
    """How many times likelier under the data than under the generator, where a D's number says so.

    Nothing of pictures that are not near both: where D was never asked, its number is no ratio of densities.
    """
    if not near_both:
        return ""
    if logit is not None:
        return f'<p class="odds">{words.likelihood(math.exp(min(logit, 700.0)))}<small>{say("odds best")}</small></p>'
    ratio = belief.likelihood_ratio(model.gan.config.objective, raw)
    if ratio is None:
        return ""
    penalised = model.gan.config.training.get("penalty", "none") != "none"
    why = say("odds penalised" if penalised else "odds why")
    return f'<p class="odds">{words.likelihood(ratio)}<small>{why}</small></p>'


def own_reference(model: Model) -> str:
    """The chart of the trained D, in which each output is marked, and how much it knows: the same for all pictures."""
    if model.reference is None:
        return ""
    power = say("told apart", share=belief.percent(model.reference.told_apart))
    if model.why_unmeasured:
        power = sentences(power, html.escape(say("of the sheet", why=model.why_unmeasured.rstrip(".。"))))
    if model.best is None:
        power = sentences(power, html.escape(say("no best", command=command("best-response", model.checkpoint))))
    return f'{_chart(model.reference, model.gan.config.objective, model)}<p class="power">{power}</p>'


def best_reference(model: Model) -> str:
    """The same of the best D, and what it sees."""
    if model.best is None:
        return ""
    figures = model.best.figures
    shares = {name: belief.percent(figures[kind]["accuracy"]) for name, kind in (("page", "page"), ("most", "measure"))}
    told = [f'<p class="power">{say("best told apart", share=shares["page"], noun=model.noun)}</p>']
    try:
        sees = {key: belief.percent(figures[kind]["sees"][name]["accuracy"]) for key, (kind, name) in SEEN.items()}
    except (KeyError, TypeError):  # the file may be a stranger's
        sees = None
    if sees:
        text = say("best sees", most=shares["most"], **sees)
        both = f"<p>{text}</p>" + (f"<p>{say('best sees not')}</p>" if model.draws_digits else "")
        told.append(f"<details class=sees><summary>{say('best sees what')}</summary>{both}</details>")
    return _chart(model.best.reference, LOGIT, model) + "".join(told)


# Value of a text -> which of the two best D, and a change of pictures in `evaluation.what_it_sees`.
SEEN = {
    "coarse": ("measure", "16 grey levels"),
    "black": ("measure", "black and white"),
    "blurred": ("measure", "blurred"),
    "page_black": ("page", "black and white"),
    "page_blurred": ("page", "blurred"),
}


def _chart(reference: Reference, objective: str, model: Model) -> str:
    keys = (("real", say("chart of real", noun=model.noun)), ("generated", say("chart of generated")))
    around = "".join(f'<span class="key of-{kind}" data-read aria-live="polite">{text}</span>' for kind, text in keys)
    around += '<span class="mark" hidden></span>'
    told = spread.densities(reference, objective, model.noun)
    return f'<div class="chart">{spread.frame(told, say("chart"), around)}</div>'


def compared(model: Model) -> dict[str, Any]:
    """What the numbers of both are compared with, as HTML: the same for all pictures."""
    return {"html": own_reference(model), "best": best_reference(model)}


def key(model: Model) -> list[float | None]:
    """What changes when there is another reference: the model was evaluated anew, or has a best D now."""
    references = (model.reference, None if model.best is None else model.best.reference)
    return [None if one is None else one.told_apart for one in references]
