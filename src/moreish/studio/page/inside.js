// Drawings of a network's inside: tokens in the plane, histograms of its layers, how far a step moves, a range test.

import { draw, make } from "./dom.js";

const SIZE = 420, EDGE = 24;
const NAMES = { embedding: "embeddings", hidden: "hidden units (tanh)", output: "logits" };

/** Where the embeddings are: the letters move from look to look, and are made anew only for other tokens. */
export function plane(place, note, { plane: { tokens, x, y }, step }) {
  const reach = Math.max(...x.map(Math.abs), ...y.map(Math.abs), 1e-9);
  const scale = (SIZE / 2 - EDGE) / reach;
  let svg = place.querySelector("svg");
  if (!svg || svg.dataset.tokens !== tokens.join("\n")) {
    svg = draw("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "plane" });
    svg.dataset.tokens = tokens.join("\n");
    svg.append(...tokens.map((token) => {
      const group = draw("g");
      group.append(draw("circle", { r: token.length > 1 ? 3 : 10 }),
        draw("text", token.length > 1 ? { x: 6, y: 4 } : { y: 4, "text-anchor": "middle", class: "inside" }, token));
      return group;
    }));
    place.replaceChildren(svg);
  }
  svg.setAttribute("aria-label", `${tokens.length} tokens in the plane after step ${step}: tokens that are used alike come to lie near each other.`);
  [...svg.children].forEach((group, i) => {
    group.style.transform = `translate(${(SIZE / 2 + scale * x[i]).toFixed(1)}px, ${(SIZE / 2 - scale * y[i]).toFixed(1)}px)`;
  });
  note.textContent = `Step ${step}. Each token is a row of numbers; the plane shows the two directions in which they differ most. Tokens that are used alike come to lie near each other.`;
}

/** Histograms of the activations and gradients of each layer, and the share that is saturated in words. */
export function layers(place, note, found) {
  const share = found.hidden?.saturated;
  note.textContent = share === null || share === undefined ? "" :
    `${(100 * share).toFixed(1)} % of the hidden activations are saturated, beyond ±0.97: there tanh is flat and hardly passes a gradient on.`;
  place.replaceChildren(...Object.entries(found).map(([name, layer]) => {
    const row = make("div", { className: "pair" });
    for (const what of ["activations", "gradients"]) {
      const { mean, std } = layer[what];
      const about = `${NAMES[name]}, ${what}: mean ${short(mean)}, std ${short(std)}`;
      row.append(make("figure", {}, make("figcaption", { textContent: about }), histogram(layer[what], what, about)));
    }
    return row;
  }));
}

const short = (number) => (number === null ? "–" : Number(number.toPrecision(2)).toString());

function histogram({ bins, reach }, what, about) {
  const width = 300, height = 70, step = width / Math.max(bins.length, 1);
  const tall = what === "gradients" ? (n) => Math.log1p(n) : (n) => n; // most gradients are near 0
  const most = Math.max(...bins.map(tall), 1e-9);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height + 16}`, role: "img", "aria-label": `Histogram of ${about}, from ${short(-reach)} to ${short(reach)}.` });
  svg.append(...bins.map((n, i) => draw("rect", {
    class: what, x: (i * step).toFixed(1), width: (step - 0.5).toFixed(1),
    y: (height * (1 - tall(n) / most)).toFixed(1), height: ((height * tall(n)) / most).toFixed(1) })));
  svg.append(draw("line", { class: "grid", x1: 0, x2: width, y1: height, y2: height }),
    draw("text", { x: 0, y: height + 13 }, short(-reach)), draw("text", { x: width / 2, y: height + 13, "text-anchor": "middle" }, "0"),
    draw("text", { x: width, y: height + 13, "text-anchor": "end" }, short(reach)));
  return svg;
}

/** log10 of how far each weight was moved, by name → rows of a table. */
export function moved(shares) {
  return Object.entries(shares).map(([name, share]) => {
    const meter = make("span", { className: "meter" });
    meter.style.width = `${Math.max(0, Math.min(1, ((share ?? -7) + 6) / 6)) * 60}%`;
    return make("tr", {}, make("th", { scope: "row", textContent: name }),
      make("td", { className: "number" }, meter, share === null ? "not at all" : short(10 ** share)));
  });
}

/** The curve of a range test: rates, their losses, and the losses averaged with their neighbours. */
export function range(place, { rates, losses, smoothed, suggestion }) {
  const width = Math.max(place.clientWidth, 240), height = 200, left = 44, bottom = 24;
  const low = Math.min(...smoothed), high = Math.max(losses[0] * 1.3, low + 0.1);
  const from = Math.log10(rates[0]), to = Math.log10(rates.at(-1));
  const x = (rate) => left + ((width - left - 10) * (Math.log10(rate) - from)) / (to - from);
  const y = (loss) => 8 + ((height - bottom - 8) * (high - Math.min(loss, high))) / (high - low);
  const line = (values, name) => draw("polyline", { class: `curve-line ${name}`,
    points: values.map((loss, i) => `${x(rates[i]).toFixed(1)},${y(loss).toFixed(1)}`).join(" ") });
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Loss by learning rate, from ${rates[0]} to ${short(rates.at(-1))}; suggested: ${suggestion}.` });
  for (let power = Math.ceil(from); power <= to; power++) {
    svg.append(draw("line", { class: "grid", x1: x(10 ** power), x2: x(10 ** power), y1: 8, y2: height - bottom }),
      draw("text", { x: x(10 ** power), y: height - 6, "text-anchor": "middle" }, String(Number((10 ** power).toPrecision(1)))));
  }
  svg.append(draw("text", { x: left - 6, y: 16, "text-anchor": "end" }, high.toFixed(2)), draw("text", { x: left - 6, y: height - bottom, "text-anchor": "end" }, low.toFixed(2)),
    line(losses, "faint"), line(smoothed, "train"), draw("line", { class: "mark-line", x1: x(suggestion), x2: x(suggestion), y1: 8, y2: height - bottom }));
  place.replaceChildren(svg);
}
