// A graph that was drawn by the service, and the walk through it: forward and back, a node at a time.

import { by, fill, make } from "./dom.js";

const PAUSE = 1100; // milliseconds between two steps that play
const SMALLEST = 0.75, LARGEST = 1.2; // of a drawing's own size

let onStep = () => {};
let text = "";
let answer = { steps: [], wrong: [] };
let nodes = new Map(); // by number: each box with that number, its texts, and what they say at the end
let wires = [];
let step = 0;
let timer = 0;

/** Set the part up; `stepped` is told each step that is gone to. */
export function begin(stepped) {
  onStep = stepped;
  by("exp-back").addEventListener("click", () => go(step - 1));
  by("exp-next").addEventListener("click", () => go(step + 1));
  by("exp-step").addEventListener("input", () => go(Number(by("exp-step").value)));
  by("exp-play").addEventListener("click", () => (timer ? pause() : play()));
  by("exp-graph").addEventListener("keydown", (event) => {
    if (event.target.matches("select, input")) return;
    const to = { ArrowRight: step + 1, ArrowLeft: step - 1, Home: 0, End: answer.steps.length }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
  });
  by("exp-drawing").addEventListener("click", (event) => {
    const box = event.target.closest("[data-node]");
    if (!box) return;
    const number = Number(box.dataset.node);
    const found = [...answer.steps.keys()].filter((i) => answer.steps[i].node === number || answer.steps[i].numbers.some(([n]) => n === number));
    if (found.length) go((found.find((i) => i >= step) ?? found[0]) + 1);
  });
}

/** The step that the next graph begins with. */
export function to(wanted) {
  step = wanted;
}

/** Let it play no more. */
export function pause() {
  clearInterval(timer);
  timer = 0;
  by("exp-play").textContent = "Play";
  by("exp-play").setAttribute("aria-pressed", "false");
}

function play() {
  if (step >= answer.steps.length) go(0);
  timer = setInterval(() => {
    go(step + 1);
    if (step >= answer.steps.length) pause();
  }, PAUSE);
  by("exp-play").textContent = "Pause";
  by("exp-play").setAttribute("aria-pressed", "true");
}

function go(wanted) {
  step = Math.min(Math.max(wanted, 0), answer.steps.length);
  onStep(step);
  draw();
}

/** Show the graph of a text at the step where one is. */
export function show(ofText, found) {
  text = ofText;
  answer = found;
  const svg = document.importNode(new DOMParser().parseFromString(found.svg, "image/svg+xml").documentElement, true);
  const width = Number(svg.getAttribute("width"));
  svg.removeAttribute("height");
  svg.style.minWidth = `${SMALLEST * width}px`;
  svg.style.maxWidth = `${LARGEST * width}px`;
  svg.setAttribute("width", "100%");
  const place = by("exp-drawing");
  const [left, top] = [place.scrollLeft, place.scrollTop];
  place.replaceChildren(svg);
  [place.scrollLeft, place.scrollTop] = [left, top];
  wires = [...svg.querySelectorAll("path[data-from]")].map((path) => ({ path, from: Number(path.dataset.from), end: endOf(path) }));
  nodes = new Map();
  for (const box of svg.querySelectorAll("g[data-node]")) {
    const number = Number(box.dataset.node);
    const texts = {};
    for (const one of box.querySelectorAll("text")) {
      const what = /^(data|grad) /.exec(one.textContent)?.[1];
      if (what) texts[what] = { element: one, end: one.textContent.slice(5), width: one.textContent.length };
    }
    nodes.set(number, [...(nodes.get(number) ?? []), { box, texts }]);
  }
  const hasSteps = answer.steps.length > 0;
  for (const id of ["back", "next", "play", "step", "how"]) by(`exp-${id}`).hidden = !hasSteps;
  if (!hasSteps) pause();
  step = Math.min(step, answer.steps.length);
  by("exp-step").max = answer.steps.length;
  by("exp-found").hidden = !answer.found;
  by("exp-found").textContent = answer.found ? `moreish.slips says: ${answer.found}` : "";
  draw();
}

