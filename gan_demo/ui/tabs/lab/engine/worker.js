// The lab's worker: it plays the game in a thread of its own, measures it, and sends what is to be seen.
//
// Messages in, { do, ... }:
//   reset { place, settings, data, moves }   a new game; `moves`, [kind, count] each, are played at once; where the settings
//                                            say `trained`, D is trained to its best instead
//   run, pause                               as fast as it goes, or `rate` iterations a second
//   rate { rate }                            0: as fast as it goes
//   iterate { d, g }                         one iteration; with d or g false that network is held
//   best                                     D alone, until it is as good as it gets
//   phase                                    the next part of an iteration, with its numbers
//   scrub { step }                           back to a kept state
//   change { settings }                      other settings for the steps to come
//   show { lattice, arrows, slopes, label }  what else is sent; the label that a conditional D is asked about
//   seen                                     the page draws a frame, and can take another
//   apart { id, ... }, value { id, steps }   what a lesson asks: answered with the same id
// Messages out, { kind, ... }: frame, truth, phase, busy, wrong, rests, answer.

import { sample, sampleLabelled, PLANE, LINE, drawn } from "./data.js";
import { DEFAULTS, PULLS, iterate, newState, phases, pull, slopesAt } from "./game.js";
import { FIELD, FIELD_CENTRES, judged, labelsOf, made, measuring, newMeasures, steepest, valueNow, withClasses } from "./measures.js";
import { fromState, newRandom } from "./random.js";
import * as truth from "./truth.js";

const SLICE_MS = 5;  // of iterations between two looks at the messages: a frame is asked for every 16
const AHEAD = 2;  // frames on their way to the page: one is drawn while the next is made, so that none is missed by a moment
const TRUTH_MS = 350;  // from one measurement to the next
const KEEP_EVERY = 10, KEPT_MOST = 300;  // iterations from one kept state to the next, and how many are kept
const LATTICE = 17, ARROWS = 48;
const BEST_MOST = 3000;  // steps that D takes on the way to its best
const COUNTED = 2500;  // samples at the end of a game that a lesson plays apart
const HELD = { i: {}, d: { freeze_g: true }, g: { freeze_d: true } };  // the kinds of moves: iterations, steps of one alone

let game, fixed, running = false, rate = 0, show = {}, kept = [], series, sums;  // sums: of the losses since the last measure
let phase = null, rewound = false, atBest = false, wanted = AHEAD, measure = null, measured = 0, behind = 0, lastTick = 0;

const newSeries = () => ({ step: [], js: [], bound: [], w1: [], loss_d: [], loss_g: [], slope: [] });
const newSums = () => ({ loss_d: 0, loss_g: 0, count: 0 });

// A game before its first step: { place, settings, data, state, random, draw }.
function newGame({ place, settings: chosen, data: wished }) {
    const cols = place === "line" ? 1 : 2;
    const data = wished.points ? drawn(wished.points) : (place === "line" ? LINE : PLANE)[wished.name]();
    const classes = chosen.conditional ? data.weights.length : 0;
    const settings = { ...DEFAULTS, ...chosen, cols, latent_dim: cols, classes };
    const random = newRandom(settings.seed), state = { ...newState(settings, random), moves: [], numbers: null };
    if (chosen.start) moveGenerator(state, chosen.start);
    const normals = (count) => Float64Array.from({ length: count }, random.normal);
    const draw = {
        real: (count) => (classes ? sampleLabelled : sample)(data, count, random),
        latents: (count) => (classes ? withClasses(normals(count * cols), cols, classes, () => random.below(classes)) : normals(count * cols)),
        uniforms: (count) => Float64Array.from({ length: count }, random.uniform),
        normals,
    };
    return { place, settings, data, state, random, draw };
}

