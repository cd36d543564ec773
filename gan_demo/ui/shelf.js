// Buttons anywhere on the page that say data-pin, data-unpin or data-use="an address" reach the server through
// the shelf, together with the name of the tab that is open.
const events = { pin: "like", unpin: "delete", use: "select" };

document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pin], [data-unpin], [data-use]");
    if (!button) return;
    const action = Object.keys(events).find((name) => name in button.dataset);
    const tab = document.querySelector("#tabs [role=tab][aria-selected=true]")?.id.replace(/^tab-|-button$/g, "");
    trigger(events[action], { address: button.dataset[action], tab });
});
