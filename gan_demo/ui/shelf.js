// Buttons anywhere on the page that say data-pin, data-unpin or data-use="an address" reach the server through
// the shelf, together with the name of the tab that is open.
const events = { pin: "like", unpin: "delete", use: "select" };

document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pin], [data-unpin], [data-use]");
    if (!button) return;
    const action = Object.keys(events).find((name) => name in button.dataset);
    const open = document.querySelector("#tabs [role=tab][aria-selected=true]")?.id.replace(/^tab-|-button$/g, "");
    const { tab = open, place } = button.dataset;  // data-tab: not the one that is open, but this one
    if (tab !== open) document.getElementById(`tab-${tab}-button`)?.click();
    trigger(events[action], { address: button.dataset[action], tab, place });
});
