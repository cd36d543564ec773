// Buttons anywhere on the page that say data-pin or data-unpin="an address" change what is pinned, and data-use="an address"
// goes to the tab that is open, or to the one in data-tab, which it opens.
//
// Several windows of one browser share what is pinned. Each change is written down with its time, removals too, where all
// of them read: { address: [milliseconds, whether it is pinned] }. The newest word on an address holds.
const WRITTEN = "gan-demo-pins", MOST_REMOVALS = 200;
let log = null;  // as it is after all clicks, even those that are not drawn yet
const clicks = [];

document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pin], [data-unpin], [data-use]");
    if (!button) return;
    const { pin, unpin, use, place } = button.dataset;
    if (use === undefined) {
        clicks.push({ pin, unpin });
        trigger("like");
        return;
    }
    const open = document.querySelector("#tabs [role=tab][aria-selected=true]")?.id.replace(/^tab-|-button$/g, "");
    const { tab = open } = button.dataset;
    if (tab !== open) document.getElementById(`tab-${tab}-button`)?.click();
    ganDemo.use(tab, { address: use, place });
});

function read() {
    try {
        const found = Object.entries(JSON.parse(localStorage.getItem(WRITTEN)) ?? {});
        return found.filter(([, word]) => Array.isArray(word) && Number.isFinite(word[0]) && typeof word[1] === "boolean");
    } catch {  // nothing may be kept here, or somebody has written something else
        return [];
    }
}
function merge(others) {
    for (const [address, word] of others) if (!(word[0] <= log[address]?.[0])) log[address] = word;
    const removed = Object.keys(log).filter((address) => !log[address][1]).sort((one, other) => log[other][0] - log[one][0]);
    for (const address of removed.slice(MOST_REMOVALS)) delete log[address];
}
const text = () => JSON.stringify(Object.fromEntries(Object.entries(log ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))));
const most = () => Number(element.querySelector(".pinned").dataset.most);
const pinned = () => Object.keys(log).filter((address) => log[address][1]).sort((one, other) => log[one][0] - log[other][0]).slice(0, most());

ganDemo.changePins = (stored) => {
    const others = read();
    // What was pinned before anything was written down is the oldest.
    if (!log) log = others.length ? {} : Object.fromEntries((stored ?? []).map((address, index) => [address, [index, true]]));
    merge(others);
    for (const { pin, unpin } of clicks.splice(0)) {
        const now = Math.max(Date.now(), ...Object.values(log).map(([at]) => at + 1));  // after all that is known
        if (unpin) log[unpin] = [now, false];
        else if (log[pin]?.[1]) continue;
        else if (pinned().length < most()) log[pin] = [now, true];
        else trigger("input");  // which says that there is no room
    }
    merge([]);
    try {
        localStorage.setItem(WRITTEN, text());  // windows that know the same write the same: then none of them hears of it
    } catch {
        // Then this window keeps it while it is open.
    }
    return pinned();
};

// The row that the page opens with may come after one that somebody's click has asked for.
watch("value", () => {
    const given = element.querySelector(".pinned")?.dataset.given;
    if (log && given && given !== JSON.stringify(pinned())) trigger("like");
});

// Another window has pinned or removed something.
addEventListener("storage", ({ key, newValue }) => {
    if (key === WRITTEN && newValue && newValue !== text()) trigger("like");
});
