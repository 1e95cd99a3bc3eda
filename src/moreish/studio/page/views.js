// The views of the page, of which one is shown. All but the list are fetched when they are first wanted: NAME.html, and
// NAME.js, which exports `begin()`, called once, `show(state)`, and `hide()` for what should not go on unseen.

import * as address from "./address.js";
import { call, Lost } from "./call.js";
import { by, make } from "./dom.js";

const TITLES = { list: "List", learning: "Learning", network: "Network", expression: "Expression", tensor: "Tensor" };

const loaded = { list: Promise.resolve({ show() {}, hide() {} }) };
let wanted = "list";

/** Set the navigation up; `changed` is told the view of which the address was changed by hand. */
export function begin(changed) {
  by("views").hidden = address.VIEWS.length < 2;
  by("views").replaceChildren(...address.VIEWS.map((name) =>
    make("a", { href: `#${name}`, id: `to-${name}`, textContent: TITLES[name], onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (name === wanted) return;
      address.go(name);
      show(name);
      by("content").focus();
    } })));
  address.whenChanged((name) => { changed(name); show(name); });
}

/** Show one view in place of the one before. */
export async function show(name) {
  const before = wanted;
  wanted = name;
  for (const each of address.VIEWS) by(`to-${each}`).removeAttribute("aria-current");
  by(`to-${name}`).setAttribute("aria-current", "page");
  document.title = name === "list" ? "moreish studio" : `${TITLES[name]} · moreish studio`;
  loaded[name] ??= load(name);
  let view;
  try {
    view = await loaded[name];
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    call("start").catch(() => {}); // which says so, and asks until it is there
    return;
  }
  if (before !== name) (await loaded[before]).hide();
  if (wanted !== name) return;
  for (const each of document.querySelectorAll(".view")) each.hidden = each.id !== `view-${name}`;
  view.show(address.now(name));
}

async function load(name) {
  let page;
  try {
    page = await (await fetch(`${name}.html`)).text();
  } catch {
    delete loaded[name];
    throw new Lost("The server does not answer.");
  }
  const place = make("div", { className: "view", id: `view-${name}`, hidden: true });
  place.append(...new DOMParser().parseFromString(page, "text/html").body.childNodes);
  by("content").append(place);
  const view = await import(`./${name}.js`);
  await view.begin();
  return view;
}
