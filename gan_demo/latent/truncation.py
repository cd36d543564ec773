"""Truncation: latents led to where a generator draws what is typical, at the cost of variety. psi is how much is left.

There are two ways. Towards the middle, latents become shorter (Brock 2019, "BigGAN", section 3.1). A generator has
hardly seen short latents in its training, and some draw no digits from them. Towards typical latents, each goes to the
nearest of several whose pictures lie dense among real ones: the multi-modal truncation of Mokady 2022, "Self-distilled
StyleGAN", section 4. It goes there by the great arc, so that it stays as long as the latents of the training.

The typical latents of a model lie beside its weights; `evaluation.typical` looks for them.
"""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor
from torch.nn.functional import normalize

from gan_demo import files
from gan_demo.checkpoint import TYPICAL_FILE, checksum
from gan_demo.errors import UserError
from gan_demo.latent.paths import slerp

MIDDLE, TYPICAL = "middle", "typical"  # where truncation leads
WAYS = (TYPICAL, MIDDLE)
VERSION = 1  # of the file
MOST = 256  # typical latents in a file
MAX_BYTES = 1_000_000


def nearest(z: Tensor, typical: Tensor) -> Tensor:
    """Which of the typical latents (k, d) makes the smallest angle with each of (..., d): (...) int64, on the CPU."""
    return (normalize(z.cpu().double(), dim=-1) @ normalize(typical.cpu().double(), dim=-1).T).argmax(-1)


def towards_typical(z: Tensor, psi: float, typical: Tensor) -> Tensor:
    """Lead latents (..., d) to the nearest of the typical ones (k, d): psi = 1 leaves them, psi = 0 is the typical one.

    Every point of the arc is as long, and so as likely, as a random latent. psi above 1 leads away from it. In the type
    and on the device of z.
    """
    if psi == 1:
        return z  # as the arc's end is, to the bit; most latents are not truncated
    return slerp(typical.to(z)[nearest(z, typical).to(z.device)], z, psi)


def save(folder: str | Path, typical: Tensor) -> None:
    """Write the typical latents (k, d) of the weights in `folder` beside them; they are rounded to float16."""
    about = {"format": "pt", "typical": json.dumps({"version": VERSION, "weights_sha256": checksum(folder)})}
    tensors = {"typical": typical.detach().cpu().half().contiguous()}
    files.write_bytes(Path(folder) / TYPICAL_FILE, save_safetensors(tensors, metadata=about))


def read(folder: str | Path, latent_dim: int) -> Tensor | None:
    """The typical latents (k, latent_dim) float32 of a checkpoint; None where it has none of its present weights.

    The file may be a stranger's: one that is damaged is as good as none.
    """
    path = Path(folder) / TYPICAL_FILE
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        with safe_open(path, framework="pt") as file:
            about = json.loads(file.metadata()["typical"])
        if about["version"] != VERSION or about["weights_sha256"] != checksum(folder):
            return None
        typical = load_safetensors(path.read_bytes())["typical"].float()
    except (OSError, SafetensorError, UserError, ValueError, KeyError, TypeError, RecursionError):
        return None
    sound = typical.ndim == 2 and 1 <= len(typical) <= MOST and typical.shape[1] == latent_dim
    return typical if sound and typical.isfinite().all() and typical.any(1).all() else None
