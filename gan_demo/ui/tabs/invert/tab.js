// Your digit: the picture that was brought, and drawings that a link brings back. What is found comes from the server.
const board = () => document.querySelector("#invert-board .board").board;
const picture = ganDemo.brought(element.querySelector(".brought"), board, "invert-zone");
const torn = element.querySelector(".torn");

// Each canvas gets what the link says when it is first seen, if nobody has drawn on it by then.
const links = { "invert-board": "yours", "invert-mask": "hole" };
async function restore(name, sheet) {
    const pixels = await ganDemo.kept(links[name]);
    delete links[name];
    torn.hidden = pixels !== false;
    if (pixels && sheet.empty) sheet.put(pixels);
}
document.addEventListener("drawn", ({ target, detail }) => {
    const id = target.closest("#invert-board, #invert-mask")?.id;
    if (links[id]) restore(id, target.board);
    if (id === "invert-board") picture.show(detail);
});
