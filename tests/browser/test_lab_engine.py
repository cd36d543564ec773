"""The lab's engine takes the very steps of train.py, and its numbers are those of the mathematics."""

import itertools
from pathlib import Path

import pytest
import torch
from helpers.by_hand import BY_HAND, SLOPES

from gan_demo.data import Split
from gan_demo.networks import initialise, mlp_discriminator, mlp_generator
from gan_demo.objectives import OBJECTIVES
from gan_demo.penalties import PENALTIES
from gan_demo.settings import Settings
from gan_demo.training import iteration
from gan_demo.training.iteration import State, Trainer

ENGINE = Path(__file__).parents[2] / "gan_demo" / "ui" / "tabs" / "lab" / "engine"
PLANE = (1, 1, 2)  # a picture of two pixels is a point
WIDTHS = (8, 8)
STEPS = 50
BATCH = 8


@pytest.fixture(scope="module")
def engine(browser):
    """Run JavaScript beside the engine's modules, without a page: `engine(code, argument)`."""
    page = browser.new_page()

    def answer(route):
        name = route.request.url.rpartition("/")[2]
        if name == "empty":
            route.fulfill(body="<!doctype html>", content_type="text/html")
        else:
            route.fulfill(body=(ENGINE / name).read_text(encoding="utf-8"), content_type="text/javascript")

    page.route("http://engine.test/*", answer)
    page.goto("http://engine.test/empty")
    yield lambda code, argument=None: page.evaluate(code, argument)
    page.close()


def small_trainer(monkeypatch, **settings):
    """A Trainer of points in the plane, in float64, and what it has drawn: {"real": [...], "draws": [...]}."""
    random = torch.Generator().manual_seed(7)
    points = torch.randint(0, 256, (200, *PLANE), dtype=torch.uint8, generator=random)
    trainer = Trainer(
        # So many epochs that the cosine of the learning rate stays at its beginning.
        Settings.of("mlp", latent_dim=2, batch_size=BATCH, epochs=10**7, beta1=0.5, ema=0.9, **settings),
        Split(points, None),
    )
    norm = trainer.settings.discriminator_norm
    with torch.random.fork_rng(devices=[]):  # a layer draws weights of its own before it gets others
        networks = mlp_generator(PLANE, 2, WIDTHS, "none", 0), mlp_discriminator(PLANE, WIDTHS, norm, 0)
        average = mlp_generator(PLANE, 2, WIDTHS, "none", 0).double()
    for network in networks:
        initialise(network, random)
        network.double()
    state = trainer.state
    trainer.state = State(
        generator=networks[0],
        discriminator=networks[1],
        average=average,
        optimizer_g=torch.optim.Adam(networks[0].parameters(), betas=(0.5, 0.99)),
        optimizer_d=torch.optim.Adam(networks[1].parameters(), betas=(0.5, 0.99)),
        random=state.random,
        order=state.order,
    )
    average.load_state_dict(networks[0].state_dict())
    drawn = {"real": [], "draws": []}

    def kept(function, key):
        def run(*values, **options):
            result = function(*values, **options).double()
            drawn[key].append(result.flatten().tolist())
            return result

        return run

    monkeypatch.setattr(iteration, "from_pixels", kept(iteration.from_pixels, "real"))
    monkeypatch.setattr(torch, "randn", kept(torch.randn, "draws"))
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)  # losses are taken in float32 otherwise
    monkeypatch.setattr(torch, "rand", kept(torch.rand, "draws"))
    return trainer, drawn


def layers(network):
    """The weights of a network as the engine has them: (in, out), and the vectors of spectral norm."""
    result = []
    for module in network.modules():
        if not isinstance(module, torch.nn.Linear):
            continue
        spectral = hasattr(module, "parametrizations")
        weight = module.parametrizations.weight.original if spectral else module.weight
        layer = {"inputs": module.in_features, "outputs": module.out_features}
        layer |= {"weight": weight.T.flatten().tolist(), "bias": module.bias.tolist()}
        if spectral:
            vectors = module.parametrizations.weight[0]
            layer |= {"u": vectors._u.tolist(), "v": vectors._v.tolist()}
        result.append(layer)
    return result


# Each objective with each penalty that goes with it, and spectral norm with those that leave it its meaning.
GAMES = [
    *({"objective": a, "penalty": b} for a, b in itertools.product(OBJECTIVES, PENALTIES)),
    *({"objective": one, "discriminator_norm": "spectral"} for one in OBJECTIVES),
    {"objective": "hinge", "penalty": "r1", "discriminator_norm": "spectral"},
    {"objective": "wasserstein", "penalty": "gradient", "d_steps": 3, "penalty_every": 2},
]

