// What the page shows stands in its address, "#list?example=names&prefix=ma", which can be sent as a link: the name of
// a view, and its state. Views of one list share their state.

export const VIEWS = ["list", "learning", "expression"];
const OF_A_LIST = ["list", "learning", "network"];
const LONGEST = 4000; // characters of an address that every program bears

const states = {};
let view = "list";
const owner = (name) => (OF_A_LIST.includes(name) ? "list" : name);
const called = () => location.hash.slice(1).split("?")[0];

function read() {
  if (VIEWS.includes(called())) view = called();
  if (!location.hash.includes("?")) return;
  const query = location.hash.slice(location.hash.indexOf("?") + 1);
  states[owner(view)] = Object.fromEntries(new URLSearchParams(query));
}

read();

/** What the address says: the state of a view, of the one that is shown if none is named. */
export const now = (name = view) => states[owner(name)] ?? {};

/** The view that is shown. */
export const shownView = () => view;

/** The address of a view as it was left. */
export function linkTo(name) {
  const query = new URLSearchParams(now(name)).toString();
  const hash = query ? `#${name}?${query}` : `#${name}`;
  return hash.length < LONGEST ? hash : `#${name}`;
}

/** Change what the address says of a view; what is null or empty goes. */
export function put(changes, name = "list") {
  const state = { ...now(name), ...changes };
  for (const [key, value] of Object.entries(state)) {
    if (value === null || value === undefined || value === "") delete state[key];
  }
  states[owner(name)] = state;
  if (owner(name) === owner(view)) history.replaceState(null, "", linkTo(view));
}

/** Show another view, as one that can be gone back from. */
export function go(name) {
  view = name;
  history.pushState(null, "", linkTo(name));
}

/** Somebody else changed it: a link, or the field and the arrows of the browser. */
export function whenChanged(work) {
  window.addEventListener("popstate", () => {
    if (!VIEWS.includes(called())) return;
    const before = linkTo(view);
    read();
    if (location.hash !== before) work(view);
  });
}
