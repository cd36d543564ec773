// Map: pans, zooms and draws the plane. `props.value` says which model, world, digit and tint, and what the limits
// are; `server.tile` sends 16 x 16 digits in one picture. The view, such as "x1.25:y-3:z2", lives in map_place.js.
//
// A digit stands over its point of the plane. At level L digits are 2^-L apart, and a level is shown while they are
// about 28 pixels large: zooming in finds new ones between them, below level 0 they only become smaller. What is
// missing is drawn from other levels until it comes. A frame is drawn only when something has changed, from
// ImageBitmaps, and touches nothing outside the canvas.
//
// Two more files are the rest of this script: tiles.js, where the pictures come from, and moving.js, how pointers,
// wheel and keys move the view. tab.py puts the three together, so each knows the names of the others.
const CELL = 28, AT_ONCE = 3, AHEAD = 0.6, KEPT = 120, FADE = 140, MOVED = 5;
const { side: SIDE, levels: LEVELS, zooms: ZOOMS, edge: EDGE, home: HOME, labels } = props.value;
const SHEET = SIDE * CELL;
const find = (selector) => element.querySelector(selector);
const { clamp } = ganDemo;
const still = matchMedia("(prefers-reduced-motion: reduce)");

const canvas = find(".plane canvas"), brush = canvas.getContext("2d", { alpha: false }), lens = find(".looked-at canvas");
const tiles = new Map();  // by key, the one that was needed last at the end
const view = { x: 0, y: 0, zoom: 2 };  // the point in the middle
let setup = props.value, shades = [], width = 0, height = 0, ratio = 1, visible = false;
let frame = 0, timer = 0, settling = 0, loading = 0;
let aim = null;  // a zoom to come to, about a place of the canvas
let glide = null;  // points a millisecond, after a fling
let cell = null;  // that is looked at: {level, column, row}
let pointer = null;  // where on the canvas it is
let ends = [];  // of a path: the last two cells that were clicked
let plain = { key: null, picture: null };  // the tile of the digit that is looked at, without tint

const scale = () => CELL * 2 ** view.zoom;  // pixels from one whole point to the next
const levelNow = () => clamp(Math.round(view.zoom), 0, LEVELS);
const keyOf = (level, column, row) => [setup.model, setup.stamp, setup.world, setup.digit, level, column, row].join("|");
const touchable = (x, y) => ({ x: view.x + (x - width / 2) / scale(), y: view.y + (y - height / 2) / scale() });
const plainly = (number, digits = 6) => String(Number(number.toFixed(digits)) + 0);

// Where things are

function range(level, margin = 0) {
    // The tiles in sight, and those as near as `margin` of a tile.
    const span = SIDE / 2 ** level, half = 0.5 / 2 ** level;
    const at = (middle, length, sign) => Math.floor((middle + sign * length / 2 / scale() + half) / span + sign * margin);
    const most = Math.floor((EDGE * 2 ** level) / SIDE) - 1;
    return [at(view.x, width, -1), at(view.x, width, 1), at(view.y, height, -1), at(view.y, height, 1)].map((n) => clamp(n, -most, most));
}
function* tilesOf(level, margin) {
    const [left, right, top, bottom] = range(level, margin);
    for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) yield { level, column, row };
}
function boxOf(level, column, row, cells = 1) {
    // Of a cell, or of a tile of `cells` a side: left, top, right and bottom on the canvas, in its whole pixels.
    const step = 1 / 2 ** level, put = (n, middle, length) =>
        Math.round(((n * cells - 0.5) * step - middle) * scale() * ratio + (length * ratio) / 2);
    return [put(column, view.x, width), put(row, view.y, height), put(column + 1, view.x, width), put(row + 1, view.y, height)];
}
function cellAt(x, y) {
    const level = levelNow(), place = touchable(x, y), most = EDGE * 2 ** level;
    const near = (value) => clamp(Math.round(value * 2 ** level), -most, most) + 0;
    return { level, column: near(place.x), row: near(place.y) };
}
const same = (a, b) => a && b && a.level === b.level && a.column === b.column && a.row === b.row;
function tileOf({ level, column, row }) {
    const [c, r] = [Math.floor(column / SIDE), Math.floor(row / SIDE)];
    return { key: keyOf(level, c, r), index: (row - r * SIDE) * SIDE + column - c * SIDE };
}
function addressOf({ level, column, row }) {
    const digit = setup.digit === null ? "" : `:d${setup.digit}`;
    return `${setup.model}:${setup.world}:x${plainly(column / 2 ** level)}:y${plainly(row / 2 ** level)}${digit}`;
}

