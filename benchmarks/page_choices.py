"""What choices of the page are worth: the queue, gradio's monitor, a tile's PNG, and bfloat16 for a tile.

python benchmarks/page_choices.py
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import gradio as gr
import httpx
import torch
from chromium import ROOT
from PIL import Image

from gan_demo.gan import GAN
from gan_demo.latent import endless_map
from gan_demo.pictures import encoding
from gan_demo.pixels import to_pixels
from gan_demo.ui.tabs.map import tiles

TIMES = 30


def milliseconds(do: Callable[[], Any], times: int = TIMES) -> float:
    """The median time of `do`, after one call that warms up."""
    do()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        do()
        found.append(1000 * (time.perf_counter() - started))
    return statistics.median(found)


def queue() -> None:
    """An event through gradio's queue and past it, and the table that gradio makes after each."""
    with gr.Blocks() as blocks:
        button, field = gr.Button(), gr.Number()
        button.click(lambda: 1, None, field)
        button.click(lambda: 1, None, field, queue=False)
    address = blocks.launch(prevent_thread_lock=True, quiet=True)[1] + "gradio_api/"
    with httpx.Client(timeout=60, trust_env=False) as web:

        def queued() -> None:
            web.post(f"{address}queue/join", json={"fn_index": 0, "session_hash": "s", "data": []})
            with web.stream("GET", f"{address}queue/data", params={"session_hash": "s"}) as lines:
                for line in lines.iter_lines():
                    if "process_completed" in line:
                        return

        def past() -> None:
            web.post(f"{address}run/predict", json={"fn_index": 1, "session_hash": "s", "data": []})

        through = milliseconds(queued)
        print(f"| an event through the queue, past it | {through:.0f} ms, {milliseconds(past):.0f} ms |")
    record = {"time": 0.0, "status": "success", "process_time": 0.1, "function": "f", "session_hash": "s"}
    records = [dict(record) for _ in range(10_000)]

    def table() -> None:
        blocks._queue.events_recorded += 10**6
        blocks._queue.compute_analytics_summary(records)

    print(f"| gradio's table of the last 10,000 events | {milliseconds(table):.0f} ms |")
    blocks.close(verbose=False)


def tile() -> None:
    """A tile of the map as PNG at two compressions, and in bfloat16 beside float32."""
    torch.set_num_threads(1)
    for name in ("mlp", "dcgan"):
        gan = GAN.from_pretrained(ROOT / "checkpoints" / name)
        z = endless_map.latents(gan, 1, endless_map.grid(0, 0, 0.25, tiles.SIDE, tiles.SIDE))
        whole = to_pixels(gan.generate(z))
        raw = gan.score(gan.generate(z))

        def half(gan: GAN = gan, z: torch.Tensor = z) -> tuple[torch.Tensor, torch.Tensor]:
            with torch.autocast("cpu", torch.bfloat16):
                pictures = gan.generate(z)
                return to_pixels(pictures.float()), gan.score(pictures.float()).float()

        pixels, other = half()
        off = (pixels.float() - whole.float()).abs().mean().item()
        share = ((other - raw).abs().mean() / raw.std()).item()
        full = milliseconds(lambda gan=gan, z=z: gan.score(gan.generate(z)), 10)
        print(
            f"| {name}: a tile drawn and judged in float32, bfloat16 | {full:.0f} ms, {milliseconds(half, 10):.0f} ms;"
            f" pixels {off:.2f} of 255 off, D's output {share:.2f} of its spread |"
        )
        sheet = whole[:, 0].reshape(16, 16, 28, 28).swapaxes(1, 2).reshape(448, 448).numpy()
        picture = Image.fromarray(sheet)
        for level in (tiles.COMPRESSION, 6):
            size = len(encoding.png_bytes(picture, level)) / 1000
            took = milliseconds(lambda picture=picture, level=level: encoding.png_bytes(picture, level))
            print(f"| {name}: its PNG at compression {level} | {took:.1f} ms, {size:.0f} kB |")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print("| | |\n|---|---|")
    queue()
    tile()
