"""Devices: where networks run, with which precision, and what the hardware is called."""

import concurrent.futures
import functools
import platform
import re
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import torch

from gan_demo.errors import UserError

T = TypeVar("T")
AT_ONCE = 2  # jobs side by side
WAITED = 0.2  # seconds between two looks for Ctrl-C, which a wait without end would not see on Windows


def choose_device(wanted: str) -> str:
    """Resolve `auto` to a GPU if there is one; raises UserError where the wanted device is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, available in there.items() if available)
    if not there.get(wanted, False):
        raise UserError(f"no {wanted} device is available here: use --device cpu or auto")
    return wanted


def choose_precision(wanted: str, device: str) -> str:
    """Resolve `auto` to bf16 where `device` is faster with bfloat16, and to fp32 elsewhere."""
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if device == "cpu" and _bfloat16_gain() > WORTHWHILE else "fp32"


SIDE, REPEATS = 512, 15  # the matrices that are multiplied, and how often
# The least gain. Conversions to bfloat16 and back cost time, too; and it lies far from both kinds of processors, which
# show less than 1.2 and more than 2: with a gain near it, what else the machine does would decide.
WORTHWHILE = 1.6


@functools.cache
def _bfloat16_gain() -> float:
    """Measure how many times as fast this processor multiplies in bfloat16 as in float32; 0 if torch only emulates it.

    Only a trial tells: of two processors with the same AVX512-BF16 instructions one can be faster with them and the
    other slower. The trial counts this thread's own time, because others may be at work, and the median of pairs that
    were timed one after the other.
    """
    if not _has_bfloat16():
        return 0.0
    times: dict[torch.dtype, list[float]] = {torch.float32: [], torch.bfloat16: []}
    for _ in range(1 + REPEATS):
        for dtype, taken in times.items():
            matrix = torch.ones(SIDE, SIDE, dtype=dtype)
            started = time.thread_time()
            matrix @ matrix
            taken.append(time.thread_time() - started)
    pairs = zip(*(taken[1:] for taken in times.values()), strict=True)  # the first of each sets torch up
    return statistics.median(slow / max(fast, 1e-9) for slow, fast in pairs)


def _has_bfloat16() -> bool:
    """Whether this torch multiplies in bfloat16 by instructions of the processor. Those for Macs have no oneDNN."""
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):
        return False


def prepare(device: str) -> None:
    """Let this process use what a GPU is fast at: TF32 for products that stay in float32, and timed convolutions."""
    if device == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True


class GivenUp(Exception):
    """Raised in a job whose result nobody waits for any more."""


def side_by_side(jobs: Sequence[Callable[[Callable[[], None]], T]], device: str) -> list[T]:
    """What each job returns: on a processor two at a time, each in a thread of its own with half of the cores.

    Small networks take less time so than one after the other with all cores, as no core waits for another at the end of
    each operation. A job is given a function to call often: it raises `GivenUp` after Ctrl-C or an error in another
    job. The first error is raised here, when all have ended.
    """
    cores = torch.get_num_threads()
    if device != "cpu" or cores < AT_ONCE or len(jobs) < AT_ONCE:
        return [job(lambda: None) for job in jobs]
    ended, errors = threading.Event(), []

    def go_on() -> None:
        if ended.is_set():
            raise GivenUp

    def call(job: Callable[[Callable[[], None]], T]) -> T:
        go_on()
        try:
            return job(go_on)
        except BaseException as error:
            errors.append(error)  # before any that follows from it
            ended.set()
            raise

    torch.set_num_threads(cores // AT_ONCE)  # of threads that begin from now on
    try:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                futures = [pool.submit(call, job) for job in jobs]
                while concurrent.futures.wait(futures, WAITED).not_done and not errors:
                    pass
            finally:
                ended.set()  # the last steps of those that have not ended are lost, and nothing waits for them
    finally:
        torch.set_num_threads(cores)
    if errors:
        raise errors[0]
    return [future.result() for future in futures]


def hardware(device: torch.device) -> str:
    """Name what a figure was measured on, for people: "Intel(R) Xeon(R) Processor, 2 threads"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():  # on Linux, where `platform` knows only "x86_64"
        names = re.findall(
            r"^model name\s*: (.*)$", cpuinfo.read_text(encoding="utf-8", errors="replace"), re.MULTILINE
        )
        name = names[0] if names else name
    threads = torch.get_num_threads()
    return name if device.type == "mps" else f"{name}, {threads} thread{'s' if threads > 1 else ''}"
