// A canvas to draw a digit on, white ink on black, or black on white where it is light; canvas.py says how a tab uses it.
//
// On both sheets ink is white, but on a picture with a light edge: a light canvas is inverted where it is seen, pasted and
// handed out.
//
// What is drawn is kept as a list of marks (strokes, pictures that were put there, an empty sheet), in units
// of the 28 pixels of a digit. Undoing takes the last one away and draws the rest again. The marks are drawn
// twice: on the visible canvas, and on a small one that is the picture people get.
const DIGIT = 28, SIDE = 112, IN_FLIGHT = 3, KEPT = 400;
const root = element.querySelector(".board"), screen = root.querySelector("canvas");
const small = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
const tile = Object.assign(document.createElement("canvas"), { width: DIGIT, height: DIGIT });
const cursor = root.querySelector(".pen"), width = root.querySelector("input[type=range]");
const sheets = [screen.getContext("2d"), small.getContext("2d", { willReadFrequently: true })];

let marks = [], undone = [];
let tool = "pen", pointer = null, stroke = null, light = false;
let hand = [DIGIT / 2, DIGIT / 2], down = false;  // of those who draw by keyboard
let version = 0, asked = 0, answered = 0, flying = 0, due = 0;
let newest = 0, latest = 0;  // turns of what a person has put here, and of what was drawn, wiped or undone last

const turn = () => globalThis.ganDemo?.turn() ?? 0;  // page.js counts what people ask for, if it is there
const encode = (bytes) => btoa(String.fromCharCode(...bytes));
const inverted = (value) => (light ? 255 - value : value);
const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const tell = (name, detail) => root.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

// Drawing

function wipe() {
    for (const sheet of sheets) {
        sheet.globalCompositeOperation = "source-over";
        sheet.fillStyle = "#000";
        sheet.fillRect(0, 0, sheet.canvas.width, sheet.canvas.height);
    }
}

function paste(pixels) {
    const sheet = tile.getContext("2d"), image = sheet.createImageData(DIGIT, DIGIT);
    pixels.map(inverted).forEach((value, index) => image.data.set([value, value, value, 255], 4 * index));
    sheet.putImageData(image, 0, 0);
    for (const sheet of sheets) {
        sheet.imageSmoothingEnabled = false;
        sheet.drawImage(tile, 0, 0, sheet.canvas.width, sheet.canvas.height);
    }
}

// Whether a picture was put there whose edge is as light as ink, such as a scan: what is drawn on it is dark then.
function onPaper() {
    const pixels = ground()?.pixels;
    if (!pixels || root.dataset.paint) return false;
    const edge = pixels.map(inverted).filter((_, index) => index < DIGIT || index >= DIGIT * (DIGIT - 1) || (index + 1) % DIGIT < 2);
    return edge.sort()[edge.length / 2] > 127;
}

// The part of a stroke from its point `from` on.
function line({ points, width, erase }, from = 0, dark = onPaper()) {
    for (const sheet of sheets) {
        const scale = sheet.canvas.width / DIGIT;
        sheet.strokeStyle = erase === dark ? "#fff" : "#000";
        sheet.lineCap = sheet.lineJoin = "round";
        sheet.lineWidth = width * scale;
        for (let index = from; index < points.length; index++) {
            const [start, end] = [points[Math.max(index - 1, 0)], points[index]];
            sheet.beginPath();
            sheet.moveTo(start[0] * scale, start[1] * scale);
            sheet.lineTo(end[0] * scale + (index ? 0 : 0.01), end[1] * scale);  // a line of no length leaves no dot
            sheet.stroke();
        }
    }
}

// Whether nothing is seen of what lies under a mark: a picture, an empty sheet, the first stroke on an example.
const covers = (mark) => !mark.points || mark.clean;

