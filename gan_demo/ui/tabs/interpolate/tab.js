// The slider along the way, and the curves under the film. A few hundred frames come at once (interpolate.py,
// `frames`); from then on nothing waits for the server, however far away it is.
const TILE = 28, MS_A_FRAME = 380;  // of the film, while it plays
const find = (selector) => element.querySelector(selector);
const curves = () => document.getElementById("film-curves");
const slider = () => curves()?.querySelector("input[type=range]");
const { clamp, lean } = ganDemo;
const canvas = find("canvas"), brush = canvas.getContext("2d");

let texts = {}, request = null;  // what the page shows
let shown = null;  // the request whose frames are here
let walk = null, sheet = null;  // these frames: numbers, and pictures side by side
let place = 0;  // from 0, the first way point, to 1, the last
let visible = false, loading = false, failed = null;
let player = 0, forward = true;

// Frames

async function load() {
    if (loading || !visible || !request || request === shown || request === failed) return;
    loading = true;
    const mine = request;
    try {
        const answer = await server.walk_frames(mine);
        if (answer.error) throw new Error(answer.error);
        const picture = new Image();
        picture.src = answer.png;
        await picture.decode();
        [walk, sheet, shown] = [answer, picture, mine];
        draw();
    } catch (error) {
        failed = mine;
        find(".where").textContent = error.message;
    }
    loading = false;
    load();  // it may have changed meanwhile
}

const last = () => walk.norm.length - 1;
const index = () => Math.round(place * last());

function show() {
    if (!walk) return;
    const at = index(), bar = slider();
    brush.drawImage(sheet, at * TILE, 0, TILE, TILE, 0, 0, TILE, TILE);
    const said = `${walk.number[at]}, ${walk.verdict[at]}`;
    canvas.dataset.at = at;
    canvas.setAttribute("aria-label", said);
    lean(find(".now"), walk.lean[at]);
    lean(find(".number span"), walk.lean[at]);
    find(".number span").textContent = walk.number[at];
    find(".verdict").textContent = walk.verdict[at];
    const frame = (1 + at / walk.finer).toFixed(1), norm = walk.norm[at].toFixed(2);
    find(".where").textContent = texts.where.replace("{frame}", frame).replace("{steps}", 1 + last() / walk.finer).replace("{norm}", norm);
    if (!bar) return;
    if (Number(bar.value) !== at) bar.value = at;
    bar.setAttribute("aria-valuetext", said);
    const [belief, length] = curves().querySelectorAll(".value");
    belief.textContent = walk.number[at];
    length.textContent = norm;
    for (const lane of curves().querySelectorAll(".lane")) {
        const cursor = lane.querySelector(".cursor");
        if (cursor) cursor.style.transform = `translateX(${lane.across(at)}px)`;
    }
}

function go(to) {
    place = clamp(to, 0, 1);
    show();
}

// Curves: the frames of the film are their axis.

function draw() {
    const bar = slider();
    if (!walk || !bar) return;
    bar.max = last();
    const steps = 1 + last() / walk.finer;
    curves().style.setProperty("--steps", steps);
    curves().querySelector(".key.other").textContent = texts.other;
    const [low, high] = walk.band, norms = [...walk.norm, ...walk.otherNorm, low, high];
    const floor = Math.min(...norms), top = Math.max(...norms), air = (top - floor) * 0.12 || 1;
    const ticks = [low, high].map((norm) => [norm, norm.toFixed(1)]);
    lane(".lane.belief", steps, walk.scale.low, walk.scale.high, walk.scale.ticks, [[walk.value, "main", walk.lean]]);
    lane(".lane.norm", steps, floor - air, top + air, ticks, [[walk.otherNorm, "other"], [walk.norm, "main"]], walk.band);
    show();
}

