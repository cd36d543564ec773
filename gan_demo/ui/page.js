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
    const write = (how = "replaceState") => {
        clearTimeout(timer);
        timer = 0;
        const now = location.pathname + query(wanted) + location.hash;
        if (now !== location.pathname + location.search + location.hash) history[how](history.state, "", now);
    };
    // A browser refuses to change the address a hundred times in a row, as a dragged slider would.
    const later = () => { timer ||= setTimeout(write, 300); };

    // Where somebody goes (a tab, a digit that is looked at) is a step that the browser's back button takes back; a setting
    // changes the address of the step. A step lies ahead from a click on until the place is in the address.
    const AHEAD = 5000;
    let ahead = 0;
    const stepAhead = () => { ahead = performance.now() + AHEAD; };
    const step = (change) => {
        if (performance.now() > ahead) {
            change();
            later();
            return;
        }
        ahead = 0;
        if (timer) write();  // the settings of the step that is left
        change();
        write("pushState");
    };
    const place = (name, text) => { text ? wanted.set(name, text) : wanted.delete(name); };
    // Whether the model is known, and has not what a setting is about.
    const lacks = (needs) => needs && document.querySelector("#facts .facts:not([data-" + needs + "])") !== null;
    const remember = (settings, values) => {
        const looked = settings.findIndex(([name]) => name === "look");
        if (looked >= 0 && (values[looked] ?? "") !== (wanted.get("look") ?? "")) step(() => place("look", values[looked]));
        settings.forEach(([name, usual, needs, id], index) => {
            const value = values[index], nothing = value === null || value === undefined;
            // A seed that is refused, or not typed yet: what is shown is still of the one before.
            const seed = id && document.querySelector(`.seed #${id} input`);
            if (seed && (nothing || !seed.validity.valid)) return;
            if (nothing || JSON.stringify(value) === JSON.stringify(usual) || lacks(needs)) wanted.delete(name);
            else wanted.set(name, Array.isArray(value) ? value.join(",") : String(value));
        });
        later();
    };
    const button = "#tabs [role=tab]", tabOf = (tab) => tab.id.replace(/^tab-|-button$/g, "");
    const first = () => document.documentElement.dataset.firstTab;
    document.addEventListener("click", (event) => event.target.closest?.(button) && stepAhead(), true);
    new MutationObserver((changes) => {
        for (const { target } of changes) {
            if (!target.matches(`${button}[aria-selected=true]`)) continue;
            const name = tabOf(target) === first() ? "" : tabOf(target);
            if (name !== (wanted.get("tab") ?? "")) step(() => place("tab", name));
        }
    }).observe(document, { attributes: true, attributeFilter: ["aria-selected"], subtree: true });
    addEventListener("popstate", () => {
        const back = new URLSearchParams(location.search), look = back.get("look") ?? "";
        const moved = look !== (wanted.get("look") ?? "");
        for (const name of ["tab", "look"]) place(name, back.get(name));
        later();  // with the settings as they are now
        document.getElementById(`tab-${back.get("tab") ?? first()}-button`)?.click();
        ahead = 0;
        if (moved) document.dispatchEvent(new CustomEvent("look-back", { detail: look }));
    });
    // Where the page is, without its language.
    const here = (path = "") => location.origin + location.pathname.replace(/[^/]*$/, "") + path;
    // Of the page in a language; without what gradio or a Space added for this visitor (__theme, __sign).
    const link = (language) => {
        const parameters = [...wanted].filter(([name]) => !name.startsWith("__") && name !== "lang");
        return here() + query([...parameters, ["lang", language]]);
    };

    // A digit that was drawn a moment ago comes into the address when the server has answered what a network sees of it.
    // A canvas asks for that in the frame after a stroke.
    const keeping = {}, PATIENCE = 4000;
    const allKept = () => new Promise(requestAnimationFrame).then(() => Promise.all(Object.values(keeping)));
    const settled = () => Promise.race([allKept(), new Promise((done) => setTimeout(done, PATIENCE))]);

    // Open the page with some parameters changed, or in another language; what is "" is left out.
    const open = async (changes, language = document.documentElement.dataset.spoken) => {
        await settled();
        for (const [name, text] of Object.entries(changes)) place(name, text);
        const theme = wanted.get("__theme");
        location.assign(link(language) + (theme ? `&__theme=${theme}` : ""));
    };
    const forget = (name) => {
        place(name, "");
        later();
    };

    // Text, or a promise of it: some browsers let a page copy only while a button is pressed, but wait for what is copied.
    const copy = async (text) => {
        try {
            if (typeof text === "string") await navigator.clipboard.writeText(text);
            else await navigator.clipboard.write([new ClipboardItem({ "text/plain": text.then((found) => new Blob([found], { type: "text/plain" })) })]);
        } catch {  // not allowed, or the page did not come over https
            const field = document.createElement("textarea");
            field.value = await text;
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
        if (language) return open({}, language);
        const words = button.textContent, corner = document.querySelector("[data-copy-link]");
        const done = await copy(text ?? settled().then(() => link(document.documentElement.dataset.spoken)));
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
    // Its `turn` numbers it among all that a person asks for, so that an answer that comes late covers nothing newer.
    let turns = 0;
    const turn = () => ++turns;
    const use = (tab, wanted) => {
        const asked = { ...wanted, turn: turn() };
        listeners[tab] ? listeners[tab](asked) : waiting[tab] = asked;
    };
    const onUse = (tab, listener) => {
        listeners[tab] = listener;
        const asked = waiting[tab];
        delete waiting[tab];
        if (asked) setTimeout(listener, 200, asked);  // until what it changes is there, too
    };

    // 28x28 pixels in a link: deflated, in the letters that an address may hold. Whatever else a link says is null.
    const PIXELS = 784, MOST_LETTERS = 1100;
    const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream);
    const pack = async (pixels) => {
        const packed = await new Response(through(pixels, new CompressionStream("deflate-raw"))).arrayBuffer();
        return btoa(String.fromCharCode(...new Uint8Array(packed))).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");
    };
    const unpack = async (text) => {
        if (text.length > MOST_LETTERS) return null;
        try {
            const reader = through(decode(text.replace(/[-_]/g, (sign) => (sign === "-" ? "+" : "/"))), new DecompressionStream("deflate-raw")).getReader();
            const pixels = [];
            for (let part; !(part = await reader.read()).done;) {
                pixels.push(...part.value);
                if (pixels.length > PIXELS) {  // a few letters may unpack to megabytes
                    reader.cancel();
                    return null;
                }
            }
            return pixels.length === PIXELS ? btoa(String.fromCharCode(...pixels)) : null;
        } catch {
            return null;
        }
    };
    // The digit on a canvas under a name in the address: a promise of its pixels, of which there may be none.
    const written = {};
    const keep = (name, promised) => {
        const packed = (async () => {
            const pixels = await promised.catch(() => []), text = pixels.some(Boolean) ? await pack(pixels) : "";
            if (keeping[name] === packed && text !== (written[name] ?? "")) remember([[name, ""]], [(written[name] = text)]);
        })();
        keeping[name] = packed;
    };
    // What the address asked for under a name when the page was opened: null for nothing, false for what is no digit.
    const kept = async (name) => {
        const text = new URLSearchParams(asked).get(name);
        return text ? (await unpack(text)) ?? false : null;
    };
    const decode = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    // What a function of the server answers: asked again while too many others ask, when it answers null. Gradio keeps to itself
    // what went wrong on the way, and answers undefined.
    const TRIES = 10, RETRY_MS = 400;
    const ask = async (call) => {
        for (let tries = 1; ; tries++) {
            const answer = await call().catch(() => null);
            if (answer) return answer;
            if (tries === TRIES) return { error: document.documentElement.dataset.lost };
            await new Promise((done) => setTimeout(done, RETRY_MS));
        }
    };
    // For a button in <p class="saves">: keeps the file that a function of the server answers (widgets.to_save), or says why not.
    const save = async (button, call) => {
        const told = button.closest(".saves").querySelector("[role=status]");
        button.disabled = true;
        told.textContent = "";
        try {
            const { name, type, base64, error } = await ask(call);
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
    const module = (path) => import(here(path));
    // All of its parts are asked for at once: each names the next one only when it has come, and from afar that is slow.
    const parts = [["charts.js"], ["plot.js"], ["uPlot.iife.min.js", "script"], ["uPlot.min.css", "style"]];
    const charts = (name = "charts.js") => {
        for (const [file, as] of parts.splice(0)) {  // once
            const how = as ? { rel: "preload", as } : { rel: "modulepreload" };
            document.head.append(Object.assign(document.createElement("link"), how, { href: here(`charts/${file}`) }));
        }
        return module(`charts/${name}`);
    };
    const roll = () => Math.floor(Math.random() * 2 ** 32);  // a seed: widgets.DICE
    return { asked, remember, open, forget, stepAhead, here, link, use, onUse, turn, ask, save, decode, keep, kept, lean, clamp, module, charts, roll };
})();
