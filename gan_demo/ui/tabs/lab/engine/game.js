// The game of two small networks, step by step as train.py plays it (gan_demo/training/iteration.py): a test holds both to
// equal weights. The losses are those of objectives.py, the penalties those of penalties.py.
//
// A state is a value: plain arrays and numbers, which can be copied, kept and sent. `phases` plays one iteration and stops
// after each part of it; `iterate` plays it through.

import {
    add, addRow, gradients, leaky, mark, matmul, mean, node, part, reciprocal, recycle, relu, scale, shift, softplus, sqrt,
    square, stack, sub, sum, sumCols, tanh, times, tMatmul,
} from "./matrix.js";

const LEAK = 0.2;  // networks.LEAK
const POWER_ITERATIONS = 15;  // networks/start.py
const EPSILON = 1e-12;  // penalties.EPSILON
const ADAM_EPSILON = 1e-8;

// The objectives: both losses are minimised, and `says` has them as the papers write them; `logit` where D's output is a logit, `pairs` where G's loss needs D(x) anew.
const negative = (a) => scale(a, -1);
const logDiscriminator = (real, fake) => add(mean(softplus(negative(real))), mean(softplus(fake)));
const LOG_D = "−E log D(x) − E log(1 − D(G(z)))", CRITIC_G = "−E D(G(z))";
const criticGenerator = (real, fake) => negative(mean(fake));
export const OBJECTIVES = {
    "non-saturating": { d: logDiscriminator, g: (real, fake) => mean(softplus(negative(fake))), logit: true, says: [LOG_D, "−E log D(G(z))"] },
    minimax: { d: logDiscriminator, g: (real, fake) => negative(mean(softplus(fake))), logit: true, says: [LOG_D, "E log(1 − D(G(z)))"] },
    "least-squares": {
        d: (real, fake) => scale(add(mean(square(shift(real, -1))), mean(square(fake))), 0.5),
        g: (real, fake) => scale(mean(square(shift(fake, -1))), 0.5),
        says: ["½ E(D(x) − 1)² + ½ E D(G(z))²", "½ E(D(G(z)) − 1)²"],
    },
    wasserstein: { d: (real, fake) => sub(mean(fake), mean(real)), g: criticGenerator, says: ["E D(G(z)) − E D(x)", CRITIC_G] },
    hinge: {
        d: (real, fake) => add(mean(relu(shift(negative(real), 1))), mean(relu(shift(fake, 1)))),
        g: criticGenerator,
        says: ["E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))", CRITIC_G],
    },
    relativistic: {
        d: (real, fake) => mean(softplus(sub(fake, real))),
        g: (real, fake) => mean(softplus(sub(real, fake))),
        pairs: true,
        says: ["E softplus(D(G(z)) − D(x))", "E softplus(D(x) − D(G(z)))"],
    },
};

// The penalties: functions of D, the real and the generated points, and what they draw. Clipping acts on weights instead.
const constant = (a) => ({ ...a, inputs: [], pull: null });
function squaredSlopes(judge, points) {
    const at = constant(points);
    const [slopes] = gradients(sum(judge(at)), [at]);
    return sumCols(square(slopes));
}
const fromSlope1 = (judge, points) => mean(square(shift(sqrt(shift(squaredSlopes(judge, points), EPSILON)), -1)));
const r1 = (judge, real) => scale(mean(squaredSlopes(judge, real)), 0.5);
const r2 = (judge, real, fake) => scale(mean(squaredSlopes(judge, fake)), 0.5);
export const PENALTIES = {
    none: {},
    clip: { clips: true },
    gradient: {
        loss(judge, real, fake, draw) {
            const shares = draw.uniforms(real.rows), mixed = constant(real);
            mixed.values = real.values.map((x, i) => {
                const share = shares[Math.floor(i / real.cols)];
                return share * x + (1 - share) * fake.values[i];
            });
            return fromSlope1(judge, mixed);
        },
    },
    dragan: {
        loss(judge, real, fake, draw) {
            const noise = draw.normals(real.rows * real.cols), width = deviation(real.values) / 2, around = constant(real);
            around.values = real.values.map((x, i) => x + width * noise[i]);
            return fromSlope1(judge, around);
        },
    },
    r1: { loss: r1 },
    r2: { loss: r2 },
    "r1+r2": { loss: (judge, real, fake) => add(r1(judge, real), r2(judge, real, fake)) },
};
function deviation(values) {
    const middle = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((a, b) => a + (b - middle) ** 2, 0) / (values.length - 1));
}

// The networks: layers of { weight (in, out), bias (1, out) }, a leaky ReLU between them; under spectral norm a layer has
// the vectors u (out) and v (in) of the power iteration, too.

