// One sentence or two about what a burst came to.

import { hasWaited, type Burst } from './bursts';

/** What there was of each in a burst. */
export interface Tally {
  calls: number;
  /** Calls that got a 401. */
  unauthorized: number;
  /** Calls that were held back until the new token was there. */
  waited: number;
  /** Calls that were sent a second time. */
  replays: number;
  /** Calls that ended in an error. */
  failed: number;
  /** Refreshes sent by this tab. */
  refreshes: number;
  /** Those of them to which the server gave no answer, or a 5xx. */
  unavailable: number;
  /** Those of them that the server refused. */
  refused: number;
  /** Whether another tab has refreshed. */
  adopted: boolean;
}

export function tally({ rows }: Burst): Tally {
  const calls = rows.filter(({ kind }) => kind === 'call');
  const refreshes = rows.filter(({ kind }) => kind === 'refresh').flatMap(({ attempts }) => attempts);
  const has401 = calls.filter(({ attempts }) => attempts.some(({ status }) => status === 401));
  return {
    calls: calls.length,
    unauthorized: has401.length,
    waited: calls.filter(hasWaited).length,
    replays: calls.filter(({ attempts }) => attempts.length > 1).length,
    failed: calls.filter(({ failed }) => failed).length,
    refreshes: refreshes.length,
    unavailable: refreshes.filter(({ status }) => status !== null && (status === 0 || status >= 500)).length,
    refused: refreshes.filter(({ status }) => status !== null && status >= 400 && status < 500).length,
    adopted: rows.some(({ kind }) => kind === 'adopted'),
  };
}

/** Says it in words, for a burst that is over. */
export function describe(burst: Burst): string {
  const all = tally(burst);
  const sentences = [`${beginning(all)}.`];
  const words = [...refreshWords(all), ...endWords(all)];
  if (words.length > 0) sentences.push(`${sentenceCase(words.join(', '))}.`);
  if (burst.signedOut) sentences.push('The user is signed out.');
  else if (all.unavailable > 0 && all.failed > 0) sentences.push('The user is still signed in.');
  return sentences.join(' ');
}

function beginning({ calls, unauthorized, waited, refreshes }: Tally): string {
  const waiting = waited === 0 ? '' : `${unauthorized > 0 ? waited : plural(waited, 'request')} waited for the new ${unauthorized > 0 ? 'one' : 'token'}`;
  if (unauthorized > 0) {
    return `${plural(unauthorized, 'request')} met an expired token${waiting && `, ${waiting}`}`;
  }
  if (waiting) return waiting;
  return refreshes > 0 && calls === 0 ? 'A refresh without any request' : `${plural(calls, 'request')}, no 401`;
}

function refreshWords({ unauthorized, refreshes, unavailable, refused, adopted }: Tally): string[] {
  const granted = refreshes - unavailable - refused;
  const words = [];
  if (granted > 0) words.push(granted === 1 ? 'one refresh' : `${granted} refreshes`);
  if (unavailable > 0) words.push(`${plural(unavailable, 'refresh', 'refreshes')} failed`);
  if (refused > 0) words.push(`${plural(refused, 'refresh', 'refreshes')} refused`);
  if (adopted) words.push('another tab refreshed');
  return words.length === 0 && unauthorized > 0 ? ['no refresh'] : words;
}

function endWords({ unauthorized, waited, replays, failed }: Tally): string[] {
  const words = replays > 0 ? [plural(replays, 'replay')] : [];
  if (failed > 0) return [...words, `${plural(failed, 'request')} failed`];
  return unauthorized + waited > 0 ? [...words, 'nothing lost'] : words;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
