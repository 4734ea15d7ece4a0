// @ts-check
// The two boxes of a conversation and what becomes of their words: drafts, replies, notes.

import { post } from "./asking.js";
import * as conversation from "./conversation.js";
import * as outbox from "./outbox.js";
import * as parts from "./parts.js";

const DRAFT_AFTER_MS = 1_200;

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const saving = new Map();

/** Wire the boxes of the conversation that is open. */
export function wire() {
  const open = conversation.open();
  if (!open) return;
  wireBox("reply", "#reply");
  wireBox("note", "#note");
  const replyForm = document.querySelector("#reply-form");
  replyForm?.addEventListener("submit", (event) => {
    event.preventDefault();
    const box = boxOf("reply");
    if (!box || box.readOnly || !box.value.trim()) return;
    const reason = document.querySelector("#reason");
    const why = reason instanceof HTMLInputElement ? reason.value.trim() : "";
    if (reason instanceof HTMLInputElement && !why) {
      say("reply", "Write down first why this text must leave now.");
      reason.focus();
      return;
    }
    outbox.hold(open.id, box.value, open.latest, why);
    if (reason instanceof HTMLInputElement) reason.value = "";
    box.value = "";
    parts.draw("");
    box.focus();
  });
  document.querySelector("#note-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    void keepNote(open.id);
  });
  draw(open.id);
}

/** @param {"reply" | "note"} box */
export function boxOf(box) {
  const found = document.querySelector(`textarea#${box}`);
  return found instanceof HTMLTextAreaElement ? found : null;
}

/**
 * @param {"reply" | "note"} box
 * @param {string} selector
 */
function wireBox(box, selector) {
  const id = conversation.open()?.id;
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLTextAreaElement) || !id) return;
  element.addEventListener("input", () => {
    if (box === "reply") parts.draw(element.value);
    const key = `${id} ${box}`;
    // Saved while somebody still types, not only when they stop.
    if (!saving.has(key)) saving.set(key, setTimeout(() => void save(id, box), DRAFT_AFTER_MS));
  });
  element.addEventListener("blur", () => {
    if (saving.has(`${id} ${box}`)) void save(id, box);
  });
}

/**
 * Keep what is in a box, with whatever of it is on its way and could still come back.
 * @param {string} id
 * @param {"reply" | "note"} box
 */
async function save(id, box) {
  clearTimeout(saving.get(`${id} ${box}`));
  saving.delete(`${id} ${box}`);
  // Of a conversation that is not open any more everything was saved when it was left.
  if (conversation.open()?.id !== id) return;
  const held = box === "reply" ? outbox.of(id).map((item) => item.text) : [];
  const typed = boxOf(box)?.value ?? "";
  try {
    const answer = await post(`/console/conversations/${id}/draft`, { box, text: [...held, typed].filter((text) => text.trim()).join("\n\n") });
    say(box, answer.ok ? "Draft kept" : (answer.why ?? ""));
  } catch {
    say(box, "Draft not kept: no connection");
    if (!saving.has(`${id} ${box}`)) saving.set(`${id} ${box}`, setTimeout(() => void save(id, box), 5_000));
  }
}

/** Save what is typed before another conversation is opened. */
export async function leave() {
  await Promise.all(
    [...saving.keys()].map((key) => {
      const [id = "", box] = key.split(" ");
      return box === "note" ? save(id, box) : save(id, "reply");
    }),
  );
}

/**
 * A reply left, and the server forgot the draft with it: what was typed since is kept anew.
 * @param {string} id
 */
export function afterSending(id) {
  if (conversation.open()?.id === id && (boxOf("reply")?.value.trim() || outbox.of(id).length > 1)) void save(id, "reply");
}

/** @param {string} id */
async function keepNote(id) {
  const box = boxOf("note");
  if (!box || !box.value.trim()) return;
  const text = box.value;
  say("note", "Keeping…");
  try {
    const answer = await post(`/console/conversations/${id}/note`, { text });
    say("note", answer.ok ? "Kept" : (answer.why ?? "Not kept"));
    if (answer.ok && box.value === text) {
      clearTimeout(saving.get(`${id} note`));
      saving.delete(`${id} note`);
      box.value = "";
      void conversation.refresh();
    }
  } catch {
    say("note", "Not kept: no connection. Your words are still here.");
  }
}

/**
 * @param {"reply" | "note"} box
 * @param {string} words
 */
function say(box, words) {
  const state = document.querySelector(`#${box}-state`);
  if (state) state.textContent = words;
}

/**
 * Show the replies of a conversation that have not left yet.
 * @param {string} id
 */
export function draw(id) {
  const list = document.querySelector("#pending");
  if (!list || conversation.open()?.id !== id) return;
  list.replaceChildren(...outbox.of(id).map((item) => drawn(item)));
  const scroll = document.querySelector("#scroll");
  if (scroll && list.childElementCount) scroll.scrollTop = scroll.scrollHeight;
}

/** @param {outbox.Item} item */
function drawn(item) {
  const row = document.createElement("li");
  row.className = `message from-advocate ${item.state === "refused" ? "is-refused" : "is-pending"}`;
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  bubble.dir = "auto";
  bubble.textContent = item.text;
  const state = document.createElement("div");
  state.className = "pending-state";
  const words = document.createElement("span");
  words.setAttribute("role", item.state === "refused" ? "alert" : "status");
  const lead = document.createElement("b");
  lead.textContent = { held: "Sending in 4 seconds.", sending: "Sending…", waiting: "Not sent.", refused: "Not sent." }[item.state];
  words.append(lead, ` ${item.why}`);
  state.append(words);
  if (item.state === "held") state.append(button("Undo", () => giveBack(item)));
  if (item.state === "waiting") state.append(button("Take it back", () => giveBack(item)));
  if (item.state === "refused") {
    state.append(
      button("Send it now", () => outbox.again(item, conversation.open()?.latest ?? item.seen)),
      button("Change it", () => giveBack(item)),
    );
  }
  row.append(bubble, state);
  return row;
}

/** @param {outbox.Item} item */
function giveBack(item) {
  const box = boxOf("reply");
  const text = outbox.takeBack(item);
  if (!box || text === undefined) return;
  box.value = box.value.trim() ? `${text}\n\n${box.value}` : text;
  box.focus();
  box.dispatchEvent(new Event("input"));
}

/**
 * @param {string} words
 * @param {() => void} does
 */
function button(words, does) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button small";
  made.textContent = words;
  made.addEventListener("click", does);
  return made;
}
