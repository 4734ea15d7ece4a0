// @ts-check
// The doorbell's wire. It says when something is new and when we may be missing something; it never
// carries a word. Whoever listens fetches what is new by its own cursor.

import { timeOfDay } from "./clocks.js";
import { UNATTENDED, turnedAway } from "./lock.js";

/** @typedef {{kind: "message" | "queue" | "escalation" | "staff" | "writing", subject: string, seq: number}} Ring */

const PING_MS = 4_000;
const SILENT_MS = 9_000;
const SAID_AFTER_MS = 3_000;
const LONGEST_PAUSE_MS = 10_000;

/** @type {(ring: Ring) => void} */
let onRing = () => {};
/** @type {(wasLost: boolean) => void} */
let onUp = () => {};
/** @type {(words: string) => void} */
let onLost = () => {};

/** @type {WebSocket | undefined} */
let socket;
let pause = 500;
let heardAt = Date.now();
let upToDate = "";
let wasLost = false;
/** @type {number | undefined} */
let saying;

/** Whether rings reach us now. */
export function isUp() {
  return socket?.readyState === WebSocket.OPEN;
}

/** Remember that everything shown is as new as now. */
export function caughtUp() {
  upToDate = timeOfDay();
}

/**
 * @param {{ring: (ring: Ring) => void, up: (wasLost: boolean) => void, lost: (words: string) => void}} told
 */
export function start(told) {
  onRing = told.ring;
  onUp = told.up;
  onLost = told.lost;
  caughtUp();
  connect();
  setInterval(check, PING_MS);
  addEventListener("online", () => reconnect());
  addEventListener("offline", () => drop());
  document.addEventListener("console:open", () => reconnect());
}

function reconnect() {
  pause = 500;
  if (!isUp()) connect();
}

function connect() {
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const opening = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/console/live`);
  socket = opening;
  opening.addEventListener("open", () => {
    pause = 500;
    heardAt = Date.now();
    clearTimeout(saying);
    saying = undefined;
    const lost = wasLost;
    wasLost = false;
    onUp(lost);
  });
  opening.addEventListener("message", ({ data }) => {
    heardAt = Date.now();
    const said = JSON.parse(data);
    if (said.type === "ring") onRing(said);
  });
  opening.addEventListener("close", ({ code }) => {
    if (socket !== opening) return;
    gone();
    if (code === 4401) void askWhy();
    setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  });
}

function check() {
  if (!isUp()) return;
  if (Date.now() - heardAt > SILENT_MS) {
    drop();
  } else {
    socket?.send(JSON.stringify({ type: "ping" }));
  }
}

/** A wire that went silent is closed by us: its own close event may take minutes to come. */
function drop() {
  const old = socket;
  socket = undefined;
  old?.close();
  gone();
  setTimeout(connect, pause);
}

function gone() {
  wasLost = true;
  saying ??= setTimeout(() => {
    onLost(`Not connected. You may be missing messages. Last up to date ${upToDate}.`);
  }, SAID_AFTER_MS);
}

async function askWhy() {
  try {
    turnedAway(await fetch("/console/fragments/queue", { headers: { Accept: "application/json", ...UNATTENDED } }));
  } catch {
    // no connection: the banner says it
  }
}
