// A picture that is chosen, dropped, or pasted anywhere while this zone is visible goes to the server,
// which answers with where it put it; the event "upload" hands that on to the handler, or why it was not taken.
// Gradio's own `upload` would say so itself, in English.
const input = element.querySelector("input"), most = Number(element.querySelector(".zone").dataset.most);
const WHY = { 413: "large", 507: "full" };  // of the server's answers

async function put(file) {
    if (file.size > most) return { refused: "large" };
    const form = new FormData();
    form.append("files", file);
    try {
        const answer = await fetch(ganDemo.here("gradio_api/upload"), { method: "POST", body: form });
        return answer.ok ? { path: (await answer.json())[0] } : { refused: WHY[answer.status] ?? "failed" };
    } catch {
        return { refused: "failed" };
    }
}

let latest = 0;
async function send(file) {
    if (!file) return;
    const mine = ++latest, turn = ganDemo.turn();
    element.classList.add("busy");
    const sent = await put(file);
    if (mine !== latest) return;  // another one was chosen meanwhile
    trigger("upload", { ...sent, turn });
    element.classList.remove("busy");
    input.value = "";  // so that the same file can be chosen again
}

// A part of a picture that is there already: left, top, right, bottom, as shares of its sides.
element.querySelector(".zone").take = (path, part) => trigger("upload", { path, part, turn: ganDemo.turn() });
input.addEventListener("change", () => send(input.files[0]));
// On all around it, too: a picture dropped beside it would replace the page.
const field = element.closest(".ask") ?? element;
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    field.addEventListener(name, (event) => {
        event.preventDefault();
        element.classList.toggle("over", over);
        if (name === "drop") send(event.dataTransfer.files[0]);
    });
}
document.addEventListener("paste", (event) => {
    if (element.offsetParent !== null) send(event.clipboardData.files[0]);
});
