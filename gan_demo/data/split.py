"""One half of a data set, as a uint8 tensor: small enough (MNIST: 47 MB) to lie whole on the training device."""

from typing import NamedTuple

from torch import Tensor

from gan_demo.config import MAX_CLASSES
from gan_demo.errors import UserError
from gan_demo.networks import Shape


class Split(NamedTuple):
    """The training or the test half of a data set."""

    images: Tensor  # (n, channels, height, width) uint8; of digits, ink is high
    labels: Tensor | None  # (n,) int64 from 0 on, or None where the pictures have no classes
    names: tuple[str, ...] = ()  # of the classes, where they are not simply 0, 1, 2, ...
    notes: tuple[str, ...] = ()  # what a person is to be told before these pictures are trained on
    unlabelled: str = ""  # why they have no classes, where somebody may have meant that they have

    @property
    def shape(self) -> Shape:
        """Channels, height and width of a picture."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def classes(self) -> int:
        """How many classes the pictures have; 0 without labels."""
        return 0 if self.labels is None else len(self.labels.unique())

    def check_classes(self, dataset: str) -> None:
        """Raise UserError where a conditional model cannot learn the classes of these pictures."""
        if self.labels is None and self.unlabelled:
            raise UserError(
                f"{dataset} has no classes for a conditional model: {self.unlabelled}. Mend that, or leave out"
                " --conditional"
            )
        if self.labels is None:
            raise UserError(
                f"{dataset} has no labels, and a conditional model needs them: leave out --conditional,"
                " or use a folder with subfolders, one for each class"
            )
        if not 2 <= self.classes <= MAX_CLASSES:
            raise UserError(
                f"{dataset} has pictures of {self.classes} classes, and a conditional model draws"
                f" 2 to {MAX_CLASSES}: leave out --conditional"
            )
        if int(self.labels.max()) != self.classes - 1 or int(self.labels.min()):
            raise UserError(
                f"{dataset} has no pictures of some classes: {self.classes} classes are labelled 0 to"
                f" {self.classes - 1}"
            )
