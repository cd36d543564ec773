// What gradio's front end does not do. The words are those of page.py, as data of the root element.
{
    const root = document.documentElement;

    // Gradio lays the page out with the tab that the server names, and a link's tab would come with the server's first answer:
    // seconds later, where that is busy. What the page is laid out from is here already.
    const parts = window.gradio_config?.components ?? [], asked = new URLSearchParams(location.search).get("tab");
    const tabs = parts.find(({ props }) => props?.elem_id === "tabs");
    if (tabs && parts.some(({ type, props }) => type === "tabitem" && props.id === asked)) tabs.props.selected = asked;

    // Which elements an event changes, by the request that asks for it; none of those that show how far they are.
    const named = new Map(parts.map(({ id, props }) => [id, props?.elem_id]));
    const changes = ({ pathname }, body) => {
        if (!/\/gradio_api\/(run|queue\/join)/.test(pathname)) return [];
        const event = window.gradio_config?.dependencies.find(({ id }) => id === JSON.parse(body).fn_index);
        if (event?.show_progress !== "hidden") return [];
        return event.outputs.map((id) => document.getElementById(named.get(id) ?? `component-${id}`)).filter(Boolean);
    };
    // An event that waits in the queue gets a number, and its first news come by a stream, perhaps before the number does.
    const followed = new Map(), told = new Set(), NEWS = /"msg":\s*"process_(?:generating|completed)".*?"event_id":\s*"(\w+)"/;
    function hear(number) {
        told.add(number);
        followed.get(number)?.();
        followed.delete(number);
    }
    const follow = async (answer, done) => {
        const { event_id: number } = await answer.json().catch(() => ({}));
        if (number) followed.set(number, done);
        if (!number) done();
        else if (told.has(number)) hear(number);
    };
    const readAlong = (answer) => {
        const [mine, given] = answer.body.tee();
        (async () => {
            const reader = mine.pipeThrough(new TextDecoderStream()).getReader();
            let rest = "";
            for (let part; !(part = await reader.read()).done;) {
                const lines = (rest + part.value).split("\n");
                rest = lines.pop();
                for (const line of lines) if (NEWS.test(line)) hear(NEWS.exec(line)[1]);
            }
        })().catch(() => {}).finally(() => [...followed.keys()].forEach(hear));
        return new Response(given, answer);
    };
    Object.assign((window.ganDemo ??= {}), { changes, follow, readAlong });  // for connection.js

    // Gradio's own English, which knows no other language: the heading of toasts, where its front end drops the title that
    // gr.Error was given; the button that closes them; what it says itself of a server that is full, or gone.
    const SAYS = [
        [/^Connection (to the server was lost|errored out)/, "gone"],
        [/^(This application is currently busy|Queue is full)/, "busy"],
        [/^An error occurred/, "failed"],
        [/^a whole number has at most 64 bits/, "huge"],  // well_formed.py
    ];
    const HEADINGS = new Set(["Error", "Warning"]);
    function translate() {
        for (const { firstChild: heading } of titles) if (HEADINGS.has(heading?.data?.trim())) heading.data = `${root.dataset.oops} `;
        for (const button of closers) if (button.ariaLabel !== root.dataset.close) button.ariaLabel = root.dataset.close;
        for (const message of messages) {
            const key = SAYS.find(([pattern]) => pattern.test(message.textContent.trim()))?.[1];
            if (key && root.dataset[key]) message.textContent = root.dataset[key];
        }
    }
    const [titles, closers, messages] = ["toast-title", "toast-close", "toast-message-text"].map((name) => document.getElementsByClassName(name));  // live

    // A slider and its number field are called "range slider for" and "number input for", whatever the language. What they are
    // is said by their roles.
    const FOR = /^(range slider|number input) for /;
    const rename = (part) => { if (FOR.test(part.ariaLabel)) part.ariaLabel = part.ariaLabel.replace(FOR, ""); };

    new MutationObserver((changes) => {
        translate();
        for (const { type, target, addedNodes } of changes) {
            if (type === "attributes") rename(target);
            for (const added of addedNodes) added.querySelectorAll?.("input[aria-label]").forEach(rename);
        }
    }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] });

    // A list to choose from. Gradio opens it again on the key that leaves it; sends no `select` where Enter chooses; adds
    // what is typed to the text of the last choice; and once Escape has closed it, a click does not open it again.
    const NO_LETTERS = new Set(["Tab", "Shift", "Control", "Alt", "Meta"]);
    const list = (event) => (event.target.matches?.("input[role=combobox]") ? event.target : null);
    const mark = (field) => field.setSelectionRange(0, field.value.length, "backward");  // its start stays in sight
    let opened = null;  // by the press of a button that goes on
    addEventListener("keydown", (event) => {
        const field = list(event);
        if (!field) return;
        if (NO_LETTERS.has(event.key)) return event.stopPropagation();
        const row = field.ariaExpanded === "true" && document.getElementById(field.getAttribute("aria-activedescendant"));
        if (event.key !== "Enter" || !row) return;
        event.stopPropagation();
        row.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    }, true);
    addEventListener("focusin", (event) => {
        const field = list(event);
        if (!field) return;
        field.inputMode = matchMedia("(hover: none)").matches ? "none" : "text";  // no keyboard over the list on a phone
        mark(field);
        opened = field;
    });
    addEventListener("mousedown", (event) => { opened = list(event) === document.activeElement ? null : opened; }, true);
    addEventListener("click", (event) => {
        const field = list(event);
        if (!field) return;
        if (field !== opened && field.ariaExpanded !== "true") {
            field.blur();
            field.focus();
        } else if (field === opened) mark(field);  // which the click has undone
        opened = null;
    });

    // A number that cannot be meant, as -12 of a seed: gradio sends it at each key, and each key gets an answer that says why
    // not. It is sent once, when nothing more is typed there. Fields that are not gradio's say for themselves what they take.
    const PAUSE = 600;  // milliseconds
    const NUMBER = ["label.block > input[type=number]", "[data-testid=number-input]"].map((field) => `${field}:invalid`).join();
    const typed = new Map();  // the fields that wait, and their clocks
    addEventListener("input", (event) => {
        const field = event.target;
        clearTimeout(typed.get(field));
        if (!event.isTrusted || !field.matches?.(NUMBER)) return;
        event.stopImmediatePropagation();
        typed.set(field, setTimeout(() => {
            typed.delete(field);
            field.dispatchEvent(new Event("input", { bubbles: true }));
        }, PAUSE));
    }, true);
}
