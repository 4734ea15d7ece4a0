// @ts-check
// How the console asks the server. What no person caused says so, so that it does not count as use.

import { UNATTENDED, turnedAway } from "./lock.js";

/** @typedef {{ok: boolean, why?: string, kind?: string} & Record<string, unknown>} Answer */

/** The server could not be asked: nothing is known about what it did. */
export class NoConnection extends Error {}

/** The session is locked or over; the page says so by itself. */
export class TurnedAway extends Error {}

/**
 * Fetch what a ring or a timer asks for.
 * @param {string} path
 * @returns {Promise<Response>}
 */
export async function get(path) {
  const response = await reach(path, { headers: { Accept: "application/json, text/html", ...UNATTENDED }, cache: "no-store" });
  if (response.status >= 500) throw new NoConnection();
  return response;
}

/**
 * Do what a person asked for. A refusal is an answer with `ok: false` and words.
 * @param {string} path
 * @param {Record<string, string>} fields
 * @param {{unattended?: boolean}} [how]
 * @returns {Promise<Answer>}
 */
export async function post(path, fields, how = {}) {
  const response = await reach(path, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "X-CSRF-Token": document.body.dataset["csrf"] ?? "",
      ...(how.unattended ? UNATTENDED : {}),
    },
    body: new URLSearchParams(fields),
  });
  if (response.status >= 500) throw new NoConnection();
  try {
    const body = await response.json();
    return { ...body, ok: response.ok && body.ok === true, why: body.why ?? body.detail ?? body.title };
  } catch {
    return { ok: false, why: "The answer could not be read. Load the page again." };
  }
}

/**
 * @param {string} path
 * @param {RequestInit} request
 */
async function reach(path, request) {
  let response;
  try {
    response = await fetch(path, { ...request, signal: AbortSignal.timeout(15_000) });
  } catch {
    throw new NoConnection();
  }
  if (turnedAway(response)) throw new TurnedAway();
  return response;
}
