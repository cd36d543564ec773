// Training: draws the curves, and the grid of digits of the epoch that is chosen. The markup is from
// training_tab.py, with the numbers in data-run; the grids come through `server.grown` when they are seen.
//
// Gradio makes the old markup into the new one in place when another model comes: what listens, listens on
// `element`, and what is made here is made anew.
const TILE = 28, GAP = 2, MARGIN = { left: 44, right: 10, top: 7, bottom: 19 }, FRAME_MS = 320;
const find = (selector) => element.querySelector(selector);
const { clamp } = ganDemo;

let run = null, frames = [], sheet = [], plots = [];
let frame = 0;  // the grid that is shown
let wanted = null;  // the epoch that was asked for; null: the last
let at = null;  // the epoch under the pointer
let view = [0, 0];  // the first and the last epoch in sight
let drag = null, player = 0, tile = -1, visible = false;

// Numbers

const decimals = (step) => clamp(Math.ceil(-Math.log10(step) - 1e-9), 0, 6);
const signed = (text) => text.replace(/^-(?=[0.]*$)/, "").replace("-", "−");
function written(value, form) {
    if (value === null || value === undefined) return "–";
    if (form === "percent") return signed((value * 100).toFixed(1)) + "\u00a0%";
    if (form === "whole") return String(value);
    const size = Math.abs(value);
    return signed(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4));
}
function ticks(low, high, most, whole) {
    const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
    let best = null;
    // The widest steps that leave two ticks at least.
    for (const factor of [10, 5, 2, 1, 0.5]) {
        const step = whole ? Math.max(1, Math.round(factor * power)) : factor * power, first = Math.ceil(low / step - 1e-9);
        const count = Math.floor(high / step + 1e-9) - first + 1;
        best = { found: Array.from({ length: Math.max(count, 0) }, (_, index) => (first + index) * step), digits: decimals(step) };
        if (count >= 2 && factor * power < rough * 2) break;
    }
    return best;
}
function decades(low, high) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
        for (const factor of [1, 2, 5]) found.push(factor * 10 ** power);
    let kept = found.filter((tick) => tick >= low && tick <= high);
    if (kept.length > 5) kept = kept.filter((tick) => /^1/.test(tick.toExponential()));
    return kept;
}

// Curves

const epochs = () => run.epochs;
const whole = () => [epochs()[0], epochs().at(-1)];
const nearest = (list, value) => list.reduce((best, one, index) => (Math.abs(one - value) < Math.abs(list[best] - value) ? index : best), 0);

function scales(chart, width, height) {
    let [first, last] = view;
    if (first === last) [first, last] = [first - 0.5, last + 0.5];
    const inside = epochs().map((epoch) => epoch >= view[0] && epoch <= view[1]);
    let values = chart.lines.filter((line) => line.drawn).flatMap((line) => line.y.filter((y, index) => y !== null && inside[index]));
    if (chart.log) values = values.filter((y) => y > 0);
    if (!values.length) values = [0, 1];
    // What has a level is read against it, unless somebody looks closer.
    if (chart.level && view[0] === whole()[0] && view[1] === whole()[1]) values.push(chart.level[0]);
    let low = Math.min(...values), high = Math.max(...values);
    if (chart.form === "whole") [low, high] = [0, 10];
    if (chart.log) {
        [low, high] = [low / 1.15, high * 1.15];
    } else {
        const short = Math.max(chart.span - (high - low), high === low ? Math.abs(high) * 0.1 || 1 : 0, 0);
        const air = (high - low + short) * 0.07;
        const positive = low >= 0;
        [low, high] = [low - short / 2 - air, high + short / 2 + air];
        if (positive && low < 0) [low, high] = [0, high - low];
    }
    const form = chart.log ? Math.log : (value) => value;
    return {
        low, high,
        x: (epoch) => MARGIN.left + ((epoch - first) / (last - first)) * (width - MARGIN.left - MARGIN.right),
        y: (value) => height - MARGIN.bottom - ((form(value) - form(low)) / (form(high) - form(low))) * (height - MARGIN.top - MARGIN.bottom),
        epoch: (x) => first + ((x - MARGIN.left) / (width - MARGIN.left - MARGIN.right)) * (last - first),
    };
}