function redraw() {
    wipe();
    // Whatever lies under the last picture or empty sheet is hidden by it.
    const start = marks.findLastIndex(covers), dark = onPaper();  // now: another picture may have come into its place
    for (const mark of marks.slice(Math.max(start, 0))) {
        if (mark.pixels) paste(mark.pixels);
        else if (mark.points) line(mark, 0, dark);  // of one that begins a clean sheet, too: the sheet is wiped by now
        else wipe();
    }
    changed();
}

function add(mark) {
    marks.push(mark);
    if (marks.length > KEPT) marks.splice(0, 1);
    undone = [];
}

// What people get

const ground = () => marks.findLast(covers);
const untouched = () => marks.at(-1)?.pixels ?? null;

// A picture that was put there and not drawn on is itself, 28x28; a drawing is finer.
function picture() {
    const exact = untouched();
    if (exact) return encode(exact);
    const { data } = sheets[1].getImageData(0, 0, SIDE, SIDE);
    return encode(Array.from({ length: SIDE * SIDE }, (_, index) => inverted(data[4 * index])));
}

function changed() {
    version++;
    root.querySelector("[data-do=undo]").disabled = !marks.length;
    root.querySelector("[data-do=redo]").disabled = !undone.length;
    root.querySelector("[data-do=clear]").disabled = !marks.length || marks.at(-1).empty;
    root.classList.toggle("empty", !marks.length || Boolean(marks.at(-1).empty));
    due ||= requestAnimationFrame(emit);
}

function emit() {
    due = 0;
    if (!root.checkVisibility()) return;  // until somebody looks
    const text = picture(), moving = Boolean(stroke);
    tell("drawn", { picture: text, moving, note: ground()?.note ?? null, touched: !untouched() });
    if (server?.live && props.context) ask(text, moving);
    if (!moving) {
        props.value = text;
        trigger("settled");
    }
}

// A few calls at once, so that a distant server is not slower than a near one; never an older answer after a newer.
async function ask(text, moving) {
    if (flying >= IN_FLIGHT) return;
    const mine = asked = version, number = ++ask.count;
    flying++;
    let answer = null;
    try {
        answer = await server.live([text, { ...props.context, moving }]);
    } catch {
        // The server is gone for the moment: the next movement asks again.
    }
    flying--;
    if (answer && number > answered) {
        answered = number;
        tell("answer", answer);
    }
    if (asked !== version && !due) due = requestAnimationFrame(emit);
    else if (!answer && mine === version) setTimeout(() => mine === version && ask(text, moving), Math.min(300 * 1.2 ** ask.tries++, 3000));
    else ask.tries = 0;
}
ask.count = ask.tries = 0;

// The pen

function begin(point, erase = tool === "eraser") {
    latest = turn();
    const clean = !erase && Boolean(marks.at(-1)?.example);  // who draws on an example wants a digit of their own
    stroke = { points: [point], width: Number(width.value) * (erase ? 1.6 : 1), erase, clean };
    add(stroke);
    if (clean) wipe();
    line(stroke);
    changed();
}
function extend(...points) {
    const from = stroke.points.length;
    stroke.points.push(...points);
    line(stroke, from);
    changed();
}
function end() {
    if (!stroke) return;
    stroke = pointer = null;
    changed();
}

// Where the canvas is, is asked for once a stroke: each time costs a layout of the page.
let box = null;
function place(event) {
    box ??= screen.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * DIGIT, ((event.clientY - box.top) / box.height) * DIGIT];
}
function show(point, seen = true) {
    const size = Number(width.value) * (tool === "eraser" ? 1.6 : 1);
    cursor.style.cssText = `left:${(point[0] / DIGIT) * 100}%;top:${(point[1] / DIGIT) * 100}%;width:${(size / DIGIT) * 100}%`;
    cursor.hidden = !seen;
}

