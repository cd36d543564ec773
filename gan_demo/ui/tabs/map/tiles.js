// The tiles of the map: which are asked for, in which order, how they are coloured, and which are kept. Part of tab.js.

function pump() {
    if (!visible || !setup.model) return;
    const now = performance.now(), level = levelNow(), place = (n, middle) => (n + 0.5) * SIDE / 2 ** level - middle;
    const far = ({ column, row }) => Math.hypot(place(column, view.x), place(row, view.y));
    const open = (margin) => [...tilesOf(level, margin)]
        .map((tile) => ({ ...tile, key: keyOf(level, tile.column, tile.row) }))
        .filter(({ key }) => !tiles.has(key) || (tiles.get(key).again ?? Infinity) <= now)
        .sort((a, b) => far(a) - far(b));
    const inSight = open(0);
    for (const tile of inSight) if (loading < AT_ONCE) load(tile);
    // What lies around comes when nothing in sight is waiting.
    if (!inSight.length && !loading && !aim) for (const tile of open(AHEAD).slice(0, 1)) load(tile, []);
}

async function load({ key, level, column, row }, awaited = [find(".plane")]) {
    const tile = tiles.get(key) ?? { key, tries: 0 }, { labels, model, world, digit, light } = setup;
    tile.again = null;
    tiles.set(key, tile);
    loading++;
    const answered = ganDemo.wait(awaited);
    const answer = (await server.tile(model, world, level, column, row, digit).catch(() => null)) ?? { error: labels.lost };
    answered();
    loading--;
    if (answer.png) {
        Object.assign(tile, answer, { tries: 0, light });
        tell("");
        await colour(tile);
        trim();
    } else {
        // Later each time, and not all browsers at once.
        const wait = Math.min(250 * 2 ** tile.tries++, 8000) * (0.75 + Math.random() / 2);
        tile.again = performance.now() + wait;
        setTimeout(change, wait + 20);
        tell(answer.error ?? (tile.tries > 3 ? labels.waiting : ""));
    }
    if (cell && tileOf(cell).key === key) look();
    change();
    pump();
}

async function bitmap(tile) {
    return createImageBitmap(await (await fetch(tile.png)).blob());
}
async function colour(tile) {
    if (tile.colouring === setup.tint) return;
    const tint = tile.colouring = setup.tint, kind = [tile.digit, tile.lean, tile.rank, null][tint], [classes, onDark, onLight] = shades;
    let picture = await bitmap(tile);
    if (kind) {
        const sheet = new OffscreenCanvas(SHEET, SHEET), pen = sheet.getContext("2d");
        kind.forEach((value, index) => {
            pen.fillStyle = tint ? (tile.light ? onLight : onDark)[value + 100] : classes[value];
            pen.fillRect((index % SIDE) * CELL, Math.floor(index / SIDE) * CELL, CELL, CELL);
        });
        pen.globalCompositeOperation = tile.light ? "multiply" : "screen";  // paper takes the colour, ink stays as it is
        pen.drawImage(picture, 0, 0);
        picture.close();
        picture = sheet.transferToImageBitmap();
    }
    if (tint !== setup.tint) {  // changed meanwhile
        picture.close();
        return colour(tile);
    }
    tile.picture?.close();
    tile.born ??= performance.now();
    Object.assign(tile, { picture, tint, colouring: null });
    change();
}
function trim() {
    for (const { column, row, level } of tilesOf(levelNow())) {
        const key = keyOf(level, column, row), tile = tiles.get(key);
        if (tile) tiles.delete(key) && tiles.set(key, tile);
    }
    for (const [key, tile] of tiles) {
        if (tiles.size <= KEPT) break;
        if (!tile.picture) continue;  // on its way
        tile.picture.close();
        tiles.delete(key);
    }
}
function mix() {
    // Colours as the rest of the page has them, darker, and lighter on light ground, so that ink stays readable on them.
    const probe = document.createElement("i");
    element.append(probe);
    const seen = (text, ground) => {
        probe.style.color = `color-mix(in oklab, ${text} 62%, ${ground})`;
        return getComputedStyle(probe).color;
    };
    const beliefs = (ground) => Array.from({ length: 201 }, (_, index) =>
        seen(`color-mix(in oklab, var(--${index < 100 ? "fake" : "real"}) ${Math.abs(index - 100)}%, var(--unsure))`, ground));
    shades = [setup.colours.map((colour) => seen(colour, "#000")), beliefs("#000"), beliefs("#fff")];
    probe.remove();
}
function tell(text) {
    const line = find(".told");
    if (line.textContent !== text) line.textContent = text;
}
