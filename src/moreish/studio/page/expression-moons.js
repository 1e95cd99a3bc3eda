// Two moons: a network learns in steps that the page asks for, and the plane is painted after each.

import { call, Lost } from "./call.js";
import { by, fill, make, say } from "./dom.js";

const SIZES = ["4", "8", "4,4", "8,8", "16,16", "4,4,4"];
const USUAL = "8,8";
const PAUSE = 60; // milliseconds between two looks
const LAST = 400; // steps that play by themselves
const SCALE = 10; // pixels for a place of the plane

let put = () => {};
let fixed = null; // the points and the plane
let training = null;
let shown = null; // the last answer
let neuron = null;
let losses = []; // so far
let playing = false;
let queue = Promise.resolve(); // looks are taken one after another

/** Set the part up; `changed` is told what the address should say. */
export async function begin(changed) {
  put = changed;
  fill("moons-hidden", ...SIZES.map((sizes) => make("option", { value: sizes, textContent: sizes.replaceAll(",", ", ") })));
  by("moons-form").addEventListener("submit", (event) => event.preventDefault());
  by("moons-play").addEventListener("click", () => (playing ? pause() : play()));
  by("moons-one").addEventListener("click", () => { pause(); look(1); });
  by("moons-again").addEventListener("click", start);
  by("moons-hidden").addEventListener("change", () => { put({ hidden: by("moons-hidden").value }); start(); });
  by("moons-seed").addEventListener("change", () => { put({ "moons-seed": by("moons-seed").value }); start(); });
  by("moons-layer").addEventListener("change", () => { neuron = null; look(0); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown && paint());
}

/** Show what the address says; a network that is there stays. */
export async function show(state) {
  const hidden = SIZES.includes(state.hidden) ? state.hidden : USUAL;
  const seed = state["moons-seed"] ?? "1337";
  const isSame = training !== null && by("moons-hidden").value === hidden && by("moons-seed").value === seed;
  by("moons-hidden").value = hidden;
  by("moons-seed").value = seed;
  await inTurn(async () => { if (!isSame || !await looked(0)) await begun(); });
}

/** Let it learn no more. */
export function pause() {
  playing = false;
  by("moons-play").textContent = "Play";
  by("moons-play").setAttribute("aria-pressed", "false");
}

/** Do something when all that was asked for before is done. */
function inTurn(work) {
  const done = queue.then(work);
  queue = done.catch(() => {});
  return done;
}

function start() {
  pause();
  return inTurn(begun);
}

async function begun() {
  training = null;
  neuron = null;
  losses = [];
  const sizes = by("moons-hidden").value.split(",").map(Number);
  const layer = by("moons-layer");
  layer.replaceChildren(...sizes.map((size, i) => make("option", { value: i + 1, textContent: `${i + 1} (${size} neurons)` })));
  layer.value = sizes.length;
  try {
    const seed = by("moons-seed").value === "" ? 1337 : Number(by("moons-seed").value);
    fixed = await call("moons", { hidden: sizes, seed });
    training = fixed.training;
  } catch (error) {
    if (!(error instanceof Lost)) say("moons-status", error.message, true);
    return;
  }
  say("moons-status", "");
  await looked(0);
}

async function play() {
  if (training === null) await start();
  playing = true;
  by("moons-play").textContent = "Pause";
  by("moons-play").setAttribute("aria-pressed", "true");
  while (playing) {
    if (!await look(1) || shown.step >= LAST) pause();
    await new Promise((then) => setTimeout(then, PAUSE));
  }
}

/** Take so many steps, and paint; false where that could not be done. */
const look = (steps) => inTurn(() => looked(steps));

async function looked(steps) {
  if (training === null) return false;
  try {
    const given = { training, steps, layer: Number(by("moons-layer").value), neuron };
    if (by("moons-rate").value !== "") given.rate = Number(by("moons-rate").value);
    shown = await call("moons_step", given);
  } catch (error) {
    if (!(error instanceof Lost)) say("moons-status", error.message, true);
    return false;
  }
  const isLost = shown.loss === null;
  losses[shown.step] = shown.loss;
  say("moons-status", isLost ? "The loss is no number any more: the steps were too large. Set a smaller learning rate, and start again." : "", isLost);
  paint();
  return !isLost;
}

function colours() {
  const style = getComputedStyle(by("moons"));
  const read = (name) => {
    const probe = make("span");
    probe.style.color = `var(${name})`;
    by("moons").append(probe);
    const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    probe.remove();
    return [r, g, b];
  };
  return { low: read("--second"), high: read("--accent"), ink: style.color, paper: style.backgroundColor };
}

/** A field of numbers from -100 to 100 as a small picture: the colour is the sign, its depth how far from 0. */
function field(numbers, [across, up], { low, high }) {
  const canvas = make("canvas", { width: across, height: up });
  const context = canvas.getContext("2d");
  const image = context.createImageData(across, up);
  numbers.forEach((number, i) => {
    image.data.set([...(number < 0 ? low : high), 1.9 * Math.abs(number)], 4 * i);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The line where the score is 0, between the places of the plane. */
function boundary(context, numbers, [across, up]) {
  const at = (x, y) => numbers[y * across + x];
  const sides = [[0, 0, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 0, 0]];
  context.beginPath();
  for (let y = 0; y < up - 1; y++) {
    for (let x = 0; x < across - 1; x++) {
      const ends = [];
      for (const [ax, ay, bx, by_] of sides) {
        const a = at(x + ax, y + ay), b = at(x + bx, y + by_);
        if (a < 0 === b < 0) continue;
        const share = a / (a - b);
        ends.push([(x + ax + share * (bx - ax) + 0.5) * SCALE, (y + ay + share * (by_ - ay) + 0.5) * SCALE]);
      }
      for (let i = 0; i + 1 < ends.length; i += 2) {
        context.moveTo(...ends[i]);
        context.lineTo(...ends[i + 1]);
      }
    }
  }
  context.stroke();
}

function paint() {
  const own = colours();
  const canvas = by("moons-plane");
  const [across, up] = fixed.size;
  canvas.width = across * SCALE;
  canvas.height = up * SCALE;
  const context = canvas.getContext("2d");
  context.drawImage(field(shown.part ?? shown.score, fixed.size, own), 0, 0, canvas.width, canvas.height);
  if (!shown.part) {
    context.strokeStyle = own.ink;
    context.lineWidth = 2.5;
    boundary(context, shown.score, fixed.size);
  }
  const [left, right, bottom, top] = fixed.plane;
  fixed.points.forEach(([x, y], i) => {
    context.beginPath();
    context.arc(canvas.width * (x - left) / (right - left), canvas.height * (top - y) / (top - bottom), 5.5, 0, 7);
    context.fillStyle = `rgb(${fixed.labels[i] < 0 ? own.low : own.high})`;
    context.strokeStyle = own.paper;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
  });
  const right_ = `${Math.round(100 * shown.accuracy)} %`;
  const loss = shown.loss === null ? "no number" : shown.loss < 1e4 ? shown.loss.toFixed(4) : shown.loss.toExponential(1);
  fill("moons-told", `Step ${shown.step} · loss ${loss} · ${right_} of the points on their side · ${shown.parameters} parameters`);
  canvas.setAttribute("aria-label", shown.part
    ? `What neuron ${neuron} of layer ${by("moons-layer").value} gives over the plane, at step ${shown.step}.`
    : `The score over the plane at step ${shown.step}: ${right_} of the points are on their side of the boundary.`);
  by("moons-legend").textContent = shown.part
    ? `Neuron ${neuron}: blue where it gives more than 0, orange where less. Choose it again to see the score.`
    : "The score: blue above 0, orange below. The line between is the boundary.";
  by("moons-what").textContent = shown.adds_up
    ? "What each gives times its weight in the score. Together with the bias they add up to the score. Choose one to see it large."
    : "What each gives over the plane; the next layer takes all of them. Choose one to see it large.";
  curve();
  neurons(own);
}

/** The loss so far, from the first step on. */
function curve() {
  const known = losses.map((loss, step) => [step, loss]).filter(([, loss]) => typeof loss === "number");
  const last = Math.max(losses.length - 1, 50), high = Math.max(...known.map(([, loss]) => loss), 0.01);
  const points = known.map(([step, loss]) => `${((300 * step) / last).toFixed(1)},${(88 - (80 * loss) / high).toFixed(1)}`).join(" ");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 90" preserveAspectRatio="none" role="img" aria-label="The loss by step"><polyline class="curve-line train" vector-effect="non-scaling-stroke" points="${points}"/></svg>`;
  by("moons-loss").replaceChildren(document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true), make("p", { className: "muted", textContent: "Loss, by step" }));
}

function neurons(own) {
  const place = by("moons-neurons");
  if (place.childElementCount !== shown.parts.length) {
    place.replaceChildren(...shown.parts.map((_, i) => make("button", {
      type: "button", onclick: () => {
        neuron = neuron === i + 1 ? null : i + 1;
        if (!playing) look(0);
      } }, make("canvas", { "aria-hidden": "true" }), "Neuron ", make("span"))));
  }
  shown.parts.forEach((part, i) => {
    const button = place.children[i], canvas = button.firstChild;
    button.setAttribute("aria-pressed", String(neuron === i + 1));
    button.lastChild.textContent = part.some((number) => number !== 0) ? i + 1 : `${i + 1}, always 0`;
    [canvas.width, canvas.height] = fixed.small.map((size) => 4 * size);
    canvas.getContext("2d").drawImage(field(part, fixed.small, own), 0, 0, canvas.width, canvas.height);
  });
}