function draw(box, chart) {
    const width = box.clientWidth, height = box.clientHeight;
    if (!width) return null;
    const scale = scales(chart, width, height), { x, y, low, high } = scale;
    const right = width - MARGIN.right, bottom = height - MARGIN.bottom;
    const powers = chart.log ? decades(low, high) : [];
    const up = powers.length > 1 ? { found: powers } : ticks(low, high, Math.max(2, Math.round(height / 42)), chart.form === "whole");
    const percent = chart.form === "percent";
    const across = ticks(...(view[0] === view[1] ? [view[0], view[0] + 0.5] : view), Math.max(3, Math.round(width / 75)), true);
    let art = "";
    for (const tick of up.found) {
        const text = powers.length > 1 ? String(+tick.toPrecision(1)) : percent ? `${signed((tick * 100).toFixed(Math.max(0, up.digits - 2)))}\u00a0%` : signed(tick.toFixed(up.digits));
        art += `<line class="rule" x1="${MARGIN.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>`;
        art += `<text x="${MARGIN.left - 6}" y="${y(tick) + 4}" text-anchor="end">${text}</text>`;
    }
    for (const tick of across.found) art += `<text x="${x(tick)}" y="${height - 4}" text-anchor="middle">${tick}</text>`;
    art += `<svg x="${MARGIN.left - 4}" y="0" width="${right - MARGIN.left + 8}" height="${bottom + 4}"><g transform="translate(${4 - MARGIN.left})">`;
    const level = chart.level && chart.level[0] >= low && chart.level[0] <= high ? chart.level : null;
    chart.lines.forEach((line) => {
        if (!line.drawn) return;
        const points = [];
        line.y.forEach((value, index) => {
            if (value !== null && (!chart.log || value > 0)) points.push([x(epochs()[index]), y(value)]);
        });
        if (!points.length) return;
        const path = points.map((point) => point.map((one) => one.toFixed(1)).join(",")).join(" L");
        if (chart.fill && chart.level) {
            const base = y(chart.level[0]).toFixed(1);
            art += `<path class="fill" d="M${points[0][0].toFixed(1)},${base} L${path} L${points.at(-1)[0].toFixed(1)},${base}Z"/>`;
        }
        art += `<path class="line of-${line.colour}" d="M${path}"/>`;
        if (chart.dots || points.length === 1)
            for (const [px, py] of points) art += `<circle class="dot of-${line.colour}" cx="${px}" cy="${py}" r="2.5"/>`;
    });
    if (level) {
        art += `<line class="level" x1="${MARGIN.left}" x2="${right}" y1="${y(level[0])}" y2="${y(level[0])}"/>`;
        // On the side where the lines end further away.
        const ends = chart.lines.filter((line) => line.drawn).map((line) => y(line.y.findLast((one) => one !== null)) - y(level[0]));
        const room = (gaps, edge) => Math.min(...gaps.filter((gap) => gap >= 0), edge);
        const above = room(ends.map((end) => -end), y(level[0]) - 6) >= room(ends, bottom - y(level[0]) - 8);
        // Beyond a line that would run through it.
        const beyond = (gaps) => Math.max(0, ...gaps.filter((gap) => gap < 14));
        const place = above ? -5 - beyond(ends.map((end) => -end)) : 13 + beyond(ends);
        art += `<text class="level-name" x="${right - 2}" y="${y(level[0]) + place}" text-anchor="end"></text>`;
    }
    for (const mark of chart.marks) art += `<path class="warning" d="M${x(mark)},${bottom - 8}l4.5,8h-9z"/>`;
    art += `</g></svg><g class="cursor"></g><rect class="zone" y="${MARGIN.top}" height="${bottom - MARGIN.top}" width="0"/>`;
    box.innerHTML = `<svg width="${width}" height="${height}" aria-hidden="true">${art}</svg>`;
    if (level) box.querySelector(".level-name").textContent = level[1];
    return { box, chart, ...scale, height, bottom };
}

function drawAll() {
    if (!run?.charts.length) return;
    plots = [...element.querySelectorAll(".plot")].map((box, index) => draw(box, run.charts[index])).filter(Boolean);
    const all = whole();
    find("[data-zoom=out]").disabled = view[0] === all[0] && view[1] === all[1];
    find("[data-zoom=in]").disabled = epochs().length < 3 || view[1] - view[0] <= 2;
    point();
}

const chosen = () => (run.frames.length ? run.frames[frame] : wanted === null ? epochs().at(-1) : epochs()[nearest(epochs(), wanted)]);

// What each curve is at the epoch under the pointer, else at the chosen one.
function point() {
    if (!run?.charts.length) return;
    const epoch = at ?? chosen();
    find(".at").textContent = named(epoch);
    const values = [...element.querySelectorAll(".curve")].map((figure) => [...figure.querySelectorAll(".value b")]);
    run.charts.forEach((chart, index) => {
        const plot = plots[index];
        let art = "";
        if (plot && epoch >= view[0] && epoch <= view[1])
            art += `<line class="${at === null ? "here" : "there"}" x1="${plot.x(epoch)}" x2="${plot.x(epoch)}" y1="${MARGIN.top}" y2="${plot.bottom}"/>`;
        chart.lines.forEach((line, number) => {
            let place = epochs().findLastIndex((one) => one <= epoch);
            // Between two evaluations, the last one.
            while (chart.dots && place >= 0 && line.y[place] === null) place--;
            const value = place >= 0 ? line.y[place] : null;
            values[index][number].textContent = written(value, chart.form);
            if (plot && line.drawn && value !== null && epochs()[place] >= view[0] && epochs()[place] <= view[1] && (!chart.log || value > 0))
                art += `<circle class="here of-${line.colour}" cx="${plot.x(epochs()[place])}" cy="${plot.y(value)}" r="4"/>`;
        });
        if (plot) plot.box.querySelector(".cursor").innerHTML = art;
    });
}

