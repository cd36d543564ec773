// You or D: plays ten pairs. A game is a model and a seed; which digit of a pair is the real one is asked for after the
// choice, so nothing on the page says it before. The keys are ← and → (or 1 and 2), and Enter to go on.
const GUARD_MS = 300;  // within which a second press of a key is taken for the same
const find = (selector) => element.querySelector(selector);
const buttons = () => [...element.querySelectorAll(".side")];
const shown = () => element.offsetParent !== null;

async function ask(name, sent) {
    const answered = ganDemo.wait([find(".play")]), answer = await ganDemo.ask(() => server[name](sent));
    answered();
    return answer;
}

const asked = new URLSearchParams(ganDemo.asked);
const inLink = (name, most) => (/^\d{1,15}$/.test(asked.get(name) ?? "") && Number(asked.get(name)) <= most ? Number(asked.get(name)) : null);
let game = null;    // {model, seed, pairs, sides} as it was dealt
let answers = "";   // of the rounds that are over: "l" or "r" each
let hits = [];      // and which of them were right
let state = "idle"; // then "choose", "asking", "shown" (of a round), "over"
let since = 0, dealing = 0;

// `again`: by somebody who has just played. Who opens the tab sees it from its beginning.
async function deal(seed, beat = null, again = false) {
    const { model } = props.context, mine = ++dealing;
    state = "idle";
    ganDemo.remember([["pairs", ""], ["beat", ""]], [seed, beat ?? ""]);
    const answer = await ask("deal", { model, seed, beat });
    if (mine !== dealing) return;
    find(".play").hidden = false;
    find(".end").hidden = true;
    find(".problem").textContent = answer.error ?? "";
    find(".pair").hidden = Boolean(answer.error);
    [game, answers, hits] = [answer.error ? { model, seed } : answer, "", []];
    find(".beat").hidden = !answer.told;
    find(".beat").textContent = answer.told ?? "";
    if (!answer.error) round();
    if (again) see(".foot");
}

// A part is brought into sight, and nothing moves where it is in sight already.
const see = (part) => find(part).scrollIntoView({ block: "nearest", behavior: "instant" });

function round() {
    const pictures = game.pairs[answers.length];
    buttons().forEach((button, index) => {
        button.querySelector(".shown").innerHTML = pictures[index];
        button.querySelector("em").textContent = "";
        button.ariaLabel = game.sides[index];
        button.classList.remove("is-real", "is-drawn", "chosen");
    });
    find(".told").textContent = "";
    find(".told").className = "told";
    find("[data-next]").hidden = true;
    dots();
    state = "choose";
}

function dots() {
    [...find(".dots").children].forEach((dot, index) => {
        dot.className = index < hits.length ? (hits[index] ? "hit" : "miss") : index === hits.length ? "now" : "";
    });
    find(".dots").ariaLabel = `${Math.min(hits.length + 1, game.pairs.length)} / ${game.pairs.length}`;
}

async function choose(side) {
    if (state !== "choose") return;
    state = "asking";
    const mine = game, button = buttons().find((one) => one.dataset.side === side);
    button.classList.add("chosen");
    const answer = await ask("reveal", { model: game.model, seed: game.seed, round: answers.length, side });
    if (mine !== game) return;
    find(".problem").textContent = answer.error ?? "";
    if (answer.error) {
        button.classList.remove("chosen");
        state = "choose";
        return;
    }
    answers += side[0];
    hits.push(answer.right);
    for (const one of buttons()) {
        const real = one.dataset.side === answer.real;
        one.classList.add(real ? "is-real" : "is-drawn");
        one.querySelector("em").textContent = real ? answer.real_word : answer.drawn;
    }
    find(".told").textContent = answer.told;
    find(".told").classList.add(answer.right ? "hit" : "miss");
    find("[data-next]").hidden = false;
    dots();
    see(".foot");
    [state, since] = ["shown", performance.now()];
}

const early = () => state !== "choose" && performance.now() - since < GUARD_MS;
async function go() {
    if (state === "over") return deal(ganDemo.roll(), null, true);
    if (state !== "shown") return;
    if (answers.length < game.pairs.length) return round();
    state = "asking";
    const mine = game, answer = await ask("score", { model: game.model, seed: game.seed, answers });
    if (mine !== game) return;
    find(".problem").textContent = answer.error ?? "";
    if (answer.error) {
        state = "shown";
        return;
    }
    find(".play").hidden = true;
    find(".end").hidden = false;
    find(".end h2").textContent = answer.heading;
    find(".result").innerHTML = answer.html;
    ganDemo.remember([["beat", ""]], [answer.score]);  // who gets the link is told
    [state, since] = ["over", performance.now()];
    see(".end h2");
    find("[data-again]").focus({ preventScroll: true });
}

element.addEventListener("click", ({ target, detail }) => {
    const { side, next, again } = target.closest("button")?.dataset ?? {}, byKey = detail === 0;
    if ((side || byKey) && early()) return;
    if (side) state === "shown" ? go() : choose(side);
    if (next !== undefined || again !== undefined) go();
});
const KEYS = { ArrowLeft: "left", 1: "left", ArrowRight: "right", 2: "right" };
document.addEventListener("keydown", (event) => {
    if (!shown() || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [role=tab], [role=listbox]")) return;
    const side = KEYS[event.key], enters = event.key === "Enter";
    // Of a button that has the focus the browser makes a click of Enter.
    if (!side && !(enters && !event.target.closest("button, a"))) return;
    event.preventDefault();
    if (early()) return;
    if (side && state === "choose") choose(side);
    else go();
});

// Other models: the page is opened anew with one, on the same pairs of real digits' seed.
function opponents() {
    const { model, opponents: names, unranked: [label, rest] } = props.context, list = find(".against select");
    const option = (name) => new Option(name, name, false, name === model);
    list.replaceChildren(...names.map(option));
    if (rest.length) {
        const group = Object.assign(document.createElement("optgroup"), { label });
        group.append(...rest.map(option));
        list.append(group);
    }
    find(".against").hidden = !list.options.length;
    // One that cannot be played against is not in the list: then none is chosen, and each can be.
    if (list.value !== model) list.selectedIndex = -1;
}
find(".against select").addEventListener("change", ({ target }) => {
    ganDemo.open({ model: target.value, beat: "" });
});

// Nothing is asked for while nobody sees the tab.
function begin() {
    if (!props.context || !shown()) return;
    opponents();
    if (game?.model === props.context.model) return;
    const first = game === null;
    deal(game?.seed ?? inLink("pairs", 2 ** 53 - 1) ?? ganDemo.roll(), first ? inLink("beat", 10) : null);
    // Who came by a click has the focus on the tab, where ← and → may mean something else.
    if (!document.activeElement?.matches(":focus-visible")) find(".play").focus({ preventScroll: true });
}
new IntersectionObserver(begin).observe(element);
watch("context", begin);
