// @ts-check
// The conversation that is open: kept up to date by its cursor, whatever rang or did not.

import { get } from "./asking.js";
import * as clocks from "./clocks.js";
import { isPressing } from "./pressing.js";

/** @typedef {{id: string, latest: number, holding: string, casework: string, locked: boolean}} Open */

/** @type {Open | undefined} */
let now;
/** @type {Promise<number> | undefined} */
let running;
let rungAgain = false;
/** @type {(fromChild: boolean) => void} */
let onNews = () => {};
/** @type {(holder: string) => void} */
let onLostHold = () => {};

/** @param {{news: (fromChild: boolean) => void, lostHold: (holder: string) => void}} told */
export function start(told) {
  onNews = told.news;
  onLostHold = told.lostHold;
}

/** The conversation that is open, if one is. */
export function open() {
  return now;
}

/** Take the conversation that the page shows as the open one. */
export function wire() {
  const middle = document.querySelector("#middle[data-conversation]");
  now = undefined;
  if (!(middle instanceof HTMLElement)) return;
  now = {
    id: middle.dataset["conversation"] ?? "",
    latest: Number(middle.dataset["latest"]),
    holding: middle.dataset["holding"] ?? "nobody",
    casework: middle.dataset["casework"] ?? "",
    locked: document.querySelector("#phone [data-locked=yes]") !== null,
  };
  wireEarlier();
  toEnd();
}

/**
 * Fetch what is new after our cursor. A ring during a fetch causes one more, never a second at once.
 * @returns {Promise<number>} how many messages were new
 */
export function refresh() {
  if (running) {
    rungAgain = true;
    return running;
  }
  running = fetchNews().finally(() => {
    running = undefined;
    if (rungAgain) {
      rungAgain = false;
      void refresh().catch(() => undefined);
    }
  });
  return running;
}

async function fetchNews() {
  let count = 0;
  // One answer holds so many messages: ask on from the last that came, until none is missing.
  for (let more = true; more; ) {
    const asked = now;
    if (!asked) return count;
    const news = await fetchSome(asked);
    if (!news) return count;
    count += news.count;
    more = news.more && news.count > 0;
  }
  return count;
}

/**
 * @param {Open} asked
 * @returns {Promise<{count: number, more: boolean} | undefined>}
 */
async function fetchSome(asked) {
  const response = await get(`/console/conversations/${asked.id}/messages?after=${asked.latest}&casework=${asked.casework}`);
  const news = await response.json();
  if (now !== asked || !news.ok) return undefined;
  clocks.setBy(news.now);
  if (news.count) append(news.messages, news.from_child);
  asked.latest = Math.max(asked.latest, news.latest);
  const isShown = Object.entries(news.regions).map(([name, html]) => put(name, html));
  // A region that somebody is writing in was left as it is: it is asked for again.
  if (isShown.every(Boolean)) asked.casework = news.casework;
  if (!news.waiting) document.querySelector("#unanswered")?.remove();
  hold(asked, news.holding, news.holder, news.locked);
  for (const [seq, words] of Object.entries(news.texts)) {
    const state = document.querySelector(`[data-text="${seq}"]`);
    if (state && state.textContent !== words) state.textContent = String(words);
  }
  clocks.tick();
  if (news.count) onNews(news.from_child);
  return news;
}

function wireEarlier() {
  const link = document.querySelector("#earlier");
  link?.addEventListener("click", (event) => {
    event.preventDefault();
    if (link instanceof HTMLAnchorElement) void showEarlier(link).catch(() => location.assign(link.href));
  });
}

