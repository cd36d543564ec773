"""The training iteration and its state; `run.py` turns them into a run with a folder and a history.

    trainer = Trainer(Settings.of("mlp", epochs=50), data.load("mnist"))
    while trainer.state.step < trainer.steps:
        metrics = trainer.iterate()

One iteration is `d_steps` discriminator steps, each on a new batch, then one generator step and one
step of the generator's moving average. Everything that an iteration changes is in `State`, and all
randomness comes from `State.random`, so a run that is saved and resumed ends where it would have ended: on a CPU with
the same weights bit for bit, on a GPU up to the order in which it adds.
"""

import copy
import dataclasses
import functools
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from gan_demo import distributed
from gan_demo.config import CLASSES, build
from gan_demo.data import Split
from gan_demo.devices import hardware
from gan_demo.errors import UserError
from gan_demo.gan import GAN
from gan_demo.networks import (
    ARCHITECTURES,
    MinibatchSpread,
    Shape,
    StyleGenerator,
    carry_over,
    initialise,
    move_average,
    normalise,
)
from gan_demo.objectives import OBJECTIVES, value
from gan_demo.penalties import PENALTIES, clip
from gan_demo.pixels import from_pixels
from gan_demo.settings import Settings
from gan_demo.training.cuda_graph import Replayed


@dataclass
class State:
    """Everything that one iteration changes."""

    generator: nn.Module
    discriminator: nn.Module
    average: nn.Module  # exponential moving average of the generator
    optimizer_g: torch.optim.Optimizer
    optimizer_d: torch.optim.Optimizer
    random: torch.Generator  # latents and shuffling, on the training device
    order: Tensor  # (n,) the shuffled data set of the current epoch
    step: int = 0  # iterations done
    seconds: float = 0.0  # spent in iterations
    # What somebody changed while it ran (control.py).
    knobs: dict[str, Any] = field(default_factory=dict)  # settings that are no longer those of the beginning
    freeze: str = ""  # "d" or "g", where one of the two takes no steps
    shakes: int = 0  # of D's weights
    changes: list[dict[str, Any]] = field(default_factory=list)  # each with its step, in their order

    @classmethod
    def new(cls, settings: Settings, pictures: int, shape: Shape, classes: int = CLASSES) -> "State":
        """The state before the first iteration on so many `pictures` of one shape, of `classes`."""
        device = torch.device(settings.device)
        generator, discriminator = build(settings.config(shape, classes), "cpu")
        weights = torch.Generator().manual_seed(settings.seed)  # on the CPU: equal on every device
        initialise(generator, weights)
        initialise(discriminator, weights)
        # Convolutions are faster on a CPU with the channels last; linear layers do not mind.
        generator.to(device).to(memory_format=torch.channels_last)
        discriminator.to(device).to(memory_format=torch.channels_last)
        average = copy.deepcopy(generator).requires_grad_(False)
        distributed.share_batch_norms([generator, discriminator])
        return cls(
            generator=generator,
            discriminator=discriminator,
            average=average,
            optimizer_g=adam(generator, settings.lr_g, settings),
            optimizer_d=adam(discriminator, settings.lr_d, settings),
            random=torch.Generator(device).manual_seed(settings.seed),
            order=torch.zeros(pictures, dtype=torch.long, device=device),
        )

    def state_dict(self) -> dict[str, Any]:
        """Plain tensors and numbers, loadable with weights_only=True."""
        parts = {name: getattr(self, name).state_dict() for name in self._PARTS}
        return {**parts, "random": self.random.get_state(), **{name: getattr(self, name) for name in self._VALUES}}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        for name in self._PARTS:
            part, content = getattr(self, name), saved[name]
            if isinstance(part, torch.optim.Optimizer):
                # The settings are this run's own: whether it is recorded may differ, and the rate lies on the device.
                content = {**content, "param_groups": part.state_dict()["param_groups"]}
            part.load_state_dict(content)
        self.random.set_state(saved["random"].cpu())
        for name in self._VALUES:
            setattr(self, name, saved.get(name, getattr(self, name)))  # earlier versions had fewer
        self.order = self.order.to(self.random.device)

    _PARTS = ("generator", "discriminator", "average", "optimizer_g", "optimizer_d")
    _VALUES = ("order", "step", "seconds", "knobs", "freeze", "shakes", "changes")


