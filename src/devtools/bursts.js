// Events become rows, and rows that overlap in time become bursts.

/** @import { Event } from './events.js' */

/**
 * One trip over the network.
 *
 * @typedef {object} Attempt
 * @property {number} start
 * @property {number | null} end
 * @property {number | null} status of HTTP; 0 when there was no answer
 */

/**
 * One call with its attempts, or the refresh that calls share.
 *
 * @typedef {object} Row
 * @property {'call' | 'refresh' | 'adopted'} kind
 * @property {number} tab 0: this one; others are counted
 * @property {string} label
 * @property {number} start
 * @property {number | null} end
 * @property {Attempt[]} attempts
 * @property {string} error the name of what the caller got in place of an answer; empty: no error
 */

/**
 * Rows that overlap in time, drawn on one time axis.
 *
 * @typedef {object} Burst
 * @property {number} id
 * @property {number} start
 * @property {Row[]} rows
 * @property {boolean} signedOut
 */

const KEPT = 25;
// Calls that follow one another this closely (ms) belong together.
const GAP = 250;
// Whatever is under way for longer (ms) holds its burst open no more: it may be a long poll, or of a tab that has crashed.
export const LONG = 10_000;

/** Keeps the bursts of a series of events, the newest first. */
export class Bursts {
  /** @type {Burst[]} */
  list = [];
  #made = 0;
  /** The other tabs, in the order in which they were heard of. @type {string[]} */
  #tabs = [];
  /** The calls and the refreshes under way, each by tab and id. @type {Map<string, Row>} */
  #calls = new Map();
  /** @type {Map<string, [row: Row, attempt: Attempt]>} */
  #refreshes = new Map();

  /** @param {Event} event */
  add(event) {
    const { at } = event;
    const tab = this.#numberOf(event.tab);
    const key = (/** @type {string} */ id) => `${tab} ${id}`;
    switch (event.type) {
      case 'called': return this.#begin(key(event.call), newRow('call', tab, event.label, at));
      case 'sent':
        this.#calls.get(key(event.call))?.attempts.push(newAttempt(at));
        return;
      case 'answered': return answer(this.#calls.get(key(event.call))?.attempts.at(-1), event);
      case 'settled': return this.#settle(key(event.call), event.ok ? '' : event.error ?? 'Error', at);
      case 'refreshing': return this.#beginRefresh(key(event.refresh), tab, at);
      case 'refreshed': return this.#endRefresh(key(event.refresh), event);
      case 'adopted': return this.#adopt(at);
      case 'signedOut':
        this.#burst(at).signedOut = true;
        return;
      case 'left': this.#endAll(`${tab} `, at);
    }
  }

  /** @param {string | undefined} tab */
  #numberOf(tab) {
    if (tab === undefined) return 0;
    if (!this.#tabs.includes(tab)) this.#tabs.push(tab);
    return this.#tabs.indexOf(tab) + 1;
  }

  /** @param {string} key @param {Row} row */
  #begin(key, row) {
    this.#burst(row.start).rows.push(row);
    this.#calls.set(key, row);
  }

