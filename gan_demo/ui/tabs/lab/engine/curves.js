// The curve under the numbers: of the divergences, of both losses, of D's largest slope.

// What each choice draws: the names of the worker's series and their colours.
const CURVES = {
    js: [["js", "ink"], ["bound", "soft"]],
    w1: [["w1", "ink"]],
    losses: [["loss_d", "ink"], ["loss_g", "fake"]],
    slope: [["slope", "ink"]],
};
const REST_MS = 500;  // between two drawings while the game runs

export function curve(box) {
    let drawn = null, last = 0, shown = "";
    // `at`: the step that is shown, which the curve marks; `now`: even if it was drawn a moment ago.
    return async function draw(series, which, at, now) {
        const begun = performance.now();
        if (!now && begun - last < REST_MS && shown === which) return;
        [last, shown] = [begun, which];
        const { board } = await ganDemo.charts();
        if (!box.clientWidth) return;
        drawn?.destroy();
        drawn = null;
        box.replaceChildren();
        if (series.step.length < 2) return;
        const lines = CURVES[which].map(([name, colour]) => ({ y: series[name], colour })).filter(({ y }) => y.some((one) => one !== null));
        if (!lines.length) return;
        const js = which === "js" ? { level: [Math.log(2), "log 2"], range: [Math.min(0, ...series.bound) * 1.1, 0.75] } : {};
        drawn = board({ x: series.step, drag: "none", choose() {} });
        drawn.add(box, { lines, ...js });
        drawn.choose(at);
    };
}