export function newNetwork(sizes, spectral, random) {
    const layers = [];
    for (let i = 1; i < sizes.length; i++) {
        const inputs = sizes[i - 1], outputs = sizes[i], bound = inputs ** -0.5;
        const some = (count) => Float64Array.from({ length: count }, () => bound * (2 * random.uniform() - 1));
        const layer = { inputs, outputs, weight: some(inputs * outputs), bias: some(outputs) };
        if (spectral) {
            layer.u = Float64Array.from({ length: outputs }, () => random.normal());
            layer.v = Float64Array.from({ length: inputs }, () => random.normal());
            for (let k = 0; k < POWER_ITERATIONS; k++) powerIteration(layer);
        }
        layers.push(layer);
    }
    return layers;
}

function powerIteration({ inputs, outputs, weight, u, v }) {
    const unit = (a) => {
        const length = Math.max(Math.hypot(...a), EPSILON);
        for (let i = 0; i < a.length; i++) a[i] /= length;
    };
    for (let j = 0; j < outputs; j++) {
        u[j] = 0;
        for (let i = 0; i < inputs; i++) u[j] += weight[i * outputs + j] * v[i];
    }
    unit(u);
    for (let i = 0; i < inputs; i++) {
        v[i] = 0;
        for (let j = 0; j < outputs; j++) v[i] += weight[i * outputs + j] * u[j];
    }
    unit(v);
}

// The layers as nodes, whose gradients can be asked for.
const lift = (layers) => layers.map((layer) => ({
    layer,
    weight: { rows: layer.inputs, cols: layer.outputs, values: layer.weight, inputs: [], pull: null },
    bias: { rows: 1, cols: layer.outputs, values: layer.bias, inputs: [], pull: null },
}));
const leaves = (lifted) => lifted.flatMap(({ weight, bias }) => [weight, bias]);

// Points (n, in) -> outputs (n, out). `training` takes a step of the power iteration, as each look at a weight does in torch.
function forward(lifted, x, { training = false, squash = false } = {}) {
    lifted.forEach(({ layer, weight, bias }, index) => {
        if (layer.u) {
            if (training) powerIteration(layer);
            const u = node(layer.outputs, 1, layer.u), v = node(layer.inputs, 1, layer.v);
            weight = times(weight, reciprocal(tMatmul(v, matmul(weight, u))));
        }
        x = addRow(matmul(x, weight), bias);
        if (index < lifted.length - 1) x = leaky(x, LEAK);
    });
    return squash ? tanh(x) : x;
}

// What a network answers, (n, out), as a plain array: for pictures and measures.
export function answers(layers, points, cols, squash = false) {
    const begun = mark(), result = forward(lift(layers), node(points.length / cols, cols, points), { squash }).values.slice();
    recycle(begun);
    return result;
}

// D's outputs at points, (n,), and its gradients there, (n, cols).
export function slopesAt(layers, points, cols) {
    const begun = mark(), at = node(points.length / cols, cols, points), outputs = forward(lift(layers), at);
    const [slopes] = gradients(sum(outputs), [at]);
    const result = { outputs: outputs.values.slice(), slopes: slopes.values.slice() };
    recycle(begun);
    return result;
}

// Where gradient descent on G's loss would move each generated point: minus the gradient in the point, times n.
export function pull(layers, fake, cols, loss) {
    const begun = mark(), at = node(fake.length / cols, cols, fake), outputs = forward(lift(layers), at);
    const [slopes] = gradients(sum(loss(outputs)), [at]);
    const result = slopes.values.map((x) => -x);
    recycle(begun);
    return result;
}
// The three losses of a generator, a number for each point: saturating, non-saturating, critic.
export const PULLS = {
    minimax: (fake) => negative(softplus(fake)),
    "non-saturating": (fake) => softplus(negative(fake)),
    critic: negative,
};

// Adam, as torch has it. `memory` is made at the first step.
function adam(lifted, slopes, memory, rate, { beta1, beta2 }) {
    memory.step += 1;
    const correction1 = 1 - beta1 ** memory.step, correction2 = Math.sqrt(1 - beta2 ** memory.step);
    leaves(lifted).forEach(({ values }, index) => {
        const slope = slopes[index].values;
        const m = (memory.m[index] ??= new Float64Array(values.length)), v = (memory.v[index] ??= new Float64Array(values.length));
        for (let i = 0; i < values.length; i++) {
            m[i] = beta1 * m[i] + (1 - beta1) * slope[i];
            v[i] = beta2 * v[i] + (1 - beta2) * slope[i] * slope[i];
            values[i] -= (rate / correction1) * m[i] / (Math.sqrt(v[i]) / correction2 + ADAM_EPSILON);
        }
    });
}

// Plain gradient descent, which hides nothing of a gradient's size; train.py has none, one lesson does.
function descend(lifted, slopes, memory, rate) {
    leaves(lifted).forEach(({ values }, index) => slopes[index].values.forEach((slope, i) => { values[i] -= rate * slope; }));
}

// What a game can be told, as train.py has it by default; `squash` ends G in tanh.
export const DEFAULTS = {
    objective: "non-saturating", penalty: "none", penalty_weight: 0.1, penalty_every: 1, discriminator_norm: "none",
    batch_size: 128, lr_g: 0.002, lr_d: 0.002, beta1: 0, beta2: 0.99, d_steps: 1, ema: 0.999, seed: 0,
    latent_dim: 2, cols: 2, classes: 0, g_widths: [32, 32], d_widths: [32, 32], squash: false, plain: false,
};

