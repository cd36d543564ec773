// The way points: every change makes a new list and sends it; the server draws the editor anew, or says what is wrong.
const list = () => [...element.querySelectorAll("[data-point] input")].map((field) => field.value.trim());
const send = (points) => trigger("input", { way: points.join(",") });
const roll = () => `${ganDemo.roll()}:0`;

element.addEventListener("change", (event) => {
    if (event.target.matches("[data-point] input")) send(list());
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
// What gradio keeps of a field that somebody typed into is the typed text: show what is so now.
watch("value", () => element.querySelectorAll("[data-point] input").forEach((field) => { field.value = field.getAttribute("value"); }));
