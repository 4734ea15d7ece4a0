// @ts-check
// Replies on their way: held for four seconds so that they can be undone, kept while there is no
// connection, and given back in words when the server refuses. Nothing is ever dropped.

import { NoConnection, TurnedAway, post } from "./asking.js";

const HELD_MS = 4_000;

/**
 * @typedef {{conversation: string, clientId: string, text: string, seen: number, reason: string,
 *   state: "held" | "sending" | "waiting" | "refused", why: string, until: number,
 *   timer?: ReturnType<typeof setTimeout>}} Item
 */

/** @type {Item[]} */
const items = [];
/** @type {(conversation: string) => void} */
let changed = () => {};
/** @type {(conversation: string, item: Item) => void} */
let sent = () => {};

/**
 * @param {{changed: (conversation: string) => void, sent: (conversation: string, item: Item) => void}} told
 */
export function start(told) {
  changed = told.changed;
  sent = told.sent;
  addEventListener("beforeunload", (event) => {
    if (items.length) event.preventDefault();
  });
}

/** @param {string} conversation */
export function of(conversation) {
  return items.filter((item) => item.conversation === conversation);
}

/**
 * Hold a reply, then send it.
 * @param {string} conversation
 * @param {string} text
 * @param {number} seen the number of the newest message that its writer saw
 * @param {string} reason why it goes to a phone outside the child's safe window, or nothing
 */
export function hold(conversation, text, seen, reason) {
  /** @type {Item} */
  const item = { conversation, clientId: crypto.randomUUID(), text, seen, reason, state: "held", why: "", until: Date.now() + HELD_MS };
  item.timer = setTimeout(() => void send(item), HELD_MS);
  items.push(item);
  changed(conversation);
}

/**
 * Take a reply back; its words go to whoever asks. Undefined when it has left already.
 * @param {Item} item
 */
export function takeBack(item) {
  if (item.state === "sending" || !items.includes(item)) return undefined;
  clearTimeout(item.timer);
  remove(item);
  return item.text;
}

/**
 * Send a refused reply once more, now that its writer has seen what is newer.
 * @param {Item} item
 * @param {number} seen
 */
export function again(item, seen) {
  item.seen = seen;
  void send(item);
}

/** Try what waited for a connection, in the order it was written. */
export async function retry() {
  for (const item of [...items]) {
    if (item.state === "waiting") await send(item);
  }
}

/** @param {Item} item */
async function send(item) {
  const earlier = of(item.conversation)[0];
  if (earlier !== item && earlier?.state !== "refused") {
    // The one before has not left yet: two replies never change places.
    item.timer = setTimeout(() => void send(item), 300);
    return;
  }
  item.state = "sending";
  changed(item.conversation);
  try {
    const answer = await post(`/console/conversations/${item.conversation}/reply`, {
      client_id: item.clientId,
      text: item.text,
      seen: String(item.seen),
      reason: item.reason,
    });
    if (answer.ok) {
      const seq = Number(answer["seq"]);
      // What this person just wrote is seen by them: the next one held is not stale for it.
      for (const other of of(item.conversation)) {
        if (other.seen === seq - 1) other.seen = seq;
      }
      sent(item.conversation, item);
      remove(item);
      return;
    }
    item.state = "refused";
    item.why = answer.why ?? "It was refused.";
  } catch (problem) {
    if (!(problem instanceof NoConnection || problem instanceof TurnedAway)) throw problem;
    item.state = "waiting";
    item.why = problem instanceof TurnedAway ? "Unlock the console to send it." : "No connection. It goes as soon as there is one.";
  }
  changed(item.conversation);
}

/** @param {Item} item */
function remove(item) {
  const place = items.indexOf(item);
  if (place >= 0) items.splice(place, 1);
  changed(item.conversation);
}
