// The losses of a training as two lines, drawn anew with each look.

import { draw } from "./dom.js";

const HEIGHT = 200;
const LEFT = 44, RIGHT = 12, TOP = 12, BOTTOM = 26;


/** The rows of a log → the records of the way that was gone in the end, and where it was steered. */
export function curveOf(rows) {
  let records = [];
  const marks = [];
  for (const row of rows) {
    if (row.kind === "record") records.push(row);
    if (row.kind === "back") records = records.filter((record) => record.step <= row.step);
    if (row.kind === "back" || row.kind === "change") marks.push(row);
  }
  return { records, marks };
}

/** Records with `step`, `steps`, `train_loss` and `dev_loss` → a drawing as wide as its place. */
export function curve(place, { records, marks }) {
  const width = Math.max(place.clientWidth, 240);
  const last = records.at(-1);
  const losses = records.flatMap((r) => [r.train_loss, r.dev_loss]).filter((loss) => loss !== null);
  const low = Math.min(...losses), high = Math.max(...losses, low + 0.01);
  const x = (step) => LEFT + ((width - LEFT - RIGHT) * step) / Math.max(last.steps, 1);
  const y = (loss) => TOP + ((HEIGHT - TOP - BOTTOM) * (high - loss)) / (high - low);
  const told = `train ${last.train_loss?.toFixed(3)}` + (last.dev_loss === null ? "" : `, dev ${last.dev_loss.toFixed(3)}`);
  const svg = draw("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    "aria-label": `Loss in nats per token, by step: at step ${last.step} ${told}.`,
  });
  for (let tick = 0; tick < 4; tick++) {
    const loss = low + ((high - low) * tick) / 3;
    svg.append(draw("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(loss), y2: y(loss) }));
    svg.append(draw("text", { x: LEFT - 6, y: y(loss) + 4, "text-anchor": "end" }, loss.toFixed(2)));
  }
  for (const { step } of marks) {
    svg.append(draw("line", { class: "mark-line", x1: x(step), x2: x(step), y1: TOP, y2: HEIGHT - BOTTOM }));
  }
  for (const split of ["train", "dev"]) {
    const points = records.filter((r) => r[`${split}_loss`] !== null).map((r) => `${x(r.step).toFixed(1)},${y(r[`${split}_loss`]).toFixed(1)}`);
    if (points.length) svg.append(draw("polyline", { class: `curve-line ${split}`, points: points.join(" ") }));
  }
  const below = HEIGHT - 6;
  svg.append(draw("text", { x: LEFT, y: below }, "0"));
  svg.append(draw("text", { x: width - RIGHT, y: below, "text-anchor": "end" }, `${last.steps.toLocaleString("en-US")} steps`));
  const legend = width - RIGHT - 120;
  svg.append(draw("line", { class: "curve-line train", x1: legend, x2: legend + 22, y1: 22, y2: 22 }), draw("text", { x: legend + 28, y: 26 }, "train"));
  if (last.dev_loss !== null) {
    svg.append(draw("line", { class: "curve-line dev", x1: legend + 64, x2: legend + 86, y1: 22, y2: 22 }), draw("text", { x: legend + 92, y: 26 }, "dev"));
  }
  place.replaceChildren(svg);
}
