// Samples: choosing a digit with pointer or keyboard, here or among the variations; its nearest real digit, which
// takes a moment to find; and the downloads.
const tiles = () => [...element.querySelectorAll("[data-choose]")];
const inspector = () => document.getElementById("samples-inspector");

function choose(button) {
    ganDemo.stepAhead();
    trigger("select", { address: button.dataset.choose });
    mark(button.dataset.choose);
}
function go(address) {
    ganDemo.stepAhead();
    trigger("input", { address });
}
function mark(address) {
    for (const tile of document.querySelectorAll("#samples-stage [data-choose], #samples-around [data-choose]"))
        tile.setAttribute("aria-pressed", tile.dataset.choose === address);
}

document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#samples-stage [data-choose], #samples-around [data-choose]");
    if (!button) return;
    clicked = element.contains(button) && scrollY;  // on a narrow page the inspector is below the digits
    choose(button);
});
document.addEventListener("change", (event) => {
    if (event.target.matches?.("#samples-inspector .place input")) go(event.target.value);
});

// Back to the digit that was looked at before, or to none.
document.addEventListener("look-back", ({ detail }) => trigger("select", { address: detail }));

// A link may bring a truncation below 0 before the slider goes so far; then its thumb stays at 0.
watch("value", () => setTimeout(() => {
    const [number, range] = ["number", "range"].map((type) => document.querySelector(`#samples-truncation [type=${type}]`));
    if (number && range && range.value !== number.value) range.value = number.value;
}, 300));

// One stop of the tab key for all digits; the arrows go from one to the next.
element.addEventListener("keydown", (event) => {
    const all = tiles(), at = all.indexOf(event.target);
    const top = (tile) => tile.getBoundingClientRect().top;
    const columns = all.filter((tile) => top(tile) === top(all[0])).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (at < 0 || !step || !all[at + step]) return;
    event.preventDefault();
    all[at].tabIndex = -1;
    all[at + step].tabIndex = 0;
    all[at + step].focus();
});

// The inspector

const SLIP = 40;
let asked = "", clicked = false;  // or where the page was
async function look() {
    const section = inspector()?.querySelector("[data-chosen]"), box = inspector()?.querySelector(".nearest");
    if (!section || !box) {
        asked = "";
        return;
    }
    const { chosen: address, model } = section.dataset;
    mark(address);
    const stayed = clicked !== false && Math.abs(scrollY - clicked) < SLIP;  // who has gone elsewhere meanwhile is left there
    if (stayed && matchMedia("(max-width: 900px)").matches) section.scrollIntoView({ behavior: "smooth", block: "start" });
    clicked = false;
    if (asked === address && !box.querySelector(".looking")) return;
    asked = address;
    const answer = await ganDemo.ask(() => server.nearest_digit({ model, address }));
    const now = inspector().querySelector(".nearest");
    if (asked !== address || !now) return;
    if (answer.error) now.textContent = answer.error;
    else now.innerHTML = answer.html;
}

// What the digits have in common takes as long as they themselves: it follows when they have stood still for a moment, and is
// of those that are shown, whatever stands in the fields by now.
const REST_MS = 120, AGAIN_MS = 2000;
const asks = (place) => place?.querySelector("[data-request]")?.dataset.request;
let resting = 0;
watch("value", () => {
    clearTimeout(resting);
    resting = setTimeout(sumUp, REST_MS);
    const field = document.querySelector("#samples-seed input"), request = asks(element);
    if (request && field && !(field.value && field.validity.valid)) ganDemo.remember([["seed", null]], [JSON.parse(request).seed]);
});
async function sumUp() {
    const request = asks(element), place = () => scores()?.querySelector("[data-request]");
    if (!request || !place() || request === asks(scores())) return;
    let answer = null;
    const answered = ganDemo.wait([scores()]);
    try { answer = await server.sum_up(JSON.parse(request)); } catch { /* The server is gone for the moment. */ }
    answered();
    if (asks(element) !== request || !place()) return;
    if (!answer) resting = setTimeout(sumUp, AGAIN_MS);
    else if (!answer.error) {
        place().dataset.request = request;
        place().innerHTML = answer.html;
    }
}

// The chart of D's scores, a neighbour, too. Its library is loaded when the digits are on the screen.
const scores = () => document.getElementById("samples-summary");
let chart = null, told = null, place = null;
async function draw() {
    const box = scores().querySelector(".spread");
    if (!scores().checkVisibility()) return;  // until somebody looks
    if (box === place && box?.dataset.spread === told && (!chart || box.querySelector("canvas"))) return;
    [place, told] = [box, box?.dataset.spread];
    chart?.destroy();
    chart = null;
    if (!box) return;
    const mine = told, { spread } = await library();
    if (place === box && told === mine && !chart) chart = spread(box);
}
let loading = null;
const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const library = () => (loading ??= (async () => {
    do await frame(); while (!tiles().length);
    return ganDemo.charts("spread.js");
})());

// Downloads

element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]"), holder = element.querySelector("[data-request]");
    if (!button || !holder) return;
    const request = JSON.parse(holder.dataset.request);
    ganDemo.save(button, () => server.samples_file({ ...request, file: button.dataset.save }));
});

// Both neighbours may come later than this element.
function attend(neighbour, attribute, listener) {
    if (!neighbour()) return requestAnimationFrame(() => attend(neighbour, attribute, listener));
    const changes = { childList: true, subtree: true, attributes: true, attributeFilter: [attribute] };
    new MutationObserver(() => listener()).observe(neighbour(), changes);
    listener();
}
attend(inspector, "data-chosen", look);
attend(scores, "data-spread", draw);
new IntersectionObserver(([seen]) => seen.isIntersecting && scores() && draw()).observe(element);
