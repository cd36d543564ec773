"""A best D beside a small model, without training one."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from gan_demo import files
from gan_demo.belief.best_response import COARSE, FORMAT
from gan_demo.checkpoint import BEST_RESPONSE_FILE, BEST_RESPONSE_WEIGHTS, checksum
from gan_demo.evaluation.best_response import _new

REAL, GENERATED = np.linspace(-4, 4, 501), np.linspace(-8, 2, 501)


def write_best(folder: Path, seed: int = 0) -> None:
    """Write both files, of an untrained network."""
    network = _new(COARSE, torch.Generator().manual_seed(seed))
    save_file(
        {name: part.half().contiguous() for name, part in network.state_dict().items()}, folder / BEST_RESPONSE_WEIGHTS
    )
    one = {"accuracy": 0.9, "accuracy_error": 0.01, "jsd": 0.4, "area": 0.95}
    page = {"levels": COARSE, "temperature": 2.0, "shift": 0.5, "real": REAL.tolist(), "generated": GENERATED.tolist()}
    kinds = {"measure": one, "page": {**one, **page}, "real_against_real": {**one, "accuracy": 0.5}}
    content = {"format": FORMAT, "dataset": "mnist", "weights_sha256": checksum(folder), **kinds}
    files.write_json(folder / BEST_RESPONSE_FILE, content)
