// Opens and folds the groups of a picture, by the rules of layout.py and svg.py. `place` only
// computes; `show` moves what is on the page.

function short(x) {
  return String(Math.round(x * 10) / 10 + 0);
}

function settled(wanted, steps) {
  const blocks = [];
  wanted.forEach((height, i) => {
    blocks.push([1, height - steps[i]]);
    while (blocks.length > 1) {
      const [a, b] = blocks.slice(-2);
      if (a[1] / a[0] <= b[1] / b[0]) break;
      blocks.splice(-2, 2, [a[0] + b[0], a[1] + b[1]]);
    }
  });
  const found = blocks.flatMap(([many, total]) => Array(many).fill(total / many));
  return found.map((height, i) => height + steps[i]);
}

function place(level, measures) {
  const [left, top, right, bottom] = measures.frame;
  const sizes = level.sizes;
  level.items.forEach((item, i) => {
    if (!item.inside) return;
    if (item.open) {
      const inside = place(item.inside, measures);
      const width = Math.max(left + inside.width + right, item.least);
      sizes[i] = [width, top + inside.height + bottom];
    } else {
      sizes[i] = item.folded;
    }
  });

  const middles = [], columnOf = [];
  level.columns.forEach((column, c) => {
    const steps = [0];
    for (let i = 1; i < column.length; i++) {
      const heights = sizes[column[i - 1]][1] + sizes[column[i]][1];
      steps.push(steps[i - 1] + heights / 2 + measures.separation);
    }
    const heights = settled(column.map((box) => level.middles[box]), steps);
    column.forEach((box, i) => {
      middles[box] = heights[i];
      columnOf[box] = c;
    });
  });
  const highest = Math.min(...middles.map((y, box) => y - sizes[box][1] / 2));
  middles.forEach((y, box) => (middles[box] = y - highest));
  level.height = Math.max(...middles.map((y, box) => y + sizes[box][1] / 2));

  const rises = level.columns.map(() => 0);
  for (const { stops } of level.wires) {
    for (let i = 1; i < stops.length; i++) {
      const rise = Math.abs(middles[stops[i - 1]] - middles[stops[i]]);
      rises[columnOf[stops[i - 1]]] = Math.max(rises[columnOf[stops[i - 1]]], rise);
    }
  }
  const lefts = [], rights = [];
  let x = 0;
  level.columns.forEach((column, c) => {
    lefts[c] = x;
    rights[c] = x + Math.max(...column.map((box) => sizes[box][0]));
    level.width = rights[c];
    x = rights[c] + Math.floor(measures.gap + Math.min(measures.most, measures.steep * rises[c]));
  });

  const corner = (box) => {
    const column = columnOf[box];
    const isLeft = level.items[box].inside || !(sizes[box][0] || column);
    return isLeft ? lefts[column] : rights[column] - sizes[box][0];
  };
  level.corners = level.items.map((_, i) => [corner(i), middles[i] - sizes[i][1] / 2]);
  level.now = middles;
  route(level, middles, columnOf, lefts, rights, corner, measures);
  return level;
}

