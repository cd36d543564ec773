"""A cache on disk of what evaluations compute of real pictures, which is the same for every model.

It lies in the folder `gan_demo-cache` beside the data sets, or where the environment variable GAN_DEMO_CACHE says; that
set to nothing switches it off. Each file is named by a checksum of everything that its content depends on, so nothing
in it is ever out of date, and the folder may be deleted at any time.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor

from gan_demo import classifier, data, files

VARIABLE = "GAN_DEMO_CACHE"
FOLDER = "gan_demo-cache"


class Content(NamedTuple):
    """What one file holds."""

    figures: dict[str, Any]  # as JSON can hold them
    tensors: dict[str, Tensor]  # on the CPU


def folder(data_dir: str | Path | None = None) -> Path | None:
    """The folder of the cache; None where there is to be none, or no folder of data sets to put it in."""
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE]) if os.environ[VARIABLE] else None
    beside = Path(data_dir or data.default_data_dir())
    return beside / FOLDER if beside.is_dir() else None


def key(name: str, device: torch.device, *halves: data.Split, **settings: Any) -> dict[str, Any]:
    """What a content called `name` depends on: pictures and labels, the classifier, this code, and settings."""
    digest = hashlib.sha256()
    for tensor in (part for half in halves for part in (half.images, half.labels) if part is not None):
        digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().contiguous().numpy().data)
    # The code of this package is part of it: who changes a measure gets new figures without a thought of the cache.
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))
    return {
        "name": name,
        "pictures": digest.hexdigest(),
        "classifier": classifier.describe(),
        "code": code.hexdigest(),
        "torch": torch.__version__,
        "device": device.type,  # another one rounds differently
        **settings,
    }


def kept(place: Path | None, key: Mapping[str, Any], compute: Callable[[], Content], needed: bool = False) -> Content:
    """The content of a key: from its file in the folder `place`, or computed and written there.

    A file that is damaged, or is not of this key, is written anew. A folder that cannot be read or written is as none;
    where the file is `needed`, OSError is raised.
    """
    if place is None:
        return compute()
    text, path = _file_of(place, key)
    content = _read(path, text)
    if content is None:
        content = compute()
        metadata = {"key": text, "figures": json.dumps(content.figures), "sha256": _checksum(content)}
        # On a full or read-only disk the next evaluation computes it again.
        with contextlib.nullcontext() if needed else contextlib.suppress(OSError):
            files.write_bytes(path, save_safetensors(content.tensors, metadata={"format": "pt", **metadata}))
    return content


def holds(place: Path, key: Mapping[str, Any]) -> bool:
    """Whether the content of a key lies in the folder `place`."""
    text, path = _file_of(place, key)
    return _read(path, text) is not None


def _file_of(place: Path, key: Mapping[str, Any]) -> tuple[str, Path]:
    """A key as text, and the file that its content is in."""
    text = json.dumps(key, sort_keys=True)
    return text, place / f"{key['name']}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.safetensors"


def _read(path: Path, key: str) -> Content | None:
    try:
        tensors = load_safetensors(path.read_bytes())
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        content = Content(json.loads(metadata["figures"]), tensors)
        return content if metadata["key"] == key and metadata["sha256"] == _checksum(content) else None
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


def _checksum(content: Content) -> str:
    digest = hashlib.sha256(json.dumps(content.figures).encode())
    for name, tensor in sorted(content.tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().numpy().data)
    return digest.hexdigest()
