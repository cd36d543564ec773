// Buttons anywhere on the page that say data-pin or data-unpin="an address" change what is pinned, and data-use="an address"
// goes to the tab that is open, or to the one in data-tab, which it opens.
let pins = null;  // as they are after all clicks, even those that are not drawn yet
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

ganDemo.changePins = (stored) => {
    pins ??= stored ?? [];
    for (const { pin, unpin } of clicks.splice(0)) {
        if (unpin) pins = pins.filter((address) => address !== unpin);
        else if (pins.includes(pin)) continue;
        else if (pins.length < element.querySelector(".pinned").dataset.most) pins = [...pins, pin];
        else trigger("input");  // which says that there is no room
    }
    return pins;
};
