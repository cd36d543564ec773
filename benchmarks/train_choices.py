"""What each choice of the training loop is worth: images per second with the choice undone, beside the loop as it is.

    python benchmarks/train_choices.py

The loop at its defaults and a loop with one choice undone run in turns, so that both meet the same machine; the
table shows the median of the ratios. Only speed is here: what a batch size does for quality is another question.
"""

import argparse
import statistics
import sys
from dataclasses import replace
from unittest import mock

import torch
from loops import Ours, begin, machine
from torch import Tensor
from train_speed import images_per_second

from gan_demo.data import Split
from gan_demo.networks import ARCHITECTURES, average
from gan_demo.pixels import from_pixels
from gan_demo.settings import Settings
from gan_demo.training import iteration
from gan_demo.training.iteration import Trainer

# Each undoes one choice, and says what it does in its place.


class Batch64(Ours):
    """batches of 64, not 128"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(replace(settings, batch_size=64), split)


class Batch256(Ours):
    """batches of 256, not 128"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(replace(settings, batch_size=256), split)


class OtherPrecision(Ours):
    """bfloat16 where the defaults are float32, and the other way round"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(replace(settings, precision="fp32" if settings.precision == "bf16" else "bf16"), split)


class ManyKernels(Ours):
    """Adam as many operations, not one fused"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(settings, split)
        for optimizer in (self.trainer.state.optimizer_g, self.trainer.state.optimizer_d):
            optimizer.param_groups[0].update(fused=False)


class ChannelsFirst(Ours):
    """channels before rows and columns in memory"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(settings, split)
        for network in (self.trainer.state.generator, self.trainer.state.discriminator):
            network.to(memory_format=torch.contiguous_format)


class BesideTheirInput(Ours):
    """activations beside their input in memory, not in its place"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(settings, split)
        for network in (self.trainer.state.generator, self.trainer.state.discriminator):
            for layer in network.modules():
                if getattr(layer, "inplace", False):
                    layer.inplace = False


class TwoPasses(Ours):
    """D judges real and generated pictures one after the other"""

    def step(self) -> int:
        def one_by_one(trainer: Trainer, real: Tensor, fake: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
            return trainer._score(real, labels), trainer._score(fake, labels)

        with mock.patch.object(Trainer, "_score_both", one_by_one):
            return super().step()


class GradientsForNothing(Ours):
    """G's step finds gradients of D's weights, too, and throws them away"""

    def step(self) -> int:
        discriminator = self.trainer.state.discriminator
        with mock.patch.object(discriminator, "requires_grad_", lambda *wanted: discriminator):
            return super().step()


class FloatPictures(Ours):
    """pictures lie in memory as float32, four times as large, and need no conversion"""

    def __init__(self, settings: Settings, split: Split) -> None:
        super().__init__(settings, split)
        self.trainer.images = from_pixels(self.trainer.images)

    def step(self) -> int:
        with mock.patch.object(iteration, "from_pixels", lambda images: images):
            return super().step()


class NoAverage(Ours):
    """no moving average of the generator: what it costs"""

    def step(self) -> int:
        with mock.patch.object(iteration, "move_average", lambda *networks: None):
            return super().step()


class AverageInThree(Ours):
    """the moving average as three passes over all weights, as on a GPU"""

    def step(self) -> int:
        with mock.patch.object(average, "_move_each", average._move_together):
            return super().step()


class OneThread(Ours):
    """one thread"""

    def step(self) -> int:
        usual = torch.get_num_threads()
        torch.set_num_threads(1)
        images = super().step()
        torch.set_num_threads(usual)
        return images


CHOICES = (
    *(OtherPrecision, Batch64, Batch256, ManyKernels, ChannelsFirst, BesideTheirInput, TwoPasses),
    *(GradientsForNothing, FloatPictures, NoAverage, AverageInThree, OneThread),
)


def ratios(usual: Ours, undone: Ours, device: str, repeats: int, seconds: float) -> list[float]:
    """Images per second of `undone`, as shares of those of `usual` just before."""
    for loop in (usual, undone):
        images_per_second(loop, 0.5, device)  # warm up
    found = []
    for _ in range(repeats):
        before = images_per_second(usual, seconds, device)
        found.append(images_per_second(undone, seconds, device) / before)
    return found


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=list(ARCHITECTURES), choices=ARCHITECTURES)
    parser.add_argument("--repeats", type=int, default=5, help="timings of each choice (default: 5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a timing (default: 1)")
    arguments, device, precision, split = begin(parser)
    print(f"{machine(device)}\n\n| images per second, of the loop as it is | {' | '.join(arguments.models)} |")
    print(f"|---|{'---:|' * len(arguments.models)}")
    usual = {model: Settings.of(model, device=device, precision=precision, graph=False) for model in arguments.models}
    loops = {model: Ours(settings, split) for model, settings in usual.items()}
    for choice in CHOICES:
        cells = []
        for model, settings in usual.items():
            found = ratios(loops[model], choice(settings, split), device, arguments.repeats, arguments.seconds)
            cells.append(f"{statistics.median(found):.0%} ({min(found):.0%} to {max(found):.0%})")
        print(f"| {choice.__doc__} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