function zoom(first, last) {
    const list = epochs(), all = whole();
    let [from, to] = [nearest(list, clamp(Math.min(first, last), ...all)), nearest(list, clamp(Math.max(first, last), ...all))];
    if (to - from < 2) [from, to] = [Math.max(0, from - 1), Math.min(list.length - 1, from + 1)];
    view = [list[from], list[to]];
    drawAll();
}
function closer() {
    const middle = clamp(at ?? chosen(), ...view), half = (view[1] - view[0]) / 4;
    const start = clamp(middle - half, view[0], view[1] - 2 * half);
    zoom(start, start + 2 * half);
}

// Digits

const named = (epoch) => (epoch ? run.labels.epoch.replace("{epoch}", epoch) : run.labels.before);

function choose(index) {
    frame = clamp(index, 0, run.frames.length - 1);
    wanted = frame === run.frames.length - 1 ? null : run.frames[frame];
    show();
    tellLink();
}
const tellLink = () => ganDemo.remember([["epoch", null]], [wanted]);

function show() {
    if (run.frames.length) {
        const slider = find("input[type=range]");
        slider.value = frame;
        slider.setAttribute("aria-valuetext", named(run.frames[frame]));
        find(".when b").textContent = named(run.frames[frame]);
        const shown = frames[frame];
        if (shown && sheet.length) {
            shown.lean.forEach((lean, index) => {
                const { cell, brush } = sheet[index];
                brush.drawImage(shown.picture, (index % run.grid[1]) * (TILE + GAP), Math.floor(index / run.grid[1]) * (TILE + GAP), TILE, TILE, 0, 0, TILE, TILE);
                ganDemo.lean(cell, lean);
            });
            find(".when span").textContent = run.labels.real.replace("{real}", shown.real).replace("{count}", shown.lean.length);
        }
        tell();
    }
    point();
}

// What D says of the digit under the pointer, beside it.
function tell() {
    const tip = find(".tip"), shown = frames[frame], cell = sheet[tile]?.cell;
    sheet.forEach((one, index) => one.cell.toggleAttribute("data-here", index === tile));
    tip.hidden = !cell || !shown;
    if (tip.hidden) return;
    tip.textContent = run.labels.digit.replace("{number}", shown.number[tile]).replace("{verdict}", run.labels.verdicts[shown.verdict[tile]]);
    find(".sheet").setAttribute("aria-label", tip.textContent);
    const place = cell.getBoundingClientRect(), frameOf = find(".growing").getBoundingClientRect();
    const left = clamp(place.left + place.width / 2 - tip.offsetWidth / 2, frameOf.left, frameOf.right - tip.offsetWidth);
    tip.style.left = `${left - frameOf.left}px`;
    tip.style.top = `${place.top - frameOf.top - tip.offsetHeight - 4}px`;
}

async function load() {
    const mine = run;
    if (!visible || !run?.frames.length || frames.length || run.asked) return;
    run.asked = true;
    let answer;
    try {
        answer = await server.grown(run.model);
        if (answer.error) throw new Error(answer.error);
        await Promise.all(answer.frames.map((one) => {
            one.picture = new Image();
            one.picture.src = one.png;
            return one.picture.decode();
        }));
    } catch (error) {
        if (run === mine && find(".when")) find(".when span").textContent = answer?.error ?? String(error.message ?? error);
        return;
    }
    if (run !== mine) return;
    // A training may have written another epoch meanwhile: those that the slider knows.
    frames = run.frames.map((epoch) => answer.frames.find((one) => one.epoch === epoch));
    sheet = frames[0].lean.map(() => {
        const cell = document.createElement("i"), canvas = document.createElement("canvas");
        canvas.width = canvas.height = TILE;
        cell.append(canvas);
        return { cell, brush: canvas.getContext("2d") };
    });
    find(".sheet").replaceChildren(...sheet.map(({ cell }) => cell));
    show();
}

