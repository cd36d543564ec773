// Draws what the lab's worker sends: the plane or the line, on a canvas, in the page's colours.

const probe = document.body.appendChild(Object.assign(document.createElement("i"), { hidden: true }));
let known = new Map(), dotted = new Map();
const theme = new MutationObserver(() => { [known, dotted] = [new Map(), new Map()]; });
for (const root of [document.documentElement, document.body]) theme.observe(root, { attributeFilter: ["class"] });
// A colour of theme.py as [red, green, blue].
export function colour(name) {
    if (!known.has(name)) {
        probe.style.color = `var(--${name})`;
        known.set(name, getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number));
    }
    return known.get(name);
}
// A caption whose [ink], [soft], [real], [fake] are lines of that colour: what is dark by day is light by night.
export const keyed = (text) => text.replace(/\[(ink|soft|real|fake)\] /g, '<i class="key $1" aria-hidden="true">━</i>&nbsp;');
const css = (name, alpha = 1) => `rgba(${colour(name).join()},${alpha})`;
const family = getComputedStyle(document.body).fontFamily;
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// D's outputs as 0 (generated) to 1 (real). A logit is a probability; other outputs are set against each other.
export function beliefs(outputs, logit) {
    if (logit) return outputs.map(sigmoid);
    const sorted = Float64Array.from(outputs).sort(), middle = sorted[sorted.length >> 1];
    const reach = Math.max(sorted[Math.floor(sorted.length * 0.95)] - middle, middle - sorted[Math.floor(sorted.length * 0.05)], 1e-6);
    return outputs.map((x) => 0.5 + 0.5 * Math.tanh((x - middle) / reach));
}

const small = document.createElement("canvas");
// Numbers 0 to 1 on a square grid, the first row at the bottom, as a soft picture: orange, nothing in the middle, blue.
function field(brush, values, size, side, alpha) {
    small.width = small.height = size;
    const picture = new ImageData(size, size), real = colour("real"), fake = colour("fake");
    for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
            const value = values[(size - 1 - y) * size + x], at = 4 * (y * size + x);
            if (Number.isNaN(value)) continue;
            const hue = value > 0.5 ? real : fake;
            for (let c = 0; c < 3; c++) picture.data[at + c] = hue[c];
            picture.data[at + 3] = 255 * alpha * Math.min(1, Math.abs(value - 0.5) * 2);
        }
    }
    small.getContext("2d").putImageData(picture, 0, 0);
    brush.imageSmoothingEnabled = true;
    brush.imageSmoothingQuality = "high";
    brush.drawImage(small, 0, 0, side, side);
}

// The canvas as large as it is shown, in device pixels; null while it is hidden.
function ready(canvas) {
    const { clientWidth: width, clientHeight: height } = canvas, scale = window.devicePixelRatio || 1;
    if (!width) return null;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
    }
    const brush = canvas.getContext("2d");
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    return { brush, width, height, scale };
}

export const REACH = 3;  // the plane is shown from -3 to 3

// The plane. `look` says what is drawn: { field: "d" | "best" | "difference" | "slope", lattice, arrows, label }.
export function plane(canvas, frame, truth, look, logit) {
    const at = ready(canvas);
    if (!at) return;
    const { brush, width } = at, to = (x) => (x + REACH) / (2 * REACH) * width, up = (y) => width - to(y);
    const own = beliefs(frame.field.logits, logit), best = truth?.best;
    if (look.field === "best" && best) field(brush, best.values, best.size, width, 0.55);
    else if (look.field === "difference" && best) {
        const { size } = frame.field;
        const gap = own.map((value, i) => {
            const x = Math.floor((i % size + 0.5) * best.size / size), y = Math.floor((Math.floor(i / size) + 0.5) * best.size / size);
            return 0.5 + (value - best.values[y * best.size + x]) / 2;
        });
        field(brush, gap, size, width, 0.7);
    } else if (look.field === "slope" && frame.slopes) {
        const lengths = Float64Array.from({ length: frame.slopes.length / 2 }, (_, i) => Math.hypot(frame.slopes[2 * i], frame.slopes[2 * i + 1]));
        field(brush, lengths.map((one) => 0.5 + (one - 1) / 2 / Math.max(1, one)), frame.field.size, width, 0.7);
    } else field(brush, own, frame.field.size, width, 0.5);

    if (look.lattice && frame.lattice) {
        const { side, points } = frame.lattice;
        brush.strokeStyle = css("ink", 0.35);
        brush.lineWidth = 1;
        brush.beginPath();
        for (let i = 0; i < side; i++) {
            for (let j = 0; j < side; j++) {
                const here = 2 * (i * side + j);
                for (const there of [j + 1 < side && here + 2, i + 1 < side && here + 2 * side]) {
                    if (!there) continue;
                    brush.moveTo(to(points[here]), up(points[here + 1]));
                    brush.lineTo(to(points[there]), up(points[there + 1]));
                }
            }
        }
        brush.stroke();
    }
    dots(at, frame.real, "real", { to, up });
    if (frame.labels) {
        const those = (wanted) => frame.fake.filter((_, i) => (frame.labels[i >> 1] === look.label) === wanted);
        dots(at, those(false), "fake", { to, up, alpha: 0.2 });
        dots(at, those(true), "fake", { to, up });
        numbers(at, frame.means, { to, up });
    } else dots(at, frame.fake, "fake", { to, up });
    if (look.arrows && frame.pulls) arrows(brush, frame, look.arrows, to, up);
}

