// What every tab shares in the browser: the page's own address, buttons that copy, and what several scripts need.
//
//   <button data-copy="some text">        copies it
//   <button data-copy-link>               copies a link to the page as it is
//   <button data-pin="dcgan:42:3">        pins, and data-unpin and data-use likewise: see pins.js
window.ganDemo = (() => {
    const asked = location.search;  // now: the address bar is rewritten as soon as a setting changes
    const plain = (text) => encodeURIComponent(text).replace(/%(3A|2F|2C|40)/g, (code) => decodeURIComponent(code));
    let wanted = new URLSearchParams(asked), timer = 0;

    const query = (parameters) => {
        const text = [...parameters].map(([name, value]) => `${plain(name)}=${plain(value)}`).join("&");
        return text && "?" + text;
    };
    const write = () => {
        clearTimeout(timer);
        timer = 0;
        history.replaceState(history.state, "", location.pathname + query(wanted) + location.hash);
    };
    // A browser refuses to change the address a hundred times in a row, as a dragged slider would.
    const later = () => { timer ||= setTimeout(write, 300); };

    const remember = (settings, values) => {
        settings.forEach(([name, usual], index) => {
            const value = values[index];
            if (value === null || value === undefined || JSON.stringify(value) === JSON.stringify(usual)) wanted.delete(name);
            else wanted.set(name, Array.isArray(value) ? value.join(",") : String(value));
        });
        later();
    };
    const showTab = (name, first) => {
        if (name === first) wanted.delete("tab");
        else wanted.set("tab", name);
        later();
    };
    // Where the page is, without its language.
    const folder = () => location.origin + location.pathname.replace(/[^/]*$/, "");
    // Of the page in a language; without what gradio or a Space added for this visitor (__theme, __sign).
    const link = (language) => {
        const parameters = [...wanted].filter(([name]) => !name.startsWith("__") && name !== "lang");
        return folder() + query([...parameters, ["lang", language]]);
    };

    const copy = async (text) => {
        try {
            await navigator.clipboard.writeText(text);
        } catch {  // not allowed, or the page did not come over https
            const field = document.createElement("textarea");
            field.value = text;
            document.body.append(field);
            field.select();
            const done = document.execCommand("copy");
            field.remove();
            return done;
        }
        return true;
    };
    document.addEventListener("click", async (event) => {
        const button = event.target.closest?.("[data-copy], [data-copy-link], [data-language]");
        if (!button) return;
        event.preventDefault();
        const { copy: text, language } = button.dataset;
        if (language) {
            const theme = wanted.get("__theme");
            location.assign(link(language) + (theme ? `&__theme=${theme}` : ""));
            return;
        }
        const words = button.textContent, corner = document.querySelector("[data-copy-link]");
        const done = await copy(text ?? link(document.documentElement.dataset.spoken));
        if (button.classList.contains("told")) return;
        button.classList.add("told");
        button.textContent = done ? corner.dataset.copied : corner.dataset.notCopied;
        setTimeout(() => {
            button.textContent = words;
            button.classList.remove("told");
        }, 1600);
    });
    // A pinned digit for a tab, which listens from when it was opened first: { address, place } (pins.js, pins.py).
    const listeners = {}, waiting = {};
    const use = (tab, asked) => { listeners[tab] ? listeners[tab](asked) : waiting[tab] = asked; };
    const onUse = (tab, listener) => {
        listeners[tab] = listener;
        const asked = waiting[tab];
        delete waiting[tab];
        if (asked) setTimeout(listener, 200, asked);  // until what it changes is there, too
    };

    const decode = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    // For a button in <p class="saves">: keeps the file that a server function answers (widgets.to_save), or says why not.
    const save = async (button, answer) => {
        const told = button.closest(".saves").querySelector("[role=status]");
        button.disabled = true;
        told.textContent = "";
        try {
            const { name, type, base64, error } = await answer;
            if (error) throw new Error(error);
            const anchor = document.createElement("a");
            anchor.href = URL.createObjectURL(new Blob([decode(base64)], { type }));
            anchor.download = name;
            anchor.click();
            setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
        } catch (error) {
            told.textContent = error.message;
        }
        button.disabled = false;
    };
    // The colour of a belief on an element, from -100 (fake) to 100 (real): markup.strength.
    const lean = (part, strength) => {
        part.classList.toggle("toward-real", strength >= 0);
        part.classList.toggle("toward-fake", strength < 0);
        part.style.setProperty("--lean", `${Math.abs(strength)}%`);
    };
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
    // What draws charts, and the library with it, when a tab that has some is first opened: a module of charts.py.
    const charts = (name = "charts.js") => import(`${folder()}charts/${name}`);
    const roll = () => Math.floor(Math.random() * 2 ** 32);  // a seed: widgets.DICE
    return { asked, remember, showTab, link, use, onUse, save, decode, lean, clamp, charts, roll };
})();
