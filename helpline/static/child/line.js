// @ts-check
// How the page hears of new messages: three ways, from the best to the one that gets through
// anywhere. Filters of schools and homes break sockets, so the next way is tried without a word.

/**
 * @typedef {{type: string, seq?: number, client_id?: string, why?: string, from?: string, text?: string, at?: string}} Frame
 *
 * What the line tells the page, and what it asks it.
 * @typedef {object} Ears
 * @property {() => number} cursor the number of the newest message on the page
 * @property {(frame: Frame) => void} heard
 * @property {() => void} connected
 * @property {() => void} dropped the socket closed: no tick comes over it any more
 * @property {() => void} ended the session is over
 * @property {() => void} lost no way gets through
 */

const OPEN_MS = 5000; // a way that does not answer in this time is taken as blocked
const BEAT_MS = 12000;
const SILENT_MS = 40000;
const WAIT_S = 25; // the longest a long poll may take
const CLIMB_BACK_MS = 120000; // then a better way is tried again
const LONGEST_REST_MS = 15000;
const OPEN = 1; // as WebSocket names it, where there is one
const SESSION_OVER = 4401;
const NOT_OURS = [401, 403, 404];

/** @param {number} ms @param {AbortSignal} signal */
export function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done(undefined)), { once: true });
  });
}

export class Line {
  /** @type {WebSocket | null} */
  #live = null;
  #base;
  #signal;
  #ears;

  /** @param {string} base @param {AbortSignal} signal @param {Ears} ears */
  constructor(base, signal, ears) {
    this.#base = base;
    this.#signal = signal;
    this.#ears = ears;
  }

  /** Say something over the socket. False when there is none. @param {object} frame */
  tell(frame) {
    if (this.#live?.readyState !== OPEN) return false;
    this.#live.send(JSON.stringify(frame));
    return true;
  }

  /** Listen until the signal aborts. */
  async run() {
    const ways = [() => this.#bySocket(), () => this.#byEvents(), () => this.#byPoll()];
    const signal = this.#signal;
    let lost = 0;
    while (!signal.aborted) {
      let worked = false;
      for (const way of ways) {
        worked = await way().catch(() => false); // a filter may even take the way's object away
        if (worked || signal.aborted) break;
      }
      if (signal.aborted) return;
      lost = worked ? 0 : lost + 1;
      if (lost) this.#ears.lost();
      const rest = Math.min(LONGEST_REST_MS, 500 * 2 ** lost) * (0.5 + Math.random());
      const online = new Promise((done) => {
        addEventListener("online", done, { once: true, signal });
      });
      await Promise.race([pause(rest, signal), online]);
    }
  }

  // Each way answers, once it is over, whether it had worked at all.

  /** @returns {Promise<boolean>} */
  #bySocket() {
    return new Promise((done) => {
      let worked = false;
      let isOver = false;
      let heard = Date.now();
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}${this.#base}/live`);
      // A wire without a network takes many seconds to close, so nobody waits for that.
      const stop = () => {
        if (isOver) return;
        isOver = true;
        socket.close();
        clearTimeout(opening);
        clearInterval(beat);
        removeEventListener("offline", stop);
        this.#signal.removeEventListener("abort", stop);
        if (this.#live === socket) this.#live = null;
        this.#ears.dropped();
        done(worked);
      };
      const opening = setTimeout(stop, OPEN_MS);
      const beat = setInterval(() => {
        if (Date.now() - heard > SILENT_MS) stop();
        else this.tell({ type: "ping" });
      }, BEAT_MS);
      this.#signal.addEventListener("abort", stop);
      addEventListener("offline", stop);
      socket.onopen = () => {
        socket.send(JSON.stringify({ type: "hello", after: this.#ears.cursor() }));
      };
      socket.onmessage = (event) => {
        heard = Date.now();
        /** @type {Frame} */
        const frame = JSON.parse(event.data);
        if (frame.type !== "welcome") return this.#ears.heard(frame);
        if (isOver) return;
        worked = true;
        clearTimeout(opening);
        this.#live = socket;
        this.#ears.connected();
      };
      socket.onclose = (event) => {
        stop();
        if (event.code === SESSION_OVER) this.#ears.ended();
      };
    });
  }

  /** @returns {Promise<boolean>} */
  #byEvents() {
    return new Promise((done) => {
      let worked = false;
      // Asking for the last message once more makes the server speak at once. A proxy that holds
      // events back looks open, so only an event proves that this way works.
      const after = Math.max(0, this.#ears.cursor() - 1);
      const source = new EventSource(`${this.#base}/events?after=${after}`);
      const stop = () => {
        clearTimeout(opening);
        removeEventListener("offline", stop);
        this.#signal.removeEventListener("abort", stop);
        source.close();
        done(worked);
      };
      const opening = setTimeout(stop, OPEN_MS);
      this.#signal.addEventListener("abort", stop);
      addEventListener("offline", stop);
      const begin = () => {
        if (worked) return;
        worked = true;
        clearTimeout(opening);
        this.#ears.connected();
      };
      source.addEventListener("welcome", begin);
      source.addEventListener("message", (event) => {
        begin();
        this.#ears.heard({ ...JSON.parse(event.data), type: "message" });
      });
      source.onerror = stop;
    });
  }

  /** @returns {Promise<boolean>} */
  async #byPoll() {
    const signal = this.#signal;
    const since = Date.now();
    let worked = false;
    while (!signal.aborted && Date.now() - since < CLIMB_BACK_MS) {
      try {
        // The first one does not wait: it tells at once whether this way works.
        const query = `after=${this.#ears.cursor()}&wait=${worked ? WAIT_S : 0}`;
        const answer = await fetch(`${this.#base}/messages?${query}`, { signal });
        if (NOT_OURS.includes(answer.status)) this.#ears.ended();
        if (!answer.ok) return worked;
        const { messages } = await answer.json();
        if (!worked) this.#ears.connected();
        worked = true;
        for (const message of messages) this.#ears.heard({ ...message, type: "message" });
      } catch {
        return false;
      }
    }
    return worked;
  }
}