// Points, (x, y) one after the other: real ones round, generated ones square. A dot is a picture that is made once: 512 paths
// would take most of a frame's time.
function dots({ brush, scale }, points, name, { to, up, alpha = 1 }) {
    const key = `${name} ${scale}`, half = 4.5;
    if (!dotted.has(key)) {
        const picture = Object.assign(document.createElement("canvas"), { width: Math.ceil(2 * half * scale), height: Math.ceil(2 * half * scale) });
        const pen = picture.getContext("2d");
        pen.setTransform(scale, 0, 0, scale, half * scale, half * scale);
        pen.fillStyle = css(name, 0.9);
        pen.strokeStyle = css("panel");
        if (name === "real") pen.arc(0, 0, 2.8, 0, 7);
        else pen.rect(-2.6, -2.6, 5.2, 5.2);
        pen.stroke();
        pen.fill();
        dotted.set(key, picture);
    }
    const picture = dotted.get(key), side = picture.width / scale, near = (x) => Math.round(x * scale) / scale;
    brush.globalAlpha = alpha;
    for (let i = 0; i < points.length; i += 2) brush.drawImage(picture, near(to(points[i]) - half), near(up(points[i + 1]) - half), side, side);
    brush.globalAlpha = 1;
}

// The numbers of the islands, outside of them.
function numbers({ brush }, means, { to, up }) {
    brush.font = `600 13px ${family}`;
    brush.fillStyle = css("ink");
    [brush.textAlign, brush.textBaseline] = ["center", "middle"];
    for (let i = 0; i < means.length; i += 2) {
        const [x, y] = [means[i], means[i + 1]], out = 1 + 0.5 / Math.max(Math.hypot(x, y), 1);
        brush.fillText(String(i / 2 + 1), to(out * x), up(out * y));
    }
}

// What is being drawn by hand; `cross`: where the keys would put the next point, or null.
export function sketch(canvas, points, cross) {
    const at = ready(canvas);
    if (!at) return;
    const { brush, width } = at, to = (x) => (x + REACH) / (2 * REACH) * width, up = (y) => width - to(y);
    dots(at, points, "real", { to, up });
    if (!cross) return;
    const [x, y] = [to(cross[0]), up(cross[1])];
    brush.strokeStyle = css("ink");
    brush.lineWidth = 1.6;
    brush.beginPath();
    for (const [across, down] of [[9, 0], [0, 9]]) {
        brush.moveTo(x - across, y - down);
        brush.lineTo(x + across, y + down);
    }
    brush.stroke();
}