PLAY = """async ([games, steps]) => {
    const { DEFAULTS, iterate } = await import("http://engine.test/game.js");
    const typed = (layers) => layers.map((layer) => Object.fromEntries(
        Object.entries(layer).map(([name, value]) => [name, Array.isArray(value) ? Float64Array.from(value) : value])));
    const memory = () => ({ step: 0, m: [], v: [] });
    return games.map(({ settings, g, d, drawn }) => {
        const networks = { g: typed(g), d: typed(d), average: typed(g) };
        const state = { step: 0, ...networks, optimizerG: memory(), optimizerD: memory() };
        const next = () => drawn.draws.shift();
        const draw = { real: () => drawn.real.shift(), latents: next, uniforms: next, normals: next };
        const last = { ...DEFAULTS, ...settings, squash: true };
        for (let step = 0; step < steps; step++) iterate(state, last, draw);
        const plain = (layers) => layers.map(({ weight, bias }) => [...weight, ...bias]);
        return { g: plain(state.g), d: plain(state.d), average: plain(state.average), left: drawn.draws.length };
    });
}"""


def test_fifty_steps_end_in_the_weights_of_train_py(engine, monkeypatch):
    games, ends = [], []
    for settings in GAMES:
        with monkeypatch.context() as patch:
            trainer, drawn = small_trainer(patch, **settings)
            state = trainer.state
            game = {"g": layers(state.generator), "d": layers(state.discriminator), "drawn": drawn}
            for _ in range(STEPS):
                trainer.iterate()
        names = (
            "objective penalty penalty_weight penalty_every discriminator_norm batch_size lr_g lr_d beta1 beta2".split()
        )
        game["settings"] = {name: getattr(trainer.settings, name) for name in (*names, "d_steps", "ema")}
        games.append(game)
        networks = {"g": state.generator, "d": state.discriminator, "average": state.average}
        ends.append({name: layers(network) for name, network in networks.items()})
    for settings, found, end in zip(GAMES, engine(PLAY, [games, STEPS]), ends, strict=True):
        assert found["left"] == 0, settings
        for name, network in end.items():
            for here, there in zip(found[name], network, strict=True):
                expected = torch.tensor([*there["weight"], *there["bias"]])
                error = (torch.tensor(here) - expected).abs().max()
                assert error < 1e-4, (settings, name, float(error))


LOSSES = """async (cases) => {
    const { OBJECTIVES } = await import("http://engine.test/game.js");
    const { gradients, node } = await import("http://engine.test/matrix.js");
    return cases.map(([name, real, fake]) => {
        const inputs = [node(real.length, 1, real), node(fake.length, 1, fake)], { d, g } = OBJECTIVES[name];
        const losses = [d(...inputs), g(...inputs)];
        const slopes = losses.flatMap((one) => gradients(one, inputs).map((slope) => slope.values[0]));
        return { losses: losses.map((one) => one.values[0]), slopes };
    });
}"""


def test_losses_and_their_slopes_are_those_worked_out_by_hand(engine):
    places = [(0.0, 0.0), (0.5, 0.5), (10.0, -10.0), (-10.0, 10.0), (0.3, -0.2)]
    whole = engine(LOSSES, [(name, real, fake) for name, (real, fake, _, _) in BY_HAND.items()])
    for (_, _, d, g), found in zip(BY_HAND.values(), whole, strict=True):
        assert found["losses"] == pytest.approx([d, g], abs=1e-6)
    cases = [(name, real, fake) for name in OBJECTIVES for real, fake in places]
    for (name, real, fake), found in zip(cases, engine(LOSSES, [(n, [r], [f]) for n, r, f in cases]), strict=True):
        assert found["slopes"] == pytest.approx(SLOPES[name](real, fake), abs=1e-12), (name, real, fake)


PENALISE = """async (cases) => {
    const { PENALTIES } = await import("http://engine.test/game.js");
    const { matmul, node, scale, square, sumCols } = await import("http://engine.test/matrix.js");
    const points = (rows) => node(rows.length, rows[0].length, rows.flat());
    const draw = { uniforms: (n) => Array(n).fill(0.25), normals: (n) => Array(n).fill(1) };
    const linear = (x) => matmul(x, node(2, 1, [1.8, 2.4])), quadratic = (x) => scale(sumCols(square(x)), 0.5);
    const value = (name, ...of) => PENALTIES[name].loss(...of, draw).values[0];
    return cases.map(([name, critic, ...both]) => value(name, { linear, quadratic }[critic], ...both.map(points)));
}"""


