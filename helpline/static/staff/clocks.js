// @ts-check
// Waits and countdowns that run by themselves, by the server's clock and not this machine's.

let ahead = 0; // milliseconds that the server's clock is ahead of ours

/**
 * Learn the server's time from something it just sent.
 * @param {string | undefined} now
 */
export function setBy(now) {
  const at = Date.parse(now ?? "");
  if (!Number.isNaN(at)) ahead = at - Date.now();
}

/** @returns {number} the server's time now, in milliseconds */
export function now() {
  return Date.now() + ahead;
}

/** @param {number} seconds */
function left(seconds) {
  if (seconds <= 0) return "now";
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return h ? `${h}:${pad(m)}:${pad(s)}` : `${pad(m)}:${pad(s)}`;
}

/** @param {number} seconds */
function waited(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} m`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

/** Bring every clock on the page up to date. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-until]")) {
    show(element, left(Math.floor((Date.parse(element.getAttribute("data-until") ?? "") - now()) / 1000)));
  }
  for (const element of document.querySelectorAll("time[data-since]")) {
    show(element, waited(Math.max(0, Math.floor((now() - Date.parse(element.getAttribute("data-since") ?? "")) / 1000))));
  }
}

/**
 * @param {Element} element
 * @param {string} text
 */
function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The time of day on this machine, to the second: for "last up to date". */
export function timeOfDay() {
  return new Date(now()).toLocaleTimeString("en-GB", { timeZone: "Europe/London" });
}

setInterval(tick, 1000);
