// A picture that is chosen, dropped, or pasted anywhere while this zone is visible goes to the server,
// which answers with where it put it; the event "upload" hands that on to the handler.
const input = element.querySelector("input");

async function send(file) {
    if (!file) return;
    element.classList.add("busy");
    try {
        const { path } = await upload(file);
        trigger("upload", { path });
    } catch {
        trigger("upload", { refused: true });  // Gradio has shown why
    } finally {
        element.classList.remove("busy");
        input.value = "";  // so that the same file can be chosen again
    }
}

// A part of a picture that is there already: left, top, right, bottom, as shares of its sides.
element.querySelector(".zone").take = (path, part) => trigger("upload", { path, part });
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
