// Lets `tokenflight/devtools` see requests: which, when, and with which status. No header, body or query is told, and no
// token. Nothing is done for it while nobody observes.

import { callListener } from './listeners.js';

/** @import { Session } from './session.js' */

/**
 * Tells that something has begun, or how it has ended.
 *
 * @typedef {object} Observation
 * @property {'call' | 'attempt' | 'refresh'} kind of an app's call, one trip over the network, or a refresh
 * @property {number} id the same for a call and its attempts
 * @property {string | undefined} label method and URL; none of a refresh
 * @property {number | string | undefined} outcome undefined at the begin; then the HTTP status, or the name of the error
 */

/** @typedef {(seen: Observation) => void} Observer */

/** On the `fetch` of an api, from any copy of this module: the keys of its session, and the set of its observers. */
export const OBSERVED = Symbol.for('tokenflight.observed');

let last = 0;

/**
 * Tells the observers of a session that something has begun, and when it ends.
 *
 * @template {{ status?: number } | undefined} A
 * @param {Session} session
 * @param {Observation['kind']} kind
 * @param {{ id?: number, describe?(): string }} subject
 * @param {Promise<A>} answer
 * @returns {Promise<A>} to be used in place of `answer`, whose rejection would count as handled
 */
export function observe({ observers }, kind, subject, answer) {
  if (!observers.size) return answer;
  const id = subject.id ??= last += 1;
  const tell = (/** @type {Observation['outcome']} */ outcome) => {
    for (const observer of observers) callListener(observer, { kind, id, label: subject.describe?.(), outcome });
  };
  tell(undefined);
  return answer.then((response) => {
    tell(response?.status ?? 0);
    return response;
  }, (error) => {
    tell(String(error?.name));
    throw error;
  });
}
