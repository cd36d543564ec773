"""A small convolutional classifier of digits: the network in whose features pictures are compared.

    python -m gan_demo classifier          trains it on MNIST and writes the weights that ship with us

Published Fréchet distances use the Inception network, which was trained on photographs and has to be
downloaded. A network that was trained on digits sees more of what matters here and weighs one megabyte.
Figures made with it can be compared with each other, not with figures made with another network.
"""

import copy
import functools
import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn
from torch.nn.functional import affine_grid, avg_pool2d, cross_entropy, grid_sample
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from gan_demo import data, files
from gan_demo.devices import choose_precision
from gan_demo.errors import UserError
from gan_demo.networks import IMAGE_SHAPE, initialise, move_average
from gan_demo.pixels import from_pixels
from gan_demo.progress import Bar
from gan_demo.shell import command

WEIGHTS_PATH = Path(__file__).with_name("classifier.safetensors")
CLASSES = 10
FEATURES = 96
WIDTHS = (32, 64, 96)  # channels at 24x24, 12x12 and 6x6
PREDICT_BATCH = 500

EPOCHS = 14
BATCH_SIZE = 128
LEARNING_RATE = 4e-3  # Adam's, at the top of its rise and fall
RISE = 0.2  # of all steps; then a cosine to zero
EMA_DECAY = 0.998  # an average over about one epoch
# The largest random changes of a training picture: less than a person would notice in a digit.
ROTATION = math.radians(12)
SCALING = 0.12
SHEAR = 0.15
SHIFT = 2 / 14  # of half a side: two pixels


class Classifier(nn.Module):
    """Pictures (n, 1, 28, 28) in [-1, 1] -> logits of the ten digits (n, 10), by way of 96 features."""

    def __init__(self, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        at_24, at_12, at_6 = widths
        self.body = nn.Sequential(
            *_convolution(1, at_24, kernel=5, padding=0),
            nn.MaxPool2d(2),
            *_convolution(at_24, at_12),
            *_convolution(at_12, at_12),
            nn.MaxPool2d(2),
            *_convolution(at_12, at_6),
            *_convolution(at_6, at_6),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(at_6 * 3 * 3, FEATURES, bias=False),
            nn.BatchNorm1d(FEATURES),
            nn.ReLU(),
        )
        self.head = nn.Linear(FEATURES, CLASSES)

    def features(self, images: Tensor) -> Tensor:
        """The penultimate layer: (n, 96) float32, none negative."""
        if images.shape[1:] != IMAGE_SHAPE:
            raise UserError(f"the digit classifier sees grey pictures of 28x28 only, not {tuple(images.shape[1:])}")
        return self.body(images.contiguous(memory_format=torch.channels_last)).float()

    def strokes(self, images: Tensor) -> Tensor:
        """What the fourth convolution finds in each of 6x6 places, averaged with those around: (n, 96, 6, 6) float32.

        The layers after it keep only what tells digits apart. It still has what makes a picture no digit.
        """
        found, convolutions = images.contiguous(memory_format=torch.channels_last), 0
        for layer in self.body:
            found = layer(found)
            convolutions += isinstance(layer, nn.ReLU)
            if convolutions == 4:
                break
        return avg_pool2d(found.float(), 3, stride=1, padding=1)

    def logits(self, images: Tensor) -> Tensor:
        """(n, 10) float32; softmax makes probabilities of them."""
        return self.head(self.features(images)).float()

    forward = logits

    @torch.inference_mode()
    def predict(self, images: Tensor) -> Tensor:
        """The digit that each picture looks most like: (n,) int64, any n."""
        return torch.cat([self.logits(batch).argmax(1) for batch in images.split(PREDICT_BATCH)])


def _convolution(inputs: int, outputs: int, kernel: int = 3, padding: int = 1) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()


@functools.cache
@torch.inference_mode(False)  # whoever is first may be without gradients, and others want them
def load_classifier(device: str | torch.device = "cpu") -> Classifier:
    """The trained classifier that ships with the project: frozen, and read once for each device."""
    if not WEIGHTS_PATH.is_file():
        raise UserError(f"{WEIGHTS_PATH} is missing: {command('classifier')} trains it anew")
    with torch.device("meta"):
        classifier = Classifier()
    try:
        classifier.load_state_dict(load_safetensors(WEIGHTS_PATH.read_bytes()), assign=True)
    except (SafetensorError, RuntimeError) as error:
        raise UserError(f"{WEIGHTS_PATH} is damaged ({' '.join(str(error).split())[:200]})") from None
    classifier.requires_grad_(False).eval()
    classifier.body = _fused(classifier.body)
    # Channels last, the order of numbers in memory, is the faster one on a CPU.
    return classifier.to(device).to(memory_format=torch.channels_last)


def _fused(layers: nn.Sequential) -> nn.Sequential:
    """The same function with each batch norm made part of the layer before it, which saves time."""
    fused: list[nn.Module] = []
    for layer in layers:
        before = fused[-1] if fused else None
        if isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
            fused[-1] = fuse_conv_bn_eval(before, layer)
        elif isinstance(layer, nn.BatchNorm1d) and isinstance(before, nn.Linear):
            fused[-1] = fuse_linear_bn_eval(before, layer)
        else:
            fused.append(layer)
    return nn.Sequential(*fused)


def describe() -> str:
    """The weights in one line: accuracy on MNIST test, and the file's SHA-256."""
    with safe_open(WEIGHTS_PATH, framework="pt") as file:
        accuracy = float(file.metadata()["test_accuracy"])
    digest = hashlib.sha256(WEIGHTS_PATH.read_bytes()).hexdigest()
    return f"digit classifier of gan_demo, {100 * accuracy:.2f} % on MNIST test, sha256 {digest}"


def train(
    split: data.Split,
    epochs: int = EPOCHS,
    seed: int = 0,
    device: str = "cpu",
    quiet: bool = False,
    widths: tuple[int, int, int] = WIDTHS,
    augmented: bool = True,
) -> Classifier:
    """Train a classifier on a labelled data set; returns the moving average of its weights.

    All randomness comes from `seed`. Raises UserError where the data set has no labels.
    """
    if split.labels is None:
        raise UserError("a classifier needs a data set with labels")
    images, labels = split.images.to(device), split.labels.to(device)
    random = torch.Generator().manual_seed(seed)  # on the CPU: the same numbers on every device
    with torch.device("meta"):  # where torch's own initialisation draws no random numbers
        classifier = Classifier(widths)
    classifier = classifier.to_empty(device="cpu")
    initialise(classifier, random)
    classifier = classifier.to(device).to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(classifier).requires_grad_(False).eval()
    average_rate = torch.zeros((), device=device)

    optimizer = torch.optim.Adam(classifier.parameters())
    batch_size = min(BATCH_SIZE, len(images))
    steps = epochs * (len(images) // batch_size)
    autocast = torch.autocast(device, torch.bfloat16, enabled=choose_precision("auto", device) == "bf16")
    with Bar(total=steps, unit="step", disable=quiet) as bar:
        for step, chosen in enumerate(_batches(len(images), batch_size, epochs, random)):
            optimizer.param_groups[0]["lr"] = _learning_rate(step / steps)
            batch = from_pixels(images[chosen.to(device)])
            if augmented:
                batch = augment(batch, random)
            with autocast:
                logits = classifier(batch)
            loss = cross_entropy(logits.float(), labels[chosen.to(device)])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average_rate.fill_(1 - min(EMA_DECAY, (1 + step) / (10 + step)))
            move_average(average, classifier, average_rate)
            bar.update()
            if step % 100 == 99:
                bar.set_postfix_str(f"loss {loss.item():.3f}", refresh=False)
    return average


def _batches(n: int, batch_size: int, epochs: int, random: torch.Generator) -> Iterator[Tensor]:
    """Indices of whole batches, shuffled anew in each epoch."""
    for _ in range(epochs):
        order = torch.randperm(n, generator=random)
        yield from order[: n - n % batch_size].split(batch_size)


def _learning_rate(done: float) -> float:
    """One cycle (Smith 2018): a linear rise, then half a cosine; `done` is the share of all steps."""
    if done < RISE:
        return LEARNING_RATE * done / RISE
    return LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * (done - RISE) / (1 - RISE)))


