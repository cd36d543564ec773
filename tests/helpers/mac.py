"""A Mac's GPU that is not there: tensors of this processor that say they are on "mps", and refuse what a Mac does.

    with mac.pretended():
        gan.to("mps").sample(4, seed=1)

Numbers in float64, tensors of two devices in one operator, operators that torch has not for Macs, and `numpy()` raise
there what they raise on a Mac. Which storages lie "there" is an attribute of theirs, so views and gradients lie there.
"""

import contextlib
import functools
from collections.abc import Iterator
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

MPS, CPU = torch.device("mps", 0), torch.device("cpu")
MISSING = {"_linalg_eigh", "_linalg_svd", "linalg_qr", "linalg_lstsq", "unique_dim", "_linalg_eigvals", "geqrf"}
ACROSS = {"copy_", "_copy_from", "set_"}  # these take tensors of two devices
FILLED = {"normal_", "uniform_", "random_", "bernoulli_"}  # the tensor says on which device is drawn
REAL_GENERATOR = torch.Generator


@contextlib.contextmanager
def pretended() -> Iterator[None]:
    """There is a device "mps" within this context, and in this thread."""
    with (
        patch.object(torch, "Generator", _Generator),
        patch.object(
            torch.backends.mps, "is_available", functools.wraps(torch.backends.mps.is_available)(lambda: True)
        ),
        _Operators(),
        _Calls(),
    ):
        yield


def is_there(tensor: torch.Tensor) -> bool:
    """Whether a tensor lies on the device that is not there."""
    return getattr(tensor.untyped_storage(), "is_on_mac", False)


def _put(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.dtype in (torch.float64, torch.complex128):
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
    tensor.untyped_storage().is_on_mac = True
    return tensor


def _tensors(*values: object) -> list[torch.Tensor]:
    return [value for value in tree_leaves(values) if isinstance(value, torch.Tensor)]


class _Generator(REAL_GENERATOR):
    """A generator of random numbers on either device."""

    def __new__(cls, device: object = "cpu") -> "_Generator":
        made = super().__new__(cls, "cpu")
        made.on_mac = torch.device(device).type == "mps"
        return made

    @property
    def device(self) -> torch.device:
        return MPS if self.on_mac else CPU


class _Operators(TorchDispatchMode):
    """Sees every operator, those of backward passes too."""


def _operate(_, func, types, args=(), kwargs=None):
    kwargs = kwargs or {}
    given = _tensors(args, kwargs)
    there = [tensor for tensor in given if is_there(tensor)]
    name = func.overloadpacket.__name__
    if there:
        _check(name, args, given)
    result = func(*args, **kwargs)
    if not given and _Calls.of_there:  # what an operator makes for itself lies where its tensors do
        for tensor in _tensors(result):
            if tensor.ndim:
                _put(tensor)
    if there and name not in ACROSS:
        own = {tensor.untyped_storage()._cdata for tensor in given if not is_there(tensor)}
        for tensor in _tensors(result):
            if tensor.untyped_storage()._cdata not in own:
                _put(tensor)
    return result


_Operators.__torch_dispatch__ = _operate  # in the class, torch would import its compiler on behalf of it: 20 seconds


def _check(name, args, given):
    if name in MISSING:
        raise NotImplementedError(f"The operator 'aten::{name}' is not currently implemented for the MPS device.")
    if name in ("index", "index_put", "index_put_", "_index_put_impl_") and is_there(args[0]):
        given = [args[0], *_tensors(args[2:])]  # indices may lie on the CPU
    # A number of the CPU may meet tensors of the other device, but not the other way round.
    here = [tensor for tensor in given if not is_there(tensor) and tensor.ndim]
    if here and name not in ACROSS:
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, mps:0 and cpu! ({name})"
        )