// Where each generated point is drawn by a loss of G; all three losses on one scale, so that they compare.
function arrows(brush, { fake, pulls }, which, to, up) {
    const lengths = Object.values(pulls).flatMap((one) => Array.from({ length: one.length / 2 }, (_, i) => Math.hypot(one[2 * i], one[2 * i + 1])));
    const longest = Math.max(...lengths, 1e-9), unit = 0.9 / longest, chosen = pulls[which];
    brush.strokeStyle = css("ink", 0.9);
    brush.fillStyle = css("ink", 0.9);
    brush.lineWidth = 1.4;
    for (let i = 0; i < chosen.length; i += 2) {
        const x = to(fake[i]), y = up(fake[i + 1]), endX = to(fake[i] + chosen[i] * unit), endY = up(fake[i + 1] + chosen[i + 1] * unit);
        const length = Math.hypot(endX - x, endY - y);
        brush.beginPath();
        brush.moveTo(x, y);
        brush.lineTo(endX, endY);
        brush.stroke();
        if (length < 4) continue;
        const angle = Math.atan2(endY - y, endX - x);
        brush.beginPath();
        brush.moveTo(endX, endY);
        for (const side of [-0.45, 0.45]) brush.lineTo(endX - 6 * Math.cos(angle + side), endY - 6 * Math.sin(angle + side));
        brush.fill();
    }
}

export const SEEN = { from: -6, to: 9 };  // of the line

// The line: figure 1 of the 2014 paper. Both densities, D, the best D, and where G takes z.
export function line(canvas, frame, truth, grid, logit) {
    const at = ready(canvas);
    if (!at) return;
    const { brush, width, height } = at, floor = height * 0.72, top = 26, low = height - 20;
    const to = (x) => (x - SEEN.from) / (SEEN.to - SEEN.from) * width, count = grid.size, step = (grid.to - grid.from) / count;
    const x = (i) => to(grid.from + (i + 0.5) * step);
    const path = (values, y) => {
        brush.beginPath();
        let pen = false;
        values.forEach((value, i) => {
            if (Number.isNaN(value)) pen = false;
            else if (pen) brush.lineTo(x(i), y(value));
            else {
                brush.moveTo(x(i), y(value));
                pen = true;
            }
        });
    };
    brush.font = `12px ${family}`;
    // D from 0 to 1, and its middle.
    const belief = (value) => floor - value * (floor - top);
    brush.strokeStyle = css("line");
    brush.lineWidth = 1;
    for (const value of [0, 0.5, 1]) {
        brush.beginPath();
        brush.moveTo(0, belief(value));
        brush.lineTo(width, belief(value));
        brush.stroke();
        brush.fillStyle = css("soft");
        brush.textAlign = "left";
        if (logit) brush.fillText(String(value), 2, belief(value) - 3);
    }
    if (truth?.densities) {
        const { p, q } = truth.densities, most = Math.max(...p, ...q);
        for (const [values, name] of [[p, "real"], [q, "fake"]]) {
            path(values, (value) => floor - value / most * (floor - top) * 0.8);
            brush.lineTo(x(count - 1), floor);
            brush.lineTo(x(0), floor);
            brush.fillStyle = css(name, 0.22);
            brush.fill();
            path(values, (value) => floor - value / most * (floor - top) * 0.8);
            brush.strokeStyle = css(name);
            brush.lineWidth = 1.8;
            brush.stroke();
        }
        path(p.map((mass, i) => (mass + q[i] > 1e-7 ? mass / (mass + q[i]) : NaN)), belief);
        brush.setLineDash([5, 4]);
        brush.strokeStyle = css("soft");
        brush.lineWidth = 1.6;
        brush.stroke();
        brush.setLineDash([]);
    }
    path(beliefs(frame.logits, logit), belief);
    brush.strokeStyle = css("ink");
    brush.lineWidth = 2;
    brush.stroke();
    // From z, below, to G(z), above.
    const { z, x: made } = frame.arrows, middle = (low + floor) / 2;
    brush.strokeStyle = css("fake", 0.55);
    brush.lineWidth = 1;
    brush.beginPath();
    z.forEach((one, i) => {
        if (made[i] === undefined) return;
        brush.moveTo(to(one), low);
        brush.bezierCurveTo(to(one), middle, to(made[i]), middle, to(made[i]), floor);
    });
    brush.stroke();
    brush.fillStyle = css("soft");
    brush.textAlign = "left";
    brush.fillText("z", 4, low + 4);
    brush.fillText("x", 4, floor + 14);
    for (let mark = SEEN.from + 2; mark < SEEN.to; mark += 2) {
        brush.textAlign = "center";
        brush.fillText(String(mark).replace("-", "−"), to(mark), height - 4);
    }
}
