// The trainings as they run: a card each, those of one group side by side on the same axes.
const BINS = 40, SIDE = 224, HEIGHT = 90, WIDE = 400;
const LOG_4 = Math.log(4);
const svg = "http://www.w3.org/2000/svg";
// What is drawn: the key of its title, its lines, and how; those without numbers are left out.
const CURVES = [
    { title: "losses", lines: [["loss_d", "D", "ink"], ["loss_g", "G", "fake"]] },
    { title: "value", lines: [["value", "", "ink"]], level: [-LOG_4, "−log 4"], fill: true },
    { title: "scores", lines: [["score_real", "real", "real"], ["score_fake", "fake", "fake"]], without: "value" },
    { title: "ranked", lines: [["ranked", "", "ink"]], level: [0.5, ""], form: "percent", span: 0.1 },
    { title: "norms", lines: [["grad_norm_d", "D", "ink"], ["grad_norm_g", "G", "fake"]], log: true },
];
const ENDED = ["stopped", "lost", "failed"];
const KNOBS = ["lr_g", "lr_d", "d_steps", "penalty_weight"];

const made = (tag, fields = {}, ...children) => {
    const { data = {}, ...others } = fields, element = Object.assign(document.createElement(tag), others);
    Object.assign(element.dataset, data);
    element.append(...children);
    return element;
};

