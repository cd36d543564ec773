// One chart of charts.js, drawn by uPlot (../vendor), which is loaded here. Its colours are the page's.

const load = (tag, fields) => new Promise((done, failed) => {
    // First, so that the page's own style has the last word.
    const onerror = () => failed(new Error(`not loaded: ${fields.src ?? fields.href}`));
    document.head.prepend(Object.assign(document.createElement(tag), fields, { onload: done, onerror }));
});
const beside = (name) => new URL(name, import.meta.url).href;
await Promise.all([
    load("script", { src: beside("uPlot.iife.min.js") }),
    load("link", { rel: "stylesheet", href: beside("uPlot.min.css") }),
]);
const { uPlot } = window;
const { clamp } = ganDemo;

// Numbers

const signed = (text) => text.replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const percent = (value, digits) => `${signed((value * 100).toFixed(Math.max(digits, 0)))}\u00a0%`;
const decimals = (step) => clamp(Math.ceil(-Math.log10(step) - 1e-9), 0, 6);

// The rules of a logarithmic axis: uPlot's own start at the end of the axis, which would have to be round.
const FACTORS = [
    [1],
    [1, 2, 5],
    [1, 1.5, 2, 3, 4, 5, 7],
    [1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9],
];
function decades(low, high) {
    const first = Math.floor(Math.log10(low)), count = Math.floor(Math.log10(high)) - first + 1;
    const powers = Array.from({ length: count }, (_, index) => 10 ** (first + index));
    const values = (factors) => powers.flatMap((power) => factors.map((factor) => factor * power));
    const found = FACTORS.map((factors) => values(factors).filter((value) => value >= low && value <= high));
    return found.find((values) => values.length > 1) ?? found.at(-1);
}

// A number as a caption says it; `form` is "plain", "percent" or "whole".
export function written(value, form) {
    if (value === null || value === undefined) return "–";
    if (form === "percent") return percent(value, 1);
    if (form === "whole") return String(value);
    const size = Math.abs(value);
    return signed(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4));
}

// The place of the number that is nearest.
export const nearest = (list, value) =>
    list.reduce((best, one, index) => (Math.abs(one - value) < Math.abs(list[best] - value) ? index : best), 0);

// Colours: canvas knows no variables of CSS, so an element of the page is asked what each is.

const probe = document.body.appendChild(Object.assign(document.createElement("i"), { hidden: true }));
const known = new Map();
function colour(css) {
    if (!known.has(css)) {
        probe.style.color = css;
        known.set(css, getComputedStyle(probe).color);
    }
    return known.get(css);
}
const STROKES = { real: "var(--real)", fake: "var(--fake)", ink: "var(--ink)", soft: "var(--unsure)" };
const coloured = (name) => STROKES[name] ?? name;
// The colour of a belief, from -100 (fake) to 100 (real), as page.css mixes it.
const mixed = (lean) => `color-mix(in oklab, var(--${lean < 0 ? "fake" : "real"}) ${Math.abs(lean)}%, var(--unsure))`;

// Somebody has switched between light and dark.
export const forgetColours = () => known.clear();

// Of [value, text], the most important first, those whose texts have room beside each other from `low` to `high`.
const ruler = document.createElement("canvas").getContext("2d");
function fitting(ticks, low, high, width, font) {
    const kept = [];
    ruler.font = font;
    for (const [value, text] of ticks) {
        const middle = ((value - low) / (high - low)) * width, half = ruler.measureText(text).width / 2;
        if (middle < half || middle > width - half) continue;
        if (kept.every((other) => Math.abs(other.middle - middle) > other.half + half + 12)) kept.push({ value, text, middle, half });
    }
    return kept.sort((one, other) => one.value - other.value);
}

// Bars over stretches of the x axis, whose middles are x; and their outline, down to the axis at both ends.
const bars = (line) => uPlot.paths.bars({
    size: [0.88],
    disp: { fill: { unit: 3, values: () => line.leans.map((lean) => colour(mixed(lean))) } },
});
function outline(u, index) {
    const [x, y] = [u.data[0], u.data[index]], half = (x[1] - x[0]) / 2, stroke = new Path2D();
    const to = (value, height) => stroke.lineTo(u.valToPos(value, "x", true), u.valToPos(height, "y", true));
    to(x[0] - half, 0);
    x.forEach((middle, at) => [-half, half].forEach((side) => to(middle + side, y[at])));
    to(x.at(-1) + half, 0);
    return { stroke, fill: null, clip: null, band: null, gaps: null, flags: 1 };
}

