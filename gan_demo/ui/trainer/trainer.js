// Training from the page: the form, and the questions to the server (routes.py). live.js draws what runs.
//
// While a training runs and somebody looks at it, it is asked for a few times a second; while somebody is elsewhere on the
// page, now and then: the list of models is to have what comes of it.
import { cards } from "./live.js";

const FAST = 250, SLOW = 600, IDLE = 10_000, WAITING = 1500;  // milliseconds from one look to the next
const YOUNG = 30;  // seconds of training in which it is looked at often
const KEPT = "gan-demo-trainings";  // the ids of this browser's trainings, on a page for strangers
const MAX_ZIP = 200_000_000;
const PRESET_EPOCHS = 3;
const SEEN = 300_000, FEW = 20, MANY = 2000;  // pictures of one's own that D sees unless somebody says otherwise; epochs
const OWN = new Set(["folder", "zip"]);

export function start(element, trigger) {
    const section = element.querySelector(".trainer");
    const told = JSON.parse(section.dataset.told), { words } = told;
    const form = section.querySelector("form"), opener = section.querySelector("[data-do=open]");
    const find = (selector) => section.querySelector(selector);
    const fill = (key, values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] ?? key);
    const called = (kind, key) => words[`${kind} ${key}`] ?? key;  // what a key of the settings is called
    let zip = "", touched = false, asking = 0, timer = 0, visible = false, wake = () => {}, models = "", listed = null, atWork = false;

    // Questions

    async function post(what, sent = {}) {
        const answer = await fetch(new URL(`../training/${what}`, import.meta.url), {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ ...sent, lang: told.language }),
        });
        return heard(await answer.json());
    }
    function heard(answer) {
        if (answer.error) throw new Error(answer.error);
        return answer;
    }
    function tell(error = null) {
        const line = find(".told");
        line.hidden = !error;
        line.textContent = error ? said(error) : "";
    }
    const said = (error) => (error instanceof TypeError ? fill("no answer") : error.message);
    const tried = (action) => async (...all) => {
        try {
            tell();
            return await action(...all);
        } catch (error) {
            tell(error);
            find(".told").scrollIntoView({ block: "nearest" });
        }
    };
    // What is wrong with somebody's pictures is told where they would be.
    const seen = (action) => async (...all) => {
        try {
            return await action(...all);
        } catch (error) {
            tell();
            find(".sheet-of-own").replaceChildren(Object.assign(document.createElement("p"), { textContent: said(error), className: "odd" }));
        }
    };
    const ids = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    const keep = (list) => told.private && localStorage.setItem(KEPT, JSON.stringify(list.slice(-12)));

    function time(seconds) {
        const whole = Math.max(1, Math.round(seconds)), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
        if (hours) return fill("hours", { hours, minutes });
        return minutes ? fill("minutes", { minutes, seconds: whole % 60 }) : fill("seconds", { seconds: whole });
    }

    // The form

    const field = (name) => form.elements.namedItem(name);
    function fields() {
        const sent = {};
        for (const one of form.elements) {
            if (!one.name || one.name === "zip" || one.name === "folder" || one.name.startsWith("pair-")) continue;
            sent[one.name] = one.type === "checkbox" ? one.checked : one.value;
        }
        if (sent.dataset === "folder") sent.dataset = field("folder").value.trim();
        if (sent.dataset === "zip") sent.dataset = zip;
        return sent;
    }
    function shapeForm() {
        const dataset = field("dataset").value, own = find(".own");
        if (own) {
            own.hidden = !OWN.has(dataset);
            own.querySelector(".path").hidden = dataset !== "folder";
            own.querySelector(".zip").hidden = dataset !== "zip";
        }
        if (!touched && !OWN.has(dataset)) field("epochs").value = told.epochs[dataset] ?? told.epochs.mnist;
        field("model").disabled = Boolean(field("first").value);
    }
    async function ask() {
        const mine = ++asking, sent = fields(), length = find(".how-long"), line = find(".plan .line");
        line.hidden = !sent.dataset;
        if (!sent.dataset) {
            length.textContent = fill("time unknown");
            return;
        }
        try {
            const answer = await post("ask", sent);
            if (mine !== asking) return;
            tell();
            for (const [name, value] of Object.entries(answer.values)) {
                const one = field(name);
                if (one?.type === "number" || one?.type === "text") one.placeholder = value;
            }
            for (const name of ["objective", "penalty", "discriminator_norm", "generator_norm"]) {
                field(name).options[0].textContent = fill("as recipe with", { value: called(name, answer.values[name]) });
            }
            if (!sent.recipe) field("recipe").options[0].textContent = fill("usual recipe", { recipe: called("recipe", answer.values.recipe) });
            line.querySelector("code").textContent = answer.command;
            line.querySelector("[data-copy]").dataset.copy = answer.command;
            list(answer.models);
            length.textContent = fill(answer.pictures === null ? "time unknown" : "measuring time");
            const few = Math.min(Math.max(Math.ceil(SEEN / answer.pictures), FEW), MANY);
            if (!touched && OWN.has(field("dataset").value) && +field("epochs").value !== few) {
                field("epochs").value = few;
                return void ask();
            }
            if (answer.pictures !== null) await measure(mine, sent);
        } catch (error) {
            if (mine !== asking) return;
            length.textContent = "";
            line.hidden = true;  // it is of other settings
            tell(error);
        }
    }
    async function measure(mine, sent) {
        for (;;) {
            const { seconds, speed, again } = await post("time", sent);
            if (mine !== asking) return;
            if (!again) {
                find(".how-long").textContent = fill("will take", { time: time(seconds), speed: Math.round(speed).toLocaleString(told.language) });
                return;
            }
            await new Promise((done) => setTimeout(done, 500));
        }
    }
    function list(names, chosen = field("first").value) {
        const first = field("first"), all = !chosen || names.includes(chosen) ? names : [chosen, ...names];
        if (all.join("\n") !== models) first.replaceChildren(first.options[0], ...all.map((name) => new Option(name, name)));
        models = all.join("\n");
        first.value = chosen;
    }
    function askSoon() {
        clearTimeout(timer);
        asking++;
        find(".how-long").textContent = "";  // it is of other settings
        timer = setTimeout(ask, 250);
    }
    function open(on) {
        form.hidden = !on;
        opener.setAttribute("aria-expanded", on);
        opener.textContent = fill(on ? "close" : "open");
        if (on) {
            shapeForm();
            ask();
        }
    }
    function preset(name) {
        const dataset = field("dataset").value, model = field("model").value;
        form.reset();
        touched = false;
        [field("dataset").value, field("model").value] = [dataset, model];
        for (const [key, value] of Object.entries(told.presets[name])) field(key).value = value;
        if (!(dataset in told.epochs) || told.epochs[dataset] <= told.epochs.mnist) {  // large: it shows soon
            field("epochs").value = PRESET_EPOCHS;
            touched = true;
        }
        form.querySelectorAll("[data-preset]").forEach((one) => one.setAttribute("aria-pressed", one.dataset.preset === name));
        find(".why").textContent = fill(`preset ${name} note`);
        shapeForm();
        ask();
    }
    // A slow server is asked once, however often the button is pressed; it knows by `order` what is only sent again (connection.js).
    const beginners = () => section.querySelectorAll("form [type=submit], [data-do=pair]");
    const begin = tried(async (pair) => {
        const order = `${ganDemo.roll()}-${ganDemo.roll()}`, answered = ganDemo.wait([form]);
        beginners().forEach((button) => { button.disabled = true; });
        try {
            const { ids: made } = await post("start", { ...fields(), ...(pair ? { pair } : {}), order });
            keep([...ids(), ...made]);
        } finally {
            answered();
            beginners().forEach((button) => { button.disabled = false; });
        }
        open(false);
        section.scrollIntoView({ block: "start" });  // the form is gone, and the page is shorter
        wake();
    });
    const look = seen(async () => {
        const place = find(".sheet-of-own");
        place.replaceChildren();
        const answer = await post("look", { dataset: fields().dataset });
        const picture = Object.assign(new Image(), { src: answer.sheet, alt: fill("sheet") });
        const line = (text, name = "") => Object.assign(document.createElement("p"), { textContent: text, className: name });
        place.append(picture, line(answer.said, "note"));
        if (answer.classes.length) place.append(line(answer.classes.join(" · "), "note"));
        place.append(...answer.remarks.map((text) => line(text, "odd")));
        ask();
    });
    const sendZip = seen((file) => new Promise((done, failed) => {
        if (file.size > MAX_ZIP) throw new Error(fill("zip large"));
        const place = find(".sheet-of-own"), sending = new XMLHttpRequest();  // fetch tells nothing of how far it is
        const address = new URL("../training/zip", import.meta.url);
        address.search = new URLSearchParams({ name: file.name, lang: told.language });
        sending.open("POST", address);
        sending.setRequestHeader("Content-Type", "application/zip");
        sending.responseType = "json";
        sending.upload.onprogress = ({ loaded, total }) => {
            place.textContent = fill("zip sending", { share: `${Math.round((100 * loaded) / total)}\u00a0%` });
        };
        sending.onload = () => {
            place.textContent = "";
            if (!sending.response || sending.response.error) return failed(new Error(sending.response?.error ?? fill("no answer")));
            zip = sending.response.dataset;
            done(look());
        };
        sending.onerror = () => failed(new Error(fill("no answer")));
        sending.send(file);
    }));

    form.addEventListener("submit", (event) => {
        event.preventDefault();
        begin(null);
    });
    form.addEventListener("input", ({ target }) => {
        if (target.name === "epochs") touched = true;
        if (target.name === "zip") return target.files[0] && sendZip(target.files[0]);
        if (target.name?.startsWith("pair-")) return;
        shapeForm();
        askSoon();
    });
    section.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const { do: what, preset: name } = button.dataset;
        if (what === "open") open(form.hidden);
        if (what === "look") look();
        if (what === "pair") begin([field("pair-0").value, field("pair-1").value]);
        if (name) preset(name);
    });

    // What runs

    const act = (what) => tried(async (id, more = {}) => {
        await post(what, { id, ...more });
        if (what === "forget") keep(ids().filter((one) => one !== id));
        wake();
    });
    const shown = cards(find(".jobs"), { fill, called, time, language: told.language, act: {
        stop: act("stop"),
        goOn: act("go-on"),
        forget: act("forget"),
        turn: act("turn"),
        see: (name) => ganDemo.open({ model: name }),  // here, where the training is
        trainOn: (name) => {
            open(true);
            list(models.split("\n").filter(Boolean), name);
            find("details").open = true;
            shapeForm();
            askSoon();
            form.scrollIntoView({ block: "start" });
        },
    } });
    const pause = (wait) => new Promise((done) => {
        const waiting = setTimeout(done, wait);
        wake = () => {
            clearTimeout(waiting);
            done();
        };
    });
    // The list of models is asked for anew when one of them has come, goes on, has stopped or has gone.
    function renew(jobs) {
        const found = jobs.filter(({ model }) => model);
        const now = found.map(({ model, state }) => `${model}/${state === "stopping" ? "running" : state}`).join("\n");
        if (now === listed || (listed === null && !told.private)) return void (listed = now);  // the page has just brought it
        listed = now;
        trigger("select", { models: found.map(({ model }) => model) });
    }
    async function follow() {
        while (section.isConnected) {
            const seen = visible && !document.hidden;
            if (!seen && (!atWork || document.hidden)) {
                await pause(2 ** 31 - 1);
                continue;
            }
            let wait = IDLE;
            try {
                const { jobs } = await post("live", { ids: ids(), ...(seen ? shown.seen() : {}) });
                shown.show(jobs);
                renew(jobs);
                const running = jobs.filter(({ state }) => ["running", "stopping"].includes(state)), waits = jobs.some(({ state }) => state === "waiting");
                atWork = waits || running.length > 0;
                if (waits) wait = WAITING;
                if (!seen) wait = IDLE;
                else if (shown.isNew()) wait = 0;
                else if (running.length) wait = running.some(({ live }) => !live || live.seconds < YOUNG) ? FAST : SLOW;
            } catch {
                wait = IDLE;  // the page says itself that the server is gone: connection.js
            }
            await pause(wait);
        }
    }
    new IntersectionObserver((seen) => {
        visible = seen.at(-1).isIntersecting;
        if (visible) wake();
    }).observe(section);
    document.addEventListener("visibilitychange", () => wake());
    section.dataset.ready = "";
    follow();
}
