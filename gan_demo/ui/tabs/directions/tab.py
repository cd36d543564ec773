"""Directions: a board of sliders that move a latent, with the digit and D's belief live.

The server draws; tab.js keeps the state of the board, puts it into links, and asks for one picture at a time.
"""

import base64
import html
import json
import threading
from typing import Any

import gradio as gr
import numpy as np
import torch

from gan_demo.belief import Belief, percent
from gan_demo.errors import UserError
from gan_demo.latent import ink
from gan_demo.latent.directions import STEP, Direction, Directions, Effect
from gan_demo.shell import command
from gan_demo.ui import words
from gan_demo.ui.shared import checks, markup, tint, widgets
from gan_demo.ui.shared.address import MAX_FOUND_LENGTH, Address
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.edit import OWN, SPACES, Edit
from gan_demo.ui.shared.model import Model
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.directions import compared, texts, units
from gan_demo.ui.tabs.directions.texts import amount, details, label, measure_name, note, of, or_none
from gan_demo.ui.words import say

SEED = 42
REACH = 5  # a slider goes so far either way; a number that is typed may be larger
SWEEP = range(-REACH, REACH + 1)
MAX_FACES = 30  # small pictures of addresses in one answer
# The browser asks past gradio's queue: few at once.
_AT_ONCE = threading.BoundedSemaphore(4)


# The board -----------------------------------------------------------------------------------------------------


def view(model: Model) -> str:
    """The board as HTML, without any picture: tab.js asks for those."""
    problem, found = "", None
    try:
        found = of(model)
    except UserError as error:
        problem = f'<p class="no-reference">{html.escape(words.tell(error))}</p>'
    in_each = {space: found and texts.within(model, space) for space in SPACES if space in model.spaces}
    rows = {kind: _of_kind([some for some in in_each.values() if some], kind) for kind in _KINDS}
    board = {
        "model": model.name,
        "start": str(Address(model.name, SEED, digit=0 if model.conditional else None)),
        "size": model.gan.config.latent_dim,
        "spaces": list(in_each),
        "walk": [one.name for one in [*rows["measure"], *rows["digit"]]],
        "sweep": [*rows["measure"], *rows["sefa"]][0].name if found else "",
        "labels": {
            space: {one.name: label(one) for one in some.all} if some else {} for space, some in in_each.items()
        },
        "notes": {
            space: {
                one.name: [_described(one, one.effect), _described(one, one.still or one.effect)] for one in some.all
            }
            if some
            else {}
            for space, some in in_each.items()
        },
        "words": {
            "random walk": say("random walk"),
            "stop walk": say("stop walk"),
            "sweep": say("sweep", name="{name}"),
            "sweep of": say("sweep of", name="{name}"),
            "remove it": say("unpin", address="{address}"),
        },
    }
    content = _content(model, rows, found)
    return (
        f'{problem}<div class="edit-board" data-space="z" data-board="{html.escape(json.dumps(board))}">{content}</div>'
    )


# What went wrong is said beside what it went wrong with.
_TROUBLE = '<p class="wrong" role="alert" hidden></p>'
_KINDS = ("measure", "digit", "pca", "sefa")


def _of_kind(found: list[Directions], kind: str) -> list[Direction]:
    """The directions of a kind, each name once, whichever space it was found in."""
    return list({one.name: one for some in reversed(found) for one in some.all if one.kind == kind}.values())


def _described(direction: Direction, effect: Effect) -> list[str]:
    return [note(direction, effect), details(direction, effect)]


def _content(model: Model, rows: dict[str, list[Direction]], directions: Directions | None) -> str:
    still = any(one.still for one in [*rows["measure"], *rows["digit"]])
    keep = (
        f'<label class="keep"><input type="checkbox" data-still checked> {say("keep still")}</label>' if still else ""
    )
    shape = f"<h3>{say('shape')}</h3>" if rows["measure"] else ""
    columns = [f"<section>{shape}{_rows(rows['measure'])}{_row(OWN, say('own direction'))}</section>"]
    slots = f'<div class="slots">{_arithmetic(model)}{_own()}</div>'
    if rows["digit"]:
        columns = [
            f"<div>{columns[0]}{slots}</div>",
            f"<section><h3>{say('which digit')}</h3>{_rows(rows['digit'])}</section>",
        ]
    else:
        columns.append(slots)
    found = ""
    if rows["pca"]:
        found = (
            f'<details class="more"><summary>{say("without labels")}</summary><p class="note">'
            f'{say("without labels note")}</p><div class="groups"><section><h3>GANSpace</h3>{_rows(rows["pca"])}'
            f"</section><section><h3>SeFa</h3>{_rows(rows['sefa'])}</section></div></details>"
        )
    of_others = "" if model.draws_digits else " of others"
    how = say("how measured" + of_others, probes=directions.probes, step=f"{STEP:g}") if directions and found else ""
    if directions and directions.in_w:
        how_in_w = say("how measured in w" + of_others, probes=directions.probes, step=f"{STEP:g}")
    else:
        how_in_w = html.escape(say("no directions in w", command=command("directions", model.checkpoint)))
    return (
        f'<div class="now">{_now()}</div><div class="rest"><div class="desk">{_tools(model, keep)}'
        f'{_TROUBLE}<div class="groups">{"".join(columns)}</div>'
        f'<p class="note">{_either(model, how, how_in_w)}</p></div>'
        f'<section class="strip" hidden><h3></h3><div class="frames"></div></section>'
        f"{compared.view(directions, model.draws_digits)}{found}{_raw(model)}</div>"
    )


