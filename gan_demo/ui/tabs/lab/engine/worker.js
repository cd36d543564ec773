// The lab's worker: it plays the game in a thread of its own, measures it, and sends what is to be seen.
//
// Messages in, { do, ... }:
//   reset { place, settings, data, step }    a new game; played through to `step` at once
//   run, pause                               as fast as it goes, or `rate` iterations a second
//   rate { rate }                            0: as fast as it goes
//   iterate { d, g }                         one iteration; with d or g false that network is held
//   best { most }                            D alone, until it is as good as it gets, at most so many steps
//   phase                                    the next part of an iteration, with its numbers
//   scrub { step }                           back to a kept state
//   change { settings }                      other settings for the steps to come
//   show { field, lattice, arrows, slopes }  what else is sent
//   seen                                     the last frame has been drawn
//   apart { id, ... }, value { id, steps }   what a lesson asks: answered with the same id
// Messages out, { kind, ... }: frame, truth, phase, busy, wrong, rests, answer.

import { sample, sampleLabelled, PLANE, LINE, drawn } from "./data.js";
import { DEFAULTS, PULLS, OBJECTIVES, answers, iterate, newState, phases, pull, slopesAt } from "./game.js";
import { fromState, newRandom } from "./random.js";
import * as truth from "./truth.js";

const SLICE_MS = 12;  // of iterations between two looks at the messages
const TRUTH_MS = 350;  // from one measurement to the next
const KEEP_EVERY = 10, KEPT_MOST = 300;  // iterations from one kept state to the next, and how many are kept
const SHOWN = 256;  // points that are sent
const LATTICE = 17, ARROWS = 48;
const FIELD = { ...truth.PLANE_GRID, size: 44 }, FIELD_CENTRES = truth.centres(FIELD);
const MEASURED = 2500;  // samples of which modes are counted, as in PacGAN
const TRAVELLERS = 600;  // points of which the Wasserstein distance in the plane is taken

let game, grid, running = false, rate = 0, show = {}, kept = [], series, last = null;  // last: the numbers of the last step
let phase = null, rewound = false, waiting = false, measured = 0, behind = 0, lastTick = 0;
let latents, masses, centres, seen;  // what the measures need, made once a game

const newSeries = () => ({ step: [], js: [], bound: [], w1: [] });

// A game before its first step: { place, settings, data, state, random, draw }.
function newGame({ place, settings: chosen, data: wanted }) {
    const cols = place === "line" ? 1 : 2;
    const data = wanted.points ? drawn(wanted.points) : (place === "line" ? LINE : PLANE)[wanted.name]();
    const classes = chosen.conditional ? data.weights.length : 0;
    const settings = { ...DEFAULTS, ...chosen, cols, latent_dim: cols, classes };
    const random = newRandom(settings.seed), state = newState(settings, random);
    if (chosen.start) moveGenerator(state, chosen.start);
    const normals = (count) => Float64Array.from({ length: count }, random.normal);
    const draw = {
        real: (count) => (classes ? sampleLabelled : sample)(data, count, random),
        latents: (count) => (classes ? withClasses(normals(count * cols), cols, classes, random) : normals(count * cols)),
        uniforms: (count) => Float64Array.from({ length: count }, random.uniform),
        normals,
    };
    return { place, settings, data, state, random, draw };
}

function reset(wanted) {
    game = newGame(wanted);
    grid = game.place === "line" ? truth.LINE_GRID : truth.PLANE_GRID;
    const { data, settings: { cols, classes } } = game;
    const still = newRandom(1);  // the same points and latents all the way, apart from those of the game
    const latentsOf = (count) => {
        const points = Float64Array.from({ length: count * cols }, still.normal);
        return classes ? withClasses(points, cols, classes, still) : points;
    };
    seen = { real: sample(data, SHOWN, still), latents: latentsOf(SHOWN), many: sample(data, TRAVELLERS, still), z: latentsOf(MEASURED) };
    latents = truth.latentGrid(grid);
    masses = truth.dataMasses(data, grid);
    centres = truth.centres(grid);
    [kept, series, last, phase, measured, behind, rewound] = [[], newSeries(), null, null, 0, 0, false];
    keep();
    const step = wanted.step ?? 0;
    for (let i = 0; i < step; i++) {
        advance();
        if (i % 200 === 0) postMessage({ kind: "busy", share: i / step });
    }
    postMessage({ kind: "busy", share: 1 });
    after();
}

// G begins around a point: its last bias is moved there.
function moveGenerator({ g, average }, start) {
    for (const { bias } of [g.at(-1), average.at(-1)]) bias.forEach((_, i) => { bias[i] = start[i]; });
}

// Latents with the class that is asked for beside each, one-hot.
function withClasses(points, cols, classes, source) {
    const count = points.length / cols;
    const result = new Float64Array(count * (cols + classes));
    for (let i = 0; i < count; i++) {
        result.set(points.subarray(i * cols, (i + 1) * cols), i * (cols + classes));
        result[i * (cols + classes) + cols + source.below(classes)] = 1;
    }
    return result;
}

