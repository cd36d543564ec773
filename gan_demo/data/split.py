"""One half of a data set, as a uint8 tensor: small enough (MNIST: 47 MB) to lie whole on the training device."""

from typing import NamedTuple

from torch import Tensor


class Split(NamedTuple):
    """The training or the test half of a data set."""

    images: Tensor  # (n, 1, 28, 28) uint8, ink high
    labels: Tensor | None  # (n,) int64 from 0 on, or None where the pictures have no classes

    @property
    def classes(self) -> int:
        """How many classes the pictures have; 0 without labels."""
        return 0 if self.labels is None else len(self.labels.unique())