export function cards(place, { fill, called, time, language, act }) {
    const known = new Map();
    const number = (value) => Math.round(value).toLocaleString(language);

    // One card

    function card(job) {
        const picture = made("canvas", { width: SIDE, height: SIDE });
        picture.setAttribute("role", "img");
        picture.setAttribute("aria-label", fill("digits"));
        const drawing = document.createElementNS(svg, "svg");
        drawing.setAttribute("viewBox", `0 0 ${WIDE} ${HEIGHT}`);
        drawing.setAttribute("preserveAspectRatio", "none");
        drawing.setAttribute("aria-hidden", "true");
        const paths = Object.fromEntries(["real", "fake"].map((name) => {
            const path = document.createElementNS(svg, "path");
            path.setAttribute("class", `of-${name}`);
            drawing.append(path);
            return [name, path];
        }));
        const parts = {
            state: made("span", { className: "state" }),
            where: made("span", { className: "where" }),
            actions: made("span", { className: "actions" }),
            about: made("p", { className: "note" }),
            line: made("p", { className: "odd", hidden: true }),
            remarks: made("div"),
            ends: made("p", { className: "ends" }, made("span"), made("span")),
            plots: made("div", { className: "plots" }),
            milestones: made("ol", { className: "milestones" }),
            watching: made("div", { className: "watching", hidden: true }),
            loading: made("span", { className: "loading", textContent: fill("loading") }),
            bar: made("progress", { max: 1, value: 0, hidden: true }),
        };
        parts.watching.append(
            made("figure", { className: "seen" }, picture, parts.loading, made("figcaption", { className: "note", textContent: fill("digits") })),
            made("div", { className: "told-of" },
                made("figure", { className: "outputs" },
                    made("figcaption", {}, made("b", { textContent: fill("outputs") }), made("span", { className: "note", textContent: fill("outputs note") })),
                    drawing, parts.ends),
                parts.plots),
            parts.milestones);
        const knobs = knobsOf(job);
        const root = made("article", { className: "job", data: { id: job.id } },
            made("header", {}, made("h3", { textContent: job.name }), parts.state, parts.where, parts.actions),
            parts.bar, parts.about, parts.remarks, parts.line, parts.watching, knobs);
        return { root, parts, paths, picture, knobs, step: null, curve: null, outputs: null, board: null, buttons: "", job };
    }

    // The knobs of a training that runs.
    function knobsOf(job) {
        const labelled = (name, control) => made("label", {}, made("span", { textContent: fill(name) }), control);
        const numbers = KNOBS.map((name) => labelled(name, made("input", { type: "number", name, step: name === "d_steps" ? 1 : "any", min: 0, placeholder: job.about[name] ?? "" })));
        const option = (value, text) => new Option(text, value);
        const [objective, penalty] = ["objective", "penalty"].map((name) => {
            const values = [...document.querySelector(`.trainer form [name=${name}]`).options].slice(1).map(({ value }) => option(value, called(name, value)));
            const control = made("select", { name }, ...values);
            control.value = job.about[name];
            return control;
        });
        const freeze = made("select", { name: "freeze" }, ...["", "d", "g"].map((value) => option(value, fill(value ? `freeze ${value}` : "freeze none"))));
        const button = (does) => made("button", { type: "button", className: "copy", textContent: fill(does), data: { does } });
        return made("details", { className: "knobs", hidden: true },
            made("summary", { textContent: fill("knobs") }),
            made("p", { className: "note", textContent: fill("knobs note") }),
            made("div", { className: "choices" }, ...numbers, labelled("objective", objective), labelled("penalty", penalty), labelled("freeze", freeze)),
            made("p", { className: "turns" }, button("apply"), button("shake"), made("span", { className: "note refused" })));
    }

    function say(one, job) {
        const { parts } = one, { live } = job, at = ["running", "stopping"].includes(job.state);
        one.job = job;
        one.root.dataset.state = job.state;
        let state = job.state;
        if (state === "running") state = job.starting ? "starting" : live.phase === "measuring" ? "measuring" : "running";
        if (state === "stopped" && !job.resumable) state = "stopped unsaved";
        parts.state.textContent = fill(`state ${state}`, { turn: job.turn });
        const { model, recipe, objective, dataset, seed } = job.about;
        parts.about.hidden = !model;  // a training of an earlier version says nothing of itself
        parts.about.textContent = [called("network", model), called("recipe", recipe), called("objective", objective), called("dataset", dataset), `${fill("seed").toLowerCase()} ${seed}`].join(" · ");
        const over = job.over && ENDED.includes(job.state) && fill("time over");
        parts.line.textContent = job.line || over || (job.own ? "" : fill("of a terminal"));
        parts.line.hidden = !parts.line.textContent;
        if (parts.remarks.textContent !== job.remarks.join("")) parts.remarks.replaceChildren(...job.remarks.map((text) => made("p", { className: "odd", textContent: text })));
        const shown = [];
        if (live && state !== "finished") {
            shown.push(fill("progress", { epoch: Math.min(live.epoch + 1, live.epochs), epochs: live.epochs, step: number(live.step), steps: number(live.steps) }));
            if (state === "running") shown.push(fill("rate", { rate: number(live.images_per_second) }));
            if (state === "running" && live.seconds_left !== null) shown.push(fill("left", { time: time(live.seconds_left) }));
        }
        parts.where.textContent = shown.join(" · ");
        parts.bar.hidden = !at || !live;
        if (live?.steps) parts.bar.value = live.step / live.steps;
        parts.watching.hidden = !live;
        one.knobs.hidden = !job.own || state !== "running";
        if (live) {
            one.knobs.querySelector(".refused").textContent = live.refused;
            for (const [name, value] of Object.entries(live.knobs)) {
                const control = one.knobs.querySelector(`[name=${name}]`);
                if (control?.type === "number") control.placeholder = +Number(value).toPrecision(4);
                else if (control && control !== document.activeElement && !one.turned) control.value = value;
            }
            const lines = live.milestones.map(({ name, step, seconds }) => fill("milestone at", { what: fill(`milestone ${name}`), step: number(step), time: time(seconds ?? 0) }));
            if (parts.milestones.textContent !== lines.join("")) parts.milestones.replaceChildren(...lines.map((text) => made("li", { textContent: text })));
        }
        act_(one, job, at);
        if (job.digits) {
            const image = new Image();
            image.onload = () => {
                Object.assign(one.picture, { width: image.width, height: image.height });  // classes have columns of their own
                one.picture.getContext("2d").drawImage(image, 0, 0);
                one.parts.loading.hidden = true;
            };
            image.src = job.digits;
            one.step = live.step;
            one.curve = job.curve;
        }
        if (live?.outputs) one.outputs = live.outputs;
    }
    function act_(one, job, at) {
        const wanted = [];
        if (job.own && (at || job.state === "waiting")) wanted.push("stop");
        if (ENDED.includes(job.state) && !job.over) wanted.push(job.resumable ? "go on" : "again");
        if (job.model) wanted.push("see");
        if (job.model && !at) wanted.push("on");
        if (!at) wanted.push("forget");
        const disabled = job.state === "stopping";
        if (one.buttons === wanted.join() + disabled) return;  // a button that has the focus keeps it
        one.buttons = wanted.join() + disabled;
        one.parts.actions.replaceChildren(...wanted.map((does) => made("button", {
            type: "button", className: "copy", textContent: fill(does), disabled: disabled && does === "stop", data: { does },
        })));
    }

    // D's outputs: two densities, from the first percent of them to the last.

    function densities({ outputs, paths, parts }) {
        if (!outputs) return;
        const both = outputs.real.map((count, bin) => count + outputs.fake[bin]), all = both.reduce((sum, count) => sum + count, 0);
        let sum = 0;
        const within = both.map((count) => (sum += count) > all * 0.005 && sum - count < all * 0.995);
        const from = Math.max(within.indexOf(true) - 1, 0), to = Math.min(within.lastIndexOf(true) + 2, BINS);
        const wide = (outputs.high - outputs.low) / BINS, [low, high] = [outputs.low + from * wide, outputs.low + to * wide];
        const most = Math.max(1, ...outputs.real, ...outputs.fake);
        for (const [name, path] of Object.entries(paths)) {
            const points = outputs[name].slice(from, to).map((count, bin) =>
                `${(((bin + 0.5) / (to - from)) * WIDE).toFixed(1)},${(HEIGHT - 1 - (count / most) * (HEIGHT - 6)).toFixed(1)}`);
            path.setAttribute("d", `M0,${HEIGHT - 1}L${points.join("L")}L${WIDE},${HEIGHT - 1}Z`);
        }
        const [left, right] = parts.ends.children;
        [left.textContent, right.textContent] = [low, high].map((end) => String(+end.toPrecision(3)).replace("-", "−"));
    }

    // Curves on the axes of their group.

    async function curves(group) {
        const { board, written } = await ganDemo.charts();
        const seen = group.filter(({ curve }) => curve?.step?.length);
        const edges = [Math.min(...seen.map(({ curve }) => curve.step[0])), Math.max(...seen.map(({ curve }) => curve.step.at(-1)))];
        const has = (curve, name) => curve[name]?.some((value) => value !== null);
        for (const one of seen) {
            const { curve, parts } = one;
            const kept = CURVES.filter(({ lines, without }) => has(curve, lines[0][0]) && !(without && has(curve, without)));
            const names = kept.map(({ title }) => title).join();
            if (parts.plots.dataset.names !== names) {
                parts.plots.dataset.names = names;
                parts.plots.replaceChildren(...kept.map(figure));
            }
            one.board?.destroy();
            const boxes = [...parts.plots.querySelectorAll(".plot")], values = [...parts.plots.querySelectorAll(".values")];
            one.board = board({ x: curve.step, edges, drag: "none", read: (x, read) => values.forEach((span, index) => {
                span.querySelectorAll("b").forEach((b, line) => { b.textContent = written(read[index][line], kept[index].form ?? "plain"); });
            }) });
            kept.forEach((one, index) => board_(one, boxes[index], curve, seen));
            function board_({ title, lines, ...how }, box) {
                const drawn = lines.map(([name, , colour]) => ({ y: curve[name] ?? curve.step.map(() => null), colour }));
                const all = seen.length > 1 ? seen.flatMap(({ curve }) => lines.flatMap(([name]) => curve[name] ?? [])).filter((value) => value !== null) : [];
                const [low, high] = [Math.min(...all), Math.max(...all)], air = (high - low) * 0.05;
                const range = all.length && !how.log && high > low ? { range: [low - air, high + air] } : {};
                one.board.add(box, { lines: drawn, ...how, ...range });
            }
            one.board.choose(curve.step.at(-1));
        }
    }
    function figure({ title, lines }) {
        const values = lines.map(([, label, colour]) => made("span", { className: `value of-${colour}` }, `${label === "real" || label === "fake" ? fill(label) : label} `, made("b")));
        const box = made("div", { className: "plot", tabIndex: 0 });
        box.setAttribute("role", "img");
        box.setAttribute("aria-label", fill(title));
        return made("figure", { className: "curve" },
            made("figcaption", {}, made("b", { textContent: fill(title) }), made("span", { className: "values" }, ...values)), box);
    }

    // All cards

    function show(jobs) {
        const newest = [...jobs].reverse(), groups = new Map();
        for (const job of newest) {
            if (!known.has(job.id)) known.set(job.id, card(job));
            const one = known.get(job.id), before = one.step;
            say(one, job);
            one.fresh = one.step !== before;
            groups.set(job.group, [one, ...(groups.get(job.group) ?? [])]);
        }
        for (const [id, one] of known) {
            if (jobs.some((job) => job.id === id)) continue;
            one.board?.destroy();
            known.delete(id);
        }
        const wanted = [...groups.values()];
        const order = wanted.map((group) => group.map(({ job }) => job.id).join()).join(" ");
        if (place.dataset.order !== order) {
            place.dataset.order = order;
            place.replaceChildren(...wanted.map((group) => made("div", { className: group.length > 1 ? "side by-side" : "side" }, ...group.map(({ root }) => root))));
        }
        for (const group of wanted) {
            if (!group.some(({ fresh }) => fresh)) continue;
            group.forEach(densities);
            if (group.some(({ curve }) => curve?.step?.length > 1)) curves(group);
        }
    }
    place.addEventListener("input", (event) => {
        const root = event.target.closest(".job");
        if (root && event.target.closest(".knobs")) known.get(root.dataset.id).turned = true;
    });
    place.addEventListener("click", (event) => {
        const button = event.target.closest("[data-does]"), root = button?.closest(".job");
        if (!root) return;
        const one = known.get(root.dataset.id), { id, model } = one.job, { does } = button.dataset;
        if (does === "stop") act.stop(id);
        if (does === "go on" || does === "again") act.goOn(id);
        if (does === "forget") act.forget(id);
        if (does === "see") act.see(model);
        if (does === "on") act.trainOn(model);
        if (does === "shake") act.turn(id, { shake: true });
        if (does !== "apply") return;
        const knobs = {};
        for (const control of one.knobs.querySelectorAll("input, select")) {
            if (control.tagName === "SELECT" || control.value !== "") knobs[control.name] = control.value;
        }
        for (const name of ["objective", "penalty", "freeze"]) {
            if (knobs[name] === one.job.live?.knobs[name]) delete knobs[name];
        }
        one.turned = false;
        act.turn(id, { knobs }).then(() => one.knobs.querySelectorAll("input").forEach((input) => { input.value = ""; }));
    });
    return {
        show,
        // What is looked at, and the pictures that are here.
        seen() {
            for (const one of known.values()) one.asked = true;
            return { watched: [...known.keys()], steps: Object.fromEntries([...known].map(([id, { step }]) => [id, step])) };
        },
        // Whether there is a card whose picture nobody has asked for.
        isNew: () => [...known.values()].some(({ job, asked }) => job.live && !asked),
    };
}
