"""The best answer to a generator: a discriminator that was trained against it when it no longer changed.

For a fixed G the best D is p_data / (p_data + p_G) (Goodfellow et al. 2014, proposition 1). The D of a training never
is: it follows a generator that moves on, and a penalty holds it back. `evaluation/best_response.py` trains this one and
writes it beside the model; here are the network, and the reading of its two files.
"""

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn
from torch.nn.functional import embedding

from gan_demo.belief.reference import Reference
from gan_demo.checkpoint import BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS, checksum
from gan_demo.errors import UserError
from gan_demo.pixels import from_pixels

LOGIT = "non-saturating"  # an objective whose outputs are logits, as those of a best response are
FORMAT = 1  # of best_response.json
WIDTHS = (24, 32, 48, 96)  # channels at 14x14, 14x14, 7x7 and 7x7
LEAK = 0.1
FINE, COARSE = 256, 16  # grey levels that a network is shown
KINDS = ("measure", "page", "real_against_real")  # of figures
MAX_BYTES = 1_000_000  # of the file of weights; ours has less than half


class ResponseNetwork(nn.Module):
    """Pictures (n, 1, 28, 28) in [-1, 1] -> logits (n,), high for real. One architecture for all generators.

    It has no norm: with batch norm its verdict depends on averages over real and generated pictures together, and its
    accuracy jumps from epoch to epoch. `levels` is the number of grey levels that it is shown.
    """

    def __init__(self, levels: int = FINE) -> None:
        super().__init__()
        self.levels = levels
        first, second, third, last = WIDTHS
        self.body = nn.Sequential(
            *(nn.Conv2d(3, first, 4, 2, 1), _leaky()),
            *(nn.Conv2d(first, second, 3, 1, 1), _leaky()),
            *(nn.Conv2d(second, third, 4, 2, 1), _leaky()),
            *(nn.Conv2d(third, last, 3, 1, 1), _leaky()),
            *(nn.Conv2d(last, last, 4, 2, 1), _leaky()),
            nn.Flatten(),
        )
        self.head = nn.Linear(last * 3 * 3, 1)

    def features(self, images: Tensor) -> Tensor:
        """What the last convolution finds: (n, 1, 28, 28) -> (n, 864) float32."""
        return self.body(self.encoded(images).contiguous(memory_format=torch.channels_last)).float()

    def encoded(self, images: Tensor) -> Tensor:
        """What the first convolution gets: (n, 1, h, w) -> (n, 3, h, w)."""
        return encoded(coarser(images, self.levels) if self.levels < FINE else images)

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Raw logits; it is told no labels, and takes them only to stand in a discriminator's place."""
        return self.of_features(self.features(images))

    def of_features(self, features: Tensor) -> Tensor:
        """Raw logits (n,) of what the last convolution found."""
        with torch.autocast(features.device.type, enabled=False):  # a logit of 5 would be rounded to 1/32 in bfloat16
            return self.head(features).squeeze(1)


def _leaky() -> nn.LeakyReLU:
    """In place: a tenth of a step's time was for writing what a convolution gave once more."""
    return nn.LeakyReLU(LEAK, inplace=True)


def encoded(images: Tensor) -> Tensor:
    """Pictures in [-1, 1] as they are, and twice on a logarithmic scale, which spreads the darkest and the brightest
    grey levels: (n, 1, h, w) -> (n, 3, h, w). With these a difference of one level in 255 is found at once."""
    light = (images + 1) * 127.5
    spread = [torch.log1p(levels.clamp(min=0)) * (2 / math.log(FINE)) - 1 for levels in (light, 255 - light)]
    return torch.cat([images, *spread], 1)


def coarser(images: Tensor, levels: int = COARSE) -> Tensor:
    """Round pictures in [-1, 1] to so many grey levels.

    The gradient is that of the pictures as they are (Bengio et al. 2013, section 4: straight through), so that saliency
    goes through the rounding.
    """
    steps = (levels - 1) / 2
    rounded = ((images + 1) * steps).round() / steps - 1
    return images + (rounded - images).detach()


@dataclass(frozen=True)
class BestResponse:
    """The best answer to one generator, as it lies beside the model."""

    network: ResponseNetwork  # frozen
    temperature: float  # by which its logits are divided, so that they are calibrated
    shift: float  # which is then added
    reference: Reference  # its calibrated logits for real test pictures and for fresh samples
    figures: dict[str, Any]  # best_response.json

    @torch.inference_mode()
    def logits(self, images: Tensor) -> Tensor:
        """Calibrated logits of (n, 1, 28, 28) in [-1, 1]: (n,)."""
        return self.network(images) / self.temperature + self.shift

    @torch.inference_mode()
    def logits_of_pixels(self, pixels: Tensor) -> Tensor:
        """The same of (n, 1, 28, 28) uint8, in two thirds of the time: each grey level is encoded once and for all."""
        levels = embedding(pixels[:, 0].int(), self._levels).permute(0, 3, 1, 2)  # channels last
        features = self.network.body(levels).float()
        return self.network.of_features(features) / self.temperature + self.shift

    @functools.cached_property
    def _levels(self) -> Tensor:
        """What the network gets of each grey level: (256, 3)."""
        return self.network.encoded(from_pixels(torch.arange(FINE)).view(-1, 1, 1, 1)).view(FINE, 3)


def current_figures(folder: str | Path) -> dict[str, Any] | None:
    """What best_response.json says of exactly these weights; None where it is missing, damaged, old or of others."""
    try:
        return parse((Path(folder) / BEST_RESPONSE_FILE).read_text(encoding="utf-8"), checksum(folder))
    except (OSError, ValueError):  # a UserError of `checksum` is a ValueError
        return None


def parse(text: str, weights: str) -> dict[str, Any] | None:
    """What a best_response.json says of the weights with this checksum; None where it is damaged, old or of others."""
    try:
        figures = json.loads(text)
        if figures["format"] != FORMAT or figures["weights_sha256"] != weights:
            return None
        for kind in KINDS:
            numbers = [figures[kind][name] for name in ("accuracy", "accuracy_error", "jsd", "area")]
            if not all(math.isfinite(number) for number in numbers):
                return None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return figures


def read(folder: str | Path) -> BestResponse | None:
    """The best answer to the generator in `folder`; None where there is none of its present weights, or no sound one.

    Both files may be a stranger's, so nothing in them is trusted.
    """
    folder = Path(folder)
    figures = current_figures(folder)
    path = folder / BEST_RESPONSE_WEIGHTS
    if figures is None:
        return None
    try:
        page = figures["page"]
        temperature, shift, levels = float(page["temperature"]), float(page["shift"]), page["levels"]
        reference = Reference.from_metrics({"discriminator": page})
        if not (0 < temperature < math.inf and math.isfinite(shift) and levels in (FINE, COARSE)):
            return None
        if path.stat().st_size > MAX_BYTES:
            return None
        network = _load(path.read_bytes(), levels)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError):
        return None
    return BestResponse(network, temperature, shift, reference, figures)


def _load(content: bytes, levels: int) -> ResponseNetwork:
    tensors = load_safetensors(content)
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise UserError("weights are NaN or infinite")
    with torch.device("meta"):
        network = ResponseNetwork(levels)
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
