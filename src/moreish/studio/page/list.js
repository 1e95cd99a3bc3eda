// The first part: a list comes in by hand, from a file or as an example, and the page says what was read.

import * as address from "./address.js";
import { call, Lost } from "./call.js";
import { by, fill, isolated, later, make, number, say, shown } from "./dom.js";

const MUCH = 200_000; // characters: more than a text field bears well
const LINES = 100; // that are shown of a list that is too long for the field
const LARGEST = 32 * 1024 * 1024; // bytes
const KEPT = "moreish-text";

let held = null; // a pasted list that is too long for the field
let file = null; // that was dropped last
let asked = 0;
let heard = () => {};

/** Set the part up; `onList` is told what was read, `onModel` the run of a model that was opened. */
export function begin(examples, onList, onModel) {
  heard = { onList, onModel };
  fill("examples", ...examples.map((example) =>
    make("button", { type: "button", "aria-pressed": "false", "data-example": example.name,
      onclick: () => readExample(example.name) },
      example.title, make("small", { textContent: `${number(example.items)} · ${example.about}` }))));
  by("text").addEventListener("paste", pasted);
  by("text").addEventListener("input", later(500, typed));
  by("file").addEventListener("change", () => by("file").files[0] && dropped(by("file").files[0]));
  by("column-read").addEventListener("click", () => file && dropped(file));
  by("column").addEventListener("keydown", (event) => event.key === "Enter" && file && dropped(file));
  const place = by("drop");
  for (const kind of ["dragover", "dragenter"]) {
    place.addEventListener(kind, (event) => { event.preventDefault(); place.classList.add("over"); });
  }
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    place.classList.remove("over");
    const first = event.dataTransfer.files[0];
    if (first) dropped(first);
    else if (event.dataTransfer.getData("text")) take(event.dataTransfer.getData("text"));
  });
}

/** The text that was there before the page was loaded anew, if the browser lets it be kept. */
export function keptText() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null; // storage is refused: only a reload loses the text
  }
}

function keep(text) {
  try {
    if (text !== null && text.length < 1_000_000) sessionStorage.setItem(KEPT, text);
    else sessionStorage.removeItem(KEPT);
  } catch { /* refused, or full */ }
}

function pasted(event) {
  const text = event.clipboardData?.getData("text") ?? "";
  if (text.length < MUCH) return; // the field takes it, and `typed` hears of it
  event.preventDefault();
  take(text);
}

/** A text of any length: one that is very long is held, and its beginning shown. */
export function take(text) {
  held = text.length < MUCH ? null : text;
  const field = by("text");
  field.readOnly = held !== null;
  field.value = held === null ? text : text.slice(0, MUCH).split("\n").slice(0, LINES).join("\n").slice(0, 20_000);
  return readText();
}

function typed() {
  held = null;
  return readText();
}

async function readText() {
  const text = held ?? by("text").value;
  if (!text.trim()) {
    keep(null);
    return;
  }
  if (text.length > LARGEST / 2) {
    say("list-status", tooLarge("the text"), true);
    return;
  }
  keep(text);
  chosen(null);
  await read(() => call("read", { text }));
  if (held !== null) {
    by("text-note").textContent =
      `Only the beginning of the pasted text is shown, which has ${number(text.length)} characters; all of it was read.`;
    by("text").readOnly = false;
  }
}

const tooLarge = (what) =>
  `The page takes at most 32 MB, and ${what} has more: on the command line, "moreish train FILE" learns from it, and "moreish studio MODEL" opens the model.`;

async function dropped(given) {
  file = given;
  chosen(null);
  by("column-row").hidden = !/\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i.test(file.name);
  if (file.size > LARGEST) {
    say("list-status", tooLarge(shown(file.name)), true);
    return;
  }
  if (!by("column-row").hidden && !by("column").value) {
    say("list-status", `${shown(file.name)} is a table: name the column that has the items.`);
    by("column").focus();
    return;
  }
  held = null;
  by("text").value = "";
  keep(null);
  const column = by("column-row").hidden ? {} : { column: by("column").value };
  await read(async () => call("open", { name: file.name, ...column, content: await file.arrayBuffer() }));
}

/** Read a bundled list. */
export async function readExample(name) {
  held = null;
  by("text").value = "";
  keep(null);
  chosen(name);
  return read(() => call("read", { example: name }));
}

function chosen(name) {
  for (const button of by("examples").children) {
    button.setAttribute("aria-pressed", String(button.dataset.example === name));
  }
  if (name !== null) by("column-row").hidden = true;
  by("text-note").textContent = "Or drop a file here: text, CSV, JSON lines, gzip, or a model that was saved.";
  address.put({ example: name });
}

async function read(work) {
  const own = ++asked;
  say("list-status", "Reading …");
  try {
    const answer = await work();
    if (own !== asked) return;
    say("list-status", "");
    if (answer.run !== undefined) heard.onModel(answer);
    else heard.onList(answer);
  } catch (error) {
    if (own !== asked) return;
    say("list-status", error.message, !(error instanceof Lost));
  }
}

/** Show what was read, and what was left out. */
export function describe(list) {
  by("list-about").hidden = false;
  const { train, dev, test } = list.splits;
  const kinds = list.tokens_are === "words" ? "words" : "characters";
  by("list-numbers").replaceChildren(
    make("strong", { textContent: `${number(list.items)} different items` }),
    ` of ${number(list.tokens)} different ${kinds}: ${number(train)} to train on, ${number(dev)} held out (dev), ${number(test)} kept for a test.`);
  fill("list-remarks", ...list.remarks.map((remark) => make("li", { textContent: shown(remark, 400) })));
  const items = by("list-items");
  items.replaceChildren("It begins: ");
  list.first_items.slice(0, 12).forEach((item, place) => items.append(place ? ", " : "", isolated(item, 40)));
  if (list.items > 12) items.append(" …");
  by("list-tokens").replaceChildren("Its tokens: ", isolated(list.first_tokens.map((token) => (token === " " ? "␣" : token)).join(" "), 240));
}

/** A model without a list that was read here. */
export function describeModel(name) {
  by("list-about").hidden = true;
  say("list-status", `${shown(name)} is a model that was learnt before: it is ready.`);
}
