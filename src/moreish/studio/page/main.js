// The page: its parts are set up, what the address says is shown, and one part hands on to the next.

import * as address from "./address.js";
import { call, Lost, whenBack } from "./call.js";
import { by, say } from "./dom.js";
import * as item from "./item.js";
import * as learn from "./learn.js";
import * as list from "./list.js";
import * as make from "./make.js";
import * as runs from "./runs.js";
import * as views from "./views.js";

let shownRun = null;

function read(found) {
  list.describe(found);
  runs.offer(found);
  by("hint").hidden = true;
  make.without();
  item.without();
  if (shownRun !== null) address.put({ item: null, at: null, back: null, learnt: null });
  address.put({ run: null });
  shownRun = null;
}

function opened(found) {
  list.describeModel(found.name);
  runs.watch(found.run);
}

function ended(run) {
  shownRun = run;
  make.from(run);
  item.from(run, address.now());
}

/** Show what an address says: a run that is here, or a list that is read and learnt again. */
async function show(started) {
  const state = address.now();
  make.restore(state);
  by("model").value = state.model ?? "";
  by("learn-seed").value = state["learn-seed"] ?? "1";
  const text = list.keptText();
  const isHere = started.runs.includes(state.run);
  if (state.example) await list.readExample(state.example);
  else if (text && !(started.opened && !state.run)) await list.take(text);
  else if (started.opened?.list) read(started.opened);
  else if (started.opened?.run && !isHere) return opened(started.opened);
  address.put({ item: state.item, at: state.at, back: state.back });
  if (isHere) runs.watch(state.run);
  else if (state.example && state.learnt) await learn.learn();
  else if (state.run) {
    say("learn-status", "The model is gone, as the server was started anew: learn it again.");
  }
}

async function start() {
  let started;
  try {
    started = await call("start");
  } catch (error) {
    if (error instanceof Lost) return;
    throw error;
  }
  setUp(started);
  await show(started);
  await views.show(address.shownView());
}

let isSetUp = false;

function setUp(started) {
  if (isSetUp) return;
  isSetUp = true;
  by("version").textContent = `moreish ${started.version}. This page asks only the server on this machine; nothing leaves it.`;
  list.begin(started.examples, read, opened);
  learn.begin(started.families, ended);
  make.begin((text) => {
    item.look(text);
    by("item").scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  });
  item.begin();
  views.begin((name) => { if (name === "list") call("start").then(show); });
}

whenBack(async (started, isSame) => {
  const isFirst = !isSetUp;
  setUp(started);
  if (isSame && !isFirst) await runs.look();
  else await show(started);
  return views.show(address.shownView());
});
by("skip").addEventListener("click", (event) => { event.preventDefault(); by("content").focus(); });
start();
