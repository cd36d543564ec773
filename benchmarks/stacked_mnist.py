"""How many of 1,000 modes a generator has: stacked MNIST, three random digits in the channels of one picture.

    python benchmarks/stacked_mnist.py --recipes ns-gan wgan-gp r3gan

The protocol is that of PacGAN (Lin 2018, section 4.2, after Metz 2017 and Srivastava 2017). Each recipe trains the same
networks for the same number of steps, 64 pictures each, on 128,000 random stacks of training digits. Of 26,000 samples
the digit classifier reads each channel. The three digits name one of 1,000 modes. A mode is covered when one sample is
in it. KL is that of the modes' shares from equal ones: 6.9 nats where one mode has all. 26,000 samples drawn equally
from all modes have some more often than others, so a perfect generator's KL is not 0: the table has it, computed.

A run is a folder. It is saved every minute: the same command goes on after Ctrl-C, and leaves out what has finished.
"""

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from loops import machine
from torch import Tensor
from tqdm import tqdm

from gan_demo import data, files
from gan_demo.checkpoint import STATE_FILE
from gan_demo.classifier import load_classifier
from gan_demo.data import Split
from gan_demo.devices import choose_device, choose_precision, prepare
from gan_demo.errors import UserError
from gan_demo.evaluation import card, samples, tables
from gan_demo.evaluation.metrics import class_shares, kl_from_uniform
from gan_demo.networks import ARCHITECTURES
from gan_demo.pixels import batches, from_pixels
from gan_demo.recipes import RECIPES
from gan_demo.settings import Settings
from gan_demo.training import run_folder, speed
from gan_demo.training.history_writer import HistoryWriter
from gan_demo.training.iteration import Trainer

MODES, SAMPLES, PICTURES, BATCH = 1_000, 26_000, 128_000, 64
SEED = 20_171_204  # of the stacks and of the samples
REPEATS = 10  # of drawing 26,000 modes equally
SAVE_EVERY = 60.0  # seconds
FIGURES = "stacked.json"
# Modes and KL as published; their networks differ, and the DCGANs took about 100,000 steps.
PUBLISHED = {
    "DCGAN (by Srivastava 2017)": (99, "3.40"),
    "VEEGAN (Srivastava 2017)": (150, "2.95"),
    "PacDCGAN2 (Lin 2018)": (1_000, ".06"),
    "R3GAN (Huang 2024)": (1_000, ".029"),
}


def stacked(digits: Tensor, count: int, seed: int = SEED) -> Tensor:
    """`count` pictures of three random digits each, (n, 1, h, w) uint8 -> (count, 3, h, w); equal for equal seeds."""
    random = torch.Generator().manual_seed(seed)
    rows = torch.randint(len(digits), (count, 3), generator=random)
    return torch.cat([digits[rows[:, channel]] for channel in range(3)], dim=1)


def modes_of(pictures: Tensor, device: str = "cpu") -> Tensor:
    """The mode of each picture, 0 to 999, as the classifier reads its channels: (n, 3, 28, 28) uint8 -> (n,) int64."""
    classifier = load_classifier(device)
    modes = []
    for rows in batches(len(pictures)):
        channels = from_pixels(pictures[rows].to(device)).unbind(1)
        hundreds, tens, ones = (classifier.predict(channel[:, None]) for channel in channels)
        modes.append((100 * hundreds + 10 * tens + ones).cpu())
    return torch.cat(modes)


def coverage(modes: Tensor) -> tuple[int, float]:
    """How many of the 1,000 modes are there, and the KL of their shares from equal ones in nats: (n,) int64."""
    shares = class_shares(modes, MODES)
    return sum(share > 0 for share in shares), kl_from_uniform(shares)


def perfect() -> tuple[float, float]:
    """Modes and KL of samples that are drawn equally from all modes: means of several draws."""
    random = torch.Generator().manual_seed(SEED)
    found = [coverage(torch.randint(MODES, (SAMPLES,), generator=random)) for _ in range(REPEATS)]
    return sum(modes for modes, _ in found) / REPEATS, sum(kl for _, kl in found) / REPEATS


