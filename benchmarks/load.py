"""Many people at once: is every answer there, is every picture the right one, and is memory bounded?

    python benchmarks/load.py                        100 clients for 60 seconds on checkpoints/mlp
    python benchmarks/load.py --clients 20 --seconds 10 --checkpoint checkpoints/dcgan
    python benchmarks/load.py --seconds 600 --pause 2           each looks at what came for about two seconds

Opens the page in a process of its own. Each client has a seed, and again and again asks for one thing drawn at
random: the samples of its seed, an interpolation, a piece of the map, a score of a picture that it uploads, or the
page itself. What comes is compared with what the model draws in this process. Prints a table in Markdown, and one line
of figures, with the memory after a fifth of the time and at its end; exit code 1 where something was wrong.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import httpx
import torch
from PIL import Image

from gan_demo import GAN
from gan_demo.latent import endless_map, paths
from gan_demo.pictures import encoding, opening, preparing
from gan_demo.pixels import to_pixels

torch.set_num_threads(1)  # as the page does: the same sums in the same order
COUNT, STEPS = 16, 8
SIDE = 4  # of a piece of the map, in digits
KINDS = {"samples": 5, "interpolation": 2, "map": 2, "score": 2, "page": 1}  # how often each is asked for


def main():
    options = parser().parse_args()
    name = Path(options.checkpoint).name
    expected = Expected(GAN.from_pretrained(options.checkpoint), name)
    with tempfile.TemporaryDirectory() as temporary:
        process, address = open_page(options.checkpoint, temporary)
        try:
            wanted = [expected.of(seed) for seed in range(options.clients)]
            asyncio.run(clients(address, name, wanted[:2], 2))  # warm: what is loaded once is loaded
            before, files_before, worked = memory(process, reset=True), size(temporary), work(process)
            results = asyncio.run(clients(address, name, wanted, options.seconds, options.pause, process))
            peak, files_after, worked = memory(process), size(temporary), work(process) - worked
            time.sleep(5)
            after = memory(process)
        finally:
            process.kill()
            process.communicate()
    print(report(options, results, worked, (before, peak, after), (files_before, files_after)))
    return int(any(results.wrong.values()))


def parser():
    result = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("--clients", type=int, default=100)
    result.add_argument("--seconds", type=float, default=60)
    result.add_argument("--pause", type=float, default=0, help="seconds between two questions of a client, on average")
    result.add_argument("--checkpoint", default=str(ROOT / "checkpoints" / "mlp"))
    return result


class Expected:
    """What the page should answer to each client, as data URLs."""

    def __init__(self, gan, name):
        self.gan, self.name = gan, name

    def of(self, seed):
        gan = self.gan
        digits = [row % 10 for row in range(COUNT)] if gan.config.classes else None
        drawn = to_pixels(gan.sample(COUNT, seed, labels=digits))
        ends = [gan.latents(1, end)[0] for end in (seed, seed + 1)]
        labels = [0] * STEPS if gan.config.classes else None
        between = to_pixels(gan.generate(paths.path(*ends, STEPS, "spherical"), labels))
        points = endless_map.grid(seed / 4, 0.5, 0.25, SIDE, SIDE)
        asked = [0] * SIDE**2 if gan.config.classes else None
        piece = to_pixels(endless_map.sample(gan, seed, points, labels=asked))
        # A drawing that is this client's alone, and what D is shown of it.
        upload = Image.fromarray(drawn[0, 0].numpy()).resize((112, 112), Image.Resampling.BICUBIC)
        content = encoding.png_bytes(upload)
        seen = preparing.to_digit(opening.open_picture(content))
        return {
            "seed": seed,
            "samples": [*map(url, drawn[:, 0].numpy())],
            "interpolation": [*map(url, between[:, 0].numpy())],
            "map": [*map(url, piece[:, 0].numpy())],
            "upload": content,
            "score": [url(seen)],
        }


def url(pixels):
    return encoding.data_url(encoding.grey_png(pixels))


def open_page(checkpoint, temporary):
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--checkpoint", checkpoint],
        env={**os.environ, "TMPDIR": temporary, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    found = re.search(r"http://[^/]+:\d+/", process.stdout.readline())
    return process, found[0]


class Results:
    def __init__(self):
        self.seconds, self.wrong = defaultdict(list), Counter()
        self.settled = 0.0  # megabytes of the server after a fifth of the time: what is kept for later is there
        self.ended = 0.0  # and at the end


async def clients(address, name, wanted, seconds, pause=0.0, process=None):
    """Every client until the time is over; returns how long each answer took, and what was wrong."""
    results, end = Results(), time.monotonic() + seconds
    # A connection of its own for each request: one that is kept may be closed by the page just when it is used again.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as web:
        watched = [watch(process, seconds, results)] if process else []
        await asyncio.gather(*(client(web, name, one, end, pause, results) for one in wanted), *watched)
    return results


async def watch(process, seconds, results):
    """Look at the memory of the server twice."""
    await asyncio.sleep(seconds / 5)
    results.settled = memory(process)[0]
    await asyncio.sleep(seconds * 4 / 5)
    results.ended = memory(process)[0]


async def client(web, name, wanted, end, pause, results):
    dice = random.Random(wanted["seed"])
    if pause:
        await asyncio.sleep(dice.uniform(0, pause))  # they do not come all at once
    while time.monotonic() < end:
        (kind,) = dice.choices(list(KINDS), KINDS.values())
        started = time.monotonic()
        try:
            problem = await ASK[kind](web, name, wanted)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        results.seconds[kind].append(time.monotonic() - started)
        if problem:
            results.wrong[f"{kind}: {problem[:200]}"] += 1
        if pause:
            await asyncio.sleep(dice.expovariate(1 / pause))


async def call(web, end_point, *values):
    """The answer of an end point; raises ValueError where it is an error."""
    said = await web.post(f"gradio_api/run/{end_point}", json={"data": values})
    if said.status_code != 200:
        raise ValueError(said.text)
    return said.json()["data"][0]


def compared(answer, wanted):
    return "" if [digit["picture"] for digit in answer] == wanted else "a wrong picture"


async def ask_samples(web, name, wanted):
    return compared(await call(web, "sample", name, wanted["seed"], COUNT), wanted["samples"])


async def ask_interpolation(web, name, wanted):
    ends = wanted["seed"], wanted["seed"] + 1
    return compared(await call(web, "interpolate", name, *ends, STEPS), wanted["interpolation"])


async def ask_map(web, name, wanted):
    seed = wanted["seed"]
    return compared(await call(web, "map", name, seed, seed / 4, 0.5, 0.25, SIDE, SIDE), wanted["map"])


async def ask_score(web, name, wanted):
    sent = await web.post("gradio_api/upload", files={"files": ("digit.png", wanted["upload"], "image/png")})
    sent.raise_for_status()
    picture = {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}
    return compared([await call(web, "score", name, picture)], wanted["score"])


async def ask_page(web, name, wanted):
    page = await web.get("")
    page.raise_for_status()
    return "" if "gradio_config" in page.text else "not the page"


ASK = {
    "samples": ask_samples,
    "interpolation": ask_interpolation,
    "map": ask_map,
    "score": ask_score,
    "page": ask_page,
}


def memory(process, reset=False):
    """(now, the most since the last reset), in megabytes; Linux only."""
    if reset:
        Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="ascii")
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    found = dict(re.findall(r"(VmRSS|VmHWM):\s*(\d+) kB", status))
    return int(found["VmRSS"]) / 1000, int(found["VmHWM"]) / 1000


def work(process):
    """Seconds of processor time that the server has had."""
    user, system = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def size(folder):
    """(files, megabytes)"""
    sizes = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
    return len(sizes), sum(sizes) / 1e6


def report(options, results, worked, memories, files):
    every = [second for seconds in results.seconds.values() for second in seconds]
    (before, _), (_, peak), (after, _) = memories
    lines = [
        f"{options.clients} clients for {options.seconds:g} s, {Path(options.checkpoint).name}:"
        f" {len(every):,} answers, {len(every) / options.seconds:.0f} a second, {sum(results.wrong.values())} wrong",
        "",
        "| | answers | median, s | 95 %, s | longest, s |",
        "|---|---|---|---|---|",
    ]
    for kind in KINDS:
        seconds = sorted(results.seconds[kind]) or [float("nan")]
        figures = (statistics.median(seconds), seconds[int(0.95 * (len(seconds) - 1))], seconds[-1])
        cells = [kind, f"{len(results.seconds[kind]):,}", *(f"{figure:.2f}" for figure in figures)]
        lines.append(f"| {' | '.join(cells)} |")
    (count, megabytes), (count_after, megabytes_after) = files
    lines += [
        "",
        f"Processor time of the server: {1000 * worked / max(len(every), 1):.0f} ms an answer.",
        f"Memory of the server: {before:.0f} MB before, {peak:.0f} MB at most, {after:.0f} MB five seconds later.",
        f"Temporary files: {count} ({megabytes:.2f} MB) before, {count_after} ({megabytes_after:.2f} MB) after.",
    ]
    lines += [f"- {number} times: {problem}" for problem, number in results.wrong.most_common(10)]
    wrong = sum(number for problem, number in results.wrong.items() if "wrong picture" in problem)
    every.sort()
    lines += [
        "",
        f"{options.clients} clients, {options.seconds:g} s, {options.pause:g} s between questions:"
        f" {len(every):,} answers, {sum(results.wrong.values()) - wrong} errors, {wrong} wrong pictures,"
        f" p50 {statistics.median(every):.2f} s, p95 {every[int(0.95 * (len(every) - 1))]:.2f} s,"
        f" {results.settled:.0f} MB after {options.seconds / 5:g} s and {results.ended:.0f} MB at the end,"
        f" {count_after - count} temporary files more",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
