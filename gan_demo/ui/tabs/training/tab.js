// Training: the curves, and the grid of digits of the epoch that is chosen. The markup is from tab.py, with the numbers in
// data-run; shared/charts.js draws the curves. The grids come through `server.grown` when they are seen.
//
// Gradio makes the old markup into the new one in place when another model comes: what listens, listens on
// `element`, and what is made here is made anew.
const TILE = 28, GAP = 2, FRAME_MS = 320;
const find = (selector) => element.querySelector(selector);
const { clamp } = ganDemo;
const nearest = (list, value) => list.reduce((best, one, index) => (Math.abs(one - value) < Math.abs(list[best] - value) ? index : best), 0);

let run = null, frames = [], sheet = [];
let curves = null;  // the board of charts
let frame = 0;  // the grid that is shown
let wanted = null;  // the epoch that was asked for; null: the last
let player = 0, tile = -1, visible = false;

// Curves

const charts = ganDemo.charts();
const chosen = () => (run.frames.length ? run.frames[frame] : wanted === null ? run.epochs.at(-1) : run.epochs[nearest(run.epochs, wanted)]);

async function draw() {
    const mine = run, { board, written } = await charts;
    if (run !== mine || !run?.charts.length) return;
    const figures = [...element.querySelectorAll(".curve")];
    curves = board({
        x: run.epochs,
        choose: go,
        // What each curve is at the epoch under the pointer, else at the chosen one.
        read(epoch, values) {
            find(".at").textContent = named(epoch);
            figures.forEach((figure, index) => figure.querySelectorAll(".value b").forEach((value, line) => {
                const { form, lines } = run.charts[index], { single, y } = lines[line];
                value.textContent = written(single ? y.at(-1) : values[index][line], form);
            }));
        },
        viewed({ canZoomIn, canZoomOut }) {
            find("[data-zoom=in]").disabled = !canZoomIn;
            find("[data-zoom=out]").disabled = !canZoomOut;
        },
    });
    figures.forEach((figure, index) => curves.add(figure.querySelector(".plot"), run.charts[index]));
    curves.choose(chosen());
}

// Digits

const columns = () => Math.round((frames[frame].picture.naturalWidth + GAP) / (TILE + GAP));
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
            const across = columns();
            shown.lean.slice(0, sheet.length).forEach((lean, index) => {
                const { cell, brush } = sheet[index];
                brush.drawImage(shown.picture, (index % across) * (TILE + GAP), Math.floor(index / across) * (TILE + GAP), TILE, TILE, 0, 0, TILE, TILE);
                ganDemo.lean(cell, lean);
            });
            find(".when span").textContent = run.labels.real.replace("{real}", shown.real).replace("{count}", shown.lean.length);
        }
        tell();
    }
    if (curves) curves.choose(chosen());
    else if (run.charts.length) find(".at").textContent = named(chosen());  // until they are loaded
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
    const zoom = ganDemo.zoom(), wide = tip.offsetWidth * zoom;
    const left = clamp(place.left + place.width / 2 - wide / 2, frameOf.left, frameOf.right - wide);
    tip.style.left = `${(left - frameOf.left) / zoom}px`;
    tip.style.top = `${(place.top - frameOf.top) / zoom - tip.offsetHeight - 4}px`;
}

async function load() {
    const mine = run;
    if (!visible || !run?.frames.length || frames.length || run.asked) return;
    run.asked = true;
    const answered = ganDemo.wait([find(".growing")]), answer = await ganDemo.ask(() => server.grown(mine.model));
    answered();
    try {
        if (answer.error) throw new Error(answer.error);
        await Promise.all(answer.frames.map((one) => {
            one.picture = new Image();
            one.picture.src = one.png;
            return one.picture.decode();
        }));
    } catch (error) {
        if (run === mine && find(".when")) find(".when span").textContent = error.message;
        mine.asked = false;  // it is asked for again when it is seen again
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
    find(".sheet").style.setProperty("--columns", columns());
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

const overTile = (event) => sheet.findIndex(({ cell }) => cell.contains(event.target));
function look(index) {
    if (index === tile) return;
    tile = index;
    tell();
}
element.addEventListener("pointermove", (event) => look(overTile(event)));
element.addEventListener("pointerleave", () => look(-1));
element.addEventListener("focusout", (event) => event.target.closest(".sheet") && look(-1));
function go(epoch) {
    play(false);
    if (run.frames.length) return choose(nearest(run.frames, epoch));
    wanted = epoch === run.epochs.at(-1) ? null : epoch;
    show();
    tellLink();
}
element.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    play(false);
    choose(Number(event.target.value));
});
element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("play" in button.dataset) play(!player);
    if (button.dataset.zoom === "in") curves.zoomIn();
    if (button.dataset.zoom === "out") curves.zoomOut();
});
element.addEventListener("keydown", (event) => {
    if (!event.target.closest(".sheet") || !sheet.length) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() };
    if (!(event.key in steps)) return;
    look(clamp(tile + steps[event.key], 0, sheet.length - 1));
    event.preventDefault();
});

// Start, and start again with another model.

function start() {
    const holder = find("[data-run]");
    clearInterval(player);
    player = 0;
    curves?.destroy();
    [run, frames, sheet, curves, tile] = [null, [], [], null, -1];
    if (!holder) return;
    run = JSON.parse(holder.dataset.run);
    if (run.frames.length) frame = wanted === null ? run.frames.length - 1 : nearest(run.frames, wanted);
    show();
    draw();
    load();
}
const asked = Number(new URLSearchParams(ganDemo.asked).get("epoch") ?? NaN);
if (Number.isInteger(asked) && asked >= 0) wanted = asked;
watch("value", start);
start();
new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting;
    load();
}).observe(element);
