// Directions: the board of sliders. Its state lives here, and in the link; the server draws what it says. The markup
// is from tab.py, with what the model has in data-board.
//
// One question is on its way at a time, and the next one asks for the state of then: a slider never waits in a queue.
// Gradio makes the old markup into the new one in place when another model comes: what listens, listens on `element`.
const SIDE = 28, WALK_MS = 70, WALK_KEEPS = 0.97, WALK_WIDTH = 0.9;
const SLOTS = ["start", "minus", "plus", "these", "those"], SETS = ["these", "those"];
const find = (selector) => element.querySelector(selector), findAll = (selector) => [...element.querySelectorAll(selector)];
const copy = (value) => JSON.parse(JSON.stringify(value));
const tidy = (value) => Math.round(value * 1e4) / 1e4;

let board = null, state = null;
let good = null;  // the last state that the server could draw
let answer = null, faces = {}, armed = "start";
let touched = null;  // where the last change was made, if it was a slot: { slot, typed }
let busy = false, again = false, walking = 0, visible = false;

const fresh = () => ({ start: board.start, minus: "", plus: "", move: {}, still: true, these: [], those: [], sweep: board.sweep, space: "z" });
const moved = () => Object.entries(state.move).map(([name, amount]) => `${name}:${amount}`).join(",");
const known = (name) => name in board.notes[state.space] || name === "own" || (name[0] === state.space && /^.\d+$/.test(name) && Number(name.slice(1)) < board.size);

// The link

function tellLink() {
    ganDemo.remember(
        [["start", board.start], ["minus", ""], ["plus", ""], ["move", ""], ["loose", ""], ["these", ""], ["those", ""], ["sweep", board.sweep], ["space", "z"]],
        [state.start, state.minus, state.plus, moved(), state.still ? "" : "1", state.these.join(","), state.those.join(","), state.sweep, state.space],
    );
}
function fromLink() {
    const asked = new URLSearchParams(ganDemo.asked), text = (name) => asked.get(name) ?? "";
    const list = (name) => text(name).split(",").filter(Boolean);
    const found = { ...fresh(), minus: text("minus"), plus: text("plus"), still: text("loose") !== "1", these: list("these"), those: list("those") };
    if (text("start")) found.start = text("start");
    if (text("sweep")) found.sweep = text("sweep");
    if (text("space")) found.space = text("space");
    for (const part of list("move")) {
        const [name, amount] = part.split(":");
        if (amount !== undefined && Number.isFinite(Number(amount))) found.move[name] = Number(amount);
    }
    return found;
}

// Asking

const places = () => [state.start, state.minus, state.plus, ...state.these, ...state.those].filter(Boolean);

async function ask() {
    if (!board || !visible) return;
    again = busy;
    if (busy) return;
    busy = true;
    do {
        again = false;
        const mine = board, sent = copy(state), missing = [...new Set(places())].filter((place) => !(place in faces));
        const answered = ganDemo.wait([find(".now"), find(".strip")]);
        const got = await ganDemo.ask(() => server.move({ model: mine.model, ...sent, faces: missing }));
        answered();
        if (mine !== board) {
            again = true;
        } else if (got.error) {
            trouble(got.error);
            stop();
            if (!again) {  // nobody has gone on meanwhile: back to what could be drawn
                again = !good;
                state = good ? copy(good) : fresh();
                good ??= copy(state);
                if (touched?.typed && !again) [armed, find("[data-add]").value] = [touched.slot, touched.typed];  // to be mended
                sync();
            }
        } else {
            answer = got;
            good = sent;
            Object.assign(faces, got.faces);
            if (state.start === sent.start && got.edit.start !== sent.start) {  // as it is written in full
                if (sent.start in faces) faces[got.edit.start] = faces[sent.start];
                state.start = good.start = got.edit.start;
            }
            show();
        }
    } while (again);
    busy = false;
}

