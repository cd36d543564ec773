// Samples: choosing a digit with pointer or keyboard, here or among the variations; its nearest real digit, which
// takes a moment to find; and the downloads.
const tiles = () => [...element.querySelectorAll("[data-choose]")];
const inspector = () => document.getElementById("samples-inspector");

function choose(button) {
    trigger("select", { address: button.dataset.choose });
    mark(button.dataset.choose);
}
function mark(address) {
    for (const tile of document.querySelectorAll("#samples-stage [data-choose], #samples-around [data-choose]"))
        tile.setAttribute("aria-pressed", tile.dataset.choose === address);
}

document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#samples-stage [data-choose], #samples-around [data-choose]");
    if (!button) return;
    clicked = element.contains(button);  // on a narrow page the inspector is below the digits
    choose(button);
});
document.addEventListener("change", (event) => {
    if (event.target.matches?.("#samples-inspector .place input")) trigger("input", { address: event.target.value });
});

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

let asked = "", clicked = false;
async function look() {
    const section = inspector()?.querySelector("[data-chosen]"), box = inspector()?.querySelector(".nearest");
    if (!section || !box) {
        asked = "";
        return;
    }
    const { chosen: address, model } = section.dataset;
    mark(address);
    if (clicked && matchMedia("(max-width: 900px)").matches) section.scrollIntoView({ behavior: "smooth", block: "start" });
    clicked = false;
    if (asked === address && box.innerHTML) return;
    asked = address;
    let answer;
    try { answer = await server.nearest_digit({ model, address }); } catch (error) { answer = { error: error.message }; }
    const now = inspector().querySelector(".nearest");
    if (asked !== address || !now) return;
    if (answer.error) now.textContent = answer.error;
    else now.innerHTML = answer.html;
}

// Downloads

element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]"), holder = element.querySelector("[data-request]");
    if (!button || !holder) return;
    const request = JSON.parse(holder.dataset.request);
    ganDemo.save(button, server.samples_file({ ...request, file: button.dataset.save }));
});

// The inspector is a neighbour that may come later than this element.
const seen = new MutationObserver(() => look());
(function wait() {
    if (!inspector()) return requestAnimationFrame(wait);
    seen.observe(inspector(), { childList: true, subtree: true, attributes: true, attributeFilter: ["data-chosen"] });
    look();
})();
