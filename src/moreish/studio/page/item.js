// The fourth part: how surprising each token of an item is, and what followed its context in the list.

import * as address from "./address.js";
import { call, Lost } from "./call.js";
import { by, chance, fill, isolated, later, make, number, say, shown } from "./dom.js";

const TALL = 110; // pixels of the highest bar
let run = null;
let asked = 0;
let looked = 0;
let item = "";

/** Set the part up. */
export function begin() {
  by("any-item").addEventListener("input", later(300, () => look(by("any-item").value)));
  by("item-form").addEventListener("submit", (event) => { event.preventDefault(); look(by("any-item").value); });
  by("bars").addEventListener("keydown", move);
  by("back").addEventListener("change", () => around(Number(address.now().at), Number(by("back").value)));
}

/** There is a model that can say why. */
export function from(id, state) {
  run = id;
  by("item").hidden = false;
  if (state.item) {
    const at = state.at === undefined ? null : Number(state.at);
    look(state.item, at, state.back === undefined ? null : Number(state.back));
  } else {
    clear();
  }
}

/** There is none now. */
export function without() {
  run = null;
  by("item").hidden = true;
  clear();
}

function clear() {
  by("item-about").hidden = true;
  by("followers").hidden = true;
}

/** Show an item; `at` is the bar that is open. */
export async function look(text, at = null, back = null) {
  if (by("any-item").value !== text) by("any-item").value = text;
  const own = ++asked;
  if (run === null) return;
  if (!text.trim()) {
    address.put({ item: null, at: null, back: null });
    say("item-status", "");
    clear();
    return;
  }
  try {
    const found = await call("explain", { run, item: text });
    if (own !== asked) return;
    item = found.item;
    say("item-status", "");
    address.put({ item, at: null, back: null });
    describe(found);
    if (at === null || !(at <= found.tokens.length)) by("followers").hidden = true;
    else await around(at, back);
  } catch (error) {
    if (own !== asked) return;
    say("item-status", error.message, !(error instanceof Lost));
    if (!(error instanceof Lost)) clear();
  }
}

function describe(found) {
  by("item-about").hidden = false;
  const where = found.in === null ? (found.new ? "It is not in the list." : "") : `It is in the list (${found.in}).`;
  const rank = found.percentile === null ? "" :
    ` Of held-out items of its length, ${Number(found.percentile.toFixed(1))} % are at least as surprising.`;
  const asNew = found.as_if_new ? " It is judged as if it had not been there." : "";
  by("item-sentence").replaceChildren(isolated(found.item), `: ${found.nats?.toFixed(2) ?? "–"} nats in all, its end included. ${where}${asNew}${rank}`);
  const repair = by("repair");
  if (found.repair !== null && found.repair !== undefined) {
    repair.replaceChildren("One edit makes it likelier: ", make("button", { type: "button", onclick: () => look(found.repair) }, isolated(found.repair)),
      ` (${shown(found.edit)}) saves ${found.saved.toFixed(2)} nats.`);
  } else {
    repair.textContent = found.too_long ? "It is too long to look for the best repair." : "No single edit makes it likelier.";
  }
  fill("item-notes", ...found.notes.map((note) => make("li", { textContent: shown(note, 400) })));
  const most = Math.max(...found.surprise.map((nats) => nats ?? 0), 3);
  fill("bars", ...found.surprise.map((nats, place) => bar(found.tokens[place], nats, place, most)));
}

function bar(token, nats, place, most) {
  const isEnd = token === undefined;
  const name = isEnd ? "end" : token === " " ? "␣" : shown(token, 12);
  const size = make("span", { className: "bar" });
  size.style.height = `${Math.round((TALL * Math.min(nats ?? most, most)) / most)}px`;
  const told = nats === null ? "∞" : nats.toFixed(2);
  const probability = nats === null ? "0 %" : chance(Math.exp(-nats));
  return make("button", { type: "button", tabIndex: place ? -1 : 0, "aria-pressed": "false",
    "aria-label": `${isEnd ? "the end" : name}: ${told} nats, probability ${probability}`, onclick: () => around(place) },
  make("span", { className: "nats", textContent: told }), size, make("span", { className: `token${isEnd ? " mark" : ""}` }, make("bdi", { textContent: name })),
  make("span", { className: "chance", textContent: probability.startsWith("1 in") ? "<0.1 %" : probability }));
}

function move(event) {
  const bars = [...by("bars").children];
  const here = bars.indexOf(document.activeElement);
  const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: bars.length - 1 }[event.key];
  if (here < 0 || there === undefined) return;
  event.preventDefault();
  focusable(bars, bars[Math.min(Math.max(there, 0), bars.length - 1)]).focus();
}

function focusable(bars, chosen) {
  for (const bar of bars) bar.tabIndex = bar === chosen ? 0 : -1;
  return chosen;
}

async function around(at, back = null) {
  const own = ++looked;
  const bars = [...by("bars").children];
  if (!bars[at]) return;
  focusable(bars, bars[at]);
  bars.forEach((bar, place) => bar.setAttribute("aria-pressed", String(place === at)));
  try {
    const found = await call("followers", { run, item, position: at, length: back });
    if (own !== looked) return;
    address.put({ at, back });
    list(found);
    say("item-status", "");
  } catch (error) {
    if (own !== looked) return;
    by("followers").hidden = true;
    say("item-status", error.message, !(error instanceof Lost));
  }
}

function list(found) {
  by("followers").hidden = false;
  const between = found.context.some((token) => token.length > 1) ? " " : "";
  const context = shown(found.context.join(between));
  const where = found.from_beginning ? (context ? "at the beginning, after " : "at the beginning of an item") : context ? "after " : "anywhere";
  by("followers-title").replaceChildren("What comes ", where, ...(context ? [make("bdi", { textContent: `“${context}”` })] : []), "?");
  const times = number(found.times);
  by("followers-sentence").textContent =
    `In what was trained on, this context came ${times} time${found.times === 1 ? "" : "s"}. ` +
    `The model’s probabilities are for all that it sees here: ${found.seen.length} token${found.seen.length === 1 ? "" : "s"} back.`;
  by("back").replaceChildren(...Array.from({ length: found.longest + 1 }, (_, length) =>
    make("option", { value: String(length), selected: length === found.length,
      textContent: length > Number(address.now().at) ? "to the beginning" : `${length} token${length === 1 ? "" : "s"}` })));
  fill("followers-rows", ...found.followers.map(row));
}

function row(found) {
  const name = found.token === null ? "the end" : found.token === " " ? "␣" : shown(found.token, 30);
  const items = make("td");
  found.items.forEach((text, place) => items.append(place ? ", " : "", isolated(text, 40)));
  return make("tr", { className: found.is_here ? "here" : "" },
    make("th", { scope: "row" }, make("bdi", { textContent: name }), found.is_here ? " ◂" : ""),
    make("td", { className: "number", textContent: number(found.count) }),
    amount(found.share, ""), amount(found.probability, "by-model"), items);
}

function amount(probability, kind) {
  const meter = make("span", { className: `meter ${kind}`, "aria-hidden": "true" });
  meter.style.width = `${Math.round(70 * (probability ?? 0))}px`;
  return make("td", { className: "number" }, meter, probability === null ? "–" : chance(probability));
}
