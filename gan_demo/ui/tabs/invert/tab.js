// Your digit: the picture that was brought, and drawings that a link brings back. What is found comes from the server.
const board = () => document.querySelector("#invert-board .board").board;
const picture = ganDemo.brought(element.querySelector(".brought"), board, "invert-zone");
const torn = element.querySelector(".torn");

// Each canvas gets what the link says when it is first seen, if nobody has drawn on it by then; and the link what is on it.
const IN_LINK = { "invert-board": "yours", "invert-mask": "hole" }, seen = new Set();
async function restore(id, sheet) {
    seen.add(id);
    const pixels = await ganDemo.kept(IN_LINK[id]);
    torn.hidden = pixels !== false;
    if (pixels && sheet.empty) sheet.put(pixels);
}
document.addEventListener("drawn", ({ target, detail }) => {
    const id = target.closest("#invert-board, #invert-mask")?.id;
    if (id && !seen.has(id)) {
        restore(id, target.board);
        lighten();
    }
    if (id === "invert-board") picture.show(detail);
    if (id && !detail.moving) keep(id);
});
// What was found of the picture before must not be taken for that of a picture that was refused.
document.addEventListener("refused", ({ target, detail }) => target.closest("#invert-board") && trigger("refused", { why: detail }));
function keep(id) {
    const sheet = document.querySelector(`#${id} .board`).board;
    const pixels = sheet.seen(id === "invert-board" && !document.querySelector("#facts .facts:not([data-digits])"));
    ganDemo.keep(IN_LINK[id], id === "invert-mask" ? pixels.then((all) => all.map((grey) => (grey > 127 ? 255 : 0))) : pixels);
}
// Another model may see a drawing as it is, and draw on light ground.
function lighten() {
    if (seen.has("invert-board")) board().light = document.querySelector("#facts [data-light]") !== null;
}
function follow() {
    lighten();
    seen.forEach(keep);
}
new MutationObserver(follow).observe(document.getElementById("facts"), { attributes: true, childList: true, subtree: true });
