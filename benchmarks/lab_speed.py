"""How fast the lab plays, in headless Chromium on the same machine: iterations and frames a second.

    python benchmarks/lab_speed.py
    python benchmarks/lab_speed.py --jax node_modules/@jax-js/jax/dist

The plane's defaults: G 2-32-32-2, D 2-32-32-1, batches of 128. Each line is one objective with one penalty. For
comparison, the same iteration by PyTorch on one core; with --jax also by jax-js in the same browser, whose package
comes from `npm install @jax-js/jax`. `lab_server.py` has PyTorch behind a page. The promises: 200 iterations a second,
with a penalty 60; the first picture within 2 s of opening the tab.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import torch
from chromium import app, browser
from lab_server import Game

from gan_demo.devices import hardware

GAMES = [
    ("non-saturating", "none", 200),
    ("non-saturating", "r1", 60),
    ("wasserstein", "gradient", 60),
    ("non-saturating", "dragan", 60),
    ("relativistic", "r1+r2", 60),
]
PLAY = """async ([objective, penalty, seconds]) => {
    const { folder } = document.querySelector(".lab").dataset;
    const { DEFAULTS, iterate, newState } = await ganDemo.module(`${folder}game.js`);
    const { PLANE, sample } = await ganDemo.module(`${folder}data.js`);
    const { newRandom } = await ganDemo.module(`${folder}random.js`);
    const random = newRandom(1), settings = { ...DEFAULTS, objective, penalty }, data = PLANE.ring();
    const normals = (n) => Float64Array.from({ length: n }, random.normal);
    const draw = {
        real: (n) => sample(data, n, random), latents: (n) => normals(2 * n), normals,
        uniforms: (n) => Float64Array.from({ length: n }, random.uniform),
    };
    const state = newState(settings, random);
    for (let i = 0; i < 50; i++) iterate(state, settings, draw);
    const begun = performance.now();
    let done = 0;
    while (performance.now() - begun < 1000 * seconds) { iterate(state, settings, draw); done += 1; }
    return done / seconds;
}"""
OPENING = 2  # seconds
WATCH = """() => {
    window.painted = 0;
    const lab = document.querySelector(".lab");
    const watcher = new MutationObserver(() => { window.painted += 1; });
    watcher.observe(lab, { attributes: true, attributeFilter: ["data-step"] });
}"""
# The same iteration in jax-js: one jit of D's step and G's, with Adam (beta1 is 0).
JAX = """async ([url, seconds]) => {
    const { numpy: np, grad, jit, nn, init, defaultDevice, tree } = await import(url);
    await init("wasm");
    defaultDevice("wasm");
    const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
    const normals = (n) => Float32Array.from({ length: n }, normal);
    const scaled = (rows, cols) => normals(rows * cols).map((x) => x / Math.sqrt(rows));
    const weights = (rows, cols) => np.array(scaled(rows, cols)).reshape([rows, cols]);
    const network = (sizes) => sizes.slice(1).map((outputs, i) => ({
        w: weights(sizes[i], outputs), b: np.array(new Float32Array(outputs)),
    }));
    const run = (layers, x) => {
        layers.forEach(({ w, b }, i) => {
            x = np.dot(x, w).add(b);
            if (i < layers.length - 1) x = nn.leakyRelu(x, 0.2);
        });
        return x;
    };
    const lossD = (d, real, fake) =>
        nn.softplus(run(tree.ref(d), real).neg()).mean().add(nn.softplus(run(d, fake)).mean());
    const lossG = (g, d, z) => nn.softplus(run(d, run(g, z)).neg()).mean();
    const adam = (layers, seconds, slopes, correction) => {
        const next = [], memory = [];
        layers.forEach((layer, i) => {
            const one = {}, square = {};
            for (const name of ["w", "b"]) {
                const slope = slopes[i][name];
                square[name] = seconds[i][name].mul(0.99).add(slope.ref.mul(slope.ref).mul(0.01));
                const length = np.sqrt(square[name].ref.div(correction.ref)).add(1e-8);
                one[name] = layer[name].sub(slope.mul(0.002).div(length));
            }
            next.push(one);
            memory.push(square);
        });
        return [next, memory];
    };
    const step = jit((g, d, vg, vd, z, real, correction) => {
        const [nextD, nextVd] = adam(tree.ref(d), vd, grad(lossD)(d, real, run(tree.ref(g), z.ref)), correction);
        const [nextG, nextVg] = adam(tree.ref(g), vg, grad(lossG)(g, tree.ref(nextD), z), correction);
        correction.dispose();
        return [nextG, nextD, nextVg, nextVd];
    });
    const zeros = (layers) => layers.map(({ w, b }) => ({ w: np.zeros(w.shape), b: np.zeros(b.shape) }));
    let g = network([2, 32, 32, 2]), d = network([2, 32, 32, 1]), vg = zeros(g), vd = zeros(d), t = 0;
    const play = async () => {
        const points = () => np.array(normals(256)).reshape([128, 2]);
        [g, d, vg, vd] = step(g, d, vg, vd, points(), points(), np.array(1 - 0.99 ** ++t));
        if (t % 10 === 0) await g[0].w.ref.data();
    };
    for (let i = 0; i < 20; i++) await play();
    const begun = performance.now();
    let done = 0;
    while (performance.now() - begun < 1000 * seconds) { await play(); done += 1; }
    return done / seconds;
}"""


def torch_rate(objective: str, penalty: str, seconds: float) -> float:
    """Iterations a second of the same networks by PyTorch, on one core."""
    game = Game(objective, penalty)
    for _ in range(50):
        game.iterate()
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        game.iterate()
        done += 1
    return done / seconds


def serve_jax(page, folder: Path) -> str:
    """Let the browser find the package of jax-js; returns the address of its module."""
    folder = folder.resolve()

    def answer(route) -> None:
        file = folder / route.request.url.rpartition("/")[2]
        route.fulfill(path=file, content_type="text/javascript") if file.is_file() else route.abort()

    page.route("**/jax-js/*", answer)
    return f"{page.url.partition('?')[0]}jax-js/index.js"


def main() -> int:
    """Start the page, print the table; returns 0 if the promises are kept."""
    parser = argparse.ArgumentParser(description="How fast the lab plays in headless Chromium.")
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement (default: 4)")
    parser.add_argument("--jax", type=Path, metavar="FOLDER", help="dist/ of the npm package @jax-js/jax, to compare")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    with app() as (address, _), browser() as opened:
        page = opened.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(120_000)
        print(f"{hardware(torch.device('cpu'))}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
        page.goto(f"{address}?tab=training&lang=en")
        page.locator("#training-stage .plot canvas").first.wait_for()
        begun = time.perf_counter()
        page.get_by_role("tab", name="Lab").click()
        page.locator(".lab[data-step]").wait_for()
        opening = time.perf_counter() - begun
        kept = opening < OPENING
        begun = time.perf_counter()
        page.goto(f"{address}?tab=lab&lang=en")
        page.locator(".lab[data-step]").wait_for()
        print(f"from opening the tab to the first picture of the lab: {opening:.2f} s")
        print(f"from the address to it: {time.perf_counter() - begun:.2f} s\n")
        print("| objective | penalty | the lab, a second | PyTorch, a second |")
        print("|---|---|---|---|")
        for objective, penalty, promise in GAMES:
            rate = page.evaluate(PLAY, [objective, penalty, chosen.seconds])
            kept = kept and rate >= promise
            print(
                f"| {objective} | {penalty} | {rate:.0f} | {torch_rate(objective, penalty, chosen.seconds):.0f} |",
                flush=True,
            )
        if chosen.jax:
            rate = page.evaluate(JAX, [serve_jax(page, chosen.jax), chosen.seconds])
            print(f"\njax-js, non-saturating without a penalty: {rate:.0f} a second")
        page.evaluate(WATCH)
        before = int(page.locator(".lab").get_attribute("data-step"))
        page.locator("[data-do=run]").click()
        page.wait_for_timeout(1000 * chosen.seconds)
        frames = page.evaluate("window.painted") / chosen.seconds
        steps = (int(page.locator(".lab").get_attribute("data-step")) - before) / chosen.seconds
        print(f"\non the page, with pictures and measures: {steps:.0f} iterations and {frames:.0f} frames a second")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
