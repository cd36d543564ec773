// The frame around the tabs: the places, each with some of the tabs; panels that a button of the header opens.
//
//   <button data-place="look" data-tabs="samples map">    goes to that place, and there to the tab that was open last
//   <button data-panel="about" aria-expanded="false">     opens what page.css shows where :root has data-panel=about
//   <button data-unfold="an-id" aria-expanded="false">    shows and hides an element that page.css folds away
{
    const root = document.documentElement, last = {};
    const tabs = () => [...document.querySelectorAll("#tabs > .tab-wrapper [role=tab]")];
    const nameOf = (tab) => tab.id.replace(/^tab-|-button$/g, "");
    const places = () => [...document.querySelectorAll("#places [data-place]")];
    const has = (place, name) => place.dataset.tabs.split(" ").includes(name);

    function arrive(name) {
        const here = places().find((place) => has(place, name)) ?? places()[0];
        if (!here) return;
        last[here.dataset.place] = name;
        root.dataset.place = here.dataset.place;
        for (const place of places()) place.setAttribute("aria-current", place === here);
        tabs()[0]?.parentElement.setAttribute("aria-label", here.textContent);
    }
    // Called when the row of places is there; the tabs may come later.
    ganDemo.places = () => arrive(new URLSearchParams(ganDemo.asked).get("tab") ?? root.dataset.firstTab);

    // A tab that is opened is seen from its beginning.
    function show() {
        const content = document.getElementById("tabs"), bar = document.getElementById("places");
        const hidden = bar.getBoundingClientRect().bottom - content.getBoundingClientRect().top;
        if (hidden > 0) scrollBy({ top: -hidden, behavior: "instant" });
    }
    new MutationObserver((changes) => {
        for (const { target, oldValue } of changes) {
            if (oldValue === "true" || !target.matches("#tabs > .tab-wrapper [role=tab][aria-selected=true]")) continue;
            arrive(nameOf(target));
            show();
        }
    }).observe(document, { attributes: true, attributeFilter: ["aria-selected"], attributeOldValue: true, subtree: true });

    // Panels

    const opener = (panel) => document.querySelector(`[data-panel="${panel}"]:not(:root)`);
    function open(panel) {
        const before = root.dataset.panel;
        if (before) opener(before)?.setAttribute("aria-expanded", false);
        if (!panel || panel === before) {
            delete root.dataset.panel;
            return;
        }
        root.dataset.panel = panel;
        opener(panel).setAttribute("aria-expanded", true);
    }
    document.addEventListener("click", ({ target }) => {
        const button = target.closest?.("#places button[data-place], button[data-panel], button[data-unfold]");
        const { place, panel, unfold } = button?.dataset ?? {};
        if (panel) open(panel);
        else if (root.dataset.panel && target.isConnected && !target.closest(`#${root.dataset.panel}, [data-testid^=toast]`)) open();
        if (place) {
            const name = last[place] ?? button.dataset.tabs.split(" ")[0];
            document.getElementById(`tab-${name}-button`)?.click();
        }
        if (unfold) {
            const unfolded = document.getElementById(unfold).toggleAttribute("data-unfolded");
            button.setAttribute("aria-expanded", unfolded);
        }
    });

    // A stop of a guided path (guide.py): its sentence is that of its link.

    const asked = new URLSearchParams(ganDemo.asked), LOOKS = 100;
    ganDemo.stop = (left = LOOKS) => {
        const links = [...document.querySelectorAll("a[data-stop]")], here = links.find((link) => link.dataset.stop === asked.get("stop"));
        if (!links.length && left) return setTimeout(() => ganDemo.stop(left - 1), 100);  // they may come later
        for (const link of links)
            for (const kept of ["present", "__theme"]) if (asked.has(kept)) link.href += `&${kept}=${encodeURIComponent(asked.get(kept))}`;
        if (!here) return;
        const bar = document.querySelector("aside.stop"), path = here.closest("section");
        const all = [...path.querySelectorAll("a[data-stop]")], at = all.indexOf(here);
        here.setAttribute("aria-current", "step");
        bar.querySelector("b").textContent = `${at + 1}/${all.length}`;
        bar.querySelector("p").textContent = here.textContent;
        for (const [name, to] of [["before", all[at - 1]], ["after", all[at + 1]]]) {
            if (to) bar.querySelector(`.${name}`).href = to.href;
            else bar.querySelector(`.${name}`).setAttribute("aria-disabled", true);
        }
        bar.hidden = false;
        root.dataset.atStop = "";
        bar.querySelector(".leave").addEventListener("click", () => {
            bar.hidden = true;
            delete root.dataset.atStop;
            here.removeAttribute("aria-current");
            ganDemo.forget("stop");
        });
    };

    // For a projector: page.css leaves out what nobody looks at, and all else fills the screen. A script that asks where
    // the pointer is divides by ganDemo.zoom().

    const presented = asked.get("present") === "1", MOST = 2.4, FITS = 1200;
    ganDemo.zoom = () => (presented ? ganDemo.clamp(innerWidth / FITS, 1, MOST) : 1);
    const fill = () => root.style.setProperty("--zoom", ganDemo.zoom());
    if (presented) {
        root.dataset.present = "";
        addEventListener("resize", fill);
        fill();
    }
    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("a[data-present]");
        if (!button) return;
        event.preventDefault();
        ganDemo.open({ present: button.dataset.present });
    });

    // Keys: Escape closes a panel; arrows go from tab to tab; before a projector those of a clicker go from stop to stop.

    const CLICKER = { PageUp: "before", PageDown: "after" };
    addEventListener("keydown", (event) => {
        const panel = root.dataset.panel, way = CLICKER[event.key];
        if (way && presented && "atStop" in root.dataset && !event.target.matches?.("input, textarea, select")) {
            event.preventDefault();
            document.querySelector(`aside.stop .${way}`).click();
            return;
        }
        if (event.key === "Escape" && panel) {
            open();
            opener(panel)?.focus();
            return;
        }
        if (!event.target.matches?.("#tabs > .tab-wrapper [role=tab]") || event.ctrlKey || event.metaKey || event.altKey) return;
        const all = tabs().filter((tab) => tab.checkVisibility()), at = all.indexOf(event.target);
        const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const tab = all[(to + all.length) % all.length];
        tab.focus();
        tab.click();
    });
}
