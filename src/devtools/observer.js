// Watches what a session shows of its requests. No header, body or query is told on, and no token.

/** @import { Kind, Observer } from '../shell/observe.js' */

/**
 * Tells that something has begun, or how it has ended.
 *
 * @typedef {object} Observation
 * @property {Kind} kind
 * @property {number} id the same for a call and its attempts
 * @property {string | undefined} label method and URL; none of a refresh
 * @property {number | string | undefined} outcome undefined at the begin; then the HTTP status, or the name of the error
 */

/**
 * Returns an observer that tells when something begins and ends.
 *
 * @param {(seen: Observation) => void} tell
 * @returns {Observer}
 */
export function observerOf(tell) {
  const ids = new WeakMap();
  let last = 0;
  return (kind, subject, answer) => {
    if (!ids.has(subject)) ids.set(subject, last += 1);
    // Later: what is wrong here is reported to the page, and not to the caller.
    const saw = (/** @type {Observation['outcome']} */ outcome) => queueMicrotask(() => (
      tell({ kind, id: ids.get(subject), label: subject.describe?.(), outcome })
    ));
    saw(undefined);
    return answer.then((response) => {
      saw(response?.status ?? 0);
      return response;
    }, (error) => {
      saw(String(error?.name));
      throw error;
    });
  };
}