function play(on) {
    clearInterval(player);
    player = 0;
    const button = find("[data-play]");
    if (!button) return;
    button.dataset.play = on ? "on" : "";
    button.title = run.labels[on ? "pause" : "play"];
    button.setAttribute("aria-label", button.title);
    if (!on) return;
    if (frame === run.frames.length - 1) choose(0);
    player = setInterval(() => {
        choose(frame + 1);
        if (frame === run.frames.length - 1 || !element.checkVisibility()) play(false);
    }, FRAME_MS);
}

// Events

const overPlot = (event) => plots.find((plot) => plot.box.contains(event.target));
const overTile = (event) => sheet.findIndex(({ cell }) => cell.contains(event.target));
const epochOf = (plot, event) => plot.epoch(event.clientX - plot.box.getBoundingClientRect().left);

element.addEventListener("pointerdown", (event) => {
    const plot = overPlot(event);
    if (!plot || event.button) return;
    drag = { plot, from: event.clientX, touch: event.pointerType === "touch" };
    plot.box.setPointerCapture(event.pointerId);
});
element.addEventListener("pointermove", (event) => {
    const plot = drag?.plot ?? overPlot(event);
    const now = plot ? epochs()[nearest(epochs(), clamp(epochOf(plot, event), ...view))] : null;
    if (drag && !drag.touch && Math.abs(event.clientX - drag.from) > 4) {
        const left = plot.box.getBoundingClientRect().left, [a, b] = [drag.from - left, event.clientX - left].sort((x, y) => x - y);
        const zone = plot.box.querySelector(".zone");
        zone.setAttribute("x", a);
        zone.setAttribute("width", b - a);
    }
    if (now !== at) {
        at = now;
        point();
    }
    if (!drag && overTile(event) !== tile) {
        tile = overTile(event);
        tell();
    }
});
element.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { plot, from, touch } = drag;
    drag = null;
    if (!touch && Math.abs(event.clientX - from) > 4) {
        const left = plot.box.getBoundingClientRect().left;
        zoom(plot.epoch(from - left), plot.epoch(event.clientX - left));
    } else {
        go(epochOf(plot, event));
    }
});
element.addEventListener("pointercancel", () => { drag = null; });
element.addEventListener("pointerleave", () => {
    if (drag || !run) return;
    at = null;
    tile = -1;
    point();
    if (run.frames.length) tell();
});
element.addEventListener("dblclick", (event) => {
    if (!overPlot(event)) return;
    view = whole();
    drawAll();
});
function go(epoch) {
    play(false);
    if (run.frames.length) choose(nearest(run.frames, epoch));
    else {
        const found = epochs()[nearest(epochs(), epoch)];
        wanted = found === epochs().at(-1) ? null : found;
        at = null;
        show();
        tellLink();
    }
}
element.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    play(false);
    at = null;
    choose(Number(event.target.value));
});
element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("play" in button.dataset) play(!player);
    if (button.dataset.zoom === "in") closer();
    if (button.dataset.zoom === "out") {
        view = whole();
        drawAll();
    }
});
element.addEventListener("keydown", (event) => {
    const plot = event.target.closest(".plot"), steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -run?.grid[1], ArrowDown: run?.grid[1] };
    if (event.target.closest(".sheet") && event.key in steps) {
        tile = clamp(tile + steps[event.key], 0, sheet.length - 1);
        tell();
    } else if (plot && /^Arrow(Left|Right)$/.test(event.key)) {
        const list = epochs();
        at = list[clamp(nearest(list, at ?? chosen()) + steps[event.key], 0, list.length - 1)];
        point();
    } else if (plot && event.key === "Enter" && at !== null) go(at);
    else if (plot && "+=".includes(event.key)) closer();
    else if (plot && ["-", "Escape"].includes(event.key)) {
        view = whole();
        drawAll();
    } else return;
    event.preventDefault();
});
element.addEventListener("focusout", (event) => {
    if (event.target.closest(".sheet") && run?.frames.length) {
        tile = -1;
        tell();
    }
    if (event.target.closest(".plot")) {
        at = null;
        point();
    }
});

// Start, and start again with another model.

function start() {
    const holder = find("[data-run]");
    clearInterval(player);
    player = 0;
    [run, frames, sheet, plots, at, tile] = [null, [], [], [], null, -1];
    if (!holder) return;
    run = JSON.parse(holder.dataset.run);
    if (run.charts.length) view = whole();
    if (run.frames.length) frame = wanted === null ? run.frames.length - 1 : nearest(run.frames, wanted);
    if (run.frames.length || run.charts.length) show();
    drawAll();
    load();
}
const asked = Number(new URLSearchParams(ganDemo.asked).get("epoch") ?? NaN);
if (Number.isInteger(asked) && asked >= 0) wanted = asked;
watch("value", start);
start();
new ResizeObserver(drawAll).observe(element);
new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting;
    load();
}).observe(element);
