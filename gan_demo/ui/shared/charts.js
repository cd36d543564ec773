// Charts of numbers along one axis, drawn by uPlot (../vendor) in the page's colours. A tab asks for this module when it
// is first opened: `const { board } = await ganDemo.charts()`. All charts of a board share their cursor and their zoom:
//
//   const curves = board({ x: [1, 2, 3], choose: (x) => …, read: (x, values) => … });
//   curves.add(box, { lines: [{ y: [0.5, 0.6, null], colour: "real" }], form: "percent", level: [0.5, "cannot tell"] });
//   curves.choose(2);
//
// `box` is an element of the class "plot" with a width and a height; charts.css has the rest of the look.

import { forgetColours, last, nearest, plot, written } from "./plot.js";

export { nearest, written };
const { clamp } = ganDemo;

// Somebody has switched between light and dark.
const boards = new Set();
const theme = new MutationObserver(() => {
    forgetColours();
    for (const one of boards) one.redraw();
});
for (const root of [document.documentElement, document.body]) theme.observe(root, { attributeFilter: ["class"] });

// Charts with one x axis, ascending numbers. With `drag: "zoom"`, dragging zooms, and a click or Enter chooses an x; with
// "move", whoever drags chooses all the way; with "none", the pointer and the arrows only read. `edges` are the ends of the axis where they are not those of x.
//   choose(x)        somebody has chosen this x
//   read(x, values)  the cursor is at this x, where the lines of each chart have these values, for captions
//   viewed(board)    the part in sight has changed: board.canZoomIn, board.canZoomOut
export function board({ x, edges = [x[0], x.at(-1)], drag = "zoom", choose, read = () => {}, viewed = () => {} }) {
    const charts = [], listening = new AbortController(), view = { whole: edges, from: edges[0], to: edges[1] };
    let chosen = x.at(-1), pointed = null, dragged = null;

    const value = (line, chart, place) => {
        const found = last(chart, line.y, place);
        return found === null ? null : line.y[found];
    };
    const now = () => pointed ?? chosen;
    function placeCursor(u) {
        const seen = now() >= view.from && now() <= view.to;
        u.setCursor({ left: seen ? u.valToPos(now(), "x") : -10, top: seen ? 0 : -10 }, true);
    }
    function show() {
        const place = x.findLastIndex((one) => one <= now());
        for (const { box, u } of charts) {
            box.dataset.cursor = pointed === null ? "chosen" : "pointed";
            if (u?.status) placeCursor(u);  // 1: it has been drawn, and knows where its x are
        }
        read(now(), charts.map(({ chart }) => chart.lines.map((line) => value(line, chart, place))));
    }
    function point(to) {
        if (to === pointed) return;
        pointed = to;
        show();
    }
    function look(from, to) {
        [view.from, view.to] = [from, to];
        for (const { u } of charts) u?.setScale("x", { min: from, max: to });
        viewed(result);
    }
    function zoom(first, second) {
        let [from, to] = [first, second].sort((a, b) => a - b).map((one) => nearest(x, one));
        if (to - from < 2) [from, to] = [Math.max(0, from - 1), Math.min(x.length - 1, from + 1)];
        look(x[from], x[to]);
    }
    function zoomIn() {
        const middle = clamp(pointed ?? chosen, view.from, view.to), half = (view.to - view.from) / 4;
        const start = clamp(middle - half, view.from, view.to - 2 * half);
        zoom(start, start + 2 * half);
    }
    const zoomOut = () => look(...view.whole);
    const leftOf = (u, clientX) => (clientX - u.over.getBoundingClientRect().left) / ganDemo.zoom();
    const xOf = (u, event) => u.posToVal(leftOf(u, event.clientX), "x");

    function listen(one) {
        const { box } = one;
        const { signal } = listening;
        const on = (name, listener) => box.addEventListener(name, (event) => one.u && listener(event, one.u), { signal });
        on("pointerdown", (event, u) => {
            if (event.button) return;
            if (drag === "none") return point(x[nearest(x, xOf(u, event))]);
            dragged = { from: event.clientX, touch: event.pointerType === "touch" };
            box.setPointerCapture(event.pointerId);
            if (drag === "move") choose(xOf(u, event));
        });
        on("pointermove", (event, u) => {
            if (drag === "move") return dragged && choose(xOf(u, event));
            if (dragged && !dragged.touch && Math.abs(event.clientX - dragged.from) > 4) {
                const ends = [dragged.from, event.clientX].map((end) => clamp(leftOf(u, end), 0, u.over.clientWidth));
                const [left, right] = ends.sort((a, b) => a - b);
                u.setSelect({ left, top: 0, width: right - left, height: u.over.clientHeight }, false);
            }
            point(x[nearest(x, clamp(xOf(u, event), view.from, view.to))]);
        });
        on("pointerup", (event, u) => {
            if (!dragged) return;
            const { from, touch } = dragged;
            dragged = null;
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            if (drag === "move") return;
            if (!touch && Math.abs(event.clientX - from) > 4) zoom(xOf(u, { clientX: from }), xOf(u, event));
            else choose(x[nearest(x, xOf(u, event))]);
        });
        on("pointercancel", () => { dragged = null; });
        on("pointerleave", () => dragged || point(null));
        on("focusout", () => point(null));
        if (drag === "move") return;
        if (drag === "zoom") on("dblclick", zoomOut);
        on("keydown", (event) => {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (step) point(x[clamp(nearest(x, pointed ?? chosen) + step, 0, x.length - 1)]);
            else if (drag === "none") return;
            else if (event.key === "Enter" && pointed !== null) choose(pointed);
            else if ("+=".includes(event.key)) zoomIn();
            else if (["-", "Escape"].includes(event.key)) zoomOut();
            else return;
            event.preventDefault();
        });
    }
    // A chart is drawn as soon as its box has a size, which one in a hidden tab has not.
    const sizes = new ResizeObserver((changes) => {
        for (const one of charts.filter(({ box }) => changes.some(({ target }) => target === box))) {
            const { clientWidth: width, clientHeight: height } = one.box;
            if (!width) continue;
            if (one.u) one.u.setSize({ width, height });
            else {
                one.u = plot(one.box, one.chart, x, view, placeCursor);
                one.box.uplot = one.u;  // for tests, and for the browser's console
                one.u.setScale("x", { min: view.from, max: view.to });
            }
        }
    });

    const result = {
        add(box, chart) {
            const one = { box, chart, u: null };
            box.replaceChildren();
            charts.push(one);
            listen(one);
            sizes.observe(box);
        },
        choose(to) {
            chosen = to;
            show();
        },
        redraw() {
            for (const { u } of charts) {
                u?.redraw(true, true);  // paths, too: bars have their colours in them
                u?.setScale("x", { min: view.from, max: view.to });  // redraw forgets one that is not drawn yet
                u?.setCursor({ left: -10, top: -10 }, false);  // so that its points take their colours anew
            }
            show();
        },
        destroy() {
            listening.abort();
            sizes.disconnect();
            boards.delete(result);
            for (const { u } of charts) u?.destroy();
        },
        look,
        zoomIn,
        zoomOut,
        get canZoomIn() { return x.length > 2 && view.to - view.from > 2; },
        get canZoomOut() { return view.from !== view.whole[0] || view.to !== view.whole[1]; },
    };
    boards.add(result);
    viewed(result);
    return result;
}