function reset(wished) {
    game = newGame(wished);
    fixed = newMeasures(game);
    [kept, series, sums, phase, measure, measured, behind, rewound, atBest] = [[], newSeries(), newSums(), null, null, 0, 0, false, false];
    keep();
    if (game.settings.trained) return trainBest(BEST_MOST);
    const moves = wished.moves ?? [], all = moves.reduce((sum, [, count]) => sum + count, 0);
    let done = 0;
    for (const [kind, count] of moves) {
        for (let i = 0; i < count; i++) {
            advance(kind);
            if (done++ % 200 === 0) postMessage({ kind: "busy", share: done / all });
        }
    }
    postMessage({ kind: "busy", share: 1 });
    after();
}

// G begins around a point: its last bias is moved there.
function moveGenerator({ g, average }, start) {
    for (const { bias } of [g.at(-1), average.at(-1)]) bias.forEach((_, i) => { bias[i] = start[i]; });
}

function advance(kind = "i") {
    if (rewound) forget();
    const { state, settings, draw } = game;
    moved(kind, iterate(state, { ...settings, ...HELD[kind] }, draw));
}

// A step has been taken: what is kept of it.
function moved(kind, { loss_d, loss_g, penalty, real, fake, grad_d, grad_g }) {
    const { state } = game, { moves } = state;
    atBest = false;
    state.numbers = { loss_d, loss_g, penalty, real, fake, grad_d, grad_g };
    if (moves.at(-1)?.[0] === kind) moves.at(-1)[1] += 1;
    else moves.push([kind, 1]);
    sums.loss_d += loss_d;
    sums.loss_g += loss_g;
    sums.count += 1;
    if (!Number.isFinite(loss_d + loss_g)) {
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
    [rewound, phase, sums, atBest] = [true, null, newSums(), false];
    after();
}

function frame() {
    const { place, state, settings } = game, { cols, classes } = settings;
    const make = (points) => made(state, settings, points), judge = (points) => judged(state, settings, points, show.label);
    const { step, moves, numbers } = state;
    const out = { kind: "frame", place, step, moves, numbers, real: fixed.real, fake: make(fixed.latents), kept: kept.at(-1).step };
    if (classes) [out.labels, out.means] = [labelsOf(fixed.latents, cols, classes), game.data.means];
    if (place === "line") {
        out.logits = judge(fixed.centres);
        const z = Float64Array.from({ length: 41 }, (_, i) => (i - 20) / 8);
        out.arrows = { z, x: classes ? [] : make(z) };
    } else {
        out.field = { size: FIELD.size, logits: judge(FIELD_CENTRES) };
        if (show.lattice && !classes) {
            const at = [];
            for (let i = 0; i < LATTICE; i++) for (let j = 0; j < LATTICE; j++) at.push(4 * j / (LATTICE - 1) - 2, 4 * i / (LATTICE - 1) - 2);
            out.lattice = { side: LATTICE, points: make(at) };
        }
        if (show.arrows && !classes) {
            const points = out.fake.subarray(0, ARROWS * 2);
            out.pulls = Object.fromEntries(Object.entries(PULLS).map(([name, loss]) => [name, pull(state.d, points, 2, loss)]));
        }
        if (show.slopes && !classes) out.slopes = slopesAt(state.d, FIELD_CENTRES, 2).slopes;
    }
    wanted = Math.max(wanted - 1, 0);
    postMessage(out);
}

// The next part of the measures, of a copy of the state as it was when they began. Whether that was the last one.
function measureOn() {
    if (!measure) {
        const state = structuredClone(game.state);
        measure = { parts: measuring(game, fixed, state), state, sums };
        [measured, sums] = [performance.now(), newSums()];
    }
    const { value: out, done } = measure.parts.next();
    if (done) {
        tell(out, measure);
        measure = null;
    }
    return done;
}
function measureAll() {
    measure = null;
    while (!measureOn());
}

// The numbers of a state, and their curves.
function tell(out, { state: { step }, sums: { loss_d, loss_g, count } }) {
    if (!(series.step.at(-1) >= step)) {
        const now = {
            ...out, step, bound: out.value === undefined ? null : (out.value + Math.log(4)) / 2,
            loss_d: count ? loss_d / count : null, loss_g: count ? loss_g / count : null,
        };
        for (const name of Object.keys(series)) series[name].push(now[name] ?? null);
    }
    if (series.step.length > 600) for (const name of Object.keys(series)) series[name] = series[name].filter((_, i) => i % 2 === 0);
    postMessage({ kind: "truth", step, ...out, series });
}

// D alone until a hundred steps more gain next to nothing.
function trainBest(most) {
    let before = Infinity;
    for (let done = 0; done < most; done += 100) {
        let sum = 0;
        for (let i = 0; i < 100; i++) {
            advance("d");
            sum += game.state.numbers.loss_d / 100;
        }
        postMessage({ kind: "busy", share: done / most });
        if (before - sum < 0.001) break;
        before = sum;
    }
    postMessage({ kind: "busy", share: 1 });
    atBest = true;
    after();
}

const after = () => {
    measureAll();
    frame();
};

function nextPhase() {
    if (!phase && rewound) forget();
    phase ??= phases(game.state, game.settings, game.draw);
    const { value, done } = phase.next();
    if (done) {
        phase = null;
        return nextPhase();
    }
    postMessage({ kind: "phase", name: value.name, numbers: Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === "number")) });
    if (value.name.startsWith("step")) frame();
    if (value.name === "average") {
        phase = null;
        moved("i", value);
        after();
    }
}
// A half-played iteration is played to its end before anything else happens.
function finishPhase() {
    if (!phase) return;
    let last = null;
    for (const one of phase) last = one;
    phase = null;
    if (last) moved("i", last);
}