// Drawing

const ground = () => (setup.light ? "#f2f2f0" : "#101113"), ink = () => (setup.light ? "#000" : "#fff");
const change = () => { frame ||= requestAnimationFrame(draw); };

function draw(now) {
    frame = 0;
    if (!visible || !width) return;
    move(now);
    brush.fillStyle = ground();
    brush.fillRect(0, 0, canvas.width, canvas.height);
    const level = levelNow();
    const whole = [...tilesOf(level)].every(({ column, row }) => tiles.get(keyOf(level, column, row))?.picture);
    if (!whole || fading(level, now)) for (const other of [level - 3, level - 2, level + 1, level - 1]) if (other >= 0 && other <= LEVELS) paint(other, now, false);
    if (paint(level, now, true)) change();
    mark();
    if (canvas.ariaBusy !== String(!whole)) canvas.ariaBusy = String(!whole);
    pump();
}
const fading = (level, now) => [...tilesOf(level)].some(({ column, row }) => now - tiles.get(keyOf(level, column, row))?.born < FADE);

function paint(level, now, fade) {
    let more = false;
    for (const { column, row } of tilesOf(level)) {
        const tile = tiles.get(keyOf(level, column, row));
        if (!tile?.picture) continue;
        if (tile.tint !== setup.tint) colour(tile);
        const [left, top, right, bottom] = boxOf(level, column, row, SIDE);
        const share = fade && !still.matches ? Math.min((now - tile.born) / FADE, 1) : 1;
        brush.globalAlpha = Math.max(share, 0);
        brush.drawImage(tile.picture, left, top, right - left, bottom - top);
        more ||= share < 1;
    }
    brush.globalAlpha = 1;
    return more;
}

function mark() {
    const line = Math.max(2 * ratio, 2), shown = cell && (document.activeElement === canvas || canvas.matches(":hover")) ? [cell] : [];
    const middle = (box) => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const boxes = ends.map(({ level, column, row }) => boxOf(level, column, row));
    brush.lineWidth = line;
    brush.strokeStyle = ink();
    if (boxes.length === 2) {
        const [from, to] = boxes.map(middle), gap = [to[0] - from[0], to[1] - from[1]], length = Math.hypot(...gap);
        const aside = (boxes[0][2] - boxes[0][0]) * 0.75;  // the line leaves both digits free
        if (length > 2 * aside) {
            const at = (share) => [from[0] + gap[0] * share, from[1] + gap[1] * share];
            brush.setLineDash([4 * ratio, 5 * ratio]);
            brush.beginPath();
            brush.moveTo(...at(aside / length));
            brush.lineTo(...at(1 - aside / length));
            brush.stroke();
            brush.setLineDash([]);
        }
    }
    for (const [left, top, right, bottom] of [...boxes, ...shown.map(({ level, column, row }) => boxOf(level, column, row))])
        brush.strokeRect(left, top, right - left, bottom - top);
    boxes.forEach((box, index) => {
        brush.fillStyle = ink();
        brush.fillRect(box[0] - line / 2, box[1] - 15 * ratio, 15 * ratio, 15 * ratio);
        brush.fillStyle = ground();
        brush.font = `600 ${11 * ratio}px system-ui, sans-serif`;
        brush.fillText("AB"[index], box[0] + 3 * ratio, box[1] - 4 * ratio);
    });
}

