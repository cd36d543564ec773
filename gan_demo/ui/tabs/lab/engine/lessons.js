// The lessons: each is one question, a prediction, a check, a few sentences and a formula. Their texts are in the tables of
// words, and every number in an answer is computed here or in the worker, never written down.

import { bestOfTwoNormals, diracGan, jensenShannon, LINE_GRID, twoNormals, twoPoints, width, centre } from "./truth.js";
import { keyed } from "./view.js";

const normal = (x, mean = 0, deviation = 1) => Math.exp(-(((x - mean) / deviation) ** 2) / 2) / deviation / Math.sqrt(2 * Math.PI);
const range = (from, to, count) => Array.from({ length: count + 1 }, (_, i) => from + (to - from) * i / count);
const DIE = 10, BIAS = 0.7;

// The function of the Lipschitz lesson and its slope.
const wavy = (x) => Math.sin(1.5 * x) + 0.4 * x;
const steepest = Math.max(...range(-4, 4, 2000).map((x) => Math.abs(1.5 * Math.cos(1.5 * x) + 0.4)));

const bits = (p) => -p * Math.log2(p);
const entropy = (p) => bits(p) + bits(1 - p);
const cross = (p, q) => -p * Math.log2(q) - (1 - p) * Math.log2(1 - q);

// Log-likelihoods: of 7 heads in 10 throws, and of three points under a Gaussian of deviation 1.
const heads = (p) => 7 * Math.log(p) + 3 * Math.log(1 - p);
const around = (mean) => -[0, 1, 5].reduce((sum, x) => sum + (x - mean) ** 2 / 2, 0);
const likeliest = (values, likelihood) => Number(values.reduce((best, one) => (likelihood(one) > likelihood(best) ? one : best)).toFixed(2));
// A formula whose lines break beside what stands in brackets, and beside "h = 0.1".
const whole = (formula) => formula.replace(/\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\S = [\d.]+/g, (part) => part.replaceAll(" ", "\u00a0"));

// The way of the moving one of two generated points: on the first data point, between, on the second.
const hill = (loss) => ["same", "between", "other"].map((where) => twoPoints(where)[loss].toFixed(3).replace("-", "−")).join(", ");

// Of a caption, what names lines that are drawn: its parts begin with their colours.
const named = (caption, lines) => caption.split("&emsp;").filter((part) => {
    const colour = part.match(/^\[(\w+)\]/)?.[1];
    return !colour || lines.some((line) => line.colour === colour);
}).join("&emsp;");

// JS and Wasserstein-1 of two piles of deviation .1 this far apart, on the line's grid.
export function piles(distance) {
    const masses = (mean) => Float64Array.from({ length: LINE_GRID.size }, (_, i) => width(LINE_GRID) * normal(centre(LINE_GRID, i), mean, 0.1));
    return { js: jensenShannon(masses(0), masses(distance)), w1: distance };
}

const LINE = { place: "line", data: "gaussian" };
const SLOW = { place: "plane", settings: { objective: "non-saturating", penalty: "none", lr_d: 0.0001, lr_g: 0.01, seed: 1 }, data: { name: "ring" } };
const QUICK = { ...SLOW, settings: { ...SLOW.settings, objective: "minimax", lr_d: 0.01, lr_g: 0.0001 } };
const FAIR = { place: "plane", settings: { objective: "non-saturating", penalty: "r1", penalty_weight: 0.1, lr_d: 0.01, lr_g: 0.005, seed: 1 }, data: { name: "ring" } };
const critic = (penalty, penalty_weight) => ({ ...FAIR, steps: 150, settings: { ...FAIR.settings, objective: "wasserstein", penalty, penalty_weight, d_steps: 3 } });
const far = (objective) => ({ place: "line", data: { name: "gaussian" }, steps: 300, lead: 300, settings: { objective, penalty: "none", lr_d: 0.005, lr_g: 0.01, plain: true, start: [8], seed: 1 } });

