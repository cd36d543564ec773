"""The page for programs: named, typed end points, answering in JSON. docs/api.md shows how to call them.

With `python app.py --mcp` they are tools of an MCP server, too, described by their docstrings.
"""

import os
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
import torch

from gan_demo import belief
from gan_demo.errors import UserError
from gan_demo.latent import endless_map, paths
from gan_demo.latent.spaces import SPACES, LatentSpace, truncated
from gan_demo.latent.truncation import MIDDLE
from gan_demo.pictures import encoding, opening, preparing
from gan_demo.ui.shared import checks, inputs, markup, widgets
from gan_demo.ui.shared.address import Address, addresses
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.edit import Edit, space_of
from gan_demo.ui.shared.model import Model
from gan_demo.ui.tabs.directions import tab as directions_tab
from gan_demo.ui.tabs.directions import texts
from gan_demo.ui.tabs.discriminator import voices
from gan_demo.ui.tabs.invert import tab as invert_tab
from gan_demo.ui.tabs.map import tiles
from gan_demo.ui.words import say


def build(catalogue: Catalogue) -> None:
    """Add the end points to the current page."""

    @checks.toasts
    def models() -> list[dict[str, Any]]:
        """List the models that can be asked: name, architecture, training, Frechet distance, what D's number means.

        A conditional one draws what it is asked for: `classes` names it, in the order of their numbers from 0 on.
        """
        return catalogue.of_each(_described)

    @checks.toasts
    def sample(
        model: str,
        seed: int = 0,
        count: int = 16,
        truncation: float = 1.0,
        labels: int | str | list[int | str] | None = None,
        towards: str | None = None,
    ) -> list[dict[str, Any]]:
        """Draw random digits: for each its address, a PNG as a data URL, D's raw output, and what it means.

        Args:
            model: a name that /models lists
            seed: 0 to 2**63 - 1; equal seeds give equal digits
            count: 1 to 100
            truncation: 0 to 1.5; below 1 digits are more typical and vary less, and `metrics.json` says how much; of
                a style generator from -1, on the other side of the mean w
            labels: for conditional models only: a digit, or the name of a class, for all or a list of one for each;
                without it, each in turn
            towards: where truncation leads, "typical" latents or the "middle"; without it, the model's own way
        """
        chosen = catalogue.load(model)
        count, seed = checks.count(count), checks.seed(seed)
        truncation = checks.truncation(truncation, chosen.least_truncation)
        digits = _digits(chosen, labels, count)
        towards = (chosen.gan.truncations[0] if truncation >= 0 else MIDDLE) if towards is None else towards
        points, space = truncated(chosen.gan, chosen.gan.latents(count, seed), truncation, towards, digits)
        scored = chosen.draw(points, digits, space)
        places = addresses(chosen.name, count, seed, truncation, digits, towards)
        return [
            {"address": str(place), **_judged(chosen, *drawn)}
            for place, *drawn in zip(places, scored.pixels, scored.outputs, strict=True)
        ]

    @checks.toasts
    def interpolate(
        model: str,
        start: int | str,
        end: int | str,
        steps: int = 12,
        path: str = "spherical",
        labels: int | str | list[int | str] | None = None,
        space: str = "z",
    ) -> list[dict[str, Any]]:
        """Draw the way from one latent to another; answers like /sample, with addresses at both ends only.

        Args:
            model: a name that /models lists
            start: an address such as "dcgan:42:3", or a seed, of which the first row is taken
            end: like start
            steps: 2 to 24, both ends included
            path: spherical or linear
            labels: as in /sample; without it, the digit of the start's address, or 0
            space: z, or w of a style generator, where the way is straight; where an end lies in w or W+, it goes there
        """
        chosen = catalogue.load(model)
        ends = [_address(place, chosen.name) for place in (start, end)]
        count, kind = checks.steps(steps), checks.choice(path, say("path"), paths.PATHS)
        digits = _digits(chosen, labels, count, ends[0].digit or 0)
        name = checks.choice(space, "space", chosen.spaces)
        name = max(name, *(end.space for end in ends), key=SPACES.index)
        name = name if name in chosen.spaces else "z"
        asked = [digits[at] if digits else None for at in (0, -1)]
        points = torch.stack([end.latent_in(chosen.gan, name, one) for end, one in zip(ends, asked, strict=True)])
        at = torch.linspace(0, 1, count, dtype=torch.float64)
        way = LatentSpace(chosen.gan, name).route(points, at, kind if name == "z" else "")
        scored = chosen.draw(way, digits, name)
        if digits:  # the ends show these, whatever the addresses asked for
            ends = [replace(end, digit=digits[at]) for end, at in zip(ends, (0, -1), strict=True)]
        texts = [str(ends[0]), *[None] * (count - 2), str(ends[1])]
        return [
            {"address": text, **_judged(chosen, *drawn)}
            for text, *drawn in zip(texts, scored.pixels, scored.outputs, strict=True)
        ]

    @checks.toasts
    def piece_of_map(
        model: str,
        world: int = 42,
        x: float = 0.0,
        y: float = 0.0,
        step: float = 0.25,
        columns: int = 8,
        rows: int = 8,
        labels: int | str | list[int | str] | None = None,
    ) -> list[dict[str, Any]]:
        """Draw a piece of the endless map, row by row; answers like /sample, and `read` is what the classifier reads.

        Every whole point of a world has a latent of its own; between them it is blended, as likely as any sample.

        Args:
            model: a name that /models lists
            world: a seed; each has a map of its own
            x: of the first digit, -1,000,000 to 1,000,000; it grows to the right
            y: of the first digit; it grows downwards
            step: from a digit to the next, 1/64 to 64; 1 is from one whole point to the next
            columns: 1 to 16
            rows: 1 to 16
            labels: as in /sample, where there are columns * rows digits; without it, 0
        """
        chosen = catalogue.load(model)
        world, step = checks.seed(world, say("world")), checks.number(step, "step", 1 / 64, 64)
        columns, rows = (
            checks.whole(value, name, 1, tiles.SIDE) for name, value in (("columns", columns), ("rows", rows))
        )
        x, y = (
            checks.number(value, name, -endless_map.LIMIT, endless_map.LIMIT) for name, value in (("x", x), ("y", y))
        )
        digits = _digits(chosen, labels, columns * rows, 0)
        points = endless_map.grid(x, y, step, columns, rows).tolist()
        places = [
            Address(chosen.name, world, digit=digits[row] if digits else None, point=at)
            for row, at in enumerate(points)
        ]
        rounded = [place.point for place in places if place.point]  # as their addresses say
        scored = chosen.draw(endless_map.latents(chosen.gan, world, rounded), digits)
        read = chosen.read(scored.pixels)
        return [
            {"address": str(place), **_judged(chosen, pixels, raw), "read": read and read[row].digit}
            for row, (place, pixels, raw) in enumerate(zip(places, scored.pixels, scored.outputs, strict=True))
        ]

    @checks.toasts
    def score(
        model: str,
        picture: gr.FileData,
        labels: int | str | None = None,
        choice: int = 0,
        part: list[float] | None = None,
    ) -> dict[str, Any]:
        """Judge the digit in an uploaded picture: D's raw output, what it means, and its ranks from 0 to 1.

        `picture` in the answer is the 28x28 digit that D saw. `note` says where it was hard to find; where there are
        several, `boxes` has left, top, right and bottom of each, for `choice`. The ranks, among D's outputs on real
        test pictures and on its own generator's, are null where the model has not been evaluated. `best` is what the
        best D against this generator says: its logit, the probability of being real, the verdict and both ranks; null
        where none was trained. Where `never_seen` is true, the picture is like no digit, real or generated, and all
        these numbers mean nothing.

        Args:
            model: a name that /models lists
            picture: a picture file, dark on light or light on dark
            labels: for conditional models only: how real it is as this digit; without it, as the one it is read as
            choice: of several digits on the picture, which one: 0 for the likeliest
            part: where to look for it: left, top, right, bottom, as shares of the picture's sides
        """
        chosen = catalogue.load(model)
        given = _uploaded(chosen, picture, choice, part)
        pixels = given.pixels
        raw, digit = chosen.judge_as(pixels, _digit(chosen, labels))
        ranks = dict.fromkeys(("real", "generated"))
        if chosen.reference is not None:
            ranks = {name: belief.rank(raw, getattr(chosen.reference, name)) for name in ranks}
        return {
            **_judged(chosen, pixels, raw),
            "label": digit,
            "ranks": ranks,
            "never_seen": chosen.never_saw(pixels),
            "best": _best(chosen, pixels),
            **_found(given),
        }

    @checks.toasts
    def invert(
        model: str,
        picture: gr.FileData,
        look: str = "nearest",
        mask: gr.FileData | None = None,
        labels: int | str | None = None,
        choice: int = 0,
        part: list[float] | None = None,
        space: str = "z",
    ) -> list[dict[str, Any]]:
        """Find latents whose pictures are nearest to an uploaded one, the best first; answers like /sample.

        Each has its `error`, too: the root mean square difference from what is known, black 0 and white 1.

        Args:
            model: a name that /models lists
            picture: a picture file, dark on light or light on dark
            look: nearest for one answer; repair for up to 6 that fill what the mask hides; enlarge for up to 6 that
                look alike when they are reduced to 7x7 pixels
            mask: for repair: a picture file, white where the digit, as MNIST has it in 28x28 pixels, is hidden
            labels: for conditional models only: the digit to draw; without it, whichever is nearest
            choice: of several digits on the picture, which one: 0 for the likeliest
            part: where to look for it: left, top, right, bottom, as shares of the picture's sides
            space: where to look for the nearest: z, or of a style generator w or w+, which has a w for each layer
        """
        chosen = catalogue.load(model)
        space = checks.choice(space, "space", chosen.spaces if look == "nearest" else chosen.spaces[:1])
        mode = checks.choice(look, "look", invert_tab.MODES)
        pixels, hole = _uploaded(chosen, picture, choice, part).pixels, None
        if mode == "repair":
            hole = preparing.resized(opening.open_picture(checks.uploaded(mask))) > 127
        search = invert_tab.Search(0, chosen.name, mode, _digit(chosen, labels), pixels, hole)
        return [
            {"address": place and str(place), **_judged(chosen, drawn, raw), "error": error}
            for place, error, drawn, raw in invert_tab.solved(chosen, search, space)
        ]

    @checks.toasts
    def directions(
        model: str,
        address: str | None = None,
        amounts: dict[str, float] | None = None,
        still: bool = False,
        minus: str | None = None,
        plus: str | None = None,
        these: list[str] | None = None,
        those: list[str] | None = None,
        space: str = "z",
    ) -> dict[str, Any]:
        """List a model's directions with what each was measured to do; with an address, move its latent along them.

        `digit` in the answer, null without an address, holds the picture, D's raw output and what it means, the
        digit that a classifier recognises and how sure it is, slant, stroke width, size and roundness, the length of
        the latent (in w: how far it is from the mean w), its address, and a link that opens the page on it.

        Args:
            model: a name that /models lists
            address: such as "dcgan:42:3"; of a conditional model with its digit, "dcgan-conditional:42:3:d5"
            amounts: names of directions, in standard deviations of the prior: {"slant": 2, "digit-7": -1}; "z12" is
                the latent's coordinate 12, and "own" the direction from those to these
            still: take the versions of the directions that keep the other measures still
            minus: an address B, and with plus an address C: start at A - B + C, at the length of A
            plus: see minus
            these: addresses; the direction "own" points from the mean of those to the mean of these
            those: see these
            space: "z", or "w" of a style generator, whose coordinates are "w0", "w1"
        """
        chosen = catalogue.load(model)
        found = texts.within(chosen, space_of(space, chosen))
        answer: dict[str, Any] = {"directions": [texts.described(one) for one in found.all] if found else []}
        asked = {"start": address, "minus": minus, "plus": plus, "move": amounts, "still": still}
        asked["space"] = space
        digit = None
        if address is not None:
            digit = directions_tab.moved(
                chosen, Edit.read({**asked, "these": these, "those": those}, chosen, catalogue.address)
            )
            digit["picture"] = encoding.data_url(encoding.grey_png(digit["picture"]))
        return {**answer, "digit": digit}

    # A core for each at most, all together: who looks at the page has the rest.
    programs: dict[str, Any] = {"concurrency_id": "programs", "concurrency_limit": os.cpu_count() or 1}
    gr.api(models, api_name="models", **programs)
    gr.api(directions, api_name="directions", **programs)
    gr.api(sample, api_name="sample", **programs)
    gr.api(interpolate, api_name="interpolate", **programs)
    gr.api(piece_of_map, api_name="map", **programs)
    gr.api(score, api_name="score", **widgets.PICTURES)
    gr.api(invert, api_name="invert", **invert_tab.SEARCHES)