def augment(images: Tensor, random: torch.Generator) -> Tensor:
    """Rotate, scale, shear and shift each picture of a batch a little: (n, 1, 28, 28) -> the same.

    `random` is a generator of the CPU. What comes in from outside the picture is background (-1).
    """
    angle, wider, higher, shear, right, down = torch.rand(6, len(images), generator=random) * 2 - 1
    angle, shear = angle * ROTATION, shear * SHEAR
    wider, higher = 1 + wider * SCALING, 1 + higher * SCALING
    rows = [
        torch.stack([wider * angle.cos(), higher * (shear * angle.cos() - angle.sin()), right * SHIFT], 1),
        torch.stack([wider * angle.sin(), higher * (shear * angle.sin() + angle.cos()), down * SHIFT], 1),
    ]
    grid = affine_grid(torch.stack(rows, 1).to(images.device), list(images.shape), align_corners=False)
    # Padding is zero, so the background is moved there and back.
    return grid_sample(images + 1, grid, align_corners=False) - 1


def accuracy(classifier: Classifier, split: data.Split) -> float:
    """Share of a split's pictures that the classifier names rightly; raises UserError where none has a label."""
    if split.labels is None:
        raise UserError("the accuracy of a classifier needs a data set with labels")
    device = next(classifier.parameters()).device
    predicted = classifier.predict(from_pixels(split.images.to(device)))
    return predicted.cpu().eq(split.labels).double().mean().item()


def train_and_write(
    path: str | Path = WEIGHTS_PATH,
    data_dir: str | Path | None = None,
    epochs: int = EPOCHS,
    seed: int = 0,
    device: str = "cpu",
) -> float:
    """Train a classifier on MNIST and write its weights; returns the share of MNIST test that it names rightly."""
    train_split, test_split = (data.load("mnist", data_dir, train=half) for half in (True, False))
    classifier = train(train_split, epochs, seed, device)
    # The test set is looked at once, when nothing is left to choose.
    share = accuracy(classifier, test_split)
    tensors = {name: tensor.cpu().contiguous() for name, tensor in classifier.state_dict().items()}
    metadata = {"test_accuracy": str(share), "epochs": str(epochs), "seed": str(seed)}
    files.write_bytes(path, save_safetensors(tensors, metadata={"format": "pt", **metadata}))
    return share
