// When the server is gone, the page says so at once, dims what may be stale, and goes on by itself when the server is back:
// whatever was asked meanwhile is asked again. The sentence is that of page.py.
{
    const SOONEST_MS = 500, LATEST_MS = 4000, LOOK_MS = 3000, TRIES = 3;
    const GONE = [502, 504];  // what a proxy answers in the place of the server
    const real = window.fetch.bind(window), root = document.documentElement;
    let back = null, leaving = false;

    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    const place = `${location.pathname.replace(/[^/]*$/, "")}gradio_api/app_id`;
    const there = () => real(place, { cache: "no-store" }).then((answer) => answer.ok, () => false);
    async function wait() {
        const line = Object.assign(document.createElement("p"), { id: "server-gone", textContent: root.dataset.gone });
        line.setAttribute("role", "alert");
        document.body.append(line);
        root.classList.add("server-gone");
        for (let ms = SOONEST_MS; ; ms = Math.min(ms * 1.5, LATEST_MS)) {
            await pause(ms);
            if (await there()) break;
        }
        back = null;
        root.classList.remove("server-gone");
        line.remove();
    }
    const lost = () => (leaving ? Promise.resolve() : (back ??= wait()));
    addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); });
    addEventListener("offline", lost);

    // Also where nobody asks for anything.
    setInterval(async () => { if (!back && document.visibilityState === "visible" && !(await there())) lost(); }, LOOK_MS);

    window.fetch = async (asked, settings) => {
        const url = new URL(asked?.url ?? asked, location.href);
        if (url.origin !== location.origin) return real(asked, settings);
        for (let tries = 1; ; tries++) {
            let answer = null;
            try {
                answer = await real(asked, settings);
            } catch (error) {
                if (settings?.signal?.aborted || error.name === "AbortError" || tries > TRIES) throw error;
            }
            if (answer && (!GONE.includes(answer.status) || tries > TRIES)) return answer;
            await lost();
        }
    };
}
