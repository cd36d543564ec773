"""Interpolate: the digits on a way through several latents, what D says along it, and how long z is.

The server sends the film, some frames as pictures, at once. The slider and the curves below it want a frame for
every few pixels: tab.js asks for those when the film has come, and plays them without asking again.
"""

import html
import json
import threading
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from gan_demo.belief import meaning, percent, probability
from gan_demo.errors import UserError
from gan_demo.latent import paths
from gan_demo.latent.spaces import LatentSpace
from gan_demo.objectives import OBJECTIVES
from gan_demo.pictures import downloads, encoding
from gan_demo.ui.gradio_workarounds import payload
from gan_demo.ui.shared import checks, link, markup, spread, tint, widgets
from gan_demo.ui.shared.address import MAX_FOUND_LENGTH, Address
from gan_demo.ui.shared.tab import Page
from gan_demo.ui.tabs.interpolate import noises, styles
from gan_demo.ui.tabs.interpolate.walk import ASKED_FOR, MAX_POINTS, Walk, points_of, text_of
from gan_demo.ui.words import say

START, END, STEPS = 42, 22, 12
GIF_FRAMES, GIF_MILLISECONDS = 60, 50
LEAST_SPAN = 0.3  # of the axis of D's curve, where its output has a scale
BAND = 0.95  # the share of the prior whose norms are called usual
EDITOR = Path(__file__).with_name("way_points.js").read_text(encoding="utf-8")
# What a browser asks for past gradio's queue: few at once.
_AT_ONCE = threading.BoundedSemaphore(4)


def letters(count: int) -> list[str]:
    """What the way points are called: A, P, Q, …, B. (C would soon come to D, and G; a number looks like a digit.)"""
    return ["A", *"PQRSTUVWXYZ"[: count - 2], "B"]


def film(walk: Walk) -> str:
    """The frames as HTML."""
    scored, beliefs = walk.draw(walk.latents())
    who = tint.voice(walk.model).who
    stops = paths.stops(len(walk.points), walk.steps)
    marks = dict(zip(stops, letters(len(stops)), strict=True))
    figures = []
    for step, (pixels, said) in enumerate(zip(scored.pixels, beliefs, strict=True)):
        told = {"who": who, "number": markup.number(said), "verdict": say(said.verdict)}
        alt = say("frame", step=step + 1, steps=walk.steps, **told)
        figures.append(markup.digit(pixels, said, alt, marks.get(step, "")))
    return f'<div class="film" style="--steps:{walk.steps}">{"".join(figures)}</div>'


def editor(walk: Walk, refused: str = "") -> str:
    """The way points, each with its picture, its address and what can be done with it, as HTML.

    `refused` is a wish, "NUMBER WAY", whose way cannot be gone: way_points.js says so, and leaves it in the fields.
    """
    scored, beliefs = walk.draw(walk.latents()[paths.stops(len(walk.points), walk.steps)])
    last = len(walk.points) - 1
    items = []
    names = letters(last + 1)
    for index, (point, letter, pixels, said) in enumerate(zip(walk.points, names, scored.pixels, beliefs, strict=True)):
        tools = (
            ("dice", "dice", "", False),
            ("left", "earlier", "←", index == 0),
            ("right", "later", "→", index == last),
            ("remove", "leave out", "×", last == 1),
        )
        buttons = "".join(
            f'<button data-do="{do}" class="{do}" title="{say(key)}" aria-label="{letter}: {say(key)}"'
            f"{' disabled' if off else ''}>{sign}</button>"
            for do, key, sign, off in tools
        )
        short = text_of([point])
        items.append(
            f'<li data-point="{index}"><span {markup.leaning(said)}>{markup.picture(pixels, "")}</span>'
            f'<div><label><b>{letter}</b><input value="{html.escape(short)}" spellcheck="false" autocomplete="off"'
            f' title="{say("point info")}" aria-label="{say("point", letter=letter)}"></label>'
            f'<p class="point-tools">{buttons}</p></div></li>'
        )
    full = " disabled" if last + 1 == MAX_POINTS else ""
    return (
        f'<ol class="way" data-way="{html.escape(text_of(walk.points))}" data-refused="{html.escape(refused)}">'
        f"{''.join(items)}"
        f'<li class="add"><button data-do="add"{full}>{say("add point")}</button></li></ol>'
        + ("" if walk.other else f'<p class="way-note">{say("walk beyond z", space=say(f"in {walk.space}"))}</p>')
    )


