// The lab: all of it, its words too, is fetched when it is first seen, and it rests while nobody looks.
const root = element.querySelector(".lab");
let lab = null;
async function begin() {
    const [{ start }, { html, style, words }] = await Promise.all(["lab.js", `${document.documentElement.dataset.spoken}.js`].map((name) => ganDemo.module(root.dataset.folder + name)));
    document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
    root.innerHTML = html;
    root.removeAttribute("aria-busy");
    return start(root, words, server);
}
new IntersectionObserver(async ([{ isIntersecting: seen }]) => {
    if (seen) lab ??= begin();
    if (!lab) return;
    try {
        (await lab).seen(seen);
    } catch (error) {
        console.error(error);
        (root.querySelector(".lab-legend") ?? root).textContent = document.documentElement.dataset.oops;
    }
}).observe(element);
