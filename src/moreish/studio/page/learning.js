// The view of a training: its losses, what it makes, and its inside, as it changes; and how to steer it.

import * as address from "./address.js";
import { bigrams } from "./bigrams.js";
import { curve, curveOf } from "./curve.js";
import { by, fill, isolated, later, make, say } from "./dom.js";
import { layers, moved, plane, range } from "./inside.js";
import { ABOUT, ending, told } from "./learn.js";
import { readExample } from "./list.js";
import * as runs from "./runs.js";
import { call } from "./call.js";

const TRAINED = ["mlp", "neural-bigram", "mixture"];
const VALUES = { "l-model": "l-model", "l-rate": "l-rate", "l-dropout": "l-dropout", "l-seed": "l-seed" };

const WATCHED = 0.01; // seconds a step, so that one sees the bigram being learnt

let isShown = false;
let table = null; // the part with the two bigrams

/** Set the view up. */
export function begin() {
  by("l-model").replaceChildren(...TRAINED.map((name) => make("option", { value: name, textContent: ABOUT[name] })));
  for (const button of document.querySelectorAll("[data-take]")) {
    button.addEventListener("click", () => readExample(button.dataset.take));
  }
  by("l-form").addEventListener("submit", (event) => { event.preventDefault(); learn(); });
  by("l-pause").addEventListener("click", () => runs.ask("steer", { paused: !runs.now().isPaused, steps: 0 }));
  by("l-step").addEventListener("click", () => { runs.ask("steer", { steps: 1 }); });
  by("l-stop").addEventListener("click", () => runs.ask("stop"));
  by("l-speed").addEventListener("change", () => runs.now().isGoing && runs.ask("steer", { slower: Number(by("l-speed").value) }));
  by("l-rate").addEventListener("input", later(500, () => steer("learning_rate", "l-rate")));
  by("l-dropout").addEventListener("input", later(500, () => steer("dropout", "l-dropout")));
  by("l-test").addEventListener("click", test);
  by("l-model").addEventListener("change", buttons);
  table = bigrams(() => runs.begin({ model: "neural-bigram", slower: WATCHED }));
  restore();
  new ResizeObserver(() => isShown && losses()).observe(by("l-curve"));
  runs.listen({ offered, reset, came: (rows) => isShown && came(rows), paused: () => isShown && buttons(), said: (text, isError) => say("l-status", text, isError) });
}

/** The view is seen: all that came so far is drawn. */
export function show() {
  isShown = true;
  restore();
  reset();
  offered(runs.now().list);
  if (runs.now().rows.length) came(runs.now().rows);
}

/** It is not seen any more. */
export function hide() {
  isShown = false;
}

function restore() {
  const state = address.now();
  for (const [id, name] of Object.entries(VALUES)) if (state[name]) by(id).value = state[name];
}

function offered(list) {
  by("l-empty").hidden = list !== null || runs.now().run !== null;
  by("l-form").hidden = by("l-range").hidden = list === null;
  by("l-which").textContent = list === null ? "" : `${list.name}: ${list.items.toLocaleString("en-US")} items.`;
  table.from(list);
}

function wanted(id, name, least, most) {
  const text = by(id).value;
  if (text === "") return null;
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new RangeError(`${name}: a number from ${least} to ${most.toLocaleString("en-US")} is wanted.`);
}

const rate = () => wanted("l-rate", "Learning rate", 0, 1_000_000);
const dropout = () => wanted("l-dropout", "Dropout", 0, 0.95);

async function learn() {
  const model = by("l-model").value;
  let options;
  try {
    const seed = wanted("l-seed", "Seed", 0, 2 ** 53) ?? 1;
    options = { model, seed, learning_rate: rate(), steered: true, slower: Number(by("l-speed").value) };
    if (model === "mlp") options.dropout = dropout();
  } catch (error) {
    say("l-status", error.message, true);
    return;
  }
  address.put({ "l-model": model, "l-rate": by("l-rate").value, "l-dropout": by("l-dropout").value, "l-seed": by("l-seed").value === "1" ? null : by("l-seed").value });
  await runs.begin(options);
}

function steer(name, id) {
  if (!runs.now().isGoing) return;
  try {
    const value = name === "dropout" ? dropout() ?? 0 : rate();
    if (value !== null) runs.ask("steer", { [name]: value });
  } catch (error) {
    say("l-status", error.message, true);
  }
}

