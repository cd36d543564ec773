// A game in the address, lab=plane,ring,...: what is set, what has been played, what is looked at. Equal links show equal
// pictures. A link may end anywhere after the moves: what it leaves out is as usual.

// The order never changes, as old links are still about: new names go to the end.
const SET = ["place", "data", "objective", "penalty", "lr_d", "lr_g", "d_steps", "penalty_weight", "beta1", "batch_size", "seed", "spectral"];
const LATER = ["g_layers", "g_width", "d_layers", "d_width", "field", "arrows", "lattice", "curve"];
const MOST = 20_000;  // moves that a link can ask for
const LEVELS = 1296, POINT = /[0-9a-z]{4}/g;  // places along each side of the plane: two digits of base 36

const plain = (value) => (typeof value === "boolean" ? Number(value) : value);
const whole = (share) => Math.min(Math.max(Math.floor(share * LEVELS), 0), LEVELS - 1);

// What was played, [kind, count] each: "40" iterations, or "40i100d3g", where D or G took steps alone.
const writeMoves = (moves) => (moves.every(([kind]) => kind === "i") ? String(moves.reduce((sum, [, count]) => sum + count, 0)) : moves.map(([kind, count]) => `${count}${kind}`).join(""));
function readMoves(text) {
    const found = /^\d+$/.test(text) ? [["i", Number(text)]] : [...text.matchAll(/(\d+)([idg])/g)].map(([, count, kind]) => [kind, Number(count)]);
    let left = MOST;
    return found.map(([kind, count]) => {
        const some = Math.min(count, left);
        left -= some;
        return [kind, some];
    }).filter(([, count]) => count);
}

// A point of the plane, whose sides reach from -reach to reach, as it is kept in a link: data drawn by hand are such points.
export const snap = (x, reach) => reach * (2 * (whole((x / reach + 1) / 2) + 0.5) / LEVELS - 1);
const writePoints = (points, reach) => [...points].map((x) => whole((x / reach + 1) / 2).toString(36).padStart(2, "0")).join("");
const readPoints = (text, reach) => (text.match(POINT) ?? []).slice(0, 200).flatMap((pair) => [pair.slice(0, 2), pair.slice(2)])
    .map((digits) => reach * (2 * (parseInt(digits, 36) + 0.5) / LEVELS - 1));

// The text of a link; null for a game as it is when the tab is opened. `points`: data drawn by hand, or null.
export function write(chosen, usual, moves, points, reach) {
    const parts = [...SET.map((name) => plain(chosen[name])), writeMoves(moves), ...LATER.map((name) => plain(chosen[name]))];
    if (points) parts.push(writePoints(points, reach));
    else for (const name of [...LATER].reverse()) {
        if (chosen[name] !== usual[name]) break;
        parts.pop();
    }
    const same = SET.every((name) => chosen[name] === usual[name]) && !moves.length && parts.length === SET.length + 1;
    return same ? null : parts.join(",");
}

// What a link asks for: { chosen, moves, points }. `allowed(name, text, chosen)` gives the value of a setting, or undefined.
export function read(text, usual, allowed, reach) {
    const parts = text.split(","), chosen = { ...usual };
    if (parts.length <= SET.length) return { chosen, moves: [], points: null };
    const take = (name, part) => {
        const value = part === undefined ? undefined : allowed(name, part, chosen);
        if (value !== undefined) chosen[name] = value;
    };
    SET.forEach((name, index) => take(name, parts[index]));
    LATER.forEach((name, index) => take(name, parts[SET.length + 1 + index]));
    const drawn = readPoints(parts[SET.length + 1 + LATER.length] ?? "", reach);
    return { chosen, moves: readMoves(parts[SET.length]), points: drawn.length ? drawn : null };
}
