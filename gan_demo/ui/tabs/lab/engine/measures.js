// What is measured of a game, in parts: between two of them the worker plays on and answers the page.

import { sample } from "./data.js";
import { OBJECTIVES, answers, slopesAt } from "./game.js";
import { newRandom } from "./random.js";
import * as truth from "./truth.js";

export const SHOWN = 256;  // points that are drawn
const MEASURED = 2500;  // samples of which modes are counted, as in PacGAN
const TRAVELLERS = 600;  // points of which the Wasserstein distance in the plane is taken
const QUANTILES = 2000;  // of z and of the data on the line, from which its Wasserstein distance is taken
const PART = 1024;  // points that go through a network in one part
export const FIELD = { ...truth.PLANE_GRID, size: 44 }, FIELD_CENTRES = truth.centres(FIELD);

// What G makes of latents: (n, cols).
export const made = ({ g }, { latent_dim, classes }, points) => answers(g, points, latent_dim + classes);

// What D says of points; of a conditional D, about one label.
export function judged({ d }, { cols, classes }, points, label = 0) {
    if (!classes) return answers(d, points, cols);
    return answers(d, withClasses(points, cols, classes, () => label), cols + classes);
}

// Points or latents with a class beside each, one-hot.
export function withClasses(points, cols, classes, choose) {
    const count = points.length / cols, wide = cols + classes, result = new Float64Array(count * wide);
    for (let i = 0; i < count; i++) {
        result.set(points.subarray(i * cols, (i + 1) * cols), i * wide);
        result[i * wide + cols + choose()] = 1;
    }
    return result;
}
// The number of the class beside each point.
export function labelsOf(points, cols, classes) {
    const wide = cols + classes;
    return Array.from({ length: points.length / wide }, (_, i) => points.subarray(i * wide + cols, (i + 1) * wide).indexOf(1));
}

// What stays the same in all measures of a game, so that a number moves because the networks do.
export function newMeasures({ place, data, settings: { cols, classes } }) {
    const grid = place === "line" ? truth.LINE_GRID : truth.PLANE_GRID, still = newRandom(1);
    const latents = (count) => {
        const points = Float64Array.from({ length: count * cols }, still.normal);
        return classes ? withClasses(points, cols, classes, () => still.below(classes)) : points;
    };
    return {
        grid,
        real: sample(data, SHOWN, still),
        latents: latents(SHOWN),
        many: sample(data, TRAVELLERS, still),
        z: latents(MEASURED),
        pushed: truth.latentGrid(grid),
        masses: truth.dataMasses(data, grid),
        centres: truth.centres(grid),
        quantiles: place === "line" && { z: truth.quantiles(truth.STANDARD, QUANTILES), data: truth.quantiles(data, QUANTILES) },
    };
}

// The length of the longest of some gradients, (n, cols).
export function steepest(slopes, cols) {
    let longest = 0;
    for (let i = 0; i < slopes.length; i += cols) longest = Math.max(longest, Math.hypot(...slopes.subarray(i, i + cols)));
    return longest;
}

// Points through a network in parts: `look` takes some of them and gives (n, out).
function* inParts(points, wide, look) {
    const parts = [];
    for (let from = 0; from < points.length; from += PART * wide) {
        parts.push(look(points.subarray(from, from + PART * wide)));
        yield;
    }
    const result = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
        result.set(part, at);
        at += part.length;
    }
    return result;
}

// The numbers of a state, which must not change meanwhile; yields after each part and returns them.
export function* measuring({ place, data, settings }, fixed, state) {
    const { objective, cols, classes } = settings, { grid, masses, centres, pushed, many, z, quantiles } = fixed, out = {};
    const make = (points) => made(state, settings, points);
    if (!classes) {
        const points = yield* inParts(pushed.points, cols, make);
        const q = truth.generatedMasses(points, pushed.weights, grid);
        yield;
        out.js = truth.jensenShannon(masses, q);
        out.kl = truth.kl(masses, q);
        out.reverse = truth.kl(q, masses);
        yield;
        if (OBJECTIVES[objective].logit) {
            out.value = truth.value(masses, q, yield* inParts(centres, cols, (some) => judged(state, settings, some)));
        }
        const steep = yield* inParts(place === "line" ? centres : FIELD_CENTRES, cols, (some) => slopesAt(state.d, some, cols).slopes);
        out.slope = steepest(steep, cols);
        if (place === "line") {
            out.w1 = truth.wassersteinLine(make(quantiles.z), quantiles.data);
            out.densities = { p: masses.slice(0, -1), q: q.slice(0, -1) };
        } else {
            out.w1 = truth.wassersteinSliced(many, make(z.subarray(0, many.length)));
            out.best = { size: grid.size, values: truth.bestD(masses, q).slice(0, -1) };
        }
        yield;
    }
    if (data.modes) out.modes = truth.modes(make(z), data);
    return out;
}

// V of the blurred, now.
export function valueNow({ settings }, { grid, masses, centres, pushed }, state) {
    const q = truth.generatedMasses(made(state, settings, pushed.points), pushed.weights, grid);
    return truth.value(masses, q, judged(state, settings, centres));
}