function buttons() {
  const { isGoing, isPaused } = runs.now();
  for (const id of ["l-pause", "l-step", "l-stop", "l-hint"]) by(id).hidden = !isGoing;
  by("l-pause").textContent = isPaused ? "Go on" : "Pause";
  by("l-step").disabled = !isPaused;
  by("l-dropout").disabled = by("l-model").value === "neural-bigram"; // which has no hidden units
}

function reset() {
  say("l-status", "");
  for (const id of ["l-curve", "l-verdict", "l-inside", "l-layers-part", "l-diverged"]) by(id).hidden = true;
  by("l-begin").textContent = runs.now().run === null ? "Learn" : "Learn anew";
  buttons();
}

function losses() {
  const found = curveOf(runs.now().rows);
  if (found.records.length && by("l-curve").clientWidth) curve(by("l-curve"), found);
}

function came(rows) {
  buttons();
  for (const row of rows) {
    if (row.kind === "begun") say("l-status", `A ${row.model} is learning …`);
    if (row.kind === "diverged") diverged(row);
    if (row.kind === "back") by("l-diverged").hidden = true;
  }
  const record = rows.findLast((row) => row.kind === "record");
  const look = rows.findLast((row) => row.kind === "look");
  const last = rows.at(-1);
  if (record) {
    by("l-curve").hidden = false;
    losses();
  }
  if (look) inside(look);
  if (last.kind === "record") say("l-status", told(record));
  else if (last.kind === "look") {
    const where = record ? ` ${told(record)}.` : "";
    say("l-status", runs.now().isPaused ? `Paused after step ${look.step}: the loss of its batch was ${look.loss?.toFixed(4)}.` : `Step ${look.step}.${where}`);
  }
  if (last.kind === "ended") end(last);
}

function inside(look) {
  by("l-inside").hidden = false;
  fill("l-drafts", ...look.drafts.map((text) => make("li", {}, isolated(text || "(nothing)"))));
  by("l-plane").hidden = by("l-plane-note").hidden = by("l-plane-title").hidden = !look.plane;
  if (look.plane) plane(by("l-plane"), by("l-plane-note"), look);
  by("l-layers-part").hidden = false;
  by("l-layers").hidden = by("l-saturated").hidden = by("l-layers-title").hidden = !look.layers;
  if (look.layers) layers(by("l-layers"), by("l-saturated"), look.layers);
  if (Object.keys(look.moved).length) fill("l-moved", ...moved(look.moved));
  if (look.bigram) table.learnt(look);
}

function diverged(row) {
  const slower = (curveOf(runs.now().rows).records.at(-1)?.learning_rate ?? Number(by("l-rate").value || 0.01)) / 10;
  const half = Number(slower.toPrecision(1));
  say("l-status", row.error, true);
  by("l-diverged").hidden = false;
  by("l-back").textContent = `Go back to ${row.best_step ? `step ${row.best_step}` : "the beginning"}, with a learning rate of ${half}`;
  by("l-back").onclick = () => {
    by("l-rate").value = String(half);
    by("l-diverged").hidden = true;
    runs.ask("steer", { back: half });
  };
}

function end(row) {
  buttons();
  by("l-begin").textContent = "Learn anew";
  by("l-diverged").hidden = true;
  say("l-status", ending(row) + (row.is_steered ? " It was changed while it learnt, so no command makes the same model again." : ""), row.error !== null);
  by("l-verdict").hidden = !row.verdict;
  by("l-verdict").textContent = row.verdict ? `Verdict: ${row.verdict}` : "";
}

async function test() {
  const { list } = runs.now();
  const model = by("l-model").value;
  say("l-range-status", "Testing: 300 steps …");
  by("l-test").disabled = true;
  try {
    const found = await call("range_test", { list: list.list, model: model === "mixture" ? "mlp" : model, seed: Number(by("l-seed").value) || 1 });
    range(by("l-range-chart"), found);
    say("l-range-status", `About ${found.suggestion}: ${found.reason}.`);
    by("l-use").hidden = false;
    by("l-use").textContent = `Take ${found.suggestion}`;
    by("l-use").onclick = () => {
      by("l-rate").value = String(found.suggestion);
      by("l-rate").dispatchEvent(new Event("input"));
      by("l-rate").focus();
    };
  } catch (error) {
    say("l-range-status", error.message, true);
  }
  by("l-test").disabled = false;
}