def frames(walk: Walk) -> dict[str, Any]:
    """What the slider moves through: the pictures as one PNG, and for each what D says and how long z is."""
    z = walk.latents(walk.finer)
    scored, beliefs = walk.draw(z)
    who, objective, _ = tint.voice(walk.model)
    low, high = LatentSpace(walk.model.gan, walk.space).band(BAND)
    (speed, length), (other_speed, other_length) = walk.speeds(), walk.other.speeds() if walk.other else ([], "")
    raws = [said.raw for said in beliefs]
    values = [probability(raw) if OBJECTIVES[objective].output == "logit" else raw for raw in raws]
    return {
        "png": encoding.data_url(encoding.png_bytes(encoding.grid(scored.pixels, len(scored.pixels), gap=0))),
        "finer": walk.finer,
        "stops": paths.stops(len(walk.points), walk.steps),
        "lean": [markup.strength(said) for said in beliefs],
        "number": [markup.number(said) for said in beliefs],
        "verdict": [say("who says", who=who, verdict=say(said.verdict)) for said in beliefs],
        "along": say("belief along", who=who),
        "value": [float(f"{value:.6g}") if np.isfinite(value) else None for value in values],
        "scale": _scale(objective, [value for value in values if np.isfinite(value)]),
        "norm": walk.norms(z),
        "otherNorm": walk.other_norms,
        "speed": speed,
        "otherSpeed": other_speed,
        "lengths": [length, other_length],
        "band": [round(low, 4), round(high, 4)],
    }


def _scale(objective: str, values: list[float]) -> dict[str, Any]:
    """The axis of D's curve: as far as it goes and to where D cannot tell, and no ripple fills it."""
    output = OBJECTIVES[objective].output
    unsure = probability(spread.UNSURE[output]) if output == "logit" else spread.UNSURE.get(output)
    ends = [*values, *([] if unsure is None else [unsure])] or [0.0]
    middle, half = (min(ends) + max(ends)) / 2, (max(ends) - min(ends)) / 2 * 1.15
    half = max(half, 1e-6 if unsure is None else LEAST_SPAN / 2)
    low, high = middle - half, middle + half
    number = meaning(objective).number
    if output == "logit":
        low, high, number = max(low, 0.0), min(high, 1.0), percent
    return {"low": low, "high": high, "ticks": [(tick, number(tick)) for tick in spread.round_numbers(low, high, 4)]}


def download(walk: Walk, kind: Any) -> dict[str, str]:
    """The way as a file: "gif", "mp4", or "zip" with the frames of the film and a table."""
    name = f"{walk.model.name}-{walk.kind}-{text_of(walk.points).replace(',', '-').replace(':', '.')}"
    if kind == "zip":
        z = walk.latents()
        scored, _ = walk.draw(z)
        files = [f"frame-{step:02}.png" for step in range(walk.steps)]
        at = paths.positions(len(walk.points), walk.steps).tolist()
        marks = dict(zip(paths.stops(len(walk.points), walk.steps), walk.points, strict=True))
        places = ["" if step not in marks else _named(walk, marks[step]) for step in range(walk.steps)]
        rows = zip(
            files,
            [f"{u:.4f}" for u in at],
            places,
            [f"{norm:.4f}" for norm in walk.norms(z)],
            [f"{output:.6g}" for output in scored.outputs],
            strict=True,
        )
        columns = ("file", "position", "address", "norm", "score")
        content = downloads.archive(scored.pixels, files, columns, rows, walk.model.kind)
    elif kind == "gif":
        finer = max(1, round(GIF_FRAMES / (walk.steps - 1)))
        content = downloads.gif(downloads.there_and_back(walk.draw(walk.latents(finer))[0].pixels), GIF_MILLISECONDS)
    elif kind == "mp4":
        content = downloads.mp4(downloads.there_and_back(walk.draw(walk.latents(walk.finer))[0].pixels))
    else:
        raise UserError(say("not choice", name=say("download"), choices="gif, mp4, zip", value=repr(kind)[:40]))
    return widgets.to_save(content, downloads.file_name(name[:80], kind))


