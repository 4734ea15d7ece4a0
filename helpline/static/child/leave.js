// @ts-check
// Leaving at once. Loaded first and complete in itself: nothing else has to work for this to.

const root = document.documentElement;
root.classList.add("js");

const WITHIN_MS = 5000;
const PRESSES = 3;

/** A plain page in place of this one, in the same task as the press. */
function blank() {
  document.dispatchEvent(new Event("away")); // the chat forgets what is not sent yet
  root.className = "gone";
  document.body.replaceChildren();
}

function leave() {
  const form = document.querySelector("form[data-leave]");
  const to = (form instanceof HTMLElement && form.dataset.to) || "/x";
  blank();
  // Set here, not by the answer: Back must find it even if the beacon never arrives.
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `gone=1; path=/; samesite=lax${secure}`;
  try {
    navigator.sendBeacon("/x");
  } catch {
    // An old browser without beacons still leaves; the server ends the visit at the next request.
  }
  location.replace(to);
}

document.addEventListener(
  "submit",
  (event) => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches("[data-leave]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leave();
  },
  true,
);

// A page that the browser kept whole, with its words, must not be shown again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  blank();
  location.reload();
});

// Shift pressed 3 times, each within 5 seconds of the one before. Shift with a letter or with a
// click is writing, and starts the count again.
let presses = 0;
let alone = false;
let last = 0;

/** @param {KeyboardEvent} event */
function down(event) {
  if (event.key === "Shift") {
    if (!event.repeat) alone = true;
  } else {
    alone = false;
    presses = 0;
  }
}

/** @param {KeyboardEvent} event */
function up(event) {
  if (event.key !== "Shift" || !alone) return;
  alone = false;
  presses = event.timeStamp - last < WITHIN_MS ? presses + 1 : 1;
  last = event.timeStamp;
  if (presses >= PRESSES) leave();
}

addEventListener("keydown", down, true);
addEventListener("keyup", up, true);
addEventListener(
  "pointerdown",
  () => {
    alone = false;
    presses = 0;
  },
  true,
);

// In the background the words are covered, so that the list of open apps shows nothing.
/** @type {Element | null} */
let focused = null;

document.addEventListener("visibilitychange", () => {
  const cover = document.querySelector("[data-cover]");
  if (!(cover instanceof HTMLElement)) return;
  if (document.visibilityState === "hidden") {
    if (!root.classList.contains("covered")) focused = document.activeElement;
    root.classList.remove("seen");
    root.classList.add("covered");
  } else if (root.classList.contains("covered")) {
    root.classList.add("seen");
    cover.focus();
  }
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-cover]")) return;
  root.classList.remove("covered", "seen");
  if (focused instanceof HTMLElement) focused.focus();
});

// Where the keyboard pushes the page up, the bar with the way out comes along.
const view = window.visualViewport;
function follow() {
  const bar = document.querySelector(".bar");
  if (!view || !(bar instanceof HTMLElement)) return;
  const pushed = view.scale === 1 ? view.offsetTop : 0;
  bar.style.transform = pushed > 0 ? `translateY(${pushed}px)` : "";
}
view?.addEventListener("resize", follow);
view?.addEventListener("scroll", follow);
