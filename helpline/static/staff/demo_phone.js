// @ts-check
// The pretend phone: asks once a second what came, and does what is pressed without a reload.

/**
 * @typedef {{text: string, picture: boolean, status: string, mine: boolean}} Text
 * @typedef {{sid: string, state: string, shows: string, said: string[], wants_key: boolean, joined: boolean}} Call
 */

const EVERY_MS = 1_000;
const UNDER_WAY = new Set(["ringing", "in-progress", "queued", "initiated"]);
const page = document.querySelector(".handset-page");
const number = page instanceof HTMLElement ? (page.dataset["number"] ?? "") : "";
const texts = document.querySelector("#texts");
const calls = document.querySelector("#calls");
let shownTexts = "";
let shownCalls = "";

/** @param {string} path */
function at(path) {
  return `/demo/phone/${encodeURIComponent(number)}/${path}`;
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} [body]
 */
async function post(path, body = {}) {
  const refusal = document.querySelector("#refusal");
  let why = "The pretend phone does not answer. Is the demo running?";
  try {
    const answer = await fetch(at(path), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    why = answer.ok ? "" : answer.status === 422 ? "Write something first." : "The pretend phone could not do that just now.";
  } catch {
    // What is said stands above.
  }
  if (refusal instanceof HTMLElement) {
    refusal.textContent = why;
    refusal.hidden = !why;
  }
  await look();
  return !why;
}

async function look() {
  try {
    const answer = await fetch(at("state"));
    if (answer.ok) draw(await answer.json());
  } catch {
    // Asked again in a second.
  }
}

/** @param {{texts: Text[], calls: Call[]}} state */
function draw(state) {
  const texts = JSON.stringify(state.texts);
  if (texts !== shownTexts) drawTexts(state.texts);
  shownTexts = texts;
  const under = state.calls.filter((call) => UNDER_WAY.has(call.state));
  const now = JSON.stringify(under);
  if (now !== shownCalls) calls?.replaceChildren(...under.map(drawCall));
  shownCalls = now;
}

/** @param {Text[]} all */
function drawTexts(all) {
  if (!texts) return;
  texts.replaceChildren(
    ...all.map((each) => {
      const item = document.createElement("li");
      item.className = each.mine ? "mine" : "theirs";
      item.append(paragraph(each.text || (each.picture ? "(picture)" : "")));
      const status = document.createElement("span");
      status.textContent = each.status;
      item.append(status);
      return item;
    }),
  );
  if (!all.length) {
    const nothing = document.createElement("li");
    nothing.className = "nothing";
    nothing.textContent = "Nothing yet. Text HELP, or anything else.";
    texts.append(nothing);
  }
  texts.scrollTop = texts.scrollHeight;
}

/** @param {Call} call */
function drawCall(call) {
  const card = document.createElement("article");
  card.className = "handset-call";
  const head = document.createElement("b");
  head.textContent = call.state === "ringing" ? `Ringing: ${call.shows}` : call.joined ? "Connected" : "In a call";
  const first = paragraph("");
  first.append(head);
  card.append(first, ...call.said.map((words) => paragraph(`“${words}”`, "said")));
  const row = document.createElement("div");
  row.className = "handset-buttons";
  /** @type {[string, string][]} */
  const acts = call.state === "ringing"
    ? [["answer", "Answer"], ["reject", "Refuse"], ["ring-out", "Let it ring"], ["voicemail", "Voicemail answers"]]
    : [["hang-up", "Hang up"]];
  row.append(...acts.map(([act, words]) => button(words, () => post(`calls/${call.sid}/${act}`))));
  card.append(row);
  if (call.wants_key) card.append(keypad(call));
  return card;
}

/** @param {Call} call */
function keypad(call) {
  const pad = document.createElement("div");
  pad.className = "handset-keypad";
  pad.setAttribute("aria-label", "Keypad");
  let pressed = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  for (const key of "123456789*0#") {
    pad.append(
      button(key, () => {
        // Several keys in a row are one answer, as on a real phone.
        pressed += key;
        clearTimeout(waiting);
        waiting = setTimeout(() => void post(`calls/${call.sid}/press`, { digits: pressed }), 700);
      }),
    );
  }
  return pad;
}

/**
 * @param {string} words
 * @param {() => unknown} does
 */
function button(words, does) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button small";
  made.textContent = words;
  made.addEventListener("click", () => void does());
  return made;
}

/**
 * @param {string} words
 * @param {string} [name]
 */
function paragraph(words, name) {
  const made = document.createElement("p");
  made.textContent = words;
  if (name) made.className = name;
  return made;
}

document.querySelector("#write")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const box = document.querySelector("#text");
  if (!(box instanceof HTMLTextAreaElement)) return;
  const by = event instanceof SubmitEvent ? event.submitter : null;
  const picture = by instanceof HTMLButtonElement && by.name === "picture";
  void post("send", { text: box.value, picture }).then((sent) => {
    if (sent) box.value = "";
    box.focus();
  });
});
document.querySelector("#ring")?.addEventListener("submit", (event) => {
  event.preventDefault();
  void post("call");
});
void look();
setInterval(() => void look(), EVERY_MS);
