"""The same for programs: named, typed end points beside the page, answering in JSON.

from gradio_client import Client, handle_file
client = Client("http://127.0.0.1:7860")
client.predict("dcgan", seed=42, count=4, api_name="/sample")
client.predict("dcgan", handle_file("my_digit.png"), api_name="/score")
"""

from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from gan_demo import belief, images, latent
from gan_demo.ui import checks, discriminator, widgets
from gan_demo.ui.models import Catalogue, Drawing, Model
from gan_demo.ui.words import say


def build(catalogue: Catalogue) -> None:
    """Add the end points to the current page."""

    @checks.toasts
    def sample(model: str, seed: int = 0, count: int = 16, truncation: float = 1.0) -> list[dict[str, Any]]:
        """Draw random digits: for each a PNG as a data URL, D's raw output, and what it means.

        seed: 0 to 2**63 - 1; equal seeds give equal digits. count: 1 to 100. truncation: 0 to 1.5, below
        1 is more typical and less varied.
        """
        chosen = catalogue.load(model)
        z = chosen.gan.latents(checks.count(count), checks.seed(seed), checks.truncation(truncation))
        return _digits(chosen, chosen.draw(z))

    @checks.toasts
    def interpolate(model: str, start: int, end: int, steps: int = 12, path: str = "spherical") -> list[dict[str, Any]]:
        """Draw the way from the first digit of one seed to that of another, like `sample`.

        start, end: seeds, 0 to 2**63 - 1. steps: 2 to 24, both ends included. path: spherical or linear.
        """
        chosen = catalogue.load(model)
        ends = [chosen.gan.latents(1, checks.seed(seed))[0] for seed in (start, end)]
        kind = checks.choice(path, say("path"), latent.PATHS)
        return _digits(chosen, chosen.draw(latent.path(*ends, checks.steps(steps), kind)))

    @checks.toasts
    def score(model: str, picture: gr.FileData) -> dict[str, Any]:
        """Judge the digit in an uploaded picture: D's raw output, what it means, and its ranks from 0 to 1.

        `picture` in the answer is the 28x28 digit that D saw. The ranks, among D's outputs on real test
        pictures and on its own generator's, are null where the model has not been evaluated.
        """
        chosen = catalogue.load(model)
        path = picture.get("path") if isinstance(picture, dict) else None
        pixels = discriminator.of_upload(checks.uploaded(path)).pixels
        raw = chosen.judge(pixels)
        ranks = dict.fromkeys(("real", "generated"))
        if chosen.reference is not None:
            ranks = {name: belief.rank(raw, getattr(chosen.reference, name)) for name in ranks}
        return {**_digit(chosen, pixels, raw), "ranks": ranks}

    gr.api(sample, api_name="sample")
    gr.api(interpolate, api_name="interpolate")
    gr.api(score, api_name="score", **widgets.PICTURES)


def _digits(model: Model, drawing: Drawing) -> list[dict[str, Any]]:
    return [_digit(model, *digit) for digit in zip(drawing.pixels, drawing.outputs, strict=True)]


def _digit(model: Model, pixels: np.ndarray, raw: float) -> dict[str, Any]:
    said = belief.belief(model.gan.config.objective, raw)
    return {
        "picture": images.data_url(images.png_bytes(Image.fromarray(pixels))),
        "output": raw,
        "belief": said.number,
        "verdict": said.verdict,
    }