function advance(freeze = {}) {
    if (rewound) forget();
    const { state, settings, draw } = game;
    last = iterate(state, { ...settings, ...freeze }, draw);
    if (!Number.isFinite(last.loss_d + last.loss_g)) {
        running = false;
        postMessage({ kind: "wrong", step: state.step });
    }
    if (state.step % KEEP_EVERY === 0) keep();
}

function keep() {
    game.state.random = game.random.state();
    kept.push(structuredClone(game.state));
    // Every other one goes when there are too many: the whole way stays within reach.
    if (kept.length > KEPT_MOST) kept = kept.filter((_, index) => index % 2 === 0 || index === kept.length - 1);
}

// What was kept of the way that is now left.
function forget() {
    rewound = false;
    const { step } = game.state, many = series.step.filter((one) => one <= step).length;
    kept = kept.filter((one) => one.step <= step);
    for (const values of Object.values(series)) values.length = many;
}

function scrub(step) {
    const found = kept.reduce((best, one) => (Math.abs(one.step - step) < Math.abs(best.step - step) ? one : best), kept[0]);
    game.state = structuredClone(found);
    Object.assign(game.random, fromState(found.random));
    rewound = true;
    phase = null;
    after();
}

// What G makes of latents, and what D says of points; of a conditional D, about the class that is looked at.
const made = ({ state, settings }, points) => answers(state.g, points, settings.latent_dim + settings.classes);
function judged(points) {
    const { state, settings: { cols, classes } } = game;
    if (!classes) return answers(state.d, points, cols);
    return answers(state.d, withClasses(points, cols, classes, { below: () => show.label ?? 0 }), cols + classes);
}

function frame() {
    const { place, state, settings: { cols, classes } } = game;
    const out = { kind: "frame", place, step: state.step, real: seen.real, fake: made(game, seen.latents), kept: kept.at(-1).step };
    if (classes) out.labels = labelsOf(seen.latents, cols, classes);
    if (last) {
        const { loss_d, loss_g, penalty, real, fake, grad_d, grad_g } = last;
        out.numbers = { loss_d, loss_g, penalty, real, fake, grad_d, grad_g };
    }
    if (place === "line") {
        out.logits = judged(centres);
        const z = Float64Array.from({ length: 41 }, (_, i) => (i - 20) / 8);
        out.arrows = { z, x: classes ? [] : made(game, z) };
    } else {
        out.field = { size: FIELD.size, logits: judged(FIELD_CENTRES) };
        if (show.lattice && !classes) {
            const at = [];
            for (let i = 0; i < LATTICE; i++) for (let j = 0; j < LATTICE; j++) at.push(4 * j / (LATTICE - 1) - 2, 4 * i / (LATTICE - 1) - 2);
            out.lattice = { side: LATTICE, points: made(game, at) };
        }
        if (show.arrows && !classes) {
            const points = out.fake.subarray(0, ARROWS * 2);
            out.pulls = Object.fromEntries(Object.entries(PULLS).map(([name, loss]) => [name, pull(state.d, points, 2, loss)]));
        }
        if (show.slopes && !classes) out.slopes = slopesAt(state.d, FIELD_CENTRES, 2).slopes;
    }
    waiting = true;
    postMessage(out);
}

const labelsOf = (latents, cols, classes) => {
    const wide = cols + classes;
    return Array.from({ length: latents.length / wide }, (_, i) => latents.subarray(i * wide + cols, (i + 1) * wide).indexOf(1));
};

// The exact or honest numbers, and their curves.
function measure() {
    measured = performance.now();
    const { place, data, state, settings: { objective, cols, classes } } = game;
    const out = { kind: "truth", step: state.step };
    if (!classes) {
        const q = truth.generatedMasses(made(game, latents.points), latents.weights, grid), logits = judged(centres);
        out.js = truth.jensenShannon(masses, q);
        out.kl = truth.kl(masses, q);
        out.reverse = truth.kl(q, masses);
        if (OBJECTIVES[objective].logit) out.value = truth.value(masses, q, logits);
        const { slopes } = slopesAt(state.d, place === "line" ? centres : FIELD_CENTRES, cols);
        out.slope = 0;
        for (let i = 0; i < slopes.length; i += cols) out.slope = Math.max(out.slope, Math.hypot(...slopes.subarray(i, i + cols)));
        if (place === "line") {
            out.w1 = truth.wassersteinLine(masses, q, grid);
            out.densities = { p: masses.slice(0, -1), q: q.slice(0, -1) };
        } else {
            out.w1 = truth.wassersteinSliced(seen.many, made(game, seen.z.subarray(0, seen.many.length)));
            out.best = { size: grid.size, values: truth.bestD(masses, q).slice(0, -1) };
        }
    }
    if (data.modes) out.modes = truth.modes(made(game, seen.z), data);
    const { step } = series;
    if (!(step.at(-1) >= state.step)) {
        step.push(state.step);
        series.js.push(out.js ?? null);
        series.bound.push(out.value === undefined ? null : (out.value + Math.log(4)) / 2);
        series.w1.push(out.w1 ?? null);
    }
    if (step.length > 600) for (const name of Object.keys(series)) series[name] = series[name].filter((_, i) => i % 2 === 0);
    postMessage({ ...out, series });
}
// D alone until a hundred steps more gain next to nothing.
function trainBest(most) {
    let before = Infinity;
    for (let done = 0; done < most; done += 100) {
        let sum = 0;
        for (let i = 0; i < 100; i++) {
            advance({ freeze_g: true });
            sum += last.loss_d / 100;
        }
        postMessage({ kind: "busy", share: done / most });
        if (before - sum < 0.001) break;
        before = sum;
    }
    postMessage({ kind: "busy", share: 1 });
    after();
}

