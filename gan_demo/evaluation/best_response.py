"""The best answer to a generator, trained: how well a discriminator of this size can tell its pictures from real ones.

    python -m gan_demo best-response checkpoints/dcgan      trains it, and writes it beside the model

G stays as it is. Fresh discriminators of one architecture (`belief.best_response.ResponseNetwork`) see real training
pictures and samples, with the log loss and no penalty, until held-out pictures say stop; then the logit is scaled on
held-out pictures (Guo et al. 2017, temperature). What test pictures and fresh samples say of them is a classifier
two-sample test (Lopez-Paz and Oquab 2017), and a lower bound on the Jensen-Shannon divergence (Goodfellow et al. 2014,
theorem 1): whatever D is, log 2 + V(D, G) / 2 is at most the divergence.

Two kinds are trained. The one that measures sees pictures as they are. The one for the page sees strokes: 16 grey
levels, with small shifts, blurs and contrasts for both kinds alike, as a person's digit comes by another way than
MNIST's, and its grey levels must not decide.
"""

import functools
import math
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_demo import data, files
from gan_demo.belief.best_response import COARSE, FINE, FORMAT, LEAK, ResponseNetwork
from gan_demo.checkpoint import BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS, checksum
from gan_demo.devices import choose_precision, side_by_side
from gan_demo.errors import UserError
from gan_demo.evaluation import cache, samples, what_it_sees
from gan_demo.evaluation.calibration import calibration
from gan_demo.evaluation.metrics import rounded
from gan_demo.evaluation.told_apart import error_of, expected_calibration_error, figures_of
from gan_demo.gan import GAN
from gan_demo.pixels import from_pixels

SEEDS = 3  # of the kind that measures
BATCH = 64  # real pictures, and as many samples, in a step
STEPS = 1200
MOST_EPOCHS = 8  # of a small data set
LOOKS = 6  # at held-out pictures, if they do not say stop
LOOKED_AT = 2000  # of each kind
PATIENCE = 3  # looks without a lower loss
LEARNING_RATE = 4e-3  # AdamW's, at the top of its rise and fall
RISE = 0.2  # of all steps; then a cosine to zero
DROPPED = 0.3  # share of the features that a step leaves out
HELD_OUT = 5000  # training pictures that are kept back, or a tenth of fewer
LEAST = 200  # training pictures
ENOUGH = 10_000  # training pictures from which on a training ends with this; with fewer, D knows them by heart
QUANTILES = 501
STATE_FOLDER = "best_response-state"  # what is done of it; removed at the end
PASSES = 2  # of a long training over the samples: a style generator draws many of them as long as a training lasts
SEED = samples.SEED + 100
FITTED = 0.9  # share of the time until a D is judged

Tick = Callable[[str, float], None]  # is told how many parts are done, and the share of all of it


class Pictures(NamedTuple):
    """Real and generated pictures, (n, 1, 28, 28) uint8 each."""

    real: Tensor
    generated: Tensor


class Sets(NamedTuple):
    """What a D is trained on, stopped by, and judged on."""

    fit: Pictures
    held: Pictures
    test: Pictures


class Part(NamedTuple):
    """One of the trainings that a best response consists of."""

    kind: str  # measure, page or real, which is of real pictures alone
    seed: int
    levels: int = FINE


class _Progress:
    """How far all parts are, told from any thread, and how the time of a run is shared among them."""

    def __init__(self, parts: Iterable[Part], tick: Tick) -> None:
        self._shares, self._tick = dict.fromkeys(parts, 0.0), tick
        self._started, self._lock = time.perf_counter(), threading.Lock()
        self._tell()

    def advance(self, part: Part, share: float) -> None:
        """So much of a part is done."""
        with self._lock:
            self._shares[part] = share
            self._tell()

    def lap(self) -> float:
        """Seconds since the last lap. Those of all parts together are what the run has taken, also side by side."""
        with self._lock:
            now = time.perf_counter()
            taken, self._started = now - self._started, now
        return taken

    def _tell(self) -> None:
        shares = self._shares.values()
        self._tick(f"{sum(share == 1 for share in shares)} of {len(shares)} done", sum(shares) / len(shares))


