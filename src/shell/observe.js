// Lets `tokenflight/devtools` watch requests. Nothing is done for it while nobody observes.

/** @import { Session } from './session.js' */

/**
 * An app's call, one trip of it over the network, or a refresh.
 * @typedef {'call' | 'attempt' | 'refresh'} Kind
 */

/**
 * The same object for a call and its attempts.
 * @typedef {{ describe?(): string }} Subject
 */

/**
 * Gets the answer to what has just begun, and returns one that settles alike. It does not throw.
 * @typedef {(kind: Kind, subject: Subject, answer: Promise<any>) => Promise<any>} Observer
 */

/** On the `fetch` of an api, from any copy of this module: the keys of its session, and the set of its observers. */
export const OBSERVED = Symbol.for('tokenflight.observed');

/**
 * Shows the observers of a session that something has begun.
 *
 * @template A
 * @param {Session} session
 * @param {Kind} kind
 * @param {Subject} subject
 * @param {Promise<A>} answer
 * @returns {Promise<A>} to be used in place of `answer`, whose rejection would count as handled
 */
export function observe({ observers }, kind, subject, answer) {
  for (const observer of observers) answer = observer(kind, subject, answer);
  return answer;
}
