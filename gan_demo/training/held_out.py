"""What D says of test pictures while it is trained: how much of its judgement is memory of its training pictures."""

import copy

import torch

from gan_demo.data import Split
from gan_demo.evaluation.samples import SEED, choose
from gan_demo.objectives import OBJECTIVES, value
from gan_demo.pixels import from_pixels
from gan_demo.training.iteration import Trainer

PICTURES = 2_000


class HeldOut:
    """Test pictures that D is never trained on; `figures` looks at them as the training looks at its own."""

    def __init__(self, test: Split, trainer: Trainer) -> None:
        size = min(trainer.settings.batch_size, len(test.images))
        chosen = choose(len(test.images), max(1, PICTURES // size) * size)
        self.batches = chosen[: len(chosen) // size * size].split(size)
        self.test = test

    @torch.no_grad()
    def figures(self, trainer: Trainer) -> dict[str, float]:
        """`iteration.METRICS` of the networks as they are now, on test pictures; the names end in "_test".

        The networks and the random state of the training are left as they are.
        """
        # Copies: batch norm and spectral norm remember what they have seen.
        generator, discriminator = copy.deepcopy((trainer.state.generator, trainer.state.discriminator))
        random = torch.Generator(trainer.device).manual_seed(SEED)
        conditional = trainer.labels is not None and self.test.labels is not None
        real, fake = [], []
        for rows in self.batches:
            images = from_pixels(self.test.images[rows].to(trainer.device))
            labels = self.test.labels[rows].to(trainer.device) if conditional and self.test.labels is not None else None
            with trainer.autocast():
                drawn = generator(trainer.latents(random)[: len(rows)], labels)
                real.append(discriminator(images, labels).float())
                fake.append(discriminator(drawn.float(), labels).float())
        reals, fakes = torch.cat(real), torch.cat(fake)
        found = {
            "score_real_test": reals.mean().item(),
            "score_fake_test": fakes.mean().item(),
            "ranked_test": (reals > fakes).float().mean().item(),
        }
        if OBJECTIVES[trainer.settings.objective].output == "logit":
            found["value_test"] = value(reals, fakes).item()
        return found