export function newState(settings, random) {
    const { latent_dim, cols, classes, g_widths, d_widths, discriminator_norm } = settings;
    const g = newNetwork([latent_dim + classes, ...g_widths, cols], false, random);
    const d = newNetwork([cols + classes, ...d_widths, 1], discriminator_norm === "spectral", random);
    const memory = () => ({ step: 0, m: [], v: [] });
    return { step: 0, g, d, average: structuredClone(g), optimizerG: memory(), optimizerD: memory(), random: random.state() };
}

const average = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const norm = (slopes) => Math.sqrt(slopes.reduce((sum, { values }) => sum + values.reduce((a, x) => a + x * x, 0), 0));

// One iteration of `state`, which it changes; yields the name of each part that is done, and its numbers.
// `draw` gives real(n) and latents(n), (n, cols) each as arrays, uniforms(n), normals(n).
export function* phases(state, settings, draw) {
    const objective = OBJECTIVES[settings.objective], penalty = PENALTIES[settings.penalty], n = settings.batch_size;
    const wide = settings.cols + settings.classes, deep = settings.latent_dim + settings.classes;
    const g = lift(state.g), d = lift(state.d);
    const judge = (points) => forward(d, points, { training: true });
    const numbers = {}, begun = mark();
    let real, fake, fakePoints;
    for (let k = 0; k < settings.d_steps; k++) {
        const latents = draw.latents(n);
        real = node(n, wide, draw.real(n));
        fake = withLabels(forward(g, node(n, deep, latents), settings), latents, settings);
        fakePoints = constant(fake);
        yield { name: "generate", latents, fake: fake.values, real: real.values };
        const both = judge(stack(real, fakePoints));
        const outputs = [part(both, 0, n), part(both, n, 2 * n)];
        let loss = objective.d(...outputs);
        numbers.real = average(outputs[0].values);
        numbers.fake = average(outputs[1].values);
        numbers.outputs = outputs.map(({ values }) => values);
        numbers.loss_d = loss.values[0];
        numbers.penalty = 0;
        const penalise = (state.step * settings.d_steps + k) % settings.penalty_every === 0;
        if (penalty.loss && penalise) {
            const term = scale(penalty.loss(judge, real, fakePoints, draw), settings.penalty_every);
            numbers.penalty = term.values[0];
            loss = add(loss, scale(term, settings.penalty_weight));
        }
        yield { name: "loss d", ...numbers };
        const slopes = gradients(loss, leaves(d));
        numbers.grad_d = norm(slopes);
        if (!settings.freeze_d) adam(d, slopes, state.optimizerD, settings.lr_d, settings);
        if (penalty.clips && penalise) clip(state.d, settings.penalty_weight);
        yield { name: "step d", ...numbers };
    }
    const again = objective.pairs ? judge(real) : null;
    const outputs = judge(fake), loss = objective.g(again, outputs);
    numbers.loss_g = loss.values[0];
    numbers.fakeAgain = average(outputs.values);
    yield { name: "loss g", ...numbers };
    const slopes = gradients(loss, leaves(g));
    numbers.grad_g = norm(slopes);
    if (!settings.freeze_g) (settings.plain ? descend : adam)(g, slopes, state.optimizerG, settings.lr_g, settings);
    yield { name: "step g", ...numbers };
    const rate = 1 - Math.min(settings.ema, (2 + state.step) / (11 + state.step));
    state.average.forEach((layer, index) => {
        for (const name of ["weight", "bias"]) {
            const mean = layer[name], now = state.g[index][name];
            for (let i = 0; i < mean.length; i++) mean[i] += rate * (now[i] - mean[i]);
        }
    });
    state.step += 1;
    recycle(begun);
    yield { name: "average", rate, ...numbers };
}

export function iterate(state, settings, draw) {
    let last = null;
    for (const phase of phases(state, settings, draw)) last = phase;
    return last;
}

// D is shown a generated point with the class that was asked for, one-hot beside it (Mirza and Osindero 2014).
function withLabels(points, latents, { classes, latent_dim, batch_size }) {
    if (!classes) return points;
    return beside(points, latents, latent_dim, classes, batch_size);
}
function beside(points, latents, from, classes, n) {
    const cols = points.cols, keep = node(cols, cols + classes, new Float64Array(cols * (cols + classes)));
    for (let i = 0; i < cols; i++) keep.values[i * (cols + classes) + i] = 1;
    const labels = node(n, cols + classes, new Float64Array(n * (cols + classes)));
    for (let i = 0; i < n; i++) {
        for (let k = 0; k < classes; k++) labels.values[i * (cols + classes) + cols + k] = latents[i * (from + classes) + from + k];
    }
    return add(matmul(points, keep), labels);
}

function clip(layers, bound) {
    for (const layer of layers) {
        for (const name of ["weight", "bias"]) layer[name].forEach((x, i) => { layer[name][i] = Math.max(-bound, Math.min(bound, x)); });
    }
}
