"""You or D: two digits, one of them real. Which? Ten times; then your score beside D's on the same pairs.

A game is a model and a seed (rules.py), and both are in the address: a link is a challenge. tab.js plays it, and asks
the server for three things: the pictures (`deal`), which of a pair was real (`reveal`), and the scores (`score`).
"""

import html
import os
import threading
from collections.abc import Sequence
from typing import Any

import gradio as gr

from gan_demo.belief import percent
from gan_demo.ui.shared import checks, link, markup, widgets
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.game import rules, tells
from gan_demo.ui.tabs.game.rules import LEFT, RIGHT, ROUNDS, Pair
from gan_demo.ui.words import say

# Server functions have no queue: so many at once, and who gets no turn in time asks again.
_AT_ONCE = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))
PATIENCE = 1.0  # seconds


def result(model: Model, pairs: Sequence[Pair], answers: Sequence[str]) -> dict[str, Any]:
    """Your score beside that of each D, what each said of which pair, and what may have given the pairs away."""
    yours = [answer == pair.side for answer, pair in zip(answers, pairs, strict=True)]
    opinions = rules.opinions(model, pairs)
    rows = [("game you", yours), *((name, [lead > 0 for lead in leads]) for name, leads in opinions.items())]
    score, of_d = (sum(right) for _, right in rows[:2])
    verdict = say("game level" if score == of_d else "game ahead" if score > of_d else "game behind")
    chance = say("game chance", score=score, share=percent(rules.by_guessing(score)))
    return {
        "score": score,
        "heading": say("game over", score=score, count=ROUNDS),
        "html": f'<p class="verdict">{verdict}</p>{_board(rows)}<p class="chance">{chance}</p>'
        f"{_table(model, pairs, rows)}{_gave_away(pairs, *list(opinions.items())[-1])}",
    }


def _board(rows: Sequence[tuple[str, list[bool]]]) -> str:
    """A bar for each player."""
    bars = "".join(
        f'<div><dt>{say(key)}</dt><dd><i style="--share:{sum(right) / ROUNDS}"></i>'
        f"<b>{say('game score', score=sum(right), count=ROUNDS)}</b></dd></div>"
        for key, right in rows
    )
    return f'<dl class="board-of-scores">{bars}</dl>'


def _table(model: Model, pairs: Sequence[Pair], rows: Sequence[tuple[str, list[bool]]]) -> str:
    """Each pair a column: the real digit, the generated one, and who was right."""
    name = html.escape(model.name)
    numbers = "".join(f'<th scope="col">{number}</th>' for number in range(1, ROUNDS + 1))
    real = "".join(
        f'<td title="{say("game real", place=pair.place)}">'
        f"{markup.picture(pair.real, say('game real', place=pair.place))}</td>"
        for pair in pairs
    )
    drawn = "".join(
        f'<td title="{html.escape(str(pair.address))}">{markup.picture(pair.generated, str(pair.address))}</td>'
        for pair in pairs
    )
    body = f'<tr class="of-real"><th scope="row">{say("game row real")}</th>{real}</tr>'
    body += f'<tr class="of-generated"><th scope="row">{name}</th>{drawn}</tr>'
    for key, right in rows:
        marks = "".join(f'<td class="{"hit" if one else "miss"}">{_mark(one)}</td>' for one in right)
        body += f'<tr><th scope="row">{say(key)}</th>{marks}</tr>'
    return f"<table><thead><tr><td></td>{numbers}</tr></thead><tbody>{body}</tbody></table>"


def _mark(right: bool) -> str:
    said = say("game hit" if right else "game miss")
    return f'<span role="img" aria-label="{said}">{"✓" if right else "✗"}</span>'


def _gave_away(pairs: Sequence[Pair], judge: str, leads: Sequence[float]) -> str:
    """What is odd about which generated digits; and where a D, by how much each real one leads, was surest."""
    found = [tells.of(pair.generated) for pair in pairs]
    lines = [
        say(f"tell {name}", usual=round(limit), pairs=_listed([name in names for names in found]))
        for name, limit in tells.usual().items()
        if any(name in names for names in found)
    ]
    nothing = [not names for names in found]
    if any(nothing):
        lines.append(say("tell nothing", pairs=_listed(nothing)))
    surest = max(range(len(leads)), key=leads.__getitem__)
    if leads[surest] > 0:
        lines.append(say("tell surest", judge=say(judge), pairs=_named(surest)))
    if min(leads) < 0:
        lines.append(say("tell fooled", judge=say(judge), pairs=_named(leads.index(min(leads)))))
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f'<section class="tells"><h3>{say("tells")}</h3><ul>{items}</ul></section>'