// A lesson:
//   right     the place of the right choice, or a function of the numbers; or `value`, the number that is guessed, with `guess`: [from, to, step] and
//             how near a guess must come: `within`
//   game      what the game beside it is set to, when it opens
//   formula   in the signs of the papers; one with words in it is among the texts
//   numbers   those of the answer: an object, or a function that plays for them (ask)
//   slider    [from, to, step, at] moves what the chart shows, whose x axis it is; `read` or `sentence` say it in numbers
//   later     what is read shows the answer, so it is hidden until then
export const LESSONS = {
    game: {
        right: 1,
        game: [{ ...LINE, objective: "minimax", penalty: "none", lr_d: 0.005, lr_g: 0.0003 }, { start: [3], trained: true }],
        formula: "min<sub>G</sub> max<sub>D</sub> V(D, G) = E[log D(x)] + E[log(1 − D(G(z)))]",
        numbers: ({ ask }) => ask("value", { steps: 20 }),
    },
    best: {
        value: bestOfTwoNormals(0, 2), guess: [0, 1, 0.01], start: 0.5, within: 0.08,
        formula: "D*(x) = p<sub>data</sub>(x) / (p<sub>data</sub>(x) + p<sub>G</sub>(x))",
        numbers: () => ({ p: normal(0), q: normal(0, 2), value: bestOfTwoNormals(0, 2) }),
        chart: {
            x: range(-4, 6, 200),
            before: (x) => [{ y: x.map((one) => normal(one)), colour: "real" }, { y: x.map((one) => normal(one, 2)), colour: "fake" }],
            after: (x) => [{ y: x.map((one) => bestOfTwoNormals(one, 2)), colour: "ink" }],
            range: [0, 1.05],
        },
    },
    log4: {
        right: 1,
        formula: "C(G) = max<sub>D</sub> V(D, G) = −log 4 + 2 JS(p<sub>data</sub>, p<sub>G</sub>)",
        numbers: () => twoNormals(8),
        later: true,
        slider: [0, 8, 0.1, 0],
        read: (mu) => {
            const { c, js, kl, w1 } = twoNormals(mu);
            return [["C", c], ["JS", js], ["KL", kl], ["W₁", w1]];
        },
        chart: {
            x: range(-5, 12, 300),
            moving: (x, mu) => [{ y: x.map((one) => normal(one)), colour: "real" }, { y: x.map((one) => normal(one, mu)), colour: "fake", dashed: true }],
            range: [0, 0.45],
        },
    },
    loss: {
        right: 2,
        game: [{ ...LINE, objective: "minimax", penalty: "none", lr_d: 0.005, lr_g: 0.01 }, { start: [8], plain: true }],
        numbers: () => twoNormals(8),
        tried: ["minimax", "non-saturating"],
    },
    collapse: {
        right: 2,
        game: [{ ...SLOW.settings, place: "plane", data: "ring" }],
        numbers: async ({ ask }) => ({
            logPath: hill("log"), pairsPath: hill("pairs"),
            slow: (await ask("apart", { ...SLOW, steps: 300 })).modes,
            quick: (await ask("apart", { ...QUICK, steps: 300 })).modes,
            fair: (await ask("apart", { ...FAIR, steps: 500 })).modes,
        }),
    },
    disjoint: {
        right: 2,
        numbers: async ({ ask }) => ({
            near: piles(1).js, far: piles(4).js, w1: "1 → 4",
            clipped: (await ask("apart", critic("clip", 0.01))).slope,
            penalised: (await ask("apart", critic("gradient", 1))).slope,
        }),
        later: true,
        slider: [0, 6, 0.05, 1],
        read: (distance) => [["JS", piles(distance).js], ["W₁", distance]],
        chart: {
            x: range(-1, 7, 400),
            moving: (x, distance) => [{ y: x.map((one) => normal(one, 0, 0.1)), colour: "real" }, { y: x.map((one) => normal(one, distance, 0.1)), colour: "fake" }],
            range: [0, 4.4],
        },
        game: [{ place: "plane", data: "islands", objective: "wasserstein", penalty: "clip", penalty_weight: 0.1, d_steps: 5 }],
    },
    lipschitz: {
        value: steepest, guess: [0, 4, 0.1], start: 1, within: 0.25,
        formula: "|f(x) − f(y)| ≤ K |x − y|",
        numbers: () => ({ value: steepest }),
        slider: [-4, 4, 0.1, -2],
        cone: true,
        chart: {
            x: range(-4, 4, 320),
            moving: (x, at, slope) => [
                { y: x.map(wavy), colour: "ink" },
                { y: x.map((one) => wavy(at) + slope * Math.abs(one - at)), colour: "soft" },
                { y: x.map((one) => wavy(at) - slope * Math.abs(one - at)), colour: "soft" },
            ],
            range: [-3, 3],
        },
        game: [{ place: "plane", data: "ring", objective: "wasserstein", penalty: "gradient", penalty_weight: 1, d_steps: 3, field: "slope" }],
    },
    dirac: {
        right: 1,
        numbers: () => {
            const end = (objective, more) => Math.hypot(...diracGan({ objective, ...more }).at(-1));
            return { start: Math.SQRT2, minimax: end("minimax"), together: end("minimax", { together: true }), r1: end("minimax", { r1: 1 }), "non-saturating": end("non-saturating"), wasserstein: end("wasserstein") };
        },
        chart: {
            x: range(0, 500, 500),
            after: () => ["minimax", "non-saturating", "wasserstein"].map((objective, index) => ({
                y: diracGan({ objective }).map((place) => place[0]), colour: ["ink", "real", "fake"][index],
            })),
            before: () => [],
            range: [-1.6, 1.6],
        },
    },
    entropy: {
        value: Math.log2(DIE), guess: [0, 10, 0.01], start: 1, within: 0.3,
        formula: "H(p) = −Σ p log p,&ensp;H(p, q) = −Σ p log q = H(p) + KL(p ‖ q)",
        numbers: () => ({ value: Math.log2(DIE), nats: Math.log(DIE), coin: likeliest(range(0.01, 0.99, 98), heads), middle: likeliest(range(-1, 6, 70), around) }),
        slider: [0.05, 0.95, 0.01, 0.5],
        sentence: (words, fill, written, q) => fill(words["entropy reading"], { entropy: written(entropy(BIAS)), cross: written(cross(BIAS, q)), kl: written(cross(BIAS, q) - entropy(BIAS)) }),
        chart: {
            x: range(0.02, 0.98, 96),
            moving: (x) => [{ y: x.map((q) => cross(BIAS, q)), colour: "ink" }, { y: x.map(() => entropy(BIAS)), colour: "soft" }],
            range: [0, 4],
        },
    },
    conditional: {
        right: 1,
        game: [{ place: "plane", data: "ring", penalty: "r1", curve: "losses" }, { conditional: true }],
        formula: "min<sub>G</sub> max<sub>D</sub> E[log D(x, c)] + E[log(1 − D(G(z, c), c))]",
        numbers: async ({ ask }) => {
            const { own } = await ask("apart", { ...FAIR, settings: { ...FAIR.settings, conditional: true }, steps: 300 });
            return { own, share: `${(100 * own).toFixed(1)} %` };
        },
    },
    digits: {
        right: ({ least = Math.log(2) }) => (least > Math.log(2) / 2 ? 2 : least > 0.1 ? 1 : 0),
        async numbers({ server, words, fill, written }) {
            const models = await ganDemo.ask(() => server.bounds(null));
            if (models.error) return { models: models.error };
            if (!models.length) return { models: words["digits none"] };
            const [least, coarse] = [1, 2].map((which) => Math.min(...models.map((one) => one[which])));
            return { models: fill(words["digits measured"], { count: models.length, least: written(least), coarse: written(coarse) }), least, bars: models };
        },
        links: { training: "?tab=training&model=mlp", discriminator: "?tab=discriminator&model=dcgan", samples: "?tab=samples&model=dcgan" },
    },
};

