"""One half of a data set, as a uint8 tensor: small enough (MNIST: 47 MB) to lie whole on the training device."""

from typing import NamedTuple

from torch import Tensor

from gan_demo.networks import Shape


class Split(NamedTuple):
    """The training or the test half of a data set."""

    images: Tensor  # (n, channels, height, width) uint8; of digits, ink is high
    labels: Tensor | None  # (n,) int64 from 0 on, or None where the pictures have no classes
    names: tuple[str, ...] = ()  # of the classes, where they are not simply 0, 1, 2, ...
    notes: tuple[str, ...] = ()  # what a person is to be told before these pictures are trained on

    @property
    def shape(self) -> Shape:
        """Channels, height and width of a picture."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def classes(self) -> int:
        """How many classes the pictures have; 0 without labels."""
        return 0 if self.labels is None else len(self.labels.unique())
