// @ts-check
// The console's page: joins the doorbell, the queue, the open conversation, the boxes and the sound.

import * as alerts from "./alerts.js";
import { NoConnection, TurnedAway, get, post } from "./asking.js";
import * as clocks from "./clocks.js";
import * as composer from "./composer.js";
import * as conversation from "./conversation.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as lock from "./lock.js";
import * as outbox from "./outbox.js";
import * as pressing from "./pressing.js";
import * as watch from "./watch.js";

const SAFETY_NET_MS = 20_000;
const TYPING_SHOWN_MS = 5_000;
const SAID_FOR_MS = 8_000;

/** @param {string} selector */
const find = (selector) => {
  const found = document.querySelector(selector);
  return found instanceof HTMLElement ? found : null;
};

/**
 * @param {string} words
 * @param {"bad" | "good" | "notice"} kind
 */
function say(words, kind) {
  const alarm = find("#alarm");
  if (!alarm) return;
  alarm.dataset["kind"] = kind;
  alarm.textContent = words;
  if (kind !== "bad" && words) {
    setTimeout(() => {
      if (alarm.textContent === words) alarm.textContent = "";
    }, SAID_FOR_MS);
  }
}

/** @param {"up" | "down"} state */
function pill(state) {
  const shown = find("#connection");
  const words = shown?.querySelector(".pill-words");
  if (!shown || !words) return;
  shown.dataset["state"] = state;
  words.textContent = state === "up" ? "Live" : "Not connected";
}

function readFacts() {
  const head = find(".queue-head");
  if (!head) return;
  clocks.setBy(head.dataset["now"]);
  alerts.count("tasks", Number(head.dataset["tasks"]));
  alerts.update({
    unclaimed: Number(head.dataset["unclaimed"]),
    unacknowledged: Number(head.dataset["unacknowledged"]),
    callingMe: Number(head.dataset["callingMe"]),
    quietMine: Number(head.dataset["quietMine"]),
  });
}

/** What a locked console is told: numbers, so that alarms sound and fall silent all the same. */
async function refreshCounts() {
  const counts = await (await get("/console/counts")).json();
  alerts.count("tasks", counts.tasks);
  alerts.update({
    unclaimed: counts.unclaimed,
    unacknowledged: counts.unacknowledged,
    callingMe: counts.calling_me,
    quietMine: counts.quiet_mine,
  });
}

async function refreshQueue() {
  if (!lock.isOpen()) return refreshCounts();
  try {
    await refreshList();
  } catch (problem) {
    // The server locked the session a moment ago: whoever sits near must still hear alarms.
    if (problem instanceof TurnedAway) return refreshCounts();
    throw problem;
  }
}

async function refreshList() {
  const queue = find("#queue") ?? offPage();
  const show = queue.dataset["show"] ?? "all";
  const at = conversation.open()?.id ?? "";
  const html = await (await get(`/console/fragments/queue?show=${show}&at=${at}`)).text();
  pressing.afterPress("queue", () => showQueue(queue, html));
}

/**
 * @param {HTMLElement} queue
 * @param {string} html rendered and escaped by the server
 */
function showQueue(queue, html) {
  const focused = document.activeElement?.getAttribute("data-conversation");
  const orderIsOpen = queue.querySelector("details.order")?.hasAttribute("open");
  const top = queue.scrollTop;
  queue.innerHTML = html;
  queue.scrollTop = top;
  if (orderIsOpen) queue.querySelector("details.order")?.setAttribute("open", "");
  if (focused) queue.querySelector(`[data-conversation="${focused}"]`)?.closest("a")?.focus({ preventScroll: true });
  readFacts();
  clocks.tick();
}

/** On a page without a queue its figures still drive the title, the sound and the counts. */
function offPage() {
  const made = document.createElement("div");
  made.id = "queue";
  made.hidden = true;
  document.body.append(made);
  return made;
}

async function refreshEscalations() {
  if (!find("#escalations") || !lock.isOpen()) return;
  const seen = find("#escalations [data-version]")?.dataset["version"] ?? "";
  const answer = await get(`/console/fragments/escalations?seen=${seen}`);
  if (answer.status === 200) conversation.put("escalations", await answer.text());
  clocks.tick();
}

async function refreshBoard() {
  if (!find("#board") || !lock.isOpen()) return;
  const seen = find("#board [data-version]")?.dataset["version"] ?? "";
  const answer = await get(`/console/fragments/board?seen=${seen}`);
  if (answer.status === 200) conversation.put("board", await answer.text());
  clocks.tick();
}

/** Everything that is shown, by cursor. Returns how many messages were new. */
async function refreshAll() {
  if (!lock.isOpen()) {
    await refreshCounts();
    live.caughtUp();
    return 0;
  }
  const [news] = await Promise.all([conversation.refresh(), refreshQueue(), refreshEscalations(), refreshBoard()]);
  live.caughtUp();
  return news;
}