def _named(walk: Walk, point: Address) -> str:
    digit = walk.digit if walk.model.conditional else None
    return f"{walk.model.name}:{text_of([point])}{'' if digit is None else f':d{digit}'}"


def _player() -> str:
    """The frame of the slider: never drawn anew by gradio, so that nothing flickers."""
    kinds = [("gif", "GIF"), *([("mp4", "MP4")] if downloads.has_encoder() else []), ("zip", say("frames zip"))]
    saves = "".join(f'<button class="copy" data-save="{kind}">{label}</button>' for kind, label in kinds)
    return (
        '<div class="walker"><span class="now"><canvas width="28" height="28" role="img"></canvas></span>'
        '<div class="reading"><p class="number"><span></span> <span class="verdict"></span></p>'
        f'<p class="where">{say("frames to come")}</p><div class="player">'
        f'<button data-play aria-label="{say("play")}" title="{say("play")}"></button>'
        f"<span>{say('walk hint')}</span></div>"
        f'<p class="saves"><span>{say("download")}</span>{saves}<span role="status"></span></p></div></div>'
    )


def _curves() -> str:
    return (
        f'<div class="along"><input type="range" min="0" max="0" step="1" value="0" aria-label="{say("place on way")}">'
        f'<figure class="trace"><figcaption><b class="along-whose"></b> <span class="value"></span></figcaption>'
        '<div class="lane belief" aria-hidden="true"></div></figure>'
        '<figure class="trace"><figcaption><b class="what"></b> <span class="value"></span>'
        f'<span class="key band">{say("norm band", share=round(BAND * 100))}</span>'
        f'<span class="key other"></span></figcaption>'
        '<div class="lane norm" aria-hidden="true"></div></figure>'
        f'<figure class="trace"><figcaption><b title="{say("speed info")}">{say("speed")}</b>'
        ' <span class="value"></span><span class="key same"></span><span class="key other"></span></figcaption>'
        '<div class="lane speed" aria-hidden="true"></div></figure></div>'
    )


