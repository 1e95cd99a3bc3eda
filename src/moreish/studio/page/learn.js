// The second part of the list's view: learn from what was read, and see the losses fall.

import * as address from "./address.js";
import { by, make, number, say } from "./dom.js";
import { curve, curveOf } from "./curve.js";
import * as runs from "./runs.js";

export const ABOUT = {
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
  by("stop").addEventListener("click", () => {
    say("learn-status", "Stopping …");
    runs.ask("stop");
  });
  new ResizeObserver(draw).observe(by("curve"));
  runs.listen({ offered, reset, came, said: (text, isError) => say("learn-status", text, isError) });
}

function offered(read) {
  by("learn").hidden = false;
  by("learn-form").hidden = false;
  by("model").options[0].textContent = `${read.model} (chosen for this list)`;
}

/** Begin to learn from the list that was read last. */
export async function learn() {
  const seed = Number(by("learn-seed").value);
  if (by("learn-seed").value === "" || !Number.isInteger(seed) || seed < 0) {
    say("learn-status", "The seed is a whole number, 0 or more.", true);
    return;
  }
  address.put({ model: by("model").value, "learn-seed": seed === 1 ? null : seed, learnt: "1" });
  await runs.begin({ model: by("model").value || null, seed });
}

function reset() {
  const { list, run } = runs.now();
  say("learn-status", "");
  for (const name of ["curve", "verdict", "save-row"]) by(name).hidden = true;
  by("stop").hidden = run === null;
  if (run === null) return;
  by("learn").hidden = false;
  by("learn-form").hidden = list === null;
}

function draw() {
  const found = curveOf(runs.now().rows);
  if (found.records.length && by("curve").clientWidth) curve(by("curve"), found);
}

function came(rows) {
  const begun = rows.find((row) => row.kind === "begun");
  if (begun) say("learn-status", `A ${begun.model} is learning …`);
  const last = rows.findLast((row) => row.kind === "record");
  if (last) {
    by("curve").hidden = false;
    draw();
    say("learn-status", told(last));
  }
  if (rows.at(-1).kind === "ended") end(rows.at(-1));
}

/** Where a training stands, in a sentence. */
export function told(record) {
  const dev = record.dev_loss === null ? "" : ` · dev ${record.dev_loss.toFixed(4)}`;
  return `Step ${number(record.step)} of ${number(record.steps)} · train ${record.train_loss.toFixed(4)}${dev} nats per token`;
}

/** How a run ended, in a sentence. */
export function ending(row) {
  let sentence = ENDS[row.how];
  const has = row.parameters !== undefined;
  if (has && row.how !== "opened") sentence += `, in ${row.seconds.toFixed(1)} s`;
  if (has) sentence += `: ${number(row.parameters)} parameters`;
  const losses = ["train", "dev", "test"].map((split) => [split, row.nats_per_token?.[split]])
    .filter(([, nats]) => typeof nats === "number").map(([split, nats]) => `${split} ${nats.toFixed(4)}`);
  if (losses.length) sentence += `, ${losses.join(", ")} nats per token`;
  return `${sentence}.${row.error ? ` ${row.error}` : ""}`;
}

function end(row) {
  by("stop").hidden = true;
  const has = row.parameters !== undefined;
  say("learn-status", ending(row), row.error !== null);
  by("verdict").hidden = !row.verdict;
  by("verdict").textContent = row.verdict ? `Verdict: ${row.verdict}` : "";
  by("save-row").hidden = !has;
  if (has) {
    by("save").href = `model/${runs.now().run}`;
    onEnd(runs.now().run);
  }
}
