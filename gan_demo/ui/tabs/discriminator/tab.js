// Discriminator: shows what D says of the picture on the canvas (canvas.js), and fills what is around it.
//
// The picture lives on the canvas with its note: where it comes from, and the film of a climb. So undoing brings
// all of it back. Nothing is asked for while nobody sees the tab, because the canvas is silent then.
const STEP_MS = 110, PANEL_MS = 250;
const find = (selector) => element.querySelector(selector);
const board = () => document.querySelector("#judge-canvas .board").board;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const { decode, lean } = ganDemo;
const still = matchMedia("(prefers-reduced-motion: reduce)");

// What is sent is that of each try.
const ask = (name, sent) => ganDemo.ask(() => server[name](sent()));

// What D says, for every movement of the pen

let moving = false, latest = null, looking = false, answered = null;  // what ends the wait for an answer
const looks = find(".headline").textContent, judgesLook = find(".jury").innerHTML;
const asIs = () => [board().picture, board().context];
const inked = () => new Set(decode(board().picture)).size > 1;
// The first digit after an empty sheet takes seconds where nobody has asked before: it is not called nothing meanwhile.
function look() {
    looking = true;
    element.classList.remove("nothing");
    find(".says").classList.remove("failed");
    find(".live").innerHTML = find(".told").textContent = "";
    find(".headline").textContent = looks;
    find(".jury").innerHTML = judgesLook;
}
function show(answer) {
    if (answer.empty && inked()) return look();
    [latest, looking] = [answer, false];
    element.classList.toggle("nothing", Boolean(answer.empty));
    find(".says").classList.toggle("failed", Boolean(answer.error || answer.empty));
    if (answer.error) {
        find(".headline").textContent = "";
        find(".live").innerHTML = '<p class="no-reference"></p>';
        find(".live p").textContent = answer.error;  // which may quote what a link says
        return;
    }
    if (!answer.empty) {
        if (keyOf(answer) !== compared) {
            if (find(".live .no-reference")) find(".live").innerHTML = find(".told").textContent = "";  // no longer true
            return compare(answer);
        }
        find(".likely").innerHTML = answer.lead ? "" : answer.odds;
        charts.forEach(({ chart, of }) => chart.mark(answer[of]));
    }
    find(".headline").textContent = answer.first;
    find(".spoken").innerHTML = answer.lead && answer.lead + answer.odds;
    element.classList.toggle("two", Boolean(answer.lead));
    find(".live").innerHTML = answer.says;
    find(".seen img").src = answer.seen;
    lean(find(".seen span"), answer.leaning);
    slopes(decode(answer.pixels), new Int8Array(decode(answer.slopes).buffer));
    if (!moving) find(".told").textContent = answer.told;
}

// What its numbers are compared with: the same for all pictures of a model, so it comes once, before the first answer is
// shown, and nothing moves when its chart is drawn.
const spreads = ganDemo.charts("spread.js");
const keyOf = ({ model, compared }) => `${model} ${compared}`;
let compared = null, comparing = null, charts = [];
async function compare(judged) {
    const { model } = judged, key = keyOf(judged);
    if (comparing === key) return;
    comparing = key;
    const answer = await ask("compared", () => [null, { model }]);
    if (comparing !== key) return;
    [compared, comparing] = [key, null];
    charts.forEach(({ chart }) => chart.destroy());
    charts = [];
    find(".reference").innerHTML = answer?.html ?? "";
    find(".reference-of-best").innerHTML = answer?.best ?? "";
    element.classList.toggle("two", Boolean(answer?.best));  // a chart is drawn where it has room
    show(latest);
    const { spread } = await spreads;
    if (compared !== key) return;
    for (const [place, of] of [[".reference", "raw"], [".reference-of-best", "best"]]) {
        const box = find(`${place} .spread`);
        if (box) charts.push({ chart: spread(box), of });
    }
    if (keyOf(latest) === key) charts.forEach(({ chart, of }) => chart.mark(latest[of]));
}