class Run:
    """One training, in a folder of its own."""

    def __init__(self, settings: Settings, output: Path) -> None:
        name = f"{settings.model}-{settings.recipe}-{settings.max_steps}-steps-seed-{settings.seed}"
        self.folder = output / name
        if (self.folder / STATE_FILE).exists():  # in the numbers in which it began: these were chosen by a measurement
            settings = dataclasses.replace(settings, precision=run_folder.read_settings(self.folder).precision)
        self.settings = settings

    def figures(self) -> dict[str, Any] | None:
        """What a finished run has found; None of another."""
        try:
            return json.loads((self.folder / FIGURES).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def steps_left(self) -> int:
        """How many steps are still to be done."""
        try:
            state = torch.load(self.folder / STATE_FILE, weights_only=True)
        except FileNotFoundError:
            return self.settings.max_steps
        return self.settings.max_steps - state["trainer"]["step"]

    def seconds_left(self) -> float:
        """About how long these will take on this machine, measured now."""
        rate = speed.measure(self.settings, shape=(3, 28, 28))
        return self.steps_left() * self.settings.batch_size * self.settings.d_steps / rate

    def train(self, pictures: Tensor) -> dict[str, Any]:
        """Train to the end, or go on from the last save; then measure. Raises UserError where a loss is no number."""
        trainer, settings = Trainer(self.settings, Split(pictures, None)), self.settings
        with run_folder.alone(self.folder):
            if (self.folder / STATE_FILE).exists():
                run_folder.load_state(self.folder, trainer, HistoryWriter())
            saved, began, spent = time.monotonic(), time.monotonic(), trainer.state.seconds
            with tqdm(total=settings.max_steps, initial=trainer.state.step, desc=settings.recipe, unit="step") as bar:
                while trainer.state.step < settings.max_steps:
                    metrics = trainer.iterate()
                    bar.update()
                    if time.monotonic() - saved > SAVE_EVERY or trainer.state.step == settings.max_steps:
                        if not metrics.isfinite().all():
                            raise UserError(f"{settings.recipe}: a loss is no number at step {trainer.state.step}")
                        trainer.state.seconds = spent + time.monotonic() - began
                        run_folder.save(trainer, HistoryWriter(), self.folder)
                        saved = time.monotonic()
            modes, kl = coverage(modes_of(samples.draw(trainer.gan(), SAMPLES, SEED), settings.device))
            figures = {"steps": settings.max_steps, "seconds": trainer.state.seconds, "modes": modes, "kl": kl}
            files.write_json(self.folder / FIGURES, figures)
            (self.folder / STATE_FILE).unlink(missing_ok=True)
        return figures


def table(found: dict[str, dict[str, Any]], real: tuple[float, float]) -> str:
    """What was found, beside what was published and what is possible."""
    floor_modes, floor_kl = perfect()
    rows = [["", "steps", "time", "modes of 1,000", "KL, nats"]]
    for name, figures in found.items():
        took = card.duration(figures["seconds"])
        rows.append([name, f"{figures['steps']:,}", took, f"{figures['modes']:,}", f"{figures['kl']:.3f}"])
    rows += [[f"published: {name}", "", "", f"{modes:,}", kl] for name, (modes, kl) in PUBLISHED.items()]
    rows.append(["real test digits, stacked", "", "", f"{real[0]:,}", f"{real[1]:.3f}"])
    rows.append(["a perfect sampler of equal modes", "", "", f"{floor_modes:,.0f}", f"{floor_kl:.3f}"])
    return tables.markdown(rows)


def main(words: list[str] | None = None) -> int:
    """Train what is left, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", nargs="+", default=["ns-gan", "wgan-gp", "r3gan"], choices=RECIPES)
    parser.add_argument("--model", default="dcgan", choices=ARCHITECTURES)
    parser.add_argument("--steps", type=int, default=2_000, help="steps of G, of each recipe (default: %(default)s)")
    parser.add_argument("--pictures", type=int, default=PICTURES, help="stacks to train on (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the trainings (default: 0)")
    parser.add_argument("--output", default="runs/stacked-mnist", help="a folder for each run (default: %(default)s)")
    parser.add_argument("--data-dir", help="where MNIST lies (default: GAN_DEMO_DATA, else data)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    options = parser.parse_args(words)
    try:
        device = choose_device(options.device)
        prepare(device)
        # Passes enough for the steps, of which the cosine of the learning rates is.
        fixed = {"device": device, "precision": choose_precision("auto", device), "seed": options.seed}
        fixed |= {"batch_size": BATCH, "epochs": max(1, options.steps), "max_steps": options.steps}
        runs = {r: Run(Settings.of(options.model, recipe=r, **fixed), Path(options.output)) for r in options.recipes}
        found = {recipe: run.figures() for recipe, run in runs.items()}
        left = {recipe: run.seconds_left() for recipe, run in runs.items() if found[recipe] is None}
        if left:
            each = ", ".join(f"{recipe} {card.duration(seconds)}" for recipe, seconds in left.items())
            print(f"About {card.duration(sum(left.values()))} on this machine: {each}", file=sys.stderr, flush=True)
        train, test = (data.load("mnist", options.data_dir, train=half).images for half in (True, False))
        pictures = stacked(train, options.pictures) if left else None
        for recipe in left:
            found[recipe] = runs[recipe].train(pictures)
        real = coverage(modes_of(stacked(test, SAMPLES), device))
    except UserError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "Stopped. The same command goes on from the last minute that was saved.\n")
    print(f"{options.model}, seed {options.seed}; {machine(device)}\n\n{table(found, real)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
