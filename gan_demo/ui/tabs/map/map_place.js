// The view of the map, such as "x1.25:y-3:z2", where the page's links and pinned digits find it: tab.js has the rest.
const go = () => document.dispatchEvent(new CustomEvent("map-go", { detail: props.value }));
document.addEventListener("map-ready", go);
document.addEventListener("map-went", ({ detail }) => { props.value = detail; });
watch("value", go);
go();