class _Calls(TorchFunctionMode):
    """Sees every call from Python: where a tensor is asked to lie, and where it says that it lies."""

    of_there = False  # whether a call is under way with tensors of there only

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        own = next((one for one in (*args[:1], kwargs.get("tensor")) if isinstance(one, torch.Tensor)), None)
        if own is not None and is_there(own):
            if func == torch.Tensor.device.__get__:
                return MPS
            if func in (torch.Tensor.is_mps.__get__, torch.Tensor.is_cpu.__get__):
                return func == torch.Tensor.is_mps.__get__
            if func in (torch.Tensor.numpy, torch.Tensor.__array__):
                raise TypeError("can't convert mps:0 device type tensor to numpy. Use Tensor.cpu() first.")
            if name == "__deepcopy__":
                return _put(func(*args, **kwargs))
        if func is torch.Tensor.to:
            return self._to(*args, **kwargs)
        if func is torch.Tensor.cpu:
            return self._to(own, CPU)
        generator = kwargs.get("generator")
        wanted = kwargs.get("device")
        if wanted is not None and torch.device(wanted).type in ("mps", "cpu"):
            kwargs["device"] = CPU
        if generator is not None:
            device = ("mps" if is_there(own) else "cpu") if name in FILLED else torch.device(wanted or "cpu").type
            if (device == "mps") != getattr(generator, "on_mac", False):
                raise RuntimeError(f"Expected a '{device}' device type for generator but found another")
        _Calls.of_there = wanted is None and all(map(is_there, _tensors(args, kwargs) or [torch.empty(0)]))
        try:
            result = func(*args, **kwargs)
        finally:
            _Calls.of_there = False
        return result if wanted is None else tree_map(lambda value: self._at(value, wanted, args), result)

    @staticmethod
    def _at(value, wanted, args):
        if not isinstance(value, torch.Tensor) or is_there(value) == (torch.device(wanted).type == "mps"):
            return value
        if value.device.type == "meta":
            return value
        given = {tensor.untyped_storage()._cdata for tensor in _tensors(args)}
        shared = value.untyped_storage()._cdata in given or is_there(value)
        copied = _moved(value) if shared else value
        return _put(copied) if torch.device(wanted).type == "mps" else copied

    @staticmethod
    def _to(tensor, *args, **kwargs):
        copy = kwargs.pop("copy", False)
        if "other" in kwargs or (args and isinstance(args[0], torch.Tensor)):
            other = kwargs.pop("other", None) if "other" in kwargs else args[0]
            device, dtype, memory_format = other.device, other.dtype, None
            if is_there(other):
                device = MPS
        else:
            device, dtype, _, memory_format = torch._C._nn._parse_to(*args, **kwargs)
        if device is not None and device.type not in ("mps", "cpu"):
            return tensor.to(*args, **kwargs)
        wanted = is_there(tensor) if device is None else device.type == "mps"
        if wanted and not is_there(tensor) and torch.float64 in (dtype, tensor.dtype if dtype is None else dtype):
            raise TypeError(
                "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64."
            )
        if wanted != is_there(tensor) and tensor.device.type != "meta":
            tensor = _moved(tensor)
            if wanted:
                if dtype is not None:
                    tensor = tensor.to(dtype)
                _put(tensor)
        keep = {} if memory_format is None else {"memory_format": memory_format}
        return tensor.to(tensor.dtype if dtype is None else dtype, copy=copy, **keep)


class _Move(torch.autograd.Function):
    """A copy that lies on the CPU, with the gradient of a copy."""

    @staticmethod
    def forward(context, tensor):
        context.there = is_there(tensor)
        return torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor)

    @staticmethod
    def backward(context, gradient):
        back = torch.empty(gradient.shape, dtype=gradient.dtype).copy_(gradient)
        return _put(back) if context.there else back


def _moved(tensor: torch.Tensor) -> torch.Tensor:
    return _Move.apply(tensor) if tensor.requires_grad and torch.is_grad_enabled() else _Move.forward(_Nothing, tensor)


class _Nothing:
    there = False
