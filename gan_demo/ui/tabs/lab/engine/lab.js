// The lab as a person uses it: buttons, numbers, curve and canvas around the worker that plays the game.

import { curve } from "./curves.js";
import { OBJECTIVES } from "./game.js";
import { lessons } from "./lessons.js";
import * as links from "./link.js";
import { LINE_GRID } from "./truth.js";
import * as view from "./view.js";

// What the page opens with, and what a choice of a place or a penalty brings along.
const OPENING = { place: "plane", data: "ring", objective: "non-saturating", penalty: "r1", field: "d", arrows: "none", lattice: false, curve: "js", spectral: false, rate: "0", label: "0" };
const RATES = { lr_d: 0.01, lr_g: 0.005, d_steps: 1, penalty_weight: 0.1, beta1: 0, batch_size: 128, seed: 1 };
const SIZES = { g_layers: 2, g_width: 32, d_layers: 2, d_width: 32 };
const USUAL = { ...OPENING, ...RATES, ...SIZES };
const WEIGHTS = { none: 0, clip: 0.1, gradient: 1, dragan: 1, r1: 0.1, r2: 0.1, "r1+r2": 0.1 };
// What only changes what is seen, what the game goes on with, and what begins a new one is the rest.
const LOOKS = ["field", "arrows", "lattice", "label", "curve"];
const LIVE = ["lr_d", "lr_g", "d_steps", "penalty_weight", "beta1", "objective", "penalty"];
const NUMBERS_MS = 100;  // nobody reads sixty numbers a second
const DRAWN_MOST = 400;  // numbers, two a point
const STEP = 0.1, FAR = 0.5;  // how far an arrow key moves the cross that draws; with Shift

