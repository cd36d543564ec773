// How the view of the map moves: by itself after a zoom or a fling, and by pointers, wheel and keys. Part of tab.js.

function move(now) {
    if (aim) {
        const before = touchable(aim.left, aim.top), gap = aim.zoom - view.zoom;
        view.zoom = Math.abs(gap) < 0.004 || still.matches ? aim.zoom : view.zoom + gap * 0.28;
        const after = touchable(aim.left, aim.top);
        go(view.x + before.x - after.x, view.y + before.y - after.y);
        if (view.zoom === aim.zoom) aim = null;
    }
    if (glide) {
        const passed = Math.min(now - glide.at, 50), slower = Math.exp(-passed / 220);
        go(view.x + glide.x * passed, view.y + glide.y * passed);
        glide = { x: glide.x * slower, y: glide.y * slower, at: now };
        if (Math.hypot(glide.x, glide.y) * scale() < 0.02) glide = null;
    }
    if (aim || glide) change();
}
function go(x, y, zoom = view.zoom) {
    view.x = clamp(x, -EDGE, EDGE);
    view.y = clamp(y, -EDGE, EDGE);
    view.zoom = clamp(zoom, ...ZOOMS);
    clearTimeout(settling);
    settling = setTimeout(settle, 250);
    change();
}
function settle() {
    document.dispatchEvent(new CustomEvent("map-went", { detail: written() }));
    if (pointer) pick(cellAt(...pointer));
    else lookAtMiddle();
}
const written = () => `x${plainly(view.x, 5)}:y${plainly(view.y, 5)}:z${plainly(view.zoom, 4)}`;
function zoomBy(step, left = width / 2, top = height / 2) {
    glide = null;
    aim = { zoom: clamp((aim?.zoom ?? view.zoom) + step, ...ZOOMS), left, top };
    change();
}
const stepZoom = (step) => {
    // To the next zoom at which a pixel of a digit is a pixel of the canvas.
    const now = aim?.zoom ?? view.zoom;
    zoomBy((step > 0 ? Math.floor(now + 1e-6) + 1 : Math.ceil(now - 1e-6) - 1) - now);
};
function goTo(text) {
    const part = (letter) => Number(text?.match(new RegExp(`${letter}(-?[\\d.]+)`))?.[1] ?? NaN);
    const [x, y, zoom] = ["x", "y", "z"].map(part);
    aim = glide = null;
    if (!Number.isNaN(x + y)) go(x, y, Number.isNaN(zoom) ? view.zoom : zoom);
}

// Pointers, wheel, keys

const fingers = new Map();
let drag = null;
const inside = (event) => {
    const box = canvas.getBoundingClientRect(), zoom = ganDemo.zoom();
    return [(event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom];
};
const middle = () => {
    const all = [...fingers.values()], mean = (index) => all.reduce((sum, one) => sum + one[index], 0) / all.length;
    const [x, y] = [mean(0), mean(1)];
    return { x, y, spread: Math.hypot(all[0][0] - x, all[0][1] - y) };
};
function grasp() {
    drag = fingers.size ? { ...drag, from: middle(), view: { ...view } } : null;
}
canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, inside(event));
    aim = glide = null;
    drag = { travelled: 0, several: fingers.size > 1, trail: [] };
    grasp();
});
canvas.addEventListener("pointermove", (event) => {
    const at = inside(event);
    pointer = event.pointerType === "touch" ? null : at;
    if (!fingers.has(event.pointerId)) {
        pick(cellAt(...at));
        return;
    }
    fingers.set(event.pointerId, at);
    const now = middle(), { from, view: start } = drag;
    drag.travelled = Math.max(drag.travelled, Math.hypot(now.x - from.x, now.y - from.y), Math.abs(now.spread - from.spread));
    if (drag.travelled < MOVED && !drag.several) return;
    const zoom = fingers.size > 1 && from.spread > 8 ? clamp(start.zoom + Math.log2(now.spread / from.spread), ...ZOOMS) : start.zoom;
    const before = CELL * 2 ** start.zoom, after = CELL * 2 ** zoom;
    // The point that was under the fingers stays under them.
    go(start.x + (from.x - width / 2) / before - (now.x - width / 2) / after, start.y + (from.y - height / 2) / before - (now.y - height / 2) / after, zoom);
    drag.trail = [...drag.trail.filter(({ at }) => event.timeStamp - at < 90), { at: event.timeStamp, x: view.x, y: view.y }];
    canvas.classList.add("dragged");
});
function release(event) {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size) {
        grasp();
        return;
    }
    const { travelled, several, trail, view: start } = drag, last = trail.at(-1), first = trail[0];
    drag = null;
    canvas.classList.remove("dragged");
    if (event.type === "pointercancel") {
        // The page is scrolled after all; the first steps of the finger came here.
        if (trail.length) go(start.x, start.y, start.zoom);
        return;
    }
    if (travelled < MOVED && !several) {
        // A finger cannot point before it clicks: it looks first, and pins with the button.
        choose(cellAt(...inside(event)), event.pointerType !== "touch");
    } else if (!several && first && last.at > first.at && event.timeStamp - last.at < 60 && !still.matches) {
        const passed = last.at - first.at;
        glide = { x: (last.x - first.x) / passed, y: (last.y - first.y) / passed, at: performance.now() };
        change();
    }
}
canvas.addEventListener("pointerup", release);
canvas.addEventListener("pointercancel", release);
canvas.addEventListener("pointerleave", () => {
    pointer = null;
    change();
});
canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    // Lines and pages as pixels; a pinch on a touchpad comes as a wheel with Ctrl, in small steps.
    const pixels = event.deltaY * [1, 33, 400][event.deltaMode];
    zoomBy(clamp(-pixels * (event.ctrlKey ? 0.012 : 0.0035), -0.7, 0.7), ...inside(event));
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in arrows) {
        // From digit to digit, the one in the middle.
        const at = cellAt(width / 2, height / 2), [right, down] = arrows[event.key], by = event.shiftKey ? 8 : 1;
        glide = null;
        go((at.column + right * by) / 2 ** at.level, (at.row + down * by) / 2 ** at.level);
    } else if ("+=".includes(event.key)) stepZoom(1);
    else if ("-_".includes(event.key)) stepZoom(-1);
    else if (event.key === "0" || event.key === "Home") goTo(HOME);
    else if (event.key === "Enter" || event.key === " ") choose(cellAt(width / 2, height / 2), true);
    else return;
    event.preventDefault();
    pointer = null;
    lookAtMiddle();
});
canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible") && !fingers.size) lookAtMiddle(); });
canvas.addEventListener("blur", change);
find(".map-tools").addEventListener("click", (event) => {
    const tool = event.target.closest("button")?.dataset.mapTool;
    if (tool === "home") goTo(HOME);
    else if (tool) stepZoom(tool === "in" ? 1 : -1);
});
find(".walk a").addEventListener("pointerdown", showWalk);
