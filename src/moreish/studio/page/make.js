// The third part: more items, drawn anew whenever a constraint changes, and how likely the constraints are.

import * as address from "./address.js";
import { call, Lost, Unwanted } from "./call.js";
import { by, chance, fill, isolated, later, make, number, say, shown } from "./dom.js";

const FIELDS = [
  // name, label, kind, and how the field is
  ["prefix", "Begins with", "text"],
  ["suffix", "Ends with", "text"],
  ["contains", "Contains", "text"],
  ["matches", "Matches the pattern", "text", { placeholder: ".*(lyn|ina)" }],
  ["min_length", "At least this long", "whole", { min: 0, placeholder: "any" }],
  ["max_length", "At most this long", "whole", { min: 1, placeholder: "any" }],
  ["temperature", "Temperature", "number", { min: 0, step: 0.1, placeholder: "1" }],
  ["top_k", "Top-k", "whole", { min: 1, placeholder: "all" }],
  ["top_p", "Top-p", "number", { min: 0, max: 1, step: 0.05, placeholder: "1" }],
  ["n", "How many", "whole", { min: 1, max: 200, value: 20 }],
  ["seed", "Seed", "whole", { min: 0, value: 1 }],
  ["new", "Only new ones", "flag"],
  ["unique", "None twice", "flag"],
];
const CONSTRAINTS = ["prefix", "suffix", "contains", "matches", "min_length", "max_length", "new"];
const QUIET = 400; // milliseconds
const USUAL = { n: "20", seed: "1" };

let run = null;
let busy = false;
let wanted = false;
let giveUp = new AbortController();
let onChoice = () => {};
const field = (name) => by(`make-${name}`);

/** Set the part up; `chosen` is told the item that somebody wants to know more of. */
export function begin(chosen) {
  onChoice = chosen;
  for (const [name, label, kind, more = {}] of FIELDS) {
    const isFlag = kind === "flag";
    const input = make("input", {
      id: `make-${name}`, type: isFlag ? "checkbox" : kind === "text" ? "text" : "number", autocomplete: "off", spellcheck: false,
      step: kind === "whole" ? 1 : undefined, ...more });
    const labelled = make("label", { htmlFor: input.id, textContent: label });
    by("make-form").append(make("div", { className: isFlag ? "check" : "" }, ...(isFlag ? [input, labelled] : [labelled, input])));
  }
  by("make-form").append(make("div", { className: "buttons" },
    make("button", { type: "button", className: "main", textContent: "Other ones", onclick: others }),
    make("button", { type: "button", textContent: "No constraints", onclick: clear })));
  const changed = later(250, draw);
  by("make-form").addEventListener("input", changed);
  by("make-form").addEventListener("submit", (event) => { event.preventDefault(); draw(); });
  restore(address.now());
}

/** The fields as an address says. */
export function restore(state) {
  for (const [name, , kind] of FIELDS) {
    if (kind === "flag") field(name).checked = state[name] === "1";
    else field(name).value = state[name] ?? USUAL[name] ?? "";
  }
}

function others() {
  field("seed").value = String((Number(field("seed").value) || 0) + 1);
  draw();
}

function clear() {
  restore({ seed: field("seed").value, n: field("n").value });
  draw();
}

/** There is a model: draw from it. */
export function from(id) {
  run = id;
  by("make").hidden = false;
  by("hint").hidden = true;
  draw();
}

/** There is none now; what was drawn goes. */
export function without() {
  run = null;
  giveUp.abort();
  by("make").hidden = true;
  fill("items");
}

function options() {
  const found = {};
  const told = {};
  for (const [name, label, kind] of FIELDS) {
    const input = field(name);
    if (kind === "flag") {
      if (input.checked) found[name] = true;
      told[name] = input.checked ? "1" : null;
      continue;
    }
    if (input.validity.badInput) throw new Error(`${label}: a number is wanted.`);
    told[name] = input.value === (USUAL[name] ?? "") ? null : input.value;
    if (input.value === "") continue;
    found[name] = kind === "text" ? input.value : Number(input.value);
    if (kind === "whole" && !Number.isSafeInteger(found[name])) throw new Error(`${label}: a whole number is wanted.`);
  }
  return [found, told];
}

