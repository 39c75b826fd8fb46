// Turns what a session tells of its requests into events of a time line.

import { OBSERVED } from '../shell/observe.js';
import { now } from './events.js';
import { observerOf } from './observer.js';

/** @import { TimelineEvent } from '../npm/devtools.js' */
/** @import { Api } from '../shell/public.js' */
/** @import { Observer } from '../shell/observe.js' */
/** @import { Observation } from './observer.js' */

/**
 * The keys of an api's session, and its observers.
 *
 * @param {any} api
 * @param {string} who begins the complaint
 * @returns {[keys: string[], observers: Set<Observer>]}
 */
export function sessionOf(api, who) {
  const observed = api?.fetch?.[OBSERVED];
  if (!observed) throw new TypeError(`${who}: expected the api that createApi of this release has returned.`);
  return observed;
}

/**
 * Tells what becomes of the requests of an api's session, of all its clients in this page. `tell` gets an event, and
 * whether only this tab is concerned.
 *
 * @param {Api} api
 * @param {(event: TimelineEvent, isOwn: boolean) => void} tell
 * @returns {() => void} ends it
 */
export function follow(api, tell) {
  const [, observers] = sessionOf(api, 'follow');
  const calls = new Set();
  let hasRefreshed = false;
  const observer = observerOf((seen) => {
    const at = now();
    if (seen.kind === 'refresh') hasRefreshed ||= isSuccess(seen.outcome);
    else if (seen.outcome === undefined && !calls.has(seen.id)) {
      // An attempt that is sent at once is told before its call.
      calls.add(seen.id);
      tell({ type: 'called', call: String(seen.id), label: withoutOrigin(seen.label ?? ''), at }, false);
    }
    const event = eventOf(seen, at);
    if (event) tell(event, false);
    if (event?.type === 'settled') calls.delete(seen.id);
  });
  observers.add(observer);
  const leave = [
    () => observers.delete(observer),
    api.on('tokenRefreshed', () => {
      // If calls are under way and this tab has not refreshed, the token comes from another tab.
      if (!hasRefreshed && calls.size > 0) tell({ type: 'adopted', at: now() }, true);
      hasRefreshed = false;
    }),
    api.on('signedOut', () => tell({ type: 'signedOut', at: now() }, true)),
  ];
  return () => { for (const one of leave) one(); };
}

/** @param {Observation} seen @param {number} at @returns {TimelineEvent | undefined} */
function eventOf({ kind, id, outcome }, at) {
  const call = String(id);
  const status = typeof outcome === 'number' ? outcome : 0;
  const isOver = outcome !== undefined;
  if (kind === 'refresh') {
    return isOver ? { type: 'refreshed', refresh: call, status, at } : { type: 'refreshing', refresh: call, at };
  }
  if (kind === 'attempt') return isOver ? { type: 'answered', call, status, at } : { type: 'sent', call, at };
  if (!isOver) return undefined;
  const error = typeof outcome === 'string' ? outcome : undefined;
  return { type: 'settled', call, ok: error === undefined, error, at };
}

/** @param {Observation['outcome']} outcome */
const isSuccess = (outcome) => typeof outcome === 'number' && outcome >= 200 && outcome <= 299;

/** @param {string} label */
const withoutOrigin = (label) => label.replace(` ${location.origin}/`, ' /');