def build(page: Page, script: str) -> widgets.Redraw:
    """Lay out the tab; returns what brings it up to date when the page opens or the model changes."""
    catalogue, model, settings, *_ = page

    def asked(request: Any) -> Walk:
        keys = ("model", "way", "kind", "steps", "digit", "space")
        return Walk.asked(catalogue, *(checks.field(request, key) for key in keys))

    @checks.answers(_AT_ONCE)
    def walk_frames(request: Any) -> dict[str, Any]:
        return frames(asked(request))

    @checks.answers(_AT_ONCE)
    def walk_file(request: Any) -> dict[str, Any]:
        return download(asked(request), checks.field(request, "file"))

    gr.HTML(f'<p class="lede">{markup.either("interpolate lede")}</p>')
    with gr.Row(elem_classes="walk-top"):
        with gr.Column(min_width=300):
            points = gr.HTML(elem_id="way-points", js_on_load=EDITOR, apply_default_css=False)
            way = gr.Textbox(f"{START}:0,{END}:0", visible="hidden", elem_id="film-way")
            # Another way that somebody wished for, "NUMBER WAY", and the number of the last wish that was answered.
            wish, answered = gr.Textbox("", visible="hidden"), gr.Textbox("", visible="hidden")
            with gr.Row(elem_classes="controls"):
                kind = gr.Radio(
                    [(say(kind), kind) for kind in paths.PATHS],
                    value="spherical",
                    label=say("path"),
                    info=say("path info"),
                    elem_id="film-path",
                )
                steps = gr.Slider(
                    checks.MIN_STEPS,
                    checks.MAX_STEPS,
                    STEPS,
                    step=1,
                    label=say("steps"),
                    elem_id="film-steps",
                    buttons=[],
                )
                space = gr.Radio(
                    [(say(f"in {space}"), space) for space in ASKED_FOR],
                    value="z",
                    label=say("walk in"),
                    info=say("walk in info"),
                    elem_id="film-space",
                    elem_classes="of-styles",
                )
                digit = widgets.digit_chooser(say("digit"), "film-digit")
        player = gr.HTML(
            html_template=_player(),
            js_on_load=script,
            elem_id="film-player",
            apply_default_css=False,
            server_functions=[walk_frames, walk_file],
        )
    stage = gr.HTML(elem_id="film-stage", elem_classes="stage")
    gr.HTML(html_template=_curves(), elem_id="film-curves", apply_default_css=False)
    cut = gr.Radio(
        [(say(f"from {cut}"), cut) for cut in styles.CUTS],
        value=styles.CUTS[0],
        label=say("fine layers"),
        elem_id="film-cut",
        elem_classes="of-styles",
    )
    mixed = gr.HTML(elem_id="film-styles", elem_classes="of-styles", apply_default_css=False)
    below = gr.HTML(elem_id="film-legend", apply_default_css=False)

    def show(walk: Walk, cut: Any, refused: str = "") -> tuple[str, ...]:
        request = {
            "model": walk.model.name,
            "way": text_of(walk.points),
            "kind": walk.kind,
            "steps": walk.steps,
            "digit": str(walk.digit),
            "space": walk.space,
            "stamp": walk.model.stamp,
        }
        texts = {key: say(key) for key in ("play", "pause", "no number")}
        what = texts["norm"] = say("norm of z" if walk.space == "z" else "norm of w")
        texts["where"] = say("where", frame="{frame}", steps="{steps}", what=what[0].lower() + what[1:], norm="{norm}")
        texts["other"] = say("other norm", path=say(walk.other_kind.kind)) if walk.space == "z" else say("in z")
        for key, way in (("length", walk), ("other length", walk.other)):
            if way:
                named = say(f"in {way.space}" if "w" in way.model.spaces else way.kind)
                texts[key] = say("length", path=named, length="{length}")
        return (
            editor(walk, refused),
            film(walk),
            json.dumps({"request": request, "texts": texts}),
            styles.tables(walk, letters(len(walk.points)), cut) + noises.table(walk, letters(len(walk.points))),
            markup.below(walk.model, tinted=True),
        )

    def wished(text: Any, name: Any, kind: Any, steps: Any, digit: Any, space: Any, cut: Any) -> tuple[Any, ...]:
        """The digit that the points of a way ask for, the way, and what is shown of it; raises UserError."""
        points = points_of(text, catalogue.address)
        asked_for = next((str(point.digit) for point in points if point.digit is not None), None)
        walk = Walk.asked(catalogue, name, text_of(points), kind, steps, asked_for or digit, space)
        return asked_for or gr.skip(), text_of(points), *show(walk, cut)

    @widgets.while_typing
    @checks.toasts
    def draw(name: Any, way: Any, wish: Any, answered: Any, *chosen: Any) -> tuple[Any, ...]:
        """One question for the way and all that is chosen: so the last wish stands, whatever it was about."""
        number, _, text = str(wish).partition(" ")
        refused = ""
        if number != answered:
            try:
                return number, *wished(text, name, *chosen)
            except UserError:
                refused = str(wish)[: MAX_POINTS * MAX_FOUND_LENGTH]
        *asked, cut = chosen
        return number, gr.skip(), gr.skip(), *show(Walk.asked(catalogue, name, way, *asked), cut, refused)

    @checks.toasts
    def refuse(name: Any, kind: Any, steps: Any, digit: Any, space: Any, cut: Any, event: gr.EventData) -> None:
        """Say what is wrong with a way: past the queue nothing but pictures is told."""
        wished(checks.field(payload(event), "way"), name, kind, steps, digit, space, cut)

    settings.add("way", way, lambda text: text_of(points_of(text, catalogue.address)))
    settings.add("path", kind, link.choice(paths.PATHS))
    settings.add("steps", steps, link.whole(checks.steps))
    settings.add("walk-in", space, link.choice(ASKED_FOR))
    settings.add("cut", cut, link.choice(styles.CUTS))
    settings.add("film-digit", digit, link.choice(widgets.CLASSES_ASKED))
    shown = [points, stage, player, mixed, below]
    chosen = [kind, steps, digit, space, cut]
    points.input(None, None, wish, js="() => ganDemo.wish", api_visibility="private")
    points.select(refuse, [model, *chosen], None, **widgets.QUEUED)
    redraw = widgets.Redraw(draw, [model, way, wish, answered, *chosen], [answered, digit, way, *shown])
    widgets.on_change(redraw, wish, *chosen)
    return redraw
