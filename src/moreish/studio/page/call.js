// Every question to the server goes through `call`, so a page without a server can answer the same.

import { by } from "./dom.js";

/** What the server said no to, in a sentence. */
export class Refused extends Error {}

/** The server did not answer; it is asked again until it does. */
export class Lost extends Error {}

/** The page itself gave up waiting, as another answer is wanted by now. */
export class Unwanted extends Error {}

const WAIT = 1000;
let lost = false;
let studio = null;
const returned = [];

/** Do something when the server answers again: it is told whether it is still the same studio. */
export const whenBack = (work) => returned.push(work);

/** The answer of a call; a file goes as it is, with the other arguments beside it. A signal gives up on it. */
export async function call(name, given = {}, signal = undefined) {
  const answer = await asked(name, given, signal);
  if (name === "start") studio = answer.studio;
  return answer;
}

async function asked(name, { content, ...others }, signal) {
  let response;
  const options = { method: "POST", signal };
  let address = `api/${name}`;
  if (content === undefined) {
    options.body = JSON.stringify(others);
    options.headers = { "content-type": "application/json" };
  } else {
    options.body = content;
    options.headers = { "content-type": "application/octet-stream" };
    address += `?${new URLSearchParams(others)}`;
  }
  let answer;
  try {
    response = await fetch(address, options);
    answer = await response.json();
  } catch {
    if (signal?.aborted) throw new Unwanted("Nobody waits for this answer any more.");
    loseIt();
    throw new Lost("The server does not answer.");
  }
  if (!response.ok) throw new Refused(answer.error ?? `The server answered ${response.status}.`);
  return answer;
}

function loseIt() {
  if (lost) return;
  lost = true;
  const notice = by("lost");
  notice.textContent =
    "The studio’s server does not answer: was it ended with Ctrl-C? What you see stays, and the page goes on when it is there again.";
  notice.hidden = false;
  setTimeout(tryAgain, WAIT);
}

async function tryAgain() {
  const before = studio;
  try {
    const answer = await call("start");
    lost = false;
    by("lost").hidden = true;
    for (const work of returned) await work(answer, answer.studio === before);
  } catch {
    setTimeout(tryAgain, WAIT);
  }
}
