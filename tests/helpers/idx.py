"""Files of idx, as MNIST has them."""

import struct

import numpy as np


def write_idx(path, array, kind=8):
    """The format of the MNIST files: two zeros, a type, the number of axes, their lengths, the numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.asarray(array)
    head = struct.pack(">BBBB", 0, 0, kind, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(head + array.astype({8: ">u1", 12: ">i4"}[kind]).tobytes())
