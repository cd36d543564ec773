"""How fast this machine trains with some settings, from a second in which it does: python -m gan_demo.training.speed

The pictures are noise, which takes as long as any, and networks and random numbers are its own: a training that asks
ends as it would have ended. Before a training, `train.py` measures in its own process. The page starts one for it, as
a training is one: the page has a thread where a training has all.
"""

import dataclasses
import json
import statistics
import sys
import time

import torch

from gan_demo import distributed
from gan_demo.config import CLASSES
from gan_demo.data import Split
from gan_demo.devices import choose_device, choose_precision, prepare
from gan_demo.evaluation import card
from gan_demo.networks import IMAGE_SHAPE, Shape
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer

WARM_UP, SECONDS = 0.3, 1.0
PICTURES = 2_000
SHORT = 500  # iterations: fewer are done before it matters how long they take


def measure(settings: Settings, seconds: float = SECONDS, shape: Shape = IMAGE_SHAPE, classes: int = CLASSES) -> float:
    """Real pictures a second that D sees in a training with these settings on this machine.

    `shape` is that of its pictures, and `classes` how many they have. Of several processes all must measure together.
    """
    settings = dataclasses.replace(settings, epochs=1_000_000, max_steps=0)
    per_iteration = settings.batch_size * settings.d_steps
    wanted = max(PICTURES, per_iteration, classes)
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (wanted, *shape), generator=random, dtype=torch.uint8)
    trainer = Trainer(settings, Split(images, torch.arange(wanted) % classes))
    _times(trainer, WARM_UP)
    trainer.state.step = 0
    times = _times(trainer, seconds)
    share = _share_penalised(settings)
    return per_iteration / sum(
        part * statistics.fmean(times[penalised]) for penalised, part in ((True, share), (False, 1 - share)) if part > 0
    )


def _share_penalised(settings: Settings) -> float:
    """The share of the iterations in which a step of D is penalised, if the recipe has a penalty."""
    return min(1.0, settings.d_steps / settings.penalty_every)


def _times(trainer: Trainer, seconds: float) -> dict[bool, list[float]]:
    """The seconds of iterations with and without a penalty: a second has few of those that are penalised, or none."""
    settings, state = trainer.settings, trainer.state
    times: dict[bool, list[float]] = {True: [], False: []}
    until = time.perf_counter() + seconds

    def more() -> bool:
        unknown = not times[True] or (_share_penalised(settings) < 1 and not times[False])
        return distributed.any_of(unknown or time.perf_counter() < until, trainer.device)

    while more():
        penalised = -state.step * settings.d_steps % settings.penalty_every < settings.d_steps
        started = time.perf_counter()
        trainer.iterate().sum().item()  # this waits for the device
        times[penalised].append(time.perf_counter() - started)
    return times


def forecast(trainer: Trainer) -> str | None:
    """How long a training will take from where it is, in a sentence; None of one that is short."""
    left = trainer.steps - trainer.state.step
    if left < SHORT:
        return None
    settings = trainer.settings
    speed = measure(settings, shape=trainer.shape, classes=trainer.classes)
    seconds = left * settings.batch_size * settings.d_steps / speed
    return f"The training will take about {card.duration(seconds)} on this machine, at {speed:,.0f} pictures a second"


def main() -> None:
    """Measure the settings that stdin has as JSON, and print the pictures a second."""
    fields = json.load(sys.stdin)
    device = choose_device("auto")
    prepare(device)
    settings = Settings(**{**fields, "device": device, "precision": choose_precision("auto", device)})
    print(measure(settings))


if __name__ == "__main__":
    main()
