// The picture that somebody brought: brought.py says how a tab uses it.
//
// `root` is brought.markup(), `board` gives the canvas (canvas.js), `zone` is the id of the drop zone. A box is dragged on
// the picture by pointer or finger; by keyboard, arrows move it, with shift they size it, Enter takes it.
ganDemo.brought = (root, board, zone) => {
    const SLIP = 6, LEAST = 0.03, STEP = 0.02;  // pixels that a click may move; shares of the picture's sides
    const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const [sheet, found, button] = [".sheet", ".found", ".mark"].map((name) => root.querySelector(name));
    const image = sheet.querySelector("img"), choices = sheet.querySelector(".choices"), frame = sheet.querySelector(".marked");
    let noted = null, kind = null, part = null, start = null, dragged = false;

    const share = (value) => `${100 * value}%`;
    const place = (box, [left, top, right, bottom]) =>
        Object.assign(box.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
    function mark(box) {
        part = box;
        frame.hidden = !box;
        if (box) place(frame, box);
    }
    function open(wide) {
        root.classList.toggle("open", wide);
        button.hidden = wide;
    }
    function take() {
        const { upload } = noted;
        document.querySelector(`#${zone} .zone`).take(upload, part);
    }

    // Of several digits on a picture each is a button on it.
    function choice({ box, pixels, name }) {
        const one = document.createElement("button");
        Object.assign(one, { type: "button", title: name, ariaLabel: name, ariaPressed: String(pixels === noted.prepared) });
        place(one, box);
        one.addEventListener("click", () => {
            if (!dragged) board().put(pixels, { ...board().note, prepared: pixels, shown: "prepared" }, false, ganDemo.turn());
        });
        return one;
    }

    const at = ({ clientX, clientY }) => {
        const box = image.getBoundingClientRect();
        return [ganDemo.clamp((clientX - box.left) / box.width, 0, 1), ganDemo.clamp((clientY - box.top) / box.height, 0, 1)];
    };
    sheet.addEventListener("pointerdown", (event) => {
        dragged = false;
        if (event.button > 0 || !event.isPrimary) return;
        if (root.classList.contains("open")) start = { point: at(event), x: event.clientX, y: event.clientY, id: event.pointerId };
    });
    sheet.addEventListener("pointermove", (event) => {
        if (!start || event.pointerId !== start.id) return;
        if (!dragged && Math.hypot(event.clientX - start.x, event.clientY - start.y) < SLIP) return;
        if (!dragged) sheet.setPointerCapture(start.id);
        dragged = true;
        const end = at(event);
        mark([0, 1].map((axis) => Math.min(start.point[axis], end[axis])).concat([0, 1].map((axis) => Math.max(start.point[axis], end[axis]))));
    });
    sheet.addEventListener("pointerup", () => {
        if (start && dragged) part[2] - part[0] > LEAST && part[3] - part[1] > LEAST ? take() : mark(noted.part ?? null);
        start = null;
        setTimeout(() => { dragged = false; });  // after the click that ends a drag, and presses nothing
    });
    sheet.addEventListener("pointercancel", () => {
        start = null;
        mark(noted.part ?? null);
    });
    sheet.addEventListener("click", () => open(true));
    sheet.addEventListener("keydown", (event) => {
        const way = ARROWS[event.key];
        if (event.target !== sheet) return;
        if (way) {
            const [left, top, right, bottom] = part ?? [0.25, 0.25, 0.75, 0.75];
            const low = [left, top], high = [right, bottom];
            way.forEach((toward, axis) => {
                const step = STEP * toward;
                if (event.shiftKey) high[axis] = ganDemo.clamp(high[axis] + step, low[axis] + 2 * LEAST, 1);
                else if (low[axis] + step >= 0 && high[axis] + step <= 1) {
                    low[axis] += step;
                    high[axis] += step;
                }
            });
            mark([...low, ...high]);
        } else if (event.key === "Enter" && root.classList.contains("open") && part) take();
        else if (event.key === "Escape") mark(null);
        else if (event.key !== "Enter") return;
        open(true);
        event.preventDefault();
    });
    button.addEventListener("click", () => {
        open(true);
        sheet.focus();
    });

    // On a phone the place where it was chosen is far below.
    function see() {
        const { top, bottom } = root.getBoundingClientRect(), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        if (top < 0 || bottom > innerHeight) root.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
    }

    return {
        show({ note, touched }) {
            root.hidden = !note?.original;
            found.hidden = choices.hidden = touched;
            if (note === noted && note?.shown === kind) return;
            kind = note?.shown;
            const prepared = kind === "prepared";  // what is said of digits on it is said of this
            if (note?.original) {
                if (note.original !== noted?.original) {
                    image.src = note.original;
                    image.decode().then(see, () => {});
                }
                open((note.doubtful && prepared) || (note.original === noted?.original && root.classList.contains("open")));
            }
            noted = note;
            found.textContent = (prepared ? note.found : note?.inverted?.[kind]) || "";
            mark(note?.part ?? null);
            choices.replaceChildren(...(prepared ? note.choices : []).map(choice));
        },
    };
};
