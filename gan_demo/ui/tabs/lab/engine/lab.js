// The lab as a person uses it: buttons, numbers, curve and canvas around the worker that plays the game.

import { OBJECTIVES } from "./game.js";
import { lessons } from "./lessons.js";
import { LINE_GRID } from "./truth.js";
import * as view from "./view.js";

// What the page opens with, and what a choice of a place or a penalty brings along.
const OPENING = { place: "plane", data: "ring", objective: "non-saturating", penalty: "r1", field: "d", arrows: "none", lattice: false, spectral: false, rate: "0" };
const RATES = { lr_d: 0.01, lr_g: 0.005, d_steps: 1, penalty_weight: 0.1, beta1: 0, batch_size: 128, seed: 1 };
const WEIGHTS = { none: 0, clip: 0.1, gradient: 1, dragan: 1, r1: 0.1, r2: 0.1, "r1+r2": 0.1 };
// The order of a link, lab=plane,ring,...: the last number is the iteration.
const LINKED = ["place", "data", "objective", "penalty", ...Object.keys(RATES), "spectral"];

export function start(element) {
    const root = element.querySelector(".lab"), words = JSON.parse(root.dataset.words);
    const find = (selector) => root.querySelector(selector), all = (selector) => [...root.querySelectorAll(selector)];
    const fill = (text, values) => text.replace(/\{([\w-]+)\}/g, (whole, name) => values[name] ?? whole);
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    const send = (what, more = {}) => worker.postMessage({ do: what, ...more });

    let chosen = { ...OPENING, ...RATES }, running = false, seen = true, manual = false;
    let frame = null, truth = null, points = null, extra = {}, drawing = null, dirty = false;
    const canvas = find("canvas.lab-stage");

    // The game

    const settings = () => ({
        ...Object.fromEntries(Object.keys(RATES).map((name) => [name, Number(chosen[name])])),
        objective: chosen.objective,
        penalty: chosen.penalty,
        discriminator_norm: chosen.spectral ? "spectral" : "none",
        ...extra,
    });
    const data = () => (chosen.data === "own" ? { points: points ?? [-1, 0, 0, 1, 1, 0] } : { name: chosen.data });
    function reset(step = 0) {
        run(false);
        manual = false;
        truth = frame = null;
        find(".phases").hidden = true;
        send("show", { show: shows() });
        send("reset", { place: chosen.place, settings: settings(), data: data(), step });
        if (chosen.place === "plane" && chosen.data === "own" && !points) find(".lab-legend").textContent = words["draw here"];
        else tellLegend();
        link();
    }
    const shows = () => ({ lattice: chosen.lattice, arrows: chosen.arrows !== "none", slopes: chosen.field === "slope" });
    function run(on) {
        if (running === on) return;
        running = on;
        find("[data-do=run]").textContent = on ? words.pause : words.run;
        find("[data-do=run]").setAttribute("aria-pressed", on);
        delete root.dataset.rests;
        send(on && seen ? "run" : "pause");
    }
    const tellLegend = () => { find(".lab-legend").innerHTML = words[`legend ${chosen.place}`]; };

    // Links: lab=plane,ring,...,iteration, or lab=the name of a lesson.
    function link() {
        const step = manual || running ? 0 : frame?.step ?? 0;
        const values = LINKED.map((name) => (typeof chosen[name] === "boolean" ? Number(chosen[name]) : chosen[name]));
        const usual = LINKED.every((name) => chosen[name] === { ...OPENING, ...RATES }[name]) && !step;
        ganDemo.remember([["lab", null]], [lesson.name || (usual || chosen.data === "own" ? null : [...values, step].join(","))]);
    }
    function read(text) {
        const parts = text.split(",");
        if (parts.length !== LINKED.length + 1) return 0;
        LINKED.forEach((name, index) => {
            const field = find(`[data-set="${name}"]${name === "data" ? `[data-of="${parts[0]}"]` : ""}`), value = parts[index];
            if (!field) return;
            if (field.type === "checkbox") chosen[name] = value === "1";
            else if (field.type === "number") {
                const number = Number(value);
                if (Number.isFinite(number) && number >= Number(field.min) && number <= Number(field.max)) chosen[name] = number;
            } else if ([...field.options].some((option) => option.value === value)) chosen[name] = value;
        });
        return Math.min(Math.max(Math.floor(Number(parts.at(-1))) || 0, 0), 20_000);
    }

    // Controls

    function showChosen() {
        for (const field of all("[data-set]")) {
            const name = field.dataset.set;
            if (name === "data") field.hidden = field.dataset.of !== chosen.place;
            if (field.type === "checkbox") field.checked = chosen[name];
            else if (name !== "data" || !field.hidden) field.value = chosen[name];
        }
        const plane = chosen.place === "plane";
        for (const name of ["field", "arrows", "lattice"]) find(`[data-set=${name}]`).closest("label").hidden = !plane;
        find("[data-measure=w1] dt").textContent = words[`w1 ${chosen.place}`];
        canvas.classList.toggle("on-line", !plane);
        canvas.classList.toggle("by-hand", chosen.data === "own");
        canvas.setAttribute("aria-label", plane ? words.stage : words["stage line"]);
        find(".curve figcaption").textContent = OBJECTIVES[chosen.objective].logit ? words.curve : words["curve critic"];
        tellLegend();
    }
    const LOOKS = ["field", "arrows", "lattice"], LIVE = ["lr_d", "lr_g", "d_steps", "penalty_weight", "beta1", "objective", "penalty"];
    function choose(name, value) {
        chosen[name] = value;
        if (name === "place") chosen.data = value === "line" ? "gaussian" : "ring";
        if (name === "penalty") chosen.penalty_weight = WEIGHTS[value];
        extra = {};
        if (name === "rate") send("rate", { rate: Number(value) });
        else if (LOOKS.includes(name)) send("show", { show: shows() });
        else if (LIVE.includes(name) && frame?.step) {  // the game goes on with it, as in train.py nobody can
            manual = true;
            send("change", { settings: settings() });
        } else reset();
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
        step_d() { manual = true; send("iterate", { g: false }); },
        step_g() { manual = true; send("iterate", { d: false }); },
        best_d() { manual = true; send("best"); },
        slow: () => send("phase"),
        again: () => reset(),
    };
    root.addEventListener("click", ({ target }) => {
        const does = target.closest("[data-do]")?.dataset.do, name = target.closest("[data-lesson]")?.dataset.lesson;
        if (does) {
            if (does !== "run") run(false);
            DO[does]();
        }
        if (name !== undefined) lesson.open(name);
    });
    canvas.addEventListener("keydown", (event) => {
        const does = { " ": "run", Enter: "iteration", d: "step_d", g: "step_g", b: "best_d", s: "slow", r: "again" }[event.key];
        if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        if (does !== "run") run(false);
        DO[does]();
    });
    const slider = find(".rewind input");
    slider.addEventListener("input", () => {
        run(false);
        find(".rewind output").textContent = slider.value;
        send("scrub", { step: Number(slider.value) });
    });

    // Data drawn by hand

    const place = (event) => {
        const box = canvas.getBoundingClientRect(), of = (share) => view.REACH * (2 * share - 1);
        return [of((event.clientX - box.left) / box.width), -of((event.clientY - box.top) / box.height)];
    };
    canvas.addEventListener("pointerdown", (event) => {
        if (chosen.data !== "own" || chosen.place !== "plane") return;
        event.preventDefault();
        canvas.setPointerCapture(event.pointerId);
        drawing = place(event);
    });
    canvas.addEventListener("pointermove", (event) => {
        if (!drawing || drawing.length > 400) return;
        const [x, y] = place(event);
        if (Math.hypot(x - drawing.at(-2), y - drawing.at(-1)) > 0.08) drawing.push(x, y);
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => {
        if (!drawing) return;
        points = drawing;
        drawing = null;
        reset();
    });

    // What the worker says

    const written = (value) => {
        if (value === undefined || value === null || Number.isNaN(value)) return "–";
        if (Math.abs(value) > 100) return words.large;
        return value.toFixed(3).replace(/^-(?=0\.0*$)/, "").replace("-", "−");
    };
    const measure = (name, text) => {
        const row = find(`[data-measure=${name}]`);
        row.hidden = text === undefined;
        if (text !== undefined) row.querySelector("dd").textContent = text;
    };
    function tellTruth() {
        const logit = OBJECTIVES[chosen.objective].logit;
        for (const name of ["js", "kl", "reverse", "w1", "slope"]) measure(name, truth[name] === undefined ? undefined : written(truth[name]));
        measure("value", truth.value === undefined ? undefined : written(truth.value));
        measure("bound", truth.value === undefined ? undefined : written((truth.value + Math.log(4)) / 2));
        measure("modes", truth.modes && `${truth.modes.found} / ${truth.modes.of}`);
        measure("good", truth.modes && `${Math.round(100 * truth.modes.good)} %`);
        drawCurve(logit);
    }
    let curves = null;
    async function drawCurve(logit) {
        const { series } = truth, { board } = await ganDemo.charts();
        const box = find(".curve .plot");
        if (series.step.length < 2 || !box.clientWidth) return;
        const lines = logit
            ? [{ y: series.js, colour: "ink" }, { y: series.bound, colour: "soft" }]
            : [{ y: series.w1, colour: "ink" }];
        curves?.destroy();
        curves = board({ x: series.step, drag: "none", choose() {} });
        curves.add(box, { lines, level: logit ? [Math.log(2), "log 2"] : undefined, range: logit ? [Math.min(0, ...series.bound) * 1.1, 0.75] : undefined });
    }
    const paint = () => {
        dirty = false;
        if (!frame) return;
        const logit = OBJECTIVES[chosen.objective].logit === true;
        if (frame.place === "line") view.line(canvas, frame, truth, LINE_GRID, logit);
        else view.plane(canvas, frame, truth, { field: chosen.field, lattice: chosen.lattice, arrows: chosen.arrows === "none" ? "" : chosen.arrows }, logit);
        root.dataset.step = frame.step;  // for tests
        send("seen");
    };
    const repaint = () => {
        if (dirty) return;
        dirty = true;
        requestAnimationFrame(paint);
    };
    new ResizeObserver(repaint).observe(canvas);
    const HEAR = {
        frame(message) {
            frame = message;
            if (!frame.numbers) for (const name of ["loss_d", "loss_g"]) measure(name, "–");
            else for (const name of ["loss_d", "loss_g"]) measure(name, written(frame.numbers[name]));
            measure("step", String(frame.step));
            if (document.activeElement !== slider || running) {
                slider.max = Math.max(frame.step, frame.kept);
                slider.value = frame.step;
            }
            find(".rewind output").textContent = frame.step;
            repaint();
            if (!running) link();
        },
        truth(message) {
            truth = message;
            tellTruth();
            repaint();
        },
        phase({ name, numbers }) {
            const list = find(".phases"), values = { ...settings(), ...Object.fromEntries(Object.entries(numbers).map(([key, one]) => [key, written(one)])) };
            list.hidden = false;
            const [ofD, ofG] = OBJECTIVES[chosen.objective].says;
            values.formula = name === "loss d" ? `L_D = ${ofD}` : `L_G = ${ofG}`;
            if (name === "generate") list.replaceChildren();
            list.append(Object.assign(document.createElement("li"), { textContent: fill(words[`phase ${name}`], values) }));
        },
        busy({ share }) {
            find(".busy").hidden = share >= 1;
            find(".busy progress").value = share;
        },
        rests() {
            root.dataset.rests = "";
            link();
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
        root, words, fill, ask,
        // Set the game up as a lesson wants it; `more` are settings that have no control.
        set(wanted, more = {}) {
            chosen = { ...OPENING, ...RATES, ...wanted };
            extra = more;
            showChosen();
            reset();
        },
        link,
        run,
    });

    const link0 = new URLSearchParams(ganDemo.asked).get("lab") ?? "";
    if (link0.includes(",")) {
        const step = read(link0);
        showChosen();
        reset(step);
    } else {
        showChosen();
        if (!lesson.open(link0)) reset();  // a lesson with a game has begun it
    }
    document.addEventListener("visibilitychange", () => { if (running) send(seen && !document.hidden ? "run" : "pause"); });
    return {
        seen(now) {
            seen = now;
            if (running) send(seen && !document.hidden ? "run" : "pause");
        },
    };
}
