// What is true of a generator and its data, which are known here: densities, the best D, the divergences.
//
// Everything is computed on a grid of cells. The generator's density: a fine grid of latents is pushed through G, each
// with its weight, and its mass is shared among the nearest cells, so that masses add up where G folds. Both densities
// are blurred by the same normal noise. A divergence of the blurred is never more than that of the sharp ones
// (data-processing inequality): what is printed is a lower bound, and close to it where the blur is small.

import { density } from "./data.js";

// Cells of a side `size` from `from` to `to` in each of `cols` directions.
export const PLANE_GRID = { cols: 2, size: 64, from: -3, to: 3, blur: 0.1, latents: 128, reach: 4.5 };
// Latents are taken from -reach to reach.
export const LINE_GRID = { cols: 1, size: 400, from: -6, to: 12, blur: 0.05, latents: 4000, reach: 8 };
const TINY = 1e-300;

export const width = (grid) => (grid.to - grid.from) / grid.size;
const cells = (grid) => grid.size ** grid.cols;
export const centre = (grid, index) => grid.from + (index + 0.5) * width(grid);
// The noise by which both densities are blurred; sharing mass between two cells blurs by width²/6, too, on average.
const spread = (grid) => grid.blur ** 2 + width(grid) ** 2 / 6;

// All cell centres: (cells, cols), the first coordinate running fastest.
export function centres(grid) {
    const { cols, size } = grid, result = new Float64Array(cells(grid) * cols);
    for (let i = 0; i < cells(grid); i++) {
        result[i * cols] = centre(grid, i % size);
        if (cols === 2) result[i * 2 + 1] = centre(grid, Math.floor(i / size));
    }
    return result;
}

// The mass of the blurred data in each cell; what lies outside of the grid is the last number.
export function dataMasses(data, grid) {
    const at = centres(grid), area = width(grid) ** grid.cols, result = new Float64Array(cells(grid) + 1);
    let inside = 0;
    for (let i = 0; i < cells(grid); i++) {
        result[i] = area * density(data, at.subarray(i * grid.cols, (i + 1) * grid.cols), spread(grid));
        inside += result[i];
    }
    result[cells(grid)] = Math.max(0, 1 - inside);
    return result;
}

// A grid of latents and their weights, which sum to 1.
export function latentGrid(grid) {
    const { cols, latents, reach } = grid, axis = Array.from({ length: latents }, (_, i) => reach * (2 * (i + 0.5) / latents - 1));
    const height = axis.map((z) => Math.exp(-z * z / 2)), total = height.reduce((a, b) => a + b, 0);
    const count = latents ** cols, points = new Float64Array(count * cols), weights = new Float64Array(count);
    for (let i = 0; i < count; i++) {
        const a = i % latents, b = Math.floor(i / latents);
        points[i * cols] = axis[a];
        weights[i] = height[a] / total;
        if (cols === 2) {
            points[i * 2 + 1] = axis[b];
            weights[i] *= height[b] / total;
        }
    }
    return { points, weights };
}

// The mass of the generator in each cell, blurred; `points` are G of the latents. What lies outside is the last number.
export function generatedMasses(points, weights, grid) {
    const { cols, size } = grid, step = width(grid), result = new Float64Array(cells(grid) + 1), outside = cells(grid);
    const put = (x, y, mass) => {
        if (x < 0 || x >= size || y < 0 || y >= (cols === 2 ? size : 1)) result[outside] += mass;
        else result[y * size + x] += mass;
    };
    for (let i = 0; i < weights.length; i++) {
        const x = (points[i * cols] - grid.from) / step - 0.5, left = Math.floor(x), right = x - left;
        if (cols === 1) {
            put(left, 0, weights[i] * (1 - right));
            put(left + 1, 0, weights[i] * right);
            continue;
        }
        const y = (points[i * 2 + 1] - grid.from) / step - 0.5, low = Math.floor(y), up = y - low;
        put(left, low, weights[i] * (1 - right) * (1 - up));
        put(left + 1, low, weights[i] * right * (1 - up));
        put(left, low + 1, weights[i] * (1 - right) * up);
        put(left + 1, low + 1, weights[i] * right * up);
    }
    blur(result, grid);
    return result;
}

