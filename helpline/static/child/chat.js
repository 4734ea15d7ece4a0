// @ts-check
// The conversation of the page, live. What is not sent yet lives in memory and in the box only:
// anything a browser stores could be found on the device later. So a reload loses unsent words.

import { Line, pause } from "./line.js";

/**
 * @typedef {import("./line.js").Frame} Frame
 * @typedef {{seq: number, from: "child" | "advocate" | "system", text: string, at: string}} Message
 * @typedef {{clientId: string, text: string, row: HTMLElement}} Unsent
 * @typedef {"kept" | "too_long" | "empty" | "again" | "ended" | "failed"} Outcome
 */

const KEPT_MS = 8000; // a tick that takes longer is asked for again, another way
const WRITING_MS = 3000;
const WRITING_SHOWN_MS = 6000;
const WAIT_LINE_MS = 60000;
const LAST_LETTERS = 1000; // the counter shows from here on
const NEAR_END_PX = 200;

// Kept while the child looks at another page of the visit; dropped when somebody leaves.
/** @type {{conversation: string, draft: string, unsent: Unsent[]}} */
const memory = { conversation: "", draft: "", unsent: [] };

document.addEventListener("away", () => {
  memory.draft = "";
  memory.unsent = [];
});

/** Letters as the server counts them, not as the browser stores them. @param {string} text */
const length = (text) => Array.from(text).length;

function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Bring the conversation to life. The answer stops it again.
 * @param {HTMLElement} section
 * @param {(lost: boolean) => void} showSignal
 */