// `root`: the lab's element; `words`: what the scripts say; `server`: what the page's server answers.
export function start(root, words, server) {
    const find = (selector) => root.querySelector(selector), all = (selector) => [...root.querySelectorAll(selector)];
    const fill = (text, values) => text.replace(/\{([\w-]+)\}/g, (whole, name) => values[name] ?? whole);
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    const send = (what, more = {}) => worker.postMessage({ do: what, ...more });

    let chosen = { ...USUAL }, running = false, seen = true, changed = false;  // changed: other settings since the game began
    const waiting = [];  // frames to be drawn, one at a time, while the game runs
    let frame = null, truth = null, points = null, extra = {}, drawing = null, cross = null, dirty = false, told = 0;
    const canvas = find("canvas.lab-stage"), phases = find(".phases"), draw = curve(find(".curve .plot"));

    // The game

    const widths = (of) => Array(chosen[`${of}_layers`]).fill(chosen[`${of}_width`]);
    const settings = () => ({
        ...Object.fromEntries(Object.keys(RATES).map((name) => [name, chosen[name]])),
        g_widths: widths("g"),
        d_widths: widths("d"),
        objective: chosen.objective,
        penalty: chosen.penalty,
        discriminator_norm: chosen.spectral ? "spectral" : "none",
        ...extra,
    });
    const byHand = () => chosen.data === "own" && chosen.place === "plane";
    const data = () => (chosen.data === "own" ? { points: points ?? [-1, 0, 0, 1, 1, 0] } : { name: chosen.data });
    function reset(moves = []) {
        run(false);
        tellPhases(false);
        changed = false;
        truth = frame = null;
        waiting.length = 0;
        send("show", { show: shows() });
        send("reset", { place: chosen.place, settings: settings(), data: data(), moves });
        tellLegend();
        link();
    }
    const shows = () => ({ lattice: chosen.lattice, arrows: chosen.arrows !== "none", slopes: chosen.field === "slope", label: Number(chosen.label) });
    function run(on) {
        if (running === on) return;
        running = on;
        find("[data-do=run]").textContent = on ? words.pause : words.run;
        find("[data-do=run]").setAttribute("aria-pressed", on);
        delete root.dataset.rests;
        send(on && seen ? "run" : "pause");
    }
    // What slow motion says is of the iteration that is shown: it goes when something else is done.
    function tellPhases(on) {
        phases.hidden = !on;
        if (!on) phases.replaceChildren();
    }
    function tellLegend() {
        const name = cross ? "draw keys" : extra.conditional ? "legend label" : `legend ${chosen.place}`;
        const parts = [words[name], byHand() && !cross && words["draw here"]].filter(Boolean).join("<br>");
        const marks = { "●": '<i class="real">●</i>', "■": '<i class="fake">■</i>' };
        const [x, y] = (cross ?? []).map((one) => one.toFixed(1).replace("-", "−"));
        find(".lab-legend").innerHTML = fill(parts, { label: Number(chosen.label) + 1, x, y, count: (drawing?.length ?? 0) / 2 }).replace(/[●■]/g, (mark) => marks[mark]);
    }

    // In the address: the name of a lesson, or a game (link.js). After a change of settings halfway nobody can play it again.
    function link() {
        const moves = changed || running ? [] : frame?.moves ?? [];
        const text = lesson.name || links.write(chosen, USUAL, moves, byHand() ? points : null, view.REACH);
        ganDemo.remember([["lab", null]], [text]);
    }
    function allowed(name, text, { place }) {
        const field = find(`[data-set="${name}"]${name === "data" ? `[data-of="${place}"]` : ""}`);
        if (!field) return undefined;
        if (field.type === "checkbox") return text === "1";
        const number = Number(text);
        if (field.type === "number") {
            const fits = number >= Number(field.min) && number <= Number(field.max) && (field.step % 1 || number % 1 === 0);
            return fits ? number : undefined;
        }
        return [...field.options].some((option) => option.value === text) ? text : undefined;
    }

    // Controls

    const logit = () => OBJECTIVES[chosen.objective].logit === true;
    function showChosen() {
        for (const field of all("[data-set]")) {
            const name = field.dataset.set;
            if (name === "data") field.hidden = field.dataset.of !== chosen.place;
            if (field.type === "checkbox") field.checked = chosen[name];
            else if (name !== "data" || !field.hidden) field.value = chosen[name];
        }
        const plane = chosen.place === "plane", hide = (name, on) => { find(`[data-set=${name}]`).closest("label").hidden = on; };
        for (const name of ["field", "arrows", "lattice"]) hide(name, !plane || Boolean(extra.conditional));
        hide("label", !extra.conditional);
        find("[data-measure=w1] dt").textContent = plane ? words["w1 plane"] : words.w1;
        find("[data-measure=w1] dd").dataset.sign = plane ? "≈" : "=";
        canvas.classList.toggle("on-line", !plane);
        canvas.classList.toggle("by-hand", byHand());
        canvas.setAttribute("aria-label", plane ? words.stage : words["stage line"]);
        const curve = chosen.curve === "js" && !logit() ? "js alone" : chosen.curve;
        find(".curve .caption").innerHTML = view.keyed(words[`curve ${curve} told`]);
        tellLegend();
    }
    function choose(name, value) {
        const before = logit();
        chosen[name] = value;
        if (name === "place") chosen.data = value === "line" ? "gaussian" : "ring";
        if (name === "penalty") chosen.penalty_weight = WEIGHTS[value];
        if (name === "objective" && before !== logit() && ["js", "w1"].includes(chosen.curve)) chosen.curve = before ? "w1" : "js";
        if (name === "rate") send("rate", { rate: Number(value) });
        else if (LOOKS.includes(name)) {
            send("show", { show: shows() });
            if (name === "curve") drawCurve(true);
        } else if (LIVE.includes(name) && frame?.step) {  // the game goes on with it, as in train.py nobody can
            changed = true;
            send("change", { settings: settings() });
        } else {
            extra = {};
            reset();
        }
        showChosen();
    }
    root.addEventListener("change", ({ target }) => {
        const name = target.dataset?.set;
        if (!name) return;
        if (target.type === "checkbox") choose(name, target.checked);
        else if (target.type !== "number") choose(name, target.value);
        else if (target.checkValidity()) choose(name, Number(target.value));
        else target.value = chosen[name];
    });

    const DO = {
        run: () => run(!running),
        iteration: () => send("iterate"),
        step_d: () => send("iterate", { g: false }),
        step_g: () => send("iterate", { d: false }),
        best_d: () => send("best"),
        slow: () => send("phase"),
        again: () => reset(),
    };
    function act(does) {
        if (does !== "run") run(false);
        tellPhases(does === "slow");
        DO[does]();
    }
    root.addEventListener("click", ({ target }) => {
        const does = target.closest("[data-do]")?.dataset.do, name = target.closest("[data-lesson]")?.dataset.lesson;
        if (does) act(does);
        if (name !== undefined) lesson.open(name);
    });
    canvas.addEventListener("keydown", (event) => {
        if (byHand() && drawWith(event)) {
            event.preventDefault();
            event.stopPropagation();
            return;
        }
        const does = { " ": "run", Enter: "iteration", d: "step_d", g: "step_g", b: "best_d", s: "slow", r: "again" }[event.key];
        if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        act(does);
    });
    const slider = find(".rewind input"), output = find(".rewind output");
    slider.addEventListener("input", () => {
        run(false);
        tellPhases(false);
        output.textContent = slider.value;
        send("scrub", { step: Number(slider.value) });
    });

    // Data drawn by hand

    const place = (event) => {
        const box = canvas.getBoundingClientRect(), of = (share) => view.REACH * (2 * share - 1);
        return [of((event.clientX - box.left) / box.width), -of((event.clientY - box.top) / box.height)].map((x) => links.snap(x, view.REACH));
    };
    canvas.addEventListener("pointerdown", (event) => {
        if (!byHand()) return;
        event.preventDefault();
        canvas.setPointerCapture(event.pointerId);
        run(false);
        tellPhases(false);
        cross = null;
        drawing = place(event);
        repaint();
    });
    canvas.addEventListener("pointermove", (event) => {
        if (!drawing || cross || drawing.length >= DRAWN_MOST) return;
        const [x, y] = place(event);
        if (Math.hypot(x - drawing.at(-2), y - drawing.at(-1)) > 0.08) drawing.push(x, y);
        repaint();
    });
    function endDrawing() {
        if (!drawing) return;
        points = drawing.length ? drawing : null;
        drawing = cross = null;
        reset();
    }
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => cross || endDrawing());
    canvas.addEventListener("blur", () => cross && endDrawing());
    // An arrow begins; it goes on with the points that are there. Whether the key belongs to the drawing.
    function drawWith({ key, shiftKey, ctrlKey, metaKey, altKey }) {
        const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
        if (ctrlKey || metaKey || altKey || (!cross && !way) || (drawing && !cross)) return false;
        if (!cross) {
            run(false);
            tellPhases(false);
            [cross, drawing] = [[0, 0], points ?? []];
        }
        if (way) cross = cross.map((x, i) => Math.min(Math.max(Math.round(10 * (x + way[i] * (shiftKey ? FAR : STEP))) / 10, -view.REACH), view.REACH));
        else if (key === " " || key === "Enter") {
            if (drawing.length < DRAWN_MOST) drawing = [...drawing, ...cross.map((x) => links.snap(x, view.REACH))];
        } else if (key === "Backspace") drawing = drawing.slice(0, -2);
        else if (key === "Escape") endDrawing();
        else return key.length === 1;  // no step is taken meanwhile
        tellLegend();
        repaint();
        return true;
    }

    // What the worker says

    const written = (value) => {
        if (value === undefined || value === null || Number.isNaN(value)) return "–";
        if (Math.abs(value) > 100) return words.large;
        return value.toFixed(3).replace(/^-(?=0\.0*$)/, "").replace("-", "−");
    };
    const rows = Object.fromEntries(all("[data-measure]").map((row) => [row.dataset.measure, { row, value: row.querySelector("dd") }]));
    const measure = (name, text) => {
        const { row, value } = rows[name];
        row.hidden = text === undefined;
        if (text === undefined || value.textContent === text) return;
        value.textContent = text;
        value.toggleAttribute("data-bare", text === "–" || text === words.large);  // no sign goes before these
    };
    function tellTruth() {
        for (const name of ["js", "kl", "reverse", "w1", "slope"]) measure(name, truth[name] === undefined ? undefined : written(truth[name]));
        measure("value", truth.value === undefined ? undefined : written(truth.value));
        measure("bound", truth.value === undefined ? undefined : written((truth.value + Math.log(4)) / 2));
        const modes = truth.modes?.of > 1 ? truth.modes : undefined;  // of one mode both say next to nothing
        measure("modes", modes && `${modes.found} / ${modes.of}`);
        measure("good", modes && `${Math.round(100 * modes.good)} %`);
        drawCurve(!running);
    }
    const drawCurve = (now) => { if (truth) draw(truth.series, chosen.curve, truth.step, now); };
    function tellFrame() {
        for (const name of ["loss_d", "loss_g"]) measure(name, written(frame.numbers?.[name]));
        measure("step", String(frame.step));
        if (document.activeElement !== slider || running) {
            slider.max = Math.max(frame.step, frame.kept);
            slider.value = frame.step;
        }
        output.textContent = frame.step;
        if (!running) link();
    }
    const paint = (now) => {
        dirty = false;
        if (drawing) return view.sketch(canvas, drawing, cross);
        if (waiting.length) {
            frame = waiting.shift();
            send("seen");
        }
        if (!frame) return;
        const look = { field: chosen.field, lattice: chosen.lattice, arrows: chosen.arrows === "none" ? "" : chosen.arrows, label: Number(chosen.label) };
        if (frame.place === "line") view.line(canvas, frame, truth, LINE_GRID, logit());
        else view.plane(canvas, frame, truth, look, logit());
        if (!running || now - told > NUMBERS_MS) {
            told = now;
            tellFrame();
        }
        root.dataset.step = frame.step;  // for tests
        if (waiting.length) repaint();
    };
    const repaint = () => {
        if (dirty) return;
        dirty = true;
        requestAnimationFrame(paint);
    };
    new ResizeObserver(repaint).observe(canvas);
    const HEAR = {
        frame(message) {
            if (running) waiting.push(message);
            else {
                waiting.length = 0;
                frame = message;
            }
            repaint();
        },
        truth(message) {
            truth = message;
            tellTruth();
            repaint();
        },
        phase({ name, numbers }) {
            if (phases.hidden) return;  // something else was done since
            const values = { ...settings(), ...Object.fromEntries(Object.entries(numbers).map(([key, one]) => [key, written(one)])) };
            const [ofD, ofG] = OBJECTIVES[chosen.objective].says;
            values.formula = name === "loss d" ? `L_D = ${ofD}` : `L_G = ${ofG}`;
            if (name === "generate") phases.replaceChildren();
            phases.append(Object.assign(document.createElement("li"), { value: phases.children.length + 1, textContent: fill(words[`phase ${name}`], values) }));
        },
        busy({ share }) {
            find(".busy").hidden = share >= 1;
            find(".busy progress").value = share;
        },
        rests() {
            link();
            // Its last frame is seen, too. For tests.
            requestAnimationFrame(() => { if (!running) root.dataset.rests = ""; });
        },
        wrong() {
            run(false);
            find(".lab-legend").textContent = words.wrong;
        },
    };
    const asked = new Map();  // what a lesson waits for
    worker.onmessage = ({ data: message }) => {
        if (message.kind === "answer") {
            asked.get(message.id)?.(message.answer);
            asked.delete(message.id);
        } else HEAR[message.kind](message);
    };
    worker.onerror = () => { find(".lab-legend").textContent = words.broken; };
    let id = 0;
    const ask = (what, more) => new Promise((done) => {
        asked.set(++id, done);
        send(what, { id, ...more });
    });

    // Lessons

    const lesson = lessons({
        root, words, fill, ask, server,
        // Set the game up as a lesson wants it; `more` are settings that have no control.
        set(wanted, more = {}) {
            chosen = { ...USUAL, ...wanted };
            extra = more;
            showChosen();
            reset();
        },
        link,
        run,
    });

    const text = new URLSearchParams(ganDemo.asked).get("lab") ?? "";
    const game = links.read(text, USUAL, allowed, view.REACH);
    if (text.includes(",")) {
        ({ chosen, points } = game);
        showChosen();
        reset(game.moves);
    } else {
        showChosen();
        if (!lesson.open(text)) reset();  // a lesson with a game has begun it
    }
    document.addEventListener("visibilitychange", () => { if (running) send(seen && !document.hidden ? "run" : "pause"); });
    return {
        seen(now) {
            seen = now;
            if (running) send(seen && !document.hidden ? "run" : "pause");
        },
    };
}
