// What the lab's generators have to learn: mixtures of round Gaussians, whose density is known exactly everywhere.
// A mixture is { cols, weights, means, deviation }; `means` has `cols` numbers a Gaussian.

const mixture = (cols, means, deviation, weights = null) => {
    const count = means.length / cols;
    return { cols, means: Float64Array.from(means), deviation, weights: weights ?? new Float64Array(count).fill(1 / count) };
};
const turn = (count, radius, from = 0) =>
    Array.from({ length: count }, (_, k) => 2 * Math.PI * k / count + from).flatMap((angle) => [radius * Math.cos(angle), radius * Math.sin(angle)]);

// In the plane. `modes` is how many Gaussians can be told apart; 0 where that has no meaning.
export const PLANE = {
    gaussian: () => ({ ...mixture(2, [0.6, 0.4], 0.6), modes: 1 }),
    ring: () => ({ ...mixture(2, turn(8, 1.8), 0.12), modes: 8 }),
    grid: () => ({ ...mixture(2, Array.from({ length: 25 }, (_, k) => [k % 5 - 2, Math.floor(k / 5) - 2]).flat(), 0.1), modes: 25 }),
    islands: () => ({ ...mixture(2, [-2, -0.8, 2, 0.8], 0.25), modes: 2 }),
    spiral: () => ({ ...mixture(2, Array.from({ length: 60 }, (_, k) => {
        const share = k / 59, angle = 0.6 + share * 3.4 * Math.PI, radius = 0.35 + share * 1.75;
        return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }).flat(), 0.09), modes: 0 }),
};
// Points drawn by hand, (x, y) one after the other.
export const drawn = (points) => ({ ...mixture(2, points, 0.12), modes: 0 });

// On the line.
export const LINE = {
    gaussian: () => ({ ...mixture(1, [0], 1), modes: 1 }),
    two: () => ({ ...mixture(1, [-2, 2], 0.5), modes: 2 }),
};

export function sample({ cols, weights, means, deviation }, count, random) {
    const result = new Float64Array(count * cols);
    for (let i = 0; i < count; i++) {
        let left = random.uniform(), k = 0;
        while (k < weights.length - 1 && left >= weights[k]) left -= weights[k++];
        for (let c = 0; c < cols; c++) result[i * cols + c] = means[k * cols + c] + deviation * random.normal();
    }
    return result;
}

// The same with the number of the Gaussian, one-hot, beside each point: for a conditional game.
export function sampleLabelled({ cols, weights, means, deviation }, count, random) {
    const classes = weights.length, wide = cols + classes, result = new Float64Array(count * wide);
    for (let i = 0; i < count; i++) {
        const k = random.below(classes);
        for (let c = 0; c < cols; c++) result[i * wide + c] = means[k * cols + c] + deviation * random.normal();
        result[i * wide + cols + k] = 1;
    }
    return result;
}

// The density at a point of the mixture that normal noise of this variance was added to.
export function density({ cols, weights, means, deviation }, point, variance = 0) {
    const total = deviation * deviation + variance, scale = (2 * Math.PI * total) ** (-cols / 2);
    let result = 0;
    for (let k = 0; k < weights.length; k++) {
        let distance = 0;
        for (let c = 0; c < cols; c++) distance += (point[c] - means[k * cols + c]) ** 2;
        result += weights[k] * Math.exp(-distance / (2 * total));
    }
    return scale * result;
}