// Another game, played through beside the one that is seen, for a lesson: what its generator is like at the end.
// `lead`: steps that D takes alone before.
function apart({ id, steps, lead = 0, ...wished }) {
    const { place, data, settings, state, draw } = newGame(wished), { cols, classes } = settings;
    for (let i = 0; i < lead; i++) iterate(state, { ...settings, ...HELD.d }, draw);
    for (let i = 0; i < steps; i++) {
        iterate(state, settings, draw);
        if (i % 50 === 0) postMessage({ kind: "busy", share: i / steps });
    }
    postMessage({ kind: "busy", share: 1 });
    const z = draw.latents(COUNTED), points = made(state, settings, z);
    const answer = { mean: points.reduce((a, b) => a + b, 0) / points.length };
    if (data.modes) answer.modes = truth.modes(points, data).found;
    if (!classes) answer.slope = steepest(slopesAt(state.d, place === "line" ? truth.centres(truth.LINE_GRID) : FIELD_CENTRES, cols).slopes, cols);
    if (classes) answer.own = truth.ownShare(points, labelsOf(z, cols, classes), data);
    postMessage({ kind: "answer", id, answer });
}

// V of the game that is seen, before and after some steps of G alone against a D at its best.
function value({ id, steps }) {
    finishPhase();
    if (!atBest) trainBest(BEST_MOST);
    const before = valueNow(game, fixed, game.state);
    for (let i = 0; i < steps; i++) advance("g");
    const answer = { before, after: valueNow(game, fixed, game.state) };
    after();
    postMessage({ kind: "answer", id, answer });
}

// While it runs: iterations, then a frame if the page can take one, or else a part of the measures.
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
    if (wanted) frame();
    else if (measure || performance.now() - measured > TRUTH_MS) measureOn();
    if (rate) setTimeout(() => channel.port2.postMessage(0), 8);
    else channel.port2.postMessage(0);
}

const DO = {
    reset,
    run() {
        finishPhase();
        if (running) return;
        running = true;
        wanted = AHEAD;
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
    rate({ rate: wished }) { rate = wished; },
    iterate({ d = true, g = true }) {
        finishPhase();
        advance(d && g ? "i" : d ? "d" : "g");
        after();
    },
    best() {
        finishPhase();
        trainBest(BEST_MOST);
    },
    phase: nextPhase,
    scrub: ({ step }) => scrub(step),
    change({ settings: changes }) {
        finishPhase();
        game.settings = { ...game.settings, ...changes };
    },
    show({ show: wished }) {
        show = wished;
        if (game) after();
    },
    seen() { wanted = Math.min(wanted + 1, AHEAD); },
    apart,
    value,
};
globalThis.onmessage = ({ data: message }) => DO[message.do](message);