/** Draw anew; while that goes on, only the last wish is kept. */
export async function draw() {
  if (run === null) return;
  if (busy) {
    wanted = true;
    giveUp.abort(); // what is being computed is not wanted any more
    return;
  }
  busy = true;
  const slow = setTimeout(() => say("make-status", "Drawing …"), 400);
  try {
    do {
      wanted = false;
      giveUp = new AbortController();
      await drawn(giveUp.signal);
    } while (wanted && run !== null);
  } finally {
    clearTimeout(slow);
    busy = false;
  }
}

async function drawn(signal) {
  const own = run;
  try {
    const [given, told] = options();
    address.put(told);
    const { items, notes } = await call("sample", { run: own, ...given }, signal);
    if (own !== run) return;
    say("make-status", notes.join(" "));
    show(items);
    if (!wanted) await likely(own, given, signal);
  } catch (error) {
    if (own !== run || error instanceof Unwanted) return;
    say("make-status", error.message, !(error instanceof Lost));
    say("probability", "");
    if (!(error instanceof Lost)) fill("items");
  }
}

async function likely(own, given, signal) {
  const asked = Object.fromEntries(CONSTRAINTS.filter((name) => name in given).map((name) => [name, given[name]]));
  if (!Object.keys(asked).length) {
    say("probability", "");
    return;
  }
  say("probability", "How likely these constraints are is being worked out …");
  await new Promise((then) => setTimeout(then, QUIET)); // it may take seconds: not while somebody types
  if (own !== run || wanted) return;
  let answer;
  try {
    answer = await call("probability", { run: own, ...asked }, signal);
  } catch (error) {
    if (own === run && !(error instanceof Unwanted)) say("probability", `How likely these constraints are can’t be told: ${error.message}`);
    return;
  }
  const { probability, notes } = answer;
  if (own !== run || wanted) return;
  const about = notes.length ? "About " : "";
  const decoding = ["temperature", "top_k", "top_p"].some((name) => name in given) ? ", temperature, top-k and top-p left out" : "";
  say("probability", probability === null ? "" : `${about}${chance(probability)} of what the model makes meets these constraints${decoding}.`);
}

function show(items) {
  fill("items", ...items.map((row) => make("li", {}, item(row))));
  if (!items.length) say("make-status", "There are no such items.");
}

function item(row) {
  const isNew = row.new === null ? "" : row.new ? "new" : "in the list";
  const near = row.nearest === null || row.distance === 0 ? "" : row.distance === undefined ? "" : "near ";
  const side = make("span", { className: "side" }, near);
  if (near) side.append(isolated(row.nearest, 40), ` (${number(row.distance)} edit${row.distance === 1 ? "" : "s"})`);
  const button = make("button", { type: "button", "aria-pressed": String(row.item === address.now().item), onclick: () => {
    mark(button);
    onChoice(row.item);
  } },
  make("span", { className: "made" }, withCopied(row.item, row.copied)),
  make("span", { className: row.new ? "new" : "side", textContent: isNew }), side,
  make("span", { className: "cost", textContent: row.nats === null ? "" : `${row.nats.toFixed(1)} nats` }));
  return button;
}

function mark(chosen) {
  for (const button of by("items").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === chosen));
}

/** An item with the run that is copied from the list underlined. */
function withCopied(text, copied) {
  const place = copied ? text.indexOf(copied) : -1;
  if (place < 0 || text.length > 200) return isolated(text, 200);
  return make("bdi", {}, shown(text.slice(0, place), 200), make("u", { textContent: shown(copied, 200) }), shown(text.slice(place + copied.length), 200));
}