screen.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button > 0) return;
    event.preventDefault();
    screen.focus({ preventScroll: true });
    root.classList.add("pointed");
    pointer = event.pointerId;
    down = false;
    box = null;
    try {
        screen.setPointerCapture(pointer);
    } catch {
        // Lifted already.
    }
    begin(place(event), tool === "eraser" || event.buttons === 32);
});
screen.addEventListener("pointermove", (event) => {
    if (!stroke) box = null;
    if (event.pointerType !== "touch") show(place(event));
    if (event.pointerId !== pointer || !stroke) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    extend(...(passed.length ? passed : [event]).map(place));
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture"])
    screen.addEventListener(name, (event) => event.pointerId === pointer && end());
screen.addEventListener("pointerleave", () => show(hand, false));

// By keyboard: arrows move the pen, space sets it down and lifts it.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
screen.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (ARROWS[event.key] && !command) {
        const step = event.shiftKey ? 3 : 1;
        hand = hand.map((value, axis) => Math.min(Math.max(value + step * ARROWS[event.key][axis], 0), DIGIT));
        if (down) extend(hand);
    } else if ((event.key === " " || event.key === "Enter") && !event.repeat) {
        down = !down;
        if (down) begin(hand);
        else end();
    } else if (command && key === "z") act(event.shiftKey ? "redo" : "undo");
    else if (command && key === "y") act("redo");
    else if (event.key === "Delete" || event.key === "Backspace") act("clear");
    else return;
    event.preventDefault();
    if (!command) {
        root.classList.remove("pointed");
        show(hand);
    }
});
screen.addEventListener("blur", () => {
    root.classList.remove("pointed");
    down = false;
    if (pointer === null) end();
    show(hand, false);
});

// The tools

function act(name) {
    if (stroke) return;
    if (name === "clear" && marks.length && !marks.at(-1).empty) add({ empty: true });
    else if (name === "undo" && marks.length) undone.push(marks.pop());
    else if (name === "redo" && undone.length) marks.push(undone.pop());
    else return;
    latest = turn();
    redraw();
}
function choose(name) {
    tool = name;
    for (const button of root.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === name);
}
root.addEventListener("click", (event) => {
    const { do: what, tool: which } = event.target.closest("button")?.dataset ?? {};
    if (what) act(what);
    if (which) choose(which);
});

// For the tab around it

const api = {
    get context() { return props.context; },
    get picture() { return picture(); },
    get note() { return ground()?.note ?? null; },
    get touched() { return !untouched(); },
    get empty() { return !marks.length; },
    set light(wanted) {
        if (wanted === light) return;
        light = wanted;
        root.classList.toggle("light", light);
        redraw();
    },
    // `turn` of somebody who asked for it by hand.
    put(pixels, note = null, example = false, turn = newest) {
        newest = turn;
        end();
        add({ pixels: decode(pixels), note, example });
        redraw();
    },
    // Another picture in the place of the last one, which is not an act of its own to undo.
    swap(pixels, note) {
        const mark = ground();
        if (!mark?.pixels) return;
        mark.pixels = decode(pixels);
        if (note !== undefined) mark.note = note;
        redraw();
    },
    // What a network sees of it.
    async seen(prepared) {
        return untouched() ?? decode(await server.seen({ picture: picture(), prepared }));
    },
    ask: changed,
    act,
};
root.board = api;
// An answer that comes late is of no interest any more. A picture still is after a stroke, which can be undone.
const isLate = ({ turn }, since = newest) => turn !== null && turn < since;
watch("put", () => props.put && !isLate(props.put) && api.put(props.put.pixels, props.put.note, false, props.put.turn ?? newest));
watch("refused", () => props.refused && !isLate(props.refused, Math.max(newest, latest)) && tell("refused", props.refused.why));
function follow() {
    api.light = Boolean(props.context?.light);
    changed();
}
watch("context", follow);
new IntersectionObserver(([seen]) => seen.isIntersecting && version !== asked && changed()).observe(root);
wipe();
follow();
if (props.put) api.put(props.put.pixels, props.put.note);