class _Trainings:
    """The trainings against one generator. Each is kept in a file when it has ended, and is not done again."""

    def __init__(
        self, gan: GAN, weights: str, train: data.Split, test: data.Split, folder: Path, shared: Path, tick: Tick
    ) -> None:
        """What is of one model, whose `weights` have this checksum, lies in `folder`; what is of real pictures only in
        `shared`."""
        self.measures, self.real = ([Part(kind, seed) for seed in range(SEEDS)] for kind in ("measure", "real"))
        self.page = Part("page", 0, COARSE)
        self._gan, self._train, self._test, self._device = gan, train, test, gan.device.type
        own = *self.measures, self.page
        self._kept = {part: (folder, self._key(part, weights=weights, levels=part.levels)) for part in own}
        self._kept |= {part: (shared, self._key(part)) for part in self.real}
        self.progress = _Progress(self._kept, tick)
        choose_precision("auto", self._device)  # is measured now, while nothing else is at work
        held = all(cache.holds(*self._kept[part]) for part in own)
        self._sets = None if held else against_samples(gan, train, test)  # now, by all cores

    def _key(self, part: Part, **settings: Any) -> dict[str, Any]:
        name = f"best-response-{part.kind}-{part.seed}"
        return cache.key(name, self._gan.device, self._train, self._test, steps=STEPS, **settings)

    def one(self, part: Part, go_on: Callable[[], None], start: dict[str, Tensor] | None = None) -> cache.Content:
        """The figures and the weights of one, which begins with the weights `start` if there are any."""

        def advance(share: float) -> None:
            go_on()
            self.progress.advance(part, share)

        def compute() -> cache.Content:
            if part in self.real:
                sets = real_halves(self._train, self._test, part.seed)
                return one_answer(sets, part.seed, part.levels, self._device, advance)._replace(tensors={})
            looked_into = part in (self.measures[-1], self.page)
            sets = self._sets or against_samples(self._gan, self._train, self._test)  # where a file is gone by now
            answer = one_answer(sets, part.seed, part.levels, self._device, advance, start, looked_into)
            return answer._replace(figures={**answer.figures, "seconds": self.progress.lap()})

        content = cache.kept(*self._kept[part], compute, needed=part not in self.real)
        self.progress.advance(part, 1.0)
        return content

    def first(self, go_on: Callable[[], None]) -> list[cache.Content]:
        """One that measures and, from its weights, the page's: from random ones that learns nothing for long."""
        measure = self.one(self.measures[0], go_on)
        return [measure, self.one(self.page, go_on, measure.tensors)]

    def others(self, go_on: Callable[[], None]) -> list[cache.Content]:
        """All others that measure."""
        return [self.one(part, go_on) for part in self.measures[1:]]


def write_best_response(
    folder: str | Path,
    data_dir: str | Path | None = None,
    device: str = "cpu",
    tick: Tick = lambda *_: None,
    dataset: str | None = None,
) -> dict[str, Any]:
    """Train the best answers to a checkpoint's generator and write both files; returns what best_response.json holds.

    The real pictures are those that the model learned from, which may have moved to `dataset`. What a run that was
    stopped had finished is not done again. Raises UserError where the data set cannot be had or is too small, or where
    the generator draws no numbers.
    """
    folder = Path(folder)
    gan = GAN.from_pretrained(folder).to(device)
    gan.config.check_shape("the best response")
    files.check_writable(folder)
    weights = checksum(folder)
    dataset = dataset or gan.config.dataset
    train, test = (data.load(dataset, data_dir, half) for half in (True, False))
    if len(train.images) < LEAST:
        raise UserError(f"a best response is trained on at least {LEAST} pictures, and there are {len(train.images)}")
    state = folder / STATE_FOLDER
    trainings = _Trainings(gan, weights, train, test, state, cache.folder(data_dir) or state, tick)
    (first, page), others = side_by_side([trainings.first, trainings.others], device)
    measures = [first, *others]
    seconds = sum(one.figures.pop("seconds") for one in (*measures, page))  # also those of a run that was stopped
    real = side_by_side([functools.partial(trainings.one, part) for part in trainings.real], device)
    content = {
        "format": FORMAT,
        "dataset": dataset,
        "parameters": sum(tensor.numel() for tensor in page.tensors.values()),
        "measure": summary([one.figures for one in measures]),
        "page": page.figures,
        "real_against_real": {**summary([one.figures for one in real]), "pictures": len(test.images)},
        "seconds": round(seconds + trainings.progress.lap(), 1),
        "weights_sha256": weights,
    }
    tensors = {name: tensor.half().contiguous() for name, tensor in page.tensors.items()}
    files.write_bytes(folder / BEST_RESPONSE_WEIGHTS, save_safetensors(tensors, metadata={"format": "pt"}))
    files.write_json(folder / BEST_RESPONSE_FILE, content)  # last: without it the weights are not read
    shutil.rmtree(state, ignore_errors=True)
    return content