// The picture in dark grey, and over it the colours of real and fake: the stronger, the more the pixel matters.
let colours = null;
function slopes(pixels, slope) {
    colours ??= ["--up", "--down"].map((name) =>
        getComputedStyle(find(".slopes")).getPropertyValue(name).match(/\w\w/g).map((hex) => parseInt(hex, 16)));
    const [up, down] = colours;
    const sheet = find(".slopes canvas").getContext("2d"), image = sheet.createImageData(28, 28);
    pixels.forEach((value, index) => {
        const colour = slope[index] > 0 ? up : down, share = Math.abs(slope[index] / 127) ** 1.2;
        const mixed = colour.map((part) => value * 0.42 * (1 - share) + part * share);
        image.data.set([...mixed, 255], 4 * index);
    });
    sheet.putImageData(image, 0, 0);
}

// Where the picture comes from

let noted = null, linked = null;
const original = ganDemo.brought(find(".brought"), board, "drop-zone");
function describe({ note, touched }) {
    const source = find(".source");
    if (!note) source.textContent = source.dataset.drawing;
    else source.textContent = touched ? `${note.source} · ${source.dataset.changed}` : note.source;
    find(".card").hidden = touched;
    if (note !== noted) {
        find(".card").innerHTML = note?.card ?? "";
        noted = note;
    }
    original.show({ note, touched });
    film(touched ? null : note);
    const address = touched ? "" : note?.address ?? "";
    if (started && address !== linked) ganDemo.remember([["judged", ""]], [(linked = address)]);
    if (!moving) write();
    // What was brought as a picture has been made into 28x28 pixels in both ways.
    const { kind } = board().context;
    if (note?.plain && note.shown !== kind) {
        note.shown = kind;
        board().swap(note[kind]);
    }
}

// A picture that was refused: what D says of the digit on the canvas is not shown as if it were of that picture, until
// somebody draws, undoes, brings another, or asks for it.

let refused = null;
function refuse(why) {
    const { picture, note } = board();
    refused = why === null ? null : { picture, note };
    find(".refusal").hidden = why === null;
    find(".refusal p").textContent = why ?? "";
    element.classList.toggle("refused", why !== null);
    write();
}

// A drawing in the link: its 28x28 pixels as D sees them.
function write() {
    const sheet = board(), elsewhere = refused || (!sheet.touched && sheet.note?.address);
    if (started) ganDemo.keep("ink", elsewhere ? Promise.resolve([]) : sheet.seen(sheet.context.kind === "prepared"));
}

// The panel of judges: while the pen moves, only where somebody sees it, because all models are asked.

let consulting = false, stale = false, inSight = false;
new IntersectionObserver((seen) => { inSight = seen.at(-1).isIntersecting; }).observe(find(".judges"));
async function consult() {
    stale = true;
    if (consulting) return;
    consulting = true;
    while (stale) {
        stale = false;
        const over = ganDemo.wait([find(".jury")]), answer = await ask("panel", asIs);
        over();
        if (answer?.empty && inked()) continue;  // a digit has come meanwhile, and is asked about
        if (answer?.html) find(".jury").innerHTML = answer.html;
        else if (answer) find(".jury").textContent = answer.error;
        await pause(PANEL_MS);
    }
    consulting = false;
}

// The examples