  /** @param {string} key @param {string} error @param {number} at */
  #settle(key, error, at) {
    const row = this.#calls.get(key);
    if (row) Object.assign(row, { error, end: at });
    this.#calls.delete(key);
  }

  /**
   * Puts all refreshes of a tab that belong to one burst in one row: it is the one to look at.
   *
   * @param {string} key
   * @param {number} tab
   * @param {number} at
   */
  #beginRefresh(key, tab, at) {
    const { rows } = this.#burst(at);
    let row = rows.find((other) => other.kind === 'refresh' && other.tab === tab);
    if (!row) rows.push(row = newRow('refresh', tab, 'refresh', at));
    const attempt = newAttempt(at);
    row.end = null;
    row.attempts.push(attempt);
    this.#refreshes.set(key, [row, attempt]);
  }

  /** @param {string} key @param {{ status: number, at: number }} event */
  #endRefresh(key, event) {
    const [row, attempt] = this.#refreshes.get(key) ?? [];
    if (!row) return;
    this.#refreshes.delete(key);
    answer(attempt, event);
    row.error = event.status >= 200 && event.status <= 299 ? '' : 'Error';
    if (row.attempts.every(({ end }) => end !== null)) row.end = event.at;
  }

  /** @param {number} at */
  #adopt(at) {
    const { rows } = this.#burst(at);
    const attempts = rows.filter(({ tab }) => tab === 0).map((row) => row.attempts);
    const met401 = attempts.flat().filter(({ status }) => status === 401).map(({ end }) => end ?? at);
    const replays = attempts.flatMap(([, ...again]) => again).map(({ start }) => start);
    const row = newRow('adopted', 0, 'refreshed by another tab', Math.min(at, ...met401));
    rows.push({ ...row, end: Math.min(at, ...replays) });
  }

  /** Ends what is under way in a tab that is left. @param {string} prefix @param {number} at */
  #endAll(prefix, at) {
    for (const [key, { attempts }] of this.#calls) {
      if (!key.startsWith(prefix)) continue;
      const last = attempts.at(-1);
      if (last?.end === null) answer(last, { status: 0, at });
      this.#settle(key, 'AbortError', at);
    }
    for (const key of this.#refreshes.keys()) if (key.startsWith(prefix)) this.#endRefresh(key, { status: 0, at });
  }

  /** @param {number} at */
  #burst(at) {
    const [newest] = this.list;
    if (newest?.rows.some(({ start, end }) => (end === null ? at - start < LONG : at - end < GAP))) return newest;
    /** @type {Burst} */
    const burst = { id: this.#made += 1, start: at, rows: [], signedOut: false };
    this.list = [burst, ...this.list].slice(0, KEPT);
    return burst;
  }
}

/**
 * @param {Row['kind']} kind
 * @param {number} tab
 * @param {string} label
 * @param {number} start
 * @returns {Row}
 */
const newRow = (kind, tab, label, start) => ({ kind, tab, label, start, end: null, attempts: [], error: '' });

/** @param {number} start @returns {Attempt} */
const newAttempt = (start) => ({ start, end: null, status: null });

/** @param {Attempt | undefined} attempt @param {{ status: number, at: number }} answered */
function answer(attempt, { status, at }) {
  if (attempt) Object.assign(attempt, { status, end: at });
}

/** Tells if something of it is still under way. @param {Burst} burst */
export const isOpen = ({ rows }) => rows.some(({ end }) => end === null);

/** Returns the rows above the calls: refreshes, or one that says another tab must have refreshed. @param {Burst} burst */
export function refreshesOf({ rows }) {
  const sent = rows.filter(({ kind }) => kind === 'refresh').sort((a, b) => a.tab - b.tab);
  return sent.some(({ tab }) => tab > 0) ? sent : [...rows.filter(({ kind }) => kind === 'adopted'), ...sent];
}

/** The calls of each tab, this one first. @param {Burst} burst @returns {Map<number, Row[]>} */
export function callsByTab({ rows }) {
  const calls = rows.filter(({ kind }) => kind === 'call');
  const tabs = [...new Set(calls.map(({ tab }) => tab))].sort((a, b) => a - b);
  return new Map(tabs.map((tab) => [tab, calls.filter((row) => row.tab === tab)]));
}

/** When a call waited before it was sent at all, for longer (ms) than it takes to send it. */
const SENDING = 25;

/** Tells if a call was held back at first, and met no 401 for it. @param {Row} row */
export function hasWaited({ kind, start, attempts }) {
  const [first] = attempts;
  return kind === 'call' && first !== undefined && first.status !== 401 && first.start - start > SENDING;
}

/** Tells if the caller got an error that it has not asked for. @param {Row} row */
export const hasFailed = ({ error }) => error !== '' && error !== 'AbortError';
