// @ts-check
// Locks a console that nobody sits at: a dialog lies over the page, which keeps everything that was
// typed. The server decides; this only asks sooner, and hides the words meanwhile.
//
// `turnedAway(response)` is for whoever fetches: true when the answer means "unlock" or "sign in".
// Requests that no person caused (a ring, a timer) carry the header in UNATTENDED, so that they do
// not count as somebody sitting here. When the page may go on, "console:open" is sent to document.

export const UNATTENDED = { "X-Unattended": "1" };

const TICK_MS = 5_000;
const BEAT_MS = 60_000;
const TELL_TABS_MS = 5_000;

/** @typedef {"open" | "locked" | "ended"} Standing */
/** @typedef {{standing: Standing, csrf?: string, person?: string, idle_seconds?: number}} Told */

const tabs = new BroadcastChannel("console");
const dialog = document.createElement("dialog");
/** @type {Standing} */
let standing = "open";
let person = "";
let idleMs = Infinity;
let lastUsed = Date.now();
let lastTold = 0;
let lastBeat = Date.now();

/**
 * Whether an answer says that the session is locked or over; the dialog is then shown.
 * @param {Response} response
 */
export function turnedAway(response) {
  if (response.status !== 423 && response.status !== 401) return false;
  cover(response.status === 423 ? "locked" : "ended");
  return true;
}

/** Whether the words of the page may be shown now, as far as this page knows. */
export function isOpen() {
  return standing === "open";
}

/** Lock now: for a "Lock" button. The words are hidden before the server has answered. */
export async function lockNow() {
  cover("locked");
  tabs.postMessage({ covered: true });
  await send("/console/lock", {}).catch(() => undefined);
}

/**
 * @param {string} path
 * @param {Record<string, string>} fields
 */
function send(path, fields) {
  return fetch(path, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRF-Token": document.body.dataset["csrf"] ?? "" },
    body: new URLSearchParams(fields),
  });
}

/** @returns {Promise<Told | undefined>} */
async function ask() {
  try {
    const response = await fetch("/console/locked", {
      headers: { Accept: "application/json", ...UNATTENDED },
      cache: "no-store",
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined; // no connection: the page says so elsewhere, and the lock stays as it is
  }
}

/** @param {Standing} how */
function cover(how) {
  if (standing === how && dialog.open) return;
  standing = how;
  dialog.replaceChildren(how === "locked" ? unlockForm() : signInAgain());
  for (const part of document.body.children) {
    if (part !== dialog && part instanceof HTMLElement) part.style.visibility = "hidden";
  }
  if (!dialog.open) dialog.showModal();
}

function uncover() {
  standing = "open";
  lastUsed = Date.now();
  for (const part of document.body.children) {
    if (part instanceof HTMLElement) part.style.visibility = "";
  }
  dialog.close();
  dialog.replaceChildren();
  document.dispatchEvent(new CustomEvent("console:open"));
}

/** @param {Told | undefined} told */
function follow(told) {
  if (told === undefined) return;
  if (told.standing === "open") {
    if (person && told.person !== person) {
      // Somebody else signed in on this browser: nothing of the first person's page may stay.
      location.replace("/console");
      return;
    }
    person = told.person ?? person;
    idleMs = (told.idle_seconds ?? Infinity) * 1000;
    const csrf = told.csrf ?? "";
    document.body.dataset["csrf"] = csrf;
    for (const field of document.querySelectorAll("input[name=csrf]")) {
      if (field instanceof HTMLInputElement) field.value = csrf;
    }
    if (dialog.open) uncover();
  } else {
    person = told.person ?? person;
    cover(told.standing);
  }
}

function unlockForm() {
  const form = document.createElement("form");
  const said = line("p", "");
  said.setAttribute("role", "alert");
  const label = line("label", "Your password");
  label.setAttribute("for", "unlock-password");
  const box = document.createElement("input");
  box.id = "unlock-password";
  box.type = "password";
  box.name = "password";
  box.autocomplete = "current-password";
  box.required = true;
  const field = document.createElement("div");
  field.className = "field";
  field.append(label, box);
  const out = button("Sign out instead", "button quiet wide");
  out.type = "button";
  out.addEventListener("click", signOut);
  form.append(
    line("h2", "Locked"),
    line("p", "What you were writing is kept. Alarms still sound."),
    said,
    field,
    button("Unlock", "button primary wide"),
    out,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void unlock(box, said);
  });
  return form;
}

/**
 * @param {HTMLInputElement} box
 * @param {HTMLElement} said
 */
async function unlock(box, said) {
  let response;
  try {
    response = await send("/console/locked", { password: box.value });
  } catch {
    said.textContent = "No connection. Try again in a moment.";
    return;
  }
  box.value = "";
  if (response.status === 204) {
    tabs.postMessage({ uncovered: true });
    follow(await ask());
  } else if (response.status === 429) {
    said.textContent = `Too many tries. Wait ${response.headers.get("Retry-After")} seconds.`;
  } else if (response.status === 422) {
    said.textContent = "That password does not fit.";
    box.focus();
  } else {
    cover("ended");
  }
}

function signInAgain() {
  const part = document.createElement("div");
  const link = document.createElement("a");
  link.className = "button primary wide";
  link.href = "/console/sign-in";
  link.target = "_blank";
  link.textContent = "Sign in, in a new tab";
  const back = button("I have signed in", "button wide");
  back.type = "button";
  back.addEventListener("click", () => void ask().then(follow));
  part.append(
    line("h2", "Your session has ended"),
    line("p", "What you were writing is still on this page. Sign in again, then come back here."),
    link,
    back,
  );
  return part;
}

async function signOut() {
  await send("/console/sign-out", {}).catch(() => undefined);
  location.replace("/console/sign-in");
}

/**
 * @param {string} tag
 * @param {string} text
 */
function line(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

/**
 * @param {string} text
 * @param {string} look
 */
function button(text, look) {
  const element = document.createElement("button");
  element.className = look;
  element.textContent = text;
  return element;
}

function used() {
  if (standing !== "open") return;
  lastUsed = Date.now();
  if (lastUsed - lastTold >= TELL_TABS_MS) {
    lastTold = lastUsed;
    tabs.postMessage({ used: lastUsed });
  }
}

function tick() {
  if (standing !== "open") return;
  if (Date.now() - lastUsed >= idleMs) {
    void lockNow();
  } else if (lastUsed > lastBeat && Date.now() - lastBeat >= BEAT_MS) {
    lastBeat = Date.now();
    send("/console/here", {}).then(turnedAway, () => undefined);
  }
}

tabs.addEventListener("message", ({ data }) => {
  if (typeof data.used === "number") lastUsed = Math.max(lastUsed, data.used);
  if (data.covered) cover("locked");
  if (data.uncovered) void ask().then(follow);
});
dialog.className = "card narrow";
dialog.setAttribute("aria-label", "Locked");
dialog.addEventListener("cancel", (event) => event.preventDefault());
// Pressing Escape twice closes a dialog whatever its page says.
dialog.addEventListener("close", () => {
  if (standing !== "open") dialog.showModal();
});
document.body.append(dialog);
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
  document.addEventListener(kind, used, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", tick);
setInterval(tick, TICK_MS);
void ask().then(follow);
