// The lab: everything it needs is fetched when it is first seen (engine/lab.js), and it rests while nobody looks.
let lab = null, early = null;
// What is pressed before all is there is pressed again then.
const tooEarly = ({ target }) => { early = target.closest("button") ?? early; };
element.addEventListener("click", tooEarly);
async function begin() {
    const { start } = await ganDemo.module("lab/lab.js"), begun = start(element);
    element.removeEventListener("click", tooEarly);
    early?.click();
    return begun;
}
new IntersectionObserver(async ([{ isIntersecting: seen }]) => {
    if (seen) lab ??= begin();
    if (!lab) return;
    try {
        (await lab).seen(seen);
    } catch (error) {
        console.error(error);
        element.querySelector(".lab-legend").textContent = JSON.parse(element.querySelector(".lab").dataset.words).broken;
    }
}).observe(element);