// Normal noise of the grid's `blur`, one direction after the other; mass that is blurred over the edge is outside.
function blur(masses, { cols, size, blur: deviation, from, to }) {
    const step = (to - from) / size, reach = Math.ceil(4 * deviation / step), kernel = [];
    for (let k = -reach; k <= reach; k++) kernel.push(Math.exp(-((k * step) ** 2) / (2 * deviation ** 2)));
    const total = kernel.reduce((a, b) => a + b, 0), row = new Float64Array(size), outside = masses.length - 1;
    const along = (start, stride) => {
        for (let i = 0; i < size; i++) {
            row[i] = masses[start + i * stride];
            masses[start + i * stride] = 0;
        }
        for (let i = 0; i < size; i++) {
            if (row[i] === 0) continue;
            for (let k = -reach; k <= reach; k++) {
                const to = i + k, mass = row[i] * kernel[k + reach] / total;
                if (to < 0 || to >= size) masses[outside] += mass;
                else masses[start + to * stride] += mass;
            }
        }
    };
    if (cols === 1) along(0, 1);
    else {
        for (let y = 0; y < size; y++) along(y * size, 1);
        for (let x = 0; x < size; x++) along(x, size);
    }
}

// The best answer to a generator, p / (p + q) in each cell; NaN where neither has any mass to speak of.
export const bestD = (p, q) => p.map((mass, i) => (mass + q[i] > 1e-12 ? mass / (mass + q[i]) : NaN));

// The divergences of two lists of masses, in nats.
export function kl(p, q) {
    let sum = 0;
    for (let i = 0; i < p.length; i++) if (p[i] > TINY) sum += p[i] * Math.log(p[i] / Math.max(q[i], TINY));
    return sum;
}
export function jensenShannon(p, q) {
    let sum = 0;
    for (let i = 0; i < p.length; i++) {
        const middle = (p[i] + q[i]) / 2;
        if (p[i] > TINY) sum += p[i] * Math.log(p[i] / middle) / 2;
        if (q[i] > TINY) sum += q[i] * Math.log(q[i] / middle) / 2;
    }
    return sum;
}

// V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))] of the blurred, from D's logits at the centres. At most -log 4 + 2 JS.
export function value(p, q, logits) {
    const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    let sum = 0;
    for (let i = 0; i < logits.length; i++) sum -= p[i] * softplus(-logits[i]) + q[i] * softplus(logits[i]);
    return sum;
}

// The middles of `count` stretches of equal mass of a mixture on the line, ascending.
export const STANDARD = { cols: 1, weights: [1], means: [0], deviation: 1 };
export function quantiles(mixture, count) {
    const fine = 20_000, reach = 8 * mixture.deviation, result = new Float64Array(count);
    const from = Math.min(...mixture.means) - reach, step = (Math.max(...mixture.means) + reach - from) / fine;
    let below = 0, next = 0;
    for (let i = 0; i < fine && next < count; i++) {
        const mass = step * density(mixture, [from + (i + 0.5) * step]);
        while (next < count && below + mass >= (next + 0.5) / count) {
            result[next] = from + (i + ((next + 0.5) / count - below) / mass) * step;
            next += 1;
        }
        below += mass;
    }
    return result;
}

// Wasserstein-1 on the line, where mass travels in order: how far the quantiles of both lie apart, on average. `points`
// are G of the quantiles of z, in any order.
export function wassersteinLine(points, quantiles) {
    const sorted = points.slice().sort();
    return sorted.reduce((sum, x, i) => sum + Math.abs(x - quantiles[i]), 0) / sorted.length;
}

// In the plane: the mean over directions of the Wasserstein-1 distance of two equally many points' shadows on a line.
export function wassersteinSliced(a, b, directions = 24) {
    const count = a.length / 2;
    let sum = 0;
    for (let k = 0; k < directions; k++) {
        const x = Math.cos(Math.PI * k / directions), y = Math.sin(Math.PI * k / directions);
        const [one, two] = [a, b].map((points) => Float64Array.from({ length: count }, (_, i) => x * points[2 * i] + y * points[2 * i + 1]).sort());
        for (let i = 0; i < count; i++) sum += Math.abs(one[i] - two[i]) / (count * directions);
    }
    return sum;
}

