"""How fast this machine trains with some settings, from a second in which it does: python -m gan_demo.training.speed

The pictures are noise, which takes as long as any. A process of its own measures, as a training is one: the page has a
thread where a training has all.
"""

import dataclasses
import json
import sys
import time

import torch

from gan_demo.data import Split
from gan_demo.devices import choose_device, choose_precision, prepare
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer

WARM_UP, SECONDS = 0.3, 1.0
PICTURES = 2_000


def measure(settings: Settings, seconds: float = SECONDS) -> float:
    """Real pictures a second that D sees in a training with these settings on this machine."""
    settings = dataclasses.replace(settings, epochs=1_000_000, max_steps=0)
    wanted = max(PICTURES, settings.batch_size * settings.d_steps)
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (wanted, 1, 28, 28), generator=random, dtype=torch.uint8)
    trainer = Trainer(settings, Split(images, torch.arange(wanted) % 10))
    _iterate(trainer, WARM_UP, 5)
    started = time.perf_counter()
    steps = _iterate(trainer, seconds, 1)
    return steps * settings.batch_size * settings.d_steps / (time.perf_counter() - started)


def _iterate(trainer: Trainer, seconds: float, least: int) -> int:
    until, steps = time.perf_counter() + seconds, 0
    while steps < least or time.perf_counter() < until:
        trainer.iterate().sum().item()  # this waits for the device
        steps += 1
    return steps


def main() -> None:
    """Measure the settings that stdin has as JSON, and print the pictures a second."""
    fields = json.load(sys.stdin)
    device = choose_device("auto")
    prepare(device)
    settings = Settings(**{**fields, "device": device, "precision": choose_precision("auto", device)})
    print(measure(settings))


if __name__ == "__main__":
    main()