/** @param {HTMLAnchorElement} link */
async function showEarlier(link) {
  const asked = now;
  const list = document.querySelector("#messages");
  const scroll = document.querySelector("#scroll");
  if (!asked || !list || !scroll || link.dataset["asking"]) return;
  link.dataset["asking"] = "yes";
  const answer = await get(`/console/conversations/${asked.id}/earlier?before=${link.dataset["before"]}`);
  const older = await answer.json();
  delete link.dataset["asking"];
  if (now !== asked || !older.ok) return;
  const fromEnd = scroll.scrollHeight - scroll.scrollTop;
  list.insertAdjacentHTML("afterbegin", older.messages);
  scroll.scrollTop = scroll.scrollHeight - fromEnd;
  if (older.earlier) link.dataset["before"] = String(older.earlier);
  else link.remove();
}

/**
 * @param {string} html rendered and escaped by the server
 * @param {boolean} fromChild
 */
function append(html, fromChild) {
  const list = document.querySelector("#messages");
  const scroll = document.querySelector("#scroll");
  if (!list || !scroll) return;
  const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const known = new Set([...list.querySelectorAll("[data-seq]")].map((item) => item.getAttribute("data-seq")));
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const isAway = document.visibilityState === "hidden" || !document.hasFocus();
  if (fromChild && isAway && !list.querySelector(".unread")) list.append(line());
  for (const item of [...holder.content.children]) {
    const seq = item.getAttribute("data-seq");
    // One that is here already comes again when a later one gave it new reasons.
    if (seq !== null && known.has(seq)) list.querySelector(`[data-seq="${seq}"]`)?.replaceWith(item);
    else list.append(item);
  }
  if (wasAtEnd) toEnd();
}

function line() {
  const item = document.createElement("li");
  item.className = "day unread";
  const words = document.createElement("span");
  words.textContent = "New since you looked";
  item.append(words);
  return item;
}

/**
 * Replace a region, unless somebody is writing in it.
 * @param {string} name
 * @param {unknown} html rendered and escaped by the server
 * @returns {boolean} whether the page shows it now
 */
export function put(name, html) {
  const region = document.getElementById(name);
  if (!region || typeof html !== "string" || region.innerHTML === html) return true;
  if (isBeingUsed(region) || isPressing()) return false;
  const wereOpen = [...region.querySelectorAll("details")].map((details) => details.open);
  region.innerHTML = html;
  region.querySelectorAll("details").forEach((details, place) => {
    if (wereOpen[place]) details.open = true;
  });
  return true;
}

/** @param {Element} region */
export function isBeingUsed(region) {
  const at = document.activeElement;
  if (at && region.contains(at) && at.matches("input, textarea, select")) return true;
  return [...region.querySelectorAll("input, textarea, select")].some((field) => {
    if (field instanceof HTMLSelectElement) return field.selectedIndex > 0;
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    return field instanceof HTMLInputElement && field.type !== "hidden" && field.value !== field.defaultValue;
  });
}

/**
 * @param {Open} asked
 * @param {string} holding
 * @param {string | null} holder
 * @param {boolean} locked whether nothing may be sent to the phone at the other end
 */
function hold(asked, holding, holder, locked) {
  const before = asked.holding;
  const wasLocked = asked.locked;
  asked.holding = holding;
  asked.locked = locked;
  const box = document.querySelector("#reply");
  const send = document.querySelector("#send");
  if (!(box instanceof HTMLTextAreaElement) || !(send instanceof HTMLButtonElement)) return;
  if (before === holding && wasLocked === locked) return;
  box.readOnly = send.disabled = holding !== "mine" || locked;
  box.placeholder = holding === "mine" ? "Write to the child" : holding === "nobody" ? "Claim this chat, then write" : `${holder} is answering`;
  const state = document.querySelector("#reply-state");
  if (state) {
    state.textContent = holding === "mine" ? "" : holding === "nobody" ? "Claim first, so that two people never answer at once." : `Only ${holder} can write to the child. Your words are kept.`;
  }
  if (holding === "mine" && !locked) box.focus();
  if (before === "mine" && holding === "other") onLostHold(holder ?? "A colleague");
}

function toEnd() {
  const scroll = document.querySelector("#scroll");
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
}