def _uploaded(model: Model, picture: Any, choice: Any, part: Any) -> inputs.Input:
    kind = inputs.kind_for(model, inputs.PREPARED)
    choice = checks.whole(choice, "choice", 0, inputs.MOST_CHOICES - 1)
    given = inputs.of_upload(checks.uploaded(picture), kind, choice, checks.part(part))
    if inputs.is_blank(given.pixels):
        raise UserError(say("blank"))
    if model.draws_digits:
        return given
    return given._replace(found=say(kind) if kind == given.inverted else "", choices=())  # nobody looked for digits


def _found(given: inputs.Input) -> dict[str, Any]:
    """What there is to say of a picture: in words, and where each of several digits is, in shares of its sides."""
    return {"note": given.found, "boxes": [choice["box"] for choice in given.choices]}


def _described(model: Model) -> dict[str, Any]:
    config = model.gan.config
    meaning = belief.meaning(config.objective)
    return {
        "name": model.name,
        "architecture": config.model,
        "conditional": model.conditional,
        "classes": list(model.gan.config.names),
        "latent_dim": config.latent_dim,
        "objective": config.objective,
        "recipe": config.training.get("recipe"),
        "changed_by_hand": config.changed,
        "epochs": config.training.get("epochs_done"),
        "frechet_distance": model.frechet_distance,
        "output": meaning.name,
        "explanation": meaning.explanation,
    }


