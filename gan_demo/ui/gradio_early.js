// Gradio shows "Loading..." with its logo, which moves, and a count of seconds. It takes both away before they have ended: the
// count goes on for as long as the page is open, the logo for some seconds, and the browser makes a frame for them each
// sixtieth of a second. Where neither is seen they get one or two a second; so does what waits for the frame of a Space, where there
// is none.
{
    const frame = window.requestAnimationFrame;
    const COUNT = /performance\.now\(\) ?- ?\w+\(\w+\)\) ?\/ ?1e3/, MOVE = /\.tasks\.forEach\(/, FIT = /\.autoResize\(/;
    const seen = () => document.querySelector("[data-testid=status-tracker]:not(.hide)");
    const rest = (callback) => (COUNT.test(callback) || (FIT.test(callback) && window.parent === window) ? 1000 : MOVE.test(callback) ? 500 : 0);
    window.requestAnimationFrame = (callback) => {
        const milliseconds = rest(callback);
        return milliseconds && !seen() ? setTimeout(() => frame(callback), milliseconds) : frame(callback);
    };
}
