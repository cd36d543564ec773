"""What the lab would be with PyTorch on the server: iterations and pictures a second, seen from headless Chromium.

    python benchmarks/lab_server.py
    python benchmarks/lab_server.py --objective wasserstein --penalty gradient --visitors 8

A page with one server function, which the browser calls as the lab calls the page's: each answer plays so many
iterations of the plane's defaults (G 2-32-32-2, D 2-32-32-1, batches of 128) and brings what a picture of the lab
shows, 256 generated points and D's output at 44 x 44 places. Each visitor has a game and asks again as soon as it has
been answered. `lab_speed.py` measures the lab that there is.
"""

import argparse
import os
import sys
from collections.abc import Callable

import gradio as gr
import torch
from chromium import browser

from gan_demo import objectives, penalties
from gan_demo.cli.page import free_port
from gan_demo.devices import hardware

SHOWN, SIDE = 256, 44
ITERATIONS = (1, 5, 25, 100)  # an answer
ASK = """async ([visitors, steps, seconds]) => {
    const begun = performance.now(), waits = [];
    await Promise.all(Array.from({ length: visitors }, async (_, visitor) => {
        while (performance.now() - begun < 1000 * seconds) {
            const asked = performance.now();
            await window.play([visitor, steps]);
            waits.push(performance.now() - asked);
        }
    }));
    return [waits.length / (performance.now() - begun) * 1000, waits.sort((a, b) => a - b)[waits.length >> 1]];
}"""


class Game:
    """The plane's defaults in PyTorch, on one core."""

    def __init__(self, objective: str, penalty: str) -> None:
        def network(outputs: int) -> torch.nn.Sequential:
            widths = [(2, 32), (32, 32), (32, outputs)]
            layers = [layer for a, b in widths for layer in (torch.nn.Linear(a, b), torch.nn.LeakyReLU(0.2))]
            return torch.nn.Sequential(*layers[:-1])

        with torch.random.fork_rng(devices=[]):
            self.generator, self.discriminator = network(2), network(1)
        self.adams = [
            torch.optim.Adam(one.parameters(), 0.002, (0.0, 0.99), fused=True)
            for one in (self.generator, self.discriminator)
        ]
        self.random = torch.Generator().manual_seed(0)
        self.rule, self.cost = objectives.OBJECTIVES[objective], penalties.PENALTIES[penalty].loss
        self.shown = torch.randn(SHOWN, 2, generator=self.random)
        places = torch.linspace(-3, 3, SIDE)
        self.places = torch.cartesian_prod(places, places)

    def judge(self, points: torch.Tensor) -> torch.Tensor:
        return self.discriminator(points.flatten(1)).squeeze(1)

    def iterate(self) -> None:
        real, z = torch.randn(2, 128, 2, generator=self.random)
        fake = self.generator(z)
        outputs = self.judge(torch.cat([real, fake.detach()]))
        loss = self.rule.discriminator_loss(outputs[:128], outputs[128:])
        if self.cost is not None:
            both = real.view(128, 1, 1, 2), fake.detach().view(128, 1, 1, 2)
            loss = loss + self.cost(self.judge, *both, self.random)
        self.adams[1].zero_grad()
        loss.backward()
        self.adams[1].step()
        self.adams[0].zero_grad()
        self.rule.generator_loss(self.judge(real), self.judge(fake)).backward()
        self.adams[0].step()

    @torch.inference_mode()
    def picture(self) -> tuple[list[float], list[float]]:
        return self.generator(self.shown).flatten().tolist(), self.judge(self.places).tolist()


def served(make: Callable[[], Game]) -> tuple[gr.Blocks, str]:
    """Open a page whose `play` plays on the server; returns it and its address."""
    games: dict[int, Game] = {}

    def play(asked: list[int]) -> tuple[list[float], list[float]]:
        visitor, steps = asked
        game = games.setdefault(visitor, make())
        for _ in range(steps):
            game.iterate()
        return game.picture()

    with gr.Blocks(analytics_enabled=False) as page:
        gr.HTML("", js_on_load="window.play = (asked) => server.play(asked);", server_functions=[play])
    _, address, _ = page.launch(
        server_name="127.0.0.1",
        server_port=free_port("127.0.0.1", None),
        quiet=True,
        prevent_thread_lock=True,
        ssr_mode=False,
        enable_monitoring=False,
    )
    return page, address


def main() -> int:
    """Start the page, print the table."""
    parser = argparse.ArgumentParser(description="What the lab would be with PyTorch on the server.")
    parser.add_argument("--objective", choices=objectives.OBJECTIVES, default="non-saturating")
    parser.add_argument("--penalty", choices=penalties.PENALTIES, default="r1")
    parser.add_argument("--visitors", type=int, default=4, help="of the second half of the table (default: 4)")
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement (default: 4)")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    blocks, address = served(lambda: Game(chosen.objective, chosen.penalty))
    with browser() as opened:
        page = opened.new_page()
        page.goto(address)
        page.wait_for_function("() => Boolean(window.play)")
        page.evaluate(ASK, [chosen.visitors, 5, 1])  # warm
        print(f"{hardware(torch.device('cpu'))}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
        print("| visitors | iterations an answer | pictures a second, each | iterations a second, each | median wait |")
        print("|---|---|---|---|---|")
        for visitors in sorted({1, chosen.visitors}):
            for steps in ITERATIONS:
                answers, wait = page.evaluate(ASK, [visitors, steps, chosen.seconds])
                each = answers / visitors
                print(f"| {visitors} | {steps} | {each:.1f} | {each * steps:.0f} | {wait:.0f} ms |", flush=True)
    blocks.close(verbose=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
