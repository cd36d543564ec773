"""A checkpoint: the folder of a model, laid out as a repository of the Hugging Face Hub.

Here are the names of its files, and the reading and writing of the two that every model has: config.json and
model.safetensors. Nothing is unpickled.
"""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from gan_demo import files
from gan_demo.config import Config, build
from gan_demo.errors import UserError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
CARD_FILE = "README.md"  # the model card: evaluation/card.py
METRICS_FILE = "metrics.json"  # what evaluation/evaluate.py measured of these weights
INVERSION_FILE = "inversion.json"  # what evaluation/reconstruction.py measured of them
BEST_RESPONSE_FILE = "best_response.json"  # how well the best D tells its pictures: evaluation/best_response.py
BEST_RESPONSE_WEIGHTS = "best_response.safetensors"  # of that D
DIRECTIONS_FILE = "directions.safetensors"  # what latent/direction_search.py found in them
TYPICAL_FILE = "typical.safetensors"  # latents to which truncation leads: latent/truncation.py
HISTORY_FILE = "history.jsonl"  # a line an epoch: training/history.py
SAMPLES_FILE = "samples.png"
SNAPSHOTS_FOLDER = "snapshots"  # a grid of the same latents after each epoch, and what the D of that epoch says
OUTPUTS_FILE = "outputs.jsonl"  # of the snapshots
EPOCHS_FOLDER = "epochs"  # both networks as some epochs left them, a checkpoint each: training/epochs.py
STATE_FILE = "state.pt"  # lies in the folder of a training that has not ended
MAX_WEIGHTS_BYTES = 100_000_000


def read_config(folder: str | Path) -> Config:
    """Read the config of a checkpoint folder; raises UserError as `read` does."""
    path = Path(folder) / CONFIG_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{folder} is not a checkpoint: it has no {CONFIG_FILE}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error})") from None
    try:
        return Config.from_json(text)
    except UserError as error:
        raise UserError(f"{folder}: {error}") from None


def checksum(folder: str | Path) -> str:
    """Compute the SHA-256 of a checkpoint's weights, by which files beside them say what they were measured on.

    Raises UserError where there are none.
    """
    try:
        return hashlib.sha256((Path(folder) / WEIGHTS_FILE).read_bytes()).hexdigest()
    except OSError:
        raise UserError(f"{folder} has no {WEIGHTS_FILE}: it is not a whole checkpoint") from None


def read(folder: str | Path) -> tuple[nn.Module, nn.Module, Config]:
    """Read the generator, the discriminator and the config of a checkpoint folder, onto the CPU.

    Strict: raises UserError where a file is missing, too large, damaged or foreign, or where a tensor is missing,
    left over or of another shape.
    """
    folder = Path(folder)
    config = read_config(folder)
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise UserError(f"{folder} has no {WEIGHTS_FILE}: it is not a whole checkpoint")
    if path.stat().st_size > MAX_WEIGHTS_BYTES:
        raise UserError(f"{path} is larger than {MAX_WEIGHTS_BYTES // 1_000_000} MB, too large for one of ours")
    try:
        tensors = load_safetensors(path.read_bytes())
    except SafetensorError as error:
        raise UserError(f"{path} is damaged or not safetensors ({error})") from None
    generator, discriminator = build(config, "meta")
    modules = nn.ModuleDict({"generator": generator, "discriminator": discriminator})
    _check_tensors(path, modules.state_dict(), tensors)
    modules.load_state_dict({name: _whole(tensor) for name, tensor in tensors.items()}, assign=True)
    return generator, discriminator, config


def write(
    folder: str | Path, generator: nn.Module, discriminator: nn.Module, config: Config, half: bool = False
) -> None:
    """Write config.json and model.safetensors into `folder`, made if need be.

    With `half`, weights of two and more dimensions are rounded to float16: half the bytes, and 11 bits
    are more than a picture of 8 bits shows. Norms and biases, some of them large, keep their float32.
    """
    folder = Path(folder)
    tensors = {
        f"{part}.{name}": tensor.detach().cpu().contiguous()
        for part, network in (("generator", generator), ("discriminator", discriminator))
        for name, tensor in network.state_dict().items()
    }
    if half:
        tensors = {name: tensor.half() if tensor.ndim > 1 else tensor for name, tensor in tensors.items()}
    files.write_bytes(folder / WEIGHTS_FILE, save_safetensors(tensors, metadata={"format": "pt"}))
    files.write_json(folder / CONFIG_FILE, config.to_dict())


def _whole(tensor: Tensor) -> Tensor:
    """A weight that was stored in float16 as the float32 that the networks compute with."""
    return tensor.float() if tensor.dtype == torch.float16 else tensor


def _check_tensors(path: Path, wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    """Raise UserError naming the first tensor that is missing, left over, or of another shape or type."""
    for name in wanted.keys() - found.keys():
        raise UserError(f"{path}: the tensor {name} is missing")
    for name in found.keys() - wanted.keys():
        raise UserError(f"{path}: the tensor {name} does not belong to this model")
    for name, tensor in wanted.items():
        if tensor.shape != found[name].shape or tensor.dtype != _whole(found[name]).dtype:
            raise UserError(
                f"{path}: the tensor {name} is {found[name].dtype} {tuple(found[name].shape)},"
                f" the config asks for {tensor.dtype} {tuple(tensor.shape)}"
            )