export function lessons({ root, words, fill, ask, server, set, link, run }) {
    const section = root.querySelector(".lesson"), row = root.querySelector(".lessons"), order = Object.keys(LESSONS);
    const made = (tag, fields = {}, ...inside) => {
        const element = Object.assign(document.createElement(tag), fields);
        element.append(...inside);
        return element;
    };
    const written = (value) => {
        if (typeof value !== "number") return value;
        if (Number.isInteger(value)) return String(value).replace("-", "−");
        if (Math.abs(value) < 0.00005) return "< 0.0001";  // it is not nothing
        return value.toFixed(Math.abs(value) < 0.01 ? 4 : 3).replace("-", "−");
    };
    const slider = ([from, to, step, at], label) => made("input", { type: "range", min: from, max: to, step, value: at, ariaLabel: label });
    let boards = [];

    function open(name) {
        if (name && !LESSONS[name]) name = "";
        const before = self.name;
        self.name = name;
        for (const chip of row.children) chip.setAttribute("aria-pressed", chip.dataset.lesson === name);
        const chip = row.querySelector("[aria-pressed=true]");  // on a narrow screen the row scrolls, and the page does not
        row.scrollTo({ left: chip.offsetLeft - row.offsetLeft - (row.clientWidth - chip.offsetWidth) / 2 });
        boards.forEach((one) => one.destroy());
        boards = [];
        section.hidden = !name;
        section.replaceChildren();
        if (name) show(name, LESSONS[name]);
        else if (before) set({});
        root.querySelector(".play").hidden = Boolean(name) && !LESSONS[name].game;
        link();
        return Boolean(name && LESSONS[name].game);
    }

    function show(name, lesson) {
        const say = (part) => words[`${name} ${part}`];
        const answer = made("div", { className: "answer", hidden: true }), check = made("button", { type: "button", className: "primary check", textContent: words.check });
        let guess = null, field = null;
        const form = made("div", { className: "guess" });
        if (lesson.value === undefined) {
            say("choices").split("|").forEach((text, index) => {
                const radio = made("input", { type: "radio", name: `lab-${name}`, value: index, onchange: () => { guess = index; check.disabled = false; } });
                form.append(made("label", {}, radio, text));
            });
        } else {
            const [from, to, step] = lesson.guess, output = made("output", { textContent: written(lesson.start) });
            field = slider([from, to, step, lesson.start], say("question"));
            guess = lesson.start;
            field.addEventListener("input", () => {
                guess = Number(field.value);
                output.textContent = written(guess);
                redraw();
            });
            form.append(field, output);
        }
        check.disabled = guess === null;  // until something is predicted; where a slider stands is a prediction
        form.append(check);
        const caption = made("p", { className: "caption" });
        const chart = made("div", { className: "plot", tabIndex: 0, role: "img", ariaLabel: say("slider") ?? say("title") }), reading = made("p", { className: "reading" });
        let at = lesson.slider?.[3], asked = false, drawn = null;
        async function redraw() {
            reading.hidden = Boolean(lesson.later) && !asked;
            if (lesson.read) reading.replaceChildren(...lesson.read(at).map(([label, value]) => made("span", {}, `${label} = `, made("b", { textContent: written(value) }))));
            if (lesson.sentence) reading.textContent = lesson.sentence(words, fill, written, at);
            if (!lesson.chart) return;
            const { board } = await ganDemo.charts();
            if (self.name !== name) return;
            const { x, before, after, moving, range: axis } = lesson.chart;
            const lines = moving ? moving(x, at, lesson.cone ? guess : undefined) : [...before(x), ...(asked ? after(x) : [])];
            chart.hidden = !lines.length;
            if (!lines.length) return;
            drawn?.destroy();
            drawn = board({ x, drag: "none", choose() {} });
            boards = [drawn];
            drawn.add(chart, { lines, range: axis });
            drawn.choose(-Infinity);  // no cursor: nothing is read at one x
            caption.innerHTML = keyed(named(say("caption") ?? "", lines));
        }
        check.addEventListener("click", async () => {
            check.disabled = true;
            run(false);
            let numbers;
            try {
                numbers = await lesson.numbers({ ask, server, words, fill, written });
            } finally {
                check.disabled = false;
            }
            if (self.name !== name) return;
            const texts = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, written(value)]));
            const choice = typeof lesson.right === "function" ? lesson.right(numbers) : lesson.right;
            const right = lesson.value === undefined ? guess === choice : Math.abs(guess - lesson.value) <= lesson.within;
            const verdict = made("b", { textContent: right ? words.right : words["not right"], className: right ? "right" : "wrong" });
            const yours = lesson.value === undefined ? "" : ` ${fill(words.yours, { guess: written(guess) })}`;
            const formula = made("p", { className: "formula", innerHTML: whole(lesson.formula ?? say("formula")) });
            answer.replaceChildren(made("p", { className: "said" }, verdict, `${yours} ${fill(say("answer"), texts)}`));
            if (say("more")) answer.append(made("details", {}, made("summary", { textContent: say("more") }), made("p", { textContent: fill(say("reason"), texts) }), formula));
            else answer.append(formula);
            answer.dataset.numbers = JSON.stringify(numbers);  // for tests
            if (numbers.bars) answer.append(bars(numbers.bars), made("p", { className: "caption", innerHTML: keyed(words["digits bars"]) }));
            if (say("then")) answer.append(made("p", { className: "then", textContent: say("then") }));
            if (lesson.tried) answer.append(race(say("race"), lesson.tried));
            if (lesson.links) answer.append(made("p", { className: "links" }, ...Object.entries(lesson.links).map(([key, href]) => made("a", { href: href + (document.documentElement.dataset.spoken === "en" ? "" : `&lang=${document.documentElement.dataset.spoken}`), textContent: say(key) }))));
            const next = order[order.indexOf(name) + 1];
            if (next) answer.append(made("button", { type: "button", className: "next", textContent: fill(words.next, { title: words[`${next} title`] }), onclick: () => open(next) }));
            answer.hidden = false;
            answer.querySelector(".said").scrollIntoView({ block: "nearest" });  // a phone that lies on its side shows little
            asked = true;
            redraw();
        });
        section.append(made("div", { className: "asked" }, made("h2", { textContent: say("title") }), made("p", { className: "question", textContent: say("question") }), form));
        const figure = made("div", { className: "figure" });
        if (lesson.slider) {
            const control = slider(lesson.slider, say("slider"));
            control.addEventListener("input", () => {
                at = Number(control.value);
                redraw();
            });
            // The slider's value is an x of the chart: whoever drags there moves it, too.
            const drag = ({ buttons, clientX }) => {
                if (!(buttons & 1) || !chart.uplot) return;
                const { over } = chart.uplot, left = (clientX - over.getBoundingClientRect().left) / ganDemo.zoom();
                control.value = chart.uplot.posToVal(left, "x");
                at = Number(control.value);
                redraw();
            };
            for (const name of ["pointerdown", "pointermove"]) chart.addEventListener(name, drag);
            figure.append(made("label", { className: "move" }, `${say("slider")} `, control));
        }
        if (lesson.read || lesson.sentence) figure.append(reading);
        if (lesson.chart) figure.append(chart);
        if (say("caption")) figure.append(caption);
        if (figure.children.length) section.append(figure);
        section.classList.toggle("with-figure", figure.children.length > 0);
        section.append(answer);
        if (lesson.game) set(...lesson.game);
        redraw();
    }

    // [name, the bound of the best D at its sharpest, that of the page's] each, of at most log 2.
    function bars(models) {
        const bar = (bound, className) => {
            const line = made("i", { className });
            line.style.setProperty("--share", bound / Math.log(2));
            return made("span", {}, line, written(bound));
        };
        return made("dl", { className: "bounds" }, ...models.flatMap(([name, sharp, coarse]) => [
            made("dt", { textContent: name }), made("dd", {}, bar(sharp, "sharp"), bar(coarse, "coarse")),
        ]));
    }

    function race(text, objectives) {
        const result = made("p", { className: "race" }), button = made("button", { type: "button", textContent: words.try });
        button.addEventListener("click", async () => {
            button.disabled = true;
            const ends = {};
            for (const objective of objectives) ends[objective] = written((await ask("apart", far(objective))).mean);
            result.replaceChildren(fill(text, ends));
            result.dataset.numbers = JSON.stringify(ends);
        });
        result.append(button);
        return result;
    }

    const self = { name: "", open };
    return self;
}
