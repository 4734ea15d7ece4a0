// @ts-check
// With JavaScript a step is swapped in place: no navigation, so no entry in the history.

/** @type {(() => void) | undefined} */
let stopChat;
/** The newest press. @type {AbortController | undefined} */
let newest;
/** The request of the press before it, while it is on its way. @type {Promise<unknown>} */
let onItsWay = Promise.resolve();
let isSending = false;
/** The visit's token, newer than the one in a form that was drawn before the visit began. */
let token = "";
let mounting = 0;

const PATIENCE_MS = 1500;

/** @param {boolean} lost */
function showSignal(lost) {
  const banner = document.querySelector("[data-signal]");
  if (banner instanceof HTMLElement) banner.hidden = !lost;
}

/**
 * The page that the server answers with.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 * @param {AbortSignal} signal
 */
async function ask(form, button, signal) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.append(name, String(value));
  if (button instanceof HTMLButtonElement && button.name) fields.append(button.name, button.value);
  if (token) fields.set("csrf", token);
  const answer = await fetch("/", {
    method: "POST",
    body: fields,
    headers: { "X-CSRF-Token": fields.get("csrf") ?? "" },
    signal,
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const field = page.querySelector('input[name="csrf"]');
  token = field instanceof HTMLInputElement ? field.value : "";
  return page;
}

/** @param {Document} page */
function swap(page) {
  stopChat?.();
  stopChat = undefined;
  page.querySelector(".inner")?.remove();
  document.body.className = page.body.className;
  document.body.replaceChildren(...page.body.childNodes);
  dress(page);
  mount();
  scrollTo(0, 0);
  const heading = document.querySelector("h1");
  if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
}

/** Take over colours and letter size. @param {Document} page */
function dress(page) {
  for (const name of ["colour", "size"]) {
    const value = page.documentElement.dataset[name];
    if (value) document.documentElement.dataset[name] = value;
    else delete document.documentElement.dataset[name];
  }
}

/** Colours change without the rest, so that a half-written text stays. @param {Document} page @param {string} chosen */
function dressOnly(page, chosen) {
  const [old, fresh] = [document, page].map((each) => each.querySelector("[data-looks] form"));
  if (!old || !fresh) return swap(page);
  dress(page);
  old.replaceWith(fresh);
  const pressed = fresh.querySelector(`[value="${CSS.escape(chosen)}"]`);
  if (pressed instanceof HTMLElement) pressed.focus();
}

function mount() {
  document.querySelector(".inner")?.remove();
  const chat = document.querySelector("[data-chat]");
  const mine = ++mounting;
  if (!(chat instanceof HTMLElement) || !chat.dataset.id) return;
  import("./chat.js").then(
    (module) => {
      if (mine === mounting && chat.isConnected) stopChat = module.start(chat, showSignal);
    },
    () => {
      const check = document.querySelector("[data-check]");
      if (check instanceof HTMLElement) check.hidden = false;
    },
  );
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
  if (form.getAttribute("action") !== "/") return;
  event.preventDefault();
  if (isSending) return;
  // The newest press wins: "In danger now?" must not wait long for a page that is slow to come.
  // A short while it does, so that the server hears of the two in order.
  const before = newest;
  const mine = (newest = new AbortController());
  await Promise.race([onItsWay, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
  if (newest !== mine) return;
  before?.abort();
  isSending = form.hasAttribute("data-composer");
  try {
    const button = event.submitter;
    const asked = ask(form, button, mine.signal);
    onItsWay = asked.catch(() => undefined);
    const page = await asked;
    if (newest !== mine || !document.body.firstElementChild) return; // or somebody left
    if (button instanceof HTMLButtonElement && button.name === "look") dressOnly(page, button.value);
    else swap(page);
    showSignal(false);
  } catch {
    if (newest === mine) showSignal(true);
  } finally {
    if (newest === mine) isSending = false;
  }
});

mount();