function changed(where = null) {
    touched = where;
    trouble("");
    sync();
    if (!walking) tellLink();
    ask();
}
// Beside what was changed last, and in view.
function trouble(text) {
    const place = !touched ? ".desk >" : SETS.includes(touched.slot) ? ".own" : ".arithmetic";
    for (const line of findAll(".wrong")) {
        const here = Boolean(text) && line === find(`${place} .wrong`);
        line.classList.toggle("trouble", here);
        line.textContent = here ? text : "";
        line.hidden = !here;
        if (here && touched) line.scrollIntoView({ block: "nearest" });
    }
}

// Showing

function paint(canvas, coded) {
    canvas.width = canvas.height = SIDE;
    const brush = canvas.getContext("2d"), image = brush.createImageData(SIDE, SIDE);
    ganDemo.decode(coded).forEach((grey, index) => image.data.set([grey, grey, grey, 255], 4 * index));
    brush.putImageData(image, 0, 0);
}
const made = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
};

function show() {
    const canvas = find(".now canvas");
    paint(canvas, answer.picture);
    canvas.setAttribute("aria-label", `${answer.seen} · ${answer.verdict}, ${answer.number}`);
    ganDemo.lean(find(".now figure > span"), answer.lean);
    find(".belief b").textContent = answer.number;
    find(".belief span").textContent = answer.verdict;
    find(".seen-as").textContent = answer.seen;
    find(".figures").replaceChildren(...answer.table.map(([name, value]) => made("div", {}, made("dt", { textContent: name }), made("dd", { textContent: value }))));
    showAddress(answer.address);
    if (answer.address) document.dispatchEvent(new CustomEvent("board-shown", { detail: answer.address }));  // units.js
    showFrames();
    showCoordinates();
    sync();
}
// Of the digit that is shown, wherever the sliders are by now. A latent of too many numbers has none.
function showAddress(address) {
    find(".now .address").hidden = !address;
    find(".now code").textContent = find(".now code").title = address;
    find(".now [data-copy]").dataset.copy = find(".now [data-pin]").dataset.pin = address;
}
function showFrames() {
    const strip = find(".strip"), box = find(".frames");
    strip.hidden = !answer.frames.length;
    if (box.children.length !== answer.frames.length)
        box.replaceChildren(...answer.frames.map(() => made("button", {}, made("span", {}, made("canvas")), made("b"))));
    answer.frames.forEach((frame, index) => {
        const cell = box.children[index], signed = frame.amount > 0 ? `+${frame.amount}` : String(frame.amount).replace("-", "−");
        paint(cell.querySelector("canvas"), frame.picture);
        ganDemo.lean(cell.querySelector("span"), frame.lean);
        cell.querySelector("b").textContent = signed;
        cell.dataset.go = frame.amount;
        cell.title = `${signed} · ${frame.verdict}, ${frame.number}`;
        cell.setAttribute("aria-label", cell.title);
    });
}
function showCoordinates() {
    const box = find(".coordinates");
    if (!box || !find(".raw").open) return;
    if (box.children.length !== answer.point.length || box.dataset.of !== answer.space) {
        box.dataset.of = answer.space;
        box.replaceChildren(...answer.point.map((_, index) => {
            const label = `${answer.space}${index}`, slider = made("input", { type: "range", min: -4, max: 4, step: 0.01 });
            const number = made("input", { type: "number", step: 0.1 });
            for (const input of [slider, number]) input.setAttribute("aria-label", label);
            const cell = made("div", {}, made("span", { textContent: label }), slider, number);
            cell.dataset.coordinate = index;
            return cell;
        }));
    }
    answer.point.forEach((value, index) => {
        const [slider, number] = box.children[index].querySelectorAll("input");
        if (slider !== document.activeElement || walking) slider.value = value;
        if (number !== document.activeElement) number.value = value.toFixed(2);
        box.children[index].toggleAttribute("data-moved", `${answer.space}${index}` in state.move);
    });
}

