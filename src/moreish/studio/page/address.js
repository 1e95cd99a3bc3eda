// What the page shows stands in its address, "#list?example=names&prefix=ma", which can be sent as a link.

let state = read();

function read() {
  const [, query = ""] = location.hash.split("?");
  return Object.fromEntries(new URLSearchParams(query));
}

/** What the address says. */
export const now = () => state;

/** Change what it says; what is null or empty goes. */
export function put(changes) {
  state = { ...state, ...changes };
  for (const [name, value] of Object.entries(state)) {
    if (value === null || value === undefined || value === "") delete state[name];
  }
  const query = new URLSearchParams(state).toString();
  const hash = query ? `#list?${query}` : "#list";
  if (hash.length < 4000) history.replaceState(null, "", hash);
}

/** Somebody else changed it: a link, or the field of the browser. */
export function whenChanged(work) {
  window.addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#list?")) return;
    state = read();
    work(state);
  });
}
