// @ts-check
// Single keys, which never fire while somebody types and can be turned off.

const OFF = "keys-off";

/** @returns {HTMLDialogElement | null} */
function list() {
  return document.querySelector("dialog#keys");
}

export function wire() {
  const button = document.querySelector("#keys-button");
  if (button instanceof HTMLElement) {
    button.hidden = false;
    button.addEventListener("click", () => list()?.showModal());
  }
  const on = document.querySelector("#keys-on");
  if (on instanceof HTMLInputElement) {
    on.checked = localStorage.getItem(OFF) === null;
    on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  }
  document.addEventListener("keydown", pressed);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const at = event.target;
  if (event.key === "Enter" && event.ctrlKey && at instanceof HTMLTextAreaElement) {
    event.preventDefault();
    at.form?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (at instanceof HTMLElement && (at.isContentEditable || at.closest("input, textarea, select, dialog"))) return;
  if (localStorage.getItem(OFF) !== null || document.querySelector("dialog[open]")) return;
  const does = KEYS[event.key];
  if (does && (event.key !== "E" || event.shiftKey)) {
    event.preventDefault();
    does();
  }
}

/** @type {Record<string, () => void>} */
const KEYS = {
  "?": () => list()?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  c: () => click("[data-key=c]"),
  r: () => focus("#reply"),
  n: () => {
    document.querySelector("#side")?.classList.add("is-open");
    focus("#note");
  },
  E: () => {
    const raise = document.querySelector("#raise");
    if (!(raise instanceof HTMLDetailsElement)) return;
    document.querySelector("#side")?.classList.add("is-open");
    raise.open = true;
    raise.scrollIntoView({ block: "nearest" });
    focus("#raise input[type=radio]");
  },
};

/** @param {number} by */
function move(by) {
  const items = [...document.querySelectorAll("#queue .item")];
  const at = items.findIndex((item) => item === document.activeElement);
  const from = at >= 0 ? at : items.findIndex((item) => item.hasAttribute("aria-current"));
  const next = items[Math.min(items.length - 1, Math.max(0, from + by))];
  if (next instanceof HTMLElement) next.focus();
}

/** @param {string} what */
function focus(what) {
  const found = document.querySelector(what);
  if (found instanceof HTMLElement) found.focus();
}

/** @param {string} what */
function click(what) {
  const found = document.querySelector(what);
  if (found instanceof HTMLElement) found.click();
}