// The controls say what the state is, but for the field that somebody is typing into.
function sync() {
    if (!board) return;
    const typing = document.activeElement, fields = findAll(".direction"), notes = board.notes[state.space], labels = board.labels[state.space];
    find(".rest").parentElement.dataset.space = state.space;
    for (const button of findAll("button[data-space]")) button.setAttribute("aria-pressed", button.dataset.space === state.space);
    for (const row of fields) {
        const { name } = row.dataset, amount = state.move[name] ?? 0, [slider, number] = row.querySelectorAll("input");
        slider.value = amount;
        if (number !== typing || Number(number.value) !== amount) number.value = tidy(amount);
        row.toggleAttribute("data-moved", amount !== 0);
        row.toggleAttribute("data-swept", name === state.sweep);
        const [note, more] = notes[name]?.[state.still ? 1 : 0] ?? ["", ""];
        if (name in labels) {  // a component moves something else mostly in another space
            row.querySelector("label").textContent = number.ariaLabel = labels[name];
            const sweep = row.querySelector(".sweep");
            sweep.title = sweep.ariaLabel = board.words.sweep.replace("{name}", labels[name]);
        }
        row.querySelector("small").textContent = note;
        row.title = more;
        slider.setAttribute("aria-valuetext", `${tidy(amount)} (${note})`);
        row.hidden = name === "own" ? !state.these.length && !state.those.length : !(name in notes);
        if (name === state.sweep) find(".strip h3").textContent = board.words["sweep of"].replace("{name}", row.querySelector("label").textContent);
    }
    const start = find("[data-start]"), keep = find("[data-still]");
    if (start !== typing) start.value = state.start;
    if (keep) keep.checked = state.still;
    find("[data-act=walk]").textContent = board.words[walking ? "stop walk" : "random walk"];
    find("[data-act=reset]").disabled = !Object.keys(state.move).length && !state.minus && !state.plus;
    const digit = state.start.match(/:d(\d+)$/)?.[1];
    for (const button of findAll("[data-digit]")) button.setAttribute("aria-pressed", button.dataset.digit === digit);
    for (const slot of SLOTS) {
        const box = find(`[data-slot=${slot}]`), held = [state[slot]].flat().filter(Boolean), shown = box.querySelector(".faces");
        box.toggleAttribute("data-armed", slot === armed);
        box.querySelector("[data-arm]").setAttribute("aria-pressed", slot === armed);
        shown.replaceChildren(...held.map((place) => {
            const canvas = made("canvas"), face = made("button", { className: "face", title: place }, canvas);
            face.dataset.place = place;
            if (slot !== "start") face.title = board.words["remove it"].replace("{address}", place);
            face.setAttribute("aria-label", face.title);
            if (place in faces) paint(canvas, faces[place]);
            return face;
        }));
    }
}

// Changing

function set(name, amount) {
    if (!Number.isFinite(amount)) return;
    amount = tidy(Math.min(Math.max(amount, -20), 20));
    if (amount) state.move[name] = amount;
    else delete state.move[name];
}
function put(slot, place, typed = "") {
    if (SETS.includes(slot)) {
        if (!state[slot].includes(place)) state[slot].push(place);
        if (!state.move.own) set("own", 2);
        state.sweep = "own";
    } else {
        state[slot] = place;
        // Who types A, B and C one after the other fills all three; a click on a pinned digit may try several for A.
        if (slot === "minus") armed = "plus";
        else if (slot === "start" && typed) armed = "minus";
    }
    changed({ slot, typed });
}
function drop(slot, place) {
    if (SETS.includes(slot)) state[slot] = state[slot].filter((one) => one !== place);
    else state[slot] = "";
    if (!state.these.length && !state.those.length) {
        delete state.move.own;
        if (state.sweep === "own") state.sweep = board.sweep;
    }
    changed({ slot, typed: "" });
}

// A random walk that stays near the middle: the next amounts are the last ones, a little shrunk, and noise.
function walk() {
    if (!element.checkVisibility() || document.hidden) return stop();
    if (busy) return;
    const named = board.walk.filter(known), names = named.length ? named : Array.from({ length: board.size }, (_, index) => `${state.space}${index}`);
    for (const name of names) {
        const noise = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());  // Box and Muller
        set(name, WALK_KEEPS * (state.move[name] ?? 0) + Math.sqrt(1 - WALK_KEEPS ** 2) * WALK_WIDTH * noise);
    }
    changed();
}
function stop() {
    if (!walking) return;
    clearInterval(walking);
    walking = 0;
    tellLink();
    sync();
}

