// The published results of a run: charts of one form, for the page in www and for the table of docs/benchmarks.md.

import { YARDSTICK } from './report.mjs';

const BARE = 'bare limit';
// The first of each is the one that the goal is about.
const CALLS = ['tokenflight fetch', 'tokenflight get'];
const ENTRIES = ['tokenflight', 'tokenflight/slim'];

/** By figure, in the order in which they are measured and shown: what its report is as charts. */
const CHARTS = {
  calls: ({ sequential, atOnce }) => [
    { title: 'A call, one after another', ...comparison(sequential, YARDSTICK, 1.15) },
    { title: 'A call, 1,000 at once', ...comparison(atOnce, YARDSTICK, 1.15) },
  ],
  size: ({ goal, rows }) => [{
    title: 'Download after gzip',
    unit: 'kB',
    own: ENTRIES,
    yardstick: YARDSTICK,
    goal: { says: `${goal / 1000} kB`, line: goal / 1000, isMet: named(rows, ENTRIES[0]).gzip <= goal },
    rows: rows.map(({ name, version, gzip, brotli }) => ({
      name, version, value: gzip / 1000, note: `${(brotli / 1000).toFixed(1)} kB after brotli`,
    })),
  }],
  storm: (storms) => Object.entries(storms).map(([waiters, storm]) => ({
    title: `A storm of ${Number(waiters).toLocaleString('en')}`, ...comparison(storm, BARE, 1.1),
  })),
  start: ({ cold, warm }) => [
    { title: 'Main thread until the first createApi, nothing cached', ...start(cold) },
    { title: 'Main thread until the first createApi, cached', ...start(warm, 5) },
  ],
  http: ({ sequential, atOnce, storm }) => [
    { title: 'A call over HTTP, one after another', ...overHttp(sequential) },
    { title: 'A call over HTTP, many at once', ...overHttp(atOnce) },
    { title: `A storm of ${storm.waiters.toLocaleString('en')} over HTTP`, ...comparison(storm, BARE) },
  ],
  tabs: ({ refreshTakes, rows }) => [tabs(refreshTakes, rows)],
  memory: ({ rows }) => [memory(rows)],
};

export const FIGURES = Object.keys(CHARTS);

/** The report of a whole run, without the values of each round. */
export function publish({ taken, short, chromium, node, processor, figures }) {
  const charts = FIGURES.flatMap((figure) => CHARTS[figure](figures[figure]).map((chart) => ({
    figure, ...chart, rows: inOrder(chart.rows.map((row) => ({ kind: kindOf(row, chart), ...row }))).map(withoutNegatives),
  })));
  const command = `npm run bench${short ? ' -- --short' : ''}`;
  return { taken: taken.slice(0, 10), command, chromium, node, processor, says: headlines(charts), charts };
}

const KINDS = ['own', 'yardstick', 'limit', 'peer'];

