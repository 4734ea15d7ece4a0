// @ts-check
// Sound, title and notification. Each sound has something to see; none tells who, what or where.

/** @typedef {{unclaimed: number, unacknowledged: number, callingMe: number, quietMine: number}} Facts */

const AGAIN_MS = 30_000; // while a child waits and nobody has claimed
const ALARM_AGAIN_MS = 8_000; // until somebody acknowledges
const KEPT = "shift";

/** @type {AudioContext | undefined} */
let audio;
let waitedBefore = 0;
let beepedAt = 0;
let alarmedAt = 0;
/** @type {Facts} */
let facts = { unclaimed: 0, unacknowledged: 0, callingMe: 0, quietMine: 0 };
const title = document.title;

/** Wire the "Start shift" button: the click is what lets a browser make sound. */
export function wire() {
  const button = document.querySelector("#shift");
  if (!(button instanceof HTMLButtonElement)) return;
  button.hidden = false;
  button.textContent = sessionStorage.getItem(KEPT) ? "Turn sound on again" : "Start shift";
  button.addEventListener("click", () => {
    if (audio) {
      stop(button);
    } else {
      begin(button);
    }
  });
  setInterval(sound, 1000);
}

/** @param {HTMLButtonElement} button */
function begin(button) {
  audio = new AudioContext();
  sessionStorage.setItem(KEPT, "on");
  button.textContent = "On shift, sound on";
  button.setAttribute("aria-pressed", "true");
  button.dataset["sound"] = "on";
  beep([660, 880]);
  beepedAt = Date.now();
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
}

/** @param {HTMLButtonElement} button */
function stop(button) {
  void audio?.close();
  audio = undefined;
  sessionStorage.removeItem(KEPT);
  button.textContent = "Start shift";
  button.setAttribute("aria-pressed", "false");
  delete button.dataset["sound"];
}

/** @param {Facts} now */
export function update(now) {
  const isNew = now.unclaimed > waitedBefore;
  const isQuiet = now.quietMine > facts.quietMine;
  waitedBefore = now.unclaimed;
  facts = now;
  document.title = `${now.unclaimed ? `(${now.unclaimed}) ` : ""}${now.callingMe || now.quietMine ? "! " : ""}${currentTitle()}`;
  count("escalations", now.unacknowledged);
  if (isNew) {
    beepedAt = 0;
    notify(now.unclaimed);
  }
  // A child in danger has gone quiet on this person: heard once, and seen until it is over.
  if (isQuiet) beep([660, 520, 660, 520]);
}

/** A child wrote in a chat that this person answers, and nobody looks at the page. */
export function reply() {
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  beep([880]);
}

/** The chat went to a colleague, or came to this person. */
export function changedHands() {
  beep([520, 660, 520]);
}

/**
 * @param {string} name
 * @param {number} value
 */
export function count(name, value) {
  const badge = document.querySelector(`[data-count="${name}"]`);
  if (!(badge instanceof HTMLElement)) return;
  badge.hidden = value === 0;
  badge.textContent = String(value);
}

let shownTitle = title.replace(/^\(\d+\) |^! /gu, "");
/** @param {string} text */
export function setTitle(text) {
  shownTitle = text;
  update(facts);
}

function currentTitle() {
  return shownTitle;
}

function sound() {
  if (!audio) return;
  if (facts.callingMe && Date.now() - alarmedAt >= ALARM_AGAIN_MS) {
    alarmedAt = Date.now();
    beep([988, 740, 988, 740]);
  } else if (facts.unclaimed && Date.now() - beepedAt >= AGAIN_MS) {
    beepedAt = Date.now();
    beep([660, 660]);
  }
}

/** @param {number} waiting */
function notify(waiting) {
  if (!audio || !("Notification" in window) || Notification.permission !== "granted") return;
  if (document.visibilityState === "visible") return;
  new Notification(`${waiting} waiting`, { tag: "waiting" });
}

/** @param {number[]} notes in hertz */
function beep(notes) {
  if (!audio) return;
  const context = audio;
  void context.resume();
  notes.forEach((hertz, place) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const from = context.currentTime + place * 0.18;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, from);
    volume.gain.exponentialRampToValueAtTime(0.25, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.17);
  });
}
