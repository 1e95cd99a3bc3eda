// Elements and text. Whatever comes from a list is only ever set as text, never as markup.

/** The element with an id. */
export const by = (id) => document.getElementById(id);

/** An element with properties, attributes that begin with "aria-" or "data-", and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name.startsWith("data-") || name === "role" || name === "scope") {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing (SVG). */
export function draw(tag, attributes = {}, text = undefined) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const LONGEST = 80;

/** A text of a list as it can be shown: what can't be seen is escaped, what is very long is cut. */
export function shown(text, longest = LONGEST) {
  const escaped = text.replace(CONTROLS, (found) => "\\u" + found.charCodeAt(0).toString(16).padStart(4, "0"));
  if (escaped.length <= longest) return escaped;
  return [...escaped].slice(0, longest - 1).join("") + "…";
}

/** An item as an element: isolated, so that writing from right to left turns nothing else. */
export const isolated = (text, longest) => make("bdi", { textContent: shown(text, longest) });

/** Say something in a place that a screen reader listens to; an error in its own colour. */
export function say(id, text, isError = false) {
  const place = by(id);
  if (place.textContent !== text) place.textContent = text;
  place.classList.toggle("error", isError);
}

/** Put elements in place of all that is there. */
export const fill = (id, ...children) => by(id).replaceChildren(...children);

/** The same function, called once when nothing was asked of it for some milliseconds. */
export function later(milliseconds, work) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
}

/** A number with its thousands apart. */
export const number = (value) => value.toLocaleString("en-US");

/** A probability in words: a percentage, or "1 in so many" where it is small. */
export function chance(probability) {
  if (probability === 0) return "0 %";
  if (probability >= 0.001) return `${Number((100 * probability).toPrecision(3))} %`;
  const one = Math.round(1 / probability);
  return Number.isFinite(one) && one < 1e15 ? `1 in ${number(Number(one.toPrecision(3)))}` : "practically never";
}
