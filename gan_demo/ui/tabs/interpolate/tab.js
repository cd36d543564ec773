// The slider along the way, and the curves under the film, which shared/charts.js draws. A few hundred frames come at once
// (`frames` in tab.py); from then on nothing waits for the server, however far away it is.
const TILE = 28, MS_A_FRAME = 380;  // of the film, while it plays
const find = (selector) => element.querySelector(selector);
const curves = () => document.getElementById("film-curves");
const slider = () => curves()?.querySelector("input[type=range]");
const { clamp, lean } = ganDemo;
const charts = ganDemo.charts();
const canvas = find("canvas"), brush = canvas.getContext("2d");

let texts = {}, coming = {}, request = null;  // what is asked for: its texts are `coming`
let shown = null;  // the request whose frames and `texts` are here
let walk = null, sheet = null;  // these frames: numbers, and pictures side by side
let lanes = null;  // the board of the charts under the film
let place = 0;  // from 0, the first way point, to 1, the last
let visible = false, loading = false, failed = null;
let player = 0, forward = true;

// Frames

async function load() {
    if (loading || !visible || !request || request === shown || request === failed) return;
    loading = true;
    const mine = request, answered = ganDemo.wait([canvas]);
    busy();
    try {
        const answer = await ganDemo.ask(() => server.walk_frames(mine));
        if (answer.error) throw new Error(answer.error);
        const picture = new Image();
        picture.src = answer.png;
        await picture.decode();
        if (mine === request) {  // or it would stand beside another way's film until that one's frames are here
            [walk, sheet, shown, texts] = [answer, picture, mine, coming];
            draw();
        }
    } catch (error) {
        failed = mine;
        find(".where").textContent = error.message;
    }
    loading = false;
    answered();
    busy();
    load();  // it may have changed meanwhile
}

// Frames and curves of another way are pale until this one's are here.
function busy() {
    for (const box of [find(".walker"), curves()]) box?.setAttribute("aria-busy", Boolean(walk) && request !== shown && request !== failed);
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
    const [belief, length, speed] = curves().querySelectorAll(".value");
    belief.textContent = walk.number[at];
    length.textContent = norm;
    speed.textContent = walk.speed[at].toFixed(1);
    lanes?.choose(at);
}

function go(to) {
    place = clamp(to, 0, 1);
    show();
}

// Curves: the frames of the film are their axis.

const dashed = (y) => (y.length ? [{ y, colour: "soft", dashed: true }] : []);

async function draw() {
    const mine = walk;
    slider().max = last();
    curves().style.setProperty("--steps", 1 + last() / walk.finer);
    curves().querySelector(".what").textContent = texts.norm;
    const [norm, same, other] = curves().querySelectorAll(".key:not(.band)");
    curves().querySelector(".key.band").hidden = walk.band[0] === walk.band[1];  // all latents of a style generator are as long
    norm.textContent = texts.other;
    same.textContent = texts.length.replace("{length}", walk.lengths[0]);
    for (const key of [norm, other]) key.hidden = !walk.lengths[1];  // nothing to compare with
    other.textContent = texts["other length"]?.replace("{length}", walk.lengths[1]) ?? "";
    curves().querySelector(".along-whose").textContent = walk.along;
    show();
    const { board } = await charts;
    if (walk !== mine) return;
    const { low, high, ticks } = walk.scale, band = walk.band, stops = walk.stops.map((stop) => stop * walk.finer);
    const norms = [...walk.norm, ...walk.otherNorm, ...band], [floor, top] = [Math.min(...norms), Math.max(...norms)];
    const air = (top - floor) * 0.12 || 1;
    lanes?.destroy();
    lanes = board({
        x: walk.norm.map((norm, at) => at),
        edges: [-walk.finer / 2, last() + walk.finer / 2],  // a frame of the film is as wide as the way to the next
        drag: "move",
        choose(at) {
            play(false);
            go(at / last());
        },
    });
    const lane = (name, chart) => lanes.add(curves().querySelector(`.lane.${name}`), { inside: true, stops, ...chart });
    lane("belief", { lines: [{ y: walk.value, leans: walk.lean }], range: [low, high], ticks });
    lane("norm", {
        lines: [...dashed(walk.otherNorm), { y: walk.norm, colour: "ink" }],
        range: [floor - air, top + air],
        ticks: [...new Set(band)].map((norm) => [norm, norm.toFixed(1)]),
        band,
    });
    const fastest = Math.max(...walk.speed, ...walk.otherSpeed, 1e-9);
    lane("speed", {
        lines: [...dashed(walk.otherSpeed), { y: walk.speed, colour: "ink" }],
        range: [0, fastest * 1.08],
        ticks: [0, fastest].map((speed) => [speed, speed.toFixed(0)]),
    });
    lanes.choose(index());
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
    if (button.dataset.save) ganDemo.save(button, () => server.walk_file({ ...request, file: button.dataset.save }));
});
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

// Until all frames are here, the first of the film, which may come a moment later.
function before(tries = 20) {
    const first = document.querySelector("#film-stage img");
    if (first) first.decode().then(() => walk || brush.drawImage(first, 0, 0), () => {});
    else if (tries) setTimeout(() => walk || before(tries - 1), 100);
}

function start() {
    let told = null;
    try { told = JSON.parse(props.value); } catch { return; }
    if (!told) return;
    coming = told.texts;
    if (!walk) texts = coming;
    if (!walk) before();
    if (JSON.stringify(told.request) !== JSON.stringify(request)) {
        request = told.request;
        failed = null;
    } else if (request === shown) texts = coming;
    busy();
    load();
}
watch("value", start);
start();
new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting || element.checkVisibility();
    load();
}).observe(element);
