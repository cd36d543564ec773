// The way points: every change makes a new list, which is the wish that the server is asked next; it draws the editor anew,
// or says what is wrong. A digit from elsewhere (pins.js) is a change, too: the first way point, the last, or one more.
const fields = () => [...element.querySelectorAll("[data-point] input")];
const list = () => fields().map((field) => field.value.trim());
const roll = () => `${ganDemo.roll()}:0`;
let wishes = 0, waiting = null, typing = null;

function send(points) {
    ganDemo.wish = `${++wishes} ${points.join(",")}`;
    trigger("input");
}
function use({ address, place }) {
    const points = list();
    if (!points.length) {  // the editor is still to come
        waiting = { address, place };
        return;
    }
    const at = { start: 0, end: points.length - 1 }[place] ?? points.length;
    points[at] = address;
    send(points);
}

element.addEventListener("input", ({ target }) => { typing = target; });
element.addEventListener("change", (event) => {
    if (!event.target.matches("[data-point] input")) return;
    typing = null;
    send(list());
});
element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button || button.disabled) return;
    const points = list(), action = button.dataset.do, at = Number(button.closest("li").dataset.point);
    if (action === "add") points.push(roll());
    if (action === "dice") points[at] = roll();
    if (action === "remove") points.splice(at, 1);
    const to = at + { left: -1, right: 1 }[action];
    if (to >= 0) [points[at], points[to]] = [points[to], points[at]];
    send(points);
});
watch("value", () => {
    const way = element.querySelector("[data-refused]"), asked = waiting;
    if (way?.dataset.refused) return trigger("select", { way: way.dataset.refused.replace(/^\d* /, "") });
    // What gradio keeps of a field that somebody typed into is the typed text: show what is so now, but for what is typed.
    for (const field of fields()) if (field !== typing) field.value = field.getAttribute("value");
    waiting = null;
    if (asked) use(asked);
});
ganDemo.onUse("interpolate", use);
