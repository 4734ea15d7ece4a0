// @ts-check
// The banner that says work is not finishing. It is asked for, not rung for: what stands still may
// be the bell itself.

import { UNATTENDED } from "./lock.js";

const ASKED_EVERY_MS = 10_000;

/** Keep the banner as new as ten seconds ago, for as long as the page is open. */
export function start() {
  setInterval(() => void ask(), ASKED_EVERY_MS);
}

async function ask() {
  const banner = document.querySelector("#watch");
  if (!(banner instanceof HTMLElement)) return;
  try {
    const response = await fetch("/console/fragments/watch", { headers: UNATTENDED, cache: "no-store" });
    if (response.status >= 500) banner.textContent = banner.dataset["failing"] ?? "";
    if (!response.ok) return;
    const said = await response.text();
    // Written anew only when it changed: a screen reader reads it out each time.
    if (said.trim() !== banner.innerHTML.trim()) banner.innerHTML = said;
  } catch {
    // no connection: the page says that elsewhere
  }
}
