// The events of this tab, kept over a page load: the library may leave for the login page at any time, and what led to it
// should still be seen there.

/** @import { Event } from './events.js' */

// About as many as 25 bursts of 20 calls are made of.
const KEPT = 2500;

export class History {
  #key;
  /** @type {Event[]} */
  #events = [];
  #store = () => {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#events.slice(-KEPT)));
    } catch {
      // It is denied or full, and nothing is kept.
    }
  };

  /** @param {string[]} keys of the session */
  constructor(keys) {
    this.#key = ['tokenflight devtools', ...keys].join(' ');
    addEventListener('pagehide', this.#store);
  }

  /** Returns the events from before the page was loaded; whatever was under way then has ended. */
  read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? '[]');
      if (Array.isArray(kept)) this.#events = kept;
    } catch {
      // There is none.
    }
    const at = this.#events.at(-1)?.at ?? 0;
    // Not heard of since: other tabs may have been closed meanwhile.
    for (const tab of new Set(this.#events.map((event) => event.tab))) this.#events.push({ type: 'left', at, ...(tab && { tab }) });
    return this.#events;
  }

  /** @param {Event} event */
  add(event) {
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT) this.#events.splice(0, KEPT);
  }

  clear() {
    this.#events = [];
    this.#store();
  }

  close() {
    this.#store();
    removeEventListener('pagehide', this.#store);
  }
}