function route(level, middles, columnOf, lefts, rights, corner, measures) {
  const [, top, , bottom] = measures.frame;
  const port = (box, number) => {
    const item = level.items[box];
    if (!item.inside || !item.open) return 0;
    return item.inside.now[number] - item.inside.height / 2 + (top - bottom) / 2;
  };
  const ends = level.wires.map(({ stops, into }) => port(stops[stops.length - 1], into));
  level.items.forEach((item, target) => {
    if (item.port || item.open) return;
    const arriving = level.wires
      .map(({ stops }, i) => [stops, i])
      .filter(([stops]) => stops[stops.length - 1] === target)
      .sort(([a], [b]) => middles[a[a.length - 2]] - middles[b[b.length - 2]]);
    const room = (level.sizes[target][1] - 10) / Math.max(1, arriving.length - 1);
    arriving.forEach(([, i], k) => {
      ends[i] = (k - (arriving.length - 1) / 2) * Math.min(7, room);
    });
  });
  level.heads = "";
  level.paths = level.wires.map(({ stops, outOf }, i) => {
    const target = stops[stops.length - 1];
    const item = level.items[target];
    let column = columnOf[stops[0]];
    let y = middles[stops[0]] + port(stops[0], outOf);
    let x = corner(stops[0]) + level.sizes[stops[0]][0];
    let path = `M${short(x)},${short(y)}H${short(rights[column])}`;
    for (const stop of stops.slice(1)) {
      const start = rights[column], before = y;
      column = columnOf[stop];
      x = lefts[column];
      y = middles[stop] + (stop === target ? ends[i] : 0);
      const half = short((start + x) / 2);
      path += `C${half},${short(before)} ${half},${short(y)} ${short(x)},${short(y)}`;
      x = rights[column];
      if (stop === target) {
        const radius = item.round || 0;
        x = corner(stop) + radius - Math.sqrt(Math.max(0, radius * radius - ends[i] * ends[i]));
      }
      path += `H${short(x)}`;
    }
    if (!item.port && !item.open) level.heads += `M${short(x)},${short(y)}l-6,-2.7v5.4z`;
    return path;
  });
}

function show(level, element, measures) {
  const [left, top, right] = measures.frame;
  const [wires, heads, ...boxes] = element.children;
  level.paths.forEach((path, i) => wires.children[i].setAttribute("d", path));
  heads.setAttribute("d", level.heads);
  level.items.forEach((item, i) => {
    boxes[i].setAttribute("transform", `translate(${level.corners[i].map(short)})`);
    if (!item.inside) return;
    const [, closed, opened] = boxes[i].children;
    (item.open ? closed : opened).setAttribute("display", "none");
    (item.open ? opened : closed).removeAttribute("display");
    if (!item.open) return;
    const [frame, , ports, inside] = opened.children;
    const [width, height] = level.sizes[i];
    frame.setAttribute("width", short(width));
    frame.setAttribute("height", short(height));
    const y = (number) => short(top + item.inside.now[number]);
    ports.setAttribute("d", [
      ...item.inside.inputs.map((number) => `M0,${y(number)}h${short(left)}`),
      ...item.inside.outputs.map(
        (number) => `M${short(left + item.inside.width)},${y(number)}H${short(width)}`,
      ),
    ].join(""));
    show(item.inside, inside, measures);
  });
}

function listen(level, element, changed) {
  level.items.forEach((item, i) => {
    if (!item.inside) return;
    const [, closed, opened] = element.children[2 + i].children;
    for (const button of [closed, opened.children[1]]) {
      const turn = (event) => {
        if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        item.open = !item.open;
        changed();
      };
      button.style.cursor = "pointer";
      button.setAttribute("tabindex", "0");
      button.setAttribute("role", "button");
      button.addEventListener("click", turn);
      button.addEventListener("keydown", turn);
    }
    listen(item.inside, opened.children[3], changed);
  });
}

function begin(drawing) {
  const { level, measures, least } = JSON.parse(
    drawing.querySelector('script[type="application/json"]').textContent,
  );
  const svg = drawing.querySelector("svg");
  const [picture, sentences] = svg.children;
  const below = Number(svg.getAttribute("height")) - level.height;
  const before = level.height;
  listen(level, picture, () => {
    place(level, measures);
    show(level, picture, measures);
    const width = short(Math.max(level.width + 2 * measures.margin, least));
    const height = short(level.height + below);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    if (sentences) sentences.setAttribute("transform", `translate(0,${short(level.height - before)})`);
  });
}

if (typeof document !== "undefined") {
  for (const drawing of document.querySelectorAll(".moreish-drawing:not([data-ready])")) {
    drawing.setAttribute("data-ready", "");
    if (drawing.querySelector("script")) begin(drawing);
  }
}
