// @ts-check
// With JavaScript a step is swapped in place: no navigation, so no entry in the history.

/** @type {(() => void) | undefined} */
let stopChat;
let busy = false;
let mounting = 0;

/** @param {boolean} lost */
function showSignal(lost) {
  const banner = document.querySelector("[data-signal]");
  if (banner instanceof HTMLElement) banner.hidden = !lost;
}

/**
 * The page that the server answers with.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 */
async function ask(form, button) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.append(name, String(value));
  if (button instanceof HTMLButtonElement && button.name) fields.append(button.name, button.value);
  const answer = await fetch("/", {
    method: "POST",
    body: fields,
    headers: { "X-CSRF-Token": fields.get("csrf") ?? "" },
  });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
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
  if (busy) return;
  busy = true;
  try {
    const button = event.submitter;
    const page = await ask(form, button);
    if (!document.body.firstElementChild) return; // somebody left meanwhile
    if (button instanceof HTMLButtonElement && button.name === "look") dressOnly(page, button.value);
    else swap(page);
    showSignal(false);
  } catch {
    showSignal(true);
  } finally {
    busy = false;
  }
});

mount();