let examples = [], examplesOf = null, seed = null, started = false;
async function stock() {
    const { model } = board().context;
    examplesOf = model;
    const judged = started ? null : new URLSearchParams(ganDemo.asked).get("judged");
    let answer = await ask("examples", () => [seed, { model, judged }]);
    if (answer?.error && judged) {
        find(".problem").textContent = answer.error;
        answer = await ask("examples", () => [seed, { model }]);
    }
    if (examplesOf !== model) return;
    if (!Array.isArray(answer)) return void (examplesOf = null);  // until something is drawn
    examples = answer;
    find(".examples").innerHTML = examples
        .map(({ picture, label, note }, index) => `<button type="button" data-example="${index}" title="${note.source}">${picture}<span>${label}</span></button>`)
        .join("");
    if (started) return;
    const brought = await ganDemo.kept("ink");
    started = true;
    if (brought === false) find(".problem").textContent = find(".source").dataset.torn;
    if (!board().empty) return;
    if (brought) board().put(brought, { source: find(".source").dataset.linked, card: "", original: "", address: "" });
    else take(Math.max(0, examples.findIndex(({ note }) => note.address)));  // the model's own: a link names it
}
// Each time a note of its own: two pictures on the canvas may become different.
const take = (index, turn) => board().put(examples[index].pixels, { ...examples[index].note }, true, turn);

// More convincing

let climbing = false, filmed = null;
async function climb() {
    if (climbing) return;
    climbing = true;
    const button = find("[data-climb]"), problem = find(".problem");
    button.disabled = true;
    problem.textContent = "";
    const sheet = board(), sent = asIs(), answer = await ask("climb", () => sent);
    const past = sheet.picture !== sent[0] || sheet.context.model !== sent[1].model;  // something else is there by now
    if (answer?.error && !past) problem.textContent = answer.error;
    else if (answer && !past) {
        const last = answer.film.length - 1, note = { ...answer, card: "" };
        for (let step = still.matches ? last : 1, mine = null; step <= last; step++) {
            // Somebody draws on it, has undone it, or looks at another step.
            if (mine && (sheet.touched || sheet.note !== mine)) break;
            const action = mine ? "swap" : "put";
            mine = { ...note, step };
            sheet[action](answer.film[step].pixels, mine);
            await pause(STEP_MS);
        }
    }
    button.disabled = false;
    climbing = false;
}

function film(note) {
    const shown = note?.film && note.model === board().context.model ? note : null;
    find(".film-of-climb").hidden = !shown;
    if (!shown) return;
    const steps = find(".steps");
    if (filmed !== shown.film) {
        filmed = shown.film;
        steps.innerHTML = filmed
            .map(({ picture, number, others }, step) => `<button type="button" data-step="${step}"><span>${picture}</span><small>${number}</small>${others.map((said) => `<i>${said}</i>`).join("")}</button>`)
            .join("");
        filmed.forEach(({ leaning }, step) => lean(steps.children[step].firstChild, leaning));
    }
    [...steps.children].forEach((button, step) => button.setAttribute("aria-current", step === shown.step));
}

element.addEventListener("click", ({ target }) => {
    const { example, step, more, climb: up, undo, judge } = target.closest("button")?.dataset ?? {};
    if (example) take(Number(example), ganDemo.turn());
    if (up !== undefined) climb();
    if (undo !== undefined) board().act("undo");
    if (judge !== undefined) refuse(null);
    if (step) board().swap(filmed[step].pixels, { ...board().note, step: Number(step) });
    if (more !== undefined) {
        seed = ganDemo.roll();
        stock();
    }
});
document.addEventListener("drawn", ({ target, detail }) => {
    if (!target.closest("#judge-canvas") || !board().context) return;
    moving = detail.moving;
    if (refused && (detail.picture !== refused.picture || detail.note !== refused.note)) refuse(null);
    if (board().context.model !== examplesOf) stock();
    if (detail.touched) find(".problem").textContent = "";
    if (latest?.empty && !looking && inked()) look();
    if (latest && !looking) answered ??= ganDemo.wait([find(".says"), find(".looks")]);
    describe(detail);
});
document.addEventListener("answer", ({ target, detail }) => {
    if (!target.closest("#judge-canvas")) return;
    answered?.();
    answered = null;
    show(detail);
    if (inSight || !moving) consult();
});
document.addEventListener("refused", ({ target, detail }) => {
    if (target.closest("#judge-canvas")) refuse(detail);
});