def against_samples(gan: GAN, train: data.Split, test: data.Split) -> Sets:
    """Real pictures, and as many samples as are needed; of classes as the data has, if G is conditional."""
    order = torch.randperm(len(train.images), generator=torch.Generator().manual_seed(SEED))
    kept = kept_back(len(order))
    held, fit = train.images[order[:kept]], train.images[order[kept:]]
    sizes = [min(len(fit), STEPS * BATCH // PASSES), len(held), len(test.images)]
    asked = None
    if gan.config.classes:
        if train.labels is None or train.classes != gan.config.classes:
            raise UserError(f"the pictures have {train.classes} classes, and the model draws {gan.config.classes}")
        random = torch.Generator().manual_seed(SEED)
        asked = train.labels[torch.randint(len(train.labels), (sum(sizes),), generator=random)]
    generated = samples.draw(gan, sum(sizes), SEED, asked).cpu().split(sizes)
    return Sets(*map(Pictures, (fit, held, test.images), generated))


def kept_back(n: int) -> int:
    """How many of n training pictures are held out."""
    return min(HELD_OUT, n // 10)


def one_answer(
    sets: Sets,
    seed: int,
    levels: int,
    device: str,
    advance: Callable[[float], None] = lambda share: None,
    start: dict[str, Tensor] | None = None,
    looked_into: bool = False,
) -> cache.Content:
    """Train one D, as `fit` does, and judge it on test pictures: its figures, and its weights.

    What it sees costs as much as a twentieth of its training, and is found of one that is `looked_into`.
    """
    network = fit(sets, seed, levels, device, lambda share: advance(FITTED * share), start)
    figures = judged(network, sets)
    if looked_into:
        advance(FITTED)
        figures["sees"] = what_it_sees.accuracies(network, *sets.test)
        advance((1 + FITTED) / 2)
        figures["looks_at"] = what_it_sees.where_it_looks(network, *sets.test)
    return cache.Content(figures, {name: part.cpu().contiguous() for name, part in network.state_dict().items()})


def judged(network: ResponseNetwork, sets: Sets) -> dict[str, Any]:
    """Calibrate a D on held-out pictures, and judge it on test pictures: its figures.

    One that was shown varied pictures has its zero elsewhere for those that are not, and so finds it anew.
    """
    held = [logits(network, pictures) for pictures in sets.held]
    scale = calibration(held[0], held[1], shifted=network.levels < FINE)
    real, generated = (logits(network, pictures) / scale.temperature + scale.shift for pictures in sets.test)
    for name, outputs in (("real", real), ("generated", generated)):
        if not outputs.isfinite().all():
            raise UserError(f"the best response's output for some {name} pictures is NaN or infinite")
    levels_of = torch.linspace(0, 1, QUANTILES, dtype=torch.float64)
    return {
        **figures_of(real, generated),
        "ece": rounded(expected_calibration_error(real, generated)),
        **scale._asdict(),
        "levels": network.levels,
        "real": [rounded(value) for value in real.quantile(levels_of).tolist()],
        "generated": [rounded(value) for value in generated.quantile(levels_of).tolist()],
    }


def fit(
    sets: Sets,
    seed: int,
    levels: int,
    device: str,
    advance: Callable[[float], None] = lambda share: None,
    start: dict[str, Tensor] | None = None,
) -> ResponseNetwork:
    """Train a D until held-out pictures say stop; returns the one that had the lowest loss on them.

    All randomness comes from `seed`. A network that sees `COARSE` grey levels is shown pictures that are varied more
    and more. `start` are weights to begin with: from random ones it finds nothing in varied pictures for long.
    """
    random = torch.Generator().manual_seed(SEED + seed)  # on the CPU: the same numbers on every device
    network = _new(levels, random)
    if start is not None:
        network.load_state_dict(start)
    network = network.to(device).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.98), weight_decay=0.01, fused=device != "mps")
    batch = min(BATCH, *map(len, sets.fit))
    steps = min(STEPS, max(1, MOST_EPOCHS * len(sets.fit.real) // batch))
    autocast = torch.autocast(device, torch.bfloat16, enabled=choose_precision("auto", device) == "bf16")
    orders = [_shuffled(len(pictures), batch, random) for pictures in sets.fit]
    least, best, looks, every = math.inf, network.state_dict(), 0, -(-steps // LOOKS)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * _rate(step / steps)
        shown = [pictures[next(order)] for pictures, order in zip(sets.fit, orders, strict=True)]
        images = from_pixels(torch.cat(shown).to(device))
        if levels < FINE:
            images = what_it_sees.varied(images, random, min(1.0, step / steps / RISE))
        with autocast:
            features = network.features(images)
        kept = torch.rand(features.shape, generator=random).to(features.device) >= DROPPED
        outputs = network.head(features * kept / (1 - DROPPED)).squeeze(1)
        loss = softplus(-outputs[:batch]).mean() + softplus(outputs[batch:]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        advance((step + 1) / steps)
        if (step + 1) % every == 0 or step + 1 == steps:
            now = log_loss(*(logits(network, pictures[:LOOKED_AT]) for pictures in sets.held))
            looks += 1
            if now < least:
                least, looks = now, 0
                best = {name: tensor.clone() for name, tensor in network.state_dict().items()}
            elif looks == PATIENCE and steps == STEPS:  # of fewer pictures it is over soon anyway
                break
    network.load_state_dict(best)
    return network.requires_grad_(False).eval()


def _new(levels: int, random: torch.Generator) -> ResponseNetwork:
    """A network whose features keep their size from layer to layer (He et al. 2015, equation 15)."""
    with torch.device("meta"):  # where torch's own initialisation draws no random numbers
        network = ResponseNetwork(levels)
    network = network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, LEAK, generator=random)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def _shuffled(n: int, batch: int, random: torch.Generator) -> Any:
    """Indices of whole batches without end, shuffled anew in each epoch."""
    while True:
        yield from torch.randperm(n, generator=random)[: n - n % batch].split(batch)


def _rate(done: float) -> float:
    """One cycle (Smith 2018): a linear rise to 1, then half a cosine to 0; `done` is the share of all steps."""
    if done < RISE:
        return 0.04 + 0.96 * done / RISE
    return 0.5 * (1 + math.cos(math.pi * (done - RISE) / (1 - RISE)))


@torch.inference_mode()
def logits(network: ResponseNetwork, pixels: Tensor) -> Tensor:
    """A network's logits for (n, 1, 28, 28) uint8, uncalibrated: (n,) float64 on the CPU."""
    device = next(network.parameters()).device
    rows = samples.batches(len(pixels))
    return torch.cat([network(from_pixels(pixels[some].to(device))) for some in rows]).cpu().double()


def log_loss(real: Tensor, generated: Tensor) -> float:
    """The mean loss of a picture in nats: log 2 for guessing."""
    return (softplus(-real).mean() + softplus(generated).mean()).item() / 2


def summary(several: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean figures of several seeds, each with its standard error, and what one of them sees."""
    result: dict[str, Any] = {"seeds": len(several)}
    for name in ("accuracy", "jsd", "value"):
        result[name] = rounded(sum(one[name] for one in several) / len(several))
        result[f"{name}_error"] = rounded(error_of([one[name] for one in several], several[0][f"{name}_error"]))
    for name in ("area", "ece"):
        result[name] = rounded(sum(one[name] for one in several) / len(several))
    return result | {name: one[name] for one in several for name in ("sees", "looks_at") if name in one}


def real_halves(train: data.Split, test: data.Split, seed: int) -> Sets:
    """Real pictures, halved at random: one half in the place of samples, which is the test of the test."""
    random = torch.Generator().manual_seed(SEED + seed)

    def halves(pictures: Tensor) -> Pictures:
        half = len(pictures) // 2
        order = torch.randperm(len(pictures), generator=random)
        return Pictures(pictures[order[:half]], pictures[order[half : 2 * half]])

    kept = kept_back(len(train.images))
    order = torch.randperm(len(train.images), generator=random)
    held, fit = train.images[order[:kept]], train.images[order[kept:]]
    return Sets(halves(fit), halves(held), halves(test.images))
