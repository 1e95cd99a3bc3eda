// The run that is shown: it is begun, its log is asked for twice a second, and whoever listens is told what came.

import * as address from "./address.js";
import { call, Lost, Refused } from "./call.js";

const LOOK = 500, LOOK_HIDDEN = 2000, AGAIN = 100; // milliseconds

let list = null; // what was read last
let run = null; // the one that is watched
let rows = []; // all that came of it
let timer = 0;
let isPaused = false;
const listeners = [];

const tell = (what, ...given) => listeners.forEach((listener) => listener[what]?.(...given));

/** `listener` has functions: `offered(list)`, `reset()` when another run or none is watched, `came(rows)`, `paused()` when that changed, and `said(text, isError)`. */
export const listen = (listener) => listeners.push(listener);

/** The list that was read last, the id of the run that is watched, all rows of its log, whether more will come, and whether
 * it is paused, by this page or another. */
export const now = () => ({ list, run, rows, isGoing: timer !== 0, isPaused });

/** A list was read: it can be learnt from. What is still being learnt from another one ends. */
export function offer(read) {
  leave();
  list = read;
  tell("offered", read);
}

/** Begin to learn from the list that was read last. */
export async function begin(options) {
  if (list === null) return;
  leave();
  try {
    const begun = await call("begin", { list: list.list, ...options });
    watch(begun.run);
  } catch (error) {
    tell("said", error.message, !(error instanceof Lost));
  }
}

/** Watch no run any more; one that goes on is stopped. */
export function leave() {
  if (run !== null && timer !== 0) call("stop", { run }).catch(() => {});
  forget(null);
}

function forget(next) {
  clearTimeout(timer);
  timer = 0;
  run = next;
  rows = [];
  isPaused = false;
  tell("reset");
}

/** Follow a run from its beginning. */
export function watch(id) {
  forget(id);
  address.put({ run: id });
  tell("said", "It begins …", false);
  timer = -1; // until the first answer is there
  look();
}

/** Stop the run, steer it, or ask anything else of it. */
export async function ask(name, given = {}) {
  try {
    await call(name, { run, ...given });
  } catch (error) {
    tell("said", error.message, true);
    return;
  }
  clearTimeout(timer);
  if (timer !== 0) timer = setTimeout(look, AGAIN);
}

/** Ask what came after the last row that is known. */
export async function look() {
  clearTimeout(timer);
  const own = run;
  if (own === null) return;
  try {
    const answer = await call("log", { run: own, after: rows.length });
    if (own !== run) return;
    rows.push(...answer.rows);
    const wasPaused = isPaused;
    isPaused = answer.paused;
    const isOver = rows.at(-1)?.kind === "ended";
    if (isOver) timer = 0;
    if (rows.length === 0) tell("said", "It waits until the run before it has ended …", false);
    if (answer.rows.length) tell("came", answer.rows);
    if (wasPaused !== isPaused) tell("paused");
    if (isOver || own !== run) return;
  } catch (error) {
    if (own !== run) return;
    if (error instanceof Refused) {
      forget(null);
      tell("said", error.message, true);
      return;
    }
  }
  timer = setTimeout(look, document.hidden ? LOOK_HIDDEN : LOOK);
}

document.addEventListener("visibilitychange", () => timer !== 0 && look());
