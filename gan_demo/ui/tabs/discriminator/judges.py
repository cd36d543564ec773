"""The panel of judges: one digit before the discriminator of every model of a data set, in a table of ranks.

The numbers of two discriminators cannot be compared, because each has a scale of its own; ranks can.
"""

import dataclasses
import functools
import html
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gan_demo.belief import percent, probability, rank, unmeasured
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.training import epochs
from gan_demo.ui import words
from gan_demo.ui.shared import markup
from gan_demo.ui.shared.catalogue import Catalogue
from gan_demo.ui.shared.model import Model, NoReference, stamp
from gan_demo.ui.tabs.discriminator import voices
from gan_demo.ui.words import say

RANKS = {"real": "among real", "generated": "among own"}  # of a Reference -> key of a text
EARLIER = 5  # judges from the chosen model's own training
MOST = 32  # judges on the panel, of one or two megabytes each, all kept ready


def panel(catalogue: Catalogue, dataset: str) -> list[Model]:
    """The first MOST models of a data set that can be loaded, with their D; of the generators nothing is kept."""
    folders = list(catalogue.trained_on(dataset).items())[:MOST]
    found = (_judge(catalogue, name, folder, stamp(folder)) for name, folder in folders)
    return [model for model in found if model is not None]


@functools.lru_cache(maxsize=MOST)
def _judge(catalogue: Catalogue, name: str, folder: Path, stamp: tuple[int | None, ...]) -> Model | None:
    """The model as it is in `folder`; `stamp` is there to try again when that changes."""
    try:
        model = catalogue.load(name)
    except UserError:
        return None
    # Nobody asks it to draw: in the generator's place is D.
    return dataclasses.replace(model, gan=GAN(model.gan.discriminator, model.gan.discriminator, model.gan.config))


def earlier(chosen: Model) -> list[Model]:
    """The chosen model as epochs of its own training left it, EARLIER of those that are kept, the first one first.

    Each has the name of its epoch.
    """
    kept = [epoch for epoch in epochs.kept(chosen.folder) if epoch != chosen.gan.config.training.get("epochs_done")]
    some = {round(place * (len(kept) - 1) / (EARLIER - 1)) for place in range(EARLIER)} if kept else ()
    found = (_earlier(chosen.folder, kept[place], stamp(epochs.place(chosen.folder, kept[place]))) for place in some)
    return [model for model in found if model is not None]


@functools.lru_cache(maxsize=MOST)
def _earlier(folder: Path, epoch: int, stamp: tuple[int | None, ...]) -> Model | None:
    try:
        gan = epochs.play(folder, epoch)
        gan.config.check_shape("the page")
    except UserError:
        return None
    only_d = GAN(gan.discriminator, gan.discriminator, gan.config)
    return Model(str(epoch), folder, only_d, {}, unmeasured.reference(gan), NoReference("not measured"))


def others(
    catalogue: Catalogue, chosen: Model, pictures: Sequence[np.ndarray], digit: int | None
) -> list[tuple[str, list[float]]]:
    """What those say of pictures, (28, 28) uint8, who are not the D of `chosen`: (who, a share for each picture).

    The best D against the same generator says how probably each is real; of the other judges, the median rank among
    real digits. Who there is not is left out.
    """
    found = []
    if chosen.best is not None:
        logits = [voices.best_logit(chosen.best, pixels) or 0.0 for pixels in pictures]
        found.append((say("short best"), [probability(logit) for logit in logits]))
    panels = [model for model in panel(catalogue, chosen.gan.config.dataset) if model.name != chosen.name]
    measured = [(model, model.reference.real) for model in panels if model.reference is not None]
    if measured:
        medians = []
        for pixels in pictures:
            shares = [rank(model.judge(pixels, digit), real) for model, real in measured]
            medians.append(statistics.median([share for share in shares if not math.isnan(share)] or [math.nan]))
        if not any(map(math.isnan, medians)):
            found.append((say("film judges"), medians))
    return found


def view(catalogue: Catalogue, chosen: Model, pixels: np.ndarray, digit: int | None) -> str:
    """What each D that knows the data set of `chosen` says of a picture, (28, 28) uint8, as an HTML table.

    Conditional ones judge it as `digit`.
    """
    rows, shares = [], []
    for model in panel(catalogue, chosen.gan.config.dataset):
        raw, asked = model.judge_as(pixels, digit)
        ranks = dict.fromkeys(RANKS, math.nan)
        if model.reference is not None:
            ranks = {kind: rank(raw, getattr(model.reference, kind)) for kind in ranks}
            shares.append(ranks["real"])
        rows.append(_row(model, model.name, raw, asked, ranks, model.name == chosen.name))
        if model.name == chosen.name:
            rows += [_of_epoch(model, chosen, pixels, digit) for model in earlier(chosen)]
    shares = [share for share in shares if not math.isnan(share)]
    said = ""
    if chosen.never_saw(pixels):
        said = f'<p class="median">{say("judges far")}</p>'
    elif shares:
        middle = words.comparison(statistics.median(shares), say("real group", noun=say("pictures")))
        said = f'<p class="median">{say("judges median", said=middle)}</p>'
    heads = "".join(f'<th scope="col">{say(key)}</th>' for key in ("judge", "judge says", *RANKS.values()))
    return f"{said}<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _of_epoch(model: Model, chosen: Model, pixels: np.ndarray, digit: int | None) -> str:
    """The row of the chosen model as an epoch left it; it has no part in the median."""
    raw, asked = model.judge_as(pixels, digit)
    reference = model.reference
    ranks = {kind: rank(raw, getattr(reference, kind)) if reference else math.nan for kind in RANKS}
    return _row(model, f"{chosen.name} · {say('epoch', epoch=model.name)}", raw, asked, ranks, False)


def _row(model: Model, name: str, raw: float, asked: int | None, ranks: dict[str, float], chosen: bool) -> str:
    config, said = model.gan.config, model.belief(raw)
    kind = [words.network(config.model), html.escape(words.trained_by(config))]
    if asked is not None:
        kind.append(say("judged as", digit=html.escape(model.class_names[asked])))
    cells = "".join(
        f'<td class="rank of-{name}" data-label="{say(key)}">{_bar(ranks[name])}</td>' for name, key in RANKS.items()
    )
    return (
        f'<tr{" aria-current=true" if chosen else ""}><th scope="row">{html.escape(name)}'
        f"<small>{' · '.join(kind)}</small></th>"
        f'<td data-label="{say("judge says")}"><span {markup.leaning(said)}><i></i>{markup.number(said)}'
        f"<small>{words.meaning(config.objective, 'name')}</small></span></td>{cells}</tr>"
    )


def _bar(share: float) -> str:
    if math.isnan(share):
        return "–"
    return f'<span class="bar"><i style="width:{share * 100:.0f}%"></i></span><b>{percent(share)}</b>'
