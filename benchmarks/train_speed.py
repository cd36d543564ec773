"""How fast training is: the textbook loop against this project's, same networks, same machine, one process.

    python benchmarks/train_speed.py

The textbook loop is what most tutorials have: a DataLoader with ToTensor and Normalize, BCELoss on a
sigmoid, `.item()` after every batch, batches of 64, float32. Ours runs at the defaults of train.py, and
in float32. All are warmed up, then timed in turns; the table shows medians. Writing and evaluation are in
none. Below it: the operations of one iteration and the bytes they read and write, counted as it runs,
against what this machine's matrix product and memory copy reach in the same process.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from loops import Ours, Textbook, begin, machine, wait
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from gan_demo import data
from gan_demo.networks import ARCHITECTURES
from gan_demo.settings import Settings
from gan_demo.training.iteration import Trainer

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
SIDE = 2048  # of the square matrices whose product is timed
BYTES = 256_000_000  # of the memory whose copy is timed: more than any cache
BEST_OF = 10


class Count(TorchDispatchMode):
    """Counts the multiplications and additions of products and convolutions, and the bytes of all operations.

    Each tensor that an operation reads or writes counts once; views, which move nothing, do not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = self.bytes = 0

    def __torch_dispatch__(self, operation: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
        named = named or {}
        result = operation(*arguments, **named)
        flops = flop_registry.get(operation._overloadpacket)
        if flops is not None:
            self.flops += flops(*arguments, **named, out_val=result)
        read, made = (
            [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]
            for tree in ((arguments, named), result)
        )
        places = {tensor.untyped_storage().data_ptr() for tensor in read}
        view = bool(made) and all(tensor.untyped_storage().data_ptr() in places for tensor in made)
        if not view or operation._schema.is_mutable:
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in (*read, *made))
        return result


def count(settings: Settings, split: data.Split) -> tuple[float, float]:
    """Floating-point operations and bytes of one iteration, a mean over the penalty's interval."""
    trainer = Trainer(replace(settings, graph=False), split)
    with Count() as counted:
        for _ in range(settings.penalty_every):
            trainer.iterate()
    return counted.flops / settings.penalty_every, counted.bytes / settings.penalty_every


def shortest(work: Callable[[], Any], device: str) -> float:
    """Seconds of the fastest of some runs."""
    times = []
    for _ in range(BEST_OF):
        wait(device)
        started = time.perf_counter()
        work()
        wait(device)
        times.append(time.perf_counter() - started)
    return min(times)


def matrix_rate(precision: str, device: str) -> float:
    """Operations a second of a product of two square matrices."""
    matrix = torch.ones(SIDE, SIDE, dtype=DTYPES[precision], device=device)
    return 2 * SIDE**3 / shortest(lambda: matrix @ matrix, device)


def memory_rate(device: str) -> float:
    """Bytes a second, read and written, of a copy."""
    source = torch.ones(BYTES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * BYTES / shortest(lambda: target.copy_(source), device)


def images_per_second(loop: Textbook | Ours, seconds: float, device: str) -> float:
    """Run a loop for about so many seconds."""
    wait(device)
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        images += loop.step()
    wait(device)
    return images / (time.perf_counter() - started)


def measure(loops: list[Textbook | Ours], device: str, repeats: int, seconds: float) -> list[list[float]]:
    """Images per second of each loop, `repeats` times each, in turns."""
    for loop in loops:
        images_per_second(loop, 2.0, device)  # warm up
    results: list[list[float]] = [[] for _ in loops]
    for _ in range(repeats):
        for loop, result in zip(loops, results, strict=True):
            result.append(images_per_second(loop, seconds, device))
    return results


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="timings of each loop (default: 5)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a timing (default: 4)")
    arguments, device, precision, split = begin(parser)
    rates = {name: matrix_rate(name, device) for name in {"fp32", precision}}
    memory = memory_rate(device)
    print(machine(device))
    print(
        "; ".join(f"matrix product in {name}: {rate / 1e9:,.0f} GFLOP/s" for name, rate in sorted(rates.items()))
        + f"; memory copy: {memory / 1e9:,.0f} GB/s\n"
    )
    print("| images per second | textbook loop | this loop, fp32 | this loop | ratios | share of the matrix rate |")
    print("|---|---:|---:|---:|---:|---:|")
    notes = []
    for model in ARCHITECTURES:
        usual = Settings.of(model, device=device, precision=precision)
        usual = replace(usual, graph=device == "cuda")
        plain = replace(usual, precision="fp32")
        loops = [Textbook(usual, split), Ours(plain, split), Ours(usual, split)]
        timed = measure(loops, device, arguments.repeats, arguments.seconds)
        slow, middle, fast = map(statistics.median, timed)
        operations, traffic = count(usual, split)
        batch = usual.batch_size * usual.d_steps
        share = operations * fast / batch / rates[precision]
        print(
            f"| {model}, {precision} | {slow:,.0f} | {middle:,.0f} | {fast:,.0f}"
            f" | {middle / slow:.1f}, {fast / slow:.1f} | {share:.0%} |",
            flush=True,
        )
        spread = ", ".join(f"{min(result):,.0f} to {max(result):,.0f}" for result in timed)
        notes.append(
            f"{model}: one iteration of {batch} pictures has {operations / 1e9:.2f} GFLOP, at least"
            f" {operations / rates[precision] * 1e3:.1f} ms, and its operations read and write {traffic / 1e6:,.0f} MB,"
            f" {traffic / memory * 1e3:.1f} ms if no cache helped; it takes {batch / fast * 1e3:.1f} ms."
            f" Spread of {arguments.repeats}: {spread}."
        )
    print("\n" + "\n".join(notes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
