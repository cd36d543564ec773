// Where D's raw outputs lie: the densities of Discriminator and the histogram of Samples. spread.py has the markup, with
// the numbers in data-spread; charts.js draws them: `const { spread } = await ganDemo.charts("spread.js")`.
import { board } from "./charts.js";

const { clamp } = ganDemo;

// Draws the chart in `box`, an element of the class "spread". Its elements with data-read say what is at the pointer.
export function spread(box) {
    const { x, said, ticks, low, high, air, room, ...chart } = JSON.parse(box.dataset.spread);
    const plot = box.querySelector(".plot"), readout = box.querySelector(".readout"), mark = box.querySelector(".mark");
    const captions = [...box.querySelectorAll("[data-read]")], usual = captions.map(({ textContent }) => textContent);
    let ends = [low - air, high + air], marked = 1, pointed = false;
    // Captions keep clear of what is at a place from 0 to 1.
    const clear = (place) => box.classList.toggle("busy-left", place < 0.4);
    const all = board({
        x,
        edges: ends,
        drag: "none",
        read(at) {
            const was = pointed;
            pointed = plot.dataset.cursor === "pointed";
            if (!pointed && !was) return;
            const place = (at - ends[0]) / (ends[1] - ends[0]), texts = pointed ? said[x.indexOf(at)] : usual;
            captions.forEach((caption, index) => { caption.textContent = texts[index]; });
            clear(pointed ? place : marked);
            const half = readout.offsetWidth / 2;
            readout.style.left = `${clamp(place * box.clientWidth, half, box.clientWidth - half)}px`;
        },
    });
    all.add(plot, { ...chart, along: ticks });
    return {
        // Marks an output of D, where one is a number: near ones have the axis make room, others are at its edge.
        mark(raw) {
            mark.hidden = raw === null;
            if (raw === null) return;
            const from = Math.min(low, Math.max(raw, low - room)) - air, to = Math.max(high, Math.min(raw, high + room)) + air;
            if (from !== ends[0] || to !== ends[1]) all.look(...(ends = [from, to]));
            const place = (raw - from) / (to - from);
            marked = clamp(place, 0, 1);
            mark.style.left = `${(marked * 100).toFixed(2)}%`;
            mark.classList.toggle("below", place < 0);
            mark.classList.toggle("above", place > 1);
            if (!pointed) clear(marked);
            all.choose(raw);
        },
        destroy: all.destroy,
    };
}
