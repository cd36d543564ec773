// Gradio shows "Loading..." with a count of seconds, and takes it away before it has ended: it goes on for as long as the page
// is open, and the browser makes a frame for it each sixtieth of a second. Where no count is seen it gets one a second.
{
    const frame = window.requestAnimationFrame, COUNT = /performance\.now\(\) ?- ?\w+\(\w+\)\) ?\/ ?1e3/;
    const seen = () => document.querySelector("[data-testid=status-tracker]:not(.hide)");
    window.requestAnimationFrame = (callback) => (COUNT.test(callback) && !seen() ? setTimeout(() => frame(callback), 1000) : frame(callback));
}
