// When the server is gone, the page says so at once, dims what may be stale, and goes on by itself when the server is back:
// whatever was asked meanwhile is asked again. So is what a proxy answered in the server's place, in HTML, and what was cut
// off. The sentences are those of page.py.
{
    const SOONEST_MS = 500, LATEST_MS = 4000, LOOK_MS = 3000, SILENT_MS = 8000, FORGOTTEN_MS = 60_000, TRIES = 8;
    const GONE = [502, 504];  // what a proxy answers in the place of the server
    const QUICK = /\/gradio_api\/(component_server|run|queue\/join)/;  // what the server answers in seconds
    const real = window.fetch.bind(window), root = document.documentElement;
    let back = null, leaving = false, heard = () => {}, looking = false;

    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    const limit = () => AbortSignal.timeout(FORGOTTEN_MS);
    const isJson = (answer) => answer.headers.get("content-type")?.startsWith("application/json");
    const place = `${location.pathname.replace(/[^/]*$/, "")}gradio_api/app_id`;
    const there = () => real(place, { cache: "no-store", signal: limit() }).then((answer) => answer.ok && isJson(answer), () => false);
    async function wait() {
        const line = Object.assign(document.createElement("p"), { id: "server-gone", textContent: root.dataset.gone });
        line.setAttribute("role", "alert");
        document.body.append(line);
        root.classList.add("server-gone");
        const answered = new Promise((done) => { heard = () => done(true); });  // any answer says that the server is there
        for (let ms = SOONEST_MS; ; ms = Math.min(ms * 1.5, LATEST_MS)) {
            await pause(ms);
            if (await Promise.race([there(), answered])) break;
        }
        back = null;
        root.classList.remove("server-gone");
        line.remove();
    }
    const lost = () => (leaving ? Promise.resolve() : (back ??= wait()));
    addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); });
    addEventListener("offline", lost);

    // Also where nobody asks for anything. One look at a time: a browser has six lines to a server, and a page that waits needs them.
    setInterval(async () => {
        if (back || looking || document.visibilityState !== "visible") return;
        looking = true;
        const found = there(), silent = setTimeout(lost, SILENT_MS);
        if (!(await found)) lost();
        clearTimeout(silent);
        looking = false;
    }, LOOK_MS);

    // An answer that is whole, as one that is cut off is none. The streams of the queue come as they come.
    async function whole(asked, settings) {
        const answer = await real(asked, settings), empty = answer.status === 204;
        return new Response(empty ? null : await answer.arrayBuffer(), answer);
    }
    const isOfAProxy = (answer) => {
        const page = answer.headers.get("content-type")?.startsWith("text/html");
        return GONE.includes(answer.status) || (page && (answer.ok || answer.status >= 500));
    };
    async function ask(url, asked, settings) {
        const posted = settings?.method === "POST", quick = posted && !settings.signal && QUICK.test(url.pathname);
        const joins = posted && url.pathname.endsWith("/queue/join");
        let answered = posted ? ganDemo.wait(ganDemo.changes(url, settings.body)) : () => {};
        try {
            for (let tries = 1; ; tries++) {
                let answer = null;
                try {
                    answer = posted ? await whole(asked, quick ? { ...settings, signal: limit() } : settings) : await real(asked, settings);
                } catch (error) {
                    if (settings?.signal?.aborted || error.name === "AbortError") throw error;
                }
                if (answer && !(posted ? isOfAProxy(answer) : GONE.includes(answer.status))) {
                    heard();
                    if (joins) ganDemo.follow(answer.clone(), answered);
                    if (joins) answered = () => {};  // by then
                    return url.pathname.endsWith("/queue/data") ? ganDemo.readAlong(answer) : answer;
                }
                if (tries > TRIES) throw new TypeError(root.dataset.lost);
                if (tries > 1) await pause(Math.min(SOONEST_MS * 2 ** (tries - 2), LATEST_MS));
                await lost();
            }
        } finally {
            answered();
        }
    }
    window.fetch = async (asked, settings) => {
        const url = new URL(asked?.url ?? asked, location.href);
        if (url.origin !== location.origin) return real(asked, settings);
        return ask(url, asked, settings);
    };
}
