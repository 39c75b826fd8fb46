// One sentence or two about what a burst came to.

import { callsByTab, hasFailed, hasWaited, refreshesOf } from './bursts.js';

/** @import { BurstCounts } from '../npm/devtools.js' */
/** @import { Burst, Row } from './bursts.js' */

/** @param {Row} row */
const hasMet401 = ({ attempts }) => attempts.some(({ status }) => status === 401);

/** @param {Burst} burst @returns {BurstCounts} */
export function tally(burst) {
  const tabs = callsByTab(burst);
  const calls = [...tabs.values()].flat();
  const above = refreshesOf(burst);
  const refreshes = above.flatMap(({ attempts }) => attempts);
  const count = (/** @type {(status: number) => boolean} */ test) => (
    refreshes.filter(({ status }) => status !== null && test(status)).length
  );
  return {
    calls: calls.length,
    tabs: tabs.size,
    unauthorized: calls.filter(hasMet401).length,
    waited: calls.filter(hasWaited).length,
    replays: calls.filter(({ attempts }) => attempts.length > 1).length,
    failed: calls.filter(hasFailed).length,
    refreshes: refreshes.length,
    unavailable: count((status) => status === 0 || status >= 500),
    refused: count((status) => status >= 400 && status < 500),
    adopted: above.some(({ kind, tab }) => kind === 'adopted' || tab > 0),
  };
}

/** Says it in words, for a burst that is over. @param {Burst} burst */
export function describe(burst) {
  const all = tally(burst);
  const sentences = burst.rows.length > 0 ? [`${beginning(all, burst)}.`] : [];
  const words = [...refreshWords(all, burst), ...endWords(all)];
  if (words.length > 0) sentences.push(`${sentenceCase(words.join(', '))}.`);
  if (burst.signedOut) sentences.push('The user is signed out.');
  else if (all.unavailable > 0 && all.failed > 0) sentences.push('The user is still signed in.');
  return sentences.join(' ');
}

/** @param {BurstCounts} all @param {Burst} burst */
function beginning({ calls, unauthorized, waited, refreshes }, burst) {
  const requests = (/** @type {(row: Row) => boolean} */ test) => {
    const rows = [...callsByTab(burst).values()].flat().filter(test);
    const tabs = new Set(rows.map(({ tab }) => tab)).size;
    return plural(rows.length, 'request') + (tabs > 1 ? ` in ${tabs} tabs` : '');
  };
  const others = waited > 0 ? `, ${waited} waited for the new one` : '';
  if (unauthorized > 0) return `${requests(hasMet401)} met an expired token${others}`;
  if (waited > 0) return `${requests(hasWaited)} waited for the new token`;
  return refreshes > 0 && calls === 0 ? 'A refresh without any request' : `${requests(() => true)}, no 401`;
}

/** @param {BurstCounts} all @param {Burst} burst */
function refreshWords({ unauthorized, refreshes, unavailable, refused }, burst) {
  const granted = refreshes - unavailable - refused;
  const above = refreshesOf(burst);
  const isElsewhere = above.every(({ tab }) => tab > 0);
  const words = [];
  const where = isElsewhere ? ' by another tab' : '';
  if (granted > 0) words.push((granted === 1 ? 'one refresh' : `${granted} refreshes`) + where);
  if (unavailable > 0) words.push(`${plural(unavailable, 'refresh', 'refreshes')} failed`);
  if (refused > 0) words.push(`${plural(refused, 'refresh', 'refreshes')} refused`);
  if (above.some(({ kind }) => kind === 'adopted')) words.push('another tab refreshed');
  return words.length === 0 && unauthorized > 0 ? ['no refresh'] : words;
}

/** @param {BurstCounts} all */
function endWords({ unauthorized, waited, replays, failed }) {
  const words = replays > 0 ? [plural(replays, 'replay')] : [];
  if (failed > 0) return [...words, `${plural(failed, 'request')} failed`];
  return unauthorized + waited > 0 ? [...words, 'nothing lost'] : words;
}

/** @param {number} count @param {string} one @param {string} [many] */
export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** @param {string} text */
const sentenceCase = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