/** @param {Promise<unknown>} task */
function quietly(task) {
  task.catch((problem) => {
    if (!(problem instanceof NoConnection || problem instanceof TurnedAway)) throw problem;
  });
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let queueSoon;

/** @param {live.Ring} ring */
function rung(ring) {
  const open = conversation.open();
  if (ring.kind === "writing") return showTyping(ring.subject);
  if (lock.isOpen() && open && (ring.kind === "escalation" || ring.subject === open.id)) quietly(conversation.refresh().then(live.caughtUp));
  if (ring.kind === "staff") alerts.changedHands();
  if (ring.kind === "message" && find(`[data-conversation="${ring.subject}"][data-mine]`)) alerts.reply();
  // Many rings in a moment are one look at the list.
  queueSoon ??= setTimeout(() => {
    queueSoon = undefined;
    quietly(Promise.all([refreshQueue(), refreshEscalations(), refreshBoard()]).then(live.caughtUp));
  }, 150);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;

/** @param {string} subject */
function showTyping(subject) {
  const shown = [subject === conversation.open()?.id ? find("#typing") : null, find(`[data-typing="${subject}"]`)];
  for (const each of shown) if (each) each.hidden = false;
  clearTimeout(typing);
  typing = setTimeout(() => {
    for (const each of document.querySelectorAll("#typing, [data-typing]")) if (each instanceof HTMLElement) each.hidden = true;
  }, TYPING_SHOWN_MS);
}

/**
 * Open another page of the console in place, so that sound, socket and unsent words live on.
 * @param {string} address
 * @param {boolean} isNew
 */
async function go(address, isNew) {
  await composer.leave();
  let text;
  try {
    text = await (await get(address)).text();
  } catch {
    say("That could not be opened: no connection. Nothing here was lost.", "notice");
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const grid = page.querySelector(".grid");
  if (!grid) {
    location.assign(address);
    return;
  }
  if (isNew) history.pushState(null, "", address);
  find(".grid")?.replaceWith(document.adoptNode(grid));
  alerts.setTitle(page.title);
  wirePage();
  find("#messages") ? find("#scroll")?.focus({ preventScroll: true }) : find("#queue .item")?.focus();
}

function wirePage() {
  document.body.dataset["view"] = find(".grid")?.dataset["view"] ?? "";
  conversation.wire();
  composer.wire();
  readFacts();
  for (const selector of ["#side-button", "#side-close"]) {
    const button = find(selector);
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const isOpen = find("#side")?.classList.toggle("is-open") ?? false;
      find("#side-button")?.setAttribute("aria-expanded", String(isOpen));
    });
  }
  clocks.tick();
}

/** @param {HTMLFormElement} form */
async function deed(form) {
  const button = form.querySelector("button:not([type=button])");
  if (button instanceof HTMLButtonElement) button.disabled = true;
  try {
    /** @type {Record<string, string>} */
    const fields = {};
    new FormData(form).forEach((value, name) => (fields[name] = String(value)));
    const answer = await post(new URL(form.action).pathname, fields);
    if (answer.ok) {
      form.reset();
      const details = form.closest("details");
      if (details) details.open = false;
      say("", "good");
    } else {
      say(answer.why ?? "That was refused.", "notice");
    }
    await refreshAll();
  } catch (problem) {
    if (problem instanceof NoConnection) say("That was not done: no connection. Try again in a moment.", "notice");
    else if (!(problem instanceof TurnedAway)) throw problem;
  } finally {
    if (button instanceof HTMLButtonElement) button.disabled = false;
  }
}

function wireOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.hasAttribute("data-deed")) {
      event.preventDefault();
      void deed(form);
    }
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const use = event.target.closest("[data-use-draft]");
    if (use) return useDraft(use);
    const link = event.target.closest(".grid .item, .grid .tabs a, .grid .back");
    if (link instanceof HTMLAnchorElement) {
      event.preventDefault();
      void go(link.href, true);
    }
  });
  addEventListener("popstate", () => void go(location.href, false));
  // A region that a ring brought has its script-only buttons hidden until now.
  new MutationObserver(() => {
    for (const each of document.querySelectorAll("[data-use-draft][hidden]")) each.removeAttribute("hidden");
  }).observe(document.body, { childList: true, subtree: true });
  for (const each of document.querySelectorAll("[data-use-draft][hidden]")) each.removeAttribute("hidden");
}

/** @param {Element} use */
function useDraft(use) {
  const box = composer.boxOf(use.getAttribute("data-use-draft") === "note" ? "note" : "reply");
  const words = use.closest("details")?.querySelector(".words")?.textContent ?? "";
  if (!box || box.readOnly) return say("Claim or take over this chat first, then use these words.", "notice");
  box.value = box.value.trim() ? `${box.value}\n\n${words}` : words;
  box.dispatchEvent(new Event("input"));
  box.focus();
}

document.body.classList.add("has-script");
conversation.start({
  news: (fromChild) => {
    const hidden = find("#typing");
    if (fromChild && hidden) hidden.hidden = true;
  },
  lostHold: (holder) => say(`${holder} took this chat over. What you typed is kept.`, "notice"),
});
outbox.start({
  changed: composer.draw,
  sent: (id) => {
    composer.afterSending(id);
    quietly(refreshAll());
  },
});
wireOnce();
wirePage();
alerts.wire();
keys.wire();
watch.start();
live.start({
  ring: rung,
  up: (wasLost) => {
    pill("up");
    quietly(
      refreshAll().then(async (news) => {
        await outbox.retry();
        if (wasLost && find("#alarm")?.dataset["kind"] === "bad") say(news ? `Caught up: ${news} new.` : "Caught up: nothing new.", "good");
      }),
    );
  },
  lost: (words) => {
    pill("down");
    say(words, "bad");
  },
});
setInterval(() => quietly(refreshAll()), SAFETY_NET_MS);
if (!find("#queue")) quietly(refreshQueue());
document.addEventListener("console:open", () => quietly(refreshAll().then(() => outbox.retry())));