/** The same order in every chart, whatever the values are. */
function inOrder(rows) {
  const rank = ({ kind }) => KINDS.indexOf(kind);
  const byName = (a, b) => (a.kind === 'peer' ? a.name.localeCompare(b.name, 'en') : 0);
  return rows.toSorted((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** A time is a difference to an empty page, and for next to nothing the noise is larger than that. */
function withoutNegatives(row) {
  return row.value < 0 ? { ...row, value: 0 } : row;
}

/** Returns the main results: a sentence each about speed, size and tabs. */
export function headlines(charts) {
  const [calls, size, tab] = ['calls', 'size', 'tabs'].map((figure) => charts.find((chart) => chart.figure === figure));
  const own = (chart) => number.format(named(chart.rows, chart.own[0]).value);
  const range = (chart) => {
    const values = chart.rows.filter(isPeer).map(({ value }) => value);
    return `${number.format(Math.min(...values))} to ${number.format(Math.max(...values))}`;
  };
  const yardstick = number.format(named(calls.rows, calls.yardstick).value);
  const refreshes = named(tab.rows, tab.own[0]).note.split(',')[0].replace(/^1 /, 'one ');
  return [
    `Speed: a call takes ${own(calls)} µs, with hand-written code ${yardstick} µs, and with other clients ${range(calls)} µs.`,
    `Size is the price: it adds ${own(size)} kB after gzip to a bundle; the others add ${range(size)} kB.`,
    `Tabs: when the token expires in twenty tabs, they send ${refreshes} together, and go on after ${own(tab)} ms.`,
  ];
}

const named = (rows, name) => rows.find((row) => row.name === name);

const reached = (value, most) => ({ isMet: value <= most, reached: value });

/** Describes the refreshes and the lost answers, where they are counted. */
const counts = ({ refreshes, lost }) => (refreshes === undefined
  ? undefined
  : `${refreshes} ${refreshes === 1 ? 'refresh' : 'refreshes'}, ${lost} lost`);

/** Ratios are those of the rounds; the line is where they would be in the medians. */
function comparison({ unit, rows }, yardstick, most) {
  return {
    unit,
    own: CALLS,
    yardstick,
    goal: most && {
      says: `${most} × ${yardstick}`,
      line: most * named(rows, yardstick).median,
      ...reached(named(rows, CALLS[0]).ratio, most),
    },
    rows: rows.map((row) => ({
      name: row.name, version: row.version, value: row.median, spread: row.spread, note: counts(row),
    })),
  };
}

function overHttp({ rows }) {
  const inMs = rows.map((row) => ({ ...row, median: row.median / 1000, spread: row.spread / 1000 }));
  const own = named(inMs, CALLS[0]);
  const peers = inMs.filter((row) => kindOf(row, { yardstick: YARDSTICK }) === 'peer');
  return {
    ...comparison({ unit: 'ms', rows: inMs }, YARDSTICK),
    goal: {
      says: 'no peer ahead by more than the spread',
      isMet: peers.every(({ median, spread }) => own.median - median <= Math.max(own.spread, spread)),
    },
  };
}

function start({ unit, rows }, most) {
  return {
    unit,
    own: ENTRIES,
    yardstick: YARDSTICK,
    goal: most && { says: `${most} ms`, line: most, isMet: named(rows, ENTRIES[0]).busy <= most },
    rows: rows.filter(({ name }) => name !== 'nothing').map(({ name, version, busy, busySpread, median }) => ({
      name, version, value: busy, spread: busySpread, note: `${median.toFixed(1)} ms on the clock`,
    })),
  };
}

function tabs(refreshTakes, rows) {
  const most = 5;
  const [limit, own] = [BARE, 'tokenflight'].map((how) => named(rows, `${how}, 20 pages`));
  return {
    title: `One expiry in twenty tabs, the refresh itself taking ${refreshTakes} ms`,
    unit: 'ms',
    own: [own.name],
    yardstick: limit.name,
    goal: {
      says: `${most} ms beyond the bare limit`, line: limit.median + most, ...reached(Math.max(0, own.added.median), most),
    },
    rows: rows.map(({ name, version, median, spread, added, refreshes }) => ({
      name, version, value: median, spread,
      note: counts({ refreshes, lost: 0 })
        + (version && `; beyond the limit ${Math.max(0, added.median).toFixed(1)}, spread ${added.spread.toFixed(1)}`),
    })),
  };
}

/** Each kind of work has several samples; what is shown is what came to be between the first and the last. */
function memory(rows) {
  const kinds = [...new Set(rows.map(({ name }) => name))].map((kind) => {
    const samples = rows.filter(({ name }) => name === kind);
    return { kind, first: samples[0], last: samples.at(-1) };
  });
  const nameOf = ({ kind, last }) => `tokenflight, ${Number(last.version).toLocaleString('en')} ${kind}`;
  const isFlat = ({ first, last }) => ['pages', 'slots', 'listeners'].every((what) => last[what] === first[what]);
  return {
    title: 'What many calls leave in the heap',
    unit: 'kB',
    own: kinds.map(nameOf),
    goal: { says: 'no more pages, slots or listeners', isMet: kinds.every(isFlat) },
    rows: kinds.map((found) => ({
      name: nameOf(found),
      value: (found.last.heap - found.first.heap) / 1000,
      note: `${inMiB(found.last.pages)} of WebAssembly memory, ${found.last.slots} table slots, ${found.last.listeners} listeners: `
        + (isFlat(found) ? 'as before' : `before ${inMiB(found.first.pages)}, ${found.first.slots}, ${found.first.listeners}`),
    })),
  };
}

/** A page of WebAssembly has 64 KiB. */
function inMiB(pages) {
  return `${number.format(pages / 16)} MiB`;
}

function kindOf({ name }, { yardstick }) {
  if (/^(tokenflight|index\.global)/.test(name)) return 'own';
  if (name === yardstick) return 'yardstick';
  return /^(native fetch|hand-written|bare limit)/.test(name) ? 'limit' : 'peer';
}

const isPeer = ({ kind }) => kind === 'peer';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** The table of what `publish` has made. */
export function publishedTable({ taken, command, chromium, node, processor, charts }) {
  const lines = charts.map(({ title, unit, own, yardstick, goal, rows }) => {
    const peers = rows.filter(isPeer).sort((a, b) => a.value - b.value);
    const cells = [
      `${title} (${unit})`,
      own.map((name) => worth(named(rows, name))).join(', '),
      worth(named(rows, yardstick), yardstick),
      worth(peers[0], peers[0]?.name),
      goal && `${goal.says}: ${verdict(goal)}`,
    ];
    return `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
  });
  const versions = new Set(charts.flatMap(({ rows }) => rows.filter(isPeer).map(({ name, version }) => `${name} ${version}`)));
  return [
    '| less is better | tokenflight | beside | the best peer | goal |', '|---|---|---|---|---|', ...lines, '',
    `\`${command}\` on ${taken}: Chromium ${chromium}, Node ${node}, ${processor.cores} cores of ${processor.model}.`,
    `Peers: ${[...versions].join(', ')}.`,
  ].join('\n');
}

/** A value with the name of its row, as far as the column does not say it. */
function worth(row, called = row?.name.replace(/^tokenflight\W*/, '')) {
  return row && `${called} ${number.format(row.value)}`.trim();
}

/** Sizes and times are in the table; what is derived from them is said here. */
function verdict({ isMet, reached: found }) {
  return (isMet ? 'met' : 'missed') + (found === undefined ? '' : `, ${number.format(found)}`);
}
