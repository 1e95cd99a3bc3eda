// The Expression view: a text that is typed, its leaves, and what the service says of both.

import * as address from "./address.js";
import { call, Lost } from "./call.js";
import { by, fill, later, make, say } from "./dom.js";
import * as graph from "./expression-graph.js";
import * as moons from "./expression-moons.js";

const VIEW = "expression";
const EXAMPLES = [
  ["A product and a power", "(a*b + b**3).tanh()"],
  ["A neuron by hand", "x1 = 2.0; x2 = 0.0\nw1 = -3.0; w2 = 1.0; b = 6.8813735870195432\nn = x1*w1 + x2*w2 + b\no = n.tanh()"],
  ["A neuron", 'Neuron(2, activation="tanh")'],
  ["A layer", 'Layer(2, 3, activation="tanh")'],
  ["An MLP", 'MLP(2, [3, 1], activation="tanh")'],
  ["20,000 nodes", "MLP(2, [80, 80, 1])"],
];

let given = {}; // what leaves were set to, by their names
let busy = false;
let wanted = false;
let rows = []; // of the leaves that are shown

/** Set the view up. */
export async function begin() {
  by("exp-examples").append(...EXAMPLES.map(([name, text]) =>
    make("button", { type: "button", textContent: name, onclick: () => take(text) })));
  by("exp-form").addEventListener("submit", (event) => event.preventDefault());
  by("exp-text").addEventListener("input", later(250, changed));
  by("exp-seed").addEventListener("input", later(250, () => {
    const seed = by("exp-seed").value;
    address.put({ seed: seed === "1" ? null : seed, at: null }, VIEW);
    given = {};
    ask();
  }));
  for (const name of ["slip", "fold"]) {
    by(`exp-${name}`).addEventListener("change", () => {
      address.put({ [name]: by(`exp-${name}`).value === "right" ? null : by(`exp-${name}`).value || "nothing" }, VIEW);
      ask();
    });
  }
  graph.begin((step) => address.put({ step: step || null }, VIEW));
  await moons.begin((changes) => address.put(changes, VIEW));
}

/** Show what the address says. */
export function show(state) {
  by("exp-text").value = state.e ?? EXAMPLES[0][1];
  by("exp-seed").value = state.seed ?? "1";
  by("exp-slip").value = ["assigned", "kept"].includes(state.slip) ? state.slip : "right";
  given = leavesOf(state.at ?? "");
  graph.to(Number(state.step) || 0);
  moons.show(state);
  ask();
}

/** What should not go on unseen. */
export function hide() {
  graph.pause();
  moons.pause();
}

const told = () => Object.entries(given).map((pair) => pair.join(":")).join(",");

function leavesOf(text) {
  const pairs = text.split(",").map((pair) => pair.split(":"));
  return Object.fromEntries(pairs.filter(([name, value]) => name && value !== "" && Number.isFinite(Number(value))).map(([name, value]) => [name, Number(value)]));
}

function take(text) {
  by("exp-text").value = text;
  given = {};
  changed();
}

/** Leaves keep the numbers they were given, but for those that have one in the text. */
function changed() {
  const text = by("exp-text").value;
  for (const [, name] of text.matchAll(/(?:^|[;\n])\s*([^\s=;]+)\s*=(?!=)/g)) delete given[name];
  address.put({ e: text, at: told(), step: null, fold: null }, VIEW);
  graph.to(0);
  ask();
}

/** Ask for what is typed now; while an answer is waited for, only the last wish is kept. */
async function ask() {
  wanted = true;
  if (busy) return;
  busy = true;
  const slow = setTimeout(() => say("exp-status", "Computing …"), 400);
  try {
    while (wanted) {
      wanted = false;
      await answered(by("exp-text").value);
    }
  } finally {
    clearTimeout(slow);
    busy = false;
  }
}

async function answered(text) {
  const fold = address.now(VIEW).fold;
  let answer;
  try {
    answer = await call("expression", {
      text, names: Object.keys(given), numbers: Object.values(given),
      seed: by("exp-seed").value === "" ? 1 : Number(by("exp-seed").value),
      slip: by("exp-slip").value, fold: fold === "nothing" ? "" : fold,
    });
  } catch (error) {
    if (error instanceof Lost) return;
    answer = { error: { sentence: error.message, start: 0, end: 0 } };
  }
  if (wanted) return;
  if (answer.error) {
    wrong(text, answer.error);
    return;
  }
  say("exp-status", "");
  by("exp-where").hidden = true;
  fill("exp-remarks", ...answer.remarks.map((remark) => make("li", { textContent: remark })));
  by("exp-weights").hidden = !answer.has_networks;
  foldings(answer);
  by("exp-graph").hidden = by("exp-leaves").hidden = false;
  leaves(answer.leaves);
  graph.show(text, answer);
}

/** Say what is wrong, and mark its place in the text; what was shown before stays. */
function wrong(text, { sentence, start, end }) {
  say("exp-status", sentence, true);
  fill("exp-remarks");
  const signs = [...text];
  by("exp-where").hidden = signs.length === 0;
  const marked = signs.slice(start, Math.max(end, start + 1)).join("");
  fill("exp-where", signs.slice(0, start).join(""), make("mark", { textContent: marked || " " }), signs.slice(Math.max(end, start + 1)).join(""));
}

function foldings({ foldings: known, folded }) {
  by("exp-folding").hidden = known.length < 2;
  fill("exp-fold", ...known.map((one) => make("option", { value: one, textContent: one ? `each ${one}` : "nothing" })));
  by("exp-fold").value = folded;
}

// ---- leaves

function leaves(found) {
  const isSame = rows.length === found.length && rows.every((row, i) => row.name === found[i].name);
  if (!isSame) {
    rows = found.map(row);
    fill("exp-rows", ...rows.map(({ element }) => element));
  }
  found.forEach((leaf, i) => update(rows[i], leaf));
}

function row({ name, most, is_parameter: isParameter }) {
  const set = (value) => {
    if (value === "" || !Number.isFinite(Number(value))) return;
    given[name] = Number(value);
    address.put({ at: told() }, VIEW);
    ask();
  };
  const slider = make("input", { type: "range", min: -most, max: most, step: most / 60, "aria-label": `${name}, by a slider` });
  const field = make("input", { type: "number", step: "any", "aria-label": name });
  slider.addEventListener("input", () => { field.value = slider.value; set(slider.value); });
  field.addEventListener("input", () => set(field.value));
  const gradient = make("td", { className: "number" });
  const measured = make("td", { className: "number" });
  const element = make("tr", {}, make("th", { scope: "row", textContent: name, className: isParameter ? "parameter" : "" }),
    make("td", {}, make("span", { className: "leaf" }, slider, field)), gradient, measured);
  return { name, element, slider, field, gradient, measured };
}

function update({ element, slider, field, gradient, measured }, leaf) {
  if (Math.abs(leaf.number) > Number(slider.max)) {
    slider.max = leaf.most;
    slider.min = -leaf.most;
  }
  if (document.activeElement !== slider) slider.value = leaf.number;
  if (document.activeElement !== field) field.value = Number(leaf.number.toPrecision(4));
  gradient.textContent = leaf.gradient;
  measured.textContent = leaf.measured === null ? "none here" : leaf.agrees ? leaf.measured : `${leaf.measured}, differs`;
  element.classList.toggle("differs", !leaf.agrees);
}