export function start(section, showSignal) {
  const id = section.dataset.id ?? "";
  const most = Number(section.dataset.most);
  const base = `/api/v1/conversations/${id}`;
  const headers = { "X-CSRF-Token": section.dataset.csrf ?? "" };
  const over = new AbortController();
  const { signal } = over;
  const log = /** @type {HTMLElement} */ (section.querySelector("[data-log]"));
  const typing = /** @type {HTMLElement} */ (section.querySelector("[data-typing]"));
  const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-composer]"));
  const quick = /** @type {HTMLElement} */ (document.querySelector("[data-quick]"));
  const box = /** @type {HTMLTextAreaElement} */ (form.querySelector("[data-box]"));
  const notice = /** @type {HTMLElement} */ (form.querySelector("[data-notice]"));
  const left = /** @type {HTMLElement} */ (form.querySelector("[data-left]"));

  /** Every message on the page by its number. @type {Map<number, HTMLElement>} */
  const rows = new Map();
  for (const row of log.children)
    if (row instanceof HTMLElement) rows.set(Number(row.dataset.seq), row);
  let cursor = Number(section.dataset.latest);
  let hasEnded = false;
  /** Who waits for the tick of which message. @type {Map<string, (outcome: Outcome, seq?: number) => void>} */
  const ticks = new Map();

  // ---- what is seen ----

  /** @param {string} from */
  function rowFor(from) {
    const shape = document.querySelector(`template[data-said="${from}"]`);
    const copy = /** @type {HTMLTemplateElement} */ (shape).content.cloneNode(true);
    return /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (copy).firstElementChild);
  }

  /** @param {HTMLElement} row @param {string} text @param {Date} at */
  function fill(row, text, at) {
    const [words, time] = [row.querySelector(".words"), row.querySelector("time")];
    if (words) words.textContent = text;
    const clock = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/London" };
    if (time)
      time.textContent = new Intl.DateTimeFormat(
        "en-GB",
        /** @type {Intl.DateTimeFormatOptions} */ (clock),
      ).format(at);
  }

  /** Put a row where its number belongs; one without a number stands at the end. @param {HTMLElement} row @param {boolean} follow */
  function place(row, follow) {
    const page = document.documentElement;
    const isNearEnd = innerHeight + scrollY >= page.scrollHeight - NEAR_END_PX;
    const seq = Number(row.dataset.seq || Infinity);
    let next = null;
    for (let each = log.lastElementChild; each; each = each.previousElementSibling) {
      if (each instanceof HTMLElement && Number(each.dataset.seq || Infinity) > seq) next = each;
    }
    log.insertBefore(row, next);
    if (follow || isNearEnd) scrollTo(0, page.scrollHeight);
  }

  /** A message of the server: shown once, whichever way and however often it came. @param {Message} message */
  function show(message) {
    cursor = Math.max(cursor, message.seq);
    if (rows.has(message.seq)) return;
    const row = rowFor(message.from);
    row.dataset.seq = String(message.seq);
    if (message.from === "child") row.dataset.state = "sent";
    fill(row, message.text, new Date(message.at));
    rows.set(message.seq, row);
    const isReply = message.from === "advocate";
    if (isReply) typing.hidden = true;
    if (isReply) quick.hidden = false;
    place(row, false);
    if (isReply) document.querySelector("[data-wait]")?.replaceChildren(); // nobody waits any more
  }

  /** The tick of an own message. It may be on the page already, heard before its tick came. @param {HTMLElement} row @param {number} seq */
  function settle(row, seq) {
    row.dataset.state = "sent";
    if (!seq) return; // kept apart for a person: on disk, without a number
    const shown = rows.get(seq);
    if (shown && shown !== row) return row.remove();
    if (row.dataset.seq) return;
    row.dataset.seq = String(seq);
    rows.set(seq, row);
    if (row.nextElementSibling || row.previousElementSibling) place(row, false);
  }

  /** @param {string} name of a sentence, or "" for none */
  function say(name) {
    const words = document.querySelector(`template[data-notice-words="${name}"]`);
    notice.textContent = words instanceof HTMLTemplateElement ? words.content.textContent : "";
    notice.hidden = !name;
  }

  function count() {
    const letters = most - length(box.value);
    left.hidden = letters >= LAST_LETTERS;
    const words = (letters < 0 ? left.dataset.over : left.dataset.words) ?? "";
    left.textContent = words.replace("{count}", String(Math.abs(letters)));
    if (letters < 0) say("too_long");
    else if (!notice.hidden) say("");
  }

  let asked = 0;
  async function renewWait() {
    if (document.visibilityState === "hidden" || Date.now() - asked < WAIT_LINE_MS) return;
    asked = Date.now();
    try {
      const answer = await fetch("/", { headers: { "X-Part": "wait" }, signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-wait]");
      if (fresh && answer.ok) document.querySelector("[data-wait]")?.replaceWith(fresh);
    } catch {
      // The old line stays; the next minute tries again.
    }
  }

  // ---- what is sent ----

  /** @param {string} text */
  function send(text) {
    const row = rowFor("child");
    fill(row, text, new Date());
    memory.unsent.push({ clientId: freshId(), text, row });
    place(row, true);
    void flush();
  }

  let isFlushing = false;
  /** @type {(() => void) | undefined} */
  let wake;

  /** One at a time, so that they are kept in the order they were written. */
  async function flush() {
    if (isFlushing) return;
    isFlushing = true;
    let tries = 0;
    while (memory.unsent.length && !signal.aborted) {
      const next = memory.unsent[0];
      if (!next) break;
      const slow = setTimeout(() => (next.row.dataset.state = "waiting"), KEPT_MS);
      const { outcome, seq } = await deliver(next);
      clearTimeout(slow);
      if (signal.aborted && outcome !== "kept") break;
      if (outcome === "failed") {
        next.row.dataset.state = "waiting";
        showSignal(true);
        const rest = Math.min(30000, 1000 * 2 ** tries++) * (0.5 + Math.random());
        await Promise.race([pause(rest, signal), new Promise((done) => (wake = () => done(undefined)))]);
        continue;
      }
      tries = 0;
      if (outcome === "again") next.clientId = freshId();
      else if (outcome === "kept") {
        memory.unsent = memory.unsent.filter((each) => each !== next);
        settle(next.row, seq);
        void renewWait();
      } else giveBack(outcome);
      showSignal(false); // there was an answer
    }
    isFlushing = false;
  }

  /** Words that cannot be sent as they are go back into the box. @param {Outcome} outcome */
  function giveBack(outcome) {
    const back = outcome === "ended" ? memory.unsent.splice(0) : memory.unsent.splice(0, 1);
    for (const each of back) each.row.remove();
    box.value = [...back.map((each) => each.text), box.value].filter(Boolean).join("\n");
    if (outcome === "ended") end();
    say(outcome === "ended" ? "again" : outcome);
  }

  /** @param {Unsent} unsent @returns {Promise<{outcome: Outcome, seq: number}>} */
  async function deliver(unsent) {
    const overSocket = await overLine(unsent);
    return overSocket.outcome === "failed" ? overHttp(unsent) : overSocket;
  }

  /** @param {Unsent} unsent @returns {Promise<{outcome: Outcome, seq: number}>} */
  function overLine(unsent) {
    return new Promise((done) => {
      /** @param {Outcome} outcome @param {number} [seq] */
      const tick = (outcome, seq = 0) => {
        ticks.delete(unsent.clientId);
        clearTimeout(timer);
        done({ outcome, seq });
      };
      const timer = setTimeout(() => tick("failed"), KEPT_MS);
      ticks.set(unsent.clientId, tick);
      const say = { type: "say", client_id: unsent.clientId, text: unsent.text };
      if (!line.tell(say)) tick("failed");
    });
  }

  /** @param {Unsent} unsent @returns {Promise<{outcome: Outcome, seq: number}>} */
  async function overHttp(unsent) {
    const giveUp = AbortSignal.timeout ? AbortSignal.timeout(3 * KEPT_MS) : undefined;
    try {
      const answer = await fetch(`${base}/messages`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ client_id: unsent.clientId, text: unsent.text }),
        signal: giveUp,
      });
      if (answer.ok) return { outcome: "kept", seq: (await answer.json()).seq };
      if (answer.status === 413) return { outcome: "too_long", seq: 0 };
      if (answer.status === 409) return { outcome: "again", seq: 0 };
      if (answer.status === 422) return { outcome: "empty", seq: 0 };
      if ([401, 403, 404].includes(answer.status)) return { outcome: "ended", seq: 0 };
    } catch {
      // No network: it is tried again.
    }
    return { outcome: "failed", seq: 0 };
  }

  // ---- what is heard ----

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let hush;
  /** @param {Frame} frame */
  function handle(frame) {
    const { type, client_id: clientId = "" } = frame;
    if (type === "message") show(/** @type {Message} */ (frame));
    else if (type === "kept") ticks.get(clientId)?.("kept", frame.seq);
    else if (type === "refused") ticks.get(clientId)?.(refusal(frame.why));
    else if (type === "writing") {
      typing.hidden = false;
      clearTimeout(hush);
      hush = setTimeout(() => (typing.hidden = true), WRITING_SHOWN_MS);
    }
  }

  /** @param {string} [why] @returns {Outcome} */
  function refusal(why) {
    if (why === "too_long" || why === "empty") return why;
    return why === "different_text" ? "again" : "failed";
  }

  function connected() {
    showSignal(false);
    wake?.();
    void flush();
  }

  function end() {
    hasEnded = true; // Send goes the way of a plain form from now on, which begins afresh
    over.abort();
  }

  const line = new Line(base, signal, {
    cursor: () => cursor,
    heard: handle,
    connected,
    dropped: () => ticks.forEach((tick) => tick("failed")),
    ended: end,
    lost: () => showSignal(true),
  });

  // ---- the box ----

  form.addEventListener(
    "submit",
    (event) => {
      if (hasEnded) return;
      event.preventDefault();
      const chip = event.submitter;
      if (chip instanceof HTMLButtonElement && chip.name === "quick") return send(chip.value);
      const text = box.value;
      if (!text.trim()) return say("empty");
      if (length(text) > most) return say("too_long");
      box.value = "";
      count();
      say("");
      send(text);
      box.focus();
    },
    { signal },
  );
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      if (!matchMedia("(hover: hover) and (pointer: fine)").matches) return;
      event.preventDefault();
      form.requestSubmit();
    },
    { signal },
  );
  let told = 0;
  box.addEventListener(
    "input",
    () => {
      count();
      if (Date.now() - told < WRITING_MS) return;
      told = Date.now();
      line.tell({ type: "writing" }); // that somebody writes, never what
    },
    { signal },
  );
  const minute = setInterval(() => void renewWait(), WAIT_LINE_MS + 500);
  signal.addEventListener("abort", () => clearInterval(minute));

  if (memory.conversation !== id) Object.assign(memory, { conversation: id, draft: "", unsent: [] });
  if (memory.draft && !box.value) box.value = memory.draft;
  memory.draft = "";
  for (const each of memory.unsent) place(each.row, true);
  count();
  void flush();
  void line.run();
  if (rows.size) scrollTo(0, document.documentElement.scrollHeight);

  return () => {
    memory.draft = box.value;
    over.abort();
  };
}
