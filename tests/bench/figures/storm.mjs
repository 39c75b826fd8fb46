// Many calls on one expired token, with a stub in place of the network.

import { compare, comparison, printTable } from '../report.mjs';

const BARE = 'bare limit';
const OWN = ['hand-written', 'tokenflight fetch', 'tokenflight get'];

export const title = 'The storm: many calls on one expired token';
export const usually = { full: '4 min', short: '1 s' };

export async function run({ page }, { short }) {
  const sizes = short
    ? [{ waiters: 1000, rounds: 3, only: OWN }]
    : [
      { waiters: 1000, rounds: 9 },
      { waiters: 10_000, rounds: 7, only: OWN },
      { waiters: 100_000, rounds: 3, only: OWN },
    ];
  const result = {};
  for (const plan of sizes) {
    const measured = await page.ask(900, (given) => bench.storm(given), plan);
    result[plan.waiters] = { unit: 'ms', rows: stormRows(measured, plan.waiters) };
    printStorm(`A stubbed storm of ${plan.waiters}: ms, ${plan.rounds} rounds`, result[plan.waiters].rows);
    checkStorm(measured, OWN);
  }
  return result;
}

/** A comparison with the bare limit; besides, microseconds for each waiter, refreshes, and calls that failed. */
export function stormRows({ values, refreshes, lost }, waiters) {
  return compare(values, BARE).map((row) => ({
    ...row, each: (row.median * 1000) / waiters, refreshes: refreshes[row.name], lost: lost[row.name],
  }));
}

export function printStorm(heading, rows) {
  printTable(heading, [
    ...comparison('ms', 1, BARE), ['µs each', 'each', (value) => value.toFixed(1)],
    ['refreshes', 'refreshes'], ['lost', 'lost'],
  ], rows);
}

/** Throws unless each had one refresh and every answer: only then do those that are compared do the same work. */
export function checkStorm({ refreshes, lost }, names) {
  for (const name of names) {
    if (refreshes[name] !== 1) throw new Error(`${name} has refreshed ${refreshes[name]} times in one storm`);
    if (lost[name] > 0) throw new Error(`${name} has lost ${lost[name]} answers of one storm`);
  }
}
