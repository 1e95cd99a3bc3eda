// Two tables side by side: bigrams that were counted, and bigrams that a network of one layer learnt.

import { call, Lost } from "./call.js";
import { by, later, say } from "./dom.js";

const CELL = 14; // pixels of a square in the canvas
const LETTERS = 20; // pixels for the tokens at its edges

/** The part of the page; `learn` begins a training of the neural bigram. */
export function bigrams(learn) {
  let list = null, counted = null, learnt = null, cell = null, asked = 0;

  by("l-neural").addEventListener("click", learn);
  by("l-smoothing").addEventListener("input", () => { by("l-smoothing-value").textContent = told(smoothing()); });
  by("l-smoothing").addEventListener("input", later(60, count));
  for (const id of ["l-counted", "l-learnt"]) {
    const canvas = by(id);
    canvas.addEventListener("pointermove", (event) => {
      const size = counted?.tokens.length ?? 0;
      const scale = (LETTERS + size * CELL) / canvas.clientWidth;
      point(...[event.offsetY, event.offsetX].map((at) => Math.floor((at * scale - LETTERS) / CELL)));
    });
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!move || !counted) return;
      event.preventDefault();
      const [row, column] = cell ?? [0, 0];
      point(row + (cell ? move[0] : 0), column + (cell ? move[1] : 0));
    });
  }

  /** From nothing added, by 0.01 to 10,000, up to so much that all are equal. */
  function smoothing() {
    const value = Number(by("l-smoothing").value);
    if (value === 0) return 0;
    if (value === 40) return 1e9;
    if (value === 8) return 0.5;
    return Number((0.01 * 10 ** ((value - 1) * (6 / 38))).toPrecision(1));
  }

  const told = (k) => (k === 1e9 ? "so much that all are equal" : k.toLocaleString("en-US"));

  async function count() {
    if (list === null) return;
    const own = ++asked;
    try {
      const found = await call("bigram", { list: list.list, smoothing: smoothing() });
      if (own !== asked) return;
      counted = found;
      show();
    } catch (error) {
      if (own === asked && !(error instanceof Lost)) say("l-bigram-losses", error.message, true);
    }
  }

  function show() {
    const { losses, uniform, probabilities } = counted;
    const each = ["train", "dev"].filter((split) => split in losses)
      .map((split) => `${split} ${losses[split] === null ? "infinite, as a pair of it has probability 0" : losses[split].toFixed(4)}`);
    const apart = difference();
    say("l-bigram-losses", `Counted: ${each.join(", ")} nats per token; uniform is ${uniform.toFixed(4)}.` +
      (apart === null ? "" : ` After step ${learnt.step} the tables differ by ${apart.toFixed(4)} on average.`));
    by("l-counted").parentElement.parentElement.hidden = by("l-cell").hidden = probabilities === null;
    if (probabilities === null) return;
    paint(by("l-counted"), probabilities, "Counted");
    if (learnt) paint(by("l-learnt"), learnt.bigram, `Learnt after step ${learnt.step}`);
    by("l-learnt").parentElement.hidden = learnt === null;
  }

  function difference() {
    if (!learnt || !counted?.probabilities) return null;
    const all = counted.probabilities.flatMap((row, i) => row.map((p, j) => Math.abs(p - learnt.bigram[i][j])));
    return all.reduce((sum, one) => sum + one, 0) / all.length;
  }

  function paint(canvas, probabilities, what) {
    const size = probabilities.length;
    canvas.width = canvas.height = LETTERS + size * CELL;
    const context = canvas.getContext("2d");
    context.fillStyle = getComputedStyle(canvas.parentElement).color;
    context.font = "12px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    counted.tokens.forEach((token, k) => {
      context.fillText(token, LETTERS / 2, LETTERS + (k + 0.5) * CELL, LETTERS);
      context.fillText(token, LETTERS + (k + 0.5) * CELL, LETTERS / 2, CELL);
    });
    context.translate(LETTERS, LETTERS);
    context.fillStyle = getComputedStyle(canvas).color;
    probabilities.forEach((row, i) => row.forEach((p, j) => {
      context.globalAlpha = Math.min(1, Math.sqrt(p) * 1.2);
      context.fillRect(j * CELL, i * CELL, CELL - 1, CELL - 1);
    }));
    if (cell) {
      context.globalAlpha = 1;
      context.lineWidth = 2;
      context.strokeStyle = getComputedStyle(document.body).color;
      context.strokeRect(cell[1] * CELL, cell[0] * CELL, CELL - 1, CELL - 1);
    }
    canvas.setAttribute("aria-label", `${what}: a table of ${size} by ${size} probabilities; the arrow keys move from square to square.`);
  }

  function point(row, column) {
    if (!counted?.probabilities) return;
    const size = counted.tokens.length;
    cell = [Math.max(0, Math.min(size - 1, row)), Math.max(0, Math.min(size - 1, column))];
    const [i, j] = cell;
    const name = (k) => (k === 0 ? "the end" : counted.tokens[k]);
    const other = learnt ? `, learnt ${learnt.bigram[i]?.[j]?.toFixed(4)}` : "";
    say("l-cell", `After ${i === 0 ? "the beginning" : counted.tokens[i]} comes ${name(j)}: counted ${counted.probabilities[i][j].toFixed(4)}${other}.`);
    show();
  }

  return {
    /** Another list, or none. */
    from(read) {
      by("l-bigrams").hidden = read === null;
      if (read === null || read === list) return;
      list = read;
      counted = learnt = cell = null;
      by("l-learnt").parentElement.hidden = true;
      count();
    },
    /** What the network has learnt by a step. */
    learnt(look) {
      learnt = look;
      if (counted) show();
    },
  };
}
