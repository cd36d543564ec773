// Matrices with gradients, and gradients of those.
//
// An operation gives a node: its values, its inputs, and `pull`, which turns the gradient of a result in this node into
// the gradients in its inputs, those that are needed. `pull` is written with the same operations, so that a gradient is a node like any other
// and has a gradient of its own, which a gradient penalty needs.
//
//   const w = node(2, 1, [1, 2]), x = node(1, 2, [3, 4]);
//   const [slope] = gradients(mean(square(matmul(x, w))), [w]);
//
// Values are float64, row by row. Their arrays come from a pool: `recycle(begun)` hands back those of all nodes since
// `begun = mark()`, so a node lives until then. What is kept (weights) has an array of its own.

const free = new Map(), used = [];

function take(size) {
    const waiting = free.get(size);
    const values = waiting?.length ? waiting.pop() : new Float64Array(size);
    used.push(values);
    return values;
}

export const mark = () => used.length;
export function recycle(begun) {
    while (used.length > begun) {
        const values = used.pop(), waiting = free.get(values.length);
        if (waiting) waiting.push(values);
        else free.set(values.length, [values]);
    }
}

const make = (rows, cols, inputs, pull) => ({ rows, cols, values: take(rows * cols), inputs, pull });

// A matrix that depends on nothing.
export const node = (rows, cols, values) => ({ rows, cols, values: Float64Array.from(values), inputs: [], pull: null });

function filled(rows, cols, value) {
    const result = make(rows, cols, [], null);
    result.values.fill(value);
    return result;
}

// Products. Of C = A B, the gradient in A is G Bᵀ and the one in B is Aᵀ G: three products that pull into each other.

export function matmul(a, b) {
    const result = make(a.rows, b.cols, [a, b], (g, needs) => [needs(0) && matmulT(g, b), needs(1) && tMatmul(a, g)]);
    product(a.values, b.values, result.values, a.rows, a.cols, b.cols);
    return result;
}

// A Bᵀ
export function matmulT(a, b) {
    const result = make(a.rows, b.rows, [a, b], (g, needs) => [needs(0) && matmul(g, b), needs(1) && tMatmul(g, a)]);
    const turned = take(b.rows * b.cols);
    for (let i = 0; i < b.rows; i++) for (let j = 0; j < b.cols; j++) turned[j * b.rows + i] = b.values[i * b.cols + j];
    product(a.values, turned, result.values, a.rows, a.cols, b.rows);
    return result;
}

// Aᵀ B
export function tMatmul(a, b) {
    const result = make(a.cols, b.cols, [a, b], (g, needs) => [needs(0) && matmulT(b, g), needs(1) && matmul(a, g)]);
    const { values: A } = a, { values: B } = b, { values: C } = result, n = a.cols, p = b.cols;
    C.fill(0);
    // Four rows at a time: each number of C is then read and written a quarter as often.
    const whole = a.rows - (a.rows % 4);
    for (let r = 0; r < whole; r += 4) {
        for (let i = 0; i < n; i++) {
            const a0 = A[r * n + i], a1 = A[(r + 1) * n + i], a2 = A[(r + 2) * n + i], a3 = A[(r + 3) * n + i];
            const at = i * p, b0 = r * p, b1 = b0 + p, b2 = b1 + p, b3 = b2 + p;
            for (let j = 0; j < p; j++) C[at + j] += a0 * B[b0 + j] + a1 * B[b1 + j] + a2 * B[b2 + j] + a3 * B[b3 + j];
        }
    }
    for (let r = whole; r < a.rows; r++) {
        for (let i = 0; i < n; i++) {
            const one = A[r * n + i];
            for (let j = 0; j < p; j++) C[i * p + j] += one * B[r * p + j];
        }
    }
    return result;
}

// C (n, p) = A (n, m) B (m, p)
function product(A, B, C, n, m, p) {
    if (p === 1) {
        for (let i = 0; i < n; i++) {
            let sum = 0;
            for (let k = 0; k < m; k++) sum += A[i * m + k] * B[k];
            C[i] = sum;
        }
        return;
    }
    const whole = m - (m % 4);
    for (let i = 0; i < n; i++) {
        const at = i * p, from = i * m;
        for (let j = 0; j < p; j++) C[at + j] = 0;
        for (let k = 0; k < whole; k += 4) {
            const a0 = A[from + k], a1 = A[from + k + 1], a2 = A[from + k + 2], a3 = A[from + k + 3];
            const b0 = k * p, b1 = b0 + p, b2 = b1 + p, b3 = b2 + p;
            for (let j = 0; j < p; j++) C[at + j] += a0 * B[b0 + j] + a1 * B[b1 + j] + a2 * B[b2 + j] + a3 * B[b3 + j];
        }
        for (let k = whole; k < m; k++) {
            const one = A[from + k];
            for (let j = 0; j < p; j++) C[at + j] += one * B[k * p + j];
        }
    }
}

// Each number on its own.

function map(a, each, pull) {
    const result = make(a.rows, a.cols, [a], pull);
    const from = a.values, to = result.values;
    for (let i = 0; i < to.length; i++) to[i] = each(from[i]);
    return result;
}

export function add(a, b) {
    const result = make(a.rows, a.cols, [a, b], (g) => [g, g]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] + b.values[i];
    return result;
}

export function sub(a, b) {
    const result = make(a.rows, a.cols, [a, b], (g) => [g, scale(g, -1)]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] - b.values[i];
    return result;
}

export function mul(a, b) {
    const result = make(a.rows, a.cols, [a, b], (g, needs) => [needs(0) && mul(g, b), needs(1) && mul(g, a)]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] * b.values[i];
    return result;
}