function lane(selector, steps, low, high, ticks, lines, band) {
    const box = curves().querySelector(selector), width = box.clientWidth, height = box.clientHeight;
    if (!width) return;
    const column = width / steps, foot = 6;
    const x = (at) => (0.5 + at / walk.finer) * column;
    const y = (value) => foot + (1 - (value - low) / (high - low)) * (height - 2 * foot);
    box.across = x;
    let art = "";
    if (band) art += `<rect class="band" x="0" width="${width}" y="${y(band[1])}" height="${y(band[0]) - y(band[1])}"/>`;
    for (const [value] of ticks) art += `<line class="rule" x1="0" x2="${width}" y1="${y(value)}" y2="${y(value)}"/>`;
    for (const stop of walk.stops) art += `<line class="stop" x1="${x(stop * walk.finer)}" x2="${x(stop * walk.finer)}" y1="0" y2="${height}"/>`;
    for (const [values, name, leans] of lines) {
        const points = values.map((value, at) => (value === null ? null : `${x(at).toFixed(1)},${y(value).toFixed(1)}`)).filter(Boolean);
        let stroke = "";
        if (leans) {  // the colour of belief, from frame to frame
            const stops = leans.map((lean, at) => [lean, at]).filter(([, at]) => at % Math.ceil(walk.finer / 4) === 0);
            const mix = (lean) => `color-mix(in oklab, var(--${lean < 0 ? "fake" : "real"}) ${Math.abs(lean)}%, var(--unsure))`;
            art += `<linearGradient id="walk-belief" gradientUnits="userSpaceOnUse" x1="${x(0)}" x2="${x(last())}" y1="0" y2="0">`
                + stops.map(([lean, at]) => `<stop offset="${at / last()}" style="stop-color:${mix(lean)}"/>`).join("") + "</linearGradient>";
            stroke = ' style="stroke:url(#walk-belief)"';
        }
        art += `<polyline class="${name}" points="${points.join(" ")}"${stroke}/>`;
    }
    const labels = ticks.map(([value, text]) => `<span class="tick" style="top:${y(value).toFixed(1)}px">${text}</span>`).join("");
    box.innerHTML = `<svg width="${width}" height="${height}" aria-hidden="true">${art}</svg>${labels}<i class="cursor"></i>`;
}

// Play and pause: there and back again.

function play(on) {
    cancelAnimationFrame(player);
    player = 0;
    const button = find("[data-play]");
    button.dataset.play = on ? "on" : "";
    button.title = texts[on ? "pause" : "play"];
    button.setAttribute("aria-label", button.title);
    if (!on || !walk) return;
    let before = performance.now();
    const step = (now) => {
        if (!visible) return play(false);
        const share = (now - before) / (MS_A_FRAME * (last() / walk.finer));
        before = now;
        if (place >= 1) forward = false;
        if (place <= 0) forward = true;
        go(place + (forward ? share : -share));
        player = requestAnimationFrame(step);
    };
    player = requestAnimationFrame(step);
}

// Events. The film and the curves are neighbours of this element.

element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !request) return;
    if ("play" in button.dataset) play(!player);
    if (button.dataset.save) ganDemo.save(button, server.walk_file({ ...request, file: button.dataset.save }));
});
const along = (lane, event) => {
    const { left, width } = lane.getBoundingClientRect(), steps = 1 + last() / walk.finer;
    return (((event.clientX - left) / width) * steps - 0.5) / (steps - 1);
};
let dragged = null;
document.addEventListener("pointerdown", (event) => {
    const lane = event.target.closest?.("#film-curves .lane");
    if (!lane || !walk || event.button) return;
    dragged = lane;
    lane.setPointerCapture(event.pointerId);
    play(false);
    go(along(lane, event));
});
document.addEventListener("pointermove", (event) => { if (dragged) go(along(dragged, event)); });
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => { dragged = null; });
document.addEventListener("input", (event) => {
    if (event.target !== slider() || !walk) return;
    play(false);
    go(Number(event.target.value) / last());
});
document.addEventListener("click", (event) => {
    const figure = event.target.closest?.("#film-stage figure");
    if (!figure || !walk) return;
    play(false);
    const all = [...figure.parentElement.children];
    go(all.indexOf(figure) / (all.length - 1));
});

// Start, and start again with another way.

function start() {
    let told = null;
    try { told = JSON.parse(props.value); } catch { return; }
    if (!told) return;
    texts = told.texts;
    const first = document.querySelector("#film-stage img");  // until all frames are here
    if (!walk && first) first.decode().then(() => walk || brush.drawImage(first, 0, 0), () => {});
    if (JSON.stringify(told.request) !== JSON.stringify(request)) {
        request = told.request;
        failed = null;
    }
    load();
}
watch("value", start);
start();
new ResizeObserver(draw).observe(element);
new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting || element.checkVisibility();
    if (visible) draw();
    load();
}).observe(element);