def test_penalties_of_critics_whose_slope_is_known(engine):
    """A linear critic's slope is its weight, of length 3; that of ||x||^2 / 2 is x."""
    real, fake = [[3.0, 4.0], [0.0, 1.0]], [[0.0, 2.0], [6.0, 8.0]]
    expected = {
        ("gradient", "linear"): 4,
        ("dragan", "linear"): 4,
        ("r1", "linear"): 4.5,
        ("r1+r2", "linear"): 9,
        ("r1", "quadratic"): (25 + 1) / 2 / 2,
        ("r2", "quadratic"): (4 + 100) / 2 / 2,
        ("r1+r2", "quadratic"): (25 + 1 + 4 + 100) / 2 / 2,
        # A quarter of the real point and three of the other: (0.75, 2.5) and (4.5, 6.25).
        ("gradient", "quadratic"): ((6.8125**0.5 - 1) ** 2 + (59.3125**0.5 - 1) ** 2) / 2,
    }
    found = engine(PENALISE, [(*case, real, fake) for case in expected])
    assert found == pytest.approx(list(expected.values()), abs=1e-6)


# N(0, 1) and N(mu, 1), by quadrature: JS, KL, Wasserstein-1, the means of the saturating and the other gradient.
TWO_NORMALS = {
    0: (0, 0, 0, 0, 0),
    1: (0.11142, 0.5, 1, 0.3980, 0.6020),
    2: (0.33683, 2, 2, 0.4496, 1.5504),
    4: (0.63272, 8, 4, 0.1372, 3.8628),
    6: (0.68930, 18, 6, 0.0125, 5.9875),
    8: (0.69305, 32, 8, 0.0004, 7.9996),
}
TRUTH = """async (shifts) => {
    const truth = await import("http://engine.test/truth.js");
    const { LINE, PLANE } = await import("http://engine.test/data.js"), grids = {};
    const both = [["line", truth.LINE_GRID, LINE.gaussian(), 1], ["plane", truth.PLANE_GRID, PLANE.gaussian(), 0.6]];
    for (const [name, grid, data, scale] of both) {
        const { points, weights } = truth.latentGrid(grid), p = truth.dataMasses(data, grid);
        const made = (by) => points.map((z, i) => data.means[i % grid.cols] + scale * z + by);
        const [q, moved] = [0, 2].map((by) => truth.generatedMasses(made(by), weights, grid));
        grids[name] = { perfect: truth.jensenShannon(p, q) };
        if (name === "plane") continue;
        const [z, wanted] = [truth.STANDARD, data].map((one) => truth.quantiles(one, 2000));
        const w1 = truth.wassersteinLine(z.map((x) => -x - 2), wanted);  // in the other order, as G may turn the line
        grids.moved = { js: truth.jensenShannon(p, moved), kl: truth.kl(p, moved), w1 };
    }
    return { normals: shifts.map(truth.twoNormals), ...grids };
}"""


def test_the_truth_about_two_normals_and_of_a_perfect_generator(engine):
    found = engine(TRUTH, list(TWO_NORMALS))
    for expected, row in zip(TWO_NORMALS.values(), found["normals"], strict=True):
        values = [row[name] for name in ("js", "kl", "w1", "saturating", "nonSaturating")]
        assert values == pytest.approx(expected, abs=6e-5)
        assert row["c"] == pytest.approx(2 * expected[0] - 1.386294, abs=2e-5)
    assert 0 <= found["line"]["perfect"] < 1e-3
    assert 0 <= found["plane"]["perfect"] < 1e-3
    js, kl, w1, *_ = TWO_NORMALS[2]
    # A divergence of the blurred is a little less than that of the sharp.
    assert js - 0.002 < found["moved"]["js"] < js
    assert found["moved"]["kl"] == pytest.approx(kl, abs=0.02)
    assert found["moved"]["w1"] == pytest.approx(w1, abs=1e-3)


REPLAY = """async () => {
    const { DEFAULTS, iterate, newState } = await import("http://engine.test/game.js");
    const { fromState, newRandom } = await import("http://engine.test/random.js");
    const { PLANE, sample } = await import("http://engine.test/data.js");
    const data = PLANE.ring(), settings = { ...DEFAULTS, g_widths: [6], d_widths: [6], batch_size: 8 };
    const draws = (random) => ({
        real: (n) => sample(data, n, random), latents: (n) => Float64Array.from({ length: 2 * n }, random.normal),
    });
    const play = (state, random, steps) => {
        for (let i = 0; i < steps; i++) iterate(state, settings, draws(random));
        return state;
    };
    const whole = newRandom(3), one = play(newState(settings, whole), whole, 20);
    const first = newRandom(3), half = play(newState(settings, first), first, 10);
    half.random = first.state();
    const again = structuredClone(half);
    play(half, first, 3);  // what is kept does not change with what is played
    play(again, fromState(again.random), 10);
    const plain = (state) => state.g.concat(state.d, state.average).flatMap(({ weight, bias }) => [...weight, ...bias]);
    return [plain(one), plain(again)];
}"""


def test_a_state_is_a_value_kept_and_played_on_it_ends_where_the_whole_game_ended(engine):
    whole, again = engine(REPLAY)
    assert whole == again