export function scale(a, factor) {
    const result = make(a.rows, a.cols, [a], (g) => [scale(g, factor)]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] * factor;
    return result;
}

export function shift(a, by) {
    const result = make(a.rows, a.cols, [a], (g) => [g]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] + by;
    return result;
}

export const square = (a) => mul(a, a);
export const sqrt = (a) => {
    const result = map(a, Math.sqrt, (g) => [mul(g, scale(reciprocal(result), 0.5))]);
    return result;
};
export const reciprocal = (a) => {
    const result = map(a, (x) => 1 / x, (g) => [scale(mul(g, square(result)), -1)]);
    return result;
};
export const tanh = (a) => {
    const result = map(a, Math.tanh, (g) => [mul(g, shift(scale(square(result), -1), 1))]);
    return result;
};
export const sigmoid = (a) => {
    const result = map(a, (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
        (g) => [mul(g, mul(result, shift(scale(result, -1), 1)))]);
    return result;
};
// log(1 + e^x), whose slope is the sigmoid.
export const softplus = (a) => map(a, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), (g) => [mul(g, sigmoid(a))]);

// x where it is positive, else `slope` x. Its own slope is a step, whose slope is 0.
export function leaky(a, slope) {
    const result = make(a.rows, a.cols, [a], (g) => [gate(g, a, slope)]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] > 0 ? a.values[i] : slope * a.values[i];
    return result;
}
export const relu = (a) => leaky(a, 0);
function gate(g, a, slope) {
    const result = make(g.rows, g.cols, [g], (h) => [gate(h, a, slope)]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] > 0 ? g.values[i] : slope * g.values[i];
    return result;
}

// Rows and columns.

// (n, c) + (1, c)
export function addRow(a, row) {
    const result = make(a.rows, a.cols, [a, row], (g, needs) => [g, needs(1) && sumRows(g)]);
    for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) result.values[at] = a.values[at] + row.values[j];
    return result;
}
// (n, c) -> (1, c)
function sumRows(a) {
    const result = make(1, a.cols, [a], (g) => [repeatRow(g, a.rows)]);
    result.values.fill(0);
    for (let i = 0, at = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++, at++) result.values[j] += a.values[at];
    return result;
}
function repeatRow(a, rows) {
    const result = make(rows, a.cols, [a], (g) => [sumRows(g)]);
    for (let i = 0; i < rows; i++) result.values.set(a.values.subarray(0, a.cols), i * a.cols);
    return result;
}
// (n, c) -> (n, 1)
export function sumCols(a) {
    const result = make(a.rows, 1, [a], (g) => [repeatCol(g, a.cols)]);
    for (let i = 0, at = 0; i < a.rows; i++) {
        let sum = 0;
        for (let j = 0; j < a.cols; j++, at++) sum += a.values[at];
        result.values[i] = sum;
    }
    return result;
}
function repeatCol(a, cols) {
    const result = make(a.rows, cols, [a], (g) => [sumCols(g)]);
    for (let i = 0; i < a.rows; i++) result.values.fill(a.values[i], i * cols, (i + 1) * cols);
    return result;
}
// The mean of all numbers: (1, 1).
export const mean = (a) => scale(sumRows(sumCols(a)), 1 / (a.rows * a.cols));
export const sum = (a) => sumRows(sumCols(a));
// (n, c) times one number (1, 1).
export function times(a, number) {
    const result = make(a.rows, a.cols, [a, number], (g, needs) => [needs(0) && times(g, number), needs(1) && sum(mul(g, a))]);
    for (let i = 0; i < result.values.length; i++) result.values[i] = a.values[i] * number.values[0];
    return result;
}

export function stack(a, b) {
    const result = make(a.rows + b.rows, a.cols, [a, b], (g) => [part(g, 0, a.rows), part(g, a.rows, g.rows)]);
    result.values.set(a.values.subarray(0, a.rows * a.cols));
    result.values.set(b.values.subarray(0, b.rows * b.cols), a.rows * a.cols);
    return result;
}
// Rows from `start` up to `end`.
export function part(a, start, end) {
    const result = make(end - start, a.cols, [a], (g) => [spread(g, start, a.rows)]);
    result.values.set(a.values.subarray(start * a.cols, end * a.cols));
    return result;
}
function spread(a, start, rows) {
    const result = make(rows, a.cols, [a], (g) => [part(g, start, start + a.rows)]);
    result.values.fill(0);
    result.values.set(a.values.subarray(0, a.rows * a.cols), start * a.cols);
    return result;
}

// The gradients of `result` (1, 1) in each of `inputs`, as nodes.
export function gradients(result, inputs) {
    const wanted = new Set(inputs), needed = new Map();
    // Only what leads from an input to the result is walked.
    const leads = (one) => {
        if (needed.has(one)) return needed.get(one);
        let found = wanted.has(one);
        needed.set(one, found);
        for (const input of one.inputs) if (leads(input)) found = true;
        needed.set(one, found);
        return found;
    };
    const order = [], seen = new Set();
    const visit = (one) => {
        if (seen.has(one) || !needed.get(one)) return;
        seen.add(one);
        for (const input of one.inputs) visit(input);
        order.push(one);
    };
    leads(result);
    visit(result);
    const slopes = new Map([[result, filled(1, 1, 1)]]);
    for (const one of order.reverse()) {
        const slope = slopes.get(one);
        if (!slope || !one.pull) continue;
        one.pull(slope, (index) => needed.get(one.inputs[index])).forEach((g, index) => {
            const input = one.inputs[index];
            if (needed.get(input)) slopes.set(input, slopes.has(input) ? add(slopes.get(input), g) : g);
        });
    }
    return inputs.map((one) => slopes.get(one) ?? filled(one.rows, one.cols, 0));
}
