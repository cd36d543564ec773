"""Where networks run, and with which numbers."""

import torch

from gan_demo.errors import UserError


def choose_device(wanted: str) -> str:
    """`auto` -> a GPU if there is one; raises UserError where the wanted device is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, available in there.items() if available)
    if not there.get(wanted, False):
        raise UserError(f"no {wanted} device is available here: use --device cpu or auto")
    return wanted


def choose_precision(wanted: str, device: str) -> str:
    """`auto` -> bf16 where the processor has instructions for bfloat16, fp32 elsewhere."""
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device == "cpu":
        # Elsewhere torch emulates bfloat16 on a CPU, slower than float32.
        return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"
    return "fp32"


def prepare(device: str) -> None:
    """Let this process use what a GPU is fast at: TF32 for products that stay in float32, and timed convolutions."""
    if device == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
