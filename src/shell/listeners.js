// Listeners of a session.

import { report } from './console.js';

/** @import { SessionEvent } from './platform-types.d.ts' */
/** @typedef {(event: SessionEvent) => unknown} Listener */

export const EVENTS = ['tokenRefreshed', 'signedOut', 'refreshUnavailable', 'sessionChanged'];

/**
 * Calls a function of the user's. One that throws disturbs nobody else.
 *
 * @template E
 * @param {(event: E) => unknown} listener
 * @param {E} event
 */
export function callListener(listener, event) {
  try {
    listener(event);
  } catch (error) {
    report(error);
  }
}

/** The listeners of a session. */
export class Listeners {
  /** @type {Set<{ type: string, listener: Listener }>} */
  #all = new Set();

  /**
   * @param {string} type
   * @param {Listener} listener
   * @returns {() => void} removes it
   */
  add(type, listener) {
    const entry = { type, listener };
    this.#all.add(entry);
    return () => { this.#all.delete(entry); };
  }

  /**
   * Calls the current listeners after the running code has returned, since they may call the api.
   * @param {SessionEvent} event
   */
  tell(event) {
    const concerned = [...this.#all].filter(({ type }) => type === event.type);
    queueMicrotask(() => { for (const { listener } of concerned) callListener(listener, event); });
  }
}