def _either(model: Model, in_z: str, in_w: str) -> str:
    """A text, and another one that is shown instead while the board moves in w."""
    return f'<span class="of-z">{in_z}</span><span class="of-w">{in_w}</span>' if "w" in model.spaces else in_z


def _now() -> str:
    """The digit as it is, and what is said of it."""
    return (
        '<figure><span class="toward-real"><canvas width="28" height="28" role="img"></canvas></span></figure>'
        '<div class="said"><p class="belief"><b></b> <span></span></p><p class="seen-as"></p>'
        f'<dl class="figures"></dl>{markup.address_to_come()}</div>'
    )


def _tools(model: Model, keep: str) -> str:
    digits = ""
    if "w" in model.spaces:
        spaces = "".join(f'<button data-space="{space}" aria-pressed="false">{space}</button>' for space in SPACES)
        digits = f'<div class="ask-for" role="group" aria-label="{say("move in")}">{say("move in")} {spaces}</div>'
    if model.conditional:
        buttons = "".join(
            f'<button data-digit="{number}" aria-pressed="false">{html.escape(name)}</button>'
            for number, name in enumerate(model.class_names)
        )
        asked = say("digit" if model.draws_digits else "ask for")
        digits += f'<div class="ask-for" role="group" aria-label="{asked}">{buttons}</div>'
    return (
        f'<div class="edit-tools"><label class="start">{say("start at")}'
        f'<input type="text" data-start spellcheck="false"'
        f' autocomplete="off" maxlength="{MAX_FOUND_LENGTH}"></label>'
        f'<button class="dice" data-act="dice" title="{say("dice")}"'
        f' aria-label="{say("dice")}"></button><button class="copy" data-act="walk">{say("random walk")}</button>'
        f'<button class="copy" data-act="reset">{say("reset")}</button>{keep}{digits}</div>'
    )


def _rows(directions: list[Direction]) -> str:
    return "".join(_row(one.name, label(one)) for one in directions)


def _row(name: str, label: str) -> str:
    text = html.escape(label)
    return (
        f'<div class="direction" data-name="{name}"><label for="slide-{name}">{text}</label>'
        f'<input type="range" id="slide-{name}" min="{-REACH}" max="{REACH}" step="0.05" value="0">'
        f'<input type="number" step="0.1" value="0" aria-label="{text}">'
        f'<button class="sweep" title="{say("sweep", name=text)}" aria-label="{say("sweep", name=text)}"></button>'
        "<small></small></div>"
    )


def _slot(name: str, letter: str) -> str:
    return f'<div class="slot" data-slot="{name}"><button data-arm>{letter}</button><div class="faces"></div></div>'


def _arithmetic(model: Model) -> str:
    note = _either(model, say("arithmetic note"), say("arithmetic note w"))
    return (
        f'<section class="arithmetic"><h3>{say("arithmetic")}</h3><p class="note">{note}</p>'
        f'<div class="sum">{_slot("start", "A")}<i>−</i>{_slot("minus", "B")}<i>+</i>{_slot("plus", "C")}</div>'
        f'<input type="text" data-add spellcheck="false" autocomplete="off" maxlength="{MAX_FOUND_LENGTH}" '
        f'aria-label="{say("address")}" placeholder="{say("type address")}">{_TROUBLE}</section>'
    )


def _own() -> str:
    return (
        f'<section class="own"><h3>{say("own title")}</h3><p class="note">{say("own note")}</p>'
        f'<div class="sum">{_slot("these", say("these"))}<i>−</i>{_slot("those", say("those"))}</div>'
        f"{_TROUBLE}</section>"
    )


def _raw(model: Model) -> str:
    size = model.gan.config.latent_dim
    summary = _either(model, say("raw z", size=size), say("raw w", size=size))
    return (
        f'<details class="more raw"><summary>{summary}</summary>'
        f'<p class="note">{_either(model, say("raw note"), say("raw note w"))}</p>'
        f'<div class="coordinates"></div></details>'
    )


# What the server answers -----------------------------------------------------------------------------------------