def is_recorded(settings: Settings) -> bool:
    """Whether iterations become a CUDA graph. Nobody has tried yet to record the messages of several GPUs."""
    return settings.graph and torch.device(settings.device).type == "cuda" and distributed.count() == 1


def adam(network: nn.Module, rate: float, settings: Settings) -> torch.optim.Adam:
    """Adam for a network, as a training with these settings has it."""
    recorded = is_recorded(settings)
    return torch.optim.Adam(
        network.parameters(),
        # A tensor on the device: a recorded iteration reads the rate of the moment from it.
        torch.tensor(rate, device=settings.device) if recorded else rate,
        (settings.beta1, settings.beta2),
        fused=torch.device(settings.device).type != "mps",
        capturable=recorded,
    )


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    group = optimizer.param_groups[0]
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate


def _plain(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


# An iteration reports these, in this order, each a mean over the batch. `ranked` is the share of pairs of a real and a
# generated picture that D puts in the right order, whatever its output means: 1/2 is guessing.
METRICS = ("loss_d", "loss_g", "penalty", "score_real", "score_fake", "ranked", "d_real", "d_fake", "value")
LOGIT_METRICS = METRICS[-3:]  # only where D's output is a logit


class Trainer:
    """Trains: each `iterate()` changes `state` by one iteration."""

    def __init__(self, settings: Settings, split: Split) -> None:
        self.begun = self.settings = settings  # those of the beginning, and those of now
        self.device = torch.device(settings.device)
        self.images = split.images.to(self.device)
        self.labels = self._labels(split)
        self.shape, self.classes, self.names = split.shape, split.classes or CLASSES, split.names
        self.state = State.new(settings, len(self.images), split.shape, self.classes)
        self.origin: dict[str, Any] = {}  # of the weights that a run began with, if they are another model's
        self.steps_per_epoch = len(self.images) // (settings.batch_size * settings.d_steps)
        if self.steps_per_epoch == 0:
            most = len(self.images) // settings.d_steps
            raise UserError(
                f"{settings.dataset} has {len(self.images)} pictures, fewer than one iteration takes:"
                + (f" use a --batch-size of at most {most}" if most > 1 else " use fewer --d-steps")
            )
        self.steps = settings.epochs * self.steps_per_epoch
        if settings.max_steps:
            self.steps = min(self.steps, settings.max_steps)
        spread = any(isinstance(module, MinibatchSpread) for module in self.state.discriminator.modules())
        self.mixes = spread or settings.discriminator_norm == "batch"  # D's layers look at several pictures at once
        self.average_rate = torch.zeros((), device=self.device)  # 1 - the decay of the generator's average
        self.update: Callable[[tuple[bool, ...]], Tensor] = self._update
        if is_recorded(settings):
            networks = self.state.generator, self.state.discriminator
            self.update = Replayed(self._update, self.state.random, networks)
        self.use(settings)

    def use(self, settings: Settings) -> None:
        """Go on with these settings, of which those of the networks and of the pictures are as before.

        An epoch stays as many iterations as it was at the beginning, whatever `d_steps` is now.
        """
        self.settings = settings
        self.state.knobs = {name: value for name, value in vars(settings).items() if value != getattr(self.begun, name)}
        self.objective = OBJECTIVES[settings.objective]
        self.penalty = PENALTIES[settings.penalty]
        # Each iteration sets this and `average_rate` anew, in place: a recorded iteration reads them where they lie.
        self.chosen = torch.zeros(settings.batch_size * settings.d_steps, dtype=torch.long, device=self.device)
        if isinstance(self.update, Replayed):
            self.update.forget()

    def _labels(self, split: Split) -> Tensor | None:
        """(n,) int64 for a conditional training, else None."""
        if not self.settings.conditional:
            return None
        split.check_classes(self.settings.dataset)
        assert split.labels is not None
        return split.labels.to(self.device)

    def begin_from(self, gan: GAN, origin: dict[str, Any]) -> None:
        """Begin with the weights of a trained model; `origin` says which. Raises UserError that names what differs.

        The optimizers begin anew: checkpoints do not have their state. Both generators begin with the average, which is
        what a checkpoint has. A style model may begin with one of other subpixels or classes: what is new is named.
        """
        own, other = self.gan().config, gan.config
        fields = ["model", "shape", "latent_dim", "generator_widths", "discriminator_widths"]
        fields += ["classes"] if own.model != "style" else []  # elsewhere classes are part of every norm
        differ = [
            f"{name.replace('_', ' ')} is {_plain(getattr(other, name))} there and {_plain(getattr(own, name))} here"
            for name in (*fields, "generator_norm", "discriminator_norm")
            if getattr(other, name) != getattr(own, name)
        ]
        if differ:
            raise UserError(f"the weights of {origin['name']} do not fit: {'; '.join(differ)}")
        state = self.state
        pairs = (
            (state.discriminator, gan.discriminator),
            (state.generator, gan.generator),
            (state.average, gan.generator),
        )
        new = [name for network, trained in pairs for name in carry_over(network, trained)]
        self.origin = {**origin, "new": sorted(set(new))} if new else origin

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from a `state.state_dict()`."""
        self.state.load_state_dict(saved)
        self.use(dataclasses.replace(self.begun, **self.state.knobs))  # which also forgets what was recorded

    def gradient_norms(self) -> Tensor:
        """The norms of D's and of G's gradient in the last iteration: (2,), which nothing has waited for."""
        if isinstance(self.update, Replayed):
            self.update.show_gradients()
        networks = self.state.discriminator, self.state.generator
        return torch.stack([get_total_norm([p.grad for p in n.parameters() if p.grad is not None]) for n in networks])

    @functools.cached_property
    def pictures_sha256(self) -> str:
        """SHA-256 of the training pictures, by which a resumed run knows them again."""
        return hashlib.sha256(self.images.cpu().numpy().data).hexdigest()

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.state.step // self.steps_per_epoch

    def gan(self) -> GAN:
        """The averaged generator and the discriminator as they are now, copied; the config says how they came to be."""
        average, discriminator = copy.deepcopy(self.state.average), copy.deepcopy(self.state.discriminator)
        before = self.origin if self.origin.get("carried") else {}  # epochs count on from another run's
        config = self.begun.config(
            self.shape,
            self.classes,
            self.names,
            **({"init_from": self.origin} if self.origin else {}),
            **({"changes": copy.deepcopy(self.state.changes)} if self.state.changes else {}),
            epochs_done=before.get("epochs", 0) + self.epoch,
            steps_done=before.get("steps", 0) + self.state.step,
            seconds=round(before.get("seconds", 0) + self.state.seconds, 1),
            hardware=hardware(self.device),
            torch=torch.__version__,
        )
        # What D's output means is a matter of the present objective.
        return GAN(average, discriminator, dataclasses.replace(config, objective=self.settings.objective))

    def iterate(self) -> Tensor:
        """One iteration; returns METRICS as one tensor that nothing has waited for."""
        penalised = self._begin()
        metrics = self.update(penalised)
        self.state.step += 1
        return metrics

    def _begin(self) -> tuple[bool, ...]:
        """Set what this iteration reads: pictures, rates. Returns which discriminator steps are penalised."""
        settings, state = self.settings, self.state
        position = state.step % self.steps_per_epoch
        if position == 0:
            state.order = torch.randperm(len(self.images), generator=state.random, device=self.device)
        cosine = 0.5 * (1 + math.cos(math.pi * state.step / self.steps))
        left = settings.lr_end + (1 - settings.lr_end) * cosine
        _set_rate(state.optimizer_g, settings.lr_g * left)
        _set_rate(state.optimizer_d, settings.lr_d * left)
        # The average has a short memory at first, because early weights are bad.
        self.average_rate.fill_(1 - min(settings.ema, (2 + state.step) / (11 + state.step)))
        start = position * len(self.chosen)
        if start + len(self.chosen) <= len(state.order):
            self.chosen.copy_(state.order[start:][: len(self.chosen)])
        else:  # somebody has raised d_steps: the pictures come again
            places = torch.arange(start, start + len(self.chosen), device=self.device) % len(state.order)
            self.chosen.copy_(state.order[places])
        steps = range(state.step * settings.d_steps, (state.step + 1) * settings.d_steps)
        return tuple(step % settings.penalty_every == 0 for step in steps)

    def _update(self, penalised: tuple[bool, ...]) -> Tensor:
        """Do the iteration's work on the device. Its tensors stay where they are, so that it can be recorded."""
        state = self.state
        penalties = []
        for index, chosen in enumerate(self.chosen.chunk(len(penalised))):
            chosen = distributed.rows(chosen)
            real_images = from_pixels(self.images[chosen])
            # Generated pictures get the real ones' classes, so D cannot tell the two apart by their classes.
            labels = None if self.labels is None else self.labels[chosen]
            # The generator's step takes the last fakes, too: drawing others would cost time.
            with torch.set_grad_enabled(index == len(penalised) - 1):
                fake_images = self._generate(labels)
            loss_d, penalty, real, fake = self._discriminator_step(
                real_images, fake_images.detach(), labels, penalised[index]
            )
            penalties.append(penalty)
        loss_g = self._generator_step(real_images, fake_images, labels, real)
        move_average(state.average, state.generator, self.average_rate)
        return torch.stack(
            [loss_d, loss_g, torch.stack(penalties).mean(), real.mean(), fake.mean(), (real > fake).float().mean()]
            + [torch.sigmoid(real).mean(), torch.sigmoid(fake).mean(), value(real, fake)]
        ).detach()

    def _discriminator_step(
        self, real_images: Tensor, fake_images: Tensor, labels: Tensor | None, penalise: bool
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        state, settings = self.state, self.settings
        real, fake = self._score_both(real_images, fake_images, labels)
        loss = self.objective.discriminator_loss(real, fake)
        penalty = torch.zeros((), device=self.device)
        if self.penalty.loss is not None and penalise:

            def discriminator(images: Tensor) -> Tensor:  # in float32: no autocast here
                return state.discriminator(images, labels)

            penalty = self.penalty.loss(discriminator, real_images, fake_images, state.random)
            # Times `penalty_every`, so that the mean over all steps is the mean penalty.
            penalty = penalty * settings.penalty_every
            loss = loss + settings.penalty_weight * penalty
        self._step(state.discriminator, state.optimizer_d, loss)
        if self.penalty.clips and penalise and state.freeze != "d":
            clip(state.discriminator, settings.penalty_weight)
        return loss, penalty, real.detach(), fake.detach()

    def _generator_step(self, real_images: Tensor, fake_images: Tensor, labels: Tensor | None, real: Tensor) -> Tensor:
        """Take a step of G; returns its loss. `real` is what D said of the real pictures before its own step."""
        state = self.state
        state.discriminator.requires_grad_(False)  # its weights need no gradient here
        if self.objective.in_pairs:
            real = self._score(real_images, labels)
        loss = self.objective.generator_loss(real, self._score(fake_images, labels))
        self._step(state.generator, state.optimizer_g, loss)
        state.discriminator.requires_grad_(True)
        return loss

    def _step(self, network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        distributed.average_gradients(network)
        frozen = {"d": self.state.discriminator, "g": self.state.generator}.get(self.state.freeze)
        if network is not frozen:
            optimizer.step()

    def _score_both(self, real_images: Tensor, fake_images: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """D's outputs for real and for generated pictures, in one pass unless a layer would mix the two."""
        if self.mixes:
            return self._score(real_images, labels), self._score(fake_images, labels)
        both = self._score(torch.cat([real_images, fake_images]), None if labels is None else labels.repeat(2))
        return both[: len(real_images)], both[len(real_images) :]

    def _score(self, images: Tensor, labels: Tensor | None) -> Tensor:
        with self.autocast():
            return self.state.discriminator(images, labels).float()

    def _generate(self, labels: Tensor | None) -> Tensor:
        generator, z, drawn = self.state.generator, self.latents(self.state.random), {}
        if isinstance(generator, StyleGenerator):
            drawn = generator.draw_for_training(len(z), self.settings.style_mixing, self.state.random, distributed.rows)
        with self.autocast():
            return generator(distributed.rows(z), labels, **drawn).float()

    def latents(self, random: torch.Generator) -> Tensor:
        """(batch size, latent dim) latents as training draws them, a share of them shortened if the settings say so."""
        settings = self.settings
        z = torch.randn(settings.batch_size, settings.latent_dim, generator=random, device=self.device)
        if ARCHITECTURES[settings.model].spherical:
            z = normalise(z)
        if settings.short_latents:
            # One number decides both: below the share it is, divided by the share, an even factor from 0 to 1.
            level = torch.rand(settings.batch_size, 1, generator=random, device=self.device)
            z = z * (level / settings.short_latents).clamp(max=1)
        return z

    def autocast(self) -> torch.autocast:
        """The numbers that the networks compute with."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.precision == "bf16")