// As PacGAN counts (Lin 2018): a sample is of high quality within 3 deviations of the nearest centre, and a mode is
// found that has one of those.
export function modes(points, { means, deviation, cols }) {
    const count = means.length / cols, found = new Set();
    let good = 0;
    for (let i = 0; i < points.length / cols; i++) {
        let nearest = Infinity, which = -1;
        for (let k = 0; k < count; k++) {
            let distance = 0;
            for (let c = 0; c < cols; c++) distance += (points[i * cols + c] - means[k * cols + c]) ** 2;
            if (distance < nearest) [nearest, which] = [distance, k];
        }
        if (Math.sqrt(nearest) <= 3 * deviation) {
            good += 1;
            found.add(which);
        }
    }
    return { found: found.size, of: count, good: good / (points.length / cols) };
}

// The share of points that lie within 3 deviations of the centre whose number is their label.
export function ownShare(points, labels, { means, deviation, cols }) {
    const near = (label, i) => {
        let distance = 0;
        for (let c = 0; c < cols; c++) distance += (points[i * cols + c] - means[label * cols + c]) ** 2;
        return Math.sqrt(distance) <= 3 * deviation;
    };
    return labels.filter(near).length / labels.length;
}

// Two normal distributions of deviation 1, the data's at 0 and the generator's at `mu`: what can be said by hand.
// D*(x) = sigmoid(mu²/2 - mu x); the means of the two gradients of G's loss are over the generator's points.
export function twoNormals(mu) {
    const steps = 6000, from = -12, to = mu + 12, step = (to - from) / steps;
    const normal = (x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    let js = 0, saturating = 0, nonSaturating = 0;
    for (let i = 0; i <= steps; i++) {
        const x = from + i * step, p = normal(x), q = normal(x - mu), weight = step * (i === 0 || i === steps ? 0.5 : 1);
        if (p > TINY) js += weight * p * Math.log(2 * p / (p + q)) / 2;
        if (q > TINY) js += weight * q * Math.log(2 * q / (p + q)) / 2;
        const best = 1 / (1 + Math.exp(mu * x - mu * mu / 2));
        saturating += weight * q * mu * best;  // |d/dx log(1 - D*)| = mu D*
        nonSaturating += weight * q * mu * (1 - best);  // |d/dx -log D*| = mu (1 - D*)
    }
    return { js, c: 2 * js - Math.log(4), kl: mu * mu / 2, w1: Math.abs(mu), saturating, nonSaturating };
}
export const bestOfTwoNormals = (x, mu) => 1 / (1 + Math.exp(mu * x - mu * mu / 2));

// The Dirac-GAN (Mescheder 2018): the data at 0, the generator at theta, D(x) = psi x. D moves first, then G; `together`: both
// at once, G against the D of before. Returns the path of (theta, psi), the start first.
export function diracGan({ objective = "minimax", r1 = 0, clip = 0, rate = 0.1, steps = 500, together = false }) {
    const sigmoid = (x) => 1 / (1 + Math.exp(-x));
    let theta = 1, psi = 1;
    const path = [[theta, psi]];
    for (let i = 0; i < steps; i++) {
        // D's loss, softplus(-D(0)) + softplus(D(theta)) or D(theta) - D(0); its slope in psi, and that of R1, psi²/2.
        const slope = objective === "wasserstein" ? theta : theta * sigmoid(psi * theta), before = psi;
        psi -= rate * (slope + r1 * psi);
        if (clip) psi = Math.max(-clip, Math.min(clip, psi));
        const seen = together ? before : psi, x = seen * theta;
        const force = { minimax: -sigmoid(x), "non-saturating": -sigmoid(-x), wasserstein: -1 }[objective] * seen;
        theta -= rate * force;
        path.push([theta, psi]);
    }
    return path;
}

// Two data points, one generated point on the first, the other on its way from there to the second (after Sun 2020).
// Half of V with the best D, and max E log sigmoid(D(x) - D(y)) over pairs of a data point and its own generated one: "same",
// "between", "other".
export function twoPoints(where) {
    const log = Math.log;
    return {
        log: { same: (0.5 * log(1 / 3) + log(2 / 3)) / 2, between: log(0.5) / 2, other: log(0.5) }[where],
        pairs: { same: log(0.5) / 2, between: log(0.5) / 2, other: log(0.5) }[where],
    };
}
