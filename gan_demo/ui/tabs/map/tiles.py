"""Tiles of the endless map: SIDE x SIDE digits in one picture, with what D says and the classifier reads of each.

Browsers ask for them past gradio's queue (tab.py), so what the server does at once is bounded here, and what
it has drawn is kept.
"""

import math
import os
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_demo.belief import VERDICTS, Belief, rank
from gan_demo.devices import choose_precision
from gan_demo.latent import endless_map
from gan_demo.networks import IMAGE_SIZE
from gan_demo.pictures import encoding
from gan_demo.ui.shared import checks, markup, tint
from gan_demo.ui.shared.model import Model, ScoredPictures, stamp
from gan_demo.ui.words import say

SIDE = 16  # digits along an edge
MAX_LEVEL = 6  # digits are 2^-level apart: 64 steps from one whole point to the next
KEPT = 400  # tiles
WAITING = 8  # tiles that are being drawn or wait for it; who comes then is asked to come again
PART = 64  # digits that are worth a thread of their own
COMPRESSION = 1  # of the PNG: made in half the time, and little larger (docs/decisions.md)

_CORES = os.cpu_count() or 1
_threads = ThreadPoolExecutor(_CORES, thread_name_prefix="map")
_room = threading.BoundedSemaphore(WAITING)
_lock = threading.Lock()
_kept: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()


def tile(model: Model, world: Any, level: Any, column: Any, row: Any, digit: Any) -> dict[str, Any] | None:
    """The tile in that column and row at a level, or None where too many wait already.

    Tile (c, r) holds the points from (16 c, 16 r) to (16 c + 15, 16 r + 15), each divided by 2^level. The answer has
    a PNG as a data URL, and for each digit, row by row: its colour, `lean`, in percent (tint.py: -100 fake, 100 real),
    `number` as people read it, `verdict` (an index of VERDICTS), `rank` among this generator's digits (-100 the least
    real, 100 the most) and `digit`, what the classifier reads. There are no ranks without a reference, and no digits
    of a model that draws none. Raises UserError on values out of range; it is the caller's to ask only conditional
    models for a digit.
    """
    world, level = checks.seed(world, say("world")), checks.whole(level, say("zoom"), 0, MAX_LEVEL)
    most = endless_map.LIMIT * 2**level // SIDE - 1
    column, row = (checks.whole(value, name, -most, most) for value, name in ((column, "x"), (row, "y")))
    digit = checks.digit(digit, model.classes) if model.conditional else None
    key = (model.folder, stamp(model.folder), world, level, column, row, digit)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    if not _room.acquire(blocking=False):
        return None
    try:
        made = _made(model, world, 2.0**-level, column * SIDE, row * SIDE, digit)
    finally:
        _room.release()
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def _made(model: Model, world: int, step: float, column: int, row: int, digit: int | None) -> dict[str, Any]:
    # All that torch does is done by threads that the interpreter waits for when it ends; gradio's own would be cut off
    # in the middle. A thread for each part: torch itself has one only (app.py), which is best with many visitors.
    parts = _threads.submit(_latents, model, world, step, column, row).result()
    drawn = list(_threads.map(lambda part: _drawn(model, part, digit), parts))
    pixels = np.concatenate([scored.pixels for scored, *_ in drawn])
    outputs = [output for scored, *_ in drawn for output in scored.outputs]
    said = [one for _, beliefs, _ in drawn for one in beliefs]
    sheet = pixels.reshape(SIDE, SIDE, IMAGE_SIZE, IMAGE_SIZE).swapaxes(1, 2).reshape(SIDE * IMAGE_SIZE, -1)
    answer = {
        "png": encoding.data_url(encoding.png_bytes(Image.fromarray(sheet), COMPRESSION)),
        "lean": [markup.strength(one) for one in said],
        "number": [markup.number(one) for one in said],
        "verdict": [VERDICTS.index(one.verdict) for one in said],
    }
    if model.reference is not None and not any(map(math.isnan, outputs)):
        ranks = [rank(output, model.reference.generated) for output in outputs]
        answer["rank"] = [round(200 * share - 100) for share in ranks]
    if model.draws_digits:
        answer["digit"] = [name for *_, names in drawn for name in names]
    return answer


def _latents(model: Model, world: int, step: float, column: int, row: int) -> tuple[Tensor, ...]:
    """The latents of a tile, in parts for the threads."""
    z = endless_map.latents(model.gan, world, endless_map.grid(column * step, row * step, step, SIDE, SIDE))
    return z.split(max(PART, -(-len(z) // _CORES)))


def _drawn(model: Model, z: Tensor, digit: int | None) -> tuple[ScoredPictures, list[Belief], list[int]]:
    # bfloat16 where that is faster: nobody sees the difference (docs/decisions.md, "The page").
    with torch.autocast("cpu", torch.bfloat16, enabled=choose_precision("auto", "cpu") == "bf16"):
        scored = model.draw(z, model.digits(len(z), 0 if digit is None else digit))
        read = [one.digit for one in model.read(scored.pixels) or []]
    return scored, tint.coloured(model, scored), read
