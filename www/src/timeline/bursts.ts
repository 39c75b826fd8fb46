// Events become rows, and rows that overlap in time become bursts.

import { type TimelineEvent } from './events';

/** One trip over the network. */
export interface Attempt {
  id: string;
  start: number;
  end: number | null;
  /** The HTTP status; `0` when there was no answer. */
  status: number | null;
}

/** One call with its attempts, or the refresh that calls share. */
export interface Row {
  kind: 'call' | 'refresh' | 'adopted';
  id: string;
  label: string;
  start: number;
  end: number | null;
  attempts: Attempt[];
  /** Whether the caller got an error in place of an answer. */
  failed: boolean;
}

/** Rows that overlap in time, drawn on one time axis. */
export interface Burst {
  id: number;
  rows: Row[];
  signedOut: boolean;
}

const KEPT = 25;
// Calls that follow one another this closely (ms) belong together.
const GAP = 250;

/** Keeps the bursts of a series of events, the newest first. */
export class Bursts {
  list: Burst[] = [];
  #made = 0;

  add(event: TimelineEvent): void {
    switch (event.type) {
      case 'called':
        this.#burst(event.at).rows.push(newRow('call', event.call, event.label, event.at));
        return;
      case 'sent':
        this.#row(event.call)?.attempts.push(newAttempt(event.call, event.at));
        return;
      case 'answered':
        return answer(this.#row(event.call)?.attempts.at(-1), event);
      case 'settled':
        return settle(this.#row(event.call), event);
      case 'refreshing':
        return this.#beginRefresh(event.refresh, event.at);
      case 'refreshed':
        return this.#endRefresh(event);
      case 'adopted':
        return this.#adopt(event.at);
      case 'signedOut':
        this.#burst(event.at).signedOut = true;
    }
  }

  #row(id: string): Row | undefined {
    return this.list.flatMap(({ rows }) => rows).find((row) => row.id === id);
  }

  /** Puts all refreshes of a burst in one row: it is the one to look at. */
  #beginRefresh(id: string, at: number): void {
    const burst = this.#burst(at);
    let row = burst.rows.find(({ kind }) => kind === 'refresh');
    if (!row) burst.rows.unshift(row = newRow('refresh', `refresh of ${id}`, 'refresh', at));
    row.end = null;
    row.attempts.push(newAttempt(id, at));
  }

  #endRefresh(event: { refresh: string; status: number; at: number }): void {
    const row = this.list.flatMap(({ rows }) => rows).find(({ attempts }) => attempts.some(({ id }) => id === event.refresh));
    if (!row) return;
    answer(row.attempts.find(({ id }) => id === event.refresh), event);
    row.failed = event.status < 200 || event.status > 299;
    if (row.attempts.every(({ end }) => end !== null)) row.end = event.at;
  }

  #adopt(at: number): void {
    const burst = this.#burst(at);
    const firstWait = Math.min(at, ...burst.rows.flatMap(({ attempts }) => attempts)
      .filter(({ status }) => status === 401).map(({ end }) => end ?? at));
    const firstReplay = Math.min(at, ...burst.rows.flatMap(({ attempts }) => attempts.slice(1)).map(({ start }) => start));
    const row = newRow('adopted', `adopted at ${at}`, 'refreshed by another tab', firstWait);
    burst.rows.unshift({ ...row, end: firstReplay });
  }

  #burst(at: number): Burst {
    const [newest] = this.list;
    if (newest?.rows.some(({ end }) => end === null || at - end < GAP)) return newest;
    const burst: Burst = { id: this.#made += 1, rows: [], signedOut: false };
    this.list = [burst, ...this.list].slice(0, KEPT);
    return burst;
  }
}

function newRow(kind: Row['kind'], id: string, label: string, start: number): Row {
  return { kind, id, label, start, end: null, attempts: [], failed: false };
}

function newAttempt(id: string, start: number): Attempt {
  return { id, start, end: null, status: null };
}

function answer(attempt: Attempt | undefined, { status, at }: { status: number; at: number }): void {
  if (attempt) Object.assign(attempt, { status, end: at });
}

function settle(row: Row | undefined, { ok, at }: { ok: boolean; at: number }): void {
  if (row) Object.assign(row, { failed: !ok, end: at });
}

/** Tells if something of it is still under way. */
export function isOpen({ rows }: Burst): boolean {
  return rows.some(({ end }) => end === null);
}

/** When a call waited before it was sent at all, for longer (ms) than it takes to send it. */
const SENDING = 25;

/** Tells if a call was held back at first, and met no 401 for it. */
export function hasWaited({ kind, start, attempts }: Row): boolean {
  const [first] = attempts;
  return kind === 'call' && first !== undefined && first.status !== 401 && first.start - start > SENDING;
}
