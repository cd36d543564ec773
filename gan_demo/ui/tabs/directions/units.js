// What the units do: the fold below the board. The server measures some units an answer, and draws; here is what was chosen,
// which the link has, too. tab.js says which digit is looked at.
const find = (selector) => element.querySelector(selector);
const usual = { layer: null, by: "slant", switch: "off", unit: null };
let model = null, state = null, all = false, at = "", open = false;
let busy = false, again = false, later = 0;

const numbered = (text) => (/^\d{1,4}$/.test(text) ? Number(text) : text === "first" ? text : null);
const fold = () => find("details");
function tellLink() {
    const asked = open && state ? `${state.layer}.${state.by}.${state.switch}${state.unit === null ? "" : `.${state.unit}`}` : "";
    ganDemo.remember([["units", ""]], [asked]);
}
function fromLink() {
    const [layer, by, change, unit] = (new URLSearchParams(ganDemo.asked).get("units") ?? "").split(".");
    if (!layer) return;
    open = true;
    state = { layer, by, switch: change, unit: numbered(unit ?? "") };
}

async function ask() {
    if (!fold()?.open || !element.checkVisibility()) return;
    again = busy;
    if (busy) return;
    busy = true;
    let share = 0;
    do {
        again = false;
        const sent = { model: fold().dataset.units, ...state };
        const answered = ganDemo.wait([find(".tiles"), find(".switched")]);
        const got = await ganDemo.ask(() => server.ask({ ...sent, all, at }));
        answered();
        if (!fold()) break;  // another model has come, without units
        if (JSON.stringify(sent) !== JSON.stringify({ model: fold().dataset.units, ...state })) {
            again = true;
            continue;
        }
        find("[role=status]").textContent = got.error ?? got.measuring;
        if (got.error) break;
        share = got.share;
        state.unit = got.unit;
        const focused = document.activeElement?.dataset?.unit, tiles = find(".tiles");
        tiles.innerHTML = got.tiles;
        if (focused !== undefined) tiles.querySelector(`[data-unit="${focused}"]`)?.focus({ preventScroll: true });
        find(".switched").innerHTML = got.switched;
        if (share === 1) tellLink();
    } while (again || share < 1);
    busy = false;
}

function choose() {
    for (const chooser of element.querySelectorAll("select")) state[chooser.dataset.set] = chooser.value;
}
function start() {
    if (!fold()) return;
    const wanted = state ?? {};
    for (const chooser of element.querySelectorAll("select")) {
        const value = wanted[chooser.dataset.set];
        if ([...chooser.options].some((option) => option.value === value)) chooser.value = value;
    }
    const same = [null, fold().dataset.units].includes(model);  // of another model the unit is another one
    model = fold().dataset.units;
    state = { ...usual, unit: same ? wanted.unit ?? null : null };
    choose();
    fold().open = open;
    ask();
}

element.addEventListener("change", () => {
    choose();
    state.unit = null;
    ask();
});
element.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.unit) state.unit = numbered(button.dataset.unit);
    else all = true;
    ask();
});
element.addEventListener("toggle", () => {
    if (open === fold().open) return;
    open = fold().open;
    tellLink();
    ask();
}, true);
document.addEventListener("board-shown", (event) => {
    if (event.detail === at) return;
    at = event.detail;
    clearTimeout(later);
    later = setTimeout(ask, 250);  // not with each step of a slider
});
watch("value", start);
fromLink();
start();
new IntersectionObserver(() => { if (!find(".tiles")?.firstChild) ask(); }).observe(element);