def explore(catalogue: Catalogue, asked: Any) -> dict[str, Any]:
    """The picture of an edit and all that is said of it; raises UserError.

    `asked` holds the model, the edit (see `Edit.read`), perhaps the name of a direction to `sweep`, and
    addresses whose small `faces` are wanted.
    """
    asked = asked if isinstance(asked, dict) else {}
    model = catalogue.load(asked.get("model"))
    directions = or_none(model)
    edit = Edit.read(asked, model, catalogue.address)
    address, point = edit.end(model, directions)
    points, names = [point], []
    if sweep := asked.get("sweep"):
        vector = edit.vector(str(sweep), model, directions).to(point)
        at = dict(edit.amounts).get(str(sweep), 0.0)
        points += [point + (step - at) * vector for step in SWEEP]
    digits = (edit.digits or [0]) * len(points)
    faces = asked.get("faces") or []
    if not isinstance(faces, list) or len(faces) > MAX_FACES:
        raise UserError(say("too many", most=MAX_FACES))
    for text in faces:
        face = Address.parse(text, model.name)
        points.append(edit.place(face, model))
        digits.append(face.digit or 0)
        names.append(str(text))
    scored = model.draw(torch.stack(points), digits, edit.space)
    pictures = [_coded(pixels) for pixels in scored.pixels]
    frames = len(SWEEP) if sweep else 0
    beliefs, who = tint.coloured(model, scored), tint.voice(model).who
    return {
        **told(model, scored.pixels[0], beliefs[0], who),
        "picture": pictures[0],
        "address": str(address or ""),
        "point": [round(value, 4) for value in point.tolist()],
        "space": edit.space,
        "length": [round(_length(edit, model, point), 2), round(_usual(edit, model), 2)],
        "edit": {"start": str(edit.start), "minus": str(edit.minus or ""), "plus": str(edit.plus or "")},
        "frames": [
            {"amount": step, "picture": picture, **_believed(said, who)}
            for step, picture, said in zip(SWEEP, pictures[1:], beliefs[1:], strict=False)
        ][:frames],
        "faces": dict(zip(names, pictures[1 + frames :], strict=True)),
    }


def moved(model: Model, edit: Edit) -> dict[str, Any]:
    """The picture at the end of an edit, (28, 28) uint8, and all that is said of it."""
    address, point = edit.end(model, or_none(model))
    scored = model.draw(point[None], edit.digits, edit.space)
    pixels, raw = scored.pixels[0], scored.outputs[0]
    own = model.belief(raw)
    said = told(model, pixels, own, say("who trained"))
    return {
        "picture": pixels,
        "output": raw,
        "belief": said["number"],
        "verdict": own.verdict,
        "recognised": said["digit"],
        "share": said["share"],
        "measures": said["figures"],
        "length": _length(edit, model, point),
        "start": str(edit.start),
        "address": None if address is None else str(address),
        "link": edit.link(model),
    }


def _length(edit: Edit, model: Model, point: torch.Tensor) -> float:
    """How far a point of the edit's space is from the middle."""
    return torch.linalg.vector_norm(point - edit.middle(model)).item()


def _usual(edit: Edit, model: Model) -> float:
    return model.usual_distance if edit.space == "w" else model.gan.config.latent_dim**0.5


def told(model: Model, pixels: np.ndarray, said: Belief, who: str) -> dict[str, Any]:
    """What is `said` of a digit, (28, 28) uint8, and by whom, what the classifier recognises, and its measures."""
    one = torch.from_numpy(pixels.copy())[None, None]
    read = model.read(pixels[None])
    digit, share = (read[0].digit, round(read[0].share, 4)) if read else (None, None)
    figures = dict(zip(ink.MEASURES, ink.measure(one)[0].tolist(), strict=True))
    return {**_believed(said, who), "digit": digit, "share": share, "figures": figures}


def _believed(said: Belief, who: str) -> dict[str, Any]:
    verdict = say("who says", who=who, verdict=say(said.verdict))
    return {"lean": markup.strength(said), "number": markup.number(said), "verdict": verdict}


def _coded(pixels: np.ndarray) -> str:
    """(28, 28) uint8 as text: 784 bytes."""
    return base64.b64encode(pixels.tobytes()).decode("ascii")


def _shown(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with its numbers in words, as the page shows them."""
    figures, length = answer.pop("figures"), answer.pop("length")
    table = [[measure_name(name), amount(name, value).removeprefix("+")] for name, value in figures.items()]
    table.append(
        [
            say("length of w" if answer["space"] == "w" else "length of z"),
            say("length usual", length=length[0], usual=length[1]),
        ]
    )
    seen = ""
    if answer["digit"] is not None:
        seen = say("recognised", digit=answer["digit"], share=percent(answer["share"]))
    return {**answer, "table": table, "seen": seen}


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes.

    The board is in links too: tab.js sees to it. A click on a pinned digit reaches it in the browser.
    """
    catalogue, model = page.catalogue, page.model

    @checks.answers(_AT_ONCE)
    def move(asked: Any) -> dict[str, Any]:
        return _shown(explore(catalogue, asked))

    gr.HTML(f'<p class="lede">{markup.either("directions lede")}</p>')
    stage = gr.HTML(
        elem_id="board-stage",
        elem_classes="stage",
        js_on_load=script,
        server_functions=[move],
        apply_default_css=False,
    )
    fold = units.build(page)
    legend = gr.HTML(elem_id="board-legend", apply_default_css=False)

    @checks.toasts
    def draw(name: Any) -> tuple[str, str, str]:
        chosen = catalogue.load(name)
        return view(chosen), units.view(chosen), markup.below(chosen, tinted=True)

    return widgets.Redraw(draw, [model], [stage, fold, legend])
