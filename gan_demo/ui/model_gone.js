// A model may vanish while the page shows it: its folder is gone, or is being trained anew. Everything that is asked then fails
// in the same words, and a toast each would only be in the way: one line stays until another model is shown. The sentence is
// that of page.py, with a NUL in the place of the name.
{
    const root = document.documentElement, messages = document.getElementsByClassName("toast-message-text");  // live
    let line = null;
    const ours = (text) => {
        const [start, end] = (root.dataset.noModel ?? "\0").split("\0");
        return Boolean(start + end) && text.startsWith(start) && text.endsWith(end);
    };
    function close() {
        line?.remove();
        line = null;
    }
    function tell(text) {
        if (line?.firstChild.data === text) return;
        close();
        line = Object.assign(document.createElement("p"), { id: "model-gone", textContent: text });
        line.setAttribute("role", "alert");
        const button = Object.assign(document.createElement("button"), { textContent: "×", ariaLabel: root.dataset.close, onclick: close });
        line.append(button);
        document.body.append(line);
    }
    new MutationObserver((changes) => {
        // Another model's facts may be the same but for its name, and only what differs is replaced.
        if (changes.some(({ target }) => (target.nodeType === 1 ? target : target.parentElement)?.closest("#facts"))) close();
        for (const message of [...messages]) {
            const text = message.textContent.trim(), toast = message.closest("[data-testid=toast-body]");
            if (!toast || toast.hidden || !ours(text)) continue;
            tell(text);
            toast.hidden = true;
            toast.style.display = "none";
            toast.querySelector("[data-testid=toast-close]")?.click();
        }
    }).observe(document, { childList: true, subtree: true, characterData: true, attributeFilter: ["data-model"] });
}