const acts = {
    walk() {
        if (walking) return stop();
        walking = setInterval(walk, WALK_MS);
        walk();
    },
    reset() {
        stop();
        Object.assign(state, { move: {}, minus: "", plus: "" });
        changed();
    },
    dice() {
        stop();
        const digit = state.start.match(/:d\d+$/)?.[0] ?? "";
        state.start = `${board.model}:${ganDemo.roll()}:0${digit}`;
        changed();
    },
};

// Events

element.addEventListener("input", (event) => {
    const { target } = event, row = target.closest(".direction"), cell = target.closest("[data-coordinate]");
    if (row) {
        if (target.value === "") return;
        stop();
        set(row.dataset.name, Number(target.value));
        changed();
    } else if (cell && answer) {
        const index = Number(cell.dataset.coordinate), name = `${answer.space}${index}`;
        if (target.value === "") return;
        stop();
        set(name, Number(target.value) - (answer.point[index] - ((good ?? state).move[name] ?? 0)));
        for (const other of cell.querySelectorAll("input")) if (other !== target) other.value = target.value;
        changed();
    } else if (target.matches("[data-still]")) {
        state.still = target.checked;
        changed();
    }
});
element.addEventListener("change", (event) => {
    if (!event.target.matches("[data-start]") || !event.target.value.trim()) return;
    state.start = event.target.value.trim();
    changed();
});
element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.target.matches("[data-start]")) event.target.blur();
    if (event.target.matches("[data-add]") && event.target.value.trim()) {
        const typed = event.target.value.trim();
        event.target.value = "";
        put(armed, typed, typed);
    }
});
element.addEventListener("dblclick", (event) => {
    const row = event.target.matches("input[type=range]") && event.target.closest(".direction");
    if (!row) return;
    set(row.dataset.name, 0);
    changed();
});
element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !state) return;
    const slot = button.closest("[data-slot]")?.dataset.slot, row = button.closest(".direction");
    if (button.dataset.act) {
        acts[button.dataset.act]();
    } else if ("go" in button.dataset) {
        stop();
        set(state.sweep, Number(button.dataset.go));
        changed();
    } else if (button.dataset.space) {
        state.space = button.dataset.space;
        forget();
        changed();
    } else if (button.dataset.digit) {
        state.start = state.start.replace(/(:d\d+)?$/, `:d${button.dataset.digit}`);
        changed();
    } else if (row && button.matches(".sweep")) {
        state.sweep = row.dataset.name;
        changed();
    } else if (slot && (button.matches("[data-arm]") || slot === "start")) {
        armed = slot;
        sync();
    } else if (slot) {
        drop(slot, button.dataset.place);
    }
});
// A pinned digit goes into the slot that was chosen last.
document.addEventListener("click", (event) => {
    const pinned = event.target.closest?.("[data-use]");
    if (pinned && state && element.checkVisibility()) put(armed, pinned.dataset.use);
});
element.addEventListener("toggle", () => { if (answer) showCoordinates(); }, true);

// Start, and start again with another model.

// What the space, or another model, does not have.
function forget() {
    if (!board.spaces.includes(state.space)) state.space = "z";
    for (const name of Object.keys(state.move)) if (!known(name)) delete state.move[name];
    if (!known(state.sweep)) state.sweep = board.sweep;
}
function start() {
    const holder = find("[data-board]");
    if (!holder) return;
    const before = state;
    stop();
    board = JSON.parse(holder.dataset.board);
    [faces, answer, good] = [{}, null, null];
    state = before ?? fromLink();
    forget();
    // The markup is the new model's; digits are asked for by their ending only where they can be.
    if (before && !/:d\d+$/.test(board.start)) state.start = state.start.replace(/:d\d+$/, "");
    if (before && /:d\d+$/.test(board.start) && !/:d\d+$/.test(state.start)) state.start += ":d0";
    if (before) state.start = state.start.replace(/^.*?(?=:(\d+:[\dx]|[LwW]))/, board.model);
    changed();
}
watch("value", start);
start();
new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting;
    if (visible && !answer) ask();
}).observe(element);
