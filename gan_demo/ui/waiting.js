// Where the server takes long to answer, what is about to change is pale, and a line says so. The sentence is that of page.py.
//
//     const answered = ganDemo.wait([element]);    asked now; page.css says how a part with aria-busy looks
//     answered();                                  it has come, or will not come
{
    const PALE_MS = 1000, SAID_MS = 2500, GAP_MS = 60, LOOK_MS = 400;
    const late = new Set();  // what is waited for, and takes long: { parts, said }
    let line = null, look = 0, slow = 0;  // until when what is asked is taken to follow an answer that took long
    function show(parts) {
        for (const part of parts) part.ariaBusy = String([...late].some((one) => one.parts.includes(part)));
        const said = [...late].some((one) => one.said && one.parts.some((part) => part.checkVisibility()));
        clearTimeout(look);
        if (late.size) look = setTimeout(() => show([]), LOOK_MS);  // somebody may go to another tab, where nothing is pale
        if (said === Boolean(line)) return;
        line?.remove();
        line = said ? Object.assign(document.createElement("p"), { id: "server-slow", textContent: document.documentElement.dataset.slow }) : null;
        line?.setAttribute("role", "status");
        if (line) document.body.append(line);
    }
    // One question may follow from the answer to another: nothing looks new in between.
    ganDemo.wait = (parts) => {
        if (!parts.length) return () => {};
        const began = performance.now(), follows = began < slow, me = { parts, said: follows && line !== null };
        const mark = () => {
            late.add(me);
            show(parts);
        };
        const timers = [setTimeout(mark, follows ? 0 : PALE_MS), setTimeout(() => { me.said = true; show(parts); }, SAID_MS)];
        return () => {
            timers.forEach(clearTimeout);
            if (performance.now() - began > PALE_MS) slow = performance.now() + GAP_MS;
            setTimeout(() => late.delete(me) && show(parts), GAP_MS);
        };
    };
}
