// Where the server takes long to answer, what is about to change is pale, and a line says so. The sentence is that of page.py.
//
//     const answered = ganDemo.wait([element]);    asked now; page.css says how a part with aria-busy looks
//     answered();                                  it has come, or will not come
{
    const PALE_MS = 1000, SAID_MS = 2500, GAP_MS = 60;
    const waits = new Map(), late = new Set();  // by part, how many answers are waited for; which of all take long
    let line = null;
    const pales = () => [...waits.keys()].some((part) => part.ariaBusy === "true");
    function tell() {
        if (!late.size) line?.remove();
        if (!late.size) line = null;
        if (!late.size || line) return;
        line = Object.assign(document.createElement("p"), { id: "server-slow", textContent: document.documentElement.dataset.slow });
        line.setAttribute("role", "status");
        document.body.append(line);
    }
    // What is asked for while something is late, is of the same slow server: nothing looks new in between.
    ganDemo.wait = (parts) => {
        if (!parts.length) return () => {};
        const me = {}, timers = [
            setTimeout(() => parts.forEach((part) => { part.ariaBusy = "true"; }), pales() ? 0 : PALE_MS),
            setTimeout(() => { late.add(me); tell(); }, late.size ? 0 : SAID_MS),
        ];
        for (const part of parts) waits.set(part, (waits.get(part) ?? 0) + 1);
        return () => setTimeout(() => {
            timers.splice(0).forEach(clearTimeout);
            for (const part of parts.splice(0)) {
                waits.set(part, waits.get(part) - 1);
                if (waits.get(part)) continue;
                waits.delete(part);
                part.ariaBusy = "false";
            }
            late.delete(me);
            tell();
        }, GAP_MS);
    };
}