def _listed(which: Sequence[bool]) -> str:
    """Which pairs, in words."""
    return _named(*(index for index, one in enumerate(which) if one))


def _named(*places: int) -> str:
    """Pairs by their places, from 0, in words, such as "pairs 3, 10"."""
    numbers = say("list comma").join(str(place + 1) for place in places)
    return say("more pairs" if len(places) > 1 else "one pair", pairs=numbers)


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    catalogue = page.catalogue
    page.settings.of_page("pairs", link.whole(checks.typed_seed))
    page.settings.of_page("beat", link.whole(lambda value: checks.whole(value, "beat", 0, ROUNDS)))

    def game(sent: Any) -> tuple[Model, tuple[Pair, ...], int]:
        seed = checks.typed_seed(checks.field(sent, "seed"), say("game"))
        return *rules.pairs(catalogue, checks.field(sent, "model"), seed), seed

    @checks.answers(_AT_ONCE, PATIENCE)
    def deal(sent: Any) -> Any:
        model, pairs, seed = game(sent)
        beat = checks.field(sent, "beat")
        told = "" if beat is None else say("game beat", score=checks.whole(beat, say("game"), 0, ROUNDS), count=ROUNDS)
        sides = (say(f"game {side}") for side in (LEFT, RIGHT))
        return {
            "model": model.name,
            "seed": seed,
            "told": told,
            "pairs": [[markup.picture(one, "") for one in pair.shown()] for pair in pairs],
            "sides": list(sides),
        }

    @checks.answers(_AT_ONCE, PATIENCE)
    def reveal(sent: Any) -> Any:
        model, pairs, _ = game(sent)
        pair = pairs[checks.whole(checks.field(sent, "round"), say("game"), 0, ROUNDS - 1)]
        right = checks.choice(checks.field(sent, "side"), say("game"), (LEFT, RIGHT)) == pair.side
        told = say(f"game {'yes' if right else 'no'} {pair.side}")
        drawn = say("game drawn", model=model.name)
        return {"real": pair.side, "right": right, "told": told, "real_word": say("game row real"), "drawn": drawn}

    @checks.answers(_AT_ONCE, PATIENCE)
    def score(sent: Any) -> Any:
        model, pairs, _ = game(sent)
        return result(model, pairs, rules.answers(checks.field(sent, "answers")))

    gr.HTML(f'<p class="lede of-digits">{say("game lede")}</p>')
    stage = gr.HTML(
        html_template=_stage(),
        js_on_load=script,
        server_functions=[deal, reveal, score],
        elem_id="game-stage",
        apply_default_css=False,
        context=None,
    )

    @checks.toasts
    def show(name: Any) -> Any:
        model = catalogue.load(name)
        measured, rest = catalogue.easiest_first(rules.DATASET)
        return gr.HTML(context={"model": model.name, "opponents": measured, "unranked": [say("game unranked"), rest]})

    return widgets.Redraw(show, [page.model], [stage])


def _stage() -> str:
    """The places that tab.js fills."""
    sides = "".join(
        f'<button type="button" class="side" data-side="{side}" aria-label="{say(f"game {side}")}">'
        f'<span class="shown"></span><small><kbd>{key}</kbd><em></em></small></button>'
        for side, key in ((LEFT, "←"), (RIGHT, "→"))
    )
    dots = "<i></i>" * ROUNDS
    return (
        f'<div class="play" tabindex="-1"><div class="line"><h2>{say("game ask")}</h2>'
        f'<span class="dots" role="img" aria-label="">{dots}</span>'
        f'<label class="against">{say("game against")} <select></select></label></div>'
        f'<div class="beat" hidden></div><div class="pair">{sides}</div>'
        f'<div class="foot"><p class="told" role="status"></p>'
        f'<button type="button" class="go" data-next hidden>{say("game next")} <kbd>⏎</kbd></button></div>'
        f'<p class="keys">{say("game keys")}</p><p class="problem" role="status"></p></div>'
        f'<div class="end" hidden><h2></h2><div class="result"></div><p class="uses">'
        f'<button type="button" class="go" data-again>{say("game again")} <kbd>⏎</kbd></button>'
        f'<button type="button" class="copy" data-copy-link>{say("game challenge")}</button></p></div>'
    )