def _digit(model: Model, label: Any) -> int | None:
    """The digit asked for; raises UserError if the model cannot be asked for one."""
    return None if label is None else _class(model, label)


def _class(model: Model, label: Any) -> int:
    """The class that is asked for by number or name; raises UserError if the model has no such class."""
    if not model.conditional:
        raise UserError(say("not conditional", model=model.name))
    names = model.gan.config.class_names
    if names and isinstance(label, str):
        return names.index(checks.choice(label, say("class"), names))
    return checks.whole(label, say("class" if names else "digit"), 0, model.classes - 1)


def _digits(model: Model, labels: Any, count: int, usual: int | None = None) -> list[int] | None:
    """What a conditional model is asked for in each row, by `labels` or else as is `usual`; None for others."""
    if not isinstance(labels, list):
        label = _digit(model, labels)
        return model.digits(count, usual if label is None else label)
    if len(labels) != count:
        raise UserError(say("not labels", count=count, value=len(labels)))
    return [_class(model, label) for label in labels]


def _address(place: Any, model: str) -> Address:
    """An address, or the first row of a seed."""
    return Address.parse(place, model) if isinstance(place, str) else Address(model, checks.seed(place))


def _best(model: Model, pixels: np.ndarray) -> dict[str, Any] | None:
    logit = voices.best_logit(model.best, pixels)
    if model.best is None or logit is None:
        return None
    said = voices.best_belief(logit)
    ranks = {name: belief.rank(logit, getattr(model.best.reference, name)) for name in ("real", "generated")}
    return {"output": logit, "belief": markup.number(said), "verdict": said.verdict, "ranks": ranks}


def _judged(model: Model, pixels: np.ndarray, raw: float) -> dict[str, Any]:
    said = model.belief(raw)
    return {
        "picture": encoding.data_url(encoding.grey_png(pixels)),
        "output": raw,
        "belief": markup.number(said),
        "verdict": said.verdict,
    }