const MOUSE = ["mousedown", "mouseup", "click", "dblclick", "mousemove", "mouseleave", "mouseenter"];

// One chart. Its settings, all but `lines` optional:
//   lines    { y, colour, leans, as, drawn, dashed, single }: `y` has a number or null for each x; `colour` is a key of STROKES or any of CSS,
//            or `leans` has a belief for each x, whose colours the line takes; `drawn: false` is only read out;
//            `single`: its one number is a ring, which shows on the cursor, too;
//            `as` is "area", from 0, "bars" or "outline" (of bars), for charts that are read by their x alone
//   form     how numbers are written; `log`: a logarithmic axis; `span`: the least it reaches over; `range`: all of it
//   level    [value, name], a value worth a line; `fill`: the area between the lines and it; `band`: [low, high], a stripe
//   marks    x where something is wrong; `stops`: x with an upright line; `ticks`: [value, text] of the only rules
//   dots     a dot for each number: those between are null, and the last one counts
//   held     the last number of a line counts beyond its end, too
//   along    [value, text], the most important first, from which the x axis takes those that fit; there is no y axis
//   inside   numbers stand inside, and the x axis has none: for charts under something that has the same x axis
export function plot(box, chart, x, view, placeCursor) {
    const { lines, level, along, form = "plain", marks = [], stops = [] } = chart;
    const drawn = lines.filter((line) => line.drawn !== false);
    const data = drawn.map(({ y }) => y.map((value) => (chart.log && !(value > 0) ? null : value)));
    const font = `11px ${getComputedStyle(box).fontFamily}`;
    let rules = [];  // the values that have a rule now

    const range = (u, low, high) => {
        if (chart.range) return chart.range;
        const all = view.from === view.whole[0] && view.to === view.whole[1];
        [low, high] = low === null ? [0, 1] : [low, high];
        // What has a level is read against it, unless somebody looks closer.
        if (level && all) [low, high] = [Math.min(low, level[0]), Math.max(high, level[0])];
        if (chart.log) return [low / 1.15, high * 1.15];
        const short = Math.max((chart.span ?? 0) - (high - low), high === low ? Math.abs(high) * 0.1 || 1 : 0, 0);
        const air = (high - low + short) * 0.07, [bottom, top] = [low - short / 2 - air, high + short / 2 + air];
        return low >= 0 && bottom < 0 ? [0, top - bottom] : [bottom, top];
    };
    const label = (u, splits, axis, space, step) => {
        rules = splits;
        const digits = decimals(step);
        return splits.map((value, index) => {
            if (chart.ticks) return chart.ticks[index][1];
            if (chart.log) return String(+value.toPrecision(2));
            if (form === "percent" && value > 1.0001) return "";  // air above all of a share
            return form === "percent" ? percent(value, digits - 2) : signed(value.toFixed(digits));
        });
    };
    // Strokes and texts of our own, in the pixels of the canvas.
    const at = (u, value, scale = "y") => u.valToPos(value, scale, true);
    function rule(u, from, to, css, dash = [], width = 1) {
        const { ctx } = u, scale = uPlot.pxRatio;
        ctx.beginPath();
        ctx.setLineDash(dash.map((length) => length * scale));
        ctx.lineWidth = width * scale;
        ctx.strokeStyle = colour(css);
        ctx.moveTo(...from);
        ctx.lineTo(...to);
        ctx.stroke();
        ctx.setLineDash([]);
    }
    function text(u, words, left, top, align) {
        const { ctx } = u, scale = uPlot.pxRatio;
        ctx.font = font.replace("11px", `${11 * scale}px`);
        [ctx.textAlign, ctx.textBaseline, ctx.lineJoin, ctx.lineWidth] = [align, "alphabetic", "round", 4 * scale];
        ctx.strokeStyle = colour("var(--page)");
        ctx.fillStyle = colour("var(--soft)");
        ctx.strokeText(words, left, top);
        ctx.fillText(words, left, top);
    }
    function within(draw) {
        return (u) => {
            const { left, top, width, height } = u.bbox;
            u.ctx.save();
            draw(u, left, top, left + width, top + height, uPlot.pxRatio);
            u.ctx.restore();
        };
    }
    const under = within((u, left, top, right, bottom) => {
        if (chart.band) {
            u.ctx.fillStyle = colour("color-mix(in oklab, var(--unsure) 22%, transparent)");
            u.ctx.fillRect(left, at(u, chart.band[1]), right - left, at(u, chart.band[0]) - at(u, chart.band[1]));
        }
        for (const stop of stops) rule(u, [at(u, stop, "x"), top], [at(u, stop, "x"), bottom], "var(--unsure)", [2, 4]);
    });
    const over = within((u, left, top, right, bottom, scale) => {
        const y = level && Math.round(at(u, level[0]));
        if (level && y >= top && y <= bottom) {
            rule(u, [left, y + 0.5], [right, y + 0.5], "var(--soft)", [3, 3]);
            // The name stands on the side where the lines end further away, beyond one that would run through it.
            const end = (line) => at(u, line.findLast((value) => value !== null));
            const ends = data.map((line) => (end(line) - y) / scale).filter(Number.isFinite);
            const room = (gaps, edge) => Math.min(...gaps.filter((gap) => gap >= 0), edge);
            const beyond = (gaps) => Math.max(0, ...gaps.filter((gap) => gap < 14));
            const above = room(ends.map((end) => -end), (y - top) / scale) >= room(ends, (bottom - y) / scale - 2);
            const places = [-5 - beyond(ends.map((end) => -end)), 13 + beyond(ends)].map((place) => y + place * scale);
            const fits = (place) => place - 9 * scale >= top && place + 3 * scale <= bottom;  // else it is among the ticks
            const [first, second] = above ? places : places.reverse();
            const place = fits(first) || !fits(second) ? first : second;
            text(u, level[1], right - 2 * scale, clamp(place, top + 9 * scale, bottom - 3 * scale), "right");
        }
        u.ctx.fillStyle = colour("var(--ink)");
        for (const mark of marks) {
            if (mark < view.from || mark > view.to) continue;
            const middle = at(u, mark, "x");
            u.ctx.fill(new Path2D(`M${middle},${bottom - 8 * scale}l${4.5 * scale},${8 * scale}h${-9 * scale}z`));
        }
        if (!chart.inside) return;
        const words = label(u, rules, 1, 0, rules[1] - rules[0] || 1);
        ruler.font = font;
        numbersWide = Math.max(0, ...words.map((word) => ruler.measureText(word).width));
        numbers.replaceChildren(...rules.map((value, index) => {
            const number = document.createElement("span");
            number.textContent = words[index];
            number.style.bottom = `${(bottom - at(u, value)) / scale}px`;
            return number;
        }));
    });
    // Numbers inside make way for the cursor, which begins among them where the chart is narrow.
    const numbers = document.createElement("div");
    let numbersWide = 0;
    numbers.className = "u-numbers";
    function makeWay({ cursor: { left } }) {
        numbers.style.left = left >= 0 && left < numbersWide + 4 ? `${left + 8}px` : "0";
    }

    const stroke = (line) => (u) => {
        if (!line.leans) return colour(coloured(line.colour));
        const [first, last] = [x[0], x.at(-1)].map((value) => u.valToPos(value, "x", true));
        if (!Number.isFinite(first + last) || first === last) return colour("var(--unsure)");
        const gradient = u.ctx.createLinearGradient(first, 0, last, 0);
        line.leans.forEach((lean, index) => gradient.addColorStop(index / (x.length - 1), colour(mixed(lean))));
        return gradient;
    };
    const none = { show: false };
    const series = drawn.map((line, index) => {
        const alone = data[index].filter((value) => value !== null).length === 1;
        const ring = line.single && { size: 9, width: 2, fill: () => colour("var(--page)") };
        const dots = { show: Boolean(chart.dots || alone), size: 5, width: 0, fill: stroke(line), stroke: stroke(line), ...ring };
        const shade = () => colour("color-mix(in srgb, var(--ink) 9%, transparent)");
        const area = chart.fill && level ? { fill: shade, fillTo: () => level[0] } : {};
        const width = line.dashed ? 1.5 : chart.inside ? 2.5 : 2;
        const dash = line.dashed ? [5, 4].map((length) => length * uPlot.pxRatio) : [];
        const paint = () => colour(`color-mix(in oklab, ${coloured(line.colour)} 70%, transparent)`);
        const shaped = { width: 0, stroke: null, fill: paint, fillTo: () => 0, points: none };
        if (line.as === "area") return { ...shaped, pxAlign: 0 };
        if (line.as === "bars") return { ...shaped, fill: () => "transparent", paths: bars(line) };
        if (line.as === "outline") return { stroke: stroke(line), width: 1.5, paths: outline, points: none };
        return { stroke: stroke(line), width, dash, spanGaps: true, pxAlign: 0, points: dots, ...area };
    });
    const axis = (fields) => ({ font, stroke: () => colour("var(--soft)"), ticks: none, grid: none, ...fields });
    const whole = [1, 10, 100, 1000, 10_000].flatMap((power) => [1, 2, 5].map((step) => step * power));
    const splits = chart.ticks ? () => chart.ticks.map(([value]) => value)
        : chart.log ? (u, index, low, high) => decades(low, high) : undefined;
    const line = (index) => drawn[index - 1];
    const pointless = (index) => line(index).dashed || line(index).as;
    let found = [];  // what stands along the x axis now
    const below = along && {
        size: 18,
        gap: 3,
        splits(u, index, low, high) {
            found = fitting(along, low, high, u.width, font);
            return found.map(({ value }) => value);
        },
        filter: (u, values) => values,
        values: () => found.map(({ text }) => text),
        border: { show: true, stroke: () => colour("var(--unsure)"), width: 1 },
    };
    const u = new uPlot({
        width: box.clientWidth,
        height: box.clientHeight,
        padding: along ? [1, 0, 0, 0] : chart.inside ? [12, 0, 6, 0] : [7, 10, 0, 0],
        legend: { show: false },
        scales: {
            x: { time: false, auto: false, range: (u, from, to) => (from === to ? [from - 0.5, to + 0.5] : [from, to]) },
            y: { distr: chart.log ? 3 : 1, range },
        },
        axes: [
            axis({
                show: !chart.inside,
                size: 19,
                gap: 6,
                space: (u, index, from, to, width) => Math.min(width / 4, 60),
                incrs: whole,
                values: (u, found) => found.map((value) => signed(String(value))),
                ...below,
            }),
            axis({
                show: !along,
                // Small numbers are long: they take the room that they need.
                size: (u, values) => (chart.inside ? 0 : Math.max(44, 10 + 6.5 * Math.max(...(values ?? [""]).map((value) => String(value).length)))),
                gap: 6,
                space: 22,
                splits,
                filter: (u, found) => found,  // uPlot's own would leave out numbers of a logarithmic axis
                incrs: form === "whole" ? whole : undefined,
                values: chart.inside ? (u, found) => (rules = found).map(() => "") : label,
                grid: { show: true, stroke: () => colour("var(--line)"), width: 1 },
            }),
        ],
        series: [{}, ...series],
        cursor: {
            y: false,
            // Listens to nothing by itself: a board has several charts, and fingers too.
            bind: Object.fromEntries(MOUSE.map((name) => [name, () => null])),
            points: {
                size: (u, index) => (pointless(index) ? 0 : 10),
                width: (u, index) => (pointless(index) ? 0 : 2),
                fill(u, index) {
                    const { leans, colour: name } = line(index);
                    return colour(leans ? mixed(leans[u.cursor.idx] ?? 0) : STROKES[name]);
                },
                stroke: () => colour("var(--page)"),
            },
            dataIdx: (u, index, place) => (index ? last(chart, data[index - 1], place) : place),
        },
        hooks: { drawAxes: [under], draw: [over, placeCursor], setCursor: [makeWay] },
    }, [x, ...data], box);
    if (chart.inside) u.over.append(numbers);
    return u;
}

// The place of the number that counts at `place`: between two dots, the one before; null where there is none.
export function last(chart, y, place) {
    while ((chart.dots || chart.held) && place >= 0 && y[place] === null) place--;
    return place < 0 ? null : place;
}