/** The frame or the port where a wire ends that does not end at a node. */
function endOf(path) {
  if (path.dataset.to !== undefined) return null;
  const [y, x] = path.getAttribute("d").match(/-?[\d.]+/g).slice(-2).map(Number);
  return [...path.parentNode.parentNode.children].find((one) => {
    const shift = /^translate\(([-\d.]+),([-\d.]+)\)$/.exec(one.getAttribute("transform"));
    if (!shift || one.dataset.node !== undefined || Math.abs(Number(shift[1]) - x) > 1) return false;
    const height = Number(one.querySelector(":scope > rect")?.getAttribute("height") ?? 4);
    return y >= Number(shift[2]) - 1 && y <= Number(shift[2]) + height + 1;
  });
}

/** Whether a wire is on the way to a node: to it, into a frame that holds it, or out of one that does not. */
function leads({ path, end }, number) {
  if (path.dataset.to !== undefined) return Number(path.dataset.to) === number;
  const isIn = (frame) => nodes.get(number)?.some(({ box }) => frame.contains(box));
  return end?.querySelector(":scope > circle") ? !isIn(path.parentNode.parentNode) : !end || isIn(end);
}

function write({ element, width }, what, number) {
  const said = `${what} ${number}`;
  element.textContent = said;
  if (said.length > width) element.setAttribute("textLength", String(width * 6.6));
  else element.removeAttribute("textLength");
  element.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

function draw() {
  const { steps } = answer;
  if (!steps.length) {
    fill("exp-say", make("p", {}, `The result is ${answer.result}.`));
    by("exp-say").classList.add("short");
    formula(null);
    return;
  }
  by("exp-say").classList.remove("short");
  const done = steps.slice(0, step);
  const current = done.at(-1);
  const known = { data: new Map(), grad: new Map() };
  for (const one of done) for (const [number, what, said] of one.numbers) known[what].set(number, said);
  const computed = new Set(steps.filter((one) => one.phase === "forward").map((one) => one.node));
  const isEnd = step === steps.length;
  for (const [number, boxes] of nodes) {
    for (const { box, texts } of boxes) {
      const isLater = computed.has(number) && !known.data.has(number);
      if (texts.data) write(texts.data, "data", isLater ? "…" : (known.data.get(number) ?? texts.data.end));
      if (texts.grad) write(texts.grad, "grad", known.grad.get(number) ?? "0.0000");
      box.classList.toggle("later", isLater);
      box.classList.toggle("now", current?.node === number);
      box.classList.toggle("got", Boolean(current?.numbers.some(([one]) => one === number)));
      box.classList.toggle("wrong", isEnd && answer.wrong.includes(number));
    }
  }
  const lit = current?.wires ?? [];
  for (const wire of wires) wire.path.classList.toggle("now", lit.some(([a, b]) => a === wire.from && leads(wire, b)));
  by("exp-step").value = step;
  by("exp-step").setAttribute("aria-valuetext", `${step} of ${steps.length}`);
  for (const [id, isOff] of [["exp-back", step === 0], ["exp-next", isEnd]]) {
    if (isOff && document.activeElement === by(id)) by("exp-drawing").focus({ preventScroll: true });
    by(id).disabled = isOff;
  }
  tell(current, computed.size);
  formula(current?.place ?? null);
  if (current) follow(nodes.get(current.node)?.[0]?.box);
}

function tell(current, forward) {
  const steps = answer.steps.length;
  if (!current) {
    fill("exp-say", make("p", {}, `The leaves have their numbers. ${forward} steps forward compute the result, ${steps - forward} walk back.`));
    return;
  }
  const isForward = current.phase === "forward";
  const head = isForward ? `Forward, ${step} of ${forward}` : `Backward, ${step - forward} of ${steps - forward}`;
  fill("exp-say", make("p", { className: "muted", textContent: head }), ...current.say.map((one) => make("p", { textContent: one })));
  if (step === steps && answer.wrong.length) {
    by("exp-say").append(make("p", { textContent: "Gradients that are wrong have a red box; the table shows the measured slopes beside them." }));
  }
}

/** The text with the part of it that the step is about. */
function formula(place) {
  const signs = [...text];
  const [start, end] = place ?? [0, 0];
  fill("exp-formula", signs.slice(0, start).join(""), place ? make("mark", { textContent: signs.slice(start, end).join("") }) : "", signs.slice(end).join(""));
}

/** Keep the node of the step in sight, where the drawing is larger than its place. */
function follow(box) {
  if (!box) return;
  const place = by("exp-drawing");
  const outer = place.getBoundingClientRect(), inner = box.getBoundingClientRect();
  if (inner.left < outer.left || inner.right > outer.right) place.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  if (inner.top < outer.top || inner.bottom > outer.bottom) place.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}
