// Curves of several models on one axis. The list and the figures come when the part is opened: overlay.py.
const details = element.querySelector(".overlay"), told = JSON.parse(details.dataset.told);
const models = details.querySelector(".models"), plots = details.querySelector(".plots"), wrong = details.querySelector(".no-reference");
let curves = null, asked = 0;

const boxes = () => [...models.querySelectorAll("input")];
const chosen = () => boxes().filter(({ checked }) => checked).map(({ value }) => value);

function list(names) {
    const before = chosen(), now = new URLSearchParams(location.search).get("model");
    const first = before.length ? before : names.includes(now) ? [now] : names.slice(0, 1);
    models.replaceChildren(...names.map((name) => {
        const label = document.createElement("label"), box = document.createElement("input"), colour = document.createElement("i");
        Object.assign(box, { type: "checkbox", value: name, checked: first.includes(name) });
        label.append(box, colour, name);
        return label;
    }));
}

async function draw() {
    const mine = ++asked, names = chosen();
    boxes().forEach((box) => {
        const place = names.indexOf(box.value);
        box.disabled = place < 0 && names.length >= told.most;
        box.nextElementSibling.style.background = place < 0 ? "transparent" : told.colours[place];
    });
    const [answer, { board, written }] = await Promise.all([ganDemo.ask(() => server.overlaid({ models: names })), ganDemo.charts()]);
    if (mine !== asked) return;
    wrong.hidden = !answer.error;
    wrong.textContent = answer.error ?? "";
    if (answer.error) return;
    curves?.destroy();
    plots.replaceChildren();
    const x = [...new Set(answer.models.flatMap(({ epochs }) => epochs))].sort((one, other) => one - other);
    if (!x.length) return;
    const kept = told.curves.filter(({ figure }) => answer.models.some(({ lines }) => lines[figure].some((value) => value !== null)));
    const figures = kept.map(({ figure, title }) => {
        const frame = document.createElement("figure"), caption = document.createElement("figcaption"), name = document.createElement("b");
        const values = document.createElement("span"), plot = document.createElement("div");
        [frame.className, values.className, plot.className, name.textContent] = ["curve", "values", "plot", title];
        if (answer.of[figure]) {
            const of = document.createElement("small");
            of.textContent = ` ${answer.of[figure]}`;
            name.append(of);
        }
        values.append(...answer.models.map((_, place) => {
            const value = document.createElement("span");
            [value.className, value.style.color] = ["value", "var(--ink)"];
            value.style.setProperty("--stroke", told.colours[place]);
            value.append(document.createElement("b"));
            return value;
        }));
        Object.assign(plot, { tabIndex: 0, role: "img" });
        plot.setAttribute("aria-label", `${title}: ${answer.models.map((model) => model.name).join(", ")}`);
        caption.append(name, values);
        frame.append(caption, plot);
        plots.append(frame);
        return frame;
    });
    curves = board({ x, drag: "none", read: (epoch, values) => figures.forEach((frame, index) => frame.querySelectorAll(".value b").forEach((b, line) => {
        b.textContent = written(values[index][line], kept[index].form);
    })) });
    kept.forEach(({ figure, title, ...how }, index) => curves.add(figures[index].querySelector(".plot"), {
        ...how,
        held: true,  // the shorter training is what it was when it ended
        lines: answer.models.map(({ epochs, lines }, place) => ({
            colour: told.colours[place],
            y: x.map((epoch) => lines[figure][epochs.indexOf(epoch)] ?? null),
        })),
    }));
    curves.choose(x.at(-1));
}

details.addEventListener("toggle", async () => {
    if (!details.open) return;
    const { names, error } = await ganDemo.ask(() => server.overlaid({ models: [] }));
    wrong.hidden = !error;
    wrong.textContent = error ?? "";
    if (error) return;
    list(names);
    draw();
});
models.addEventListener("change", draw);
