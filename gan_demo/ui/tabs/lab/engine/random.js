// Random numbers whose state is a value: equal seeds give equal numbers in every browser.
// The generator is sfc32 of PractRand; normal numbers are made by Box and Muller's method.

export function newRandom(seed) {
    const state = { a: 0x9e3779b9, b: 0x243f6a88, c: seed | 0, counter: 1 };
    const random = fromState(state);
    for (let i = 0; i < 15; i++) random.uniform();
    return random;
}

export function fromState({ a, b, c, counter }) {
    // In [0, 1).
    const uniform = () => {
        const sum = (a + b + counter) | 0;
        counter = (counter + 1) | 0;
        a = b ^ (b >>> 9);
        b = (c + (c << 3)) | 0;
        c = (((c << 21) | (c >>> 11)) + sum) | 0;
        return (sum >>> 0) / 4294967296;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return { uniform, normal, below: (n) => Math.floor(uniform() * n), state: () => ({ a, b, c, counter }) };
}