const after = () => {
    measure();
    frame();
};

function nextPhase() {
    phase ??= phases(game.state, game.settings, game.draw);
    const { value, done } = phase.next();
    if (done) {
        phase = null;
        return nextPhase();
    }
    last = { ...last, ...value };
    postMessage({ kind: "phase", name: value.name, numbers: Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === "number")) });
    if (value.name.startsWith("step")) frame();
    if (value.name === "average") {
        phase = null;
        if (game.state.step % KEEP_EVERY === 0) keep();
        after();
    }
}
// Another game, played through beside the one that is seen, for a lesson: what its generator is like at the end.
// `lead`: steps that D takes alone before.
function apart({ id, steps, lead = 0, ...wanted }) {
    const { data, settings, state, draw, ...rest } = newGame(wanted), one = { data, settings, state, draw, ...rest };
    for (let i = 0; i < lead; i++) iterate(state, { ...settings, freeze_g: true }, draw);
    for (let i = 0; i < steps; i++) {
        iterate(state, settings, draw);
        if (i % 50 === 0) postMessage({ kind: "busy", share: i / steps });
    }
    postMessage({ kind: "busy", share: 1 });
    const z = draw.latents(MEASURED), points = made(one, z), { cols, classes } = settings;
    const answer = { mean: points.reduce((a, b) => a + b, 0) / points.length };
    if (data.modes) answer.modes = truth.modes(points, data).found;
    if (classes) answer.own = truth.ownShare(points, labelsOf(z, cols, classes), data);
    postMessage({ kind: "answer", id, answer });
}

// V of the game that is seen, before and after some steps of G alone against a D at its best.
function value({ id, steps }) {
    const now = () => {
        const q = truth.generatedMasses(made(game, latents.points), latents.weights, grid);
        return truth.value(masses, q, judged(centres));
    };
    finishPhase();
    trainBest(3000);
    const before = now();
    for (let i = 0; i < steps; i++) advance({ freeze_d: true });
    const answer = { before, after: now() };
    after();
    postMessage({ kind: "answer", id, answer });
}

// A half-played iteration is played to its end before anything else happens.
function finishPhase() {
    if (!phase) return;
    for (const one of phase) last = { ...last, ...one };
    phase = null;
}

const channel = new MessageChannel();
channel.port1.onmessage = tick;
function tick() {
    if (!running) return;
    const begun = performance.now();
    let due = Infinity;
    if (rate) {
        behind += (begun - lastTick) / 1000 * rate;
        due = Math.min(Math.floor(behind), rate);
        behind -= due;
    }
    lastTick = begun;
    for (let done = 0; done < due && running && performance.now() - begun < SLICE_MS; done++) advance();
    if (performance.now() - measured > TRUTH_MS) measure();
    if (!waiting) frame();
    if (rate) setTimeout(() => channel.port2.postMessage(0), 8);
    else channel.port2.postMessage(0);
}

const DO = {
    reset,
    run() {
        finishPhase();
        if (running) return;
        running = true;
        lastTick = performance.now();
        channel.port2.postMessage(0);
    },
    pause() {
        if (running) {
            running = false;
            after();
        }
        postMessage({ kind: "rests" });
    },
    rate({ rate: wanted }) { rate = wanted; },
    iterate({ d = true, g = true }) {
        finishPhase();
        advance({ freeze_d: !d, freeze_g: !g });
        after();
    },
    best: ({ most = 3000 }) => {
        finishPhase();
        trainBest(most);
    },
    phase: nextPhase,
    scrub: ({ step }) => scrub(step),
    change({ settings: changes }) {
        finishPhase();
        game.settings = { ...game.settings, ...changes };
    },
    show({ show: wanted }) {
        show = wanted;
        if (game) after();
    },
    seen() { waiting = false; },
    apart,
    value,
};
globalThis.onmessage = ({ data: message }) => DO[message.do](message);