// The digit that is looked at

async function look() {
    const { key, index } = tileOf(cell), tile = tiles.get(key), mine = cell, address = addressOf(cell);
    find(".address").hidden = false;
    find(".address code").textContent = address;
    find("[data-copy]").dataset.copy = address;
    find("[data-pin]").dataset.pin = address;
    find("[data-pin]").setAttribute("aria-label", labels.pin.replace("{address}", address));
    const known = Boolean(tile?.png);
    for (const part of [".looked-at figure span", ".map-says"]) ganDemo.lean(find(part), known ? tile.lean[index] : 0);
    find(".number span").textContent = known ? tile.number[index] : "…";
    find(".verdict").textContent = known ? labels.said.replace("{who}", setup.who).replace("{verdict}", labels.verdicts[tile.verdict[index]]) : "";
    find(".read").textContent = known && tile.digit ? labels.read.replace("{digit}", tile.digit[index]) : "";
    lens.setAttribute("aria-label", address);
    if (!known) lens.getContext("2d").clearRect(0, 0, CELL, CELL);  // the one before is not what stands beside it
    if (!known) return;
    if (plain.key !== key) {
        const picture = await bitmap(tile);
        plain.picture?.close();
        plain = { key, picture };
    }
    if (cell === mine) lens.getContext("2d").drawImage(plain.picture, (index % SIDE) * CELL, Math.floor(index / SIDE) * CELL, CELL, CELL, 0, 0, CELL, CELL);
}
function pick(found) {
    if (same(found, cell)) return;
    cell = found;
    look();
    change();
}
function lookAtMiddle() {
    if (setup.model && width) pick(cellAt(width / 2, height / 2));
}
function choose(found, pin) {
    pick(found);
    if (!same(found, ends.at(-1))) ends = [...ends.slice(-1), found];
    if (pin) find("[data-pin]").click();
    showWalk();
    change();
}
function showWalk() {
    const walk = find(".walk");
    walk.hidden = ends.length < 2;
    if (walk.hidden) return;
    const [start, end] = ends.map(addressOf);
    const [from, to] = [start, end].map((address) => address.match(/x[^:]*:y[^:]*/)[0]);
    walk.querySelector("span").textContent = labels.walk.replace("{start}", from).replace("{end}", to);
    walk.querySelector("a").href = walkLink(start, end);
}
function walkLink(start, end) {
    const link = ganDemo.link(document.documentElement.dataset.spoken).replace(/([?&])tab=[^&]*&/, "$1");
    return `${link}&tab=interpolate&way=${start},${end}`;
}

// Start, and go on with other settings.

function start() {
    const before = [setup.model, setup.world, setup.digit].join("|");
    setup = props.value;
    if (before !== [setup.model, setup.world, setup.digit].join("|")) ends = [];
    if (!shades.length) mix();
    showWalk();
    if (cell) look();
    else lookAtMiddle();
    change();
}
new ResizeObserver(() => {
    const box = canvas.getBoundingClientRect();
    if (!box.width) return;
    const fine = Math.min(devicePixelRatio || 1, 2);
    ratio = fine * ganDemo.zoom();
    [canvas.width, canvas.height] = [Math.round(box.width * fine), Math.round(box.height * fine)];
    [width, height] = [canvas.width / ratio, canvas.height / ratio];  // whole pixels, as they are drawn
    draw(performance.now());  // at once: a resized canvas is empty
    cell ?? lookAtMiddle();
}).observe(canvas);
new IntersectionObserver((seen) => {
    visible = seen.at(-1).isIntersecting;
    change();
}, { rootMargin: "400px" }).observe(canvas);
watch("value", start);
start();
document.addEventListener("map-go", ({ detail }) => goTo(detail));
document.dispatchEvent(new CustomEvent("map-ready"));
