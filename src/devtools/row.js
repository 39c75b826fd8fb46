// One row: its label, its bars on the axis of the burst, and what came of it.

import { hasFailed, hasWaited } from './bursts.js';
import { make } from './dom.js';
import { now } from './events.js';

/** @import { Attempt, Row } from './bursts.js' */

/** @param {Row} row @param {number} start of the axis @param {number} span of the axis, in ms */
export function drawRow(row, start, span) {
  const { kind, label, tab } = row;
  const isElsewhere = kind === 'refresh' && tab > 0;
  const item = make('li', `${kind}${isElsewhere ? ' elsewhere' : ''}${hasFailed(row) ? ' failed' : ''}`);
  const track = make('span', 'track');
  track.setAttribute('aria-hidden', 'true');
  for (const [colour, from, to] of barsOf(row)) {
    const bar = make('i', `bar ${colour}`);
    bar.style.left = `${((from - start) / span) * 100}%`;
    bar.style.width = `${((to - from) / span) * 100}%`;
    track.append(bar);
  }
  item.dataset['label'] = label;
  item.dataset['tab'] = String(tab);
  item.append(drawLabel(kind, isElsewhere ? `${label} by other tab ${tab}` : label), track, make('span', 'outcome', outcome(row)));
  return item;
}

/** Of a path that is too long, the end is shown: it tells calls apart. @param {Row['kind']} kind @param {string} text */
function drawLabel(kind, text) {
  const label = make('span', 'label', text);
  label.title = text;
  const [, method, path] = (kind === 'call' && /^(\S+ )(.+)/.exec(text)) || [];
  if (!path) return label;
  const end = make('span', 'path');
  end.append(make('bdi', '', path));
  label.replaceChildren(make('span', '', method), end);
  return label;
}

/** @param {Row} row @returns {[colour: string, from: number, to: number][]} */
function barsOf(row) {
  const { kind, start, end, attempts } = row;
  if (kind === 'adopted') return [['elsewhere', start, end ?? now()]];
  /** @type {[colour: string, from: number, to: number][]} */
  const bars = [];
  let free = start;
  for (const [index, attempt] of attempts.entries()) {
    if (kind === 'call' && attempt.start > free) bars.push(['waiting', free, attempt.start]);
    free = attempt.end ?? now();
    bars.push([colourOf(row, attempt, index), attempt.start, free]);
  }
  const waits = kind === 'call' && (attempts.length === 0 || attempts.at(-1)?.status === 401);
  if (waits) bars.push(['waiting', free, end ?? now()]);
  return bars;
}

/** @param {Row} row @param {Attempt} attempt @param {number} index */
function colourOf(row, { status }, index) {
  if (status === null) return row.kind === 'refresh' ? 'refreshing open' : 'open';
  const isLast = index === row.attempts.length - 1;
  if (row.kind === 'call' && hasFailed(row) && isLast) return 'lost';
  if (row.kind === 'call' && status === 401) return 'unauthorized';
  if (status === 0 && row.error === 'AbortError') return 'open';
  if (status === 0 || status >= 400) return 'lost';
  if (row.kind === 'refresh') return 'refreshing';
  return index > 0 ? 'replay' : 'ok';
}

/** @param {Row} row */
function outcome(row) {
  const { kind, end, error, attempts } = row;
  if (attempts.length === 0 && end === null) return 'waiting';
  const words = hasWaited(row) ? ['waited'] : [];
  let times = 1;
  for (const [index, { status }] of attempts.entries()) {
    times = status === attempts[index - 1]?.status ? times + 1 : 1;
    if (times > 1) words.pop();
    const word = status === null ? '…' : status === 0 ? 'no answer' : String(status);
    words.push(times > 1 ? `${word} ×${times}` : word);
  }
  if (kind === 'call' && error === 'AbortError') {
    return [...words.filter((word) => word !== 'no answer'), 'aborted'].join(' → ');
  }
  if (attempts.length === 0) return 'not sent';
  if (kind === 'call' && hasFailed(row)) words.push('failed');
  return words.join(' → ');
}
