// The second part: a run is begun, its log is asked for twice a second, and the losses are drawn.

import * as address from "./address.js";
import { call, Lost, Refused } from "./call.js";
import { curve } from "./curve.js";
import { by, make, number, say } from "./dom.js";

const LOOK = 500, LOOK_HIDDEN = 2000; // milliseconds
const ABOUT = {
  bigram: "bigram: counts of pairs",
  "neural-bigram": "neural-bigram: the same by gradient descent",
  ngram: "ngram: counts of longer contexts",
  "class-ngram": "class-ngram: counts of classes",
  mlp: "mlp: a small neural network",
  mixture: "mixture: ngram and mlp together",
};
const ENDS = {
  done: "Learnt", stopped: "Stopped; this is the model so far", diverged: "Diverged", failed: "It could not be learnt",
  opened: "Opened",
};

let list = null; // what was read last
let run = null; // the one that is watched
let records = [];
let after = 0;
let timer = 0;
let onEnd = () => {};

/** Set the part up; `ended` is told the run when there is a model. */
export function begin(families, ended) {
  onEnd = ended;
  by("model").replaceChildren(make("option", { value: "", textContent: "Chosen for the list" }),
    ...families.map((name) => make("option", { value: name, textContent: ABOUT[name] ?? name })));
  by("learn-form").addEventListener("submit", (event) => {
    event.preventDefault();
    learn();
  });
  by("stop").addEventListener("click", stop);
  new ResizeObserver(() => records.length && curve(by("curve"), records)).observe(by("curve"));
  document.addEventListener("visibilitychange", () => timer && look());
}

/** A list was read: it can be learnt from. What is still being learnt from another one ends. */
export function offer(read) {
  leave();
  list = read;
  by("learn").hidden = false;
  by("learn-form").hidden = false;
  by("model").options[0].textContent = `${read.model} (chosen for this list)`;
}

/** Begin to learn from the list that was read last. */
export async function learn() {
  if (list === null) return;
  const seed = Number(by("learn-seed").value);
  if (by("learn-seed").value === "" || !Number.isInteger(seed) || seed < 0) {
    say("learn-status", "The seed is a whole number, 0 or more.", true);
    return;
  }
  leave();
  try {
    const begun = await call("begin", { list: list.list, model: by("model").value || null, seed });
    address.put({ model: by("model").value, "learn-seed": seed === 1 ? null : seed, learnt: "1" });
    watch(begun.run);
  } catch (error) {
    say("learn-status", error.message, !(error instanceof Lost));
  }
}

/** Watch no run any more; one that goes on is stopped. */
function leave() {
  if (run !== null && timer !== 0) call("stop", { run }).catch(() => {});
  clearTimeout(timer);
  timer = 0;
  run = null;
  records = [];
  say("learn-status", "");
  for (const name of ["curve", "verdict", "save-row", "stop"]) by(name).hidden = true;
}

/** Follow a run from its beginning. */
export function watch(id) {
  clearTimeout(timer);
  timer = 0;
  run = id;
  records = [];
  after = 0;
  address.put({ run: id });
  by("learn").hidden = false;
  by("learn-form").hidden = list === null;
  for (const name of ["curve", "verdict", "save-row"]) by(name).hidden = true;
  say("learn-status", "It begins …");
  by("stop").hidden = false;
  look();
}

async function stop() {
  say("learn-status", "Stopping …");
  try {
    await call("stop", { run });
  } catch (error) {
    say("learn-status", error.message, true);
  }
}

/** Ask what came after the last row that is known. */
export async function look() {
  clearTimeout(timer);
  const own = run;
  if (own === null) return;
  try {
    const { rows } = await call("log", { run: own, after });
    if (own !== run) return;
    after += rows.length;
    if (rows.length) show(rows);
    const last = rows.at(-1);
    if (last?.kind === "ended") return end(last);
    if (after === 0) say("learn-status", "It waits until the run before it has ended …");
  } catch (error) {
    if (own !== run) return;
    if (error instanceof Refused) {
      run = null;
      by("stop").hidden = true;
      say("learn-status", error.message, true);
      return;
    }
  }
  timer = setTimeout(look, document.hidden ? LOOK_HIDDEN : LOOK);
}

function show(rows) {
  for (const row of rows) {
    if (row.kind === "begun") say("learn-status", `A ${row.model} is learning …`);
    if (row.kind === "record") records.push(row);
  }
  const last = records.at(-1);
  if (!last) return;
  by("curve").hidden = false;
  curve(by("curve"), records);
  const dev = last.dev_loss === null ? "" : ` · dev ${last.dev_loss.toFixed(4)}`;
  say("learn-status", `Step ${number(last.step)} of ${number(last.steps)} · train ${last.train_loss.toFixed(4)}${dev} nats per token`);
}

function end(row) {
  timer = 0;
  by("stop").hidden = true;
  const isOpened = row.how === "opened";
  const has = row.parameters !== undefined;
  let sentence = ENDS[row.how];
  if (has && !isOpened) sentence += `, in ${row.seconds.toFixed(1)} s`;
  if (has) sentence += `: ${number(row.parameters)} parameters`;
  const losses = ["train", "dev", "test"].map((split) => [split, row.nats_per_token?.[split]]).filter(([, nats]) => typeof nats === "number").map(([split, nats]) => `${split} ${nats.toFixed(4)}`);
  if (losses.length) sentence += `, ${losses.join(", ")} nats per token`;
  say("learn-status", `${sentence}.${row.error ? ` ${row.error}` : ""}`, row.error !== null);
  by("verdict").hidden = !row.verdict;
  by("verdict").textContent = row.verdict ? `Verdict: ${row.verdict}` : "";
  by("save-row").hidden = !has;
  if (has) {
    by("save").href = `model/${run}`;
    onEnd(run);
  }
}
